"""Which command needs which of the secret's keys, and what they must look like."""

import re

from videoshare.config import Config, ConfigError

_DATABASE = ("rds_url", "rds_port", "rds_user", "rds_pass", "rds_db")
_SITE = ("web_url", "web_port")
_ALL = (*_DATABASE, *_SITE, "sqs_url", "s3_url", "cf_url", "ses_email")
# What ops run while the service is in the making, or to find out what is wrong. All else, and the
# web and worker processes themselves, needs everything but Splunk.
_NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *("backup", "check", "collectstatic", "config", "help", "makemessages"),
            *("makemigrations", "restore"),
        ),
        (),
    ),
    **dict.fromkeys(
        ("migrate", "createcachetable", "createsuperuser", "dbshell", "showmigrations"), _DATABASE
    ),
    "suppressed": _DATABASE,
    "conversions": (*_DATABASE, "sqs_url"),
    "redrive": (*_DATABASE, "sqs_url"),
    "invalidate": ("s3_url", "cf_url"),
}
_SPLUNK = (
    *("splunk_api_url", "splunk_api_port", "splunk_api_protocol", "splunk_api_token"),
    *("splunk_index", "splunk_source", "splunk_sourcetype"),
)
_KEY_PAIR = ("cf_key_pair_id", "cf_private_key")
_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
_SHAPES = {
    "web_url": (rf"(https?://)?{_HOST}(:\d+)?/?", "a host name or an http(s) address"),
    "rds_url": (_HOST, "a host name"),
    "rds_db": (r"[A-Za-z0-9_$-]{1,64}", "a database's name"),
    "sqs_url": (rf"https?://{_HOST}(:\d+)?/\d+/[A-Za-z0-9_-]+", "a queue's address"),
    "s3_url": (r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]", "a bucket's name"),
    "cf_url": (rf"(https?://)?{_HOST}(:\d+)?", "a distribution's subdomain or host name"),
    "cf_private_key": (
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----\n.+\n-----END [A-Z ]*PRIVATE KEY-----\s*",
        "a private key in PEM, with its line breaks",
    ),
    "ses_email": (r"[^@<>\s]+@[^@<>\s]+|[^<>\r\n]*<[^@<>\s]+@[^@<>\s]+>", "an e-mail address"),
    "splunk_api_protocol": (r"https?", "http or https"),
    "splunk_api_url": (_HOST, "a host name"),
}


def require(config: Config, command: str) -> None:
    """Raise a ConfigError that names every key that `command` lacks; one machine needs none.

    `command` is a management command, "web" or "worker".
    """
    if not config.secret_name:
        return
    needed = _NEEDS.get(command, _ALL)
    if needed is _ALL:
        needed += _SPLUNK if config.splunk_api_url else ()
        needed += _KEY_PAIR if config.cf_key_pair_id or config.cf_private_key else ()
    wrong = [f"  {key}: {why}" for key in needed if (why := _fault(config, key))]
    if wrong:
        where = f"the secret {config.secret_name}"
        raise ConfigError("\n".join([f"{command} can't run, because {where} lacks:", *wrong]))


def _fault(config: Config, key: str) -> str:
    """What is wrong with a key's value; "" when nothing is. Never the value itself."""
    if key in config.malformed:
        return config.malformed[key].removeprefix(f"{key} ")
    value = getattr(config, key)
    if value in ("", None):
        return "is missing or empty"
    pattern, meaning = _SHAPES.get(key, ("(?s).*", ""))
    return "" if re.fullmatch(pattern, str(value)) else f"must be {meaning}"
