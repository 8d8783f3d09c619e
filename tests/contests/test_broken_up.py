"""A deadlock costs a verb nothing: the database breaks it up, it runs again, all is as without.

Real deadlocks: tests/mysql. Here the database only says so, at each of a verb's first writes. Not
here: a heartbeat or a report that fails, whose caller goes on and soon comes again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.utils import timezone

from backends.models import Undeleted
from contests import converting, notifying, reconverting, submitting, voting, withdrawing
from contests.deleting import delete_contest
from contests.models import (
    Ballot,
    Choice,
    Contest,
    Conversion,
    Entry,
    Kind,
    Notification,
    State,
    Upload,
    Voter,
)
from tests.factories import (
    make_contest,
    make_entry,
    make_ready_entry,
    make_upload,
    make_user,
    make_voter,
)

pytestmark = pytest.mark.django_db(transaction=True)

WRITES = {"INSERT", "UPDATE", "DELETE"}
ABOUT = {"title": "T", "first_name": "A", "last_name": "B", "email": "a@example.org"}


@pytest.fixture(params=[1, 2, 3])
def broken_up(request):
    """A context in which the database breaks up a transaction, at its first to third write."""

    @contextmanager
    def broken_up() -> Iterator[None]:
        left = request.param

        def write(execute, sql, params, many, context):
            nonlocal left
            verb, _, rest = sql.partition(" ")
            if verb in WRITES and "undeleted" not in rest:  # a table of the storage's
                left -= 1
                if left == 0:
                    raise OperationalError(1213, "Deadlock found when trying to get lock")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(write):
            yield

    return broken_up


@pytest.fixture
def held() -> converting.Claim:
    return claimed(make_entry())


def claimed(entry: Entry) -> converting.Claim:
    claim = converting.claim(entry.conversions.get().pk, "w1")
    assert claim
    return claim


def facts() -> tuple[str, int, int]:
    return Conversion.objects.values_list("state", "attempt", "failures").get()


def test_claiming_after_a_lease_that_ran_out(held, broken_up):
    Conversion.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with broken_up():
        claim = converting.claim(held.id, "w2")
    assert claim
    assert claim.attempt == 2
    assert facts() == (State.RUNNING, 2, 1)


def test_taking_back(held, broken_up):
    Conversion.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with broken_up():
        assert converting.take_back(Conversion.objects.all()) == 1
    assert facts() == (State.QUEUED, 1, 1)


def test_failing(held, broken_up):
    with broken_up():
        assert converting.fail(held, "disk full")
    assert facts() == (State.QUEUED, 1, 1)


def test_releasing(held, broken_up):
    with broken_up():
        assert converting.release(held)
    assert facts() == (State.QUEUED, 1, 0)


def test_refusing(held, broken_up):
    with broken_up():
        assert converting.refuse(held, "no_video")
    assert facts() == (State.FAILED, 1, 0)
    assert Notification.objects.count() == 1


def test_redriving(broken_up):
    make_entry(state=State.DEAD)
    with broken_up():
        assert converting.redrive(Conversion.objects.all()) == 1
    assert facts()[0] == State.QUEUED


def test_converting_again(broken_up):
    entry = make_ready_entry()
    with broken_up():
        assert reconverting.reconvert(entry) == reconverting.Outcome.QUEUED
    assert entry.conversions.filter(state=State.QUEUED).count() == 1


def test_submitting(broken_up):
    upload = make_upload()
    with broken_up():
        submitting.submit(upload.contest, upload, language="en", now=timezone.now(), **ABOUT)
    assert facts() == (State.QUEUED, 0, 0)
    assert Notification.objects.count() == 1


def test_dropping_an_upload(broken_up):
    upload = make_upload()
    with broken_up():
        submitting.discard_upload(upload)
    assert Upload.objects.count() == Undeleted.objects.count() == 0


def test_withdrawing(broken_up):
    entry = make_entry()
    with broken_up():
        withdrawing.withdraw(entry, timezone.now())
    assert facts()[0] == State.CANCELLED


def test_deleting_a_contest(broken_up):
    contest = make_entry().contest
    with broken_up():
        delete_contest(contest)
    assert Contest.objects.count() == Undeleted.objects.count() == 0


def test_confirming_and_voting(broken_up):
    contest = make_contest()
    entry = make_ready_entry(contest)
    user = make_user("ada@example.org")
    voter = voting.voter_of(contest, user)
    assert voter
    with broken_up():
        voting.confirm(voter)
    assert Voter.objects.exclude(verified_at=None).get().pk == voter.pk
    with broken_up():
        voting.vote(voter, entry, 1, timezone.now())
    assert (Ballot.objects.count(), Choice.objects.get().value) == (1, 1)


@pytest.mark.parametrize("broken_up", [2], indirect=True)
def test_noting_that_a_mail_was_sent(broken_up, mailoutbox):
    """Else it would be sent once more."""
    entry = make_entry()
    notifying.notify(Kind.RECEIVED, "key", language="en", entry=entry)
    Notification.objects.update(sent_at=None, due_at=Now())
    mailoutbox.clear()
    with broken_up():
        assert notifying.send_due() == 1
    assert len(mailoutbox) == 1
    assert Notification.objects.filter(sent_at=None).count() == 0


def test_asking_to_confirm(broken_up):
    contest = make_contest()
    make_voter(contest)
    with broken_up():
        voting.ask_to_confirm(contest, "ada@example.org", "en", timezone.now())
    assert (Voter.objects.count(), Notification.objects.count()) == (2, 1)
