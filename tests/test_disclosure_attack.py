"""Attacks on what is published beside a wave's own tables: crossed tables, margins, don't knows.

The attacker knows every number that is shown, how they add up, and what a number of one table says of another's.
Whatever is known, a number under ten that is hidden may still be anything from 0 to 9.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from attackers import FEW, Attacker, assert_open, counts, knows_sums
from builders import make_wave, margins_of
from stores import STUDY, small_wave

from trustsurvey.disclosure.crossed import protect_margins
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Study, Wave
from trustsurvey.scales.scoring import score
from trustsurvey.tabulate import Request, tabulate
from trustsurvey.weighting.weigh import rake

# --- a crossed table beside the wave's own ------------------------------------------------------------


def knows_sides(wave: Wave, name: str) -> Attacker:
    """Who knows how the crossed numbers add up to their sides, and those to everyone."""
    attacker, (one, other) = Attacker(), ("sex", "district")
    knows_sums(attacker, wave, name)
    levels = {by: [str(level) for level in wave.people[by].cat.categories] for by in (one, other)}
    for a in levels[one]:
        attacker.adds((name, one, a), [(name, f"{one} x {other}", f"{a} x {b}") for b in levels[other]], rest=False)
    for b in levels[other]:
        attacker.adds((name, other, b), [(name, f"{one} x {other}", f"{a} x {b}") for a in levels[one]], rest=False)
    return attacker


def crossed_wave(seed: int) -> Wave:
    """Three groups in three districts, one pair of them rare; no group and no district is small itself."""
    rng = np.random.default_rng(seed)
    sex, district = rng.choice(list("fmx"), 320, p=[0.4, 0.48, 0.12]), rng.choice(["N", "S", "W"], 320)
    district[np.flatnonzero((sex == "x") & (district == "S"))[rng.integers(2, 8) :]] = "W"
    return make_wave({"y": rng.normal(50, 10, 320)}, {"sex": pd.Categorical(sex), "district": pd.Categorical(district)})


@pytest.mark.parametrize("seed", range(8))
def test_a_crossed_table_and_the_tables_of_its_sides_tell_no_small_number(seed: int) -> None:
    wave = crossed_wave(seed)
    study = Study("t", "Town", wave.instrument, ())
    tables = [
        tabulate([wave], 0, study, Request(("y",), by)).table
        for by in ((("sex", "district"),), (("sex",), ("district",)))
    ]
    count = wave.people.groupby(["sex", "district"], observed=False).size()
    crossed = {("sex x district", " x ".join(pair)): n for pair, n in count.items()}
    attacker = knows_sides(wave, "y")
    for table in tables:
        attacker.reads(table, "y", [cell for cell, n in crossed.items() if n < 30])
    small = {("y", *cell): n for cell, n in crossed.items() if n < FEW}
    assert small
    assert_open(attacker, small)
    # The tables of the sides lose nothing by it.
    alone = protect(estimate(wave, ["y"], ["sex", "district"]), wave).table
    pd.testing.assert_frame_equal(tables[1], alone)


# --- the margins of the weighting ---------------------------------------------------------------------


TARGETS = margins_of(sex={"f": 40, "m": 38, "o": 20, "x": 2})


def sex_wave(x: int) -> Wave:
    """Women, men and others, a few of a fourth kind, and 25 who did not say."""
    rng, sex = np.random.default_rng(2), np.repeat(["f", "m", "o", "x", None], [40, 60, 50, x, 25])
    people = {"sex": pd.Categorical(sex, categories=["f", "m", "o", "x"])}
    return make_wave({"y": rng.normal(50, 10, len(sex))}, people)


@pytest.mark.parametrize("x", [1, 4, 9])
def test_shares_before_weighting_do_not_tell_the_sum_of_those_who_answered(x: int) -> None:
    wave = rake(sex_wave(x), TARGETS, missing="keep")
    report = protect_margins(wave.weighting.report, wave).set_index("category")
    shown = report[report["n"].notna()]
    assert list(shown.index) == ["m", "o"]
    # n over the share before is the number that the share is of.
    of = shown["n"] / shown["before"]
    other = rake(sex_wave(10 - x), TARGETS, missing="keep")
    again = protect_margins(other.weighting.report, other).set_index("category")
    np.testing.assert_allclose(of, again.loc[shown.index, "n"] / again.loc[shown.index, "before"])
    assert np.isclose(shown["before"].sum(), shown["target"].sum())


def test_shares_before_weighting_stay_where_nothing_is_hidden() -> None:
    wave = rake(sex_wave(20), TARGETS, missing="keep")
    report = protect_margins(wave.weighting.report, wave).set_index("category")
    np.testing.assert_allclose(report["before"], report["n"] / 170)


def test_a_merged_category_does_not_tell_the_small_one_in_it() -> None:
    wave = rake(sex_wave(4), TARGETS, missing="keep", collapse=10)
    report = protect_margins(wave.weighting.report, wave).set_index("category")
    others = protect(estimate(wave, ["y"], ["sex"]), wave).rows(by="sex").set_index("level")["n"]
    merged = report.index[report.index.str.contains("x")]
    assert others["o"] == 50
    assert len(merged) == 1
    assert report[["n", "before"]].loc[merged].isna().all(axis=None)


@pytest.mark.parametrize("seed", range(4))
def test_a_crossed_margin_tells_no_small_number(seed: int) -> None:
    wave = crossed_wave(seed)
    count = wave.people.groupby(["sex", "district"], observed=False).size()
    cells = {" x ".join(pair): 1.0 for pair in count.index}
    wave = rake(wave, margins_of(**{"sex x district": cells}))
    report = protect_margins(wave.weighting.report, wave)
    results = protect(estimate(wave, ["y"], ["sex", "district"]), wave).table
    margin = report.rename(columns={"variable": "by", "category": "level"}).assign(suppressed="hidden")
    attacker = knows_sides(wave, "n")
    attacker.reads(results[results["n"].notna()], "n")
    attacker.reads(margin[margin["n"].notna()], "n")
    assert_open(attacker, {("n", "sex x district", " x ".join(p)): n for p, n in count.items() if n < FEW})


# --- questions that are put to some -------------------------------------------------------------------


def routed_wave(seed: int, share: float = 0.2, blank: float = 0.06) -> Wave:
    """Questions that only some were asked, and of a rare group only a few answered."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(3, 320, p=[0.13, 0.435, 0.435])
    wave = small_wave(n=320, seed=seed)
    asked = rng.random(320) < np.where(sex == 0, share, 2 * share)
    why = np.where(asked[:, None] & (rng.random((320, 3)) > blank), 0, 4).astype(np.int8)
    why = np.where(asked[:, None] & (rng.random((320, 3)) < blank), 1, why)
    answers = pd.DataFrame(np.where(why > 0, np.nan, rng.integers(1, 6, why.shape)), columns=wave.answers.columns)
    wave = replace(wave, people=wave.people.assign(sex=pd.Categorical.from_codes(sex, ["x", "f", "m"])))
    return score(replace(wave, answers=answers, missing=pd.DataFrame(why, columns=wave.missing.columns)))


