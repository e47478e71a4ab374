"""What pages of results show first: the number of everyone, while all that is said of a wave is worked out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import STUDY, put, small_wave
from test_pages import app, words

from trustsurvey.errors import SurveyError
from trustsurvey.store import Store
from trustsurvey.ui import cache, pieces


@pytest.fixture
def town(own_home: Path) -> Iterator[Store]:
    """A store with the small study and one wave of it."""
    opened = Store.open()
    opened.create_study(STUDY)
    put(opened, small_wave(n=200))
    yield opened
    opened.close()


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What every score says that a page draws: title, number, of whom."""
    drawn: list[tuple[str, str, str]] = []
    draw = pieces.score

    def score(title: str, meaning: str, told: dict[str, str], of: str = "") -> Any:
        drawn.append((title, told["number"], of))
        return draw(title, meaning, told, of)

    monkeypatch.setattr(pieces, "score", score)
    return drawn


def test_the_number_of_everyone_comes_first_and_once(town: Store, scores: list[tuple[str, str, str]]) -> None:
    test = app("trust")
    assert not test.exception
    (title, number, whom), (again, same, nobody) = scores
    assert (title, number, whom, nobody) == (again, same, "Everyone", "")
    assert number.isdigit()
    # What stood there meanwhile is gone, and is not shown again where the picture is known.
    assert [metric.value for metric in test.metric].count(number) == 1
    assert "**Everyone**" not in words(test)
    test.run()
    assert len(scores) == 2
    assert [metric.value for metric in test.metric].count(number) == 1


def test_a_correction_is_worked_out_anew(town: Store, scores: list[tuple[str, str, str]]) -> None:
    app("trust")
    put(town, small_wave(n=200, seed=2), "d2")
    app("trust")
    assert [of for *_, of in scores] == ["Everyone", "", "Everyone", ""]


def test_what_cannot_be_worked_out_leaves_a_refusal_alone(
    town: Store, scores: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise SurveyError("picture.broken", "This cannot be shown")

    monkeypatch.setattr(cache, "study_picture", refuse)
    test = app("trust")
    assert not test.exception
    assert "This cannot be shown" in words(test)
    assert [of for *_, of in scores] == ["Everyone"]
    assert not test.metric
