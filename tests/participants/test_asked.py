"""What the organizer asks on the form: category, questions, rules; and the limits it tells."""

import html
import re

import pytest

from contests import reasons
from contests.models import Category, Entry, Question
from tests.factories import make_contest, make_rules, make_upload
from tests.participants.test_submit import errors, page, send

pytestmark = pytest.mark.django_db

Kind = Question.Kind
REQUIRED = ["This field is required."]


def ask(contest, kind=Kind.LINE, **fields):
    return Question.objects.create(contest=contest, text=f"{kind}?", kind=kind, **fields)


def name_of(question):
    return f"question_{question.pk}"


def words(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(answer.content.decode())).split())


def test_category_and_answers_of_every_kind_are_kept(client):
    contest = make_contest()
    category = Category.objects.create(contest=contest, name="Shorts")
    asked = [ask(contest, kind, options=["red", "blue"], required=True) for kind in Kind]
    typed = dict(zip(map(name_of, asked), ("one", "a\nlonger\ntext", "blue", "no"), strict=True))
    empty = send(client, contest, make_upload(contest))
    assert errors(empty) == dict.fromkeys(("category", *typed), REQUIRED)
    fields = {"category": category.pk, "text_description": "Waves, no words.", **typed}
    assert send(client, contest, make_upload(contest), **fields).status_code == 302
    entry = Entry.objects.get()
    assert (entry.category, entry.text_description) == (category, "Waves, no words.")
    assert dict(entry.answers.values_list("question__kind", "text")) == {
        Kind.LINE: "one",
        Kind.TEXT: "a\nlonger\ntext",
        Kind.CHOICE: "blue",
        Kind.YES_NO: "no",
    }


def test_answers_that_are_none_of_those_offered(client):
    contest, other = make_contest(), make_contest()
    Category.objects.create(contest=contest, name="Shorts")
    category = Category.objects.create(contest=other, name="Shorts")
    choice, both = ask(contest, Kind.CHOICE, options=["red"]), ask(contest, Kind.YES_NO)
    line = ask(contest)
    typed = {name_of(choice): "green", name_of(both): "perhaps", name_of(line): "x" * 201}
    answer = send(client, contest, make_upload(contest), category=category.pk, **typed)
    assert sorted(errors(answer)) == sorted(["category", *typed])
    assert "x" * 201 in answer.content.decode()
    assert Entry.objects.count() == 0


def test_what_need_not_be_answered_may_be_left_out(client):
    contest = make_contest()
    for kind in Kind:
        ask(contest, kind, options=["red"])
    assert send(client, contest, make_upload(contest)).status_code == 302
    assert Entry.objects.get().answers.count() == 0


def test_rules_are_read_and_accepted_on_the_form(client):
    contest = make_contest()
    rules = make_rules(contest, ("I made it.", True), ("Write to me.", False), text="<Be> kind.")
    shown = client.get(page(contest)).content.decode()
    found = re.findall("&lt;Be&gt; kind[.]|I made it[.]|Write to me[.]", shown)
    assert found == ["&lt;Be&gt; kind.", "I made it.", "Write to me."]
    required, optional = (f"consent_{rules.pk}_{place}" for place in (0, 1))
    answer = send(client, contest, make_upload(contest), rules=rules.pk, **{optional: "on"})
    assert errors(answer) == {required: ["You can only take part if you accept this."]}
    assert (
        send(client, contest, make_upload(contest), rules=rules.pk, **{required: "on"}).status_code
        == 302
    )
    [accepted] = Entry.objects.get().acceptances.all()
    assert (accepted.rules, accepted.consents) == (rules, [0])


def test_rules_changed_meanwhile_are_asked_about_again_and_nothing_is_lost(client):
    contest = make_contest()
    old, upload = make_rules(contest, ("I made it.", True)), make_upload(contest)
    new = make_rules(contest, ("I made all of it.", True))
    accepted = {"rules": old.pk, f"consent_{old.pk}_0": "on"}
    answer = send(client, contest, upload, **accepted)
    assert errors(answer) == {
        f"consent_{new.pk}_0": ["You can only take part if you accept this."],
        "__all__": [reasons.text("rules_changed", "en")],
    }
    text = answer.content.decode()
    assert f'name="rules" value="{new.pk}"' in text
    assert "Lovelace" in text
    again = {"rules": new.pk, f"consent_{new.pk}_0": "on"}
    assert send(client, contest, upload, **again).status_code == 302
    assert Entry.objects.get().acceptances.get().rules == new


def test_the_limits_are_told_before_a_file_is_chosen(client):
    contest = make_contest(max_entries=2, max_seconds=150, max_bytes=5_000_000, moderated=True)
    answer = client.get(page(contest))
    shown = words(answer)
    assert "2 at most" in shown
    assert "2:30 (minutes:seconds) at most" in shown
    assert "up to 4.8 MB" in shown.replace("\xa0", " ")
    assert "once the organizer has looked at it" in shown
    assert 'data-max-bytes="5000000"' in answer.content.decode()


def test_one_video_too_many_loses_nothing(client):
    contest = make_contest(max_entries=1)
    send(client, contest, make_upload(contest))
    upload = make_upload(contest)
    answer = send(client, contest, upload, email="ADA@example.org")
    assert errors(answer) == {"__all__": [reasons.text("too_many_entries", "en")]}
    assert upload.token in answer.content.decode()
