"""Linearised variances against dense arithmetic, R survey 4.5 and simulated truth.

Golden: ``vcov_multi``, ``by_stype_cov``, ``contrast_E_minus_H``, ``ratio_apistu_enroll`` and
``ttest_schwide`` (the SE of a difference of domain means) of apisrs, apistrat and apiclus1;
``cal_cal_linear_lin`` and ``cal_greg_stype_api99_lin``, whose weights the test calibrates itself, for
constraints that are no dummies; ``cal_rake_weights_only_naive`` and METHODS' 1000326.496 for raked
weights taken as fixed; apistrat's raked SE of METHODS (12 digits), whose base weights are unequal.
Tolerance 1e-8 relative, 1e-9 absolute below 1e-6: the R results are printed with 15 digits and the
formulas are the same, only summed in another order.
Elsewhere the references are loops over strata and PSUs (``builders.dense_covariance``).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import (
    R_SCHWIDE,
    R_STYPE,
    api_wave,
    assert_close,
    dense_covariance,
    dense_mean,
    make_wave,
    margins_of,
    r_results,
    random_design,
    refusal,
    with_design,
)
from hypothesis import given, settings, strategies as st
from scipy import sparse

from trustsurvey.comparison.joint import contrast_df
from trustsurvey.errors import SurveyError
from trustsurvey.estimation import variance
from trustsurvey.estimation.means import Domains, linear_mean, linear_total
from trustsurvey.estimation.variance import CHUNK, Lonely, VarianceModel
from trustsurvey.model import Design, Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)


def random_wave(seed: int, *, clusters: bool = True, fpc: bool = True, raked: bool = False, n: int = 90) -> Wave:
    rng = np.random.default_rng(seed)
    people = {"sex": rng.choice(["f", "m"], n), "age": rng.choice(["a", "b", "c"], n)}
    people["sex"][:2], people["age"][:3] = ["f", "m"], ["a", "b", "c"]
    y = rng.normal(50, 15, n) + 10 * (people["sex"] == "f")
    y[rng.random(n) < 0.1] = np.nan
    design = random_design(rng, n, clusters=clusters, fpc=fpc)
    wave = make_wave({"y": y, "x": rng.normal(0, 1, n)}, people, **design)
    if not raked:
        return wave
    known = rng.uniform(0.5, 2.0, n)
    sums = {name: pd.Series(known).groupby(values).sum().to_dict() for name, values in people.items()}
    return rake(wave, margins_of(**sums))


def dense_parts(wave: Wave) -> tuple[np.ndarray | None, np.ndarray | None]:
    if wave.weighting is None:
        return None, None
    return wave.weighting.constraints.toarray(), wave.weighting.base


# --- against loops --------------------------------------------------------------------------------


@settings(max_examples=25)
@given(SEEDS, st.booleans(), st.booleans(), st.booleans())
def test_covariances_of_arbitrary_values(seed: int, clusters: bool, fpc: bool, raked: bool) -> None:
    wave = random_wave(seed, clusters=clusters, fpc=fpc, raked=raked)
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(len(wave), 4)) * (rng.random((len(wave), 4)) < 0.5)
    model = VarianceModel.of(wave)
    expected = dense_covariance(z, wave.design, wave.weights, *dense_parts(wave))
    scale = np.sqrt(np.outer(expected.diagonal(), expected.diagonal()))
    np.testing.assert_allclose(model.covariance(sparse.csr_array(z)) / scale, expected / scale, atol=1e-10)
    np.testing.assert_allclose(model.variance(sparse.csr_array(z)), expected.diagonal(), rtol=1e-9)
    crossed = model.covariance(sparse.csr_array(z[:, :1]), sparse.csr_array(z[:, 1:]))
    np.testing.assert_allclose(crossed / scale[:1, 1:], expected[:1, 1:] / scale[:1, 1:], atol=1e-10)


@settings(max_examples=25)
@given(SEEDS, st.booleans(), st.booleans())
def test_domain_means_keep_the_whole_design(seed: int, clusters: bool, raked: bool) -> None:
    """A domain is everyone with zeros outside it: its empty PSUs still count in the variance."""
    wave = random_wave(seed, clusters=clusters, raked=raked)
    domains = Domains.of(wave, ["sex", ("sex", "age")])
    y = wave.scores["y"].to_numpy()
    model = VarianceModel.of(wave)
    linear = linear_mean(y, wave.weights, domains)
    variances = model.variance(linear.values)
    for k, (by, level) in enumerate(zip(domains.by, domains.level, strict=True)):
        inside = np.ones(len(wave), dtype=bool)
        for variable, value in zip(by.split(" x "), level.split(" x "), strict=True):
            inside &= (wave.people[variable] == value).to_numpy() if variable else inside
        if not (inside & np.isfinite(y)).any():
            assert np.isnan(linear.est[k])
            continue
        mean, z = dense_mean(y, wave.weights, inside)
        assert linear.est[k] == pytest.approx(mean, rel=1e-12)
        assert linear.n[k] == (inside & np.isfinite(y)).sum()
        if linear.n[k] > 1:
            expected = dense_covariance(z, wave.design, wave.weights, *dense_parts(wave))[0, 0]
            assert variances[k] == pytest.approx(expected, rel=1e-9)


@settings(max_examples=15)
@given(SEEDS, st.booleans())
def test_totals_of_domains(seed: int, raked: bool) -> None:
    wave = random_wave(seed, raked=raked)
    domains = Domains.of(wave, ["age"])
    y = wave.scores["y"].to_numpy()
    linear = linear_total(y, wave.weights, domains)
    model = VarianceModel.of(wave)
    for k, level in enumerate(domains.level):
        z = np.where((wave.people["age"] == level) | (level == ""), np.nan_to_num(y), 0.0)
        assert linear.est[k] == pytest.approx((wave.weights * z).sum(), rel=1e-12)
        expected = dense_covariance(z, wave.design, wave.weights, *dense_parts(wave))[0, 0]
        assert model.variance(linear.values)[k] == pytest.approx(expected, rel=1e-9)


def test_the_residuals_are_fitted_with_the_base_and_expanded_with_the_raked_weights() -> None:
    """With unequal base weights the three other pairings of the two give other variances."""
    wave = random_wave(11, clusters=False, fpc=False, raked=True)
    assert wave.weighting is not None
    z = np.random.default_rng(0).normal(size=len(wave)) + 2 * (wave.people["sex"] == "f").to_numpy()
    found = VarianceModel.of(wave).variance(sparse.csr_array(z[:, None]))[0]
    x = wave.weighting.constraints.toarray()
    right = dense_covariance(z, wave.design, wave.weights, x, wave.weighting.base)[0, 0]
    fitted_with_raked = dense_covariance(z, wave.design, wave.weights, x, wave.weights)[0, 0]
    expanded_with_base = dense_covariance(z, wave.design, wave.weighting.base, x, wave.weighting.base)[0, 0]
    assert found == pytest.approx(right, rel=1e-10)
    assert abs(fitted_with_raked / right - 1) > 1e-4
    assert abs(expanded_with_base / right - 1) > 1e-4


@settings(max_examples=15)
@given(SEEDS)
def test_what_the_weights_were_raked_to_has_no_variance(seed: int) -> None:
    wave = random_wave(seed, raked=True)
    assert wave.weighting is not None
    model = VarianceModel.of(wave)
    totals = wave.weighting.constraints.T @ wave.weights
    plain = VarianceModel(wave.design, wave.weights, wave.weighting.base)
    left = model.variance(wave.weighting.constraints)
    assert np.all(np.sqrt(left) <= 1e-7 * totals)
    assert np.all(np.sqrt(plain.variance(wave.weighting.constraints)) > 1e-3 * totals)


def test_units_in_order_and_units_by_table_are_the_same_thing() -> None:
    """Residents who are their own PSUs in order take a shorter way; shuffled codes take the long one."""
    wave = random_wave(3, clusters=False)
    z = sparse.csr_array(np.random.default_rng(1).normal(size=(len(wave), 3)))
    shuffled = replace(wave.design, psus=np.random.default_rng(2).permutation(len(wave)))
    short, long = VarianceModel.of(wave), VarianceModel.of(with_design(wave, shuffled))
    assert short.n_psu == long.n_psu == len(wave)
    np.testing.assert_allclose(short.covariance(z), long.covariance(z), rtol=1e-11)
    assert short.df == long.df == len(wave) - 3


def test_one_stratum_of_single_residents_is_the_textbook() -> None:
    y = np.array([2.0, 4.0, 4.0, 10.0])
    model = VarianceModel.of(make_wave({"y": y}, fpc=40))
    z = sparse.csr_array((y - y.mean())[:, None] / 4)
    assert model.variance(z)[0] == pytest.approx((1 - 4 / 40) * y.var(ddof=1) / 4, rel=1e-14)


def test_rounding_does_not_decide_a_variance() -> None:
    """A total of values far from zero: the spread is 1, the mean a million."""
    noise = np.random.default_rng(4).normal(size=200)
    model = VarianceModel.of(make_wave({"y": noise}))
    far = model.variance(sparse.csr_array(noise[:, None] + 1e6))[0]
    assert far == pytest.approx(200 * 200 * noise.var(ddof=1) / 200, rel=1e-7)


# --- degrees of freedom ---------------------------------------------------------------------------


def test_degrees_of_freedom_of_domains_by_counting() -> None:
    wave = random_wave(5)
    domains = Domains.of(wave, ["sex", ("sex", "age")])
    y = wave.scores["y"].to_numpy()
    rows, columns = domains.entries(np.isfinite(y))
    member = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(wave), len(domains)))
    found = VarianceModel.of(wave).domain_df(member)
    for k in range(len(domains)):
        inside = member.toarray()[:, k] > 0
        psus, strata = wave.design.psus[inside], wave.design.strata[inside]
        assert found[k] == len(set(psus)) - len(set(strata))
    assert found[0] == VarianceModel.of(wave).df == 17 - 3


@settings(max_examples=15)
@given(SEEDS, st.booleans(), st.booleans())
def test_unequal_weights_leave_fewer_degrees_of_freedom(seed: int, clusters: bool, raked: bool) -> None:
    """By hand, and as a change between waves has them where one of the waves counts alone."""
    wave = random_wave(seed, clusters=clusters, raked=raked)
    domains = Domains.of(wave, ["sex", ("sex", "age")])
    model = VarianceModel.of(wave)
    values = linear_mean(wave.scores["y"].to_numpy(), wave.weights, domains).values
    design, found = model.domain_df(values), model.domain_df(values, "satterthwaite")
    for k, column in enumerate((values != 0).toarray().T):
        q = pd.Series(wave.weights[column] ** 2).groupby(wave.design.psus[column]).sum()
        if design[k] > 0:
            assert found[k] == pytest.approx(design[k] * q.sum() ** 2 / len(q) / (q**2).sum(), rel=1e-12)
    one = np.ones((len(domains), 1))
    change = contrast_df([(model, values)], model.variance(values)[:, None, None], one)
    np.testing.assert_allclose(found[design > 0], change[design > 0], rtol=1e-9)
    assert (found <= design + 1e-9).all()


def test_equal_weights_leave_all_degrees_of_freedom() -> None:
    model = VarianceModel.of(make_wave({"y": [1.0, 2.0, 4.0, 7.0]}))
    assert model.domain_df(sparse.csr_array(np.ones((4, 1))), "satterthwaite") == pytest.approx(3)


def test_a_resident_whose_answer_is_the_mean_counts_for_the_degrees_of_freedom() -> None:
    wave = make_wave({"y": [5.0, 5.0, 5.0]})
    linear = linear_mean(wave.scores["y"].to_numpy(), wave.weights, Domains.of(wave))
    assert linear.values.nnz == 3
    np.testing.assert_array_equal(linear.values.data, 0)


# --- lonely sampling units ------------------------------------------------------------------------

LONELY_STRATA = np.repeat([0, 1, 2], [4, 5, 1])


def lonely_variances(treatment: Lonely, fpc: object = None) -> float:
    z = np.random.default_rng(6).normal(size=10)
    model = VarianceModel.of(make_wave(n=10, strata=LONELY_STRATA, fpc=fpc), treatment)
    return float(model.variance(sparse.csr_array((z - z.mean())[:, None]))[0])


def stratum_parts() -> tuple[float, float, float]:
    """n s2 of the two strata with several units, and the lonely unit's squared distance from the mean."""
    z = np.random.default_rng(6).normal(size=10)
    z -= z.mean()
    return 4 * z[:4].var(ddof=1), 5 * z[4:9].var(ddof=1), float(z[9] ** 2)


