"""The configuration as a secret in Secrets Manager holds it, and what each command asks of it."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import boto3
import pytest

from tests import emulator
from videoshare import config, needs
from videoshare.config import ROOT, ConfigError

pytestmark = pytest.mark.aws

WHOLE = {
    "web_url": "videos.example.com",
    "web_port": "443",
    "rds_url": "db.example.com",
    "rds_port": "3306",
    "rds_user": "videoshare",
    "rds_pass": "s3cr3t-password",
    "rds_db": "videoshare",
    "sqs_url": "https://sqs.us-east-1.amazonaws.com/123456789012/videoshare",
    "s3_url": "my-videoshare-bucket",
    "cf_url": "5sRrs3wsefd",
    "ses_email": "hola@example.com",
    **dict.fromkeys(
        (
            *("splunk_api_url", "splunk_api_port", "splunk_api_protocol", "splunk_api_token"),
            *("splunk_index", "splunk_source", "splunk_sourcetype"),
        ),
        "",
    ),
}


@pytest.fixture
def secret(_emulator, tmp_path: Path):
    """Store a secret and return the environment of a process whose config.conf names it."""

    def store(content) -> dict[str, str]:
        name = f"videoshare/{uuid.uuid4().hex}"
        text = content if isinstance(content, str) else json.dumps(content)
        boto3.client("secretsmanager").create_secret(Name=name, SecretString=text)
        path = tmp_path / "config.conf"
        path.write_text(f"[SECRETS]\nname = {name}\nregion = {emulator.REGION}\n")
        return {"VIDEOSHARE_CONFIG": str(path), "VIDEOSHARE_DATA": str(tmp_path / "data")}

    return store


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run one of the service's programs."""
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=os.environ | environ, capture_output=True, text=True
    )


def test_the_18_keys_are_the_contract():
    assert set(config.CONTRACT) == set(WHOLE)


def test_what_the_keys_mean(secret):
    loaded = config.load(secret(WHOLE))
    assert (loaded.site, loaded.cdn) == (
        "https://videos.example.com",
        "https://5sRrs3wsefd.cloudfront.net",
    )
    assert (loaded.rds_port, loaded.rds_pass) == (3306, "s3cr3t-password")
    assert loaded.origins["rds_pass"] == f"the secret {loaded.secret_name}"
    assert "s3cr3t" not in repr(loaded)


@pytest.mark.parametrize(
    "url, port, site",
    [
        ("videos.example.com", "80", "http://videos.example.com"),
        ("videos.example.com", "8080", "http://videos.example.com:8080"),
        ("http://videos.example.com/", 80, "http://videos.example.com"),
        ("https://videos.example.com", "80", "https://videos.example.com:80"),
        ("https://videos.example.com:8443", "443", "https://videos.example.com:8443"),
    ],
)
def test_the_public_address(secret, url, port, site):
    assert config.load(secret({"web_url": url, "web_port": port})).site == site


def test_the_environment_has_the_last_word(secret):
    environ = secret(WHOLE) | {"VIDEOSHARE_RDS_URL": "elsewhere.example.com"}
    loaded = config.load(environ)
    assert (loaded.rds_url, loaded.origins["rds_url"]) == (
        "elsewhere.example.com",
        "the environment",
    )


def test_one_proxy_is_believed_unless_somebody_says_otherwise(secret):
    assert config.load(secret(WHOLE)).trusted_proxies == 1
    assert config.load(secret({**WHOLE, "trusted_proxies": 2})).trusted_proxies == 2
    assert config.load(secret(WHOLE) | {"VIDEOSHARE_TRUSTED_PROXIES": "0"}).trusted_proxies == 0
    assert config.load({"VIDEOSHARE_CONFIG": os.environ["VIDEOSHARE_CONFIG"]}).trusted_proxies == 0


def test_unknown_keys_are_named_in_the_log_and_nothing_of_them_shown(secret):
    ended = run("web/manage.py", "config", **secret({**WHOLE, "rds_passs": "s3cr3t"}))
    line = json.loads(ended.stderr)
    assert line["level"] == "WARNING"
    assert line["message"].endswith(": rds_passs is not a setting")
    assert "s3cr3t" not in ended.stderr + ended.stdout


@pytest.mark.parametrize("content", ["s3cr3t", '["s3cr3t"]', '{"rds_url": ["s3cr3t"]}', ""])
def test_a_secret_that_is_no_flat_object_is_refused_unseen(secret, content):
    with pytest.raises(ConfigError, match="is not a flat JSON object") as caught:
        config.load(secret(content or " "))
    assert "s3cr3t" not in str(caught.value)


