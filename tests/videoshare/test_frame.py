"""The frame around every page, and what our content security policy asks of the templates."""

import re
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.factories import make_user
from videoshare import errors

WEB = Path(__file__).resolve().parents[2] / "web"
TEMPLATES = sorted(path for path in WEB.glob("*/templates/**/*.html") if "mail" not in path.parts)
LOGIN = reverse("account_login")

# Each would be blocked in the browser, silently.
FORBIDDEN = re.compile(
    r"""\sstyle=|<style(?! nonce="{{ request.csp_nonce }}")|<script(?![^>]*\bsrc=)"""
    r"""|\son[a-z]+=["']|\shx-on|javascript:""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_template_has_inline_style_or_script(path: Path) -> None:
    assert FORBIDDEN.findall(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        "<style>",
        '<style nonce="x">',
        "<script>alert(1)</script>",
        "<a onclick='x()'>",
        "<p hx-on:click='x'>",
    ],
)
def test_the_check_above_finds_something(text: str) -> None:
    assert len(FORBIDDEN.findall(text)) == 1


@pytest.mark.django_db
def test_a_page_speaks_the_readers_language_and_spanish_else() -> None:
    languages = {
        header: re.findall(
            r'<html lang="(\w+)"',
            Client().get(LOGIN, headers={"accept-language": header}).content.decode(),
        )
        for header in ("en-GB,en;q=0.9", "es-CO", "de")
    }
    assert languages == {"en-GB,en;q=0.9": ["en"], "es-CO": ["es"], "de": ["es"]}


@pytest.mark.django_db
def test_the_language_is_changed_by_a_button_and_kept(client: Client) -> None:
    response = client.post(reverse("set_language"), {"language": "es", "next": f"{LOGIN}?x=1"})
    assert response.headers["Location"] == f"{LOGIN}?x=1"
    assert '<html lang="es">' in client.get(LOGIN).content.decode()


@pytest.mark.django_db
def test_the_header_follows_who_is_looking(client: Client) -> None:
    paths = (LOGIN, reverse("account_logout"), reverse("organizers:contests"))

    def links() -> list[bool]:
        text = client.get(reverse("account_reset_password")).content.decode()
        header = text[text.index("<header") : text.index("</header>")]
        return [f'"{path}"' in header for path in paths]

    assert links() == [True, False, False]
    client.force_login(make_user())
    assert links() == [False, True, True]


@pytest.mark.django_db
def test_a_form_without_its_token_is_asked_for_again() -> None:
    response = Client(enforce_csrf_checks=True, headers={"accept-language": "en"}).post(LOGIN, {})
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()


def test_the_page_for_our_own_faults_asks_the_database_nothing(rf: RequestFactory) -> None:
    response = errors.server_error(rf.get("/"))  # without the mark any query would fail
    assert response.status_code == 500
    assert b'class="site-header"' in response.content
