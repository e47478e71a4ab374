"""Estimates with their covariances, and any linear combination of them."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.linearise import linear_mean, linear_total
from trustsurvey.estimation.means import Stat, about_wave, domains_of, membership, method_of, numbers_of, rows_of
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import ESTIMATE_COLUMNS, Estimates, Floats, Lonely, Wave

#: A row of a table of estimates: its level, its measure, or (measure, by, level).
Row = str | tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class Joint:
    """Estimates that may be combined: their table, and the linearised values (n, k) that they rest on."""

    estimates: Estimates
    model: VarianceModel
    values: sparse.csr_array

    def covariance(self) -> Floats:
        """Covariances (k, k) of all estimates, in the order of the table (R ``vcov(svyby(covmat = TRUE))``)."""
        return self.model.covariance(self.values)

    def at(self, row: Row) -> int:
        """The place of a row named by its level, its measure, or (measure, by, level).

        SurveyError ``contrast.row`` where the name fits no row, or several.
        """
        table = self.estimates.table
        if isinstance(row, tuple):
            measure, by, level = row
            fits = (table["measure"] == measure) & (table["by"] == by) & (table["level"] == level)
        else:
            fits = (table["level"] == row) & (table["by"] != "")
            if not fits.any():
                fits = (table["measure"] == row) & (table["by"] == "")
        found = np.flatnonzero(fits)
        if len(found) != 1:
            raise SurveyError(
                "contrast.row", f"'{row}' names {len(found)} of the estimates, not one",
                expected=some(zip(table["measure"], table["by"], table["level"], strict=True), 4),
                hint="Name it as (measure, grouping, level).",
            )  # fmt: skip
        return int(found[0])

    def contrast(
        self, combinations: MappingType[str, MappingType[Row, float]], *, df: Literal["design", "domains"] = "design"
    ) -> Estimates:
        """Linear combinations of the estimates by name: ``{"gap": {"Women": 1, "Men": -1}}``.

        One row a combination, stat "contrast", the name in ``measure``; ``n`` counts the residents of all
        estimates that take part. The variance is that of the combined linearised values, so every
        covariance counts (R ``svycontrast``). ``df``: those of the whole design, as in R, or of the
        PSUs and strata of the residents who take part ("domains"), which are fewer.

        SurveyError ``contrast.row``, or ``contrast.empty`` for a combination without a coefficient.
        """
        table = self.estimates.table
        coefficients = np.zeros((len(table), len(combinations)))
        for column, (name, parts) in enumerate(combinations.items()):
            if not any(parts.values()):
                raise SurveyError("contrast.empty", f"The combination '{name}' has no coefficient other than 0")
            for row, value in parts.items():
                coefficients[self.at(row), column] += value
        values = sparse.csr_array(self.values @ sparse.csr_array(coefficients))
        counted = sparse.csr_array(membership(self.values) @ sparse.csr_array((coefficients != 0).astype(float)))
        counted.data[:] = 1.0
        # An estimate that does not take part may be unknown.
        est = np.array([c[c != 0] @ table["est"].to_numpy(float)[c != 0] for c in coefficients.T])
        se = np.sqrt(self.model.variance(values, self.values))
        unknown = np.array([table["se"].isna().to_numpy()[c != 0].any() for c in coefficients.T], dtype=bool)
        se = np.where(unknown, np.nan, se)
        freedom = self.model.domain_df(counted) if df == "domains" else np.full(len(est), self.model.df)
        reach = t_quantile(freedom) * se
        weights = self.model.weights
        rows = pd.DataFrame(
            {
                "wave": table["wave"].iloc[0],
                "measure": list(combinations),
                "stat": "contrast",
                "by": "",
                "level": "",
                "est": est,
                "se": se,
                "lci": est - reach,
                "uci": est + reach,
                "n": np.asarray(counted.sum(axis=0)).astype(int),
                "n_eff": (counted.T @ weights) ** 2 / (counted.T @ weights**2),
                "deff": np.nan,
                "df": freedom,
                "method": method_of(self.model),
                "suppressed": "",
            }
        )
        return Estimates(rows[list(ESTIMATE_COLUMNS)], self.estimates.about)


def jointly(
    wave: Wave,
    measures: Sequence[str] | pd.DataFrame | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    stat: Stat = "mean",
    everyone: bool = True,
    lonely: Lonely | None = None,
) -> Joint:
    """Estimate as :func:`~trustsurvey.estimation.means.estimate` does, keeping what the covariances need.

    For tens or hundreds of estimates: the covariance of k of them is a k x k matrix.
    """
    numbers = numbers_of(wave, measures)
    domains, model = domains_of(wave, numbers, by, everyone), VarianceModel.of(wave, lonely)
    linearise = linear_total if stat == "total" else linear_mean
    linear = linearise(numbers.to_numpy(float), model.weights, domains)
    table = rows_of(wave, list(numbers.columns), stat, domains, linear, model)
    return Joint(Estimates(table, about_wave(wave)), model, linear.values)
