"""Rows of tasks: files with a mapping that somebody is unsure about, on an open connection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from trustsurvey.errors import SurveyError, some
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.store import parts, schema as s
from trustsurvey.store.records import TaskRecord
from trustsurvey.store.studies import now


def add_task(
    connection: Connection, study_id: int, question: str, wave: str, pieces: list[parts.Part], mapping: str,
    file: str, digest: str, person: str,
) -> int:  # fmt: skip
    """Add a task with its file; its id."""
    values = {
        "study_id": study_id, "question": question, "wave": wave, "file": file, "digest": digest, "mapping": mapping,
        "person": person, "created_at": now(), "note": "", "closed_by": "",
    }  # fmt: skip
    task_id = int(connection.execute(s.task.insert().values(**values).returning(s.task.c.id)).scalar_one())
    rows = [
        {"task_id": task_id, "kind": kind, "position": position, "rows": n, "data": data}
        for kind, position, n, data in pieces
    ]
    connection.execute(s.task_part.insert(), rows)
    return task_id


def task_records(connection: Connection, study_id: int) -> list[TaskRecord]:
    """The tasks of a study, open ones first, then the newest."""
    query = select(s.task).where(s.task.c.study_id == study_id).order_by(s.task.c.closed_at.isnot(None), s.task.c.id)
    return [_record(row) for row in connection.execute(query)]


def one_task(connection: Connection, study_id: int, task_id: int) -> TaskRecord:
    """An open task; SurveyError ``store.no-task`` if there is none."""
    records = [record for record in task_records(connection, study_id) if record.open]
    found = next((record for record in records if record.id == task_id), None)
    if found is None:
        raise SurveyError(
            "store.no-task", f"There is no open task {task_id}",
            expected=some(record.id for record in records) or "a task that somebody handed over",
        )  # fmt: skip
    return found


def read_file(connection: Connection, task_id: int) -> list[tuple[str, int, bytes]]:
    """The parts of the file of a task."""
    query = select(s.task_part.c.kind, s.task_part.c.position, s.task_part.c.data)
    return [(r.kind, r.position, r.data) for r in connection.execute(query.where(s.task_part.c.task_id == task_id))]


def close_task(connection: Connection, task_id: int, note: str, person: str) -> None:
    """Close a task; its file goes."""
    values = {"note": note, "closed_by": person, "closed_at": now()}
    connection.execute(update(s.task).where(s.task.c.id == task_id).values(**values))
    connection.execute(delete(s.task_part).where(s.task_part.c.task_id == task_id))


def _record(row: Row[Any]) -> TaskRecord:
    return TaskRecord(
        id=row.id,
        question=row.question,
        wave=row.wave,
        file=row.file,
        digest=row.digest,
        mapping=mapping_from_yaml(row.mapping),
        person=row.person,
        created_at=row.created_at,
        note=row.note,
        open=row.closed_at is None,
    )
