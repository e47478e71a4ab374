"""Figures made again from a reproducibility file and the surveys' own files: the same, or it says which are not."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from builders import margins_of, refusal
from conftest import Told
from stores import INSTRUMENT, LEVELS, read_once

from trustsurvey import weighing, workflow
from trustsurvey.analysis import picture
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import Study
from trustsurvey.readers.guard import read
from trustsurvey.reproduction import repeat as module
from trustsurvey.reproduction.recipe import recipe
from trustsurvey.reproduction.repeat import repeat
from trustsurvey.store import Store

MAPPING = mapping_from_yaml("""
partial_below: 0
columns:
  id: id
  q1: {item: fair, dont_know: ["9"]}
  q2: {item: rude}
  q3: {item: safe, flip: true}
  ward: {area: ward}
  sex: {group: sex, values: {"1": f, "2": m}}
  people: {number: people}
  name: private
""")
MARGINS = margins_of(district={"East": 4000, "West": 6000}, sex={"f": 5200, "m": 4800})
SPANS = ((date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 6, 30)))


def survey(path: Path, seed: int, n: int = 420, year: str = "") -> None:
    """A file of answers, the same residents in parts."""
    rng = np.random.default_rng(seed)
    with path.open("w" if not year or not path.exists() else "a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if not file.tell():
            writer.writerow(["id", "q1", "q2", "q3", "ward", "sex", "people", "name", "wave year"])
        for k in range(n):
            ward = ["Docks", "Mill", "Park", "Hill"][int(rng.integers(0, 4))]
            answers = rng.integers(1, 6, 3).tolist()
            answers[0] = 9 if rng.random() < 0.05 else answers[0]
            sex = "" if rng.random() < 0.03 else int(rng.integers(1, 3))
            writer.writerow([k * seed, *answers, ward, sex, int(rng.integers(1, 6)), f"Resident {k}", year])


def imported(store: Store, file: Path, name: str, at: int, only: tuple[str, str] | None = None, **how: Any) -> None:
    raw = read(file)
    raw = raw if only is None else workflow.only(raw, *only)
    wave = workflow.prepare(store, "town", raw, MAPPING, name, *SPANS[at]).settled()
    workflow.save_import(store, "town", wave, MAPPING, raw)
    if how:
        weighing.weigh_wave(store, "town", name, **how)


@pytest.fixture
def town(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A study with two waves: one raked within bounds, one cut off, with merged categories and a total."""
    read_once(monkeypatch)
    surveys = tmp_path / "surveys"
    surveys.mkdir()
    survey(surveys / "q1.csv", 1)
    survey(surveys / "q2.csv", 2)
    store = Store.open()
    store.create_study(Study("town", "Town", INSTRUMENT, LEVELS), margins=MARGINS)
    imported(store, surveys / "q1.csv", "Q1", 0, missing="keep", start="one", bounds=(0.3, 3.0))
    more = margins_of(district={"East": 4000, "West": 6000}, people={"total": 30_500})
    imported(store, surveys / "q2.csv", "Q2", 1, missing="keep", collapse=5, margins=more, trim_to=(0.74, 1.25))
    return store


@pytest.fixture
def written(town: Store, run: Callable[..., Told], tmp_path: Path) -> Path:
    target = tmp_path / "figures.yaml"
    assert run("export", "town", target).out == f"{target} written.\n"
    assert town.audit_trail()["detail"].iloc[0] == "figures.yaml, to reproduce the figures"
    return target


def test_the_same_figures_come_out(written: Path, tmp_path: Path, run: Callable[..., Told]) -> None:
    whole = yaml.safe_load(written.read_text())
    assert [wave["weighting"] for wave in whole["waves"]] == [
        {"method": "rake", "start": "one", "missing": "keep", "bounds": [0.3, 3.0], "bounds_on": "mean"},
        {"method": "rake", "start": "base", "missing": "keep", "collapse": 5, "trim": pytest.approx([0.74, 1.25])},
    ]
    assert {"python", "trustsurvey", "numpy", "scipy", "pandas"} <= set(whole["reproduces"]["versions"])
    (tmp_path / "surveys" / "q1.csv").rename(tmp_path / "surveys" / "another name.csv")
    told = run("reproduce", written, "--data", tmp_path / "surveys")
    assert (told.code, told.err) == (0, "")
    compared = sum(
        len([cell for row in table.splitlines()[1:] for cell in row.split(",") if cell.replace(".", "").isdigit()])
        for table in whole["reproduces"]["figures"].values()
    )
    assert told.out.endswith("figures of Q2.\n")
    count = int(told.out.split("all ")[1].split(" figures")[0].replace(",", ""))
    assert 0.7 * compared < count
    assert "Resident" not in written.read_text()


def test_it_says_which_figures_differ(written: Path, tmp_path: Path, run: Callable[..., Told]) -> None:
    whole = yaml.safe_load(written.read_text())
    row = next(
        line for line in whole["reproduces"]["figures"]["Results"].splitlines() if ",trust,mean,district," in line
    )
    was = row.split(",")[5]
    assert float(was) > 0
    written.write_text(written.read_text().replace(was, f"{float(was) + 0.001!r}"))
    told = run("reproduce", written, "--data", tmp_path / "surveys")
    assert told.code == 1
    assert "Results, Q2, trust, mean, district, East, est: was " in told.out
    assert f"is {was}\n" in told.out


