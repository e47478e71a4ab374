"""When two labels or two questions are the same for a reader."""

from __future__ import annotations

import doctest
import unicodedata

import builders  # noqa: F401  sets the same examples on every run
import pytest
from hypothesis import given, strategies as st

from trustsurvey import wording
from trustsurvey.wording import fold, same_wording, segments


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Don\u2019t know", "don't  KNOW."),
        ("Café", "cafe"),
        ("  Very\u00a0safe ", "very safe"),
        ('"Agree"', "agree"),
        ("STRASSE", "straße"),
        ("ﬁne", "fine"),
        ("Agree\n", "agree"),
        ("Not sure?!", "not sure"),
    ],
)
def test_the_same_label_however_it_is_written(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("18-24", "25-34"), ("65+", "65"), ("<18", ">18"), ("agree", "disagree"), ("1.5", "15")]
)
def test_different_labels_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once_but_for_what_normal_forms_hide(text: str) -> None:
    once = fold(text)
    assert "  " not in once
    assert once == once.strip()
    if text.isascii():
        assert fold(once) == once


@given(st.text(max_size=20))
def test_plain_letters_take_no_shortcut(text: str) -> None:
    """Labels in plain ASCII are folded quickly, and to the same as by the long way."""
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2018", "'"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    assert fold(text) == " ".join(plain.casefold().split()).strip(" .!?:;,\"'")


def test_the_example_in_the_text_holds() -> None:
    assert doctest.testmod(wording).failed == 0


def test_questions_are_the_same_but_for_marks_and_markup() -> None:
    assert same_wording("Officers <b>here</b> are kind.", "officers here are   kind")
    assert same_wording("Officers_here: are kind!", "Officers here are kind")
    assert not same_wording("Officers here are kind.", "Officers here are not kind.")
    assert not same_wording("Officers are kind.", "Police officers are kind.")


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Officers are kind.", ["Officers are kind."]),
        ("How much? - Officers are kind.", ["How much? - Officers are kind.", "Officers are kind."]),
        ("Q1 - How much? \u2013 Kind", ["Q1 - How much? \u2013 Kind", "How much? - Kind", "Kind"]),
        ("How much? [Officers are kind.]", ["How much? [Officers are kind.]", "Officers are kind."]),
        ("How much?: - Kind", ["How much?: - Kind", "Kind"]),
        ("well-known 18-24", ["well-known 18-24"]),
        ("  ", []),
    ],
)
def test_the_parts_of_a_heading(heading: str, expected: list[str]) -> None:
    assert segments(heading) == expected
