"""Replicate weights: made from a wave's design and calibrated anew one by one, or brought from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping as MappingType
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats, Lonely, Wave
from trustsurvey.replication.recalibration import recalibrated
from trustsurvey.replication.resampling import Factors, balanced, bootstrap, jackknife

Method = Literal["bootstrap", "jackknife", "JK1", "JKn", "BRR", "Fay"]
Kind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap", "successive-difference", "JK2", "other"]
#: Numbers (residents x replicates) that are kept at most: 2 GB.
MOST = 250_000_000


@dataclass(frozen=True, eq=False)
class Replicates:
    """Full weights (n,) and replicate weights (n, R), whole weights and not factors.

    The variance of a statistic is ``scale * sum_r rscales_r (theta_r - centre)^2`` with the full-sample
    estimate as centre if ``mse``, else the mean of the replicates whose rscale is above 0 (as R survey's
    ``svrVar``). ``df``: degrees of freedom of the replicates as a whole. ``settings``: how they were made.
    """

    full: Floats
    weights: Floats
    scale: float
    rscales: Floats
    mse: bool
    df: int
    method: str
    settings: MappingType[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or len(self.full) != len(self.weights):
            raise SurveyError("replicates.rows", "The replicate weights have another number of rows than the weights",
                              got=" x ".join(map(str, self.weights.shape)), expected=f"{len(self.full):,} rows",
                              )  # fmt: skip
        if self.weights.shape[1] < 2 or len(self.rscales) != self.weights.shape[1]:
            raise SurveyError("replicates.count", "Too few replicates, or not one rscale for each",
                              got=f"{self.weights.shape[1]} and {len(self.rscales)}", expected="2 or more")  # fmt: skip

    def __len__(self) -> int:
        return self.weights.shape[1]

    @property
    def multipliers(self) -> Floats:
        """Replicate weights over full weights (n, R); NaN where the full weight is 0."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.full[:, None] != 0, self.weights / self.full[:, None], np.nan)

    def _centred(self, values: Floats, estimate: Floats) -> tuple[Floats, Floats]:
        """Deviations (k, R) from the centre and rscales by estimate and replicate, 0 for those without a value."""
        known = np.isfinite(values)
        rscales = np.where(known, self.rscales, 0.0)
        counts = rscales > 0
        if self.mse:
            centre = estimate
        else:
            with np.errstate(invalid="ignore"):
                centre = np.where(counts, values, 0.0).sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
        return np.where(counts, values - centre[:, None], 0.0), rscales

    def variance(self, values: Floats, estimate: Floats) -> Floats:
        """Variances (k,) of estimates (k,) with values (k, R) in the replicates; those that are NaN do not count."""
        apart, rscales = self._centred(values, estimate)
        result = self.scale * (rscales * apart**2).sum(axis=1)
        enough = (rscales > 0).sum(axis=1) > 1
        # Replicates that agree to the last digits agree: a share that all were calibrated to has no variance.
        nothing = np.abs(apart).max(axis=1, initial=0.0) <= 1e-11 * np.abs(estimate)
        return np.where(enough, np.where(nothing, 0.0, result), np.nan)

    def covariance(self, values: Floats, estimate: Floats) -> Floats:
        """Covariances (k, k) of estimates (k,) with values (k, R); replicates in which one is NaN do not count."""
        whole = np.where(np.isfinite(values).all(axis=0), values, np.nan)
        apart, rscales = self._centred(whole, estimate)
        return self.scale * (apart * rscales) @ apart.T

    def apply(self, statistic: Callable[[Floats], Any]) -> tuple[Floats, Floats]:
        """Any statistic of the weights (n,), number or (k,): its estimate (k,) and covariance (k, k)."""
        estimate = np.atleast_1d(np.asarray(statistic(self.full), dtype=float))
        values = [np.atleast_1d(np.asarray(statistic(np.ascontiguousarray(w)), dtype=float)) for w in self.weights.T]
        return estimate, self.covariance(np.stack(values, axis=1), estimate)


def replicate(
    wave: Wave,
    method: Method = "bootstrap",
    *,
    count: int = 500,
    seed: int = 1,
    fpc: bool = True,
    rho: float = 0.3,
    large: Literal["split", "merge"] = "split",
    hadamard: np.ndarray | None = None,
    mse: bool = False,
    lonely: Lonely | None = None,
    recalibrate: bool = True,
    failed: Literal["refuse", "drop"] = "refuse",
) -> Replicates:
    """Replicate weights for a wave, each calibrated anew to the wave's own margins and totals.

    Parameters
    ----------
    method : "bootstrap" (Rao-Wu; ``count`` replicates from ``seed``; ``fpc`` False leaves a finite population
        correction out, as R's "subbootstrap" does), "jackknife" ("JK1" without strata, "JKn" with),
        "BRR", or "Fay" with ``rho``. See :mod:`trustsurvey.replication.resampling`, also for ``large``, ``hadamard``
        and the treatment of ``lonely`` PSUs (the design's own unless named).
    recalibrate : each replicate starts from its own base weights and goes through what the wave's
        weights went through (Rust & Rao 1996; R ``calibrate`` and ``rake`` of a replicate design).
        Trimmed weights keep their trimming as a factor. False: weights are taken as fixed.
    failed : replicates whose weights cannot meet the margins (a category may be empty in one) are
        refused, or dropped: settings["dropped"] counts them.

    Row order and the scale of the weights do not matter: PSUs are drawn in the order of their codes.
    SurveyError ``replicates.*`` or ``design.lonely``.
    """
    design = wave.design if lonely is None else replace(wave.design, lonely=lonely)
    if not len(wave):
        raise SurveyError("replicates.empty", "The wave has no answers", where=wave.name)
    if method not in get_args(Method):
        raise SurveyError("replicates.method", f"There is no replicate method '{method}'",
                          expected=", ".join(get_args(Method)))  # fmt: skip
    count_of = {"bootstrap": count, "BRR": 0, "Fay": 0}.get(method, int(design.psus.max()) + 1)
    if len(wave) * count_of > MOST:
        raise SurveyError(
            "replicates.size", "So many replicates of so many residents do not fit into memory", where=wave.name,
            got=f"{count_of:,} of {len(wave):,}", expected=f"at most {MOST // len(wave):,}",
            hint="Ask for a bootstrap with fewer replicates.",
        )  # fmt: skip
    if method == "bootstrap":
        made = bootstrap(design, count, seed, fpc)
    elif method in ("BRR", "Fay"):
        made = balanced(design, rho if method == "Fay" else 0.0, large, hadamard)
    else:
        made = jackknife(design, "auto" if method == "jackknife" else method)
    weights, kept = recalibrated(wave, design, made.factors, recalibrate)
    return _made(wave, made, weights, kept, mse, recalibrate, failed, seed if method == "bootstrap" else None)


