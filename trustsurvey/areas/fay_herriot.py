"""The area-level model of Fay and Herriot: direct estimates, covariates, and what each lends the other.

    y_i = x_i'b + v_i + e_i,   v_i ~ N(0, sigma2),   e_i ~ N(0, psi_i),  psi_i known

Two answers from one likelihood: the empirical best predictor with sigma2 estimated by restricted
maximum likelihood (:func:`fay_herriot`, what R's ``sae::mseFH`` gives), and the posterior with sigma2
integrated out (:func:`posterior`), which keeps its uncertainty where there are few areas or the
estimate of sigma2 is zero. Nothing larger than areas x grid points is formed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats

#: A covariate of which less than this share is new, given those before it, is a mixture of them.
COLLINEAR = 1e-9
#: Areas with an estimate that must be left after the coefficients are taken.
SPARE = 5
#: Points at which the likelihood is looked at before the climb, so that the higher of two maxima is found.
LOOKS = 32
#: Points of the quadrature over sigma; 200 move nothing by more than 1e-6 standard deviations.
NODES = 40
#: Posterior density below exp(-REACH) of its maximum is left out.
REACH = 34.0


@dataclass(frozen=True, eq=False)
class FayHerriot:
    """An area-level model fitted by restricted maximum likelihood; m areas, p covariates.

    ``eblup``, ``mse``, ``gamma`` (the share of the direct estimate) and ``synthetic`` (x'b) have an
    entry an area, those without an estimate included: there gamma is 0 and the predictor synthetic.
    ``mse`` is g1 + g2 + 2 g3 (Prasad & Rao 1990; Datta & Lahiri 2000 for REML). ``boundary`` says
    that the likelihood is highest at sigma2 = 0, where the predictor is synthetic everywhere and
    ``mse`` known to mislead. ``loglik`` is the full, not the restricted, one (as in R sae).
    """

    y: Floats
    X: Floats
    psi: Floats
    sigma2: float
    se_sigma2: float
    beta: Floats
    cov_beta: Floats
    gamma: Floats
    synthetic: Floats
    eblup: Floats
    mse: Floats
    loglik: float
    restricted: float
    iterations: int

    @property
    def boundary(self) -> bool:
        """Whether sigma2 is estimated as zero."""
        return self.sigma2 == 0.0

    @property
    def se_beta(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.cov_beta))


class _Likelihood:
    """The restricted likelihood of sigma2, from the moments of an orthonormal basis of the covariates.

    Weighted sums of products of that basis and of the residuals of y on it are all that it needs,
    so that one value of sigma2 or many cost a product of matrices, whatever the units of the covariates.
    """

    def __init__(self, y: Floats, X: Floats, psi: Floats) -> None:
        self.seen = np.isfinite(psi)
        self.y, self.psi = y[self.seen], psi[self.seen]
        X = X[self.seen]
        self.U, self.R = np.linalg.qr(X)
        new = np.abs(self.R.diagonal())
        if (new <= COLLINEAR * np.sqrt((X * X).sum(axis=0))).any():
            raise SurveyError(
                "model.collinear", f"Covariate {int(new.argmin()) + 1} follows from those before it",
                hint="Leave one of them out.",
            )  # fmt: skip
        self.m, self.p = self.U.shape
        self.start = self.U.T @ self.y
        self.residual = self.y - self.U @ self.start
        #: Where sigma2 is small or large, in the unit of the variances.
        self.scale = self.m / float((1.0 / self.psi).sum())
        both = np.concatenate((self.U, self.residual[:, None]), axis=1)
        self.pairs = (both[:, :, None] * both[:, None, :]).reshape(self.m, -1)

    def at(self, sigma2: float) -> tuple[float, float, float]:
        """Score, its slope and the expected information at one sigma2."""
        p = self.p
        w = 1.0 / (self.psi + sigma2)
        powers = np.empty((3, self.m))
        powers[0] = w
        np.multiply(w, w, out=powers[1])
        np.multiply(powers[1], w, out=powers[2])
        one, two, three = (powers @ self.pairs).reshape(3, p + 1, p + 1)
        inverse = np.linalg.inv(one[:p, :p])
        c = np.ones(p + 1)
        c[:p] = -inverse @ one[:p, p]
        hat = inverse @ two[:p, :p]
        left = two[:p] @ c
        information = 0.5 * float(w @ w - 2 * np.vdot(inverse, three[:p, :p]) + np.vdot(hat, hat.T))
        score = 0.5 * float(c @ two @ c - w.sum() + hat.trace())
        slope = information - float(c @ three @ c - left @ inverse @ left)
        return score, slope, information

    def along(self, sigma2: Floats) -> tuple[Floats, Floats, Floats]:
        """Restricted log-likelihood (G,), coefficients (G, p) and their covariance (G, p, p) in the basis."""
        p = self.p
        w = 1.0 / (self.psi + sigma2[:, None])
        crossed = (w @ self.pairs).reshape(-1, p + 1, p + 1)
        inverse = np.linalg.inv(crossed[:, :p, :p])
        b = (inverse @ crossed[:, :p, p:])[:, :, 0]
        fit = crossed[:, p, p] - (b * crossed[:, :p, p]).sum(axis=1)
        value = 0.5 * (np.log(w).sum(axis=1) - np.log(np.linalg.det(crossed[:, :p, :p])) - fit)
        return value, self.start + b, inverse


def fay_herriot(y: ArrayLike, X: ArrayLike, psi: ArrayLike) -> FayHerriot:
    """Fit the model by REML and predict every area (Fay & Herriot 1979).

    Parameters
    ----------
    y : direct estimates (m,), in the unit of the result; NaN for an area without one.
    X : covariates (m, p), the constant among them; known for every area.
    psi : sampling variances (m,), above 0; infinite (or NaN) for an area without an estimate.

    The restricted likelihood is looked at from 0 to ten times the variance of the residuals, then
    climbed from its highest point by Newton steps kept between two points that enclose the maximum, down to rounding;
    R sae 1.3 stops at a relative change of 1e-4 unless told otherwise. SurveyError ``model.*`` for
    unsound numbers, covariates that repeat one another, or too few areas.
    """
    y, X, psi = _checked(y, X, psi)
    like = _Likelihood(y, X, psi)
    sigma2, information, steps = _maximum(like)
    value, b, inverse = like.along(np.array([sigma2]))
    back = np.linalg.inv(like.R)
    beta, cov = back @ b[0], back @ inverse[0] @ back.T
    w = 1.0 / (sigma2 + psi)
    gamma = sigma2 * w
    rest = 1.0 - gamma
    synthetic = X @ beta
    V = X @ back
    g2 = rest**2 * ((V @ inverse[0]) * V).sum(axis=1)
    g3 = rest**2 * w * 2.0 / (w @ w)
    seen = like.seen
    residual = np.where(seen, y - synthetic, 0.0)
    spread = -np.log(w[seen]).sum() + (residual**2 * w)[seen].sum()
    return FayHerriot(
        y=y, X=X, psi=psi, sigma2=sigma2, se_sigma2=information**-0.5, beta=beta, cov_beta=cov, gamma=gamma,
        synthetic=synthetic, eblup=synthetic + gamma * residual, mse=sigma2 * rest + g2 + 2 * g3,
        loglik=float(-0.5 * (like.m * np.log(2 * np.pi) + spread)), restricted=float(value[0]), iterations=steps,
    )  # fmt: skip


def _checked(y: ArrayLike, X: ArrayLike, psi: ArrayLike) -> tuple[Floats, Floats, Floats]:
    y, X, psi = np.asarray(y, dtype=float), np.asarray(X, dtype=float), np.asarray(psi, dtype=float)
    if X.ndim != 2 or y.shape != psi.shape or y.shape != X.shape[:1]:
        raise SurveyError("model.rows", "Estimates, variances and covariates have different numbers of areas")
    seen = np.isfinite(y) & np.isfinite(psi)
    if not np.isfinite(X).all():
        raise SurveyError("model.covariates", "A covariate is not a number", expected="a number for every area")
    if (psi[seen] <= 0).any():
        raise SurveyError(
            "model.variance", "A sampling variance is not above 0", got=f"{psi[seen].min():g}",
            hint="Smooth the variances first; no estimate from a sample is exact.",
        )  # fmt: skip
    if seen.sum() < X.shape[1] + SPARE:
        raise SurveyError(
            "model.few", "There are too few areas with an estimate for the model", got=f"{int(seen.sum())}",
            expected=f"{X.shape[1] + SPARE} or more with {X.shape[1]} coefficients",
            hint="Leave covariates out, or model a finer area level.",
        )  # fmt: skip
    return np.where(seen, y, 0.0), X, np.where(seen, psi, np.inf)


def _maximum(like: _Likelihood) -> tuple[float, float, int]:
    """Where the restricted likelihood is highest (exactly 0 on the boundary), its information, the steps taken."""
    spread = float(like.residual @ like.residual) / (like.m - like.p)
    looks = like.scale * np.exp(np.linspace(-7.0, np.log(10 * (1 + spread / like.scale)), LOOKS))
    looks[0] = 0.0
    while (best := int((value := like.along(looks)[0]).argmax())) == LOOKS - 1:
        looks = looks * 10
    low, high = float(looks[max(best - 1, 0)]), float(looks[best + 1])
    sigma2 = float(looks[best])
    if best > 1:
        # The top of the parabola through the highest three, which stand evenly on the log scale.
        before, top, after = value[best - 1 : best + 2]
        if (bend := before - 2 * top + after) < 0:
            sigma2 *= float((high / sigma2) ** (0.5 * (before - after) / bend))
    for step in range(1, 101):
        score, slope, information = like.at(sigma2)
        if sigma2 == 0.0 and score <= 0:
            return 0.0, information, step
        low, high = (sigma2, high) if score > 0 else (low, sigma2)
        # Where the likelihood is not concave the expected information takes the place of the slope.
        ahead = sigma2 + score / (-slope if slope < 0 else information)
        ahead = ahead if low < ahead < high else 0.5 * (low + high)
        # Newton's error is about the square of its last step: this one ends at rounding.
        done = abs(ahead - sigma2) <= (1e-9 if slope < 0 else 1e-15) * sigma2
        if done or not low < ahead < high:
            return ahead, information, step
        sigma2 = ahead
    return sigma2, information, step


@dataclass(frozen=True, eq=False)
class Posterior:
    """The areas' means given the data, as a mixture of normals over G values of sigma2.

    ``weight``, ``sigma2`` (G,); ``mean``, ``sd`` (G, m): of each area given sigma2, the uncertainty
    of the coefficients included; ``shared`` (G, m, p): how each area moves with the p coefficients
    (in standard units) and ``own`` (G, m): the standard deviation of what moves alone.
    """

    weight: Floats
    sigma2: Floats
    mean: Floats
    own: Floats
    shared: Floats

    @property
    def sd(self) -> Floats:
        """Standard deviations (G, m) given sigma2."""
        return np.sqrt(self.own**2 + (self.shared**2).sum(axis=2))

    def moments(self) -> tuple[Floats, Floats]:
        """Posterior mean and standard deviation (m,)."""
        mean = self.weight @ self.mean
        return mean, np.sqrt(self.weight @ (self.sd**2 + (self.mean - mean) ** 2))

    def quantile(self, level: float) -> Floats:
        """The quantile (m,) of each area, by Newton steps kept in a shrinking bracket."""
        sd = self.sd
        ends = self.mean + special.ndtri(level) * sd
        low, high = ends.min(axis=0), ends.max(axis=0)
        mean, spread = self.moments()
        at = np.clip(mean + special.ndtri(level) * spread, low, high)
        for _ in range(60):
            z = (at - self.mean) / sd
            excess = self.weight @ special.ndtr(z) - level
            low, high = np.where(excess < 0, at, low), np.where(excess < 0, high, at)
            density = self.weight @ (np.exp(-0.5 * z * z) / sd) / np.sqrt(2 * np.pi)
            ahead = at - excess / np.maximum(density, 1e-300)
            ahead = np.where((ahead >= low) & (ahead <= high), ahead, 0.5 * (low + high))
            done = np.abs(ahead - at) <= 1e-12 * (spread + np.abs(at))
            at = ahead
            if done.all():
                break
        return at

    def draw(self, size: int, seed: int) -> Floats:
        """``size`` joint draws (size, m) of the areas' means, in antithetic pairs."""
        rng = np.random.default_rng(seed)
        half = (size + 1) // 2
        # Systematic over sigma2: each value as often as its weight says.
        g = np.searchsorted(np.cumsum(self.weight), (np.arange(half) + rng.random()) / half)
        g = np.minimum(g, len(self.weight) - 1)
        m, p = self.shared.shape[1:]
        moved = self.own[g] * rng.standard_normal((half, m))
        moved += (self.shared[g] @ rng.standard_normal((half, p, 1)))[:, :, 0]
        return np.concatenate((self.mean[g] + moved, self.mean[g] - moved))[:size]


def posterior(fit: FayHerriot, nodes: int = NODES) -> Posterior:
    """Integrate sigma2 out of a fitted model under a flat prior on it and on the coefficients.

    The prior is proper enough for m > p + 2 and gives intervals that cover at least about their
    nominal share of repeated samples (Datta, Rao & Smith 2005; Morris & Tang 2011), also where REML
    says zero. By Gauss-Legendre quadrature over the bulk of sigma: no chains, no seed.
    """
    like = _Likelihood(fit.y, fit.X, fit.psi)
    scale = like.scale**0.5

    def logs(t: Floats) -> tuple[Floats, Floats]:
        """sigma2 at t in (0, 1), and the log density of t: sigma = scale t / (1 - t)."""
        sigma = scale * t / (1 - t)
        return sigma**2, like.along(sigma**2)[0] + np.log(t) - 3 * np.log1p(-t)

    mode = np.sqrt(fit.sigma2) / (np.sqrt(fit.sigma2) + scale)
    low, high = 0.0, 1.0
    for _ in range(3):
        t = np.unique(np.append(low + (high - low) * (np.arange(32) + 0.5) / 32, max(mode, 1e-6)))
        value = logs(t)[1]
        inside = np.flatnonzero(value > value.max() - REACH)
        low = t[inside[0] - 1] if inside[0] else low
        high = t[inside[-1] + 1] if inside[-1] + 1 < len(t) else high
    x, weight = np.polynomial.legendre.leggauss(nodes)
    sigma2, value = logs(low + (high - low) * (x + 1) / 2)
    weight = weight * np.exp(value - value.max())
    _, beta, inverse = like.along(sigma2)
    V = fit.X @ np.linalg.inv(like.R)
    rest = 1.0 - sigma2[:, None] / (sigma2[:, None] + fit.psi)
    mean = (1 - rest) * fit.y + rest * (beta @ V.T)
    shared = rest[:, :, None] * (V @ np.linalg.cholesky(inverse))
    return Posterior(weight / weight.sum(), sigma2, mean, np.sqrt(sigma2[:, None] * rest), shared)
