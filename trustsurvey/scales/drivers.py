"""Which experiences go with trust: weighted regression, and importance that adds to R2.

Association, not cause: see :data:`CAUTIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.linearise import Domains, linear_mean
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.language import N_
from trustsurvey.model import RULES, Floats, Ints, Lonely, Wave
from trustsurvey.scales.importance import ALIAS, ALL_SUBSETS, replicated_importance, sample_orders, shapley
from trustsurvey.scales.scoring import score

#: Orders sampled for the estimate, each with its reverse, and those that every replicate goes through.
ORDERS, REPLICATE_ORDERS = 2000, 50
ASSOCIATION = "drivers.association"
#: What pages, sheets and the command line put beside these figures, by the codes in ``Drivers.cautions``.
CAUTIONS = {
    ASSOCIATION: N_(
        "What goes with trust need not bring it about: people who trust the police may also judge an encounter more "
        "kindly, and both may have causes that were not asked about."
    ),
    "drivers.sampled": N_(
        "There are too many experiences to try all orders; the importance rests on a random sample of orders."
    ),
    "drivers.missing": N_(
        "Leaving out residents with a missing answer and using every pair of answers give different pictures (R2 or a "
        "share of it differ by more than .05)."
    ),
    "drivers.unstable": N_("Some replicates had no variance left in a predictor; the intervals leave that out."),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Drivers:
    """What goes with an outcome.

    ``table``, one row a predictor, most important first: predictor, n (who answered it and the outcome), importance
    (its part of R2), lci, uci, share (of R2), share_lci, share_uci, rank_lci, rank_uci (replicates), pairwise
    (its importance from all pairs of answers), f, df, ddf, p (Wald test of all its columns).
    ``coefficients``, one row a column: term, predictor, coef (outcome per unit), se, lci, uci, df,
    p, beta (standardised).
    ``r2``, ``r2_lci``, ``r2_uci``; ``n`` and ``n_eff`` complete answers; ``about``: n of the wave, of the
    outcome, the least pairwise n, R2 from pairs, replicates, seed, method. ``cautions``: codes of :data:`CAUTIONS`.
    ``suppressed``: "" or why there are no figures (the tables are then empty).
    """

    outcome: str
    table: pd.DataFrame
    coefficients: pd.DataFrame
    r2: float
    r2_lci: float
    r2_uci: float
    n: int
    n_eff: float
    cautions: tuple[str, ...]
    suppressed: str = ""
    about: MappingType[str, Any] = field(default_factory=dict)


def drivers(
    wave: Wave,
    outcome: str,
    predictors: Sequence[str] | pd.DataFrame,
    *,
    replicates: int = 500,
    seed: int = 1,
    lonely: Lonely | None = None,
) -> Drivers:
    """Regress a score on experiences and divide R2 among them.

    Parameters
    ----------
    predictors : names of scores, or of columns of ``wave.people`` (each category but the first is a column,
        and all of them one predictor); or a frame of numbers with one row a resident.
    replicates : Rao-Wu bootstrap samples of sampling units for the intervals of importance; 0 for none.

    Coefficients: weighted least squares with linearised design-based SE (Binder 1983; R ``svyglm``), t on the
    design's df less the predictors. Importance: LMG (Lindeman, Merenda & Gold 1980; Groemping 2006), a predictor's
    addition to R2 averaged over all orders; with more than 12 predictors over a seeded sample of
    orders, each with its reverse. Either way it adds exactly to R2. Intervals are percentiles of the
    replicates, with the calibrated weights held fixed.
    Residents with any answer missing are left out; ``pairwise`` shows what using every pair gives.

    SurveyError ``drivers.unknown``, ``drivers.part`` (a predictor that is part of the outcome, or shares items with
    it), ``drivers.rows``, ``drivers.none``, ``drivers.constant`` or ``drivers.collinear``.
    """
    wave = wave if wave.scores is not None else score(wave)
    y, x, names, owner = _columns(wave, outcome, predictors)
    model = VarianceModel.of(wave, lonely)
    data = np.column_stack([x, y])
    complete = np.isfinite(data).all(axis=1)
    rows = np.flatnonzero(complete)
    told = linear_mean(np.where(complete, y, np.nan), model.weights, Domains.of(wave))
    deff = float(model.variance(told.values)[0] / (told.s2[0] / told.n[0])) if len(rows) > 1 and told.s2[0] > 0 else 1.0
    n_eff = float(min(told.kish[0], len(rows) / deff)) if deff > 0 else float(told.kish[0])
    blocks = list(dict.fromkeys(owner))
    about: dict[str, Any] = {"wave": wave.name, "n_wave": len(wave), "n_outcome": int(np.isfinite(y).sum())}
    few = min(len(rows), n_eff) < RULES.answers
    if few or len(rows) <= data.shape[1] + 1:
        nan = float("nan")
        empty = pd.DataFrame()
        return Drivers(outcome, empty, empty, nan, nan, nan, len(rows), n_eff, (), "too few answers", about)
    w = model.weights[rows]
    complete_data = data[rows]
    shift = w @ complete_data / w.sum()
    centred = complete_data - shift
    cov = (w[:, None] * centred).T @ centred / w.sum()
    _refuse_degenerate(cov, names, outcome, wave.name)
    block = np.array([blocks.index(name) for name in owner])
    sampled = len(blocks) > ALL_SUBSETS
    orders = sample_orders(len(blocks), ORDERS, seed) if sampled else None
    importance = shapley(cov[None], block, orders)[0]
    r2 = float(importance.sum())
    coefficients, tests = _regression(wave, model, rows, centred, cov, names, owner, shift)
    few_orders = None if orders is None else orders[: 2 * REPLICATE_ORDERS]
    drawn = replicated_importance(model, rows, centred, block, few_orders, replicates, seed)
    pairs, least = _pairwise(data, model.weights)
    by_pairs = (
        shapley(pairs[None], block, orders)[0] if np.linalg.eigvalsh(pairs)[0] > 0 else np.full(len(blocks), np.nan)
    )
    table = _table(blocks, importance, drawn, by_pairs, tests)
    answered = {b: np.isfinite(x[:, block == k]).all(axis=1) & np.isfinite(y) for k, b in enumerate(blocks)}
    table.insert(1, "n", [int(answered[b].sum()) for b in table["predictor"]])
    about |= {
        "n_complete": len(rows), "n_pair_least": least, "r2_pairwise": float(by_pairs.sum()),
        "replicates": replicates, "seed": seed,
        "method": f"{len(orders)} orders" if orders is not None else "all subsets",
    }  # fmt: skip
    cautions = [ASSOCIATION]
    cautions += ["drivers.sampled"] if sampled else []
    apart = max(abs(by_pairs.sum() - r2), np.abs(by_pairs / by_pairs.sum() - importance / r2).max() if r2 > 0 else 0.0)
    cautions += ["drivers.missing"] if not apart <= 0.05 else []
    cautions += ["drivers.unstable"] if not np.isfinite(drawn).all() else []
    low, high = _percentiles(drawn.sum(axis=1))
    return Drivers(
        outcome, table, coefficients, r2, float(low), float(high), len(rows), n_eff, tuple(cautions), about=about
    )


# --- what goes in ---------------------------------------------------------------------------------


def _columns(
    wave: Wave, outcome: str, predictors: Sequence[str] | pd.DataFrame
) -> tuple[Floats, Floats, list[str], list[str]]:
    """Outcome (n,), predictor columns (n, p), their names, and the predictor that each belongs to."""
    assert wave.scores is not None
    if outcome not in wave.scores:
        raise SurveyError(
            "drivers.unknown", f"The wave has no score '{outcome}'", where=wave.name, expected=some(wave.scores, 12)
        )
    y = wave.scores[outcome].to_numpy(float)
    if isinstance(predictors, pd.DataFrame):
        if len(predictors) != len(wave):
            raise SurveyError(
                "drivers.rows", "The predictors have another number of rows than the wave", where=wave.name,
                got=f"{len(predictors):,}", expected=f"{len(wave):,}",
            )  # fmt: skip
        names = [str(column) for column in predictors]
        x, owner = predictors.to_numpy(float), names
    else:
        parts, names, owner = [], [], []
        for name in dict.fromkeys(predictors):
            columns, labels = _columns_of(wave, outcome, name)
            parts.append(columns)
            names += labels
            owner += [name] * len(labels)
        x = np.column_stack(parts) if parts else np.zeros((len(wave), 0))
    if not x.shape[1]:
        raise SurveyError("drivers.none", "There is nothing to explain the score with", expected="predictors")
    return y, x, names, owner


def _columns_of(wave: Wave, outcome: str, name: str) -> tuple[Floats, list[str]]:
    assert wave.scores is not None
    if name in wave.scores:
        shared = _items(wave, name) & _items(wave, outcome)
        if shared:
            raise SurveyError(
                "drivers.part", f"'{name}' and '{outcome}' rest on the same questions", where=wave.name,
                got=some(sorted(shared)), hint="Explain the score by what is not part of it.",
            )  # fmt: skip
        return wave.scores[[name]].to_numpy(float), [name]
    if name not in wave.people:
        raise SurveyError(
            "drivers.unknown", f"The wave has no score and no group '{name}'", where=wave.name,
            expected=some([*wave.scores, *wave.groups], 12),
        )  # fmt: skip
    domains = Domains.of(wave, [name], everyone=False)
    code = domains.codes[0]
    used = [k for k in range(len(domains)) if (code == k).any()]
    dummies = np.where(code[:, None] >= 0, code[:, None] == np.array(used[1:], dtype=int), np.nan)
    return dummies.astype(float), [f"{name}: {domains.level[k]}" for k in used[1:]]


def _items(wave: Wave, name: str) -> set[str]:
    known = wave.instrument.has_item(name) or any(index.key == name for index in wave.instrument.indices)
    return set(wave.instrument.items_of(name)) if known else {name}


def _refuse_degenerate(cov: Floats, names: list[str], outcome: str, where: str) -> None:
    spread = np.diag(cov)
    flat = [name for name, v in zip([*names, outcome], spread, strict=True) if not v > 0]
    if flat:
        raise SurveyError("drivers.constant", f"Everybody gave the same answer to {some(flat)}", where=where)
    left = cov[:-1, :-1] / np.sqrt(np.outer(spread[:-1], spread[:-1]))
    for k, name in enumerate(names):
        if left[k, k] < ALIAS:
            raise SurveyError(
                "drivers.collinear", f"'{name}' follows from the predictors named before it", where=where,
                hint="Take one of them out.",
            )  # fmt: skip
        left = left - np.outer(left[k], left[k]) / left[k, k]


# --- regression -----------------------------------------------------------------------------------


def _regression(
    wave: Wave,
    model: VarianceModel,
    rows: Ints,
    centred: Floats,
    cov: Floats,
    names: list[str],
    owner: list[str],
    shift: Floats,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Coefficients and a Wald test a predictor, with the design's covariance."""
    p = len(names)
    inverse = np.linalg.inv(cov[:-1, :-1])
    b = inverse @ cov[:-1, -1]
    residual = centred[:, -1] - centred[:, :-1] @ b
    total = model.weights[rows].sum()
    influence = residual[:, None] * (centred[:, :-1] @ inverse) / total
    # The intercept is the mean of the outcome less what the slopes make of the predictors' means.
    first = residual / total - influence @ shift[:-1]
    values = np.zeros((len(wave), p + 1))
    values[rows] = np.column_stack([first, influence])
    v = model.covariance(sparse.csr_array(values))
    member = np.zeros((len(wave), 1))
    member[rows] = 1.0
    ddf = float(model.domain_df(sparse.csr_array(member))[0]) - p
    estimate = np.r_[shift[-1] - shift[:-1] @ b, b]
    se = np.sqrt(np.maximum(np.diag(v), 0.0)) if ddf > 0 else np.full(p + 1, np.nan)
    reach = t_quantile(np.array(ddf)) * se
    with np.errstate(invalid="ignore", divide="ignore"):
        prob = 2 * stats.t.sf(np.abs(estimate) / se, max(ddf, 1))
        beta = np.r_[np.nan, b * np.sqrt(np.diag(cov)[:-1] / cov[-1, -1])]
    table = pd.DataFrame(
        {
            "term": ["(intercept)", *names], "predictor": ["", *owner], "coef": estimate, "se": se,
            "lci": estimate - reach, "uci": estimate + reach, "df": ddf, "p": prob, "beta": beta,
        }
    )  # fmt: skip
    tests = []
    for name in dict.fromkeys(owner):
        at = 1 + np.flatnonzero(np.array(owner) == name)
        f = float(estimate[at] @ np.linalg.pinv(v[np.ix_(at, at)], hermitian=True) @ estimate[at]) / len(at)
        f = f if ddf > 0 else np.nan
        tests.append({"f": f, "df": len(at), "ddf": ddf, "p": float(stats.f.sf(f, len(at), max(ddf, 1)))})
    return table, pd.DataFrame(tests)


