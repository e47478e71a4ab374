"""Drawings for paper: the marks stand where the numbers are, hidden rows say nothing, names are text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from test_present_maps import geojson, rows as area_rows

from trustsurvey.present import svg, theme

EVIL = "<script>alert('x')</script> & \"onload=\""


def estimates(**est: float) -> pd.DataFrame:
    values = np.array(list(est.values()), dtype=float)
    hidden = np.where(np.isnan(values), "too few people", "")
    return pd.DataFrame(
        {
            "level": list(est),
            "wave": list(est),
            "est": values,
            "lci": values - 4,
            "uci": values + 6,
            "suppressed": hidden,
        }
    )


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)


def marks(drawing: str, tag: str) -> list[dict[str, str]]:
    return [element.attrib for element in parsed(drawing).iter(tag)]


def texts(drawing: str) -> list[str]:
    return [element.text or "" for element in parsed(drawing).iter("text")]


def test_a_dot_stands_at_its_score_and_its_line_spans_the_range() -> None:
    drawing = svg.dots(estimates(Docks=50.0, Mill=25.0), "level", "Scores.")
    dots = [float(dot["cx"]) for dot in marks(drawing, "circle")]
    middle, quarter = svg.LEFT + (svg.RIGHT - svg.LEFT) / 2, svg.LEFT + (svg.RIGHT - svg.LEFT) / 4
    assert dots == pytest.approx([middle, quarter], abs=0.06)
    ranges = [line for line in marks(drawing, "line") if line["stroke"] == theme.INK]
    point = (svg.RIGHT - svg.LEFT) / 100
    assert [float(line["x2"]) - float(line["x1"]) for line in ranges] == pytest.approx([10 * point] * 2, abs=0.11)
    assert {"Docks", "Mill", "50", "25"} <= set(texts(drawing))


def test_a_hidden_row_is_named_as_such_and_has_no_mark() -> None:
    table = estimates(Docks=50.0, Mill=np.nan)
    table.loc[1, ["lci", "uci"]] = [11.0, 22.0]  # should the gate have forgotten one
    drawing = svg.dots(table, "level", "Scores.")
    assert len(marks(drawing, "circle")) == 1
    assert "too few answers" in texts(drawing)
    assert "11" not in drawing.replace('11"', "")
    assert "Mill: too few answers." in parsed(drawing).attrib["aria-label"]
    read = estimates(Parks=np.nan).assign(suppressed="too few read")
    assert "too few read" in texts(svg.dots(read, "level", "Themes."))


def test_a_screen_reader_hears_the_sentence_and_every_number() -> None:
    for drawing in (
        svg.dots(estimates(Docks=50.4), "level", "Scores."),
        svg.trend(estimates(Docks=50.4), ["Docks"], (), "Scores."),
    ):
        assert parsed(drawing).attrib["role"] == "img"
        assert parsed(drawing).attrib["aria-label"] == "Scores. Docks: 50, likely between 46 and 56."


def test_the_number_stands_clear_of_the_line_of_everyone() -> None:
    before = svg.dots(estimates(a=40.0), "level", "Scores.", reference=47.0)
    behind = svg.dots(estimates(a=40.0), "level", "Scores.", reference=80.0)
    anchors = [
        next(e.attrib["text-anchor"] for e in parsed(d).iter("text") if e.text == "40") for d in (before, behind)
    ]
    assert anchors == ["end", "start"]


def test_shares_are_drawn_to_their_own_end() -> None:
    (dot,) = marks(svg.dots(estimates(speed=25.0), "level", "Themes.", top=50.0), "circle")
    assert float(dot["cx"]) == pytest.approx((svg.LEFT + svg.RIGHT) / 2, abs=0.06)


def test_a_line_stops_where_a_wave_is_missing_and_where_a_series_breaks() -> None:
    table = estimates(w1=50.0, w2=52.0, w3=np.nan, w4=54.0, w5=53.0, w6=60.0, w7=61.0)
    drawing = svg.trend(table, list(table["wave"]), ("w6",), "Trend.")
    lines = [line["points"].split() for line in marks(drawing, "polyline")]
    assert [len(line) for line in lines] == [2, 2, 2]
    assert len(marks(drawing, "circle")) == 6
    assert "not asked in the same way from here" in texts(drawing)
    assert "w3: too few answers." in parsed(drawing).attrib["aria-label"]
    heights = [float(dot["cy"]) for dot in marks(drawing, "circle")]
    known = table["est"].dropna().to_numpy()
    assert list(np.argsort(-np.array(heights))) == list(np.argsort(known))


def test_names_of_many_waves_do_not_run_into_one_another() -> None:
    waves = [f"20{k:02d} Quarter" for k in range(24)]
    table = pd.DataFrame({"wave": waves, "est": 50.0, "lci": 48.0, "uci": 52.0, "suppressed": ""})
    named = [e for e in parsed(svg.trend(table, waves, (), "Trend.")).iter("text") if "Quarter" in (e.text or "")]
    places = [float(e.attrib["x"]) for e in named]
    assert named[-1].text == waves[-1]
    assert min(np.diff(places)) > 60


def test_areas_are_shaded_by_score_and_hidden_ones_hatched() -> None:
    drawing = svg.level_map(geojson(), area_rows(Docks=40.0, Mill=60.0, Hill=np.nan), "Map.")
    fills = {path[0].text: path.attrib["fill"] for path in parsed(drawing).iter("path")}
    assert fills["Docks: 40, likely between 37 and 43"] == theme.LEVEL[0]
    assert fills["Mill: 60, likely between 57 and 63"] == theme.LEVEL[-1]
    assert fills["Hill: too few answers"] == fills["St. John's: too few answers"] == "url(#hidden)"
    assert {"40", "60"} <= set(texts(drawing))
    assert len([t for t in texts(drawing) if re.fullmatch(r"\d+", t)]) == 3  # the two and the low end of the shades


def test_a_number_is_written_on_a_map_only_where_it_has_room() -> None:
    names = {"Wide": (0.0, 0.0), "Far": (200.0, 0.0)}
    drawing = svg.level_map(geojson(names), area_rows(Wide=47.0, Far=53.0), "Map.")
    assert not {"47", "53"} & set(texts(drawing))
    assert "Wide: 47, likely" in drawing


def test_a_map_of_any_detail_fits_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = svg.level_map(geojson(), area_rows(Docks=40.0), "Map.")
    monkeypatch.setattr(svg, "MAP_LETTERS", 10)
    assert len(svg.level_map(geojson(), area_rows(Docks=40.0), "Map.")) <= len(whole)


def test_those_who_answered_beside_the_population() -> None:
    table = pd.DataFrame(
        {
            "category": ["young", "old", "only", "hidden"],
            "base": [0.1, 0.3, 1.0, np.nan],
            "population": [0.25, 0.2, 1.0, np.nan],
        }
    )
    drawing = svg.represented(table, "Who answered.")
    assert parsed(drawing).attrib["aria-label"] == (
        "Who answered. young: 10 % of answers, 25 % of residents. old: 30 % of answers, 20 % of residents."
    )
    assert len(marks(drawing, "circle")) == 2
    assert "hidden" not in drawing
    assert "only" not in drawing


def test_names_are_never_markup() -> None:
    table = estimates(x=50.0).assign(level=EVIL, wave=EVIL, category=EVIL, base=0.1, population=0.2)
    names = {EVIL: (0.0, 0.0), "Mill": (1.0, 0.0)}
    for drawing in (
        svg.dots(table, "level", EVIL),
        svg.trend(table, [EVIL], (EVIL,), EVIL),
        svg.level_map(geojson(names), table, EVIL),
        svg.represented(table, EVIL),
    ):
        assert "<script" not in drawing
        tree = parsed(drawing)
        assert "script" not in {element.tag for element in tree.iter()}
        assert EVIL in tree.attrib["aria-label"]
        assert not any(name.startswith("on") for element in tree.iter() for name in element.attrib)
