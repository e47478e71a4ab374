"""A column of text that was taken for ratings is one question, asked at once, however many people wrote something."""

from __future__ import annotations

from typing import Any

import pytest
from files import SMALL, csv_text, read_here

from trustsurvey.harmonise import Harmonised, harmonise, own_words
from trustsurvey.harmonise.problems import accept, decide
from trustsurvey.harmonise.values import reason_of
from trustsurvey.model import ColumnMap, Mapping

RATINGS = ("Agree", "Disagree", "Strongly agree")


def made(cells: list[Any], heading: str = "kind", mapping: Mapping | None = None) -> tuple[Harmonised, Mapping]:
    """What becomes of a file whose column of this heading is taken for the question "kind"."""
    rows = [[k, RATINGS[k % 3], cell] for k, cell in enumerate(cells)]
    raw = read_here(csv_text([["id", "fair", heading], *rows]))
    mapping = mapping or Mapping(
        (ColumnMap("id", "id"), ColumnMap("fair", "item", "fair"), ColumnMap(heading, "item", "kind")),
        platform=raw.platform,
    )
    return harmonise(raw, mapping, SMALL, name="x"), mapping


def comments(count: int) -> list[str]:
    return [f"The street by house {k} is dark, and nobody comes" for k in range(count)]


def test_text_is_asked_about_once_and_not_kept_with_what_was_checked() -> None:
    found, mapping = made([*comments(60), "Agree", "Agree", "", "don't know"])
    (problem,) = found.problems
    assert (problem.code, problem.column, problem.count) == ("map.text", "kind", 63)
    assert "text in people's own words (62 different answers), not ratings" in problem.question
    assert "street" not in repr((problem, found.wave.report))
    assert problem.suggestion == "Do not use this column"
    after = accept(mapping, found.problems)
    again, _ = made([*comments(60), "Agree", "Agree", "", "don't know"], mapping=after)
    assert not again.problems
    assert again.wave.items == ("fair",)


def test_an_open_question_of_the_study_may_be_what_it_answers() -> None:
    found, mapping = made(comments(40), heading="What would you change here?")
    (problem,) = found.problems
    assert problem.suggestion == "It answers the open question \u201cWhat would you change?\u201d"
    after = decide(mapping, problem, problem.suggestion)
    again, _ = made(comments(40), heading="What would you change here?", mapping=after)
    assert not again.problems
    assert list(again.wave.comments["text"]) == comments(40)


def test_a_question_that_another_column_answers_is_not_offered() -> None:
    columns = (ColumnMap("id", "id"), ColumnMap("fair", "text", "why"), ColumnMap("kind", "item", "kind"))
    found, _ = made(comments(40), mapping=Mapping(columns))
    assert [choice.text for choice in found.problems[0].choices] == ["Do not use this column"]


def test_numbers_that_are_no_ratings_are_called_so() -> None:
    found, _ = made([f"{20_000 + 7 * k}" for k in range(50)])
    (problem,) = found.problems
    assert (problem.code, problem.suggestion) == ("map.text", "Do not use this column")
    assert "50 different numbers" in problem.question


@pytest.mark.parametrize(
    "cells",
    [
        [RATINGS[k % 3] for k in range(60)],
        [str(k % 101) for k in range(120)],  # a slider
        [*RATINGS * 30, *comments(30)],
        [f"other {k}" for k in range(20)],
    ],
    ids=["ratings", "a scale to 100", "some remarks among ratings", "few"],
)
def test_ratings_are_asked_about_as_ratings(cells: list[str]) -> None:
    found, _ = made(cells)
    assert "map.text" not in {problem.code for problem in found.problems}


def test_a_column_is_judged_by_its_first_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def counted(*args: Any) -> int:
        nonlocal looked
        looked += 1
        return reason_of(*args)

    monkeypatch.setattr("trustsurvey.harmonise.values.reason_of", counted)
    found, _ = made(comments(5_000))
    assert [problem.code for problem in found.problems] == ["map.text"]
    assert looked <= own_words.FIRST + 10


def test_rows_of_a_value_are_found_for_thousands_of_values() -> None:
    values = read_here("a,b\n" + "".join(f"{k % 700},x\n" for k in range(2_000))).values("a")
    assert [values.where(k).tolist() for k in (0, 699)] == [[0, 700, 1400], [699, 1399]]
    assert sum(len(values.where(k)) for k in range(700)) == 2_000
