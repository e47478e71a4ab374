"""Refusals: what they say, that they survive another process, and the one that ``model`` makes itself."""

from __future__ import annotations

import pickle

import pytest
from builders import refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import Notice, SurveyError, some
from trustsurvey.model import ColumnMap, Mapping

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "The file is empty."),
        ({"where": "a.csv"}, "a.csv: The file is empty."),
        ({"got": "0 rows"}, "The file is empty; found 0 rows."),
        ({"expected": "rows"}, "The file is empty; expected rows."),
        (
            {"where": "a.csv", "got": "0 rows", "expected": "some", "hint": "Export it again."},
            "a.csv: The file is empty; found 0 rows; expected some. Export it again.",
        ),
        ({"got": "two\nlines,  far apart"}, "The file is empty; found two lines, far apart."),
        ({"expected": "a full stop."}, "The file is empty; expected a full stop."),
    ],
)
def test_a_refusal_is_one_readable_line(fields: dict[str, str], line: str) -> None:
    error = SurveyError("read.empty", "The file is empty", **fields)
    assert str(error) == line
    assert error.args == (line,)


@settings(max_examples=50)
@given(st.lists(TEXT, min_size=6, max_size=6))
def test_a_refusal_survives_pickling_and_its_own_fields(texts: list[str]) -> None:
    names = ("code", "title", "where", "got", "expected", "hint")
    fields = dict(zip(names, texts, strict=True))
    error = SurveyError(**fields)
    assert error.as_dict() == fields
    for copy in (pickle.loads(pickle.dumps(error)), SurveyError(**error.as_dict())):
        assert type(copy) is SurveyError
        assert copy.as_dict() == fields
        assert str(copy) == str(error)
    assert len(str(error).splitlines()) <= 1


@pytest.mark.parametrize(
    ("values", "limit", "text"),
    [
        ([], 5, ""),
        (["a"], 5, "'a'"),
        (["a", "b"], 2, "'a', 'b'"),
        (["a", "b", "c"], 2, "'a', 'b' and 1 more"),
        (range(2000), 1, "'0' and 1,999 more"),
        ({"x": 1, "y": 2}, 5, "'x', 'y'"),
    ],
)
def test_some_names_a_few_and_counts_the_rest(values: object, limit: int, text: str) -> None:
    assert some(values, limit) == text


def test_a_notice_informs_unless_told_to_warn() -> None:
    assert Notice("read.note", "A note").level == "info"
    assert Notice("read.note", "A note", "warning") != Notice("read.note", "A note")


def test_two_columns_in_one_role_are_refused_by_name() -> None:
    mapping = Mapping((ColumnMap("w1", "weight"), ColumnMap("w2", "weight"), ColumnMap("id", "id")))
    only = mapping.only("id")
    assert only is not None
    assert only.column == "id"
    assert mapping.only("psu") is None
    with refusal("map.role-twice", "'w1' and 'w2'", "weight"):
        mapping.only("weight")
    assert mapping.with_column(ColumnMap("w2", "ignore")).only("weight") == ColumnMap("w1", "weight")
