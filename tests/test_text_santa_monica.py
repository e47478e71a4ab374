"""Reading what 1,837 residents of Santa Monica wrote: figures that anybody can check against the words."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from trustsurvey.text.concordance import collocations, in_context
from trustsurvey.text.discovery import discover
from trustsurvey.text.distinguish import distinguishing
from trustsurvey.text.quotes import Quotable, quotes
from trustsurvey.text.together import together

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def answers(real_data: Path) -> tuple[list[str], list[set[str]]]:
    """The answers, and the categories that one person gave to each."""
    with (real_data / "santamonica" / "open-ended-responses.csv").open(encoding="cp1252", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["Fullstring"] for row in rows], [
        {row[f"Category {k}"].strip() for k in range(1, 9)} - {""} for row in rows
    ]


def test_words_that_set_those_apart_who_write_of_transport(answers: tuple[list[str], list[set[str]]]) -> None:
    texts, codes = answers
    table = distinguishing(texts, ["transport" if "Transport" in of else "other" for of in codes])
    more = table[(table["group"] == "transport") & (table["side"] == "more")]["word"].tolist()
    assert {"traffic", "bike", "cars", "lanes", "parking"} <= set(more[:10])
    assert table["people"].min() >= 10


def test_themes_that_anybody_sees_in_these_answers_are_found_and_steady(
    answers: tuple[list[str], list[set[str]]],
) -> None:
    found = discover(answers[0])
    assert found.steadiness > 0.6
    for words in ({"homeless", "mentally"}, {"affordable", "housing", "rent"}, {"airport", "jets"}):
        theme = next(theme for theme in found.themes if words <= set(theme.words))
        assert theme.badge == "steady"


def test_quotes_of_the_largest_themes(answers: tuple[list[str], list[set[str]]]) -> None:
    texts, codes = answers
    of = Quotable.of(texts)
    for code in ("Transport", "Housing", "Development"):
        found = quotes(of, np.array([code in given for given in codes]))
        assert len(found.typical) == len(found.contrasting) == 3
        assert all(len(texts[at]) <= 400 and texts[at].count("[") <= 1 for at in (*found.typical, *found.contrasting))


def test_pairs_context_and_codes_together(answers: tuple[list[str], list[set[str]]]) -> None:
    texts, codes = answers
    assert "affordable housing" in collocations(texts)["pair"].head(5).tolist()
    assert in_context(texts, "homeless*").texts == sum(bool(re.search(r"(?i)\bhomeless", text)) for text in texts)
    names = ["Development", "City Council", "Transport"]
    labels = np.array([[name in of for name in names] for of in codes], dtype=float)
    row = together(labels, names).iloc[0]
    assert (row["a"], row["b"]) == ("Development", "City Council")
    assert row["both"] == sum({"Development", "City Council"} <= of for of in codes)
