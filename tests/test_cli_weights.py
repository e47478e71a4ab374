"""Weights by command: totals of numbers, all waves at once, weights from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Told
from stores import STUDY, put, small_wave

from trustsurvey.store import Store
from trustsurvey.workflow import load_wave

MARGINS = "variable,category,count\ndistrict,East,600\ndistrict,West,400\nhousehold,total,2300\n"


@pytest.fixture
def town(own_home: Path) -> Store:
    """Two waves whose residents told how many live in their household."""
    store = Store.open()
    store.create_study(STUDY)
    for k in (1, 2):
        wave = small_wave(f"w{k}", seed=k)
        sizes = np.random.default_rng(k).integers(1, 6, len(wave)).astype(float)
        put(store, replace(wave, people=wave.people.assign(household=sizes)), f"d{k}")
    return store


@pytest.fixture
def margins(tmp_path: Path) -> str:
    (tmp_path / "margins.csv").write_text(MARGINS, encoding="utf-8")
    return str(tmp_path / "margins.csv")


@pytest.mark.parametrize("method", ["rake", "linear"])
def test_weights_meet_the_total_of_a_column_of_numbers(
    town: Store, margins: str, run: Callable[..., Told], method: str
) -> None:
    told = run("weigh", "town", "--margins", margins, "--method", method)
    assert "to district, household." in told.out
    wave = load_wave(town, "town", "w2")
    assert wave.weights @ wave.people["household"] == pytest.approx(2300, rel=1e-9)
    assert wave.weights[(wave.people["district"] == "East").to_numpy()].sum() == pytest.approx(600, rel=1e-9)


@pytest.mark.parametrize("method", ["rake", "linear"])
def test_bounds_are_multiples_of_the_mean_for_both_methods(
    town: Store, margins: str, run: Callable[..., Told], method: str
) -> None:
    told = run("weigh", "town", "--margins", margins, "--method", method, "--bounds", "0.2", "3")
    assert told.code == 0, told.err
    wave = load_wave(town, "town", "w2")
    relative = wave.weights / wave.weights.mean()
    assert relative.min() > 0.2 - 1e-9
    assert relative.max() < 3 + 1e-9
    assert wave.weights @ wave.people["household"] == pytest.approx(2300, rel=1e-9)


def test_a_mean_does_as_well_and_a_number_that_the_wave_lacks_is_refused(
    town: Store, margins: str, run: Callable[..., Told]
) -> None:
    path = Path(margins)
    path.write_text(MARGINS.replace("household,total,2300", "household,mean,2.3"), encoding="utf-8")
    assert run("weigh", "town", "--margins", margins).code == 0
    wave = load_wave(town, "town", "w2")
    assert wave.weights @ wave.people["household"] / wave.weights.sum() == pytest.approx(2.3, rel=1e-9)
    path.write_text(MARGINS.replace("household", "rooms"), encoding="utf-8")
    refused = run("weigh", "town", "--margins", margins)
    assert refused.code == 2
    assert "rooms" in refused.err


def test_all_waves_are_weighted_alike_or_none(town: Store, margins: str, run: Callable[..., Told]) -> None:
    told = run("weigh", "town", "--all", "--margins", margins)
    assert [line.split(":")[0] for line in told.out.splitlines() if "answers" in line] == ["w1", "w2"]
    assert all(record.weighted for record in town.waves("town"))
    before = [load_wave(town, "town", name).weights for name in ("w1", "w2")]
    Path(margins).write_text("variable,category,count\nsex,f,5\nsex,m,5\n", encoding="utf-8")
    assert "w1" in run("weigh", "town", "--all", "--margins", margins).err  # some did not say their sex
    for name, weights in zip(("w1", "w2"), before, strict=True):
        assert np.array_equal(load_wave(town, "town", name).weights, weights)
    assert run("weigh", "town", "--all", "--wave", "w1").code == 2


def test_weights_from_elsewhere_are_taken_as_they_are_and_it_is_said(
    town: Store, run: Callable[..., Told], tmp_path: Path
) -> None:
    wave = load_wave(town, "town", "w1")
    made = np.random.default_rng(5).uniform(0.5, 2, len(wave))
    table = pd.DataFrame({"respondent": wave.people["respondent"], "weight": made}).sample(frac=1, random_state=1)
    file = tmp_path / "weights.csv"
    table.to_csv(file, index=False)
    told = run("weigh", "town", "--wave", "w1", "--from", str(file), "--reason", "raked in R by the university")
    assert "w1: 60 answers taken from weights.csv." in told.out
    now = load_wave(town, "town", "w1")
    assert np.array_equal(now.weights, made)
    assert now.weighting is not None
    assert now.weighting.settings["reason"] == "raked in R by the university"
    by_row = table.assign(source_row=table["respondent"].map(wave.people.set_index("respondent")["source_row"]))
    by_row.drop(columns="respondent").to_csv(file, index=False)
    assert run("weigh", "town", "--wave", "w1", "--from", str(file)).code == 0
    assert np.array_equal(load_wave(town, "town", "w1").weights, made)


@pytest.mark.parametrize(
    ("change", "word"),
    [(lambda t: t.iloc[:-1], "not in the table"), (lambda t: t.assign(weight=-1), "above 0"),
     (lambda t: t.rename(columns={"weight": "w"}), "no column 'weight'"),
     (lambda t: t.rename(columns={"respondent": "who"}), "which resident")],
)  # fmt: skip
def test_what_is_wrong_with_them_is_one_line_and_nothing_changes(
    town: Store, run: Callable[..., Told], tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], word: str
) -> None:
    table = pd.DataFrame({"respondent": load_wave(town, "town", "w1").people["respondent"], "weight": 1.0})
    change(table).to_csv(tmp_path / "w.csv", index=False)
    told = run("weigh", "town", "--wave", "w1", "--from", str(tmp_path / "w.csv"))
    assert told.code == 2
    assert word in told.err
    assert not town.waves("town")[0].weighted


def test_they_exclude_margins(town: Store, margins: str, run: Callable[..., Told]) -> None:
    assert run("weigh", "town", "--from", margins, "--margins", margins).code == 2
