"""Changing an entry after it was submitted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contests import revising, withdrawing
from contests.models import Category, Entry, Event, Moderation, Question, Rendition
from contests.reasons import Refused
from tests.factories import make_contest, make_entry, make_ready_entry

pytestmark = pytest.mark.django_db

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"
DAY = timedelta(days=1)


def now():
    return timezone.now()


def refusal(action, *args):
    with pytest.raises(Refused) as refused:
        action(*args)
    return refused.value.code


def trail():
    return list(Event.objects.order_by("pk").values_list("action", "actor", "detail"))


def poster_of(entry, number):
    key = f"videos_image/{number:032x}.jpg"
    fields = {"codec": "mjpeg", "width": 1, "height": 1, "size": 1}
    kind = Rendition.Kind.POSTER
    entry.published.renditions.create(kind=kind, number=number, key=key, **fields)


def test_texts_and_answers_change_and_the_trail_says_which():
    entry = make_entry(title="Old", description="Same")
    category = Category.objects.create(contest=entry.contest, name="Shorts")
    first, second = (
        Question.objects.create(contest=entry.contest, text=each) for each in ("A?", "B?")
    )
    about = {"title": "New", "description": "Same", "category": category}
    assert revising.revise(entry, about, {first: "one", second: ""}, now()) is True
    assert revising.revise(entry, about, {first: "one", second: ""}, now()) is False
    assert revising.revise(entry, about, {first: "", second: "two"}, now()) is True
    entry.refresh_from_db()
    assert (entry.title, entry.category) == ("New", category)
    assert entry.edited_at is not None
    assert list(entry.answers.values_list("question", "text")) == [(second.pk, "two")]
    assert trail() == [
        ("entry_changed", "participant", {"changed": ["title", "category", "answers"]}),
        ("entry_changed", "participant", {"changed": ["answers"]}),
    ]


def test_nothing_changes_after_the_deadline_unless_the_team_asks():
    entry = make_ready_entry()
    poster_of(entry, 1)
    late = entry.contest.submissions_close
    for action, *given in (
        (revising.revise, {"title": "New"}, {}),
        (revising.choose_poster, 1),
        (revising.add_captions, "es", VTT),
        (revising.remove_captions, "es"),
    ):
        assert refusal(action, entry, *given, late) == "closed_changes"
    assert trail() == []
    Entry.objects.update(moderation=Moderation.CHANGES)
    assert revising.revise(entry, {"title": "New"}, {}, late) is True
    assert refusal(revising.revise, entry, {"title": "N"}, {}, late + DAY) == "closed_changes"


def test_what_was_withdrawn_never_changes():
    entry = make_entry()
    withdrawing.withdraw(entry, now())
    assert refusal(revising.revise, entry, {"title": "New"}, {}, now()) == "closed_changes"
    Entry.objects.all().delete()
    assert refusal(revising.revise, entry, {"title": "New"}, {}, now()) == "closed_changes"


def test_what_a_moderated_contest_approved_is_looked_at_again():
    entry = make_ready_entry(make_contest(moderated=True))
    [before] = Rendition.objects.filter(kind=Rendition.Kind.MP4).values_list("key", flat=True)
    assert revising.revise(entry, {"title": entry.title}, {}, now()) is False
    assert Entry.objects.public().count() == 1
    assert revising.revise(entry, {"title": "New"}, {}, now()) is True
    entry.refresh_from_db()
    assert entry.moderation == Moderation.PENDING
    [after] = Rendition.objects.filter(kind=Rendition.Kind.MP4).values_list("key", flat=True)
    assert (before.startswith("private/"), after.startswith("private/")) == (False, True)


@pytest.mark.parametrize("moderation", [Moderation.REJECTED, Moderation.CHANGES])
def test_a_change_alone_undoes_no_verdict(moderation):
    entry = make_entry(make_contest(moderated=True), moderation=moderation)
    revising.revise(entry, {"title": "New"}, {}, now())
    assert Entry.objects.get().moderation == moderation


def test_what_was_asked_for_is_sent_again_once():
    entry = make_entry(moderation=Moderation.CHANGES)
    assert [revising.send_again(entry, now()) for _ in range(2)] == [True, False]
    assert Entry.objects.get().moderation == Moderation.PENDING
    assert trail() == [("entry_sent_again", "participant", {})]
    Entry.objects.update(moderation=Moderation.REJECTED)
    assert revising.send_again(entry, now()) is False


def test_a_poster_is_one_of_those_that_were_made():
    entry = make_ready_entry()
    poster_of(entry, 1)
    assert [revising.choose_poster(entry, each, now()) for each in (2, 0, 1, 1, -1)] == [
        *(False, False, True, False, False)
    ]
    assert Entry.objects.get().poster == 1


def test_captions_come_replace_and_go():
    entry = make_entry()
    revising.add_captions(entry, "es", VTT, now())
    revising.add_captions(entry, "es", VTT.replace(b"Hello", b"Hola"), now())
    [captions] = entry.captions.all()
    assert "Hola" in captions.text
    assert refusal(revising.add_captions, entry, "en", b"\0", now()) == "captions_empty"
    assert [revising.remove_captions(entry, "es", now()) for _ in range(2)] == [True, False]
    assert [action for action, *_ in trail()] == [*["captions_added"] * 2, "captions_removed"]


def test_captions_in_no_more_languages_than_a_dozen():
    entry = make_entry()
    for number in range(revising.MOST_CAPTIONS):
        revising.add_captions(entry, f"l{number}", VTT, now())
    revising.add_captions(entry, "l0", VTT, now())
    assert refusal(revising.add_captions, entry, "es", VTT, now()) == "too_many_captions"
