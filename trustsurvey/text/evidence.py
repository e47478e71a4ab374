"""How likely an answer mentions a code, from its keywords and from what its words were found to say.

One logistic regression over all pairs of an answer and a code (stacking; Wolpert 1992). What a keyword is
worth is learnt from all codes together, since they were written by the same hand, and from a code itself as
far as enough answers with it were read: each code's own intercept and keyword effect are drawn to what codes of its
frequency have. A keyword, and a score, tell less in an answer that holds many codes' keywords.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from trustsurvey.model import Floats

#: Prior standard deviation of what is a code's own beyond what codes of its frequency have, in log odds; of its slope.
OWN, OWN_SLOPE = 0.7, 0.3
#: A code's own line of decision counts as much as everyone's where so many answers are expected to have it.
PULL = 5.0


@dataclass(frozen=True, eq=False)
class Evidence:
    """``table`` (k, 6): what counts for each code, in log odds.

    Columns: always; a keyword of the code; a unit of its score; and the same three once more for each unit
    of ``log(1 + other codes with a keyword in the answer)``.
    """

    table: Floats

    def log_odds(self, scores: Floats, hits: Floats) -> Floats:
        """(n, k) from scores and keyword hits (n, k)."""
        others = other_codes(hits)
        always, keyword, score = (self.table[:, c] + self.table[:, c + 3] * others for c in range(3))
        return np.asarray(always + keyword * hits + score * scores)

    def probabilities(self, scores: Floats, hits: Floats) -> Floats:
        """Calibrated probabilities (n, k)."""
        return expit(self.log_odds(scores, hits))


def other_codes(hits: Floats) -> Floats:
    """log(1 + how many other codes have a keyword in the answer), (n, k)."""
    return np.log1p(np.maximum(hits.sum(axis=1, keepdims=True) - hits, 0.0))


def weigh(scores: Floats, hits: Floats, scored: np.ndarray, labels: Floats) -> Evidence:
    """Learn what scores and keywords tell.

    Parameters
    ----------
    scores : (n, k) of fits that did not see the answer.
    hits : (n, k) 1 where a keyword of the code is in the answer.
    scored : mask (k,) of the codes that have scores.
    labels : (n, k) 1 or 0.
    """
    n, k = labels.shape
    rare = logit((labels.sum(axis=0) + 0.5) / (n + 1))
    if labels.size == 0 or labels.min() == labels.max():
        return Evidence(np.column_stack([rare, np.zeros((k, 5))]))
    told, others, hit = scored.astype(float), other_codes(hits), hits
    one, score = np.ones_like(hits), scores * told
    shared = [one, rare * one, told * one, others, hit, hit * rare, hit * told, hit * others, score, score * others]
    own = [OWN * one, OWN * hit, OWN_SLOPE * score]
    b, c = _partly_pooled(np.stack([part.T for part in (*shared, *own)], axis=2), labels.T, len(shared))
    always = b[0] + b[1] * rare + b[2] * told + OWN * c[:, 0]
    keyword = b[4] + b[5] * rare + b[6] * told + OWN * c[:, 1]
    slope = told * (b[8] + OWN_SLOPE * c[:, 2])
    return Evidence(np.column_stack([always, keyword, slope, np.full(k, b[3]), np.full(k, b[7]), told * b[9]]))


def _partly_pooled(x: Floats, y: Floats, shared: int) -> tuple[Floats, Floats]:
    """Coefficients (shared,) and (k, own) of a logistic regression with normal priors, but for the first, by Newton.

    ``x`` (k, n, shared + own): the first columns count for all codes, the others for one. Eliminating what is a
    code's own (Schur) costs n k, where one design with a column for each would cost n k^3.
    """
    k, _, columns = x.shape
    prior = np.r_[0.0, np.ones(columns - 1)]
    b, c = np.zeros(shared), np.zeros((k, columns - shared))
    before, scale = np.inf, 1.0
    step_b, step_c = np.zeros_like(b), np.zeros_like(c)
    for _ in range(200):
        tried_b, tried_c = b + scale * step_b, c + scale * step_c
        log_odds = (x @ np.hstack([np.tile(tried_b, (k, 1)), tried_c])[:, :, None])[:, :, 0]
        loss = float(
            (np.logaddexp(0, log_odds) - y * log_odds).sum() + ((tried_b[1:] ** 2).sum() + (tried_c**2).sum()) / 2
        )
        if loss > before and scale > 1e-6:
            scale /= 2
            continue
        b, c, done, scale = tried_b, tried_c, before - loss < 1e-9 * (1 + loss), 1.0
        if done:
            break
        before, p = loss, expit(log_odds)
        downhill = (np.swapaxes(x, 1, 2) @ (y - p)[:, :, None])[:, :, 0]
        curve = np.swapaxes(x, 1, 2) @ (x * (p * (1 - p))[:, :, None])
        all_, across = curve[:, :shared, :shared].sum(axis=0) + np.diag(prior[:shared]), curve[:, :shared, shared:]
        mine = curve[:, shared:, shared:] + np.eye(columns - shared)
        to_b, to_c = downhill[:, :shared].sum(axis=0) - prior[:shared] * b, downhill[:, shared:] - c
        passed = np.swapaxes(np.linalg.solve(mine, np.swapaxes(across, 1, 2)), 1, 2)
        left = all_ - (passed @ np.swapaxes(across, 1, 2)).sum(axis=0)
        step_b = np.linalg.solve(left, to_b - (passed @ to_c[:, :, None]).sum(axis=0)[:, 0])
        step_c = np.linalg.solve(mine, (to_c - np.swapaxes(across, 1, 2) @ step_b)[:, :, None])[:, :, 0]
    return b, c


def lines(probabilities: Floats) -> Floats:
    """The probability (k,) above which an answer is taken to mention a code, for the best F1 to be expected.

    It is half of that F1 (Lipton, Elkan & Naryanaswamy 2014), of the code and of all codes together: the fewer
    answers are expected to have a code, the more its line is everyone's.
    """
    expected = probabilities.sum(axis=0)
    own = np.array([best_f1(column) for column in probabilities.T])
    return (expected * own + PULL * best_f1(probabilities.ravel())) / (expected + PULL) / 2


def best_f1(probabilities: Floats) -> float:
    """The largest F1 to be expected of a decision on answers of these probabilities (m,); 0 for none."""
    falling = np.sort(probabilities)[::-1]
    both = np.cumsum(falling)
    return float((2 * both / (both[-1] + np.arange(1, len(both) + 1))).max()) if len(both) else 0.0


def f1(labels: np.ndarray, said: np.ndarray) -> float:
    """F1 of a decision; NaN where there is nothing to find and nothing was found."""
    both, either = float((labels * said).sum()), float(labels.sum() + said.sum())
    return 2 * both / either if either else float("nan")
