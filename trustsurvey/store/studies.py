"""Rows of studies, their area levels and margins, on an open connection."""

from __future__ import annotations

import json
from collections.abc import Mapping as MappingType, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, func, select, update

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import dump_instrument, parse_instrument
from trustsurvey.model import AreaLevel, Margin, Margins, Study
from trustsurvey.store import keys, schema as s
from trustsurvey.store.records import StudyRecord


def now() -> datetime:
    """The time in UTC, without a zone, as both databases keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


def study_row(connection: Connection, slug: str) -> Row[Any]:
    """The row of a study; SurveyError ``store.no-study`` if there is none."""
    row = connection.execute(select(s.study).where(s.study.c.slug == slug)).first()
    if row is None:
        known = [slug for (slug,) in connection.execute(select(s.study.c.slug))]
        raise SurveyError(
            "store.no-study", f"There is no study '{slug}'", expected=some(known) or "a study that exists",
            hint="List the studies, or create this one first.",
        )  # fmt: skip
    return row


def locked_row(connection: Connection, slug: str) -> Row[Any]:
    """The row of a study about to be changed: writers of one study wait for one another.

    SQLite has one writer at a time anyway; on PostgreSQL the row is locked.
    """
    connection.execute(select(s.study.c.id).where(s.study.c.slug == slug).with_for_update())
    return study_row(connection, slug)


def study_records(connection: Connection) -> list[StudyRecord]:
    """All studies, real ones first, by name."""
    counts = select(s.wave.c.study_id, func.count().label("waves")).group_by(s.wave.c.study_id).subquery()
    query = (
        select(s.study.c.slug, s.study.c.name, s.study.c.sample, func.coalesce(counts.c.waves, 0))
        .outerjoin(counts, counts.c.study_id == s.study.c.id)
        .order_by(s.study.c.sample, s.study.c.name)
    )
    return [StudyRecord(*row) for row in connection.execute(query)]


def read_study(connection: Connection, slug: str) -> Study:
    """A study with its questionnaire and area levels."""
    row = study_row(connection, slug)
    query = select(s.area_level).where(s.area_level.c.study_id == row.id).order_by(s.area_level.c.position)
    levels = tuple(
        AreaLevel(
            level.key,
            level.title,
            level.parent,
            tuple((name, parent) for name, parent in json.loads(level.areas)),
            level.boundary_key,
            tuple((old, new, share) for old, new, share in json.loads(level.former)),
        )
        for level in connection.execute(query)
    )
    instrument = parse_instrument(row.instrument, "saved questionnaire")
    return Study(row.slug, row.name, instrument, levels, bool(row.probability), bool(row.sample))


def add_study(connection: Connection, study: Study) -> int:
    """Add a study without its levels and margins; its id."""
    if connection.execute(select(s.study.c.id).where(s.study.c.slug == study.slug)).first() is not None:
        raise SurveyError(
            "store.study-exists", f"There is a study called '{study.name}' already",
            hint="Give the new one another name.",
        )  # fmt: skip
    values = {
        "slug": study.slug,
        "name": study.name,
        "instrument": dump_instrument(study.instrument),
        "probability": study.probability,
        "sample": study.sample,
        "key_check": keys.key_check(study.slug),
        "created_at": now(),
    }
    return int(connection.execute(s.study.insert().values(**values).returning(s.study.c.id)).scalar_one())


def write_levels(
    connection: Connection, study_id: int, levels: Sequence[AreaLevel], boundaries: MappingType[str, str]
) -> None:
    """Add the area levels of a study."""
    for position, level in enumerate(levels):
        connection.execute(
            s.area_level.insert().values(
                study_id=study_id,
                position=position,
                key=level.key,
                title=level.title,
                parent=level.parent,
                areas=json.dumps(level.areas, ensure_ascii=False),
                boundary_key=level.boundary_key,
                boundaries=boundaries.get(level.key),
                former=json.dumps(level.former, ensure_ascii=False),
            )
        )


def change_level(connection: Connection, study_id: int, level: AreaLevel, boundaries: str | None) -> None:
    """Put other areas into a level of a study; SurveyError ``store.no-level`` if it has none of this key."""
    values = {
        "areas": json.dumps(level.areas, ensure_ascii=False),
        "boundary_key": level.boundary_key,
        "boundaries": boundaries,
        "former": json.dumps(level.former, ensure_ascii=False),
    }
    place = update(s.area_level).where(s.area_level.c.study_id == study_id, s.area_level.c.key == level.key)
    if connection.execute(place.values(**values)).rowcount != 1:
        raise SurveyError("store.no-level", f"The study has no area level '{level.key}'")


def write_margins(connection: Connection, study_id: int, margins: Margins) -> None:
    """Add the margins of a study."""
    rows = [
        {"variable": margin.variable, "category": str(category), "count": float(count)}
        for margin in margins
        for category, count in margin.targets.items()
    ]
    for position, row in enumerate(rows):
        row |= {"study_id": study_id, "position": position, "source": margins.source}
    if rows:
        connection.execute(s.margin.insert(), rows)


def read_margins(connection: Connection, slug: str) -> Margins | None:
    """The population margins of a study, None before there are any."""
    study_id = study_row(connection, slug).id
    query = select(s.margin).where(s.margin.c.study_id == study_id).order_by(s.margin.c.position)
    tables: dict[str, dict[str, float]] = {}
    source = ""
    for row in connection.execute(query).mappings():
        tables.setdefault(row["variable"], {})[row["category"]] = row["count"]
        source = row["source"]
    if not tables:
        return None
    return Margins(tuple(Margin(v, pd.Series(t, dtype=float)) for v, t in tables.items()), source)
