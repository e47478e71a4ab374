"""Years that overlap: an attacker who keeps every release cannot narrow a small number below 0 to 9.

The attacker knows each wave's table and each rolling year's, in the order they came out, and how wards
add to districts and districts to everyone; a linear programme says how small and how large each ward
can have been in each wave.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given, settings, strategies as st
from scipy import optimize
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


def attacked(
    waves: list[Wave], single: list[pd.DataFrame], years: dict[int, pd.DataFrame]
) -> dict[tuple[int, str], tuple[float, float]]:
    """Between what each ward of each wave must lie, for all that was released."""
    column = {(k, ward): i for i, (k, ward) in enumerate((k, w) for k in range(len(waves)) for w in NAMES)}
    equal: list[tuple[np.ndarray, float]] = []
    above: list[tuple[np.ndarray, float]] = []

    def say(places: list[tuple[int, str]], row: pd.Series) -> None:
        coefficients = np.zeros(len(column))
        coefficients[[column[p] for p in places]] = 1.0
        if np.isfinite(row["n"]):
            equal.append((coefficients, row["n"]))
        elif row["suppressed"] == "":
            above.append((-coefficients, -30.0))  # it is shown, so it has 30 answers at least

    def inside(by: str, level: str) -> list[str]:
        return NAMES if not by else [level] if by == "ward" else [w for w in NAMES if PARENT[w] == level]

    for k, table in enumerate(single):
        for _, row in table.iterrows():
            say([(k, w) for w in inside(row["by"], row["level"])], row)
    for k, table in years.items():
        for _, row in table.iterrows():
            say([(j, w) for j in rolling_year(waves, k) for w in inside(row["by"], row["level"])], row)
    found = {}
    for place, i in column.items():
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(column))
            cost[i] = sign
            solved = optimize.linprog(
                cost, A_eq=np.array([c for c, _ in equal]), b_eq=[v for _, v in equal],
                A_ub=np.array([c for c, _ in above]) if above else None, b_ub=[v for _, v in above] or None,
                method="highs",
            )  # fmt: skip
            assert solved.status == 0, solved.message
            ends.append(sign * solved.fun)
        found[place] = (ends[0], ends[1])
    return found


def truth(wave: Wave) -> pd.Series:
    assert wave.scores is not None
    return wave.people.loc[wave.scores["trust"].notna(), "ward"].value_counts()


def assert_safe(waves: list[Wave]) -> None:
    single, years = released(waves)
    for (k, ward), (low, high) in attacked(waves, single, years).items():
        n = truth(waves[k])[ward]
        assert low <= n + 1e-6
        assert high >= n - 1e-6
        if 0 < n < 10:
            assert low <= 1e-6, f"wave {k}, {ward} ({n}): at least {low:.0f}"
            assert high >= 9 - 1e-6, f"wave {k}, {ward} ({n}): at most {high:.0f}"


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([60, 100, 200]))
def test_no_series_of_releases_can_be_solved(seed: int, n: int) -> None:
    assert_safe(series(seed, 7, n))


def test_a_longer_series_than_is_looked_back_at() -> None:
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
    told = year_cells(waves, "trust", "ward", NESTING)
    assert told[NAMES[0]].hidden
    assert_safe(waves)


def test_the_same_releases_are_decided_the_same_way() -> None:
    one, two = series(4, 6, 100), series(4, 6, 100)
    assert year_cells(one, "trust", "ward", NESTING) == year_cells(two, "trust", "ward", NESTING)
    assert year_cells(one[:4], "trust", "ward", NESTING) == year_cells(two[:4], "trust", "ward", NESTING)


def test_the_attacker_of_these_tests_can_attack() -> None:
    """Hiding the small ward alone gives it away at once."""
    waves = series(1, 4, 60)
    bare = [estimate(wave, ["trust"], ["district", "ward"]).table for wave in waves]
    for table in bare:
        small = table["level"] == NAMES[0]
        table["n"] = table["n"].where(~small)
        table.loc[small, "suppressed"] = "too few people"
    found = attacked(waves, bare, {})
    assert all(found[k, NAMES[0]] == (truth(waves[k])[NAMES[0]],) * 2 for k in range(4))
