"""The versions of a contest's rules."""

import pytest

from contests.models import Acceptance, Event
from contests.ruling import Consent, Outdated, write
from tests.factories import make_contest, make_entry, owner_of
from tests.racing import at_once

pytestmark = pytest.mark.django_db

MINE: list[Consent] = [{"text": "It is mine.", "required": True}]


def test_a_change_makes_the_next_version_and_no_change_none():
    contest = make_contest()
    by = owner_of(contest)
    assert write(contest, by, "", [], seen=0) is None
    first = write(contest, by, "One.", MINE, seen=0)
    assert write(contest, by, "One.", MINE, seen=1) is None
    assert write(contest, by, "One.", [], seen=1).version == 2
    rows = contest.rules.order_by("version").values_list("version", "text", "consents")
    assert list(rows) == [(1, "One.", MINE), (2, "One.", [])]
    assert first.created_by == by
    told = Event.objects.order_by("pk").values_list("action", "detail")
    assert list(told) == [("rules_changed", {"version": number}) for number in (1, 2)]


def test_entries_stay_with_what_they_accepted():
    entry = make_entry()
    contest, by = entry.contest, owner_of(entry.contest)
    first = write(contest, by, "One.", MINE, seen=0)
    Acceptance.objects.create(
        entry=entry, rules=first, consents=[0], accepted_at=entry.submitted_at
    )
    write(contest, by, "Two.", [], seen=1)
    assert entry.acceptances.get().rules.text == "One."


def test_who_has_not_seen_the_newest_is_told():
    contest = make_contest()
    by = owner_of(contest)
    write(contest, by, "One.", [], seen=0)
    with pytest.raises(Outdated, match="1"):
        write(contest, by, "Another one.", [], seen=0)
    assert contest.rules.get().text == "One."


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told():
    contest = make_contest()
    by = owner_of(contest)

    def attempt(text: str) -> object:
        try:
            return write(contest, by, text, [], seen=0).version
        except Outdated as error:
            return str(error)

    assert sorted(map(repr, at_once(lambda: attempt("a"), lambda: attempt("b")))) == ["'1'", "1"]
    assert contest.rules.count() == 1
