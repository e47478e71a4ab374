"""One picture of a study at one wave: chosen, compared and protected; and the sample study against the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import refusal
from conftest import ROOT
from stores import INSTRUMENT, STUDY, WARDS, raked, small_wave

from trustsurvey.analysis import Picture, picture, standing
from trustsurvey.comparison.pooling import pool
from trustsurvey.disclosure.gate import CONFIDENTIAL, UNRELIABLE, protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Study, Wave
from trustsurvey.present import words
from trustsurvey.scales.scoring import score
from trustsurvey.store import Store
from trustsurvey.workflow import load_picture, load_wave


def quarter(number: int, n: int = 400, **changes: Any) -> Wave:
    """A wave of the quarter with this number, counted from January 2025."""
    year, month = 2025 + (number - 1) // 4, 3 * ((number - 1) % 4) + 1
    span = {"start": date(year, month, 1), "end": date(year, month + 2, 28)}
    return small_wave(f"Q{number}", n=n, seed=number, **{**span, **changes})


# --- what a picture holds -----------------------------------------------------------------------------------


def test_a_first_wave_has_nothing_to_compare_with() -> None:
    shown = picture([quarter(1)], 0, STUDY)
    assert (shown.measure, shown.previous, shown.change) == ("trust", "", None)
    assert [view.level.key for view in shown.levels] == ["district", "ward"]
    assert not any(shown.trend_breaks.values())
    assert words.headline_words(shown, "trust")["change"].startswith("This is the first wave")


def test_estimates_are_those_of_the_verbs_past_the_gate() -> None:
    wave = raked(quarter(1))
    shown = picture([wave], 0, STUDY).estimates.table
    plain = estimate(score(wave), ["respect", "safety", "trust"], ["district", "ward", "sex"]).table
    both = shown.merge(plain, on=["measure", "by", "level"], suffixes=("", "_plain"))
    assert len(both) == len(shown) == len(plain)
    seen = both[both["suppressed"] == ""]
    assert len(seen) > 10
    for column in ("est", "se", "lci", "uci", "n"):
        np.testing.assert_array_equal(seen[column], seen[f"{column}_plain"])
    assert shown["caution"].notna().all()


def test_later_waves_are_not_looked_at() -> None:
    waves = [quarter(k) for k in (1, 2, 3)]
    early, late = picture(waves, 1, STUDY), picture(waves[:2], 1, STUDY)
    assert early.estimates.table.equals(late.estimates.table)
    assert early.trend.table.equals(late.trend.table)
    assert set(early.trend.table["wave"]) == {"Q1", "Q2"}


def test_another_measure_is_looked_at_where_asked() -> None:
    shown = picture([quarter(1), quarter(2)], 1, STUDY, "safety")
    assert shown.measure == "safety"
    assert set(shown.view("ward").estimates.table["measure"]) == {"safety"}
    assert set(shown.trend.rows(by="district")["measure"]) == {"safety"}
    # One that the wave lacks gives way to the first it has.
    assert picture([quarter(1)], 0, STUDY, "nonsense").measure == "respect"


@pytest.mark.parametrize("n", [400, 60, 36, 31, 12, 5])
def test_where_everyone_stands_is_the_same_number_alone(n: int) -> None:
    """The number that is shown while the picture is made, hidden, rounded or whole, is the one in the picture."""
    for seed in range(4):
        wave = quarter(seed + 1, n)
        shown = picture([wave], 0, STUDY)
        found = standing(wave, STUDY)
        assert found is not None
        index, row = found
        assert index.key == "trust"
        pd.testing.assert_series_equal(row, shown.estimates.rows(measure="trust", by="").iloc[0], check_names=False)


def test_a_wave_without_areas_or_groups() -> None:
    wave = quarter(1)
    bare = replace(wave, people=wave.people[["respondent", "source_row"]], areas=(), groups=())
    shown = picture([bare], 0, Study("town", "Town", INSTRUMENT))
    assert shown.levels == ()
    assert set(shown.estimates.table["by"]) == {""}
    with pytest.raises(StopIteration):
        shown.view("ward")


def test_a_wave_of_one_person_shows_nothing() -> None:
    shown = picture([quarter(1, n=1)], 0, STUDY)
    assert (shown.estimates.table["suppressed"] != "").all()
    assert shown.estimates.table[["est", "lci", "uci", "n"]].isna().all(axis=None)
    assert shown.questions.table[["est", "n"]].isna().all(axis=None)
    assert words.headline_words(shown, "trust")["range"] == words.too_few()


def test_no_index_can_be_made() -> None:
    wave = quarter(1)
    fewer = replace(wave, answers=wave.answers[["fair"]], missing=wave.missing[["fair"]])
    with refusal("picture.no-index", "No index", "'Respect', 'Safety', 'Trust index'"):
        picture([fewer], 0, STUDY)
    assert standing(fewer, STUDY) is None


def only(wave: Wave, *items: str) -> Wave:
    return replace(wave, answers=wave.answers[list(items)], missing=wave.missing[list(items)])


def test_waves_that_share_no_index_are_not_compared() -> None:
    shown = picture([only(quarter(1), "safe"), only(quarter(2), "fair", "rude")], 1, STUDY)
    assert shown.change is None
    assert shown.previous == "Q1"
    told = words.headline_words(shown, "respect")
    assert told["change"] == "Not asked in Q1."


def test_a_measure_that_is_new_says_so_and_the_others_are_compared() -> None:
    shown = picture([only(quarter(1), "safe"), quarter(2)], 1, STUDY)
    assert shown.change is not None
    assert set(shown.change.table["measure"]) == {"safety"}
    assert words.headline_words(shown, "trust")["change"] == "Not asked in Q1."


def test_an_index_of_one_alone() -> None:
    """A questionnaire with a single index has no other scores to draw over time."""
    alone = replace(INSTRUMENT, indices=(INSTRUMENT.index("safety"),), headline="safety")
    waves = [replace(only(quarter(k), "safe"), instrument=alone) for k in (1, 2)]
    shown = picture(waves, 1, replace(STUDY, instrument=alone))
    assert set(shown.trend.table["measure"]) == {"safety"}
    assert shown.change is not None


def test_a_group_that_is_new_is_shown_but_not_compared() -> None:
    old, new = quarter(1), quarter(2)
    old = replace(old, people=old.people.drop(columns="sex"), groups=())
    shown = picture([old, new], 1, STUDY)
    assert shown.change is not None
    assert "sex" in set(shown.estimates.table["by"])
    assert "sex" not in set(shown.change.table["by"])


# --- breaks ---------------------------------------------------------------------------------------------------


def reworded(wave: Wave, item: str, text: str) -> Wave:
    return replace(wave, wording={**wave.wording, item: text})


def test_a_break_is_named_where_it_begins_and_for_what_it_touches() -> None:
    waves = [quarter(k) for k in range(1, 5)]
    waves[2:] = [reworded(wave, "safe", "Do you feel safe after dark?") for wave in waves[2:]]
    shown = picture(waves, 3, STUDY)
    assert shown.trend_breaks == {"respect": (), "safety": ("Q3",), "trust": ("Q3",)}
    at = picture(waves, 2, STUDY)
    assert at.change is not None
    verdicts = at.change.table.set_index(["measure", "by", "level"])["verdict"]
    assert verdicts[("trust", "", "")] == "break"
    assert verdicts[("respect", "", "")] == "none"
    assert words.headline_words(at, "trust")["change"].startswith("Not comparable with Q2")


def test_pooled_waves_never_span_a_break() -> None:
    waves = [quarter(k, n=90) for k in range(1, 5)]
    assert picture(waves, 3, STUDY).view("ward").pooled
    waves[2:] = [reworded(wave, "safe", "Do you feel safe after dark?") for wave in waves[2:]]
    assert not picture(waves, 3, STUDY).view("ward").pooled
    assert picture(waves, 3, STUDY, "respect").view("ward").pooled


# --- one wave or a rolling year ----------------------------------------------------------------------------------


def test_a_level_with_enough_answers_is_shown_from_one_wave() -> None:
    shown = picture([quarter(k) for k in range(1, 5)], 3, STUDY)
    assert [view.waves for view in shown.levels] == [("Q4",), ("Q4",)]
    assert words.basis_words(shown.view("ward")) == "From the wave Q4."


def test_a_thin_level_is_shown_from_a_rolling_year() -> None:
    waves = [quarter(k, n=90) for k in range(1, 9)]
    shown = picture(waves, 7, STUDY)
    district, ward = shown.levels
    assert not district.pooled
    assert ward.waves == ("Q5", "Q6", "Q7", "Q8")
    assert ward.shown == ward.areas == 4
    total = sum(int(wave.people["ward"].eq("Docks").sum()) for wave in waves[4:])
    row = ward.estimates.rows(by="ward", level="Docks").iloc[0]
    assert row["n"] <= total
    # The change is against the year before, none of whose waves is in this one.
    assert ward.change is not None
    assert ward.change.old == "Q1 to Q4"
    assert "Q5 to Q8" in words.basis_words(ward)
    # What is pooled is not drawn wave by wave.
    assert set(shown.trend.table["by"]) == {"", "district", "sex"}


def test_a_year_with_no_full_year_before_it_has_no_change() -> None:
    waves = [quarter(k, n=90) for k in range(1, 8)]
    assert picture(waves, 6, STUDY).view("ward").change is None


def test_too_few_waves_make_no_year() -> None:
    view = picture([quarter(k, n=90) for k in (1, 2)], 1, STUDY).view("ward")
    assert not view.pooled
    assert view.shown < view.areas


# --- the gate ---------------------------------------------------------------------------------------------------


def lopsided(number: int = 1) -> Wave:
    """A wave with 4 residents in Docks, 12 in Mill and many elsewhere; 3 of them of the other sex."""
    wave = quarter(number, n=400)
    ward = np.repeat([0, 1, 2, 3], [4, 12, 180, 204])
    people = wave.people.assign(
        ward=pd.Categorical.from_codes(ward, [w for w, _ in WARDS]),
        district=pd.Categorical.from_codes(ward // 2, ["East", "West"]),
        sex=pd.Categorical.from_codes(np.r_[2, 2, 2, np.arange(397) % 2], ["f", "m", "x"]),
    )
    answers = wave.answers.fillna(3.0)
    return replace(wave, people=people, answers=answers, missing=wave.missing * 0)


def tables_of(shown: Picture) -> dict[str, pd.DataFrame]:
    every = {"estimates": shown.estimates.table, "trend": shown.trend.table, "questions": shown.questions.table}
    every |= {f"view {view.level.key}": view.estimates.table for view in shown.levels}
    if shown.change is not None:
        every["change"] = shown.change.table
    return every


def test_small_cells_are_hidden_in_every_table() -> None:
    shown = picture([lopsided(1), lopsided(2)], 1, STUDY)
    for name, table in tables_of(shown).items():
        for level in ("Docks", "x"):
            rows = table[table["level"] == level] if "level" in table else table.iloc[:0]
            numbers = [c for c in ("est", "lci", "uci", "n", "n_eff", "diff", "after", "before") if c in rows]
            assert rows[numbers].isna().all(axis=None), (name, level)
        if "n" in table:
            assert not (table["n"] < 10).any(), name
    assert shown.estimates.rows(measure="trust", level="Docks")["suppressed"].tolist() == [CONFIDENTIAL]


def test_the_small_cell_does_not_follow_from_its_district() -> None:
    rows = picture([lopsided()], 0, STUDY).estimates.rows(measure="trust", by="ward").set_index("level")
    assert rows.loc["Mill", "n"] != 12  # East less Mill would give Docks
    assert np.isnan(rows.loc["Mill", "n"])


def test_what_is_thin_but_not_secret_keeps_its_number() -> None:
    wave = quarter(1, n=140)
    rows = picture([wave], 0, STUDY).estimates.rows(measure="trust", by="ward")
    thin = rows[rows["suppressed"] == UNRELIABLE]
    assert len(thin)
    assert (thin["n"] >= 10).all()
    assert thin["est"].isna().all()


def test_a_view_counts_what_it_shows() -> None:
    view = picture([lopsided()], 0, STUDY).view("ward")
    assert (view.shown, view.areas) == (2, 4)


def test_a_hidden_number_does_not_follow_from_the_year_it_is_part_of() -> None:
    """Three waves show the number of an area, the fourth hides it; the year shows the sum of the four."""
    waves = [quarter(k, n=200) for k in range(1, 4)]
    ward = np.repeat([0, 1, 2, 3], [6, 34, 60, 100])
    last = quarter(4, n=200)
    people = last.people.assign(
        ward=pd.Categorical.from_codes(ward, [w for w, _ in WARDS]),
        district=pd.Categorical.from_codes(ward // 2, ["East", "West"]),
    )
    waves.append(replace(last, people=people, answers=last.answers.fillna(3.0), missing=last.missing * 0))
    pooled = score(pool(waves))
    rows = protect(estimate(pooled, ["trust"], ["ward"]), pooled, history=waves)
    year = rows.rows(by="ward", level="Docks")["n"].iloc[0]
    quarters = [
        picture(waves, at, STUDY).estimates.rows(measure="trust", level="Docks")["n"].iloc[0] for at in range(4)
    ]
    assert np.isfinite(quarters[:3]).all()
    assert np.isnan(quarters[3])
    assert np.isnan(year - sum(quarters[:3]))  # which is 6


def test_a_hidden_number_does_not_follow_from_another_measure() -> None:
    """6, 40 and 41 people; two of the 41 left one question out, so another neighbour is hidden there."""
    wave = quarter(1, n=87)
    people = wave.people.assign(sex=pd.Categorical.from_codes(np.repeat([0, 1, 2], [6, 40, 41]), ["x", "f", "m"]))
    answers = wave.answers.fillna(3.0)
    missing = wave.missing * 0
    answers.iloc[-2:, 0] = np.nan
    missing.iloc[-2:, 0] = 1
    shown = picture([replace(wave, people=people, answers=answers, missing=missing)], 0, STUDY).estimates
    f = shown.rows(measure="respect", level="f")["n"].iloc[0]
    m = shown.rows(measure="safety", level="m")["n"].iloc[0]
    total = shown.rows(measure="safety", by="")["n"].iloc[0]
    most = total - f - m  # those of x are no more than that
    assert not most < 9


# --- the sample study: an invented city whose truth is known ------------------------------------------------------

SLUG = "riverton-sample-study"
QUARTERS = ["2024 Q3", "2024 Q4", "2025 Q1", "2025 Q2", "2025 Q3", "2025 Q4", "2026 Q1", "2026 Q2"]


@pytest.fixture(scope="module")
def riverton(sample_folder: Path) -> Iterator[dict[str, Picture]]:
    """Pictures of the sample study at three of its waves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUSTSURVEY_HOME", str(sample_folder))
        store = Store.open(f"sqlite:///{sample_folder}/trustsurvey.db")
        names = ("2025 Q2", "2025 Q3", "2026 Q2")
        yield {name: load_picture(store, SLUG, name, released=True) for name in names}
        store.close()


