"""Creating a contest and changing its dates: what is stored, and what is said about mistakes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backends import storage, storage_folder
from contests.models import Contest
from organizers.dates_forms import DatesForm
from tests.factories import make_contest, make_user, owner_of, picture, store

pytestmark = pytest.mark.django_db

CREATE = reverse("organizers:create")
FIELDS = {
    "name": "Short films of the river",
    "url": "river-2026",
    "description": "Three minutes at most.",
    "visibility": "public",
    "zone": "America/Bogota",
    "submissions_open": "2026-05-01T08:00",
    "submissions_close": "2026-06-01T23:59",
    "voting_open": "2026-05-15T00:00",
    "voting_close": "2026-06-15T12:30",
}


@pytest.fixture
def organizer(client: Client) -> Client:
    """A browser in which an organizer is logged in."""
    client.force_login(make_user())
    return client


def send(client: Client, path: str = CREATE, **changes: Any) -> dict[str, list[str]]:
    """Send the form and return its errors; none when it was taken."""
    response = client.post(path, {**FIELDS, **changes})
    if response.status_code == 302:
        return {}
    assert response.status_code == 200
    return dict(response.context["form"].errors)


def test_stores_dates_in_utc(organizer: Client) -> None:
    assert send(organizer) == {}
    contest = Contest.objects.get()
    assert contest.submissions_open == datetime(2026, 5, 1, 13, 0, tzinfo=UTC)
    assert contest.submissions_close == datetime(2026, 6, 2, 4, 59, tzinfo=UTC)
    assert contest.voting_open == datetime(2026, 5, 15, 5, 0, tzinfo=UTC)
    assert contest.voting_close == datetime(2026, 6, 15, 17, 30, tzinfo=UTC)
    assert str(owner_of(contest).pk) == organizer.session["_auth_user_id"]


def test_shows_dates_again_as_they_were_typed(organizer: Client) -> None:
    send(organizer)
    form = organizer.get(reverse("organizers:dates", args=["river-2026"])).context["form"]
    shown = {name: form[name].value() for name in FIELDS if name.endswith(("open", "close"))}
    assert {name: f"{value:%Y-%m-%dT%H:%M}" for name, value in shown.items()} == {
        name: FIELDS[name] for name in shown
    }


def test_a_new_zone_moves_the_dates_with_its_clock(organizer: Client) -> None:
    send(organizer)
    path = reverse("organizers:dates", args=["river-2026"])
    assert send(organizer, path, zone="Europe/Madrid", grace_minutes="0") == {}
    assert Contest.objects.get().submissions_open == datetime(2026, 5, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("name", "", "This field is required."),
        ("name", "x" * 121, "Ensure this value has at most 120 characters (it has 121)."),
        (
            "url",
            "Río Grande",
            "Use small letters, digits and single hyphens, for example “short-films-2026”.",
        ),
        ("url", "nuevo", "This address is ours. Choose another."),
        (
            "zone",
            "Mars/Olympus",
            "Select a valid choice. Mars/Olympus is not one of the available choices.",
        ),
        ("visibility", "", "This field is required."),
        ("submissions_open", "", "This field is required."),
        ("submissions_open", "tomorrow", "Enter a valid date/time."),
        ("submissions_open", "2026-13-45T99:99", "Enter a valid date/time."),
        ("submissions_open", "2026-05-01T08:00Z", "Enter a valid date/time."),
        ("submissions_open", "0001-01-01T00:00", "Enter a valid date/time."),
        ("voting_close", "9999-12-31T23:59", "Enter a valid date/time."),
        ("submissions_close", "2026-05-01T08:00", "Must be after submissions open."),
        ("submissions_close", "2026-04-01T08:00", "Must be after submissions open."),
        ("voting_open", "2026-04-30T08:00", "Not before submissions open."),
        ("voting_close", "2026-05-31T08:00", "Not before submissions close."),
        ("voting_open", "2026-06-15T12:30", None),
    ],
)
def test_mistakes_are_explained_at_their_field(
    organizer: Client, field: str, value: str, message: str | None
) -> None:
    expected = {field: [message]} if message else {"voting_close": ["Must be after voting opens."]}
    assert send(organizer, **{field: value}) == expected
    assert Contest.objects.count() == 0


def test_an_hour_that_the_clocks_skip_is_explained(organizer: Client) -> None:
    errors = send(organizer, zone="Europe/Madrid", submissions_open="2026-03-29T02:30")
    text = "This hour does not exist in the time zone: its clocks are put forward then."
    assert errors == {"submissions_open": [text]}


def test_an_hour_that_comes_twice_is_the_first(organizer: Client) -> None:
    assert send(organizer, zone="Europe/Madrid", submissions_open="2025-10-26T02:30") == {}
    assert Contest.objects.get().submissions_open == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_a_taken_address_is_explained(organizer: Client) -> None:
    make_contest(url="river-2026")
    text = "Another contest already has this address. Choose another."
    assert send(organizer) == {"url": [text]}


def test_nothing_typed_is_lost_on_a_mistake(organizer: Client) -> None:
    response = organizer.post(CREATE, {**FIELDS, "url": "Not An Address"})
    form = response.context["form"]
    assert {name: form[name].value() for name in FIELDS} == {**FIELDS, "url": "Not An Address"}


def test_an_old_zone_name_stays_choosable() -> None:
    contest = make_contest(zone="US/Pacific")
    zone: Any = DatesForm(instance=contest).fields["zone"]
    assert zone.choices[-1] == ("UTC", [("UTC", "UTC"), ("US/Pacific", "US/Pacific")])


def test_deleting_asks_and_says_what_goes(organizer: Client) -> None:
    contest = make_contest(make_user(), image_key=storage.new_key(storage.CONTEST_IMAGES, ".jpg"))
    store(contest.image_key, picture())
    organizer.force_login(owner_of(contest))
    store(storage.new_key(storage.CONTEST_IMAGES, ".jpg"), picture())  # another's: it stays
    path = reverse("organizers:delete", args=[contest.url])
    text = organizer.get(path).content.decode()
    assert "0 videos, with what their authors wrote" in text
    assert Contest.objects.count() == 1
    response = organizer.post(path)
    assert response.headers["Location"] == reverse("organizers:contests")
    assert Contest.objects.count() == 0
    assert not storage_folder.path_of(contest.image_key).exists()
    assert organizer.post(path).status_code == 404


def test_dates_left_alone_stay_to_the_second(organizer: Client) -> None:
    second_time = datetime(2025, 10, 26, 1, 30, 15, 999, tzinfo=UTC)  # 2:30 for the second time
    contest = make_contest(zone="Europe/Madrid", submissions_open=second_time)
    organizer.force_login(owner_of(contest))
    path = reverse("organizers:dates", args=[contest.url])
    form = organizer.get(path).context["form"]
    shown = {name: form[name].value() for name in form.dates()}
    typed = {name: f"{value:%Y-%m-%dT%H:%M}" for name, value in shown.items() if value}
    assert send(organizer, path, **typed, zone="Europe/Madrid", grace_minutes="5") == {}
    stored = Contest.objects.get()
    assert [getattr(stored, name) for name in typed] == [getattr(contest, name) for name in typed]
    assert (stored.grace_minutes, stored.live_counts) == (5, False)
