"""What the service reads from outside before anything else runs.

`config.conf` (INI) is looked for at `$VIDEOSHARE_CONFIG`, then beside the code. Every setting also
has an environment variable, `VIDEOSHARE_` + its name in capitals, which wins over the file. Nothing
here imports Django, so the worker's `convert` command can read `[FFMPEG]` without a database.
"""

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class ConfigError(Exception):
    """The configuration can't be used; the message names the file and the key, never a secret."""


@dataclass(frozen=True)
class Config:
    """One run's configuration. `config.conf.example` says what each setting means."""

    data: Path = ROOT / "var"
    port: int = 8000
    web_url: str = ""
    debug: bool = False
    mail_from: str = "videoshare@localhost"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_pass: str = ""
    smtp_security: str = "starttls"
    max_upload_bytes: int = 2 * 1024**3
    disk_reserve_bytes: int = 1024**3
    trusted_proxies: int = 0
    lease_seconds: int = 60
    heartbeat_seconds: int = 20
    ffmpeg: str = "ffmpeg"
    ffmpeg_args: str = ""


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
    values: dict[str, Any] = {}
    for each in fields(Config):
        section = _SECTION.get(each.name, "VIDEOSHARE")
        text = environ.get(f"VIDEOSHARE_{each.name.upper()}")
        if text is None and each.name == "port":
            text = environ.get("PORT")
        if text is None:
            text = parser.get(section, each.name, fallback=None)
        if text is not None:
            values[each.name] = _parse(each.name, each.type, text)
    config = _checked(Config(**values), path)
    return config if config.web_url else replace(config, web_url=f"http://localhost:{config.port}")


def _checked(config: Config, path: Path) -> Config:
    if config.smtp_security not in ("starttls", "tls", "none"):
        raise ConfigError(f"{path}: smtp_security must be starttls, tls or none")
    if not 0 < config.heartbeat_seconds * 2 <= config.lease_seconds:
        raise ConfigError(f"{path}: heartbeat_seconds must be at most half of lease_seconds")
    return config


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
