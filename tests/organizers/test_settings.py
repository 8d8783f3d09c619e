"""The pages of a contest's settings."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backends import storage_folder
from contests.models import Contest, Event
from contests.models.contest import Visibility
from tests.factories import make_contest, owner_of, picture

pytestmark = pytest.mark.django_db

BASICS = {"name": "Short films", "url": "river", "description": "", "contact": "", "accent": ""}
OPEN = {"visibility": "public", "max_entries": "", "max_seconds": "", "max_bytes": ""}
PRIVATE = {**OPEN, "visibility": "private"}


@pytest.fixture
def contest(client: Client) -> Contest:
    """A contest whose owner is logged in."""
    contest = make_contest(url="river")
    client.force_login(owner_of(contest))
    return contest


def send(client: Client, page: str, fields: dict[str, Any], **changes: Any) -> dict[str, list[str]]:
    """Send a page's form and return its errors; none when it was taken."""
    response = client.post(reverse(f"organizers:{page}", args=["river"]), fields | changes)
    if response.status_code == 302:
        return {}
    assert response.status_code == 200
    return dict(response.context["form"].errors)


def image(content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("poster.jpg", content or picture())


def test_basics_are_saved_and_the_address_moves(client: Client, contest: Contest) -> None:
    typed = {**BASICS, "url": "river-2", "contact": "+57 1 555", "accent": "0B6358"}
    assert send(client, "basics", typed) == {}
    row = Contest.objects.get()
    assert (row.name, row.url, row.contact) == ("Short films", "river-2", "+57 1 555")
    assert row.accent == "#0b6358"


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("name", "", "This field is required."),
        ("url", "nuevo", "This address is ours. Choose another."),
        ("accent", "green", "A colour looks like “#0b6358”."),
        ("accent", "#12345g", "A colour looks like “#0b6358”."),
    ],
)
def test_mistakes_are_explained_and_change_nothing(
    client: Client, contest: Contest, field: str, value: str, message: str
) -> None:
    assert send(client, "basics", BASICS, **{field: value}) == {field: [message]}
    row = Contest.objects.get()
    assert (row.name, row.url, row.accent) == (contest.name, "river", "")


def test_a_mistake_stays_on_the_page_below_the_contests_own_name(client, contest) -> None:
    response = client.post(reverse("organizers:basics", args=["river"]), {"name": "", "url": "B d"})
    assert response.context["contest"].name == contest.name
    assert response.context["form"]["url"].value() == "B d"


@pytest.mark.parametrize("name", ["image", "logo"])
def test_a_picture_is_stored_replaced_and_removed(client, contest, name: str) -> None:
    keys = []
    for changes in ({name: image()}, {name: image()}, {}):  # no new file: the picture stays
        assert send(client, "basics", BASICS, **changes) == {}
        keys.append(getattr(Contest.objects.get(), f"{name}_key"))
    assert keys[1] == keys[2] != keys[0]
    assert [storage_folder.path_of(key).exists() for key in keys] == [False, True, True]
    assert send(client, "basics", BASICS, **{f"remove_{name}": "on"}) == {}
    assert getattr(Contest.objects.get(), f"{name}_key") == ""
    assert not storage_folder.path_of(keys[1]).exists()


@pytest.mark.parametrize(
    "content, message",
    [
        (b"<svg onload='alert(1)'/>", "We can't read this as a picture."),
        (b"", "The file is empty. Choose another."),
        (b"x" * (10 * 1024**2 + 1), "The file is too big. Choose one of up to 10 MB."),
    ],
    ids=["svg", "empty", "big"],
)
def test_what_is_no_picture_is_explained_and_keeps_the_old_one(
    client: Client, contest: Contest, content: bytes, message: str
) -> None:
    send(client, "basics", BASICS, logo=image())
    key = Contest.objects.get().logo_key
    errors = send(client, "basics", BASICS, logo=SimpleUploadedFile("logo.png", content))
    assert {field: text[0][: len(message)] for field, text in errors.items()} == {"logo": message}
    assert Contest.objects.get().logo_key == key
    assert storage_folder.path_of(key).exists()


