"""What the service reads from outside before anything else runs.

A setting comes from, each winning over the ones before: its default, `config.conf` (INI; looked for
at `$VIDEOSHARE_CONFIG`, then beside the code), the secret that the file's `[SECRETS]` names, the
environment (`VIDEOSHARE_` and the name in capitals). Without a secret all runs on one machine. With
one, the secret's 18 keys of old are what the distributed service needs; `needs.py` says which
command needs which. Nothing here imports Django, so the worker's `convert` command can read
`[FFMPEG]` without a database.
"""

import configparser
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from videoshare import secretsmanager

ROOT = Path(__file__).resolve().parents[2]


class ConfigError(Exception):
    """The configuration can't be used; the message names the place and the key, never a value."""


def _secret() -> Any:
    """A setting whose value is shown to nobody."""
    return field(default="", repr=False, metadata={"secret": True})


@dataclass(frozen=True)
class Config:
    """One run's configuration. `config.conf.example` says what each setting means."""

    secret_name: str = ""
    secret_region: str = ""
    image: bool = False

    web_url: str = ""
    web_port: int | None = None
    rds_url: str = ""
    rds_port: int | None = None
    rds_user: str = ""
    rds_pass: str = _secret()
    rds_db: str = ""
    sqs_url: str = ""
    s3_url: str = ""
    cf_url: str = ""
    ses_email: str = ""
    splunk_api_url: str = ""
    splunk_api_port: int | None = None
    splunk_api_protocol: str = ""
    splunk_api_token: str = _secret()
    splunk_index: str = ""
    splunk_source: str = ""
    splunk_sourcetype: str = ""

    s3_endpoint_url: str = ""
    cf_key_pair_id: str = ""
    cf_private_key: str = _secret()
    ses_configuration_set: str = ""
    ses_topic_arn: str = ""
    log_group: str = "/videoshare"
    rds_ca: Path = Path("/etc/ssl/certs/ca-certificates.crt")

    data: Path = ROOT / "var"
    port: int = 8000
    debug: bool = False
    mail_from: str = "videoshare@localhost"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_pass: str = _secret()
    smtp_security: str = "starttls"
    max_upload_bytes: int = 2 * 1024**3
    disk_reserve_bytes: int = 1024**3
    trusted_proxies: int = 0
    lease_seconds: int = 60
    heartbeat_seconds: int = 20
    ffmpeg: str = "ffmpeg"
    ffmpeg_args: str = ""

    # Of each setting that is not at its default: where its value comes from.
    origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    # Of each key of the secret that can't be read: what is wrong with it.
    malformed: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    # Keys of the secret that are no settings; told once logging is set up (apps.py).
    unknown: Sequence[str] = field(default=(), repr=False, compare=False)

    @property
    def site(self) -> str:
        """The public address, such as `https://videos.example`, without a slash at the end."""
        if not self.web_url:
            return f"http://localhost:{self.port}"
        default = "https" if self.web_port == 443 else "http"
        url = self.web_url if "://" in self.web_url else f"{default}://{self.web_url}"
        parts = urlsplit(url.rstrip("/"))
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        if parts.port or self.web_port in (None, usual) or not self.secret_name:
            return parts.geturl()
        return parts._replace(netloc=f"{parts.netloc}:{self.web_port}").geturl()

    @property
    def cdn(self) -> str:
        """Where the public reads files: `https://` and CloudFront's host name, no slash."""
        if "://" in self.cf_url:  # a CloudFront of an emulator's
            return self.cf_url.rstrip("/")
        host = self.cf_url if "." in self.cf_url else f"{self.cf_url}.cloudfront.net"
        return f"https://{host}" if self.cf_url else ""

    @property
    def upload_origins(self) -> tuple[str, ...]:
        """Where a browser may send the parts of a file to, besides ourselves."""
        if not self.s3_url:
            return ()
        if endpoint := self.s3_endpoint_url or os.environ.get("AWS_ENDPOINT_URL"):
            parts = urlsplit(endpoint)
            return (f"{parts.scheme}://{parts.netloc}",)
        host = f"s3.{self.secret_region}.amazonaws.com"
        # The bucket's name is in the host's or, where it has dots, in the path.
        return (f"https://{host}" if "." in self.s3_url else f"https://{self.s3_url}.{host}",)


# The original service's 18 keys: the secret of a service in the making lacks some, so only who
# needs one complains.
CONTRACT = tuple(each.name for each in fields(Config))[3:21]
# The names in the file, where they are not our own.
_IN_FILE = {
    "secret_name": ("SECRETS", "name"),
    "secret_region": ("SECRETS", "region"),
    "ffmpeg": ("FFMPEG", "ffmpeg"),
    "ffmpeg_args": ("FFMPEG", "ffmpeg_args"),
}
_ABOUT = ("origins", "malformed", "unknown")  # no settings, but what is known of them
_TOPIC = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+"
_BOOLEANS = configparser.ConfigParser.BOOLEAN_STATES


