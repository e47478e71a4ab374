"""Studies and waves, saved and loaded. Every change is one transaction, audited with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, Engine, Row, delete, func, select, update

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import dump_instrument, parse_instrument
from trustsurvey.mapping_file import mapping_from_yaml, mapping_to_yaml
from trustsurvey.model import AreaLevel, Floats, Mapping, Margin, Margins, Study, Wave
from trustsurvey.store import audit, keys, parts, schema as s
from trustsurvey.store.engines import connect, database_url
from trustsurvey.store.records import StoredWeighting, StudyRecord, WaveRecord

#: The person that is written down where nobody signs in.
THIS_MACHINE = "this machine"


def slug_of(name: str) -> str:
    """A short name for commands and addresses: 'Riverton 2026' becomes 'riverton-2026'."""
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_")[:60] or "study"


@dataclass(frozen=True)
class Store:
    """The studies of one database.

    Reading takes a connection of its own and is never blocked by a writer. A method that changes
    something does all of it or nothing, and raises SurveyError ``store.*`` if it may not.
    """

    url: str
    writer: Engine
    reader: Engine

    @classmethod
    def open(cls, url: str | None = None) -> Store:
        """Open, and where need be create or migrate, the database at ``url`` (see ``database_url``)."""
        url = url or database_url()
        return cls(url, *connect(url))

    def close(self) -> None:
        """Give all connections back."""
        self.writer.dispose()
        self.reader.dispose()

    # --- studies --------------------------------------------------------------------------------

    def studies(self) -> list[StudyRecord]:
        """All studies, real ones first, by name."""
        counts = select(s.wave.c.study_id, func.count().label("waves")).group_by(s.wave.c.study_id).subquery()
        query = (
            select(s.study.c.slug, s.study.c.name, s.study.c.sample, func.coalesce(counts.c.waves, 0))
            .outerjoin(counts, counts.c.study_id == s.study.c.id)
            .order_by(s.study.c.sample, s.study.c.name)
        )
        with self.reader.begin() as connection:
            return [StudyRecord(*row) for row in connection.execute(query)]

    def study(self, slug: str) -> Study:
        """A study with its questionnaire and area levels."""
        with self.reader.begin() as connection:
            row = _study_row(connection, slug)
            levels = connection.execute(
                select(s.area_level)
                .where(s.area_level.c.study_id == row.id)
                .order_by(s.area_level.c.position)
            ).all()
        return Study(
            row.slug,
            row.name,
            parse_instrument(row.instrument, "saved questionnaire"),
            tuple(
                AreaLevel(
                    level.key,
                    level.title,
                    level.parent,
                    tuple((name, parent) for name, parent in json.loads(level.areas)),
                    level.boundary_key,
                )
                for level in levels
            ),
            bool(row.probability),
            bool(row.sample),
        )

    def create_study(
        self,
        study: Study,
        boundaries: MappingType[str, str] | None = None,
        margins: Margins | None = None,
        person: str = THIS_MACHINE,
    ) -> None:
        """Add a study; ``boundaries`` holds GeoJSON text by area level."""
        with self.writer.begin() as connection:
            taken = select(s.study.c.id).where(s.study.c.slug == study.slug)
            if connection.execute(taken).first() is not None:
                raise SurveyError(
                    "store.study-exists", f"There is a study called '{study.name}' already",
                    hint="Give the new one another name.",
                )  # fmt: skip
            study_id = connection.execute(
                s.study.insert().values(
                    slug=study.slug,
                    name=study.name,
                    instrument=dump_instrument(study.instrument),
                    probability=study.probability,
                    sample=study.sample,
                    key_check=keys.key_check(study.slug),
                    created_at=_now(),
                )
            ).inserted_primary_key[0]
            _write_levels(connection, study_id, study.levels, boundaries or {})
            if margins is not None:
                _write_margins(connection, study_id, margins)
            audit.record(connection, person, "create study", study.slug)

    def set_levels(
        self,
        slug: str,
        levels: Sequence[AreaLevel],
        boundaries: MappingType[str, str],
        person: str = THIS_MACHINE,
    ) -> None:
        """Replace the area levels of a study; boundaries of levels not named in ``boundaries`` stay."""
        kept = {level.key: self.boundaries(slug, level.key) for level in levels}
        whole = {key: text for key, text in {**kept, **boundaries}.items() if text}
        with self.writer.begin() as connection:
            study_id = _study_row(connection, slug).id
            connection.execute(delete(s.area_level).where(s.area_level.c.study_id == study_id))
            _write_levels(connection, study_id, levels, whole)
            audit.record(connection, person, "set areas", slug, ", ".join(level.key for level in levels))

    def boundaries(self, slug: str, level: str) -> str | None:
        """The GeoJSON text of an area level, None where there is none."""
        query = (
            select(s.area_level.c.boundaries)
            .join(s.study, s.study.c.id == s.area_level.c.study_id)
            .where(s.study.c.slug == slug, s.area_level.c.key == level)
        )
        with self.reader.begin() as connection:
            return connection.execute(query).scalar()

    def remove_study(self, slug: str, person: str = THIS_MACHINE) -> None:
        """Delete a study with all its waves; the audit trail keeps that it was there."""
        with self.writer.begin() as connection:
            study_id = _study_row(connection, slug).id
            # Child tables go with it by ON DELETE CASCADE.
            connection.execute(delete(s.study).where(s.study.c.id == study_id))
            audit.record(connection, person, "remove study", slug)

    def pseudonym_key(self, slug: str) -> bytes:
        """The key for the study's pseudonyms; SurveyError if it is not the one the study began with."""
        with self.reader.begin() as connection:
            stored = _study_row(connection, slug).key_check
        keys.refuse_other_key(slug, stored)
        return keys.study_key(slug)

    # --- margins --------------------------------------------------------------------------------

    def margins(self, slug: str) -> Margins | None:
        """The population margins of a study, None before there are any."""
        with self.reader.begin() as connection:
            study_id = _study_row(connection, slug).id
            rows = connection.execute(
                select(s.margin).where(s.margin.c.study_id == study_id).order_by(s.margin.c.position)
            ).all()
        if not rows:
            return None
        tables: dict[str, dict[str, float]] = {}
        for row in rows:
            tables.setdefault(row.variable, {})[row.category] = row.count
        margins = tuple(Margin(v, pd.Series(t, dtype=float)) for v, t in tables.items())
        return Margins(margins, rows[0].source)

    def set_margins(self, slug: str, margins: Margins, person: str = THIS_MACHINE) -> None:
        """Replace the population margins of a study; weights already made stay as they are."""
        with self.writer.begin() as connection:
            study_id = _study_row(connection, slug).id
            connection.execute(delete(s.margin).where(s.margin.c.study_id == study_id))
            _write_margins(connection, study_id, margins)
            audit.record(connection, person, "set margins", slug, ", ".join(margins.variables))

    # --- waves ----------------------------------------------------------------------------------

    def waves(self, slug: str, released_only: bool = False) -> list[WaveRecord]:
        """The waves of a study in order of time; with ``released_only`` in the state viewers see."""
        with self.reader.begin() as connection:
            study_id = _study_row(connection, slug).id
            return _wave_records(connection, study_id, released_only)

    def save_wave(
        self,
        slug: str,
        wave: Wave,
        mapping: Mapping,
        file: str,
        digest: str,
        *,
        reason: str = "",
        person: str = THIS_MACHINE,
    ) -> bool:
        """Save a harmonised wave as a draft; False if the very same import is the newest already.

        A wave of the same name is corrected: a released one only with a ``reason``, and viewers
        go on seeing what was released. A file saved under another name of the study is refused.
        """
        pieces = parts.encode(wave)
        description, yaml = parts.describe(wave), mapping_to_yaml(mapping)
        with self.writer.begin() as connection:
            study_id = _study_row(connection, slug).id
            present = {record.name: record for record in _wave_records(connection, study_id, False)}
            other = next((r for r in present.values() if r.digest == digest and r.name != wave.name), None)
            if other is not None:
                raise SurveyError(
                    "store.imported-twice", f"The file is already saved as the wave '{other.name}'",
                    where=file, hint=f"Open '{other.name}', or remove it first.",
                )  # fmt: skip
            same = present.get(wave.name)
            if same is not None and same.digest == digest and mapping_to_yaml(same.mapping) == yaml:
                return False
            if same is not None and same.ever_released and not reason.strip():
                raise _needs_reason(wave.name)
            wave_id = _wave_id(connection, study_id, wave.name)
            source_id = connection.execute(
                s.source.insert().values(
                    wave_id=wave_id,
                    digest=digest,
                    file=file,
                    mapping=yaml,
                    description=description,
                    start=wave.start,
                    end=wave.end,
                    rows=len(wave),
                    created_at=_now(),
                )
            ).inserted_primary_key[0]
            rows = [
                {"source_id": source_id, "kind": kind, "position": position, "rows": n, "data": data}
                for kind, position, n, data in pieces
            ]
            connection.execute(s.part.insert(), rows)
            corrects = same is not None and same.ever_released
            _revise(connection, wave_id, source_id, None, reason if corrects else "", person)
            audit.record(
                connection, person, "import", f"{slug}/{wave.name}", f"{file} {digest} {reason}".strip()
            )
        return True

    def save_weighting(self, slug: str, wave: Wave, *, reason: str = "", person: str = THIS_MACHINE) -> None:
        """Save the weights of a wave as its new draft; a released wave needs a ``reason``."""
        if wave.weighting is None:
            raise SurveyError("store.unweighted", "The wave has no weights to save", where=wave.name)
        calibrated = wave.weighting
        blob = parts.to_parquet(pa.table({"weight": calibrated.weights}))
        margins = json.dumps(
            {
                "source": calibrated.margins.source,
                "margins": [[m.variable, list(m.targets.index), list(m.targets)] for m in calibrated.margins],
            },
            ensure_ascii=False,
        )
        with self.writer.begin() as connection:
            study_id = _study_row(connection, slug).id
            record = _one_wave(connection, study_id, wave.name)
            if record.ever_released and not reason.strip():
                raise _needs_reason(wave.name)
            newest = connection.execute(select(s.revision).where(s.revision.c.id == record.revision)).one()
            if record.rows != len(wave):
                raise SurveyError(
                    "store.stale", "The wave was changed while its weights were being made", where=wave.name,
                    hint="Open the page again and repeat the weighting.",
                )  # fmt: skip
            weighting_id = connection.execute(
                s.weighting.insert().values(
                    source_id=newest.source_id,
                    settings=json.dumps(dict(calibrated.settings)),
                    margins=margins,
                    weights=blob,
                    created_at=_now(),
                )
            ).inserted_primary_key[0]
            kept = reason if record.ever_released else ""
            _revise(connection, newest.wave_id, newest.source_id, weighting_id, kept, person)
            audit.record(connection, person, "weigh", f"{slug}/{wave.name}", reason)

    def load_wave(self, slug: str, name: str, released: bool = False) -> tuple[Wave, StoredWeighting | None]:
        """A wave with its answers, and its weights if it has any; the released state if asked for."""
        with self.reader.begin() as connection:
            study = _study_row(connection, slug)
            record = _one_wave(connection, study.id, name, released)
            newest = connection.execute(select(s.revision).where(s.revision.c.id == record.revision)).one()
            source = connection.execute(select(s.source).where(s.source.c.id == newest.source_id)).one()
            pieces = connection.execute(
                select(s.part.c.kind, s.part.c.data)
                .where(s.part.c.source_id == newest.source_id)
                .order_by(s.part.c.kind, s.part.c.position)
            ).all()
            weights = connection.execute(
                select(s.weighting).where(s.weighting.c.id == newest.weighting_id)
            ).first()
        wave = parts.decode(
            name,
            parse_instrument(study.instrument, "saved questionnaire"),
            source.description,
            [piece.data for piece in pieces if piece.kind == "answers"],
            [piece.data for piece in pieces if piece.kind == "comments"],
            (source.start, source.end),
        )
        return wave, None if weights is None else _stored_weighting(weights)

    def release(self, slug: str, name: str, person: str = THIS_MACHINE) -> None:
        """Show the newest state of a wave to viewers."""
        with self.writer.begin() as connection:
            record = _one_wave(connection, _study_row(connection, slug).id, name)
            connection.execute(
                update(s.revision).where(s.revision.c.id == record.revision).values(released=True)
            )
            audit.record(connection, person, "release", f"{slug}/{name}")

    def remove_wave(self, slug: str, name: str, reason: str = "", person: str = THIS_MACHINE) -> None:
        """Delete a wave and free its file for another import; a released one only with a reason."""
        with self.writer.begin() as connection:
            study_id = _study_row(connection, slug).id
            record = _one_wave(connection, study_id, name)
            if record.ever_released and not reason.strip():
                raise _needs_reason(name)
            connection.execute(delete(s.wave).where(s.wave.c.study_id == study_id, s.wave.c.name == name))
            audit.record(connection, person, "remove wave", f"{slug}/{name}", reason)

    # --- settings and audit -----------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """A setting of the installation, None where it was never set."""
        with self.reader.begin() as connection:
            return connection.execute(select(s.setting.c.value).where(s.setting.c.name == name)).scalar()

    def set_setting(self, name: str, value: str) -> None:
        """Set a setting of the installation."""
        with self.writer.begin() as connection:
            connection.execute(delete(s.setting).where(s.setting.c.name == name))
            connection.execute(s.setting.insert().values(name=name, value=value))

    def note(self, action: str, thing: str, detail: str = "", person: str = THIS_MACHINE) -> None:
        """Write down something that was done outside the store, such as an export."""
        with self.writer.begin() as connection:
            audit.record(connection, person, action, thing, detail)

    def audit_trail(self, limit: int = 1000) -> pd.DataFrame:
        """The newest rows of the audit trail, newest first."""
        with self.reader.begin() as connection:
            rows = connection.execute(select(s.audit).order_by(s.audit.c.id.desc()).limit(limit)).mappings()
            return pd.DataFrame(list(rows), columns=[column.name for column in s.audit.columns])

    def audit_break(self) -> int | None:
        """The first audit row that was tampered with, None where the chain is whole."""
        with self.reader.begin() as connection:
            return audit.first_break(connection)


