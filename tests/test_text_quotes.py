"""Quotes: who may be quoted, what is typical, what says otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.text.quotes import Quotable, quotes

SLOW = "They come far too late when somebody calls at night"
QUICK = "When we called about the noise they came at once"
OTHER = "There should be more parking spaces near the market square"
TEXTS = [SLOW] * 6 + [SLOW + " and nobody explains why"] * 6 + [QUICK] * 12 + [OTHER] * 10
MENTIONS = np.array([True] * 24 + [False] * 10)


def reason(text: str) -> str:
    return str(Quotable.of([*TEXTS, text]).reasons[-1])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SLOW, ""),
        ("Far too late", "short"),
        (SLOW * 8, "long"),
        ("They come far too late when [person 1] calls at night", ""),
        ("They come far too late when [person 1] calls at [address]", "names taken out"),
        ("They come far too late when Zebedee calls at night", "telling word"),
        ("Zebedee says they come far too late at night", "telling word"),
        ("They come far too late to number 4711 at night", "telling word"),
        ("They come far too late to number 47 at night", ""),
        ("THEY COME FAR TOO LATE WHEN SOMEBODY CALLS AT NIGHT", ""),
    ],
)
def test_who_may_be_quoted(text: str, why: str) -> None:
    assert reason(text) == why


def test_a_name_that_several_people_use_is_no_secret() -> None:
    text = "They come far too late when Harbour Lane is full at night"
    assert reason(text) == "telling word"
    assert Quotable.of([*TEXTS, text, "harbour lane is full", "is the Harbour Lane ever full"]).reasons[-3] == ""


def test_typical_is_near_the_middle_and_contrast_has_another_stance() -> None:
    stance = ["negative"] * 12 + ["positive"] * 12 + [""] * 10
    found = quotes(Quotable.of(TEXTS), MENTIONS, stance=stance, most=2)
    assert all(TEXTS[k].startswith(SLOW) for k in found.typical)
    assert len(found.contrasting) == 1  # the same words are quoted once
    assert TEXTS[found.contrasting[0]] == QUICK
    assert found.quotable == 24


def test_without_stances_contrast_is_what_is_farthest() -> None:
    odd = "The officer at the desk was kind when somebody asked about papers"
    texts = [*TEXTS[:12], odd]
    found = quotes(Quotable.of([*texts, *[OTHER] * 5]), np.array([True] * 13 + [False] * 5), most=1)
    assert texts[found.typical[0]].startswith(SLOW)
    assert found.contrasting == (12,)


def test_nobody_from_a_place_in_which_few_mention_it_is_quoted() -> None:
    domain = ["east"] * 12 + ["west"] * 9 + ["east"] * 13
    found = quotes(Quotable.of(TEXTS), MENTIONS, domain=domain)
    assert {domain[k] for k in (*found.typical, *found.contrasting)} == {"east"}
    few = MENTIONS & (np.arange(34) < 9)
    assert quotes(Quotable.of(TEXTS), few).quotable == 0


def test_the_machine_is_quoted_only_where_it_is_sure() -> None:
    probability = np.where(np.arange(34) < 12, 0.6, 0.9)
    found = quotes(Quotable.of(TEXTS), MENTIONS, probability=probability)
    assert all(k >= 12 for k in (*found.typical, *found.contrasting))


def test_no_text_at_all_and_sizes_that_differ() -> None:
    assert quotes(Quotable.of([]), np.zeros(0, dtype=bool)).typical == ()
    assert quotes(Quotable.of(["..."] * 12), np.ones(12, dtype=bool)).quotable == 0
    with pytest.raises(SurveyError):
        quotes(Quotable.of(TEXTS), MENTIONS[:-1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=10, max_size=25), st.integers(0, 2**20))
def test_whatever_is_chosen_may_be_quoted(texts: list[str], seed: int) -> None:
    texts = [*texts, *TEXTS]
    rng = np.random.default_rng(seed)
    mentions, domain = rng.random(len(texts)) < 0.6, rng.integers(0, 3, len(texts))
    of = Quotable.of(texts)
    found = quotes(of, mentions, domain=domain)
    assert not set(found.typical) & set(found.contrasting)
    for k in (*found.typical, *found.contrasting):
        assert mentions[k]
        assert of.reasons[k] == ""
        assert (mentions & (domain == domain[k])).sum() >= 10
