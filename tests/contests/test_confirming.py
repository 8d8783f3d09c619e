"""The mailed link that proves an address."""

import pytest

from contests import confirming
from contests.models import Kind, Notification
from tests.factories import make_ready_entry, make_voter

pytestmark = pytest.mark.django_db


def token(**fields) -> str:
    link = confirming.link(Notification(kind=Kind.CONFIRM_VOTE, **fields))
    return link.removeprefix("/votar/confirmar/").removesuffix("/")


def test_a_link_says_who_votes_what():
    entry = make_ready_entry()
    voter = make_voter(entry.contest, verified=False)
    asked = confirming.read(token(voter=voter, entry=entry, choice=-1))
    assert asked == confirming.Confirmation(voter, entry, -1)


def test_a_link_without_a_vote_only_proves_the_address():
    voter = make_voter()
    assert confirming.read(token(voter=voter)) == confirming.Confirmation(voter, None, None)


def test_a_changed_link_is_none_of_ours():
    good = token(voter=make_voter())
    changed = ["", "x", good[:-1], good[1:], good.replace(good[3], "_", 1), good + "x"]
    assert [confirming.read(each) for each in changed] == [None] * 6


def test_a_link_grows_too_old(monkeypatch):
    old = token(voter=make_voter())
    monkeypatch.setattr(confirming, "LINK_SECONDS", -1)
    with pytest.raises(confirming.LinkExpired):
        confirming.read(old)


def test_a_link_outlives_neither_voter_nor_entry():
    entry = make_ready_entry()
    voter = make_voter(entry.contest)
    link = token(voter=voter, entry=entry, choice=1)
    entry.delete()
    assert confirming.read(link) == confirming.Confirmation(voter, None, None)
    voter.delete()
    assert confirming.read(link) is None


def test_a_link_never_reaches_an_entry_of_another_contest():
    voter = make_voter()
    asked = confirming.read(token(voter=voter, entry=make_ready_entry(), choice=1))
    assert asked == confirming.Confirmation(voter, None, None)
