"""Taking the entries along."""

import csv
import gc
import io
import json
import tracemalloc
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contests import exporting
from contests.models import Acceptance, Answer, Category, Contest, Member, Question, Role, Rules
from contests.voting import vote
from tests.factories import (
    make_contest,
    make_entry,
    make_ready_entry,
    make_user,
    make_voter,
    owner_of,
)
from tests.voters.test_order import many

pytestmark = pytest.mark.django_db


def export(client: Client, contest: Contest, form: str) -> str:
    answer: Any = client.post(f"/organizador/{contest.url}/exportar/{form}/")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


@pytest.fixture
def contest():
    return make_contest(name="Cámaras", url="camaras", zone="America/Bogota")


@pytest.fixture
def owner(contest):
    client = Client(headers={"accept-language": "en"})
    client.force_login(owner_of(contest))
    return client


def test_json_holds_all_that_is_known_and_nothing_that_opens_a_door(owner, contest):
    rules = Rules.objects.create(
        contest=contest,
        version=2,
        text="Be kind",
        consents=[{"text": "Mail", "required": False}, {"text": "Film", "required": True}],
    )
    asked = Question.objects.create(contest=contest, text="Which camera?")
    category = Category.objects.create(contest=contest, name="Short")
    entry = make_ready_entry(contest, title="Mar", category=category, seen=7)
    Answer.objects.create(entry=entry, question=asked, text="VHS")
    Acceptance.objects.create(entry=entry, rules=rules, consents=[1], accepted_at=timezone.now())
    vote(make_voter(contest), entry, 1, timezone.now())
    text = export(owner, contest, "json")
    told = json.loads(text)
    assert told["contest"] == {
        "name": "Cámaras",
        "address": "camaras",
        "zone": "America/Bogota",
        "questions": [{"id": asked.pk, "text": "Which camera?", "kind": "line"}],
    }
    [row] = told["entries"]
    assert row["submitted_at"].endswith("-05:00")
    shown = ("title", "category", "state", "votes_for", "votes_against", "shown", "rules_version")
    assert [row[name] for name in shown] == ["Mar", "Short", "succeeded", 1, 0, 7, 2]
    assert (row["consents"], row["answers"]) == (["Film"], {str(asked.pk): "VHS"})
    assert row["email"] == entry.email
    key = entry.published.renditions.first().key
    assert [each for each in (entry.manage_token, entry.upload.key, key) if each in text] == []


def test_a_table_reads_the_same_and_runs_no_formula(owner, contest):
    Question.objects.create(contest=contest, text="=1+1")
    nasty: dict[str, Any] = {
        "title": '=HYPERLINK("x")',
        "description": 'a "quoted"; line\nand, another',
        "first_name": "@SUM(A1)",
        "last_name": "-2+3",
    }
    make_entry(contest, **nasty)
    [row] = rows(export(owner, contest, "csv"))
    assert row["Title"] == '\'=HYPERLINK("x")'
    assert row["Description"] == nasty["description"]
    assert (row["Name"], row["Surname"], row["'=1+1"]) == ("'@SUM(A1)", "'-2+3", "")


def test_the_table_s_head_is_in_the_reader_s_language(contest):
    client = Client(headers={"accept-language": "es"})
    client.force_login(owner_of(contest))
    answer: Any = client.post("/organizador/camaras/exportar/csv/")
    head = next(iter(answer.streaming_content)).decode()
    assert head.startswith("\ufeffNúmero,Página,Título,")
    assert answer["Content-Disposition"] == 'attachment; filename="camaras.csv"'


def test_moderators_get_no_addresses_and_others_nothing(contest):
    entry = make_entry(contest)
    moderator, stranger = make_user(), make_user()
    Member.objects.create(contest=contest, user=moderator, role=Role.MODERATOR)
    client = Client(headers={"accept-language": "en"})
    client.force_login(moderator)
    for form in ("csv", "json"):
        assert entry.email not in export(client, contest, form)
    assert "E-mail" not in rows(export(client, contest, "csv"))[0]
    client.force_login(stranger)
    assert client.post("/organizador/camaras/exportar/csv/").status_code == 404


def test_it_leaves_a_note_and_no_link_starts_it(owner, contest):
    export(owner, contest, "csv")
    event = contest.events.get()
    assert (event.action, event.detail) == ("contest_exported", {"form": "csv"})
    assert event.user == owner_of(contest)
    assert owner.get("/organizador/camaras/exportar/csv/").status_code == 405
    assert owner.post("/organizador/camaras/exportar/xls/").status_code == 404


def test_memory_and_queries_stay_flat(contest, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(exporting, "_AT_ONCE", 50)

    def peak() -> int:
        tracemalloc.start()
        count = 0
        for count, _ in enumerate(exporting.entries(contest, emails=True), 1):
            # Django's rows and what belongs to them hold each other, until Python looks.
            count % 50 or gc.collect()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == contest.entries.count()
        return peak

    many(contest, 100)
    peak()  # what is loaded once
    few = peak()
    many(contest, 900)
    assert peak() < 1.5 * few
    # For each fifty: entries, answers, acceptances; the questions, and that nothing follows.
    with django_assert_max_num_queries(20 * 3 + 3):
        peak()