@pytest.fixture(scope="module")
def truth() -> pd.Series:
    """What a survey of everyone would find, by wave, measure, grouping and level."""
    table = pd.read_csv(ROOT / "sample_data" / "truth.csv", keep_default_na=False)
    return table.set_index(["wave", "measure", "by", "level"])["value"].astype(float)


def test_the_raked_index_recovers_the_truth_in_every_wave(riverton: dict[str, Picture], truth: pd.Series) -> None:
    rows = riverton["2026 Q2"].trend.rows(measure="trust", by="").set_index("wave")
    assert list(rows.index) == QUARTERS
    for wave, row in rows.iterrows():
        assert row["lci"] < truth[wave, "trust", "", ""] < row["uci"], wave


def test_what_the_readme_of_the_sample_says_of_the_index(riverton: dict[str, Picture]) -> None:
    """The table in sample_data/README.md: raked means and standard errors, to two decimals."""
    told = {"2024 Q3": (57.49, 0.90), "2025 Q2": (56.80, 0.71), "2025 Q3": (51.64, 0.82), "2026 Q2": (54.71, 0.74)}
    rows = riverton["2026 Q2"].trend.rows(measure="trust", by="").set_index("wave")
    for wave, (est, se) in told.items():
        assert rows.loc[wave, "est"] == pytest.approx(est, abs=0.005)
        assert rows.loc[wave, "se"] == pytest.approx(se, abs=0.005)


