"""Rows of studies on an open connection: what is written is read back, in its order, and nothing beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa
from builders import margins_of, refusal
from stores import LEVELS, STUDY, counted

from trustsurvey.model import AreaLevel, Margin, Margins
from trustsurvey.store import Store, schema, studies

ODD = ("'; DROP TABLE study; --", "<b>x</b>", "a/b\\c", '"', "%_", "\u6771\u4eac \U0001f600", " x ")


def add(store: Store, slug: str = "town", margins: Margins | None = None, **changes: object) -> int:
    """Add a study with its levels, and margins if given; its id."""
    study = replace(STUDY, slug=slug, **changes)  # type: ignore[arg-type]
    with store.writer.begin() as connection:
        key = studies.add_study(connection, study)
        studies.write_levels(connection, key, study.levels, {})
        if margins is not None:
            studies.write_margins(connection, key, margins)
        return key


def test_the_time_is_that_of_utc_and_without_a_zone() -> None:
    told = studies.now()
    assert told.tzinfo is None
    assert abs(datetime.now(UTC).replace(tzinfo=None) - told) < timedelta(minutes=1)


@pytest.mark.parametrize("name", ODD)
def test_names_of_any_letters_come_back(store: Store, name: str) -> None:
    areas = tuple((f"{name}{k}", name) for k in range(3))
    add(store, name, name=name, levels=(AreaLevel(name, name, "", areas, name),))
    with store.reader.begin() as connection:
        study = studies.read_study(connection, name)
        assert (study.slug, study.name, study.levels) == (name, name, (AreaLevel(name, name, "", areas, name),))
        assert [(record.slug, record.name) for record in studies.study_records(connection)] == [(name, name)]


@pytest.mark.parametrize("locked", [False, True])
def test_a_study_that_is_not_there_is_refused_with_some_that_are(store: Store, locked: bool) -> None:
    find = studies.locked_row if locked else studies.study_row
    with store.reader.begin() as connection, refusal("store.no-study", "a study that exists"):
        find(connection, "town")
    for number in range(7):
        add(store, f"town-{number}")
    with store.reader.begin() as connection:
        with refusal("store.no-study", "'Town-1'", "and 2 more"):
            find(connection, "Town-1")  # a short name is not looked for in other letters
        assert find(connection, "town-1").name == "Town"


def test_levels_keep_their_order_and_their_own_study(store: Store) -> None:
    add(store)
    add(store, "other", levels=tuple(reversed(LEVELS)))
    with store.reader.begin() as connection:
        assert studies.read_study(connection, "town").levels == LEVELS
        assert studies.read_study(connection, "other").levels == tuple(reversed(LEVELS))


def test_boundaries_lie_with_their_level(store: Store) -> None:
    key = add(store, levels=())
    with store.writer.begin() as connection:
        studies.write_levels(connection, key, LEVELS, {"ward": "{}", "elsewhere": "[]"})
    assert store.boundaries("town", "ward") == "{}"
    assert store.boundaries("town", "district") is None
    assert store.boundaries("other", "ward") is None


def test_a_second_study_of_a_short_name_is_refused_by_its_title(store: Store) -> None:
    add(store)
    before = counted(store)
    with refusal("store.study-exists", "'Another town'"):
        add(store, name="Another town")
    assert counted(store) == before


def test_studies_are_counted_with_their_own_waves_and_listed_real_ones_first(store: Store) -> None:
    add(store, "s", name="A sample", sample=True)
    key = add(store, "b", name="B")
    add(store, "a", name="C")
    with store.writer.begin() as connection:
        for position in range(2):
            values = {"study_id": key, "position": position, "name": f"w{position}"}
            connection.execute(sa.insert(schema.wave).values(**values))
        records = studies.study_records(connection)
    assert [(record.slug, record.waves, record.sample) for record in records] == [
        ("b", 2, False), ("a", 0, False), ("s", 0, True),
    ]  # fmt: skip


def test_margins_come_back_category_by_category_in_their_order(store: Store) -> None:
    tables = {"z": {"2": 1.5, "10": 0.0, "1": 1 / 3}, "a": dict.fromkeys(ODD, 7.0)}
    add(store, margins=margins_of(**tables))
    add(store, "other", margins=margins_of(sex={"f": 1.0}))
    with store.reader.begin() as connection:
        found = studies.read_margins(connection, "town")
        assert found is not None
        assert found.variables == ("z", "a")
        assert [list(margin.targets.items()) for margin in found] == [list(t.items()) for t in tables.values()]
        with refusal("store.no-study"):
            studies.read_margins(connection, "gone")


def test_categories_that_are_no_text_are_kept_as_text(store: Store) -> None:
    add(store, margins=Margins((Margin("age", pd.Series([3, 4], index=[18, 35])),), "census"))
    with store.reader.begin() as connection:
        found = studies.read_margins(connection, "town")
    assert found is not None
    assert found.source == "census"
    assert next(iter(found)).targets.to_dict() == {"18": 3.0, "35": 4.0}
    assert next(iter(found)).targets.dtype == float


def test_the_database_takes_no_number_below_zero(store: Store) -> None:
    key = add(store)
    before = counted(store)
    margins = Margins((Margin("sex", pd.Series({"f": 1.0, "m": -1.0})),))
    with pytest.raises(sa.exc.IntegrityError), store.writer.begin() as connection:
        studies.write_margins(connection, key, margins)
    assert counted(store) == before


def test_no_margins_are_none(store: Store) -> None:
    add(store, margins=Margins(()))
    with store.reader.begin() as connection:
        assert studies.read_margins(connection, "town") is None
