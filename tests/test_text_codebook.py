"""Codebooks: they come back from YAML and CSV as they went, and unsound ones are refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.model import Code, Codebook
from trustsurvey.text.codebook import (
    codebook_from_csv,
    codebook_from_yaml,
    codebook_to_csv,
    codebook_to_yaml,
    default_codebook,
)
from trustsurvey.text.keywords import Matcher

WORDS = st.text("abc xyzäéß,'\"-:#;\n", min_size=1, max_size=12).map(str.strip).filter(
    lambda text: any(letter.isalnum() for letter in text)
)  # fmt: skip


@st.composite
def books(draw: st.DrawFn) -> Codebook:
    keys = draw(st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), min_size=1, max_size=6, unique=True))
    codes = []
    for position, key in enumerate(keys):
        parent = draw(st.sampled_from(["", *keys[:position]]))
        listed = st.lists(WORDS, max_size=3).map(tuple)
        codes.append(Code(key, draw(WORDS), parent, draw(WORDS), "", draw(WORDS), draw(listed), draw(listed)))
    return Codebook("book", tuple(codes))


@settings(max_examples=60, deadline=None)
@given(books())
def test_yaml_and_csv_give_the_same_book_back(book: Codebook) -> None:
    assert codebook_from_yaml(codebook_to_yaml(book), "book") == book
    assert codebook_from_csv(codebook_to_csv(book), "book") == book


def test_codes_may_be_nested_and_a_title_alone_is_enough() -> None:
    book = codebook_from_yaml(
        "codes:\n  seen:\n    title: Seen\n    keywords: patrol*\n    codes:\n      foot: On foot\n  fair: Fairness\n"
    )
    assert [(c.key, c.title, c.parent) for c in book.codes] == [
        ("seen", "Seen", ""), ("foot", "On foot", "seen"), ("fair", "Fairness", ""),
    ]  # fmt: skip
    assert book.code("seen").keywords == ("patrol*",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "codebook.empty"),
        ("[1, 2]", "codebook.empty"),
        ("codes: {}", "codebook.empty"),
        ("codes: {a: {title: A, words: x}}", "codebook.field"),
        ("codes: {a: [1]}", "codebook.entry"),
        ("codes: {a: {title: A, keywords: ['!!']}}", "codebook.keyword"),
        ("codes: {a: {title: A, parent: b}}", "codebook.parent"),
        ("codes: {a: {title: A, codes: {a: B}}}", "codebook.key"),
        ("codes: {a: {title: A, colour: red}}", "codebook.colour"),
        ("codes: {a: A}\nversion: soon", "codebook.version"),
        ("codes: {a: ", "codebook.yaml"),
    ],
)
def test_an_unsound_book_is_refused(text: str, code: str) -> None:
    with pytest.raises(SurveyError) as refused:
        codebook_from_yaml(text, "mine.yaml")
    assert refused.value.code == code
    assert "mine.yaml" in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "name,title\na,b\n", "key,title\na,A,B\n", "key,title,words\na,A,b\n", 'key,title\na,"A\n']
)
def test_csv_that_is_no_book_is_refused(text: str) -> None:
    with pytest.raises(SurveyError) as refused:
        codebook_from_csv(text, "mine.csv")
    assert refused.value.code == "codebook.csv"


#: Examples of the default codebook that only a reader can place: no word in them is the theme's own.
BEYOND_WORDS = {
    "When an officer does wrong nothing happens to him.",
    "I am afraid that they would hurt my brother.",
}


@pytest.mark.parametrize("code", default_codebook().codes, ids=lambda code: code.key)
def test_every_theme_says_what_belongs_to_it_and_shows_it(code: Code) -> None:
    assert code.definition
    assert code.include
    assert code.exclude
    assert 2 <= len(code.examples) <= 4
    matcher = Matcher(default_codebook())
    missed = [text for text in code.examples if not matcher.spans(text, code.key)]
    assert set(missed) <= BEYOND_WORDS


def test_examples_are_listed_as_beyond_words_only_where_words_fail() -> None:
    book = default_codebook()
    missed = [text for c in book.codes for text in c.examples if not Matcher(book).spans(text, c.key)]
    assert set(missed) == BEYOND_WORDS


def test_no_keyword_of_the_default_book_has_a_star_that_stands_for_nothing() -> None:
    assert not [word for c in default_codebook().codes for word in c.keywords if "*" in word.split()]