# --- helpers on an open connection ------------------------------------------------------------------


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _study_row(connection: Connection, slug: str) -> Row[Any]:
    row = connection.execute(select(s.study).where(s.study.c.slug == slug)).first()
    if row is None:
        known = [slug for (slug,) in connection.execute(select(s.study.c.slug))]
        raise SurveyError(
            "store.no-study", f"There is no study '{slug}'", expected=some(known) or "a study that exists",
            hint="List the studies, or create this one first.",
        )  # fmt: skip
    return row


def _needs_reason(name: str) -> SurveyError:
    return SurveyError(
        "store.needs-reason", f"The wave '{name}' is released", expected="a reason for correcting it",
        hint="State the reason; it is kept with the wave.",
    )  # fmt: skip


def _write_levels(
    connection: Connection, study_id: int, levels: Sequence[AreaLevel], boundaries: MappingType[str, str]
) -> None:
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
            )
        )


def _write_margins(connection: Connection, study_id: int, margins: Margins) -> None:
    rows = [
        {"variable": margin.variable, "category": str(category), "count": float(count)}
        for margin in margins
        for category, count in margin.targets.items()
    ]
    for position, row in enumerate(rows):
        row |= {"study_id": study_id, "position": position, "source": margins.source}
    connection.execute(s.margin.insert(), rows)


