"""Who votes, and what is counted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from contests import voting
from contests.models import Ballot, Choice, Contest, Notification, Voter
from contests.reasons import Refused
from tests.factories import make_contest, make_entry, make_ready_entry, make_user, make_voter

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def choices() -> list[tuple[int, int]]:
    return list(Choice.objects.values_list("entry_id", "value").order_by("entry_id"))


def refusal(*args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        voting.vote(*args, **kwargs)
    return refused.value.code


def test_a_person_without_a_verified_address_is_no_voter():
    assert voting.voter_of(make_contest(), make_user(verified=False)) is None


def test_a_person_is_the_voter_who_once_voted_by_mail():
    voter = make_voter(email="ada@example.org")
    assert voting.voter_of(voter.contest, make_user("Ada@Example.org")) == voter


def test_asking_who_votes_writes_nothing():
    voter = voting.voter_of(make_contest(), make_user("ada@example.org"))
    assert voter is not None
    assert (voter.pk, voter.email, Voter.objects.count()) == (None, "ada@example.org", 0)


def test_confirming_saves_the_voter_once():
    contest, user = make_contest(), make_user()
    voters = [voting.voter_of(contest, user), voting.voter_of(contest, user)]
    for voter in voters:
        assert voter is not None
        voting.confirm(voter)
    saved = Voter.objects.get()
    assert voters == [saved, saved]
    assert saved.verified_at is not None


def test_confirming_again_keeps_the_first_time():
    voter = make_voter()
    first = voter.verified_at
    voting.confirm(Voter.objects.get())
    assert Voter.objects.get().verified_at == first


def test_a_vote_is_cast_changed_and_taken_back():
    entry = make_ready_entry()
    voter = make_voter(entry.contest)
    seen = []
    for choice in (1, -1, -1, 0, 0):
        voting.vote(voter, entry, choice, NOW)
        seen.append(choices())
    assert seen == [[(entry.pk, 1)], [(entry.pk, -1)], [(entry.pk, -1)], [], []]
    assert Ballot.objects.count() == 1


def test_a_vote_is_for_or_against_and_nothing_else():
    entry = make_ready_entry()
    with pytest.raises(ValueError, match="2 is not a valid"):
        voting.vote(make_voter(entry.contest), entry, 2, NOW)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_no_vote_once_voting_has_closed(late):
    entry = make_ready_entry()
    voter = make_voter(entry.contest)
    voting.vote(voter, entry, 1, NOW)
    close = entry.contest.voting_close
    assert refusal(voter, entry, 0, close + late) == "closed_voting"
    assert choices() == [(entry.pk, 1)]


def test_no_vote_before_voting_opens():
    entry = make_ready_entry()
    early = entry.contest.voting_open - timedelta(seconds=1)
    assert refusal(make_voter(entry.contest), entry, 1, early) == "closed_voting"


def test_no_vote_by_an_address_nobody_confirmed():
    entry = make_ready_entry()
    voter = make_voter(entry.contest, verified=False)
    assert refusal(voter, entry, 1, NOW) == "vote_unknown"


def test_no_vote_for_an_entry_of_another_contest_or_an_unpublished_one():
    voter = make_voter()
    assert refusal(voter, make_ready_entry(), 1, NOW) == "vote_unknown"
    assert refusal(voter, make_entry(voter.contest), 1, NOW) == "vote_unknown"
    assert choices() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_votes_at_once_of_one_voter_leave_one():
    entry = make_ready_entry()
    voter = make_voter(entry.contest)

    def cast(choice: int) -> None:
        try:
            voting.vote(voter, entry, choice, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(cast, [1, -1] * 50)) == [None] * 100
    assert (Choice.objects.count(), Ballot.objects.count()) == (1, 1)


def ask(contest: Contest, now: datetime = NOW, **kwargs) -> None:
    voting.ask_to_confirm(contest, " Ada@Example.org ", "en", now, **kwargs)


def test_asking_to_confirm_mails_one_link_a_minute(django_capture_on_commit_callbacks):
    entry = make_ready_entry()
    now = NOW.replace(second=0)
    with django_capture_on_commit_callbacks(execute=True):
        for seconds in (0, 59, 60):
            later = now + timedelta(seconds=seconds)
            ask(entry.contest, later, entry=entry, choice=1)
    assert [message.to for message in mail.outbox] == [["ada@example.org"]] * 2
    voter = Voter.objects.get()
    assert (voter.email, voter.verified_at) == ("ada@example.org", None)
    asked = Notification.objects.values_list("voter", "entry", "choice")
    assert list(asked) == [(voter.pk, entry.pk, 1)] * 2


def test_asking_to_confirm_outside_voting_is_refused():
    contest = make_contest()
    with pytest.raises(Refused, match="closed_voting"):
        ask(contest, contest.voting_close)
    assert Voter.objects.count() == 0
