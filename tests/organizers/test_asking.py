"""The settings of what a contest asks: rules, categories, questions."""

import pytest
from django.test import Client
from django.urls import reverse

from contests.models import Answer, Category, Contest, Member, Question, Role
from tests.factories import make_contest, make_entry, make_user, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest(client: Client) -> Contest:
    """A contest whose owner is logged in."""
    contest = make_contest(url="river")
    client.force_login(owner_of(contest))
    return contest


def path(name: str, *args: object) -> str:
    return reverse(f"organizers:{name}", args=["river", *args])


def rules(text: str, *consents: tuple[str, bool], seen: int) -> dict[str, object]:
    """The rules' form, filled in."""
    form: dict[str, object] = {"text": text, "seen": seen}
    form |= {"consents-TOTAL_FORMS": len(consents), "consents-INITIAL_FORMS": 0}
    for number, (consent, required) in enumerate(consents):
        form[f"consents-{number}-text"] = consent
        form |= {f"consents-{number}-required": "on"} if required else {}
    return form


def test_rules_are_written_and_shown_again(client: Client, contest: Contest) -> None:
    sent = rules("One.\r\nTwo.", ("It is mine.", True), ("", True), ("You may.", False), seen=0)
    assert client.post(path("rules"), sent).status_code == 302
    made = contest.rules.get()
    mine, may = {"text": "It is mine.", "required": True}, {"text": "You may.", "required": False}
    assert (made.text, made.consents) == ("One.\nTwo.", [mine, may])
    page = client.get(path("rules"))
    shown = [form.initial for form in page.context["consents"]]
    assert shown == [mine, may, {}]
    assert page.context["form"].initial == {"text": "One.\nTwo.", "seen": 1}
    assert [each.version for each in page.context["versions"]] == [1]


def test_somebody_elses_newer_rules_are_not_run_over(client: Client, contest: Contest) -> None:
    client.post(path("rules"), rules("Theirs.", seen=0))
    page = client.post(path("rules"), rules("Mine.", ("A", False), seen=0))
    assert "Somebody has saved version 1 in the meantime" in page.text
    assert page.context["form"]["text"].value() == "Mine."
    again = rules("Mine.", ("A", False), seen=int(page.context["form"]["seen"].value()))
    assert client.post(path("rules"), again).status_code == 302
    assert [each.text for each in contest.rules.order_by("version")] == ["Theirs.", "Mine."]


@pytest.mark.parametrize("odd", ["", "x", "99999"])
def test_a_broken_form_is_no_fault_of_ours(client, contest, odd) -> None:
    for field in ("consents-TOTAL_FORMS", "seen"):
        page = client.post(path("rules"), {**rules("Text", seen=0), field: odd})
        assert page.status_code == 200
    assert not contest.rules.exists()


def test_categories_are_added_renamed_moved_and_removed(client, contest) -> None:
    for name in ("Under 18", "Documentary"):
        assert client.post(path("categories"), {"name": name}).status_code == 302
    first, second = contest.categories.all()
    client.post(path("change_categories", first.pk), {"name": "Under 16"})
    client.post(path("move_categories", second.pk), {"to": "up"})
    assert [each.name for each in contest.categories.all()] == ["Documentary", "Under 16"]
    make_entry(contest, category=first)
    assert "1 video is in it." in client.get(path("remove_categories", first.pk)).text
    assert contest.categories.count() == 2
    client.post(path("remove_categories", first.pk))
    assert [each.name for each in contest.categories.all()] == ["Documentary"]


def test_a_category_of_the_same_name_is_explained(client, contest) -> None:
    client.post(path("categories"), {"name": "Under 18"})
    page = client.post(path("categories"), {"name": "Under 18"})
    assert page.context["form"].errors == {"name": ["There is a category of this name already."]}


def test_a_question_has_answers_to_choose_from(client: Client, contest: Contest) -> None:
    sent = {"text": "Made with?", "kind": "choice", "options": " A phone\r\n\r\nA camera\nA phone "}
    assert client.post(path("questions"), sent | {"required": "on"}).status_code == 302
    question = contest.questions.get()
    assert (question.options, question.required, question.public) == (
        ["A phone", "A camera"],
        True,
        False,
    )
    page = client.get(path("change_questions", question.pk))
    assert page.context["form"]["options"].value() == "A phone\nA camera"
    client.post(path("change_questions", question.pk), sent | {"kind": "line"})
    question.refresh_from_db()
    assert (question.kind, question.options) == ("line", [])


@pytest.mark.parametrize(
    "field, value, error",
    [
        ("text", "", "This field is required."),
        ("kind", "essay", "Select a valid choice. essay is not one of the available choices."),
        ("options", "only one", "Write at least two answers, one a line."),
        (
            "options",
            "x" * 201 + "\nb",
            "At most 30 answers, each of at most 200 characters.",
        ),
    ],
)
def test_mistakes_in_a_question_are_explained(client, contest, field, value, error) -> None:
    sent = {"text": "Made with?", "kind": "choice", "options": "a\nb"}
    page = client.post(path("questions"), {**sent, field: value})
    assert page.context["form"].errors[field] == [error]
    assert not contest.questions.exists()


def test_removing_a_question_says_how_many_answers_go(client: Client, contest: Contest) -> None:
    question = Question.objects.create(contest=contest, text="Which school?")
    Answer.objects.create(entry=make_entry(contest), question=question, text="Ours")
    page = client.get(path("remove_questions", question.pk)).text
    assert "1 answer to it is deleted, too, for ever." in page


@pytest.mark.parametrize("name", ["change", "move", "remove"])
def test_anothers_category_does_not_exist(client: Client, contest: Contest, name: str) -> None:
    theirs = Category.objects.create(contest=make_contest(), name="Theirs")
    mine = Category.objects.create(contest=contest, name="Mine")
    assert client.post(path(f"{name}_categories", theirs.pk), {"name": "x"}).status_code == 404
    moderator = make_user()
    Member.objects.create(contest=contest, user=moderator, role=Role.MODERATOR)
    client.force_login(moderator)
    assert client.post(path(f"{name}_categories", mine.pk), {"name": "x"}).status_code == 404
    assert sorted(each.name for each in Category.objects.all()) == ["Mine", "Theirs"]
