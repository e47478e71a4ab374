"""Codebooks of a study, what people read in its texts, and redactions that were put right."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, select

from trustsurvey.errors import SurveyError
from trustsurvey.model import Coding
from trustsurvey.store import audit, parts, schema as s, waves
from trustsurvey.store.collections import collection_row
from trustsurvey.store.connected import OfStudies
from trustsurvey.store.studies import now


@dataclass(frozen=True)
class Body:
    """A body of texts: the open answers of a wave, or a collection of words from elsewhere."""

    name: str
    kind: Literal["wave", "collection"] = "wave"


@dataclass(frozen=True)
class CodebookRecord:
    """A version of a study's codebook as it is stored."""

    version: int
    text: str
    reason: str
    person: str
    created_at: datetime


@dataclass(frozen=True)
class Voices(OfStudies):
    """What is kept about residents' own words; reached as ``store.voices``.

    Every change is one transaction, audited with it, but for readings, of which there are many: each
    carries its coder and its time itself.
    """

    # --- codebooks ------------------------------------------------------------------------------

    def codebooks(self, slug: str) -> list[CodebookRecord]:
        """All versions of a study's codebook, the oldest first; none before one was saved."""
        with self._reading_of("see", slug) as (connection, study_id):
            query = select(s.codebook).where(s.codebook.c.study_id == study_id).order_by(s.codebook.c.version)
            return [
                CodebookRecord(row.version, row.text, row.reason, row.person, row.created_at)
                for row in connection.execute(query)
            ]

    def save_codebook(self, slug: str, text: str, version: int, reason: str) -> None:
        """Add a version; SurveyError ``store.stale`` where somebody else added it meanwhile."""
        with self._writing_of("edit codebook", slug) as (connection, study_id):
            newest = select(func.max(s.codebook.c.version)).where(s.codebook.c.study_id == study_id)
            if version != (connection.execute(newest).scalar() or 0) + 1:
                raise SurveyError(
                    "store.stale", "The codebook was changed meanwhile", where=slug,
                    hint="Open the page again, and repeat your change in the new version.",
                )  # fmt: skip
            connection.execute(
                s.codebook.insert().values(
                    study_id=study_id,
                    version=version,
                    text=text,
                    reason=reason,
                    person=self.person.name,
                    created_at=now(),
                )
            )
            audit.record(connection, self.person.name, "codebook", slug, f"version {version} {reason}".strip())

    # --- readings -------------------------------------------------------------------------------

    def codings(self, slug: str, body: Body) -> list[Coding]:
        """All readings of a body of texts in order of time."""
        with self._reading_of("code", slug) as (connection, study_id):
            mine = _of_body(connection, study_id, body, s.coding)
            query = select(s.coding).where(s.coding.c.study_id == study_id, mine).order_by(s.coding.c.id)
            return [_coding(row) for row in connection.execute(query)]

    def state(self, slug: str, body: Body) -> tuple[int, int, int]:
        """Changes whenever readings or corrected redactions do: number and newest reading, newest correction."""
        with self._reading_of("see", slug) as (connection, study_id):
            mine = _of_body(connection, study_id, body, s.coding)
            count = select(func.count(), func.coalesce(func.max(s.coding.c.id), 0)).where(
                s.coding.c.study_id == study_id, mine
            )
            corrected = select(func.coalesce(func.max(s.redaction.c.id), 0)).where(s.redaction.c.study_id == study_id)
            number, newest = connection.execute(count).one()
            return int(number), int(newest), int(connection.execute(corrected).scalar_one())

    def wave_states(self, slug: str) -> dict[str, tuple[int, int, int]]:
        """What :meth:`state` tells of each wave of a study that has one, by name: pages ask for all of them at once."""
        with self._reading_of("see", slug) as (connection, study_id):
            read = (
                select(s.wave.c.name, func.count(s.coding.c.id), func.coalesce(func.max(s.coding.c.id), 0))
                .outerjoin(s.coding, s.coding.c.wave_id == s.wave.c.id)
                .where(s.wave.c.study_id == study_id)
                .group_by(s.wave.c.id, s.wave.c.name)
            )
            newest = select(func.coalesce(func.max(s.redaction.c.id), 0)).where(s.redaction.c.study_id == study_id)
            corrected = int(connection.execute(newest).scalar_one())
            return {name: (int(number), int(last), corrected) for name, number, last in connection.execute(read)}

    def add_codings(self, slug: str, body: Body, codings: list[Coding]) -> None:
        """Add readings, all or none."""
        with self._writing_of("code", slug) as (connection, study_id):
            place = _place(connection, study_id, body)
            rows = [
                {
                    **place,
                    "answer": coding.answer,
                    "coder": coding.coder,
                    "queue": coding.queue,
                    "codes": json.dumps(_codes(coding)),
                    "memo": coding.memo,
                    "version": coding.version,
                    "created_at": now(),
                }
                for coding in codings
            ]
            if rows:
                connection.execute(s.coding.insert(), rows)

    def undo_coding(self, slug: str, body: Body, coder: str) -> Coding | None:
        """Take back the newest reading of a coder, and give it back; None where there is none."""
        mine = [coding for coding in self.codings(slug, body) if coding.coder == coder]
        if not mine:
            return None
        with self._writing_of("code", slug) as (connection, _):
            connection.execute(delete(s.coding).where(s.coding.c.id == mine[-1].id))
        return mine[-1]

    # --- redaction ------------------------------------------------------------------------------

    def corrected(self, slug: str, body: Body) -> dict[str, tuple[str, str]]:
        """The texts whose redaction somebody corrected: text and what was replaced (JSON), by key."""
        with self._reading_of("code", slug) as (connection, study_id):
            mine = _of_body(connection, study_id, body, s.redaction)
            query = select(s.redaction).where(s.redaction.c.study_id == study_id, mine).order_by(s.redaction.c.id)
            return {row.answer: (row.text, row.replaced) for row in connection.execute(query)}

    def correct_redaction(self, slug: str, body: Body, answer: str, text: str, replaced: str) -> None:
        """Keep another redaction of a text instead of the machine's; the newest of a text counts."""
        with self._writing_of("see unredacted", slug) as (connection, study_id):
            place = _place(connection, study_id, body)
            values = {**place, "answer": answer, "text": text, "replaced": replaced, "person": self.person.name}
            connection.execute(s.redaction.insert().values(**values, created_at=now()))
            audit.record(connection, self.person.name, "correct redaction", f"{slug}/{body.name}", answer)

    def unredacted(self, slug: str, body: Body, reason: str) -> dict[str, str]:
        """The texts as they were written, by key, for whoever has the right to; who asked and why is written down."""
        if not reason.strip():
            raise SurveyError("store.needs-reason", "Words as they were written are shown only for a reason",
                              where=body.name, hint="Say why you need to see them.")  # fmt: skip
        with self._writing_of("see unredacted", slug) as (connection, study_id):
            if body.kind == "wave":
                revision = waves.revision_row(connection, waves.one_wave(connection, study_id, body.name))
                of = s.part.c.source_id == revision.source_id, s.part.c.kind == parts.UNREDACTED
                found = list(connection.execute(select(s.part.c.data).where(*of).order_by(s.part.c.position)).scalars())
            else:
                found = [collection_row(connection, study_id, body.name).unredacted]
            audit.record(connection, self.person.name, "see unredacted", f"{slug}/{body.name}", reason.strip())
        if not found:
            return {}
        table = parts.from_parquet(found)
        return dict(zip(table["key"].to_pylist(), table["text"].to_pylist(), strict=True))


