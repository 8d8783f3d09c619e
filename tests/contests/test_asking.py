"""Categories and questions: their order, and what goes with them."""

import pytest
from django.core.exceptions import ValidationError

from contests import asking
from contests.models import Answer, Category, Event, Question
from tests.factories import make_contest, make_entry, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest():
    """A contest with three categories; another contest has one, too."""
    contest, other = make_contest(), make_contest()
    for name in "ABC":
        asking.add(Category(contest=contest, name=name), owner_of(contest))
    asking.add(Category(contest=other, name="A"), owner_of(other))
    Event.objects.all().delete()
    return contest


def names(contest) -> str:
    return "".join(each.name for each in contest.categories.all())


@pytest.mark.parametrize(
    "name, up, expected",
    [("A", True, "ABC"), ("A", False, "BAC"), ("B", True, "BAC"), ("C", False, "ABC")],
)
def test_one_moves_by_a_place_and_the_ends_stay(contest, name, up, expected):
    asking.move(contest.categories.get(name=name), owner_of(contest), up=up)
    assert names(contest) == expected
    told = list(Event.objects.values_list("action", "detail"))
    moved = [("category_moved", {"name": name, "up": up})] if expected != "ABC" else []
    assert told == moved


def test_equal_positions_move_as_well(contest):
    contest.categories.update(position=0)
    asking.move(contest.categories.get(name="C"), owner_of(contest), up=True)
    assert names(contest) == "ACB"


def test_a_name_that_is_taken_is_told_at_its_field(contest):
    by = owner_of(contest)
    with pytest.raises(ValidationError) as added:
        asking.add(Category(contest=contest, name="B"), by)
    renamed = contest.categories.get(name="C")
    renamed.name = "B"
    with pytest.raises(ValidationError) as changed:
        asking.change(renamed, by, ["name"])
    texts = {"name": ["There is a category of this name already."]}
    assert added.value.message_dict == changed.value.message_dict == texts
    assert names(contest) == "ABC"


def test_there_is_an_end(contest, monkeypatch):
    monkeypatch.setattr(asking, "MOST", 3)
    with pytest.raises(ValidationError, match="There is no room for more"):
        asking.add(Category(contest=contest, name="D"), owner_of(contest))


def test_a_change_is_told_and_none_is_not(contest):
    category = contest.categories.get(name="A")
    asking.change(category, owner_of(contest), ["name"])
    category.name = "Z"
    asking.change(category, owner_of(contest), ["name"])
    told = list(Event.objects.values_list("action", "detail"))
    assert told == [("category_changed", {"name": "Z", "changes": {"name": ["A", "Z"]}})]
    assert names(contest) == "ZBC"


def test_removing_a_category_leaves_its_entries(contest):
    category = contest.categories.get(name="B")
    entry = make_entry(contest, category=category)
    asking.remove(category, owner_of(contest))
    entry.refresh_from_db()
    assert (names(contest), entry.category) == ("AC", None)
    told = list(Event.objects.values_list("action", "detail"))
    assert told == [("category_removed", {"name": "B"})]


def test_removing_a_question_takes_its_answers(contest):
    question = Question(contest=contest, text="Which school?")
    asking.add(question, owner_of(contest))
    Answer.objects.create(entry=make_entry(contest), question=question, text="Ours")
    asking.remove(question, owner_of(contest))
    assert not Answer.objects.exists()
