"""Codes given away: made, used once at most, revoked with what was voted by them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from backends.transactions import retried
from contests import issuing, redeeming, voting
from contests.issuing import Standing
from contests.models import Choice, Code, Contest, Event, Voter
from contests.reasons import Refused
from tests.factories import make_code, make_contest, make_ready_entry, owner_of

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def refusal(verb, *args) -> str:
    with pytest.raises(Refused) as refused:
        verb(*args)
    return refused.value.code


def revoke(*codes: Code, now=NOW) -> int:
    contest = codes[0].contest
    return issuing.revoke(contest, [code.pk for code in codes], owner_of(contest), now)


def vote(contest: Contest, code: Code) -> Voter:
    voter = redeeming.voter_of(contest, code.code, NOW)
    voting.vote(voter, contest.entries.get(), 1, NOW)
    return voter


def test_codes_are_all_different_and_read_without_doubt():
    contest = make_contest()
    about = {"label": "4b", "max_uses": 2, "expires_at": NOW}
    issuing.make(contest, Code.Kind.LATE, 100, owner_of(contest), **about)
    codes = contest.codes.values_list("code", flat=True)
    assert len(set(codes)) == 100
    assert {len(code) for code in codes} == {10}
    assert set("".join(codes)) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")
    assert list(
        contest.codes.values_list("kind", "label", "max_uses", "expires_at").distinct()
    ) == [("late", "4b", 2, NOW)]
    assert list(Event.objects.values_list("action", "detail")) == [
        ("codes_made", {"kind": "late", "codes": 100})
    ]


def test_a_code_is_found_as_it_is_shown():
    contest = make_contest()
    code = make_code(contest, code="ABCDE23456")
    assert issuing.shown(code.code) == "ABCDE-23456"
    assert redeeming.find(contest, " abcde 234-56", NOW, Code.Kind.SUBMIT) == code


def test_a_code_to_vote_with_is_never_used_up():
    contest = make_contest()
    issuing.make(contest, Code.Kind.VOTE, 1, owner_of(contest), max_uses=1)
    assert contest.codes.get().max_uses is None


def test_a_contest_has_room_for_ten_thousand(monkeypatch):
    contest = make_contest()
    make_code(contest)
    monkeypatch.setattr(issuing, "_MOST", 3)
    make = (issuing.make, contest, Code.Kind.ENTER)
    assert refusal(*make, 3, owner_of(contest)) == "too_many_codes"
    assert len(issuing.make(contest, Code.Kind.ENTER, 2, owner_of(contest))) == 2


def test_how_a_code_stands():
    contest, past = make_contest(), NOW - timedelta(seconds=1)
    codes = {
        make_code(contest): Standing.GOOD,
        make_code(contest, uses=1, max_uses=2, expires_at=NOW + timedelta(days=1)): Standing.GOOD,
        make_code(contest, uses=2, max_uses=2): Standing.USED_UP,
        make_code(contest, uses=2, max_uses=2, expires_at=past): Standing.OVER,
        make_code(contest, expires_at=past, revoked_at=past): Standing.REVOKED,
    }
    assert {code: issuing.standing(code, NOW) for code in codes} == codes
    for standing in Standing:
        wanted = {code for code, stands in codes.items() if stands == standing}
        assert set(issuing.standing_so(contest, standing, NOW)) == wanted


def test_a_code_is_the_same_voter_wherever_it_is_typed():
    contest = make_contest()
    code, other = (make_code(contest, Code.Kind.VOTE) for _ in range(2))
    voters = [redeeming.voter_of(contest, typed, NOW) for typed in (code.code, code.code.lower())]
    assert voters[0] == voters[1] != redeeming.voter_of(contest, other.code, NOW)
    assert (voters[0].email, voters[0].verified_at) == (None, NOW)
    code.refresh_from_db()
    assert code.uses == 1


def test_what_makes_no_voter():
    contest = make_contest()
    codes = [
        make_code(contest),
        make_code(make_contest(), Code.Kind.VOTE),
        make_code(contest, Code.Kind.VOTE, revoked_at=NOW),
        make_code(contest, Code.Kind.VOTE, expires_at=NOW),
    ]
    told = [refusal(redeeming.voter_of, contest, code.code, NOW) for code in codes]
    assert (told, Voter.objects.count()) == (["code_unknown"] * 4, 0)


def test_revoking_takes_the_votes_out_until_the_result_stands():
    contest = make_ready_entry().contest
    first, second, third = (make_code(contest, Code.Kind.VOTE) for _ in range(3))
    lost = vote(contest, first)
    kept = [vote(contest, each) for each in (second, third)]
    assert issuing.votes_of(Code.objects.filter(pk__in=[first.pk, second.pk])) == 2
    assert (revoke(first), revoke(first)) == (1, 0)
    assert refusal(voting.vote, lost, contest.entries.get(), 1, NOW) == "vote_unknown"
    assert revoke(second, now=contest.voting_close) == 1
    assert list(Voter.objects.order_by("pk")) == kept
    assert Choice.objects.count() == 2
    events = Event.objects.filter(action="codes_revoked").values_list("detail", flat=True)
    assert list(events) == [{"codes": 1}] * 2


def test_codes_of_another_contest_are_not_revoked():
    mine, foreign = make_contest(), make_code(make_contest())
    assert issuing.revoke(mine, [foreign.pk], owner_of(mine), NOW) == 0
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


@pytest.mark.django_db(transaction=True)
def test_typed_on_many_devices_at_once_a_code_is_one_voter_and_its_last_use_one():
    contest = make_contest()
    voting_code = make_code(contest, Code.Kind.VOTE)
    last = make_code(contest, Code.Kind.ENTER, max_uses=3, uses=2)

    def both(_) -> tuple[int, bool]:
        try:
            voter = redeeming.voter_of(contest, voting_code.code, NOW)
            retried(redeeming.use)(last, NOW)
        except Refused:
            return voter.pk, False
        finally:
            connection.close()
        return voter.pk, True

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(both, range(4)))
    assert {pk for pk, _ in done} == {Voter.objects.get().pk}
    assert sorted(used for _, used in done) == [False] * 3 + [True]
    last.refresh_from_db()
    assert last.uses == 3


@pytest.mark.django_db(transaction=True)
def test_a_vote_cast_while_its_code_is_revoked_is_not_counted():
    contest = make_ready_entry().contest
    codes = [make_code(contest, Code.Kind.VOTE) for _ in range(6)]
    voters = [redeeming.voter_of(contest, code.code, NOW) for code in codes]

    def cast(voter: Voter) -> None:
        try:
            voting.vote(voter, contest.entries.get(), 1, NOW)
        except Refused as refused:
            assert refused.code == "vote_unknown"  # noqa: PT017 - any other is a failure
        finally:
            connection.close()

    def take_back(code: Code) -> int:
        try:
            return revoke(code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        votes = [pool.submit(cast, voter) for voter in voters]
        assert list(pool.map(take_back, codes)) == [1] * 6
        assert [each.result() for each in votes] == [None] * 6
    assert (Voter.objects.count(), Choice.objects.count()) == (0, 0)
