"""A focus group as a text: labels, and turns found again in a text that went elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from focus_groups import conversation
from hypothesis import given, settings, strategies as st

from trustsurvey.focus_groups.written import Paragraph, Written, label, one_line, stamp, touched

GROUP = conversation("g", [("P1", "One."), ("P2", "Two."), ("P1", "One."), ("P2", "Three.")])


@pytest.mark.parametrize(
    ("speaker", "start", "told"),
    [
        ("P1", 761.9, "P1 [0:12:41]: "),
        ("P1", np.nan, "P1: "),
        ("", 0.0, "Not named [0:00:00]: "),
        ("P\n1", np.nan, "P 1: "),
    ],
)
def test_a_label_is_one_line(speaker: str, start: float, told: str) -> None:
    assert label(speaker, start) == told


def test_times_of_a_day_have_two_figures_for_the_hour() -> None:
    assert stamp(18 * 3600 + 31 * 60 + 5.9) == "18:31:05"


@given(st.text())
def test_a_text_in_one_line_keeps_the_places_of_its_characters(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert len(line) == len(text)


def test_parts_touch_the_turns_of_which_they_hold_a_character() -> None:
    paragraphs = Written.of(GROUP).paragraphs
    assert paragraphs[1] == Paragraph("g 2", "P2", 9, 13, 17)
    assert [p.key for p in touched(paragraphs, 16, 19)] == ["g 2", "g 3"]
    assert [p.key for p in touched(paragraphs, 17, 18)] == []
    assert [p.key for p in touched(paragraphs, 0, 99)] == ["g 1", "g 2", "g 3", "g 4"]
    assert list(touched((), 0, 9)) == []


@settings(max_examples=200)
@given(st.data())
def test_turns_are_found_where_their_lines_stand(data: st.DataObject) -> None:
    """Whatever lines are added and however lines are spaced, every turn is found once, in order, at its words."""
    lines = data.draw(st.lists(st.tuples(st.sampled_from(["P1", "P2"]), st.sampled_from(["Yes.", "No.", "So?"]))))
    written = Written.of(conversation("g", lines))
    text = ""
    for line in written.text.splitlines():
        for _ in range(data.draw(st.integers(0, 2))):
            text += data.draw(st.sampled_from(["\n", "  \n", "Heading\n"]))
        text += data.draw(st.sampled_from(["", " "])) + line + data.draw(st.sampled_from(["\n", " \n"]))
    found, strange = written.within(text)
    assert [p.key for p in found] == [p.key for p in written.paragraphs]
    assert [text[p.words : p.end] for p in found] == [said for _, said in lines]
    assert not any(p.changed for p in found)
    assert {text[start:end] for start, end in strange} <= {"Heading"}


def test_a_turn_put_right_since_is_found_by_its_place_and_label_and_a_strange_line_is_told() -> None:
    found, strange = Written.of(GROUP).within("P1: One.\nP2: Two, I said.\nP1: One.\nP3: Three.\n")
    assert [(p.key, p.changed, p.words, p.end) for p in found] == [
        ("g 1", False, 4, 8), ("g 2", True, 13, 25), ("g 3", False, 30, 34),
    ]  # fmt: skip
    assert strange == ((35, 45),)
