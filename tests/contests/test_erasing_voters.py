"""Erasing voters and accounts: their votes stay."""

import pytest
from django.utils import timezone

from contests import auditing, erasing, results, sweeping, voting
from contests.erasing import MustStay, erase_account, erase_voter
from contests.models import (
    Choice,
    Code,
    Event,
    Role,
    Voter,
)
from contests.reasons import Refused
from tests.factories import (
    make_code,
    make_contest,
    make_member,
    make_ready_entry,
    make_user,
    make_voter,
    owner_of,
)
from tests.personal import SECRET, everything, over
from tests.racing import at_once

pytestmark = pytest.mark.django_db

NOW = timezone.now()


class TestVoters:
    def test_their_votes_count_and_nobody_knows_whose_they_are(self):
        contest = make_contest()
        email = f"{SECRET}@example.org".lower()
        entry, voter = make_ready_entry(contest), make_voter(contest, email)
        voting.ask_to_confirm(contest, email, "es", NOW, entry, 1)
        voting.vote(voter, entry, 1, NOW)
        erase_voter(voter, NOW)
        assert SECRET.lower() not in everything().lower()
        assert [each.score for each in results.ranking(contest)] == [1]

    def test_the_same_address_votes_no_second_time_while_voting_is_open(self):
        contest = make_contest()
        entry, voter = make_ready_entry(contest), make_voter(contest, "ada@example.org")
        voting.vote(voter, entry, 1, NOW)
        erase_voter(voter, NOW)
        with pytest.raises(Refused):
            voting.vote(voter, entry, -1, NOW)
        again = make_voter(contest, "ada@example.org", verified=False)
        with pytest.raises(Refused) as refused:
            voting.confirm(again)
        assert refused.value.code == "voter_erased"
        voting.confirm(make_voter(contest, "bob@example.org", verified=False))
        voting.confirm(make_voter(make_contest(), "ada@example.org", verified=False))

    def test_its_trace_goes_once_voting_is_over(self):
        contest = make_contest()
        voter = make_voter(contest)
        erase_voter(voter, NOW)
        sweeping.sweep()
        assert len(Voter.objects.get().trace) == 64
        over(contest)
        sweeping.sweep()
        assert Voter.objects.get().trace == ""

    def test_a_code_votes_no_second_time(self):
        contest = make_contest()
        code = make_code(contest, Code.Kind.VOTE)
        voter = Voter.objects.create(contest=contest, code=code, verified_at=NOW)
        erase_voter(voter, NOW)
        code.refresh_from_db()
        assert (Voter.objects.get().code, code.revoked_at is None) == (None, False)

    @pytest.mark.django_db(transaction=True)
    def test_a_vote_at_the_same_moment_is_counted_or_refused(self):
        contest = make_contest()
        entry, voter = make_ready_entry(contest), make_voter(contest)

        def vote():
            try:
                voting.vote(voter, entry, 1, NOW)
                return 1
            except Refused:
                return 0

        counted, _ = at_once(vote, lambda: erase_voter(voter, NOW))
        assert (Choice.objects.count(), Voter.objects.get().email) == (counted, None)


class TestAccounts:
    def test_it_goes_with_what_names_it(self):
        user, contest = make_user(f"{SECRET}@example.org"), make_contest()
        make_member(contest, user=user)
        auditing.record(contest, "contest_changed", user=user)
        voter = make_voter(contest, user.email)
        erase_account(user, NOW)
        voter.refresh_from_db()
        event = Event.objects.get()
        assert (voter.email, event.user, event.actor) == (None, None, "team")
        assert SECRET.lower() not in everything().lower()

    def test_no_contest_is_left_without_an_owner(self):
        contest = make_contest()
        with pytest.raises(MustStay):
            erase_account(owner_of(contest), NOW)
        make_member(contest, Role.OWNER)
        erase_account(contest.team.order_by("pk")[0].user, NOW)
        assert contest.team.count() == 1

    def test_staff_are_kept_for_the_sake_of_what_they_did(self):
        user = make_user()
        user.is_staff = True
        user.save()
        with pytest.raises(MustStay):
            erase_account(user, NOW)


def test_a_trace_tells_nothing_without_our_key():
    contest = make_contest()
    traces = {erasing.trace_of(contest, each) for each in ("ada@x.org", "ADA@x.org")}
    assert len(traces | {erasing.trace_of(make_contest(), "ada@x.org")}) == 2
