"""What each resident answered, why not, in which words it was asked, and what they wrote."""

from __future__ import annotations

import numpy as np
import pytest
from files import SMALL, TRUST, csv_text, qualtrics_rows, read_here, taken_in

from trustsurvey.harmonise.answers import asked, read_comments
from trustsurvey.model import REASONS, ColumnMap, Mapping

KIND = SMALL.item("kind")


def test_codes_and_reasons_stand_beside_each_other() -> None:
    wave = taken_in("fair,kind\nAgree,1\nDon't know,\nRefused,N/A\n", "  kind: {item: kind}\n  fair: {item: fair}").wave
    assert wave.items == ("kind", "fair")
    assert wave.answers["fair"].tolist()[0] == 4
    assert wave.answers["fair"].isna().tolist() == [False, True, True]
    assert [[REASONS[code] for code in row] for row in wave.missing.to_numpy()] == [
        ["answered", "answered"], ["blank", "don't know"], ["not applicable", "refused"],
    ]  # fmt: skip
    assert wave.missing.dtypes.eq("int8").all()


def test_an_answer_is_missing_exactly_where_there_is_a_reason() -> None:
    cells = ["1", "5", "x", "9", "", "NA", "Don't know", "Agree", "6"]
    wave = taken_in("kind,b\n" + "".join(f"{cell},1\n" for cell in cells), "  kind: {item: kind, dont_know: [9]}").wave
    assert (wave.answers.isna() == (wave.missing > 0)).all().all()


def test_a_value_nobody_understands_is_left_out_and_told() -> None:
    result = taken_in("kind,b\n1,1\nx,1\n7,1\n", "  kind: {item: kind}")
    assert [(problem.code, problem.value, problem.rows) for problem in result.problems] == [
        ("map.unclear", "x", (3,)),
        ("map.outside", "7", (4,)),
    ]
    assert [REASONS[code] for code in result.wave.missing["kind"]] == ["answered", "left out", "left out"]


# --- wording --------------------------------------------------------------------------------------


def test_the_same_words_need_no_notice() -> None:
    heading = "OFFICERS here are kind to everyone"
    wave = taken_in(f"{heading},b\n4,1\n", f"  {heading}: {{item: kind}}").wave
    assert wave.wording == {"kind": heading}
    assert not wave.report.notices


def test_other_words_are_kept_and_noticed() -> None:
    text = csv_text(qualtrics_rows([("Q1", "Do you agree? - Officers here are kind to most.")], [["Agree"]]))
    wave = taken_in(text, "  Q1: {item: kind}").wave
    assert wave.wording == {"kind": "Officers here are kind to most."}
    (notice,) = wave.report.notices
    assert (notice.code, notice.level) == ("wording.changed", "warning")
    assert "kind to most" in notice.text
    assert "kind to everyone" in notice.text


@pytest.mark.parametrize(
    "heading", ["How satisfied are you with the parks?", "Die Polizei hier ist zu allen freundlich."]
)
def test_a_question_of_quite_other_words_does_not_pass_for_the_same(heading: str) -> None:
    assert asked(heading, KIND) == heading
    wave = taken_in(csv_text([[heading, "b"], ["4", "1"]]), f'  "{heading}": {{item: kind}}').wave
    assert [notice.code for notice in wave.report.notices] == ["wording.changed"]


@pytest.mark.parametrize("heading", ["kind", "Q5_1", "q5 kind", "KIND.", "Item 5", ""])
def test_a_code_is_no_question(heading: str) -> None:
    assert asked(heading, KIND) == KIND.text


@pytest.mark.parametrize(
    "heading",
    [
        "Please say. - Officers here are kind to everyone.",
        "Please say \u2013 as far as you can - Officers here are kind to everyone.",
        "Please say. [Officers here are kind to everyone.]",
    ],
)
def test_the_statement_is_found_in_a_heading_with_a_stem(heading: str) -> None:
    assert asked(heading, KIND) == KIND.text


# --- comments -------------------------------------------------------------------------------------


def test_comments_stand_beside_the_rows_that_are_kept() -> None:
    raw = read_here('id,why\n1,"Slow, and rude"\n2,\n3, Not sure \n4,...\n5,🙂\n')
    mapping = Mapping((ColumnMap("why", "text", "why", leave_out=("None",)),))
    comments = read_comments(raw, mapping, np.array([True, True, True, True, True]))
    assert comments.to_dict("list") == {
        "row": [0, 2, 4], "item": ["why"] * 3, "text": ["Slow, and rude", "Not sure", "🙂"],
    }  # fmt: skip
    kept = read_comments(raw, mapping, np.array([False, True, True, True, True]))
    assert kept["row"].tolist() == [1, 3]
    assert kept["text"].tolist() == ["Not sure", "🙂"]


def test_comments_that_the_mapping_leaves_out_are_gone() -> None:
    columns = "  kind: {item: kind}\n  why: {text: why, leave_out: [None]}"
    wave = taken_in("kind,why\n4,none\n4,None.\n4,slow\n", columns).wave
    assert wave.comments[["row", "text"]].to_numpy().tolist() == [[2, "slow"]]


def test_comments_of_several_questions_stand_one_below_the_other() -> None:
    raw = read_here("one,two\na,b\nc,d\n")
    mapping = Mapping((ColumnMap("two", "text", "why"), ColumnMap("one", "text", "how")))
    comments = read_comments(raw, mapping, np.array([True, True]))
    assert comments.index.tolist() == [0, 1, 2, 3]
    assert comments[["item", "text"]].to_numpy().tolist() == [["why", "b"], ["why", "d"], ["how", "a"], ["how", "c"]]


def test_a_wave_without_open_questions_has_an_empty_table_of_comments() -> None:
    wave = taken_in("kind,b\n4,1\n", "  kind: {item: kind}").wave
    assert list(wave.comments.columns) == ["row", "item", "text"]
    assert len(wave.comments) == 0


def test_items_come_in_the_order_of_the_questionnaire() -> None:
    ids = [item.id for item in TRUST.rated]
    text = csv_text([ids[::-1], ["1"] * len(ids)])
    columns = "\n".join(f"  {name}: {{item: {name}}}" for name in ids[::-1])
    assert list(taken_in(text, columns, TRUST).wave.items) == ids
