"""Before and after an action: which surveys are compared, what is shown of them, and what is never said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from stores import INSTRUMENT, STUDY, raked
from test_analysis import quarter
from test_present_briefing import few_in
from voices import BOOK, audited

from trustsurvey.actions.before_after import BeforeAfter, around, before_after
from trustsurvey.comparison.compare import change
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Action, Study, Wave
from trustsurvey.scales.scoring import score
from trustsurvey.voices.answers import OpenAnswers, teach

DOCKS = Action("Lamps", state="done", done=date(2025, 6, 30), score="trust", by="ward", group="Docks")


def raised(wave: Wave, ward: str, by: float) -> Wave:
    """The wave with scores of one ward higher."""
    assert wave.scores is not None
    there = (wave.people["ward"] == ward).to_numpy(float)
    return replace(wave, scores=wave.scores.add(by * there, axis=0))


@pytest.fixture(scope="module")
def waves() -> list[Wave]:
    """Five quarters of 2025 and 2026, none of them in the field on the last days of a quarter."""
    return [score(raked(quarter(k, n=600))) for k in range(1, 6)]


def found(action: Action, waves: list[Wave], **how: object) -> BeforeAfter:
    return before_after(action, waves, STUDY, **how)  # type: ignore[arg-type]


def test_waves_are_before_after_or_neither(waves: list[Wave]) -> None:
    when = around(waves, date(2025, 6, 30))  # Q2 ended on 28 June
    assert when is not None
    assert (when.before, when.after, when.during) == ((0, 1), (2, 3, 4), ())
    within = around(waves, date(2025, 5, 1))
    assert within is not None
    assert (within.before, within.after, within.during) == ((0,), (2, 3, 4), (1,))
    # Who was asked on the very day may have seen it, or not.
    for day in (date(2025, 4, 1), date(2025, 6, 28)):
        edge = around(waves, day)
        assert edge is not None
        assert edge.during == (1,)
    assert around([replace(wave, start=None) for wave in waves], date(2025, 5, 1)) is None


def test_the_last_wave_before_is_held_against_the_first_after(waves: list[Wave]) -> None:
    told = found(DOCKS, waves)
    assert (told.missing, told.old, told.new) == (None, ("Q2",), ("Q3",))
    before, after = (protect(estimate(w, ["trust"], ["ward"]), w) for w in waves[1:3])
    rows = change(waves[1], waves[2], before, after).table
    expected = rows[(rows["by"] == "ward") & (rows["level"] == "Docks")].iloc[0]
    assert told.row is not None
    for name in ("before", "after", "diff", "se", "lci", "uci", "df", "p", "detectable"):
        assert told.row[name] == pytest.approx(expected[name], rel=1e-12)
    # One comparison that was named beforehand is one test, not one of as many as there are wards.
    assert told.row["p_adj"] == told.row["p"]
    everyone = found(replace(DOCKS, by="", group=""), waves)
    assert everyone.row is not None
    assert everyone.row["diff"] == pytest.approx(rows.loc[rows["by"] == "", "diff"].iloc[0])
    assert everyone.beside is None


def test_a_change_there_alone_stands_out_from_the_others(waves: list[Wave]) -> None:
    lifted = [*waves[:2], raised(waves[2], "Docks", 25.0), *waves[3:]]
    told = found(DOCKS, lifted)
    assert told.row is not None
    assert told.beside is not None
    assert told.row["verdict"] == told.beside["verdict"] == "up"
    assert told.beside["diff"] > 15
    assert not told.late
    # What goes up everywhere is a change there, and none against the others.
    assert waves[2].scores is not None
    flood = [*waves[:2], replace(waves[2], scores=waves[2].scores + 25.0), *waves[3:]]
    told = found(DOCKS, flood)
    assert told.row is not None
    assert told.beside is not None
    assert (told.row["verdict"], told.beside["verdict"]) == ("up", "none")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"state": "planned", "done": None}, "open"),
        ({"score": "", "by": "", "group": ""}, "unnamed"),
        ({"done": date(2024, 12, 1)}, "no before"),
        ({"done": date(2026, 2, 1)}, "no after"),
        ({"by": "shoe size", "group": "44"}, "not asked"),
        ({"group": "Atlantis"}, "not asked"),
        ({"score": "", "share": "speed"}, "few read"),
    ],
)
def test_why_nothing_is_compared(waves: list[Wave], changes: dict[str, object], missing: str) -> None:
    told = found(replace(DOCKS, **changes), waves)  # type: ignore[arg-type]
    assert (told.missing, told.row, told.beside) == (missing, None, None)


def test_a_score_that_one_wave_lacks_and_waves_without_dates(waves: list[Wave]) -> None:
    assert waves[2].scores is not None
    less = [*waves[:2], replace(waves[2], scores=waves[2].scores[["safety"]]), *waves[3:]]
    assert found(DOCKS, less).missing == "not asked"
    assert found(DOCKS, [replace(wave, end=None) for wave in waves]).missing == "undated"


def test_a_survey_in_the_field_on_the_day_is_left_out_and_named(waves: list[Wave]) -> None:
    told = found(replace(DOCKS, done=date(2025, 5, 1)), waves)
    assert (told.old, told.new, told.during) == (("Q1",), ("Q3",), ("Q2",))
    late = found(replace(DOCKS, done=date(2026, 3, 1)), waves)
    assert (late.missing, late.during) == ("no after", ("Q5",))


def test_a_measure_that_was_named_after_the_fact_is_called_so(waves: list[Wave]) -> None:
    ended = waves[2].end
    assert ended is not None
    assert not found(DOCKS, waves, named=ended).late
    assert found(DOCKS, waves, named=date(2025, 9, 29)).late


def test_other_words_are_a_break(waves: list[Wave]) -> None:
    reworded = replace(waves[2], wording={**waves[2].wording, "safe": "Do you feel safe?"})
    told = found(DOCKS, [*waves[:2], reworded, *waves[3:]])
    assert told.row is not None
    assert told.row["verdict"] == "break"
    assert np.isnan(told.row["diff"])
    assert told.beside is None


def test_few_answers_are_protected_as_on_the_pages() -> None:
    waves = [score(few_in(raked(quarter(k, n=600)), "Hill")) for k in (1, 2)]
    action = replace(DOCKS, done=date(2025, 3, 30))
    hidden = found(replace(action, group="Hill"), waves)
    assert hidden.row is not None
    assert hidden.row["verdict"] == "withheld"
    assert np.isnan([hidden.row[name] for name in ("before", "after", "diff", "lci")]).all()
    # Its neighbour is told in fives for its sake, and neither compared nor set against the others.
    neighbour = found(replace(action, group="Park"), waves)
    assert neighbour.row is not None
    if neighbour.row["verdict"] == "guarded":
        assert neighbour.row["before"] % 5 == 0
    assert neighbour.row["verdict"] != "none" or neighbour.beside is not None


def test_an_area_too_small_for_a_wave_is_told_by_whole_years() -> None:
    small = [score(raked(quarter(k, n=80))) for k in range(1, 9)]
    told = found(replace(DOCKS, done=date(2025, 12, 30)), small)
    assert told.old == ("Q1", "Q2", "Q3", "Q4")
    assert told.new == ("Q5", "Q6", "Q7", "Q8")
    assert told.row is not None
    assert told.row["verdict"] in ("none", "up", "down")
    # Until a whole year has gone by, nothing is said.
    early = found(replace(DOCKS, done=date(2025, 12, 30)), small[:7])
    assert early.row is not None
    assert early.row["verdict"] == "withheld"


# --- the share of a theme -------------------------------------------------------------------------------

TOWN = Study("town", "Town", INSTRUMENT)
SPEED = Action("Answer sooner", state="done", done=date(2025, 3, 30), share="speed")


@pytest.fixture(scope="module")
def asked() -> list[list[OpenAnswers]]:
    """Two waves; in the second many fewer speak of speed."""
    made = []
    for k, shift in ((1, 0.2), (2, -0.35)):
        answers, _ = audited(k, 200, n=720, name=f"w{k}", shift=shift)
        dated = replace(answers.wave, start=date(2025, 3 * k - 2, 1), end=date(2025, 3 * k, 28))
        made.append([replace(answers, wave=dated)])
    return made


def test_the_share_of_a_theme_before_and_after(asked: list[list[OpenAnswers]]) -> None:
    machine = teach(BOOK, [one for wave in asked for one in wave])
    waves = [wave[0].wave for wave in asked]

    def told(action: Action) -> BeforeAfter:
        return before_after(action, waves, TOWN, lambda: (asked, machine))

    fewer = told(SPEED)
    assert (fewer.missing, fewer.old, fewer.new, fewer.beside) == (None, ("w1",), ("w2",), None)
    assert fewer.row is not None
    assert fewer.row["verdict"] == "down"
    assert -0.75 < fewer.row["lci"] < fewer.row["diff"] < fewer.row["uci"] < 0
    assert told(replace(SPEED, question="why")).row == pytest.approx(fewer.row)
    south = told(replace(SPEED, by="area", group="south"))
    assert south.row is not None
    assert south.row["verdict"] in ("down", "none")
    assert south.row["p_adj"] == south.row["p"]
    tiny = told(replace(SPEED, by="area", group="east"))  # eight people live there
    assert tiny.row is not None
    assert tiny.row["verdict"] == "withheld"
    assert np.isnan(tiny.row["before"])
    assert told(replace(SPEED, share="dogs")).missing == "not asked"
    assert told(replace(SPEED, question="other")).missing == "not asked"
    assert told(replace(SPEED, by="age", group="young")).missing == "not asked"


def test_a_question_in_other_words_and_one_of_which_little_was_read(asked: list[list[OpenAnswers]]) -> None:
    machine = teach(BOOK, [one for wave in asked for one in wave])
    (one,) = asked[1]
    reworded = replace(one, wave=replace(one.wave, wording={**one.wave.wording, "why": "And why?"}))
    waves = [asked[0][0].wave, reworded.wave]
    told = before_after(SPEED, waves, TOWN, lambda: ([asked[0], [reworded]], machine))
    assert told.row is not None
    assert told.row["verdict"] == "break"
    little, _ = audited(2, 20, n=720, name="w2")
    waves = [asked[0][0].wave, one.wave]
    thin = replace(little, wave=one.wave)
    assert before_after(SPEED, waves, TOWN, lambda: ([asked[0], [thin]], machine)).missing == "few read"


def test_answers_are_asked_for_only_where_a_theme_is_compared(waves: list[Wave]) -> None:
    def never() -> tuple[list[list[OpenAnswers]], object]:
        raise AssertionError("nobody needs them")

    assert found(DOCKS, waves, heard=never).row is not None
    assert found(replace(DOCKS, score="", share="speed", by="", group="", state="planned", done=None), waves,
                 heard=never).missing == "open"  # fmt: skip


def test_a_table_of_pandas_gives_plain_rows(waves: list[Wave]) -> None:
    told = found(DOCKS, waves)
    assert isinstance(told.row, dict)
    assert not any(isinstance(value, pd.Series) for value in told.row.values())
