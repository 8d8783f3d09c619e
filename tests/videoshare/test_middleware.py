"""What every response carries."""

from backends.instance import instance_id
from videoshare.middleware import MAX_BODY_BYTES


def test_every_response_names_its_instance(client, db):
    assert client.get("/")["X-Instance-Id"] == instance_id()
    assert client.get("/nowhere/")["X-Instance-Id"] == instance_id()


def test_pages_name_their_instance(client, db):
    assert f"Answered by {instance_id()}" in client.get("/").text


def test_pages_may_run_no_script_but_ours(client, db):
    policy = client.get("/")["Content-Security-Policy"].split("; ")
    assert {"default-src 'self'", "object-src 'none'", "base-uri 'none'"} <= set(policy)
    assert [each for each in policy if "unsafe" in each] == []


def test_a_body_larger_than_any_form_of_ours_is_refused_unread(client, db):
    answer = client.post("/cuenta/login/", {}, CONTENT_LENGTH=str(MAX_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert "Choose a smaller file" in answer.text


def test_a_request_for_another_host_is_refused(client, db):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
