"""What EC2 tells an instance that is to go: spot interruptions, and scaling in by its group.

Both stand in the instance's metadata:
docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
"""

import enum
import logging
import math
import threading
import time
from collections.abc import Callable

from backends.metadata import Metadata, Unreachable
from videoshare.config import current

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 5  # as AWS recommends for spot interruptions
_LONGEST_PAUSE = 300  # seconds between tries to let go, which begin with those above


class Notice(enum.Enum):
    """Why no more work is to be begun; it may be taken back."""

    INTERRUPTED = "a spot interruption"  # two minutes are left, or none
    LEAVING = "its group takes it out of service"  # a lifecycle hook may wait for us


class Notices:
    """Asks every five seconds; `latest` is what was found. Off EC2 there is never any."""

    def __init__(self) -> None:
        self.latest: Notice | None = None
        self._metadata = Metadata()
        self._answers = True
        self._pause = 0.0  # seconds; 0: no try to let go has failed
        self._try_at = 0.0  # on time.monotonic(): when to let go

    def start(self, stop: threading.Event, idle: Callable[[], bool]) -> None:
        """Ask once now, and then in the background until `stop` is set.

        Once `idle` says so, a group that waits for this instance is told to wait no longer. It may
        raise whatever it likes.
        """
        if not current().secret_name:
            return
        self._look()
        threading.Thread(target=self._poll, args=(stop, idle), name="notices", daemon=True).start()

    def _poll(self, stop: threading.Event, idle: Callable[[], bool]) -> None:
        while not stop.wait(_EVERY_SECONDS):
            self._look()
            if self.latest is Notice.LEAVING and time.monotonic() >= self._try_at:
                self._let_go(idle)

    def _let_go(self, idle: Callable[[], bool]) -> None:
        """Let the group go on when idle; should it not be ready for that, again later."""
        try:
            if not idle():
                return
            from backends import autoscaling  # and boto3, which one machine does without

            instance = self._metadata.get("instance-id")
            if not instance:
                raise Unreachable("no instance id")
            if autoscaling.let_go(instance):
                logger.info("drained; the lifecycle hook is completed")
            self._try_at = math.inf
        except Exception:  # at worst the hook's timeout ends the waiting
            if not self._pause:
                logger.exception("the lifecycle hook was not completed, yet")
            self._pause = min(max(2 * self._pause, _EVERY_SECONDS), _LONGEST_PAUSE)
            self._try_at = time.monotonic() + self._pause

    def _look(self) -> None:
        try:
            found = _asked(self._metadata)
        except Unreachable as error:  # what was last heard holds
            if self._answers:
                logger.warning("EC2's metadata service: %s; no notices are heard", error)
            self._answers = False
            return
        self._answers = True
        if found is not self.latest:
            logger.warning("EC2's notice: %s", found.value if found else "none any more")
            self._pause = self._try_at = 0.0
        self.latest = found


def _asked(metadata: Metadata) -> Notice | None:
    if '"action"' in metadata.get("spot/instance-action"):  # terminate, stop or hibernate
        return Notice.INTERRUPTED
    state = metadata.get("autoscaling/target-lifecycle-state")
    # A warm pool's instances wait for the day that they are wanted, running or not.
    if state == "Terminated" or state.startswith("Warmed:"):
        return Notice.LEAVING
    return None
