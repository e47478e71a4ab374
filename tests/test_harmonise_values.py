"""What a cell means: a code, a reason why there is none, or a problem, and never two of them."""

from __future__ import annotations

import numpy as np
import pytest
from files import SMALL, TRUST
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.harmonise.codebook import number_of
from trustsurvey.harmonise.problems import first_rows
from trustsurvey.harmonise.ruler import labels_of
from trustsurvey.harmonise.values import (
    ANSWERED,
    BLANK,
    DONT_KNOW,
    LEFT_OUT,
    NOT_APPLICABLE,
    REFUSED,
    UNCLEAR,
    item_codes,
    label_order,
    reason_of,
    unclear,
)
from trustsurvey.instruments import missing_words
from trustsurvey.model import REASONS, ColumnMap, Item
from trustsurvey.readers.raw import Values

AGREE, SAFE, TRUST11, YESNO = (SMALL.item(key) for key in ("kind", "safe", "all", "met"))


def values(*distinct: str) -> Values:
    return Values(np.arange(len(distinct), dtype=np.int32), distinct)


def meaning(cell: str, item: Item = AGREE, **column: object) -> tuple[float | None, int]:
    codes, reasons = item_codes(values(cell), ColumnMap("q", "item", item.id, **column), item)  # type: ignore[arg-type]
    return (None if np.isnan(codes[0]) else float(codes[0])), int(reasons[0])


# --- words and numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize("item", [*TRUST.rated, *SMALL.rated], ids=lambda item: item.id)
def test_every_word_of_a_scale_gives_its_code_and_so_does_the_code(item: Item) -> None:
    for code, label in (*item.scale.anchors, *item.scale.synonyms):
        for cell in (label, label.upper(), f"  {label}. ", f"{code:g} - {label}", f"{code:g}: {label}"):
            assert meaning(cell, item) == (code, ANSWERED)
    for code in range(int(item.scale.low), int(item.scale.high) + 1):
        for cell in (f"{code}", f"{code}.0", f"+{code}"):
            assert meaning(cell, item) == (code, ANSWERED)


def test_the_word_decides_where_a_number_stands_before_it() -> None:
    assert meaning("1 - Strongly agree") == (5, ANSWERED)
    assert meaning("5=Strongly disagree") == (1, ANSWERED)


@pytest.mark.parametrize("cell", ["0", "6", "-1", "2.5", "9", "99", "x", "4,0", "Agreed", "Yes", "4 stars", "1e0"])
def test_what_the_scale_does_not_hold_is_unclear(cell: str) -> None:
    assert meaning(cell) == (None, UNCLEAR)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("4", 4), ("-4", -4), ("+4", 4), ("4.", 4), (".5", 0.5), ("4.50", 4.5), ("007", 7), ("", None), ("4,5", None),
     ("1e3", None), ("nan", None), ("inf", None), ("4 5", None), ("--4", None), ("four", None)],
)  # fmt: skip
def test_numbers_are_plain_decimals(text: str, expected: float | None) -> None:
    assert number_of(text) == expected


def test_a_number_alone_is_never_a_reason() -> None:
    for number in ("8", "9", "88", "98", "99", "-1", "-99", "997", "999"):
        assert meaning(number)[1] == UNCLEAR
        assert reason_of(number, ColumnMap("q", "group")) == ANSWERED


# --- reasons --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", BLANK), ("NA", BLANK), ("null", BLANK), ("-", BLANK), ("...", BLANK),
        ("Don't know", DONT_KNOW), ("DON\u2019T KNOW", DONT_KNOW), ("not sure.", DONT_KNOW), ("No opinion", DONT_KNOW),
        ("Prefer not to say", REFUSED), ("refused", REFUSED),
        ("N/A", NOT_APPLICABLE), ("Does not apply", NOT_APPLICABLE),
    ],
)  # fmt: skip
def test_words_that_are_no_answer(cell: str, reason: int) -> None:
    assert meaning(cell) == (None, reason)


def test_every_word_of_the_list_is_found() -> None:
    codes = {"dont_know": DONT_KNOW, "refused": REFUSED, "not_applicable": NOT_APPLICABLE, "blank": BLANK}
    for reason, words in missing_words().items():
        for word in words:
            assert meaning(word)[1] == codes[reason]


