"""The reading process: limits, refusals that name the file, and nothing left behind."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import outcome, refusal
from files import cells, csv_text, minimal_xlsx, numbers, read_here, table, xlsx
from hypothesis import example, given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.readers import child, guard, worker
from trustsurvey.readers.guard import read
from trustsurvey.readers.raw import Raw

GOOD = "id,area,answer\n1,Docks,Agree\n2,Mill,Disagree\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders of this test appear."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def written(tmp_path: Path, content: bytes | str, name: str = "survey.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- the process ----------------------------------------------------------------------------------


def test_a_file_comes_back_as_the_process_read_it(tmp_path: Path, folder: Path) -> None:
    here = read_here(GOOD)
    seen: list[float] = []
    path = written(tmp_path, GOOD)
    before = list(folder.iterdir())
    raw = read(path, progress=seen.append)
    assert (raw.source, raw.platform, raw.columns, raw.digest) == ("survey.csv", "plain", here.columns, here.digest)
    assert table(raw) == table(here)
    assert numbers(raw) == [2, 3]
    assert seen
    assert all(0 <= share <= 1 for share in seen)
    assert len(list(folder.iterdir())) == len(before) + 1
    del raw
    gc.collect()
    assert list(folder.iterdir()) == before


def test_a_refusal_names_the_file_and_leaves_nothing_behind(tmp_path: Path, folder: Path) -> None:
    with refusal("read.ragged") as told:
        read(written(tmp_path, "a,b\n1,2\n3\n"), "April export.csv")
    assert told.where == "April export.csv, row 3"
    assert not list(folder.iterdir())


def test_a_workbook_whose_used_range_ends_at_the_last_cell_is_refused(tmp_path: Path, folder: Path) -> None:
    content = minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("B2", "Agree"), ("XFD1048576", "x"))
    assert len(content) < 3_000
    with refusal("read.gave-up", "survey.xlsx", "limits of memory and time", "last row and column", "as CSV"):
        read(written(tmp_path, content, "survey.xlsx"))
    assert not list(folder.iterdir())


def test_a_process_out_of_memory_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MEMORY", 64 << 20)
    with refusal("read.gave-up", "survey.csv"):
        read(written(tmp_path, GOOD))


def test_a_process_out_of_time_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = written(tmp_path, "#!/bin/sh\nexec sleep 60\n", "slow")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    monkeypatch.setattr(worker, "SECONDS", 1)
    with refusal("read.gave-up"):
        read(written(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("crash", "code"),
    [
        ("import ctypes; ctypes.string_at(0)", "read.broken"),
        ("import os; os.abort()", "read.gave-up"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "read.gave-up"),
        ("raise MemoryError", "read.gave-up"),
    ],
    ids=["segmentation fault", "abort", "killed", "memory"],
)
def test_a_parser_that_crashes_takes_nothing_with_it(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, crash: str, code: str
) -> None:
    """A module in the parser's place crashes as native code may."""
    place = tmp_path / "crashing"
    place.mkdir()
    (place / "pyreadstat.py").write_text(crash)
    monkeypatch.setenv("PYTHONPATH", str(place))
    before = time.monotonic()
    with refusal(code, "wave.sav", "as CSV"):
        read(written(tmp_path, b"$FL2" + b"\0" * 200, "wave.sav"))
    assert time.monotonic() - before < 10
    assert not list(folder.iterdir())


def test_a_name_is_only_a_name(tmp_path: Path) -> None:
    raw = read(written(tmp_path, GOOD), "--version; \u2603 ../../x\0.csv")
    assert raw.source == "--version; \u2603 ../../x.csv"


def test_the_process_is_of_this_package_wherever_it_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "trustsurvey" / "readers"
    other.mkdir(parents=True)
    for folder in (other.parent, other):
        (folder / "__init__.py").write_text("raise SystemExit(3)")
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)
    assert read(tmp_path / "a.csv", "a.csv").rows == 1


@pytest.fixture
def kept_ready() -> Iterator[worker.Spare]:
    """The app's way: a process waits for its file."""
    worker.spare.keep()
    yield worker.spare
    worker.spare.dismiss()


def test_a_process_that_waited_reads_like_one_that_was_started(tmp_path: Path, kept_ready: worker.Spare) -> None:
    """A text, a workbook, a refusal, a crash: each ends its process, and the next waits already."""
    book = xlsx(["id", "area", "answer"], ["1", "Docks", "Agree"], ["2", "Mill", "Disagree"])
    waiting = []
    for content, name in ((GOOD, "survey.csv"), (book, "survey.xlsx")):
        waiting.append(kept_ready._waiting)
        raw = read(written(tmp_path, content, name))
        assert table(raw) == table(read_here(GOOD))
    waiting.append(kept_ready._waiting)
    with refusal("read.ragged") as told:
        read(written(tmp_path, "a,b\n1,2\n3\n"), "April export.csv")
    assert told.where == "April export.csv, row 3"
    waiting.append(kept_ready._waiting)
    numbers_ = {process.pid for process in waiting if process is not None}
    assert len(numbers_) == 4
    assert [process.poll() is not None for process in waiting if process is not None] == [True, True, True, False]


