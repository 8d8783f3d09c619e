"""Error pages: in the frame, in the visitor's language, and a short message for htmx."""

import pytest
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from videoshare.errors import bad_request, forbidden, not_found, server_error
from videoshare.urls import urlpatterns as ours

HTMX = {"HX-Request": "true"}


def fail(request: HttpRequest) -> None:
    raise {"400": BadRequest, "500": RuntimeError, "503": OperationalError}[request.GET["with"]]


urlpatterns = [*ours, path("fail/", fail)]
handler400, handler403, handler404, handler500 = bad_request, forbidden, not_found, server_error


@pytest.fixture
def client(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "address,status,title",
    [
        ("/nowhere/", 404, "There is nothing here"),
        ("/fail/?with=400", 400, "We did not understand that"),
        ("/fail/?with=500", 500, "Something went wrong on our side"),
        ("/fail/?with=503", 503, "We cannot do that right now"),
    ],
)
def test_an_error_has_a_page_in_the_frame_and_a_message_for_htmx(client, address, status, title):
    english = {"accept-language": "en"}
    page = client.get(address, headers=english)
    assert page.status_code == status
    assert f"<h1>{title}</h1>" in page.text
    assert '<header class="site-header">' in page.text
    message = client.get(address, headers=HTMX | english)
    assert message.status_code == status
    assert message.text.startswith(f'<p class="alert alert-error" role="alert">{title}. ')


def test_who_asks_for_json_gets_json_and_is_told_when_to_ask_again(client):
    headers = {"accept": "application/json", "accept-language": "en"}
    answer = client.get("/fail/?with=503", headers=headers)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    message = "We cannot do that right now. Please try again in a moment."
    assert answer.json() == {"code": "service_unavailable", "message": message}


def test_an_error_speaks_the_visitor_s_language(client):
    languages = {"en": 'lang="en"', "es": 'lang="es"', "fr": 'lang="es"'}
    for asked, answered in languages.items():
        assert answered in client.get("/nowhere/", headers={"accept-language": asked}).text


def test_an_unknown_host_is_refused_politely(client):
    response = client.get("/", headers={"host": "evil.example", "accept-language": "en"})
    assert response.status_code == 400
    assert "<h1>We did not understand that</h1>" in response.text


def test_an_unknown_host_is_refused_before_the_redirect_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_a_form_from_elsewhere_is_refused():
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    page = client.post("/idioma/setlang/", {"language": "es"})
    assert page.status_code == 403
    assert "<h1>Please send that again</h1>" in page.text
    message = client.post("/idioma/setlang/", {"language": "es"}, headers=HTMX)
    assert message.status_code == 403
    assert message.text.startswith('<p class="alert alert-error" role="alert">')


def test_the_last_page_needs_nothing(rf, monkeypatch):
    def broken(*args, **kwargs) -> None:
        raise OperationalError

    monkeypatch.setattr("videoshare.errors.render", broken)
    response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert response.text.startswith("<!doctype html>")
