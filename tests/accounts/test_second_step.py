"""Signing in with a second step, through the pages, with codes as an app computes them."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_user
from tests.staff import SECRET, add_second_step, code, make_staff

pytestmark = pytest.mark.django_db
FLEET, ADMIN = reverse("ops:fleet"), "/ops/admin/"
ASKED = f"{reverse('mfa_reauthenticate')}?next=%2Fops%2F"


def log_in(client, person):
    """Type e-mail and password; return where that leads."""
    typed = {"login": person.email, "password": PASSWORD}
    return client.post(reverse("account_login"), typed)["Location"]


def type_code(client, typed, page="mfa_authenticate"):
    """Type a code; return where that leads, or the field's errors."""
    answer = client.post(reverse(page), {"code": typed, "next": FLEET})
    return answer.get("Location") or dict(answer.context["form"].errors)


WRONG = {
    "code": ["This code is not right, or was used already. Type the one that the app shows now."]
}


class TestSetUp:
    def test_staff_are_led_to_it_and_back(self, client):
        person = make_staff()
        assert log_in(client, person) == reverse("organizers:contests")
        answer = client.get(f"{ADMIN}contests/entry/?o=1", follow=True)
        password, setting_up = [path for path, _ in answer.redirect_chain][::-1]
        assert setting_up == reverse("mfa_activate_totp")
        typed = {"password": PASSWORD, "next": setting_up}
        page = client.post(password, typed, follow=True)
        secret = page.context["form"].secret
        assert page.content.decode().count(f'<code class="secret">{secret}</code>') == 1
        answer = client.post(setting_up, {"code": code(secret)})
        assert answer["Location"] == reverse("mfa_view_recovery_codes")
        codes = client.get(answer["Location"])
        back = f'href="{ADMIN}contests/entry/?o=1"'
        assert codes.content.decode().count(back) == 1
        # The code of the set-up was its first use.
        assert client.get(f"{ADMIN}contests/entry/?o=1").status_code == 200
        assert client.get(codes.request["PATH_INFO"]).content.decode().count(back) == 0

    def test_a_wrong_code_sets_nothing_up(self, client):
        client.force_login(make_user())
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        shown = client.get(reverse("mfa_activate_totp")).context["form"].secret
        page = client.post(reverse("mfa_activate_totp"), {"code": code(shown, at=0)})
        assert dict(page.context["form"].errors) == WRONG
        assert page.context["form"].secret == shown  # the picture that was scanned stays
        assert not Authenticator.objects.exists()

    def test_nobodys_secret_can_be_read_in_the_database(self):
        app = add_second_step(make_user())
        assert [SECRET in str(each.data) for each in Authenticator.objects.all()] == [False] * 2
        assert app.wrap().validate_code(code())

    def test_after_a_change_of_the_key_no_code_is_right_and_no_page_fails(self, client, settings):
        person = make_staff()
        add_second_step(person)
        settings.SECRET_KEY = "another"
        assert log_in(client, person) == reverse("mfa_authenticate")
        assert type_code(client, code()) == WRONG


class TestSignIn:
    @pytest.fixture
    def person(self):
        person = make_staff()
        add_second_step(person)
        return person

    def test_takes_password_and_code(self, client, person):
        assert log_in(client, person) == reverse("mfa_authenticate")
        assert client.get(FLEET).status_code == 404  # not signed in yet
        assert type_code(client, "000000" if code() != "000000" else "000001") == WRONG
        assert client.get(FLEET).status_code == 404
        assert type_code(client, code()) == FLEET
        assert [client.get(path).status_code for path in (FLEET, ADMIN)] == [200, 200]

    def test_a_code_is_good_once(self, client, person):
        log_in(client, person)
        once = code()
        assert type_code(client, once) == FLEET
        other = Client(headers={"accept-language": "en"})
        log_in(other, person)
        # Had half a minute passed since, it would be no code any more.
        assert type_code(other, once) == WRONG

    def test_a_recovery_code_is_good_once(self, client, person):
        spare = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
        log_in(client, person)
        assert type_code(client, spare) == FLEET
        assert client.get(FLEET).status_code == 200
        other = Client(headers={"accept-language": "en"})
        log_in(other, person)
        assert type_code(other, spare) == WRONG

    def test_guessing_ends(self, client, person):
        log_in(client, person)
        told = [type_code(client, "guess")["code"][0] for _ in range(6)]
        assert told == WRONG["code"] * 5 + ["Too many failed login attempts. Try again later."]
        assert type_code(client, code()) != FLEET

    def test_a_password_is_not_enough_once_there_is_an_app(self, client, person):
        client.force_login(person)  # a session that began before the app was set up
        assert client.get(FLEET)["Location"] == ASKED
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert client.get(FLEET)["Location"] == ASKED
        for page in ("deactivate_totp", "view_recovery_codes", "generate_recovery_codes"):
            path = reverse(f"mfa_{page}")
            asked = f"{reverse('mfa_reauthenticate')}?next={path.replace('/', '%2F')}"
            assert client.get(path)["Location"] == asked
        assert client.post(reverse("mfa_deactivate_totp"))["Location"] == ASKED
        assert Authenticator.objects.count() == 2
        assert type_code(client, code(), "mfa_reauthenticate") == FLEET
        assert client.get(FLEET).status_code == 200

    def test_what_a_removed_app_opened_is_shut_when_there_is_a_new_one(self, client, person):
        log_in(client, person)
        type_code(client, code())
        Authenticator.objects.all().delete()
        add_second_step(person)
        assert client.get(FLEET)["Location"] == ASKED

    def test_no_cookie_but_the_sessions_and_the_forms(self, client, person):
        log_in(client, person)
        type_code(client, code())
        client.get(ADMIN)
        assert set(client.cookies) <= {"sessionid", "csrftoken"}


def test_whoever_likes_turns_it_off_again(client):
    person = make_user()
    add_second_step(person)
    log_in(client, person)
    type_code(client, code())
    cache.clear()  # the same code within its half minute
    off = reverse("mfa_deactivate_totp")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(off)["Location"] == reverse("mfa_index")
    assert not Authenticator.objects.exists()
    client.logout()
    assert log_in(client, person) == reverse("organizers:contests")


def test_ops_help_who_has_lost_everything(client):
    person = make_staff("ada@example.org")
    add_second_step(person)
    call_command("second_step", remove="Ada@example.org", stdout=StringIO())
    assert log_in(client, person) == reverse("organizers:contests")
    assert client.get(FLEET)["Location"] == reverse("mfa_activate_totp")
    with pytest.raises(CommandError, match="nobody with this address has a second step"):
        call_command("second_step", remove="ada@example.org")
