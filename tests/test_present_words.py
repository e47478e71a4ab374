"""Sentences: what they say is what the numbers say, no more, in words for people at seven in the morning."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of
from hypothesis import assume, given, strategies as st
from stores import STUDY, raked, small_wave

from trustsurvey.analysis import LevelView, picture
from trustsurvey.comparison.compare import Change
from trustsurvey.model import RULES, AreaLevel, Estimates, Report
from trustsurvey.model.report import ItemCheck
from trustsurvey.present import result_tables, words
from trustsurvey.present.blocks import standing_blocks
from trustsurvey.present.briefing import briefing_html
from trustsurvey.weighting.weigh import rake

#: What LOOK asks for: no causes, no ranks, no statistics, no respondents.
NEVER = re.compile(
    r"\b(significan\w*|p ?[<=]|CI|respondents?|cells?|worst|best|drives?|caused?|because of|proves?|proof|"
    r"confidence|null|nan|inf|sample size|rank\w*)\b",
    re.IGNORECASE,
)


def row(verdict: str, diff: float = 0.0, half: float = 1.0, **more: Any) -> dict[str, Any]:
    told = {"verdict": verdict, "diff": diff, "lci": diff - half, "uci": diff + half, "detectable": 3.2}
    return {**told, **more}


def plain(sentence: str) -> None:
    """A sentence that nobody stumbles over: whole, no jargon, no doubled blanks, no decimals."""
    if not sentence:
        return
    assert sentence[0].isupper() or sentence[0].isdigit() or sentence[0] == "\u2013"
    assert sentence.endswith(".")
    assert not NEVER.search(sentence), sentence
    assert "  " not in sentence
    assert not re.search(r"\d\.\d", sentence), sentence
    assert "--" not in sentence
    assert "-0" not in sentence


# --- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (54.27, "54"),
        (54.5, "55"),
        (55.5, "56"),
        (0.49, "0"),
        (-0.4, "0"),
        (-2.5, "-2"),
        (1512.0, "1,512"),
        (99.9, "100"),
    ],
)
def test_whole_numbers_round_as_people_do(value: float, text: str) -> None:
    assert words.whole(value) == text


@given(st.floats(-1000, 1000))
def test_whole_is_never_more_than_half_a_point_off(value: float) -> None:
    assert abs(float(words.whole(value).replace(",", "")) - value) <= 0.5


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.5, "+3"), (-2.5, "-3"), (-0.3, "0"), (0.3, "0"), (0.0, "0"), (-12.2, "-12"), (math.nan, ""), (math.inf, "")],
)
def test_differences_have_a_sign_unless_they_are_nothing(value: float, text: str) -> None:
    assert words.signed(value) == text


@pytest.mark.parametrize(("share", "text"), [(0.0, "0 %"), (0.125, "13 %"), (1.0, "100 %"), (0.004, "0 %")])
def test_shares_are_percentages(share: float, text: str) -> None:
    assert words.percent(share) == text


def test_a_score_comes_with_its_range() -> None:
    assert words.likely(54.27, 51.9, 56.4) == "54, likely between 52 and 56"


@given(st.floats(0, 100), st.floats(0, 60))
def test_a_range_ends_where_the_scale_does(est: float, half: float) -> None:
    low, high = (int(n) for n in re.findall(r"\d+", words.span(est - half, est + half)))
    assert 0 <= low <= int(words.whole(est)) <= high <= 100


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 4, 1), date(2026, 6, 30), "April to June 2026"),
        (date(2026, 5, 3), date(2026, 5, 28), "May 2026"),
        (date(2025, 12, 1), date(2026, 1, 15), "December 2025 to January 2026"),
        (date(2025, 5, 1), date(2026, 5, 31), "May 2025 to May 2026"),
        (None, date(2026, 1, 15), ""),
        (date(2026, 1, 15), None, ""),
    ],
)
def test_dates_as_people_say_them(start: date | None, end: date | None, text: str) -> None:
    assert words.period(start, end) == text


@pytest.mark.parametrize(
    ("n", "worth", "text"),
    [
        (1512, 980.4, "1,512 answers, worth about 980 after weighting."),
        (1512, 1512, "1,512 answers."),
        (1512, 1490, "1,512 answers."),
        (142, 143.0, "142 answers."),
    ],
)
def test_answers_and_what_they_are_worth(n: float, worth: float, text: str) -> None:
    assert words.answers_worth(n, worth) == text


@pytest.mark.parametrize(
    ("title", "text"),
    [("Districts", "districts"), ("ZIP", "ZIP"), ("ZIP codes", "ZIP codes"), ("Police Beats", "police beats"),
     ("Gro\u00dfe Bezirke", "gro\u00dfe bezirke")],
)  # fmt: skip
def test_titles_within_a_sentence(title: str, text: str) -> None:
    assert words.places(title) == text


# --- change ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (row("none", 2.0), "No detectable change since Q1."),
        (row("up", 5.6, 3.2), "Higher by 6 points than in Q1, likely between 2 and 9."),
        (row("down", -5.6, 3.2), "Lower by 6 points than in Q1, likely between 2 and 9."),
        (row("down", -1.2, 1.0), "Lower by 1 point than in Q1, likely by up to 2."),
        (row("up", 0.4, 0.3), "Slightly higher, by less than 1 point, than in Q1, likely by up to 1."),
        (row("break"), "Not comparable with Q1: some questions were not asked in the same way."),
        (row("withheld"), "Too few answers to compare."),
        (row("guarded"), "Not compared, to protect a small group."),
    ],
)
def test_change_in_words(entry: dict[str, Any], text: str) -> None:
    assert words.change_words(entry, "Q1") == text


@given(st.sampled_from(["up", "down", "none", "break", "withheld", "guarded"]), st.floats(0.01, 60), st.floats(0, 0.99))
def test_a_direction_is_claimed_only_by_the_verdict(verdict: str, size: float, share: float) -> None:
    sign = -1 if verdict == "down" else 1
    sentence = words.change_words(row(verdict, sign * size, share * size), "2026 Q1")
    plain(sentence)
    assert ("igher" in sentence) == (verdict == "up")
    assert ("ower" in sentence) == (verdict == "down")
    if verdict in ("up", "down"):
        numbers = [int(n) for n in re.findall(r"\b(\d+)\b", sentence.replace("2026 Q1", ""))]
        assert max(numbers) == int(words.whole(size + share * size)) or "less than 1 point" in sentence


@pytest.mark.parametrize(("size", "text"), [(3.2, "4 points"), (0.4, "1 point"), (1.0, "1 point"), (1.01, "2 points")])
def test_what_would_have_been_seen(size: float, text: str) -> None:
    told = words.detectable_words(row("none", detectable=size))
    assert told == f"We would probably have seen a change of {text} or more."


@pytest.mark.parametrize("verdict", ["up", "down", "break", "withheld", "guarded"])
def test_what_would_have_been_seen_is_said_only_where_nothing_was(verdict: str) -> None:
    assert words.detectable_words(row(verdict)) == ""
    assert words.detectable_words(row("none", detectable=math.nan)) == ""


def test_every_verdict_has_its_words() -> None:
    assert set(result_tables.VERDICTS) == {"up", "down", "none", "break", "withheld", "guarded"}
    assert len(set(result_tables.VERDICTS.values())) == len(result_tables.VERDICTS)


def test_the_table_of_changes() -> None:
    rows = pd.DataFrame(
        [
            {"level": "Docks", "before": 54.5, "after": 51.9, **row("none", -2.6, 3.0)},
            {"level": "Mill", "before": np.nan, "after": np.nan, **row("withheld", np.nan), "detectable": np.nan},
        ]
    )
    table = result_tables.change_table(rows, "Q1")
    assert list(table.columns) == ["", "Q1", "Now", "Difference", "Likely from", "to", "Visible from", "In words"]
    assert table.iloc[0].tolist() == ["Docks", "55", "52", "-3", "-6", "0", "4", "no detectable change"]
    assert table.iloc[1].tolist() == ["Mill", "", "", "", "", "", "", "too few answers"]


# --- areas -----------------------------------------------------------------------------------------


def view(verdicts: list[str], waves: tuple[str, ...] = ("Q4",), title: str = "Neighbourhoods") -> LevelView:
    against = pd.DataFrame({"verdict": verdicts, "level": [f"a{k}" for k in range(len(verdicts))]})
    return LevelView(AreaLevel("n", title), waves, Estimates(pd.DataFrame()), against, None)


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        (["up", "down", "none", "none"], "In 2 of 4 neighbourhoods the score differs from that of everyone together."),
        (["none"] * 3,
         "In none of the 3 neighbourhoods does the score detectably differ from that of everyone together."),
        (["up", "none", "withheld"],
         "In 1 of 2 neighbourhoods with enough answers the score differs from that of everyone together."),
        (["up", "none", "guarded"],
         "In 1 of 2 neighbourhoods that can be compared the score differs from that of everyone together."),
        (["withheld"] * 3, "None of the 3 neighbourhoods has enough answers to say."),
    ],
)  # fmt: skip
def test_how_many_areas_differ(verdicts: list[str], text: str) -> None:
    assert words.against_words(view(verdicts)) == text


@given(st.lists(st.sampled_from(["up", "down", "none", "withheld", "guarded"]), min_size=1, max_size=12))
def test_no_more_areas_are_spoken_of_than_were_compared(verdicts: list[str]) -> None:
    sentence = words.against_words(view(verdicts))
    plain(sentence)
    numbers = [int(n) for n in re.findall(r"\d+", sentence)]
    tested = sum(v in ("up", "down", "none") for v in verdicts)
    differ = sum(v in ("up", "down") for v in verdicts)
    if differ:
        assert numbers == [differ, tested]
    else:
        assert numbers in ([tested], [len(verdicts)])


def test_from_which_waves_an_area_is_shown() -> None:
    assert words.basis_words(view(["none"])) == "From the wave Q4."
    assert words.basis_words(view(["none"], ("Q1", "Q2", "Q3", "Q4"))) == (
        "One wave gives too few answers in most neighbourhoods, so the last 4 waves (Q1 to Q4) are taken together here."
    )


def test_a_level_that_is_mostly_hidden_points_to_a_better_one() -> None:
    thin, good = view(["withheld"] * 5 + ["none"] * 2), view(["none"] * 4, title="Districts")
    told = words.thin_level_words(thin, [good])
    assert told.startswith("5 of 7 neighbourhoods are hidden: their answers are fewer than 30")
    assert told.endswith("Choose \u201cDistricts\u201d to see results that rest on enough answers.")
    assert "Choose" not in words.thin_level_words(thin, [view(["withheld"] * 4, title="Beats")])
    assert "Choose" not in words.thin_level_words(thin, [])
    assert words.thin_level_words(good, [thin]) == ""
    plain(told)


def test_never_the_exact_number_of_a_few() -> None:
    """Not '7 answers', but how many are needed."""
    assert words.too_few().endswith(f"at least {RULES.answers} needed")
    shown = picture([small_wave(n=7)], 0, STUDY)
    told = words.headline_words(shown, "trust")
    assert told == {"number": "\u2013", "range": words.too_few(), "answers": "", "change": "", "detectable": ""}
    assert not any("7" in text for text in told.values())


# --- standing --------------------------------------------------------------------------------------


def test_what_weights_allow_to_be_said() -> None:
    wave = small_wave(n=200)
    one = words.standing_words(raked(wave))
    assert one.startswith("Answers are weighted so that district matches the population.")
    both = rake(wave, margins_of(district={"East": 1, "West": 1}, sex={"f": 1, "m": 1}), missing="keep")
    assert words.standing_words(both).startswith("Answers are weighted so that district and sex match the population.")
    file = replace(wave, design=replace(wave.design, weights=np.linspace(1, 2, 200)))
    assert words.standing_words(file).startswith("Answers carry the weights that came with the file.")


def test_without_weights_no_weights_are_spoken_of_as_making_up_for_anybody() -> None:
    told = words.standing_words(small_wave())
    assert told.startswith("Answers are not weighted: the numbers speak for those who answered, not for all residents.")
    assert "weights make up" not in told
    assert "do not allow for who did not" in told


def test_a_probability_sample_needs_no_warning_about_who_chose_to_answer() -> None:
    assert "chose to take part" not in words.standing_words(small_wave(probability=True))
    assert "chose to take part" in words.standing_words(raked(small_wave(n=200)))


def test_names_of_margins_are_words() -> None:
    wave = make_wave({"y": np.arange(40.0)}, {"age_group": pd.Categorical(["a", "b"] * 20)})
    told = words.standing_words(rake(wave, margins_of(age_group={"a": 1, "b": 1})))
    assert "age group" in told


# --- the headline ----------------------------------------------------------------------------------


def test_the_headline_of_a_wave() -> None:
    shown = picture([small_wave("Q1", n=300), small_wave("Q2", n=300, seed=2)], 1, STUDY)
    told = words.headline_words(shown, "trust")
    entry = shown.estimates.rows(measure="trust", by="").iloc[0]
    assert told["number"] == words.whole(entry["est"])
    assert told["range"] == f"likely between {words.whole(entry['lci'])} and {words.whole(entry['uci'])}"
    assert told["answers"].startswith(f"{entry['n']:.0f} answers")
    assert told["change"] == "No detectable change since Q1."
    assert told["detectable"].startswith("We would probably have seen a change of ")
    for name in ("answers", "change", "detectable"):
        plain(told[name])


def test_a_number_hidden_for_the_sake_of_another_is_not_called_too_few() -> None:
    shown = picture([small_wave(n=300)], 0, STUDY)
    table = shown.estimates.table.copy()
    table.loc[(table["measure"] == "trust") & (table["by"] == ""), ["n", "n_eff", "at_least"]] = [np.nan, np.nan, 30]
    told = words.headline_words(replace(shown, estimates=replace(shown.estimates, table=table)), "trust")
    assert told["range"] != words.too_few()
    assert told["answers"] == "At least 30 answers; how many is not shown, to protect a small group."


def test_who_took_part_and_is_not_in_the_score_is_told_with_the_reason() -> None:
    answers = {"dont_know": 60, "refused": 3, "not_applicable": 0, "blank": 20, "left_out": 0}
    checks = tuple(ItemCheck(item, item, "", 200, **answers) for item in ("fair", "rude", "safe"))
    wave = small_wave(n=300, report=Report("plain", 300, items=checks))
    gone = wave.answers.copy()
    gone.iloc[:60] = np.nan
    shown = picture([replace(wave, answers=gone)], 0, STUDY)
    n = shown.estimates.rows(measure="trust", by="").iloc[0]["n"]
    index = shown.wave.instrument.index("trust")
    told = (
        f"{300 - n:.0f} of the 300 who took part are not in this score: they answered fewer than {index.at_least} of "
        f"its {len(index.parts)} parts"
    )
    mostly = f"{told}; the missing answers are mostly \u201cdon't know\u201d."
    assert words.unscored_words(shown, "trust") == mostly
    assert mostly in standing_blocks(shown)[0].told
    several = replace(checks[0], dont_know=20)
    other = replace(shown, wave=replace(shown.wave, report=Report("plain", 300, items=(several,))))
    assert words.unscored_words(other, "trust") == f"{told}."  # no reason is most of it
    table = shown.estimates.table.copy()
    for column, value in (("n", np.nan), ("n", 295.0), ("suppressed", "too few answers")):
        hidden = table.assign(**{column: value})
        assert words.unscored_words(replace(shown, estimates=replace(shown.estimates, table=hidden)), "trust") == ""


def test_codes_without_names_are_told_with_the_name_of_their_group() -> None:
    assert words.category_words("age_group", "1") == "age group, code 1"
    assert words.category_words("age", "18-29") == "18-29"
    assert words.codes_words(["1", "2", "9"]) == "The survey's file does not say what these numbers stand for."
    assert words.codes_words(["18-29", "30-44"]) == words.codes_words(["1"]) == words.codes_words([]) == ""
    coded = small_wave(n=300)
    people = coded.people.assign(sex=coded.people["sex"].cat.rename_categories(["1", "2"]))
    shown = picture([replace(coded, people=people)], 0, STUDY)
    assert "what these numbers stand for." in briefing_html(shown)


def test_questions_are_worded_as_they_were_asked() -> None:
    wave = small_wave(n=200, wording={"fair": "Are they fair?", "rude": "Are they rude?"})
    table = result_tables.question_table(picture([wave], 0, STUDY))
    assert table["Question"].tolist() == ["Are they fair?", "Are they rude?", "I feel safe here."]
    assert table["Mean score"].str.fullmatch(r"\d+ \(\d+ to \d+\)").all()
    assert table["Positive answers"].str.fullmatch(r"\d+ % \(\d+ % to \d+ %\)").all()
    thin = result_tables.question_table(picture([small_wave(n=12)], 0, STUDY))
    assert set(thin["Mean score"]) == {"too few answers"}


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2), st.floats(0.1, 9), st.floats(0.1, 9))
def test_a_change_of_the_whole_numbers_is_never_claimed_without_a_test(
    scores: list[float], se: float, factor: float
) -> None:
    """54 before and 58 now is no change in words as long as the test finds none."""
    diff = scores[1] - scores[0]
    assume(abs(diff) < 1.9 * se)
    entry = row("none", diff, 1.96 * se, detectable=2.8 * se * factor)
    change = Change(pd.DataFrame([{"measure": "trust", "by": "", "level": "", **entry}]), "Q1", "Q2")
    told = words.change_words(change.table.iloc[0], change.old)
    assert told == "No detectable change since Q1."
