"""The one-factor model by maximum likelihood, in one group or several with parameters held equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from trustsurvey.model import Floats

#: The least share of an item's variance that is left to the item alone (as R ``factanal`` and ``psych``).
LEAST_UNIQUE = 0.005


@dataclass(frozen=True, eq=False)
class FactorFit:
    """A one-factor model fitted by maximum likelihood in G groups of k items.

    ``loadings``, ``intercepts``, ``uniquenesses`` (G, k), ``means`` and ``variances`` of the factor
    (G,), in the units of the items; ``heywood`` (G, k) marks uniquenesses held at their least
    value. ``n`` is the sum of the effective n that chi2 rests on. ``gradient`` (G (3k + 2),) and expected
    ``information`` (square) are those of chi2 / n in standardised units, for score tests.
    """

    loadings: Floats
    intercepts: Floats
    uniquenesses: Floats
    means: Floats
    variances: Floats
    heywood: np.ndarray
    converged: bool
    n: float
    chi2: float
    df: int
    p: float
    cfi: float
    rmsea: float
    srmr: float
    gradient: Floats
    information: Floats


def fit_factor(
    covs: Floats, means: Floats, n: Floats, pattern: Floats, fixed: Floats, with_means: bool = True
) -> FactorFit:
    """Fit x = intercept + loading * factor + unique to G groups by Fisher scoring (Joreskog 1971).

    Parameters
    ----------
    covs, means, n : (G, k, k), (G, k), (G,) moments (divisor n) and effective n of the groups.
    pattern, fixed : the G (3k + 2) parameters are ``pattern @ free + fixed``; a group's are its k
        loadings, k intercepts, k uniquenesses, then mean and variance of the factor.
    with_means : whether the SRMR counts means (where the model restricts them).

    Figures as lavaan's: chi2 = n F; CFI against independence (Bentler 1990); RMSEA (Steiger 1990,
    times sqrt(G)); SRMR (Bentler 1995).
    """
    groups, k = means.shape
    share = n / n.sum()
    unit = np.sqrt(np.einsum("g,gjj->j", share, covs))
    s, m = covs / np.outer(unit, unit), (means - share @ means) / unit
    lower = np.full((groups, 3 * k + 2), -np.inf)
    lower[:, 2 * k : 3 * k] = LEAST_UNIQUE * np.diagonal(s, axis1=1, axis2=2)
    lower[:, -1] = 1e-4
    bound = np.array([(lower.ravel()[rows > 0]).max(initial=-np.inf) for rows in pattern.T])
    start = np.concatenate([np.r_[_start(a), b, np.diag(a) * 0.5, 0.0, 1.0] for a, b in zip(s, m, strict=True)])
    free = np.maximum((pattern.T @ (start - fixed)) / pattern.sum(axis=0), bound)
    value, g, h = _discrepancy(pattern @ free + fixed, s, m, share)
    converged = False
    for _ in range(300):
        slope, curve = pattern.T @ g, pattern.T @ h @ pattern
        move = ~((free <= bound) & (slope > 0))
        step = np.zeros(len(free))
        step[move] = -np.linalg.lstsq(curve[np.ix_(move, move)], slope[move], rcond=1e-12)[0]
        gain = -float(slope @ step)
        if gain < 1e-22:
            converged = True
            break
        # So near the minimum the discrepancy itself is rounding: the step is taken as it is.
        lengths = np.ones(1) if gain < 1e-11 else 0.5 ** np.arange(30)
        for length in lengths:
            trial = np.maximum(free + length * step, bound)
            found = _discrepancy(pattern @ trial + fixed, s, m, share)
            if gain < 1e-11 or found[0] <= value - 1e-4 * length * gain:
                break
        else:
            break
        free, (value, g, h) = trial, found
    full = (pattern @ free + fixed).reshape(groups, -1)
    heywood = full[:, 2 * k : 3 * k] <= lower[:, 2 * k : 3 * k] * (1 + 1e-9)
    sign = np.where(full[:, :k].sum(axis=1) < 0, -1.0, 1.0)
    load, tau, psi = full[:, :k] * sign[:, None], full[:, k : 2 * k], full[:, 2 * k : 3 * k]
    kappa, phi = full[:, -2] * sign, full[:, -1]
    size, df = float(n.sum()), groups * (k * (k + 3) // 2) - pattern.shape[1]
    chi2 = size * max(value, 0.0)
    alone = size * float(share @ (np.log(np.diagonal(s, axis1=1, axis2=2)).sum(axis=1) - np.linalg.slogdet(s)[1]))
    excess, excess_alone = max(chi2 - df, 0.0), max(alone - groups * k * (k - 1) / 2, 0.0)
    return FactorFit(
        load * unit, tau * unit + share @ means, psi * unit**2, kappa, phi, heywood, converged, size,
        chi2=chi2 if df else 0.0,
        df=df,
        p=float(stats.chi2.sf(chi2, df)) if df else float("nan"),
        cfi=1 - excess / max(excess, excess_alone, 1e-300) if df else float("nan"),
        rmsea=float(np.sqrt(excess / (size * df) * groups)) if df else float("nan"),
        srmr=_srmr(s, m, load, tau, psi, kappa, phi, share, with_means) if df else float("nan"),
        gradient=g,
        information=h,
    )  # fmt: skip


def _start(s: Floats) -> Floats:
    """Loadings of the first principal axis, its share of variance shrunk a little."""
    values, vectors = np.linalg.eigh(s)
    first = vectors[:, -1] * np.sqrt(max(values[-1] - values[:-1].mean(), 0.1 * values[-1]))
    return first * (1.0 if first.sum() >= 0 else -1.0)


def _discrepancy(full: Floats, s: Floats, m: Floats, share: Floats) -> tuple[float, Floats, Floats]:
    """-2 log likelihood over n less that of the saturated model, its gradient and expected Hessian."""
    groups, k = m.shape
    p = 3 * k + 2
    value, gradient, hessian = 0.0, np.zeros(groups * p), np.zeros((groups * p, groups * p))
    for g, (load, tau, psi, kappa, phi) in enumerate(_split(full.reshape(groups, p), k)):
        sigma = phi * np.outer(load, load) + np.diag(psi)
        sign, logdet = np.linalg.slogdet(sigma)
        if sign <= 0:
            return np.inf, gradient, hessian
        inverse = np.linalg.inv(sigma)
        d = m[g] - tau - kappa * load
        spread = s[g] + np.outer(d, d)
        w, u = share[g], inverse @ load
        q = float(load @ u)
        value += w * (logdet + (inverse * spread).sum() - np.linalg.slogdet(s[g])[1] - k)
        a, b = w * (inverse - inverse @ spread @ inverse), -2 * w * inverse @ d
        at = slice(g * p, (g + 1) * p)
        gradient[at] = np.r_[2 * phi * a @ load + kappa * b, b, np.diag(a), load @ b, load @ a @ load]
        h = np.zeros((p, p))
        h[:k, :k] = 2 * phi**2 * (np.outer(u, u) + q * inverse)
        h[:k, 2 * k : 3 * k] = 2 * phi * inverse * u
        h[:k, -1] = 2 * phi * q * u
        h[2 * k : 3 * k, 2 * k : 3 * k] = inverse**2
        h[2 * k : 3 * k, -1] = u**2
        h[-1, -1] = q * q
        h = np.triu(h) + np.triu(h, 1).T
        path = np.zeros((k, p))  # d(mean) / d(parameter)
        path[:, :k], path[:, k : 2 * k], path[:, -2] = kappa * np.eye(k), np.eye(k), load
        hessian[at, at] = w * (h + 2 * path.T @ inverse @ path)
    return value, gradient, hessian


def _split(full: Floats, k: int) -> list[tuple[Floats, Floats, Floats, float, float]]:
    return [(f[:k], f[k : 2 * k], f[2 * k : 3 * k], f[-2], f[-1]) for f in full]


def _srmr(
    s: Floats, m: Floats, load: Floats, tau: Floats, psi: Floats, kappa: Floats, phi: Floats, share: Floats, means: bool
) -> float:
    k = m.shape[1]
    sigma = phi[:, None, None] * load[:, :, None] * load[:, None, :] + psi[:, :, None] * np.eye(k)
    spread = np.sqrt(np.diagonal(s, axis1=1, axis2=2))
    off = np.tril((s - sigma) / (spread[:, :, None] * spread[:, None, :]))
    square, count = (off**2).sum(axis=(1, 2)), k * (k + 1) / 2
    if means:
        square, count = square + (((m - tau - kappa[:, None] * load) / spread) ** 2).sum(axis=1), count + k
    return float(share @ np.sqrt(square / count))
