"""Domains, and the linearised values of means and totals in all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats, Ints, Wave


@dataclass(frozen=True)
class Domains:
    """Groupings of the residents: for each grouping a code a resident (-1: in none) and its names.

    The columns of all groupings stand side by side; ``by`` and ``level`` name each column.
    """

    codes: tuple[Ints, ...]
    by: tuple[str, ...]
    level: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, wave: Wave, by: Sequence[str | tuple[str, ...]] = (), everyone: bool = True) -> Domains:
        """Everyone, then each grouping in turn; a tuple crosses variables ("a x b")."""
        codes: list[Ints] = []
        names: list[str] = []
        levels: list[str] = []
        starts: list[int] = []
        if everyone:
            codes.append(np.zeros(len(wave), dtype=np.int64))
            names.append("")
            levels.append("")
            starts.append(0)
        for grouping in dict.fromkeys(by):
            variables = (grouping,) if isinstance(grouping, str) else tuple(grouping)
            code, labels = _crossed(wave, variables)
            starts.append(len(names))
            codes.append(code)
            names += [" x ".join(variables)] * len(labels)
            levels += labels
        return cls(tuple(codes), tuple(names), tuple(levels), tuple(starts))

    def __len__(self) -> int:
        return len(self.by)

    @cached_property
    def within(self) -> Ints:
        """(n, groupings) the column of each resident in each grouping, -1 for none."""
        return np.stack([np.where(code >= 0, code + start, -1)
                         for code, start in zip(self.codes, self.starts, strict=True)], axis=1)  # fmt: skip

    def entries(self, keep: np.ndarray) -> tuple[Ints, Ints]:
        """The memberships of the residents in ``keep``, a mask (n,): row and column of each, row by row.

        With a mask (n, m) for m measures, whose columns stand side by side, the first result is the
        place in the flat mask.
        """
        within = self.within
        keep = keep if keep.ndim == 2 else keep[:, None]
        inside = np.flatnonzero(keep[:, :, None] & (within >= 0)[:, None, :])  # over (n, m, groupings)
        column = within[:, None, :] + len(self) * np.arange(keep.shape[1])[:, None]
        return inside // within.shape[1], column.ravel()[inside]


def _crossed(wave: Wave, variables: tuple[str, ...]) -> tuple[Ints, list[str]]:
    absent = [variable for variable in variables if variable not in wave.people.columns]
    if absent:
        raise SurveyError(
            "estimate.by",
            f"The wave has no column {some(absent)} to group by",
            where=wave.name,
            expected=some([*wave.areas, *wave.groups], 8),
        )
    parts = [wave.people[variable].astype("category") for variable in variables]
    code = parts[0].cat.codes.to_numpy().astype(np.int64)
    labels = [str(c) for c in parts[0].cat.categories.tolist()]
    for part in parts[1:]:
        size = len(part.cat.categories)
        other = part.cat.codes.to_numpy()
        code = np.where((code >= 0) & (other >= 0), code * size + other, -1)
        labels = [f"{left} x {right}" for left in labels for right in part.cat.categories.tolist()]
    return code, labels


@dataclass(frozen=True)
class Linear:
    """Measures in all domains: estimates, their linearised values, and who counted.

    Columns are measures by domains, the domains of the first measure first. ``values`` (n, columns)
    sum, weighted, to the error of the estimates; ``n``, ``kish`` (effective n of the weights) and
    ``s2`` (weighted element variance, with n - 1) are by column.
    """

    est: Floats
    values: sparse.csr_array
    n: Ints
    kish: Floats
    s2: Floats


def linear_mean(y: Floats, weights: Floats, domains: Domains) -> Linear:
    """Weighted means of y (n, measures), NaN left out, in every domain: z = (y - mean) / sum of weights."""
    sums = _Sums.of(y, weights, domains)
    residual = sums.value - sums.mean[sums.column]
    safe = np.where(sums.total > 0, sums.total, np.nan)
    spread = sums.by_column(sums.weight * residual**2) / safe
    s2 = np.where(sums.n > 1, spread * sums.n / np.maximum(sums.n - 1, 1), np.nan)
    return Linear(sums.mean, sums.matrix(residual / safe[sums.column]), sums.n, sums.kish(), s2)


def linear_total(y: Floats, weights: Floats, domains: Domains) -> Linear:
    """Weighted totals of y (n, measures), NaN left out, in every domain: z = y."""
    sums = _Sums.of(y, weights, domains)
    total = np.nan_to_num(sums.mean) * sums.total
    return Linear(total, sums.matrix(sums.value), sums.n, sums.kish(), np.full(len(sums.n), np.nan))


@dataclass(frozen=True)
class _Sums:
    """Who counts where: one entry a membership, and sums over them by column."""

    shape: tuple[int, int]
    row: Ints
    column: Ints
    value: Floats
    weight: Floats
    n: Ints
    total: Floats
    mean: Floats

    @classmethod
    def of(cls, y: Floats, weights: Floats, domains: Domains) -> _Sums:
        y = y[:, None] if y.ndim == 1 else y
        n, m = y.shape
        place, column = domains.entries(np.isfinite(y))
        row, columns = place // m, m * len(domains)
        value, weight = y.ravel()[place], weights[row]
        total = np.bincount(column, weight, columns).astype(float)
        with np.errstate(invalid="ignore"):
            mean = np.bincount(column, weight * value, columns) / np.where(total > 0, total, np.nan)
        return cls((n, columns), row, column, value, weight, np.bincount(column, minlength=columns), total, mean)

    def by_column(self, entries: Floats) -> Floats:
        return np.bincount(self.column, entries, minlength=self.shape[1]).astype(float)

    def matrix(self, entries: Floats) -> sparse.csr_array:
        ends = np.cumsum(np.bincount(self.row, minlength=self.shape[0]))
        return sparse.csr_array((entries, self.column, np.concatenate([[0], ends])), shape=self.shape)

    def kish(self) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.total**2 / self.by_column(self.weight**2)