def test_without_weights_the_index_is_four_points_too_high(sample_folder: Path, truth: pd.Series) -> None:
    store = Store.open(f"sqlite:///{sample_folder}/trustsurvey.db")
    wave = replace(load_wave(store, SLUG, "2026 Q2"), weighting=None)
    store.close()
    row = estimate(wave, ["trust"]).table.iloc[0]
    assert 2.5 < row["est"] - truth["2026 Q2", "trust", "", ""] < 5.5
    assert row["lci"] > truth["2026 Q2", "trust", "", ""]


def test_districts_come_from_the_quarter_and_neighbourhoods_from_the_year(riverton: dict[str, Picture]) -> None:
    district, neighbourhood = riverton["2026 Q2"].levels
    assert (district.waves, district.shown, district.areas) == (("2026 Q2",), 8, 8)
    assert neighbourhood.waves == ("2025 Q3", "2025 Q4", "2026 Q1", "2026 Q2")
    assert neighbourhood.areas == 40
    assert neighbourhood.shown >= 38
    assert neighbourhood.change is not None
    assert neighbourhood.change.old == "2024 Q3 to 2025 Q2"


@pytest.mark.parametrize("by", ["district", "neighbourhood"])
def test_intervals_by_area_cover_the_truth(riverton: dict[str, Picture], truth: pd.Series, by: str) -> None:
    view = riverton["2026 Q2"].view(by)
    rows = view.estimates.rows(by=by)
    rows = rows[rows["suppressed"] == ""]
    true = np.array([np.mean([truth[wave, "trust", by, level] for wave in view.waves]) for level in rows["level"]])
    covered = (rows["lci"].to_numpy() < true) & (true < rows["uci"].to_numpy())
    assert covered.mean() >= 0.85
    assert np.corrcoef(rows["est"].to_numpy(float), true)[0, 1] > 0.85


