"""Tables on the command line: what is printed is the package's number, and what is wrong is one line."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import margins_of, row_of
from conftest import Told
from stores import STUDY, put
from test_export_tables import planted
from test_tabulate import QUARTERS

from trustsurvey.comparison.multiplicity import holm
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.replication.elsewhere import replicates_table
from trustsurvey.replication.replicates import replicate
from trustsurvey.store import Store
from trustsurvey.weighting.weigh import rake
from trustsurvey.workflow import load_wave

MARGINS = margins_of(district={"East": 20_000, "West": 30_000}, sex={"f": 25_000, "m": 24_000, "x": 1_000})


@pytest.fixture
def town(own_home: Path) -> Store:
    """Two quarters weighted to numbers of people; seven residents of Docks and four of the sex "x" in each."""
    store = Store.open()
    store.create_study(STUDY)
    for k, (start, end) in enumerate(QUARTERS[:2]):
        wave = rake(replace(planted(k + 1), start=start, end=end), MARGINS)
        put(store, wave, f"d{k}")
        store.save_weighting("town", wave)
    return store


@pytest.fixture
def table(run: Callable[..., Told]) -> Callable[..., pd.DataFrame]:
    """The table that ``estimate`` prints as CSV."""

    def work(*arguments: object) -> pd.DataFrame:
        told = run("estimate", "town", *arguments, "--csv")
        assert (told.code, told.err) == (0, "")
        return pd.read_csv(io.StringIO(told.out.lstrip("\ufeff")), keep_default_na=False, na_values=[""])

    return work


def test_numbers_of_people_are_printed_whole(town: Store, run: Callable[..., Told]) -> None:
    told = run("estimate", "town", "--stat", "number", "--measure", "people", "--measure", "fair", "--by", "ward").out
    assert re.search(r"people +everyone +50,000  \(50,000 to 50,000\)  n 997", told)
    assert re.search(r"fair +Park +\d,\d{3}  \(\d,\d{3} to \d,\d{3}\)  n 331", told)
    assert re.search(r"people +Docks +too few people\n", told)


def test_ratios_are_printed_with_three_decimals(town: Store, run: Callable[..., Told]) -> None:
    told = run("estimate", "town", "--stat", "ratio", "--measure", "fair", "--over", "safe").out
    assert re.search(r"fair/safe +everyone +\d\.\d{3}  \(\d\.\d{3} to \d\.\d{3}\)  n 997", told)


# --- changes ------------------------------------------------------------------------------------------------------


def test_changes_are_adjusted_by_holm_where_asked(town: Store, table: Callable[..., pd.DataFrame]) -> None:
    asked = ("--changes", "--measure", "trust", "--by", "ward")
    usual, strict = table(*asked), table(*asked, "--adjust-for", "holm")
    assert usual["p"].equals(strict["p"])
    wards = strict[(strict["by"] == "ward") & strict["p"].notna()]
    np.testing.assert_allclose(wards["p_adj"], holm(wards["p"].to_numpy()))
    everyone = row_of(strict[strict["by"].isna()], measure="trust")
    assert everyone["p_adj"] == pytest.approx(everyone["p"])


def test_the_adjustment_is_said(town: Store, run: Callable[..., Told]) -> None:
    told = run("estimate", "town", "--changes", "--adjust-for", "holm").out
    assert told.endswith("Change since Q1. p_adj holds down the chance of any false alarm among the tests of one "
                         "grouping (Holm).\n")  # fmt: skip


def test_a_question_may_be_compared_too(town: Store, table: Callable[..., pd.DataFrame]) -> None:
    assert table("--changes", "--measure", "fair")["measure"].tolist() == ["fair"]


# --- replicate weights from elsewhere --------------------------------------------------------------------------------


@pytest.fixture
def brought(town: Store, tmp_path: Path) -> Path:
    """Forty bootstrap weights of the second quarter in a file, as another program would write them."""
    wave = load_wave(town, "town", "Q2")
    weights, scales = replicates_table(wave, replicate(wave, "bootstrap", count=40))
    weights.to_csv(tmp_path / "weights.csv", index=False)
    scales.to_csv(tmp_path / "scales.csv", index=False)
    return tmp_path / "weights.csv"


def test_replicates_from_elsewhere_give_the_errors_of_our_own(
    brought: Path, table: Callable[..., pd.DataFrame]
) -> None:
    asked = ("--measure", "trust", "--by", "ward")
    ours = table(*asked, "--variance", "bootstrap", "--count", "40")
    theirs = table(*asked, "--replicates", brought, "--kind", "bootstrap")
    for name in ("est", "se", "lci", "uci", "n", "n_eff"):
        np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-9)
    assert set(theirs["method"]) == {"40 replicates, bootstrap, from elsewhere"}
    assert theirs["suppressed"].equals(ours["suppressed"])
    assert theirs["se"].isna().sum() == 2


def test_the_scales_of_a_kind_and_of_a_file(brought: Path, table: Callable[..., pd.DataFrame]) -> None:
    def error(*how: object) -> float:
        return float(table("--measure", "trust", "--replicates", brought, *how)["se"].iloc[0])

    usual = error("--kind", "bootstrap")  # 1 / 39
    assert error("--kind", "jk1") == pytest.approx(usual * np.sqrt(39 / 40 * 39))
    assert error("--kind", "brr") == pytest.approx(usual * np.sqrt(39 / 40))
    assert error("--kind", "fay", "--rho", "0.5") == pytest.approx(usual * np.sqrt(39 / 40) * 2)
    assert error("--kind", "sdr") == pytest.approx(usual * np.sqrt(39 / 10))
    assert error("--kind", "other", "--scale", "2") == pytest.approx(usual * np.sqrt(78))
    scales = brought.with_name("scales.csv")
    assert error("--kind", "jkn", "--rscales", scales) == pytest.approx(usual * np.sqrt(39))
    assert error("--kind", "bootstrap", "--mse") > usual


def test_the_replicates_are_told_of_beside_the_table(brought: Path, run: Callable[..., Told]) -> None:
    told = run("estimate", "town", "--replicates", brought, "--kind", "bootstrap").out
    assert told.endswith("Errors come from 40 replicates (bootstrap, from elsewhere), weights as they are.\n")


def test_what_is_wrong_with_replicates_is_one_line(
    brought: Path, town: Store, refused: Callable[..., str], tmp_path: Path
) -> None:
    def told(*how: object, file: Path = brought) -> str:
        return refused("estimate", "town", "--measure", "trust", "--replicates", file, *how)

    assert "--kind bootstrap" in told()
    assert "--variance" in told("--kind", "brr", "--variance", "bootstrap")
    assert "--year" in told("--kind", "brr", "--year")
    assert "need rho" in told("--kind", "fay")
    assert "JKn needs rscales" in told("--kind", "jkn")
    assert "no such file" in told("--kind", "brr", file=tmp_path / "none.csv")
    assert "--kind" in told("--kind", "magic")
    assert "other options out" in told("--kind", "brr", "--changes")
    frame = pd.read_csv(brought)
    frame.assign(weight=1.0).to_csv(tmp_path / "other.csv", index=False)
    assert "weigh STUDY --from FILE" in told("--kind", "brr", file=tmp_path / "other.csv")
    frame.iloc[5:].to_csv(tmp_path / "short.csv", index=False)
    assert "A few residents of the wave are not in the table" in told("--kind", "brr", file=tmp_path / "short.csv")
    frame.assign(rep_7=["x", *frame["rep_7"].astype(str)[1:]]).to_csv(tmp_path / "text.csv", index=False)
    assert "text.csv, row 2, column 'rep_7'" in told("--kind", "brr", file=tmp_path / "text.csv")


def test_replicates_from_elsewhere_need_the_right_to_single_answers(
    brought: Path, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.cli.rights.allowed", lambda person, action, thing="": False)
    assert "right to single answers" in refused("estimate", "town", "--replicates", brought, "--kind", "bootstrap")


def test_the_numbers_printed_are_the_packages(town: Store, table: Callable[..., pd.DataFrame]) -> None:
    wave = load_wave(town, "town", "Q2")
    plain = protect(estimate(wave, ["trust"], ["ward"], stat="total"), wave).table
    printed = table("--stat", "total", "--measure", "trust", "--by", "ward")
    for name in ("est", "se", "lci", "uci"):
        np.testing.assert_allclose(printed[name], plain[name].astype(float), rtol=1e-12)
