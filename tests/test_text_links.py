"""Trust of those who mention a theme: what it equals where all is known, and that its intervals hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_text_prevalence import everyone_audited, wave_of

from trustsurvey.estimation.contrasts import jointly
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.text.links import linked
from trustsurvey.text.prevalence import Coded


def draw(seed: int, n: int = 1200, audit: int = 300) -> tuple[Wave, Coded, np.ndarray]:
    """Residents of unequal weight, two codes, a machine that errs more where trust is low; the truth beside it."""
    rng = np.random.default_rng(seed)
    areas, x = rng.integers(0, 3, n), rng.normal(size=(n, 2))
    trust = 55 + 12 * rng.normal(size=n) - 6 * (x[:, 0] > 0.5)
    odds = np.array([-0.8, -1.0]) + np.array([1.5, 1.0]) * x
    truth = (rng.random((n, 2)) < 1 / (1 + np.exp(-odds))).astype(float)
    predicted = 1 / (1 + np.exp(0.4 - 0.7 * odds + 0.03 * (trust - 55)[:, None]))
    chance, decided = np.zeros(n), np.full((n, 2), np.nan)
    for area in range(3):
        rows = np.flatnonzero(areas == area)
        drawn = rng.choice(rows, audit // 3, replace=False)
        chance[rows], decided[drawn] = len(drawn) / len(rows), truth[drawn]
    wave = replace(wave_of(rng.gamma(4, 1, n), areas), scores=pd.DataFrame({"trust": trust}))
    return wave, Coded(("a", "b"), predicted, decided, chance, areas), truth


def test_with_every_answer_audited_the_means_are_those_of_estimate_in_the_codes_domains() -> None:
    wave, coded, truth = draw(1)
    levels = pd.Categorical.from_codes(truth[:, 0].astype(int), ["not", "mentions"])
    there = replace(wave, people=wave.people.assign(code=levels))
    plain = estimate(there, ["trust"], ["code"], everyone=False).table.set_index("level")
    gap = jointly(there, ["trust"], ["code"], everyone=False).contrast({"gap": {"mentions": 1, "not": -1}}).table
    row = linked(wave, everyone_audited(coded, truth), "trust").iloc[0]
    for name, level in (("mean", "mentions"), ("others", "not")):
        for ours, theirs in ((name, "est"), (f"{name}_lci", "lci"), (f"{name}_uci", "uci")):
            assert row[ours] == pytest.approx(plain.loc[level, theirs], rel=1e-10)
    assert row["gap"] == pytest.approx(gap["est"].iloc[0])
    assert row["se"] == pytest.approx(gap["se"].iloc[0], rel=1e-9)
    assert row["n"] == truth[:, 0].sum()


def test_by_hand_the_means_are_those_of_the_expanded_audit() -> None:
    wave, coded, _ = draw(2)
    v = np.where(coded.audited, wave.weights / np.where(coded.chance > 0, coded.chance, 1), 0)
    y, t = np.nan_to_num(coded.truth[:, 1]), wave.scores["trust"].to_numpy()  # type: ignore[index]
    row = linked(wave, coded, "trust", hand=True).iloc[1]
    assert row["mean"] == pytest.approx((v * y * t).sum() / (v * y).sum())
    assert row["others"] == pytest.approx((v * (1 - y) * t).sum() / (v * (1 - y)).sum())


@pytest.mark.parametrize("hand", [True, False])
def test_intervals_hold_the_gap_of_the_population(hand: bool) -> None:
    """200 invented surveys: between 90 and 99 % (three Monte Carlo errors of 1.5 around 95)."""
    held = np.zeros(2)
    population, _, truth = draw(10_000, n=400_000, audit=30)
    trust = population.scores["trust"].to_numpy()  # type: ignore[index]
    gaps = [trust[truth[:, j] == 1].mean() - trust[truth[:, j] == 0].mean() for j in range(2)]
    for seed in range(200):
        wave, coded, _ = draw(seed, n=800, audit=240)
        table = linked(wave, coded, "trust", hand=hand)
        held += (table["lci"] <= gaps) & (gaps <= table["uci"])
    assert (held >= 181).all()
    assert (held <= 198).all()


def test_residents_without_a_score_or_an_answer_do_not_count() -> None:
    wave, coded, _ = draw(4)
    silent, unscored = np.arange(1200) % 7 == 0, np.arange(1200) % 5 == 0
    trust = np.where(unscored, np.nan, wave.scores["trust"])  # type: ignore[index]
    wave = replace(wave, scores=pd.DataFrame({"trust": trust}))
    quiet = replace(coded, predicted=np.where(silent[:, None], np.nan, coded.predicted),
                    truth=np.where(silent[:, None], np.nan, coded.truth))  # fmt: skip
    row = linked(wave, quiet, "trust").iloc[0]
    assert row["n"] == (quiet.audited & ~unscored & (coded.truth[:, 0] == 1)).sum()
    assert np.isfinite(row["gap"])


def test_few_readings_tell_nothing_and_very_few_not_even_their_number() -> None:
    wave, coded, _ = draw(5)
    rare = np.where(np.isfinite(coded.truth), 0.0, np.nan)
    at = np.flatnonzero(coded.audited)
    rare[at[:9], 0] = rare[at[:29], 1] = 1
    table = linked(wave, replace(coded, truth=rare), "trust")
    assert table["suppressed"].tolist() == ["too few people", "too few read"]
    assert table["mean"].isna().all()
    assert table["gap"].isna().all()
    assert np.isnan(table["n"].iloc[0])
    assert table["n"].iloc[1] == 29
