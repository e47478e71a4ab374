"""Connections: one engine that writes and one that reads, on SQLite or PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from trustsurvey.errors import SurveyError
from trustsurvey.store.audit import protect_audit

#: Serialises migrations of a PostgreSQL database among processes that start together.
MIGRATION_LOCK = 7_202_611
#: Seconds that one waits for another who is writing to SQLite.
PATIENCE = 30


def home() -> Path:
    """The folder that holds the database and the key: ``TRUSTSURVEY_HOME`` or ``~/.trustsurvey``."""
    folder = Path(os.environ.get("TRUSTSURVEY_HOME") or Path.home() / ".trustsurvey").expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SurveyError(
            "store.home", "The folder for the database and the key cannot be made", where=str(folder),
            got=error.strerror or str(error), hint="Name another folder in TRUSTSURVEY_HOME.",
        ) from error  # fmt: skip
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
        if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
            raise ArgumentError("a database without a file")
        # Errors must not quote what was being saved.
        options: dict[str, Any] = {"hide_parameters": True}
        if parsed.get_backend_name() == "postgresql":
            options["pool_pre_ping"] = True
        writer, reader = create_engine(parsed, **options), create_engine(parsed, **options)
        if parsed.get_backend_name() == "sqlite" and not parsed.query:
            Path(parsed.database or "").touch(mode=0o600)  # comments lie in it; SQLite gives its logs the same rights
        if parsed.get_backend_name() == "sqlite":
            _tune_sqlite(writer, "BEGIN IMMEDIATE")
            _tune_sqlite(reader, "BEGIN")
        # Opening takes the writer's lock only where there is something to migrate.
        if not up_to_date(reader):
            migrate(writer)
    except (SQLAlchemyError, CommandError, ImportError, OSError, ValueError) as error:
        raise SurveyError(
            "store.connect",
            "The database cannot be opened",
            where=_hidden(url),
            got=_first_line(error),
            expected="sqlite:///file or postgresql://user:password@host/name",
            hint="Check TRUSTSURVEY_DATABASE_URL and TRUSTSURVEY_HOME.",
        ) from error
    return writer, reader


@contextmanager
def refusing(url: str) -> Iterator[None]:
    """What the database refuses (a full disk, a lost server, a text too long) becomes a SurveyError."""
    try:
        yield
    except (SQLAlchemyError, UnicodeEncodeError) as error:
        raise SurveyError(
            "store.database", "The database refused the request", where=_hidden(url), got=_first_line(error),
            hint="Nothing was saved.",
        ) from error  # fmt: skip


def _first_line(error: Exception) -> str:
    told = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error).strip()
    told = told or type(error).__name__
    return told.splitlines()[0][:160]


def _hidden(url: str) -> str:
    """The address without its password, or parameters, which may hold one too."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "TRUSTSURVEY_DATABASE_URL"


def _tune_sqlite(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says so
        connection.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")
        _write_ahead(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _write_ahead(connection: Any) -> None:
    """Switch a new database to write-ahead logging, which refuses at once where another is doing the same."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def up_to_date(engine: Engine) -> bool:
    """Whether a database has the newest schema."""
    with engine.begin() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _newest(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("trustsurvey.store").joinpath("migrations")))
    return config


def _newest(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def migrate(engine: Engine) -> None:
    """Bring a database to the newest schema; nothing happens where it is there already."""
    config = _config()
    newest = _newest(config)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        present = MigrationContext.configure(connection).get_current_revision()
        if present == newest:
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        protect_audit(connection)
