"""Charts: no point without its range, nothing hidden drawn, text of the survey never markup."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, strategies as st

from trustsurvey.present import balance, charts, theme, trends
from trustsurvey.present.theme import safe

EVIL = '<a href="http://example.org">x</a><img src=x onerror=alert(1)><b>bold</b>'


def rows(levels: list[str], **changes: Any) -> pd.DataFrame:
    """Estimates by level: 40, 50, 60, ... each with 4 points either side."""
    est = 40.0 + 10 * np.arange(len(levels))
    table = pd.DataFrame(
        {"level": levels, "wave": levels, "est": est, "lci": est - 4, "uci": est + 4, "n": 100.0, "n_eff": 80.0,
         "at_least": np.nan, "suppressed": ""}
    )  # fmt: skip
    return table.assign(**changes)


def hide(table: pd.DataFrame, *levels: str) -> pd.DataFrame:
    """The table with these levels withheld, as the gate leaves them."""
    table = table.copy()
    out = table["level"].isin(levels)
    table.loc[out, ["est", "lci", "uci", "n", "n_eff"]] = np.nan
    table.loc[out, "suppressed"] = "too few answers"
    return table


def texts(figure: go.Figure) -> list[str]:
    """Every piece of text that a figure can show."""

    def walk(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        if isinstance(value, dict):
            return [text for entry in value.values() for text in walk(entry)]
        if isinstance(value, list | tuple | np.ndarray):
            return [text for entry in value for text in walk(entry)]
        return []

    return walk(figure.to_dict())


def points(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if "markers" in (trace.mode or "")]


# --- dots ----------------------------------------------------------------------------------------------------


def test_a_dot_has_a_line_for_its_range_on_the_whole_scale() -> None:
    figure = charts.dots(rows(["a", "b", "c"]))
    (dots,) = points(figure)
    assert list(dots.y) == ["c", "b", "a"]  # the first on top
    assert list(dots.x) == [60, 50, 40]
    assert list(dots.error_x.array) == list(dots.error_x.arrayminus) == [4, 4, 4]
    assert tuple(figure.layout.xaxis.range) == (0, 100)


def test_hidden_rows_are_named_and_not_drawn() -> None:
    figure = charts.dots(hide(rows(["a", "b", "c"]), "b"))
    (dots,) = points(figure)
    assert list(dots.y) == ["c", "a"]
    assert [(note.y, note.text) for note in figure.layout.annotations] == [(1, "too few answers")]
    assert list(figure.layout.yaxis.categoryarray) == ["c", "b", "a"]


def test_a_chart_of_hidden_rows_alone_is_still_a_chart() -> None:
    figure = charts.dots(hide(rows(["a"]), "a"))
    assert [len(dots.x) for dots in points(figure)] == [0]
    assert charts.dots(rows([])).layout.height > 0


def test_the_number_is_written_beside_its_dot() -> None:
    figure = charts.dots(rows(["a"], est=54.5, lci=52.0, uci=57.0))
    assert " 55" in texts(figure)
    assert "55, likely between 52 and 57" in texts(figure)


def test_the_number_gives_way_to_the_line_of_everyone() -> None:
    numbers = charts.dots(rows(["a", "b", "c"]), reference=56.0).data[1]  # from below: 60, 50, 40
    assert list(numbers.textposition) == ["middle right", "middle left", "middle right"]
    assert list(numbers.x) == [64, 46, 44]


def test_everyone_is_a_line_where_known() -> None:
    assert len(charts.dots(rows(["a"]), reference=50.0).layout.shapes) == 1
    for reference in (None, np.nan):
        assert not charts.dots(rows(["a"]), reference=reference).layout.shapes


def test_long_names_take_two_lines_and_leave_room_for_the_ranges() -> None:
    figure = charts.dots(rows(["Transparency and accountability", "<b>x</b> &"]))
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;x&lt;/b&gt; &amp;", "Transparency and<br>accountability"]


def test_names_that_are_numbers_are_names() -> None:
    """ZIP codes are categories, not positions on a scale."""
    assert charts.dots(rows(["64105", "64106"])).layout.yaxis.type == "category"


def test_each_name_stands_at_its_own_dot_also_where_names_are_numbers() -> None:
    """On an axis of categories the browser takes the 1 of a tick for the category "1", and the "1" of a note for 1."""
    figure = charts.dots(hide(rows(["1", "2", "6"]), "1"))
    assert [note.y for note in figure.layout.annotations] == [2]
    assert list(figure.layout.yaxis.tickvals) == list(figure.layout.yaxis.categoryarray) == ["6", "2", "1"]
    assert list(figure.layout.yaxis.ticktext) == ["6", "2", "1"]
    area = rows(["1", "2", "3"]).assign(level="Docks")
    assert list(trends.trend_grid(area, ["1", "2", "3"]).layout.xaxis.tickvals) == ["1", "3"]


def test_a_chart_grows_with_its_rows() -> None:
    heights = [charts.dots(rows([f"a{k}" for k in range(n)])).layout.height for n in (1, 10, 40)]
    assert heights[0] < heights[1] < heights[2]


# --- the numbers behind -----------------------------------------------------------------------------------------


def test_the_table_behind_a_chart_hides_what_the_chart_hides() -> None:
    table = charts.table(hide(rows(["a", "b"]), "b"))
    assert table.iloc[0].tolist() == ["a", "40", "36", "44", "100", "80"]
    assert table.iloc[1].tolist() == ["b", "too few answers", "", "", "", ""]


def test_a_guarded_number_is_not_shown_but_its_score_is() -> None:
    table = charts.table(rows(["a"], n=np.nan, n_eff=np.nan, at_least=30.0))
    assert table.iloc[0].tolist() == ["a", "40", "36", "44", "30 or more", ""]


# --- text of the survey ---------------------------------------------------------------------------------------------


def drawn(name: str) -> list[go.Figure]:
    """Every chart with this text wherever text of the survey may stand."""
    table = rows([name, "other"]).assign(variable=name, category=name, before=0.5, target=0.5, after=0.5)
    return [
        charts.dots(table),
        trends.trend(table, [name, "other"], ("other",)),
        trends.trend_grid(table.assign(wave=["Q1", "Q2"]), ["Q1", "Q2"]),
        trends.trend_grid(table.assign(level="East"), [name, "other"]),
        balance.margins(table),
    ]


def test_markup_in_names_is_text() -> None:
    for figure in drawn(EVIL):
        told = [text for text in texts(figure) if "href" in text or "img" in text or "bold" in text]
        assert told
        for text in told:
            assert not re.search(r"<(?!/?extra>|br>)", text), text


@given(st.text(max_size=120))
def test_no_name_becomes_a_tag(name: str) -> None:
    shown = safe(name)
    assert "<" not in shown
    assert ">" not in shown
    assert html.unescape(shown) == (name if len(name) <= 60 else name[:59] + "\u2026") or "&" in name


def test_long_names_are_cut() -> None:
    assert safe("x" * 61) == "x" * 59 + "\u2026"
    assert safe("x" * 60) == "x" * 60
    assert safe(7) == "7"


# --- how it looks -----------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_level_is_carried_by_lightness_alone() -> None:
    """For print and for people who see no colours: every step is clearly darker than the one before."""
    steps = [luminance(colour) for colour in theme.LEVEL]
    assert all(light > 1.2 * dark for light, dark in pairwise(steps))


@pytest.mark.parametrize("page", ["#ffffff", "#14191d"])
def test_marks_stand_out_on_a_light_and_on_a_dark_page(page: str) -> None:
    for colour in (theme.INK, theme.MUTED, theme.CHANGE_DOWN, theme.CHANGE_UP):
        dark, light = sorted((luminance(colour), luminance(page)))
        assert (light + 0.05) / (dark + 0.05) >= 3, colour  # WCAG 2.2, 1.4.11


def test_no_traffic_lights() -> None:
    for colour in (theme.CHANGE_DOWN, theme.CHANGE_UP, theme.CHANGE_NONE):
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        assert not (red > 180 and green < 80 and blue < 80)
        assert not (green > 150 and red < 80 and blue < 80)


def test_figures_can_be_sent_to_a_browser() -> None:
    for figure in drawn("\U0001f600 \u05e9\u05dc\u05d5\u05dd"):
        assert figure.to_json()
