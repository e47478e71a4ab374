"""The framework matrix: whose words stand where, and that a spreadsheet can hold them."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from focus_groups import drawn, heard
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.export.workbook import workbook_bytes
from trustsurvey.focus_groups.framework import MOST_LINES, MOST_UNITS, cell, framework
from trustsurvey.focus_groups.heard import Heard

FOUND = heard(
    [
        ("A", "M", "Patrols?", "a"), ("A", "P1", '=HYPERLINK("http://x.example","me")', "a"),
        ("A", "P1", "Never\nat night", "ab"), ("A", "O1", "We do", "a"), ("A", "", "Nor here", "a"),
        ("B", "P1", "@SUM(A1)", "b"),
    ],
    "ab", A="P2",
)  # fmt: skip


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_words_of_participants_with_their_place() -> None:
    titles = {"a": "Patrols", "b": "Group"}
    summaries = {("A", "P1", "a"): "Never sees\none", ("A", "", ""): "A worried group"}
    people, groups, how = framework(FOUND, titles, summaries=summaries).values()
    assert list(people) == ["Group", "Participant", "Patrols", "Group (b)", "Summary"]
    assert people["Participant"].tolist() == ["P1", "P2", "not known", "P1"]
    assert people["Patrols"].tolist() == [
        'Summary: Never sees one\n=HYPERLINK("http://x.example","me") (turn 2)\nNever at night (turn 3)', "",
        "Nor here (turn 5)", "",
    ]  # fmt: skip
    assert groups["Patrols"].tolist()[0].count("(turn") == 3
    assert groups["Summary"].tolist() == ["A worried group", ""]
    assert "not a sample" in " ".join(how.iloc[:, 0])


def test_times_or_places_of_the_callers() -> None:
    timed = replace(FOUND, turns=FOUND.turns.assign(start=[0.0, 61.9, 3723.0, 1.0, 2.0, 3.0]))
    assert framework(timed)["Participants"]["b"].tolist()[0] == "Never at night (turn 3, 1:02:03)"
    told = framework(FOUND, places=[f"line {k}" for k in range(6)])["Participants"]["b"]
    assert told.tolist()[3] == "@SUM(A1) (line 5)"
    with pytest.raises(SurveyError):
        framework(FOUND, places=["line 1"])


def test_no_text_is_a_formula_in_the_workbook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(framework(FOUND, {"a": "=1+1", "b": "=1+1"}))))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert book.sheetnames == ["Participants", "Groups", "How to read"]
    assert any(str(c.value).startswith("=HYPERLINK") for c in cells)
    assert all(c.data_type == "s" and c.hyperlink is None for c in cells)
    assert all(c.quotePrefix for c in cells if str(c.value)[0] in "=@")


def test_what_does_not_fit_is_left_out_in_whole_turns_and_told() -> None:
    parts = [f"{'x' * 996} {k:03d}" for k in range(40)]
    text = cell(parts)
    assert units(text) <= MOST_UNITS
    assert text.split("\n") == [*parts[:32], "... and 8 more turns"]
    assert cell(parts[:32]).count("\n") == 31
    alone = cell(["\U0001f600" * 20_000, "y"])
    assert alone.endswith(" [...]\n... and 1 more turn") or alone.endswith(" [...]\ny")
    assert units(alone) <= MOST_UNITS
    many = cell([str(k) for k in range(1_000)])
    assert len(many.split("\n")) == MOST_LINES
    assert many.endswith("\n... and 748 more turns")


@given(st.lists(st.tuples(st.sampled_from("a\U0001f600="), st.integers(0, 40_000)), max_size=6), st.text(max_size=50))
def test_a_cell_is_never_longer_than_excel_allows(parts: list[tuple[str, int]], summary: str) -> None:
    text = cell([letter * n for letter, n in parts], summary)
    assert units(text) <= MOST_UNITS
    written = text.encode("utf-16-le")
    assert len(written) <= 2 * MOST_UNITS


@settings(max_examples=25)
@given(drawn())
def test_every_mention_of_a_participant_stands_once_in_each_sheet(found: Heard) -> None:
    sheets = framework(found)
    count = int(found.mentions[found.by_residents].sum())  # type: ignore[index]
    for name in ("Participants", "Groups"):
        cells = sheets[name][list(found.codes)].to_numpy().ravel()
        assert sum(str(text).count("(turn ") for text in cells) == count
