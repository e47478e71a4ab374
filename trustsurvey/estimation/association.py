"""Design-based tests: is one variable independent of another, does a mean differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.linearise import Domains, linear_mean
from trustsurvey.estimation.means import Within, members, numbers_of
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import Floats, Ints, Lonely, Wave

Statistic = Literal["F", "Chisq", "Wald", "adjWald"]
#: An eigenvalue this small beside the largest one is nothing.
SINGULAR = 1e-10
#: A design effect this small is rounding.
NOTHING = 1e-12


@dataclass(frozen=True)
class Independence:
    """A test that two variables are independent.

    ``statistic`` is referred to ``distribution`` ("F" or "chi-squared" with ``df``) and has probability ``p``
    under independence; ``x2`` is Pearson's X2 of the weighted table scaled to ``n`` residents, ``deff`` the
    mean generalised design effect that it is divided by. ``shares``: the weighted table, adding to 1.
    ``left_out``: residents without an answer to one of the two.
    """

    method: str
    statistic: float
    distribution: str
    df: tuple[float, ...]
    p: float
    x2: float
    deff: float
    shares: pd.DataFrame
    n: int
    left_out: int


@dataclass(frozen=True)
class MeanTest:
    """A t test of a mean against a number, or of the difference of two means: ``est`` with its interval."""

    method: str
    est: float
    se: float
    lci: float
    uci: float
    t: float
    df: int
    p: float
    n: int
    left_out: int


def independence(
    wave: Wave,
    rows: str,
    columns: str,
    *,
    statistic: Statistic = "F",
    within: Within = None,
    lonely: Lonely | None = None,
) -> Independence:
    """Test that two variables of ``wave.people`` are independent in the population (or a part of it).

    - "F": Pearson's X2 with the second-order correction of Rao & Scott (1984), referred to F with
      ``d0 = tr(D)^2 / tr(D^2)`` and ``d0 nu`` degrees of freedom; "Chisq": with the first-order correction.
    - "Wald": Koch, Freeman & Freeman's (1975) test of the residuals from independence, F with (r-1)(c-1)
      and nu degrees of freedom; "adjWald": corrected for small nu. Both are liberal with few PSUs.

    nu: PSUs less strata of the design, or of the part named by ``within`` (answered or not, as R has it).
    Levels that nobody has are left out; an empty cell of levels that somebody has stays. R: ``svychisq``;
    its X2 is scaled to the number of all rows, ours to those who answered both (F and p are the same).

    SurveyError ``association.*``: fewer than two levels, no degrees of freedom, or a singular covariance.
    """
    if statistic not in get_args(Statistic):
        raise SurveyError(
            "association.statistic", f"There is no test '{statistic}'", expected=", ".join(get_args(Statistic))
        )
    inside = members(wave, within)
    (row, row_levels), (column, column_levels) = (_levels(wave, name, inside) for name in (rows, columns))
    both = inside & (row >= 0) & (column >= 0)
    # Levels are of those who answered both: a margin of nothing says nothing.
    (row, row_levels), (column, column_levels) = _kept(row, row_levels, both), _kept(column, column_levels, both)
    r, c = len(row_levels), len(column_levels)
    for name, levels in ((rows, row_levels), (columns, column_levels)):
        if len(levels) < 2:
            raise SurveyError(
                "association.levels", f"'{name}' does not vary among those who answered both", where=wave.name,
                got=some(levels) or "no answers", expected="at least two categories",
            )  # fmt: skip
    model = VarianceModel.of(wave, lonely)
    nu = _degrees(wave, model, inside)
    place = np.where(both, row * c + column, -1)
    weight = np.where(both, model.weights, 0.0)
    shares = np.bincount(place[both], weight[both], minlength=r * c).reshape(r, c) / weight.sum()
    n, k = int(both.sum()), (r - 1) * (c - 1)
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    x2 = n * float(((shares - expected) ** 2 / expected).sum())
    totals = model.covariance(_indicators(place, r * c, weight.sum()))
    # Shares are totals over the total: (1{cell} - share) / W, a combination of the indicators.
    centre = np.eye(r * c) - shares.ravel()
    covariance = centre.T @ totals @ centre
    effects = _effects(shares, covariance, n)
    deff = float(effects.trace() / k)
    distribution = "chi-squared" if statistic == "Chisq" else "F"
    method = "Pearson's X2, Rao-Scott correction" if statistic in ("F", "Chisq") else "Wald test of association"
    if statistic in ("F", "Chisq") and deff < NOTHING:
        raise SurveyError(
            "association.certain", "The table has no variance to test with", where=wave.name,
            hint="Either everybody was asked, or one answer tells the other.",
        )  # fmt: skip
    if statistic == "adjWald" and nu < k:
        raise SurveyError(
            "association.df", "The design has too few sampling units for the adjusted Wald test", where=wave.name,
            got=f"{nu} degrees of freedom", expected=f"at least {k}",
        )  # fmt: skip
    df: tuple[float, ...] = (float(k),)
    if statistic == "F":
        d0 = float(effects.trace() ** 2 / (effects @ effects).trace())
        value, df = x2 / float(effects.trace()), (d0, d0 * nu)
    elif statistic == "Chisq":
        value = x2
    else:
        value = _wald(shares, totals) / k
        left = nu if statistic == "Wald" else nu - k + 1
        value, df = value * left / nu, (float(k), float(left))
    p = stats.f.sf(value, *df) if distribution == "F" else stats.chi2.sf(value / deff, k)
    return Independence(
        method, float(value), distribution, df, float(p), x2, deff,
        pd.DataFrame(shares, index=pd.Index(row_levels, name=rows), columns=pd.Index(column_levels, name=columns)),
        n, int(inside.sum()) - n,
    )  # fmt: skip


def _levels(wave: Wave, name: str, inside: np.ndarray) -> tuple[Ints, list[str]]:
    domains = Domains.of(wave, [name], everyone=False)
    return np.where(inside, domains.codes[0], -1), list(domains.level)


def _kept(code: Ints, levels: list[str], inside: np.ndarray) -> tuple[Ints, list[str]]:
    present = np.bincount(code[inside], minlength=len(levels)) > 0
    return np.where(inside, np.cumsum(present)[code] - 1, -1), [x for x, p in zip(levels, present, strict=True) if p]


def _degrees(wave: Wave, model: VarianceModel, inside: np.ndarray) -> int:
    nu = int(model.domain_df(sparse.csr_array(inside[:, None].astype(float)))[0])
    if nu < 1:
        raise SurveyError(
            "association.df", "Too few sampling units for a test", where=wave.name, got=f"{nu} degrees of freedom"
        )
    return nu


def _indicators(place: Ints, cells: int, total: float) -> sparse.csr_array:
    """1{cell} / total for each cell (n, cells), of those who are in the table."""
    inside = np.flatnonzero(place >= 0)
    return sparse.csr_array((np.full(len(inside), 1 / total), (inside, place[inside])), shape=(len(place), cells))


def _effects(shares: Floats, covariance: Floats, n: int) -> Floats:
    """Generalised design effects ``(C' P^-1 C / n)^-1 (C' P^-1 V P^-1 C)`` of the interactions C."""
    r, c = shares.shape
    contrasts = np.kron(_centred(r), _centred(c))
    with np.errstate(divide="ignore"):
        inverse = np.where(shares.ravel() > 0, 1 / shares.ravel(), 0.0)
    scaled = inverse[:, None] * contrasts
    denominator, numerator = contrasts.T @ scaled / n, scaled.T @ covariance @ scaled
    if np.linalg.cond(denominator) > 1 / SINGULAR:
        raise SurveyError(
            "association.empty", "Too many cells of the table are empty for a test",
            got=f"{int((shares == 0).sum())} of {shares.size}", hint="Merge categories.",
        )  # fmt: skip
    return np.linalg.solve(denominator, numerator)


def _centred(levels: int) -> Floats:
    """Dummies (levels, levels - 1) of all categories but the first, each centred."""
    return np.eye(levels)[:, 1:] - 1 / levels


def _wald(shares: Floats, covariance: Floats) -> float:
    """Y'V^-1 Y for the residuals Y of all but the first row and column; ``covariance`` is of totals over W."""
    r, c = shares.shape
    by_row, by_column = shares.sum(axis=1), shares.sum(axis=0)
    # d(N_ij - N_i. N_.j / N) by every cell of the table, N of which the design may leave to chance.
    jacobian = np.eye(r * c) + np.outer(np.outer(by_row, by_column), np.ones(r * c))
    jacobian -= np.kron(np.eye(r), np.outer(by_column, np.ones(c)))
    jacobian -= np.kron(np.outer(by_row, np.ones(r)), np.eye(c))
    used = np.arange(r * c).reshape(r, c)[1:, 1:].ravel()
    residual = (shares - np.outer(by_row, by_column)).ravel()[used]
    variance = (jacobian @ covariance @ jacobian.T)[np.ix_(used, used)]
    size = np.linalg.eigvalsh(variance)
    if size[0] <= SINGULAR * max(size[-1], 1e-300):
        raise SurveyError(
            "association.singular", "The residuals of the table have no covariance matrix to test with",
            hint="Use the F test, or merge categories.",
        )  # fmt: skip
    return float(residual @ np.linalg.solve(variance, residual))


