"""Summing up a stream from its packets, one at a time: a long video has hundreds of thousands."""

import math

from workerjob.probed import Packets

_BESIDE = 0.003  # seconds; pictures at 240 a second are further apart
_MOMENTS = 30_000  # of half a second: the longest video we take


class Counter:
    """Sums up the packets of one stream; keyframes are kept at least half a second apart."""

    def __init__(self) -> None:
        self.count = self.shown = self.hidden = 0
        self.keyed: bool | None = None
        self.jumps = 0
        self.steady = self.lasting = 0.0
        self.before: float | None = None
        self.previous = -math.inf
        self.start = math.inf
        self.last = self.end = -math.inf
        self.keyframes: list[float] = []
        self.keyframe_bytes: list[int] = []
        self.bytes = 0
        self.filled: list[tuple[float, int]] = []

    def add(self, packet: dict[str, str]) -> None:
        """Count one packet, as ffprobe describes it."""
        if self.keyed is None:
            self.keyed = packet["flags"].startswith("K")
        if "D" in packet["flags"]:
            self.hidden += 1
            return  # trimmed away: only there because the first picture shown builds on it
        self.count += 1
        before = self.bytes
        self.bytes += int(packet.get("size", 0))
        lasts = float(packet.get("duration_time", 0))
        self.lasting += lasts
        stamp = packet.get("pts_time") or packet.get("dts_time")
        if stamp is None:
            return
        time = float(stamp)
        self._step(float(packet.get("dts_time") or stamp))
        # VP8 and VP9 hide pictures that are only referred to right beside a shown one.
        self.shown += abs(time - self.previous) > _BESIDE
        self.previous = time
        self.start = min(self.start, time)
        self.last = max(self.last, time)
        self.end = max(self.end, time + lasts)
        if len(self.filled) < _MOMENTS and (not self.filled or time >= self.filled[-1][0] + 0.5):
            self.filled.append((time, before))
        spaced = not self.keyframes or time >= self.keyframes[-1] + 0.5
        if spaced and packet["flags"].startswith("K"):
            self.keyframes.append(time)
            self.keyframe_bytes.append(self.bytes - before)

    def _step(self, time: float) -> None:
        step = time - self.before if self.before is not None else 0.0
        self.before = time
        if -0.5 < step <= 2:
            self.steady += step
        else:
            self.jumps += 1

    def packets(self) -> Packets:
        """Return the sums."""
        if self.last < self.start:  # no packet says when it comes: one after the other
            end = self.lasting
            return Packets(
                self.count,
                self.count,
                end=end,
                keyed=bool(self.keyed),
                steady=end,
                bytes=self.bytes,
            )
        end = self.end
        if end == self.last and self.count > 1:  # no durations: the last lasts as the others did
            end += (self.last - self.start) / max(1, self.shown - 1)
        keys = tuple(self.keyframes)
        steps = max(1, self.count - 1 - self.jumps)
        steady = self.steady * self.count / steps
        return Packets(
            *(self.count, self.shown, self.start, end, keys, bool(self.keyed), self.jumps, steady),
            *(self.bytes, tuple(self.keyframe_bytes), tuple(self.filled)),
            held=self.end - self.last,
            hidden=self.hidden,
        )
