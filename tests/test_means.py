"""Means, shares and totals of domains, their intervals, and what is refused.

Golden, R survey 4.5: means with se, t interval on the design's df and ``deff = "replace"``; totals;
shares; ``by_stype``, ``by_stype_schwide``; ``ciprop`` wilson, and its "mean" interval in a domain
(df of the domain); ``cal_ps_lin`` and ``cal_cal_raking_lin``; ``domain_trap``. Tolerance 1e-8
relative, 1e-9 absolute below 1e-6 (same formulas, other order of summation). The remaining blocks
(replicates, quantiles, regressions, chi-squared, GREG weights) belong to other parts.
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
    as_codes,
    assert_close,
    column_of,
    dense_covariance,
    dense_mean,
    make_wave,
    margins_of,
    r_results,
    random_design,
    refusal,
    reordered,
    reweighted,
    row_of,
)
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.linearise import Domains
from trustsurvey.estimation.means import about_wave, estimate, members
from trustsurvey.model import ESTIMATE_COLUMNS, Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)
NUMBERS = ["est", "se", "lci", "uci", "n", "n_eff", "deff", "df"]


def random_wave(seed: int, n: int = 80) -> Wave:
    rng = np.random.default_rng(seed)
    people = {
        "sex": np.where(rng.random(n) < 0.1, None, rng.choice(["f", "m"], n)),
        "area": pd.Categorical(rng.choice(["n", "s", "e"], n), categories=["n", "e", "s", "nowhere"]),
    }
    y = np.where(rng.random(n) < 0.15, np.nan, rng.uniform(0, 100, n))
    return make_wave({"y": y, "p": (y > 40).astype(float)}, people, **random_design(rng, n))


def numbers(table: pd.DataFrame) -> np.ndarray:
    return table[NUMBERS].to_numpy(float)


# --- the table ------------------------------------------------------------------------------------


def test_rows_stand_in_a_stated_order_under_stated_names() -> None:
    wave = random_wave(1)
    estimates = estimate(wave, ["y", "p"], ["area", ("sex", "area")])
    table = estimates.table
    assert tuple(table.columns) == ESTIMATE_COLUMNS
    per_measure = ["", *"nes", "nowhere", *(f"{s} x {a}" for s in "fm" for a in [*"nes", "nowhere"])]
    assert table["level"].tolist() == per_measure * 2
    assert table["measure"].tolist() == ["y"] * 13 + ["p"] * 13
    assert table["by"].tolist() == ([""] + ["area"] * 4 + ["sex x area"] * 8) * 2
    assert set(table["wave"]) == {"w1"}
    assert set(table["suppressed"]) == {""}
    assert set(table["method"]) == {"Taylor"}


@settings(max_examples=25)
@given(SEEDS)
def test_every_number_of_a_mean(seed: int) -> None:
    wave = random_wave(seed)
    y = wave.scores["y"].to_numpy()
    t = {df: t_quantile(np.array([df]))[0] for df in range(1, 20)}
    for row in estimate(wave, ["y"], ["area", ("sex", "area")]).table.itertuples():
        inside = np.isfinite(y)
        for variable, value in zip(row.by.split(" x "), row.level.split(" x "), strict=True):
            if variable:
                inside &= (wave.people[variable] == value).to_numpy()
        assert row.n == inside.sum()
        if not row.n:
            assert np.isnan([row.est, row.se, row.lci, row.uci]).all()
            continue
        mean, z = dense_mean(y, wave.weights, inside)
        assert row.est == pytest.approx(mean, rel=1e-12)
        psus, strata = wave.design.psus[inside], wave.design.strata[inside]
        assert row.df == len(set(psus)) - len(set(strata))
        if row.n < 2 or row.df < 1:
            assert np.isnan(row.se)
            continue
        se = np.sqrt(dense_covariance(z, wave.design, wave.weights)[0, 0])
        assert row.se == pytest.approx(se, rel=1e-9)
        assert (row.lci, row.uci) == pytest.approx((mean - t[row.df] * se, mean + t[row.df] * se), rel=1e-9)
        w = wave.weights[inside]
        spread = (w * (y[inside] - mean) ** 2).sum() / w.sum() * row.n / (row.n - 1)
        assert row.deff == pytest.approx(se**2 / (spread / row.n), rel=1e-8)
        assert row.n_eff == pytest.approx(row.n / row.deff, rel=1e-12)


@settings(max_examples=20)
@given(SEEDS, st.sampled_from(["mean", "share", "total"]), st.booleans())
def test_the_order_of_rows_does_not_matter(seed: int, stat: str, raked: bool) -> None:
    wave = random_wave(seed)
    order = np.random.default_rng(seed).permutation(len(wave))
    waves = [wave, reordered(wave, order)]
    if raked:
        margins = margins_of(area={"n": 30, "s": 40, "e": 30})
        waves = [rake(w, margins) for w in waves]
    one, other = (estimate(w, ["p"], ["sex", "area"], stat=stat).table for w in waves)
    np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-7, atol=1e-9)
    assert one["level"].tolist() == other["level"].tolist()


@settings(max_examples=20)
@given(SEEDS, st.floats(1e-3, 1e3))
def test_the_scale_of_weights_moves_totals_only(seed: int, factor: float) -> None:
    wave = random_wave(seed)
    for stat in ("mean", "share"):
        one = estimate(wave, ["p"], ["sex"], stat=stat).table
        other = estimate(reweighted(wave, factor), ["p"], ["sex"], stat=stat).table
        np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-9, atol=1e-12)
    one = estimate(wave, ["p"], ["sex"], stat="total").table
    other = estimate(reweighted(wave, factor), ["p"], ["sex"], stat="total").table
    np.testing.assert_allclose(one[["est", "se", "lci", "uci"]] * factor, other[["est", "se", "lci", "uci"]])


def test_unit_weights_give_plain_means_and_plain_standard_errors() -> None:
    rng = np.random.default_rng(3)
    y, sex = rng.normal(50, 10, 40), np.array(["f", "m"] * 20)
    table = estimate(make_wave({"y": y}, {"sex": sex}), ["y"], ["sex"]).table
    everyone = table.iloc[0]
    assert everyone["est"] == pytest.approx(y.mean())
    assert everyone["se"] == pytest.approx(y.std(ddof=1) / np.sqrt(40))
    assert everyone["deff"] == pytest.approx(1)
    assert everyone["n_eff"] == pytest.approx(40)
    assert everyone["df"] == 39
    for level in "fm":
        row = row_of(table, level=level)
        assert row["est"] == pytest.approx(y[sex == level].mean())
        assert row["se"] == pytest.approx(y[sex == level].std(ddof=1) / np.sqrt(20) * np.sqrt(40 / 39 * 19 / 20))


def test_totals_add_up_over_a_grouping() -> None:
    wave = random_wave(4)
    full = replace(wave, people=wave.people.assign(sex=wave.people["sex"].fillna("x")))
    total = column_of(estimate(full, ["y"], ["sex"], stat="total"), "est", by="sex")
    everyone = row_of(estimate(full, ["y"], stat="total"), level="")
    assert sum(total.values()) == pytest.approx(everyone["est"])
    assert everyone["est"] == pytest.approx(np.nansum(full.scores["y"] * full.weights))


def test_measures_may_be_a_frame_of_numbers_with_an_index_of_its_own() -> None:
    wave = random_wave(5)
    frame = wave.scores[["p", "y"]].set_axis(np.arange(len(wave)) * 7)
    pd.testing.assert_frame_equal(estimate(wave, frame, ["sex"]).table, estimate(wave, ["p", "y"], ["sex"]).table)


def test_everyone_can_be_left_out() -> None:
    table = estimate(random_wave(6), ["y"], ["sex"], everyone=False).table
    assert table["by"].tolist() == ["sex", "sex"]


def test_all_indices_by_default_those_that_were_asked() -> None:
    wave = random_wave(7)
    assert set(estimate(wave).table["measure"]) == {"y", "p"}
    assert set(estimate(replace(wave, scores=wave.scores[["p"]])).table["measure"]) == {"p"}


def test_about_states_how_the_numbers_were_made() -> None:
    wave = random_wave(8)
    about = estimate(wave, ["y"]).about
    assert about["waves"] == ("w1",)
    assert (about["weighted"], about["margins"]) == ("none", ())
    assert (about["strata"], about["clusters"], about["fpc"], about["base_weights"]) == (3, True, True, True)
    raked = rake(make_wave({"y": [1.0, 2.0]}, {"sex": ["f", "m"]}), margins_of(sex={"f": 1, "m": 3}))
    about = about_wave(raked)
    assert (about["weighted"], about["margins"]) == ("raking", ("sex",))
    assert (about["strata"], about["clusters"], about["fpc"], about["base_weights"]) == (
        1,
        False,
        False,
        False,
    )
    assert set(estimate(raked, ["y"]).table["method"]) == {"Taylor, calibration residuals"}


def test_degrees_of_freedom_are_the_designs_unless_asked() -> None:
    wave = make_wave({"y": [1.0, 2.0, 6.0, 7.0]}, {"sex": ["f", "f", "m", None]}, weights=[1.0, 2.0, 1.0, 1.0])
    plain, fewer = estimate(wave, ["y"], ["sex"]), estimate(wave, ["y"], ["sex"], df="satterthwaite")
    assert plain.table["df"].tolist() == [3, 1, 0]
    # Squared weights: (1 + 4 + 1 + 1)^2 / (4 * 19) of three; (1 + 4)^2 / (2 * 17) of one; nobody beside "m".
    np.testing.assert_allclose(fewer.table["df"], [3 * 49 / 76, 25 / 34, 0])
    assert np.isnan(fewer.table["lci"]).tolist() == [False, False, True]
    assert (fewer.table["uci"] - plain.table["uci"])[0] > 0
    pd.testing.assert_frame_equal(*(e.table.drop(columns=["lci", "uci", "df"]) for e in (plain, fewer)))
    assert ("df" in plain.about, fewer.about["df"]) == (False, "satterthwaite")
    with refusal("estimate.df", "kish", "satterthwaite"):
        estimate(wave, ["y"], df="kish")  # type: ignore[arg-type]


# --- small and empty domains ----------------------------------------------------------------------


@pytest.mark.parametrize("stat", ["mean", "share", "total"])
def test_one_answer_has_no_standard_error(stat: str) -> None:
    wave = make_wave({"y": [1.0, 0.0, 1.0, 1.0]}, {"sex": ["f", "m", "m", "m"]})
    row = row_of(estimate(wave, ["y"], ["sex"], stat=stat), level="f")
    assert (row["est"], row["n"]) == (1.0, 1)
    assert np.isnan([row["se"], row["lci"], row["uci"], row["deff"]]).all()
    assert row["n_eff"] == 1


@pytest.mark.parametrize("stat", ["mean", "share", "total"])
def test_an_empty_domain_is_a_row_without_an_estimate(stat: str) -> None:
    wave = make_wave({"y": [1.0, 0.0, np.nan]}, {"sex": pd.Categorical(list("ffm"), categories=["f", "m", "x"])})
    table = estimate(wave, ["y"], ["sex"], stat=stat).table
    for level in ("m", "x"):
        row = row_of(table, level=level)
        assert (row["n"], row["n_eff"], row["df"]) == (0, 0, 0)
        assert np.isnan([row["se"], row["lci"], row["uci"]]).all()
        if stat == "total":
            assert row["est"] == 0
        else:
            assert np.isnan(row["est"])


def test_residents_without_a_level_count_for_everyone_only() -> None:
    wave = make_wave({"y": [1.0, 2.0, 6.0]}, {"sex": ["f", "f", None]})
    table = estimate(wave, ["y"], ["sex"]).table
    assert table["level"].tolist() == ["", "f"]
    assert table["n"].tolist() == [3, 2]
    assert table["est"].tolist() == [3.0, 1.5]


def test_a_measure_nobody_answered() -> None:
    table = estimate(make_wave({"y": [np.nan] * 4}, {"sex": list("ffmm")}), ["y"], ["sex"]).table
    assert table["n"].tolist() == [0, 0, 0]
    assert table[["est", "se", "lci", "uci"]].isna().all(axis=None)


def test_a_wave_of_one_person() -> None:
    wave = make_wave({"y": [70.0]}, {"sex": ["f"]}, name="spring")
    with refusal("design.lonely"):
        estimate(wave, ["y"])
    for lonely in ("adjust", "average", "remove"):
        row = row_of(estimate(wave, ["y"], ["sex"], lonely=lonely), level="f")
        assert (row["est"], row["n"], row["df"]) == (70.0, 1, 0)
        assert np.isnan(row["se"])


def test_a_wave_of_nobody() -> None:
    table = estimate(make_wave({"y": []}, {"sex": []}), ["y"], ["sex"]).table
    assert table["n"].tolist() == [0]
    assert np.isnan(table["est"]).all()


def test_a_domain_within_single_units_of_each_stratum_has_no_standard_error() -> None:
    """Two answers in two strata leave no degrees of freedom: no interval can be given."""
    wave = make_wave({"y": np.arange(8.0)}, {"g": list("abbbabbb")}, strata=[0] * 4 + [1] * 4)
    row = row_of(estimate(wave, ["y"], ["g"]), level="a")
    assert (row["n"], row["df"]) == (2, 0)
    assert np.isnan([row["se"], row["lci"]]).all()


# --- shares ---------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(SEEDS)
def test_shares_of_domains_lie_within_their_intervals(seed: int) -> None:
    table = estimate(random_wave(seed), ["p"], ["sex", ("sex", "area")], stat="share").table
    shown = table[np.isfinite(table["lci"])]
    assert len(shown)
    assert ((shown["lci"] >= 0) & (shown["uci"] <= 1)).all()
    assert ((shown["lci"] <= shown["est"] + 1e-12) & (shown["uci"] >= shown["est"] - 1e-12)).all()
    # An interval for a share that varies is asymmetric towards one half.
    middle = (shown["lci"] + shown["uci"]) / 2
    assert (((middle - shown["est"]) * (0.5 - shown["est"])) >= -1e-12).all()


def test_the_interval_of_a_share_that_is_known_does_not_hang_on_rounding() -> None:
    """Raked to 30 %, the share is 30 % in every sample: se 0 and no width, not Kish's width now and then."""
    widths = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = (rng.random(200) < 0.4).astype(float)
        wave = make_wave({"x": x}, {"g": np.where(x > 0, "a", "b")}, weights=rng.uniform(1, 3, 200))
        row = row_of(estimate(rake(wave, margins_of(g={"a": 300, "b": 700})), ["x"], stat="share"), level="")
        assert row["est"] == pytest.approx(0.3)
        assert row["se"] == pytest.approx(0, abs=1e-8)
        widths.append(row["uci"] - row["lci"])
    assert max(widths) < 1e-6, f"{sum(w > 1e-6 for w in widths)} of 20 intervals have a width"


