"""Fixtures shared by the tests, and where the material kept outside the project lies."""

from __future__ import annotations

import gc
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from files import read_here
from stores import ENGINES, empty_database, read_once

from trustsurvey import __main__, workflow
from trustsurvey.focus_groups.sample import add_sample_groups
from trustsurvey.store import Store
from trustsurvey.study_file import read_study_file
from trustsurvey.voices.sample import read_sample
from trustsurvey.workflow import run_study

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@dataclass(frozen=True)
class Told:
    """What a command said, and with which exit code it ended."""

    code: int
    out: str
    err: str


def pytest_collection_finish() -> None:
    """What was loaded for thousands of tests stays: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _runs_of_pages() -> Iterator[None]:
    if "streamlit.testing" not in sys.modules:  # no test that was chosen runs a page
        yield
        return
    from again import done_once

    with done_once():
        yield


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
        # Each wave would else be read in a process of its own, which takes longer to start than to read it.
        patch.setattr(workflow, "read", lambda path: read_here(path.read_bytes(), path.name))
        store = Store.open()
        run_study(store, read_study_file(ROOT / "sample_data" / "study.yaml"))
        store.close()
    return folder


@pytest.fixture
def sample_home(sample_folder: Path, own_home: Path) -> Path:
    """This test's own home folder, with the sample study in it."""
    shutil.copytree(sample_folder, own_home, dirs_exist_ok=True)
    return own_home


@pytest.fixture(scope="session")
def spoken_folder(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its focus groups and what was read in the last four waves; copy it before changing it."""
    folder = Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("spoken") / "home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUSTSURVEY_HOME", str(folder))
        store = Store.open()
        (study,) = store.studies()
        assert add_sample_groups(store, study.slug, ROOT / "sample_data" / "focus_groups") == 6
        read_sample(store, study.slug, ROOT / "sample_data" / "readings.csv")
        store.close()
    return folder


@contextmanager
def _unwritten(home: Path) -> Iterator[Path]:
    """The home folder of tests that only look, so that pages find what others had worked out.

    A test that changes how numbers are made needs a home of its own as well: what pages keep would outlast it.
    """
    with pytest.MonkeyPatch.context() as patch, closing(sqlite3.connect(home / "trustsurvey.db")) as looking:
        patch.setenv("TRUSTSURVEY_HOME", str(home))
        before = looking.execute("PRAGMA data_version").fetchone()
        yield home
        after = looking.execute("PRAGMA data_version").fetchone()
    assert after == before, "something was written: this test needs a home of its own, sample_home"


@pytest.fixture
def sample_seen(sample_folder: Path, own_home: Path) -> Iterator[Path]:
    """A home folder with the sample study for a test that writes nothing, not even who looked."""
    with _unwritten(sample_folder) as home:
        yield home


@pytest.fixture
def spoken_seen(spoken_folder: Path, own_home: Path) -> Iterator[Path]:
    """The same with focus groups and readings."""
    with _unwritten(spoken_folder) as home:
        yield home


@pytest.fixture(scope="session")
def visited_folder(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the sample study for those who sign in and only look: that they did is written down in it."""
    return Path(shutil.copytree(sample_folder, tmp_path_factory.mktemp("visited") / "home"))


@pytest.fixture
def sample_visited(visited_folder: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as the home folder of a test."""
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(visited_folder))
    return visited_folder


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a database and a key of its own; nobody's real studies are ever touched."""
    home = tmp_path / "home"
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(home))
    monkeypatch.delenv("TRUSTSURVEY_DATABASE_URL", raising=False)
    monkeypatch.delenv("TRUSTSURVEY_SECRET", raising=False)
    return home


@pytest.fixture(autouse=True)
def _no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that run here are drawn by no browser, which would be left time to show their first number."""
    if "streamlit.testing" not in sys.modules:
        return
    for pause in ("OPENING", "TURNING", "CHOOSING"):
        monkeypatch.setattr(f"trustsurvey.ui.paint.{pause}", 0.0)


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
