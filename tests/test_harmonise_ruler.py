"""Answers read by their labels: the file's or the mapping's, never by a number that only looks like something."""

from __future__ import annotations

import numpy as np
import pytest
from files import SMALL, csv_text, labelled, read_here, taken_in
from hypothesis import given, strategies as st

from trustsurvey.harmonise.codebook import Codebook, key
from trustsurvey.harmonise.ruler import Ruler, runs_backwards, word_code
from trustsurvey.harmonise.values import (
    ANSWERED,
    BLANK,
    DONT_KNOW,
    LEFT_OUT,
    NOT_APPLICABLE,
    REFUSED,
    UNCLEAR,
    item_codes,
)
from trustsurvey.model import AreaLevel, ColumnMap, Item
from trustsurvey.readers.raw import Column, Values

AGREE, SAFE, TRUST11, YESNO = (SMALL.item(name) for name in ("kind", "safe", "all", "met"))
FALLING = {"1": "Strongly agree", "2": "Agree", "3": "Neither", "4": "Disagree", "5": "Strongly disagree"}
GAPS = {"8": "Refused", "9": "Don't know", "-1": "Missing", "98": "Not applicable"}


def meaning(
    cell: str, told: dict[str, str], item: Item = AGREE, missing: tuple[str, ...] = (), **entry: object
) -> tuple[float | None, int]:
    file = Column("q", "q", "A", tuple(told.items()), missing)
    values = Values(np.zeros(1, dtype=np.int32), (cell,))
    (code,), (reason,) = item_codes(values, ColumnMap("q", "item", item.id, **entry), item, file)  # type: ignore[arg-type]
    return (None if np.isnan(code) else float(code)), int(reason)


# --- labels -----------------------------------------------------------------------------------------


def test_a_code_means_what_its_label_says() -> None:
    assert [meaning(str(k), FALLING)[0] for k in range(1, 6)] == [5, 4, 3, 2, 1]
    assert meaning("1.0", FALLING) == (5, ANSWERED)
    assert meaning("01", FALLING) == (5, ANSWERED)


def test_an_eight_is_what_its_label_says_it_is() -> None:
    labels = FALLING | GAPS
    assert [meaning(cell, labels)[1] for cell in GAPS] == [REFUSED, DONT_KNOW, BLANK, NOT_APPLICABLE]
    assert meaning("8", FALLING | {"8": "Don't know"}) == (None, DONT_KNOW)
    assert meaning("9", {"9": "Completely", "1": "Not at all"}, TRUST11) == (10, ANSWERED)
    assert meaning("8", FALLING)[1] == UNCLEAR
    assert meaning("8", {})[1] == UNCLEAR


def test_a_value_that_the_file_declares_missing_is_no_answer() -> None:
    assert meaning("7", FALLING, missing=("7",)) == (None, LEFT_OUT)
    assert meaning("8", FALLING | GAPS, missing=("8",)) == (None, REFUSED)
    assert meaning("1", FALLING, missing=("1",)) == (None, LEFT_OUT)
    assert meaning("7", FALLING, missing=("7",), values=(("7", "3"),)) == (3, ANSWERED)


def test_numbers_between_labelled_ends_are_read_in_order() -> None:
    ends = {"0": "Not at all", "10": "Completely", "98": "Don't know"}
    assert [meaning(str(k), ends, TRUST11)[0] for k in range(11)] == list(range(11))
    turned = {"1": "Strongly agree", "5": "Strongly disagree"}
    assert [meaning(str(k), turned)[0] for k in range(1, 6)] == [5, 4, 3, 2, 1]
    assert meaning("6", turned)[1] == UNCLEAR
    assert meaning("2.5", turned)[1] == UNCLEAR


def test_a_label_that_is_only_the_number_says_nothing() -> None:
    assert meaning("4", {"1": "1", "4": "4", "9": "Refused"}) == (4, ANSWERED)


def test_a_label_nobody_knows_is_asked_about_and_not_read_by_its_number() -> None:
    assert meaning("4", FALLING | {"4": "Tiptop"}) == (None, UNCLEAR)


def test_the_mapping_decides_by_value_or_by_label() -> None:
    assert meaning("4", FALLING, values=(("4", "1"),)) == (1, ANSWERED)
    assert meaning("4", FALLING, values=(("disagree", "1"),)) == (1, ANSWERED)
    assert meaning("4", FALLING, leave_out=("Disagree",)) == (None, LEFT_OUT)
    assert meaning("4", FALLING, dont_know=("4",)) == (None, DONT_KNOW)


def test_labels_of_the_mapping_stand_for_those_of_the_file() -> None:
    own = tuple({"1": "Strongly disagree", "5": "Strongly agree"}.items())
    assert meaning("1", FALLING, labels=own) == (1, ANSWERED)
    assert meaning("1", {}, labels=tuple(FALLING.items())) == (5, ANSWERED)


@given(st.permutations(list(FALLING.values())), st.permutations(["1", "2", "3", "7", "20"]))
def test_whatever_the_codes_are_the_labels_decide(labels: list[str], codes: list[str]) -> None:
    told = dict(zip(codes, labels, strict=True))
    wanted = {label: 5 - k for k, label in enumerate(FALLING.values())}
    for code, label in told.items():
        assert meaning(code, told) == (wanted[label], ANSWERED)