def test_a_census_leaves_no_doubt_about_a_share() -> None:
    wave = make_wave({"x": [1.0, 0.0, 0.0, 0.0]}, fpc=4)
    row = row_of(estimate(wave, ["x"], stat="share"), level="")
    assert row["se"] == 0
    assert (row["lci"], row["uci"]) == pytest.approx((0.25, 0.25), abs=1e-6)


def test_shares_want_zeros_and_ones() -> None:
    """Scores from 0 to 100 under stat="share" must not come back as estimates with blank intervals."""
    with pytest.raises(SurveyError, match="'y'"):
        estimate(make_wave({"y": [10.0, 50.0, 90.0]}), ["y"], stat="share")


# --- refusals -------------------------------------------------------------------------------------


def test_what_the_wave_does_not_have_is_named() -> None:
    wave = make_wave({"y": [1.0, 2.0]}, {"sex": ["f", "m"]}, name="spring", groups=["sex"])
    with refusal("estimate.by", "spring", "'income'", "'sex'"):
        estimate(wave, ["y"], ["income"])
    with refusal("estimate.by", "'income'"):
        estimate(wave, ["y"], [("sex", "income")])
    with refusal("estimate.measure", "spring", "'z'", "'y'"):
        estimate(wave, ["y", "z"])
    with refusal("estimate.rows", "3", "2"):
        estimate(wave, pd.DataFrame({"q": [1.0, 2.0, 3.0]}))
    with refusal("estimate.unscored", "score(wave)"):
        estimate(replace(wave, scores=None))


