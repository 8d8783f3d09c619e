"""The team's list of a contest's videos: finding some among many, deciding on several at once."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contests import moderating, reasons, reporting
from contests.models import Category, Contest, Entry, Member, Moderation, Role, State
from contests.withdrawing import withdraw
from tests.factories import (
    make_contest,
    make_entry,
    make_ready_entry,
    make_upload,
    make_user,
    owner_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest(client: Client) -> Contest:
    """A contest whose owner is logged in."""
    contest = make_contest()
    client.force_login(owner_of(contest))
    return contest


def path(contest: Contest, name: str = "videos", *args: int) -> str:
    return reverse(f"organizers:{name}", args=[contest.url, *args])


def page(client: Client, contest: Contest, query: str = "", **headers: str) -> str:
    return client.get(path(contest) + query, headers=headers).text


def titles(client: Client, contest: Contest, query: str = "") -> list[str]:
    answer = client.get(path(contest) + query)
    return [row.entry.title for row in answer.context["rows"]]


def ticked(*entries: Entry) -> list[str]:
    return [f"{each.pk}:{moderating.version(each)}" for each in entries]


def decide(
    client: Client, contest: Contest, decision: str, *entries: Entry, reason: str = ""
) -> Any:
    data = {"decision": decision, "entry": ticked(*entries), "reason": reason}
    return client.post(path(contest) + "?q=a", data, follow=True)


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_shows_authors_to_their_team(client, contest):
    make_ready_entry(contest, title="The river", email="ada+river@example.org")
    text = page(client, contest)
    assert text.count("Ada Lovelace") == 1
    assert text.count('<a href="mailto:ada%2Briver@example.org">ada+river@example.org</a>') == 1


def test_what_authors_write_is_text_and_their_private_link_is_theirs(client, contest):
    entry = make_entry(contest, title="<script>alert(1)</script>", first_name="<b>Ada")
    for text in (page(client, contest), client.get(path(contest, "video", entry.pk)).text):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script>alert" not in text
        assert entry.manage_token not in text


def test_says_why_a_video_was_refused_in_the_readers_language(client, contest):
    make_entry(contest, state=State.FAILED, reason="no_video")
    assert "The file holds only sound." in page(client, contest)
    assert "El archivo solo tiene sonido." in page(client, contest, **{"accept-language": "es"})


def test_finds_by_decision_state_category_and_words(client, contest):
    category = Category.objects.create(contest=contest, name="Documental")
    make_ready_entry(contest, title="River", moderation=Moderation.PENDING)
    make_ready_entry(contest, title="Árbol", first_name="Íñigo", category=category)
    make_entry(contest, title="Half", state=State.RUNNING, email="half@example.org")
    withdrawn = make_ready_entry(contest, title="Gone")
    withdraw(withdrawn, timezone.now())
    make_ready_entry(title="Another contest's")
    expected = {
        "": ["Gone", "Half", "Árbol", "River"],
        "?moderation=pending": ["River"],
        "?moderation=approved": ["Half", "Árbol"],
        "?state=succeeded": ["Árbol", "River"],
        "?state=running": ["Half"],
        "?state=cancelled": ["Gone"],
        f"?category={category.pk}": ["Árbol"],
        "?q=arbol+INIGO": ["Árbol"],
        "?q=half@example": ["Half"],
        "?q=%25": [],
        "?q=river&moderation=approved": [],
    }
    assert {query: titles(client, contest, query) for query in expected} == expected


@pytest.mark.parametrize("query", ["?state=x", "?category=x", "?moderation=x&only=x", "?page=x"])
def test_what_makes_no_sense_is_left_out(client, contest, query):
    make_entry(contest, title="River")
    assert titles(client, contest, query) == ["River"]


def test_finds_what_was_reported_and_what_was_sent_twice(client, contest):
    first, second, other = (
        make_ready_entry(contest, title=title, upload=make_upload(contest, digest=digest * 64))
        for title, digest in (("One", "a"), ("Two", "a"), ("Three", "b"))
    )
    make_ready_entry(upload=make_upload(digest="b" * 64))  # in another contest
    make_ready_entry(contest, title="Not read yet")
    reporting.report(other, "spam", "")
    assert titles(client, contest, "?only=reported") == ["Three"]
    assert titles(client, contest, "?only=duplicates") == ["Two", "One"]
    twin = client.get(path(contest, "video", first.pk)).context["twins"]
    assert [row.entry for row in twin] == [second]


def test_decides_on_what_is_ticked_and_undoes_it(client, contest):
    first, second, kept = (make_ready_entry(contest) for _ in range(3))
    answer = decide(client, contest, "rejected", first, second, reason="Too long.")
    assert answer.redirect_chain == [(path(contest) + "?q=a", 302)]
    assert said(answer) == ["Rejected: 2 videos."]
    assert list(Entry.objects.public()) == [kept]
    [message] = answer.context["messages"]
    data = {"batch": message.extra_tags, "back": path(contest) + "?q=a"}
    assert answer.text.count(f'name="batch" value="{message.extra_tags}"') == 1
    answer = client.post(path(contest, "undo"), data, follow=True)
    assert answer.redirect_chain == [(data["back"], 302)]
    assert said(answer) == ["Taken back: 2 videos."]
    assert Entry.objects.public().count() == 3
    answer = client.post(path(contest, "undo"), data, follow=True)
    assert said(answer) == ["What has changed since can't be taken back any more."]


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/organizador/", "/x", ""])
def test_undoing_leads_nowhere_else(client, contest, back):
    answer = client.post(path(contest, "undo"), {"batch": "x", "back": back})
    assert answer.url == path(contest)


def test_nothing_typed_or_ticked_is_lost(client, contest):
    entry = make_ready_entry(contest, title="Alpha")
    answer = decide(client, contest, "rejected", entry, reason="  ")
    assert (answer.status_code, answer.context["problem"]) == (
        422,
        reasons.text("reason_needed", "en"),
    )
    assert answer.text.count(" checked>") == 1
    answer = decide(client, contest, "changes", reason="Blur the plate")
    assert answer.context["problem"] == reasons.text("nothing_ticked", "en")
    assert answer.text.count("Blur the plate</textarea>") == 1


def test_says_what_changed_in_the_meantime(client, contest):
    entry, other = make_ready_entry(contest), make_ready_entry(contest)
    decide(client, contest, "rejected", entry, reason="No.")
    answer = decide(client, contest, "rejected", entry, other, reason="No.")
    assert said(answer) == [
        "Rejected: 1 video.",
        "1 video stays as it is: it changed after you saw it, or stood like that already.",
    ]


@pytest.mark.parametrize("entry", ["x:pending.0", ":", "9" * 30, "-1:x"])
def test_bad_input_is_refused(client, contest, entry):
    make_entry(contest)
    assert client.post(path(contest), {"entry": entry, "decision": "approved"}).status_code == 400
    good = ticked(contest.entries.get())
    assert client.post(path(contest), {"entry": good, "decision": "x"}).status_code == 400


def test_moderators_may_and_others_find_nothing(client, contest):
    entry = make_ready_entry(contest)
    other = make_ready_entry()
    moderator = make_user()
    Member.objects.create(contest=contest, user=moderator, role=Role.MODERATOR)
    pages = {
        "videos": (),
        "video": (entry.pk,),
        "history": (),
    }
    client.force_login(moderator)
    assert said(decide(client, contest, "rejected", entry, reason="No.")) == ["Rejected: 1 video."]
    assert [client.get(path(contest, *each)).status_code for each in _flat(pages)] == [200] * 3
    assert client.get(path(contest, "video", other.pk)).status_code == 404
    client.force_login(owner_of(other.contest))
    assert [client.get(path(contest, *each)).status_code for each in _flat(pages)] == [404] * 3
    for name, args in (("videos", ()), ("undo", ()), ("dismiss", (entry.pk,))):
        data = {"entry": ticked(entry), "decision": "approved"}
        assert client.post(path(contest, name, *args), data).status_code == 404
    assert Client().get(path(contest)).status_code == 302


def _flat(pages: dict[str, tuple[int, ...]]) -> list[Any]:
    return [(name, *args) for name, args in pages.items()]


def queries(client: Client, contest: Contest, *where: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path(contest, *where)).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_grow(client, contest):
    entry = make_ready_entry(contest)
    before = queries(client, contest), queries(client, contest, "video", entry.pk)
    for _ in range(5):
        make_ready_entry(contest)
    assert (queries(client, contest), queries(client, contest, "video", entry.pk)) == before


def test_turns_pages(client, contest, monkeypatch):
    monkeypatch.setattr("organizers.moderation_views.VIDEOS_PER_PAGE", 2)
    for number in range(3):
        make_entry(contest, title=f"Video {number}.")
    assert titles(client, contest, "?page=2") == ["Video 0."]


def test_an_empty_list_says_what_to_do(client, contest):
    assert "Send people the contest's address" in page(client, contest)
    assert "No video fits what you look for." in page(client, contest, "?q=x")
