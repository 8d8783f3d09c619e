import logging
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from videoshare.logs import HideTokens


@pytest.mark.parametrize(
    "path, told",
    [
        (reverse("participants:entry", args=["SECRET"]), "/participar/…/"),
        (reverse("participants:entry_status", args=["SECRET"]), "/participar/…/estado/"),
        (reverse("participants:upload_abort", args=["SECRET"]), "/uploads/…/"),
        (reverse("participants:upload_complete", args=["SECRET"]), "/uploads/…/complete/"),
        (reverse("participants:upload_receive", args=["SE:CR:ET"]), "/uploads/parts/…"),
        (reverse("voters:confirm", args=["SE:CR:ET"]), "/votar/confirmar/…/"),
        (reverse("account_confirm_email", args=["SE:CR:ET"]), "/cuenta/confirm-email/…/"),
        (
            reverse("account_reset_password_from_key", args=["1", "SECRET"]),
            "/cuenta/password/reset/key/…/",
        ),
        (reverse("participants:submit", args=["films"]), "/concurso/films/participar/"),
        (reverse("participants:upload_create", args=["films"]), "/concurso/films/uploads/"),
    ],
)
def test_addresses_of_private_pages_do_not_reach_the_log(path: str, told: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Gone: %s", (path,), None)
    assert HideTokens().filter(record)
    assert record.getMessage() == f"Gone: {told}"


def test_what_is_logged_goes_through_it() -> None:
    configured: Any = settings.LOGGING
    (handler,) = configured["root"]["handlers"]
    assert configured["handlers"][handler]["filters"] == ["tokens"]