def _codes(coding: Coding) -> list[list[Any]]:
    """The codes as they are stored: code, stance, and the parts of the text that it is about, if not all."""
    return [[code, stance, *([a, b] for key, a, b in coding.spans if key == code)] for code, stance in coding.codes]


def _coding(row: Any) -> Coding:
    codes = json.loads(row.codes)
    spans = tuple((code, start, end) for code, _, *parts in codes for start, end in parts)
    pairs = tuple((code, stance) for code, stance, *_ in codes)
    return Coding(row.answer, row.coder, pairs, row.queue, row.memo, row.version, row.id, spans)


def _wave_id(connection: Connection, study_id: int, name: str) -> int:
    query = select(s.wave.c.id).where(s.wave.c.study_id == study_id, s.wave.c.name == name)
    found = connection.execute(query).scalar()
    if found is None:
        waves.one_wave(connection, study_id, name)  # which refuses
    return int(found or 0)


def _place(connection: Connection, study_id: int, body: Body) -> dict[str, int | None]:
    if body.kind == "wave":
        return {"study_id": study_id, "wave_id": _wave_id(connection, study_id, body.name), "collection_id": None}
    key = int(collection_row(connection, study_id, body.name).id)
    return {"study_id": study_id, "wave_id": None, "collection_id": key}


def _of_body(connection: Connection, study_id: int, body: Body, table: Any) -> Any:
    place = _place(connection, study_id, body)
    return (
        table.c.wave_id == place["wave_id"] if body.kind == "wave" else table.c.collection_id == place["collection_id"]
    )
