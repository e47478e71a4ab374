"""Several waves as one: equal totals, waves as strata, margins kept, honest variances."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from builders import dense_covariance, dense_mean, make_wave, margins_of, random_design, refusal, row_of

from trustsurvey.comparison.compare import breaks
from trustsurvey.comparison.pooling import pool, rolling_year
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.weighting.weigh import rake


def wave_of(name: str, seed: int, n: int, population: float | None = 1000.0, **design: object) -> Wave:
    rng = np.random.default_rng(seed)
    sex = np.r_[["f", "m"], rng.choice(["f", "m"], n - 2)]
    people = {"sex": pd.Categorical(sex), "age": rng.choice(["a", "b"], n)}
    y = rng.normal(50, 10, n) + 20 * (sex == "f")
    wave = make_wave({"y": y}, people, name=name, **(design or random_design(rng, n)))
    margins = margins_of(sex=dict.fromkeys("fm", (population or 0) / 2 or 1))
    return wave if population is None else rake(wave, margins)


def test_waves_get_equal_totals_and_their_mean_is_the_estimate() -> None:
    waves = [wave_of("a", 1, 60, 900.0), wave_of("b", 2, 90, 1100.0)]
    pooled = pool(waves)
    assert len(pooled) == 150
    assert pooled.weights.sum() == pytest.approx(1000)
    assert pooled.weights[:60].sum() == pytest.approx(500)
    np.testing.assert_allclose(pooled.weights[60:] / waves[1].weights, 500 / 1100, rtol=1e-12)
    each = [row_of(estimate(wave, ["y"]), by="") for wave in waves]
    both = row_of(estimate(pooled, ["y"]), by="")
    assert both["est"] == pytest.approx((each[0]["est"] + each[1]["est"]) / 2)
    assert both["se"] == pytest.approx(np.hypot(each[0]["se"], each[1]["se"]) / 2, rel=1e-9)
    assert both["df"] == each[0]["df"] + each[1]["df"]
    assert both["n"] == 150


def test_the_calibration_of_each_wave_still_lowers_the_variance() -> None:
    """Against the residual matrix of the stacked dummies; the plain variance is another number."""
    waves = [wave_of("a", 3, 60), wave_of("b", 4, 60), wave_of("c", 5, 80)]
    pooled = pool(waves)
    assert pooled.weighting is not None
    x = pooled.weighting.constraints.toarray()
    assert x.shape == (200, 6)
    mean, z = dense_mean(pooled.scores["y"].to_numpy(), pooled.weights, np.ones(200, dtype=bool))
    row = row_of(estimate(pooled, ["y"]), by="")
    expected = dense_covariance(z, pooled.design, pooled.weights, x, pooled.weighting.base)[0, 0]
    assert (row["est"], row["se"]) == pytest.approx((mean, np.sqrt(expected)), rel=1e-9)
    assert row["se"] != pytest.approx(np.sqrt(dense_covariance(z, pooled.design, pooled.weights)[0, 0]), rel=1e-3)


def test_weighted_and_unweighted_waves_can_be_pooled() -> None:
    waves = [wave_of("a", 6, 60, None), wave_of("b", 7, 60), wave_of("c", 8, 60, None)]
    pooled = pool(waves)
    each = [row_of(estimate(wave, ["y"]), by="") for wave in waves]
    both = row_of(estimate(pooled, ["y"]), by="")
    assert both["est"] == pytest.approx(np.mean([row["est"] for row in each]))
    assert both["se"] == pytest.approx(np.sqrt(sum(row["se"] ** 2 for row in each)) / 3, rel=1e-9)


def test_waves_whose_totals_were_set_add_no_variance_of_their_own() -> None:
    """Everybody says 30 in one wave and 70 in the other: the mean of the two is 50 in every sample.

    Giving each wave the same total is a calibration; leaving it out of the variance makes it random.
    """
    rng = np.random.default_rng(17)
    waves = [
        make_wave({"y": np.full(50, y)}, name=name, weights=rng.uniform(0.3, 3, 50))
        for name, y in (("a", 30.0), ("b", 70.0))
    ]
    row = row_of(estimate(pool(waves), ["y"]), by="")
    assert row["est"] == pytest.approx(50)
    assert row["se"] == pytest.approx(0, abs=1e-6)


def test_strata_and_units_of_different_waves_stay_apart() -> None:
    waves = [wave_of("a", 9, 60), wave_of("b", 10, 60)]
    design = pool(waves).design
    for codes in (design.strata, design.psus):
        assert not set(codes[:60]) & set(codes[60:])
        assert sorted(set(codes)) == list(range(max(codes) + 1))
    assert len(set(design.strata)) == 6
    assert len(set(design.psus)) == 34
    assert design.fpc is not None
    without = pool([waves[0], wave_of("b", 10, 60, None, weights=np.ones(60))])
    assert without.design.fpc is None


def test_what_the_pool_keeps() -> None:
    one = replace(wave_of("a", 11, 60, ids=np.arange(60)), start=date(2025, 1, 1), end=date(2025, 2, 1))
    two = replace(wave_of("b", 12, 70, ids=np.arange(70)), start=date(2025, 7, 1), end=date(2025, 8, 1))
    two = replace(two, probability=True)
    pooled = pool([one, two])
    assert pooled.name == "a to b"
    assert pooled.pooled_from == ("a", "b")
    assert (pooled.start, pooled.end) == (date(2025, 1, 1), date(2025, 8, 1))
    assert not pooled.probability
    assert pool([two, two]).probability
    assert pooled.people["wave"].tolist() == ["a"] * 60 + ["b"] * 70
    assert list(pooled.people["sex"].cat.categories) == ["f", "m"]
    assert pooled.people["age"].tolist() == [*one.people["age"], *two.people["age"]]
    assert pooled.scores["y"].tolist() == [*one.scores["y"], *two.scores["y"]]
    assert pooled.design.psu_ids is not None
    assert pooled.design.psu_ids.tolist() == [*range(60), *range(70)]
    by_wave = estimate(pooled, ["y"], ["wave"]).table
    assert by_wave["est"].iloc[1] == pytest.approx(row_of(estimate(one, ["y"]), by="")["est"])


def test_an_item_that_a_wave_did_not_ask_is_blank_there() -> None:
    one = wave_of("a", 13, 20, ids=np.arange(20))
    extra = one.answers.assign(z_q=3.0)
    two = replace(one, name="b", answers=extra, missing=extra.isna().astype("int8"))
    pooled = pool([one, two])
    assert pooled.answers["z_q"].isna().tolist() == [True] * 20 + [False] * 20
    assert pooled.missing["z_q"].tolist() == [1] * 20 + [0] * 20
    assert pool([replace(one, scores=None), two]).scores is None


def test_categories_are_those_of_all_waves_the_last_ones_first() -> None:
    one = make_wave({"y": [1.0, 2]}, {"g": pd.Categorical(["x", "y"], categories=["y", "x"])}, name="a")
    two = make_wave({"y": [1.0, 2]}, {"g": pd.Categorical(["z", "x"], categories=["z", "x"])}, name="b")
    pooled = pool([one, two])
    assert list(pooled.people["g"].cat.categories) == ["z", "x", "y"]
    assert pooled.people["g"].tolist() == ["x", "y", "z", "x"]


def test_one_wave_is_itself_and_none_is_refused() -> None:
    wave = wave_of("a", 14, 30)
    assert pool([wave]) is wave
    with refusal("pool.empty"):
        pool([])


def test_a_question_that_was_reworded_within_the_pool_is_a_break() -> None:
    """The pooled score holds answers to another wording: comparing it must not pass as the same question."""
    one, two = wave_of("a", 15, 30), wave_of("b", 16, 30)
    reworded = replace(one, wording={"y_q": "Something else entirely?"})
    assert breaks(pool([one, two]), two, "y") == ()
    assert breaks(pool([reworded, two]), two, "y") == ("y_q",)


def dated(start: date | None, end: date | None) -> Wave:
    return replace(make_wave(n=1), start=start, end=end)


QUARTERS = [
    dated(date(2024, 1, 10), date(2024, 2, 1)),
    dated(date(2024, 4, 10), date(2024, 5, 1)),
    dated(date(2024, 7, 10), date(2024, 8, 1)),
    dated(date(2024, 10, 10), date(2024, 11, 1)),
    dated(date(2025, 1, 10), date(2025, 2, 1)),
]


@pytest.mark.parametrize(("at", "positions"), [(0, ()), (1, ()), (2, ()), (3, (0, 1, 2, 3)), (4, (1, 2, 3, 4))])
def test_a_rolling_year_of_quarters(at: int, positions: tuple[int, ...]) -> None:
    """Wave 0 begins 388 days before the end of wave 4 and belongs to the year before."""
    assert rolling_year(QUARTERS, at) == positions


def test_a_rolling_year_needs_dates_three_waves_and_eight_months() -> None:
    assert rolling_year([*QUARTERS[:3], dated(None, None)], 3) == ()
    assert rolling_year([dated(None, date(2024, 2, 1)), *QUARTERS[1:4]], 3) == ()  # 205 days in three waves
    assert rolling_year([dated(None, None), *QUARTERS[1:]], 4) == (1, 2, 3, 4)
    assert rolling_year([QUARTERS[0], QUARTERS[3]], 1) == ()
    assert rolling_year([QUARTERS[0], QUARTERS[1], QUARTERS[3]], 2) == (0, 1, 2)
