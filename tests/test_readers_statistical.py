"""SPSS and Stata files: values as text, with the labels and the missing values that the file declares."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from builders import outcome, refusal
from files import cells, names, numbers, read_here, table
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.harmonise import propose
from trustsurvey.instruments import default_instrument
from trustsurvey.readers import statistical
from trustsurvey.readers.cells import number_text
from trustsurvey.readers.raw import Raw

DAY, TIME = dt.date(2026, 5, 3), dt.datetime(2026, 5, 3, 9, 5, 1)
FRAME = pd.DataFrame(
    {
        "caseid": [1, 2, 3, 4],
        "safe_in_the_street_after_dark": [1.0, 2.0, 98.0, np.nan],
        "weight": [0.5, 1.25, 2.3, 1e-5],
        "town": ["Docks", "Łódź", "", "Mill"],
        "day": [DAY] * 4,
        "begun": [TIME] * 4,
        "age": [17.0, 90.0, 95.0, -1.0],
    }
)
SAFE = "safe_in_the_street_after_dark"
LABELS = {SAFE: {1: "Safe", 2: "Unsafe", 98: "Don't know", 99: "Refused"}}
QUESTIONS = {SAFE: "How safe do you feel in the street?", "town": "Where do you live?"}


def written(kind: str, frame: pd.DataFrame = FRAME, **more: Any) -> bytes:
    """The bytes of a file that pyreadstat writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{kind}"
        write = {"sav": pyreadstat.write_sav, "zsav": pyreadstat.write_sav, "dta": pyreadstat.write_dta,
                 "por": pyreadstat.write_por}[kind]  # fmt: skip
        if kind == "zsav":
            more["compress"] = True
        write(frame, path, **more)
        return path.read_bytes()


def by_pandas(frame: pd.DataFrame, version: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.dta"
        frame.to_stata(path, write_index=False, version=version)
        return path.read_bytes()


# --- SPSS -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sav", "zsav"])
def test_an_spss_file_is_read_with_labels_and_missing_values(kind: str) -> None:
    content = written(
        kind, column_labels=QUESTIONS, variable_value_labels=LABELS,
        missing_ranges={SAFE: [{"lo": 90, "hi": 99}], "age": [-1, {"lo": 95, "hi": 1e6}]},
    )  # fmt: skip
    raw = read_here(content, "wave.sav")
    assert raw.platform == "spss"
    assert names(raw) == list(FRAME.columns)
    assert numbers(raw) == [1, 2, 3, 4]
    assert table(raw)[0] == ["1", "1", "0.5", "Docks", "2026-05-03", "2026-05-03 09:05:01", "17"]
    assert cells(raw, SAFE) == ["1", "2", "98", ""]
    assert cells(raw, "weight") == ["0.5", "1.25", "2.3", "0.00001"]
    assert cells(raw, "town") == ["Docks", "Łódź", "", "Mill"]
    column = raw.column(SAFE)
    assert column.text == QUESTIONS[SAFE]
    assert column.labels == (("1", "Safe"), ("2", "Unsafe"), ("98", "Don't know"), ("99", "Refused"))
    assert column.missing == ("98", "99")
    assert raw.column("age").missing == ("-1", "95")
    assert raw.column("town").missing == raw.column("weight").missing == ()


def test_text_may_be_declared_missing() -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "answer": ["yes", "R"]})
    raw = read_here(written("sav", frame, missing_ranges={"answer": ["R"]}), "wave.sav")
    assert raw.column("answer").missing == ("R",)


def test_a_portable_file_is_read() -> None:
    frame = FRAME.assign(town="Docks").rename(columns={SAFE: "safe"})
    raw = read_here(written("por", frame), "wave.por")
    assert raw.platform == "spss"
    assert names(raw)[:3] == ["CASEID", "SAFE", "WEIGHT"]
    assert cells(raw, "WEIGHT")[:3] == ["0.5", "1.25", "2.3"]
    assert cells(raw, "DAY")[0] == "2026-05-03"


def test_the_platform_that_made_an_spss_file_is_known_by_its_variables() -> None:
    frame = pd.DataFrame({"StartDate": ["x"], "EndDate": ["x"], "Status": [0], "Finished": [1], "ResponseId": ["R_1"]})
    assert read_here(written("sav", frame), "wave.sav").platform == "qualtrics"
    assert read_here(written("sav", pd.DataFrame({"timestamp": [1], "b": [2]})), "wave.sav").platform == "spss"


