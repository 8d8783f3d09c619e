"""Backups of one machine, and putting one in the place of all data."""

import io
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import urllib.request
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backends import backups, in_use, restoring, storage, storage_folder
from backends.models import SharedKey
from tests.factories import make_ready_entry, store
from tests.server import gunicorn
from tests.waiting import until
from videoshare.config import ROOT

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="of one machine")

MANAGE = [sys.executable, str(ROOT / "web/manage.py")]
KEY = f"videos/{'a' * 32}.avi"


def database(path: Path, name: str, migrations: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A small database that says whose it is; returns its content."""
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE named (name)")
        made.execute("INSERT INTO named VALUES (?)", [name])
        made.execute("CREATE TABLE django_migrations (app, name)")
        made.executemany("INSERT INTO django_migrations VALUES (?, ?)", migrations)
        made.commit()
    return path.read_bytes()


@pytest.fixture
def old(settings) -> dict[str, bytes]:
    """The data before; in WAL mode, with what SQLite keeps beside a database."""
    for name in ("media/videos", "media/uploads/1", "mail"):
        (settings.DATA / name).mkdir(parents=True)
    (settings.DATA / f"media/videos/{'b' * 32}.avi").write_bytes(b"old")
    (settings.DATA / "media/uploads/1/data").write_bytes(b"old")
    (settings.DATA / "mail/1.eml").write_bytes(b"a mail")
    database(settings.DATA / "db.sqlite3", "old")
    for suffix in ("-wal", "-shm"):
        (settings.DATA / f"db.sqlite3{suffix}").write_bytes(b"old")
    return contents(settings.DATA)


@pytest.fixture
def members(tmp_path) -> dict[str, bytes]:
    """What a backup could hold."""
    return {"db.sqlite3": database(tmp_path / "made", "new"), f"media/{KEY}": b"new"}


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder but the lock."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "in-use"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def member(name: str, content: bytes = b"", **about) -> tuple[tarfile.TarInfo, bytes]:
    """An entry of an archive, however wrong."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in about.items():
        setattr(info, key, value)
    return info, content


def pack(path: Path, files: dict[str, bytes], *more: tuple[tarfile.TarInfo, bytes]) -> Path:
    """Write an archive as `backups.write` does, and with what it never writes."""
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    listed = member("SHA256SUMS", sums.encode())
    with tarfile.open(path, "w") as tar:
        for info, content in [*(member(*each) for each in files.items()), *more, listed]:
            tar.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_was_published_answers_on_another_machine(tmp_path, settings):
    SharedKey.objects.update_or_create(defaults={"value": settings.SECRET_KEY})
    video, backup, data = os.urandom(100_000), tmp_path / "b/backup.tar", tmp_path / "other"
    entry = make_ready_entry(video=video)
    call_command("backup", str(backup))
    assert [path.name for path in backup.parent.iterdir()] == ["backup.tar"]
    assert stat.filemode(backup.stat().st_mode) == "-rw-------"
    restore = [*MANAGE, "restore", str(backup), "--yes"]
    environ = os.environ | {"VIDEOSHARE_DATA": str(data)}
    subprocess.run(restore, env=environ, check=True, stdout=subprocess.DEVNULL)
    mp4 = entry.published.renditions.get(kind="mp4")
    with gunicorn(data) as (address, _):
        with urllib.request.urlopen(f"{address}{entry.get_absolute_url()}") as page:
            assert f'<h1 id="player-title" dir="auto">{entry.title}</h1>' in page.read().decode()
        with urllib.request.urlopen(f"{address}{storage.public_url(mp4.key)}") as file:
            assert file.read() == video
        refused = subprocess.run(restore, env=environ, capture_output=True, text=True)
    why = "CommandError: Nothing was changed: stop the running VideoShare first."
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (1, why)


@pytest.mark.django_db(transaction=True)
def test_any_machine_can_check_one(tmp_path):
    entry = make_ready_entry()
    backups.write(tmp_path / "backup.tar")
    subprocess.run(["tar", "-xf", "backup.tar"], cwd=tmp_path, check=True)
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True
    )
    keys = [entry.upload.key, *entry.published.renditions.values_list("key", flat=True)]
    assert sorted(done.stdout.splitlines()) == sorted(
        ["db.sqlite3: OK", *(f"media/{key}: OK" for key in keys)]
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_keeps_the_data_to_itself(settings):
    settings.DATA.mkdir(parents=True)
    (settings.DATA / "db.sqlite3").symlink_to(connection.settings_dict["NAME"])
    SharedKey.objects.update_or_create(defaults={"value": settings.SECRET_KEY})

    def is_free() -> bool:
        try:
            with in_use.alone():
                return True
        except BlockingIOError:
            return False

    environ = os.environ | {"VIDEOSHARE_DATA": str(settings.DATA)}
    assert is_free()
    worker = subprocess.Popen([sys.executable, "-m", "workerjob"], cwd=ROOT, env=environ)
    until(lambda: not is_free())
    worker.kill()
    worker.wait()
    until(is_free)


def test_all_is_replaced_but_mails(settings, tmp_path, old, members):
    backup = pack(tmp_path / "backup.tar", members)
    restoring.decide(backup)
    restoring.finish()
    assert contents(settings.DATA) == members | {"mail/1.eml": b"a mail"}
    assert sorted(path.name for path in settings.DATA.iterdir()) == [
        *("db.sqlite3", "in-use", "mail", "media")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("renaming", [1, 3, 7])  # of 7, of which the first decides
def test_whoever_dies_on_the_way_it_is_all_or_nothing(settings, tmp_path, old, members, renaming):
    backup = pack(tmp_path / "backup.tar", members)
    script = f"""if True:
        import os, runpy, sys
        left = {renaming}
        def die(event, words):
            global left
            left -= event == "os.rename" and {str(settings.DATA)!r} in str(words[0])
            if not left:
                os._exit(9)
        sys.addaudithook(die)
        sys.argv = ["web/manage.py", "restore", "--yes", {str(backup)!r}]
        runpy.run_path("web/manage.py", run_name="__main__")
    """
    environ = os.environ | {"VIDEOSHARE_DATA": str(settings.DATA), "PYTHONPATH": "web"}
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environ).returncode == 9
    # Whatever comes next: here a command that has nothing to do with it.
    subprocess.run([*MANAGE, "config"], env=environ, check=True, stdout=subprocess.DEVNULL)
    unpacked = {f"restoring/{name}": content for name, content in members.items()}
    undecided = renaming == 1
    assert contents(settings.DATA) == (
        old | unpacked if undecided else members | {"mail/1.eml": b"a mail"}
    )


@pytest.mark.parametrize(
    "wrong",
    [
        member("../outside", b"x"),
        member("/tmp/outside", b"x"),
        member(f"media/../../{KEY}", b"x"),
        member("media/videos/x.sh", b"x"),
        member(f"media/{KEY}", b"x"),  # a second one
        member(f"media/videos/{'c' * 32}.avi", b"x"),  # not in the list
        member(f"media/videos/{'c' * 32}.avi", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member(f"media/videos/{'c' * 32}.avi", type=tarfile.LNKTYPE, linkname="db.sqlite3"),
        member(f"media/videos/{'c' * 32}.avi", type=tarfile.FIFOTYPE),
        member(f"media/videos/{'c' * 32}.avi", type=tarfile.CHRTYPE, devmajor=1, devminor=5),
        member("media/videos", type=tarfile.DIRTYPE),
        member(f"media/videos/{'c' * 32}.avi", type=tarfile.CONTTYPE),
    ],
    ids=lambda wrong: f"{wrong[0].name[:20]} {wrong[0].type!r}",
)
def test_what_is_not_ours_is_refused_before_anything_changes(
    settings, tmp_path, old, members, wrong
):
    with pytest.raises(backups.Unusable):
        restoring.decide(pack(tmp_path / "backup.tar", members, wrong))
    assert contents(settings.DATA) == old


@pytest.mark.parametrize("cut", [0, 1, 700, 4096, -10_240, -11_000, -1], ids=str)
def test_half_a_backup_is_none(settings, tmp_path, old, members, cut):
    backup = pack(tmp_path / "backup.tar", members)
    backup.write_bytes(backup.read_bytes()[:cut] if cut != -1 else b"\xff" * 20_000)
    with pytest.raises(backups.Unusable):
        restoring.decide(backup)
    assert contents(settings.DATA) == old


def test_one_changed_bit_is_noticed(settings, tmp_path, old, members):
    backup = pack(tmp_path / "backup.tar", members)
    content = bytearray(backup.read_bytes())
    content[content.index(b"new", content.index(KEY.encode()))] ^= 1
    backup.write_bytes(content)
    with pytest.raises(backups.Unusable, match=f"damaged: media/{KEY} is not what it was"):
        restoring.decide(backup)
    assert contents(settings.DATA) == old


@pytest.mark.parametrize("content", [b"", b"no database" * 999])
def test_a_database_that_is_none_is_refused(settings, tmp_path, old, content):
    with pytest.raises(backups.Unusable, match="its database can't be read"):
        restoring.decide(pack(tmp_path / "backup.tar", {"db.sqlite3": content}))
    assert contents(settings.DATA) == old


def test_a_newer_database_is_refused(settings, tmp_path, old):
    newer = database(
        tmp_path / "made", "new", (("contests", "0001_initial"), ("contests", "9999_x"))
    )
    with pytest.raises(backups.Unusable, match=r"a newer VideoShare made it \(contests.9999_x\)"):
        restoring.decide(pack(tmp_path / "backup.tar", {"db.sqlite3": newer}))
    assert contents(settings.DATA) == old


@pytest.mark.django_db(transaction=True)
def test_a_file_deleted_or_left_behind_meanwhile_is_left_out(settings, tmp_path):
    store(KEY, b"x")
    Path(storage_folder.path_of(KEY).parent, "half.part").write_bytes(b"x")
    for each in backups._sources():
        if each[0] == "db.sqlite3":
            storage.delete(KEY)
    backups.write(tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert tar.getnames() == ["db.sqlite3", "SHA256SUMS"]


@pytest.mark.django_db(transaction=True)
def test_a_backup_replaces_no_other(tmp_path):
    target = tmp_path / "backup.tar"
    target.write_bytes(b"of yesterday")
    with pytest.raises(CommandError, match=r"No backup was written: .* it exists already"):
        call_command("backup", str(target))
    assert contents(tmp_path) == {"backup.tar": b"of yesterday"}


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_on_aws_others_do_that(settings, command):
    settings.S3_BUCKET = "a-bucket"
    with pytest.raises(CommandError, match="The data are not on this machine"):
        call_command(command, "backup.tar")
