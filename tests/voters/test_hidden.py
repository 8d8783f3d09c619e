"""Of a video that is not public nothing is to be had, whatever address somebody kept."""

from collections.abc import Callable

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests import moderating
from contests.models import Captions, Choice, Entry, Rendition
from contests.withdrawing import withdraw
from tests.factories import make_contest, make_ready_entry, make_user, make_voter, owner_of

pytestmark = pytest.mark.django_db
TITLE = "Never to be seen"


def decide(verb: Callable[..., object], entry: Entry, *reason: str) -> None:
    seen = {entry.pk: moderating.version(entry)}
    verb(entry.contest, seen, owner_of(entry.contest), *reason)


WAYS: dict[str, Callable[[Entry], None]] = {
    "withdrawn": lambda entry: withdraw(entry, timezone.now()),
    "rejected": lambda entry: decide(moderating.reject, entry, "No."),
    "to be changed": lambda entry: decide(moderating.ask_changes, entry, "Blur it."),
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_it_is_reachable(client: Client, way: str) -> None:
    contest = make_contest()
    entry, other = make_ready_entry(contest, title=TITLE), make_ready_entry(contest)
    Captions.objects.create(entry=entry, language="es", text="WEBVTT\n")
    voter = make_voter(contest, verified=False)
    token = signing.dumps([voter.pk, entry.pk, 1], salt="confirm-vote")
    at = [contest.url, entry.pk]
    files = [f"/media/{key}" for key in Rendition.objects.values_list("key", flat=True)]
    addresses = {
        "opened": entry.get_absolute_url(),
        "captions": reverse("voters:captions", args=[*at, "es"]),
        "vote": reverse("voters:vote", args=at),
        "report": reverse("voters:report", args=at),
        "confirm": reverse("voters:confirm", args=[token]),
    }
    assert [client.head(each).status_code for each in files] == [200] * 4

    WAYS[way](entry)
    client.force_login(make_user())
    answers = {name: client.get(address) for name, address in addresses.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        addresses, 404
    )
    assert client.post(addresses["vote"], {"value": "1"}).status_code == 404
    assert client.post(addresses["confirm"]).status_code == 404
    assert not Choice.objects.exists()
    pages = [client.get(contest.get_absolute_url()), client.get("/")]
    pages.append(client.get(reverse("voters:ranking", args=[contest.url])))
    assert [TITLE in answer.text for answer in [*answers.values(), *pages]] == [False] * 8
    assert sorted(client.head(each).status_code for each in files) == [200, 200, 404, 404]
    hidden = Rendition.objects.filter(conversion__entry=entry).values_list("key", flat=True)
    assert {client.head(f"/media/{key}").status_code for key in hidden} <= {404}
    assert client.get(other.get_absolute_url()).status_code == 200