@pytest.mark.parametrize("seed", range(6))
def test_those_who_did_not_know_tell_no_small_number(seed: int) -> None:
    wave = routed_wave(seed)
    asked = [Request(("safe",), (("sex",),), stat=stat) for stat in ("mean", "dont-know")]
    means, unsure = (tabulate([wave], 0, STUDY, one).table for one in asked)
    attacker = Attacker()
    for table, name in ((means, "answered"), (unsure, "asked")):
        attacker.reads(table, name)
        knows_sums(attacker, wave, name)
    # The share of those who did not know tells, with their number, how many did.
    for row in unsure[unsure["est"].notna()].itertuples():
        attacker.hears({("answered", row.by, row.level): 1.0}, *[round(row.n * (1 - row.est))] * 2)
    for s in "xfm":
        attacker.hears({("asked", "sex", s): 1.0, ("answered", "sex", s): -1.0}, 0.0)
    known = ((wave.missing["safe"] == 1) | wave.scores["safe"].notna()).to_numpy()
    small = {("answered", "sex", s): n for s, n in counts(wave, "sex", wave.scores["safe"].notna()).items() if n < FEW}
    small |= {("asked", "sex", s): n for s, n in counts(wave, "sex", known).items() if n < FEW}
    assert seed == 2 or small
    assert_open(attacker, small)
