"""Every replicate meets the margins by the wave's own method."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from builders import make_wave, margins_of, refusal, with_design
from hypothesis import given, settings, strategies as st

from trustsurvey.comparison.pooling import pool
from trustsurvey.model import Margins, Wave
from trustsurvey.replication.recalibration import recalibrated
from trustsurvey.weighting.series import weigh_series
from trustsurvey.weighting.trimming import trim
from trustsurvey.weighting.weigh import bring, calibrate, post_stratify, rake

SEEDS = st.integers(0, 2**32 - 1)


def sample(seed: int, n: int = 150, name: str = "w1") -> tuple[Wave, Margins]:
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({"sex": rng.choice(["f", "m"], n), "age": rng.choice(["a", "b", "c", "d"], n),
                           "area": rng.choice(["n", "s", "w"], n)})  # fmt: skip
    known = rng.uniform(0.6, 1.6, n) * 10
    tables = {c: pd.Series(known).groupby(people[c]).sum().to_dict() for c in people}
    wave = make_wave({"y": rng.normal(50, 15, n)}, people, weights=rng.uniform(0.5, 2.0, n), name=name)
    return wave, margins_of(**tables)


def factors_of(seed: int, n: int, count: int = 6) -> np.ndarray:
    """Resamples of everyone."""
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), count).astype(float)


@settings(max_examples=15)
@given(SEEDS, st.sampled_from(["rake", "bounded", "linear", "greg", "raked total", "post"]))
def test_a_replicate_is_the_wave_weighted_from_the_replicates_base(seed: int, how: str) -> None:
    """Row by row what weighting a wave with those base weights gives, rows without weight left out."""
    wave, margins = sample(seed)
    y = float(wave.design.weights @ wave.scores["y"] / wave.design.weights.sum())  # type: ignore[index]
    work: dict[str, Any] = {
        "rake": lambda w: rake(w, margins),
        "bounded": lambda w: rake(w, margins, bounds=(0.3, 3.5), bounds_on="base"),
        "linear": lambda w: calibrate(w, margins),
        "greg": lambda w: calibrate(w, margins, means={"y": y}),
        "raked total": lambda w: rake(w, margins, means={"y": y}),
        "post": lambda w: post_stratify(w, margins.margins[1]),
    }
    scale = float(margins.margins[0].targets.sum() / wave.design.weights.sum())
    wave = with_design(wave, replace(wave.design, weights=wave.design.weights * scale))
    weighted = work[how](wave)
    factors = factors_of(seed, len(wave), 3)
    weights, kept = recalibrated(weighted, weighted.design, factors)
    assert kept.all()
    for r, factor in enumerate(factors):
        some = factor > 0
        base = (wave.design.weights * factor)[some]
        part = make_wave({"y": wave.scores["y"][some]}, wave.people[some].reset_index(drop=True), weights=base)  # type: ignore[index]
        np.testing.assert_allclose(weights[some, r], work[how](part).weights, rtol=1e-8, atol=1e-9)
        np.testing.assert_array_equal(weights[~some, r], 0)


def test_a_replicate_that_lost_a_category_has_no_weights() -> None:
    wave, margins = sample(5)
    factors = np.ones((2, len(wave)))
    factors[1, (wave.people["age"] == "b").to_numpy()] = 0
    for weighted in (rake(wave, margins), calibrate(wave, margins)):
        weights, kept = recalibrated(weighted, weighted.design, factors)
        assert kept.tolist() == [True, False]
        np.testing.assert_allclose(weights[:, 0], weighted.weights, rtol=1e-10)


def test_weights_taken_as_fixed_are_multiplied() -> None:
    wave, margins = sample(6)
    factors = factors_of(2, len(wave))
    for weighted, again in ((wave, True), (bring(wave, np.linspace(1, 2, 150), reason="R"), True),
                            (rake(wave, margins), False)):  # fmt: skip
        weights, kept = recalibrated(weighted, weighted.design, factors, again)
        assert kept.all()
        np.testing.assert_allclose(weights, weighted.weights[:, None] * factors.T)


def test_trimming_stays_as_a_factor() -> None:
    wave, margins = sample(7)
    raked = rake(wave, margins)
    cut = trim(raked, 0.5, 1.5)
    factors = factors_of(3, len(wave))
    before, _ = recalibrated(raked, wave.design, factors)
    after, _ = recalibrated(cut, wave.design, factors)
    np.testing.assert_allclose(after, before * (cut.weights / raked.weights)[:, None], rtol=1e-9)


def test_pooled_waves_are_weighted_as_they_were() -> None:
    """Wave by wave where each was weighted by itself, at once where they were weighted together."""
    (one, margins), (two, _) = sample(8, name="one"), sample(9, name="two")
    factors = factors_of(4, 300)
    sex = [np.r_[one.people["sex"] == "f", np.zeros(150, bool)], np.r_[np.zeros(150, bool), two.people["sex"] == "f"]]
    each = weigh_series([one, two], margins)
    weights, kept = recalibrated(each, each.design, factors)
    assert kept.all()
    for women in sex:
        np.testing.assert_allclose(weights[women].sum(axis=0), each.weights[women].sum(), rtol=1e-10)
    together = weigh_series([one, two], margins, "together")
    weights, _ = recalibrated(together, together.design, factors)
    np.testing.assert_allclose(weights[sex[0] | sex[1]].sum(axis=0), margins.margins[0].targets["f"], rtol=1e-10)
    assert np.ptp(weights[sex[0]].sum(axis=0)) > 1
    unweighted = pool([one, rake(two, margins)])
    weights, _ = recalibrated(unweighted, unweighted.design, factors)
    np.testing.assert_allclose(weights[:150].sum(axis=0), unweighted.weights[:150].sum(), rtol=1e-10)
    np.testing.assert_allclose(weights[sex[1]].sum(axis=0), unweighted.weights[sex[1]].sum(), rtol=1e-10)


def test_weights_that_were_changed_by_hand_are_refused() -> None:
    wave, margins = sample(10)
    raked = rake(wave, margins)
    assert raked.weighting is not None
    changed = replace(raked, weighting=replace(raked.weighting, weights=raked.weights * 1.01))
    with refusal("weights.fit", "w1"):
        recalibrated(changed, wave.design, factors_of(1, 150))
