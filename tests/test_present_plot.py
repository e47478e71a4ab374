"""Charts as a page shows them: strong writing, numbers as the language has them, nothing given is changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from trustsurvey import language
from trustsurvey.present.plot import WRITING, plot, upright

TRACES = [{"type": "scatter", "x": [1, 2], "y": [3, 4]}]
LAYOUT: dict[str, Any] = {
    "xaxis": {"range": [0, 5]},
    "yaxis2": {"title": {"text": "score", "font": {"size": 9}}, "tickfont": {"size": 8}},
    "annotations": [{"text": "few", "font": {"size": 11}}, {"text": "more"}],
}


def test_all_writing_is_strong() -> None:
    given = copy.deepcopy(LAYOUT)
    shown = plot(TRACES, given).layout
    written = [shown.font, shown.xaxis.tickfont, shown.xaxis.title.font, shown.yaxis2.tickfont, shown.yaxis2.title.font]
    assert {font.color for font in (*written, *(note.font for note in shown.annotations))} == {WRITING}
    assert (shown.xaxis.range, shown.yaxis2.title.text) == ((0, 5), "score")
    assert (shown.yaxis2.title.font.size, shown.yaxis2.tickfont.size, shown.annotations[0].font.size) == (9, 8, 11)
    assert given == LAYOUT


@pytest.mark.parametrize(("spoken", "marks"), [("en", ".,"), ("es-ES", ",.")])
def test_numbers_are_written_as_in_the_language(spoken: str, marks: str) -> None:
    with language.speaking(spoken):
        assert plot(TRACES, {}).layout.separators == marks


def test_an_upright_line_crosses_the_whole_chart() -> None:
    line = plot(TRACES, {"shapes": [upright(2.5, "dot")]}).layout.shapes[0]
    assert (line.x0, line.x1, line.y0, line.y1, line.yref, line.line.dash) == (2.5, 2.5, 0, 1, "y domain", "dot")


def test_what_a_chart_cannot_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="dsah"):
        plot(TRACES, {"shapes": [upright(1, "dot") | {"line": {"dsah": "dot"}}]})
