"""What goes with trust: coefficients of R survey, importance with its intervals, and what is refused or said."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from builders import api_wave, assert_close, dense_covariance, make_wave, r_results, random_design, refusal
from hypothesis import given, settings, strategies as st
from scales import reference_wave
from test_reliability import consistent_answers
from test_scoring import answered

from trustsurvey.model import Wave
from trustsurvey.scales import drivers as module
from trustsurvey.scales.drivers import ASSOCIATION, CAUTIONS, drivers
from trustsurvey.scales.scoring import score
from trustsurvey.weighting.population import margins_from_mapping
from trustsurvey.weighting.weigh import rake

# --- coefficients ---------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize(("name", "block"), [("apisrs", "srs"), ("apistrat", "strat"), ("apiclus1", "clus1")])
def test_coefficients_are_those_of_survey(golden: Path, name: str, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """svyglm(api00 ~ ell + meals + mobility, design)."""
    # The clusters of apiclus1 leave answers worth twenty.
    monkeypatch.setattr(module, "RULES", SimpleNamespace(answers=15))
    expected = r_results(golden)[f"design_{block}"]["glm_gauss"]
    found = drivers(api_wave(golden, name), "api00", ["ell", "meals", "mobility"], replicates=0).coefficients
    assert found["term"].tolist() == ["(intercept)", "ell", "meals", "mobility"]
    assert_close(found["coef"], expected["coef"])
    assert_close(found["se"], expected["se"])
    assert (found["df"] == expected["df.resid"]).all()


@pytest.mark.golden
@pytest.mark.parametrize(("name", "block"), [("apisrs", "srs"), ("apistrat", "strat"), ("apiclus1", "clus1")])
def test_a_category_is_one_predictor_with_one_test(
    golden: Path, name: str, block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """regTermTest(svyglm(api00 ~ ell + meals + stype, design), ~stype): the golden file's, where its model is that."""
    monkeypatch.setattr(module, "RULES", SimpleNamespace(answers=15))
    expected = r_results(golden)[f"design_{block}"]["regTermTest_stype"]
    table = drivers(api_wave(golden, name), "api00", ["ell", "meals", "stype"], replicates=0).table
    row = table.set_index("predictor").loc["stype"]
    assert row["ddf"] == expected["ddf"]
    assert_close(row["f"], expected["F"])
    assert_close(row["p"], expected["p"])


def test_coefficients_in_strata_and_clusters_with_a_category() -> None:
    """g <- svyglm(q1 ~ q2 + q3 + q4 + k, d); coef(g); SE(g); regTermTest(g, ~k), d as in scales.py."""
    told = drivers(reference_wave(weighted=True), "q1", ["q2", "q3", "q4", "k"], replicates=20)
    unit = np.array([25, 1, 1, 1, 25, 25])  # ours are on 0-100
    coef = [0.486836773047, 0.302739099723, 0.182228964996, 0.251475366589, 0.0754880715449, -0.0591567926486]
    se = [0.161398614033, 0.0478624372256, 0.0389364991581, 0.0475819109468, 0.0899241348504, 0.131067447112]
    np.testing.assert_allclose(told.coefficients["coef"], coef * unit, rtol=1e-9)
    np.testing.assert_allclose(told.coefficients["se"], se * unit, rtol=1e-9)
    assert told.coefficients["term"].tolist()[4:] == ["k: l", "k: m"]
    row = told.table.set_index("predictor").loc["k"]
    assert (row["df"], row["ddf"]) == (2, 31)
    assert row["f"] == pytest.approx(0.911395890201, rel=1e-8)
    assert row["p"] == pytest.approx(0.412463696864, rel=1e-8)
    assert told.table["importance"].sum() == pytest.approx(told.r2, rel=1e-12)


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_raked_weights_count_in_the_standard_errors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 150
    group = rng.choice(["a", "b", "c"], n)
    x = rng.normal(size=(n, 2))
    y = x @ [2, 1] + rng.normal(size=n) + (group == "a")
    x[rng.random((n, 2)) < 0.05] = np.nan
    wave = make_wave({"y": y, "x1": x[:, 0], "x2": x[:, 1]}, {"group": group}, **random_design(rng, n, fpc=False))
    raked = rake(wave, margins_from_mapping({"group": {"a": 50, "b": 20, "c": 30}}, "test"))
    told = drivers(raked, "y", ["x1", "x2"], replicates=0)
    use = np.isfinite(x).all(axis=1)
    design = np.where(use[:, None], np.column_stack([np.ones(n), x]), 0.0)
    w = raked.weights
    inverse = np.linalg.inv((w[:, None] * design).T @ design)
    b = inverse @ design.T @ (w * np.where(use, y, 0))
    z = np.where(use, y - design @ b, 0)[:, None] * design @ inverse
    assert raked.weighting is not None
    v = dense_covariance(z, raked.design, w, raked.weighting.constraints.toarray(), raked.weighting.base)
    np.testing.assert_allclose(told.coefficients["coef"], b, rtol=1e-8)
    np.testing.assert_allclose(told.coefficients["se"], np.sqrt(np.diag(v)), rtol=1e-7)
    assert told.n == use.sum()


