"""CSV and TSV: every delimiter and encoding, rows numbered as a spreadsheet shows them, damage named by row."""

from __future__ import annotations

import string

import pytest
from builders import refusal
from files import cells, csv_text, names, numbers, read_here, table
from hypothesis import given, settings, strategies as st

ROWS = [["id", "area", "answer"], ["1", "Docks", "Agree"], ["2", "Northgate", "Disagree"]]


# --- delimiters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_found(delimiter: str, end: str) -> None:
    raw = read_here(csv_text(ROWS, delimiter, end))
    assert names(raw) == ROWS[0]
    assert table(raw) == ROWS[1:]
    assert numbers(raw) == [2, 3]


def test_headings_full_of_commas_do_not_hide_the_semicolon() -> None:
    raw = read_here("Age, in years, if known;Sex, or gender, or neither\n40;female\n50;male\n")
    assert names(raw) == ["Age, in years, if known", "Sex, or gender, or neither"]
    assert table(raw) == [["40", "female"], ["50", "male"]]


def test_a_comment_full_of_semicolons_does_not_hide_the_comma() -> None:
    raw = read_here("id,why\n1,slow; late; rude; gone\n2,x\n")
    assert names(raw) == ["id", "why"]
    assert cells(raw, "why")[0] == "slow; late; rude; gone"


def test_decimal_commas_stay_in_their_cells() -> None:
    raw = read_here('Date;Borough;Share\n31/12/2014;Barnet;0,67\n31/12/2014;"Kingston; upon Thames";0,7\n')
    assert table(raw)[1] == ["31/12/2014", "Kingston; upon Thames", "0,7"]


def test_a_line_that_names_the_separator_is_passed_over() -> None:
    raw = read_here("sep=;\nid;area;answer\n1;Docks;Agree\n")
    assert names(raw) == ROWS[0]
    assert numbers(raw) == [3]


def test_a_delimiter_that_nobody_knows_is_refused() -> None:
    with refusal("read.one-column", "'id area answer'", "commas, semicolons or tabs"):
        read_here("id area answer\n1 Docks Agree\n")


# --- encodings ------------------------------------------------------------------------------------

PLACES = "id,place\n1,Café Müller\n2,Łódź\n3,東京\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_is_read_without_a_word(encoding: str) -> None:
    raw = read_here(PLACES.encode(encoding))
    assert names(raw) == ["id", "place"]
    assert cells(raw, "place") == ["Café Müller", "Łódź", "東京"]
    assert not raw.notices


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf16_is_known_by_its_zeros_without_its_mark(encoding: str, mark: str) -> None:
    raw = read_here((mark + PLACES).encode(encoding))
    assert names(raw) == ["id", "place"]
    assert cells(raw, "place")[2] == "東京"


def test_utf16_that_was_cut_off_says_so() -> None:
    raw = read_here("id,why\n1,x\n2,yes".encode("utf-16")[:-1])
    assert cells(raw, "why") == ["x", "ye\ufffd"]
    assert "1 letters" in raw.notices[0].text


def test_windows_text_is_read_and_the_line_where_it_shows_is_named() -> None:
    raw = read_here("id,cost\n1,5\n2,£5 \u2013 José\n".encode("cp1252"))
    assert cells(raw, "cost")[1] == "£5 \u2013 José"
    (notice,) = raw.notices
    assert (notice.code, notice.level) == ("read.encoding", "warning")
    assert "line 3" in notice.text
    assert "cp1252" in notice.text


def test_bytes_that_no_encoding_knows_become_question_marks() -> None:
    raw = read_here(b"id,word\n1,\x8c\xe6\n2,\x81\x8d\n")
    assert cells(raw, "word") == ["Œæ", "\ufffd\ufffd"]
    assert "2 letters exist in neither" in raw.notices[0].text


def test_a_letter_cut_in_two_at_the_end_is_windows_text() -> None:
    assert cells(read_here(b"id,word\n1,caf\xc3"), "word") == ["cafÃ"]


def test_two_encodings_in_one_file_are_told_apart_letter_by_letter() -> None:
    sound = "".join(f"{k},Łódź\n" for k in range(9))
    raw = read_here(f"id,word\n{sound}".encode() + "9,José\n".encode("cp1252"))
    assert set(cells(raw, "word")) == {"Łódź", "José"}
    (notice,) = raw.notices
    assert "mixes encodings" in notice.text
    assert "1 letters are not (first seen in line 11)" in notice.text


