"""Zip archives as survey tools hand them out: one file of answers inside, or a plain refusal."""

from __future__ import annotations

import io
import zipfile

import pytest
from builders import outcome, refusal
from exports import central_rows
from files import cells, csv_text, minimal_xlsx, names, qualtrics_rows, read_here, xlsx, zipped
from test_readers_statistical import written

from trustsurvey.errors import SurveyError
from trustsurvey.readers.raw import Raw

GOOD = "id,area,answer\n1,Docks,Agree\n2,Mill,Disagree\n"


def test_the_file_of_answers_in_an_archive_is_read_and_named() -> None:
    rows = qualtrics_rows([("Q1", "Why?")], [["x"], ["y"]])
    packed = zipped({"Riverton_May 3, 2026.csv": csv_text(rows)})
    raw, plain = read_here(packed, "Riverton.zip"), read_here(csv_text(rows))
    assert (raw.platform, raw.columns, raw.source) == ("qualtrics", plain.columns, "Riverton.zip")
    assert [notice.code for notice in raw.notices] == ["read.archive"]
    assert "'Riverton_May 3, 2026.csv'" in raw.notices[0].text
    assert raw.digest != plain.digest


@pytest.mark.parametrize(
    ("name", "content"),
    [("CSV/wave.csv", GOOD), ("wave.xlsx", xlsx(["id", "area"], [1, "Docks"])), ("wave.sav", written("sav"))],
)
def test_any_kind_of_file_may_be_packed(name: str, content: bytes | str) -> None:
    assert read_here(zipped({name: content}), "wave.zip").rows >= 1


def test_what_programs_put_beside_the_answers_is_passed_over() -> None:
    packed = zipped(
        {"__MACOSX/._wave.csv": b"\0\5", ".DS_Store": b"x", "wave.csv": GOOD, "media/": b"", "photo.jpg": b"\xff"}
    )
    assert names(read_here(packed, "wave.zip")) == ["id", "area", "answer"]


def test_repeats_belong_to_the_form_whose_name_they_begin_with() -> None:
    rows = central_rows(["area", "pj-pj1", "pj-pj2"], [["docks", "4", "5"]] * 2)
    packed = zipped({"police-visits.csv": "KEY,PARENT_KEY\na,b\n", "police.csv": csv_text(rows)})
    raw = read_here(packed, "police.zip")
    assert (raw.platform, raw.rows) == ("odk", 2)


def test_of_two_forms_of_the_same_answers_the_one_that_keeps_more_is_read() -> None:
    raw = read_here(zipped({"wave.csv": GOOD, "wave.sav": written("sav")}), "wave.zip")
    assert raw.platform == "spss"


def test_several_files_of_answers_are_a_question_for_the_user() -> None:
    with refusal("read.archive-many", "several files", "'april.csv', 'may.csv'", "import one of them"):
        read_here(zipped({"april.csv": GOOD, "may.csv": GOOD}), "waves.zip")


@pytest.mark.parametrize("members", [{}, {"photo.jpg": b"\xff"}, {"inner.zip": zipped({"a.csv": GOOD})}, {"a.csv": ""}])
def test_an_archive_without_answers_is_refused(members: dict[str, bytes | str]) -> None:
    with refusal("read.not-a-workbook", "without a survey file"):
        read_here(zipped(members), "wave.zip")


def test_an_archive_in_a_file_of_another_name_is_not_opened() -> None:
    with refusal("read.not-a-workbook"):
        read_here(zipped({"a.csv": zipped({"b.csv": GOOD})}), "wave.zip")
    assert cells(read_here(zipped({"a.csv": xlsx(["id", "area"], [1, "Docks"])}), "wave.zip"), "area") == ["Docks"]


def test_a_locked_archive_is_refused() -> None:
    content = bytearray(zipped({"wave.csv": GOOD}))
    for mark in (b"PK\x01\x02", b"PK\x03\x04"):
        at = content.find(mark) + (8 if mark[2] == 1 else 6)
        content[at] |= 1
    with refusal("read.password", "archive is protected", "Unpack it"):
        read_here(bytes(content), "wave.zip")


def test_a_bomb_is_refused_unopened_whatever_it_is_called() -> None:
    with refusal("read.bomb", "150 times"):
        read_here(zipped({"wave.csv": b"a,b\n" + b"1,2\n" * 6_000_000}), "wave.zip")


def test_a_member_that_lies_about_its_content_is_refused() -> None:
    content = bytearray(zipped({"wave.csv": GOOD * 50}))
    at = content.find(b"wave.csv") + 20
    content[at : at + 8] = b"\xff" * 8
    with refusal("read.damaged-archive", "damaged or was cut off"):
        read_here(bytes(content), "wave.zip")


def test_an_archive_that_was_cut_off_is_refused() -> None:
    content = zipped({"wave.csv": GOOD * 100})
    with refusal("read.damaged-workbook", "The archive is damaged or was cut off"):
        read_here(content[:-30], "wave.zip")


def test_a_method_of_packing_that_nobody_knows_is_refused() -> None:
    content = bytearray(zipped({"wave.csv": GOOD}))
    for mark, shift in ((b"PK\x01\x02", 10), (b"PK\x03\x04", 8)):
        content[content.find(mark) + shift] = 97
    with refusal("read.damaged-archive"):
        read_here(bytes(content), "wave.zip")


def test_any_flipped_byte_gives_a_table_or_a_refusal() -> None:
    whole = zipped({"wave.csv": GOOD})
    for position in range(len(whole)):
        broken = bytearray(whole)
        broken[position] ^= 0xFF
        assert isinstance(outcome(lambda content=bytes(broken): read_here(content, "wave.zip")), Raw | SurveyError)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_that_declares_entities_is_refused(encoding: str) -> None:
    evil = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "boom">]><workbook>&a;</workbook>'
    source = zipfile.ZipFile(io.BytesIO(minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("B2", "x"))))
    members = {name: source.read(name) for name in source.namelist()}
    members["xl/workbook.xml"] = evil.encode(encoding)
    with refusal("read.entities", "declares entities", "xl/workbook.xml"):
        read_here(zipped(members), "survey.xlsx")
