"""Saving a contest with its image."""

import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from backends import storage, storage_folder
from contests.editing import create_contest, save_contest
from contests.images import BadImage
from contests.models import Contest, Event, Phase, Role
from tests.factories import make_contest, make_ready_entry, make_user, owner_of, picture

DATES = ("submissions_open", "submissions_close", "voting_open", "voting_close")

pytestmark = pytest.mark.django_db


def files() -> list[str]:
    folder = storage_folder.path_of(storage.new_key(storage.CONTEST_IMAGES, ".jpg")).parent
    return sorted(path.name for path in folder.glob("*"))


def image() -> io.BytesIO:
    return io.BytesIO(picture())


def changes() -> list[dict[str, Any]]:
    told = Event.objects.filter(action="contest_changed").order_by("pk")
    return [detail["changes"] for detail in told.values_list("detail", flat=True)]


def test_a_new_image_takes_the_old_ones_place() -> None:
    contest = make_contest()
    save_contest(contest, owner_of(contest), (), {"image_key": image()})
    first = contest.image_key
    save_contest(contest, owner_of(contest), (), {"image_key": image()})
    stored = Contest.objects.get().image_key
    assert stored != first
    assert [f"contests/{name}" for name in files()] == [stored]


def test_removing_leaves_no_file() -> None:
    contest = make_contest()
    save_contest(contest, owner_of(contest), (), {"image_key": image()})
    save_contest(contest, owner_of(contest), (), {"image_key": None})
    assert (Contest.objects.get().image_key, files()) == ("", [])


def test_a_bad_image_changes_nothing() -> None:
    contest = make_contest(name="before")
    save_contest(contest, owner_of(contest), (), {"image_key": image()})
    before = files()
    contest.name = "after"
    pictures = {"image_key": image(), "logo_key": io.BytesIO(b"no picture")}
    with pytest.raises(BadImage) as caught:
        save_contest(contest, owner_of(contest), ["name"], pictures)
    assert str(caught.value) == "logo_key"
    assert (Contest.objects.get().name, files()) == ("before", before)


def test_an_address_taken_in_the_meantime_is_told_at_its_field() -> None:
    make_contest(url="taken")
    contest = make_contest()
    save_contest(contest, owner_of(contest), (), {"image_key": image()})
    before = files()
    contest.url = "taken"
    with pytest.raises(ValidationError) as caught:
        save_contest(contest, owner_of(contest), ["url"], {"image_key": image()})
    assert list(caught.value.message_dict) == ["url"]
    assert files() == before
    assert f"contests/{before[0]}" == contest.image_key


def test_who_makes_a_contest_owns_it_and_it_is_a_draft() -> None:
    organizer, like = make_user(), make_contest()
    dates = {f: getattr(like, f) for f in (*DATES, "zone")}
    contest = Contest(name="New", url="new", **dates)
    create_contest(contest, organizer)
    team = contest.team.values_list("user", "role")
    assert list(team) == [(organizer.pk, Role.OWNER)]
    assert contest.phase(timezone.now()) == Phase.DRAFT
    assert not contest.accepts_entries(timezone.now())
    assert not contest.accepts_votes(timezone.now())


def test_what_changed_is_told_and_secrets_are_not() -> None:
    contest = make_contest(name="Old", results_at=None)
    by = owner_of(contest)
    contest.name, contest.password = "New", "pbkdf2$hash"
    contest.results_at = contest.voting_close
    fields = ["name", "url", "password", "results_at"]
    assert save_contest(contest, by, fields, {"logo_key": image()})
    close = contest.voting_close.isoformat()
    told = {"name": ["Old", "New"], "password": [False, True], "logo_key": [False, True]}
    assert changes() == [told | {"results_at": [None, close]}]
    assert not save_contest(contest, by, fields)
    assert len(changes()) == 1


def test_only_the_named_fields_are_saved() -> None:
    contest = make_contest(name="before", description="before")
    stale = Contest.objects.get()
    Contest.objects.update(description="somebody else's")
    stale.name = "after"
    assert save_contest(stale, owner_of(contest), ["name"])
    row = Contest.objects.get()
    assert (row.name, row.description) == ("after", "somebody else's")


@pytest.mark.parametrize(
    "before, after, moves",
    [("public", "private", True), ("private", "unlisted", True), ("public", "unlisted", False)],
)
def test_files_move_with_who_may_see_them(before, after, moves) -> None:
    contest = make_contest(visibility=before)
    entry = make_ready_entry(contest)
    contest.visibility = after
    save_contest(contest, owner_of(contest), ["visibility"], {"logo_key": image()})
    entry.refresh_from_db()
    assert (entry.unplaced_since is not None) == moves
    assert contest.logo_key.startswith("private/") == (after == "private")
