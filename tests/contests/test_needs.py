"""What waits for a contest's team."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contests import needs
from contests.models import Code, Contest, Moderation, Report, Rules, Upload, Visibility
from contests.needs import Need, Wanting
from tests.factories import make_contest, make_entry, make_upload

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ruled(**fields) -> Contest:
    contest = make_contest(**fields)
    Rules.objects.create(contest=contest, version=1, text="Be kind")
    return contest


def found(contest: Contest) -> list[Wanting]:
    return needs.of(contest, timezone.now())


def test_nothing_needs_anybody_where_all_is_done():
    assert found(ruled()) == []


def test_videos_to_look_at_and_reported_ones_come_with_their_number():
    contest = ruled()
    reported = make_entry(contest, moderation=Moderation.PENDING)
    make_entry(contest, moderation=Moderation.PENDING)
    make_entry(contest, moderation=Moderation.PENDING, withdrawn_at=NOW)
    for _ in range(2):
        Report.objects.create(entry=reported, reason=Report.Reason.values[0])
    assert found(contest) == [Wanting(Need.REPORTED, 1), Wanting(Need.PENDING, 2)]


def test_a_result_is_asked_for_once_voting_is_over_until_its_day_is_set():
    contest = ruled(submissions_close=NOW - timedelta(hours=2), voting_close=NOW)
    assert found(contest) == [Wanting(Need.NO_RESULT)]
    contest.results_at = NOW + timedelta(days=9)
    assert found(contest) == []


def test_a_private_contest_needs_a_way_in():
    contest = ruled(visibility=Visibility.PRIVATE)
    assert found(contest) == [Wanting(Need.NO_WAY_IN)]
    code = Code.objects.create(contest=contest, kind=Code.Kind.ENTER, code="A")
    assert found(contest) == []
    code.delete()
    contest.password = "hashed"
    assert found(contest) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {"revoked_at": NOW},
        {"expires_at": NOW - timedelta(hours=1)},
        {"max_uses": 3, "uses": 3},
        {"kind": Code.Kind.LATE},
    ],
)
def test_invitations_that_cannot_be_used_any_more_are_none(spoilt):
    contest = ruled(by_invitation=True)
    good = {"contest": contest, "kind": Code.Kind.SUBMIT}
    code = Code.objects.create(code="A", **good | spoilt)
    assert found(contest) == [Wanting(Need.NO_INVITATION)]
    code.delete()
    Code.objects.create(code="B", max_uses=3, uses=2, **good)
    assert found(contest) == []


def test_rules_are_asked_for_while_somebody_may_still_submit():
    assert found(make_contest()) == [Wanting(Need.NO_RULES)]
    assert found(make_contest(submissions_close=NOW - timedelta(hours=1))) == []


def test_uploads_are_under_way_while_they_show_life():
    contest = make_contest()
    for state in Upload.State:
        make_upload(contest, state=state)
    silent = make_upload(contest, state=Upload.State.OPEN)
    Upload.objects.filter(pk=silent.pk).update(touched_at=NOW - timedelta(hours=1))
    assert needs.uploads_under_way(contest, timezone.now()) == 1