@pytest.mark.parametrize(
    ("listed", "reason"),
    [("dont_know", DONT_KNOW), ("refused", REFUSED), ("not_applicable", NOT_APPLICABLE), ("leave_out", LEFT_OUT)],
)
def test_the_mapping_says_what_counts_as_no_answer(listed: str, reason: int) -> None:
    assert meaning("9", **{listed: ("9",)}) == (None, reason)
    assert meaning("Agree", **{listed: ("AGREE.",)}) == (None, reason)
    assert meaning("Agree", **{listed: ("9",)}) == (4, ANSWERED)
    assert REASONS[reason] == {"dont_know": "don't know", "leave_out": "left out"}.get(listed, listed.replace("_", " "))


def test_the_mapping_overrules_the_words() -> None:
    assert meaning("Not sure", values=(("Not sure", "3"),)) == (3, ANSWERED)
    assert meaning("Not sure", refused=("not sure",)) == (None, REFUSED)
    assert meaning("NA", TRUST11, values=(("NA", "0"),)) == (0, ANSWERED)


# --- recodes and scales turned round --------------------------------------------------------------


def test_values_recode_to_a_code_or_to_a_word() -> None:
    assert meaning("gut", values=(("Gut", "4"),)) == (4, ANSWERED)
    assert meaning("gut", values=(("Gut", "Strongly agree"),)) == (5, ANSWERED)
    assert meaning("1", values=(("1", "5"), ("5", "1"))) == (5, ANSWERED)


def test_a_recode_to_nothing_of_the_scale_is_unclear() -> None:
    assert meaning("gut", values=(("gut", "17"),)) == (None, UNCLEAR)
    assert meaning("gut", values=(("gut", "good"),)) == (None, UNCLEAR)


def test_a_flipped_column_turns_numbers_but_not_words() -> None:
    assert meaning("5", flip=True) == (1, ANSWERED)
    assert meaning("0", TRUST11, flip=True) == (10, ANSWERED)
    assert meaning("Agree", flip=True) == (4, ANSWERED)
    assert meaning("6", flip=True) == (None, UNCLEAR)


@given(item=st.sampled_from([AGREE, SAFE, TRUST11, YESNO]), number=st.integers(-3, 13))
def test_flipping_twice_is_not_flipping(item: Item, number: int) -> None:
    once = meaning(str(number), item, flip=True)
    if once[0] is not None:
        assert meaning(f"{once[0]:g}", item, flip=True) == meaning(str(number), item) == (number, ANSWERED)
    else:
        assert meaning(str(number), item) == once


# --- laws -----------------------------------------------------------------------------------------

CELLS = st.one_of(
    st.sampled_from(["", "Agree", "agree.", "1", "5", "6", "2.5", "NA", "Don't know", "x", "4 - Agree", "Refused"]),
    st.text(max_size=6),
    st.integers(-20, 20).map(str),
)  # fmt: skip
WORDS = st.lists(CELLS, max_size=3).map(tuple)


@settings(max_examples=150)
@given(
    cells=st.lists(CELLS, min_size=1, max_size=12, unique=True),
    item=st.sampled_from([AGREE, SAFE, TRUST11, YESNO]),
    recodes=st.dictionaries(CELLS, CELLS, max_size=3),
    lists=st.tuples(WORDS, WORDS, WORDS, WORDS),
    flip=st.booleans(),
)
def test_every_value_is_exactly_one_of_answer_reason_and_problem(
    cells: list[str],
    item: Item,
    recodes: dict[str, str],
    lists: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    flip: bool,
) -> None:
    column = ColumnMap("q", "item", item.id, tuple(recodes.items()), *lists, flip)
    found = values(*cells)
    codes, reasons = item_codes(found, column, item)
    problems = unclear(found, reasons, np.arange(2, len(cells) + 2), column, item, item.text)
    for k, cell in enumerate(cells):
        told = [problem for problem in problems if problem.value == cell[:80] and problem.rows == (k + 2,)]
        assert (reasons[k] == UNCLEAR) == bool(told)
        assert (reasons[k] == ANSWERED) == bool(np.isfinite(codes[k]))
        assert reasons[k] == UNCLEAR or 0 <= reasons[k] < len(REASONS)
        if reasons[k] == ANSWERED:
            assert item.scale.low <= codes[k] <= item.scale.high
            assert codes[k] == int(codes[k])


