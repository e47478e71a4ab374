"""The share of residents who mention a theme, from machine coding corrected by an audit -> Estimates.

Counting what a classifier found is biased by its errors, and no interval around that count holds.
Here a random sample of the answers, the audit, is coded by people, and the estimate is the
machine's weighted mean plus the audit's weighted mean of (person - machine): design-based
supervised learning (Egami et al. 2023), prediction-powered inference (Angelopoulos et al. 2023), a
difference estimator in two phases (Sarndal, Swensson & Wretman 1992, 9.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.intervals import t_quantile, wilson
from trustsurvey.estimation.linearise import Domains, Linear, linear_mean
from trustsurvey.estimation.means import about_wave, membership
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import ESTIMATE_COLUMNS, Estimates, Floats, Ints, Wave

#: Audited answers that a domain needs before the machine's coding is used there.
ENOUGH_AUDITED = 50
#: With fewer audited answers that mention a code (or do not), their spread tells too little of the variance.
FEW_POSITIVE = 5

How = Literal["supervised", "hand", "naive"]


@dataclass(frozen=True, eq=False)
class Coded:
    """What is known of the answers to an open question, one row a resident of the wave.

    ``codes``: names (k,). ``predicted`` (n, k): probability that the answer mentions each code,
    calibrated, and made without the answer's own label; NaN for residents who wrote nothing.
    ``truth`` (n, k): 1 or 0 as people decided, NaN where nobody audited. ``chance`` (n,): the
    probability with which an answer was drawn for the audit. ``strata`` (n,): the stratum of the
    audit that it was drawn from, -1 for residents who wrote nothing.
    """

    codes: tuple[str, ...]
    predicted: Floats
    truth: Floats
    chance: Floats
    strata: Ints

    def __post_init__(self) -> None:
        n, k = len(self.chance), len(self.codes)
        if self.predicted.shape != (n, k) or self.truth.shape != (n, k) or self.strata.shape != (n,):
            raise SurveyError(
                "prevalence.shape", "The parts of the coding have different sizes",
                got=f"{self.predicted.shape}, {self.truth.shape}, {self.strata.shape}", expected=f"{(n, k)}",
            )  # fmt: skip
        audited, answered = self.audited, np.isfinite(self.predicted).all(axis=1)
        if (audited & ~answered).any() or not np.array_equal(np.isfinite(self.truth).any(axis=1), audited):
            raise SurveyError("prevalence.partly", "An audited answer is not decided for every code")
        known = self.chance[audited]
        if not ((known > 0) & (known <= 1)).all():
            raise SurveyError("prevalence.chance", "An audited answer has no probability of being drawn",
                              expected="above 0, at most 1")  # fmt: skip

    @property
    def audited(self) -> np.ndarray:
        """Mask (n,) of the answers that people decided."""
        return np.asarray(np.isfinite(self.truth).all(axis=1))

    def only_people(self) -> Coded:
        """The same without what the machine said: the hand-coded share is the supervised one of it."""
        return replace(self, predicted=np.where(np.isfinite(self.predicted), 0.0, np.nan))


@dataclass(frozen=True, eq=False)
class Prevalence:
    """Shares by code and domain, and what they rest on.

    ``audit``: one row an estimate, in the same order: measure, by, level, audited, positive (how many
    of the audited mention the code), how ("supervised", "hand" or "naive"), drawn (the part of the
    variance that auditing every answer would take away). ``part``: what the shares were made of, linearised.
    """

    estimates: Estimates
    audit: pd.DataFrame
    part: Part


def prevalence(
    wave: Wave,
    coded: Coded,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    how: How = "supervised",
    enough: int = ENOUGH_AUDITED,
) -> Prevalence:
    """The weighted share of those who answered that mention each code, for everyone and by domain.

    Supervised: with s the prediction, y the person's decision, R the audit and rho its probability,
    ``sum w s / sum w + sum w R/rho (y - s) / sum w R/rho`` in each domain. Domains with fewer than
    ``enough`` audited answers, or none that mentions the code, have the hand-coded share instead. "naive"
    counts the predictions over one half, as if they were the truth; it is there to be compared with, its
    interval does not hold.

    Intervals are Wilson's with the effective n that the two-phase variance leaves; the lower limit is
    0 where no audited answer mentions the code. Shares without two audited answers are NaN.
    """
    domains, model = Domains.of(wave, by), VarianceModel.of(wave)
    part = Part.of(coded, model, domains, how, enough)
    linear, variance, used = part.linear, part.variance, part.how
    counted = linear_mean(coded.truth, model.weights, domains)
    positive = column_sums(coded.truth, domains)
    audited = counted.n
    known = (audited >= 2) | (used == "naive")
    est = np.where(known, np.clip(linear.est, 0.0, 1.0), np.nan)
    df = model.domain_df(membership(linear.values if how == "naive" else counted.values))
    lci, uci = wilson(est, variance, np.where(used == "naive", linear.kish, counted.kish), df)
    lci = np.where(known & (positive == 0) & (used != "naive"), 0.0, lci)
    with np.errstate(invalid="ignore", divide="ignore"):
        several = linear.n / np.maximum(linear.n - 1, 1)
        n_eff = np.where(variance > 0, several * est * (1 - est) / variance, counted.kish)
    names = np.repeat(np.array(coded.codes, dtype=object), len(domains))
    k = len(coded.codes)
    table = pd.DataFrame(
        {
            "wave": wave.name, "measure": names, "stat": "share",
            "by": domains.by * k, "level": domains.level * k,
            "est": est, "se": np.where(known, np.sqrt(variance), np.nan), "lci": lci, "uci": uci,
            "n": linear.n, "n_eff": np.where(known, n_eff, 0.0),
            "deff": np.where(n_eff > 0, linear.n / np.where(n_eff > 0, n_eff, 1.0), np.nan), "df": df,
            "method": [f"two-phase, {name}" if name != "naive" else "classify and count" for name in used],
            "suppressed": "",
        }
    )[list(ESTIMATE_COLUMNS)]  # fmt: skip
    audit = table[["measure", "by", "level"]].assign(
        audited=audited, positive=positive.astype(int), how=used, drawn=part.drawn
    )
    return Prevalence(Estimates(table, about_wave(wave) | {"share_interval": "wilson"}), audit, part)


def audits_needed(found: Prevalence, half_width: float) -> Floats:
    """How many audited answers (k,) each share needs for a 95 % interval of this half-width (0 to 1).

    The variance of the audit falls as ``1/m - 1/n``, the rest stays: infinite where auditing every
    answer would not do, since more interviews are needed then.
    """
    table, audit = found.estimates.table, found.audit
    n, m = table["n"].to_numpy(float), audit["audited"].to_numpy(float)
    variance, drawn = table["se"].to_numpy(float) ** 2, audit["drawn"].to_numpy(float)
    goal = (half_width / t_quantile(table["df"].to_numpy(float))) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        inverse = 1 / n + (goal - (variance - drawn)) / drawn * (1 / m - 1 / n)
        needed = np.where(inverse > 1 / n, np.minimum(np.ceil(1 / inverse - 1e-9), n), np.inf)
    return np.where(variance <= goal, m, needed)


@dataclass(frozen=True, eq=False)
class Part:
    """Linearised shares, codes by domains: variances of both phases, what of them the audit adds, how each was made."""

    linear: Linear
    variance: Floats
    drawn: Floats
    how: np.ndarray

    @classmethod
    def of(
        cls, coded: Coded, model: VarianceModel, domains: Domains, how: How = "supervised", enough: int = ENOUGH_AUDITED
    ) -> Part:
        """The shares as :func:`prevalence` makes them; "hand" where under ``enough`` are audited, or none has it."""
        if how == "naive":
            label = np.where(np.isfinite(coded.predicted), coded.predicted > 0.5, np.nan)
            linear = linear_mean(label, model.weights, domains)
            return cls(linear, model.variance(linear.values), np.zeros(len(linear.est)), _named("naive", linear))
        hand = cls._two_phase(coded.only_people(), model, domains, "hand")
        if how == "hand":
            return hand
        machine = cls._two_phase(coded, model, domains, "supervised")
        # Where nobody found the code, the machine's few doubts say less of how rare it is than the readings do.
        few = linear_mean(coded.truth, model.weights, domains).n < enough
        few |= column_sums(coded.truth, domains) == 0
        values = sparse.csr_array(hand.linear.values @ _diagonal(few) + machine.linear.values @ _diagonal(~few))
        return cls(
            replace(machine.linear, est=np.where(few, hand.linear.est, machine.linear.est), values=values),
            np.where(few, hand.variance, machine.variance),
            np.where(few, hand.drawn, machine.drawn),
            np.where(few, hand.how, machine.how),
        )

    @classmethod
    def _two_phase(cls, coded: Coded, model: VarianceModel, domains: Domains, how: How) -> Part:
        """The machine's mean and the audit's correction, linearised together."""
        audited = coded.audited
        expand = np.where(audited, 1 / np.where(audited, coded.chance, 1.0), 0.0)
        machine = linear_mean(coded.predicted, model.weights, domains)
        correction = linear_mean(coded.truth - coded.predicted, model.weights * expand, domains)
        corrected = sparse.csr_array(_diagonal(expand) @ correction.values)
        linear = replace(machine, est=machine.est + correction.est, values=sparse.csr_array(machine.values + corrected))
        drawn, independent = second_phase(coded, model, corrected)
        found = np.maximum(model.variance(linear.values) + drawn - independent, 0.0)
        expected = model.variance(machine.values) + _expected(coded, model.weights * expand, domains, linear.est)
        positive, negative = column_sums(coded.truth, domains), column_sums(1 - coded.truth, domains)
        few = np.minimum(positive, negative) < FEW_POSITIVE
        return cls(linear, np.where(few, np.maximum(found, expected), found), drawn, _named(how, linear))


def _expected(coded: Coded, weights: Floats, domains: Domains, est: Floats) -> Floats:
    """The variance of the correction where answers mention a code as often as is predicted.

    ``sum v^2 s (1 - s) / (sum v)^2`` over the audited with expanded weights v; without predictions, s is
    the estimated share, which leaves p (1 - p) over Kish's effective n.
    """
    s = np.where(np.isfinite(coded.truth), coded.predicted, np.nan)
    one = np.where(np.isfinite(s), 1.0, np.nan)
    total = column_sums(one * weights[:, None], domains)
    squares = one * weights[:, None] ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        if not np.nan_to_num(coded.predicted).any():
            p = np.clip(est, 0.0, 1.0)
            return p * (1 - p) * column_sums(squares, domains) / total**2
        return column_sums(squares * s * (1 - s), domains) / total**2


def second_phase(coded: Coded, model: VarianceModel, correction: sparse.csr_array) -> tuple[Floats, Floats]:
    """The variance that the audit adds, as it was drawn, and what the first phase's formula takes it for.

    That formula takes each answer to be audited or not on its own, and shrinks what it finds by the
    finite population of the first phase: ``(1 - f) sum (1 - rho) u^2``, with u the expanded weighted
    correction of an audited answer. The audit is drawn without replacement within strata instead:
    ``sum_h (1 - rho) m / (m - 1) sum (u - mean_h)^2``.
    """
    audited = np.flatnonzero(coded.audited)
    stratum = pd.factorize(coded.strata[audited])[0]
    m = np.bincount(stratum).astype(float)
    u = sparse.csr_array(correction[audited] * model.weights[audited][:, None])
    left = 1 - coded.chance[audited]
    independent = ((1 - model.sampled[audited]) * left) @ (u * u)
    within = sparse.csr_array((np.ones(len(audited)), (stratum, np.arange(len(audited)))), shape=(len(m), len(audited)))
    sums, squares = (within @ u).toarray(), (within @ (u * u)).toarray()
    several = np.maximum(m - 1, 1)
    spread = np.where(m > 1, m / several, 1.0)[:, None] * squares - np.where(m > 1, 1 / several, 0.0)[:, None] * sums**2
    return (np.bincount(stratum, left, len(m)) / np.maximum(m, 1)) @ spread, independent


def column_sums(y: Floats, domains: Domains) -> Floats:
    """Unweighted sums (columns,) of y (n, k), NaN left out, in every domain."""
    finite, size = np.isfinite(y), len(domains)
    rows = np.flatnonzero(finite.any(axis=1))  # few, where few were read
    finite, y, within = finite[rows], y[rows], domains.within[rows]
    sums = []
    for known, column in zip(finite.T, y.T, strict=True):
        inside = known[:, None] & (within >= 0)
        sums.append(np.bincount(within[inside], np.broadcast_to(column[:, None], within.shape)[inside], size))
    return np.concatenate(sums)


def _diagonal(entries: np.ndarray) -> sparse.dia_array:
    return sparse.dia_array((entries.astype(float)[None], [0]), shape=(len(entries),) * 2)


def _named(how: How, linear: Linear) -> np.ndarray:
    return np.full(len(linear.est), how, dtype=object)
