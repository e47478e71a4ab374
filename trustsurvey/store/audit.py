"""The audit trail: rows are added, never changed, and each carries the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import Connection, select, text

from trustsurvey.store.schema import audit

FIRST = "0" * 64
#: Serialises the writers of the chain on PostgreSQL; SQLite has one writer anyway.
CHAIN_LOCK = 7_202_612


def record(connection: Connection, person: str, action: str, thing: str, detail: str = "") -> None:
    """Add a row, inside the transaction of what it tells."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    last = connection.execute(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)).scalar()
    row = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "person": person,
        "action": action,
        "object": thing,
        "detail": detail,
        "previous": last or FIRST,
    }
    connection.execute(audit.insert().values(**row, hash=_hash(row)))


def first_break(connection: Connection) -> int | None:
    """The id of the first row that does not follow from the one before; None for a whole chain."""
    previous = FIRST
    for row in connection.execute(select(audit).order_by(audit.c.id)).mappings():
        fields = {name: row[name] for name in ("at", "person", "action", "object", "detail", "previous")}
        if row["previous"] != previous or row["hash"] != _hash(fields):
            return int(row["id"])
        previous = row["hash"]
    return None


def _hash(row: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True, ensure_ascii=False).encode("utf-8")).hexdigest()


def protect_audit(connection: Connection) -> None:
    """(Re)make the triggers that refuse to change or delete audit rows; SQLite loses them in a rebuild."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS audit_keep_{verb.lower()}")
            connection.exec_driver_sql(
                f"CREATE TRIGGER audit_keep_{verb.lower()} BEFORE {verb} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit rows are kept as they are'); END"
            )
        # INSERT OR REPLACE deletes the row it replaces without asking the trigger on DELETE.
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_keep_insert")
        connection.exec_driver_sql(
            "CREATE TRIGGER audit_keep_insert BEFORE INSERT ON audit "
            "WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) "
            "BEGIN SELECT RAISE(ABORT, 'audit rows are kept as they are'); END"
        )
        return
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit rows are kept as they are'; END $$"
    )
    connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_keep ON audit")
    connection.exec_driver_sql(
        "CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()"
    )
