"""The queue on AWS: an SQS standard queue and its dead-letter queue.

`queue.py` says what each function does. Quotas:
docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
"""

import json
import threading
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from backends import aws
from backends.queue import Depth, Message, NotMoved

_MOST = 10  # messages in one call
_LONGEST_WAIT = 20  # seconds
_LONGEST_DELAY = 15 * 60  # seconds
_LONGEST_VISIBILITY = 12 * 3600  # seconds
_NO_MOVING = {"InvalidAction", "UnsupportedOperation"}  # of other makers of SQS
_NOT_HELD = {"InvalidParameterValue", "MessageNotInflight", "ReceiptHandleIsInvalid"}


def send(body: dict[str, Any], delay: float = 0) -> None:
    """Add a message; a lost one is sent again by the sweeper."""
    seconds = min(round(delay), _LONGEST_DELAY)
    aws.client("sqs", quick=True).send_message(
        QueueUrl=settings.SQS_URL, MessageBody=json.dumps(body), DelaySeconds=seconds
    )


def receive(most: int, visibility: float, wait: float, stop: threading.Event) -> list[Message]:
    """Take messages, by a long poll."""
    answer = aws.client("sqs", polls=True).receive_message(
        QueueUrl=settings.SQS_URL,
        MaxNumberOfMessages=min(most, _MOST),
        VisibilityTimeout=round(visibility),
        WaitTimeSeconds=min(round(wait), _LONGEST_WAIT),
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )
    return [_message(each) for each in answer.get("Messages", [])]


def extend(handle: str, seconds: float) -> bool:
    """Hide a held message."""
    try:
        _sqs().change_message_visibility(
            QueueUrl=settings.SQS_URL,
            ReceiptHandle=handle,
            VisibilityTimeout=min(round(seconds), _LONGEST_VISIBILITY),
        )
    except ClientError as error:
        if aws.error_code(error).rpartition(".")[2] in _NOT_HELD:
            return False
        raise
    return True


def delete(handle: str) -> None:
    """Delete a held message."""
    try:
        _sqs().delete_message(QueueUrl=settings.SQS_URL, ReceiptHandle=handle)
    except ClientError as error:
        if aws.error_code(error).rpartition(".")[2] not in _NOT_HELD:
            raise


def bury(message: Message) -> None:
    """Move a held message to the dead letters."""
    text = message.body if isinstance(message.body, str) else json.dumps(message.body)
    # In this order: what fails in between leaves it in both, and nothing is lost.
    _sqs().send_message(QueueUrl=_dead_letters(), MessageBody=text)
    delete(message.handle)


def depth() -> Depth:
    """Count the messages; SQS knows the numbers approximately, within a minute."""
    counts, dead = _counts(settings.SQS_URL), _counts(_dead_letters())
    return Depth(*counts, dead=sum(dead))


def revive_dead() -> int:
    """Put all dead letters back; SQS does so by itself, where it can, and may take a while.

    docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
    """
    source = _dead_letters()
    count = sum(_counts(source))
    try:
        # Without a destination each would go where it came from, and what we buried came from
        # nowhere: we sent it.
        _sqs().start_message_move_task(
            SourceArn=_arn(source), DestinationArn=_arn(settings.SQS_URL)
        )
    except ClientError as error:
        if aws.error_code(error).rpartition(".")[2] not in _NO_MOVING:
            # Such as that it is still moving them: one task at a time.
            raise NotMoved(error.response["Error"]["Message"]) from error
        _move(source, count)
    return count


def _arn(queue_url: str) -> str:
    asked = _sqs().get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return str(asked["Attributes"]["QueueArn"])


def _move(source: str, most: int) -> None:
    """Move messages one by one, no more than there were: some may come straight back."""
    for _ in range(most):
        answer = _sqs().receive_message(QueueUrl=source, MaxNumberOfMessages=1)
        for each in answer.get("Messages", []):
            _sqs().send_message(QueueUrl=settings.SQS_URL, MessageBody=each["Body"])
            _sqs().delete_message(QueueUrl=source, ReceiptHandle=each["ReceiptHandle"])


def _sqs() -> Any:
    return aws.client("sqs")


def _message(received: dict[str, Any]) -> Message:
    try:
        body = json.loads(received["Body"])
    except (ValueError, RecursionError):
        body = received["Body"]  # nobody of ours sent it; the worker buries it as it is
    receives = int(received.get("Attributes", {}).get("ApproximateReceiveCount", 1))
    return Message(body, received["ReceiptHandle"], receives)


def _dead_letters() -> str:
    return _dead_letters_of(settings.SQS_URL)


@cache
def _dead_letters_of(queue_url: str) -> str:
    """The address of the queue that a queue's redrive policy names."""
    quick = aws.client("sqs", quick=True)  # asked for the counts, as below
    asked = quick.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["RedrivePolicy"])
    policy = json.loads(asked["Attributes"]["RedrivePolicy"])
    account, name = policy["deadLetterTargetArn"].split(":")[-2:]
    return str(quick.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"])


def _counts(queue_url: str) -> tuple[int, int, int]:
    """How many messages are visible, in flight, delayed."""
    kinds = ("", "NotVisible", "Delayed")
    names = [f"ApproximateNumberOfMessages{kind}" for kind in kinds]
    quick = aws.client("sqs", quick=True)  # a page shows them; the sweeper asks again
    counted = quick.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    visible, in_flight, delayed = (int(counted[name]) for name in names)
    return visible, in_flight, delayed