def test_the_course_of_a_group_is_what_each_wave_says_of_it(riverton: dict[str, Picture]) -> None:
    course = riverton["2026 Q2"].trend.rows(measure="trust", by="age").set_index(["wave", "level"])
    assert set(course.index.get_level_values("wave")) == set(QUARTERS)
    for wave, shown in riverton.items():
        rows = shown.estimates.rows(measure="trust", by="age")
        assert len(rows) > 4
        for row in rows.to_dict("records"):
            for name in ("est", "lci", "uci", "n"):
                assert course.loc[(wave, row["level"]), name] == pytest.approx(row[name], nan_ok=True)


def test_the_fall_of_summer_2025_is_found_and_put_into_words(riverton: dict[str, Picture]) -> None:
    shown = riverton["2025 Q3"]
    told = words.headline_words(shown, "trust")
    assert told["number"] == "52"
    assert told["change"].startswith("Lower by 5 points than in 2025 Q2, likely between ")
    assert shown.change is not None
    verdicts = shown.change.table[shown.change.table["measure"] == "trust"].set_index(["by", "level"])["verdict"]
    assert verdicts["", ""] == "down"
    # In the two districts whose police desks closed the fall is there too, but one quarter cannot prove it.
    fell = shown.change.table[shown.change.table["level"].isin(["Northside", "Harbour"])]
    assert (fell.loc[fell["measure"] == "trust", "diff"] < -3).all()


