"""Saving a contest with its image."""

import io

import pytest
from django.core.exceptions import ValidationError

from backends import storage, storage_folder
from contests.editing import save_contest
from contests.images import BadImage
from contests.models import Contest
from tests.factories import make_contest, picture

pytestmark = pytest.mark.django_db


def files() -> list[str]:
    folder = storage_folder.path_of(storage.new_key(storage.CONTEST_IMAGES, ".jpg")).parent
    return sorted(path.name for path in folder.glob("*"))


def image() -> io.BytesIO:
    return io.BytesIO(picture())


def test_a_new_image_takes_the_old_ones_place() -> None:
    contest = make_contest()
    save_contest(contest, image())
    first = contest.image_key
    save_contest(contest, image())
    stored = Contest.objects.get().image_key
    assert stored != first
    assert [f"contests/{name}" for name in files()] == [stored]


def test_removing_leaves_no_file() -> None:
    contest = make_contest()
    save_contest(contest, image())
    save_contest(contest, remove_image=True)
    assert (Contest.objects.get().image_key, files()) == ("", [])


def test_a_bad_image_changes_nothing() -> None:
    contest = make_contest(name="before")
    save_contest(contest, image())
    before = files()
    contest.name = "after"
    with pytest.raises(BadImage):
        save_contest(contest, io.BytesIO(b"no picture"))
    assert (Contest.objects.get().name, files()) == ("before", before)


def test_an_address_taken_in_the_meantime_is_told_at_its_field() -> None:
    make_contest(url="taken")
    contest = make_contest()
    save_contest(contest, image())
    before = files()
    contest.url = "taken"
    with pytest.raises(ValidationError) as caught:
        save_contest(contest, image())
    assert list(caught.value.message_dict) == ["url"]
    assert files() == before
    assert f"contests/{before[0]}" == contest.image_key
