"""Finding one's videos again by a mailed link."""

import email as mails
import re

import pytest
from django.core import signing

from contests import mine, notifying, withdrawing
from contests.models import Entry, Notification
from tests.factories import make_contest, make_entry, make_ready_entry

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"


def ask(client, email=ADA):
    return client.post("/mis-videos/", {"email": email})


@pytest.fixture
def followed(client, settings):
    """The page that the mailed link leads to."""
    settings.EMAIL_BACKEND = "backends.mail.EmlBackend"

    def follow():
        Notification.objects.update(due_at=Notification.objects.get().created_at)
        assert notifying.send_due() == 1
        [path] = settings.MAIL_ROOT.glob("*.eml")
        text = mails.message_from_bytes(path.read_bytes(), policy=mails.policy.default)
        [link] = re.findall(r"\S+(/mis-videos/\S+)", text.get_body(("plain",)).get_content())
        assert ADA not in signing.b64_decode(link.split("/")[2].split(":")[0].encode()).decode()
        return client.get(link)

    return follow


def test_the_link_shows_the_videos_of_the_address_in_all_contests(client, followed):
    mine_all = [make_ready_entry(email=ADA), make_entry(make_contest(), email=ADA.upper())]
    withdrawing.withdraw(mine_all[0], mine_all[0].contest.submissions_open)
    for other in ("bob@example.org", "adá@example.org", ""):
        make_entry(email=other)
    assert ask(client, "Ada@Example.org").status_code == 200
    page = followed()
    links = re.findall(r'href="(/participar/[^"]+)"', page.content.decode())
    assert links == [each.manage_url for each in reversed(mine_all)]
    assert (page["X-Robots-Tag"], "no-store" in page["Cache-Control"]) == ("noindex", True)


def test_the_answer_is_the_same_for_any_address(client):
    make_entry(email=ADA)
    known, unknown = (ask(client, each) for each in (ADA, "nobody@example.org"))
    assert known.content == unknown.content
    assert known.status_code == unknown.status_code == 200
    [notification] = Notification.objects.all()
    assert notification.due_at > notification.created_at  # sent later, so that it takes no longer


@pytest.mark.parametrize("typed", ["", "ada", "a@b", "ada@exämple\u3002", "'@';--"])
def test_what_is_no_address_is_told(client, typed):
    answer = ask(client, typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["email"])


def test_nobodys_mailbox_is_flooded_and_strangers_learn_nothing(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"my_entries": "1/h/key"}
    make_entry(email=ADA)
    assert [ask(client, each).status_code for each in (ADA, ADA.upper())] == [200, 429]
    assert [ask(client, "nobody@example.org").status_code for _ in range(2)] == [200, 429]
    assert Notification.objects.count() == 1


def test_a_link_is_good_for_a_day(client, monkeypatch):
    entry = make_entry(email=ADA)
    address = mine.link(entry)
    assert client.get(address).status_code == 200
    monkeypatch.setattr(mine, "LINK_SECONDS", -1)
    answer = client.get(address)
    assert answer.status_code == 410
    assert b'name="email"' in answer.content


def test_links_that_were_changed_or_whose_video_is_gone(client):
    entry = make_entry(email=ADA)
    good = mine.link(entry)
    forged = f"/mis-videos/{signing.dumps(entry.pk, salt='another')}/"
    for address in (f"{good[:-2]}/", forged, "/mis-videos/x/", "/mis-videos/💥/"):
        assert client.get(address).status_code == 404
    Entry.objects.update(email="")  # erased
    assert client.get(good).status_code == 404
    Entry.objects.all().delete()
    assert client.get(good).status_code == 404
