"""Guessing passwords and flooding mailboxes end soon, whichever process is asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_user

ROOT = Path(__file__).resolve().parents[2]

# One web process: logs in as often as it is told, with the right or a wrong password, and prints
# what the page answered each time.
PROCESS = """
import sys
import django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()  # keeps what a page was made of
for password in sys.argv[2:]:
    page = Client().post("/cuenta/login/", {"login": sys.argv[1], "password": password})
    errors = page.context and page.context["form"].errors.as_data().get("__all__")
    print(errors[0].code if errors else page.status_code)
"""


@pytest.mark.django_db
def test_the_sixth_guess_at_a_password_is_not_looked_at(client: Client) -> None:
    make_user("ada@example.org")
    for _ in range(5):
        client.post(reverse("account_login"), {"login": "ada@example.org", "password": "wrong"})
    client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name, fields, allowed",
    [("account_signup", {}, 20), ("account_reset_password", {"email": "ada@example.org"}, 5)],
)
def test_a_page_asked_too_often_says_so(
    client: Client, name: str, fields: dict[str, str], allowed: int
) -> None:
    for _ in range(allowed):
        assert client.post(reverse(name), fields).status_code != 429
    page = client.post(reverse(name), fields)
    assert page.status_code == 429
    assert "Too many attempts" in page.content.decode()


@pytest.mark.slow
def test_the_count_holds_over_processes(tmp_path: Path) -> None:
    environment = os.environ | {
        "VIDEOSHARE_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "videoshare.settings",
        "PYTHONPATH": f"{ROOT / 'web'}:{ROOT}",
    }

    def run(*arguments: str) -> list[str]:
        result = subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout.split()

    for command in ("migrate", "createcachetable"):
        run(str(ROOT / "web/manage.py"), command, "--verbosity", "0")
    answers = run("-c", PROCESS, "ada@example.org", *["wrong"] * 3)
    answers += run("-c", PROCESS, "ada@example.org", *["wrong"] * 3)
    assert answers == ["email_password_mismatch"] * 5 + ["too_many_login_attempts"]
