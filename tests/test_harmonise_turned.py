"""How questions hang together, by plain arithmetic; those that were turned round stand out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.harmonise.turned import against_the_others, companions, correlations, mirrored, rest_correlations
from trustsurvey.instruments import parse_instrument
from trustsurvey.model import ItemCheck

NAMES = [f"a{k}" for k in range(6)]
GRID = parse_instrument(
    "items:\n"
    + "".join(
        f"  {name}: {{text: {name}, scale: agree5{', reverse: true' if name == 'a1' else ''}}}\n" for name in NAMES
    )
    + "  b0: {text: b0, scale: trust11}\n  b1: {text: b1, scale: trust11}\n"
    + "indices:\n  a: {parts: [a0, a1, a2, a3, a4, a5]}\n  small: {parts: [a0, a1, a2], dimension: true}\n"
)


def block(n: int = 300, seed: int = 0, gaps: float = 0.2) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    common = random.normal(size=n)
    frame = pd.DataFrame(
        {
            name: np.clip(np.rint(3 + (-1 if name == "a1" else 1) * common + random.normal(size=n)), 1, 5)
            for name in NAMES
        }
    )
    return frame.mask(random.random(frame.shape) < gaps)


def check(item: str, rest: float = 0.5, shares: tuple[tuple[float, float], ...] = (), answered: int = 300) -> ItemCheck:
    return ItemCheck(item, item, item, answered, 0, 0, 0, 0, 0, shares, rest)


def test_correlations_are_those_of_pairs_that_answered_both() -> None:
    frame = block()
    scored = frame.assign(a1=6 - frame["a1"])
    expected = scored.corr(min_periods=50)
    assert np.allclose(correlations(frame, GRID), expected, rtol=1e-10, atol=1e-12)


def test_few_pairs_tell_nothing() -> None:
    frame = block()
    frame.loc[40:, "a0"] = np.nan
    r = correlations(frame, GRID)
    assert r["a0"].isna().all()
    assert np.isnan(rest_correlations(r, GRID)["a0"])
    assert correlations(frame.iloc[:0], GRID).isna().all(axis=None)


def test_a_question_is_measured_against_its_dimension_else_its_index_else_all() -> None:
    together = companions([*NAMES, "b0", "b1"], GRID)
    assert together["a0"] == ["a1", "a2"]
    assert together["a3"] == ["a0", "a1", "a2", "a4", "a5"]
    assert len(together["b0"]) == 7


def test_rest_correlations_are_those_with_the_sum_of_the_others() -> None:
    frame = block(gaps=0)
    z = frame.assign(a1=6 - frame["a1"])
    z = (z - z.mean()) / z.std(ddof=0)
    rest = rest_correlations(correlations(frame, GRID), GRID)
    assert rest["a3"] == pytest.approx(z["a3"].corr(z[["a0", "a1", "a2", "a4", "a5"]].sum(axis=1)))
    assert rest["a0"] == pytest.approx(z["a0"].corr(z[["a1", "a2"]].sum(axis=1)))
    assert all(value > 0.3 for value in rest.values())


@settings(max_examples=25)
@given(st.sets(st.sampled_from(NAMES[3:]), max_size=2), st.integers(0, 20))
def test_those_turned_round_are_found_and_no_others(turned: set[str], seed: int) -> None:
    last = {
        name: check(name, value) for name, value in rest_correlations(correlations(block(seed=99), GRID), GRID).items()
    }
    frame = block(seed=seed)
    frame = frame.assign(**{name: 6 - frame[name] for name in turned})
    assert set(against_the_others(correlations(frame, GRID), GRID, last)) == turned


def test_a_question_that_never_went_with_the_others_is_left_alone() -> None:
    frame = block()
    frame["a4"] = 6 - frame["a4"]
    assert against_the_others(correlations(frame, GRID), GRID, {"a4": check("a4", 0.1)}) == []
    assert against_the_others(correlations(frame, GRID), GRID, {"a4": check("a4", float("nan"))}) == []
    assert against_the_others(correlations(frame, GRID), GRID, {}) == []


HIGH = ((1.0, 0.05), (2.0, 0.1), (3.0, 0.15), (4.0, 0.4), (5.0, 0.3))
LOW = tuple((6 - code, share) for code, share in HIGH)


@pytest.mark.parametrize(
    ("now", "last", "found"),
    [
        (LOW, HIGH, True),
        (HIGH, HIGH, False),
        (((1.0, 0.3), (3.0, 0.4), (5.0, 0.3)), HIGH, False),
        (((3.0, 1.0),), HIGH, False),
        (LOW, (), False),
    ],
)
def test_answers_in_a_mirror(
    now: tuple[tuple[float, float], ...], last: tuple[tuple[float, float], ...], found: bool
) -> None:
    item = GRID.item("a0")
    assert mirrored(item, check("a0", shares=now), check("a0", shares=last)) == found
    assert not mirrored(item, check("a0", shares=now, answered=30), check("a0", shares=last))
