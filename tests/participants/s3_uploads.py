"""What a browser does to send a file to S3, and what S3 then has."""

import urllib.error
import urllib.request

import boto3

from backends import storage
from tests.factories import make_contest
from tests.participants.test_uploading import VIDEO, create

PART = 1000  # bytes; so that several parts fit a short test (see conftest.py)
WHOLE = VIDEO + bytes(2560 - len(VIDEO))  # two parts and a rest
ABOUT = {"title": "T", "first_name": "A", "last_name": "B", "email": "a@example.org"}


def sign(client, token, number):
    answer = client.post(f"/uploads/{token}/parts/{number}/")
    assert answer.status_code == 200
    return answer.json()["url"]


def put(address, body):
    """Send bytes to S3 as a browser does; the status of its answer."""
    request = urllib.request.Request(address, body, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def send(client, token, content=WHOLE):
    for number in range(1, -(-len(content) // PART) + 1):
        body = content[(number - 1) * PART : number * PART]
        assert put(sign(client, token, number), body) == 200


def complete(client, token):
    return client.post(f"/uploads/{token}/complete/")


def sent(client, content=WHOLE, contest=None):
    """An upload whose parts have all arrived."""
    token = create(client, contest or make_contest(), size=len(content))
    send(client, token, content)
    return token


def stored(upload, tmp_path):
    storage.fetch(upload.key, tmp_path / "stored", upload.version)
    return (tmp_path / "stored").read_bytes()


def versions(aws, key):
    listed = boto3.client("s3").list_object_versions(Bucket=aws.bucket, Prefix=key)
    return len(listed.get("Versions", [])) + len(listed.get("DeleteMarkers", []))
