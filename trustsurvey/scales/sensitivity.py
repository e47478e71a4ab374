"""How much a score would differ had something been decided otherwise: missing items, doubtful answers."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.linearise import Domains, linear_mean
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import RULES as DISCLOSURE, Floats, Index, Lonely, Wave
from trustsurvey.scales.scoring import score

RULES = ("all answered", "any answered", "person mean", "two-way")


def missing_rules(wave: Wave, measures: Sequence[str] | None = None, lonely: Lonely | None = None) -> pd.DataFrame:
    """Every index under other rules for unanswered parts than its own, with the difference and its SE.

    "all answered": complete cases, at every level of an index; "any answered": one part is enough; "person
    mean": unanswered items take the mean of the resident's other items of the index; "two-way": that
    mean plus what the item differs from the mean of all items (Bernaards & Sijtsma 2000), so that it
    does not matter whether the easy or the hard items were skipped.

    Returns
    -------
    One row an index and rule: wave, measure, rule, n, est, stated (the estimate by the index's own rule), diff, se,
    lci, uci, df, p. Both estimates rest on the same residents, and the SE is that of their difference;
    imputed answers are taken as given. Withheld (NaN) with fewer than 30 answers on either side.
    """
    scored = wave if wave.scores is not None else score(wave)
    assert scored.scores is not None
    columns = set(scored.scores.columns)
    indices = {index.key: index for index in wave.instrument.indices if index.key in columns}
    chosen = list(indices) if measures is None else list(measures)
    if absent := [name for name in chosen if name not in indices]:
        raise SurveyError("sensitivity.measure", f"The wave has no index '{absent[0]}'", where=wave.name)
    asked = {key: sum(part in columns for part in index.parts) for key, index in indices.items()}
    others = {
        "all answered": _scored(scored, asked)[chosen],
        "any answered": _scored(scored, dict.fromkeys(asked, 1))[chosen],
        "person mean": pd.DataFrame({key: _filled(scored, indices[key], False) for key in chosen}),
        "two-way": pd.DataFrame({key: _filled(scored, indices[key], True) for key in chosen}),
    }
    return _against(scored, scored.scores[chosen], others, "rule", lonely)


def without(
    wave: Wave, flagged: pd.DataFrame, measures: Sequence[str] | None = None, lonely: Lonely | None = None
) -> pd.DataFrame:
    """Every index with and without the residents that each column of ``flagged`` (n, flags) marks.

    See :func:`trustsurvey.harmonise.quality.flags`. A last set leaves out whoever has any flag. Nobody is
    dropped from the wave; the weights stay as they are. Columns as in :func:`missing_rules`, with
    ``left_out`` for ``rule``, and the share of residents left out, weighted.

    SurveyError ``sensitivity.rows`` for flags of another number of residents.
    """
    if len(flagged) != len(wave):
        raise SurveyError(
            "sensitivity.rows", "The flags belong to another number of answers", where=wave.name,
            got=f"{len(flagged):,}", expected=f"{len(wave):,}",
        )  # fmt: skip
    scored = wave if wave.scores is not None else score(wave)
    assert scored.scores is not None
    known = [index.key for index in wave.instrument.indices if index.key in scored.scores]
    chosen = known if measures is None else list(measures)
    stated = scored.scores[chosen]
    marks = {str(name): flagged[name].to_numpy(bool) for name in flagged}
    marks["any flag"] = np.any(list(marks.values()), axis=0) if marks else np.zeros(len(wave), dtype=bool)
    others = {name: stated.mask(np.broadcast_to(mask[:, None], stated.shape)) for name, mask in marks.items()}
    table = _against(scored, stated, others, "left_out", lonely)
    share = {name: float(wave.weights[mask].sum() / wave.weights.sum()) for name, mask in marks.items()}
    table.insert(3, "share", table["left_out"].map(share))
    return table


def _scored(wave: Wave, at_least: MappingType[str, int]) -> pd.DataFrame:
    indices = tuple(
        replace(index, at_least=at_least.get(index.key, index.at_least)) for index in wave.instrument.indices
    )
    scores = score(replace(wave, instrument=replace(wave.instrument, indices=indices))).scores
    assert scores is not None
    return scores


def _filled(wave: Wave, index: Index, two_way: bool) -> Floats:
    """An index (n,) from items whose gaps were filled; NaN for residents with none of its items."""
    assert wave.scores is not None
    items = [item for item in wave.instrument.items_of(index.key) if item in wave.scores]
    x = wave.scores[items].to_numpy(float)
    known = np.isfinite(x)
    filled = np.where(known, x, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        person = filled.sum(axis=1) / known.sum(axis=1)
        guess = np.broadcast_to(person[:, None], x.shape)
        if two_way:
            w = wave.weights[:, None] * known
            guess = np.clip(guess + (w * filled).sum(axis=0) / w.sum(axis=0) - (w * filled).sum() / w.sum(), 0, 100)
    return _tree(wave, index.key, dict(zip(items, np.where(known, x, guess).T, strict=True)))


def _tree(wave: Wave, key: str, items: MappingType[str, Floats]) -> Floats:
    if wave.instrument.has_item(key):
        return items[key]
    assert wave.scores is not None
    parts = [part for part in wave.instrument.index(key).parts if part in wave.scores]
    return np.mean([_tree(wave, part, items) for part in parts], axis=0)


def _against(
    wave: Wave, stated: pd.DataFrame, others: MappingType[str, pd.DataFrame], title: str, lonely: Lonely | None
) -> pd.DataFrame:
    """Means of other numbers beside the stated ones, with the SE of their difference."""
    model, everyone = VarianceModel.of(wave, lonely), Domains.of(wave)
    before = linear_mean(stated.to_numpy(float), model.weights, everyone)
    tables = []
    for name, numbers in others.items():
        after = linear_mean(numbers.to_numpy(float), model.weights, everyone)
        df = model.domain_df(sparse.csr_array((stated.notna() | numbers.notna()).to_numpy(float)))
        few = (np.minimum(before.n, after.n) < DISCLOSURE.answers) | (df < 1)
        diff = np.where(few, np.nan, after.est - before.est)
        se = np.where(few, np.nan, np.sqrt(model.variance(sparse.csr_array(after.values - before.values))))
        reach = t_quantile(df) * se
        with np.errstate(invalid="ignore", divide="ignore"):
            t = np.where(se > 0, np.abs(diff) / se, np.where(np.abs(diff) > 0, np.inf, 0.0))
        tables.append(
            pd.DataFrame(
                {
                    "wave": wave.name, "measure": stated.columns, title: name, "n": after.n,
                    "est": np.where(few, np.nan, after.est), "stated": np.where(few, np.nan, before.est),
                    "diff": diff, "se": se, "lci": diff - reach, "uci": diff + reach, "df": df,
                    "p": np.where(few, np.nan, 2 * stats.t.sf(t, np.maximum(df, 1))),
                }
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)
