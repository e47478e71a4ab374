"""Strata with a single sampling unit, in everyone and in domains.

Frozen: R 4.2.2, survey 4.5 (which centres "adjust" at the mean of all units; 4.1 at nothing), 1e-8 relative::

    options(survey.lonely.psu = , survey.adjust.domain.lonely = )
    s <- svydesign(~1, strata = ~st, weights = ~w, data = d)
    p <- postStratify(s, ~g, data.frame(g = c("u", "v"), Freq = c(20, 18)))
    c(SE(svymean(~y, s)), SE(svytotal(~y, s)), SE(svyby(~y, ~g, s, svymean)), SE(svyby(~y, ~g, s, svytotal)),
      SE(svycontrast(svyby(~y, ~g, s, svymean, covmat = TRUE), c(1, -1))), SE(svyby(~y, ~g, p, svytotal)))
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import assert_close, refusal
from scipy import sparse

from trustsurvey.estimation.contrasts import jointly
from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.frames import wave_from_frame
from trustsurvey.model import Lonely, Margin
from trustsurvey.weighting.weigh import post_stratify

TABLE = pd.DataFrame(
    {
        "y": [3, 7, 8, 2, 9, 4, 6, 1, 8, 5, 2, 9],
        "g": list("uvvuvuuvuvuv"),
        "w": [2, 3, 1, 4, 2, 5, 3, 6, 2, 3, 4, 1],
        "st": list("aaaabbbcddee"),
    }
)
U_MEAN, TOTAL = 0.7195137246779939, 27.4226184016041756
R = {
    ("adjust", False): [
        0.8382091156775486, 15.5530007822713525, U_MEAN, 1.5941042038996776, TOTAL, 31.9870850674316856,
        1.7088353381442651, 14.3902744935598790, 28.6938756701941990,
    ],
    ("average", False): [
        0.7151850668071521, 15.6657801167597981, U_MEAN, 0.7883224794098979, TOTAL, 35.7596140918774452,
        1.0464892887855892, 16.0888159912406223, 14.1898046293781590,
    ],
    ("remove", False): [
        0.6396809703494082, 14.0118997046558000, U_MEAN, 0.7050970608606839, TOTAL, 31.9843711834389488,
        0.9360084749799944, 14.3902744935598790, 12.6917470954923086,
    ],
    ("adjust", True): [
        0.8382091156775486, 15.5530007822713525, 0.9075791976461337, 1.6576773772689832, 28.1178158868702646,
        32.3008320326272695, 1.7088353381442651, 14.3902744935598790, 28.6938756701941990,
    ],
    ("average", True): [
        0.7151850668071521, 15.6657801167597981, 0.6506919393998976, 0.8759063386358726, 29.3938769133981346,
        44.3283205186030003, 1.0464892887855892, 16.0888159912406223, 14.1898046293781590,
    ],
}  # fmt: skip


@pytest.mark.parametrize(("lonely", "domains"), list(R))
def test_standard_errors_agree_with_r(lonely: Lonely, domains: bool) -> None:
    wave = wave_from_frame(TABLE, weights="w", strata="st", lonely=lonely, lonely_domains=domains)
    raked = post_stratify(wave, Margin("g", pd.Series({"u": 20.0, "v": 18.0})))
    whole = [estimate(wave, ["y"], stat=stat).table["se"].iloc[0] for stat in ("mean", "total")]
    by = [estimate(wave, ["y"], ["g"], stat=stat, everyone=False).table["se"] for stat in ("mean", "total")]
    gap = jointly(wave, ["y"], ["g"], everyone=False).contrast({"gap": {"u": 1, "v": -1}}).table["se"]
    weighted = estimate(raked, ["y"], ["g"], stat="total", everyone=False).table["se"]
    assert_close(np.concatenate([whole, *by, gap, weighted]), R[lonely, domains])


def test_a_domain_without_a_lonely_unit_is_none_the_worse_for_it() -> None:
    """Stratum c has one unit, of v: what u has of variance is the same under all treatments."""
    found = {}
    for lonely in ("adjust", "average", "remove"):
        wave = wave_from_frame(TABLE, weights="w", strata="st", lonely=lonely)
        found[lonely] = estimate(wave, ["y"], ["g"], stat="total", everyone=False).table["se"].iloc[0]
    assert len(set(found.values())) == 1


def test_everybody_together_sees_all_strata() -> None:
    """The covariance of several estimates is that of the strata which any of them has."""
    wave = wave_from_frame(TABLE, weights="w", strata="st", lonely="average")
    u = sparse.csr_array((TABLE["g"] == "u").to_numpy(float)[:, None])
    one = sparse.csr_array(np.ones((12, 1)))
    model = VarianceModel.of(wave)
    together = model.covariance(sparse.csr_array(sparse.hstack([u, one])))[0, 0]
    assert together == pytest.approx(model.variance(u)[0] * 5 / 4)  # five strata, four of them with two units
    assert together == pytest.approx(model.variance(u, one)[0])


def test_a_share_that_rounds_to_a_census_is_none() -> None:
    """One of 1 + 1e-9 units: R takes less than 1e-7 left over as nothing."""
    table = TABLE.assign(N=np.where(TABLE["st"] == "c", 1 + 1e-9, 1e9))
    wave = wave_from_frame(table, weights="w", strata="st", fpc="N")
    assert estimate(wave, ["y"]).table["se"].iloc[0] == pytest.approx(R["remove", False][0], rel=1e-6)
    with refusal("design.lonely", "1 strata"):
        estimate(wave_from_frame(TABLE, weights="w", strata="st"), ["y"])
