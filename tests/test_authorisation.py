"""Every address and who may use it: one table, and a test that fails for an address without a row.

A role that may not use an address learns nothing of what lies there: 404, or the log-in page for
who is nobody yet. All that the others may get is judged by the faces' own tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from contests import mine
from contests.captions import clean
from contests.models import (
    Captions,
    Category,
    Code,
    Contest,
    Entry,
    Member,
    Question,
    Role,
    TeamInvitation,
    Upload,
    Visibility,
)
from contests.receipts import note_digest
from contests.ruling import write
from contests.submitting import begin_upload
from tests.addresses import ROLES, TABLE
from tests.factories import (
    make_contest,
    make_ready_entry,
    make_user,
    make_voter,
    owner_of,
)
from tests.staff import sign_in

pytestmark = pytest.mark.django_db

# The library's own pages, about whoever is signed in, and the administration, which asks one place
# (accounts.staff) before anything: tests/accounts and tests/contests/test_admin.py.
ELSEWHERE = ("cuenta/", "ops/admin/")


# A form of which each address takes what it knows.
FORM, FORM_TYPE = "role=moderator", "application/x-www-form-urlencoded"


def routes(within: URLResolver, prefix: str = "") -> Iterator[str]:
    for each in within.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        elif isinstance(each, URLPattern):
            yield route


def ours() -> list[str]:
    return [each for each in routes(get_resolver()) if not each.startswith(ELSEWHERE)]


@dataclass
class Place:
    """One contest and one of everything in it."""

    contest: Contest
    entry: Entry
    upload: Upload
    moderator: Member
    parts: dict[str, Any]

    def path(self, route: str) -> str:
        """Return a route's address here."""
        return "/" + _filled(route, self.values(route))

    def values(self, route: str) -> dict[str, Any]:
        """What stands in a route's gaps."""
        token = self.entry.manage_token
        if route.startswith("uploads/"):
            token = self.upload.token
        elif route.startswith("votar/datos/"):
            token = self.parts["datos"]
        elif route.startswith(("mis-videos/", "votar/confirmar/", "equipo/")):
            token = self.parts[route.split("/", 1)[0]]
        parts = ("categorias", "preguntas", "invitaciones")
        part = next((self.parts[name] for name in parts if f"/{name}/" in route), self.moderator)
        return {
            "slug:url": self.contest.url,
            "int:entry_id": self.entry.pk,
            "int:entry": self.entry.pk,
            "int:conversion": self.entry.published_id,
            "int:number": 1,
            "int:pk": part.pk,
            "str:language": "en",
            "str:form": "csv",
            "str:token": token,
            "str:signed": "x",
            "path:key": self.entry.published.renditions.first().key,
        }


def _filled(route: str, values: dict[str, Any]) -> str:
    for gap, value in values.items():
        route = route.replace(f"<{gap}>", str(value))
    assert "<" not in route, route
    return route


def make_place() -> Place:
    contest = make_contest()
    entry = make_ready_entry(contest)
    Captions.objects.create(entry=entry, language="en", text=clean(b"1\n00:00 --> 00:01\nHi"))
    Code.objects.create(contest=contest, kind=Code.Kind.VOTE, code="AAAAAAAAAA")
    invitation = TeamInvitation.objects.create(
        contest=contest, email=f"x{contest.pk}@example.org", role=Role.MODERATOR
    )
    voter = make_voter(contest, verified=False)
    member = Member.objects.create(contest=contest, user=make_user(), role=Role.MODERATOR)
    parts = {
        "categorias": Category.objects.create(contest=contest, name="Short"),
        "preguntas": Question.objects.create(contest=contest, text="Why?"),
        "invitaciones": invitation,
        "equipo": invitation.token,
        "votar": signing.dumps([voter.pk, entry.pk, 1], salt="confirm-vote"),
        "datos": signing.dumps(voter.pk, salt="voter-data"),
        "mis-videos": mine.link(entry).split("/")[-2],
    }
    write(contest, owner_of(contest), "Be kind", [], seen=0)
    note_digest(entry.pk, "0" * 64)
    upload = begin_upload(contest, "a.avi", 10, timezone.now())
    return Place(contest, entry, upload, member, parts)


def client_of(role: str, place: Place) -> Client:
    client = Client()
    match role:
        case "participant":
            client.force_login(make_user(place.entry.email))
        case "other organizer":
            client.force_login(owner_of(make_contest()))
        case "moderator":
            client.force_login(place.moderator.user)
        case "owner":
            client.force_login(owner_of(place.contest))
        case "staff":
            sign_in(client)
    return client


def outcome(client: Client, row: str, path: str) -> str:
    """What somebody gets: y, h or l; whatever it changes is put back."""
    with transaction.atomic():
        answer: Any = client.generic(row.split(" ", 1)[0], path, FORM, FORM_TYPE)
        transaction.set_rollback(True)
    if answer.streaming:
        list(answer.streaming_content)
    assert answer.status_code < 500, (row, answer.status_code)
    if answer.status_code == 302 and answer["Location"].startswith("/cuenta/login/"):
        return "l"
    return "h" if answer.status_code == 404 else "y"


def test_every_address_has_a_row():
    assert {row.split(" ", 1)[1] for row in TABLE} == set(ours())


def test_who_may_use_what():
    place = make_place()
    clients = [client_of(role, place) for role in ROLES]
    found = {
        row: "".join(outcome(client, row, place.path(row.split(" ", 1)[1])) for client in clients)
        for row in TABLE
    }
    assert {row: got for row, got in found.items() if got != TABLE[row]} == {}


def test_what_lies_in_another_contest_is_none_of_ours():
    """Even for owners, who put another's number or token into their own contest's address."""
    place, other = make_place(), make_place()
    client = client_of("owner", place)
    mixed = {
        row: outcome(client, row, "/" + _filled(row.split(" ", 1)[1], _mixed(place, other, row)))
        for row in TABLE
        if "<slug:url>" in row and "<int:" in row
    }
    assert {row for row, got in mixed.items() if got != "h"} == set()


def _mixed(place: Place, other: Place, row: str) -> dict[str, Any]:
    route = row.split(" ", 1)[1]
    return other.values(route) | {"slug:url": place.contest.url}


def test_a_token_that_nobody_has_opens_nothing():
    place = make_place()
    client = client_of("owner", place)
    with_tokens = [row for row in TABLE if "<str:token>" in row]
    forged = {
        row: outcome(
            client, row, "/" + _filled(row.split(" ", 1)[1], place.values(row) | {"str:token": "x"})
        )
        for row in with_tokens
    }
    assert {row for row, got in forged.items() if got != "h"} == set()


@pytest.mark.parametrize("kind", ["draft", "private"])
def test_what_the_public_may_not_see_is_behind_every_public_address(kind):
    place = make_place()
    if kind == "draft":
        Contest.objects.update(announced_at=None)
    else:
        Contest.objects.update(visibility=Visibility.PRIVATE)
    client = client_of("anonymous", place)
    found = {}
    for row in TABLE:
        route = row.split(" ", 1)[1]
        if route.startswith("concurso/"):
            with transaction.atomic():
                answer = client.generic(row.split(" ", 1)[0], place.path(route), FORM, FORM_TYPE)
                transaction.set_rollback(True)
            found[row] = "in" if answer.status_code == 200 else "out"
    # Where somebody shows the password or a code.
    doors = {row for row in found if "/entrar/" in row or "/codigo/" in row} - {
        row for row in found if "participar" in row
    }
    assert {row for row, got in found.items() if got == "in"} == (
        set() if kind == "draft" else doors
    )
