"""What tests of the store share: databases of both kinds, small studies, waves of any shape."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from trustsurvey import weighing, workflow
from trustsurvey.cli import files
from trustsurvey.errors import Notice
from trustsurvey.model import (
    AreaLevel,
    ColumnMap,
    Design,
    Index,
    Instrument,
    Item,
    Mapping,
    Report,
    Scale,
    Study,
    Wave,
)
from trustsurvey.readers.guard import read
from trustsurvey.readers.tables import read_table
from trustsurvey.store import Store, schema
from trustsurvey.weighting.weigh import rake

ENGINES = ("sqlite", "postgresql")
AGREE = Scale("agree5", 1.0, 5.0, positive=(4.0, 5.0))
INSTRUMENT = Instrument(
    "small",
    "Small questionnaire",
    (
        Item("fair", "Officers treat people fairly.", AGREE),
        Item("rude", "Officers are rude.", AGREE, reverse=True),
        Item("safe", "I feel safe here.", AGREE),
    ),
    (
        Index("respect", "Respect", ("fair", "rude"), 2, dimension=True),
        Index("safety", "Safety", ("safe",), 1, dimension=True),
        Index("trust", "Trust index", ("respect", "safety"), 2),
    ),
    "trust",
)
WARDS = (("Docks", "East"), ("Mill", "East"), ("Park", "West"), ("Hill", "West"))
LEVELS = (
    AreaLevel("district", "Districts", "", (("East", ""), ("West", ""))),
    AreaLevel("ward", "Wards", "district", WARDS),
)
STUDY = Study("town", "Town", INSTRUMENT, LEVELS)
MAPPING = Mapping(
    (ColumnMap("q1", "item", "fair", dont_know=("9",)), ColumnMap("q2", "item", "rude"), ColumnMap("w", "area", "ward"))
)


@contextmanager
def empty_database(kind: str, folder: Any) -> Iterator[str]:
    """The URL of a database with nothing in it; on PostgreSQL a schema of its own, gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/store.db"
        return
    server = os.environ.get("TRUSTSURVEY_TEST_POSTGRES")
    if not server:
        pytest.skip("no PostgreSQL server is named in TRUSTSURVEY_TEST_POSTGRES")
    name = f"test_{uuid.uuid4().hex[:12]}"
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.exec_driver_sql("SET lock_timeout = '20s'")
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    finally:
        engine.dispose()


