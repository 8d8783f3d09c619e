"""Changing a video on its private pages."""

import html
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from contests import reasons
from contests.models import Category, Entry, Moderation, Question, Rendition
from tests.contests.test_revising import VTT, poster_of
from tests.factories import make_contest, make_entry, make_ready_entry

pytestmark = pytest.mark.django_db


def shown(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(answer.content.decode())).split())


def post(client, entry, path, **fields):
    return client.post(f"{entry.manage_url}{path}/", fields)


def test_texts_answers_and_category_are_changed_on_one_form(client):
    entry = make_entry(title="Old")
    category = Category.objects.create(contest=entry.contest, name="Shorts")
    question = Question.objects.create(contest=entry.contest, text="Music?", required=True)
    typed = {"title": "New", "description": "Waves", "text_description": "The sea."}
    empty = post(client, entry, "cambiar", **typed)
    assert empty.status_code == 422
    assert empty.context["form"].errors == {
        each: ["This field is required."] for each in ("category", f"question_{question.pk}")
    }
    assert 'value="New"' in empty.content.decode()
    assert Entry.objects.get().title == "Old"
    typed |= {"category": str(category.pk), f"question_{question.pk}": "None"}
    assert post(client, entry, "cambiar", **typed)["Location"] == entry.manage_url
    page = shown(client.get(entry.manage_url))
    assert all(each in page for each in ("New", "Waves", "The sea.", "Shorts", "Music? None"))
    form = client.get(f"{entry.manage_url}cambiar/").context["form"]
    assert form[f"question_{question.pk}"].value() == "None"


def test_after_the_deadline_the_page_says_so_and_loses_nothing_typed(client):
    closed = timezone.now() - timedelta(minutes=1)
    entry = make_entry(make_contest(submissions_close=closed))
    assert "cambiar" not in client.get(entry.manage_url).content.decode()
    answer = client.get(f"{entry.manage_url}cambiar/")
    assert answer.status_code == 409
    assert reasons.text("closed_changes", "en") in shown(answer)
    answer = post(client, entry, "cambiar", title="A new title")
    assert answer.status_code == 409
    assert 'value="A new title"' in answer.content.decode()
    assert post(client, entry, "portada", number="1").status_code == 302
    assert reasons.text("closed_changes", "en") in shown(client.get(entry.manage_url))


def test_another_poster_is_chosen_and_shown_to_everybody(client):
    entry = make_ready_entry()
    assert b"portada" not in client.get(f"{entry.manage_url}cambiar/").content
    poster_of(entry, 1)
    chosen = Rendition.objects.get(kind=Rendition.Kind.POSTER, number=1)
    for number in ("", "x", "9" * 50, "7", "1"):
        assert post(client, entry, "portada", number=number).status_code == 302
    assert Entry.objects.get().poster == 1
    for page in (entry.manage_url, entry.get_absolute_url(), entry.contest.get_absolute_url()):
        assert f'poster="/media/{chosen.key}"' in client.get(page).content.decode() or (
            f'src="/media/{chosen.key}"' in client.get(page).content.decode()
        )


def test_captions_are_uploaded_played_and_removed(client):
    entry = make_ready_entry()
    file = SimpleUploadedFile("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n<b>Hola</b><script>\n")
    assert post(client, entry, "subtitulos", language="es", file=file).status_code == 302
    private = f"{entry.manage_url}subtitulos/es.vtt"
    public = f"{entry.contest.get_absolute_url()}subtitulos/{entry.pk}/es.vtt"
    for page, address in ((entry.manage_url, private), (entry.get_absolute_url(), public)):
        track = f'<track kind="captions" src="{address}" srclang="es" label="Español">'
        assert track in client.get(page).content.decode()
        answer = client.get(address)
        assert answer["Content-Type"] == "text/vtt; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer.content.startswith(b"WEBVTT")
        assert b"<script" not in answer.content
    post(client, entry, "subtitulos/es/borrar")
    assert [client.get(each).status_code for each in (private, public)] == [404, 404]


@pytest.mark.parametrize(
    "language,content,field,code",
    [
        ("es", b"no captions", "file", "captions_unreadable"),
        ("es", b"WEBVTT\n" * 100_000, "file", "captions_too_big"),
        ("es", b"", "file", ""),
        ("tlh", VTT, "language", ""),
    ],
)
def test_captions_that_are_refused_are_told_why(client, language, content, field, code):
    entry = make_entry()
    file = SimpleUploadedFile("a.srt", content)
    answer = post(client, entry, "subtitulos", language=language, file=file)
    assert (answer.status_code, list(answer.context["captions_form"].errors)) == (422, [field])
    if code:
        assert (
            answer.context["captions_form"]
            .errors["file"][0]
            .startswith(reasons.text(code, "en")[:20])
        )
    assert entry.captions.count() == 0


def test_captions_of_what_is_not_public_are_not_either(client):
    entry = make_ready_entry()
    entry.captions.create(language="es", text="WEBVTT\n")
    Entry.objects.update(moderation=Moderation.PENDING)
    public = f"{entry.contest.get_absolute_url()}subtitulos/{entry.pk}/es.vtt"
    assert client.get(public).status_code == 404
    assert client.get(f"{entry.manage_url}subtitulos/es.vtt").status_code == 200


@pytest.mark.parametrize(
    "moderation,words",
    [
        (Moderation.PENDING, "The organizer looks at your video before it is shown."),
        (Moderation.CHANGES, "The organizer asks you for changes"),
        (Moderation.REJECTED, "The organizer has not accepted your video"),
        (Moderation.APPROVED, "The organizer has approved your video."),
    ],
)
def test_what_the_team_said_stands_on_the_page(client, moderation, words):
    contest = make_contest(moderated=True)
    entry = make_ready_entry(contest, moderation=moderation, moderation_reason="No <logos>.")
    answer = client.get(entry.manage_url)
    assert words in shown(answer)
    told = moderation in {Moderation.CHANGES, Moderation.REJECTED}
    assert ("&lt;logos&gt;" in answer.content.decode()) == told
    link = f'href="{entry.get_absolute_url()}"'
    assert (link in answer.content.decode()) == (moderation == Moderation.APPROVED)


def test_changes_that_were_asked_for_are_sent_again(client):
    entry = make_entry(moderation=Moderation.CHANGES)
    assert "revisar" in client.get(entry.manage_url).content.decode()
    assert client.get(f"{entry.manage_url}revisar/").status_code == 405
    post(client, entry, "revisar")
    assert Entry.objects.get().moderation == Moderation.PENDING
    assert "revisar" not in client.get(entry.manage_url).content.decode()


def test_public_answers_stand_with_the_video_private_ones_do_not(client):
    entry = make_ready_entry(text_description="A ship sinks.")
    for text, public in (("Shown?", True), ("Hidden?", False)):
        question = Question.objects.create(contest=entry.contest, text=text, public=public)
        entry.answers.create(question=question, text=f"{text} answer")
    page = shown(client.get(entry.get_absolute_url()))
    found = re.findall(r"Shown\? answer|Hidden\?|A ship sinks\.", page)
    assert found == ["Shown? answer", "A ship sinks."]


@pytest.mark.parametrize("path", ["cambiar", "portada", "revisar", "subtitulos"])
def test_unknown_tokens_are_404(client, path):
    assert client.post(f"/participar/unknown/{path}/").status_code == 404
