"""Where the sentences of a text are."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from trustsurvey.text.language import sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hi. It is 3.5 miles, no? Yes.", ["Hi.", "It is 3.5 miles, no?", "Yes."]),
        ('He said "stop." Then he went.', ['He said "stop."', "Then he went."]),
        ("no mark at all", ["no mark at all"]),
        (
            "Well\u2026 maybe. \u4f60\u597d\u3002\u518d\u89c1",
            ["Well\u2026", "maybe.", "\u4f60\u597d\u3002", "\u518d\u89c1"],
        ),
        ("  ", []),
    ],
)
def test_sentences_end_at_their_marks(text: str, parts: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == parts


@given(st.text(max_size=200))
def test_sentences_lie_in_order_within_the_text(text: str) -> None:
    last = 0
    for start, end in sentences(text):
        assert last <= start < end <= len(text)
        assert text[start:end].strip()
        last = end
