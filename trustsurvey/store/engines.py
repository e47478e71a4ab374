"""Connections: one engine that writes and one that reads, on SQLite or PostgreSQL."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from trustsurvey.errors import SurveyError
from trustsurvey.store.audit import protect_audit

#: Serialises migrations of a PostgreSQL database among processes that start together.
MIGRATION_LOCK = 7_202_611


def home() -> Path:
    """The folder that holds the database and the key: ``TRUSTSURVEY_HOME`` or ``~/.trustsurvey``."""
    folder = Path(os.environ.get("TRUSTSURVEY_HOME") or Path.home() / ".trustsurvey").expanduser()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def database_url() -> str:
    """``TRUSTSURVEY_DATABASE_URL``, or the SQLite file in :func:`home`."""
    return os.environ.get("TRUSTSURVEY_DATABASE_URL") or f"sqlite:///{home() / 'trustsurvey.db'}"


def connect(url: str) -> tuple[Engine, Engine]:
    """The writing and the reading engine of a database, brought to the newest schema.

    SQLite: write-ahead log, so that readers are never blocked; writers take their lock when they
    begin, readers never do. That is why there are two engines.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ArgumentError(parsed.get_backend_name())
        options: dict[str, Any] = {"pool_pre_ping": True} if parsed.get_backend_name() == "postgresql" else {}
        writer, reader = create_engine(parsed, **options), create_engine(parsed, **options)
        if parsed.get_backend_name() == "sqlite":
            _tune_sqlite(writer, "BEGIN IMMEDIATE")
            _tune_sqlite(reader, "BEGIN")
        migrate(writer)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise SurveyError(
            "store.connect",
            "The database cannot be opened",
            where=_hidden(url),
            got=str(getattr(error, "orig", error)).splitlines()[0][:160],
            expected="sqlite:///file or postgresql://user:password@host/name",
            hint="Check TRUSTSURVEY_DATABASE_URL and TRUSTSURVEY_HOME.",
        ) from error
    return writer, reader


def _hidden(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "TRUSTSURVEY_DATABASE_URL"


def _tune_sqlite(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says so
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def migrate(engine: Engine) -> None:
    """Bring a database to the newest schema; nothing happens where it is there already."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("trustsurvey.store").joinpath("migrations")))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        present = MigrationContext.configure(connection).get_current_revision()
        if present == newest:
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        protect_audit(connection)
