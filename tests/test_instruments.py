"""The default questionnaire holds together, and a faulty one is refused with the place named."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from builders import refusal

from trustsurvey.instruments import (
    default_instrument,
    dump_instrument,
    missing_words,
    parse_instrument,
    read_instrument,
)
from trustsurvey.model import Instrument

SOUND = """
name: short
items:
  a: {text: First question, scale: agree5}
  b: {text: Second question, scale: agree5, reverse: true}
  c: {text: Third question, scale: agree5}
  o: {text: Your reasons, scale: text}
indices:
  t: {title: Trust, parts: [a, b, c]}
"""


def parsed(**changes: str) -> Instrument:
    """The sound questionnaire with pieces of its text replaced."""
    text = SOUND
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return parse_instrument(text, "city.yaml")


# --- the default --------------------------------------------------------------------------------


def test_the_trust_index_is_the_mean_of_five_dimensions_four_of_which_are_needed() -> None:
    instrument = default_instrument()
    trust = instrument.index("trust")
    assert instrument.headline == "trust"
    assert trust.parts == ("pj", "dj", "ef", "en", "ta")
    assert trust.at_least == 4
    assert not trust.dimension
    assert instrument.index("respect_listen").parts == ("pj1", "pj2")


def test_dimensions_need_two_thirds_of_their_items() -> None:
    dimensions = [index for index in default_instrument().indices if index.dimension]
    assert [d.key for d in dimensions] == ["pj", "dj", "ef", "en", "ta", "le", "sa", "co", "ct"]
    for dimension in dimensions:
        assert dimension.at_least == math.ceil(2 * len(dimension.parts) / 3)
        assert all(part.startswith(dimension.key) for part in dimension.parts)


def test_every_rated_item_but_the_anchor_belongs_to_one_dimension() -> None:
    instrument = default_instrument()
    parts = [part for index in instrument.indices if index.dimension for part in index.parts]
    assert len(parts) == len(set(parts))
    assert {item.id for item in instrument.rated} - set(parts) == {"tr1"}
    assert [item.id for item in instrument.open] == ["oe1", "oe2"]


def test_reverse_worded_items_are_those_with_an_r() -> None:
    for item in default_instrument().items:
        assert item.reverse == item.id.endswith("r")
        assert item.text
        assert item.source


def test_the_short_form_rests_on_core_items_only() -> None:
    instrument = default_instrument()
    short = ["pj1", "pj2", "dj1", "dj3r", "ef2", "en1", "en2", "ta1", "ta2", "le1", "sa1"]
    assert instrument.items_of("trust_short") == tuple(short)
    assert instrument.items_of("pj1") == ("pj1",)
    assert len(instrument.items_of("trust")) == 5 + 4 + 4 + 5 + 4


def test_scales_of_the_library_are_sound() -> None:
    for item in default_instrument().rated:
        scale = item.scale
        assert scale.low < scale.high
        codes = [code for code, _ in scale.anchors]
        assert all(scale.low <= code <= scale.high for code in codes)
        assert all(scale.low <= code <= scale.high for code in scale.positive)
        assert max(scale.positive) == scale.high
        assert len(scale.positive) == (2 if scale.high - scale.low >= 3 else 1)
        words = [word.casefold() for _, word in (*scale.anchors, *scale.synonyms)]
        assert len(words) == len(set(words)), f"{scale.name}: one word stands for two codes"


def test_words_for_no_answer_have_one_reason_each() -> None:
    words = missing_words()
    assert set(words) == {"dont_know", "refused", "not_applicable", "blank"}
    spelled = [word.casefold() for listed in words.values() for word in listed]
    assert len(spelled) == len(set(spelled))
    assert "don't know" in spelled
    anchors = {w.casefold() for i in default_instrument().rated for _, w in i.scale.anchors}
    assert not anchors & set(spelled)


# --- a city's own -------------------------------------------------------------------------------


def test_a_questionnaire_of_ones_own() -> None:
    instrument = parsed()
    assert instrument.name == "short"
    assert instrument.title == "short"
    assert instrument.headline == "t"
    assert instrument.version == "1"
    assert instrument.index("t").at_least == 2
    assert instrument.item("b").reverse
    assert instrument.item("a").scale.positive == (4.0, 5.0)
    assert [item.id for item in instrument.open] == ["o"]
    assert instrument.title_of("t") == "Trust"
    assert instrument.title_of("a") == "First question"
    assert instrument.title_of("elsewhere") == "elsewhere"
    assert instrument.has_item("a")
    assert not instrument.has_item("t")


def test_a_scale_of_ones_own() -> None:
    own = "scales: {often: {anchors: {1: Never, 2: Sometimes, 3: Often}}}\nname: short"
    scale = parsed(a=("name: short", own), b=("First question, scale: agree5", "One, scale: often"))
    often = scale.item("a").scale
    assert (often.low, often.high, often.positive) == (1.0, 3.0, (3.0,))
    assert often.anchors[1] == (2.0, "Sometimes")


def test_the_top_two_boxes_are_codes_of_the_scale() -> None:
    """Percent positive is the share in the top two boxes, also where codes are 25 apart."""
    own = "scales: {s: {anchors: {0: Bad, 25: Poor, 50: Fair, 75: Good, 100: Best}}}\nname: short"
    scale = parsed(a=("name: short", own), b=("First question, scale: agree5", "One, scale: s")).item("a").scale
    assert scale.positive == (75.0, 100.0)


INDEX = "[a, b, c]"
DEFECTS = {
    "unknown scale": ("scale: text", "scale: agre5", "instrument.unsound", ("'o'", "'agre5'")),
    "item without text": ("text: First question, ", "", "instrument.unsound", ("'a'", "text")),
    "unknown part": (INDEX, "[a, b, z]", "instrument.unsound", ("'t'", "'z'")),
    "no parts": (INDEX, "[]", "instrument.unsound", ("'t'", "parts")),
    "too many asked": (INDEX, "[a, b], at_least: 3", "instrument.unsound", ("'t'", "3 of 2")),
    "none asked": (INDEX, "[a, b], at_least: 0", "instrument.unsound", ("'t'", "0 of 2")),
    "used twice": ("  t: {title", "  a: {parts: [b]}\n  t: {title", "instrument.unsound", ("'a'",)),
    "itself": (INDEX, "[a, t]", "instrument.unsound", ("part of itself",)),
    "headline": ("name: short", "headline: z\nname: short", "instrument.unsound", ("'z'", "'t'")),
    "flat scale": ("name: short", "scales: {s: {low: 5, high: 1}}", "instrument.unsound", ("'s'", "range")),
    "words for codes": (
        "name: short", "scales: {s: {anchors: {low: 1}}}", "instrument.unsound", ("'s'", "no number")
    ),
    "scale is a word": ("name: short", "scales: {s: wide}", "instrument.unsound", ("'s'",)),
    "not yaml": ("name: short", "name: [short", "instrument.yaml", ("line",)),
    # Each of these must be a refusal too ("every defect is a SurveyError naming its place").
    "scales are a list": ("name: short", "scales: [1, 2]", "instrument.unsound", ("scale",)),
    "at_least is a word": (INDEX, "[a, b], at_least: two", "instrument.unsound", ("'t'",)),
    "at_least is empty": (INDEX, "[a, b], at_least: ", "instrument.unsound", ("'t'",)),
    "parts are a number": (INDEX, "4", "instrument.unsound", ("'t'",)),
}  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_refused_by_name(defect: str) -> None:
    old, new, code, words = DEFECTS[defect]
    assert old in SOUND
    with refusal(code, "city.yaml", *words):
        parse_instrument(SOUND.replace(old, new), "city.yaml")


@pytest.mark.parametrize(
    "text", ["", "hello", "[1, 2]", "items: {}", "items: [a]", "items: {a: {text: A, scale: agree5}}"]
)
def test_a_file_without_items_or_indices_is_refused(text: str) -> None:
    with refusal("instrument.unsound", "city.yaml", "no i"):
        parse_instrument(text, "city.yaml")


def test_indices_in_a_circle_are_refused() -> None:
    with refusal("instrument.unsound", "part of itself"):
        parsed(a=("[a, b, c]}", "[a, u]}\n  u: {parts: [b, t]}"))


def test_a_questionnaire_survives_its_own_file() -> None:
    own = parsed(a=("name: short", "scales: {s: {low: 0, high: 3, positive: [3]}}\nname: 'No'"))
    for instrument in (default_instrument(), own):
        assert parse_instrument(dump_instrument(instrument), "again.yaml") == instrument


def test_reading_a_file(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(SOUND.replace("First", "Première"), encoding="utf-8")
    assert read_instrument(path).item("a").text == "Première question"
    with refusal("instrument.unreadable", "gone.yaml", "FileNotFoundError"):
        read_instrument(tmp_path / "gone.yaml")
    path.write_bytes(SOUND.replace("First", "Première").encode("latin-1"))
    with refusal("instrument.unreadable", "own.yaml", "UTF-8"):
        read_instrument(str(path))
