"""Fixtures shared by the tests, and where the material kept outside the project lies."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from stores import ENGINES, empty_database, read_once

from trustsurvey import __main__
from trustsurvey.store import Store
from trustsurvey.study_file import read_study_file
from trustsurvey.workflow import run_study

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@dataclass(frozen=True)
class Told:
    """What a command said, and with which exit code it ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def golden() -> Path:
    """Folder of reference results computed by R; the test skips where it is absent."""
    folder = Path(os.environ.get("TRUSTSURVEY_GOLDEN", SHARED / "golden"))
    if not folder.is_dir():
        pytest.skip(f"reference results are not at {folder}; set TRUSTSURVEY_GOLDEN to their folder")
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real survey files; the test skips where it is absent."""
    folder = Path(os.environ.get("TRUSTSURVEY_REAL_DATA", SHARED / "data"))
    if not folder.is_dir():
        pytest.skip(f"real survey files are not at {folder}; set TRUSTSURVEY_REAL_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the sample study in its database, made once; copy it before changing it."""
    folder = tmp_path_factory.mktemp("sample-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUSTSURVEY_HOME", str(folder))
        patch.delenv("TRUSTSURVEY_DATABASE_URL", raising=False)
        patch.delenv("TRUSTSURVEY_SECRET", raising=False)
        store = Store.open()
        run_study(store, read_study_file(ROOT / "sample_data" / "study.yaml"))
        store.close()
    return folder


@pytest.fixture
def sample_home(sample_folder: Path, own_home: Path) -> Path:
    """This test's own home folder, with the sample study in it."""
    shutil.copytree(sample_folder, own_home, dirs_exist_ok=True)
    return own_home


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a database and a key of its own; nobody's real studies are ever touched."""
    home = tmp_path / "home"
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(home))
    monkeypatch.delenv("TRUSTSURVEY_DATABASE_URL", raising=False)
    monkeypatch.delenv("TRUSTSURVEY_SECRET", raising=False)
    return home


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind; PostgreSQL where TRUSTSURVEY_TEST_POSTGRES names a server."""
    with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(database: str, own_home: Path) -> Iterator[Store]:
    """An open store without a study."""
    opened = Store.open(database)
    yield opened
    opened.close()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """The whole command line in this process: arguments in, exit code and both outputs back."""
    read_once(monkeypatch)

    def work(*arguments: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["trustsurvey", *(str(a) for a in arguments)])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        said = capsys.readouterr()
        return Told(int(ended.value.code or 0), said.out, said.err)

    return work


@pytest.fixture
def refused(run: Callable[..., Told]) -> Callable[..., str]:
    """A command that must be refused: one line on standard error, nothing else, exit code 2."""

    def work(*arguments: object) -> str:
        told = run(*arguments)
        assert told.code == 2, told
        assert re.fullmatch(r"trustsurvey: [^\n]+\n", told.err), told.err
        assert "Traceback" not in told.err
        return told.err

    return work
