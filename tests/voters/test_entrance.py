"""The door of a private contest, and that no page goes around it."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from contests.models import Code, Contest, Entry, Visibility
from tests.factories import make_code, make_contest, make_ready_entry, owner_of

pytestmark = pytest.mark.django_db

# What opens the door, or is one.
DOORS = {"voters:enter", "voters:code"}


@pytest.fixture
def contest() -> Contest:
    private: Any = {"visibility": Visibility.PRIVATE, "password": make_password("swordfish")}
    return make_contest(name="Films", description="Ours", accent="#aa3366", **private)


@pytest.fixture
def entry(contest: Contest) -> Entry:
    return make_ready_entry(contest, title="The sea")


def door(contest: Contest) -> str:
    return reverse("voters:enter", args=[contest.url])


def enter(client: Client, contest: Contest, key: str, query: str = "") -> Any:
    return client.post(door(contest) + query, {"key": key})


def pages_of(contest: Contest, entry: Entry) -> dict[str, str]:
    """The address of every page below `/concurso/<url>/`, by name."""
    values = {"url": contest.url, "entry_id": entry.pk, "language": "es"}
    found = {}
    for pattern in get_resolver().url_patterns:
        for page in getattr(pattern, "url_patterns", []):
            if isinstance(page, URLPattern) and str(page.pattern).startswith("concurso/<slug:url>"):
                name = f"{pattern.app_name}:{page.name}"  # type: ignore[union-attr]
                wanted = {each: values[each] for each in page.pattern.converters}
                found[name] = reverse(name, kwargs=wanted)
    return found


def test_every_page_of_a_private_contest_leads_to_its_door(client, contest, entry):
    leads = {}
    for name, path in pages_of(contest, entry).items():
        for method in ("get", "post"):
            data = {"data": "{}", "content_type": "application/json"} if "upload" in name else {}
            answer = getattr(client, method)(path, **(data if method == "post" else {}))
            if answer.status_code != 405:
                where = answer.headers.get("Location", "").partition("?")[0]
                leads[name, method] = where or answer.status_code
    upload = leads.pop(("participants:upload_create", "post"))
    assert upload == 400  # before it looks at the visitor; see the next test
    assert {name for name, _ in leads} > {"voters:contest", "voters:vote", "participants:submit"}
    inside = {name: where for name, where in leads.items() if name[0] not in DOORS}
    assert set(inside.values()) == {door(contest)}


def test_no_upload_begins_outside(client, contest):
    path = reverse("participants:upload_create", args=[contest.url])
    answer = client.post(path, {"filename": "a.mp4", "size": 9}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "entrance_needed")


def test_the_door_tells_the_name_and_no_more(client, contest, entry):
    answer = client.get(entry.get_absolute_url(), follow=True)
    page = answer.text
    assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex")
    assert ("Films" in page, "Ours" in page, "The sea" in page) == (True, False, False)
    assert ("og:title" in page, "og:image" in page, "og:description" in page) == (
        True,
        False,
        False,
    )


def test_one_comes_in_and_goes_where_one_wanted(client, contest, entry):
    asked = client.get(entry.get_absolute_url())
    came = client.post(asked["Location"], {"key": "swordfish"})
    assert came["Location"] == entry.get_absolute_url()
    page = client.get(came["Location"])
    assert page.status_code == 200
    assert ("The sea" in page.text, "og:video" in page.text) == (True, False)
    assert client.get(door(contest))["Location"] == contest.get_absolute_url()


def test_htmx_goes_to_the_door_as_a_whole(client, contest, entry):
    path = reverse("voters:vote", args=[contest.url, entry.pk])
    answer = client.post(path, {"value": "1"}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == door(contest)


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example/", "voters", "/\\evil.example", "/" * 9000]
)
def test_the_door_leads_nowhere_else(client, contest, wanted):
    came = enter(client, contest, "swordfish", "?" + urlencode({"next": wanted}))
    assert came["Location"] == contest.get_absolute_url()


def test_what_is_wrong_stays_typed(client, contest):
    answer = enter(client, contest, "<b>sword")
    assert answer.status_code == 422
    assert 'value="&lt;b&gt;sword"' in answer.text
    assert "neither the password nor a code" in answer.text


def test_guessing_ends_and_a_class_comes_in(client, contest, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"guess": "3/h/key"}
    code = make_code(contest, Code.Kind.ENTER)
    pupils = [Client(headers={"accept-language": "en"}) for _ in range(5)]
    assert [enter(each, contest, code.code).status_code for each in pupils] == [302] * 5
    for _ in range(3):
        enter(client, contest, "wrong")
    assert "too many requests" in enter(client, contest, "swordfish").text
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert enter(elsewhere, contest, "swordfish").status_code == 302
    code.refresh_from_db()
    assert code.uses == 5


def test_a_revoked_code_shuts_out_who_came_in_by_it(client, contest):
    code = make_code(contest, Code.Kind.ENTER)
    enter(client, contest, code.code)
    assert client.get(contest.get_absolute_url()).status_code == 200
    Code.objects.update(revoked_at=timezone.now())
    assert client.get(contest.get_absolute_url()).status_code == 302


def test_coming_in_changes_the_session_s_key(client, contest):
    client.post(reverse("set_language"), {"language": "en"})
    planted = client.cookies["sessionid"].value
    enter(client, contest, "swordfish")
    assert client.cookies["sessionid"].value != planted


def test_drafts_and_unknown_contests_are_none(client, contest):
    Contest.objects.update(announced_at=None)
    paths = [door(contest), contest.get_absolute_url(), "/concurso/nothing/entrar/"]
    assert [client.get(path).status_code for path in paths] == [404] * 3


def test_the_team_needs_no_key_and_the_front_page_tells_nothing(client, contest):
    assert "Films" not in client.get("/").text
    client.force_login(owner_of(contest))
    assert client.get(contest.get_absolute_url()).status_code == 200


def test_who_submitted_sees_their_own_page(client, contest, entry):
    assert client.get(entry.manage_url).status_code == 200


def test_a_public_contest_has_no_door(client):
    contest = make_contest()
    assert client.get(door(contest))["Location"] == contest.get_absolute_url()