def test_a_lonely_unit_is_refused_unless_a_treatment_is_named() -> None:
    with refusal("design.lonely", "1 strata", "adjust, average or remove"):
        lonely_variances("fail")


def test_the_treatments_of_a_lonely_unit() -> None:
    first, second, alone = stratum_parts()
    assert lonely_variances("remove") == pytest.approx(first + second)
    assert lonely_variances("adjust") == pytest.approx(first + second + alone)
    assert lonely_variances("average") == pytest.approx((first + second) * 3 / 2)


def test_a_stratum_sampled_in_full_is_not_lonely() -> None:
    fpc = np.repeat([40.0, 50.0, 1.0], [4, 5, 1])
    first, second, _ = stratum_parts()
    for treatment in ("fail", "adjust", "average", "remove"):
        assert lonely_variances(treatment, fpc) == pytest.approx(0.9 * (first + second))


def test_average_does_not_take_a_full_stratum_for_a_lonely_one() -> None:
    """Four strata, one of them a census of one unit (variance 0) and one lonely: 4/3 of the three known."""
    z = np.random.default_rng(7).normal(size=12)
    strata, fpc = np.repeat([0, 1, 2, 3], [5, 5, 1, 1]), np.repeat([1e12, 1e12, 1.0, 1e12], [5, 5, 1, 1])
    model = VarianceModel.of(make_wave(n=12, strata=strata, fpc=fpc), "average")
    known = 5 * z[:5].var(ddof=1) + 5 * z[5:10].var(ddof=1)
    found = model.variance(sparse.csr_array(z[:, None]))[0] / known
    # The mean of the others with the census stratum (0) among them, or without it.
    assert found == pytest.approx(4 / 3, rel=1e-6) or found == pytest.approx(3 / 2, rel=1e-6)


