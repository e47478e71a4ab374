"""The gate: what is hidden, what is withheld, and what an attacker with a pencil can still work out.

The attacker of these tests knows every number that is shown and how tables add up (levels to everyone,
small areas to their district, crossed cells to both their sides), and asks a linear programme how small
and how large each hidden number of people can be. METHODS.md: that interval must span 0 to 9 at least.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from attackers import Attacker, narrowed
from builders import make_wave, margins_of
from hypothesis import given, settings, strategies as st

from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.crossed import protect_margins
from trustsurvey.disclosure.gate import CONFIDENTIAL, UNRELIABLE, protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import ESTIMATE_COLUMNS, RULES, AreaLevel, Estimates, Rules, Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)
NUMBERS = ["est", "se", "lci", "uci", "n_eff", "deff", "df"]
Counts = dict[str, dict[str, int]]
Nested = dict[str, tuple[str, dict[str, str]]]
Sums = list[tuple[tuple[str, str], list[tuple[str, str]]]]


def estimates_of(counts: Counts, *, stat: str = "mean", half: float = 3.0, **more: object) -> Estimates:
    """Estimates with these numbers of people: {by: {level: n}}, everyone under ""."""
    rows = []
    for by, levels in counts.items():
        for level, n in levels.items():
            centre = (50.0 if stat != "share" else 0.5) if n else np.nan
            row = dict.fromkeys(ESTIMATE_COLUMNS, "") | {
                "wave": "w1", "measure": "y", "stat": stat, "by": by, "level": level, "est": centre,
                "se": half / 2 if n > 1 else np.nan, "lci": centre - half, "uci": centre + half, "n": n,
                "n_eff": float(n), "deff": 1.0, "df": max(n - 1, 0),
            }  # fmt: skip
            rows.append(row | more)
    return Estimates(pd.DataFrame(rows))


def hidden_rows(estimates: Estimates) -> np.ndarray:
    return estimates.table["n"].isna().to_numpy()


# --- the attacker ---------------------------------------------------------------------------------


def attacked(counts: Counts, sums: Sums, shown: Estimates) -> Attacker:
    """Who knows the table, how it adds up, and what the rules say of a number that is hidden."""
    attacker = Attacker()
    few = [(by, level) for by, levels in counts.items() for level, n in levels.items() if n < RULES.answers]
    attacker.reads(shown.table, "n", few)
    for whole, parts in sums:
        attacker.adds(("n", *whole), [("n", *part) for part in parts], rest=False)
    return attacker


def assert_safe(counts: Counts, sums: Sums, nesting: Nested | None = None) -> None:
    """Nobody can narrow a small number to less than 0 to 9."""
    shown = protect(estimates_of(counts), nesting=nesting)
    small = {("n", by, level): n for by, levels in counts.items() for level, n in levels.items() if n < RULES.people}
    guards = shown.table["guarded"].any()
    attacker = attacked(counts, sums, shown)
    careful = attacked({}, sums, shown)
    for number, n in small.items():
        told = narrowed(attacker, number, n)
        # Where that a mean is withheld would tell, none is shown beside any hidden number.
        assert not told or not guards, told
        assert not (told := narrowed(careful, number, n)), told


def level_sums(counts: Counts) -> Sums:
    """The levels of each plain grouping add to everyone."""
    return [(("", ""), [(by, level) for level in levels]) for by, levels in counts.items() if by and " x " not in by]


def crossed_counts(cells: np.ndarray) -> tuple[Counts, Sums]:
    """Counts of "age x sex" with both their sides, and how they add up."""
    ages, sexes = [f"a{i}" for i in range(cells.shape[0])], [f"s{j}" for j in range(cells.shape[1])]
    counts = {
        "": {"": int(cells.sum())},
        "age": dict(zip(ages, map(int, cells.sum(axis=1)), strict=True)),
        "sex": dict(zip(sexes, map(int, cells.sum(axis=0)), strict=True)),
        "age x sex": {f"{a} x {s}": int(cells[i, j]) for i, a in enumerate(ages) for j, s in enumerate(sexes)},
    }
    sums = level_sums(counts)
    sums += [(("age", a), [("age x sex", f"{a} x {s}") for s in sexes]) for a in ages]
    sums += [(("sex", s), [("age x sex", f"{a} x {s}") for a in ages]) for s in sexes]
    return counts, sums


def nested_counts(wards: Mapping[str, Mapping[str, int]]) -> tuple[Counts, Sums, Nested]:
    """Counts of districts and their wards: {district: {ward: n}}."""
    counts = {
        "": {"": sum(sum(w.values()) for w in wards.values())},
        "district": {district: sum(inside.values()) for district, inside in wards.items()},
        "ward": {ward: n for inside in wards.values() for ward, n in inside.items()},
    }
    sums = level_sums(counts)
    sums += [(("district", d), [("ward", ward) for ward in inside]) for d, inside in wards.items()]
    parent = {ward: district for district, inside in wards.items() for ward in inside}
    return counts, sums, {"ward": ("district", parent)}


# --- one grouping ---------------------------------------------------------------------------------


def test_a_small_number_is_hidden_with_the_next_smallest() -> None:
    shown = protect(estimates_of({"": {"": 150}, "area": {"a": 5, "b": 100, "c": 45}}))
    table = shown.table
    assert table["suppressed"].tolist() == ["", CONFIDENTIAL, "", ""]
    assert table["guarded"].tolist() == [False, False, False, True]
    assert table.loc[1, [*NUMBERS, "n"]].isna().all()
    assert table["n"].tolist()[::2] == [150, 100]
    assert table["at_least"].tolist()[3] == 30
    assert table.loc[~hidden_rows(shown), NUMBERS].notna().all(axis=None)


def test_a_mean_that_guards_a_small_neighbour_is_rounded_and_has_no_number() -> None:
    given_ = estimates_of({"": {"": 150}, "area": {"a": 5, "b": 100, "c": 45}})
    given_.table.loc[3, ["est", "lci", "uci"]] = [51.234, 48.6, 53.9]
    row = protect(given_).table.iloc[3]
    assert row[["est", "lci", "uci"]].tolist() == [50, 45, 55]
    assert row[["n", "n_eff", "se", "deff", "df"]].isna().all()


def test_a_mean_whose_being_shown_would_tell_too_much_guards_nobody() -> None:
    """A shown mean has 30 answers at least: of 35 that were hidden together, 5 at most would be left."""
    shown = protect(estimates_of({"": {"": 135}, "area": {"a": 5, "b": 100, "c": 30}})).table
    assert shown["n"].isna().tolist() == [False, True, True, False]
    assert shown["guarded"].tolist() == [False, False, True, False]


def test_a_number_under_thirty_is_no_cover_where_that_it_is_tells_too_much() -> None:
    """What is withheld has 29 answers at most: of 34 that were hidden together, 5 at least would be left."""
    shown = protect(estimates_of({"": {"": 134}, "area": {"a": 5, "b": 100, "c": 29}})).table
    assert shown["n"].isna().tolist() == [False, True, True, False]
    assert shown["suppressed"].tolist() == ["", CONFIDENTIAL, "", UNRELIABLE]


@pytest.mark.parametrize("stat", ["share", "total"])
def test_other_statistics_that_guard_a_small_neighbour_are_hidden(stat: str) -> None:
    """The number follows from a share and its interval, or from a total of ones."""
    shown = protect(estimates_of({"": {"": 135}, "area": {"a": 5, "b": 100, "c": 30}}, stat=stat)).table
    assert shown["suppressed"].tolist() == ["", CONFIDENTIAL, CONFIDENTIAL, ""]
    assert not shown["guarded"].any()
    assert shown.loc[2, [*NUMBERS, "n"]].isna().all()


@pytest.mark.parametrize(
    ("n", "reason"),
    [(0, CONFIDENTIAL), (1, CONFIDENTIAL), (9, CONFIDENTIAL), (10, UNRELIABLE), (29, UNRELIABLE), (30, "")],
)
def test_the_two_thresholds(n: int, reason: str) -> None:
    shown = protect(estimates_of({"area": {"a": n, "b": 200, "c": 300}}))
    assert shown.table["suppressed"][0] == reason
    assert np.isnan(shown.table["est"][0]) == bool(reason)
    assert np.isnan(shown.table["n"][0]) == (reason == CONFIDENTIAL)


def test_too_few_answers_hide_the_estimate_alone() -> None:
    shown = protect(estimates_of({"area": {"a": 20, "b": 200}})).table
    assert shown["n"].tolist() == [20, 200]
    assert shown.loc[0, NUMBERS].isna().all()
    assert shown["suppressed"].tolist() == [UNRELIABLE, ""]


def test_answers_that_are_worth_few_are_withheld() -> None:
    heavy = protect(estimates_of({"area": {"a": 200}}, n_eff=29.9)).table.iloc[0]
    assert heavy["suppressed"] == UNRELIABLE
    unknown = protect(estimates_of({"area": {"a": 200}}, n_eff=np.nan)).table.iloc[0]
    assert unknown["suppressed"] == UNRELIABLE
    without_se = protect(estimates_of({"area": {"a": 200}}, se=np.nan)).table.iloc[0]
    assert without_se["suppressed"] == UNRELIABLE
    assert protect(estimates_of({"area": {"a": 200}}, n_eff=30.0)).table.iloc[0]["suppressed"] == ""


@pytest.mark.parametrize(
    ("stat", "n", "half", "caution"),
    [
        ("mean", 49, 3.0, True),
        ("mean", 50, 3.0, False),
        ("mean", 50, 6.1, True),
        ("mean", 50, 5.9, False),
        ("share", 50, 0.11, True),
        ("share", 50, 0.09, False),
        ("mean", 20, 3.0, False),
        ("total", 40, 99.0, False),
    ],
)
def test_caution_is_for_what_is_shown_but_uncertain(stat: str, n: int, half: float, caution: bool) -> None:
    shown = protect(estimates_of({"area": {"a": n}}, stat=stat, half=half)).table.iloc[0]
    assert bool(shown["caution"]) is caution


@settings(max_examples=80)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=8))
def test_never_is_exactly_one_number_hidden(numbers: list[int]) -> None:
    """Among the levels and everyone; a lone hidden number would be the total less the others."""
    counts = {"": {"": sum(numbers)}, "area": {f"l{k}": n for k, n in enumerate(numbers)}}
    shown = protect(estimates_of(counts))
    hidden = hidden_rows(shown)
    table = shown.table
    every = np.r_[sum(numbers), numbers]
    small = (every > 0) & (every < 10)
    assert hidden[every < 10].all()
    assert hidden.sum() != 1 or not small.any()
    assert table.loc[hidden, ["n", "n_eff", "se", "deff", "df"]].isna().all(axis=None)
    assert (table.loc[~hidden, "n"] == np.r_[sum(numbers), numbers][~hidden]).all()
    assert table.loc[table["suppressed"] != "", NUMBERS].isna().all(axis=None)
    if not small.any():
        assert (hidden == (every < 10)).all()


@settings(max_examples=60)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=6).filter(lambda x: sum(x) >= 10))
def test_one_grouping_keeps_its_small_numbers_between_nothing_and_nine(numbers: list[int]) -> None:
    counts = {"": {"": sum(numbers)}, "area": {f"l{k}": n for k, n in enumerate(numbers)}}
    assert_safe(counts, level_sums(counts))


def test_a_pair_that_adds_to_eight_is_not_enough() -> None:
    """1 and 7 hidden, 8 known: neither can be 9."""
    counts = {"": {"": 108}, "area": {"a": 1, "b": 7, "c": 100}}
    assert_safe(counts, level_sums(counts))


@settings(max_examples=40)
@given(st.lists(st.integers(0, 80), min_size=1, max_size=8))
def test_the_gate_can_be_passed_twice(numbers: list[int]) -> None:
    """What is hidden for fear of recognition must not turn into "too few answers" the second time."""
    counts = {"": {"": sum(numbers)}, "area": {f"l{k}": n for k, n in enumerate(numbers)}}
    once = protect(estimates_of(counts))
    pd.testing.assert_frame_equal(protect(once).table, once.table)


def test_what_was_given_is_left_alone() -> None:
    given_ = estimates_of({"": {"": 105}, "area": {"a": 5, "b": 100}})
    before = given_.table.copy()
    protect(given_)
    pd.testing.assert_frame_equal(given_.table, before)


def test_measures_waves_and_statistics_are_judged_one_by_one() -> None:
    one = estimates_of({"": {"": 105}, "area": {"a": 5, "b": 100}}).table
    other = estimates_of({"": {"": 105}, "area": {"a": 45, "b": 60}}).table
    for column, value in (("measure", "z"), ("wave", "w2"), ("stat", "total")):
        both = Estimates(pd.concat([one, other.assign(**{column: value})], ignore_index=True))
        assert protect(both).table["n"].isna().tolist() == [False, True, True, False, False, False]


def test_stricter_rules() -> None:
    strict = Rules(people=20, answers=60, caution=100)
    shown = protect(estimates_of({"": {"": 390}, "area": {"a": 15, "b": 35, "c": 340}}), rules=strict).table
    assert shown["n"].isna().tolist() == [False, True, True, False]


# --- tables that add up in more than one way --------------------------------------------------------


def test_wards_do_not_give_away_a_hidden_district() -> None:
    """District B is hidden for the sake of A; its two wards, both shown, must not add up to it."""
    wards = {"A": {"A1": 3, "A2": 2}, "B": {"B1": 13, "B2": 12}, "C": {"C1": 11, "C2": 200}}
    assert_safe(*nested_counts(wards))


def test_a_cell_of_nobody_does_not_give_away_its_neighbour() -> None:
    """Where a side has one cell with people in it, that cell is the side: hiding it alone hides nothing."""
    counts, sums = crossed_counts(np.array([[40, 0], [5, 100], [0, 60]]))
    assert_safe(counts, sums)


def test_hidden_cells_of_a_crossed_table_are_no_system_of_equations() -> None:
    """Two hidden cells a side are not enough in general: a cell that joins two rings is determined."""
    cells = np.full((4, 4), 90)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        cells[i, j] = 8
    for i, j in ((2, 2), (2, 3), (3, 2), (3, 3)):
        cells[i, j] = 7
    cells[1, 2] = 9
    counts, sums = crossed_counts(cells)
    assert_safe(counts, sums)


@settings(max_examples=25)
@given(SEEDS)
def test_no_crossed_table_can_be_solved(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(2, 5)), int(rng.integers(2, 4)))
    cells = rng.choice([0, 3, 7, 15, 30, 80], shape, p=[0.05, 0.1, 0.1, 0.25, 0.25, 0.25])
    cells[0, 0] += 60
    counts, sums = crossed_counts(cells)
    assert_safe(counts, sums)


@settings(max_examples=25)
@given(SEEDS)
def test_no_nested_table_can_be_solved(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wards = {
        f"D{d}": {
            f"D{d}W{w}": int(rng.choice([2, 6, 12, 25, 70], p=[0.1, 0.1, 0.3, 0.25, 0.25]))
            for w in range(rng.integers(1, 5))
        }
        for d in range(rng.integers(2, 5))
    }
    wards["D0"]["D0W9"] = 60  # so that hiding enough is possible
    assert_safe(*nested_counts(wards))


def test_nesting_of_area_levels() -> None:
    levels = (
        AreaLevel("district", "Districts", areas=(("A", ""), ("B", ""))),
        AreaLevel("ward", "Wards", "district", (("A1", "A"), ("B1", "B"))),
        AreaLevel("beat", "Beats", "ward"),
    )
    assert nesting_of(levels) == {"ward": ("district", {"A1": "A", "B1": "B"})}


def test_a_hidden_ward_takes_a_neighbour_in_its_own_district() -> None:
    """The complement in the city as a whole is not enough: the district's number is shown as well."""
    counts, sums, nesting = nested_counts({"A": {"A1": 5, "A2": 95}, "B": {"B1": 40, "B2": 60}})
    shown = protect(estimates_of(counts), nesting=nesting)
    hidden = set(shown.table["level"][hidden_rows(shown)])
    assert {"A1", "A2"} <= hidden
    assert_safe(counts, sums, nesting)


