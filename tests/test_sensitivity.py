"""What scores would be under other rules for gaps, and without doubtful answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import dense_covariance, random_design, refusal, row_of
from hypothesis import given, settings, strategies as st
from scales import ITEMS, reference_wave, scale_wave
from test_reliability import consistent_answers
from test_scoring import answered

from trustsurvey.model import Wave
from trustsurvey.scales.scoring import score
from trustsurvey.scales.sensitivity import RULES, missing_rules, without


def gappy(seed: int, n: int = 240, gaps: float = 0.25, clusters: bool = False) -> Wave:
    rng = np.random.default_rng(seed)
    answers = reference_wave().answers.iloc[:n]
    answers = answers.mask(rng.random(answers.shape) < gaps)
    return scale_wave(answers, **random_design(rng, n, clusters=clusters, fpc=False))


# --- missing items --------------------------------------------------------------------------------


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_every_rule_by_hand_with_the_error_of_its_difference(seed: int, clusters: bool) -> None:
    wave = gappy(seed, clusters=clusters)
    x, w = 25 * wave.answers.to_numpy(), wave.weights
    known = np.isfinite(x)
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        person = np.where(count > 0, np.nansum(x, axis=1) / count, np.nan)
    item_means = np.array([np.average(x[known[:, j], j], weights=w[known[:, j]]) for j in range(6)])
    grand = (w[:, None] * known * np.nan_to_num(x)).sum() / (w[:, None] * known).sum()
    two_way = np.where(known, x, np.clip(person[:, None] + item_means - grand, 0, 100)).mean(axis=1)
    scores = {
        "all answered": np.where(count == 6, person, np.nan),
        "any answered": person,
        "person mean": person,
        "two-way": two_way,
    }
    stated = np.where(count >= 4, person, np.nan)
    table = missing_rules(wave)
    assert table["rule"].tolist() == list(RULES)

    def mean(y: np.ndarray) -> tuple[float, np.ndarray]:
        use = np.isfinite(y)
        centre = np.average(y[use], weights=w[use])
        return centre, np.where(use, np.nan_to_num(y) - centre, 0) / w[use].sum()

    base, before = mean(stated)
    for rule, values in scores.items():
        row = row_of(table, rule=rule)
        if min(np.isfinite(values).sum(), np.isfinite(stated).sum()) < 30:
            assert np.isnan(row["diff"])
            continue
        est, after = mean(values)
        assert row["est"] == pytest.approx(est, rel=1e-10)
        assert row["stated"] == pytest.approx(base, rel=1e-10)
        assert row["diff"] == pytest.approx(est - base, abs=1e-9)
        variance = dense_covariance(after - before, wave.design, w)[0, 0]
        assert row["se"] == pytest.approx(np.sqrt(variance), rel=1e-6, abs=1e-9)
        assert row["n"] == np.isfinite(values).sum()


def test_without_gaps_no_rule_matters() -> None:
    table = missing_rules(reference_wave())
    assert (table[["diff", "se"]].abs() < 1e-9).all(axis=None)
    assert table["p"].eq(1).all()


def test_skipping_the_hard_items_matters_to_the_person_mean_and_not_to_two_way() -> None:
    """Half of the residents skip an item that is 40 points harder; the truth is known."""
    rng = np.random.default_rng(3)
    trust = rng.normal(60, 8, 2000)
    x = trust[:, None] + np.array([10, 10, 10, -30.0]) + rng.normal(0, 5, (2000, 4))
    answers = pd.DataFrame(x, columns=["q1", "q2", "q3", "q4"])
    truth = answers.mean(axis=1).mean()
    answers.loc[rng.random(2000) < 0.5, "q4"] = np.nan
    table = missing_rules(scale_wave(answers, low=0, high=100)).set_index("rule")
    assert table.loc["two-way", "est"] == pytest.approx(truth, abs=1)
    assert table.loc["person mean", "est"] > truth + 3
    assert table.loc["two-way", "p"] < 1e-6
    assert table.loc["all answered", "est"] == pytest.approx(truth, abs=1)


def test_an_index_of_dimensions_goes_down_to_its_items() -> None:
    wave = score(answered(consistent_answers(15, 300)))
    table = missing_rules(wave, ["trust", "pj"])
    assert table["measure"].tolist() == ["trust", "pj"] * 4
    dimensions = ("pj", "dj", "ef", "en", "ta")
    items = [item for key in dimensions for item in wave.instrument.index(key).parts]
    assert row_of(table, measure="trust", rule="all answered")["n"] == wave.answers[items].notna().all(axis=1).sum()
    assert row_of(table, measure="trust", rule="any answered")["n"] == 300
    scores = wave.scores[items]  # type: ignore[index]
    filled = scores.T.fillna(scores.mean(axis=1)).T
    expected = np.mean([filled[list(wave.instrument.index(k).parts)].mean(axis=1) for k in dimensions])
    assert row_of(table, measure="trust", rule="person mean")["est"] == pytest.approx(expected, rel=1e-10)
    assert set(missing_rules(wave)["measure"]) >= {"trust", "trust_short", "sa"}
    with refusal("sensitivity.measure", "'pj1'"):
        missing_rules(wave, ["pj1"])


def test_few_complete_answers_are_withheld() -> None:
    wave = gappy(4, 60, 0.4)
    row = row_of(missing_rules(wave), rule="all answered")
    assert row["n"] < 30
    assert np.isnan(row[["est", "diff", "se", "p"]].astype(float)).all()


# --- doubtful answers -----------------------------------------------------------------------------


def test_estimates_without_the_flagged() -> None:
    wave = reference_wave(weighted=True)
    rng = np.random.default_rng(5)
    marks = pd.DataFrame({"straight": rng.random(600) < 0.1, "fast": wave.answers["q1"].to_numpy() == 0})
    table = without(wave, marks)
    assert table["left_out"].tolist() == ["straight", "fast", "any flag"]
    y, w = wave.scores["all"].to_numpy(), wave.weights  # type: ignore[index]
    for name, mask in {**{k: marks[k].to_numpy() for k in marks}, "any flag": marks.any(axis=1).to_numpy()}.items():
        row = row_of(table, left_out=name)
        assert row["share"] == pytest.approx(w[mask].sum() / w.sum())
        assert row["est"] == pytest.approx(np.average(y[~mask], weights=w[~mask]))
        assert row["n"] == (~mask).sum()
        before = (y - np.average(y, weights=w)) / w.sum()
        after = np.where(mask, 0, y - row["est"]) / w[~mask].sum()
        expected = np.sqrt(dense_covariance(after - before, wave.design, w)[0, 0])
        assert row["se"] == pytest.approx(expected, rel=1e-8)
    assert row_of(table, left_out="straight")["p"] > 0.01
    assert row_of(table, left_out="fast")["diff"] > 0
    assert row_of(table, left_out="fast")["p"] < 1e-4
    assert len(wave) == 600


def test_nobody_flagged_changes_nothing_and_everybody_leaves_nothing() -> None:
    wave = reference_wave()
    none = without(wave, pd.DataFrame({"fast": np.zeros(600, dtype=bool)}))
    assert none["diff"].eq(0).all()
    assert none["se"].eq(0).all()
    everyone = without(wave, pd.DataFrame({"fast": np.ones(600, dtype=bool)}))
    assert everyone["est"].isna().all()
    assert everyone["share"].eq(1).all()
    with refusal("sensitivity.rows", "3"):
        without(wave, pd.DataFrame({"fast": np.zeros(3, dtype=bool)}))


def test_scores_are_made_where_the_wave_has_none() -> None:
    from dataclasses import replace

    wave = gappy(6)
    bare = replace(wave, scores=None)
    pd.testing.assert_frame_equal(missing_rules(bare), missing_rules(wave))
    marks = pd.DataFrame({"a": np.arange(240) % 5 == 0})
    pd.testing.assert_frame_equal(without(bare, marks, ["all"]), without(wave, marks))
    assert set(ITEMS) <= set(wave.items)
