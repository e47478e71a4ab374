"""Several waves taken as one: a rolling year for areas too small for a single wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from trustsurvey.errors import SurveyError
from trustsurvey.model import Design, Margins, Wave, Weighting
from trustsurvey.wording import same_wording


def pool(waves: Sequence[Wave]) -> Wave:
    """Waves as the strata of one sample, each with the same total of weights.

    Each wave keeps the weights it was given and the margins it was raked to; that its total was
    set, too, is a calibration that lowers the variance. The pooled total is the mean of the waves'
    totals. A unit that was interviewed in several waves (by its label) is one sampling unit, and
    the strata it lies in are then taken as one. Questions asked in several wordings carry them all.

    SurveyError ``pool.empty`` if no wave has an answer.
    """
    waves = [wave for wave in waves if len(wave)]
    if not waves:
        raise SurveyError("pool.empty", "There are no answers to pool", expected="one or more waves with answers")
    if len(waves) == 1:
        return waves[0]
    total = float(np.mean([wave.weights.sum() for wave in waves]))
    factors = [total / len(waves) / wave.weights.sum() for wave in waves]
    first, last = waves[0], waves[-1]
    scores = [wave.scores for wave in waves]
    return replace(
        last,
        name=f"{first.name} to {last.name}",
        people=_stack([wave.people.assign(wave=wave.name) for wave in waves]),
        answers=pd.concat([wave.answers for wave in waves], ignore_index=True),
        missing=pd.concat([wave.missing for wave in waves], ignore_index=True).fillna(1).astype("int8"),
        scores=None if any(s is None for s in scores) else pd.concat(scores, ignore_index=True),
        comments=pd.DataFrame(),
        design=_stacked_design(waves, factors),
        weighting=_stacked_weighting(waves, factors),
        wording={item: _wordings(waves, item) for item in dict.fromkeys(i for wave in waves for i in wave.items)},
        asked_on=_asked_on(waves),
        report=replace(last.report, modes=_modes(waves)),
        start=min((wave.start for wave in waves if wave.start), default=None),
        end=max((wave.end for wave in waves if wave.end), default=None),
        probability=all(wave.probability for wave in waves),
        parts=tuple(waves),
        withheld=frozenset(),
    )


def _wordings(waves: Sequence[Wave], item: str) -> str:
    """How an item was asked; several wordings one after another, which no single wave matches."""
    asked: list[str] = []
    for wave in waves:
        text = wave.wording.get(item, "")
        if item in wave.items and not any(same_wording(text, other) for other in asked):
            asked.append(text)
    return " / ".join(asked)


def _asked_on(waves: Sequence[Wave]) -> dict[str, str]:
    """The scale that each item was answered on; where that differed, all of them, which no single wave matches."""
    scales: dict[str, dict[str, None]] = {}
    for wave in waves:
        for item in wave.items:
            scales.setdefault(item, {})[wave.asked_on.get(item, "")] = None
    joined = {item: " / ".join(scale or "its own" for scale in found) for item, found in scales.items()}
    return {item: scale for item, scale in joined.items() if scale != "its own"}


def _modes(waves: Sequence[Wave]) -> tuple[tuple[str, float], ...]:
    """Shares of interview modes over waves that count alike; unknown where one wave does not know them."""
    known = [dict(wave.report.modes) for wave in waves]
    if not all(known):
        return ()
    modes = dict.fromkeys(mode for shares in known for mode in shares)
    return tuple((mode, sum(shares.get(mode, 0.0) for shares in known) / len(known)) for mode in modes)


def _stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of all frames; categories are the union, in the order of the last frame first."""
    stacked = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
    for column in stacked.columns:
        kinds = [f[column].dtype for f in reversed(frames) if column in f.columns]
        if all(isinstance(kind, pd.CategoricalDtype) for kind in kinds):
            union = list(dict.fromkeys(category for kind in kinds for category in kind.categories))
            stacked[column] = pd.Categorical(stacked[column], categories=union)
    return stacked


