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
from tests.factories import (
    make_contest,
    make_ready_entry,
    make_user,
    make_voter,
    owner_of,
)
from tests.staff import sign_in

pytestmark = pytest.mark.django_db

# --- who gets through: y(es), h(idden: 404), l(og in first); by role
ROLES = ("anonymous", "participant", "other organizer", "moderator", "owner", "staff")
ALL = "yyyyyy"
SIGNED_IN = "lyyyyy"
TEAM = "lhhyyh"
OWNERS = "lhhhyh"
STAFF = "hhhhhy"
NOBODY = "hhhhhh"

# Who uses what, by method and route. Addresses with a token or a signature in them belong to
# whoever has it; that another token opens nothing is tested below.
TABLE: dict[str, str] = {
    "GET ": ALL,
    "POST avisos/ses/": NOBODY,  # but SNS, and only where SES is configured
    "POST idioma/setlang/": ALL,
    "GET media/<path:key>": ALL,
    # --- voters
    "GET concurso/<slug:url>/": ALL,
    "GET concurso/<slug:url>/entrar/": ALL,
    "GET concurso/<slug:url>/codigo/": ALL,
    "GET concurso/<slug:url>/bases/": ALL,
    "GET privacidad/": ALL,
    "GET concurso/<slug:url>/privacidad/": ALL,
    "GET concurso/<slug:url>/mis-datos/": ALL,
    "POST concurso/<slug:url>/mis-datos/enlace/": ALL,
    "GET votar/datos/<str:token>/": ALL,
    "GET concurso/<slug:url>/mis-datos/datos.json": NOBODY,  # but who has voted there
    "GET concurso/<slug:url>/ranking/": ALL,
    "POST concurso/<slug:url>/votar/<int:entry_id>/": ALL,
    "POST concurso/<slug:url>/votar/otra-persona/": ALL,
    "GET concurso/<slug:url>/subtitulos/<int:entry_id>/<str:language>.vtt": ALL,
    "GET concurso/<slug:url>/denunciar/<int:entry_id>/": ALL,
    "GET votar/confirmar/<str:token>/": ALL,
    # --- participants
    "GET concurso/<slug:url>/participar/": ALL,
    "GET concurso/<slug:url>/participar/codigo/": ALL,
    "POST concurso/<slug:url>/uploads/": ALL,
    "GET uploads/<str:token>/draft/": ALL,
    "GET uploads/<str:token>/parts/": ALL,
    "POST uploads/<str:token>/parts/<int:number>/": ALL,
    "POST uploads/<str:token>/complete/": ALL,
    "DELETE uploads/<str:token>/": ALL,  # after the others: what it deletes stays deleted
    "PUT uploads/parts/<str:signed>": ALL,
    "GET participar/<str:token>/": ALL,
    "GET participar/<str:token>/estado/": ALL,
    "GET participar/<str:token>/cambiar/": ALL,
    "POST participar/<str:token>/portada/": ALL,
    "POST participar/<str:token>/revisar/": ALL,
    "POST participar/<str:token>/subtitulos/": ALL,
    "POST participar/<str:token>/subtitulos/<str:language>/borrar/": ALL,
    "GET participar/<str:token>/subtitulos/<str:language>.vtt": ALL,
    "POST participar/<str:token>/retirar/": ALL,
    "GET participar/<str:token>/recibo.txt": ALL,
    "POST participar/<str:token>/datos.zip": ALL,
    "GET participar/<str:token>/borrar/": ALL,
    "GET recibo/": ALL,
    "GET mis-videos/": ALL,
    "GET mis-videos/<str:token>/": ALL,
    # --- organizers
    "GET organizador/": SIGNED_IN,
    "GET organizador/nuevo/": SIGNED_IN,
    "GET organizador/<slug:url>/": TEAM,
    "GET organizador/<slug:url>/ahora/": TEAM,
    "GET organizador/<slug:url>/videos/": TEAM,
    "POST organizador/<slug:url>/videos/": TEAM,
    "POST organizador/<slug:url>/videos/deshacer/": TEAM,
    "GET organizador/<slug:url>/videos/<int:entry>/": TEAM,
    "POST organizador/<slug:url>/videos/<int:entry>/descartar/": TEAM,
    "POST organizador/<slug:url>/exportar/<str:form>/": TEAM,
    "POST organizador/<slug:url>/enviar/": TEAM,
    "POST organizador/<slug:url>/enviar/lista/": TEAM,
    "POST organizador/<slug:url>/enviar/uploads/": "hhhyyh",  # asked by the page's script
    "GET organizador/<slug:url>/historial/": TEAM,
    "POST organizador/<slug:url>/reintentar/": TEAM,
    "POST organizador/<slug:url>/reintentar/<int:entry>/": TEAM,
    "GET organizador/<slug:url>/equipo/": TEAM,
    "POST organizador/<slug:url>/equipo/<int:pk>/papel/": OWNERS,
    "POST organizador/<slug:url>/equipo/<int:pk>/salir/": TEAM,  # the moderator's own membership
    "POST organizador/<slug:url>/equipo/invitaciones/<int:pk>/": OWNERS,
    "GET equipo/<str:token>/": ALL,
    "POST organizador/<slug:url>/ajustes/": OWNERS,
    "POST organizador/<slug:url>/ajustes/fechas/": OWNERS,
    "POST organizador/<slug:url>/ajustes/participar/": OWNERS,
    "POST organizador/<slug:url>/ajustes/datos/": OWNERS,
    "POST organizador/<slug:url>/ajustes/bases/": OWNERS,
    **{
        f"POST organizador/<slug:url>/ajustes/{part}/{rest}": OWNERS
        for part in ("categorias", "preguntas")
        for rest in ("", "<int:pk>/", "<int:pk>/mover/", "<int:pk>/quitar/")
    },
    "POST organizador/<slug:url>/anunciar/": OWNERS,
    "POST organizador/<slug:url>/vista/": OWNERS,
    "POST organizador/<slug:url>/resultado/": OWNERS,
    "POST organizador/<slug:url>/duplicar/": OWNERS,
    "POST organizador/<slug:url>/borrar/": OWNERS,
    "GET organizador/<slug:url>/codigos/": OWNERS,
    "POST organizador/<slug:url>/codigos/retirar/": OWNERS,
    "GET organizador/<slug:url>/codigos/tabla.csv": OWNERS,
    "GET organizador/<slug:url>/codigos/hojas/": OWNERS,
    # --- staff
    "GET ops/": STAFF,
    "GET ops/persona/": STAFF,
    "GET ops/estado/": STAFF,
    "POST ops/reintentar/": STAFF,
    "POST ops/reintentar/<int:conversion>/": STAFF,
}
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