def test_other_settings_give_other_figures(written: Path, tmp_path: Path) -> None:
    written.write_text(written.read_text().replace("q3:\n      item: safe\n      flip: true", "q3:\n      item: safe"))
    made = repeat(written, tmp_path / "surveys")
    assert not made.identical
    assert {"Results", "Trend", "Questions"} <= set(made.differences["table"])
    assert set(made.notes) == {
        f"the mapping of {w} is another one than the figures were made with" for w in ("Q1", "Q2")
    }


def test_other_versions_and_rules_are_told(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.versions()
    monkeypatch.setattr(module, "versions", lambda: {**real, "numpy": "9.9"})
    written.write_text(written.read_text().replace("    caution: 50\n", "    caution: 60\n"))
    made = repeat(written, tmp_path / "surveys")
    assert made.identical
    assert made.notes == (
        f"numpy was {real['numpy']}, is 9.9",
        "the rules of what may be shown are others than the figures were made with",
    )


def test_a_survey_that_was_saved_anew_is_another_file(
    written: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    (tmp_path / "surveys" / "q2.csv").open("a").write("\n")
    told = refused("reproduce", written, "--data", tmp_path / "surveys")
    assert "The file of the wave 'Q2' is not there" in told
    assert "saving it anew changes it" in told
    shutil.rmtree(tmp_path / "surveys")
    assert "no such folder" in refused("reproduce", written, "--data", tmp_path / "surveys")


def test_a_plain_study_file_names_no_figures(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text("name: Town")
    with refusal("reproduce.file"):
        repeat(tmp_path / "study.yaml", tmp_path)


def test_two_waves_of_one_file(
    own_home: Path, tmp_path: Path, run: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_once(monkeypatch)
    surveys = tmp_path / "surveys"
    surveys.mkdir()
    for k, year in enumerate(("FY 2025", "FY 2026")):
        survey(surveys / "years.csv", k + 1, year=year)
    store = Store.open()
    store.create_study(Study("town", "Town", INSTRUMENT, LEVELS), margins=MARGINS)
    for k, year in enumerate(("FY 2025", "FY 2026")):
        imported(store, surveys / "years.csv", year, k, ("wave year", year), missing="keep")
    run("export", "town", tmp_path / "f.yaml")
    assert run("reproduce", tmp_path / "f.yaml", "--data", surveys).code == 0
    assert list(yaml.safe_load((tmp_path / "f.yaml").read_text())) == [
        "name", "slug", "sample", "probability", "instrument", "areas", "mapping", "margins", "weighting", "waves",
        "reproduces",
    ]  # fmt: skip


def test_areas_that_were_redrawn(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    """Waves of before the change are read in the areas of today, from the file as from the store."""
    old = town.study("town").level("ward")
    (tmp_path / "became.csv").write_text("old,new\nDocks,Quay\nMill,Mill\nPark,Green\nHill,Green\n")
    areas = (("Quay", "East"), ("Mill", "East"), ("Green", "West"))
    workflow.change_areas(town, "town", replace(old, areas=areas), tmp_path / "became.csv")
    run("export", "town", tmp_path / "f.yaml")
    assert yaml.safe_load((tmp_path / "f.yaml").read_text())["areas"][1]["former"][0][:2] == ["Docks", "Quay"]
    told = run("reproduce", tmp_path / "f.yaml", "--data", tmp_path / "surveys")
    assert told.code == 0, told.out


def test_what_an_earlier_release_hid_stays_hidden(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    wave = workflow.load_wave(town, "town", "Q2")
    corrected = replace(wave, withheld=frozenset({("", "ward", "Docks"), ("trust", "ward", "Docks")}))
    study = town.study("town")
    waves = [workflow.load_wave(town, "town", "Q1"), corrected]
    shown = picture(waves, 1, study)
    (tmp_path / "f.yaml").write_text(recipe(shown, waves, town.waves("town"), town.margins("town")))
    assert yaml.safe_load((tmp_path / "f.yaml").read_text())["reproduces"]["sources"]["Q2"]["withheld"] == [
        ["", "ward", "Docks"], ["trust", "ward", "Docks"],
    ]  # fmt: skip
    made = repeat(tmp_path / "f.yaml", tmp_path / "surveys")
    assert made.identical, made.differences
    docks = shown.estimates.rows(measure="trust", by="ward", level="Docks").iloc[0]
    assert docks["suppressed"] or docks["guarded"]


def test_weights_from_elsewhere_are_said_to_be_missing(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    wave = workflow.load_wave(town, "town", "Q2")
    rows = zip(wave.people["source_row"], np.linspace(1, 3, len(wave)), strict=True)
    (tmp_path / "w.csv").write_text("source_row,weight\n" + "\n".join(f"{row},{weight}" for row, weight in rows))
    weighing.bring_weights(town, "town", "Q2", tmp_path / "w.csv")
    run("export", "town", tmp_path / "f.yaml")
    told = run("reproduce", tmp_path / "f.yaml", "--data", tmp_path / "surveys")
    assert told.code == 1
    assert "note: Q2: its weights were brought from elsewhere and are not made anew" in told.out