# --- the margin report ----------------------------------------------------------------------------


def reported(sex: list[object], targets: dict[str, float]) -> Wave:
    wave = make_wave({"y": np.arange(float(len(sex)))}, {"sex": sex})
    return rake(wave, margins_of(sex=targets), missing="keep")


def shown_of(raked: Wave) -> pd.DataFrame:
    assert raked.weighting is not None
    return protect_margins(raked.weighting.report, raked)


def test_small_categories_of_a_margin_report() -> None:
    raked = reported(["f"] * 50 + ["m"] * 45 + ["x"] * 5, {"f": 50, "m": 48, "x": 2})
    shown = shown_of(raked)
    assert shown["n"].isna().tolist() == shown["before"].isna().tolist() == [True, False, True]
    assert shown["target"].tolist() == pytest.approx([0.5, 0.48, 0.02])
    assert raked.weighting is not None
    assert raked.weighting.report["n"].notna().all()
    large = reported(["f"] * 50 + ["m"] * 50, {"f": 50, "m": 50})
    np.testing.assert_array_equal(shown_of(large)["n"], [50, 50])


def test_those_without_an_answer_are_not_given_away_by_their_target() -> None:
    """Kept at the share they have in the sample, their target is that share: 3 of 100."""
    shown = shown_of(reported(["f"] * 50 + ["m"] * 47 + [None] * 3, {"f": 50, "m": 50}))
    assert shown["category"].tolist() == ["f", "m"]
    for column in ("before", "target", "after"):
        assert shown[column].sum() == pytest.approx(1)
    assert shown["target"].tolist() == pytest.approx([0.5, 0.5])


