"""Fixtures shared by the tests, and where the material kept outside the project lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


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


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a database and a key of its own; nobody's real studies are ever touched."""
    home = tmp_path / "home"
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(home))
    monkeypatch.delenv("TRUSTSURVEY_DATABASE_URL", raising=False)
    monkeypatch.delenv("TRUSTSURVEY_SECRET", raising=False)
    return home
