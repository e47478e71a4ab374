"""Waves weighted one by one or all together."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_wave, margins_of, refusal

from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.weighting.series import weigh_series

MARGINS = margins_of(sex={"f": 500, "m": 500})


def waves() -> list[Wave]:
    rng = np.random.default_rng(2)
    return [
        make_wave({"y": rng.normal(50, 10, 40)}, {"sex": ["f"] * women + ["m"] * (40 - women)}, name=name)
        for name, women in (("spring", 10), ("summer", 30), ("autumn", 16))
    ]


def test_each_wave_meets_the_margins_by_itself() -> None:
    pooled = weigh_series(waves(), MARGINS)
    for name in ("spring", "summer", "autumn"):
        here = (pooled.people["wave"] == name).to_numpy()
        women = (pooled.people["sex"] == "f").to_numpy() & here
        assert pooled.weights[here].sum() == pytest.approx(1000 / 3)
        assert pooled.weights[women].sum() == pytest.approx(500 / 3)


def test_together_only_the_pooled_file_meets_them() -> None:
    pooled = weigh_series(waves(), MARGINS, "together")
    women = (pooled.people["sex"] == "f").to_numpy()
    assert pooled.weights[women].sum() == pytest.approx(500)
    assert pooled.weights.sum() == pytest.approx(1000)
    spring = (pooled.people["wave"] == "spring").to_numpy()
    # 56 women and 64 men in all: 10 women and 30 men of spring.
    assert pooled.weights[spring].sum() == pytest.approx(500 * 10 / 56 + 500 * 30 / 64)
    assert pooled.weighting is not None
    assert pooled.weighting.settings["series"] == ["spring", "summer", "autumn"]
    assert estimate(pooled, ["y"], ["wave"]).table["se"].gt(0).all()


def test_together_with_equal_waves() -> None:
    pooled = weigh_series(waves(), MARGINS, "together", equal_waves=True)
    totals = [pooled.weights[(pooled.people["wave"] == name).to_numpy()].sum() for name in ("spring", "autumn")]
    np.testing.assert_allclose(totals, 1000 / 3)
    assert pooled.weights[(pooled.people["sex"] == "f").to_numpy()].sum() == pytest.approx(500)


def test_a_category_may_be_absent_from_a_single_wave_when_weighted_together() -> None:
    few = [*waves(), make_wave({"y": np.arange(5.0)}, {"sex": ["m"] * 5}, name="winter")]
    assert weigh_series(few, MARGINS, "together").weights.sum() == pytest.approx(1000)
    with refusal("margins.absent-level", "winter", "'f'"):
        weigh_series(few, MARGINS)
    with refusal("series.how", "'apart'"):
        weigh_series(few, MARGINS, "apart")  # type: ignore[arg-type]