def _made(
    wave: Wave, made: Factors, weights: Floats, kept: np.ndarray, mse: bool, recalibrate: bool, failed: str,
    seed: int | None,
) -> Replicates:  # fmt: skip
    lost = int((~kept).sum())
    if lost and (failed == "refuse" or kept.sum() < 2):
        raise SurveyError(
            "replicates.failed", f"{lost} of {len(kept)} replicates cannot meet the margins", where=wave.name,
            hint="Merge small categories (collapse) when weighting, or choose to drop these replicates.",
        )  # fmt: skip
    scale = made.scale
    if lost:
        weights = weights[:, kept]
        scale = 1 / (int(kept.sum()) - 1) if made.method == "bootstrap" else scale
    settings = {"seed": seed, "recalibrated": recalibrate and wave.weighting is not None, "dropped": lost,
                "note": made.note}  # fmt: skip
    df = min(made.df, weights.shape[1] - 1)
    return Replicates(wave.weights, weights, scale, made.rscales[kept], mse, df, made.method, settings)


def bring_replicates(
    wave: Wave,
    weights: Floats,
    kind: Kind,
    *,
    reason: str,
    combined: bool = True,
    scale: float | None = None,
    rscales: Floats | float | None = None,
    rho: float | None = None,
    mse: bool = False,
) -> Replicates:
    """Replicate weights (n, R) that were made elsewhere, in the order of the wave's rows.

    They belong to the wave's present weights (see ``weigh.bring``). ``combined``: whole weights, else
    factors of those. ``kind`` says what the scale is, as R's ``svrepdesign``: 1 / R (BRR),
    1 / (R (1 - rho)^2) (Fay), 1 / (R - 1) (bootstrap), (R - 1) / R (JK1, all replicates of which must be
    there), 4 / R (successive-difference), 1 (JK2); JKn wants ``rscales``, "other" ``scale`` too.
    ``df`` is the rank of the weights less one. ``reason``: who made them, how; kept in the settings.

    SurveyError ``replicates.rows``, ``.number``, ``.scale``, ``.rho`` or ``.reason``.
    """
    if not reason.strip():
        raise SurveyError("replicates.reason", "Replicate weights from elsewhere need a reason", where=wave.name)
    values = np.ascontiguousarray(weights, dtype=float)
    if values.ndim != 2 or len(values) != len(wave):
        raise SurveyError("replicates.rows", "The replicate weights do not belong to the answers of this wave",
                          where=wave.name, got=" x ".join(map(str, values.shape)), expected=f"{len(wave):,} rows",
                          )  # fmt: skip
    if not np.isfinite(values).all():
        raise SurveyError("replicates.number", "A replicate weight is not a number", where=wave.name)
    values = values if combined else values * wave.weights[:, None]
    r = values.shape[1]
    if kind == "Fay" and rho is None:
        raise SurveyError("replicates.rho", "Fay's replicates need rho", where=wave.name)
    usual = {
        "BRR": 1 / r,
        "Fay": 1 / (r * (1 - (rho or 0.0)) ** 2),
        "bootstrap": 1 / max(r - 1, 1),
        "JK1": (r - 1) / r,
        "JKn": 1.0,
        "successive-difference": 4 / r,
        "JK2": 1.0,
    }.get(kind)
    if kind not in get_args(Kind) or (kind == "JKn" and rscales is None) or (scale is None and usual is None):
        raise SurveyError(
            "replicates.scale", f"The scale of '{kind}' replicates is not known", where=wave.name,
            expected="a kind such as BRR, or scale and rscales", hint="JKn needs rscales, other needs scale.",
        )  # fmt: skip
    each = np.broadcast_to(np.asarray(1.0 if rscales is None else rscales, dtype=float), (r,)).copy()
    df = rank(values) - 1
    chosen = scale if scale is not None else float(usual or 1.0)
    settings = {"reason": reason.strip(), "recalibrated": False, "dropped": 0}
    return Replicates(wave.weights, values, chosen, each, mse, df, f"{kind}, from elsewhere", settings)


def rank(weights: Floats) -> int:
    """Rank of replicate weights (n, R), small columns counting as none (R ``degf``: qr with tolerance 1e-5)."""
    size = np.sqrt((weights**2).sum(axis=0))
    scaled = weights / np.where(size > 0, size, 1.0)
    values = np.linalg.eigvalsh(scaled.T @ scaled if weights.shape[1] <= len(weights) else scaled @ scaled.T)
    return int((values > 1e-10 * values.max(initial=0.0)).sum())
