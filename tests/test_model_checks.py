"""Checks of the small-area model: each figure by hand, and what is said of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import assert_close, row_of
from scipy import stats
from test_lowest import model_of
from test_small_area import COVARIATES, gate, modelled, survey

from trustsurvey.areas.checks import check_model
from trustsurvey.areas.covariates import AreaCovariates
from trustsurvey.areas.fay_herriot import fay_herriot
from trustsurvey.areas.small_area import SmallAreas, model_areas
from trustsurvey.model import Estimates


def with_covariate(pull: float, differ: float, seed: int = 1, m: int = 30) -> SmallAreas:
    """Areas whose true values follow a covariate by ``pull`` and differ beyond it by ``differ``."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=m)
    plain = model_of(60 + pull * x + differ * rng.normal(size=m) + 3 * rng.normal(size=m), 3.0)
    table = plain.table.rename(columns={"area": "level", "direct": "est"}).assign(
        se=3.0, df=39.0, suppressed="", n_eff=40.0, deff=1.0
    )
    direct = Estimates(
        table[
            [
                "wave",
                "measure",
                "stat",
                "by",
                "level",
                "est",
                "se",
                "n",
                "df",
                "suppressed",
                "lci",
                "uci",
                "n_eff",
                "deff",
            ]
        ]
    )
    covariates = AreaCovariates(pd.DataFrame({"poverty": x}, index=table["level"]))
    return model_areas(direct, gate(direct), "area", "y", covariates=covariates)


def test_figures_by_hand() -> None:
    model = modelled(survey(), covariates=COVARIATES)
    table = check_model(model).table
    y, X, psi = model.fit.y[2:], model.fit.X[2:], model.fit.psi[2:]
    fit = fay_herriot(y, X, psi)
    slope = row_of(table, check="coefficient", name="x")
    assert_close([slope["value"], slope["se"]], [fit.beta[1], fit.se_beta[1]])
    assert slope["p"] == pytest.approx(2 * stats.t.sf(abs(fit.beta[1] / fit.se_beta[1]), 12))
    assert slope["lci"] == pytest.approx(fit.beta[1] - stats.t.ppf(0.975, 12) * fit.se_beta[1])
    W = np.diag(1 / psi)
    P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
    variance = row_of(table, check="area variance")
    assert variance["p"] == pytest.approx(stats.chi2.sf(y @ P @ y, 12))
    assert variance["lci"] < fit.sigma2 < variance["uci"]
    assert_close([variance["value"], variance["se"]], [fit.sigma2, fit.se_sigma2])
    wald = row_of(table, check="covariates", name="F")
    assert wald["p"] == pytest.approx(slope["p"])
    without = fay_herriot(y, np.ones((14, 1)), psi).sigma2
    assert row_of(table, name="explained")["value"] == pytest.approx(max(0, 1 - fit.sigma2 / without))
    V = np.diag(fit.sigma2 + psi)
    residual = (y - X @ fit.beta) / np.sqrt(np.diag(V - X @ fit.cov_beta @ X.T))
    assert row_of(table, check="normality")["p"] == pytest.approx(stats.shapiro(residual).pvalue)
    within = (np.abs(fit.eblup - y) <= 1.959963984540054 * np.sqrt(psi)).mean()
    assert row_of(table, check="direct")["value"] == pytest.approx(within)


def test_the_largest_residuals_are_listed_of_areas_that_are_shown() -> None:
    model = modelled(survey(), covariates=COVARIATES)
    listed = check_model(model).residuals
    assert list(listed.columns) == ["area", "direct", "modelled", "residual"]
    assert len(listed) == 5
    assert listed["direct"].notna().all()
    assert (listed["residual"].abs().diff().dropna() <= 0).all()
    shown = model.table.loc[model.table["direct"].notna(), "area"]
    assert listed["area"].isin(shown).all()


def test_what_explains_is_told_from_what_does_not() -> None:
    strong, weak = check_model(with_covariate(8, 1)), check_model(with_covariate(0, 8))
    assert row_of(strong.table, name="explained")["value"] > 0.8
    assert row_of(strong.table, name="F")["p"] < 0.001
    assert any("go with the measure" in fact for fact in strong.facts)
    assert row_of(weak.table, name="explained")["value"] < 0.2
    assert any("tell little" in fact for fact in weak.facts)
    assert any("by more than chance" in fact for fact in weak.facts)


def test_no_difference_is_said_to_be_none() -> None:
    checks = check_model(model_of(60 + 3 * np.random.default_rng(2).normal(size=30), 3.0))
    assert row_of(checks.table, check="area variance")["p"] > 0.05
    assert any("no difference between areas" in fact for fact in checks.facts)
    assert not (checks.table["check"] == "covariates").any()


def test_an_area_unlike_the_others_is_named() -> None:
    est = 60 + 2 * np.random.default_rng(3).normal(size=30)
    est[7] = 5.0
    checks = check_model(model_of(est, 2.0))
    assert checks.residuals["area"][0] == "a07"
    assert row_of(checks.table, check="normality")["p"] < 0.001
    assert any("'a07'" in fact for fact in checks.facts)
    assert any("not normal" in fact for fact in checks.facts)


def test_the_test_of_the_area_variance_keeps_its_level() -> None:
    """Under no difference about one in twenty of 200 models is said to find one: over 20 is a one in 2,000 event."""
    rng = np.random.default_rng(4)
    p = [
        row_of(check_model(model_of(60 + 3 * rng.normal(size=20), 3.0)).table, check="area variance")["p"]
        for _ in range(200)
    ]
    assert 1 <= sum(value <= 0.05 for value in p) <= 20
