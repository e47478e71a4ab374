"""Whether a question came in turned round: how it goes with the others, and how its answers lie, against last wave."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence

import numpy as np
import pandas as pd

from trustsurvey.model import Instrument, Item, ItemCheck

#: Rows that correlations are taken from, evenly spread over the file; more would tell no more.
SAMPLE = 50_000
#: Fewer answers than this tell nothing.
ENOUGH = 50
#: A question that went with the others at least so well, and now goes against them by so much, was turned.
WENT_WITH, GOES_AGAINST = 0.2, -0.1
#: Share of the answers that must have moved, and the part of it that is left when they are mirrored.
MOVED, MIRRORED = 0.25, 0.5


def correlations(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Pairwise correlations of the questions, scored so that more is better (NaN where fewer than 50 answered both)."""
    step = max(1, len(answers) // SAMPLE)
    scored = {name: _scored(instrument.item(name), answers[name].to_numpy()[::step]) for name in answers.columns}
    x = np.column_stack(list(scored.values())) if scored else np.zeros((0, 0))
    known = np.isfinite(x).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known > 0, x, 0.0).sum(axis=0) / known.sum(axis=0)
        x = np.where(known > 0, x - mean, 0.0)
        pairs = known.T @ known
        cross = x.T @ x
        # Sums over the rows that answered both, each about its own mean there.
        sums, squares = x.T @ known, (x * x).T @ known
        covariance = cross / pairs - (sums / pairs) * (sums.T / pairs)
        variance = squares / pairs - (sums / pairs) ** 2
        r = covariance / np.sqrt(variance * variance.T)
    r[pairs < ENOUGH] = np.nan
    return pd.DataFrame(r, index=list(scored), columns=list(scored))


def _scored(item: Item, codes: np.ndarray) -> np.ndarray:
    share = (codes - item.scale.low) / (item.scale.high - item.scale.low)
    return 1 - share if item.reverse else share


def companions(items: Sequence[str], instrument: Instrument) -> dict[str, list[str]]:
    """For each question those it is measured against: of its dimension, else of any index it is in, else all others."""
    found = {}
    indices = sorted(instrument.indices, key=lambda index: (not index.dimension, len(index.parts)))
    groups = [set(instrument.items_of(index.key)) for index in indices]
    for item in items:
        together = next((g for g in groups if item in g and len(g & set(items)) > 2), set(items))
        found[item] = [other for other in items if other != item and other in together]
    return found


def rest_correlations(r: pd.DataFrame, instrument: Instrument) -> dict[str, float]:
    """Correlation of each question with the sum of its companions, all standardised; NaN where it has none."""
    found = {}
    matrix, place = r.to_numpy(), {name: k for k, name in enumerate(r.columns)}
    for item, others in companions(list(r.columns), instrument).items():
        at = [place[other] for other in others if np.isfinite(matrix[place[item], place[other]])]
        found[item] = float("nan")
        if at:
            whole = np.nansum(matrix[np.ix_(at, at)])
            found[item] = float(matrix[place[item], at].sum() / np.sqrt(whole)) if whole > 0 else float("nan")
    return found


def against_the_others(r: pd.DataFrame, instrument: Instrument, last: MappingType[str, ItemCheck]) -> list[str]:
    """Questions that went with the others in the last wave and now go against them.

    One at a time, the clearest first, each turned back before the next is looked for, so that several
    turned ones do not hide one another. Up to half of the questions can be found so.
    """
    turned: list[str] = []
    now = r.copy()
    while len(turned) <= len(r) / 2:
        rest = rest_correlations(now, instrument)
        signed = {
            item: value * np.sign(last[item].rest)
            for item, value in rest.items()
            if item in last and abs(last[item].rest) >= WENT_WITH and item not in turned
        }
        worst = min(signed, key=lambda item: signed[item], default="")
        if not worst or not signed[worst] <= GOES_AGAINST:
            return turned
        turned.append(worst)
        now.loc[worst], now[worst] = -now.loc[worst], -now[worst]
    return turned


def mirrored(item: Item, now: ItemCheck, last: ItemCheck) -> bool:
    """Whether the answers moved far from where they lay, and lie there again when they are mirrored."""
    if min(now.answered, last.answered) < ENOUGH or not now.shares or not last.shares:
        return False
    p, q = dict(now.shares), dict(last.shares)
    turned = {item.scale.low + item.scale.high - code: share for code, share in q.items()}
    moved = _distance(p, q)
    return moved >= MOVED and _distance(p, turned) <= MIRRORED * moved


def _distance(p: MappingType[float, float], q: MappingType[float, float]) -> float:
    """Share of the answers that lie elsewhere (total variation distance)."""
    return sum(abs(p.get(code, 0.0) - q.get(code, 0.0)) for code in {*p, *q}) / 2