@pytest.mark.parametrize("measures", [[], None])
def test_nothing_to_estimate_is_said(measures: list[str] | None) -> None:
    """A wave whose items make up no index must not end in an error from pandas."""
    wave = make_wave({"y": [1.0, 2.0]}, name="spring")
    wave = replace(wave, scores=pd.DataFrame({"item_of_no_index": [1.0, 2.0]}))
    with pytest.raises(SurveyError, match="spring"):
        estimate(wave, measures)


def test_a_weight_that_is_no_number_is_refused() -> None:
    for bad in (np.nan, -1.0, np.inf):
        with pytest.raises(SurveyError, match="weight"):
            make_wave({"y": [1.0, 2.0, 3.0]}, weights=[1.0, 1.0, bad])


def test_an_interval_is_named_for_shares_only() -> None:
    wave = make_wave({"y": [1.0, 0.0, 0.0, 1.0, 1.0]})
    with refusal("estimate.interval", "'beta'", "mean"):
        estimate(wave, ["y"], interval="beta")
    with refusal("interval.method", "'bayes'"):
        estimate(wave, ["y"], stat="share", interval="bayes")
    assert estimate(wave, ["y"], stat="share").about["share_interval"] == "wilson"
    shares = {
        m: row_of(estimate(wave, ["y"], stat="share", interval=m), by="") for m in ("wilson", "beta", "logit", "mean")
    }
    assert len({row["lci"] for row in shares.values()}) == 4
    assert len({(row["est"], row["se"], row["deff"]) for row in shares.values()}) == 1


