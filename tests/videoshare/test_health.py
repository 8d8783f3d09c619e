"""What load balancers and deploys ask."""

import pytest
from django.db import connection

STRANGE_HOST = {"host": "10.0.0.7:8080"}


def test_healthz_asks_nobody(client, settings):
    """Without the mark for it, a test that touches the database fails."""
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/healthz", headers=STRANGE_HOST)
    assert (response.status_code, response.content) == (200, b"ok")
    assert response.cookies == {}


@pytest.mark.django_db
def test_readyz_says_what_works(client):
    response = client.get("/readyz", headers=STRANGE_HOST)
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "queue": "ok", "storage": "ok"}


@pytest.mark.django_db
def test_readyz_says_when_nothing_can_be_stored(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.touch()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "queue": "ok", "storage": "failed"}


@pytest.mark.django_db(transaction=True)
def test_readyz_says_when_the_queue_is_gone(client):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE backends_queuemessage RENAME TO away")
    try:
        response = client.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO backends_queuemessage")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "queue": "failed", "storage": "ok"}


@pytest.mark.django_db(transaction=True)
def test_readyz_says_when_the_database_is_gone(client, monkeypatch, tmp_path):
    with monkeypatch.context() as gone:
        gone.setitem(connection.settings_dict, "NAME", str(tmp_path / "no" / "db.sqlite3"))
        connection.close()
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "failed", "queue": "failed", "storage": "ok"}
