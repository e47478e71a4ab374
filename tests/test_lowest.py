"""Probabilities of being among the lowest: against exact cases, their sums, and what repeated draws give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import refusal
from scipy import stats
from test_small_area import gate

from trustsurvey.areas.fay_herriot import fay_herriot, posterior
from trustsurvey.areas.lowest import lowest_areas
from trustsurvey.areas.small_area import SmallAreas, model_areas
from trustsurvey.model import Estimates


def model_of(est: np.ndarray, se: float | np.ndarray, n: int | np.ndarray = 40) -> SmallAreas:
    """Areas with these direct estimates and standard errors."""
    m = len(est)
    table = pd.DataFrame(
        {
            "wave": "w1", "measure": "y", "stat": "mean", "by": "area", "level": [f"a{k:02d}" for k in range(m)],
            "est": est, "se": se, "lci": est, "uci": est, "n": n, "n_eff": n, "deff": 1.0, "df": np.asarray(n) - 1,
            "method": "", "suppressed": "",
        }
    )  # fmt: skip
    direct = Estimates(table)
    return model_areas(direct, gate(direct), "area", "y")


def test_areas_far_apart_are_ranked_with_certainty() -> None:
    est = np.random.default_rng(1).permutation(np.arange(20) * 10.0)
    found = lowest_areas(model_of(est, 0.1))
    assert found["k"].eq(4).all()
    np.testing.assert_array_equal(found["probability"], (est < 40).astype(float))
    np.testing.assert_array_equal(found["rank"], est / 10 + 1)
    np.testing.assert_array_equal(found["rank_lci"], found["rank_uci"])


def test_areas_alike_are_all_as_likely() -> None:
    found = lowest_areas(model_of(np.full(20, 60.0), 3.0), draws=20_000)
    np.testing.assert_allclose(found["probability"], 0.2, atol=0.015)
    np.testing.assert_allclose(found["rank"], 10.5, atol=0.2)
    assert (found["rank_lci"] == 1).all()
    assert (found["rank_uci"] == 20).all()


def test_probabilities_add_to_the_number_of_places() -> None:
    est = 60 + 5 * np.random.default_rng(2).normal(size=31)
    model = model_of(est, 4.0)
    for share, k in ((0.2, 6), (0.1, 3), (0.01, 1), (0.5, 16)):
        found = lowest_areas(model, share)
        assert found["k"].eq(k).all()
        assert found["probability"].sum() == pytest.approx(k)
        assert found["rank"].sum() == pytest.approx(31 * 32 / 2)
        assert ((found["rank_lci"] <= found["rank"]) & (found["rank"] <= found["rank_uci"])).all()
    np.testing.assert_array_equal(lowest_areas(model, k=6)["probability"], lowest_areas(model)["probability"])


def test_the_highest_are_the_lowest_turned_round() -> None:
    est = 60 + 5 * np.random.default_rng(3).normal(size=20)
    low = lowest_areas(model_of(est, 4.0), draws=20_000)
    high = lowest_areas(model_of(100 - est, 4.0), end="highest", draws=20_000)
    np.testing.assert_allclose(low["probability"], high["probability"], atol=0.02)
    assert low["probability"].to_numpy()[est.argmin()] > 0.5


def test_the_lowest_of_two_by_hand() -> None:
    """P(first below second) from the mixture of their normal differences."""
    model = model_of(60 + 5 * np.random.default_rng(4).normal(size=12), 4.0)
    mixture = model.draws_from
    pair = replace(mixture, mean=mixture.mean[:, :2], own=mixture.own[:, :2], shared=mixture.shared[:, :2])
    two = replace(model, draws_from=pair, table=model.table.iloc[:2])
    apart = pair.mean[:, 1] - pair.mean[:, 0]
    sd = np.sqrt((pair.own**2).sum(axis=1) + ((pair.shared[:, 1] - pair.shared[:, 0]) ** 2).sum(axis=1))
    expected = pair.weight @ stats.norm.cdf(apart / sd)
    found = lowest_areas(two, k=1, draws=40_000)
    assert found["probability"][0] == pytest.approx(expected, abs=0.01)


def test_a_small_sample_at_the_bottom_is_not_taken_at_its_word() -> None:
    """The lowest direct estimate, from 12 answers, is less likely among the lowest than a sure low one."""
    est = np.r_[40.0, 48.0, 60 + 3 * np.random.default_rng(5).normal(size=18)]
    n = np.r_[12, 300, np.full(18, 60)]
    found = lowest_areas(model_of(est, 25 / np.sqrt(n), n))["probability"]
    assert found[0] < found[1]


def test_an_area_without_answers_is_never_sure_of_its_place() -> None:
    est = 60 + 8 * np.random.default_rng(6).normal(size=20)
    model = model_of(est, np.where(np.arange(20) == 4, 9.0, 2.0), np.where(np.arange(20) == 4, 5, 60))
    row = lowest_areas(model).iloc[4]
    assert row["flag"] == "synthetic"
    assert 0.02 < row["probability"] < 0.6
    assert row["rank_uci"] - row["rank_lci"] >= 15


def test_the_same_seed_gives_the_same_table_and_another_one_nearly() -> None:
    model = model_of(60 + 5 * np.random.default_rng(7).normal(size=25), 4.0)
    pd.testing.assert_frame_equal(lowest_areas(model), lowest_areas(model))
    one, two = lowest_areas(model, seed=1), lowest_areas(model, seed=2)
    apart = (one["probability"] - two["probability"]).abs()
    assert apart.max() > 0
    assert (apart <= 5 * np.hypot(one["mc_error"], two["mc_error"]) + 1e-3).all()


def test_many_draws_are_ranked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(60 + 5 * np.random.default_rng(8).normal(size=15), 4.0)
    whole = lowest_areas(model, draws=1001)
    monkeypatch.setattr("trustsurvey.areas.lowest.BLOCK", 300)
    pd.testing.assert_frame_equal(whole, lowest_areas(model, draws=1001))


def test_uncertainty_of_the_variance_is_in_it() -> None:
    """With few areas the probabilities are those of the whole posterior, not of the REML variance alone."""
    model = model_of(60 + 4 * np.random.default_rng(9).normal(size=8), 4.0)
    fit = fay_herriot(model.fit.y, model.fit.X, model.fit.psi)
    draws = posterior(fit).draw(10_000, 20240511)
    expected = (draws.argsort(axis=1).argsort(axis=1) < 2).mean(axis=0)
    np.testing.assert_allclose(lowest_areas(model)["probability"], expected)


def test_impossible_requests_are_refused() -> None:
    model = model_of(60 + 5 * np.random.default_rng(10).normal(size=12), 4.0)
    for wrong in ({"share": 0.0}, {"share": 1.0}, {"k": 0}, {"k": 12}):
        with refusal("lowest.number"):
            lowest_areas(model, **wrong)
    with refusal("lowest.draws"):
        lowest_areas(model, draws=10)
    with refusal("lowest.end"):
        lowest_areas(model, end="middle")  # type: ignore[arg-type]
