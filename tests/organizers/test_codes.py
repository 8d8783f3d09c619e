"""The page of a contest's codes, its sheets and its table: owners only."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests import redeeming, voting
from contests.models import Choice, Code, Contest
from tests.factories import make_code, make_contest, make_member, make_ready_entry, owner_of

pytestmark = pytest.mark.django_db

PAGES = ("codes", "revoke_codes", "codes_table", "sheets")


@pytest.fixture
def contest() -> Contest:
    return make_contest(name="<Films>", zone="America/Bogota")


@pytest.fixture
def owner(client: Client, contest: Contest) -> Client:
    client.force_login(owner_of(contest))
    return client


def address(name: str, contest: Contest) -> str:
    return reverse(f"organizers:{name}", args=[contest.url])


def make(client: Client, contest: Contest, **fields: Any) -> Any:
    about = {"kind": "vote", "number": 2} | fields
    return client.post(address("codes", contest), about)


def test_codes_are_made_as_the_form_says(owner, contest):
    day = timezone.now().date() + timedelta(days=3)
    about = {"label": " 4b ", "max_uses": 5, "last_day": day.isoformat()}
    made = make(owner, contest, kind="enter", number=3, **about)
    assert made["Location"] == address("codes", contest)
    after = day + timedelta(days=1)
    midnight = datetime(after.year, after.month, after.day, 5, tzinfo=UTC)  # Bogotá's
    codes = contest.codes.values_list("kind", "label", "max_uses", "expires_at")
    assert list(codes) == [("enter", "4b", 5, midnight)] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 0},
        {"number": 1001},
        {"number": "many"},
        {"kind": "king"},
        {"max_uses": 0},
        {"last_day": "2020-01-01"},
        {"last_day": "9999-12-31"},
        {"label": "x" * 81},
    ],
)
def test_what_makes_no_sense_is_told_and_stays_typed(owner, contest, wrong):
    answer = make(owner, contest, **wrong)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(wrong))
    assert contest.codes.count() == 0


def listed(client: Client, contest: Contest, query: str = "") -> set[Code]:
    page = client.get(address("codes", contest) + query)
    return {code for code, _, _ in page.context["rows"]}


def test_codes_are_found_by_code_group_kind_and_state(owner, contest):
    vote = make_code(contest, Code.Kind.VOTE, code="ABCDE23456", label="Class 4b")
    late = make_code(contest, Code.Kind.LATE, label="Class 5a", revoked_at=timezone.now())
    make_code(make_contest())
    expected: dict[str, set[Code]] = {
        "": {vote, late},
        "?q=abcde-23456": {vote},
        "?q=class": {vote, late},
        "?q=5A": {late},
        "?kind=late": {late},
        "?state=good": {vote},
        "?q=x": set(),
    }
    assert {query: listed(owner, contest, query) for query in expected} == expected
    assert listed(owner, contest, "?kind=king&state=%00&page=x&q=%00") == {vote, late}


def test_the_list_takes_as_many_queries_for_many(owner, contest, django_assert_num_queries):
    for number in (1, 60):
        make(owner, contest, number=number)
        # Session, person, contest, count, codes, any, any to vote with; and the message of before.
        owner.get(address("codes", contest))
        with django_assert_num_queries(7):
            owner.get(address("codes", contest))


def test_a_lost_code_is_revoked_with_its_votes_after_a_question(owner, contest):
    entry = make_ready_entry(contest)
    lost, kept = (make_code(contest, Code.Kind.VOTE) for _ in range(2))
    for code in (lost, kept):
        voter = redeeming.voter_of(contest, code.code, timezone.now())
        voting.vote(voter, entry, 1, timezone.now())
    question = owner.get(address("revoke_codes", contest), {"code": lost.pk})
    assert "1 vote was cast with them. It is taken out" in question.text
    owner.post(address("revoke_codes", contest), {"code": lost.pk})
    assert [choice.ballot.voter.code for choice in Choice.objects.all()] == [kept]


@pytest.mark.parametrize("ids", [[], ["x"], ["9" * 5000], ["-1"], ["999"]])
def test_revoking_nothing_changes_nothing(owner, contest, ids):
    make_code(contest)
    for ask in (owner.get, owner.post):
        assert ask(address("revoke_codes", contest), {"code": ids}).status_code == 302
    assert contest.codes.filter(revoked_at=None).count() == 1


def test_the_table_is_harmless_and_tells_addresses(owner, contest, settings):
    settings.WEB_URL = "https://videoshare.example"
    make_code(contest, Code.Kind.VOTE, code="ABCDE23456", label='=cmd|"/c calc"!A1')
    answer = owner.get(address("codes_table", contest))
    _, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    where = f"https://videoshare.example/concurso/{contest.url}/codigo/#codigo=ABCDE-23456"
    label = '\'=cmd|"/c calc"!A1'
    assert row == ["ABCDE-23456", "Votes without an e-mail", label, "Good", "0", where]


def test_sheets_show_good_codes_in_groups_of_21(owner, contest):
    make(owner, contest, number=22, label="<b>4b")
    make_code(contest, Code.Kind.VOTE, revoked_at=timezone.now())
    page = owner.get(address("sheets", contest), {"kind": "vote"})
    assert [len(sheet) for sheet in page.context["sheets"]] == [21, 1]
    text = page.text
    assert (text.count('class="qrline"'), text.count("&lt;Films&gt;</p>")) == (22, 22)
    assert ("<b>4b" in text, "<Films>" in text) == (False, False)


def test_without_codes_the_sheets_say_so(owner, contest):
    assert "No code to print" in owner.get(address("sheets", contest)).text


def test_nobody_but_owners_gets_at_codes(client, contest):
    code = make_code(contest)
    strangers = [make_member(contest).user, owner_of(make_contest())]
    answers = []
    for person in strangers:
        client.force_login(person)
        answers += [client.get(address(name, contest)).status_code for name in PAGES]
        answers += [make(client, contest).status_code]
        revoke = client.post(address("revoke_codes", contest), {"code": code.pk})
        answers += [revoke.status_code]
    assert answers == [404] * 12
    assert contest.codes.get().revoked_at is None
