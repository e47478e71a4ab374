"""Text taken apart in pieces: the same rows and the same refusals as from row to row, wherever the cuts fall."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.readers import side_by_side, text

NAMES = ["c0", "c1", "c2"]
#: Cells that a cut could be misled by: line ends, quotation marks, delimiters, what looks like a row of its own.
CELL = st.one_of(st.sampled_from(["", "x", 'a "b"', "y\nz", "1\n2\n3", "q,r,s", '"', 'e\n"f",g,h\n', "é", "\r\n"]))
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=30)


def rows_of(path: Path, piece: int, monkeypatch: pytest.MonkeyPatch) -> object:
    """All that reading a file tells: its rows and blank lines, or the refusal."""
    blank: set[int] = set()
    with monkeypatch.context() as patch:
        patch.setattr(side_by_side, "PIECE", piece)
        try:
            batches = list(text.stream(path, ",", NAMES, 1, blank))
        except SurveyError as error:
            return error.as_dict()
    return [list(row.values()) for batch in batches for row in batch.to_pylist()], blank


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pieces") / "answers.csv"


@settings(max_examples=150)
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.integers(4, 60))
def test_written_rows(file: Path, rows: list[list[str]], end: str, quoting: int, piece: int) -> None:
    """What a program wrote is read cell by cell, in whatever pieces."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=quoting).writerows([NAMES, *rows])  # type: ignore[arg-type]
    file.write_bytes(out.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        assert rows_of(file, piece, patch) == (rows, set())


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from(["a,b,c\n", '"', "\n", ",", "x", '"y\nz",1,2\n', '6"', "\r\n", " \n", '"a,b\nc",d,"e\n'])),
    st.integers(4, 40),
)
@example(['6" a,b,"c\n', "d,e,f\n", '1,2,3"\n', '4",5,6\n'], 8)
@example(["a,b,c\n", '1,6",3\n', '4,5,"6\n', 'x,y,z"\n', '7,8",9\n'], 12)
def test_anything_else(file: Path, parts: list[str], piece: int) -> None:
    """Stray quotation marks, ragged rows, blank lines: what is read, or refused and where, hangs on no cut."""
    file.write_text("h,i,j\n" + "".join(parts) + "k,l,m", encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        assert rows_of(file, piece, patch) == rows_of(file, 1 << 20, patch)


def test_the_number_of_a_ragged_row_far_down(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row is counted from the top of the file although pieces above it were read by themselves."""
    file.write_text("h,i,j\n" + "a,b,c\n" * 500 + "a,b\n" + "a,b,c\n" * 500, encoding="utf-8")
    refused = rows_of(file, 64, monkeypatch)
    assert isinstance(refused, dict)
    assert (refused["where"], refused["got"]) == ("row 502", "2")


def test_pieces_are_used(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain file never comes to the parser that goes from row to row."""
    file.write_text("h,i,j\n" + '"a\nb",b,c\n' * 500, encoding="utf-8")
    monkeypatch.setattr(text, "_by_row", None)
    rows, blank = rows_of(file, 64, monkeypatch)  # type: ignore[misc]
    assert rows == [["a\nb", "b", "c"]] * 500
    assert not blank
