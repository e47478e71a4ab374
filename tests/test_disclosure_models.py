"""What models and side notes tell of hidden numbers and means: nothing that could be solved for them.

Two ways of attack. Two worlds that differ only in what is hidden must give the same answers, to the last digit. And
figures made of weights, means and degrees of freedom are solved for the number or the mean behind them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of
from hypothesis import given, settings, strategies as st
from stores import INSTRUMENT, LEVELS, raked, small_wave
from test_export_method import record

from trustsurvey import workbench
from trustsurvey.analysis import picture
from trustsurvey.disclosure.cells import nesting_of, withheld_cells
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.export.method import method_rows
from trustsurvey.export.tables import picture_tables
from trustsurvey.model import Study, Wave
from trustsurvey.scales.invariance import invariance
from trustsurvey.scales.scoring import score
from trustsurvey.weighting.diagnostics import kish
from trustsurvey.weighting.weigh import post_stratify
from trustsurvey.workbench import Finding

NESTING = nesting_of(LEVELS)
TOWN = Study("town", "Town", INSTRUMENT, LEVELS)


# --- two worlds that differ in what is hidden alone -----------------------------------------------------------


def world(docks: int, others: int, name: str = "Q1", start: int = 1) -> Wave:
    """Wards of 44 together, the first small, and of 80 and 176; three sexes, and 25 unsaid or of a rare one."""
    wave = small_wave(name, n=300, seed=7 + start)
    ward = np.repeat([0, 1, 2, 3], [docks, 44 - docks, 80, 176])
    sex = np.full(300, -1)
    sex[others:25] = 3
    sex[25:] = np.arange(275) % 3
    people = wave.people.assign(
        ward=pd.Categorical.from_codes(ward, ["Docks", "Mill", "Park", "Hill"]),
        district=pd.Categorical.from_codes(ward // 2, ["East", "West"]),
        sex=pd.Categorical.from_codes(np.random.default_rng(3).permutation(sex), ["f", "m", "o", "x"]),
    )
    answers = wave.answers.fillna(3.0)
    year, month = 2025 + (start - 1) // 4, 3 * ((start - 1) % 4) + 1
    dates = {"start": pd.Timestamp(year, month, 1).date(), "end": pd.Timestamp(year, month + 2, 28).date()}
    return score(replace(wave, people=people, answers=answers, missing=wave.missing * 0, **dates))


def questions(waves: list[Wave]) -> dict[str, Finding]:
    at = len(waves) - 1
    return {
        "trend": workbench.trends(waves, at, TOWN, ["safe"], ["ward", "sex", "district"]),
        "changes": workbench.changes(waves, at, TOWN, ["safe"], ["ward", "sex", "district"]),
        "gaps": workbench.group_gaps(waves, at, TOWN, "safe", "district", ["sex"]),
        "gaps of wards": workbench.group_gaps(waves, at, TOWN, "safe", "ward", ["sex"]),
        "gaps of sexes": workbench.group_gaps(waves, at, TOWN, "trust", "sex", ["ward"]),
        "with": workbench.goes_with(waves, at, TOWN, "safe", ["respect", "ward", "sex"]),
        "plan": workbench.planned(waves, at, TOWN, "safe", "ward", change=5, width=3),
        "missing": workbench.who_is_missing(waves, at, TOWN, None),
        "scales": workbench.scales(waves, at),
    }


def test_what_is_hidden_is_the_same_in_both_worlds() -> None:
    one, other = world(6, 21), world(9, 17)
    assert withheld_cells(one, NESTING) == withheld_cells(other, NESTING)
    hidden = {(by, level) for measure, by, level in withheld_cells(one, NESTING) if not measure}
    assert hidden == {("ward", "Docks"), ("ward", "Mill"), ("sex", "f"), ("sex", "x")}


@pytest.mark.parametrize(("docks", "unsaid"), [(0, 25), (3, 16), (9, 23)])
def test_no_answer_depends_on_a_hidden_number(docks: int, unsaid: int) -> None:
    """Nor on who of those in hidden groups is in which of them, but for the rounded mean of a guarding one."""
    waves, others = ([world(d, u, f"Q{k}", k) for k in (1, 2, 3)] for d, u in ((6, 21), (docks, unsaid)))
    for name, found in questions(waves).items():
        again = questions(others)[name]
        assert found.told == again.told, name
        for one, other in ((found.table, again.table), (found.more, again.more)):
            if one is None:
                continue
            rounded = [c for c in ("before", "after", "est", "lci", "uci") if c in one] if "level" in one else []
            mill = one["level"].eq("Mill") if rounded else []
            if rounded:
                one, other = (t.assign(**{c: t[c].mask(mill) for c in rounded}) for t in (one, other))
            pd.testing.assert_frame_equal(one, other, check_exact=True, obj=name)


@pytest.mark.parametrize(("docks", "unsaid"), [(0, 25), (9, 16)])
def test_no_sheet_of_the_workbook_depends_on_a_hidden_number(docks: int, unsaid: int) -> None:
    """Four quarters with their rolling year, raked to districts: scores, change, trend, margins, method."""
    books = []
    for d, u in ((6, 21), (docks, unsaid)):
        waves = [raked(world(d, u, f"Q{k}", k)) for k in (1, 2, 3, 4)]
        books.append(picture_tables(picture(waves, 3, TOWN), record()))
    one, other = books
    assert list(one) == list(other)
    for name, table in one.items():
        rounded = [
            c for c in ("before", "after", "area", "est", "lci", "uci", "caution") if c in table and "level" in table
        ]
        mill = table["level"].eq("Mill") if rounded else None
        first, second = (
            t.assign(**{c: t[c].mask(mill) for c in rounded}) if rounded else t for t in (table, other[name])
        )
        pd.testing.assert_frame_equal(first, second, check_exact=True, obj=name)


@pytest.mark.parametrize("few", [0, 3, 9])
def test_no_modelled_value_depends_on_a_hidden_number_or_mean(few: int) -> None:
    """Ten areas, the first two hidden: who of them lives where, and what the few of the first said."""

    def town(first: int, said: float) -> Wave:
        rng = np.random.default_rng(5)
        area = np.repeat(np.arange(10), [first, 45 - first, *[60] * 8])
        y = rng.normal(50, 10, 525) + np.repeat(rng.normal(0, 5, 10), [5, 40, *[60] * 8])
        y[:first], y[first:45] = said, 51.0 + np.tile([-8.0, 8.0], 23)[: 45 - first]
        people = {"area": pd.Categorical.from_codes(area, list("abcdefghij"))}
        return make_wave({"y": y}, people, areas=("area",), groups=())

    one, other = (
        workbench.small_areas([town(*world)], 0, Study("town", "Town", INSTRUMENT), "area", "y")
        for world in ((5, 90.0), (few, 10.0))
    )
    assert one.table["flag"].tolist()[:2] == ["synthetic", "coarse"]
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    assert one.more is not None
    assert other.more is not None
    pd.testing.assert_frame_equal(one.more, other.more, check_exact=True)
    assert one.told == other.told


# --- whether a score means the same ---------------------------------------------------------------------------


def three_groups(x: int) -> Wave:
    """Two groups of 150 and a small one, all of whom answered everything."""
    rng = np.random.default_rng(x)
    n = 300 + x
    trait = rng.normal(size=n)
    items = {f"q{k}": np.clip(np.round(3 + trait + rng.normal(size=n)), 1, 5) for k in range(4)}
    wave = make_wave(items, {"sex": pd.Categorical(["f"] * 150 + ["m"] * 150 + ["x"] * x)})
    index = replace(wave.instrument.indices[0], key="all", parts=tuple(items), at_least=3)
    scores = wave.scores.assign(all=wave.scores.mean(axis=1))
    return replace(wave, instrument=replace(wave.instrument, indices=(*wave.instrument.indices, index)), scores=scores)


def test_degrees_of_freedom_do_not_tell_the_number_of_a_group_left_out() -> None:
    wave = three_groups(4)
    bare = invariance(wave, "all", "sex")
    # Items less suspects, the group, the constant: those who take part are the degrees of freedom and these.
    assert len(wave) - (bare.dif["ddf"].iloc[0] + 3) == 4, "so one could solve for it"
    found = workbench.same_meaning([wave], 0, "all", "sex")
    assert found.more is not None
    assert found.more[["f", "ddf"]].isna().all(axis=None)
    assert found.table[["chi2", "p", "d_chi2", "d_p"]].isna().all(axis=None)
    assert found.more[["effect", "p_adj"]].notna().all(axis=None)
    assert found.table[["cfi", "rmsea"]].notna().all(axis=None)
    assert found.told[-1].startswith("Test statistics are not shown")


def test_test_statistics_are_shown_where_all_groups_take_part() -> None:
    wave = three_groups(0)
    wave = replace(wave, people=wave.people.assign(sex=wave.people["sex"].cat.remove_unused_categories()))
    found = workbench.same_meaning([wave], 0, "all", "sex")
    assert found.more is not None
    assert found.more[["f", "ddf"]].notna().all(axis=None)
    assert found.table["chi2"].notna().all()


# --- weights --------------------------------------------------------------------------------------------------


def solved_for(n: int, men: int, targets: dict[str, float], told: float) -> list[int]:
    """How many x there can be beside a known sum of f and x, if the design effect of their weights is told."""
    found = []
    for x in range(1, n - men):
        share = np.array([targets["f"], targets["m"], targets["x"]]) / sum(targets.values())
        count = np.array([n - men - x, men, x])
        if round(kish(np.repeat(share / count, count))[0], 3) == told:
            found.append(x)
    return found


@pytest.mark.parametrize("x", [1, 4, 9])
def test_the_method_sheet_tells_no_number_by_the_weights(x: int) -> None:
    targets = {"f": 50.0, "m": 47.0, "x": 3.0}
    wave = small_wave(n=300)
    sex = pd.Categorical(["f"] * (130 - x) + ["m"] * 170 + ["x"] * x)
    wave = post_stratify(score(replace(wave, people=wave.people.assign(sex=sex))), margins_of(sex=targets))
    shown = picture([wave], 0, Study("town", "Town", INSTRUMENT))
    full = dict(method_rows(shown, record(), microdata=True))
    solved = solved_for(300, 170, targets, float(full["Design effect of the weights (Kish)"]))
    assert x in solved
    assert len(solved) <= 2
    lean = dict(method_rows(shown, record()))
    figures = [name for name in full if name.endswith("(Kish)") or name.startswith("Weights relative")]
    assert len(figures) == 3
    assert {lean[name] for name in figures} == {"not shown, to protect a small group"}


def test_a_few_at_a_bound_are_not_counted() -> None:
    targets = {"f": 50.0, "m": 47.0, "x": 3.0}
    wave = small_wave(n=300)
    sex = pd.Categorical(["f"] * 126 + ["m"] * 170 + ["x"] * 4)
    wave = post_stratify(score(replace(wave, people=wave.people.assign(sex=sex))), margins_of(sex=targets))
    settings_ = dict(wave.weighting.settings) | {"bounds": [0.3, 3.0], "bounds_on": "mean", "at_bounds": 4 / 300}
    wave = replace(wave, weighting=replace(wave.weighting, settings=settings_))
    told = dict(method_rows(picture([wave], 0, Study("town", "Town", INSTRUMENT)), record()))
    assert told["Bounds"].endswith("fewer than 10 residents at a bound")


# --- means ----------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    st.integers(0, 2**32 - 1), st.integers(1, 9), st.lists(st.integers(25, 90), min_size=2, max_size=4), st.booleans()
)
def test_the_mean_of_a_few_does_not_follow_from_those_of_the_others(
    seed: int, few: int, others: list[int], weighted: bool
) -> None:
    """Everyone's mean less those shown: a rounded one leaves that of the few open, and so does one withheld."""
    rng = np.random.default_rng(seed)
    sizes = [few, *others]
    area = np.repeat(np.arange(len(sizes)), sizes)
    weights = rng.uniform(0.3, 3.0, len(sizes))[area] if weighted else None
    people = {"area": pd.Categorical.from_codes(area, list("abcde")[: len(sizes)])}
    wave = make_wave({"y": rng.uniform(20, 80, len(area))}, people, weights=weights)
    table = protect(estimate(wave, ["y"], ["area"]), wave).table.set_index("level")
    w = np.bincount(area, wave.weights)
    low = high = w.sum() * table.loc["", "est"]
    for k, level in enumerate(list("abcde")[1 : len(sizes)], start=1):
        row = table.loc[level]
        if not np.isfinite(row["est"]):
            ends = (0.0, 100.0)
        elif row["guarded"]:
            ends = (row["est"] - 2.5, row["est"] + 2.5)
        else:
            ends = (row["est"], row["est"])
        low, high = low - w[k] * ends[1], high - w[k] * ends[0]
    mean = wave.scores["y"][area == 0] @ wave.weights[area == 0] / w[0]
    assert low / w[0] - 1e-6 <= mean <= high / w[0] + 1e-6
    # Where a mean was withheld of people who weigh less, their own leaves less open: nothing better can be done.
    lighter = any(np.isnan(table["est"].iloc[2:]) & (w[1:] < w[0]))
    assert lighter or (high - low) / w[0] >= 15 - 1e-6