def _stacked_design(waves: Sequence[Wave], factors: list[float]) -> Design:
    strata, psus, labels = [], [], []
    stratum_offset = psu_offset = 0
    for wave in waves:
        design = wave.design
        strata.append(design.strata + stratum_offset)
        psus.append(design.psus + psu_offset)
        stratum_offset += int(design.strata.max()) + 1
        psu_offset += int(design.psus.max()) + 1
        labels.append(np.full(len(wave), None, dtype=object) if design.psu_ids is None else design.psu_ids)
    known = [wave.design.fpc for wave in waves if wave.design.fpc is not None]
    design = Design(
        np.concatenate([wave.design.weights * factor for wave, factor in zip(waves, factors, strict=True)]),
        np.concatenate(strata),
        np.concatenate(psus),
        np.concatenate(known) if len(known) == len(waves) else None,
        np.concatenate(labels),
        waves[-1].design.lonely,
        waves[-1].design.lonely_domains,
    )
    return _joined(design)


def _joined(design: Design) -> Design:
    """The design with units that carry one label made one, and the strata that they join made one."""
    assert design.psu_ids is not None
    labels = pd.Series(design.psu_ids, dtype=object)
    labels = labels.where(labels.notna() & (labels != ""), "unlabelled " + pd.Series(design.psus).astype(str))
    units = pd.factorize(labels)[0]
    count = int(design.strata.max()) + 1
    pairs = pd.DataFrame({"unit": units, "stratum": design.strata}).drop_duplicates()
    first = pairs.groupby("unit")["stratum"].transform("first")
    links = sparse.coo_array((np.ones(len(pairs)), (first, pairs["stratum"])), shape=(count, count))
    joined, strata = csgraph.connected_components(links, directed=False)
    if joined == count:
        return design  # nobody was interviewed twice
    codes = strata[design.strata].astype(np.int64)
    return replace(design, strata=pd.factorize(codes)[0].astype(np.int64), psus=units.astype(np.int64), fpc=None)


def _stacked_weighting(waves: Sequence[Wave], factors: list[float]) -> Weighting:
    """Weights of all waves; a wave that was not raked is calibrated to its own total at least."""
    blocks, weights, base = [], [], []
    for wave, factor in zip(waves, factors, strict=True):
        calibrated = wave.weighting
        total = sparse.csr_array(np.ones((len(wave), 1)))
        blocks.append(total if calibrated is None else calibrated.constraints)
        weights.append(wave.weights * factor)
        base.append((wave.design.weights if calibrated is None else calibrated.base) * factor)
    last = next((wave.weighting for wave in reversed(waves) if wave.weighting is not None), None)
    return Weighting(
        weights=np.concatenate(weights),
        base=np.concatenate(base),
        constraints=sparse.csr_array(sparse.block_diag(blocks, format="csr")),
        margins=Margins(()) if last is None else last.margins,
        settings={"method": "equal wave totals"} if last is None else last.settings,
    )


def rolling_year(waves: Sequence[Wave], at: int) -> tuple[int, ...]:
    """Positions of the waves of the year that ends with wave ``at``; () if they do not make up one.

    A year is made up of three or more waves that begin within 372 days of the last one's end and
    span eight months at least. Shorter pools are not offered: two that overlap could be subtracted
    from one another to uncover a single wave's small areas.
    """
    end = waves[at].end
    if end is None:
        return ()
    inside = [k for k in range(at + 1) if _within(waves[k], end)]
    starts = [start for k in inside if (start := waves[k].start) is not None]
    if len(inside) < 3 or (end - min(starts)).days < 240:
        return ()
    return tuple(inside)


def _within(wave: Wave, end: date) -> bool:
    return wave.start is not None and wave.end is not None and wave.end <= end and (end - wave.start).days < 372
