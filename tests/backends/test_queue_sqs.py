"""SQS moving dead letters back by itself, which the emulator does not: a server says what SQS says.

The API: docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.management import CommandError, call_command

from backends import aws, queue
from tests.answering import Answer, Heard, answering

ARN = "arn:aws:sqs:us-east-1:123456789012:"


@dataclass
class Sqs:
    """Knows a queue and its dead letters, speaks SQS's JSON protocol, and refuses with `error`."""

    address: str = ""
    error: tuple[str, str] | None = None
    tasks: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    broken: str = ""  # what it answers with a fault of its own

    def answer(self, heard: Heard) -> Answer:
        action = heard.headers["X-Amz-Target"].removeprefix("AmazonSQS.")
        self.asked.append(action)
        if action == self.broken:
            return 500, {}, message("sorry")
        fields = json.loads(heard.body)
        said: dict[str, Any] = {}
        if action == "StartMessageMoveTask":
            self.tasks.append(fields)
            if self.error:
                code, text = self.error
                # The code that programs go by is in a header, as in the protocol of before.
                return 400, {"x-amzn-query-error": f"{code};Sender"}, message(text)
            said = {"TaskHandle": "a task"}
        elif action == "GetQueueUrl":
            said = {"QueueUrl": f"{self.address}/123456789012/{fields['QueueName']}"}
        elif action == "GetQueueAttributes":
            said = {"Attributes": attributes(fields["QueueUrl"].rpartition("/")[2])}
        return 200, {}, json.dumps(said).encode()


def message(text: str) -> bytes:
    return json.dumps({"__type": "com.amazonaws.sqs#QueueError", "message": text}).encode()


def attributes(name: str) -> dict[str, str]:
    policy = {"deadLetterTargetArn": f"{ARN}dead", "maxReceiveCount": 20}
    return {
        "QueueArn": ARN + name,
        "RedrivePolicy": json.dumps(policy),
        "ApproximateNumberOfMessages": "2",
        "ApproximateNumberOfMessagesNotVisible": "1",
        "ApproximateNumberOfMessagesDelayed": "0",
    }


@pytest.fixture
def sqs(settings, monkeypatch):
    sqs = Sqs()
    with answering(sqs.answer) as server:
        sqs.address = server.address
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", server.address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        settings.AWS_REGION = "us-east-1"
        settings.SQS_URL = f"{server.address}/123456789012/videoshare"
        aws._client.cache_clear()
        yield sqs
        aws._client.cache_clear()


def test_who_counts_waits_for_no_second_try(sqs):
    sqs.broken = "GetQueueUrl"
    with pytest.raises(ClientError, match="sorry"):
        queue.depth()
    assert sqs.asked.count(sqs.broken) == 1


def test_all_dead_letters_are_moved_to_the_queue(sqs):
    assert queue.revive_dead() == 3
    assert sqs.tasks == [{"SourceArn": f"{ARN}dead", "DestinationArn": f"{ARN}videoshare"}]


@pytest.mark.django_db
def test_while_sqs_is_still_moving_them_ops_read_so(sqs):
    words = "There is already a task running."
    sqs.error = ("InvalidParameterValue", words)
    with pytest.raises(CommandError, match=f"^the dead letters stay where they are: {words}$"):
        call_command("redrive", "--dead")
