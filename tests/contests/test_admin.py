"""The administration: who gets in, what it shows and hides, and what its actions do."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from contests import auditing, fleet, notifying, reporting, voting
from contests.models import (
    Code,
    Conversion,
    Entry,
    Event,
    Kind,
    Notification,
    Report,
    State,
    TeamInvitation,
    Upload,
    Voter,
)
from tests.factories import (
    make_contest,
    make_entry,
    make_ready_entry,
    make_user,
    make_voter,
    owner_of,
)
from tests.staff import SECRET, make_staff, sign_in

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")


def list_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


LISTS = [list_of(model) for model in admin.site._registry]


def make_everything(count: int = 1) -> None:
    """Rows in every table that the administration shows."""
    contest = make_contest()
    for number in range(count):
        entry, voter = make_ready_entry(contest), make_voter(contest)
        make_contest()
        voting.vote(voter, entry, 1, timezone.now())
        key = f"{Kind.CONFIRM_VOTE}:{entry.pk}"
        notifying.notify(Kind.READY, f"ready:{entry.pk}", entry=entry, language="es")
        notifying.notify(Kind.CONFIRM_VOTE, key, voter=voter, entry=entry, choice=-1, language="es")
        fleet.beat(f"w-{entry.pk}", 1)
        Code.objects.create(contest=contest, kind=Code.Kind.LATE, code=f"SECRETCODE{entry.pk}")
        reporting.report(entry, Report.Reason.SPAM, "look")
        auditing.record(contest, "approved", entry=entry, user=make_user())
        TeamInvitation.objects.create(contest=contest, email=f"new{number}@example.org")
        LogEntry.objects.create(user=make_staff(), action_flag=2, object_repr="x")


def act(client: Client, model, action: str, *rows, **more: str):
    typed = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(list_of(model), typed, follow=True)


def told(answer) -> list[str]:
    return [str(each) for each in answer.context["messages"]]


@pytest.fixture
def staff(client: Client) -> Client:
    sign_in(client)
    return client


class TestWhoGetsIn:
    @pytest.mark.parametrize("who", ["nobody", "an organizer", "an organizer with an app"])
    def test_for_others_there_is_no_such_page(self, client, who):
        row = make_entry()
        if who == "an organizer":
            client.force_login(owner_of(row.contest))
        elif who == "an organizer with an app":
            sign_in(client, owner_of(row.contest))
        paths = [INDEX, *LISTS, page_of(row), f"{INDEX}login/", f"{INDEX}no/such/page/"]
        paths += [f"{INDEX}jsi18n/", f"{INDEX}password_change/", f"{INDEX}logout/"]
        assert {client.get(path).status_code for path in paths} == {404}
        assert {client.post(path).status_code for path in paths} == {404}

    def test_staff_who_may_not_sign_in_any_more_are_out_at_once(self, staff):
        assert staff.get(INDEX).status_code == 200
        User.objects.update(is_active=False)
        assert staff.get(INDEX).status_code == 404

    def test_its_own_way_in_stays_shut(self, staff):
        person = make_staff()
        typed = {"username": person.email, "password": "correct horse battery"}
        assert staff.post(f"{INDEX}login/", typed).status_code == 404


class TestWhatItShows:
    def test_no_secret_on_any_page_and_no_address_in_any_list(self, client):
        person = sign_in(client, make_staff("boss@example.org", superuser=True))
        make_everything()
        secrets = {SECRET, *User.objects.values_list("password", flat=True)}
        secrets |= set(Entry.objects.values_list("manage_token", flat=True))
        secrets |= set(Upload.objects.values_list("token", flat=True))
        secrets |= set(Code.objects.values_list("code", flat=True))
        secrets |= set(TeamInvitation.objects.values_list("token", flat=True))
        secrets |= set(Notification.objects.values_list("dedup_key", flat=True))
        addresses = {*Entry.objects.values_list("email", flat=True)}
        addresses |= set(Voter.objects.values_list("email", flat=True))
        addresses |= set(User.objects.filter(is_staff=False).values_list("email", flat=True))
        seen = 0
        for model in admin.site._registry:
            text = client.get(list_of(model)).content.decode()
            assert [each for each in secrets | addresses if each in text] == []
            for row in model._default_manager.all():
                answer = client.get(page_of(row))
                text = answer.content.decode().replace(person.email, "")
                assert answer.status_code == 200
                assert [each for each in secrets if each in text] == []
                seen += 1
        assert seen == 19

    def test_nobody_learns_who_voted_for_what(self, staff):
        make_everything()
        entry = Entry.objects.get()
        page = staff.get(page_of(Voter.objects.get())).content.decode()
        assert (page.count(page_of(entry)), page.count(entry.title)) == (0, 0)
        mail = staff.get(page_of(Notification.objects.get(kind=Kind.CONFIRM_VOTE)))
        assert mail.content.decode().count(page_of(entry)) == 0
        assert "+1 −0" in staff.get(page_of(entry)).content.decode()

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_in_both_languages(self, staff, language):
        text = staff.get(INDEX, headers={"accept-language": language}).content.decode()
        assert text.count({"es": "Registro de cambios", "en": "Audit trail"}[language]) == 1

    def test_queries_do_not_grow_with_the_lists(self, staff):
        counts: list[list[tuple[str, int]]] = []
        for more in (2, 10):
            make_everything(more)
            staff.get(INDEX)  # remembers content types
            counts.append([])
            for path in LISTS:
                with CaptureQueriesContext(connection) as done:
                    assert staff.get(path).status_code == 200
                counts[-1].append((path, len(done)))
        assert counts[0] == counts[1]
        assert max(count for _, count in counts[0]) <= 10

    def test_nothing_is_added_deleted_or_changed(self, staff):
        make_everything()
        for model in admin.site._registry:
            row = model._default_manager.first()
            assert staff.get(f"{list_of(model)}add/").status_code == 404
            assert staff.post(page_of(row).replace("change", "delete")).status_code == 404
            if model is not User:
                assert staff.post(page_of(row), {"name": "x"}).status_code == 404


class TestActions:
    def test_try_again(self, staff):
        stuck = make_entry(state=State.DEAD).conversions.get()
        fine = make_entry(state=State.RUNNING).conversions.get()
        assert told(act(staff, Conversion, "try_again", stuck, fine)) == ["Queued again: 1 video."]
        stuck.refresh_from_db()
        assert stuck.state == State.QUEUED
        who = LogEntry.objects.values_list("user__is_staff", "object_id", "change_message")
        assert sorted(who) == sorted(
            (True, str(each.pk), "told to try again") for each in (stuck, fine)
        )

    def test_convert_again(self, staff):
        ready, busy = make_ready_entry(), make_entry(state=State.RUNNING)
        answer = act(staff, Entry, "convert_again", ready, busy)
        assert told(answer) == [f"{busy}: already on its way", "Queued again: 1 video."]
        assert ready.conversions.latest("pk").state == State.QUEUED
        assert [each.object_repr for each in LogEntry.objects.all()] == [str(ready)]

    def test_withdraw_asks_first(self, staff):
        entry = make_ready_entry()
        page = act(staff, Entry, "withdraw", entry).content.decode()
        assert page.count(f"{entry}: {entry.title}") == 1
        entry.refresh_from_db()
        assert entry.withdrawn_at is None
        answer = act(staff, Entry, "withdraw", entry, confirmed="yes")
        assert told(answer) == [f"{entry} is withdrawn."]
        entry.refresh_from_db()
        assert (entry.withdrawn_at is None, entry.published) == (False, None)
        assert [each.change_message for each in LogEntry.objects.all()] == ["withdrawn"]

        events = Event.objects.values_list("action", "actor", "user__is_staff")
        assert list(events) == [("entry_withdrawn", "staff", True)]

    def test_send_again(self, staff, mailoutbox, django_capture_on_commit_callbacks):
        lost, gone = make_entry(), make_entry(withdrawn_at=timezone.now())
        for entry in (lost, gone):
            notifying.notify(Kind.RECEIVED, f"r:{entry.pk}", entry=entry, language="es")
        mails = list(Notification.objects.order_by("pk"))
        Notification.objects.update(sent_at=timezone.now(), tries=1)
        with django_capture_on_commit_callbacks(execute=True):
            answer = act(staff, Notification, "send_again", *mails)
        assert told(answer) == ["1 mail is sent again."]
        assert [each.object_repr for each in LogEntry.objects.all()] == [str(mails[0])]
        assert [mail.to for mail in mailoutbox] == [[lost.email]]
        assert not Notification.objects.filter(sent_at=None).exists()
        Notification.objects.update(sent_at=None)  # on its way
        assert told(act(staff, Notification, "send_again", *mails)) == ["0 mails are sent again."]

    def test_a_result_that_stands_keeps_its_videos(self, staff):
        now = timezone.now()
        entry = make_ready_entry(make_contest(voting_close=now))
        answer = act(staff, Entry, "withdraw", entry, confirmed="yes")
        assert told(answer)[0].startswith(f"{entry}: Voting is over")
        assert not LogEntry.objects.exists()

    def test_asks_for_a_token(self, staff):
        careful = Client(enforce_csrf_checks=True)
        careful.cookies = staff.cookies
        make_entry(state=State.DEAD)
        answer = act(careful, Conversion, "try_again", Conversion.objects.get())
        assert answer.status_code == 403
        assert Conversion.objects.get().state == State.DEAD


class TestPeople:
    def test_staff_shut_somebody_out(self, staff):
        person = make_user()
        assert staff.post(page_of(person), forms(person)).status_code == 302
        person.refresh_from_db()
        assert (person.is_active, person.is_staff) == (False, False)  # on was typed for staff
        assert LogEntry.objects.get().object_repr == str(person)

    def test_only_superusers_make_and_change_staff(self, client, staff):
        other = make_staff()
        assert staff.post(page_of(other), forms(other)).status_code == 404
        boss = Client()
        sign_in(boss, make_staff(superuser=True))
        person = make_user()
        assert boss.post(page_of(person), forms(person, is_active="on")).status_code == 302
        person.refresh_from_db()
        assert (person.is_active, person.is_staff) == (True, True)


def forms(person: User, **more: str) -> dict[str, str]:
    """What the form of a person sends, their being staff ticked."""
    counts = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
    inside = ("emailaddress_set", "authenticator_set")
    parts = {f"{each}-{name}": number for each in inside for name, number in counts.items()}
    return {"is_staff": "on", **parts, **more}
