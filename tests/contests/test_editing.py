"""Saving a contest with its image."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from backends import storage, storage_folder
from contests.editing import announce, save_contest
from contests.images import BadImage
from contests.models import Contest, Event, Phase, Role
from tests.factories import make_contest, make_user, owner_of, picture

DATES = ("submissions_open", "submissions_close", "voting_open", "voting_close")

pytestmark = pytest.mark.django_db


def files() -> list[str]:
    folder = storage_folder.path_of(storage.new_key(storage.CONTEST_IMAGES, ".jpg")).parent
    return sorted(path.name for path in folder.glob("*"))


def image() -> io.BytesIO:
    return io.BytesIO(picture())


def test_a_new_image_takes_the_old_ones_place() -> None:
    contest = make_contest()
    save_contest(contest, owner_of(contest), image())
    first = contest.image_key
    save_contest(contest, owner_of(contest), image())
    stored = Contest.objects.get().image_key
    assert stored != first
    assert [f"contests/{name}" for name in files()] == [stored]


def test_removing_leaves_no_file() -> None:
    contest = make_contest()
    save_contest(contest, owner_of(contest), image())
    save_contest(contest, owner_of(contest), remove_image=True)
    assert (Contest.objects.get().image_key, files()) == ("", [])


def test_a_bad_image_changes_nothing() -> None:
    contest = make_contest(name="before")
    save_contest(contest, owner_of(contest), image())
    before = files()
    contest.name = "after"
    with pytest.raises(BadImage):
        save_contest(contest, owner_of(contest), io.BytesIO(b"no picture"))
    assert (Contest.objects.get().name, files()) == ("before", before)


def test_an_address_taken_in_the_meantime_is_told_at_its_field() -> None:
    make_contest(url="taken")
    contest = make_contest()
    save_contest(contest, owner_of(contest), image())
    before = files()
    contest.url = "taken"
    with pytest.raises(ValidationError) as caught:
        save_contest(contest, owner_of(contest), image())
    assert list(caught.value.message_dict) == ["url"]
    assert files() == before
    assert f"contests/{before[0]}" == contest.image_key


def test_who_makes_a_contest_owns_it_and_it_is_a_draft() -> None:
    organizer, like = make_user(), make_contest()
    dates = {f: getattr(like, f) for f in (*DATES, "zone")}
    contest = Contest(name="New", url="new", **dates)
    save_contest(contest, organizer)
    save_contest(contest, organizer)
    team = contest.team.values_list("user", "role")
    assert list(team) == [(organizer.pk, Role.OWNER)]
    assert contest.phase(timezone.now()) == Phase.DRAFT
    assert not contest.accepts_entries(timezone.now())
    assert not contest.accepts_votes(timezone.now())


def test_announcing_lets_the_public_in_once() -> None:
    contest = make_contest(announced_at=None)
    assert not Contest.objects.announced().exists()
    assert announce(contest, owner_of(contest))
    assert not announce(contest, owner_of(contest))
    assert Contest.objects.announced().get() == contest
    told = Event.objects.values_list("contest", "user", "actor", "action")
    assert list(told) == [(contest.pk, owner_of(contest).pk, "team", "contest_announced")]
