"""What becomes of a conversion, told to the log, the metrics and Splunk."""

import logging
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

from backends import metrics, splunk
from contests.converting import Claim
from workerjob.convert import Converted

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def in_context(call: Callable[P, T]) -> Callable[P, T]:
    """Let other threads call it and log with the ids that are bound here and now."""
    context = copy_context()
    # A copy for each call: two threads can't be in one context at the same time.
    return lambda *args, **kwargs: context.copy().run(call, *args, **kwargs)


class Course:
    """The course of one conversion: the seconds of its stages, and how it ended."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._began = self._since = time.monotonic()
        self.stage = ""
        self._seconds: dict[str, float] = {}

    def began(self, stage: str) -> None:
        """Note that a stage begins, which ends the one before; told again while it lasts."""
        if stage == self.stage:
            return
        now = time.monotonic()
        if self.stage:
            self._seconds[self.stage] = self._seconds.get(self.stage, 0) + now - self._since
        self.stage, self._since = stage, now

    def ended(self, outcome: str, reason: str = "", converted: Converted | None = None) -> None:
        """Tell everybody. `outcome` is finished, late (nothing was published), refused or failed;
        of the latter two there is a reason, and failed is told while its exception is handled."""
        self.began("")
        seconds = round(time.monotonic() - self._began, 3)
        wait = round(self._claim.waited, 3)
        about: dict[str, Any] = {
            "seconds": seconds,
            "wait": wait,
            "stages": {stage: round(took, 3) for stage, took in self._seconds.items()},
            "bytes_in": self._claim.source_bytes,
            **({"reason": reason} if reason else {}),
            **(_media(converted) if converted else {}),
        }
        failed = outcome == "failed"
        logger.log(
            logging.ERROR if failed else logging.INFO,
            "conversion %s %s in %.1f s%s",
            *(self._claim.id, outcome, seconds, reason and f": {reason}"),
            exc_info=failed,
            extra={"fields": about | metrics.conversion(outcome, seconds, wait)},
        )
        claim = self._claim
        ids = {"entry": claim.entry_id, "conversion": claim.id, "attempt": claim.attempt}
        splunk.send(f"conversion_{outcome}", **ids, **about)


def _media(converted: Converted) -> dict[str, Any]:
    """What went in and came out: codecs, bytes."""
    sound = converted.plan.audio
    return {
        "codec_in": converted.plan.video.stream.codec,
        "codec_out": converted.renditions[0].codec,
        "audio_in": sound.stream.codec if sound else "",
        "audio_out": "aac" if sound else "",
        "bytes_out": sum(made.bytes for made in converted.renditions),
    }