def _wave_id(connection: Connection, study_id: int, name: str) -> int:
    query = select(s.wave.c.id).where(s.wave.c.study_id == study_id, s.wave.c.name == name)
    found = connection.execute(query).scalar()
    if found is not None:
        return int(found)
    last = select(func.coalesce(func.max(s.wave.c.position), -1)).where(s.wave.c.study_id == study_id)
    position = connection.execute(last).scalar_one() + 1
    values = {"study_id": study_id, "position": position, "name": name}
    return int(connection.execute(s.wave.insert().values(**values)).inserted_primary_key[0])


def _revise(
    connection: Connection, wave_id: int, source_id: int, weighting_id: int | None, reason: str, person: str
) -> None:
    connection.execute(
        s.revision.insert().values(
            wave_id=wave_id,
            source_id=source_id,
            weighting_id=weighting_id,
            released=False,
            reason=reason.strip(),
            person=person,
            created_at=_now(),
        )
    )
    _forget_superseded(connection, wave_id)


def _forget_superseded(connection: Connection, wave_id: int) -> None:
    """Delete drafts that were never released and are not the newest, with their answers."""
    newest = select(func.max(s.revision.c.id)).where(s.revision.c.wave_id == wave_id).scalar_subquery()
    mine = s.revision.c.wave_id == wave_id
    connection.execute(delete(s.revision).where(mine, ~s.revision.c.released, s.revision.c.id != newest))
    kept = select(s.revision.c.source_id, s.revision.c.weighting_id).where(mine)
    rows = connection.execute(kept).all()
    sources, weightings = {row.source_id for row in rows}, {row.weighting_id for row in rows}
    connection.execute(delete(s.source).where(s.source.c.wave_id == wave_id, s.source.c.id.not_in(sources)))
    used = {key for key in weightings if key is not None}
    connection.execute(
        delete(s.weighting).where(s.weighting.c.source_id.in_(sources), s.weighting.c.id.not_in(used))
    )


