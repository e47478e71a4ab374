"""Attacks on what is published together: crossed tables, margins, don't knows, scores beside their questions.

The attacker knows every number that is shown, how they add up, and what a number of one table says of another's.
Whatever is known, a number under ten that is hidden may still be anything from 0 to 9.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of
from scipy import optimize
from stores import INSTRUMENT, STUDY, small_wave

from trustsurvey.disclosure.gate import protect, protect_margins
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Study, Wave
from trustsurvey.scales.scoring import score
from trustsurvey.tabulate import Request, tabulate
from trustsurvey.weighting.weigh import rake

#: A number of people: its table, its grouping and its level.
Number = tuple[Hashable, ...]
#: Numbers by sign; what they come to is 0 ("=") or 0 at least (">").
Row = tuple[dict[Number, float], str]
FEW = 10


def possible(number: Number, shown: dict[Number, float], rows: Sequence[Row]) -> tuple[float, float]:
    """The smallest and the largest that a number can be: linear programmes over all that is not shown."""
    unknown = {key: k for k, key in enumerate(sorted({k for row, _ in rows for k in row} - set(shown), key=str))}
    left: dict[str, list[np.ndarray]] = {"=": [], ">": []}
    right: dict[str, list[float]] = {"=": [], ">": []}
    for row, kind in rows:
        line = np.zeros(len(unknown))
        for key, sign in row.items():
            if key in unknown:
                line[unknown[key]] += sign
        left[kind].append(line)
        right[kind].append(-sum(sign * shown[key] for key, sign in row.items() if key in shown))
    ends = []
    for sign in (1.0, -1.0):
        cost = np.zeros(len(unknown))
        cost[unknown[number]] = sign
        found = optimize.linprog(
            cost,
            A_ub=-np.array(left[">"]) if left[">"] else None,
            b_ub=[-value for value in right[">"]] or None,
            A_eq=np.array(left["="]),
            b_eq=right["="],
            method="highs",
        )
        assert found.status in (0, 3), found.message
        ends.append(sign * found.fun if found.status == 0 else np.inf)
    return ends[0], ends[1]


def adds(whole: Number, parts: Sequence[Number], rest: Number | None = None) -> Row:
    """The parts, and those who left the question out where a ``rest`` is named, make up the whole."""
    return {whole: -1.0} | dict.fromkeys([*parts, *([] if rest is None else [rest])], 1.0), "="


def numbers(table: pd.DataFrame, name: str) -> dict[Number, float]:
    """The numbers that a table shows."""
    rows = table[table["n"].notna()]
    return {(name, by, str(level)): n for by, level, n in zip(rows["by"], rows["level"], rows["n"], strict=True)}


def assert_open(small: dict[Number, int], shown: dict[Number, float], rows: Sequence[Row]) -> None:
    """Each of the small numbers is hidden and may be 0 and may be nine."""
    for number, n in small.items():
        assert number not in shown
        low, high = possible(number, shown, rows)
        assert low <= n + 1e-6
        assert high >= n - 1e-6, "the attacker of this test is wrong"
        assert low <= 1e-6, f"{number} is {low:.0f} at least"
        assert high >= FEW - 1 - 1e-6, f"{number} is {high:.0f} at most"


# --- a crossed table beside the wave's own ------------------------------------------------------------


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
    shown = numbers(pd.concat(tables), "y")
    rows, count = [], wave.people.groupby(["sex", "district"], observed=False).size()
    for by, k in (("sex", 0), ("district", 1)):
        for level in wave.people[by].cat.categories:
            parts = [("y", "sex x district", " x ".join(pair)) for pair in count.index if pair[k] == level]
            rows.append(adds(("y", by, level), parts))
        rows.append(adds(("y", "", ""), [("y", by, level) for level in wave.people[by].cat.categories]))
    small = {("y", "sex x district", " x ".join(pair)): n for pair, n in count.items() if 0 < n < FEW}
    assert small
    assert_open(small, shown, rows)
    # The tables of the sides lose nothing by it.
    alone = protect(estimate(wave, ["y"], ["sex", "district"]), wave).table
    pd.testing.assert_frame_equal(tables[1], alone)


# --- the margins of the weighting ---------------------------------------------------------------------


def sex_wave(x: int, f: int = 40, m: int = 60, none: int = 25) -> Wave:
    """Men, women, a few others and some who did not say."""
    rng, sex = np.random.default_rng(2), np.repeat(["f", "m", "x", None], [f, m, x, none])
    people = {"sex": pd.Categorical(sex, categories=["f", "m", "x"])}
    return make_wave({"y": rng.normal(50, 10, len(sex))}, people)


@pytest.mark.parametrize("x", [1, 4, 9])
def test_shares_before_weighting_do_not_tell_the_sum_of_those_who_answered(x: int) -> None:
    wave = rake(sex_wave(x), margins_of(sex={"f": 50, "m": 48, "x": 2}), missing="keep")
    report = protect_margins(wave.weighting.report, wave).set_index("category")
    shown = report[report["n"].notna()]
    assert list(shown.index) == ["f", "m"]
    # n over the share before is the number that the share is of.
    of = shown["n"] / shown["before"]
    other = rake(sex_wave(10 - x), margins_of(sex={"f": 50, "m": 48, "x": 2}), missing="keep")
    again = protect_margins(other.weighting.report, other).set_index("category")
    np.testing.assert_allclose(of, again.loc[shown.index, "n"] / again.loc[shown.index, "before"])
    assert np.isclose(shown["before"].sum(), shown["target"].sum())


def test_shares_before_weighting_stay_where_nothing_is_hidden() -> None:
    wave = rake(sex_wave(20), margins_of(sex={"f": 50, "m": 48, "x": 2}), missing="keep")
    report = protect_margins(wave.weighting.report, wave).set_index("category")
    np.testing.assert_allclose(report["before"], report["n"] / 120)


def test_a_merged_category_does_not_tell_the_small_one_in_it() -> None:
    wave = rake(sex_wave(4), margins_of(sex={"f": 50, "m": 48, "x": 2}), missing="keep", collapse=10)
    report = protect_margins(wave.weighting.report, wave).set_index("category")
    women = protect(estimate(wave, ["y"], ["sex"]), wave).rows(by="sex").set_index("level")["n"]
    assert women["f"] == 40
    assert np.isnan(report.loc["f + x", "n"])
    assert report[["n", "before"]].loc["f + x"].isna().all()


@pytest.mark.parametrize("seed", range(4))
def test_a_crossed_margin_tells_no_small_number(seed: int) -> None:
    wave = crossed_wave(seed)
    count = wave.people.groupby(["sex", "district"], observed=False).size()
    cells = {" x ".join(pair): 1.0 for pair in count.index}
    wave = rake(wave, margins_of(**{"sex x district": cells}))
    report = protect_margins(wave.weighting.report, wave)
    results = protect(estimate(wave, ["y"], ["sex", "district"]), wave).table
    margin = report.rename(columns={"variable": "by", "category": "level"})
    shown = numbers(results, "n") | numbers(margin, "n")
    rows = [
        adds(("n", by, level), [("n", "sex x district", " x ".join(pair)) for pair in count.index if pair[k] == level])
        for by, k in (("sex", 0), ("district", 1))
        for level in wave.people[by].cat.categories
    ]
    assert_open({("n", "sex x district", " x ".join(p)): n for p, n in count.items() if 0 < n < FEW}, shown, rows)


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


def answered(wave: Wave, measure: str) -> dict[str, int]:
    """How many of each sex answered."""
    return wave.people["sex"][wave.scores[measure].notna()].value_counts().to_dict()


@pytest.mark.parametrize("seed", range(6))
def test_those_who_did_not_know_tell_no_small_number(seed: int) -> None:
    wave = routed_wave(seed)
    asked = [Request(("safe",), (("sex",),), stat=stat) for stat in ("mean", "dont-know")]
    means, unsure = (tabulate([wave], 0, STUDY, one).table for one in asked)
    shown = numbers(means, "answered") | numbers(unsure, "asked")
    # The share of those who did not know tells, with their number, how many did.
    told = unsure[unsure["est"].notna()]
    shown |= {
        ("answered", by, level): round(n * (1 - share))
        for by, level, n, share in zip(told["by"], told["level"], told["n"], told["est"], strict=True)
    }
    rows: list[Row] = [adds((t, "", ""), [(t, "sex", s) for s in "xfm"]) for t in ("answered", "asked")]
    rows += [({("asked", "sex", s): 1.0, ("answered", "sex", s): -1.0}, ">") for s in "xfm"]
    known = (wave.missing["safe"] == 1) | wave.scores["safe"].notna()
    counts = {"answered": answered(wave, "safe"), "asked": wave.people["sex"][known].value_counts().to_dict()}
    small = {(t, "sex", s): n for t, of in counts.items() for s, n in of.items() if 0 < n < FEW}
    assert seed == 2 or small
    assert_open(small, shown, rows)


@pytest.mark.parametrize("seed", range(12))
def test_a_score_and_its_questions_do_not_tell_each_other(seed: int) -> None:
    wave = routed_wave(seed)
    measures = ["fair", "rude", "safe", "respect", "safety", "trust"]
    table = protect(estimate(wave, measures, ["sex"]), wave).table
    shown = {k: n for m in measures for k, n in numbers(table[table["measure"] == m], m).items()}
    rows: list[Row] = []
    for measure in measures:
        everyone, levels = (measure, "", ""), [(measure, "sex", s) for s in "xfm"]
        rows.append(adds(everyone, levels))
        guarded = table[(table["measure"] == measure) & table["guarded"]]["level"]
        for s in guarded:
            rows.append(({(measure, "sex", s): 1.0, ("thirty",): -1.0}, ">"))
    shown[("thirty",)] = 30.0
    for index in INSTRUMENT.indices:
        for s in "xfm":
            rows += [({(part, "sex", s): 1.0, (index.key, "sex", s): -1.0}, ">") for part in index.parts]
    small = {(m, "sex", s): n for m in measures for s, n in answered(wave, m).items() if 0 < n < FEW}
    assert small
    assert_open(small, shown, rows)