def test_the_design_effect_without_replacement_counts_the_whole_population() -> None:
    """Compared with n of N = 5: s2 / n (1 - n / N), so deff is greater by N / (N - n)."""
    wave = make_wave({"y": [1.0, 4.0, 2.0, 9.0]}, {"g": list("aabb")}, weights=[1.0, 1.0, 1.0, 2.0])
    first, second = (estimate(wave, ["y"], ["g"], deff=deff).table for deff in ("replace", "without"))
    assert second["deff"].iloc[0] == pytest.approx(first["deff"].iloc[0] * 5)
    assert np.isnan(second["deff"].iloc[1]), "two residents who stand for two leave no population to sample from"
    assert second["deff"].iloc[2] == pytest.approx(first["deff"].iloc[2] * 3)
    np.testing.assert_array_equal(first["n_eff"], second["n_eff"])
    with refusal("estimate.deff", "'srs'"):
        estimate(wave, ["y"], deff="srs")


def test_a_part_of_the_wave_is_named_by_levels_or_handed_on_as_a_mask() -> None:
    people = {"sex": ["f", "m", None, "f"], "area": pd.Categorical(list("nnss"), categories=["n", "s", "empty"])}
    wave = make_wave({"y": np.arange(4.0)}, people, name="spring")
    assert members(wave, None).all()
    assert members(wave, {"sex": "f"}).tolist() == [True, False, False, True]
    assert members(wave, {"sex": "f", "area": "n"}).tolist() == [True, False, False, False]
    mask = np.array([True, True, False, False])
    assert members(wave, mask).tolist() == members(wave, pd.Series(mask)).tolist() == mask.tolist()
    text = replace(wave, people=wave.people.astype({"sex": "string"}))
    assert members(text, {"sex": "f"}).tolist() == [True, False, False, True]
    for wrong in ({"sex": "x"}, {"area": "empty"}, {"income": "high"}, mask[:3], np.arange(4)):
        with refusal("estimate.within", "spring"):
            members(wave, wrong)


