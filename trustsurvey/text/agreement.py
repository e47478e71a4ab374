"""How far people who read the same texts agree: Krippendorff's alpha, Cohen's kappa and percent.

What nobody can find again does not reach a commander: a code under :data:`TENTATIVE` is marked. Where every
reading is the same, agreement by chance cannot be told from agreement, and neither alpha nor kappa is defined.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.intervals import wilson
from trustsurvey.model import Floats, Ints

#: Alpha from which conclusions may be drawn, and from which they may be tentative (Krippendorff 2004, 11.4).
RELIABLE, TENTATIVE = 0.80, 0.67
#: Times that the texts are drawn anew for an interval.
DRAWS = 1_000
TAIL = 0.025
#: Texts with a code, or without, that an interval needs: of fewer, drawing anew tells too little.
FEW = 5
#: Sets of codes whose distances are worked out together.
BLOCK = 256


def verdict(alpha: float, fewest: int = FEW) -> str:
    """What an agreement allows: "reliable", "tentative", "not reliable enough to show", "too few" or "not defined".

    ``fewest``: the texts in which somebody applied the code, or those in which somebody did not, whichever are fewer.
    """
    if not np.isfinite(alpha):
        return "not defined"
    if fewest < FEW:
        return "too few"
    if alpha < TENTATIVE:
        return "not reliable enough to show"
    return "tentative" if alpha < RELIABLE else "reliable"


def alphas(
    labels: Floats, codes: Sequence[str], groups: Sequence[str] | None = None, *, seed: int = 0, draws: int = DRAWS
) -> pd.DataFrame:
    """Krippendorff's alpha for each code, and for all codes of a text together as a set.

    Parameters
    ----------
    labels : (coders, n, k) 1 where a coder applied a code to a text, 0 where not, NaN for texts that the coder
        did not read. People, or people's decision and the machine's.
    groups : (n,) the wave of each text, say; agreement is given for all texts ("") and within each.

    Returns
    -------
    One row a group and code, the row with code "" for the sets (MASI distance, Passonneau 2006): group, code,
    texts (read by two or more), applied (those of them in which at least one applied the code), alpha, lci, uci,
    verdict. Alpha is NaN, "not defined", where no two readings of the texts differ, nor the texts themselves.

    Intervals hold 95 % by drawing the texts anew (percentile bootstrap, draws in which nothing varies left out).
    Where no two readings differ the lower limit is what the largest share of differing texts leaves that
    would show none with 2.5 % probability. There is none where a code is in fewer than :data:`FEW` texts, or
    is lacking in fewer. Alpha by Krippendorff (2011).
    """
    labels = _checked(labels, codes)
    rows = []
    for group, at in _groups(groups, labels.shape[1]):
        part = labels[:, at]
        several = np.isfinite(part).all(axis=2).sum(axis=0) > 1
        sets, distance = _as_sets(part)
        read = {"group": group, "texts": int(several.sum())}
        applied, lacking = ((part == value).any(axis=0) & several[:, None] for value in (1, 0))
        alpha = krippendorff(sets, distance, seed=seed, draws=draws)
        told = verdict(alpha["alpha"], int(several.sum()))
        rows.append(read | {"code": "", "applied": int(applied.any(axis=1).sum())} | alpha | {"verdict": told})
        for j, code in enumerate(codes):
            fewest = min(int(applied[:, j].sum()), int(lacking[:, j].sum()))
            alpha = _without_interval(krippendorff(part[:, :, j], seed=seed, draws=draws), fewest)
            told = verdict(alpha["alpha"], fewest)
            rows.append(read | {"code": code, "applied": int(applied[:, j].sum())} | alpha | {"verdict": told})
    return pd.DataFrame(rows, columns=["group", "code", "texts", "applied", "alpha", "lci", "uci", "verdict"])


def pairwise(
    labels: Floats, coders: Sequence[str], codes: Sequence[str], groups: Sequence[str] | None = None, *,
    seed: int = 0, draws: int = DRAWS,
) -> pd.DataFrame:  # fmt: skip
    """Cohen's kappa and percent agreement of each two coders who read at least one same text.

    ``labels``, ``groups`` and intervals as for :func:`alphas`; the machine may be one of the coders. One row a group,
    pair and code: group, a, b, code, texts (read by both), both, only_a, only_b (texts), percent, percent_lci,
    percent_uci (Wilson 1927), kappa, lci, uci. Kappa (Cohen 1960) is NaN where neither coder's readings vary.
    """
    labels = _checked(labels, codes)
    if len(coders) != len(labels):
        raise SurveyError("agreement.coders", "The coders are not as many as their readings",
                          got=f"{len(coders)} names", expected=f"{len(labels)}")  # fmt: skip
    rows = []
    for group, at in _groups(groups, labels.shape[1]):
        for first in range(len(coders)):
            for second in range(first + 1, len(coders)):
                a, b = labels[first, at], labels[second, at]
                shared = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
                if not shared.any():
                    continue
                for j, code in enumerate(codes):
                    ones, others = a[shared, j] > 0, b[shared, j] > 0
                    fewest = min(int((ones | others).sum()), int((~ones | ~others).sum()))
                    rows.append(
                        {
                            "group": group, "a": coders[first], "b": coders[second], "code": code,
                            "texts": int(shared.sum()), "both": int((ones & others).sum()),
                            "only_a": int((ones & ~others).sum()), "only_b": int((others & ~ones).sum()),
                        }
                        | _percent(ones == others)
                        | _without_interval(kappa(ones, others, seed=seed, draws=draws), fewest)
                    )  # fmt: skip
    names = ["group", "a", "b", "code", "texts", "both", "only_a", "only_b", "percent", "percent_lci", "percent_uci"]
    return pd.DataFrame(rows, columns=[*names, "kappa", "lci", "uci"])


def krippendorff(
    values: Floats, distance: Floats | None = None, *, seed: int = 0, draws: int = DRAWS
) -> dict[str, float]:
    """Krippendorff's alpha of values (coders, n), NaN where a coder gave none: alpha, lci, uci.

    ``distance``: (v, v) between the values 0 to v - 1; nominal values, 0 or 1 apart, unless given.
    """
    known = np.isfinite(values)
    several = known.sum(axis=0) > 1
    if distance is None:
        found, flat = np.unique(values[known], return_inverse=True)
        distance = 1.0 - np.eye(len(found))
    else:
        flat = values[known].astype(np.int64)
    ids = np.full(values.shape, -1)
    ids[known] = flat
    units, times = np.unique(np.sort(ids[:, several], axis=0).T, axis=0, return_counts=True)
    unit, _ = np.nonzero(units >= 0)
    member = units[units >= 0]
    counts = sparse.csr_array((np.ones(len(member)), (unit, member)), shape=(len(units), len(distance)))
    size = np.asarray(counts.sum(axis=1))
    # Each pair within a unit stands twice in the product; pairs of a value with itself are 0 apart.
    within = np.asarray((counts * (counts @ distance)).sum(axis=1)).reshape(len(units)) / np.maximum(size - 1, 1)
    drawn = _drawn(times, seed, draws)
    totals = np.asarray(drawn @ counts)
    n = totals.sum(axis=1)
    between = ((totals @ distance) * totals).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = np.where(between > 0, 1 - (n - 1) * (drawn @ within) / between, np.nan)
        chance = between[0] / (n[0] * (n[0] - 1))
    return _interval("alpha", alpha, int(times.sum()), chance)


def kappa(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray, *, seed: int = 0, draws: int = DRAWS
          ) -> dict[str, float]:  # fmt: skip
    """Cohen's kappa of two coders' values (n,) of the same texts: kappa, lci, uci."""
    found, ids = np.unique([np.asarray(a, dtype=float), np.asarray(b, dtype=float)], return_inverse=True)
    pairs, times = np.unique(ids.reshape(2, -1).T, axis=0, return_counts=True)
    drawn = _drawn(times, seed, draws)
    n = drawn.sum(axis=1)
    ones, others = (np.asarray(drawn @ np.eye(len(found))[pairs[:, side]]) for side in (0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        same = drawn @ (pairs[:, 0] == pairs[:, 1]) / n
        chance = (ones * others).sum(axis=1) / n**2
        value = np.where(chance < 1, (same - chance) / (1 - chance), np.nan)
    return _interval("kappa", value, int(times.sum()), 1 - float(chance[0]) if len(pairs) else np.nan)


def masi(one: np.ndarray, other: np.ndarray) -> float:
    """Distance of two sets of codes given as 0/1 rows (Passonneau 2006); two empty sets are the same."""
    a, b = np.asarray(one) > 0, np.asarray(other) > 0
    return float(_masi(np.vstack([a, b]).astype(float))[0, 1])


def _masi(rows: Floats) -> Floats:
    """Distances (s, s) between sets given as 0/1 rows (s, k)."""
    size, distance = rows.sum(axis=1), np.empty((len(rows), len(rows)))
    for first in range(0, len(rows), BLOCK):  # thousands of sets need no second matrix of their size
        at = slice(first, first + BLOCK)
        both = rows[at] @ rows.T
        least, either = np.minimum(size[at, None], size), size[at, None] + size - both
        alike = np.where(both == either, 1.0, np.where(both == least, 2 / 3, 1 / 3))
        distance[at] = np.where(both == either, 0.0, 1 - both / np.maximum(either, 1) * alike)
    return distance


def _as_sets(labels: Floats) -> tuple[Floats, Floats]:
    """Readings (coders, n) as numbers of the sets that occur, NaN for none, and the sets' distances."""
    read = np.isfinite(labels).all(axis=2)
    if not read.any():
        return np.full(read.shape, np.nan), np.zeros((0, 0))
    found, ids = np.unique(labels[read] > 0, axis=0, return_inverse=True)
    values = np.full(read.shape, np.nan)
    values[read] = ids.reshape(-1)
    return values, _masi(found.astype(float))


