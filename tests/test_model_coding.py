"""Codes, codebooks: what is refused, and the tree of codes."""

from __future__ import annotations

import pytest

from trustsurvey.errors import SurveyError
from trustsurvey.model import Code, Codebook

BOOK = Codebook(
    "test",
    (Code("visible", "Visibility"), Code("foot", "On foot", "visible"), Code("car", "By car", "visible"),
     Code("night", "At night", "foot"), Code("fair", "Fairness")),
)  # fmt: skip


def test_a_code_stands_for_all_below_it_in_the_order_of_the_book() -> None:
    assert BOOK.under("visible") == ("visible", "foot", "car", "night")
    assert BOOK.under("foot") == ("foot", "night")
    assert BOOK.under("fair") == ("fair",)
    with pytest.raises(KeyError):
        BOOK.under("absent")


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ((Code("a", "A"), Code("a", "B")), "codebook.key"),
        ((Code("", "A"),), "codebook.key"),
        ((Code("a", "A", "b"), Code("b", "B")), "codebook.parent"),
        ((Code("a", "A", "a"),), "codebook.parent"),
    ],
)
def test_keys_are_unique_and_parents_stand_above(codes: tuple[Code, ...], code: str) -> None:
    with pytest.raises(SurveyError) as refused:
        Codebook("test", codes)
    assert refused.value.code == code
