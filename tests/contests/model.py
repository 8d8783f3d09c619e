"""What test_states.py goes by: what may happen, and what has to be true whatever happens."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from hypothesis import strategies as st

from backends import queue, storage, storage_folder
from backends.models import QueueMessage
from contests import converting, moderating, placing
from contests.converting import MAX_FAILURES, UNFINISHED, Claim
from contests.models import (
    Conversion,
    Entry,
    Kind,
    Moderation,
    Notification,
    Rendition,
    State,
    SweepLock,
)
from tests.factories import make_user, store

Event = tuple[str, int]

EVENTS = (
    *("submit", "withdraw", "delete_contest", "reconvert", "redrive", "take", "heartbeat"),
    *("report", "finish", "refuse", "fail", "release", "write_too_late", "fail_often"),
    *("sweep", "time_passes", "lose_message", "repeat_message", "show_message", "decide"),
)
COMMON = ("take", "finish", "reconvert")
RARE = ("withdraw", "delete_contest", "lose_message")
# To which of several an event happens: 0 is the newest.
WHICH = st.sampled_from((0, 0, 0, 1, 2, 3))
EVENT = st.tuples(
    st.sampled_from([name for name in EVENTS * 2 if name not in RARE] + [*COMMON * 2, *RARE]), WHICH
)
# What has happened before, to the newest video (0) of the two there are then or to the latest job.
STORIES = {
    "new": (),
    "vanished": ("take", "take", "time_passes"),
    "again": ("take", "finish", "take", "finish", "reconvert", "take"),
    "both again": ("take", "finish", "take", "reconvert", "finish", "reconvert", "take", "take"),
    "trouble": ("take", "refuse", "fail_often", "redrive", "take"),
}
# After how many of an event's statements another event comes; most have few.
AFTER = st.sampled_from((0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 8))
MEANWHILE = st.none() | st.tuples(AFTER, st.tuples(st.sampled_from(EVENTS), WHICH))

# All that is compared with the clock.
TIMES = {
    Conversion: ("queued_at", "ring_at", "lease_until", "superseded_at"),
    QueueMessage: ("visible_at",),
    Notification: ("due_at",),
    SweepLock: ("until", "short_since"),
}


@dataclass
class Job:
    """A claim in the hands of a worker, which may have been given up for dead long ago."""

    claim: Claim
    worker: str
    handle: str
    kept_until: int  # nobody may take it before, by the machine's own clock
    over: bool = False  # and then for ever
    ended: bool = False


def pass_time(seconds: int) -> None:
    """Let time pass, as far as the database knows: what it has written down moves to the past."""
    for model, names in TIMES.items():
        earlier = {name: F(name) - timedelta(seconds=seconds) for name in names}
        model._default_manager.update(**earlier)


@contextmanager
def interrupted(after: int, act: Callable[[], None]) -> Iterator[None]:
    """Call `act` in the middle of the block: after so many of its statements, if there are more.

    Only outside of transactions, and just before one begins: in it, locks keep others out.
    """
    left, fault = after, None

    def before_statement(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal left, fault
        if not connection.in_atomic_block:
            left -= 1
            if left == -1:
                try:
                    act()
                except BaseException as error:
                    fault = error
                    raise
        return execute(*args)

    with connection.execute_wrapper(before_statement):
        yield
    if fault:  # a hook after a commit and a sweep go on whatever happens
        raise fault


def pick(several: list[Any], which: int) -> Any:
    """Return one of several, 0 being the last; None if there is none."""
    return several[-1 - which % len(several)] if several else None


def rendition() -> dict[str, Any]:
    """Store a file, as a worker does, and return what it then asks to publish."""
    key = storage.new_key(storage.VIDEOS, ".mp4")
    store(key, b"\0mp4")
    return {"kind": "mp4", "key": key, "codec": "h264", "width": 64, "height": 36, "size": 4}


def decide(entry_id: int) -> None:
    """Let the team hide a video that is shown, or show it again."""
    entry = Entry.objects.select_related("contest").filter(pk=entry_id).first()
    if entry is None:
        return
    seen, by = {entry_id: moderating.version(entry)}, make_user()
    if entry.moderation == Moderation.APPROVED:
        moderating.reject(entry.contest, seen, by, "No.")
    else:
        moderating.approve(entry.contest, seen, by)


def failed(claim: Claim) -> bool:
    """Let a claim's work fail; say whether that was written down."""
    return converting.fail(claim, "no space") is not None


# All that changes a conversion in the name of a claim.
WRITES: tuple[Callable[[Claim], bool], ...] = (
    converting.heartbeat,
    lambda claim: converting.report(claim, 50, 1.0, 60),
    lambda claim: converting.finish(claim, []),
    lambda claim: converting.refuse(claim, "no_video"),
    converting.release,
    failed,
)


def rows() -> list[list[tuple[object, ...]]]:
    """Return all that a worker may write."""
    tables = (Entry, Conversion, Rendition, Notification, QueueMessage)
    return [list(table._default_manager.order_by("pk").values_list()) for table in tables]


def check(conversions: list[Conversion]) -> None:
    """Fail unless `conversions`, which are all, agree with the other rows and the files."""
    for conversion in conversions:
        _check_alone(conversion)
    renditions: dict[int, list[str]] = defaultdict(list)
    for conversion_id, key in Rendition.objects.values_list("conversion_id", "key"):
        renditions[conversion_id].append(key)
    succeeded = {row.pk for row in conversions if row.state == State.SUCCEEDED}
    assert set(renditions) <= succeeded
    mails = Notification.objects.exclude(kind=Kind.MODERATED)
    told = Counter(mails.values_list("entry_id", "kind"))
    assert set(told.values()) <= {1}, "told twice"
    for entry in Entry.objects.select_related("upload"):
        own = [row for row in conversions if row.entry_id == entry.pk]
        unfinished = [row.pk for row in own if row.state in UNFINISHED]
        newest = [row.pk for row in own if row.pk in succeeded and row.superseded_at is None]
        keys = [key for row in own for key in renditions[row.pk]]
        if entry.withdrawn_at:
            assert (entry.published_id, keys, unfinished) == (None, [], [])
            continue
        assert len(unfinished) <= 1, "converted twice at a time"
        assert newest == [entry.published_id] if entry.published_id else newest == []
        assert entry.published_id is None or renditions[entry.published_id]
        assert told[entry.pk, Kind.READY] == (entry.published_id is not None)
        assert all(storage_folder.path_of(key).exists() for key in [entry.upload.key, *keys])


def check_all_done() -> None:
    """Fail unless all work is done, all is told, and no file is left that no row names."""
    assert not converting.waiting().exists()
    assert queue.depth().pending == 0
    assert not Notification.objects.filter(sent_at=None).exists()
    files = {str(path) for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}
    sources = Entry.objects.filter(withdrawn_at=None).values_list("upload__key", flat=True)
    named = [*sources, *Rendition.objects.values_list("key", flat=True)]
    assert files == {str(storage_folder.path_of(key)) for key in named}
    for key, entry_id in Rendition.objects.values_list("key", "conversion__entry"):
        assert placing.is_open(entry_id) != key.startswith(storage.PRIVATE)


def _check_alone(row: Conversion) -> None:
    ended = row.state not in UNFINISHED
    assert (row.lease_until is not None) == (row.state == State.RUNNING)
    assert (row.finished_at is not None) == ended
    assert row.failures <= MAX_FAILURES
    assert (row.failures == MAX_FAILURES) == (row.state == State.DEAD)
    assert (row.percent == 100) == (row.state == State.SUCCEEDED)
    assert (row.superseded_at is None) or row.state == State.SUCCEEDED
