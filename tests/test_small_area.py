"""Modelled values: what enters the model, what is shown of whom, benchmarking, shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import assert_close, make_wave, refusal, row_of

from trustsurvey.areas.covariates import AreaCovariates
from trustsurvey.areas.fay_herriot import fay_herriot, posterior
from trustsurvey.areas.small_area import SMALL_AREA_COLUMNS, SmallAreas, model_areas
from trustsurvey.areas.variances import arcsine, effective_n, smoothed_variance
from trustsurvey.disclosure.gate import CONFIDENTIAL, UNRELIABLE, protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Estimates, Wave

NAMES = [f"a{k:02d}" for k in range(16)]
SIZES = np.array([4, 7, 12, 15, 18, 22, 25, 28, 31, 33, 36, 40, 44, 48, 52, 60])
NUMBERS = ["modelled", "lci", "uci", "mse", "gamma", "synthetic"]


def survey(seed: int = 1, sizes: np.ndarray = SIZES, differ: float = 6.0) -> Wave:
    """A wave with a score ``y`` and a yes-no ``pos`` in areas that differ."""
    rng = np.random.default_rng(seed)
    area = np.repeat(NAMES[: len(sizes)], sizes)
    centre = np.repeat(60 + differ * rng.normal(size=len(sizes)), sizes)
    y = np.clip(centre + 18 * rng.normal(size=len(area)), 0, 100)
    return make_wave({"y": y, "pos": (y > 55).astype(float)}, {"area": area}, weights=rng.uniform(0.5, 2, len(area)))


def direct_of(wave: Wave, stat: str = "mean") -> Estimates:
    return estimate(wave, ["pos" if stat == "share" else "y"], ["area"], stat=stat)  # type: ignore[arg-type]


def gate(direct: Estimates, guarded: tuple[str, ...] = ()) -> Estimates:
    """The gate as its columns promise it: small ones hidden, guarded ones rounded, thin ones withheld."""
    table = direct.table.astype({"n": float, "df": float})
    table["guarded"] = table["level"].isin(guarded)
    table.loc[table["n"] < 30, "suppressed"] = UNRELIABLE
    table.loc[table["n"] < 10, "suppressed"] = CONFIDENTIAL
    table.loc[table["guarded"], ["est", "lci", "uci"]] = table.loc[table["guarded"], ["est", "lci", "uci"]].round()
    table.loc[table["suppressed"] != "", ["est", "se", "lci", "uci", "df", "n_eff", "deff"]] = np.nan
    table.loc[table["guarded"], ["se", "df", "n_eff", "deff"]] = np.nan
    table.loc[(table["suppressed"] == CONFIDENTIAL) | table["guarded"], "n"] = np.nan
    return Estimates(table)


def modelled(wave: Wave, stat: str = "mean", guarded: tuple[str, ...] = (), **more: object) -> SmallAreas:
    direct = direct_of(wave, stat)
    measure = "pos" if stat == "share" else "y"
    return model_areas(direct, gate(direct, guarded), "area", measure, stat=stat, **more)  # type: ignore[arg-type]


POPULATION = dict(zip(NAMES, np.linspace(900, 4000, len(NAMES)), strict=True))
COVARIATES = AreaCovariates(pd.DataFrame({"x": np.cos(np.arange(16.0))}, index=NAMES))


# --- what enters, and what comes out ----------------------------------------------------------------


def test_scores_are_modelled_from_smoothed_variances() -> None:
    direct = direct_of(survey()).rows(by="area").iloc[2:]
    table = modelled(survey(), covariates=COVARIATES).table
    assert tuple(table.columns) == SMALL_AREA_COLUMNS
    est, se, n, df = (direct[c].to_numpy(float) for c in ("est", "se", "n", "df"))
    X = np.column_stack((np.ones(16), np.cos(np.arange(16.0))))
    fit = fay_herriot(est, X[2:], smoothed_variance(se, n, df))
    for column, expected in (("modelled", fit.eblup), ("mse", fit.mse), ("gamma", fit.gamma)):
        assert_close(table[column][2:], expected)
    assert_close(table["synthetic"], X @ fit.beta)
    mixture = posterior(fit)
    assert_close(table["lci"][2:], mixture.quantile(0.025))
    assert_close(table["uci"][2:], mixture.quantile(0.975))
    assert table["method"].str.startswith("modelled").all()
    assert (table["flag"] == ["synthetic"] * 2 + [""] * 14).all()
    assert_close(table["modelled"][:2], table["synthetic"][:2])
    assert (table["gamma"][:2] == 0).all()


def test_shares_are_modelled_on_the_arcsine_scale_and_taken_back_as_expected_values() -> None:
    direct = direct_of(survey(), "share").rows(by="area").iloc[2:]
    table = modelled(survey(), "share").table
    est, se, n, df = (direct[c].to_numpy(float) for c in ("est", "se", "n", "df"))
    z, psi = arcsine(est, effective_n(est, se, n, df))
    fit = fay_herriot(z, np.ones((14, 1)), psi)
    g1 = fit.sigma2 * psi / (fit.sigma2 + psi)
    # Gauss-Hermite: the expectation of sin^2 over what is left uncertain.
    x, weight = np.polynomial.hermite_e.hermegauss(40)
    over = np.sin(fit.eblup + np.sqrt(g1) * x[:, None]) ** 2
    assert_close(table["modelled"][2:], weight @ over / weight.sum())
    alone = np.sin(fit.beta + np.sqrt(fit.sigma2) * x) ** 2
    assert_close(table["synthetic"], np.full(16, weight @ alone / weight.sum()))
    p = table["modelled"][2:]
    np.testing.assert_allclose(table["mse"][2:], 4 * p * (1 - p) * fit.mse, rtol=1e-10)
    assert_close(table["lci"][2:], np.sin(posterior(fit).quantile(0.025)) ** 2)


def test_beside_the_model_stands_what_the_gate_shows() -> None:
    wave = survey()
    direct = direct_of(wave)
    gated = gate(direct, ("a10",))
    table = model_areas(direct, gated, "area", "y").table
    shown = gated.rows(by="area")
    for column, source in (("direct", "est"), ("se", "se"), ("n", "n")):
        np.testing.assert_array_equal(table[column], shown[source].to_numpy(float))
    assert row_of(table, area="a10")["flag"] == "coarse"
    thin = row_of(table, area="a03")
    assert np.isnan(thin["direct"])
    assert 0 < thin["gamma"] < 1


def test_withheld_for_being_few_still_lends_and_is_lent() -> None:
    """Areas of 10 to 29 are what the model is for: their answers move their own value."""
    wave = survey()
    other = wave.scores["y"] + 10 * (wave.people["area"] == "a03").to_numpy()
    moved = modelled(make_wave({"y": other}, wave.people, weights=wave.design.weights)).table
    table = modelled(wave).table
    gained = row_of(moved, area="a03")["modelled"] - row_of(table, area="a03")["modelled"]
    assert 2 < gained < 12


# --- nothing of a hidden area comes out --------------------------------------------------------------


@pytest.mark.parametrize("stat", ["mean", "share"])
def test_nothing_shown_depends_on_the_answers_or_the_number_of_a_hidden_area(stat: str) -> None:
    """The strongest form of "cannot be recovered": the whole output is the same whatever the hidden area said."""
    one = modelled(survey(), stat, covariates=COVARIATES, areas=["a99"][:0])
    direct = direct_of(survey(), stat)
    for est, se, n in ((0.0, 0.0, 9), (1.0, 0.3, 2), (0.5, np.nan, 1), (np.nan, np.nan, 0)):
        changed = direct.table.copy()
        changed.loc[changed["level"] == "a00", ["est", "se", "n", "df"]] = [est, se, n, max(n - 1, 0)]
        made = Estimates(changed)
        measure = "pos" if stat == "share" else "y"
        two = model_areas(made, gate(made), "area", measure, stat=stat, covariates=COVARIATES)  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
        np.testing.assert_array_equal(one.draws_from.mean, two.draws_from.mean)
        np.testing.assert_array_equal(one.fit.y, two.fit.y)
        np.testing.assert_array_equal(one.fit.psi, two.fit.psi)
        assert one.about == two.about


def test_of_a_guarded_area_nothing_but_its_rounded_mean_is_used() -> None:
    direct = direct_of(survey())
    one = model_areas(direct, gate(direct, ("a12",)), "area", "y")
    row = direct.table["level"] == "a12"
    for n, se in ((31, 9.0), (400, 0.1)):
        changed = direct.table.copy()
        rounded = float(changed.loc[row, "est"].round().iloc[0])
        changed.loc[row, ["est", "se", "n", "df"]] = [rounded + 0.2, se, n, n - 1]
        made = Estimates(changed)
        two = model_areas(made, gate(made, ("a12",)), "area", "y")
        pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    assert 0 < row_of(one.table, area="a12")["gamma"] < 1


def test_under_ten_people_stay_out_whatever_the_gate_says() -> None:
    direct = direct_of(survey())
    gated = direct.table.assign(guarded=False, n=direct.table["n"].astype(float))
    table = model_areas(direct, Estimates(gated), "area", "y").table
    assert (table["flag"][:2] == "synthetic").all()
    assert (table["flag"][2:] == "").all()


def test_a_reason_that_is_not_known_hides_and_a_row_that_is_missing_too() -> None:
    direct = direct_of(survey())
    gated = gate(direct).table
    gated.loc[gated["level"] == "a09", "suppressed"] = "some new reason"
    gated = gated[gated["level"] != "a08"]
    table = model_areas(direct, Estimates(gated), "area", "y").table
    assert table.loc[table["flag"] == "synthetic", "area"].tolist() == ["a00", "a01", "a08", "a09"]
    assert table.loc[table["area"] == "a08", ["direct", "se", "n"]].isna().all(axis=None)


def test_estimates_that_have_not_passed_the_gate_are_refused() -> None:
    direct = direct_of(survey())
    with refusal("model.ungated", "protect"):
        model_areas(direct, direct, "area", "y")


def test_with_the_gate_itself() -> None:
    direct = direct_of(survey())
    gated = protect(direct)
    table = model_areas(direct, gated, "area", "y", population=POPULATION).table
    hidden = gated.rows(by="area")["n"].isna().to_numpy() & ~gated.rows(by="area")["guarded"].to_numpy(bool)
    assert hidden[:2].all()
    assert ((table["flag"] == "synthetic") == hidden).all()
    assert table[NUMBERS].notna().all(axis=None)


# --- benchmarking ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stat", ["mean", "share"])
def test_the_areas_add_up_to_everyone(stat: str) -> None:
    free = modelled(survey(), stat)
    found = modelled(survey(), stat, population=POPULATION)
    weights = np.array(list(POPULATION.values()))
    city = direct_of(survey(), stat).rows(by="")["est"].iloc[0]
    assert weights @ found.table["modelled"] / weights.sum() == pytest.approx(city, rel=1e-12)
    assert (found.table["modelled"].argsort() == free.table["modelled"].argsort()).all()
    assert np.sign(found.table["modelled"] - free.table["modelled"]).nunique() == 1
    assert (found.table["mse"] > 0).all()
    if stat == "mean":
        for column in ("modelled", "lci", "uci"):
            np.testing.assert_allclose(found.table[column] - free.table[column], found.about["shift"], rtol=1e-9)
    assert "difference" in str(found.about["benchmark"])
    assert free.about["shift"] == 0


def test_a_population_must_be_known_for_every_area() -> None:
    with refusal("model.population", "'a15'"):
        modelled(survey(), population={k: v for k, v in POPULATION.items() if k != "a15"})
    for number in (-1.0, np.nan, np.inf):
        with refusal("model.population"):
            modelled(survey(), population=POPULATION | {"a03": number})


def test_where_everyone_may_not_be_shown_nothing_is_benchmarked_and_that_is_said() -> None:
    direct = direct_of(survey())
    gated = gate(direct)
    gated.table.loc[gated.table["by"] == "", "suppressed"] = CONFIDENTIAL
    found = model_areas(direct, gated, "area", "y", population=POPULATION)
    assert found.about["shift"] == 0
    assert "model.benchmark" in [notice.code for notice in found.notices]
    pd.testing.assert_frame_equal(found.table, modelled(survey()).table)


# --- edges -------------------------------------------------------------------------------------------


def test_areas_where_nobody_was_asked_are_reported_from_their_covariates() -> None:
    covariates = AreaCovariates(pd.DataFrame({"x": np.cos(np.arange(17.0))}, index=[*NAMES, "Far End"]))
    found = modelled(survey(), covariates=covariates, areas=["A03 ", "Far End", "Far End"])
    assert found.table["area"].tolist() == [*NAMES, "Far End"]
    last = found.table.iloc[-1]
    assert last["flag"] == "synthetic"
    assert last["modelled"] == pytest.approx(found.fit.beta @ [1, np.cos(16.0)])
    assert last["mse"] >= found.fit.sigma2
    assert last[["direct", "se", "n"]].isna().all()
    pd.testing.assert_frame_equal(found.table.iloc[:-1], modelled(survey(), covariates=COVARIATES).table)


def test_no_difference_between_areas_is_said() -> None:
    found = next(m for seed in range(30) if (m := modelled(survey(seed, differ=0.0))).fit.boundary)
    assert [n.level for n in found.notices if n.code == "model.no-difference"] == ["warning"]
    np.testing.assert_allclose(found.table["modelled"], found.table["synthetic"])
    assert (found.table["lci"] < found.table["modelled"]).all()


@pytest.mark.parametrize("stat", ["mean", "share"])
@pytest.mark.parametrize("differ", [0.0, 5.0, 40.0])
def test_intervals_hold_the_modelled_value_and_stay_on_the_scale(stat: str, differ: float) -> None:
    for seed in range(6):
        table = modelled(survey(seed, differ=differ), stat, population=POPULATION).table
        assert (table["lci"] <= table["modelled"]).all()
        assert (table["modelled"] <= table["uci"]).all()
        assert np.isfinite(table[NUMBERS]).all(axis=None)
        if stat == "share":
            assert table[["lci", "uci", "modelled", "synthetic"]].stack().between(0, 1).all()


def test_areas_in_which_all_agree_have_an_interval() -> None:
    wave = survey()
    same = wave.scores.assign(pos=np.where(wave.people["area"] == "a05", 1.0, wave.scores["pos"]))
    row = row_of(modelled(make_wave(dict(same), wave.people), "share").table, area="a05")
    assert row["modelled"] < 1
    assert row["lci"] < row["modelled"] < row["uci"] <= 1


def test_row_order_does_not_matter() -> None:
    direct = direct_of(survey())
    order = np.random.default_rng(3).permutation(len(direct.table))
    mixed = Estimates(direct.table.iloc[order].reset_index(drop=True))
    one = model_areas(direct, gate(direct), "area", "y", covariates=COVARIATES, population=POPULATION).table
    two = model_areas(mixed, gate(mixed), "area", "y", covariates=COVARIATES, population=POPULATION).table
    one, two = (t.sort_values("area").reset_index(drop=True) for t in (one, two))
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)


def test_what_cannot_be_modelled_is_refused() -> None:
    direct = direct_of(survey())
    gated = gate(direct)
    with refusal("model.stat", "'total'"):
        model_areas(direct, gated, "area", "y", stat="total")  # type: ignore[arg-type]
    with refusal("model.rows", "'z'"):
        model_areas(direct, gated, "area", "z")
    with refusal("model.few", "5"):
        small = direct_of(survey(sizes=SIZES[:7]))
        model_areas(small, gate(small), "area", "y")
    with refusal("covariates.area", "'a15'"):
        model_areas(direct, gated, "area", "y", covariates=AreaCovariates(COVARIATES.table.iloc[:-1]))
    flat = estimate(make_wave({"y": np.full(300, 50.0)}, {"area": np.repeat(NAMES[:10], 30)}), ["y"], ["area"])
    with refusal("model.flat"):
        model_areas(flat, gate(flat), "area", "y")


def test_one_of_several_waves_is_named() -> None:
    direct = direct_of(survey())
    both = Estimates(pd.concat([direct.table, direct_of(survey(2)).table.assign(wave="w2")], ignore_index=True))
    with refusal("model.wave", "'w1', 'w2'"):
        model_areas(both, gate(both), "area", "y")
    pd.testing.assert_frame_equal(model_areas(both, gate(both), "area", "y", wave="w1").table, modelled(survey()).table)
    with refusal("model.rows"):
        model_areas(both, gate(both), "area", "y", wave="w3")


def test_where_the_posterior_leaves_the_predictor_the_interval_is_widened_to_it() -> None:
    """sigma2 = 0 puts every area at the common mean, which the posterior of one far off area leaves out."""
    est = np.array([77.7, 55.2, 55.6, 66.4, 60.0, 59.8, 61.2, 59.3, 57.9, 61.1, 59.4, 57.4])
    n = np.array([22, 62, 14, 11, 656, 408, 99, 24, 19, 33, 148, 51])
    table = pd.DataFrame({"by": "area", "level": NAMES[:12], "est": est, "se": 20 / np.sqrt(n), "n": n, "df": n - 1.0})
    direct = Estimates(table.assign(wave="w1", measure="y", stat="mean", suppressed=""))
    for far in np.arange(77.0, 79.0, 0.02):
        direct.table.loc[0, "est"] = far
        found = model_areas(direct, Estimates(direct.table.assign(guarded=False)), "area", "y")
        low = found.draws_from.quantile(0.025)[0]
        if found.fit.boundary and low > found.table["modelled"][0]:
            assert found.table["lci"][0] == found.table["modelled"][0]
            return
    pytest.fail("no far off area makes the case")


def test_a_share_near_nothing_keeps_a_lower_end_of_nothing() -> None:
    rng = np.random.default_rng(5)
    sizes = np.r_[5, np.full(15, 25)]
    chance = np.repeat(np.r_[np.full(13, 0.02), 0.3, 0.5, 0.6], sizes)
    wave = make_wave({"pos": (rng.random(len(chance)) < chance).astype(float)}, {"area": np.repeat(NAMES, sizes)})
    direct = direct_of(wave, "share")
    gated = Estimates(direct.table.assign(guarded=False))
    found = model_areas(direct, gated, "area", "pos", stat="share")
    below = found.draws_from.quantile(0.025) < 0
    assert below.any()
    assert (found.table["lci"][below] == 0).all()


def test_a_guarded_area_is_coarse_even_where_its_number_is_shown() -> None:
    direct = direct_of(survey())
    gated = gate(direct, ("a12",))
    row = gated.table["level"] == "a12"
    gated.table.loc[row, "n"] = direct.table.loc[row, "n"]
    assert row_of(model_areas(direct, gated, "area", "y").table, area="a12")["flag"] == "coarse"
