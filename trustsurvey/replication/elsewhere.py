"""Replicate weights in tables: those that came from elsewhere, and those that are taken there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Wave
from trustsurvey.replication.replicates import Kind, Replicates, bring_replicates
from trustsurvey.weighting.residents import KEYS, Beside

#: Columns of a table that are no replicate weights.
OTHERS = (*KEYS, "weight", "base_weight")
#: Weights that differ by more than this, in mean weights, are others.
SAME = 1e-6


def replicates_from_table(
    wave: Wave,
    table: pd.DataFrame,
    kind: Kind,
    *,
    source: str,
    rscales: pd.DataFrame | None = None,
    scale: float | None = None,
    rho: float | None = None,
    factors: bool = False,
    mse: bool = False,
) -> Replicates:
    """Replicate weights from a table with a row for each resident and a column for each replicate.

    Parameters
    ----------
    table : text with headings in lower case: ``respondent`` or ``source_row``, perhaps ``weight`` (the full weights,
        which must then be the wave's present ones) and ``base_weight``; every other column is a replicate.
    kind, scale, rho, mse : as for ``replicates.bring_replicates``; ``factors``: of the weights, not weights.
    rscales : table with the columns ``replicate`` and ``rscale``, a row for each replicate by its heading.

    SurveyError ``residents.*``, ``replicates.*``.
    """
    columns = [str(name) for name in table.columns if name not in OTHERS]
    if len(columns) < 2:
        raise SurveyError("replicates.count", "The table has too few columns of replicate weights", where=source,
                          got=some(table.columns), expected="two or more")  # fmt: skip
    beside = Beside.of(wave, table, source)
    if "weight" in table:
        full = beside.numbers(["weight"])[:, 0]
        apart = np.abs(full - wave.weights).max() / np.abs(wave.weights).mean()
        if apart > SAME:
            raise SurveyError(
                "replicates.weights", "The replicates belong to other weights than those of the wave", where=source,
                got=f"a weight that differs by {apart:.1%} of the mean weight", expected="the wave's present weights",
                hint="Take these weights over first: trustsurvey weigh STUDY --from FILE.",
            )  # fmt: skip
    return bring_replicates(
        wave, beside.numbers(columns), kind, reason=f"from {source}", combined=not factors, scale=scale,
        rscales=None if rscales is None else _rscales(rscales, columns, source), rho=rho, mse=mse,
    )  # fmt: skip


def _rscales(table: pd.DataFrame, columns: list[str], source: str) -> np.ndarray:
    if not {"replicate", "rscale"} <= set(table.columns):
        raise SurveyError("replicates.rscales", "The table of scales lacks a column", where=source,
                          got=some(table.columns), expected="'replicate' and 'rscale'")  # fmt: skip
    told = dict(zip(table["replicate"].astype(str).str.strip().str.lower(), table["rscale"], strict=True))
    values = pd.to_numeric(pd.Series([told.get(name) for name in columns], dtype=object), errors="coerce")
    wrong = np.flatnonzero(~(np.isfinite(values.to_numpy(float)) & (values.to_numpy(float) >= 0)))
    if len(wrong):
        name = columns[wrong[0]]
        raise SurveyError(
            "replicates.rscales", f"The replicate '{name}' has no scale", where=source,
            got=f"'{told[name]}'" if name in told else "no row", expected="a number of 0 or more",
        )  # fmt: skip
    return values.to_numpy(float)


def replicates_table(wave: Wave, replicates: Replicates) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Replicate weights by pseudonym and source row beside the weights, and the scale of each: microdata."""
    names = [f"rep_{k + 1}" for k in range(len(replicates))]
    known = {key: wave.people[key].to_numpy() for key in KEYS if key in wave.people}
    weights = pd.DataFrame(known | {"weight": replicates.full})
    columns = pd.DataFrame(replicates.weights, columns=names)
    return pd.concat([weights, columns], axis=1), pd.DataFrame({"replicate": names, "rscale": replicates.rscales})