def mean_test(
    wave: Wave, measure: str | pd.Series, null: float = 0.0, *, within: Within = None, lonely: Lonely | None = None
) -> MeanTest:
    """Test that the mean of a measure (a score's name, or numbers) is ``null``; ``est`` is the difference from it.

    t with one degree of freedom less than the design, or the part ``within``, has. R: ``svyttest(y ~ 0)``.
    SurveyError ``association.df``, ``estimate.*``.
    """
    y, inside, model = _measured(wave, measure, within, lonely)
    counted = inside & np.isfinite(y)
    linear = linear_mean(np.where(counted, y, np.nan), model.weights, Domains.of(wave))
    df = _degrees(wave, model, inside) - 1
    return _t_test("Design-based one-sample t test", linear.est[0] - null, linear.values, model, df, counted, inside)


def difference_test(
    wave: Wave,
    measure: str | pd.Series,
    group: str,
    levels: tuple[str, str] | None = None,
    *,
    within: Within = None,
    lonely: Lonely | None = None,
) -> MeanTest:
    """Test that two groups have the same mean; ``est`` is the second group's mean less the first's.

    ``levels`` names them; without it ``group`` must have two. The covariance of the two means counts. t with
    one degree of freedom less than the residents of the two groups have (PSUs less strata).
    R: ``svyttest(y ~ group)``. SurveyError ``association.levels``, ``association.df``, ``estimate.*``.
    """
    y, inside, model = _measured(wave, measure, within, lonely)
    code, names = _levels(wave, group, inside)
    answered = inside & np.isfinite(y) & (code >= 0)
    present = [name for name, n in zip(names, np.bincount(code[answered], minlength=len(names)), strict=True) if n]
    pair = tuple(present) if levels is None else levels
    if len(pair) != 2 or len(set(pair)) != 2 or not set(pair) <= set(present):
        raise SurveyError(
            "association.levels", f"A t test compares two groups of '{group}' with answers", where=wave.name,
            got=some(pair, 8), expected=f"two of {some(present, 8)}", hint="Name two of them as levels.",
        )  # fmt: skip
    asked = np.isin(code, [names.index(name) for name in pair]) & inside
    counted = asked & np.isfinite(y)
    domains = Domains.of(wave, [group], everyone=False)
    linear = linear_mean(np.where(counted, y, np.nan), model.weights, domains)
    first, second = (names.index(name) for name in pair)
    sides = sparse.csc_array(linear.values)
    values = sparse.csr_array(sides[:, [second]] - sides[:, [first]])
    df = _degrees(wave, model, counted) - 1
    est = linear.est[second] - linear.est[first]
    return _t_test("Design-based two-sample t test", est, values, model, df, counted, asked)


def _measured(
    wave: Wave, measure: str | pd.Series, within: Within, lonely: Lonely | None
) -> tuple[Floats, np.ndarray, VarianceModel]:
    numbers = numbers_of(wave, [measure] if isinstance(measure, str) else measure.to_frame())
    return numbers.to_numpy(float)[:, 0], members(wave, within), VarianceModel.of(wave, lonely)


def _t_test(
    method: str,
    est: float,
    values: sparse.csr_array,
    model: VarianceModel,
    df: int,
    counted: np.ndarray,
    inside: np.ndarray,
) -> MeanTest:
    se = float(np.sqrt(model.variance(values)[0])) if counted.sum() > 1 and df > 0 else np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        t = float(np.divide(est, se))
    reach = float(t_quantile(np.array([df]))[0]) * se
    p = float(2 * stats.t.sf(abs(t), max(df, 1))) if np.isfinite(se) else np.nan
    n = int(counted.sum())
    return MeanTest(method, float(est), se, est - reach, est + reach, t, df, p, n, int(inside.sum()) - n)
