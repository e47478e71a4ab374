"""A mapping as a file: back and forth without loss, and every slip named."""

from __future__ import annotations

import pytest
from builders import outcome, refusal
from hypothesis import example, given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.mapping_file import TARGETED, mapping_from_yaml, mapping_to_yaml
from trustsurvey.model import ColumnMap, Mapping

WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "No",
        "007",
        "1.50",
        "null",
        "~",
        "yes",
        "a: b",
        "- x",
        "#",
        "'",
        '"',
        "{",
        "two\nlines",
        " x ",
        "=",
        "<<",
        "1_000",
    ]
)
WORDS = st.lists(WORD, max_size=3).map(tuple)
ROLES = ("id", "weight", "stratum", "psu", "fpc", "start", "end", "duration", "mode", "status", "device", "private")
SCALE = st.sampled_from([(), ("1", "7"), ("7", "1"), ("-2", "2"), ("0.5", "10")]) | st.lists(
    WORD, min_size=3, max_size=5, unique=True
).map(tuple)
COLUMN = st.builds(
    lambda role, target, recodes, lists, flip, labels, scale, more: (
        role,
        target * (role in TARGETED),
        tuple(recodes.items()),
        *lists,
        flip,
        tuple(labels.items()),
        scale,
        *more,
    ),
    st.sampled_from([*TARGETED, *ROLES]),
    WORD.filter(bool),
    st.dictionaries(WORD, WORD, max_size=2),
    st.tuples(WORDS, WORDS, WORDS, WORDS),
    st.booleans(),
    st.dictionaries(WORD, WORD, max_size=2),
    SCALE,
    st.tuples(WORDS, WORDS),
)
MAPPING = st.builds(
    lambda columns, *rest: Mapping(tuple(ColumnMap(name, *entry) for name, entry in columns.items()), *rest),
    st.dictionaries(WORD, COLUMN, max_size=3),
    st.sampled_from(["plain", "qualtrics"]),
    st.floats(0, 1),
    st.sampled_from([None, True, False]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "web"]),
)


@settings(max_examples=60)
@given(MAPPING)
@example(Mapping((ColumnMap("a\u2028b", "item", "\x85", dont_know=("\u2029",)),)))
def test_a_mapping_comes_back(mapping: Mapping) -> None:
    text = mapping_to_yaml(mapping)
    assert mapping_from_yaml(text) == mapping
    assert mapping_to_yaml(mapping_from_yaml(text)) == text


def test_columns_that_are_ignored_are_left_out() -> None:
    text = mapping_to_yaml(Mapping((ColumnMap("a", "ignore"), ColumnMap("b", "id"))))
    assert text == "platform: plain\npartial_below: 0.5\ncolumns:\n  b: id\n"


def test_words_in_any_alphabet_stay_readable() -> None:
    assert "Où habitez-vous, 東京?: id" in mapping_to_yaml(Mapping((ColumnMap("Où habitez-vous, 東京?", "id"),)))


def test_a_mapping_file_reads_as_people_write_it() -> None:
    mapping = mapping_from_yaml(
        """
platform: qualtrics
partial_below: 0.25
day_first: yes
keep_tests: false
columns:
  ResponseId: id
  Q1: {item: pj1, values: {1: 5, No: 1, 07: 2}, dont_know: [9, "98"], flip: true}
  Q2: {area: ward, leave_out: Elsewhere}
  Q3: {role: group, target: age}
  Q4: {role: mode, values: {1: web}}
"""
    )
    assert (mapping.platform, mapping.partial_below, mapping.day_first) == ("qualtrics", 0.25, True)
    assert not mapping.keep_tests
    assert mapping.columns == (
        ColumnMap("ResponseId", "id"),
        ColumnMap("Q1", "item", "pj1", (("1", "5"), ("No", "1"), ("07", "2")), dont_know=("9", "98"), flip=True),
        ColumnMap("Q2", "area", "ward", leave_out=("Elsewhere",)),
        ColumnMap("Q3", "group", "age"),
        ColumnMap("Q4", "mode", values=(("1", "web"),)),
    )


