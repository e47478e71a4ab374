"""Workbooks: cells as a survey tool would have written them, and every kind of broken one refused."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from builders import outcome, refusal
from files import cells, minimal_xlsx, names, numbers, read_here, saved, table, xlsx, zipped
from hypothesis import given, settings, strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from openpyxl.chart import BarChart

from trustsurvey.errors import SurveyError
from trustsurvey.readers import archive
from trustsurvey.readers.raw import Raw

HEAD = ["id", "area", "answer"]


def book(content: bytes) -> Raw:
    return read_here(content, "survey.xlsx")


# --- cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Agree", "Agree"),
        (" two\u00a0words ", "two words"),
        ("line one\nline two", "line one\nline two"),
        ("007", "007"),
        (4, "4"),
        (-3, "-3"),
        (4.0, "4"),
        (2.5, "2.5"),
        (0.1, "0.1"),
        (1234567890123, "1234567890123"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime(2026, 4, 1, 9, 30, 15), "2026-04-01 09:30:15"),
        (date(2026, 4, 2), "2026-04-02"),
        (time(9, 5), "09:05:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        (None, ""),
        ("=SUM(1,2)", ""),
    ],
)
def test_a_cell_becomes_the_text_that_a_csv_file_would_hold(cell: object, expected: str) -> None:
    assert table(book(xlsx(["a", "b"], ["x", cell]))) == [["x", expected]]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    workbook_ = Workbook()
    workbook_.active.append(["id", "why"])
    workbook_.active.append(["1", "x"])
    workbook_.active["B2"].value = "=1+1"
    workbook_.active["B2"].data_type = "s"
    assert cells(book(saved(workbook_)), "why") == ["=1+1"]


CELL = st.text(st.sampled_from("abcXYZ 019.,;:<>&'\"äéñŁ東\u2013\u00a0"), max_size=10)


@settings(max_examples=15)
@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_every_text_comes_back(rows: list[list[str]]) -> None:
    plain = [[cell.replace("\u00a0", " ").strip() for cell in row] for row in rows]
    kept = {k: row for k, row in enumerate(plain, 2) if any(row)}
    raw = outcome(lambda: book(xlsx(HEAD, *rows)))
    if not kept:
        assert isinstance(raw, SurveyError)
        return
    assert dict(zip(numbers(raw), table(raw), strict=True)) == kept


# --- where the table lies -------------------------------------------------------------------------


def test_titles_and_blank_rows_are_passed_over_and_rows_keep_their_numbers() -> None:
    raw = book(xlsx([], ["Survey of Riverton"], [], HEAD, [1, "Docks", 4], [], [2, "Mill", 5]))
    assert names(raw) == HEAD
    assert numbers(raw) == [5, 7]
    assert raw.notices[0].code == "read.title"
    assert "Row 2" in raw.notices[0].text


def test_a_heading_below_blank_rows_needs_no_notice() -> None:
    raw = book(xlsx([], [], HEAD, [1, "Docks", 4]))
    assert (names(raw), numbers(raw), raw.notices) == (HEAD, [4], ())


def test_a_table_that_starts_further_right_keeps_the_letters_of_its_columns() -> None:
    raw = book(minimal_xlsx(("C3", "id"), ("D3", "answer"), ("C4", "1"), ("D4", "Agree")))
    assert [(c.name, c.letter) for c in raw.columns[2:]] == [("id", "C"), ("answer", "D")]
    assert cells(raw, "answer") == ["Agree"]


def test_empty_columns_at_the_right_edge_are_cut_off() -> None:
    assert names(book(xlsx([*HEAD, "", ""], [1, "Docks", 4, "", None]))) == HEAD


def test_a_column_without_a_heading_that_holds_answers_is_kept() -> None:
    assert names(book(xlsx([*HEAD, ""], [1, "Docks", 4, "x"]))) == [*HEAD, "column D"]


def test_two_columns_of_one_name_are_told_apart() -> None:
    raw = book(xlsx(["a", "a"], ["x", "y"]))
    assert names(raw) == ["a (column A)", "a (column B)"]
    assert raw.notices[0].code == "read.heading-twice"


def test_the_first_sheet_with_rows_is_read_and_the_others_are_noticed() -> None:
    raw = book(xlsx(Empty=[], Data=[HEAD, [1, "Docks", 4]], Notes=[["hello", "there"]]))
    assert names(raw) == HEAD
    assert [(n.code, "'Data'" in n.text, "3 sheets" in n.text) for n in raw.notices] == [("read.sheets", True, True)]


def test_a_hidden_sheet_comes_after_those_one_can_see() -> None:
    content = Workbook()
    content.active.append(["code", "meaning"])
    content.active.append([1, "x"])
    content.active.sheet_state = "hidden"
    shown = content.create_sheet("Data")
    shown.append(HEAD)
    shown.append([1, "Docks", 4])
    content.active = 1
    assert names(book(saved(content))) == HEAD


def test_a_sheet_that_is_a_chart_is_passed_over() -> None:
    content = Workbook()
    content.active.append(HEAD)
    content.active.append([1, "Docks", 4])
    content.create_chartsheet("Chart", 0).add_chart(BarChart())
    assert names(book(saved(content))) == HEAD


def test_the_name_of_the_file_does_not_matter() -> None:
    assert names(read_here(xlsx(HEAD, [1, "Docks", 4]), "survey.csv")) == HEAD


def test_the_last_row_of_a_sheet_can_be_reached() -> None:
    raw = book(minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("B2", "Agree"), ("A90000", "2")))
    assert numbers(raw) == [2, 90_000]


# --- other workbooks ------------------------------------------------------------------------------

#: id, area, answer and day of two residents as Excel 97 keeps them (zlib, base 85).
OLD_WORKBOOK = zlib.decompress(base64.b85decode(
    'c-rk)J!lkB5dPloUhZ-x_Y)H#5yBBj)R+`vW0S0r(^Lu3#vcUT<Q55$JJ|#zDKr{W3WAkl6NrUP)W#oF(9S}LKZPI&cUoGB3Kq$&GqZa!ITdoC'
    'fs_4~H}Ac9Z|2SJyqUMVFBg;fxw|a|l%W?oif%1xR`C>-+EOP08h2f8mg)!<H$YXPHbRc93E@%wi!l3;{at{DJH|7jzy~VFaR!6Atex6G>=PR-'
    '#WwU1Rk%T%7@EbZ2B9NDHw(QjGan1xE1b(hduVQ69mAqI*ty5w#YeO@8H<7S-WQp7!r6r;Jm+0}{)+PEhS2AXTBoaQpw+0uJjkK_cGh;dAID8Z'
    'fun@(fr0LHI*&$j_B_71Dd1}<s-LC;{>JhZi2r>pKl}%Ngq&E;zp5F)G~AOCB(tbPyTKy{($<8vM2Vc^nhS04(F~1Qj%`txTiNlmwxa_XYcd3+'
    'b0cHpRQH{7Y}<h9Q(ut5l!|iFmn4x`lO*aTc<P8|5SMmRLMTC2F5UY4dSH0SJRzKEIT*a-qn)jViwi74!Z8`q;aLoHio{N#7e(t<X}1V%r2S2G'
    '$54~sI4~n~F3D&It+QM3#@x25y`9>#pAJ4~o&9L;p!Pz4VXATAtvQD_I?ggA&({pPRF}Gbjq%Vd)yhvb?}ax1l6E3m!nfV^&&W8IInW46p<a)l'
    'j#}wy{<HFWI`wp4mnzeBPKydJDbJkeE74`F^jH_U&7Y~0y)~~i(WU)HmnOQRzO?5x*8D{7lXYzhb9#-E4jsK(1Maa1rPQB@B0zuu0RjXF5FkL+'
    'LU|ts@&d{)l_CH2KJ5S3S*B79ev|ySID{Ns6ZBEJA6cp$OjfjiwjiWRy3{&lO8*NPhiP>OV;B}Y#wy;w^x2|T-_N=Q6Mrv+DqX)=iJkv={U1R!'
    '+{F'
))  # fmt: skip
OPEN_DOCUMENT = "application/vnd.oasis.opendocument.spreadsheet"


def ods(*rows: tuple[str, ...], encrypted: bool = False) -> bytes:
    """An OpenDocument sheet written by hand."""
    names = {key: f"urn:oasis:names:tc:opendocument:xmlns:{key}:1.0" for key in ("office", "table", "text", "manifest")}
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in rows)
    spaces = " ".join(f'xmlns:{key}="{name}"' for key, name in names.items())
    locked = '<manifest:encryption-data manifest:checksum="x"/>' if encrypted else ""
    return zipped(
        {
            "mimetype": OPEN_DOCUMENT,
            "content.xml": f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
            f'<office:spreadsheet><table:table table:name="Data">{body}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>",
            "META-INF/manifest.xml": f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest {spaces}>'
            f'<manifest:file-entry manifest:media-type="{OPEN_DOCUMENT}" manifest:full-path="/">{locked}'
            "</manifest:file-entry></manifest:manifest>",
        }
    )


def test_a_workbook_of_excel_97_is_read() -> None:
    raw = read_here(OLD_WORKBOOK, "survey.xls")
    assert names(raw) == ["id", "area", "answer", "day"]
    assert table(raw) == [["1", "Docks", "Agree", "2026-05-03"], ["2", "Łódź", "4.5", "2026-05-04"]]


def test_an_open_document_sheet_is_read() -> None:
    raw = read_here(ods(("id", "area"), ("1", "Docks"), ("2", "Łódź")), "survey.ods")
    assert (names(raw), table(raw)) == (["id", "area"], [["1", "Docks"], ["2", "Łódź"]])


def test_a_workbook_with_a_password_is_refused_and_says_so() -> None:
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(xlsx(HEAD, [1, "Docks", 4]))).encrypt("secret", locked)
    for content, name in ((locked.getvalue(), "survey.xlsx"), (ods(("a", "b"), encrypted=True), "survey.ods")):
        with refusal("read.password", "protected by a password", "without a password"):
            read_here(content, name)


@pytest.mark.parametrize(
    "content", [OLD_WORKBOOK[:2_000], OLD_WORKBOOK[:512] + b"\0" * 3_000, b"\xd0\xcf\x11\xe0" * 200]
)
def test_an_old_workbook_that_is_damaged_is_refused(content: bytes) -> None:
    with refusal("read.damaged-workbook"):
        read_here(content, "survey.xls")


def test_any_flipped_byte_of_an_old_workbook_gives_a_table_or_a_refusal() -> None:
    for position in range(0, len(OLD_WORKBOOK), 61):
        broken = bytearray(OLD_WORKBOOK)
        broken[position] ^= 0xFF
        assert isinstance(outcome(lambda content=bytes(broken): read_here(content, "survey.xls")), Raw | SurveyError)


# --- cells that hold no answer though they look so ------------------------------------------------


def with_cell(address: str, markup: str) -> bytes:
    """A workbook of two rows in which one more cell is written by hand."""
    number = int(address.strip("ABC"))
    row = f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>x</t></is></c>{markup}</row>'
    return minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("B2", "Agree"), extra=row)


def test_error_cells_are_empty_and_the_first_is_named() -> None:
    raw = book(with_cell("B3", '<c r="B3" t="e"><v>#N/A</v></c>'))
    assert cells(raw, "answer") == ["Agree", ""]
    (notice,) = raw.notices
    assert (notice.code, notice.level) == ("read.error-cells", "warning")
    assert "A cell holds an error of the spreadsheet, such as #N/A: B3; it was read as empty." in notice.text


def test_formulas_without_a_result_are_said() -> None:
    raw = book(with_cell("B3", '<c r="B3"><f>SUM(A1:A2)</f><v></v></c>'))
    assert [notice.code for notice in raw.notices] == ["read.formulas"]
    assert "first in B3" in raw.notices[0].text
    assert not book(with_cell("B3", '<c r="B3"><f>SUM(A1:A2)</f><v>3</v></c>')).notices


def test_only_the_sheet_that_was_read_is_spoken_of() -> None:
    content = Workbook()
    content.active.append(HEAD)
    content.active.append([1, "Docks", 4])
    content.create_sheet("Sums").append(["=SUM(1,2)", "x"])
    assert [notice.code for notice in book(saved(content)).notices] == ["read.sheets"]


def test_merged_headings_are_read_with_the_row_below() -> None:
    content = Workbook()
    rows = [["", "Police here", None, "You", None], ["id", "are kind", "are fair", "sex", "age"]]
    for row in [*rows, [1, 4, 5, "f", 40], [2, 3, 3, "m", 50]]:
        content.active.append(row)
    content.active.merge_cells("B1:C1")
    content.active.merge_cells("D1:E1")
    raw = book(saved(content))
    assert names(raw) == ["id", "Police here - are kind", "Police here - are fair", "You - sex", "You - age"]
    assert numbers(raw) == [3, 4]
    assert "Rows 1 and 2" in raw.notices[0].text


# --- nothing, or no workbook ----------------------------------------------------------------------


@pytest.mark.parametrize("content", [xlsx([]), xlsx([None, ""]), xlsx(One=[], Two=[[]])])
def test_a_workbook_without_rows_is_refused(content: bytes) -> None:
    with refusal("read.empty", "no rows"):
        book(content)


def test_a_sheet_of_blanks_is_refused() -> None:
    with refusal("read.empty"):
        book(xlsx([" ", " "], [" ", ""]))


def test_a_heading_without_answers_is_refused() -> None:
    with refusal("read.no-rows", "filter"):
        book(xlsx(HEAD, [], [None, ""]))


def test_a_single_column_is_refused() -> None:
    with refusal("read.one-column", "'answer'"):
        book(xlsx(["answer"], ["Agree"]))


def test_a_text_file_called_a_workbook_is_refused() -> None:
    with refusal("read.kind", "called a workbook but is none", "save it as .xlsx"):
        book(b"id,area\n1,Docks\n")


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9, 0.999])
def test_an_upload_cut_off_midway_is_refused(part: float) -> None:
    whole = xlsx(HEAD, *([k, "Docks", "Agree"] for k in range(200)))
    with refusal("read.damaged-workbook", "cut off", "Download or save it again"):
        book(whole[: int(len(whole) * part)])


def test_any_flipped_byte_gives_a_table_or_a_refusal() -> None:
    whole = xlsx(HEAD, [1, "Docks", "Agree"])
    for position in range(0, len(whole), 61):
        broken = bytearray(whole)
        broken[position] ^= 0xFF
        assert isinstance(outcome(lambda content=bytes(broken): book(content)), Raw | SurveyError)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"content.xml": "<office/>", "mimetype": "application/vnd.oasis.opendocument"}, "read.damaged-workbook"),
        ({"xl/workbook.bin": b"\1\2"}, "read.damaged-workbook"),
        ({"word/document.xml": "<w/>"}, "read.not-a-workbook"),
        ({}, "read.not-a-workbook"),
        ({"xl/workbook.xml": "nonsense"}, "read.damaged-workbook"),
    ],
    ids=["OpenDocument", "binary workbook", "Word", "empty archive", "nonsense"],
)  # fmt: skip
def test_other_archives_are_refused(members: dict[str, bytes | str], code: str) -> None:
    with refusal(code):
        book(zipped(members))


def test_a_workbook_whose_parts_are_named_otherwise_is_one() -> None:
    source = zipfile.ZipFile(io.BytesIO(minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("B2", "x"))))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as other:
        for name in source.namelist():
            entry = zipfile.ZipInfo("x")
            entry.filename = name.replace("/", "\\")
            other.writestr(entry, source.read(name))
    assert names(book(data.getvalue())) == ["id", "answer"]


def test_a_heading_that_starts_like_an_archive_is_text() -> None:
    assert names(read_here("PK,area\n1,Docks\n")) == ["PK", "area"]


# --- archives made to harm ------------------------------------------------------------------------


def test_a_zip_bomb_is_refused_unopened() -> None:
    bomb = zipped({"xl/workbook.xml": "x", "xl/worksheets/sheet1.xml": b"\0" * (20 << 20)})
    assert len(bomb) < 50_000
    with refusal("read.bomb", "unpacks to", "150 times", "as CSV"):
        book(bomb)


def test_the_size_that_members_claim_counts(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    path.write_bytes(zipped({"xl/workbook.xml": b"0" * 1_000_000}))
    archive.check_archive(path, path.name)
    with pytest.MonkeyPatch.context() as patch, refusal("read.bomb"):
        patch.setattr(archive, "LARGEST", 999_999)
        archive.check_archive(path, path.name)


def test_entities_are_not_expanded() -> None:
    layers = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 10 if k else "boom"}">' for k in range(9))
    plain = minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("B2", "&amp;e8;"))
    assert cells(book(plain), "answer") == ["&e8;"]
    bomb = minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("B2", "&e8;"), extra=f"<!DOCTYPE r [{layers}]>")
    result = outcome(lambda: book(bomb))
    assert isinstance(result, SurveyError) or "boom" not in cells(result, "answer")[0]


def test_styled_but_empty_cells_at_the_far_corner_cost_nothing() -> None:
    corner = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    raw = book(minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("B2", "Agree"), extra=corner))
    assert (names(raw), raw.rows) == (["id", "answer"], 1)


def test_more_columns_than_a_survey_has_are_refused() -> None:
    with refusal("read.columns", "16,384 columns"):
        book(minimal_xlsx(("A1", "id"), ("B1", "answer"), ("A2", "1"), ("XFD2", "x")))
