"""What the service reads from outside before anything else runs.

`config.conf` (INI) is looked for at `$VIDEOSHARE_CONFIG`, then beside the code. Every setting also
has an environment variable, `VIDEOSHARE_` + its name in capitals, which wins over the file. Nothing
here imports Django, so the worker's `convert` command can read `[FFMPEG]` without a database.
"""

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class ConfigError(Exception):
    """The configuration can't be used; the message names the file and the key, never a secret."""


def _setting(default: object, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True)
class Config:
    """One run's configuration. Each field is documented in `config.conf.example` (a test checks)."""

    data: Path = _setting(ROOT / "var", "folder that holds all data of the one-machine mode")
    port: int = _setting(8000, "port of the web server on this machine; PORT works too")
    web_url: str = _setting("", "public address used in mails; empty: http://localhost:<port>")
    debug: bool = _setting(False, "Django's debug pages; never on a reachable machine")
    mail_from: str = _setting("videoshare@localhost", "sender of every mail")
    smtp_host: str = _setting("", "SMTP server; empty: mails become .eml files under var/mail")
    smtp_port: int = _setting(587, "SMTP port")
    smtp_user: str = _setting("", "SMTP user; empty: no log-in")
    smtp_pass: str = _setting("", "SMTP password")
    smtp_security: str = _setting("starttls", "starttls, tls or none")
    max_upload_bytes: int = _setting(2 * 1024**3, "largest video accepted, in bytes")
    disk_reserve_bytes: int = _setting(1024**3, "disk space no upload may take, in bytes")
    trusted_proxies: int = _setting(0, "proxies in front that append to X-Forwarded-For")
    lease_seconds: int = _setting(60, "how long a worker holds a job without a sign of life")
    heartbeat_seconds: int = _setting(20, "how often a worker renews its lease")
    ffmpeg: str = _setting("ffmpeg", "[FFMPEG] the ffmpeg program; ffprobe is found beside it")
    ffmpeg_args: str = _setting("", "[FFMPEG] output options added to every transcode")


# [FFMPEG] is a section of its own in the original service's file; the rest is [VIDEOSHARE].
_SECTION = {"ffmpeg": "FFMPEG", "ffmpeg_args": "FFMPEG"}
_BOOLEANS = configparser.ConfigParser.BOOLEAN_STATES


def load(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration: defaults, then the file, then the environment.

    Raises ConfigError for a file that can't be read, a value of the wrong type or an unknown key.
    """
    parser = configparser.ConfigParser(interpolation=None)
    path = Path(environ.get("VIDEOSHARE_CONFIG") or ROOT / "config.conf")
    if environ.get("VIDEOSHARE_CONFIG") and not path.is_file():
        raise ConfigError(f"VIDEOSHARE_CONFIG names {path}, which is not a file")
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not a valid configuration file: {error}") from error
    if parser.has_section("SECRETS"):
        # The distributed mode is not part of this version: better no service than one that
        # silently writes to a local database while ops believe it writes to theirs.
        raise ConfigError(f"{path}: [SECRETS] (the AWS mode) is not supported by this version")
    _refuse_unknown(parser, path)
    values = {}
    for each in fields(Config):
        section = _SECTION.get(each.name, "VIDEOSHARE")
        text = environ.get(f"VIDEOSHARE_{each.name.upper()}")
        if text is None and each.name == "port":
            text = environ.get("PORT")
        if text is None:
            text = parser.get(section, each.name, fallback=None)
        if text is not None:
            values[each.name] = _parse(each.name, each.type, text)
    config = Config(**values)
    return config if config.web_url else replace(config, web_url=f"http://localhost:{config.port}")


def _refuse_unknown(parser: configparser.ConfigParser, path: Path) -> None:
    known = {(_SECTION.get(each.name, "VIDEOSHARE"), each.name) for each in fields(Config)}
    for section in parser.sections():
        for key in parser.options(section):
            if (section, key) not in known:
                raise ConfigError(f"{path}: [{section}] {key} is not a setting")


def _parse(name: str, kind: object, text: str) -> object:
    text = text.strip()
    if kind is Path:
        return Path(text).expanduser().resolve()
    if kind is bool:
        if text.lower() not in _BOOLEANS:
            raise ConfigError(f"{name} must be yes or no")
        return _BOOLEANS[text.lower()]
    if kind is int:
        if not text.isdigit():
            raise ConfigError(f"{name} must be a whole number")
        return int(text)
    return text