def test_domains_of_crossed_variables_by_hand() -> None:
    wave = make_wave({"y": np.arange(5.0)}, {"a": ["x", "y", None, "x", "y"], "b": ["1", None, "1", "2", "2"]})
    domains = Domains.of(wave, [("a", "b")], everyone=False)
    assert domains.level == ("x x 1", "x x 2", "y x 1", "y x 2")
    assert domains.codes[0].tolist() == [0, -1, -1, 1, 3]
    assert len(domains) == 4
    rows, columns = domains.entries(np.array([True, True, True, True, False]))
    assert rows.tolist() == [0, 3]
    assert columns.tolist() == [0, 1]
    two = np.array([[True, False], [True, True], [True, True], [False, True], [True, True]])
    places, columns = domains.entries(two)
    assert places.tolist() == [0, 7, 8, 9]
    assert columns.tolist() == [0, 5, 3, 7]


# --- R survey -------------------------------------------------------------------------------------

DESIGNS = {"apisrs": "design_srs", "apistrat": "design_strat", "apiclus1": "design_clus1"}
INTERVAL = (("est", "est"), ("se", "se"), ("lci", "lo"), ("uci", "hi"), ("df", "df"))


@pytest.mark.golden
@pytest.mark.parametrize("name", DESIGNS)
def test_means_and_totals_agree_with_r(golden: Path, name: str) -> None:
    expected = r_results(golden)[DESIGNS[name]]
    wave = api_wave(golden, name)
    row = row_of(estimate(wave, ["api00"]), by="")
    assert row["n"] == expected["n"]
    for ours, theirs in (*INTERVAL, ("deff", "deff")):
        assert_close(row[ours], expected["mean_api00_deff_replace"][theirs])
    without = row_of(estimate(wave, ["api00"], deff="without"), by="")
    assert_close(without["deff"], expected["mean_api00"]["deff"])
    several = expected["mean_multi"]
    table = estimate(wave, several["name"]).table
    assert table["measure"].tolist() == several["name"]
    for ours, theirs in INTERVAL[:4]:
        assert_close(table[ours], several[theirs])
    total = row_of(estimate(wave, ["enroll"], stat="total"), by="")
    for ours, theirs in INTERVAL:
        assert_close(total[ours], expected["total_enroll"][theirs])