def test_a_treatment_that_does_not_exist_is_refused() -> None:
    with pytest.raises((ValueError, SurveyError), match="certainty"):
        lonely_variances("certainty")  # type: ignore[arg-type]


def test_lonely_units_of_raked_waves() -> None:
    rng = np.random.default_rng(8)
    sex = np.array(["f", "m"] * 5)
    wave = make_wave({"y": rng.normal(size=10)}, {"sex": sex}, strata=LONELY_STRATA)
    raked = rake(wave, margins_of(sex={"f": 60, "m": 40}))
    z = rng.normal(size=10)
    assert raked.weighting is not None
    x, w = raked.weighting.constraints.toarray(), raked.weights
    residual = w * (z - x @ np.linalg.lstsq(x, z, rcond=None)[0])
    parts = [5 * residual[4:9].var(ddof=1), 4 * residual[:4].var(ddof=1)]
    values = sparse.csr_array(z[:, None])
    assert VarianceModel.of(raked, "remove").variance(values)[0] == pytest.approx(sum(parts))
    adjusted = sum(parts) + (residual[9] - residual.mean()) ** 2
    assert VarianceModel.of(raked, "adjust").variance(values)[0] == pytest.approx(adjusted)


def test_more_units_than_the_population_has() -> None:
    with refusal("design.fpc", "number of PSUs"):
        VarianceModel.of(make_wave(n=4, fpc=3)).variance(sparse.csr_array(np.ones((4, 1))))
    census = VarianceModel.of(make_wave(n=4, fpc=4)).variance(sparse.csr_array(np.arange(4.0)[:, None]))
    assert census[0] == 0


