"""Difference in differences: against arithmetic written out, a textbook variance, and made-up worlds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import dense_covariance, dense_mean, make_wave, margins_of, random_design
from hypothesis import given, settings, strategies as st

from trustsurvey.comparison.beside import difference_in_differences
from trustsurvey.comparison.compare import change
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.weighting.weigh import rake

AREAS = ["north", "south", "east"]


def wave_of(seed: int, n: int = 240, lift: float = 0.0, name: str = "", **design: object) -> Wave:
    """A wave in three areas; ``lift``: points that the north stands higher."""
    rng = np.random.default_rng(seed)
    area = rng.integers(0, 3, n)
    y = 50 + 10 * rng.standard_normal(n) + lift * (area == 0)
    people = {"area": pd.Categorical.from_codes(area, AREAS)}
    return make_wave({"trust": y}, people, name=name or f"w{seed}", areas=("area",), **design)  # type: ignore[arg-type]


def row(old: Wave, new: Wave) -> pd.Series:
    found = difference_in_differences(old, new, "trust", "area", "north")
    assert found is not None
    return found.iloc[0]


def written_out(waves: tuple[Wave, Wave]) -> tuple[float, float]:
    """The estimate and its variance by loops, for waves without a unit in common."""
    diff = variance = 0.0
    for sign, wave in zip((-1, 1), waves, strict=True):
        y, w = wave.scores["trust"].to_numpy(float), wave.weights  # type: ignore[index]
        here = (wave.people["area"] == "north").to_numpy()
        one, z_one = dense_mean(y, w, here)
        other, z_other = dense_mean(y, w, ~here)
        weighting = wave.weighting
        constraints = None if weighting is None else weighting.constraints.toarray()
        base = None if weighting is None else weighting.base
        diff += sign * (one - other)
        variance += dense_covariance(z_one - z_other, wave.design, w, constraints, base)[0, 0]
    return diff, variance


@pytest.mark.parametrize("clusters", [False, True])
def test_it_is_the_arithmetic_of_four_means(clusters: bool) -> None:
    """Clusters lie in both sides, so that here and elsewhere are not independent."""
    rng = np.random.default_rng(3)
    waves = tuple(wave_of(k, **random_design(rng, 240, clusters=clusters)) for k in (1, 2))
    diff, variance = written_out(waves)  # type: ignore[arg-type]
    found = row(*waves)
    assert found["diff"] == pytest.approx(diff, rel=1e-10)
    assert found["se"] ** 2 == pytest.approx(variance, rel=1e-8)


def test_weights_set_to_the_population_count() -> None:
    waves = tuple(rake(wave_of(k), margins_of(area={"north": 50, "south": 30, "east": 40})) for k in (1, 2))
    diff, variance = written_out(waves)  # type: ignore[arg-type]
    found = row(*waves)
    assert (found["diff"], found["se"] ** 2) == pytest.approx((diff, variance), rel=1e-8)


def test_without_weights_it_is_the_textbook_variance() -> None:
    """The sum of s^2 / n over the four groups, each a domain of its wave (n / (n - 1) of a simple random sample)."""
    old, new = wave_of(1), wave_of(2, lift=5)
    diff, variance = 0.0, 0.0
    for sign, wave in ((-1, old), (1, new)):
        y, here = wave.scores["trust"], wave.people["area"] == "north"  # type: ignore[index]
        diff += sign * (y[here].mean() - y[~here].mean())
        n = len(y)
        variance += sum(y[g].var(ddof=0) / g.sum() * n / (n - 1) for g in (here, ~here))
    found = row(old, new)
    assert found["diff"] == pytest.approx(diff, rel=1e-10)
    assert found["se"] ** 2 == pytest.approx(variance, rel=1e-8)


def test_people_in_both_waves_make_it_surer() -> None:
    rng = np.random.default_rng(5)
    old = wave_of(1, ids=np.array([f"p{k}" for k in range(240)]))
    again = replace(old, name="later", scores=old.scores + rng.normal(0, 2, (240, 1)))
    apart = replace(again, design=replace(again.design, psu_ids=None))
    assert row(old, again)["se"] < 0.5 * row(old, apart)["se"]
    same = row(old, replace(old, name="same"))
    assert (same["diff"], same["verdict"]) == (0.0, "none")
    assert same["se"] == pytest.approx(0.0, abs=1e-8)


def test_what_moves_everybody_alike_is_no_difference() -> None:
    old = wave_of(1)
    raised = replace(wave_of(2), scores=wave_of(2).scores + 20)
    there = change(old, raised, estimate(old, ["trust"], ["area"]), estimate(raised, ["trust"], ["area"])).table
    assert (there["verdict"] == "up").all()
    assert row(old, raised)["verdict"] == "none"
    assert row(old, raised)["diff"] == pytest.approx(row(old, wave_of(2))["diff"])
    assert row(old, wave_of(2, lift=15))["verdict"] == "up"
    assert row(old, wave_of(2, lift=-15))["verdict"] == "down"


def test_degrees_of_freedom_are_those_of_the_small_side() -> None:
    """A place with forty answers beside four thousand others is known about as well as its own forty allow."""
    n = 4000
    rng = np.random.default_rng(9)
    waves = []
    for k in (1, 2):
        area = pd.Categorical(np.where(np.arange(n) < 40, "north", "south"))
        waves.append(make_wave({"trust": rng.normal(50, 10, n)}, {"area": area}, name=f"w{k}", areas=("area",)))
    assert 70 < row(*waves)["df"] < 90


def test_nothing_is_said_where_the_others_are_few() -> None:
    n = 200
    area = pd.Categorical(np.where(np.arange(n) < 180, "north", "south"))
    waves = [make_wave({"trust": np.arange(n) % 100}, {"area": area}, name=f"w{k}", areas=("area",)) for k in (1, 2)]
    assert difference_in_differences(*waves, "trust", "area", "north") is None
    assert difference_in_differences(*waves, "trust", "area", "south") is not None


def test_who_has_no_area_is_on_neither_side() -> None:
    old, new = wave_of(1), wave_of(2)
    kept = new.people["area"].to_numpy() != "east"
    people = new.people.assign(area=pd.Categorical(np.where(kept, new.people["area"], None), AREAS))
    dropped = replace(
        new, people=people, scores=new.scores.where(np.asarray(kept | (np.arange(240) % 2 == 0))[:, None], 99.0)
    )
    less = replace(new, scores=new.scores.where(kept[:, None]))
    assert row(old, dropped)["diff"] == pytest.approx(row(old, less)["diff"], rel=1e-10)


@given(seed=st.integers(0, 50), add=st.floats(-30, 30), times=st.floats(0.1, 3))
@settings(max_examples=25, deadline=None)
def test_shifts_drop_out_and_scales_scale(seed: int, add: float, times: float) -> None:
    old, new = wave_of(seed), wave_of(seed + 100)
    plain = row(old, new)
    moved = row(replace(old, scores=times * old.scores + add), replace(new, scores=times * new.scores - add))
    assert moved["diff"] == pytest.approx(times * plain["diff"], abs=1e-7)
    assert moved["se"] == pytest.approx(times * plain["se"], rel=1e-6)
    assert moved["df"] == pytest.approx(plain["df"], rel=1e-6)