@pytest.mark.golden
@pytest.mark.parametrize("name", DESIGNS)
def test_shares_agree_with_r(golden: Path, name: str) -> None:
    """apistrat is stratified by school type: the shares are known and their SE is 0, not 1e-9."""
    expected = r_results(golden)[DESIGNS[name]]
    wave = api_wave(golden, name)
    table = estimate(wave, ["stype=E", "stype=H", "stype=M"]).table
    for ours, theirs in INTERVAL[:4]:
        assert_close(table[ours], expected["prop_stype"][theirs])
    row = row_of(estimate(wave, ["sch.wide=Yes"], stat="share"), by="")
    for ours, theirs in (("est", "est"), ("lci", "lo"), ("uci", "hi")):
        assert_close(row[ours], expected["ciprop_schwideYes"]["wilson"][theirs])


@pytest.mark.golden
@pytest.mark.parametrize("name", DESIGNS)
def test_domains_agree_with_r(golden: Path, name: str) -> None:
    expected = r_results(golden)[DESIGNS[name]]
    estimates = estimate(api_wave(golden, name), ["api00"], ["stype", ("stype", "sch.wide")])
    for block, by in (("by_stype", "stype"), ("by_stype_schwide", "stype x sch.wide")):
        groups = expected[block]["groups"]
        keys = zip(*(groups[variable] for variable in by.split(" x ")), strict=True)
        levels = [" x ".join(key) for key in keys]
        for column in ("est", "se"):
            found = column_of(estimates, column, by=by)
            assert_close([found[level] for level in levels], expected[block][column])