def test_scales_and_labels_read_as_people_write_them() -> None:
    mapping = mapping_from_yaml(
        """
mode: phone
columns:
  Q1: {item: pj1, scale: 1 to 7, labels: {1: No, 7: Yes, 8: Refused}}
  Q2: {item: pj2, scale: [Never, '', Always], confirmed: [map.scale]}
  Q3: {item: pj3, scale: [5, 1]}
  Q4: {group: contact, options: ["Called, or wrote", Met]}
"""
    )
    assert mapping.mode == "phone"
    assert mapping.columns == (
        ColumnMap("Q1", "item", "pj1", labels=(("1", "No"), ("7", "Yes"), ("8", "Refused")), scale=("1", "7")),
        ColumnMap("Q2", "item", "pj2", scale=("Never", "", "Always"), confirmed=("map.scale",)),
        ColumnMap("Q3", "item", "pj3", scale=("5", "1")),
        ColumnMap("Q4", "group", "contact", options=("Called, or wrote", "Met")),
    )
    assert "scale: 1 to 7\n" in mapping_to_yaml(mapping)
    assert "scale: 5 to 1\n" in mapping_to_yaml(mapping)


def test_what_is_not_said_is_as_usual() -> None:
    assert mapping_from_yaml("columns: {a: id}") == Mapping((ColumnMap("a", "id"),))


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", "map.columns", "names no columns"),
        ("- a", "map.columns", "names no columns"),
        ("columns: 3", "map.columns", "'columns'"),
        ("columns:", "map.columns", "'columns'"),
        ("a: [", "map.yaml", "q2.yaml, line"),
        ("\0", "map.yaml", "not valid YAML"),
        ("[" * 5_000, "map.yaml", "not valid YAML"),
        ("columns: {a: !!python/name:x}", "map.yaml", "line 1"),
        ("partial_below: !!int abc\ncolumns: {}", "map.yaml", "q2.yaml"),
        ("a: !!timestamp x\ncolumns: {}", "map.yaml", "q2.yaml"),
        ("columns: {? [a] : id}", "map.yaml", "q2.yaml"),
        ("foo: 1\ncolumns: {a: id}", "map.key", "'foo'"),
        ("columns: {a: id}\npartial_below: 2", "map.share", "0 to 1"),
        ("columns: {a: id}\npartial_below: nan", "map.share", "0 to 1"),
        ("columns: {a: id}\npartial_below: [1]", "map.share", "0 to 1"),
        ("columns: {a: idd}", "map.role", "'weight'"),
        ("columns: {a: }", "map.role", "column 'a'"),
        ("columns: {a: [id]}", "map.entry", "column 'a'"),
        ("columns: {a: {}}", "map.entry", "what the column is"),
        ("columns: {a: {role: item}}", "map.entry", "names no item"),
        ("columns: {a: {item: }}", "map.entry", "names no item"),
        ("columns: {a: {item: pj1, area: x}}", "map.entry", "one of item, area"),
        ("columns: {a: {item: pj1, foo: 1}}", "map.key", "'foo'"),
        ("columns: {a: {item: pj1, values: [1]}}", "map.entry", "'values'"),
        ("columns: {a: {item: pj1, labels: x}}", "map.entry", "'labels'"),
        ("columns: {a: {item: pj1, scale: 7}}", "map.scale", "'1 to 7'"),
        ("columns: {a: {item: pj1, scale: 1 to 1}}", "map.scale", "each once"),
        ("columns: {a: {item: pj1, scale: [a, b, a]}}", "map.scale", "each once"),
        ("columns: {a: {item: pj1, scale: ['', a]}}", "map.scale", "low to high"),
    ],
)
def test_every_slip_is_named(text: str, code: str, told: str) -> None:
    with refusal(code, "q2.yaml", told):
        mapping_from_yaml(text, "q2.yaml")


MARKS = ["columns", ":", " ", "\n", "{", "}", "[", "]", "a", "item", "&x", "*x", "!!int", "-", "?", "|", ">"]


@settings(max_examples=150)
@given(st.text(max_size=30) | st.lists(st.sampled_from(MARKS), max_size=16).map("".join))
@example("!!int")
def test_any_text_gives_a_mapping_or_a_refusal(text: str) -> None:
    result = outcome(lambda: mapping_from_yaml(text))
    assert isinstance(result, Mapping) or (isinstance(result, SurveyError) and result.code.startswith("map."))


def test_references_are_refused() -> None:
    """Nested ones grow without bound once they are written out."""
    with refusal("map.alias", "repeats itself by reference"):
        mapping_from_yaml("columns:\n  a: {item: pj1, dont_know: &x [9]}\n  b: {item: pj2, dont_know: *x}\n")