def test_a_secret_that_is_not_there_is_named(secret, tmp_path):
    (tmp_path / "config.conf").write_text("[SECRETS]\nname = nobody/s\nregion = us-east-1\n")
    with pytest.raises(ConfigError, match=r"nobody/s \(us-east-1\).*ResourceNotFoundException"):
        config.load({"VIDEOSHARE_CONFIG": str(tmp_path / "config.conf")})


def test_migrate_needs_the_database_only(secret):
    loaded = config.load(secret({key: WHOLE[key] for key in WHOLE if key.startswith("rds_")}))
    needs.require(loaded, "migrate")
    with pytest.raises(ConfigError) as caught:
        needs.require(loaded, "web")
    missing = ("web_url", "web_port", "sqs_url", "s3_url", "cf_url", "ses_email")
    lines = [f"  {key}: is missing or empty" for key in missing]
    assert str(caught.value).splitlines()[1:] == lines


@pytest.mark.parametrize(
    "key, value, fault",
    [
        ("web_port", "many", "must be a whole number"),
        ("rds_port", "-1", "must be a whole number"),
        ("sqs_url", "my-queue", "must be a queue's address"),
        ("s3_url", "s3://bucket", "must be a bucket's name"),
        ("cf_url", "no host", "must be a distribution's subdomain or host name"),
        ("ses_email", "nobody", "must be an e-mail address"),
        ("web_url", "ftp://x", "must be a host name or an http(s) address"),
    ],
)
def test_what_is_malformed_is_named_and_not_shown(secret, key, value, fault):
    loaded = config.load(secret({**WHOLE, key: value}))
    with pytest.raises(ConfigError) as caught:
        needs.require(loaded, "worker")
    assert str(caught.value).splitlines()[1:] == [f"  {key}: {fault}"]


def test_splunk_is_all_or_nothing(secret):
    loaded = config.load(secret({**WHOLE, "splunk_api_url": "splunk.example.com"}))
    with pytest.raises(ConfigError, match=r"splunk_api_token: is missing"):
        needs.require(loaded, "worker")


@pytest.mark.parametrize(
    "lacking, fault",
    [
        ({"cf_key_pair_id": "K1"}, "cf_private_key: is missing or empty"),
        (
            {"cf_key_pair_id": "K1", "cf_private_key": "s3cr3t"},
            "cf_private_key: must be a private key in PEM, with its line breaks",
        ),
    ],
)
def test_a_key_pair_is_whole_or_not_there(secret, lacking, fault):
    loaded = config.load(secret(WHOLE | lacking))
    with pytest.raises(ConfigError) as caught:
        needs.require(loaded, "web")
    assert str(caught.value).splitlines()[1:] == [f"  {fault}"]
    assert "s3cr3t" not in repr(loaded)
    key = "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n"
    needs.require(config.load(secret(WHOLE | lacking | {"cf_private_key": key})), "web")


@pytest.mark.parametrize(
    "words",
    [
        ("web/manage.py", "migrate"),
        ("web/manage.py", "sweep"),
        ("-m", "workerjob", "--burst"),
        ("-m", "gunicorn", "--config", "web/gunicorn.conf.py", "--check-config"),
    ],
)
def test_each_program_says_in_one_message_what_it_lacks(secret, words):
    lacking = secret({"rds_pass": "s3cr3t", "rds_port": "x"})
    ended = run(*words, **lacking)
    assert ended.returncode == 1
    assert "rds_url: is missing or empty\n" in ended.stderr
    assert "rds_port: must be a whole number\n" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "s3cr3t" not in ended.stderr + ended.stdout


def test_config_shows_values_with_their_origin_and_masks_secrets(secret):
    shown = run("web/manage.py", "config", **secret({**WHOLE, "web_port": "x"})).stdout
    lines = {line.partition(" = ")[0]: line for line in shown.splitlines()}
    name = lines["secret_name"].split()[2]
    assert lines["rds_user"] == f"rds_user = videoshare  [the secret {name}]"
    assert lines["rds_pass"] == f"rds_pass = ********  [the secret {name}]"
    assert lines["web_port"] == f"web_port = (web_port must be a whole number)  [the secret {name}]"
    assert lines["port"] == "port = 8000  [default]"
    assert set(lines) == {each.name for each in config.settings()}
    assert "s3cr3t" not in shown