def test_damage_far_down_is_found_and_its_line_named() -> None:
    filling = "x" * 1_000 + ",ä\n"
    raw = read_here(("a,b\n" + filling * 9_000).encode() + b"\xe4,y\n")
    assert cells(raw, "a")[-1] == "ä"
    assert "line 9,002" in raw.notices[0].text


# The parser tells of a row that is no UTF-8 by way of a string.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("end", "code"),
    [
        (b"x\0y,z\n", ""),
        (b'"never closed,z\n' + b"x,y\n" * 9, "read.quote"),
        (b'"never closed,z\n' + b"x,y,z\n" * 9, "read.quote"),
        (b"1,2,3\n\xe4,y\n", "read.ragged"),
        (b"\xe4,y,3\n", "read.ragged"),
    ],
)
def test_what_is_wrong_far_down_is_found_though_parsing_had_begun(end: bytes, code: str) -> None:
    """The bytes are looked at while they are taken apart; what a look beforehand would have said is said."""
    content = b"a,b\n" + (b"x" * 1_000 + b",y\n") * 2_000 + end
    if not code:
        assert table(read_here(content))[-1] == ["xy", "z"]
    else:
        with refusal(code, "row 2,002"):
            read_here(content)


# --- cells stay the text they are -----------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    ["None", "NA", "NaN", "null", "nan", "007", "12345678901234567890", "1e5", "TRUE", "1.50", "-", "=1+1", "@x", "+1"],
)
def test_nothing_is_taken_for_a_number_or_a_gap(cell: str) -> None:
    assert table(read_here(f"a,b\n{cell},{cell}\nx,y\n"))[0] == [cell, cell]


def test_formulas_are_text() -> None:
    formula = '=HYPERLINK("http://example.org","x")'
    assert cells(read_here(csv_text([["id", "why"], ["1", formula]])), "why") == [formula]


def test_outer_blanks_and_no_break_spaces_go() -> None:
    raw = read_here("a,b\n  Agree\u00a0,\u200bVery\u00a0safe \n")
    assert table(raw) == [["Agree", "Very safe"]]


def test_quoted_cells_keep_delimiters_quotation_marks_and_lines() -> None:
    rows = [["id", "why"], ["1", 'They said "no, never";\nthen left.\r\nTwice.'], ["2", "x"]]
    raw = read_here(csv_text(rows))
    assert table(raw) == rows[1:]
    assert numbers(raw) == [2, 3]


def test_headings_lose_markup_entities_and_doubled_blanks() -> None:
    raw = read_here('"<b>Trust</b>&nbsp;in  the\npolice",\ufeffarea\n1,2\n')
    assert names(raw) == ["Trust in the police", "area"]


def test_nul_bytes_are_dropped_from_cells_and_headings() -> None:
    raw = read_here("a\0,b\nAg\0ree,2\n" + "x,y\n" * 60)
    assert names(raw) == ["a", "b"]
    assert cells(raw, "a")[0] == "Agree"
    assert numbers(raw) == [*range(2, 63)]
    late = read_here("a,b\n" + "1,2\n" * 400_000 + "Ag\0ree,2\n")
    assert cells(late, "a")[-1] == "Agree"


def test_a_cell_of_half_a_megabyte_is_kept_wherever_it_stands() -> None:
    story = "a long story. " * 40_000
    raw = read_here(csv_text([["id", "why"], ["1", story], ["2", "x"]]))
    assert cells(raw, "why") == [story.strip(), "x"]


def test_an_answer_longer_than_what_is_looked_at_first_does_not_hide_the_others() -> None:
    raw = read_here("id,why\n1," + "x" * 5_000_000 + "\n2,y\n")
    assert cells(raw, "id") == ["1", "2"]


def test_headings_of_half_a_megabyte_are_read_whole() -> None:
    heads = [f"Question {k}: " + "in your own words, " * 8 for k in range(3_000)]
    raw = read_here(csv_text([heads, ["x"] * 3_000]))
    assert len(raw.columns) == 3_000
    assert raw.rows == 1


def test_five_hundred_columns_keep_their_letters() -> None:
    raw = read_here(csv_text([[f"q{k}" for k in range(500)], range(500), range(500, 1_000)]))
    assert raw.columns[499].letter == "SF"
    assert cells(raw, "q499") == ["499", "999"]


