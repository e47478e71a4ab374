"""Replicate weights taken away: complete, stated, kept from those without the right, and read alike by R."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from builders import refusal, row_of
from conftest import Told
from test_cli_tables import table, town

from trustsurvey.export.method_weights import replicate_rows
from trustsurvey.export.workbook import workbook_bytes
from trustsurvey.model import Action
from trustsurvey.replication.replicates import replicate
from trustsurvey.store import Store
from trustsurvey.workflow import load_wave

__all__ = ["table", "town"]


def archive(path: Path) -> dict[str, pd.DataFrame]:
    with zipfile.ZipFile(path) as packed:
        return {
            name.removesuffix(".csv"): pd.read_csv(io.BytesIO(packed.read(name)), encoding="utf-8-sig")
            for name in packed.namelist()
        }


def test_what_is_taken_away_is_what_the_package_makes(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    target = tmp_path / "r.zip"
    assert run("export", "town", target, "--replicates", "bootstrap", "--count", "30", "--seed", "5").code == 0
    sheets = archive(target)
    wave = load_wave(town, "town", "Q2")
    ours = replicate(wave, "bootstrap", count=30, seed=5, failed="drop")
    rows = sheets["replicates"]
    assert list(rows)[:4] == ["respondent", "source_row", "weight", "rep_1"]
    assert rows["respondent"].tolist() == wave.people["respondent"].tolist()
    np.testing.assert_allclose(rows["weight"], wave.weights, rtol=1e-15)
    np.testing.assert_allclose(rows.iloc[:, 3:], ours.weights, rtol=1e-15)
    assert sheets["replicate_scales"]["rscale"].tolist() == ours.rscales.tolist()
    assert "weights" in sheets
    told = dict(zip(sheets["method"]["subject"], sheets["method"]["statement"], strict=True))
    assert told["Replicate weights"].startswith(f"{len(ours)}, bootstrap, seed 5, each weighted anew")
    assert told["Scale of the replicates"].startswith(repr(ours.scale))
    assert f"scale = {ours.scale!r}" in told["The same in R"]
    assert town.audit_trail()["detail"].iloc[0] == f"r.zip with weights and {len(ours)} replicates"


def test_what_was_promised_and_found_is_a_sheet(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    run("export", "town", tmp_path / "none.xlsx")
    assert "Actions" not in openpyxl.load_workbook(tmp_path / "none.xlsx", read_only=True).sheetnames
    formula = Action("=1+1", state="done", done=date(2025, 3, 30), score="trust")
    town.actions.save("town", [formula, Action("Doors")])
    run("export", "town", tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["Actions"]
    head, *rows = sheet.iter_rows(values_only=True)
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["promised"] for row in told] == ["Doors", "=1+1"]
    assert (told[1]["wave_before"], told[1]["wave_after"], told[1]["verdict"] in ("up", "down", "none")) == (
        "Q1", "Q2", True,
    )  # fmt: skip
    assert told[1]["lci"] < told[1]["diff"] < told[1]["uci"]
    assert told[0]["verdict"] is None
    # What begins like a formula is text.
    assert all(cell.data_type == "s" for row in sheet.iter_rows(min_col=3, max_col=20) for cell in row if cell.value)


def test_they_come_back_by_the_other_door(
    town: Store, run: Callable[..., Told], table: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    run("export", "town", tmp_path / "r.zip", "--replicates", "bootstrap", "--count", "25")
    with zipfile.ZipFile(tmp_path / "r.zip") as packed:
        packed.extractall(tmp_path)
    asked = ("--measure", "trust", "--by", "ward")
    ours = table(*asked, "--variance", "bootstrap", "--count", "25")
    theirs = table(*asked, "--replicates", tmp_path / "replicates.csv", "--kind", "bootstrap")
    np.testing.assert_allclose(theirs["se"], ours["se"], rtol=1e-9)


def test_a_workbook_holds_them_too(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    run("export", "town", tmp_path / "r.xlsx", "--replicates", "bootstrap", "--count", "12", "--no-weights")
    names = openpyxl.load_workbook(tmp_path / "r.xlsx", read_only=True).sheetnames
    assert {"Replicates", "Replicate scales"} <= set(names)
    assert "Weights" not in names


def test_without_being_asked_for_none_leave(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    run("export", "town", tmp_path / "r.zip")
    assert not any("replicate" in name for name in archive(tmp_path / "r.zip"))


def test_without_the_right_none_leave(
    town: Store, refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.cli.rights.allowed", lambda person, action, thing="": False)
    told = refused("export", "town", tmp_path / "r.zip", "--replicates", "bootstrap")
    assert "Replicate weights need the right to single answers" in told
    assert not (tmp_path / "r.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("r.txt", "--replicates", "bootstrap"), ".xlsx or .zip"),
        (("r.zip", "--replicates", "magic"), "--replicates"),
        (("r.zip", "--replicates", "bootstrap", "--count", "1"), "Too few replicates"),
        (("r.zip", "--replicates", "fay", "--rho", "2", "--large", "merge"), "rho"),
        (("r.zip", "--replicates", "brr"), "merge"),
    ],
)
def test_what_is_wrong_is_one_line(
    town: Store, refused: Callable[..., str], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in refused("export", "town", tmp_path / arguments[0], *arguments[1:])


def test_more_columns_than_a_sheet_holds_are_refused() -> None:
    with refusal("export.columns", "16,385", "CSV"):
        workbook_bytes({"Replicates": pd.DataFrame(np.zeros((1, 16_385)))})


def test_the_method_says_what_became_of_replicates(town: Store) -> None:
    wave = load_wave(town, "town", "Q2")
    fixed = dict(replicate_rows(replicate(wave, "JK1", recalibrate=False, mse=True)))
    assert fixed["Replicate weights"] == "997, JK1, of fixed weights"
    assert fixed["Scale of the replicates"].endswith("of squares around the estimate")
    assert "mse = TRUE" in fixed["The same in R"]


def test_r_reads_them_alike(
    town: Store, run: Callable[..., Told], table: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    """``svrepdesign`` as the method sheet says gives the standard errors that are printed here (R survey)."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    run("export", "town", tmp_path / "r.zip", "--replicates", "bootstrap", "--count", "40")
    for name, sheet in archive(tmp_path / "r.zip").items():
        if "replicate" in name or name == "method":
            sheet.to_csv(tmp_path / f"{name}.csv", index=False)
    wave = load_wave(town, "town", "Q2")
    assert wave.scores is not None
    wave.people[["source_row", "ward"]].assign(y=wave.scores["trust"]).to_csv(tmp_path / "answers.csv", index=False)
    method = pd.read_csv(tmp_path / "method.csv")
    call = row_of(method, subject="The same in R")["statement"].replace("...", "both")
    script = f"""
    suppressMessages(library(survey))
    scales <- read.csv("replicate_scales.csv")
    both <- merge(read.csv("replicates.csv"), read.csv("answers.csv"), by = "source_row")
    found <- svyby(~y, ~ward, {call}, svymean)
    write.csv(found, "found.csv", row.names = FALSE)
    """
    done = subprocess.run(["Rscript", "-e", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    if "no package called" in done.stderr:
        pytest.skip("R has no package survey")
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(tmp_path / "found.csv").set_index("ward")
    ours = table("--measure", "trust", "--by", "ward", "--variance", "bootstrap", "--count", "40")
    for ward in ("Park", "Hill"):
        row = row_of(ours, level=ward)
        assert (row["est"], row["se"]) == pytest.approx((found.loc[ward, "y"], found.loc[ward, "se"]), rel=1e-9)