def test_variables_of_0_and_1_whose_labels_share_a_question_are_its_choices() -> None:
    frame = pd.DataFrame({"id": [1, 2, 3], "q5_1": [1, 0, 1], "q5_2": [0, 0, 1], "q6_1": [4, 5, 1], "q6_2": [2, 3, 3]})
    heads = {"q5_1": "Which? - A patrol", "q5_2": "Which? - A call", "q6_1": "Agree? - Kind", "q6_2": "Agree? - Fair"}
    raw = read_here(written("sav", frame, column_labels=heads), "wave.sav")
    assert [(c.question, c.option) for c in raw.columns] == [
        ("", ""), ("Which?", "A patrol"), ("Which?", "A call"), ("", ""), ("", ""),
    ]  # fmt: skip


def test_multiple_response_sets_name_their_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing at hand writes such a file, so that the sets are put into what the parser tells."""
    frame = pd.DataFrame({"id": [1, 2], "q5a": [1, 2], "q5b": [2, 2]})
    real = pyreadstat.read_sav

    def with_sets(*args: Any, **more: Any) -> Any:
        data, meta = real(*args, **more)
        meta.mr_sets = {"seen": {"type": "D", "is_dichotomy": True, "label": "Which?", "variable_list": ["Q5A", "Q5B"]}}
        return data, meta

    monkeypatch.setattr(pyreadstat, "read_sav", with_sets)
    raw = read_here(written("sav", frame, column_labels={"q5a": "A patrol"}), "wave.sav")
    assert [(c.question, c.option) for c in raw.columns] == [("", ""), ("Which?", "A patrol"), ("Which?", "q5b")]


def test_a_file_larger_than_a_chunk_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistical, "CELLS", 1)
    frame = pd.DataFrame({"id": range(1_000), "v": [k % 7 for k in range(1_000)]})
    raw = read_here(written("sav", frame, missing_ranges={"v": [{"lo": 5, "hi": 9}]}), "wave.sav")
    assert cells(raw, "id") == [str(k) for k in range(1_000)]
    assert raw.column("v").missing == ("5", "6")


# --- Stata ----------------------------------------------------------------------------------------


def test_a_stata_file_keeps_its_letters_of_missing_values() -> None:
    frame = FRAME.rename(columns={SAFE: "safe"}).astype({"safe": object})
    frame.loc[1, "safe"] = "a"
    content = written(
        "dta", frame, missing_user_values={"safe": ["a", "b"]}, column_labels={"safe": QUESTIONS[SAFE]},
        variable_value_labels={"safe": {1: "Safe", "a": "Don't know", "b": "Refused"}},
    )  # fmt: skip
    raw = read_here(content, "wave.dta")
    assert raw.platform == "stata"
    assert cells(raw, "safe") == ["1", ".a", "98", ""]
    assert raw.column("safe").labels == (("1", "Safe"), (".a", "Don't know"), (".b", "Refused"))
    assert raw.column("safe").missing == (".a", ".b")
    assert raw.column("safe").text == QUESTIONS[SAFE]
    assert (cells(raw, "day")[0], cells(raw, "begun")[0]) == ("2026-05-03", "2026-05-03 09:05:01")
    assert raw.column("town").missing == ()


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_older_and_newer_stata_files_read_alike(version: int) -> None:
    frame = pd.DataFrame({"id": np.array([1, 2], "int8"), "w": np.array([2.3, 0.1], "float32"), "t": ["café", "b"]})
    raw = read_here(by_pandas(frame, version), "wave.dta")
    assert table(raw) == [["1", "2.3", "café"], ["2", "0.1", "b"]]


# --- numbers and dates as text ------------------------------------------------------------------------------


@given(st.lists(st.none() | st.floats(allow_infinity=True, allow_nan=True), min_size=1, max_size=20))
def test_numbers_come_back_from_their_text(values: list[float | None]) -> None:
    texts = statistical.as_text(values, "double").to_pylist()
    for value, text in zip(values, texts, strict=True):
        if value is None or np.isnan(value):
            assert text == ""
        else:
            assert float(text) == value
            assert not text.endswith(".0")


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_of_four_bytes_are_as_short_as_they_were(values: list[float]) -> None:
    texts = number_text(pa.array(values, pa.float64()), single=True).to_pylist()
    assert [np.float32(text) for text in texts] == [np.float32(value) for value in values]


@pytest.mark.parametrize(
    ("style", "number", "expected"),
    [
        ("DATE11", 13_997_145_600.0, "2026-05-03"),
        ("ADATE10", 13_997_145_600.0, "2026-05-03"),
        ("DATETIME20", 13_997_178_301.0, "2026-05-03 09:05:01"),
        ("TIME8", 32_701.0, "09:05:01"),
        ("TIME8", 90_000.0, ""),
        ("%td", 24_229.0, "2026-05-03"),
        ("%d", -1.0, "1959-12-31"),
        ("%tdD_m_Y", 24_229.0, "2026-05-03"),
        ("%tc", 2_093_418_301_000.0, "2026-05-03 09:05:01"),
        ("%tcDDmonCCYY_HH:MM:SS", 2_093_418_301_000.0, "2026-05-03 09:05:01"),
        ("%tcHH:MM:SS", 32_701_000.0, "09:05:01"),
        ("%-tc", 1e300, ""),
        ("DATE11", float("nan"), ""),
    ],
)
def test_moments_are_written_as_their_programs_show_them(style: str, number: float, expected: str) -> None:
    assert statistical.as_text([number], "double", style).to_pylist() == [expected]


@pytest.mark.parametrize("style", ["F8.2", "%9.0g", "%10.0f", "A20", "", "COMMA8", "MOYR8", "%tq", "DOLLAR8", "N4"])
def test_numbers_of_other_styles_stay_numbers(style: str) -> None:
    assert statistical.as_text([7.0], "double", style).to_pylist() == ["7"]


# --- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sav", "zsav", "dta", "por"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.98])
def test_a_file_that_was_cut_off_is_refused(kind: str, part: float) -> None:
    frame = pd.DataFrame({"id": range(300), "v": [k * 0.37 for k in range(300)]})
    whole = written(kind, frame)
    with refusal("read.damaged", "damaged or was cut off", "Save it again"):
        read_here(whole[: int(len(whole) * part)], f"wave.{kind}")


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_a_file_without_cases_is_refused(kind: str) -> None:
    with refusal("read.no-rows"):
        read_here(written(kind, FRAME.rename(columns={SAFE: "safe"})[:0]), f"wave.{kind}")


@pytest.mark.parametrize("start", [b"$FL2@(#) SPSS", b"<stata_dta><header>", b"\x72\x01\x01\0" + b"\0" * 80, b"$FL3"])
def test_a_beginning_alone_is_refused(start: bytes) -> None:
    with refusal("read.damaged"):
        read_here(start, "wave.sav")


def test_dates_that_no_calendar_knows_are_empty_and_the_others_stay() -> None:
    frame = pd.DataFrame({"id": [1, 2, 3], "day": [1.3e10, 9e14, None]})
    raw = read_here(written("sav", frame, variable_format={"day": "DATETIME20"}), "wave.sav")
    assert cells(raw, "day") == ["1994-09-26 23:06:40", "", ""]


def test_letters_in_another_encoding_than_the_file_names_are_read_and_said() -> None:
    frame = pd.DataFrame({"id": [1, 2], "town": ["Málaga", "Mill"]})
    content = written("sav", frame).replace("Málaga".encode(), b"M\xe1laga ")
    raw = read_here(content, "wave.sav")
    assert cells(raw, "town") == ["Málaga", "Mill"]
    assert "cp1252" in raw.notices[0].text


def sources() -> Sequence[bytes]:
    return [written(kind, FRAME.rename(columns={SAFE: "safe"}).assign(town="x"), **more) for kind, more in (
        ("sav", {"variable_value_labels": {"safe": LABELS[SAFE]}}), ("dta", {}), ("por", {}))]  # fmt: skip


SOURCES = sources()


@settings(max_examples=60)
@given(st.sampled_from(range(len(SOURCES))), st.integers(0, 10_000), st.integers(0, 255), st.integers(0, 40))
def test_a_changed_byte_gives_a_table_or_a_refusal(which: int, at: int, value: int, cut: int) -> None:
    content = bytearray(SOURCES[which])
    content[at % len(content)] = value
    result = outcome(lambda: read_here(bytes(content[: len(content) - cut]), "wave.sav"))
    assert isinstance(result, Raw | SurveyError)


def test_what_the_labels_say_reaches_the_mapping() -> None:
    instrument = default_instrument()
    frame = pd.DataFrame({"id": [1, 2, 3], "q1": [1, 5, 4]})
    words = {1: "Strongly disagree", 2: "Disagree", 3: "Neither agree nor disagree", 4: "Agree", 5: "Strongly agree"}
    content = written(
        "sav", frame, column_labels={"q1": instrument.item("pj1").text}, variable_value_labels={"q1": words}
    )
    mapping, _ = propose(read_here(content, "wave.sav"), instrument)
    (column,) = [c for c in mapping.columns if c.role == "item"]
    assert (column.target, column.labels[-1]) == ("pj1", ("5", "Strongly agree"))
