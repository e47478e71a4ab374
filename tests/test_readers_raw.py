"""The table as read: distinct values once, codes for the rows, the same after a trip through a folder."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from files import cells, csv_text, names, numbers, read_here, table

from trustsurvey.readers.arrow_file import TABLE
from trustsurvey.readers.raw import PART_ROWS, Raw, Values, letter


@pytest.mark.parametrize(
    ("position", "expected"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")],
)
def test_letters_count_as_a_spreadsheet_counts(position: int, expected: str) -> None:
    assert letter(position) == expected


def test_distinct_values_stand_once_and_codes_point_to_them() -> None:
    values = read_here("a,b\nx,1\ny,2\n x ,3\n,4\nx,5\n").values("a")
    assert values.distinct == ("x", "y", "")
    assert values.codes.tolist() == [0, 1, 0, 2, 0]
    assert values.counts().tolist() == [3, 1, 1]
    assert values.apply([10, 20, 30], float).tolist() == [10, 20, 10, 30, 10]


def test_counts_cover_values_that_no_row_has() -> None:
    assert Values(np.array([0, 0], dtype=np.int32), ("x", "y")).counts().tolist() == [2, 0]


def test_values_differ_by_case_but_not_by_blanks() -> None:
    values = read_here("a,b\nYes,1\nyes,2\n\u00a0Yes\u200b,3\n").values("a")
    assert values.distinct == ("Yes", "yes")


def test_columns_are_found_by_name() -> None:
    raw = read_here("a,b\n1,2\n")
    assert "a" in raw
    assert "c" not in raw
    assert raw.column("b").letter == "B"
    with pytest.raises(KeyError):
        raw.column("c")
    with pytest.raises(KeyError):
        raw.values("c")


def test_a_large_file_is_the_same_in_all_its_parts() -> None:
    """Larger than a block of the parser, so that values are put together from several parts."""
    count = 30_000
    rows = [[k, f"word {k % 7}", "filling " * 30] for k in range(count)]
    raw = read_here(csv_text([["id", "word", "fill"], *rows]))
    assert raw.rows == count
    assert numbers(raw) == [*range(2, count + 2)]
    assert cells(raw, "id") == [str(k) for k in range(count)]
    assert raw.values("word").distinct == tuple(f"word {k}" for k in range(7))
    assert raw.values("fill").distinct == (("filling " * 30).strip(),)
    assert len(raw.head("id").codes) == count


def test_the_head_is_what_proposals_are_made_from() -> None:
    count = PART_ROWS + 20_000
    raw = read_here("id,long heading\n" + "".join(f"{k},x\n" for k in range(count)))
    head = raw.head("id")
    assert len(head.codes) == PART_ROWS
    assert head.distinct[:3] == ("0", "1", "2")


def test_a_table_is_the_same_after_a_trip_through_a_folder() -> None:
    raw = read_here('Timestamp,"a\nb",a b\n1,ä,\n\n2,🙂,x\n')
    folder = tempfile.TemporaryDirectory()
    here = Path(folder.name)
    (here / TABLE).write_bytes(raw.path.read_bytes())
    (here / "meta.json").write_text(json.dumps(raw.describe()), encoding="utf-8")
    back = Raw.load(folder)
    assert (back.source, back.platform, back.columns) == (raw.source, raw.platform, raw.columns)
    assert (back.rows, back.digest, back.notices) == (raw.rows, raw.digest, raw.notices)
    assert back.notices
    assert names(back) == names(raw)
    assert numbers(back) == [2, 4]
    assert table(back) == table(raw)


def test_no_path_shows_in_the_description_of_a_table() -> None:
    raw = read_here("a,b\n1,2\n")
    assert str(raw.path.parent) not in json.dumps(raw.describe())