# --- importance -----------------------------------------------------------------------------------


def simulated(n: int = 800, seed: int = 1) -> Wave:
    """Outcome 2 a + b + 0 c: importance 4/6, 1/6, 0 of an R2 of 5/6."""
    rng = np.random.default_rng(seed)
    a, b, c, e = rng.normal(size=(4, n))
    return make_wave({"y": 2 * a + b + e, "a": a, "b": b, "c": c})


def test_importance_intervals_and_ranks() -> None:
    told = drivers(simulated(), "y", ["c", "b", "a"])
    assert told.table["predictor"].tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(told.table["importance"], [4 / 6, 1 / 6, 0], atol=0.04)
    assert told.r2 == pytest.approx(told.table["importance"].sum(), rel=1e-12)
    assert told.table["share"].sum() == pytest.approx(1)
    assert (told.table["lci"] <= told.table["importance"]).all()
    assert (told.table["importance"][:2] <= told.table["uci"][:2]).all()
    assert told.r2_lci < 5 / 6 < told.r2_uci
    assert told.table["rank_lci"].tolist() == told.table["rank_uci"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(told.table["pairwise"], told.table["importance"], rtol=1e-9)
    assert told.cautions == (ASSOCIATION,)
    assert told.about["method"] == "all subsets"
    coefficients = told.coefficients.set_index("term")
    spread = simulated().scores.std(ddof=0)  # type: ignore[union-attr]
    for name in "abc":
        assert coefficients.loc[name, "beta"] == pytest.approx(
            coefficients.loc[name, "coef"] * spread[name] / spread["y"]
        )


def test_the_same_seed_gives_the_same_intervals() -> None:
    first, again, other = (drivers(simulated(), "y", ["a", "b"], replicates=50, seed=s).table for s in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again)
    assert (first["lci"] != other["lci"]).all()
    assert (first["importance"] == other["importance"]).all()


def test_no_replicates_leave_no_intervals() -> None:
    told = drivers(simulated(), "y", ["a", "b"], replicates=0)
    assert np.isnan(told.r2_lci)
    assert told.table[["lci", "uci", "share_lci", "rank_uci"]].isna().all(axis=None)
    assert told.table["importance"].notna().all()
    assert told.cautions == (ASSOCIATION,)


def test_weights_scale_and_row_order_do_not_matter() -> None:
    rng = np.random.default_rng(5)
    w, order = rng.uniform(0.5, 3, 400), rng.permutation(400)
    values = {key: simulated(400).scores[key].to_numpy() for key in ("y", "a", "b")}  # type: ignore[index]
    first = drivers(make_wave(values, weights=w), "y", ["a", "b"], replicates=0)
    second = drivers(
        make_wave({k: v[order] for k, v in values.items()}, weights=9 * w[order]), "y", ["a", "b"], replicates=0
    )
    columns = ["importance", "share", "pairwise", "f", "p"]
    np.testing.assert_allclose(first.table[columns], second.table[columns], rtol=1e-9)
    np.testing.assert_allclose(first.coefficients["se"], second.coefficients["se"], rtol=1e-9)


def test_many_predictors_go_through_sampled_orders_and_say_so() -> None:
    rng = np.random.default_rng(6)
    x = pd.DataFrame(rng.normal(size=(300, 14)), columns=[f"x{j}" for j in range(14)])
    wave = make_wave({"y": x.sum(axis=1) + rng.normal(size=300)})
    told = drivers(wave, "y", x, replicates=10)
    assert "drivers.sampled" in told.cautions
    assert told.about["method"] == "4000 orders"
    cov = np.cov(np.column_stack([x, wave.scores["y"]]).T)  # type: ignore[index]
    r2 = cov[:-1, -1] @ np.linalg.solve(cov[:-1, :-1], cov[:-1, -1]) / cov[-1, -1]
    assert told.r2 == pytest.approx(r2, rel=1e-9)
    assert told.table[["lci", "uci"]].notna().all(axis=None)


# --- missing answers ------------------------------------------------------------------------------


def test_listwise_and_pairwise_are_told_apart_in_numbers() -> None:
    rng = np.random.default_rng(7)
    base = simulated(900)
    assert base.scores is not None
    values = {key: base.scores[key].to_numpy().copy() for key in ("y", "a", "b", "c")}
    values["c"][rng.random(900) < 0.5] = np.nan
    values["y"][:40] = np.nan
    told = drivers(make_wave(values), "y", ["a", "b", "c"], replicates=0)
    known = {k: np.isfinite(v) for k, v in values.items()}
    assert told.n == (known["y"] & known["c"]).sum()
    assert told.table.set_index("predictor")["n"].to_dict() == {"a": 860, "b": 860, "c": told.n}
    assert (told.about["n_wave"], told.about["n_outcome"], told.about["n_pair_least"]) == (900, 860, told.n)
    use = known["y"]
    pair = np.cov(values["y"][use], values["a"][use])
    alone = drivers(make_wave({k: values[k] for k in ("y", "a")}), "y", ["a"], replicates=0)
    assert alone.about["r2_pairwise"] == pytest.approx(pair[0, 1] ** 2 / (pair[0, 0] * pair[1, 1]), rel=0.01)
    assert "drivers.missing" not in told.cautions


def test_answers_missing_for_a_reason_are_cautioned_about() -> None:
    """Only those who trust least were asked c: among them a says little."""
    base = simulated(900)
    assert base.scores is not None
    values = {key: base.scores[key].to_numpy().copy() for key in ("y", "a", "c")}
    values["c"][values["y"] > -1] = np.nan
    told = drivers(make_wave(values), "y", ["a", "c"], replicates=0)
    assert "drivers.missing" in told.cautions
    assert told.about["r2_pairwise"] > told.r2 + 0.05
    assert set(told.cautions) <= set(CAUTIONS)


def test_few_answers_are_withheld() -> None:
    told = drivers(simulated(29), "y", ["a", "b"])
    assert told.suppressed == "too few answers"
    assert len(told.table) == len(told.coefficients) == 0
    assert told.n == 29
    assert np.isnan(told.r2)
    assert drivers(simulated(31), "y", ["a", "b"], replicates=0).suppressed == ""
    wave = simulated(60)
    assert wave.scores is not None
    heavy = make_wave({k: wave.scores[k] for k in "yab"}, weights=np.r_[np.full(6, 900.0), np.ones(54)])
    assert drivers(heavy, "y", ["a", "b"]).suppressed == "too few answers"
    nobody = make_wave({"y": np.full(50, np.nan), "a": np.arange(50.0)})
    assert drivers(nobody, "y", ["a"]).suppressed == "too few answers"


# --- refusals -------------------------------------------------------------------------------------


def test_a_part_of_the_outcome_explains_nothing() -> None:
    wave = score(answered(consistent_answers(14, 400)))
    told = drivers(wave, "trust", ["ct", "sa"], replicates=20)
    assert set(told.table["predictor"]) == {"ct", "sa"}
    for part in ("pj", "pj1", "trust_short"):
        with refusal("drivers.part", f"'{part}'"):
            drivers(wave, "trust", ["ct", part])
    with refusal("drivers.part", "'pj'"):
        drivers(wave, "pj", ["pj"])


def test_what_cannot_be_regressed_is_refused() -> None:
    wave = simulated(100)
    with refusal("drivers.unknown", "'none'"):
        drivers(wave, "none", ["a"])
    with refusal("drivers.unknown", "'none'"):
        drivers(wave, "y", ["a", "none"])
    with refusal("drivers.none"):
        drivers(wave, "y", [])
    with refusal("drivers.rows", "99"):
        drivers(wave, "y", pd.DataFrame({"x": np.arange(99)}))
    a = wave.scores["a"].to_numpy()  # type: ignore[index]
    with refusal("drivers.constant", "'x'"):
        drivers(wave, "y", pd.DataFrame({"x": np.ones(100), "a": a}))
    with refusal("drivers.collinear", "'twice'"):
        drivers(wave, "y", pd.DataFrame({"a": a, "b": wave.scores["b"], "twice": 2 * a + 1}))  # type: ignore[index]


def test_a_category_that_nobody_has_is_no_column() -> None:
    wave = simulated(120)
    kind = pd.Categorical(np.tile(["x", "z"], 60), categories=["w", "x", "y", "z"])
    told = drivers(make_wave({k: wave.scores[k] for k in "ya"}, {"kind": kind}), "y", ["a", "kind"], replicates=0)  # type: ignore[index]
    assert told.coefficients["term"].tolist() == ["(intercept)", "a", "kind: z"]
    with refusal("drivers.none"):
        drivers(make_wave({"y": wave.scores["y"]}, {"kind": ["x"] * 120}), "y", ["kind"])  # type: ignore[index]
