"""Rows of waves on an open connection: order, revisions, weights, what is forgotten and what is never."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from builders import refusal
from stores import INSTRUMENT, MAPPING, STUDY, counted, put, raked, small_wave

from trustsurvey.model import Margin, Margins, Report, Weighting
from trustsurvey.store import Store, schema, waves
from trustsurvey.store.records import StoredWeighting, WaveRecord
from trustsurvey.store.studies import study_row


@pytest.fixture
def town(store: Store) -> Store:
    """A store with the small study in it."""
    store.create_study(STUDY)
    return store


def records(store: Store, released: bool = False) -> list[WaveRecord]:
    with store.reader.begin() as connection:
        return waves.wave_records(connection, study_row(connection, "town").id, released)


# --- names and order ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["2026/Q2", "..", "'; --", "<b>x</b>", "w (draft)", "\u6771 \U0001f600", "%"])
def test_a_wave_of_any_name_is_found_by_it_alone(town: Store, name: str) -> None:
    put(town, small_wave(name))
    put(town, small_wave("other", seed=2, n=50), "d2")
    assert [len(town.load_wave("town", record.name)[0]) for record in records(town)] == [60, 50]
    town.release("town", name)
    assert [record.name for record in records(town, released=True)] == [name]
    town.remove_wave("town", name, reason="r")
    assert [record.name for record in records(town)] == ["other"]


def test_a_name_is_taken_once_in_a_study_and_may_be_taken_in_another(town: Store) -> None:
    town.create_study(replace(STUDY, slug="other", name="Other"))
    with town.writer.begin() as connection:
        here, there = (study_row(connection, slug).id for slug in ("town", "other"))
        first = waves.wave_id(connection, here, "w")
        assert waves.wave_id(connection, here, "w") == first
        second, elsewhere = waves.wave_id(connection, here, "W"), waves.wave_id(connection, there, "w")
        assert len({first, second, elsewhere}) == 3
        rows = connection.execute(sa.select(schema.wave.c.id, schema.wave.c.position)).all()
    assert dict(tuple(row) for row in rows) == {first: 0, second: 1, elsewhere: 0}


def test_waves_of_one_period_stand_in_the_order_they_were_made(town: Store) -> None:
    for number, name in enumerate(("b", "a", "c")):
        put(town, small_wave(name), f"d{number}")
    assert [record.name for record in records(town)] == ["b", "a", "c"]
    put(town, small_wave("first", start=date(2026, 3, 1)), "d9")  # the same last day, begun earlier
    assert [record.name for record in records(town)] == ["first", "b", "a", "c"]
    # Removing a wave leaves no gap that another falls into.
    town.remove_wave("town", "c")
    put(town, small_wave("c"), "d2")
    assert [record.name for record in records(town)] == ["first", "b", "a", "c"]


def test_what_viewers_see_is_ordered_by_what_was_released(town: Store) -> None:
    for number, month in enumerate((3, 6)):
        put(town, small_wave(f"w{month}", start=None, end=date(2026, month, 28)), f"d{number}")
        town.release("town", f"w{month}")
    put(town, small_wave("w3", start=None, end=date(2026, 9, 28)), "d9", reason="it was later")
    assert [record.name for record in records(town)] == ["w6", "w3"]
    assert [record.name for record in records(town, released=True)] == ["w3", "w6"]


def test_a_wave_that_is_not_there_is_refused_with_those_that_are(town: Store) -> None:
    def find(name: str, released: bool = False) -> WaveRecord:
        with town.reader.begin() as connection:
            return waves.one_wave(connection, study_row(connection, "town").id, name, released)

    with refusal("store.no-wave", "a wave that was imported"):
        find("w1")
    put(town, small_wave())
    assert find("w1").name == "w1"
    with refusal("store.no-wave", "'W1'", "'w1'"):
        find("W1")
    with refusal("store.no-wave", "a wave that was imported"):
        find("w1", released=True)


# --- revisions -----------------------------------------------------------------------------------------


def test_a_record_speaks_of_its_revision(town: Store) -> None:
    put(town, small_wave(), file="a.csv")
    town.release("town", "w1")
    put(town, small_wave(seed=2, n=70), "d2", file="b.csv", reason=" new file ")
    (newest,), (seen,) = records(town), records(town, released=True)
    with town.reader.begin() as connection:
        rows = [waves.revision_row(connection, record) for record in (newest, seen)]
    assert [(row.id, row.released, row.reason) for row in rows] == [
        (newest.revision, False, "new file"), (seen.revision, True, ""),
    ]  # fmt: skip
    assert (newest.file, newest.rows, newest.key) == ("b.csv", 70, f"d2-{newest.revision}")
    assert (seen.file, seen.rows, seen.key) == ("a.csv", 60, f"d1-{seen.revision}")
    assert (newest.mapping, newest.report.rows_kept, seen.report.rows_kept) == (MAPPING, 70, 60)
    town.release("town", "w1")
    assert records(town, released=True) == records(town)
    assert records(town)[0].revision == newest.revision


def test_a_draft_goes_with_its_answers_and_those_of_other_waves_stay(town: Store) -> None:
    put(town, small_wave("w0", seed=9), "d0")
    put(town, small_wave())
    town.save_weighting("town", raked(small_wave()))
    town.release("town", "w1")
    kept = counted(town)
    put(town, small_wave(seed=2), "d2", reason="r")
    town.save_weighting("town", raked(small_wave(seed=2)), reason="r")
    with town.writer.begin() as connection:
        (record,) = (r for r in waves.wave_records(connection, study_row(connection, "town").id, False) if r.weighted)
        waves.forget_draft(connection, record)
    left = counted(town)
    assert {**left, "audit": 0} == {**kept, "audit": 0}
    assert [(record.name, record.digest) for record in records(town)] == [("w0", "d0"), ("w1", "d1")]


def test_weights_no_revision_speaks_of_are_forgotten(town: Store) -> None:
    wave = small_wave()
    put(town, wave)
    for share in (0.3, 0.5, 0.7):
        town.save_weighting("town", raked(wave, share))
    assert (counted(town)["weighting"], counted(town)["source"]) == (1, 1)
    town.release("town", "w1")
    for share in (0.2, 0.4):
        town.save_weighting("town", raked(wave, share), reason="r")
    assert (counted(town)["weighting"], counted(town)["source"]) == (2, 1)


def test_what_earlier_releases_withheld_is_told_and_what_this_one_does_is_not(town: Store) -> None:
    put(town, small_wave())
    town.release("town", "w1", withheld=[("", "ward", "Mill"), ("trust", "sex", "<x>")])
    assert town.load_wave("town", "w1")[0].withheld == frozenset()
    put(town, small_wave(seed=2), "d2", reason="r")
    assert town.load_wave("town", "w1")[0].withheld == {("", "ward", "Mill"), ("trust", "sex", "<x>")}
    assert town.load_wave("town", "w1", released=True)[0].withheld == frozenset()
    town.release("town", "w1", withheld=[("", "ward", "Docks")])
    put(town, small_wave(seed=3), "d3", reason="r")
    assert town.load_wave("town", "w1")[0].withheld == {
        ("", "ward", "Mill"), ("trust", "sex", "<x>"), ("", "ward", "Docks"),
    }  # fmt: skip


def test_what_the_first_releases_withheld_was_of_residents(town: Store) -> None:
    """They kept (grouping, level) in mind, without a measure."""
    put(town, small_wave())
    town.release("town", "w1", withheld=[("ward", "Mill")])  # type: ignore[list-item]
    put(town, small_wave(seed=2), "d2", reason="r")
    assert town.load_wave("town", "w1")[0].withheld == {("", "ward", "Mill")}


def test_the_parts_of_a_wave_come_back_in_their_order(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.store.parts.PART_ROWS", 7)
    wave = small_wave()
    put(town, wave)
    assert counted(town)["part"] > 9
    loaded, _ = town.load_wave("town", "w1")
    assert loaded.people["respondent"].tolist() == wave.people["respondent"].tolist()
    assert loaded.instrument == INSTRUMENT


# --- weights -------------------------------------------------------------------------------------------


def test_weights_come_back_with_the_choices_they_were_made_with(town: Store) -> None:
    put(town, small_wave(n=2))
    margins = Margins((Margin("age", pd.Series([1, 2], index=["\u00fcber 60", "18 <b>"])),), "census & co")
    made = Weighting(np.array([1 / 3, 5e-324]), np.ones(2), None, margins, {"bounds": (0.2, 5.0), "start": "one"})  # type: ignore[arg-type]
    with town.writer.begin() as connection:
        source = connection.execute(sa.select(schema.source.c.id)).scalar_one()
        key = waves.add_weighting(connection, source, made)
        row = connection.execute(sa.select(schema.weighting).where(schema.weighting.c.id == key)).one()
    found = waves.stored_weighting(row)
    assert found.weights.tolist() == made.weights.tolist()
    assert (found.margins.source, found.margins.variables) == ("census & co", ("age",))
    assert next(iter(found.margins)).targets.to_dict() == {"\u00fcber 60": 1.0, "18 <b>": 2.0}
    assert found.settings == json.loads(json.dumps(made.settings))


def test_stored_weights_are_told_apart_and_not_compared_number_by_number() -> None:
    one, other = (StoredWeighting(np.ones(3), Margins(()), {}) for _ in range(2))
    assert one != other
    assert len({one, other}) == 2


# --- records -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("released", "ever", "status"),
    [(True, True, "released"), (False, True, "released, correction in draft"), (False, False, "draft")],
)
def test_the_state_of_a_wave_in_words(released: bool, ever: bool, status: str) -> None:
    more: dict[str, Any] = {"mapping": MAPPING, "report": Report(), "imported_at": datetime(2026, 1, 1)}
    record = WaveRecord("w", 1, "f", "d", start=None, end=None, weighted=False, revision=1, released=released,
                        ever_released=ever, **more)  # fmt: skip
    assert record.status == status


def test_a_reason_is_asked_for_by_the_name_of_the_wave() -> None:
    error = waves.needs_reason("2026/Q2")
    assert (error.code, "2026/Q2" in error.title) == ("store.needs-reason", True)