def _one_wave(connection: Connection, study_id: int, name: str, released: bool = False) -> WaveRecord:
    records = _wave_records(connection, study_id, released)
    found = next((record for record in records if record.name == name), None)
    if found is None:
        raise SurveyError(
            "store.no-wave", f"There is no wave '{name}'",
            expected=some((record.name for record in records), 12) or "a wave that was imported",
        )  # fmt: skip
    return found


def _wave_records(connection: Connection, study_id: int, released_only: bool) -> list[WaveRecord]:
    query = (
        select(s.wave, s.revision, s.source)
        .join(s.revision, s.revision.c.wave_id == s.wave.c.id)
        .join(s.source, s.source.c.id == s.revision.c.source_id)
        .where(s.wave.c.study_id == study_id)
        .order_by(s.wave.c.position, s.revision.c.id)
    )
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
                reasons=tuple(row.revision_reason for row in rows if row.revision_reason),
                key=f"{newest.source_digest[:12]}-{newest.revision_id}",
            )
        )
    return _in_time(records)


def _in_time(records: list[WaveRecord]) -> list[WaveRecord]:
    """By the last day of fieldwork where every wave has one, else in the order they were made."""
    if all(record.end is not None for record in records):
        return sorted(records, key=lambda record: (record.end, record.start))  # type: ignore[arg-type, return-value]
    return records


def _stored_weighting(row: Row[Any]) -> StoredWeighting:
    told = json.loads(row.margins)
    margins = tuple(
        Margin(variable, pd.Series(targets, index=pd.Index(categories, dtype=object), dtype=float))
        for variable, categories, targets in told["margins"]
    )
    weights: Floats = parts.from_parquet([row.weights]).column("weight").to_numpy().astype(float)
    return StoredWeighting(weights, Margins(margins, told["source"]), json.loads(row.settings))
