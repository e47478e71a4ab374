"""What the weights of a wave have to add up to: its margins and continuous totals, lined up with its rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping as MappingType
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats, Ints, Margin, Margins, Wave
from trustsurvey.weighting.calibration import Bounds, BoundsOn, Raked, calibrate_raking, check_bounds
from trustsurvey.weighting.categories import EVERYONE, Merged
from trustsurvey.weighting.greg import Columns, Distance, General, calibrate_general, ratio_bounds
from trustsurvey.weighting.population import TOTALS_AGREE, codes_of, common_total, known_codes, people


@dataclass(frozen=True, eq=False)
class Targets:
    """Margins as used with the category ``codes`` (n,) of every resident, totals of ``numbers`` (n, q).

    ``base`` (n,) are the weights to start from, ``merged`` the categories that were put together.
    """

    where: str
    base: Floats
    margins: Margins
    codes: tuple[Ints, ...]
    merged: Merged = field(default_factory=dict)
    numbers: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    totals: MappingType[str, float] = field(default_factory=dict)
    distance: Distance = "raking"
    bounds: Bounds | None = None
    bounds_on: BoundsOn = "mean"

    @classmethod
    def of(
        cls,
        wave: Wave,
        margins: Margins,
        base: Floats,
        *,
        missing: str,
        rescale: bool = False,
        at_least: int | None = None,
        ordered: Collection[str] = (),
        totals: MappingType[str, float] | None = None,
        means: MappingType[str, float] | None = None,
        **how: Any,
    ) -> Targets:
        """Margins, totals and means lined up with a wave; SurveyError ``margins.*`` and ``totals.*``."""
        totals, means = dict(totals or {}), dict(means or {})
        codes: list[Ints] = []
        used: list[Margin] = []
        merged: Merged = {}
        total = 0.0
        if len(margins) or not totals:
            margins = common_total(margins, rescale)
            total = float(margins.margins[0].targets.sum())
            shares = any(abs(total - whole) <= TOTALS_AGREE * whole for whole in (1.0, 100.0))
            if shares and totals:
                raise SurveyError(
                    "totals.shares", f"The total of {some(totals)} needs margins that are numbers of people",
                    where=wave.name, got="shares", hint="Give numbers of people, or the mean instead of the total.",
                )  # fmt: skip
            total = float(len(wave)) if shares else total
        elif means:
            raise SurveyError(
                "totals.size", f"The mean of {some(means)} needs the size of the population", where=wave.name,
                hint="Give a margin or the size.",
            )  # fmt: skip
        for margin in margins:
            code, fitted, together = codes_of(wave, margin, base, missing, at_least, ordered)
            codes.append(code)
            used.append(replace(fitted, targets=fitted.targets * (total / fitted.targets.sum())))
            if together:
                merged[margin.variable] = together
        totals |= {name: value * total for name, value in means.items()}
        return cls(
            wave.name, base, replace(margins, margins=tuple(used)), tuple(codes), merged,
            _numbers(wave, list(totals), base, missing), totals, **how,
        )  # fmt: skip

    @classmethod
    def saved(cls, wave: Wave, margins: Margins, settings: MappingType[str, Any]) -> Targets:
        """The targets of weights made before: ``margins`` as used then, and the settings kept with them.

        SurveyError ``weights.fit`` if the wave's answers no longer fit them.
        """
        base = wave.design.weights if settings.get("start") == "base" else np.ones(len(wave))
        merged: Merged = settings.get("merged") or {}
        totals = {name: float(told["total"]) for name, told in (settings.get("totals") or {}).items()}
        refused = SurveyError(
            "weights.fit", "The saved weights no longer fit the answers", where=wave.name,
            expected=some([*margins.variables, *totals]), hint="Weight the wave again.",
        )  # fmt: skip
        try:
            codes = tuple(known_codes(wave, margin, merged.get(margin.variable, {})) for margin in margins)
            numbers = _numbers(wave, list(totals), base, str(settings.get("missing", "refuse")))
        except SurveyError as error:
            raise refused from error
        if any((code < 0).any() for code in codes):
            raise refused
        bounds = settings.get("bounds")
        return cls(
            wave.name, base, margins, codes, merged, numbers, totals,
            "linear" if str(settings.get("method", "")).startswith("linear") else "raking",
            None if bounds is None else (float(bounds[0]), float(bounds[1])),
            settings.get("bounds_on", "mean"),
        )  # fmt: skip

    @property
    def sizes(self) -> list[int]:
        """Categories of each margin."""
        return [len(margin.targets) for margin in self.margins]

    @property
    def names(self) -> list[str]:
        """What each constraint is called in a refusal."""
        categories = [f"{m.variable} '{category}'" for m in self.margins for category in m.targets.index]
        return [*categories, *(f"the total of {name}" for name in self.totals)]

    @cached_property
    def _centre(self) -> Floats:
        """(2, q): what numbers have taken off, and are divided by, to be constraints.

        The same constraints in other words, since a margin holds the number of people: the mean is
        taken off, so that numbers far from zero (a year of birth) lose no digits.
        """
        values = np.array(list(self.totals.values()))
        if not len(values):
            return np.zeros((2, 0))
        mean = values / self.margins.margins[0].targets.sum() if len(self.margins) else np.zeros(len(values))
        spread = np.sqrt(self.base @ (self.numbers - mean) ** 2 / self.base.sum())
        return np.stack([mean, np.where(spread > 0, spread, 1.0)])

    @cached_property
    def columns(self) -> Columns:
        """The constraints: category dummies, then the centred numbers."""
        n = len(self.base)
        offsets = np.cumsum([0, *self.sizes])
        category = (np.stack([code + first for code, first in zip(self.codes, offsets[:-1], strict=True)], axis=1)
                    if self.codes else np.zeros((n, 0), dtype=np.int64))  # fmt: skip
        numbers = (self.numbers - self._centre[0]) / self._centre[1] if self.totals else np.zeros((n, 0))
        return Columns(category, numbers, int(offsets[-1]))

    def constraints(self) -> sparse.csr_array:
        """The (n, p) matrix that the variance of calibrated estimates needs."""
        return self.columns.matrix()

    def general(self) -> General:
        """The equations on residents, which hold numbers as well as categories."""
        centre = self._centre
        numbers = np.array(list(self.totals.values()))
        counts = [m.targets.to_numpy(float) for m in self.margins]
        total = counts[0].sum() if counts else 0.0
        wanted = np.concatenate([*counts, (numbers - centre[0] * total) / centre[1]]) if len(numbers) else (
            np.concatenate(counts))  # fmt: skip
        size = np.concatenate([*counts, np.full(len(numbers), total) if counts else np.abs(wanted)])
        low, high = ratio_bounds(self.bounds, self.bounds_on, self.base, total or float(len(self.base)))
        return General(self.columns, wanted, self.base, np.where(size > 0, size, 1.0), self.distance, low, high)

    def solve(self) -> Raked:
        """The weights; SurveyError ``rake.*`` and ``calibrate.*`` where there are none."""
        if self.distance == "raking" and not self.totals:
            return calibrate_raking(
                list(self.codes), list(self.margins), self.base, self.bounds, self.where, self.bounds_on
            )
        check_bounds(self.bounds, self.where)
        limit = "" if self.bounds is None else (
            f" with weights between {self.bounds[0]:g} and {self.bounds[1]:g} times the "
            f"{'mean' if self.bounds_on == 'mean' else 'base weight'}")  # fmt: skip
        return calibrate_general(self.general(), self.names, self.where, limit)

    def totals_told(self, weights: Floats) -> dict[str, dict[str, float]]:
        """Each total with what the base weights and these weights come to."""
        before, after = self.base @ self.numbers, weights @ self.numbers
        return {
            name: {"total": float(total), "before": float(before[j]), "after": float(after[j])}
            for j, (name, total) in enumerate(self.totals.items())
        }


def everyone(size: float) -> Margins:
    """The margin that holds nothing but the number of people."""
    return Margins((Margin(EVERYONE, pd.Series({"everyone": float(size)})),))


def _numbers(wave: Wave, names: list[str], base: Floats, missing: str) -> Floats:
    """Numeric columns (n, q) of the wave's people, answers or scores, in this order of preference.

    Residents without a number are refused, or, where ``missing`` is "keep", take the mean at the
    base weights of those who have one, so that they pull the weights neither way.
    """
    result = np.empty((len(wave), len(names)))
    for j, name in enumerate(names):
        frames = [frame for frame in (wave.people, wave.answers, wave.scores) if frame is not None]
        frame = next((frame for frame in frames if name in frame.columns), None)
        if frame is None or not pd.api.types.is_numeric_dtype(frame[name]):
            raise SurveyError(
                "totals.variable", f"The wave has no column of numbers '{name}'", where=wave.name,
                got="a column of categories" if frame is not None else "",
                expected="a numeric column of people, answers or scores",
            )  # fmt: skip
        values = frame[name].to_numpy(dtype=float, na_value=np.nan)
        unknown = ~np.isfinite(values)
        if unknown.any():
            if missing != "keep" or unknown.all():
                raise SurveyError(
                    "totals.missing", f"{people(int(unknown.sum())).capitalize()} have no number for '{name}'",
                    where=wave.name, expected="a number for everyone",
                    hint="Choose to keep them at the mean of the sample, or leave the total out.",
                )  # fmt: skip
            known = base[~unknown]
            values = np.where(unknown, (known @ values[~unknown]) / known.sum(), values)
        result[:, j] = values
    return result