@pytest.mark.parametrize(
    ("strata", "psus"),
    [([0, 0, 1, 1], [0, 1, 0, 1]), ([0, 0, 0, 0], [0, 2, 4, 6]), ([0, 0, 2, 2], [0, 1, 2, 3])],
)
def test_a_design_that_breaks_its_own_rules_is_refused(strata: list[int], psus: list[int]) -> None:
    """A PSU in two strata; codes with gaps, which would count units and strata that nobody drew."""
    with pytest.raises(SurveyError, match=r"two strata|without gaps") as refused:
        Design(np.ones(4), np.array(strata), np.array(psus))
    assert refused.value.code in ("design.psus", "design.strata")


def test_a_population_size_that_differs_within_a_stratum_is_refused() -> None:
    with pytest.raises(SurveyError, match="differs within a stratum"):
        Design(np.ones(2), np.zeros(2, dtype=int), np.arange(2), fpc=np.array([10.0, 20.0]))


# --- two waves ------------------------------------------------------------------------------------


def two_waves(seed: int, shared: int, raked: bool) -> tuple[Wave, Wave, np.ndarray, np.ndarray]:
    """Waves of 60 and 50 people, the first ``shared`` of both being the same, one stratum each."""
    rng = np.random.default_rng(seed)
    waves = []
    for name, n in (("old", 60), ("new", 50)):
        ids = [f"p{k}" if k < shared else f"{name}{k}" for k in range(n)]
        sex = np.array(["f", "m"] * (n // 2))
        order = rng.permutation(n)
        wave = make_wave(
            {"y": rng.normal(size=n)}, {"sex": sex[order]}, weights=rng.uniform(1, 2, n),
            ids=np.array(ids)[order], name=name,
        )  # fmt: skip
        waves.append(rake(wave, margins_of(sex={"f": 55, "m": 45})) if raked else wave)
    return waves[0], waves[1], rng.normal(size=60), rng.normal(size=50)


@pytest.mark.parametrize("raked", [False, True])
@pytest.mark.parametrize("shared", [50, 20, 1, 0])
def test_covariance_through_people_in_both_waves(shared: int, raked: bool) -> None:
    old, new, z, q = two_waves(9, shared, raked)
    models = [VarianceModel.of(old), VarianceModel.of(new)]
    found, doubled = models[0].shared_covariance(sparse.csr_array(z[:, None]), models[1], sparse.csr_array(q[:, None]))
    sides = []
    for wave, values in ((old, z), (new, q)):
        x, base = dense_parts(wave)
        if x is not None and base is not None:
            root = np.sqrt(base)
            values = values - x @ np.linalg.lstsq(root[:, None] * x, root * values, rcond=None)[0]
        weighted = wave.weights * values
        centred = (weighted - weighted.mean()) * np.sqrt(len(wave) / (len(wave) - 1))
        assert wave.design.psu_ids is not None
        sides.append(dict(zip(wave.design.psu_ids, centred, strict=True)))
    expected = sum(sides[0][unit] * sides[1][unit] for unit in sides[0] if unit in sides[1])
    np.testing.assert_allclose(found, [expected], rtol=1e-10, atol=1e-12)
    assert doubled.tolist() == [max(shared - 1, 0)]


def test_a_full_panel_has_the_variance_of_paired_differences() -> None:
    rng = np.random.default_rng(10)
    n = 40
    ids = np.array([f"p{k}" for k in range(n)])
    order = rng.permutation(n)
    y, x = rng.normal(size=n), rng.normal(size=n)
    first = VarianceModel.of(make_wave({"y": y}, ids=ids))
    second = VarianceModel.of(make_wave({"y": x[order]}, ids=ids[order]))
    a, b = sparse.csr_array((y / n)[:, None]), sparse.csr_array((x[order] / n)[:, None])
    both = first.variance(a) + second.variance(b) - 2 * first.shared_covariance(a, second, b)[0]
    assert both[0] == pytest.approx((y - x).var(ddof=1) / n, rel=1e-12)


def test_many_columns_are_taken_in_blocks() -> None:
    old, new, _, _ = two_waves(11, 30, False)
    rng = np.random.default_rng(12)
    k = CHUNK + 3
    a, b = rng.normal(size=(60, k)), rng.normal(size=(50, k))
    first, second = VarianceModel.of(old), VarianceModel.of(new)
    together, df = first.shared_covariance(sparse.csr_array(a), second, sparse.csr_array(b))
    one_by_one = [
        first.shared_covariance(sparse.csr_array(a[:, [j]]), second, sparse.csr_array(b[:, [j]]))[0][0]
        for j in range(k)
    ]
    np.testing.assert_allclose(together, one_by_one, rtol=1e-12)
    assert df.tolist() == [29] * k


@pytest.mark.parametrize("raked", [False, True])
def test_many_strata_are_taken_a_few_columns_at_a_time(raked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    wave = random_wave(5, raked=raked)
    z = sparse.csr_array(np.random.default_rng(6).normal(size=(len(wave), 7)))
    together = VarianceModel.of(wave).variance(z)
    monkeypatch.setattr(variance, "MOST_CELLS", 2 * len(wave.design.stratum_psus) + 1)
    np.testing.assert_allclose(VarianceModel.of(wave).variance(z), together, rtol=1e-12)


@pytest.mark.parametrize("blank", [None, float("nan"), ""])
def test_blank_labels_are_nobody(blank: object) -> None:
    """Residents without a label are not one resident who answered in both waves."""
    z = sparse.csr_array(np.arange(5.0)[:, None])
    models = [VarianceModel.of(make_wave(n=5, ids=np.array([blank] * 5, dtype=object))) for _ in range(2)]
    covariance, doubled = models[0].shared_covariance(z, models[1], z)
    assert covariance.tolist() == [0]
    assert doubled.tolist() == [0]


def test_waves_without_labels_share_nobody() -> None:
    z = sparse.csr_array(np.arange(5.0)[:, None])
    with_ids, without = make_wave(n=5, ids=list("abcde")), make_wave(n=5)
    for one, other in ((with_ids, without), (without, with_ids)):
        found, _ = VarianceModel.of(one).shared_covariance(z, VarianceModel.of(other), z)
        assert found.tolist() == [0]


# --- what the formulas are for: simulated truth ----------------------------------------------------


def test_raked_weights_are_not_fixed_weights() -> None:
    """Simple random samples raked to margins that explain much of y, 250 times.

    The standard deviation of 250 estimates has a relative error of 1/sqrt(500) = 4.5 %: the
    calibration residual must lie within three of those, weights-as-fixed must overstate by more
    (the margins explain 60 % of y, so by about half).
    """
    rng = np.random.default_rng(20)
    size, n, repeats = 20_000, 250, 250
    group, sex = rng.integers(0, 4, size), rng.integers(0, 2, size)
    y = 10 * group + 5 * sex + rng.normal(0, 9, size)
    margins = margins_of(
        group={str(k): float((group == k).sum()) for k in range(4)},
        sex={str(k): float((sex == k).sum()) for k in range(2)},
    )
    means, residual, fixed = [], [], []
    for _ in range(repeats):
        drawn = rng.choice(size, n, replace=False)
        people = {"group": group[drawn].astype(str), "sex": sex[drawn].astype(str)}
        wave = rake(make_wave({"y": y[drawn]}, people), margins)
        linear = linear_mean(y[drawn], wave.weights, Domains.of(wave))
        means.append(linear.est[0])
        residual.append(VarianceModel.of(wave).variance(linear.values)[0])
        fixed.append(VarianceModel(wave.design, wave.weights, wave.design.weights).variance(linear.values)[0])
    truth = np.std(means, ddof=1)
    error = 1 / np.sqrt(2 * repeats)
    assert abs(np.mean(means) - y.mean()) < 4 * truth / np.sqrt(repeats)
    assert abs(np.sqrt(np.mean(residual)) / truth - 1) < 3 * error
    assert np.sqrt(np.mean(fixed)) / truth - 1 > 3 * error
    covered = np.abs(np.array(means) - y.mean()) < 1.97 * np.sqrt(residual)
    assert abs(covered.mean() - 0.95) < 4 * np.sqrt(0.95 * 0.05 / repeats)


def test_change_in_a_rotating_panel() -> None:
    """Half of the people answer twice. Ignoring that overstates the SE of change; the covariance is right."""
    rng = np.random.default_rng(21)
    n, repeats = 80, 800
    labels = np.arange(n + n // 2).astype(str).astype(object)
    designs = [replace(Design.simple(n), psu_ids=ids) for ids in (labels[:n], labels[n // 2 :])]
    models = [VarianceModel(design, design.weights, design.weights) for design in designs]
    changes, paired, apart = [], [], []
    for _ in range(repeats):
        person = rng.normal(0, 1, n + n // 2)
        old, new = person[:n] + rng.normal(0, 0.5, n), person[n // 2 :] + rng.normal(0, 0.5, n)
        values = [sparse.csr_array(((y - y.mean()) / n)[:, None]) for y in (old, new)]
        separate = models[0].variance(values[0])[0] + models[1].variance(values[1])[0]
        covariance = models[0].shared_covariance(values[0], models[1], values[1])[0][0]
        changes.append(new.mean() - old.mean())
        apart.append(separate)
        paired.append(separate - 2 * covariance)
    truth, error = np.var(changes, ddof=1), np.sqrt(2 / repeats)
    assert abs(np.mean(paired) / truth - 1) < 3 * error
    assert np.mean(apart) / truth - 1 > 3 * error


# --- R survey -------------------------------------------------------------------------------------

DESIGNS = {"apisrs": "design_srs", "apistrat": "design_strat", "apiclus1": "design_clus1"}


def mean_parts(wave: Wave, measure: str, by: str | None = None) -> tuple[np.ndarray, sparse.csr_array]:
    """Estimates and linearised values of a measure, for everyone or by the levels of a grouping."""
    domains = Domains.of(wave, [by] if by else [], everyone=by is None)
    linear = linear_mean(wave.scores[measure].to_numpy(float), wave.weights, domains)
    return linear.est, linear.values


@pytest.mark.golden
@pytest.mark.parametrize("name", DESIGNS)
def test_covariance_of_several_means_agrees_with_r(golden: Path, name: str) -> None:
    expected = r_results(golden)[DESIGNS[name]]
    wave = api_wave(golden, name)
    parts = [mean_parts(wave, measure) for measure in ("api00", "api99", "meals", "ell")]
    model = VarianceModel.of(wave)
    assert model.df == expected["degf"]
    assert_close(np.concatenate([est for est, _ in parts]), expected["mean_multi"]["est"])
    values = sparse.csr_array(sparse.hstack([value for _, value in parts]))
    assert_close(model.covariance(values), expected["vcov_multi"])
    assert_close(np.sqrt(model.variance(values)), expected["mean_multi"]["se"])


@pytest.mark.golden
@pytest.mark.parametrize("name", DESIGNS)
def test_covariance_and_contrasts_of_domains_agree_with_r(golden: Path, name: str) -> None:
    expected = r_results(golden)[DESIGNS[name]]
    wave = api_wave(golden, name)
    model = VarianceModel.of(wave)
    est, values = mean_parts(wave, "api00", "stype")
    covariance = model.covariance(values)
    assert_close(covariance, expected["by_stype_cov"])
    contrast = np.array([1.0, -1.0, 0.0])
    assert_close(est @ contrast, expected["contrast_E_minus_H"]["est"])
    assert_close(np.sqrt(contrast @ covariance @ contrast), expected["contrast_E_minus_H"]["se"])
    est, values = mean_parts(wave, "api00", "sch.wide")
    contrast = np.array([-1.0, 1.0])
    test = expected["ttest_schwide"]
    assert_close(est @ contrast, test["estimate"])
    assert_close(np.sqrt(contrast @ model.covariance(values) @ contrast), test["estimate"] / test["statistic"])


@pytest.mark.golden
@pytest.mark.parametrize("name", DESIGNS)
def test_a_ratio_agrees_with_r(golden: Path, name: str) -> None:
    expected = r_results(golden)[DESIGNS[name]]["ratio_apistu_enroll"]
    wave = api_wave(golden, name)
    top, bottom = (wave.scores[c].to_numpy(float) for c in ("api.stu", "enroll"))
    ratio = (wave.weights @ top) / (wave.weights @ bottom)
    z = (top - ratio * bottom) / (wave.weights @ bottom)
    assert_close(ratio, expected["est"])
    assert_close(np.sqrt(VarianceModel.of(wave).variance(sparse.csr_array(z[:, None]))[0]), expected["se"])


@pytest.mark.golden
@pytest.mark.parametrize(
    ("block", "slopes"), [("cal_cal_linear_lin", "sch.wide"), ("cal_greg_stype_api99_lin", "api99")]
)
def test_linear_calibration_agrees_with_r(golden: Path, block: str, slopes: str) -> None:
    """The variance model takes any constraints; the weights are calibrated here, by one linear system."""
    expected = r_results(golden)[block]
    wave = api_wave(golden, "apiclus1")
    school = np.column_stack([wave.scores[f"stype={k}"] for k in R_STYPE])
    added = wave.scores["sch.wide=Yes" if slopes == "sch.wide" else "api99"].to_numpy(float)
    x = np.column_stack([school, added])
    totals = np.array([*R_STYPE.values(), R_SCHWIDE["Yes"] if slopes == "sch.wide" else 3914069.0])
    base = wave.design.weights
    weights = base * (1 + x @ np.linalg.solve(x.T @ (base[:, None] * x), totals - x.T @ base))
    assert_close([weights.sum(), weights.min(), weights.max()], [expected[k] for k in ("sumw", "minw", "maxw")])
    model = VarianceModel(wave.design, weights, base, sparse.csr_array(x))
    for by, block_of in ((None, "mean_api00"), ("stype", "by_stype"), ("comp.imp", "by_comp.imp")):
        domains = Domains.of(wave, [by] if by else [], everyone=by is None)
        linear = linear_mean(wave.scores["api00"].to_numpy(float), weights, domains)
        assert_close(linear.est, np.atleast_1d(expected[block_of]["est"]))
        assert_close(np.sqrt(model.variance(linear.values)), np.atleast_1d(expected[block_of]["se"]))
    total = linear_total(wave.scores["enroll"].to_numpy(float), weights, Domains.of(wave))
    assert_close(total.est, [expected["total_enroll"]["est"]])
    assert_close(np.sqrt(model.variance(total.values)), [expected["total_enroll"]["se"]])


@pytest.mark.golden
def test_raked_weights_as_fixed_ones_are_the_trap(golden: Path) -> None:
    wave = api_wave(golden, "apiclus1")
    raked = rake(wave, margins_of(**{"stype": R_STYPE, "sch.wide": R_SCHWIDE}))
    total = linear_total(wave.scores["enroll"].to_numpy(float), raked.weights, Domains.of(wave))
    naive = r_results(golden)["cal_rake_weights_only_naive"]
    alone = VarianceModel(Design.simple(len(wave)), raked.weights, raked.weights)
    assert_close(np.sqrt(alone.variance(total.values)), [naive["total_enroll"]["se"]])
    clustered = VarianceModel(wave.design, raked.weights, raked.weights)
    assert np.sqrt(clustered.variance(total.values))[0] == pytest.approx(1000326.496, rel=1e-9)
    right = VarianceModel.of(raked).variance(total.values)
    assert_close(np.sqrt(right), [r_results(golden)["cal_cal_raking_lin"]["total_enroll"]["se"]])


@pytest.mark.golden
def test_raking_a_stratified_sample_with_unequal_weights(golden: Path) -> None:
    margins = margins_of(**{"sch.wide": R_SCHWIDE, "comp.imp": {"No": 1712, "Yes": 4482}, "stype": R_STYPE})
    wave = rake(api_wave(golden, "apistrat"), margins)
    total = linear_total(wave.scores["enroll"].to_numpy(float), wave.weights, Domains.of(wave))
    assert np.sqrt(VarianceModel.of(wave).variance(total.values))[0] == pytest.approx(117881.164818, rel=1e-8)
    fixed = VarianceModel(wave.design, wave.weights, wave.weights)
    assert np.sqrt(fixed.variance(total.values))[0] == pytest.approx(124696.91, rel=1e-7)
