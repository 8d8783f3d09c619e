import configparser
from pathlib import Path

import pytest

from videoshare import config
from videoshare.config import Config, ConfigError


@pytest.fixture
def load(tmp_path: Path):
    """Load a configuration from a file's text and environment variables."""

    def load(text: str = "", **environ: str) -> Config:
        path = tmp_path / "config.conf"
        path.write_text(text)
        return config.load({"VIDEOSHARE_CONFIG": str(path), **environ})

    return load


def test_defaults(load):
    loaded = load()
    assert loaded == Config()
    assert (loaded.site, loaded.cdn, loaded.origins) == ("http://localhost:8000", "", {})


def test_the_original_services_file_section(load):
    loaded = load("[FFMPEG]\nffmpeg = /opt/ffmpeg\nffmpeg_args = -strict -2\n")
    assert (loaded.ffmpeg, loaded.ffmpeg_args) == ("/opt/ffmpeg", "-strict -2")


def test_the_environment_wins_over_the_file(load):
    text = "[VIDEOSHARE]\nport = 1\nsmtp_pass = 50%%d\ndebug = yes\n"
    assert load(text).smtp_pass == "50%%d"
    loaded = load(text, VIDEOSHARE_PORT="2", VIDEOSHARE_DEBUG="no")
    assert (loaded.port, loaded.debug, loaded.site) == (2, False, "http://localhost:2")


def test_port_is_also_a_plain_variable(load):
    assert load(PORT="9000").site == "http://localhost:9000"


@pytest.mark.parametrize(
    "text, message",
    [
        ("[VIDEOSHARE]\nport = many", "port must be a whole number"),
        ("[VIDEOSHARE]\ndebug = perhaps", "debug must be yes or no"),
        ("[VIDEOSHARE]\nprot = 1", r"\[VIDEOSHARE\] prot is not a setting"),
        ("[VIDEOSHARE]\nffmpeg = x", r"\[VIDEOSHARE\] ffmpeg is not a setting"),
        ("[VIDEOSHARE]\nsmtp_security = maybe", "starttls, tls or none"),
        ("[VIDEOSHARE]\nlease_seconds = 30", "at most half"),
        ("[SECRETS]\nname = x", r"\[SECRETS\] region is missing"),
        ("[VIDEOSHARE]\nimage = yes", r"\[SECRETS\] name is missing"),
        ("[VIDEOSHARE]\nses_topic_arn = mail", "ses_topic_arn must be an SNS topic's ARN"),
        ("port = 1", "not a valid configuration file"),
    ],
)
def test_what_is_wrong_is_named(load, text, message):
    with pytest.raises(ConfigError, match=message):
        load(text)


def test_a_missing_file_that_was_asked_for_is_an_error():
    with pytest.raises(ConfigError, match="not a file"):
        config.load({"VIDEOSHARE_CONFIG": "/nowhere/config.conf"})


def test_every_setting_is_documented_with_its_default():
    text = (config.ROOT / "config.conf.example").read_text()
    lines = [line.removeprefix("#") for line in text.splitlines()]
    settings = [line for line in lines if line.startswith("[") or " =" in line[:24]]
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string("\n".join(settings))
    own = {("SECRETS", "name"): "secret_name", ("SECRETS", "region"): "secret_region"}
    documented = {
        own.get((section, name), name): value
        for section in parser.sections()
        for name, value in parser.items(section)
    }
    shown = {field.name: _shown(field.default) for field in config.settings()}
    examples = {
        "data",
        "secret_name",
        "secret_region",
        "ffmpeg_args",
        "debug",
        "image",
        *config.CONTRACT,
    }
    assert set(documented) == set(shown)
    assert {k: v for k, v in documented.items() if k not in examples} == {
        k: v for k, v in shown.items() if k not in examples
    }


def _shown(default: object) -> str:
    return "" if default is None else str(default)