def small_wave(name: str = "w1", n: int = 60, seed: int = 1, **changes: Any) -> Wave:
    """An unweighted wave of the small questionnaire with wards, districts, sex and a few comments."""
    rng = np.random.default_rng(seed)
    ward = rng.integers(0, 4, n)
    items = [item.id for item in INSTRUMENT.items]
    why = np.where(rng.random((n, len(items))) < 0.08, rng.integers(1, 6, (n, len(items))), 0).astype(np.int8)
    answers = pd.DataFrame(np.where(why > 0, np.nan, rng.integers(1, 6, why.shape)), columns=items)
    missing = pd.DataFrame(why, columns=items)
    people = pd.DataFrame(
        {
            "respondent": np.array([f"{seed:04d}{k:016x}" for k in range(n)], dtype=object),
            "source_row": np.arange(2, n + 2),
            "ward": pd.Categorical.from_codes(ward, [w for w, _ in WARDS]),
            "district": pd.Categorical.from_codes(ward // 2, ["East", "West"]),
            "sex": pd.Categorical.from_codes(rng.integers(-1, 2, n), ["f", "m"]),
        }
    )
    said = np.flatnonzero(rng.random(n) < 0.2)
    wave = Wave(
        name=name,
        instrument=INSTRUMENT,
        people=people,
        answers=answers,
        missing=missing,
        design=replace(Design.simple(n), psu_ids=people["respondent"].to_numpy(object), lonely="adjust"),
        areas=("district", "ward"),
        groups=("sex",),
        start=date(2026, 4, 1),
        end=date(2026, 6, 30),
        wording={item.id: item.text for item in INSTRUMENT.items},
        comments=pd.DataFrame(
            {"row": said, "item": "why", "text": [f"because {k} \u201cso\u201d \U0001f600" for k in said]}
        ),
        report=Report("plain", n + 3, (("partial", 3),), (Notice("note.one", "A note.", "warning"),)),
    )
    return replace(wave, **changes)


def raked(wave: Wave, share: float = 0.5) -> Wave:
    """The wave raked to a share of the districts."""
    from builders import margins_of

    return rake(wave, margins_of(district={"East": 1000 * share, "West": 1000 * (1 - share)}))


def put(store: Store, wave: Wave, digest: str = "d1", **more: Any) -> bool:
    """Save a wave in the study of the tests."""
    return store.save_wave(STUDY.slug, wave, MAPPING, more.pop("file", "answers.csv"), digest, **more)


def same_wave(one: Wave, other: Wave) -> None:
    """Fail unless two unweighted waves are alike in everything that the store keeps."""
    pd.testing.assert_frame_equal(one.people, other.people, check_dtype=False, check_categorical=True)
    for name in one.people:
        assert isinstance(one.people[name].dtype, pd.CategoricalDtype) == isinstance(
            other.people[name].dtype, pd.CategoricalDtype
        )
    pd.testing.assert_frame_equal(one.answers, other.answers, check_exact=True)
    pd.testing.assert_frame_equal(one.missing, other.missing, check_dtype=False)
    pd.testing.assert_frame_equal(one.comments.reset_index(drop=True), other.comments, check_dtype=False)
    for name in ("weights", "strata", "psus", "fpc"):
        a, b = getattr(one.design, name), getattr(other.design, name)
        assert (a is None) == (b is None)
        assert a is None or np.array_equal(a, b)
    a, b = one.design.psu_ids, other.design.psu_ids
    assert (a is None) == (b is None)
    if a is not None and b is not None:
        assert [None if pd.isna(u) else str(u) for u in a] == list(b)
    for name in ("name", "instrument", "areas", "groups", "start", "end", "report", "probability"):
        assert getattr(one, name) == getattr(other, name), name
    assert dict(one.wording) == dict(other.wording)
    assert one.design.lonely == other.design.lonely


def counted(store: Store) -> dict[str, int]:
    """How many rows each table holds."""
    with store.reader.begin() as connection:
        tables = schema.metadata.sorted_tables
        return {t.name: connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in tables}


def sound(store: Store) -> None:
    """Fail unless the database is whole: every wave loads, no part is missing, the audit trail follows."""
    with store.reader.begin() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        parts = sa.select(schema.part.c.source_id, sa.func.sum(schema.part.c.rows).label("rows"))
        parts = parts.where(schema.part.c.kind == "answers").group_by(schema.part.c.source_id).subquery()
        torn = sa.select(schema.source.c.id).outerjoin(parts, parts.c.source_id == schema.source.c.id)
        assert connection.execute(torn.where(schema.source.c.rows != sa.func.coalesce(parts.c.rows, 0))).all() == []
        empty = sa.select(schema.wave.c.name).outerjoin(schema.revision).where(schema.revision.c.id.is_(None))
        assert connection.execute(empty).all() == []
    for study in store.studies():
        for record in store.waves(study.slug):
            wave, weights = store.load_wave(study.slug, record.name)
            assert len(wave) == record.rows
            assert (weights is not None) == record.weighted
            assert weights is None or len(weights.weights) == record.rows
    assert store.audit_break() is None


_READ: dict[tuple[str, bytes], Any] = {}


def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading process takes a second to start: let it read the same bytes once a session."""

    def once(reader: Callable[..., Any]) -> Callable[..., Any]:
        def work(path: Any, *more: Any, **options: Any) -> Any:
            path = Path(path)
            if not path.is_file():
                return reader(path, *more, **options)
            key = (f"{reader.__name__} {path.name}", path.read_bytes())
            if key not in _READ:
                _READ[key] = reader(path, *more, **options)
            return _READ[key]

        return work

    monkeypatch.setattr(files, "read", once(read))
    monkeypatch.setattr(workflow, "read", once(read))
    for module in (workflow, weighing, files):
        monkeypatch.setattr(module, "read_table", once(read_table))
