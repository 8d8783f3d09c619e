import os
import stat
import subprocess
import sys
from pathlib import Path

from videoshare.config import ROOT


def mode(path: Path) -> str:
    return stat.filemode(path.stat().st_mode)


def test_only_its_owner_reads_the_data(tmp_path: Path) -> None:
    data = tmp_path / "data"
    subprocess.run(
        [sys.executable, "-c", "import videoshare.settings"],
        cwd=ROOT / "web",
        env=os.environ | {"VIDEOSHARE_DATA": str(data)},
        check=True,
    )
    assert mode(data) == "drwx------"
