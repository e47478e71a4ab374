"""What an analyst asks beyond a table: the sentences beside it, what is refused, and that nothing hidden gets out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import margins_of, refusal, row_of
from hypothesis import given, settings, strategies as st
from stores import INSTRUMENT, LEVELS, STUDY, small_wave
from test_export_tables import planted
from test_tabulate import quarters

from trustsurvey import workbench
from trustsurvey.analysis import picture
from trustsurvey.comparison.multiplicity import holm
from trustsurvey.disclosure.cells import hidden_cells
from trustsurvey.disclosure.crossed import hidden_in_margins
from trustsurvey.errors import SurveyError
from trustsurvey.model import Study, Wave
from trustsurvey.scales.scoring import score
from trustsurvey.workbench import Finding

ALONE = Study("town", "Town", INSTRUMENT)
#: What LOOK asks for, of sentences for analysts too: people, no causes, no ranks by name, no jargon for its own sake.
NEVER = re.compile(r"\b(respondents?|significan\w*|worst|best|drives?|proves?|nan|inf|None)\b")


@pytest.fixture(scope="module")
def year() -> list[Wave]:
    return quarters()


@pytest.fixture(scope="module")
def bare() -> list[Wave]:
    """Waves without weights, margins, areas and groups."""
    return [
        score(replace(wave, people=wave.people[["respondent", "source_row"]], areas=(), groups=(), weighting=None))
        for wave in quarters()
    ]


def crowd(n: int = 600, **changes: Any) -> Wave:
    """A wave without a small cell."""
    wave = small_wave("Q1", n=n, seed=3)
    sex = pd.Categorical.from_codes(np.arange(n) % 2, ["f", "m"])
    return score(replace(wave, people=wave.people.assign(sex=sex), **changes))


def plain(found: Finding) -> None:
    for sentence in found.told:
        assert sentence[0].isupper() or sentence.startswith(("R2", "fair", "rude", "respect", "safety")), sentence
        assert not NEVER.search(sentence), sentence
        assert "  " not in sentence
        assert not re.search(r"\b1 (residents|people|points|waves|areas)\b", sentence), sentence
        assert "100 %" not in sentence


def questions(waves: list[Wave], study: Study = STUDY) -> dict[str, Finding]:
    """Every question of a study with small cells."""
    at = len(waves) - 1
    return {
        "changes": workbench.changes(waves, at, study, ["trust", "safe"], ["ward", "sex"]),
        "trend": workbench.trends(waves, at, study, ["trust"], ["ward", "sex"]),
        "gaps": workbench.group_gaps(waves, at, study, "trust", "district", ["sex"]),
        "wards": workbench.group_gaps(waves, at, study, "safe", "ward"),
        "meaning": workbench.same_meaning(waves, at, "trust", "sex"),
        "over waves": workbench.same_meaning(waves, at, "trust"),
        "answers": workbench.answers_by_group(waves, at, study, "safe", "ward"),
        "means": workbench.means_by_group(waves, at, study, "trust", "district", pairs=True),
        "null": workbench.mean_against(waves, at, study, "trust", 50.0),
        "regression": workbench.regression(waves, at, study, "safe", ["respect", "ward", "sex"]),
        "scales": workbench.scales(waves, at),
        "with": workbench.goes_with(waves, at, study, "safe", ["respect", "ward", "sex"]),
        "plan": workbench.planned(waves, at, study, "trust", "ward", change=5, width=3),
        "missing": workbench.who_is_missing(waves, at, study, None),
    }


@pytest.fixture(scope="module")
def found(year: list[Wave]) -> dict[str, Finding]:
    return questions(year)


def test_scores_are_held_beside_those_that_share_no_question(year: list[Wave]) -> None:
    assert workbench.companions(year[1], "trust") == []
    beside = workbench.companions(year[1], "safe")
    wave = year[1]
    asked = [set(wave.instrument.items_of(name)) for name in ("safe", *beside)]
    assert beside
    assert sum(map(len, asked)) == len(set().union(*asked))
    assert wave.scores is not None
    few = wave.scores[beside[0]].where(np.arange(len(wave)) % 2 == 0)
    assert beside[0] not in workbench.companions(replace(wave, scores=wave.scores.assign(**{beside[0]: few})), "safe")


# --- in all of them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["trend", "gaps", "wards", "meaning", "over waves", "scales", "with", "plan", "missing"]
)
def test_sentences_are_plain_and_no_number_of_people_is_under_ten(name: str, found: dict[str, Finding]) -> None:
    plain(found[name])
    for table in (found[name].table, found[name].more):
        if table is not None and "n" in table:
            assert not (table["n"] < 10).any()


def test_an_unknown_measure_names_those_there_are(year: list[Wave]) -> None:
    for ask in (
        lambda: workbench.group_gaps(year, 1, STUDY, "joy", "sex"),
        lambda: workbench.same_meaning(year, 1, "joy", "sex"),
        lambda: workbench.same_meaning(year, 1, "joy"),
        lambda: workbench.goes_with(year, 1, STUDY, "joy", ["safe"]),
        lambda: workbench.planned(year, 1, STUDY, "joy"),
        lambda: workbench.small_areas(year, 1, STUDY, "ward", "joy"),
    ):
        with refusal("estimate.measure", "no measure 'joy'", "'trust'"):
            ask()
    with refusal("trend.waves", "No wave has 'joy'"):
        workbench.trends(year, 3, STUDY, ["joy"], [])
    with refusal("reliability.measure", "'joy'"):
        workbench.scales(year, 1, ["joy"])


@pytest.mark.parametrize("by", ["planet", "respondent", "source_row"])
def test_only_areas_and_groups_make_tables(year: list[Wave], by: str) -> None:
    for ask in (
        lambda: workbench.trends(year, 3, STUDY, ["trust"], ["sex", by]),
        lambda: workbench.group_gaps(year, 1, STUDY, "trust", by),
        lambda: workbench.group_gaps(year, 1, STUDY, "trust", "sex", [by]),
        lambda: workbench.same_meaning(year, 1, "trust", by),
        lambda: workbench.goes_with(year, 1, STUDY, "safe", ["respect", by]),
        lambda: workbench.planned(year, 1, STUDY, "trust", by),
        lambda: workbench.small_areas(year, 1, STUDY, by, "trust"),
    ):
        with refusal("estimate.by", f"'{by}'", "'ward'"):
            ask()


def test_a_study_without_areas_and_groups_is_told_what_is_lacking(bare: list[Wave]) -> None:
    for ask in (
        lambda: workbench.group_gaps(bare, 1, ALONE, "trust", ""),
        lambda: workbench.small_areas(bare, 1, ALONE, "", "trust"),
        lambda: workbench.planned(bare, 1, ALONE, "trust", "sex"),
        lambda: workbench.goes_with(bare, 1, ALONE, "safe", ["sex"]),
    ):
        with refusal("estimate.by", "The wave has no areas", "Mark a column"):
            ask()
    with refusal("representation.margins", "no population"):
        workbench.who_is_missing(bare, 1, ALONE, None)
    for told in (
        workbench.trends(bare, 3, ALONE, ["trust"], []),
        workbench.same_meaning(bare, 3, "trust"),
        workbench.scales(bare, 3),
        workbench.goes_with(bare, 3, ALONE, "safe", ["respect"]),
        workbench.planned(bare, 3, ALONE, "trust"),
    ):
        plain(told)


# --- trend --------------------------------------------------------------------------------------------------


def test_a_trend_leaves_out_waves_that_did_not_ask(year: list[Wave]) -> None:
    assert year[0].scores is not None
    gone = [replace(year[0], scores=year[0].scores.drop(columns="trust")), *year[1:]]
    told = workbench.trends(gone, 3, STUDY, ["trust"], [])
    assert told.more is not None
    assert told.more["wave"].tolist() == ["Q2", "Q3", "Q4"]


def test_two_waves_make_no_trend(year: list[Wave]) -> None:
    with refusal("trend.waves", "compared as a change"):
        workbench.trends(year, 1, STUDY, ["trust"], [])


def test_a_hidden_group_has_no_slope(found: dict[str, Finding]) -> None:
    table = found["trend"].table
    for level in ("Docks", "x"):
        assert np.isnan(row_of(table, level=level)["slope"])
    assert np.isfinite(row_of(table, by="")["slope"])


# --- gaps ---------------------------------------------------------------------------------------------------


def test_no_gap_tells_what_is_hidden(found: dict[str, Finding]) -> None:
    table = found["wards"].table
    secret = table[table["suppressed"] != ""]
    assert secret[["n", "mean", "gap", "se", "lci", "uci", "p"]].isna().all(axis=None)
    # Those alone count whose number is shown.
    assert set(table["level"]) == {"Park", "Hill"}


def test_a_gap_needs_two_groups_that_are_shown(year: list[Wave]) -> None:
    with refusal("gaps.few", "No two groups of 'sex'", "Ask for another grouping"):
        workbench.group_gaps(year, 3, STUDY, "trust", "sex", ["district"])


@pytest.mark.parametrize(("gone", "words"), [(3, "Fewer than 10 residents"), (40, "40 residents"), (0, "")])
def test_a_few_who_are_left_out_are_not_counted(gone: int, words: str) -> None:
    wave = crowd()
    ward = wave.people["ward"].astype(object)
    ward.iloc[:gone] = None
    wave = score(replace(wave, people=wave.people.assign(ward=pd.Categorical(ward)), scores=None, areas=("ward",)))
    answers = wave.answers.assign(safe=3.0)
    wave = score(replace(wave, answers=answers, missing=wave.missing * 0, scores=None))
    told = workbench.group_gaps([replace(wave, answers=crowd().answers)], 0, ALONE, "safe", "sex", ["ward"]).told
    left = [sentence for sentence in told if "left out" in sentence]
    assert [sentence.split(" with")[0] for sentence in left] == [words] * bool(words)


def test_a_gap_needs_two_groups() -> None:
    wave = crowd()
    one = replace(wave, people=wave.people.assign(sex=pd.Categorical(["f"] * len(wave))))
    with refusal("gaps.groups", "no two groups", "f"):
        workbench.group_gaps([one], 0, STUDY, "trust", "sex")


def test_gaps_are_told_with_their_reference_and_no_cause() -> None:
    told = workbench.group_gaps([crowd()], 0, STUDY, "trust", "sex", ["district"])
    plain(told)
    assert told.told[0] == "Gaps are differences from 'f'. An adjusted gap is no causal effect."
    assert sum("F = " in sentence for sentence in told.told) == 2
    assert told.told[-1].startswith("Does the score mean the same in these groups?")
    assert not any("mean the same" in s for s in workbench.group_gaps([crowd()], 0, STUDY, "safe", "sex").told)


# --- what goes with a score ---------------------------------------------------------------------------------


def test_groups_too_small_to_show_count_together(found: dict[str, Finding]) -> None:
    # All seven of Docks said 1: the constant would be their mean; beside four 'x', one sex alone is shown.
    answer = found["with"]
    assert answer.more is not None
    terms = set(answer.more["term"])
    assert {"(intercept)", "respect", "ward: Hill", "ward: others", "sex: others"} == terms
    assert answer.more["coef"].notna().all()
    assert set(answer.table["predictor"]) == {"respect", "ward", "sex"}
    assert "Groups too small to show count together with those who did not say, as 'others'." in answer.told
    assert answer.told[-1] in found["gaps"].told


def test_coefficients_of_large_groups_are_shown() -> None:
    answer = workbench.goes_with([crowd()], 0, STUDY, "safe", ["respect", "sex"])
    assert answer.more is not None
    assert answer.more["coef"].notna().all()
    assert not any("small group" in sentence for sentence in answer.told)


def test_a_few_with_complete_answers_are_few() -> None:
    wave = crowd()
    answers = wave.answers.copy()
    male = np.flatnonzero(wave.people["sex"] == "m")
    answers.loc[male[7:], "fair"] = np.nan  # all answered "safe", seven of them the other score too
    answers["safe"] = answers["safe"].fillna(3.0)
    answers[["fair", "rude"]] = answers[["fair", "rude"]].where(answers["fair"].notna(), np.nan)
    wave = score(replace(wave, answers=answers, missing=answers.isna().astype("int8"), scores=None))
    answer = workbench.goes_with([wave], 0, STUDY, "safe", ["fair", "sex"])
    assert answer.more is not None
    assert answer.more.loc[answer.more["predictor"] == "sex", "coef"].isna().all()


def test_too_few_answers_for_a_regression_are_said() -> None:
    with refusal("drivers.few", "too few answers"):
        workbench.goes_with([score(small_wave(n=25))], 0, STUDY, "safe", ["respect"])


# --- changes ------------------------------------------------------------------------------------------------


def test_changes_are_those_of_the_picture(year: list[Wave]) -> None:
    told = workbench.changes(year, 1, STUDY, ["trust", "safety"], ["district", "ward"]).table
    whole = picture(year[:2], 1, STUDY).change
    assert whole is not None
    keys = ["measure", "by", "level"]
    same = told.merge(whole.table, on=keys, suffixes=("", "_picture"))
    assert len(same) == len(told) > 8
    for column in ("before", "after", "diff", "se", "p", "p_adj", "df"):
        np.testing.assert_allclose(same[column].astype(float), same[f"{column}_picture"].astype(float), rtol=1e-9)
    assert same["verdict"].tolist() == same["verdict_picture"].tolist()


def test_holm_is_never_less_strict_than_benjamini_hochberg(year: list[Wave]) -> None:
    bh, strict = (workbench.changes(year, 1, STUDY, ["trust"], ["ward"], how) for how in ("bh", "holm"))
    p = strict.table["p"].to_numpy(float)
    known = np.isfinite(p) & (strict.table["by"] == "ward").to_numpy()
    assert known.sum() == 2
    by_hand = holm(p[known])
    np.testing.assert_allclose(strict.table.loc[known, "p_adj"].astype(float), by_hand)
    assert (strict.table["p_adj"].fillna(1) >= bh.table["p_adj"].fillna(1)).all()
    assert "(Holm)" in strict.told[0]
    assert "(Benjamini-Hochberg)" in bh.told[0]
    with refusal("compare.adjust", "'sidak'"):
        workbench.changes(year, 1, STUDY, ["trust"], [], "sidak")  # type: ignore[arg-type]


def test_what_two_waves_do_not_share_has_no_change(year: list[Wave]) -> None:
    with refusal("estimate.first", "Q1", "the first"):
        workbench.changes(year, 0, STUDY, ["trust"], [])
    assert year[0].scores is not None
    old = replace(year[0], scores=year[0].scores.drop(columns=["trust"]), groups=())
    with refusal("estimate.measure", "since Q1", "'trust'", "'safety'"):
        workbench.changes([old, year[1]], 1, STUDY, ["trust"], [])
    with refusal("estimate.by", "'sex'"):
        workbench.changes([old, year[1]], 1, STUDY, ["safe"], ["sex"])


# --- small areas --------------------------------------------------------------------------------------------


def tiles(k: int = 8, each: int = 60, **more: Any) -> tuple[Wave, Study]:
    """A wave of k areas, the first of which has eight residents."""
    n = k * each
    place = np.minimum(np.arange(n) // each, k - 1)
    place[8:each] = 1
    wave = small_wave("Q1", n=n, seed=8)
    names = [f"Area {j}" for j in range(k)]
    people = wave.people.assign(ward=pd.Categorical.from_codes(place, names)).drop(columns="district")
    level = replace(LEVELS[1], parent="", areas=tuple((name, "") for name in names))
    return score(replace(wave, people=people, areas=("ward",), **more)), Study("town", "Town", INSTRUMENT, (level,))


def test_modelled_values_stand_beside_direct_ones() -> None:
    wave, study = tiles()
    told = workbench.small_areas([wave], 0, study, "ward", "trust")
    plain(replace(told, told=told.told[:1]))
    assert len(told.table) == 8
    assert told.table["modelled"].notna().all()
    assert row_of(told.table, area="Area 0")[["direct", "se", "n"]].isna().all()
    assert told.table["probability"].sum() == pytest.approx(2)
    assert (told.table["probability"] < 1).all()


def test_too_few_areas_make_no_model(year: list[Wave]) -> None:
    with pytest.raises(SurveyError, match="too few areas"):
        workbench.small_areas(year, 1, STUDY, "ward", "trust")


def test_a_year_that_was_asked_for_is_a_year() -> None:
    wave, study = tiles()
    series = [replace(wave, name=f"Q{m}", start=date(2025, m, 1), end=date(2025, m + 2, 28)) for m in (1, 4, 7, 10)]
    whole = workbench.small_areas(series, 3, study, "ward", "trust")
    assert set(whole.table["wave"]) == {"Q1 to Q10"}
    assert set(workbench.small_areas(series, 3, study, "ward", "trust", year=False).table["wave"]) == {"Q10"}
    with refusal("table.year", "No rolling year"):
        workbench.small_areas(series, 1, study, "ward", "trust", year=True)
    assert wave.scores is not None
    unasked = [replace(old, scores=wave.scores.drop(columns="trust")) for old in series[:2]]
    with refusal("table.year", "Fewer than three waves", "'trust' by 'ward'"):
        workbench.small_areas([*unasked, *series[2:]], 3, study, "ward", "trust", year=True)
    assert set(workbench.small_areas([*unasked, *series[2:]], 3, study, "ward", "trust").table["wave"]) == {"Q10"}


# --- planning -----------------------------------------------------------------------------------------------


def test_a_plan_for_a_hidden_area_tells_nothing_of_it(found: dict[str, Finding]) -> None:
    table = found["plan"].table
    secret = table[table["n"].isna()]
    assert "Docks" in set(secret["level"])
    assert len(secret) > 1
    assert 997 - table["n"].sum() >= 10
    assert set(secret["basis"]) == {"everyone"}
    assert secret[["detectable", "more", "half_width", "more_width"]].isna().all(axis=None)
    assert secret["needed"].nunique() == 1


@pytest.mark.parametrize("goal", [{"change": 0.0}, {"change": -2.0}, {"width": 0.0}])
def test_a_goal_is_above_nothing(year: list[Wave], goal: dict[str, float]) -> None:
    with refusal("plan.target", "not above 0"):
        workbench.planned(year, 1, STUDY, "trust", **goal)


def test_a_plan_without_a_goal_tells_what_can_be_detected(year: list[Wave]) -> None:
    (row,) = workbench.planned(year, 1, STUDY, "trust").table.to_dict("records")
    assert 0 < row["detectable"] < 20
    assert np.isnan(row["needed"])


# --- who is missing -----------------------------------------------------------------------------------------


def test_who_is_missing_is_held_against_the_margins(found: dict[str, Finding]) -> None:
    table = found["missing"].table
    assert row_of(table, category="East")["ratio"] < 0.9
    assert found["missing"].more is not None
    assert table.loc[table["variable"] == "sex", "n"].isna().sum() == 2


def test_without_margins_groups_are_told_beside_no_population() -> None:
    wave = crowd(weighting=None)
    table = workbench.who_is_missing([wave], 0, STUDY, None).table
    assert set(table["variable"]) == {"sex"}
    assert table["population"].isna().all()
    assert table["n"].notna().all()


def crossed_wave(counts: list[list[int]]) -> Wave:
    cells = [(w, s) for w, row in enumerate(counts) for s, n in enumerate(row) for _ in range(n)]
    wave = small_wave("Q1", n=len(cells), seed=4)
    ward, sex = np.array(cells).T
    people = wave.people.assign(
        ward=pd.Categorical.from_codes(ward, ["Docks", "Mill", "Park", "Hill"]),
        sex=pd.Categorical.from_codes(sex, ["f", "m"]),
    ).drop(columns="district")
    return score(
        replace(wave, people=people, areas=("ward",), answers=wave.answers.fillna(3.0), missing=wave.missing * 0)
    )


CROSSED = margins_of(
    **{"ward x sex": {f"{w} x {s}": 100 for w in ("Docks", "Mill", "Park", "Hill") for s in ("f", "m")}}
)


def pinned(wave: Wave, hidden: frozenset[tuple[str, str]]) -> set[str]:
    """Crossed cells under ten whose number follows from rows and columns, by solving for what is hidden."""
    counts = pd.crosstab(wave.people["ward"], wave.people["sex"])
    unknown = [(w, s) for w in counts.index for s in counts.columns if ("ward x sex", f"{w} x {s}") in hidden]
    single = hidden_cells(wave)
    rows = [[float(w == ward) for w, _ in unknown] for ward in counts.index if ("ward", ward) not in single]
    rows += [[float(s == sex) for _, s in unknown] for sex in counts.columns if ("sex", sex) not in single]
    if not unknown:
        return set()
    matrix = np.array([*rows, np.ones(len(unknown))])
    rank = np.linalg.matrix_rank(matrix)
    told = set()
    for k, (w, s) in enumerate(unknown):
        follows = np.linalg.matrix_rank(np.vstack([matrix, np.eye(len(unknown))[k]])) == rank
        if follows and 0 < counts.loc[w, s] < 10:
            told.add(f"{w} x {s}")
    return told


@pytest.mark.parametrize(
    "counts",
    [
        [[4, 60], [70, 80], [90, 50], [60, 65]],
        [[4, 60], [70, 5], [90, 50], [60, 65]],
        [[40, 60], [70, 80], [90, 3], [60, 65]],
        [[2, 3], [70, 80], [90, 50], [60, 65]],
        [[9, 9], [9, 9], [9, 9], [9, 9]],
    ],
)
def test_a_small_crossed_number_does_not_follow_from_rows_and_columns(counts: list[list[int]]) -> None:
    wave = crossed_wave(counts)
    hidden = hidden_in_margins(wave, CROSSED)
    assert not pinned(wave, hidden)
    assert {cell for cell in hidden if " x " not in cell[0]} == set(hidden_cells(wave)), "other tables show these"
    table = workbench.who_is_missing([wave], 0, ALONE, CROSSED).table
    crossed = table[table["variable"] == "ward x sex"]
    assert not (crossed["n"] < 10).any()
    assert set(crossed.loc[crossed["n"].isna(), "category"]) >= {name for by, name in hidden if by == "ward x sex"}


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(1, 60), min_size=2, max_size=2), min_size=4, max_size=4))
def test_whatever_the_crossed_numbers_none_under_ten_follows(counts: list[list[int]]) -> None:
    wave = crossed_wave(counts)
    assert not pinned(wave, hidden_in_margins(wave, CROSSED))


def test_large_crossed_numbers_are_shown() -> None:
    wave = crossed_wave([[40, 60], [70, 80], [90, 50], [60, 65]])
    assert hidden_in_margins(wave, CROSSED) == hidden_cells(wave)
    assert workbench.who_is_missing([wave], 0, ALONE, CROSSED).table["n"].notna().all()


def test_some_of_a_crossing_stays_when_one_number_is_small() -> None:
    table = workbench.who_is_missing([crossed_wave([[4, 60], [70, 80], [90, 50], [60, 65]])], 0, ALONE, CROSSED).table
    assert table.loc[table["variable"] == "ward x sex", "n"].notna().sum() >= 2


# --- scales and what they mean ------------------------------------------------------------------------------


def test_scales_point_at_items_that_pull_the_other_way() -> None:
    wave = score(planted(1))
    told = workbench.scales([wave], 0, ["respect"])
    assert set(told.table["measure"]) == {"respect"}
    assert told.told[0].startswith("The lesser of alpha and omega decides")
    doubts = told.more[told.more["check"] != ""] if told.more is not None else pd.DataFrame()
    assert len(told.told) == 1 + len(doubts)


def test_a_score_of_too_few_questions_is_said_to_be_unchecked(found: dict[str, Finding]) -> None:
    assert found["meaning"].told[0].startswith("Not shown. There are fewer than three questions")
    assert found["meaning"].table.empty
