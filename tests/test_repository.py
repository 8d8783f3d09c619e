"""The repository itself: pinned, hashed, and silent about where packages were fetched."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = sorted((ROOT / "web/requirements").glob("*.txt"))


def entries(path: Path) -> list[str]:
    """Return each requirement of a file as one line, with its hashes."""
    return path.read_text().replace("\\\n", " ").splitlines()


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_requirements_are_those_we_know() -> None:
    assert [path.name for path in REQUIREMENTS] == [
        *("bench.txt", "emulator.txt", "lock.txt", "mysql.txt", "node.txt", "run.txt"),
        "test.txt",
    ]


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_hashes(path: Path) -> None:
    pattern = re.compile(r"[a-z0-9-]+==[^ ;]+ (; [^\\]+?)?( *--hash=sha256:[0-9a-f]{64})+ *")
    assert [line for line in entries(path) if not pattern.fullmatch(line)] == []


def test_tests_run_on_the_versions_that_are_served() -> None:
    by_file = {
        path.name: {line.split("--hash")[0].strip() for line in entries(path)}
        for path in REQUIREMENTS
    }
    assert by_file["run.txt"] - by_file["test.txt"] == set()


def test_all_declared_dependencies_are_compiled() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    declared = {
        "run.txt": project["project"]["dependencies"] + groups["build"],
        "test.txt": groups["test"],
        "node.txt": groups["node"],
        "lock.txt": groups["lock"],
        "bench.txt": groups["bench"],
    }
    missing = [
        (file, name)
        for file, requirements in declared.items()
        for name in (re.split(r"[^A-Za-z0-9_.-]", each)[0].rstrip("~") for each in requirements)
        if not any(
            line.startswith(f"{normalized(name)}==")
            for line in entries(ROOT / "web/requirements" / file)
        )
    ]
    assert missing == []


def test_npm_lock_file_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "web/frontend/package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages != {}
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_npm_lock_file_matches_the_package_file() -> None:
    package = json.loads((ROOT / "web/frontend/package.json").read_text())
    locked = json.loads((ROOT / "web/frontend/package-lock.json").read_text())["packages"][""]
    for section in ("dependencies", "devDependencies"):
        assert locked[section] == package[section]


def test_no_committed_file_names_an_index_or_a_registry() -> None:
    pattern = "|".join(
        [r'"resolved": *"http', "--(extra-)?index" + "-url ", "^(registry|index" + "-url) *="]
    )
    found = subprocess.run(
        ["git", "-C", ROOT, "grep", "-nIE", pattern], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""


def test_nothing_is_committed_that_set_up_makes() -> None:
    ignored = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--cached", "--ignored", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ignored.stdout == ""


@pytest.mark.parametrize(
    "readme", ["README.md", "README.es.md", "web/README.md", "workerjob/README.md"]
)
def test_what_a_readme_points_to_is_there(readme):
    text, here = (ROOT / readme).read_text(), (ROOT / readme).parent
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    # Paths of the repository in code marks; what a run makes (var/, .venv/) is not there yet.
    named = re.findall(r"`((?:web|workerjob|tests)/[\w./]+)`", text)
    gone = [link for link in links if not (here / link).exists()]
    gone += [name for name in named if not (ROOT / name).exists()]
    assert gone == []


def test_the_workers_readme_names_every_file():
    files = {path.name for path in (ROOT / "workerjob").glob("[a-z]*.py")}
    named = re.findall(r"^\| `(\w+\.py)`", (ROOT / "workerjob/README.md").read_text(), re.MULTILINE)
    assert set(named) == files
