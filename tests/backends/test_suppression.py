"""The list of addresses that get no mail, and how ops look after it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from backends import suppression
from backends.models import Suppressed

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("suppressed", *args, stdout=out)
    return out.getvalue()


def test_an_address_is_known_in_any_case_and_kept_as_nobody_can_read_it():
    suppression.suppress("Ada@Example.org", "bob@example.org")
    suppression.suppress("ada@example.org")
    assert Suppressed.objects.count() == 2
    assert suppression.is_suppressed("ADA@example.ORG")
    assert not suppression.is_suppressed("eve@example.org")
    kept = Suppressed.objects.values_list("digest", flat=True)
    assert [digest for digest in kept if "example" in digest or len(digest) != 64] == []


def test_the_command_counts_and_takes_one_back():
    suppression.suppress("ada@example.org", "bob@example.org")
    assert run() == "suppressed: 2\n"
    assert run("--remove", "Ada@example.org") == "suppressed: 1\n"
    assert not suppression.is_suppressed("ada@example.org")
    with pytest.raises(CommandError, match="not suppressed"):
        run("--remove", "ada@example.org")
    assert run() == "suppressed: 1\n"


def bounce(*addresses, **fields):
    people = [{"emailAddress": each, "action": "failed"} for each in addresses]
    return {"bounce": {"bounceType": "Permanent", "bouncedRecipients": people, **fields}}


def complaint(*addresses, **fields):
    people = [{"emailAddress": each} for each in addresses]
    return {"complaint": {"complainedRecipients": people, **fields}}


@pytest.mark.parametrize(
    "event, addresses",
    [
        # As a configuration set publishes them, and as an identity's notifications.
        ({"eventType": "Bounce", **bounce("a@x.org", "b@x.org")}, ["a@x.org", "b@x.org"]),
        ({"notificationType": "Bounce", **bounce("Ada <a@x.org>")}, ["a@x.org"]),
        (bounce("a@x.org", bounceSubType="OnAccountSuppressionList"), ["a@x.org"]),
        (bounce("a@x.org", bounceType="Transient", bounceSubType="MailboxFull"), []),
        (bounce("a@x.org", bounceType="Undetermined"), []),
        ({"eventType": "Complaint", **complaint("a@x.org")}, ["a@x.org"]),
        (complaint("a@x.org", complaintFeedbackType="abuse"), ["a@x.org"]),
        (complaint("a@x.org", complaintFeedbackType="not-spam"), []),
        ({"eventType": "Delivery", "delivery": {"recipients": ["a@x.org"]}}, []),
        ({"bounce": {"bounceType": "Permanent"}}, []),
        ({"bounce": {"bounceType": "Permanent", "bouncedRecipients": "a@x.org"}}, []),
        ({"complaint": {"complainedRecipients": ["a@x.org", {"emailAddress": 7}, {}]}}, []),
        (bounce("nobody", "", "a@x.org"), ["a@x.org"]),
        ({"complaint": None}, []),
        ([], []),
        (None, []),
    ],
)
def test_who_is_to_be_left_alone(event, addresses):
    assert suppression.undeliverable(json.dumps(event)) == addresses


@pytest.mark.parametrize("text", ["", "Successfully validated SNS topic", "[" * 200_000])
def test_what_is_no_event_is_about_nobody(text):
    assert suppression.undeliverable(text) == []
