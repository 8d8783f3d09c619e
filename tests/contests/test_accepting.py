"""What a contest asks of those who submit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from contests import accepting, redeeming, submitting, withdrawing
from contests.accepting import Given
from contests.models import Code, Entry, Question, State, Upload
from contests.reasons import Refused
from tests.factories import make_code, make_contest, make_entry, make_rules, make_upload

pytestmark = pytest.mark.django_db

ABOUT = {"title": "The sea", "first_name": "Ada", "email": "ada@example.org"}
HOUR = timedelta(hours=1)


def submit(contest, given=None, upload=None, now=None, **changes):
    upload = upload or make_upload(contest)
    about = {"language": "es", "now": now or timezone.now(), **ABOUT, **changes}
    return submitting.submit(contest, upload, given, **about)


def refusal(action, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        action(*args, **kwargs)
    return refused.value.code


def test_consents_and_answers_are_kept_with_the_version_that_was_shown():
    contest = make_contest()
    make_rules(contest)
    rules = make_rules(contest, ("I made it.", True), ("Write to me.", False), ("I am 18.", True))
    first, second = (Question.objects.create(contest=contest, text=text) for text in ("A?", "B?"))
    given = Given(rules, (2, 0), {first: "yes", second: ""})
    entry = submit(contest, given)
    [accepted] = entry.acceptances.all()
    assert (accepted.rules, accepted.consents) == (rules, [0, 2])
    assert list(entry.answers.values_list("question", "text")) == [(first.pk, "yes")]
    assert submit(contest, given, entry.upload) == entry
    assert entry.acceptances.count() == 1


def test_without_a_required_consent_there_is_no_entry():
    contest = make_contest()
    rules = make_rules(contest, ("Write to me.", False), ("I made it.", True))
    assert refusal(submit, contest, Given(rules, (0,))) == "consent_missing"
    assert Entry.objects.count() == 0


def test_rules_that_have_changed_must_be_accepted_anew():
    contest = make_contest()
    rules = make_rules(contest)
    make_rules(contest)
    for given in (Given(rules), Given(), None):
        assert refusal(submit, contest, given) == "rules_changed"


def test_no_more_videos_than_a_person_may_send():
    contest = make_contest(max_entries=2)
    kept = submit(contest)
    withdrawing.withdraw(submit(contest), timezone.now())
    make_entry(contest, email="ADA@example.org", state=State.FAILED)
    make_entry(contest, email="ADA@example.org", state=State.DEAD)
    assert refusal(submit, contest, email="Ada@Example.org") == "too_many_entries"
    assert submit(contest, email="other@example.org").pk
    assert submit(contest, email="adá@example.org").pk  # which databases take for ada
    assert submit(make_contest(max_entries=1)).pk
    withdrawing.withdraw(kept, timezone.now())
    assert submit(contest).pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["max_entries", "max_uses"])
def test_forms_sent_at_the_same_moment_find_one_place_only(by):
    contest = make_contest(max_entries=1 if by == "max_entries" else None)
    code = make_code(contest, max_uses=1) if by == "max_uses" else None
    uploads = [make_upload(contest) for _ in range(4)]
    start = threading.Barrier(4)

    def once(upload):
        start.wait()
        try:
            submit(contest, Given(code=code), upload)
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(once, uploads))
    no = "too_many_entries" if by == "max_entries" else "code_unknown"
    assert codes == ["", no, no, no]
    assert Entry.objects.count() == 1


def test_by_invitation_a_code_is_needed_and_counted():
    contest = make_contest(by_invitation=True)
    assert refusal(submit, contest) == "code_needed"
    code = make_code(contest, code="ABCD2345", max_uses=1)
    found = redeeming.find(contest, " abcd-2345 ", timezone.now(), Code.Kind.SUBMIT)
    entry = submit(contest, Given(code=found))
    code.refresh_from_db()
    assert (entry.code, code.uses) == (code, 1)
    assert refusal(submit, contest, Given(code=found)) == "code_unknown"
    assert Upload.objects.filter(entry=None).count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - HOUR},
        {"max_uses": 3, "uses": 3},
        {"kind": Code.Kind.VOTE},
    ],
)
def test_codes_that_open_nothing(fields):
    contest = make_contest()
    code = make_code(contest, **fields)
    assert refusal(redeeming.find, contest, code.code, timezone.now(), "submit") == "code_unknown"


def test_a_code_is_its_contests_alone():
    code = make_code(make_contest())
    other = make_contest()
    assert refusal(redeeming.find, other, code.code, timezone.now(), "submit") == "code_unknown"


def test_a_late_code_opens_the_contest_until_voting_ends():
    contest = make_contest()
    code = make_code(contest, Code.Kind.LATE, max_uses=1)
    late, over = contest.submissions_close + HOUR, contest.voting_close
    in_time = submitting.begin_upload(contest, "a.avi", 5, timezone.now(), code)
    assert in_time.late_code is None
    assert refusal(submitting.begin_upload, contest, "a.avi", 5, late) == "closed_submissions"
    assert refusal(submitting.begin_upload, contest, "a.avi", 5, over, code) == "closed_submissions"
    upload = submitting.begin_upload(contest, "a.avi", 5, late, code)
    Upload.objects.update(state=Upload.State.COMPLETE)
    assert refusal(submit, contest, upload=in_time, now=late) == "closed_submissions"
    assert refusal(submit, contest, upload=upload, now=over) == "closed_submissions"
    assert submit(contest, upload=upload, now=late).code == code
    assert accepting.takes_late(contest, timezone.now()) is False


def test_grace_is_for_what_was_begun_in_time():
    contest = make_contest(grace_minutes=30)
    close = contest.submissions_close
    upload = make_upload(contest, first_byte_at=close - timedelta(seconds=1))
    late = make_upload(contest, first_byte_at=close)
    grace, over = close + timedelta(minutes=29), close + timedelta(minutes=30)
    assert refusal(submit, contest, upload=make_upload(contest), now=grace) == "closed_submissions"
    assert refusal(submit, contest, upload=late, now=grace) == "closed_submissions"
    assert refusal(submit, contest, upload=upload, now=over) == "closed_submissions"
    assert submit(contest, upload=upload, now=grace).pk


def test_the_biggest_file_of_a_contest(settings):
    settings.MAX_UPLOAD_BYTES = 2000
    contest = make_contest(max_bytes=1000)
    now = timezone.now()
    assert refusal(submitting.begin_upload, contest, "a.avi", 1001, now) == "file_too_big"
    assert submitting.begin_upload(contest, "a.avi", 1000, now).size == 1000
    assert submitting.max_bytes(make_contest(max_bytes=3000)) == 2000
