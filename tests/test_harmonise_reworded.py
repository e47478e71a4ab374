"""A question that was reworded between two waves, in a column of another name, is proposed and asked about."""

from __future__ import annotations

import pytest
from files import csv_text, read_here

from trustsurvey.harmonise import LastWave, accept, harmonise, propose
from trustsurvey.instruments import parse_instrument
from trustsurvey.model import Mapping

OWN = parse_instrument(
    "scales: {five: {low: 1, high: 5}}\n"
    "items:\n"
    "  police: {text: How would you rate the effectiveness of the local police, scale: five}\n"
    "  parks: {text: How would you rate the beauty of the parks, scale: five}\n"
    "indices: {all: {parts: [police, parks]}}\n"
)
STEM = "How would you rate "
FIRST = [f"{STEM}the effectiveness of the local police", f"{STEM}the beauty of the parks", "Age"]


def file(heads: list[str], cells: str = "") -> str:
    rows = [[cells or 1 + (k + j) % 5 for j in range(len(heads) - 1)] + [20 + k] for k in range(30)]
    return csv_text([heads, *rows])


def last() -> LastWave:
    raw = read_here(file(FIRST))
    mapping, _ = propose(raw, OWN)
    assert {column.target for column in mapping.having("item")} == {"police", "parks"}
    return LastWave("2013", mapping, harmonise(raw, mapping, OWN, name="2013").wave.report)


def proposed(heads: list[str], before: LastWave, cells: str = "") -> tuple[dict[str, str], Mapping]:
    mapping, guesses = propose(read_here(file(heads, cells)), OWN, (), before.mapping, {}, before.report)
    unsure = {guess.column.column for guess in guesses if not guess.sure}
    return {c.target: c.column for c in mapping.having("item") if c.column in unsure}, mapping


def test_it_is_proposed_asked_about_and_breaks_its_series() -> None:
    before = last()
    heads = [f"{STEM}your trust in the local police", f"{STEM}the beauty of the parks", f"{STEM}the streets", "Age"]
    found, mapping = proposed(heads, before)
    assert found == {"police": heads[0]}
    raw = read_here(file(heads))
    asked = harmonise(raw, mapping, OWN, name="2015", last=before)
    (problem,) = asked.problems
    assert (problem.code, problem.suggestion) == ("map.wording", "The same question in other words")
    assert "your trust in the local police" in problem.question
    after = harmonise(raw, accept(mapping, asked.problems), OWN, name="2015", last=before)
    assert not after.problems
    told = [notice.text for notice in after.wave.report.notices if notice.code == "wording.since"]
    assert "show a break" in told[0]
    assert "your trust in the local police" in told[0]


@pytest.mark.parametrize(
    "heads",
    [
        [f"{STEM}the fire brigade", f"{STEM}the beauty of the parks", "Age"],
        [f"{STEM}the local police at night", f"{STEM}the local police by day", f"{STEM}the beauty of the parks", "Age"],
    ],
    ids=["another question", "two that are as near"],
)
def test_what_does_not_stand_out_is_left_to_be_mapped(heads: list[str]) -> None:
    assert proposed(heads, last())[0] == {}


def test_answers_that_do_not_fit_the_scale_are_no_such_question() -> None:
    heads = [f"{STEM}your trust in the local police", f"{STEM}the streets", "Age"]
    assert "police" not in proposed(heads, last(), cells="Main Street")[0]