@given(cells=st.lists(CELLS, min_size=1, max_size=8, unique=True), seed=st.randoms())
def test_what_a_value_means_does_not_depend_on_its_neighbours(cells: list[str], seed: object) -> None:
    column = ColumnMap("q", "item", "kind")
    together = dict(zip(cells, zip(*item_codes(values(*cells), column, AGREE), strict=True), strict=True))
    for cell in cells:
        (code,), (reason,) = item_codes(values(cell), column, AGREE)
        assert reason == together[cell][1]
        assert code == together[cell][0] or np.isnan(code)


# --- problems -------------------------------------------------------------------------------------


def problems_of(cells: list[str], item: Item = AGREE) -> list[SurveyError]:
    distinct = tuple(dict.fromkeys(cells))
    found = Values(np.array([distinct.index(cell) for cell in cells], dtype=np.int32), distinct)
    column = ColumnMap("Q7", "item", item.id)
    _, reasons = item_codes(found, column, item)
    told = unclear(found, reasons, np.arange(10, 10 + len(cells)), column, item, item.text)
    return [problem.error("f.csv") for problem in told]


def test_letters_in_a_question_of_numbers_are_named_with_row_and_column() -> None:
    (error,) = problems_of(["1", "abc", "5"], TRUST11)
    assert (error.code, error.where, error.got) == ("map.unclear", "f.csv, row 11, column 'Q7'", "")
    assert "'abc' is not understood" in str(error)
    assert "0 to 10" in error.expected
    assert "leave it out" in error.hint


def test_an_answer_outside_its_scale_is_named_with_row_and_column() -> None:
    (error,) = problems_of(["1", "5", "7", "7"])
    assert (error.code, error.where) == ("map.outside", "f.csv, row 12, column 'Q7'")
    assert "the answer '7' is outside 1 to 5" in str(error)
    assert "Leave the answer out" in error.hint


def test_half_an_answer_is_not_within_the_scale() -> None:
    (error,) = problems_of(["2.5"])
    assert error.code == "map.outside"
    assert "outside 1 to 5, whole numbers" in str(error)


def test_the_refusal_says_how_many_values_are_left() -> None:
    column = ColumnMap("Q7", "item", "kind")
    found = values("x", "y")
    _, reasons = item_codes(found, column, AGREE)
    first = unclear(found, reasons, np.array([2, 3]), column, AGREE, "A question " * 20)[0]
    assert first.error("f.csv", 1_200).hint.endswith("1,200 more values need a decision.")
    assert len(first.about) < 90


def test_a_problem_lists_the_first_rows_only_and_values_that_occur() -> None:
    codes = np.array([1] * 8 + [0], dtype=np.int32)
    found = Values(codes, ("x", "y", "never"))
    assert first_rows(found, 1, np.arange(100, 109)) == (100, 101, 102, 103, 104)
    _, reasons = item_codes(found, ColumnMap("q", "item", "kind"), AGREE)
    told = unclear(found, reasons, np.arange(100, 109), ColumnMap("q", "item", "kind"), AGREE, "Q")
    assert [(problem.value, problem.count) for problem in told] == [("x", 1), ("y", 8)]


# --- order ----------------------------------------------------------------------------------------


def test_labels_are_listed_by_their_numbers_or_by_their_letters() -> None:
    assert label_order(["75+", "18-29", "30-44"]) == ["18-29", "30-44", "75+"]
    assert label_order(["District 10", "District 9"]) == ["District 9", "District 10"]
    assert label_order(["male", "Female", "Other"]) == ["Female", "male", "Other"]
    assert label_order(["b", "A", "1"]) == ["1", "A", "b"]
    assert label_order([]) == []


def test_synonyms_give_way_to_the_words_of_the_scale() -> None:
    labels = labels_of(AGREE.scale)
    assert labels["agree"] == 4
    assert labels["tend to agree"] == 4
    assert set(labels.values()) == {1, 2, 3, 4, 5}
