"""Years that overlap: an attacker who keeps every release cannot narrow a small number below 0 to 9.

The attacker knows each wave's table and each rolling year's, how wards add to districts and districts to everyone,
and that a mean is shown of thirty answers and withheld of fewer.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from attackers import Attacker, knows_sums, narrowed
from hypothesis import given, settings, strategies as st
from stores import STUDY, WARDS, small_wave

from trustsurvey.comparison.pooling import pool, rolling_year
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.gate import protect
from trustsurvey.disclosure.years import year_cells
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.scales.scoring import score

NESTING = nesting_of(STUDY.levels)
NAMES = [name for name, _ in WARDS]
PARENT = dict(WARDS)


def series(seed: int, count: int, n: int, lowest: float = 0.1) -> list[Wave]:
    """Quarterly waves in which the first ward is small and the others vary."""
    rng = np.random.default_rng(seed)
    waves = []
    for k in range(count):
        year, month = 2024 + k // 4, 3 * (k % 4) + 1
        ward = rng.choice(4, n, p=[lowest, 0.25, 0.25, 0.5 - lowest])
        wave = small_wave(f"Q{k}", n=n, seed=seed % 1000 + k, start=date(year, month, 1), end=date(year, month + 2, 28))
        people = wave.people.assign(
            ward=pd.Categorical.from_codes(ward, NAMES),
            district=pd.Categorical.from_codes(ward // 2, ["East", "West"]),
        )
        waves.append(score(Wave(**{**vars(wave), "people": people})))
    return waves


def released(waves: list[Wave]) -> tuple[list[pd.DataFrame], dict[int, pd.DataFrame]]:
    """The protected table of each wave, and of each rolling year."""
    single, years = [], {}
    for k, wave in enumerate(waves):
        single.append(protect(estimate(wave, ["trust"], ["district", "ward"]), wave, nesting=NESTING).table)
        if at := rolling_year(waves, k):
            whole = pool([waves[j] for j in at])
            made = estimate(whole, ["trust"], ["district", "ward"])
            years[k] = protect(made, whole, history=waves[: k + 1], nesting=NESTING).table
    return single, years


def informed(
    waves: list[Wave], single: list[pd.DataFrame], years: dict[int, pd.DataFrame], withheld: bool = True
) -> Attacker:
    """Who has read everything; ``withheld``: and takes it that a mean is withheld for fewer than thirty answers."""
    attacker = Attacker()
    inside = {**{k: (k,) for k in range(len(waves))}, **{("year", k): rolling_year(waves, k) for k in years}}
    tables = {**dict(enumerate(single)), **{("year", k): table for k, table in years.items()}}
    for name, table in tables.items():
        cells = list(zip(table["by"], table["level"].astype(str), strict=True))
        few = {cell for cell in cells if withheld and sum(truth(waves[k], *cell) for k in inside[name]) < 30}
        attacker.reads(table, name, few)
        if not isinstance(name, int):
            for cell in cells:
                attacker.adds((name, *cell), [(k, *cell) for k in inside[name]], rest=False)
    for k, wave in enumerate(waves):
        knows_sums(attacker, wave, k, [("ward", PARENT, "district")])
    return attacker


def truth(wave: Wave, by: str, level: str) -> int:
    assert wave.scores is not None
    return int((wave.scores["trust"].notna() & ((wave.people[by] == level) if by else True)).sum())


def assert_safe(waves: list[Wave]) -> None:
    """No ward of any wave can be narrowed, from means withheld neither unless none is shown beside a hidden number."""
    single, years = released(waves)
    attacker, careful = (informed(waves, single, years, withheld) for withheld in (True, False))
    guards = any(table["guarded"].any() for table in (*single, *years.values()))
    for k, wave in enumerate(waves):
        for ward in NAMES:
            n = truth(wave, "ward", ward)
            if n < 10:
                told = narrowed(attacker, (k, "ward", ward), n)
                assert not told or not guards, told
                assert not narrowed(careful, (k, "ward", ward), n)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([60, 100, 200]))
def test_no_series_of_releases_can_be_solved(seed: int, n: int) -> None:
    assert_safe(series(seed, 7, n))


def test_a_longer_series() -> None:
    assert_safe(series(5, 11, 90))


def test_years_are_shown_where_nothing_follows_from_them() -> None:
    waves = series(8, 5, 200, lowest=0.25)
    _, years = released(waves)
    assert all(table["n"].notna().all() for table in years.values())
    assert set(years) == {2, 3, 4}


def test_a_year_with_one_small_wave_among_shown_ones_is_guarded() -> None:
    """Three waves show the ward, the fourth has six people there: the year may not show the sum."""
    waves = series(1, 4, 200, lowest=0.2)
    last = waves[3]
    ward = np.repeat([0, 1, 2, 3], [6, 34, 60, 100])
    people = last.people.assign(
        ward=pd.Categorical.from_codes(ward, NAMES), district=pd.Categorical.from_codes(ward // 2, ["East", "West"])
    )
    waves[3] = Wave(**{**vars(last), "people": people})
    told = year_cells(waves, "trust", NESTING)
    assert told["ward", NAMES[0]].hidden
    assert_safe(waves)


def test_the_same_releases_are_decided_the_same_way() -> None:
    one, two = series(4, 6, 100), series(4, 6, 100)
    assert year_cells(one, "trust", NESTING) == year_cells(two, "trust", NESTING)
    assert year_cells(one[:4], "trust", NESTING) == year_cells(two[:4], "trust", NESTING)


def test_the_attacker_of_these_tests_can_attack() -> None:
    """Hiding the small ward alone gives it away at once."""
    waves = series(1, 4, 60)
    bare = [estimate(wave, ["trust"], ["district", "ward"]).table for wave in waves]
    for table in bare:
        small = table["level"] == NAMES[0]
        table["n"] = table["n"].where(~small)
        table.loc[small, "suppressed"] = "too few people"
    attacker = informed(waves, bare, {})
    for k in range(4):
        n = truth(waves[k], "ward", NAMES[0])
        assert attacker.between((k, "ward", NAMES[0])) == pytest.approx((n, n))
