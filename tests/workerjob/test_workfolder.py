import os
from pathlib import Path

from workerjob import workfolder


def test_each_has_its_own_for_as_long_as_it_lives(tmp_path):
    root = tmp_path / "work"
    with workfolder.own(root) as first, workfolder.own(root) as second:
        (first / "source").touch()
        assert sorted(root.iterdir()) == sorted([first, second])
        with workfolder.own(root):
            assert (first / "source").exists()
    assert list(root.iterdir()) == []


def test_a_dead_ones_is_cleared_though_a_process_of_that_number_lives(tmp_path):
    for name in (str(os.getpid()), f"{os.getpid()}-x", "1-y"):
        (tmp_path / name / "7-1").mkdir(parents=True)
        (tmp_path / name / "7-1" / "source").touch()
    with workfolder.own(tmp_path) as mine:
        assert list(tmp_path.iterdir()) == [mine]


def test_what_is_no_workers_stays(tmp_path):
    """The site unpacks uploads beside."""
    others = [tmp_path / "tmpab3", tmp_path / "7.txt"]
    others[0].mkdir()
    others[1].touch()
    with workfolder.own(tmp_path) as mine:
        assert Path(mine).is_dir()
    assert sorted(tmp_path.iterdir()) == sorted(others)
