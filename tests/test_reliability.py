"""Alpha, omega and item figures: against R, by hand, and what they say about items that do not belong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import assert_close, refusal
from hypothesis import given, settings, strategies as st
from scales import ITEMS, one_factor_answers, reference_wave, scale_wave
from scipy import stats
from test_scoring import answered

from trustsurvey.instruments import default_instrument
from trustsurvey.model import Wave
from trustsurvey.scales.reliability import alpha, item_rest, moments, one_factor, parts_of, reliability
from trustsurvey.scales.scoring import score
from trustsurvey.weighting.population import margins_from_mapping
from trustsurvey.weighting.weigh import rake

# --- against R ------------------------------------------------------------------------------------


def test_item_figures_are_those_of_psych() -> None:
    """psych::alpha(x[, q]): raw_alpha, item.stats$r.drop, alpha.drop$raw_alpha; psych::fa(x[, q], 1, fm = "ml")."""
    told = reliability(reference_wave())
    assert told.scores["alpha"][0] == pytest.approx(0.746059445741, rel=1e-10)
    r_drop = [0.538033434705, 0.518166612218, 0.451094004649, 0.553489857564, 0.344547843652, 0.496731039216]
    dropped = [0.693859639952, 0.700274088271, 0.718960754784, 0.689528753843, 0.745128685114, 0.706678836788]
    loadings = [0.6540194275, 0.623289966503, 0.525518752791, 0.661995984847, 0.393462739875, 0.577155596508]
    np.testing.assert_allclose(told.items["item_rest"], r_drop, rtol=1e-10)
    np.testing.assert_allclose(told.items["alpha_without"], dropped, rtol=1e-10)
    np.testing.assert_allclose(told.items["loading"], loadings, atol=1e-6)  # R stops earlier
    np.testing.assert_allclose(told.items["uniqueness"], 1 - told.items["loading"] ** 2, atol=1e-8)


def test_omega_and_the_fit_of_one_factor_are_those_of_lavaan() -> None:
    """one <- cfa("f =~ q1 + q2 + q3 + q4 + q5 + q6", x, std.lv = TRUE); fitMeasures(one).

    l <- coef(one)[1:6]; v <- coef(one)[7:12]; sum(l)^2 / (sum(l)^2 + sum(v))
    """
    row = reliability(reference_wave()).scores.iloc[0]
    for name, value in {"chi2": 11.0559503748, "df": 9, "p": 0.271893318923, "cfi": 0.996812796838}.items():
        assert row[name] == pytest.approx(value, rel=1e-9), name
    assert row["rmsea"] == pytest.approx(0.019512343552, rel=1e-8)
    assert row["srmr"] == pytest.approx(0.0204874, rel=1e-6)
    assert row["omega"] == pytest.approx(0.7514390, rel=1e-7)
    assert row["heywood"] == ""


def test_the_weighted_alpha_is_that_of_survey() -> None:
    """svycralpha(~q1 + q2 + q3 + q4 + q5 + q6, d)."""
    assert alpha(reference_wave(weighted=True), "all") == pytest.approx(0.747170895893, rel=1e-11)


# --- alpha and item-rest correlations by hand -----------------------------------------------------


def weighted_cov(frame: pd.DataFrame, w: np.ndarray) -> np.ndarray:
    x = frame.to_numpy()
    centred = x - (w[:, None] * x).sum(axis=0) / w.sum()
    return (w[:, None] * centred).T @ centred / w.sum()


def consistent_answers(seed: int, n: int = 150) -> pd.DataFrame:
    """Answers to all items that share a common factor; reverse items run against it."""
    rng = np.random.default_rng(seed)
    trust = rng.normal(0, 1, n)
    answers = {}
    for item in default_instrument().rated:
        z = (-trust if item.reverse else trust) + rng.normal(0, 0.8, n)
        low, high = item.scale.low, item.scale.high
        answers[item.id] = np.clip(np.round((low + high) / 2 + z), low, high)
    frame = pd.DataFrame(answers)
    return frame.mask(rng.random(frame.shape) < 0.02)


def test_alpha_by_hand_with_weights_and_complete_answers_only() -> None:
    answers = consistent_answers(3)
    weights = np.random.default_rng(4).uniform(0.3, 3, len(answers))
    wave = score(answered(answers, weights=weights))
    assert wave.scores is not None
    items = ["pj1", "pj2", "pj3", "pj4", "pj5r"]
    complete = wave.scores[items].dropna()
    covariance = weighted_cov(complete, weights[complete.index])
    expected = 5 / 4 * (1 - np.trace(covariance) / covariance.sum())
    assert alpha(wave, "pj") == pytest.approx(expected, rel=1e-12)
    assert 0.5 < expected < 1
    assert alpha(answered(answers, weights=weights), "pj") == pytest.approx(expected)


def test_alpha_of_two_items_is_spearman_brown() -> None:
    answers = consistent_answers(5)
    r = answers[["pj1", "pj2"]].dropna().corr().to_numpy()[0, 1]
    assert alpha(answered(answers), "respect_listen") == pytest.approx(2 * r / (1 + r), rel=1e-12)


def test_reliability_is_not_defined_for_one_item_or_where_nothing_varies() -> None:
    answers = consistent_answers(6)
    assert np.isnan(alpha(answered(answers), "tr1"))
    assert item_rest(answered(answers), "tr1") == {}
    flat = answers.assign(**dict.fromkeys(["pj1", "pj2", "pj3", "pj4", "pj5r"], 3.0))
    assert np.isnan(alpha(answered(flat), "pj"))
    assert np.isnan(alpha(answered(flat), "respect_listen"))
    assert np.isnan(list(item_rest(answered(flat), "pj").values())).all()
    assert np.isnan(alpha(answered(answers.iloc[:2]), "pj"))


def test_item_rest_correlations_by_hand() -> None:
    answers = consistent_answers(7)
    weights = np.random.default_rng(8).uniform(0.3, 3, len(answers))
    wave = score(answered(answers, weights=weights))
    assert wave.scores is not None
    items = ["dj1", "dj2", "dj3r", "dj4r"]
    complete = wave.scores[items].dropna()
    found = item_rest(wave, "dj")
    assert list(found) == items
    for item in items:
        rest = complete[[other for other in items if other != item]].mean(axis=1)
        c = weighted_cov(pd.DataFrame({"a": complete[item], "b": rest}), weights[complete.index])
        assert found[item] == pytest.approx(c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]), rel=1e-10)
        assert found[item] > 0.3


def test_an_item_left_unreversed_shows_in_its_item_rest_correlation() -> None:
    answers = consistent_answers(9)
    answers["pj5r"] = 6 - answers["pj5r"]  # the file was reversed already; reversing again spoils it
    assert item_rest(answered(answers), "pj")["pj5r"] < 0.2
    assert alpha(answered(answers), "pj") < alpha(answered(consistent_answers(9)), "pj")


# --- intervals ------------------------------------------------------------------------------------


def with_counts(wave: Wave, counts: np.ndarray) -> Wave:
    """The wave with each resident as many times as counted."""
    rows = np.repeat(np.arange(len(wave)), counts)
    return scale_wave(wave.answers.iloc[rows], reverse=[i.id for i in wave.instrument.items if i.reverse])


@pytest.mark.parametrize("items", [ITEMS, ITEMS[:2], ITEMS[:3]])
@pytest.mark.parametrize("coefficient", ["alpha", "omega"])
def test_standard_errors_are_those_of_a_delete_one_jackknife(items: tuple[str, ...], coefficient: str) -> None:
    """Linearisation and jackknife agree in large samples; one resident at a time gives a tenth of a percent here."""
    wave = scale_wave(reference_wave().answers[list(items)] * 1.0)
    row = reliability(wave).scores.iloc[0]
    if coefficient == "omega" and len(items) == 2:
        assert np.isnan(row["omega"])
        return
    n, without = len(wave), []
    for i in range(0, n, 4):  # every fourth resident stands for four
        counts = np.ones(n, dtype=int)
        counts[i] = 0
        without.append(reliability(with_counts(wave, counts)).scores[coefficient][0])
    deviation = np.array(without) - row[coefficient]
    jackknife = np.sqrt((deviation**2).mean() * (n - 1))
    assert row[f"{coefficient}_se"] == pytest.approx(jackknife, rel=0.12)
    assert row[f"{coefficient}_lci"] < row[coefficient] < row[f"{coefficient}_uci"] < 1


def test_the_standard_error_of_alpha_is_that_of_normal_theory_where_answers_are_normal() -> None:
    """Parallel normal items: Var(alpha) = 2 k (1 - alpha)^2 / ((k - 1) n) (van Zyl, Neudecker & Nel 2000)."""
    n, k = 40_000, 5
    answers = one_factor_answers(np.random.default_rng(1), n, [0.7] * k)
    row = reliability(scale_wave(answers, low=-10, high=10)).scores.iloc[0]
    expected = np.sqrt(2 * k * (1 - row["alpha"]) ** 2 / ((k - 1) * n))
    assert row["alpha_se"] == pytest.approx(expected, rel=0.02)
    assert row["omega_se"] == pytest.approx(expected, rel=0.02)
    assert row["alpha"] == pytest.approx(k * 0.49 / (1 + (k - 1) * 0.49), abs=0.005)


def test_clusters_of_the_same_people_widen_the_interval() -> None:
    """Everybody four times in one sampling unit: as much as a quarter of the answers says."""
    single = reference_wave()
    rows = np.repeat(np.arange(len(single)), 4)
    plain = reliability(single).scores.iloc[0]
    thick = reliability(scale_wave(single.answers.iloc[rows], psus=rows)).scores.iloc[0]
    for name in ("alpha", "omega", "alpha_se", "omega_se", "srmr"):
        assert thick[name] == pytest.approx(plain[name], rel=1e-6), name
    assert thick["cfi"] == pytest.approx(plain["cfi"], rel=1e-4)
    assert thick["n"] == 4 * plain["n"]
    assert thick["n_eff"] == pytest.approx(plain["n_eff"], rel=0.01)
    assert thick["chi2"] == pytest.approx(plain["chi2"], rel=0.01)


def test_calibration_counts_in_the_interval() -> None:
    wave = reference_wave()
    raked = rake(wave, margins_from_mapping({"group": {"a": 40, "b": 60}, "k": {"k": 30, "l": 30, "m": 40}}, "test"))
    naive = reliability(replace(wave, design=replace(wave.design, weights=raked.weights))).scores.iloc[0]
    row = reliability(raked).scores.iloc[0]
    assert row["alpha"] == pytest.approx(naive["alpha"], rel=1e-9)
    assert row["alpha_se"] != pytest.approx(naive["alpha_se"], rel=1e-6)
    assert row["n_eff"] < row["n"]


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100), st.integers(3, 5))
def test_weights_scale_and_row_order_do_not_matter_and_reversing_an_item_with_its_answers_neither(
    seed: int, factor: float, k: int
) -> None:
    rng = np.random.default_rng(seed)
    n = 80
    answers = one_factor_answers(rng, n, rng.uniform(0.5, 0.9, k)).clip(-3, 3)
    weights, order = rng.uniform(0.5, 2, n), rng.permutation(n)
    first = reliability(scale_wave(answers, low=-3, high=3, weights=weights))
    turned = answers.assign(q2=-answers["q2"])
    other = scale_wave(turned.iloc[order], low=-3, high=3, reverse=["q2"], weights=factor * weights[order])
    columns = ["n", "n_eff", "alpha", "alpha_se", "omega", "omega_se", "chi2", "srmr"]
    a, b = first.scores[columns].iloc[0].astype(float), reliability(other).scores[columns].iloc[0].astype(float)
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(first.items["loading"], reliability(other).items["loading"], rtol=1e-5, atol=1e-7)


# --- verdicts and edges ---------------------------------------------------------------------------


@pytest.mark.parametrize(("r", "verdict"), [(0.8, "publish"), (0.45, "flag"), (0.2, "items only")])
def test_the_verdict_follows_the_rule(r: float, verdict: str) -> None:
    """Two items with this correlation: reliability 2 r / (1 + r) = .89, .62, .33."""
    rng = np.random.default_rng(2)
    z = rng.normal(size=(400, 2))
    z = np.linalg.qr(z - z.mean(axis=0))[0] * 20
    answers = pd.DataFrame({"q1": z[:, 0], "q2": r * z[:, 0] + np.sqrt(1 - r**2) * z[:, 1]})
    row = reliability(scale_wave(answers, low=-10, high=10)).scores.iloc[0]
    assert row["alpha"] == pytest.approx(2 * r / (1 + r), rel=1e-9)
    assert row["verdict"] == verdict
    assert np.isnan(row["omega"])


def test_the_lesser_of_alpha_and_omega_decides_at_two_decimals() -> None:
    from trustsurvey.scales.reliability import _verdict

    assert [_verdict(v) for v in (0.696, 0.694, 0.596, 0.594, np.nan)] == [
        "publish", "flag", "flag", "items only", "not defined"
    ]  # fmt: skip


def test_a_low_omega_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.scales.reliability.omega_of", lambda fit: 0.65)
    assert reliability(reference_wave()).scores["verdict"][0] == "flag"


def test_an_item_that_has_little_in_common_is_pointed_at() -> None:
    answers = reference_wave().answers
    other = np.random.default_rng(4).integers(0, 5, len(answers)) * 1.0
    told = reliability(scale_wave(answers.assign(q6=np.where(np.arange(600) % 9, other, answers["q1"]))))
    assert 0 < told.items["item_rest"][5] < 0.2
    assert told.items["check"].tolist() == [""] * 5 + ["loosely tied"]


def test_the_interval_is_symmetric_on_the_log_of_what_is_missing_to_one() -> None:
    row = reliability(reference_wave()).scores.iloc[0]
    reach = stats.t.ppf(0.975, 599) * row["alpha_se"] / (1 - row["alpha"])
    assert np.log((1 - row["alpha_lci"]) / (1 - row["alpha"])) == pytest.approx(reach, rel=1e-9)
    assert np.log((1 - row["alpha"]) / (1 - row["alpha_uci"])) == pytest.approx(reach, rel=1e-9)


def test_few_answers_are_withheld() -> None:
    wave = reference_wave()
    few = reliability(scale_wave(wave.answers.iloc[:29]))
    assert few.scores["verdict"][0] == "too few answers"
    assert few.scores["n"][0] == 29
    assert few.scores[["alpha", "omega", "cfi", "alpha_se"]].isna().all(axis=None)
    assert few.items[["mean", "sd", "loading", "item_rest", "alpha_without"]].isna().all(axis=None)
    assert reliability(scale_wave(wave.answers.iloc[:40])).scores["verdict"][0] != "too few answers"
    heavy = np.r_[np.full(5, 1000.0), np.ones(35)]  # forty answers worth five
    assert reliability(scale_wave(wave.answers.iloc[:40], weights=heavy)).scores["verdict"][0] == "too few answers"


def test_nobody_answered_everything() -> None:
    answers = reference_wave().answers.iloc[:100].copy()
    for i in range(100):
        answers.iloc[i, i % 6] = np.nan
    told = reliability(scale_wave(answers, at_least=1))
    assert told.scores[["n", "verdict"]].to_numpy().tolist() == [[0, "too few answers"]]
    assert told.items["check"].eq("").all()


def test_an_item_that_repeats_another_or_says_the_same_for_everyone_leaves_no_factor() -> None:
    answers = reference_wave().answers
    twice = reliability(scale_wave(answers.assign(q6=answers["q5"]))).scores.iloc[0]
    assert np.isnan(twice["omega"])
    assert twice["alpha"] > 0.5
    assert twice["verdict"] == "publish"
    flat = reliability(scale_wave(answers.assign(q6=2.0)))
    assert np.isnan(flat.scores["omega"][0])
    assert np.isnan(flat.items["item_rest"][5])
    assert np.isfinite(flat.items["item_rest"][:5]).all()
    single = reliability(scale_wave(answers[["q1"]])).scores.iloc[0]
    assert single["verdict"] == "not defined"


def test_a_uniqueness_at_its_least_is_named_and_leaves_omega_without_an_interval() -> None:
    """Three items with r12 r13 / r23 > 1: the first would need a negative uniqueness."""
    want = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    z = np.linalg.qr(np.random.default_rng(3).normal(size=(200, 3)))[0]
    z = np.linalg.qr(z - z.mean(axis=0))[0] * np.sqrt(200)
    row = reliability(
        scale_wave(pd.DataFrame(z @ np.linalg.cholesky(want).T, columns=["q1", "q2", "q3"]), low=-10, high=10)
    )
    assert row.scores["heywood"][0] == "q1"
    assert np.isnan(row.scores["omega_se"][0])
    assert 0 < row.scores["omega"][0] < 1
    assert row.items["uniqueness"][0] == pytest.approx(0.005)


def test_the_parts_of_an_index_of_indices_are_its_dimensions() -> None:
    wave = score(answered(consistent_answers(12, 300)))
    assert parts_of(wave, "trust") == ("pj", "dj", "ef", "en", "ta")
    assert wave.scores is not None
    dimensions = wave.scores[["pj", "dj", "ef", "en", "ta"]].dropna()
    covariance = np.cov(dimensions.T)
    assert alpha(wave, "trust") == pytest.approx(1.25 * (1 - np.trace(covariance) / covariance.sum()), rel=1e-10)
    told = reliability(wave)
    assert set(told.scores["measure"]) == {index.key for index in default_instrument().indices}
    assert told.scores.set_index("measure").loc["trust", "items"] == 5
    with refusal("reliability.measure", "'nonsense'"):
        reliability(wave, ["nonsense"])


def test_several_waves_stand_below_one_another() -> None:
    first, second = reference_wave(), replace(reference_wave(weighted=True), name="w2")
    told = reliability([first, second])
    assert told.scores["wave"].tolist() == ["w1", "w2"]
    assert len(told.items) == 12
    alone = reliability(second).scores
    pd.testing.assert_frame_equal(told.scores.iloc[1:].reset_index(drop=True), alone)


def test_moments_of_a_part_of_the_wave_keep_the_design() -> None:
    wave = reference_wave(weighted=True)
    inside = (wave.people["group"] == "b").to_numpy()
    told = moments(wave, ITEMS, inside)
    assert len(told.rows) == inside.sum()
    w, x = wave.weights[inside], wave.scores.loc[inside, list(ITEMS)].to_numpy()  # type: ignore[union-attr]
    assert_close(told.mean, w @ x / w.sum())
    assert_close(told.cov, weighted_cov(pd.DataFrame(x), w))
    assert told.df == 36
    assert one_factor(told) is not None


# --- real answers ---------------------------------------------------------------------------------

WORDS = {"Never": 1, "Sometimes": 2, "Often": 3, "Very Often": 4, "Always": 5} | {
    "Strongly disagree": 1, "Disagree": 2, "Neither agree or disagree": 3, "Agree": 4, "Strongly Agree": 5,
}  # fmt: skip


@pytest.mark.realdata
def test_a_reverse_item_left_as_it_is_shows(real_data: Path) -> None:
    """Research software engineers 2017: "dream about getting another job" among four items of liking one's own.

    psych::alpha(x) before and after x$turnOver4 <- 6 - x$turnOver4: raw_alpha, and r.drop of turnOver4.
    """
    frame = pd.read_csv(real_data / "exports" / "limesurvey_rse2017_nl_code_text.csv")
    keys = ("affSat1", "affSat2", "affRec1", "affRec3", "turnOver4")
    answers = pd.DataFrame({key: frame[next(c for c in frame if f"[{key}]" in c)].map(WORDS) for key in keys})
    left, turned = (reliability(scale_wave(answers, low=1, high=5, reverse=r)) for r in ((), ("turnOver4",)))
    assert left.scores["n"][0] == 73
    assert left.scores["alpha"][0] == pytest.approx(0.440911627435, rel=1e-10)
    assert turned.scores["alpha"][0] == pytest.approx(0.889869258908, rel=1e-10)
    assert left.items["item_rest"][4] == pytest.approx(-0.650480362504, rel=1e-10)
    assert turned.items["item_rest"][4] == pytest.approx(-left.items["item_rest"][4], rel=1e-10)
    assert left.items["check"].tolist() == [""] * 4 + ["is it reverse-worded?"]
    assert turned.items["check"].eq("").all()
    assert left.scores["verdict"][0] == "items only"
    assert turned.scores["verdict"][0] == "publish"


@pytest.mark.realdata
def test_the_police_battery_of_kansas_city_is_one_scale(real_data: Path) -> None:
    frame = pd.read_csv(real_data / "kcmo" / "kcmo_resident_survey_mar2022.csv")
    answers = frame[[f"q5_{k:02d}" for k in (1, 2, 3, 6, 7)]].apply(pd.to_numeric, errors="coerce")
    told = reliability(scale_wave(answers.where(answers <= 5), low=1, high=5))
    complete = answers.where(answers <= 5).dropna()
    covariance = np.cov(complete.T)
    row = told.scores.iloc[0]
    assert row["n"] == len(complete) > 500
    assert row["alpha"] == pytest.approx(1.25 * (1 - np.trace(covariance) / covariance.sum()), rel=1e-10)
    assert row["verdict"] == "publish"
    assert row["omega"] == pytest.approx(row["alpha"], abs=0.02)
    assert told.items["check"].eq("").all()
