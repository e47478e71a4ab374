"""Words that are no survey: collections of comments and transcripts of a study."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping as MappingType
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, delete, select, update

from trustsurvey.errors import SurveyError, some
from trustsurvey.store import audit, parts, schema as s
from trustsurvey.store.connected import OfStudies
from trustsurvey.store.studies import now

CollectionKind = Literal["comments", "transcript"]


@dataclass(frozen=True)
class CollectionRecord:
    """A collection of words in the list of collections."""

    name: str
    kind: CollectionKind
    file: str
    digest: str
    about: MappingType[str, Any]


@dataclass(frozen=True)
class Collections(OfStudies):
    """Collections of words; reached as ``store.collections``. Every change is one transaction, audited with it."""

    def listed(self, slug: str) -> list[CollectionRecord]:
        """The collections of a study, in the order they were made."""
        with self._reading_of("see", slug) as (connection, study_id):
            columns = s.collection.c
            query = select(columns.name, columns.kind, columns.file, columns.digest, columns.about)
            query = query.where(columns.study_id == study_id).order_by(columns.id)
            return [
                CollectionRecord(row.name, row.kind, row.file, row.digest, json.loads(row.about))
                for row in connection.execute(query)
            ]

    def save(self, slug: str, record: CollectionRecord, texts: pd.DataFrame, unredacted: pd.DataFrame) -> None:
        """Add a collection; ``texts`` are redacted, ``unredacted`` has key and text. A file is taken once."""
        blobs = {
            "texts": parts.to_parquet(pa.Table.from_pandas(texts, preserve_index=False)),
            "unredacted": parts.to_parquet(pa.Table.from_pandas(unredacted, preserve_index=False)),
        }
        with self._writing_of("import", slug) as (connection, study_id):
            mine = select(s.collection.c.name, s.collection.c.digest).where(s.collection.c.study_id == study_id)
            for name, digest in connection.execute(mine):
                if name == record.name or digest == record.digest:
                    raise SurveyError(
                        "store.imported-twice", f"It is already saved as '{name}'", where=record.file,
                        hint=f"Give it another name, or remove '{name}' first.",
                    )  # fmt: skip
            connection.execute(
                s.collection.insert().values(
                    study_id=study_id,
                    name=record.name,
                    kind=record.kind,
                    file=record.file,
                    digest=record.digest,
                    about=json.dumps(dict(record.about), ensure_ascii=False),
                    created_at=now(),
                    **blobs,
                )
            )
            audit.record(
                connection, self.person.name, "add words", f"{slug}/{record.name}", f"{record.file} {record.digest}"
            )

    def load(self, slug: str, name: str) -> pd.DataFrame:
        """The redacted texts of a collection."""
        with self._reading_of("code", slug) as (connection, study_id):
            found: pd.DataFrame = parts.from_parquet([collection_row(connection, study_id, name).texts]).to_pandas()
            return found

    def change(
        self,
        slug: str,
        name: str,
        about: MappingType[str, Any],
        reason: str = "",
        gone: Collection[str] = (),
    ) -> None:
        """Say something else about a collection; texts that are ``gone`` are deleted with all that was read in them."""
        with self._writing_of("import", slug) as (connection, study_id):
            row, told = collection_row(connection, study_id, name), json.dumps(dict(about), ensure_ascii=False)
            blobs = {column: _without(getattr(row, column), gone) for column in ("texts", "unredacted")} if gone else {}
            connection.execute(update(s.collection).where(s.collection.c.id == row.id).values(about=told, **blobs))
            for table in (s.coding, s.redaction):
                mine = table.c.collection_id == row.id, table.c.answer.in_(list(gone))
                connection.execute(delete(table).where(*mine))
            audit.record(
                connection,
                self.person.name,
                "withdraw words" if gone else "describe words",
                f"{slug}/{name}",
                reason.strip(),
            )

    def remove(self, slug: str, name: str, reason: str) -> None:
        """Delete a collection with all readings of it."""
        with self._writing_of("import", slug) as (connection, study_id):
            row = collection_row(connection, study_id, name)
            connection.execute(delete(s.collection).where(s.collection.c.id == row.id))
            audit.record(connection, self.person.name, "remove words", f"{slug}/{name}", reason.strip())


def collection_row(connection: Connection, study_id: int, name: str) -> Any:
    """The row of a collection; SurveyError ``store.no-words``."""
    query = select(s.collection).where(s.collection.c.study_id == study_id, s.collection.c.name == name)
    row = connection.execute(query).first()
    if row is None:
        known = connection.execute(select(s.collection.c.name).where(s.collection.c.study_id == study_id)).scalars()
        raise SurveyError("store.no-words", f"There are no words called '{name}'",
                          expected=some(list(known), 12) or "words that were added")  # fmt: skip
    return row


def _without(blob: bytes, keys: Collection[str]) -> bytes:
    """A stored table without the rows of these keys."""
    table = parts.from_parquet([blob])
    gone = pc.is_in(table["key"], value_set=pa.array(list(keys), pa.string()))
    return parts.to_parquet(table.filter(pc.invert(gone)))