# --- replicates and missing answers ---------------------------------------------------------------


def _percentiles(values: Floats) -> Floats:
    """2.5 and 97.5 percentiles (2, ...) over the first axis, NaN without replicates."""
    known = values[np.isfinite(values).all(axis=tuple(range(1, values.ndim)))]
    return np.quantile(known, [0.025, 0.975], axis=0) if len(known) else np.full((2, *values.shape[1:]), np.nan)


def _pairwise(data: Floats, weights: Floats) -> tuple[Floats, int]:
    """Covariances from every pair of answers, and the least number of residents behind one."""
    known = np.isfinite(data).astype(float)
    filled = np.nan_to_num(data)
    total = (weights[:, None] * known).T @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (weights[:, None] * filled).T @ known / total  # of column i where j is known
        cross = (weights[:, None] * filled).T @ filled / total
    return cross - mean * mean.T, int((known.T @ known).min())


def _table(blocks: list[str], importance: Floats, drawn: Floats, by_pairs: Floats, tests: pd.DataFrame) -> pd.DataFrame:
    low, high = _percentiles(drawn)
    with np.errstate(invalid="ignore", divide="ignore"):
        share_low, share_high = _percentiles(drawn / drawn.sum(axis=1, keepdims=True))
        share = importance / importance.sum()
    ranks = np.argsort(np.argsort(-drawn, axis=1), axis=1) + 1.0
    rank_low, rank_high = _percentiles(np.where(np.isfinite(drawn), ranks, np.nan))
    table = pd.DataFrame(
        {
            "predictor": blocks, "importance": importance, "lci": low, "uci": high,
            "share": share, "share_lci": share_low, "share_uci": share_high,
            "rank_lci": np.floor(rank_low), "rank_uci": np.ceil(rank_high), "pairwise": by_pairs,
        }
    )  # fmt: skip
    joined = pd.concat([table, tests], axis=1)
    return joined.sort_values("importance", ascending=False, kind="stable", ignore_index=True)
