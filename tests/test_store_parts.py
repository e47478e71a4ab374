"""Waves as Parquet parts: what goes in comes out, in parts that are never larger than agreed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st
from stores import INSTRUMENT, same_wave, small_wave

from trustsurvey.errors import Notice
from trustsurvey.model import REASONS, Design, Report, Wave
from trustsurvey.store import parts

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def again(wave: Wave) -> Wave:
    """The wave after it was encoded and decoded."""
    pieces = parts.encode(wave)
    return parts.decode(
        wave.name,
        wave.instrument,
        parts.describe(wave),
        [data for kind, _, _, data in pieces if kind == "answers"],
        [data for kind, _, _, data in pieces if kind == "comments"],
        (wave.start, wave.end),
    )


@st.composite
def waves(draw: st.DrawFn) -> Wave:
    """Waves of any shape: few or many people, odd names, answers off the scale, any design."""
    n = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    wave = small_wave(n=n, seed=draw(st.integers(1, 999)))
    values = draw(
        st.sampled_from([np.arange(-2.0, 6.0), np.array([0.1, -1e300, 5e-324]), np.array([-32768.0, 40000.0])])
    )
    answers = wave.answers.copy()
    for item in answers:
        answers[item] = np.where(rng.random(n) < draw(st.sampled_from([0.0, 0.3, 1.0])), np.nan, rng.choice(values, n))
    missing = pd.DataFrame(rng.integers(0, len(REASONS), answers.shape).astype(np.int8), columns=answers.columns)
    people = wave.people.copy()
    groups = draw(st.lists(NAME.filter(lambda name: name not in people), unique=True, max_size=3))
    for group in groups:
        labels = draw(st.lists(TEXT, unique=True, max_size=4))
        people[group] = pd.Categorical.from_codes(rng.integers(-1, len(labels), n), labels)
    ids = draw(st.sampled_from([None, "", float("nan"), "id"]))
    units = rng.integers(0, max(1, n // 2), n)
    codes = pd.factorize(units)[0].astype(np.int64)
    design = Design(
        rng.uniform(1e-9, 1e9, n),
        np.zeros(n, dtype=np.int64),
        codes,
        draw(st.sampled_from([None, np.full(n, 1e6 / 3)])),
        draw(st.sampled_from([None, np.array([ids if u % 2 else f"u{u}" for u in units], dtype=object)])),
        draw(st.sampled_from(["fail", "adjust", "average", "remove"])),
    )
    comments = pd.DataFrame({"row": rng.integers(0, n, 5), "item": "why", "text": [draw(TEXT) for _ in range(5)]})
    return replace(
        wave, people=people, answers=answers, missing=missing, groups=tuple(groups), design=design, comments=comments,
        wording={item: draw(TEXT) for item in answers},
        report=Report(draw(TEXT), draw(st.integers(0, 10**9)), ((draw(TEXT), draw(st.integers(0, 99))),),
                      (Notice("note.one", draw(TEXT), draw(st.sampled_from(["info", "warning"]))),)),
        probability=draw(st.booleans()),
        start=draw(st.none() | st.dates()), end=draw(st.none() | st.dates()),
    )  # fmt: skip


@settings(max_examples=60)
@given(waves())
def test_a_wave_is_the_same_after_the_round_trip(wave: Wave) -> None:
    same_wave(wave, again(wave))


@given(st.lists(st.integers(-40_000, 40_000).map(float) | st.none() | st.floats(allow_infinity=False), max_size=20))
def test_answers_are_kept_exactly_whether_whole_or_not(values: list[float | None]) -> None:
    numbers = np.array([np.nan if v is None else v for v in values], dtype=float)
    back = parts._floats(parts.pa.chunked_array([parts._compact(numbers)]))
    assert np.array_equal(numbers, back, equal_nan=True)


@pytest.mark.parametrize(
    ("rows", "expected"), [(1, [1]), (65_536, [65_536]), (65_537, [65_536, 1]), (140_000, [65_536, 65_536, 8_928])]
)
def test_parts_are_of_65536_rows_at_most(rows: int, expected: list[int]) -> None:
    wave = small_wave(n=rows)
    pieces = [(position, n, data) for kind, position, n, data in parts.encode(wave) if kind == "answers"]
    assert [n for _, n, _ in pieces] == expected
    assert [position for position, _, _ in pieces] == list(range(len(expected)))
    assert [pq.read_metadata(io.BytesIO(data)).num_rows for _, _, data in pieces] == expected
    same_wave(wave, again(wave))


def test_parts_are_small_and_compressed() -> None:
    wave = small_wave(n=50_000)
    pieces = parts.encode(wave)
    assert all(pq.read_metadata(io.BytesIO(data)).row_group(0).column(0).compression == "ZSTD" for *_, data in pieces)
    # A 5-point answer with its reason takes about a byte, a pseudonym no more than its letters.
    answers = sum(len(data) for kind, _, _, data in pieces if kind == "answers")
    assert answers < 50_000 * (20 + 2 * len(INSTRUMENT.items) + 20)


def test_comments_lie_apart_from_answers() -> None:
    wave = small_wave(n=200)
    for kind, _, _, data in parts.encode(wave):
        names = pq.read_schema(io.BytesIO(data)).names
        assert ("text" in names) == (kind == "comments")
        assert (b"because" in b" ".join(name.encode() for name in names)) is False


def test_without_comments_there_is_no_part_of_them() -> None:
    wave = replace(small_wave(), comments=pd.DataFrame())
    assert {kind for kind, *_ in parts.encode(wave)} == {"answers"}
    back = again(wave)
    assert list(back.comments.columns) == ["row", "item", "text"]
    assert back.comments.empty


def test_a_treatment_of_single_units_is_kept() -> None:
    """A stratum in which one unit answered must not stop an officer once the wave is saved."""
    wave = small_wave(n=3)
    design = Design(np.ones(3), np.array([0, 0, 1]), np.array([0, 1, 2]), lonely="adjust")
    assert again(replace(wave, design=design)).design.lonely == "adjust"


def test_units_without_a_label_stay_without_one() -> None:
    """Two units labelled "nan" would be taken for one person in two waves."""
    wave = small_wave(n=3)
    labels = np.array([None, float("nan"), "a"], dtype=object)
    back = again(replace(wave, design=replace(wave.design, psu_ids=labels)))
    assert list(back.design.psu_ids) == [None, None, "a"]


def test_dates_are_the_studys_own() -> None:
    wave = small_wave(start=date(2024, 2, 29), end=None)
    assert (again(wave).start, again(wave).end) == (date(2024, 2, 29), None)
