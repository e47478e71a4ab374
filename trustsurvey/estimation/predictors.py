"""Predictors of a regression: numbers as they are, categories as dummies against a reference."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import Floats, Ints, Wave

INTERCEPT = "(intercept)"


@dataclass(frozen=True)
class Predictor:
    """A variable of the model. ``levels``: its categories, the reference first; none for a number."""

    name: str
    levels: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns in the model matrix."""
        return tuple(f"{self.name}={level}" for level in self.levels[1:]) if self.levels else (self.name,)

    def matrix(self, values: np.ndarray) -> Floats:
        """Its columns (n, c) for numbers, or for codes of the levels."""
        if not self.levels:
            return np.asarray(values, dtype=float)[:, None]
        return (np.asarray(values)[:, None] == np.arange(1, len(self.levels))).astype(float)

    def coded(self, values: pd.Series) -> np.ndarray:
        """Codes of the levels, or numbers, from a column of labels or numbers.

        SurveyError ``regress.level`` for a label that the model has not seen.
        """
        if not self.levels:
            return values.to_numpy(float)
        codes = pd.Index(self.levels).get_indexer(pd.Index(values.astype(str)))
        if (codes < 0).any():
            raise SurveyError(
                "regress.level", f"The model knows no {self.name} '{values[codes < 0].iloc[0]}'",
                expected=some(self.levels, 8),
            )  # fmt: skip
        return codes


@dataclass(frozen=True)
class Coding:
    """How rows become a model matrix: an intercept, then each predictor's columns (treatment coding)."""

    predictors: tuple[Predictor, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return (INTERCEPT, *(column for predictor in self.predictors for column in predictor.columns))

    def matrix(self, values: Sequence[np.ndarray], n: int) -> Floats:
        """The model matrix (n, columns) of codes or numbers, one array a predictor."""
        blocks = [p.matrix(v) for p, v in zip(self.predictors, values, strict=True)]
        return np.column_stack([np.ones(n), *blocks])

    def predictor(self, name: str) -> Predictor:
        """The predictor of this name; SurveyError ``regress.term`` if there is none."""
        found = [predictor for predictor in self.predictors if predictor.name == name]
        if not found:
            raise SurveyError(
                "regress.term", f"The model has no '{name}'", expected=some((p.name for p in self.predictors), 12)
            )
        return found[0]

    def columns_of(self, name: str) -> Ints:
        """The places of a predictor's columns."""
        first = 1
        for predictor in self.predictors:
            if predictor.name == name:
                return np.arange(first, first + len(predictor.columns))
            first += len(predictor.columns)
        self.predictor(name)
        raise AssertionError


def variable(
    wave: Wave, name: str | tuple[str, ...], numbers: pd.DataFrame | None
) -> tuple[str, np.ndarray, list[str]]:
    """A variable's name, its values and its levels: codes (-1: no answer) of levels, or numbers without levels.

    Looked for among ``numbers``, the columns of ``wave.people`` (numbers as such; a tuple crosses
    several) and the scores. SurveyError ``regress.variable``, ``regress.infinite``.
    """
    if isinstance(name, str) and numbers is not None and name in numbers.columns:
        return name, _finite(wave, name, numbers[name]), []
    if isinstance(name, tuple) or name in wave.people.columns:
        column = None if isinstance(name, tuple) else wave.people[name]
        if column is not None and pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            return str(name), _finite(wave, str(name), column), []
        domains = Domains.of(wave, [name], everyone=False)
        label = name if isinstance(name, str) else " x ".join(name)
        return label, domains.codes[0], list(domains.level)
    if wave.scores is not None and name in wave.scores.columns:
        return name, _finite(wave, name, wave.scores[name]), []
    raise SurveyError(
        "regress.variable", f"The wave has no variable '{name}'", where=wave.name,
        expected=some([*wave.areas, *wave.groups, *(() if wave.scores is None else wave.scores.columns)], 12),
    )  # fmt: skip


def _finite(wave: Wave, name: str, column: pd.Series) -> Floats:
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if len(values) != len(wave):
        raise SurveyError(
            "estimate.rows", "The numbers have another number of rows than the wave", where=wave.name,
            got=f"{len(values):,}", expected=f"{len(wave):,}",
        )  # fmt: skip
    if np.isinf(values).any():
        raise SurveyError("regress.infinite", f"The variable '{name}' has an infinite value", where=wave.name)
    return values


def coding_of(
    wave: Wave,
    found: Sequence[tuple[str, np.ndarray, list[str]]],
    used: np.ndarray,
    reference: MappingType[str, str],
) -> tuple[Coding, list[np.ndarray]]:
    """The coding of predictors over the residents in ``used`` (a mask), and their codes or numbers.

    Only levels that somebody in ``used`` has are kept; the reference is the first of them, or the named
    one. SurveyError ``regress.reference`` where nobody has it, ``regress.term`` for a name that is no category.
    """
    predictors, values = [], []
    for name, column, levels in found:
        if not levels:
            predictors.append(Predictor(name))
            values.append(column[used])
            continue
        present = [k for k in range(len(levels)) if (column[used] == k).any()]
        named = [levels[k] for k in present]
        if name in reference:
            if reference[name] not in named:
                raise SurveyError(
                    "regress.reference", f"Nobody in the regression has {name} '{reference[name]}'", where=wave.name,
                    expected=some(named, 8),
                )  # fmt: skip
            present.insert(0, present.pop(named.index(reference[name])))
        place = np.full(len(levels), -1)
        place[present] = np.arange(len(present))
        predictors.append(Predictor(name, tuple(levels[k] for k in present)))
        values.append(place[column[used]])
    unknown = set(reference) - {predictor.name for predictor in predictors if predictor.levels}
    if unknown:
        raise SurveyError(
            "regress.term", f"The model has no categories '{min(unknown)}' to take a reference from", where=wave.name
        )
    return Coding(tuple(predictors)), values


def independent(matrix: Floats, tolerance: float = 1e-7) -> Ints:
    """The columns that are no combination of those before them (R's ``lm`` keeps the same ones)."""
    kept = np.arange(matrix.shape[1])
    size = np.sqrt((matrix**2).sum(axis=0))
    while len(kept):
        rest = np.abs(np.diag(np.linalg.qr(matrix[:, kept], mode="r")))
        rest = np.concatenate([rest, np.zeros(len(kept) - len(rest))])
        lost = np.flatnonzero(rest <= tolerance * np.maximum(size[kept], 1e-300))
        if not len(lost):
            break
        # Beyond the first lost column the directions are those of rounding.
        kept = np.delete(kept, lost[0])
    return kept