def test_a_process_that_ended_while_it_waited_is_replaced(tmp_path: Path, kept_ready: worker.Spare) -> None:
    waiting = kept_ready._waiting
    assert waiting is not None
    waiting.kill()
    waiting.wait()
    assert read(written(tmp_path, GOOD)).rows == 2


def test_a_process_that_waits_ends_with_the_one_it_waits_for(kept_ready: worker.Spare) -> None:
    waiting = kept_ready._waiting
    assert waiting is not None
    assert waiting.stdin is not None
    waiting.stdin.close()  # as the system does when the app ends, however that comes
    assert waiting.wait(30) == 0


def test_nobody_waits_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert read(written(tmp_path, GOOD)).rows == 2
    assert worker.spare.take() is None


# --- refused before it is read --------------------------------------------------------------------


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.csv"
    path.touch()
    os.truncate(path, 300 << 20)  # takes no room on the disk
    monkeypatch.setattr(guard, "_run", lambda *args: pytest.fail("the file was read"))
    path.chmod(0)
    with refusal("read.large", "large.csv", "300 MB", "at most 200 MB", "command line"):
        read(path, limit=guard.UPLOAD_LIMIT)


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    guard.refuse_large(200 << 20, "x.csv", guard.UPLOAD_LIMIT)
    guard.refuse_large(1 << 40, "x.csv", None)
    assert read(written(tmp_path, GOOD), limit=len(GOOD)).rows == 2


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with refusal("read.absent", "no such file", "nowhere.csv"):
        read(tmp_path / "nowhere.csv")
    with refusal("read.absent"):
        read("a\0b.csv")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with refusal("read.empty", "survey.csv", "Export the answers again"):
        read(written(tmp_path, ""))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with refusal("read.unreadable", tmp_path.name):
        read(tmp_path)


# --- the reading process from within --------------------------------------------------------------


def run_child(tmp_path: Path, content: bytes | str, name: str = "survey.csv") -> dict[str, Any]:
    out = tmp_path / "out"
    out.mkdir()
    child.main(written(tmp_path, content, "upload"), name, out)
    (left,) = out.glob("*.json")
    return {"file": left.name, **json.loads(left.read_text())}


def test_the_process_leaves_a_description_of_the_table(tmp_path: Path) -> None:
    left = run_child(tmp_path, GOOD)
    assert (left["file"], left["source"], left["rows"]) == ("meta.json", "survey.csv", 2)
    assert [column["letter"] for column in left["columns"]] == ["A", "B", "C"]


def test_the_process_leaves_one_refusal(tmp_path: Path) -> None:
    left = run_child(tmp_path, "a,b\n1\n")
    assert left.pop("file") == "error.json"
    error = SurveyError(**left)
    assert error.where == "survey.csv, row 2"
    assert error.code == "read.ragged"


def test_a_file_that_cannot_be_opened_is_a_refusal(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    child.main(tmp_path / "gone", "survey.csv", out)
    error = SurveyError(**json.loads((out / "error.json").read_text()))
    assert (error.code, error.where) == ("read.unreadable", "survey.csv")


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "report.pdf", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture.png", "a picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "picture.jpg", "a picture"),
        (b"id,area\n1,Docks\n", "wave.sav", "called .sav but is none"),
        (b"id,area\n1,Docks\n", "wave.parquet", "called .parquet but is none"),
        (b"RDX3\nX\n", "wave.rda", "a file of R"),
        (b"\x1f\x8b\x08\0", "wave.csv.gz", "Unpack it"),
        (b"{\\rtf1\\ansi", "letter.rtf", "a text document"),
        (b'{"type": "FeatureCollection", "features": []}', "areas.geojson", "Boundaries belong to the study"),
        (b'\xef\xbb\xbf\r\n{"type": "FeatureCollection"}', "areas.csv", "Boundaries belong to the study"),
        (b"<!DOCTYPE html>\n<title>Sign in</title>", "export.csv", "Sign in to the survey tool"),
        (b"\n<HTML><body>a,b</body></html>", "export.csv", "a web page"),
        (b"<?xml version='1.0'?><Workbook/>", "export.xls", "an XML file"),
    ],
)
def test_files_of_another_kind_are_named(content: bytes, name: str, told: str) -> None:
    with refusal("read.kind", "CSV, TSV, Excel, OpenDocument, SPSS, Stata or Parquet", told):
        read_here(content, name)


