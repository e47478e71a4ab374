"""The numbers behind a statistic, one row a resident, and who counts for them."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from trustsurvey.disclosure.cells import withheld_cells
from trustsurvey.disclosure.sums import Nesting
from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Index, Item, Wave
from trustsurvey.scales.scoring import dont_know, positive
from trustsurvey.tabulate.request import Request
from trustsurvey.weighting.population import TOTALS_AGREE

#: The measure that every resident has once: its total is how many people there are.
PEOPLE = "people"
#: Choices of a question up to which the share of each is told.
MOST_CHOICES = 20


@dataclass(frozen=True, eq=False)
class Numbers:
    """What is estimated: ``frame`` with one row a resident, and ``stat``, what the estimator makes of it.

    ``rests_on``: for each measure of the table that the wave has no score of, the scores that whoever counts for it
    has: none for a column of its own, one where those who have that score count, two for a ratio.
    """

    frame: pd.DataFrame
    stat: Literal["mean", "share", "quantile", "total", "ratio"]
    rests_on: MappingType[str, tuple[str, ...]] = field(default_factory=dict)


def numbers_of(wave: Wave, request: Request) -> Numbers:
    """The numbers that a request asks for; SurveyError ``estimate.measure``, ``table.items``, ``table.population``."""
    if request.stat in ("number", "total"):
        _refuse_shares(wave)
    names = list(request.measures) or _usual(wave, request)
    match request.stat:
        case "positive":
            return Numbers(positive(wave, _scored(wave, names)), "share")
        case "dont-know":
            # Named apart: other people count for it than for the score of the question.
            frame = dont_know(wave)[_items(wave, names, "Don't know is told")].add_prefix("don't know: ")
            return Numbers(frame, "share", dict.fromkeys(frame, ()) if request.pooled else {})
        case "answers":
            items = _items(wave, names, "Answers are told")
            parts = {name: _answers(wave, wave.instrument.item(name)) for name in items}
            rests_on = {str(choice): (name,) for name, part in parts.items() for choice in part}
            return Numbers(pd.concat(parts.values(), axis=1), "share", rests_on)
        case "number":
            items = _items(wave, [name for name in names if name != PEOPLE], "Numbers of people are told")
            frame = positive(wave, items).assign(**{PEOPLE: 1.0})[names]
            return Numbers(frame, "total", {PEOPLE: ()} if PEOPLE in names else {})
        case "ratio":
            frame = _columns(wave, [*names, request.over], (PEOPLE,))
            ratios = {f"{name}/{request.over}": (name, request.over) for name in names}
            return Numbers(frame, "ratio", _unscored(wave, frame) | ratios)
        case "total":
            frame = _columns(wave, names, (PEOPLE,))
            return Numbers(frame, "total", _unscored(wave, frame))
    frame = _columns(wave, names)
    return Numbers(frame, "quantile" if request.stat == "median" else "mean", _unscored(wave, frame))


def _usual(wave: Wave, request: Request) -> list[str]:
    assert wave.scores is not None
    if request.stat == "number":
        return [PEOPLE]
    return [index.key for index in wave.instrument.indices if index.key in wave.scores and index.key != request.over]


def _unscored(wave: Wave, frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    assert wave.scores is not None
    return {str(name): () for name in frame if name not in wave.scores}


def counted(wave: Wave, numbers: Numbers, nesting: Nesting) -> Wave:
    """The wave with the measures of a table among its scores, so that the gate knows who counts for each.

    A ratio is entered as an index that needs both its parts. What the wave's own tables hide stays hidden.
    """
    columns: dict[str, np.ndarray] = {}
    indices = []
    for name, parts in numbers.rests_on.items():
        if not parts:
            columns[name] = numbers.frame[name].to_numpy(float)
        elif len(parts) > 1:
            both = numbers.frame[list(parts)].notna().all(axis=1)
            columns[name] = np.where(both, 1.0, np.nan)
            indices.append(Index(name, name, parts, len(parts)))
    if not columns:
        return wave
    assert wave.scores is not None
    instrument = replace(wave.instrument, indices=(*wave.instrument.indices, *indices))
    secret = wave.withheld | withheld_cells(wave, nesting)
    return replace(wave, scores=wave.scores.assign(**columns), instrument=instrument, withheld=secret)


def _scored(wave: Wave, names: Sequence[str], others: Sequence[str] = ()) -> list[str]:
    """The names; SurveyError ``estimate.measure`` for one that is no score of the wave and none of the others."""
    assert wave.scores is not None
    known = [*wave.scores.columns, *others]
    absent = [name for name in names if name not in known]
    if absent:
        raise SurveyError(
            "estimate.measure", f"The wave has no measure '{absent[0]}'", where=wave.name, expected=some(known, 40)
        )
    return list(names)


def _items(wave: Wave, names: Sequence[str], told: str) -> list[str]:
    items = [name for name in _scored(wave, names) if name in wave.items]
    if len(items) < len(names):
        raise SurveyError(
            "table.items", f"{told} of single questions", where=wave.name,
            got=some([name for name in names if name not in items]), expected=some(wave.items, 40),
        )  # fmt: skip
    return items


def _columns(wave: Wave, names: Sequence[str], others: Sequence[str] = ()) -> pd.DataFrame:
    """Scores, columns of numbers, and 1 for everyone."""
    assert wave.scores is not None
    columns = {}
    for name in _scored(wave, names, [*wave.numbers, *others]):
        if name in wave.scores:
            columns[name] = wave.scores[name].to_numpy(float)
        elif name in wave.numbers:
            columns[name] = wave.people[name].to_numpy(dtype=float, na_value=np.nan)
        else:
            columns[name] = np.ones(len(wave))
    return pd.DataFrame(columns, index=wave.people.index)


def _answers(wave: Wave, item: Item) -> pd.DataFrame:
    """For each choice of a question 1 where it was chosen, 0 elsewhere, NaN where the question was not answered."""
    codes = np.arange(item.scale.low, item.scale.high + 1)
    if len(codes) > MOST_CHOICES:
        raise SurveyError(
            "table.choices", f"The question '{item.id}' has too many choices to tell of each", where=wave.name,
            got=f"{len(codes):,}", expected=f"at most {MOST_CHOICES}", hint="Ask for its mean or median.",
        )  # fmt: skip
    words, given = dict(item.scale.anchors), wave.answers[item.id].to_numpy(float)
    chosen = {f"{item.id}: {words.get(code, f'{code:g}')}": np.where(np.isfinite(given), given == code, np.nan)
              for code in codes.tolist()}  # fmt: skip
    return pd.DataFrame(chosen, index=wave.people.index)


def _refuse_shares(wave: Wave) -> None:
    """Numbers of people follow from weights that add to the population, not to the number of answers."""
    answers = len(wave) / max(1, len(wave.parts))
    if wave.weights.sum() <= answers * (1 + TOTALS_AGREE):
        raise SurveyError(
            "table.population", "The weights do not add up to the population, so no number of people can be told",
            where=wave.name, expected="weights made from numbers of people",
            hint="Give margins as numbers of people and weigh again, or ask for means and shares.",
        )  # fmt: skip
