"""No cookie but those of session and CSRF; none at all for who only reads."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.factories import make_contest, make_ready_entry, make_user

pytestmark = pytest.mark.django_db

OURS = {"headers": {"origin": "http://testserver"}}
LOGIN, LANGUAGE = reverse("account_login"), reverse("set_language")


def spoken(page: HttpResponse) -> str:
    """The language that a response's headers name."""
    return page.headers["Content-Language"]


@pytest.fixture
def visitor() -> Client:
    """A browser that reads English; its forms are checked as those of real ones."""
    return Client(enforce_csrf_checks=True, headers={"accept-language": "en"})


def test_who_only_reads_gets_no_cookie(visitor):
    entry = make_ready_entry()
    contest = entry.contest.get_absolute_url()
    pages = ["/", contest, entry.get_absolute_url(), f"{contest}ranking/", f"{contest}bases/"]
    pages += [entry.manage_url, "/no/"]
    for page in pages:
        visitor.get(page)
    assert dict(visitor.cookies) == {}


def test_who_does_more_gets_those_of_session_and_csrf_only(visitor):
    entry = make_ready_entry()
    email = make_user(password="as long as it takes").email
    visitor.post(LANGUAGE, {"language": "es"}, **OURS)
    assert set(visitor.cookies) == {"sessionid"}
    visitor.get(LOGIN)
    visitor.get(f"{entry.contest.get_absolute_url()}participar/")
    about = {"login": email, "password": "as long as it takes"}
    token = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"].value}
    visitor.post(LOGIN, about | token)  # greets with a message
    for page in ("organizers:contests", "account_email", "account_logout"):
        assert visitor.get(reverse(page)).status_code == 200
    visitor.post(f"/concurso/{entry.contest.url}/votar/{entry.pk}/", {"value": "1"}, **OURS)
    assert set(visitor.cookies) == {"sessionid", "csrftoken"}


def test_a_form_without_a_token_counts_when_our_own_page_sent_it(visitor):
    entry = make_ready_entry()
    vote = reverse("voters:vote", args=[entry.contest.url, entry.pk])
    origins = ["http://testserver", "http://elsewhere.example", "null"]
    answers = [
        [visitor.post(path, {"value": "1"}, headers={"origin": o}).status_code for o in origins]
        for path in (vote, LANGUAGE, LOGIN)
    ]
    assert answers == [[200, 403, 403], [302, 403, 403], [403, 403, 403]]


def test_a_browser_that_tells_no_origin_succeeds_once_it_loads_the_page_again(visitor):
    entry = make_ready_entry()
    page, vote = (
        entry.get_absolute_url(),
        reverse("voters:vote", args=[entry.contest.url, entry.pk]),
    )
    assert "csrfmiddlewaretoken" not in visitor.get(page).content.decode()
    assert visitor.post(vote, {"value": "1"}).status_code == 403
    again = visitor.get(page).content.decode()
    token = again.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    asked = visitor.post(vote, {"value": "1", "csrfmiddlewaretoken": token})
    assert asked.status_code == 200


def test_the_chosen_language_outlives_signing_in_and_out(visitor):
    user, contest = make_user(), make_contest().get_absolute_url()
    assert spoken(visitor.get(contest)) == "en"
    visitor.post(LANGUAGE, {"language": "es"}, **OURS)
    visitor.force_login(user)
    assert spoken(visitor.get(reverse("organizers:contests"))) == "es"
    token = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"].value}
    visitor.post(reverse("account_logout"), token)
    assert visitor.get(reverse("organizers:contests")).status_code == 302
    assert spoken(visitor.get(contest)) == "es"


@pytest.mark.parametrize(
    "back, where",
    [
        ("/concurso/a/?page=2", "/concurso/a/?page=2"),
        ("//elsewhere.example/", "/"),
        ("https://elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_changing_the_language_leads_back_and_nowhere_else(client, back, where):
    assert client.post(LANGUAGE, {"language": "en", "next": back}).headers["Location"] == where


def test_a_language_that_we_do_not_speak_changes_nothing(client):
    client.post(LANGUAGE, {"language": "../../x"})
    assert dict(client.cookies) == {}