def test_more_columns_than_a_survey_has_are_refused() -> None:
    with refusal("read.columns", "5,001 columns", "5,000 at most"):
        read_here(",".join(f"q{k}" for k in range(5_001)) + "\n" + "x" + "," * 5_000 + "\n")


# --- row numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n\n3,4\n", [2, 4]),
        ("a,b\n\n\n1,2\n3,4\n", [4, 5]),
        ("a,b\n1,2\n   \n\t\n3,4\n", [2, 5]),
        ("a,b\n1,2\n,\n , \n3,4\n", [2, 5]),
        ('a,b\n1,"x\ny\nz"\n3,4\n', [2, 3]),
        ('"a\n\nlong",b\n1,2\n3,4\n', [2, 3]),
        ("\n\na,b\n1,2\n3,4\n", [4, 5]),
        ("a,b\r\r\n1,2\r\r\n3,4\r\r\n", [3, 5]),
        ("a,b\n1,2\n3,4", [2, 3]),
    ],
)
def test_rows_are_numbered_as_a_spreadsheet_shows_them(text: str, expected: list[int]) -> None:
    raw = read_here(text)
    assert numbers(raw) == expected
    assert raw.rows == len(expected)
    assert [row[0] for row in table(raw)] == ["1", "3"]


def test_a_title_above_the_heading_is_passed_over_and_noticed() -> None:
    raw = read_here("Riverton survey,,,\nExported,2 May,,\n\nid,area,age,sex\n1,Docks,40,f\n2,Docks,50,m\n")
    assert names(raw) == ["id", "area", "age", "sex"]
    assert numbers(raw) == [5, 6]
    assert [notice.code for notice in raw.notices] == ["read.title"] * 2
    assert "Row 1" in raw.notices[0].text
    assert "Riverton survey" in raw.notices[0].text


def test_a_title_without_its_commas_is_passed_over_too() -> None:
    raw = read_here("Riverton survey\nid,area,age\n1,Docks,40\n2,Docks,50\n")
    assert names(raw) == ["id", "area", "age"]
    assert numbers(raw) == [3, 4]


def test_a_heading_with_one_name_above_numbers_is_no_title() -> None:
    raw = read_here("id,,\n1,2,3\n4,5,6\n")
    assert names(raw) == ["id", "column B", "column C"]
    assert numbers(raw) == [2, 3]


def test_many_lines_of_blanks_cost_no_time() -> None:
    raw = read_here("a,b\n" + "1,2\n  \n" * 40_000)
    assert raw.rows == 40_000
    assert numbers(raw)[-1] == 80_000


# --- ragged rows and quotation marks --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row", "found"),
    [
        ("a,b,c\n1,2,3\n1,2\n", 3, 2),
        ("a,b\n1,2\n1,2,3\n", 3, 3),
        ("a,b\n\n1,2\n\n\n1,2,3\n", 6, 3),
        ('a,b\n1,"x\ny\nz"\n3,4\n5\n', 4, 1),
        ("\n\na,b\n1,2\n3\n", 5, 1),
        ("a,b\n1,2\n  \n3\n", 4, 1),
        ('Title\n\n"a\nlong",b,c\n1,2,3\n1,2\n', 5, 2),
    ],
)
def test_a_ragged_row_is_named(text: str, row: int, found: int) -> None:
    with refusal("read.ragged", "another number of values", "delimiter") as told:
        read_here(text)
    assert told.where == f"row {row}"
    assert told.got == str(found)


def test_a_ragged_row_far_down_is_named() -> None:
    with refusal("read.ragged", "row 9,002"):
        read_here("a,b\n" + f"{'x' * 999},2\n" * 9_000 + "1,2,3\n")


def test_empty_cells_beyond_the_heading_are_no_column() -> None:
    raw = read_here("a,b\n1,2,\n3,4,\n")
    assert names(raw) == ["a", "b"]
    assert table(raw) == [["1", "2"], ["3", "4"]]


def test_cells_beyond_the_heading_that_fill_further_down_are_kept() -> None:
    raw = read_here("a,b\n" + "1,2,\n" * 2_000 + "3,4,x\n")
    assert names(raw) == ["a", "b", "column C"]
    assert cells(raw, "column C")[-1] == "x"


