"""Readings as a table and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from refi import BOOK

from trustsurvey.errors import SurveyError
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.model import Coding
from trustsurvey.text.codings import codings_from_csv, codings_table

READ = (
    Coding("k1", "first", (("visibility", "negative"), ("foot", "")), "audit", "=1+1\nsaid twice", 3),
    Coding("k1", "second", (("visibility", ""),), "second"),
    Coding("k2", "first", (), "audit"),
)


def test_one_row_an_answer_coder_and_code() -> None:
    table = codings_table(READ)
    assert table["code"].tolist() == ["visibility", "foot", "visibility", ""]
    assert table.iloc[1].tolist() == ["k1", "first", "foot", "", "audit", "=1+1\nsaid twice", 3]


def test_what_is_written_is_read_back_the_same_and_no_formula() -> None:
    data = csv_bytes(codings_table(READ))
    assert b'"=1' not in data
    assert codings_from_csv(data, BOOK, {"k1", "k2"}) == READ
    assert codings_from_csv(csv_bytes(codings_table([])), BOOK) == ()


def test_the_newest_reading_of_each_queue_is_told() -> None:
    audit, settled = Coding("k1", "ann", (("foot", ""),), "audit"), Coding("k1", "ann", (("respect", ""),), "settled")
    earlier = Coding("k1", "ann", (("visibility", ""),), "audit")
    assert codings_from_csv(csv_bytes(codings_table([earlier, audit, settled])), BOOK) == (audit, settled)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_readings_come_back(data: st.DataObject) -> None:
    names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
    memos = st.text(st.characters(categories=("L", "N", "P")) | st.sampled_from("=+-@\n ;,\""), max_size=12).map(
        lambda memo: memo.strip().lstrip("'")
    )  # fmt: skip
    keys = data.draw(st.lists(st.tuples(names, names), unique=True, max_size=5))
    codes = st.lists(st.sampled_from(BOOK.keys), unique=True, max_size=3)
    readings = tuple(
        Coding(answer, coder, tuple((code, data.draw(st.sampled_from(["", "positive"]))) for code in data.draw(codes)),
               data.draw(st.sampled_from(["training", "audit", "second", "settled"])), data.draw(memos),
               data.draw(st.integers(1, 99)))
        for answer, coder in keys
    )  # fmt: skip
    assert codings_from_csv(csv_bytes(codings_table(readings)), BOOK) == readings


def test_titles_semicolons_and_missing_columns_do() -> None:
    data = "\ufeffAnswer;Coder;Code\r\nk1;ann;on foot\r\nk1;ann;Visible policing\r\n;;\r\n".encode()
    assert codings_from_csv(data, BOOK) == (Coding("k1", "ann", (("foot", ""), ("visibility", ""))),)


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("answer,coder\nk1,ann", "codings.columns", ""),
        ("", "codings.columns", ""),
        ("answer,coder,code\nk1,ann,flying", "codings.code", "row 2"),
        ("answer,coder,code\nk1,ann,foot\nk7,ann,foot", "codings.answer", "row 3"),
        ("answer,coder,code\nk1,,foot", "coding.coder", "row 2"),
        ("answer,coder,code\nk1,ann,foot,more", "codings.cells", "row 2"),
        ("answer,coder,code\nk1,ann,foot\nk1,ann,foot", "coding.twice", "row 2"),
        ("answer,coder,code,stance\nk1,ann,foot,angry", "codings.stance", "row 2"),
        ("answer,coder,code,queue\nk1,ann,foot,none", "codings.queue", "row 2"),
        ("answer,coder,code,version\nk1,ann,foot,1\nk1,ann,visibility,2", "codings.mixed", "row 3"),
        ("answer,coder,code,version\nk1,ann,foot,x", "codings.version", "row 2"),
        ('answer,coder,code\n"k1,ann,foot', "codings.csv", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_row(text: str, code: str, where: str) -> None:
    with pytest.raises(SurveyError) as refused:
        codings_from_csv(text.encode(), BOOK, {"k1"}, "mine.csv")
    assert refused.value.code == code
    assert refused.value.where.startswith("mine.csv")
    assert where in refused.value.where


def test_another_encoding_is_told() -> None:
    with pytest.raises(SurveyError, match="UTF-8"):
        codings_from_csv("answer,coder,code\nk1,J\u00f6rg,foot".encode("latin-1"), BOOK)