@pytest.mark.golden
@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_of_domains_use_the_domains_degrees_of_freedom(golden: Path, name: str) -> None:
    expected = r_results(golden)[DESIGNS[name]]["ciprop_awards_in_H"]["mean"]
    row = row_of(estimate(api_wave(golden, name), ["awards=Yes"], ["stype"]), level="H")
    for ours, theirs in (("est", "est"), ("lci", "lo"), ("uci", "hi"), ("df", "df")):
        assert_close(row[ours], expected[theirs])


@pytest.mark.golden
@pytest.mark.parametrize(
    ("block", "tables"),
    [
        ("cal_ps_lin", {"stype": R_STYPE}),
        ("cal_cal_raking_lin", {"stype": R_STYPE, "sch.wide": R_SCHWIDE}),
    ],
)
def test_calibrated_estimates_agree_with_r(golden: Path, block: str, tables: dict[str, dict[str, float]]) -> None:
    expected = r_results(golden)[block]
    wave = rake(api_wave(golden, "apiclus1"), margins_of(**tables))
    estimates = estimate(wave, ["api00"], ["stype", "sch.wide", "comp.imp"])
    everyone = row_of(estimates, by="")
    total = row_of(estimate(wave, ["enroll"], stat="total"), by="")
    for ours, theirs in INTERVAL:
        assert_close(everyone[ours], expected["mean_api00"][theirs])
        assert_close(total[ours], expected["total_enroll"][theirs])
    for by in ("stype", "sch.wide", "comp.imp"):
        block_of = expected["by_schwide" if by == "sch.wide" else f"by_{by}"]
        for column in ("est", "se"):
            found = column_of(estimates, column, by=by)
            assert_close([found[level] for level in block_of["groups"][by]], block_of[column])
    known = estimate(wave, ["stype=E", "stype=H", "stype=M"]).table
    for ours, theirs in INTERVAL[:4]:
        assert_close(known[ours], expected["mean_stype"][theirs])


@pytest.mark.golden
def test_a_domain_is_not_a_smaller_file(golden: Path) -> None:
    """METHODS: apiclus1, high schools 38.02 on the whole design, 39.45 on the filtered rows."""
    expected = r_results(golden)["domain_trap"]
    wave = api_wave(golden, "apiclus1")
    high = row_of(estimate(wave, ["api00"], ["stype"]), level="H")
    improved = row_of(estimate(wave, ["api00"], ["comp.imp"]), level="Yes")
    total = row_of(estimate(wave, ["enroll"], ["comp.imp"], stat="total"), level="Yes")
    for row, key in ((high, "H_correct"), (improved, "correct_subset"), (total, "total_correct")):
        assert_close([row["est"], row["se"]], [expected[key]["est"], expected[key]["se"]])
    assert high["df"] == expected["degf_H"]
    keep = np.flatnonzero(wave.people["stype"] == "H")
    design = replace(
        wave.design,
        weights=wave.design.weights[keep],
        strata=wave.design.strata[keep],
        psus=as_codes(wave.design.psus[keep]),
        fpc=wave.design.fpc[keep],
        psu_ids=None,
    )
    scores, people = (frame.iloc[keep].reset_index(drop=True) for frame in (wave.scores, wave.people))
    smaller = replace(wave, design=design, scores=scores, people=people)
    filtered = row_of(estimate(smaller, ["api00"]), by="")
    assert_close([filtered["est"], filtered["se"]], [expected["H_filtered"][k] for k in ("est", "se")])
