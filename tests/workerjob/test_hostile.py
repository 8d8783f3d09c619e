"""Files made to hurt, converted for real: how they end, what they cost, and that nothing stays."""

import itertools
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contests.reason_texts import REASONS
from contests.reasons import Refused
from contests.submitting import EXTENSIONS
from tests import containers, media
from tests import hostile_media as hostile
from tests.waiting import until
from workerjob import sandbox
from workerjob.convert import Tools, convert
from workerjob.sandbox import Limits, launcher

needs_box = pytest.mark.skipif(not sandbox.available(), reason="no sandbox can be built here")
SLOW = ("4096 × 2304 at 60, still", "2 million samples")
CASES = [
    pytest.param(name, ends, marks=pytest.mark.slow if name in SLOW else (), id=name)
    for name, (_, ends) in hostile.CASES.items()
]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where programs put their temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A server on this machine that nobody should connect to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def visits(server: socket.socket) -> int:
    for count in itertools.count():
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
    raise AssertionError


def at_work_on(folder: Path) -> list[bytes]:
    """The processes that were told of this folder, or that live in a box where it is mounted."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "mountinfo").read_bytes()
        except OSError:  # it ended, or is somebody else's
            continue
        if os.fsencode(folder) in words:
            found.append(words)
    return found


@needs_box
@pytest.mark.parametrize("name, ends", CASES)
def test_a_hostile_file_ends_as_it_must(
    name: str, ends: str, tmp_path: Path, temporary: Path
) -> None:
    source = hostile.make(name, tmp_path)
    ended, _, peak = hostile.converted(source, tmp_path / "out")
    left = sorted(path.suffix for path in (tmp_path / "out").iterdir())
    assert (ended, ended in REASONS or ended == hostile.CONVERTED) == (ends, True)
    assert set(left) == ({".mp4", ".jpg"} if ends == hostile.CONVERTED else set())
    for path in (tmp_path / "out").iterdir():
        content = path.read_bytes()
        assert (hostile.SECRET in content, hostile.PLACE in content) == (False, False)
    assert list(temporary.iterdir()) == []
    assert until(lambda: not at_work_on(tmp_path), 5)
    if source.stat().st_size <= 100 << 10:
        assert 0 < peak <= 256 << 20


def test_the_secrets_looked_for_are_in_the_sources(tmp_path: Path) -> None:
    for name in ("scripts and a place as metadata", "scripts and a place in the pictures"):
        content = hostile.make(name, tmp_path).read_bytes()
        assert (hostile.SECRET in content, hostile.PLACE in content) == (True, True)


@pytest.mark.parametrize("kind", hostile.PLAYLISTS)
def test_a_playlist_is_refused_under_every_name(
    kind: str, tmp_path: Path, temporary: Path, canary: socket.socket
) -> None:
    neighbour = tmp_path / "neighbour.mp4"
    neighbour.write_bytes(media.clip("mp4").read_bytes())
    port = canary.getsockname()[1]
    targets = ["neighbour.mp4", str(neighbour), f"file://{neighbour}", "/etc/passwd"]
    targets += [f"http://127.0.0.1:{port}/a.ts", "http://169.254.169.254/latest/meta-data/"]
    endings = sorted(EXTENSIONS)
    for ending, target in zip(endings, itertools.cycle(targets)):
        source = tmp_path / f"video.{ending}"
        source.write_text(hostile.PLAYLISTS[kind].format(target))
        with pytest.raises(Refused) as refused:
            convert(source, tmp_path / "out")
        assert refused.value.code in ("unsupported_format", "not_media")
    assert (visits(canary), list((tmp_path / "out").iterdir())) == (0, [])
    assert (list(temporary.iterdir()), at_work_on(tmp_path)) == ([], [])


@pytest.mark.parametrize("kind, code", [(b"alis", "no_frames"), (b"url ", "damaged")])
def test_a_movie_whose_pictures_are_in_another_file_gets_none(
    kind: bytes, code: str, tmp_path: Path, canary: socket.socket
) -> None:
    neighbour = tmp_path / "neighbour.mov"
    neighbour.write_bytes(containers.mov(1, len(containers.jpeg("64x64")), 25))
    address = f"http://127.0.0.1:{canary.getsockname()[1]}/neighbour.mov"
    source = tmp_path / "source.mov"
    source.write_bytes(
        containers.in_another_file(kind, str(neighbour) if kind == b"alis" else address)
    )
    followed = ("-v", "error", "-enable_drefs", "1", "-i", source, "-f", "framemd5", "-")
    pictures = subprocess.run(["ffmpeg", *followed], capture_output=True).stdout.count(b"\n0,")
    assert pictures == (25 if kind == b"alis" else 0)  # ffmpeg follows aliases if told to
    with pytest.raises(Refused) as refused:
        convert(source, tmp_path / "out", Tools(sandboxed=False))
    assert (refused.value.code, visits(canary)) == (code, 0)


# The box alone, with all that ffmpeg itself forbids allowed.


def open_playlist(job: Path, words: tuple[str, ...], boxed: bool) -> list[str]:
    """Let ffmpeg follow a playlist wherever it leads, and return the names of what it wrote."""
    script = launcher(job, "ffmpeg", Limits(), boxed)
    opening = ("-v", "error", "-protocol_whitelist", "file,http,tcp,crypto,data", *words)
    subprocess.run([script, *opening, "-i", "source", "-c", "copy", "out/copy.ts"], timeout=60)
    return [path.name for path in (job / "out").iterdir() if path.stat().st_size]


@pytest.fixture
def job(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    (folder / "out").mkdir(parents=True)
    return folder


@needs_box
@pytest.mark.parametrize("boxed", [False, True])
def test_the_box_alone_keeps_the_neighbours_files(job: Path, tmp_path: Path, boxed: bool) -> None:
    neighbour = tmp_path / "neighbour.mp4"
    neighbour.write_bytes(media.clip("mp4").read_bytes())
    (job / "source").write_text(hostile.PLAYLISTS["ffconcat"].format(neighbour))
    wrote = open_playlist(job, ("-f", "concat", "-safe", "0"), boxed)
    assert wrote == ([] if boxed else ["copy.ts"])


@needs_box
@pytest.mark.parametrize("boxed", [False, True])
def test_the_box_alone_opens_no_connection(job: Path, canary: socket.socket, boxed: bool) -> None:
    address = f"http://127.0.0.1:{canary.getsockname()[1]}/a.ts"
    (job / "source").write_text(hostile.PLAYLISTS["m3u8"].format(address))
    words = ("-rw_timeout", "300000", "-f", "hls", "-allowed_extensions", "ALL")
    assert open_playlist(job, words, boxed) == []
    assert (visits(canary) > 0) is not boxed