MARKS = [b"", b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"]
HEADS = [b"a,b\n", b'a;"b\n', b"sep=;\n", b"\n\n", b"Timestamp,b\n"]
STARTS = st.sampled_from([*MARKS, *HEADS])


@settings(max_examples=80)
@given(start=STARTS, rest=st.binary(max_size=300), times=st.integers(1, 30))
@example(start=b"\xff\xfe", rest=b"\0\0a\0,", times=1)
@example(start=b"", rest=b'"', times=1)
@example(start=b"", rest=b"\r", times=30)
@example(start=b"a,b\n", rest=b"1,2\r\r", times=3)
def test_any_bytes_give_a_table_or_a_refusal(start: bytes, rest: bytes, times: int) -> None:
    result = outcome(lambda: read_here(start + rest * times))
    assert isinstance(result, Raw | SurveyError)
    if isinstance(result, Raw):
        assert result.rows == len(result.row_numbers) == len(table(result)) > 0
        assert (result.row_numbers[1:] > result.row_numbers[:-1]).all()
        assert len({column.name for column in result.columns}) == len(result.columns)
    else:
        assert result.code.startswith("read.")
        assert result.title


@settings(max_examples=80)
@given(text=st.text(st.sampled_from("ab12 ,;\t\"\n\r'|é{<=\u00a0"), max_size=80))
def test_any_text_gives_a_table_or_a_refusal(text: str) -> None:
    result = outcome(lambda: read_here(text))
    assert isinstance(result, Raw | SurveyError)


def test_the_digest_is_of_the_bytes_alone() -> None:
    one, other = read_here(GOOD, "one.csv"), read_here(GOOD, "other.csv")
    assert one.digest == other.digest
    assert one.digest != read_here(GOOD.replace("\n", "\r\n")).digest


def test_a_csv_and_a_workbook_of_the_same_answers_read_alike() -> None:
    rows = [["id", "area", "answer"], ["1", "Docks", "Agree"], ["2", "Mill", "Don't know"]]
    one, other = read_here(csv_text(rows)), read_here(xlsx(*rows), "survey.xlsx")
    assert one.columns == other.columns
    assert table(one) == table(other)
    assert cells(other, "answer") == ["Agree", "Don't know"]


def test_the_process_needs_neither_streamlit_nor_the_statistics() -> None:
    script = (
        "import sys, trustsurvey.readers.child\n"
        "print([name for name in ('streamlit', 'scipy', 'pandas', 'plotly', 'sqlalchemy') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_process_reads_text_without_libraries_that_take_longer_to_load(tmp_path: Path) -> None:
    blank = 'name,a,"Which of these? (Yes)","Which of these? (No)"\n' + ",1,Yes,\n,,,\n x,2,,No\n,  ,,\n,3,Yes,\n" * 30
    path, here, out = written(tmp_path, blank), read_here(blank), tmp_path / "out"
    out.mkdir()
    script = (
        "import os, runpy, sys\n"
        "sys.argv[1:] = [str(4 << 30), '60', 'text']\n"
        "heavy = ('numpy', 'pandas', 'cloudpickle')\n"
        "end = os._exit\n"
        "told = lambda: print([name for name in heavy if name in sys.modules], file=sys.stderr, flush=True)\n"
        "os._exit = lambda code: (told(), end(code))\n"
        "runpy.run_module('trustsurvey.readers', run_name='__main__')"
    )
    job = json.dumps([str(path), "survey.csv", str(out)])
    told = subprocess.run([sys.executable, "-c", script], input=job, capture_output=True, text=True, check=True)
    assert told.stderr.strip() == "[]"
    raw = read(path)
    assert (raw.columns, numbers(raw), table(raw)) == (here.columns, numbers(here), table(here))
    assert raw.rows == 90


def test_a_file_of_many_columns_is_read_within_the_limits(tmp_path: Path) -> None:
    """Replicate weights: a thousand columns, and more text than one block of the parser holds."""
    path = tmp_path / "wide.csv"
    row = ",".join(f"{1 / k:.17f}" for k in range(1, 1001))
    path.write_text(",".join(f"rep_{k}" for k in range(1000)) + "\n" + f"{row}\n" * 600, encoding="utf-8")
    assert path.stat().st_size > 8 << 20
    raw = read(path)
    assert (raw.rows, len(raw.columns)) == (600, 1000)
    values = raw.values("rep_999")
    assert values.distinct == ("0.00100000000000000",)