@pytest.mark.parametrize(
    ("label", "item", "code"),
    [
        ("Agree strongly", AGREE, 5),
        ("Fully agree", AGREE, 5),
        ("Totally agree", AGREE, 5),
        ("Slightly agree", AGREE, 4),
        ("Muy de acuerdo", AGREE, 5),
        ("Stimme eher nicht zu", AGREE, 2),
        ("Pas du tout d'accord", AGREE, 1),
        ("Neutral", AGREE, 3),
        ("Weder noch", AGREE, 3),
        ("Very safe", SAFE, 4),
        ("Not at all safe", SAFE, 1),
        ("Safe", SAFE, 3),
        ("Rather unsafe", SAFE, 2),
        ("Sí", YESNO, 1),
        ("Nein", YESNO, 0),
        ("None at all", TRUST11, 0),
        ("Entirely", TRUST11, 10),
    ],
)
def test_words_that_say_the_same_have_the_same_code(label: str, item: Item, code: float) -> None:
    assert word_code(item.scale, label) == code


@pytest.mark.parametrize(
    ("label", "item"), [("Safe", AGREE), ("Neutral", SAFE), ("A lot", TRUST11), ("Often", AGREE), ("Maybe", YESNO)]
)
def test_words_of_other_scales_have_none(label: str, item: Item) -> None:
    assert np.isnan(word_code(item.scale, label))


# --- the scale that the mapping states ----------------------------------------------------------------


def test_answers_are_carried_over_from_the_scale_that_the_mapping_states() -> None:
    seven = [meaning(str(k), {}, scale=("1", "7"))[0] for k in range(1, 8)]
    assert seven == pytest.approx(list(np.linspace(1, 5, 7)))
    assert [meaning(str(k), {}, scale=("7", "1"))[0] for k in range(1, 8)] == pytest.approx(seven[::-1])
    assert meaning("8", {}, scale=("1", "7"))[1] == UNCLEAR
    assert meaning("0", {}, scale=("0", "4")) == (1, ANSWERED)
    assert meaning("7 - Agree", {}, scale=("1", "7")) == (5, ANSWERED)


def test_a_listed_scale_goes_from_low_to_high_in_equal_steps() -> None:
    four = ("Never", "Now and then", "Mostly", "Ever")
    assert [meaning(word, {}, scale=four)[0] for word in four] == pytest.approx([1, 7 / 3, 11 / 3, 5])
    gap = ("Very bad", "Bad", "", "Good", "Very good")
    assert [meaning(word, {}, scale=gap)[0] for word in gap if word] == [1, 2, 4, 5]
    assert meaning("3", {"3": "now and then"}, scale=four)[0] == pytest.approx(7 / 3)
    assert meaning("3", {}, scale=("3", "2", "1"))[0] == 1
    assert meaning("Sometimes", {}, scale=four)[1] == UNCLEAR
    assert meaning("9", {"9": "Refused"}, scale=("1", "9")) == (None, REFUSED)


@given(low=st.integers(-3, 3), steps=st.integers(1, 10), turned=st.booleans())
def test_the_ends_meet_and_the_order_stays(low: int, steps: int, turned: bool) -> None:
    ends = (str(low), str(low + steps))
    codes = [meaning(str(low + k), {}, scale=ends[::-1] if turned else ends)[0] for k in range(steps + 1)]
    assert codes == pytest.approx(list(np.linspace(1, 5, steps + 1))[:: -1 if turned else 1])


def test_half_points_count_only_where_the_mapping_takes_them() -> None:
    assert meaning("4.5", {})[1] == UNCLEAR
    assert meaning("4.5", {}, values=(("4.5", "4.5"),)) == (4.5, ANSWERED)
    assert meaning("4.3", {}, values=(("4.3", "4.3"),))[1] == UNCLEAR


# --- codebooks ----------------------------------------------------------------------------------------


def test_numbers_are_looked_up_however_they_are_written() -> None:
    assert [key(value) for value in ("08", "8.0", " 8 ", "+8", "Eight", "8a")] == ["8", "8", "8", "8", "eight", "8a"]
    book = Codebook.of(ColumnMap("q", "item", labels=(("1", "Yes"), ("8", "Refused"), ("2", "2"))))
    assert book.answers == {"1": "Yes"}
    assert book.label("2") == ""


def test_a_scale_that_runs_backwards_is_noticed() -> None:
    assert runs_backwards(Codebook.of(ColumnMap("q", "item", labels=tuple(FALLING.items()))), AGREE.scale)
    rising = tuple((str(6 - int(value)), label) for value, label in FALLING.items())
    assert not runs_backwards(Codebook.of(ColumnMap("q", "item", labels=rising)), AGREE.scale)
    assert not runs_backwards(Codebook(), AGREE.scale)
    assert Ruler.of(ColumnMap("q", "item", labels=rising), AGREE.scale, Codebook()).span is None


# --- in a wave ----------------------------------------------------------------------------------------


def test_a_wave_is_read_by_the_labels_of_its_file() -> None:
    rows = [[k % 5 + 1, (1, 2, 9)[k % 3], k % 3 + 1] for k in range(60)]
    raw = labelled(
        read_here(csv_text([["kind", "sex", "where"], *rows])),
        kind=FALLING | GAPS,
        sex={"1": "Man", "2": "Woman", "9": "Refused"},
        where={"1": "Mill", "2": "Docks", "3": "Don't know"},
    )
    levels = (AreaLevel("ward", "Wards", "", (("Mill", ""), ("Docks", ""))),)
    columns = "  kind: {item: kind}\n  sex: {group: sex}\n  where: {area: ward}"
    wave = taken_in(raw, columns, SMALL, levels).settled()
    assert wave.answers["kind"].tolist()[:5] == [5, 4, 3, 2, 1]
    assert list(wave.people["sex"].cat.categories) == ["Man", "Woman"]
    assert wave.people["sex"].isna().sum() == 20
    assert wave.people["ward"].value_counts().to_dict() == {"Mill": 20, "Docks": 20}
    assert [notice.code for notice in wave.report.notices] == ["scale.backwards"]