def test_before_the_fall_nothing_is_claimed(riverton: dict[str, Picture]) -> None:
    assert words.headline_words(riverton["2025 Q2"], "trust")["change"] == "No detectable change since 2025 Q1."


def test_only_what_was_reworded_breaks(riverton: dict[str, Picture]) -> None:
    """From 2025 Q3 on sa1 is asked in other words: safety and the short form break, trust does not."""
    breaks = riverton["2026 Q2"].trend_breaks
    assert {measure: names for measure, names in breaks.items() if names} == {
        "sa": ("2025 Q3",),
        "trust_short": ("2025 Q3",),
    }
    change = riverton["2025 Q3"].change
    assert change is not None
    broken = set(change.table.loc[change.table["verdict"] == "break", "measure"])
    assert broken == {"sa", "trust_short"}
    assert change.table.loc[change.table["verdict"] == "break", ["diff", "p", "lci"]].isna().all(axis=None)


def test_every_number_of_the_sample_is_past_the_gate(riverton: dict[str, Picture]) -> None:
    for shown in riverton.values():
        for name, table in tables_of(shown).items():
            if "n" in table:
                assert not (table["n"] < 10).any(), name
            if "suppressed" in table:
                assert table.loc[table["suppressed"] != "", ["est", "lci", "uci"]].isna().all(axis=None), name


def test_words_never_say_more_than_the_picture(riverton: dict[str, Picture]) -> None:
    for shown in riverton.values():
        for view in shown.levels:
            thin = words.thin_level_words(view, list(shown.levels))
            for sentence in (words.against_words(view), words.basis_words(view), thin):
                assert not any(word in sentence.casefold() for word in ("worst", "best", "significant", "because of"))
        assert "People chose to take part" in words.standing_words(shown.wave)
