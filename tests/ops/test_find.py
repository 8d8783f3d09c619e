"""Finding a person by address, which travels in no web address."""

import pytest
from django.urls import reverse

from tests.factories import make_ready_entry, make_user, make_voter
from tests.staff import sign_in

pytestmark = pytest.mark.django_db
FIND = reverse("ops:find")


def found(client, email: str) -> list[str]:
    """Where the page of what was found leads, in order."""
    text = client.post(FIND, {"email": email}).content.decode()
    return [each.partition('"')[0] for each in text.split('<li><a href="')[1:]]


def test_all_that_goes_by_an_address(client):
    sign_in(client)
    person = make_user("ada@example.org")
    entry = make_ready_entry(email="Ada@Example.org")
    voter = make_voter(email="ada@example.org")
    make_voter(email="bob@example.org")
    assert found(client, " ADA@example.org") == [
        f"/ops/admin/accounts/user/{person.pk}/change/",
        f"/ops/admin/contests/entry/{entry.pk}/change/",
        f"/ops/admin/contests/voter/{voter.pk}/change/",
    ]


@pytest.mark.parametrize("typed", ["nobody@example.org", "%", "ñ" * 5000, "\x00"])
def test_nobody(client, typed):
    sign_in(client)
    text = client.post(FIND, {"email": typed}).content.decode()
    assert text.count("Nobody is known by this address.") == 1


def test_for_others_there_is_no_such_page(client):
    assert client.get(FIND).status_code == 404
    client.force_login(make_user())
    assert client.post(FIND, {"email": "ada@example.org"}).status_code == 404
