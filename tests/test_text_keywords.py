"""Keywords: what they find, where, and that no pattern or text makes them hang."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.model import Code, Codebook
from trustsurvey.text.keywords import Matcher, folded, pattern_of


def matcher(*keywords: str) -> Matcher:
    return Matcher(Codebook("test", (Code("none", "None"), Code("it", "It", keywords=keywords))))


def finds(keyword: str, text: str) -> bool:
    return bool(matcher(keyword).hits([text])[0, 1])


@pytest.mark.parametrize(
    ("keyword", "text", "found"),
    [
        ("patrol", "More PATROL, please", True),
        ("patrol", "patrols", False),
        ("patrol*", "they were patrolling", True),
        ("*street*", "the backstreets", True),
        ("s*w", "so slow!", True),
        ("foot patrol", "a foot-patrol", True),
        ("foot patrol", "foot\n patrol", True),
        ("foot patrol", "foot and patrol", False),
        ("late", "plate", False),
        ("late", "later", False),
        ("late", "(late)", True),
        ("spat", "viel zu spät", True),
        ("SPÄT", "zu spat", True),
        ("улиц*", "по УЛИЦЕ", True),
        ("strasse", "die Straße", True),
        ("24/7", "open 24 7", True),
        ("don't listen", "they don\u2019t listen", True),
        ("a.b", "axb", False),
        ("(", "(", None),
        ("***", "anything", None),
        ("", "anything", None),
    ],
)
def test_what_a_keyword_finds(keyword: str, text: str, found: bool | None) -> None:
    if found is None:
        with pytest.raises(SurveyError) as refused:
            pattern_of(keyword)
        assert refused.value.code == "codebook.keyword"
    else:
        assert finds(keyword, text) is found


def test_spans_lead_back_to_the_letters_that_were_written() -> None:
    text = "Straßen: zu späte Streife, SPÄTE Hilfe"
    spans = matcher("spat*", "streife").spans(text, "it")
    assert [text[start:end] for start, end in spans] == ["späte", "Streife", "SPÄTE"]
    assert matcher("spat*").spans(text, "none") == []
    assert matcher("a").spans("a a a", "it") == [(0, 1), (2, 3), (4, 5)]


def test_every_code_finds_its_own_words() -> None:
    book = Codebook("b", (Code("x", "X", keywords=("cat",)), Code("y", "Y", keywords=("dog*", "cat"))))
    hits = Matcher(book).hits(["a cat", "dogs", "bird", ""]).toarray()
    assert hits.tolist() == [[1, 1], [0, 1], [0, 0], [0, 0]]


def test_a_codebook_without_keywords_finds_nothing() -> None:
    assert Matcher(Codebook("b", (Code("x", "X"),))).hits(["a", "b"]).shape == (2, 1)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=200))
def test_any_keyword_is_matched_or_refused_and_spans_agree_with_hits(keyword: str, text: str) -> None:
    try:
        pattern_of(keyword)
    except SurveyError:
        return
    found = matcher(keyword)
    assert bool(found.hits([text])[0, 1]) == bool(found.spans(text, "it"))


def test_a_pattern_made_to_hang_does_not() -> None:
    began = time.monotonic()
    finds("*a" * 90 + "*", "a" * 20_000 + "b")
    assert time.monotonic() - began < 5


@settings(deadline=None)
@given(st.text(max_size=50))
def test_folding_keeps_the_place_of_every_letter(text: str) -> None:
    plain, places = folded(text)
    assert len(plain) == len(places)
    assert places == sorted(places)
    assert all(place < len(text) for place in places)
