"""Rows of waves: their sources, weights and revisions, on an open connection."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, Row, delete, func, select

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import parse_instrument
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import Floats, Margin, Margins, Wave, Weighting
from trustsurvey.store import parts, schema as s
from trustsurvey.store.records import StoredWeighting, WaveRecord
from trustsurvey.store.studies import now, study_row

Pieces = list[parts.Part]


def add_source(
    connection: Connection, wave: Wave, pieces: Pieces, wave_key: int, file: str, digest: str, mapping: str
) -> int:
    """Add an imported file with its parts; its id."""
    values = {
        "wave_id": wave_key,
        "digest": digest,
        "file": file,
        "mapping": mapping,
        "description": parts.describe(wave),
        "start": wave.start,
        "end": wave.end,
        "rows": len(wave),
        "created_at": now(),
    }
    insert = s.source.insert().values(**values).returning(s.source.c.id)
    source_id = int(connection.execute(insert).scalar_one())
    _add_parts(connection, source_id, pieces)
    return source_id


def add_file(connection: Connection, record: WaveRecord, pieces: Pieces) -> None:
    """Add the file of a wave that was imported before files were kept."""
    source_id = revision_row(connection, record).source_id
    present = select(s.part.c.id).where(s.part.c.source_id == source_id, s.part.c.kind == parts.ABOUT)
    if connection.execute(present).first() is None:
        _add_parts(connection, source_id, pieces)


def _add_parts(connection: Connection, source_id: int, pieces: Pieces) -> None:
    rows = [
        {"source_id": source_id, "kind": kind, "position": position, "rows": n, "data": data}
        for kind, position, n, data in pieces
    ]
    if rows:
        connection.execute(s.part.insert(), rows)


def add_weighting(connection: Connection, source_id: int, weighting: Weighting) -> int:
    """Add weights made for a source; their id."""
    margins = {
        "source": weighting.margins.source,
        "margins": [[m.variable, list(m.targets.index), list(m.targets)] for m in weighting.margins],
    }
    values = {
        "source_id": source_id,
        "settings": json.dumps(dict(weighting.settings)),
        "margins": json.dumps(margins, ensure_ascii=False),
        "weights": parts.to_parquet(pa.table({"weight": weighting.weights})),
        "created_at": now(),
    }
    return int(connection.execute(s.weighting.insert().values(**values).returning(s.weighting.c.id)).scalar_one())


def read_wave(connection: Connection, slug: str, name: str, released: bool) -> tuple[Wave, StoredWeighting | None]:
    """A wave with its answers, and its weights if it has any."""
    study = study_row(connection, slug)
    record = one_wave(connection, study.id, name, released)
    newest = revision_row(connection, record)
    source = connection.execute(select(s.source).where(s.source.c.id == newest.source_id)).one()
    pieces = connection.execute(
        select(s.part.c.kind, s.part.c.data)
        .where(s.part.c.source_id == newest.source_id, s.part.c.kind.in_(parts.WAVE_KINDS))
        .order_by(s.part.c.kind, s.part.c.position)
    ).all()
    weights = connection.execute(select(s.weighting).where(s.weighting.c.id == newest.weighting_id)).first()
    wave = parts.decode(
        name,
        parse_instrument(study.instrument, "saved questionnaire"),
        source.description,
        [piece.data for piece in pieces if piece.kind == "answers"],
        [piece.data for piece in pieces if piece.kind == "comments"],
        (source.start, source.end),
    )
    wave = replace(wave, withheld=_withheld(connection, newest.wave_id, newest.id))
    return wave, None if weights is None else stored_weighting(weights)


def read_file(connection: Connection, slug: str, name: str) -> list[tuple[str, int, bytes]]:
    """The parts of the file that the newest state of a wave was made of; SurveyError ``store.no-file``."""
    newest = revision_row(connection, one_wave(connection, study_row(connection, slug).id, name))
    query = select(s.part.c.kind, s.part.c.position, s.part.c.data)
    query = query.where(s.part.c.source_id == newest.source_id, s.part.c.kind.in_(parts.FILE_KINDS))
    found = [(row.kind, row.position, row.data) for row in connection.execute(query)]
    if not found:
        raise SurveyError(
            "store.no-file", f"The file of the wave '{name}' was not kept", where=slug,
            expected="a wave imported since files are kept for another run",
            hint="Import the file again; saving it under the same name corrects the wave.",
        )  # fmt: skip
    return found


def _withheld(connection: Connection, wave_id: int, before: int) -> frozenset[tuple[str, str, str]]:
    """The numbers (measure, grouping, level) that earlier releases of a wave did not show."""
    query = select(s.revision.c.withheld).where(
        s.revision.c.wave_id == wave_id, s.revision.c.released, s.revision.c.id < before
    )
    cells = [cell for told in connection.execute(query).scalars() for cell in json.loads(told)]
    # The first releases kept those of residents alone in mind, without a measure.
    return frozenset((measure, by, level) for measure, by, level in (("", *cell)[-3:] for cell in cells))


def revision_row(connection: Connection, record: WaveRecord) -> Row[Any]:
    """The revision that a record speaks of."""
    return connection.execute(select(s.revision).where(s.revision.c.id == record.revision)).one()


def needs_reason(name: str) -> SurveyError:
    """The refusal to change a released wave without saying why."""
    return SurveyError(
        "store.needs-reason", f"The wave '{name}' is released", expected="a reason for correcting it",
        hint="State the reason; it is kept with the wave.",
    )  # fmt: skip


def wave_id(connection: Connection, study_id: int, name: str) -> int:
    """The id of a wave, which is added if there is none of this name."""
    query = select(s.wave.c.id).where(s.wave.c.study_id == study_id, s.wave.c.name == name)
    found = connection.execute(query).scalar()
    if found is not None:
        return int(found)
    last = select(func.coalesce(func.max(s.wave.c.position), -1)).where(s.wave.c.study_id == study_id)
    position = connection.execute(last).scalar_one() + 1
    values = {"study_id": study_id, "position": position, "name": name}
    return int(connection.execute(s.wave.insert().values(**values).returning(s.wave.c.id)).scalar_one())


def revise(
    connection: Connection, wave_id: int, source_id: int, weighting_id: int | None, reason: str, person: str
) -> None:
    """Make a source and its weights the newest state of a wave."""
    connection.execute(
        s.revision.insert().values(
            wave_id=wave_id,
            source_id=source_id,
            weighting_id=weighting_id,
            released=False,
            reason=reason.strip(),
            person=person,
            created_at=now(),
        )
    )
    _forget_superseded(connection, wave_id)


def _forget_superseded(connection: Connection, wave_id: int) -> None:
    """Delete drafts that were never released, with their answers, but the newest and the import before it."""
    first, *others = _drafts(connection, wave_id)
    before = next((draft.id for draft in others if draft.source_id != first.source_id), None)
    _forget_revisions(connection, wave_id, [draft.id for draft in others if draft.id != before])


def forget_draft(connection: Connection, record: WaveRecord) -> None:
    """Delete the newest, unreleased import of a wave with its weights; the wave too where nothing else is left."""
    wave_id = revision_row(connection, record).wave_id
    drafts = _drafts(connection, wave_id)
    _forget_revisions(connection, wave_id, [d.id for d in drafts if d.source_id == drafts[0].source_id])
    if connection.execute(select(s.revision.c.id).where(s.revision.c.wave_id == wave_id)).first() is None:
        connection.execute(delete(s.wave).where(s.wave.c.id == wave_id))


def forget_before(connection: Connection, record: WaveRecord) -> None:
    """Delete what a release leaves behind: the drafts before it."""
    wave_id = revision_row(connection, record).wave_id
    _forget_revisions(connection, wave_id, [d.id for d in _drafts(connection, wave_id) if d.id < record.revision])


def _drafts(connection: Connection, wave_id: int) -> list[Row[Any]]:
    """Revisions that were never released, newest first."""
    query = select(s.revision.c.id, s.revision.c.source_id)
    query = query.where(s.revision.c.wave_id == wave_id, ~s.revision.c.released).order_by(s.revision.c.id.desc())
    return list(connection.execute(query))


def _forget_revisions(connection: Connection, wave_id: int, revisions: list[int]) -> None:
    connection.execute(delete(s.revision).where(s.revision.c.wave_id == wave_id, s.revision.c.id.in_(revisions)))
    _forget_unused(connection, wave_id)


def _forget_unused(connection: Connection, wave_id: int) -> None:
    """Delete the answers and weights of a wave that no revision speaks of any more."""
    mine = s.revision.c.wave_id == wave_id
    kept = select(s.revision.c.source_id, s.revision.c.weighting_id).where(mine)
    rows = connection.execute(kept).all()
    sources, weightings = {row.source_id for row in rows}, {row.weighting_id for row in rows}
    connection.execute(delete(s.source).where(s.source.c.wave_id == wave_id, s.source.c.id.not_in(sources)))
    used = {key for key in weightings if key is not None}
    connection.execute(delete(s.weighting).where(s.weighting.c.source_id.in_(sources), s.weighting.c.id.not_in(used)))


def one_wave(connection: Connection, study_id: int, name: str, released: bool = False) -> WaveRecord:
    """The record of one wave; SurveyError ``store.no-wave`` if there is none."""
    records = wave_records(connection, study_id, released)
    found = next((record for record in records if record.name == name), None)
    if found is None:
        raise SurveyError(
            "store.no-wave", f"There is no wave '{name}'",
            expected=some((record.name for record in records), 12) or "a wave that was imported",
        )  # fmt: skip
    return found


def wave_records(connection: Connection, study_id: int, released_only: bool) -> list[WaveRecord]:
    """The waves of a study in order of time, newest states or released ones."""
    query = (
        select(s.wave, s.revision, s.source)
        .join(s.revision, s.revision.c.wave_id == s.wave.c.id)
        .join(s.source, s.source.c.id == s.revision.c.source_id)
        .where(s.wave.c.study_id == study_id)
        .order_by(s.wave.c.position, s.revision.c.id)
    )
    # Areas that were changed change what a wave shows: caches go by the key.
    redrawn = connection.execute(select(s.area_level.c.former).where(s.area_level.c.study_id == study_id)).scalars()
    told = [former for former in redrawn if former != "[]"]
    suffix = f"-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:8]}" if told else ""
    by_wave: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(query.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)):
        by_wave.setdefault(row.wave_name, []).append(row)
    records = []
    for name, rows in by_wave.items():
        shown = [row for row in rows if row.revision_released]
        if released_only and not shown:
            continue
        newest = shown[-1] if released_only else rows[-1]
        records.append(
            WaveRecord(
                name=name,
                rows=newest.source_rows,
                file=newest.source_file,
                digest=newest.source_digest,
                mapping=mapping_from_yaml(newest.source_mapping),
                report=parts.report_of(newest.source_description),
                start=newest.source_start,
                end=newest.source_end,
                weighted=newest.revision_weighting_id is not None,
                released=bool(newest.revision_released),
                ever_released=bool(shown),
                imported_at=newest.source_created_at,
                revision=newest.revision_id,
                reasons=tuple(
                    r.revision_reason
                    for r in rows
                    if r.revision_reason and (r.revision_released or r.revision_id == newest.revision_id)
                    if r.revision_id <= newest.revision_id
                ),
                key=f"{newest.source_digest[:12]}-{newest.revision_id}{suffix}",
            )
        )
    return _in_time(records)


def _in_time(records: list[WaveRecord]) -> list[WaveRecord]:
    """By the last day of fieldwork where every wave has one, else in the order they were made."""
    if all(record.end is not None for record in records):
        return sorted(records, key=lambda record: (record.end, record.start or record.end))
    return records


def stored_weighting(row: Row[Any]) -> StoredWeighting:
    """A row of the weighting table as the weights it holds."""
    told = json.loads(row.margins)
    margins = tuple(
        Margin(variable, pd.Series(targets, index=pd.Index(categories, dtype=object), dtype=float))
        for variable, categories, targets in told["margins"]
    )
    weights: Floats = parts.from_parquet([row.weights]).column("weight").to_numpy().astype(float)
    return StoredWeighting(weights, Margins(margins, told["source"]), json.loads(row.settings))