# --- with the estimates of a wave -----------------------------------------------------------------


def test_estimates_of_a_wave_pass_the_gate() -> None:
    rng = np.random.default_rng(3)
    area = np.repeat(["n", "s", "e", "w"], [5, 20, 60, 110])
    wave = make_wave({"y": rng.normal(50, 10, 195)}, {"area": area})
    table = protect(estimate(wave, ["y"], ["area"])).table
    assert dict(zip(table["level"], table["suppressed"], strict=True)) == {
        "": "", "n": CONFIDENTIAL, "s": CONFIDENTIAL, "e": "", "w": "",
    }  # fmt: skip
    assert not table["caution"].any()
    one = protect(estimate(make_wave({"y": [50.0, 60.0]}, {"area": ["n", "s"]}), ["y"], ["area"])).table
    assert set(one["suppressed"]) == {CONFIDENTIAL}
    assert one[[*NUMBERS, "n"]].isna().all(axis=None)


def test_measures_that_the_same_people_count_for_are_judged_as_the_score_that_says_who() -> None:
    """Shares of themes: one table at once is judged as each theme alone under the name of that score."""
    rng = np.random.default_rng(5)
    area = rng.choice(["n", "s", "e", "w"], 220, p=[0.05, 0.15, 0.3, 0.5])
    answered = np.where(rng.random(220) < 0.8, 1.0, np.nan)
    wave = make_wave({"answers": answered}, {"area": area}, weights=rng.gamma(4, 1, 220))
    themes = {name: np.where(np.isnan(answered), np.nan, rng.random(220) < 0.3) for name in "abc"}
    found = estimate(wave, pd.DataFrame(themes), ["area"], stat="share")
    together = protect(found, wave, counts="answers").table
    for theme, rows in found.table.groupby("measure"):
        alone = protect(Estimates(rows.assign(measure="answers").reset_index(drop=True)), wave).table
        of_it = together[together["measure"] == theme].reset_index(drop=True)
        pd.testing.assert_frame_equal(of_it.drop(columns="measure"), alone.drop(columns="measure"), check_exact=True)
    assert together["suppressed"].nunique() > 1
