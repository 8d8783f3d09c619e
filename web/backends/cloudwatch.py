"""What web and worker log on AWS, sent to CloudWatch Logs by watchtower.

watchtower brings the queue, the thread and the batches. As it comes it would make its log group
before anything starts, keep lines without end while CloudWatch is down and hold up an exit for a
minute: here no call is made before the first batch, and what can't be sent is dropped and counted.
"""

import contextlib
import logging
import os
import sys
import threading
import warnings
from typing import Any

import boto3
import watchtower
from botocore.config import Config
from botocore.exceptions import ClientError

from backends.dropped import Dropped
from backends.instance import instance_id
from videoshare import config
from videoshare.logs import HideTokens, json_lines

logger = logging.getLogger(__name__)

WAITING = 10_000  # lines in the queue
_INTERVAL = 5  # seconds that a line waits for others
# Its own lines, and those its calls cause, would bring forth others without end.
_OWN = ("backends.cloudwatch", "boto3", "botocore", "urllib3")


def start(kind: str) -> None:
    """On AWS, log what else would be lost, and send all to the group of this `kind` of process.

    `kind` is "web" or "worker". To be called after a fork: the sending thread would not survive it.
    """
    found = config.current()
    if not found.secret_name:
        return
    logging.captureWarnings(True)
    deaths = logging.getLogger(kind)  # not this module's own, whose lines are not sent
    sys.excepthook = lambda *error: deaths.critical("the process dies", exc_info=error)
    threading.excepthook = lambda error: deaths.critical("a thread died", exc_info=error[:3])  # type: ignore[arg-type]
    if found.log_group == "none":
        return
    warnings.simplefilter("ignore", watchtower.WatchtowerWarning)
    stream = f"{instance_id()}/{kind}-{os.getpid()}"
    handler = Handler(f"{found.log_group.rstrip('/')}/{kind}", stream, found.secret_region)
    handler.setFormatter(json_lines(instance_id))
    handler.addFilter(HideTokens())
    logging.getLogger().addHandler(handler)


class Handler(watchtower.CloudWatchLogHandler):
    """Sends lines to one stream; nobody ever waits for it, except an exit for two seconds."""

    FLUSH_TIMEOUT = 1  # seconds; an exit flushes, then closes

    def __init__(self, group: str, stream: str, region: str) -> None:
        self.dropped = Dropped("lines for CloudWatch Logs", logger)
        self._under_way = 0
        tries = {"mode": "standard", "total_max_attempts": 1}
        options = Config(connect_timeout=3, read_timeout=5, retries=tries)
        super().__init__(
            log_group_name=group,
            log_stream_name=stream,
            send_interval=_INTERVAL,
            create_log_group=False,
            boto3_client=boto3.client("logs", region_name=region, config=options),
        )
        self.addFilter(lambda record: not record.name.startswith(_OWN))

    def emit(self, message: logging.LogRecord) -> None:
        """Queue a line, or drop it when too many wait."""
        if sum(each.qsize() for each in list(self.queues.values())) >= WAITING:
            self.dropped.add(1, "the queue is full")
        else:
            super().emit(message)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Send what is left, within two seconds together with the `flush` before."""
        super().close()  # type: ignore[no-untyped-call]
        queued = (line for each in self.queues.values() for line in each.queue)
        waiting = sum(
            isinstance(line, dict) for line in queued
        )  # the rest are signs for the thread
        self.dropped.add(self._under_way + waiting, "the process ends", last=True)

    def _submit_batch(self, batch: list[Any], log_stream_name: str, max_retries: int = 1) -> None:
        """Send a batch; in place of watchtower's, which tries five times without a pause."""
        if not batch:
            return
        where = {"logGroupName": self.log_group_name, "logStreamName": log_stream_name}
        events = sorted(batch, key=lambda event: int(event["timestamp"]))
        self._under_way = len(batch)
        try:
            try:
                self.cwl_client.put_log_events(**where, logEvents=events)
            except self.cwl_client.exceptions.ResourceNotFoundException:
                self._make(where)
                self.cwl_client.put_log_events(**where, logEvents=events)
        except Exception as error:  # whatever it is: a log must not break what it tells of
            self.dropped.add(len(batch), type(error).__name__)
        self._under_way = 0

    def _make(self, where: dict[str, str]) -> None:
        with contextlib.suppress(ClientError):  # it is there, or the stacks make it and we may not
            self.cwl_client.create_log_group(logGroupName=where["logGroupName"])
        self.cwl_client.create_log_stream(**where)
