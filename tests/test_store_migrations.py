"""Migrations bring any database to the schema that the code is written for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from builders import refusal
from conftest import ROOT
from stores import STUDY, put, small_wave, sound

from trustsurvey.store import Store, engines, schema

VERSIONS = ROOT / "trustsurvey" / "store" / "migrations" / "versions"


def revision(store: Store) -> str | None:
    with store.reader.begin() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_a_migrated_database_is_the_schema(store: Store) -> None:
    with store.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []


def test_names_and_rules_are_those_of_the_schema_too(store: Store) -> None:
    """What alembic does not compare: check constraints, deletion with the parent, numbers used once."""
    inspector = sa.inspect(store.reader)
    assert [check["name"] for check in inspector.get_check_constraints("margin")] == ["ck_margin_count"]
    for table in schema.metadata.sorted_tables:
        keys = {key["name"]: key["options"].get("ondelete") for key in inspector.get_foreign_keys(table.name)}
        assert keys == {key.name: key.ondelete for key in table.foreign_key_constraints}
    if store.reader.dialect.name == "sqlite":
        with store.reader.begin() as connection:
            made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'revision'").scalar_one()
        assert "AUTOINCREMENT" in made


def test_migrating_twice_changes_nothing(store: Store) -> None:
    store.create_study(STUDY)
    put(store, small_wave())
    engines.migrate(store.writer)
    again = Store.open(store.url)
    assert [record.name for record in again.waves("town")] == ["w1"]
    sound(again)
    again.close()


def test_opening_a_database_of_today_takes_no_lock(store: Store) -> None:
    """Readers are never blocked, not even where somebody has been writing for minutes."""
    with store.writer.begin() as connection:
        store_id = sa.insert(schema.setting).values(name="x", value="y")
        connection.execute(store_id)
        again = Store.open(store.url)
        assert again.studies() == []
        again.close()


def test_the_trail_is_protected_after_a_migration(store: Store) -> None:
    store.note("export", "town")
    with pytest.raises(sa.exc.DBAPIError, match="kept as they are"), store.writer.begin() as connection:
        connection.execute(sa.delete(schema.audit))


def test_a_newer_database_is_a_sentence(store: Store) -> None:
    """The package was put back to an older version than the one that made the database."""
    with store.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with refusal("store.connect", "9999"):
        Store.open(store.url)


def test_threads_that_open_a_new_database_together(database: str, own_home: Path) -> None:
    barrier = threading.Barrier(6)
    errors: list[Exception] = []

    def work() -> None:
        barrier.wait()
        try:
            opened = Store.open(database)
            opened.studies()
            opened.close()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    opened = Store.open(database)
    with opened.reader.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 1
    opened.close()


def test_processes_that_open_a_new_database_together(database: str, own_home: Path) -> None:
    code = (
        "import sys, time; from trustsurvey.store import Store; "
        "time.sleep(max(0.0, float(sys.argv[2]) - time.time())); "
        "print(len(Store.open(sys.argv[1]).studies()))"
    )
    import time

    start = str(time.time() + 2.5)  # all of them are loaded by then
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, database, start],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for process in started:
        out, err = process.communicate()
        assert (process.returncode, out.strip(), err) == (0, "0", "")


def test_migrations_are_one_line_of_descent() -> None:
    config = engines._config()
    script = ScriptDirectory.from_config(config)
    assert len(script.get_heads()) == 1
    walked = [entry.revision for entry in script.walk_revisions()]
    files = sorted(path.name for path in VERSIONS.glob("v*.py"))
    assert len(walked) == len(files)
    for name, number in zip(files, sorted(walked), strict=True):
        assert re.fullmatch(rf"v{number}_\w+\.py", name)
