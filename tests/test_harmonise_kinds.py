"""What kind of answers a column holds, with range, words and direction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from trustsurvey.harmonise.kinds import Inferred, infer
from trustsurvey.readers.raw import Column, Values


def column(
    cells: Sequence[object],
    heading: str = "Q",
    labels: dict[str, str] | None = None,
    missing: tuple[str, ...] = (),
    **more: str,
) -> Inferred:
    texts = [str(cell) for cell in cells]
    distinct = tuple(dict.fromkeys(texts))
    values = Values(np.array([distinct.index(text) for text in texts], dtype=np.int32), distinct)
    return infer(Column("q", heading, "A", tuple((labels or {}).items()), missing, **more), values)


@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        ([1, 2, 3, 4, 5], 1, 5),
        ([1, 2, 3, 4], 1, 4),
        ([1, 2, 3, 4, 5, 6, 7], 1, 7),
        (list(range(11)), 0, 10),
        (list(range(1, 11)), 1, 10),
        ([0, 1, 2, 3], 0, 3),
        ([1, 2, 3, 4, 5, 9], 1, 5),
        ([1, 2, 3, 4, 5, 8, 9, 99, -1], 1, 5),
        ([2, 3, 4, 5], 1, 5),
        ([1, 2, 3, 4, 4.5], 1, 4),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], 1, 9),
    ],
)
def test_numbers_that_fill_a_usual_scale(cells: list[float], low: float, high: float) -> None:
    found = column(cells * 20)
    assert (found.kind, found.low, found.high, found.anchors) == ("scale", low, high, ())


@pytest.mark.parametrize(
    "cells",
    [
        [18, 25, 47, 60, 33, 71],
        [1985, 1990, 2001],
        [10, 20, 30, 40],
        [3, 7, 10],
        list(range(1, 40)),
        [0.5, 1.7, 2.9, 3.3],
    ],
)
def test_other_numbers_are_numbers(cells: list[float]) -> None:
    assert column(cells * 20).kind == "number"


def test_a_heading_may_state_the_range() -> None:
    assert column([3, 4, 5] * 20, "From 1 to 5, how much do you like it?") == Inferred("scale", 1, 5)
    assert column([7, 8, 9, 10] * 20, "En una escala del 0 al 10, ¿cuánto confía?") == Inferred("scale", 0, 10)
    assert column([30, 40, 50] * 20, "From 1 to 5, how much?").kind == "number"


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["Strongly agree", "Agree", "Disagree", "Neither"], ["", "Disagree", "Neither", "Agree", "Strongly agree"]),
        (
            ["Very safe", "Fairly safe", "A bit unsafe", "Very unsafe"],
            ["Very unsafe", "A bit unsafe", "Fairly safe", "Very safe"],
        ),
        (["A lot", "Not at all", "Somewhat", "Just a little"], ["Not at all", "Just a little", "Somewhat", "A lot"]),
        (["Excellent", "Poor", "Good", "Fair"], ["Poor", "Fair", "Good", "Excellent"]),
        (["Nunca", "Siempre", "A veces"], ["Nunca", "A veces", "Siempre"]),
        (
            ["Sehr zufrieden", "Eher zufrieden", "Eher unzufrieden", "Weiß nicht"],
            ["", "Eher unzufrieden", "Eher zufrieden", "Sehr zufrieden"],
        ),
    ],
)
def test_words_of_a_scale_from_low_to_high(cells: list[str], labels: list[str]) -> None:
    found = column(cells * 20)
    assert (found.kind, found.low, found.high) == ("scale", 1, len(labels))
    assert [label for _, label in found.anchors] == [label for label in labels if label]
    assert [code for code, _ in found.anchors] == [k + 1 for k, label in enumerate(labels) if label]


def test_codes_before_words_tell_the_scale() -> None:
    found = column(["1 (None at all)", "2", "3", "10 (All my time)", "7"] * 20)
    assert (found.kind, found.low, found.high) == ("scale", 1, 10)
    assert found.anchors == ((1, "none at all"), (10, "all my time"))


FALLING = {"1": "Strongly agree", "2": "Agree", "3": "Disagree", "4": "Strongly disagree", "8": "Refused"}


def test_the_codebook_tells_scale_and_direction() -> None:
    found = column([1, 2, 3, 4, 8] * 20, labels=FALLING)
    assert (found.kind, found.low, found.high, found.falling) == ("scale", 1, 4, True)
    assert found.anchors == ((1, "Strongly disagree"), (2, "Disagree"), (3, "Agree"), (4, "Strongly agree"))
    rising = column(
        [0, 1, 2, 3] * 9, labels={"0": "Never", "1": "Rarely", "2": "Often", "3": "Always", "9": "Don't know"}
    )
    assert (rising.low, rising.high, rising.falling) == (0, 3, False)
    ends = column(list(range(11)), labels={"0": "Not at all", "10": "Completely", "98": "Refused"})
    assert (ends.kind, ends.low, ends.high, ends.anchors) == ("scale", 0, 10, ((0, "Not at all"), (10, "Completely")))
    assert column([1, 2, 3] * 9, labels={"1": "Party A", "2": "Party B", "3": "Party C"}).options == (
        "Party A",
        "Party B",
        "Party C",
    )
    assert column([1, 2] * 9, labels={"1": "Yes", "2": "No"}).anchors == ((0, "No"), (1, "Yes"))
    assert column([1, 2, 3, 4, 5, 9] * 9, labels={"9": "Refused"}).kind == "scale"


@pytest.mark.parametrize(
    "cells", [["Yes", "No"], ["Sí", "No"], ["Oui", "Non"], [0, 1], ["yes", "No", "Yes", "Don't know"]]
)
def test_yes_and_no(cells: list[object]) -> None:
    found = column(cells * 20)
    assert (found.kind, found.low, found.high) == ("yes/no", 0, 1)
    assert found.rated


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["", "Don't know", "N/A"], "empty"),
        (["2026-05-01", "2026-05-02"], "date"),
        (["5/13/2026 9:05", "5/14/2026 10:00"], "date"),
        (["red", "blue", "green"], "choice"),
        (["18-24", "25-34", "35+"], "choice"),
        ([1, 2], "choice"),
        (["call, meet", "call", "meet, stop", "stop", "call, stop"], "multiple"),
        (["call;", "call;meet;", "meet;stop;", "stop;"], "multiple"),
    ],
)
def test_other_kinds(cells: list[object], kind: str) -> None:
    assert column(cells * 20).kind == kind


def test_sentences_are_text_and_a_tick_is_one_of_several() -> None:
    assert column([f"It took them {k} hours to come." for k in range(50)]).kind == "text"
    assert column(["", "Patrol"] * 9, question="Which?", option="Patrol") == Inferred("multiple", options=("Patrol",))
