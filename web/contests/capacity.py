"""When a queue of videos will be converted, and how many workers it takes. Pure: knows no Django.

All times are seconds from now; those of the past are negative. Videos are taken in the order in
which they came, and each takes the mean time: of what is ahead only the sum counts. Videos still to
come are plain times too, so whatever pace one believes in fits, also a rush before a deadline.
"""

import heapq
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Fleet:
    """`slots` conversions run at the same time, each for `seconds`.

    `busy`: for how long each conversion that runs already will go on; at most `slots` of them.
    """

    slots: int
    seconds: float
    busy: tuple[float, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """What becomes of our videos.

    `ready`: when the last of those that wait now is ready, `math.inf` without a worker. `late`:
    how many of these and of those still to come miss the deadline; `by`: the worst, in seconds.
    `more`: how many more workers would make all in time; None when no number would.
    """

    ready: float
    late: int
    by: float
    more: int | None


def even(pace: float, until: float) -> list[float]:
    """When videos come that keep coming at an even pace, given per second, until a time."""
    return [(number + 0.5) / pace for number in range(round(pace * until))]


def ready_times(arrivals: Sequence[float], fleet: Fleet) -> Iterator[float]:
    """When each of the videos is ready that come at these times, the earliest first."""
    free = [*fleet.busy, *[0.0] * (fleet.slots - len(fleet.busy))]  # when each slot is, next
    heapq.heapify(free)
    for at in arrivals:
        if not free:
            yield math.inf
            continue
        ready = max(free[0], at) + fleet.seconds
        heapq.heapreplace(free, ready)
        yield ready


def forecast(
    ours: Sequence[float],
    others: Sequence[float],
    fleet: Fleet,
    deadline: float,
    slots_of_worker: int = 1,
) -> Forecast:
    """Say what becomes of `ours`, in one queue with `others`: when each came or will come.

    A video that comes so short before the deadline that an idle fleet could not make it in time
    is late only if it has to wait; a worker more has `slots_of_worker` slots.
    """
    queue = sorted([(at, True) for at in ours] + [(at, False) for at in others])

    def with_more(workers: int) -> list[tuple[float, float, float]]:
        """When each of ours came, is ready and how late it is."""
        larger = replace(fleet, slots=fleet.slots + workers * slots_of_worker)
        ready = ready_times([at for at, _ in queue], larger)
        return [
            (at, end, end - _due(at, fleet.seconds, deadline))
            for (at, mine), end in zip(queue, ready, strict=True)
            if mine
        ]

    def in_time(workers: int) -> bool:
        return all(late <= 0 for _, _, late in with_more(workers))

    now = with_more(0)
    lates = [late for _, _, late in now if late > 0]
    enough = math.ceil(len(queue) / slots_of_worker)  # nobody waits for anybody
    return Forecast(
        ready=max((end for at, end, _ in now if at <= 0), default=0.0),
        late=len(lates),
        by=max(lates, default=0.0),
        more=bisect_left(range(enough), True, key=in_time) if in_time(enough) else None,
    )


def _due(at: float, seconds: float, deadline: float) -> float:
    return max(deadline, at + seconds) if at > 0 else deadline