def settings() -> Iterator[Any]:
    """The settings that come from outside, as dataclass fields."""
    return (each for each in fields(Config) if each.name not in _ABOUT)


@cache
def current() -> Config:
    """Return this process's configuration. Raises ConfigError."""
    return load(os.environ)


def load(environ: Mapping[str, str]) -> Config:
    """Read the configuration: defaults, then the file, the secret, the environment.

    Raises ConfigError for a file or secret that can't be read, a value of the wrong type or, in the
    file, an unknown key; those in the secret, which other programs may share, are only listed.
    """
    path = Path(environ.get("VIDEOSHARE_CONFIG") or ROOT / "config.conf")
    found = _Found()
    found.take(_from_file(path, bool(environ.get("VIDEOSHARE_CONFIG"))), str(path))
    variables = _from_environment(environ)
    found.take(variables, "the environment")
    name, region = (str(found.values.get(f"secret_{key}", "")) for key in ("name", "region"))
    if found.values.get("image") and not name:
        raise ConfigError(f"{path}: [SECRETS] name is missing, and this machine needs one")
    if name:
        texts, found.values["unknown"] = _from_secret(name, region)
        found.take(texts, f"the secret {name}")
        found.take(variables, "the environment")  # once more, for the last word
        found.values.setdefault("trusted_proxies", 1)  # the load balancer
    return _checked(Config(**found.values, origins=found.origins, malformed=found.malformed))


class _Found:
    """The settings found so far, where, and which make no sense."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.origins: dict[str, str] = {}
        self.malformed: dict[str, str] = {}

    def take(self, texts: Mapping[str, str], origin: str) -> None:
        """Parse settings of one origin. Raises ConfigError."""
        known = {each.name: each for each in settings()}
        for name, text in texts.items():
            self.origins[name] = origin
            self.malformed.pop(name, None)
            try:
                # A password may well begin or end with a space.
                exact = known[name].metadata.get("secret")
                self.values[name] = text if exact else _parse(name, known[name].type, text)
            except ConfigError as error:
                if name not in CONTRACT:
                    raise ConfigError(f"{origin}: {error}") from None
                self.malformed[name] = str(error)


def _from_file(path: Path, asked_for: bool) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    if asked_for and not path.is_file():
        raise ConfigError(f"VIDEOSHARE_CONFIG names {path}, which is not a file")
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        # The error's own text quotes the line, and a password may stand in it.
        kind = type(error).__name__
        raise ConfigError(f"{path} is not a valid configuration file: {kind}") from None
    known = {_IN_FILE.get(each.name, ("VIDEOSHARE", each.name)): each.name for each in settings()}
    texts = {}
    for section in parser.sections():
        for key, text in parser.items(section):
            if (section, key) not in known:
                raise ConfigError(f"{path}: [{section}] {key} is not a setting")
            texts[known[section, key]] = text
    return texts


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    texts = {"port": environ["PORT"]} if "PORT" in environ else {}
    named = {each.name: f"VIDEOSHARE_{each.name.upper()}" for each in settings()}
    return texts | {name: environ[key] for name, key in named.items() if key in environ}


def _from_secret(name: str, region: str) -> tuple[dict[str, str], list[str]]:
    """What it says of our settings, and its keys that are none."""
    if not region:
        raise ConfigError("[SECRETS] region is missing")
    try:
        texts = secretsmanager.read(name, region)
    except secretsmanager.Unreadable as error:
        raise ConfigError(str(error)) from error
    known = {each.name for each in settings() if each.name not in _IN_FILE}
    given = {key: text for key, text in texts.items() if key in known and text}
    return given, sorted(texts.keys() - known)


def _checked(config: Config) -> Config:
    if config.ses_topic_arn and not re.fullmatch(_TOPIC, config.ses_topic_arn):
        raise ConfigError("ses_topic_arn must be an SNS topic's ARN")
    if config.smtp_security not in ("starttls", "tls", "none"):
        raise ConfigError("smtp_security must be starttls, tls or none")
    if not 0 < config.heartbeat_seconds * 2 <= config.lease_seconds:
        raise ConfigError("heartbeat_seconds must be at most half of lease_seconds")
    return config


def _parse(name: str, kind: object, text: str) -> object:
    text = text.strip()
    if kind is Path:
        return Path(text).expanduser().resolve()
    if kind is bool:
        if text.lower() not in _BOOLEANS:
            raise ConfigError(f"{name} must be yes or no")
        return _BOOLEANS[text.lower()]
    if kind is int or kind == int | None:
        if not (text.isascii() and text.isdigit()):
            raise ConfigError(f"{name} must be a whole number")
        return int(text)
    return text
