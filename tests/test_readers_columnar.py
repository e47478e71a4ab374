"""Parquet files: cells of every type become the text that a survey tool would have written."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from builders import outcome, refusal
from files import QUALTRICS_OWN, cells, names, numbers, read_here

from trustsurvey.errors import SurveyError
from trustsurvey.readers.raw import Raw


def parquet(columns: dict[str, Any], **more: Any) -> bytes:
    """The bytes of a Parquet file with these columns."""
    data = io.BytesIO()
    pq.write_table(pa.table(columns), data, **more)
    return data.getvalue()


CELLS = {
    "whole": (pa.array([1, None, 3]), ["1", "", "3"]),
    "number": (pa.array([1.0, 2.5, float("nan")]), ["1", "2.5", ""]),
    "single": (pa.array([2.3, None, 4.0], pa.float32()), ["2.3", "", "4"]),
    "text": (pa.array(["Docks", None, "Łódź"]), ["Docks", "", "Łódź"]),
    "large": (pa.array(["a", "b", ""], pa.large_string()), ["a", "b", ""]),
    "category": (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    "codes": (pa.array([3, None, 3]).dictionary_encode(), ["3", "", "3"]),
    "flag": (pa.array([True, False, None]), ["true", "false", ""]),
    "day": (pa.array([dt.date(2026, 5, 3), None, dt.date(1950, 1, 1)]), ["2026-05-03", "", "1950-01-01"]),
    "time": (
        pa.array([dt.datetime(2026, 5, 3, 9, 5, 1), None, dt.datetime(2026, 5, 3)]),
        ["2026-05-03 09:05:01", "", "2026-05-03 00:00:00"],
    ),
    "zoned": (
        pa.array([0, None, 1], pa.timestamp("s", tz="UTC")),
        ["1970-01-01 00:00:00+0000", "", "1970-01-01 00:00:01+0000"],
    ),
    "exact": (pa.array([Decimal("1.50"), None, Decimal("2.00")]), ["1.50", "", "2.00"]),
    "several": (pa.array([["a", "b"], [], None]), ["a;b", "", ""]),
    "parts": (pa.array([{"x": 1}, None, {"x": None}]), ['{"x": 1}', "", '{"x": null}']),
    "bytes": (pa.array([b"a", None, b"\xff"]), ["a", "", "\ufffd"]),
    "nothing": (pa.nulls(3), ["", "", ""]),
}  # fmt: skip


@pytest.mark.parametrize("kind", CELLS)
def test_cells_of_every_type_become_text(kind: str) -> None:
    column, expected = CELLS[kind]
    raw = read_here(parquet({"id": pa.array(["x", "y", "z"]), kind: column}), "wave.parquet")
    assert names(raw) == ["id", kind]
    assert numbers(raw) == [1, 2, 3]
    assert cells(raw, kind) == expected


def test_the_platform_is_known_by_the_columns() -> None:
    columns = {tag: ["x"] for tag, _, _ in QUALTRICS_OWN}
    assert read_here(parquet(columns), "wave.parquet").platform == "qualtrics"
    assert read_here(parquet({"a": [1], "b": [2]}), "wave.parquet").platform == "plain"


@pytest.mark.parametrize("columns", [{"a": pa.array([], pa.int64()), "b": pa.array([], pa.int64())}, {}])
def test_a_file_without_rows_is_refused(columns: dict[str, Any]) -> None:
    with refusal("read.no-rows"):
        read_here(parquet(columns), "wave.parquet")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_refused(part: float) -> None:
    whole = parquet({"a": list(range(1_000)), "b": [str(k) for k in range(1_000)]})
    with refusal("read.damaged", "Parquet file is damaged or was cut off"):
        read_here(whole[: int(len(whole) * part)], "wave.parquet")


def test_any_flipped_byte_gives_a_table_or_a_refusal() -> None:
    whole = parquet({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    for position in range(4, len(whole), 7):
        broken = bytearray(whole)
        broken[position] ^= 0xFF
        assert isinstance(outcome(lambda content=bytes(broken): read_here(content, "wave.parquet")), Raw | SurveyError)