def test_a_file_that_ends_in_the_middle_of_a_row_was_cut_off() -> None:
    with refusal("read.cut-off", "ends in the middle of a row", "Download or export it again") as told:
        read_here("id,area,answer\n1,Docks,Agree\n2,Doc")
    assert (told.where, told.got, told.expected) == ("row 3", "2", "3")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('a,"b\n1,2\n3,4\n', 1),
        ('a,b\n1,"2\n3,4\n', 2),
        ('a,b\n1,2\n3,"cut off her', 3),
        ('a,b\n1,2\n3,"cut off here\n', 3),
        ('a,b\n1,2\n\n3,"x\n' + "5,6\n" * 50_000, 4),
        ('a,b\n1,"lost\n2,x\n3,y\n4,"fine"\n5,z\n', 2),
        ('"a,b\n' + "1,2\n" * 50_000, 1),
    ],
    ids=[
        "heading",
        "first row",
        "cut off",
        "cut off at a line",
        "long file",
        "rows swallowed",
        "nothing but a heading",
    ],
)
def test_a_quotation_mark_that_never_closes_is_named_by_row(text: str, row: int) -> None:
    with refusal("read.quote", "quotation mark", "export it again") as told:
        read_here(text)
    assert told.where == f"row {row}"


def test_inches_are_no_quotation_marks() -> None:
    raw = read_here('a,b\n1,a 5" pipe\n2,"two\nlines"\n')
    assert cells(raw, "b") == ['a 5" pipe', "two\nlines"]


# --- nothing to read ------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", " \n\n ", "\ufeff", ",,;\t\n", b"\0" * 500])
def test_an_empty_file_is_refused(content: bytes | str) -> None:
    with refusal("read.empty", "empty", "one row a resident"):
        read_here(content)


@pytest.mark.parametrize("content", ['""\n', '""\n""\n'])
def test_a_file_without_a_heading_is_refused(content: str) -> None:
    with refusal("read.no-heading", "names of the columns"):
        read_here(content)


@pytest.mark.parametrize("text", ["a,b,c", "a,b,c\n", "a,b,c\n,,\n\n", "a,b,c\n\n\n"])
def test_a_heading_without_answers_is_refused(text: str) -> None:
    with refusal("read.no-rows", "a heading but no answers", "filter"):
        read_here(text)


def test_a_single_column_is_refused() -> None:
    with refusal("read.one-column", "'answer'"):
        read_here("answer\n1\n2\n")


def test_noise_is_no_text() -> None:
    with refusal("read.kind", "not a text file"):
        read_here(bytes(range(256)) * 20)


# --- two columns of one name ----------------------------------------------------------------------


def test_headings_that_stand_twice_are_told_apart_by_letter_and_noticed() -> None:
    raw = read_here("a,why,why,b\n1,x,y,2\n")
    assert names(raw) == ["a", "why (column B)", "why (column C)", "b"]
    assert cells(raw, "why (column C)") == ["y"]
    assert raw.notices[0].code == "read.heading-twice"
    assert "why (column B)" in raw.notices[0].text


def test_columns_without_a_heading_go_by_their_letter() -> None:
    assert names(read_here(",b,\n1,2,3\n")) == ["column A", "b", "column C"]


def test_a_heading_that_looks_like_such_a_name_stays_apart() -> None:
    raw = read_here("a,a,a (column A),,column D\n1,2,3,4,5\n")
    assert len(set(names(raw))) == 5
    assert table(raw) == [["1", "2", "3", "4", "5"]]


# --- any table ------------------------------------------------------------------------------------

TEXT = st.text(st.sampled_from(string.printable[:95] + "\n\u00a0\u200bäéñŁ東🙂\u2019\u2013"), max_size=12)


@settings(max_examples=60)
@given(
    rows=st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=6)
    ),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_cell_comes_back(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    heads = [f"question {k}" for k in range(len(rows[0]))]
    plain = [[cell.replace("\u00a0", " ").replace("\u200b", "").strip() for cell in row] for row in rows]
    filled = [(k, row) for k, row in enumerate(plain, 2) if any(cell.replace("\u200b", "") for cell in rows[k - 2])]
    content = csv_text([heads, *rows], delimiter).encode(encoding)
    kept = [(k, row) for k, row in filled if any(row)]
    if not kept:
        return
    raw = read_here(content)
    assert names(raw) == heads
    assert [(k, row) for k, row in zip(numbers(raw), table(raw), strict=True) if any(row)] == kept
