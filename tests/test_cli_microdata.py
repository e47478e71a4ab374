"""Answers by command: to a folder or an archive, for a reason."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Told
from test_cli_tables import town

from trustsurvey.store import Store

__all__ = ["town"]
REASON = "for the council's statistician"


def test_answers_go_to_a_folder_or_an_archive(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    told = run("microdata", "town", tmp_path / "folder", "--reason", REASON, "--replicates", "bootstrap",
               "--count", "20")  # fmt: skip
    assert (told.code, told.err) == (0, "")
    assert "997 residents. These are answers of single people" in told.out
    names = {path.name for path in (tmp_path / "folder").iterdir()}
    assert {"answers.csv", "answers.sav", "answers.sps", "figures.R", "replicate_scales.csv", "reproduce.yaml"} <= names
    assert town.audit_trail()["detail"].iloc[0].endswith(f"replicates; {REASON}")
    run("microdata", "town", tmp_path / "a.zip", "--wave", "Q1", "--reason", REASON, "--format", "csv", "--no-weights")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert "figures.R" not in archive.namelist()
        assert "answers.sav" not in archive.namelist()
    assert town.audit_trail()["object"].iloc[0] == "town/Q1"


def test_what_is_wrong_is_one_line(town: Store, refused: Callable[..., str], tmp_path: Path) -> None:
    assert "for a reason" in refused("microdata", "town", tmp_path / "a.zip")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    assert "not empty" in refused("microdata", "town", tmp_path / "full", "--reason", REASON)
    assert "no wave 'Q9'" in refused("microdata", "town", tmp_path / "a.zip", "--wave", "Q9", "--reason", REASON)
    assert not (tmp_path / "a.zip").exists()


def test_without_the_right_none_leave(
    town: Store, refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.rights.allowed", lambda person, action, thing: action != "download microdata")
    assert "do not have the right" in refused("microdata", "town", tmp_path / "a.zip", "--reason", REASON)
    assert not (tmp_path / "a.zip").exists()