def test_a_picture_beside_a_mistake_has_to_be_chosen_again(client, contest) -> None:
    errors = send(client, "basics", BASICS, name="", image=image())
    assert errors["image"] == ["Choose the image again: files are not kept on an error."]


def test_limits_are_typed_as_people_say_them(client: Client, contest: Contest) -> None:
    typed = {"max_entries": "2", "max_seconds": "4:30", "max_bytes": "500"}
    assert send(client, "taking_part", OPEN, **typed, moderated="on") == {}
    row = Contest.objects.get()
    assert (row.max_entries, row.max_seconds, row.max_bytes) == (2, 270, 500 * 1024**2)
    assert (row.moderated, row.by_invitation) == (True, False)
    form = client.get(reverse("organizers:taking_part", args=["river"])).context["form"]
    assert {name: str(form[name].value()) for name in typed} == typed
    assert send(client, "taking_part", OPEN) == {}
    row = Contest.objects.get()
    assert (row.max_entries, row.max_seconds, row.max_bytes) == (None, None, None)


@pytest.mark.parametrize(
    "typed, seconds", [("4", 240), ("0:59", 59), ("90:00", 5400), ("1:04:30", 3870)]
)
def test_lengths(client: Client, contest: Contest, typed: str, seconds: int) -> None:
    assert send(client, "taking_part", OPEN, max_seconds=typed) == {}
    assert Contest.objects.get().max_seconds == seconds


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("visibility", "", "This field is required."),
        ("max_entries", "0", "Ensure this value is greater than or equal to 1."),
        ("max_bytes", "9" * 5000, "Enter a whole number."),
        ("max_bytes", "99999999", "The site takes files of up to 2.0\xa0GB."),
        *(
            ("max_seconds", odd, "A length looks like “4:30”: minutes and seconds.")
            for odd in ("0", "4:61", "four", "-1", "٤:٣٠", "25:00:00", "1:2:3:4", "9" * 5000)
        ),
        ("new_password", "secret", "Only a private contest has a password."),
    ],
)
def test_what_cannot_be_meant_is_explained(client, contest, field, value, message) -> None:
    assert send(client, "taking_part", OPEN, **{field: value}) == {field: [message]}


def test_a_password_is_hashed_kept_changed_and_removed(client, contest) -> None:
    page = reverse("organizers:taking_part", args=["river"])
    for typed, known in (("open sesame", "open sesame"), ("", "open sesame"), ("tulips", "tulips")):
        assert send(client, "taking_part", PRIVATE, new_password=typed) == {}
        row = Contest.objects.get()
        assert (row.visibility, check_password(known, row.password)) == (Visibility.PRIVATE, True)
        assert [said for said in (known, row.password) if said in client.get(page).text] == []
    both = {"new_password": "another", "remove_password": "on"}
    text = ["Either a new password or none."]
    assert send(client, "taking_part", PRIVATE, **both) == {"remove_password": text}
    assert send(client, "taking_part", PRIVATE, remove_password="on") == {}
    assert Contest.objects.get().password == ""
    told = [each.detail["changes"] for each in Event.objects.order_by("pk")]
    visible = {"visibility": ["public", "private"]}
    assert told == [
        visible | {"password": [False, True]},
        {"password": [True, True]},
        {"password": [True, False]},
    ]


def test_a_password_that_is_refused_is_not_shown_again(client, contest) -> None:
    fields = {**OPEN, "new_password": "tulips"}
    response = client.post(reverse("organizers:taking_part", args=["river"]), fields)
    assert "tulips" not in response.text


def test_data_are_kept_so_long(client: Client, contest: Contest) -> None:
    assert send(client, "data", {"retention_days": "90", "contact": "ada@example.org"}) == {}
    row = Contest.objects.get()
    assert (row.retention_days, row.contact) == (90, "ada@example.org")
    text = ["Ensure this value is greater than or equal to 1."]
    assert send(client, "data", {"retention_days": "0"}) == {"retention_days": text}
