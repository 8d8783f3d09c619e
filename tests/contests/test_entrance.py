"""Keys of private contests: what is worth one, and until when."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from contests import entrance
from contests.models import Code, Contest, Visibility
from contests.reasons import Refused
from tests.factories import make_code, make_contest, make_member, make_user, owner_of

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def contest() -> Contest:
    return make_contest(visibility=Visibility.PRIVATE, password=make_password("swordfish "))


def enters(contest: Contest, key: entrance.Key | None = None, user=None) -> bool:
    session = {entrance.KEYS: {str(contest.pk): key}} if key else {}
    try:
        entrance.check(Contest.objects.get(pk=contest.pk), user or AnonymousUser(), session)
    except entrance.Shut:
        return False
    return True


def refusal(contest: Contest, typed: str) -> str:
    with pytest.raises(Refused) as refused:
        entrance.unlock(contest, typed, NOW)
    return refused.value.code


def test_only_private_contests_are_shut(contest):
    shown = [make_contest(visibility=each) for each in Visibility]
    assert [enters(each) for each in shown] == [True, True, False]


def test_the_team_comes_in_and_nobody_else(contest):
    people = [owner_of(contest), make_member(contest).user, make_user()]
    assert [enters(contest, user=each) for each in people] == [True, True, False]


def test_the_password_opens_until_it_changes(contest):
    key = entrance.unlock(contest, "swordfish ", NOW)
    assert enters(contest, key)
    assert not enters(make_contest(visibility=Visibility.PRIVATE), key)
    for password in (make_password("swordfish "), ""):
        contest.password = password
        contest.save()
        assert not enters(contest, key)


@pytest.mark.parametrize("typed", ["swordfish", "SWORDFISH ", "", "\0", "💥" * 100])
def test_a_wrong_password_opens_nothing(contest, typed):
    assert refusal(contest, typed) == "entrance_unknown"


def test_without_a_password_none_opens():
    contest = make_contest(visibility=Visibility.PRIVATE)
    assert [refusal(contest, typed) for typed in ("", "x")] == ["entrance_unknown"] * 2


def test_a_code_opens_in_any_spelling_until_it_is_revoked(contest):
    code = make_code(contest, Code.Kind.ENTER, code="ABCDE23456", max_uses=1)
    key = entrance.unlock(contest, "abcde-23456", NOW)
    assert enters(contest, key)  # although its one use is gone
    assert refusal(contest, "ABCDE23456") == "entrance_unknown"
    Code.objects.filter(pk=code.pk).update(revoked_at=NOW)
    assert not enters(contest, key)


def test_a_code_opens_until_its_last_day(contest):
    code = make_code(contest, Code.Kind.VOTE, expires_at=NOW + timedelta(days=1))
    key = entrance.unlock(contest, code.code, NOW)
    assert enters(contest, key)
    Code.objects.filter(pk=code.pk).update(expires_at=NOW)
    assert not enters(contest, key)


def test_a_code_of_another_contest_opens_nothing(contest):
    foreign = make_code(make_contest(), Code.Kind.ENTER)
    assert refusal(contest, foreign.code) == "entrance_unknown"
    assert not enters(contest, entrance.key_of(foreign))


@pytest.mark.parametrize("kind", Code.Kind)
def test_who_was_given_a_code_of_any_kind_is_invited(contest, kind):
    code = make_code(contest, kind)
    assert enters(contest, entrance.unlock(contest, code.code, NOW))