def _drawn(times: Ints, seed: int, draws: int) -> Floats:
    """(1 + draws, kinds): how often each kind of text occurs, as observed and with the texts drawn anew."""
    n = int(times.sum())
    anew = np.random.default_rng(seed).multinomial(n, times / max(n, 1), size=draws) if n else np.zeros((draws, 0))
    return np.vstack([times[None], anew]).astype(float)


def _interval(name: str, values: Floats, texts: int, chance: float) -> dict[str, float]:
    """A coefficient and its interval: the first of the values, and what the others span."""
    value, anew = float(values[0]), values[1:][np.isfinite(values[1:])]
    if not np.isfinite(value) or not len(anew):
        return {name: value, "lci": np.nan, "uci": np.nan}
    low, high = np.quantile(anew, [TAIL, 1 - TAIL])
    if value == 1:  # no difference was seen, nor can be drawn anew
        low = max(1 - (1 - TAIL ** (1 / texts)) / chance, -1.0)
    return {name: value, "lci": float(low), "uci": float(high)}


def _without_interval(found: dict[str, float], fewest: int) -> dict[str, float]:
    """A coefficient as it was found, its interval left out where a code is too rare or too common for one."""
    return found | {"lci": np.nan, "uci": np.nan} if fewest < FEW else found


def _percent(same: np.ndarray) -> dict[str, float]:
    n, share = len(same), np.array([same.mean()])
    low, high = wilson(share, share * (1 - share) / n, np.array([float(n)]), np.array([1e9]))
    return {"percent": float(100 * share[0]), "percent_lci": float(100 * low[0]), "percent_uci": float(100 * high[0])}


def _groups(groups: Sequence[str] | None, n: int) -> list[tuple[str, np.ndarray]]:
    """All texts, and those of each group."""
    parts = [("", np.ones(n, dtype=bool))]
    if groups is not None:
        of = np.asarray(groups, dtype=object)
        if len(of) != n:
            raise SurveyError("agreement.groups", "The groups are not as many as the texts", got=f"{len(of):,}",
                              expected=f"{n:,}")  # fmt: skip
        parts += [(str(group), of == group) for group in dict.fromkeys(groups)]
    return parts


def _checked(labels: Floats, codes: Sequence[str]) -> Floats:
    labels = np.asarray(labels, dtype=float)
    if labels.ndim != 3 or labels.shape[2] != len(codes) or not np.isin(labels[np.isfinite(labels)], (0, 1)).all():
        raise SurveyError(
            "agreement.labels", "The readings are not a yes or no for each coder, text and code",
            got=str(labels.shape), expected=f"0, 1 or missing, (coders, texts, {len(codes)})",
        )  # fmt: skip
    return labels
