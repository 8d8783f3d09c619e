"""What only SQS can hold: messages that are no JSON."""

import boto3
from django.conf import settings

from backends import queue_sqs
from contests.models import State


def test_what_is_no_json_becomes_a_dead_letter(world):
    texts = ["{", " ", "NaN", "[" * 200_000, '{"conversion": ' + "9" * 10_000 + "}"]
    for text in texts:
        boto3.client("sqs").send_message(QueueUrl=settings.SQS_URL, MessageBody=text)
    conversion = world.submit()
    world.start()
    world.check({conversion: State.SUCCEEDED}, dead_letters=len(texts))
    assert world.tries(conversion) == (1, 0)
    buried = boto3.client("sqs").receive_message(
        QueueUrl=queue_sqs._dead_letters(), MaxNumberOfMessages=10
    )
    assert sorted(each["Body"] for each in buried["Messages"]) == sorted(texts)
