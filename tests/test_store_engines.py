"""Connections: what happens when the power goes, when many write at once, when the address is wrong."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from builders import refusal
from conftest import ROOT
from stores import STUDY, put, raked, small_wave, sound

from trustsurvey.model import Wave
from trustsurvey.store import Store, engines, schema, studies

ROUNDS = 30


@pytest.fixture(scope="module")
def spawner() -> Any:
    """Processes that come from a fresh one with the package loaded: a start takes hundredths of a second."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with pytest.MonkeyPatch.context() as patch:
        # Python before 3.12.8 does not tell the fresh process where to find what it should load.
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "tests")]))
        process = context.Process(target=time.time)
        process.start()
        process.join()
    return context


# --- kill -9 ---------------------------------------------------------------------------------------------


@lru_cache
def heavy_wave(number: int) -> Wave:
    """A wave whose parts do not compress, so that writing them takes its time."""
    rng = np.random.default_rng(number)
    wave = small_wave(f"w{number}", n=400, seed=number)
    noise = [rng.bytes(750).hex() for _ in range(400)]
    return replace(wave, comments=pd.DataFrame({"row": np.arange(400), "item": "why", "text": noise}))


def step(store: Store, number: int) -> Any:
    """The changes of a study's life in a fixed order: import, weigh, release, and so on."""
    wave, kind = number // 4, number % 4
    if kind == 0:
        return put(store, heavy_wave(wave), f"d{wave}")
    if kind == 1:
        return store.save_weighting("town", raked(heavy_wave(wave)))
    if kind == 2:
        return store.release("town", f"w{wave}")
    return store.remove_wave("town", f"w{wave - 1}", reason="old") if wave else None


def state_after(steps: int) -> list[tuple[str, bool, str]]:
    """What the list of waves says after so many steps."""
    waves: dict[int, tuple[bool, str]] = {}
    for number in range(steps):
        wave, kind = number // 4, number % 4
        if kind == 0:
            waves[wave] = (False, "draft")
        elif kind == 1:
            waves[wave] = (True, "draft")
        elif kind == 2:
            waves[wave] = (True, "released")
        else:
            waves.pop(wave - 1, None)
    return [(f"w{wave}", *told) for wave, told in waves.items()]


def live(url: str, home: str, first: int, pipe: Any) -> None:
    """Go on with the steps, telling of each one that is done, until killed."""
    os.environ["TRUSTSURVEY_HOME"] = home
    store = Store.open(url)
    pipe.send(None)
    for number in range(first, first + 1000):
        step(store, number)
        pipe.send(number)


def test_a_killed_process_loses_nothing_and_tears_nothing(store: Store, own_home: Path, spawner: Any) -> None:
    """kill -9 at a random moment, many times over: what was acknowledged is there, the rest wholly or not at all."""
    store.create_study(STUDY)
    moments = random.Random(7_202_611)
    # As long as a few steps take here, so that most of the processes have begun one when they are killed.
    begun = time.perf_counter()
    assert step(store, 0) is True
    longest = max(0.12, 3 * (time.perf_counter() - begun))
    done, unacknowledged = 1, 0
    for lived in range(1, ROUNDS + 1):
        ours, theirs = spawner.Pipe(duplex=False)
        process = spawner.Process(target=live, args=(store.url, str(own_home), done, theirs))
        process.start()
        theirs.close()
        assert ours.recv() is None
        time.sleep(moments.uniform(0.0, longest))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        while True:
            try:
                done = ours.recv() + 1
            except EOFError:
                break
        with store.writer.begin() as connection:
            # A server may still be busy with the commit of a client that is gone; its lock tells.
            studies.locked_row(connection, "town")
        found = [(record.name, record.weighted, record.status) for record in store.waves("town")]
        if found != state_after(done):
            assert found == state_after(done + 1)
            unacknowledged += 1
            if done % 4 == 0:
                assert step(store, done) is False  # the import is there: repeating it does no harm
            done += 1
        elif done % 4 == 0:
            assert step(store, done) is True  # it is not: repeating it brings it in
            assert step(store, done) is False
            done += 1
        assert [(r.name, r.weighted, r.status) for r in store.waves("town")] == state_after(done)
        sound(store)
        if done <= lived / 2:  # this machine became busier: the next may live longer
            longest = min(1.2 * longest, 5.0)
    assert done > ROUNDS / 2


@pytest.mark.parametrize("at", range(12))
def test_a_process_that_dies_at_each_statement_of_an_import(
    store: Store, own_home: Path, spawner: Any, at: int
) -> None:
    store.create_study(STUDY)
    put(store, small_wave(seed=1), "d1")
    store.release("town", "w1")
    process = spawner.Process(target=die_at, args=(store.url, str(own_home), at))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert [(r.digest, r.status) for r in store.waves("town")] == [("d1", "released")]
    sound(store)
    assert put(store, small_wave(seed=2), "d2", reason="r") is True


def die_at(url: str, home: str, at: int) -> None:
    """Correct a wave and die before the statement with this number, or before the commit."""
    os.environ["TRUSTSURVEY_HOME"] = home
    store = Store.open(url)
    count = 0

    def count_down(*_: object) -> None:
        nonlocal count
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    sa.event.listen(store.writer, "before_cursor_execute", count_down)
    sa.event.listen(store.writer, "commit", lambda connection: os.kill(os.getpid(), signal.SIGKILL))
    put(store, small_wave(seed=2), "d2", reason="r")


# --- many at once ----------------------------------------------------------------------------------------


def write_many(url: str, home: str, number: int, imports: int, pipe: Any) -> None:
    """Import, weigh and release waves of one's own; tell of the first error."""
    os.environ["TRUSTSURVEY_HOME"] = home
    try:
        store = Store.open(url)
        for k in range(imports):
            wave = raked(small_wave(f"p{number} w{k}", n=300, seed=100 * number + k))
            assert put(store, wave, f"d{number}-{k}") is True
            store.save_weighting("town", wave)
            store.release("town", wave.name)
        store.close()
        pipe.send("")
    except BaseException as error:  # noqa: BLE001
        pipe.send(repr(error))


def test_eight_writing_processes_with_readers_meet_no_error(store: Store, own_home: Path, spawner: Any) -> None:
    store.create_study(STUDY)
    imports, ours = 5, []
    for number in range(8):
        here, there = spawner.Pipe(duplex=False)
        process = spawner.Process(target=write_many, args=(store.url, str(own_home), number, imports, there))
        process.start()
        ours.append((process, here))
    stop, slowest, errors = threading.Event(), [0.0], []

    def read() -> None:
        while not stop.is_set():
            began = time.perf_counter()
            try:
                for record in store.waves("town", released_only=True)[-2:]:
                    wave, weights = store.load_wave("town", record.name, released=True)
                    assert weights is not None
                    assert len(wave) == len(weights.weights) == 300
            except Exception as error:  # noqa: BLE001
                errors.append(error)
            slowest[0] = max(slowest[0], time.perf_counter() - began)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    told = [here.recv() for _, here in ours]
    for process, _ in ours:
        process.join()
    stop.set()
    for reader in readers:
        reader.join()
    assert told == [""] * 8
    assert errors == []
    assert slowest[0] < 5  # nobody waited for a writer's lock
    assert len(store.waves("town", released_only=True)) == 8 * imports
    assert len(store.audit_trail(10_000)) == 1 + 3 * 8 * imports
    sound(store)


def test_more_readers_than_connections_take_turns(store: Store) -> None:
    store.create_study(STUDY)
    put(store, small_wave())
    errors: list[Exception] = []

    def read() -> None:
        try:
            assert len(store.load_wave("town", "w1")[0]) == 60
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.reader.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_no_connection_is_left_open(store: Store) -> None:
    store.create_study(STUDY)
    put(store, small_wave())
    for _ in range(3):
        with refusal("store.no-wave"):
            store.load_wave("town", "none")
        with refusal("store.study-exists"):
            store.create_study(STUDY)
    assert (store.writer.pool.checkedout(), store.reader.pool.checkedout()) == (0, 0)  # type: ignore[attr-defined]


# --- how SQLite is set ----------------------------------------------------------------------------------


@pytest.fixture
def local(tmp_path: Path, own_home: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/store.db")
    yield opened
    opened.close()


@pytest.mark.parametrize("engine", ["writer", "reader"])
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30_000), ("secure_delete", 1)],
)
def test_every_connection_is_set_alike(local: Store, engine: str, pragma: str, value: object) -> None:
    with getattr(local, engine).begin() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_only_the_writing_engine_takes_the_lock_when_it_begins(local: Store) -> None:
    with local.reader.begin() as one, local.reader.begin() as other:
        one.exec_driver_sql("SELECT 1")
        other.exec_driver_sql("SELECT 1")
        with local.writer.begin() as writing:
            writing.execute(sa.insert(schema.setting).values(name="x", value="y"))


def test_what_is_deleted_is_overwritten(local: Store, tmp_path: Path) -> None:
    """Secure deletion: a removed comment cannot be read off the disk."""
    local.create_study(STUDY)
    wave = small_wave(wording={"fair": "a sentence that nobody else writes"})
    put(local, wave)
    assert b"that nobody else writes" in b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    local.remove_wave("town", "w1")
    local.close()  # the last connection takes the write-ahead log with it
    assert b"that nobody else writes" not in b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))


def test_the_database_lies_in_the_home_folder_by_default(own_home: Path) -> None:
    Store.open().close()
    assert sorted(path.name for path in own_home.iterdir() if path.suffix == ".db") == ["trustsurvey.db"]


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_nobody_else_on_the_machine_can_read_the_database(tmp_path: Path, own_home: Path) -> None:
    """Comments lie in it as they were written; the folder may be one that others can enter."""
    store = Store.open(f"sqlite:///{tmp_path}/shared.db")
    store.create_study(STUDY)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("shared.db*")}
    store.close()
    assert modes == {"shared.db": 0o600, "shared.db-wal": 0o600, "shared.db-shm": 0o600}


def test_the_home_folder_may_be_given_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TRUSTSURVEY_HOME", "~/survey data")
    Store.open().close()
    assert (tmp_path / "survey data" / "trustsurvey.db").exists()


# --- wrong addresses --------------------------------------------------------------------------------------

SECRET = "s3cret-Pa55"


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        " ",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////no/such/folder/store.db",
        "sqlite:////",
        f"mysql://ts:{SECRET}@localhost/ts",
        f"postgres://ts:{SECRET}@localhost/ts",
        f"postgresql//ts:{SECRET}@localhost/ts",
        f"postgresql://ts:{SECRET}@localhost:port/ts",
        f"postgresql://ts:{SECRET}@localhost:1/ts",
        f"postgresql://localhost:1/ts?user=ts&password={SECRET}",
        f"postgresql://ts:{SECRET}@no.such.host.invalid/ts?connect_timeout=2",
        f"postgresql+asyncpg://ts:{SECRET}@localhost/ts",
        f"sqlite+nothing:///{SECRET}.db",
    ],
)
def test_a_wrong_address_is_one_sentence_without_the_password(url: str) -> None:
    with refusal("store.connect", "The database cannot be opened", "Check TRUSTSURVEY_DATABASE_URL") as told:
        Store.open(url)
    assert "\n" not in str(told)
    assert "Traceback" not in str(told)
    assert SECRET not in str(told).replace(f"{SECRET}.db", "")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("Minutes of the meeting\n" * 100, encoding="utf-8")
    with refusal("store.connect", "not a database"):
        Store.open(f"sqlite:///{tmp_path}/notes.db")


@pytest.mark.parametrize("kind", ["file", "below a file"])
def test_a_home_folder_that_cannot_be_made(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(tmp_path / ("file" if kind == "file" else "file/below")))
    with refusal("store.home", "TRUSTSURVEY_HOME"):
        Store.open()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="rights of files bind POSIX users but root")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with refusal("store.connect", "The database cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}/locked/store.db")


# --- what the database refuses later -----------------------------------------------------------------------


def test_a_full_disk_is_a_sentence_and_leaves_nothing(local: Store) -> None:
    local.create_study(STUDY)
    with local.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")
        connection.commit()
    with refusal("store.database", "full", "Nothing was saved"):
        put(local, heavy_wave(1))
    assert local.waves("town") == []
    sound(local)
    with local.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        connection.commit()
    assert put(local, heavy_wave(1)) is True


def test_a_text_the_database_cannot_hold_is_a_sentence(store: Store) -> None:
    store.create_study(STUDY)
    with refusal("store.database", "Nothing was saved"):
        put(store, small_wave(wording={"fair": "half a pair: \ud800"}))
    assert store.waves("town") == []


def test_an_error_does_not_quote_what_was_being_saved(store: Store) -> None:
    store.create_study(STUDY)
    statement = sa.insert(schema.setting).values(name=None, value="Jane Doe, 5 Elm Street")
    with pytest.raises(sa.exc.DBAPIError) as caught, store.writer.begin() as connection:
        connection.execute(statement)
    told = str(caught.value)
    if store.writer.dialect.name == "postgresql":  # the server itself quotes the row that failed, on its later lines
        told = engines._first_line(caught.value)
    assert "Jane Doe" not in told


def test_a_server_that_went_away_is_a_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.create_study(STUDY)

    def gone(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly\nmore"))

    monkeypatch.setattr("trustsurvey.store.repository.studies.study_records", gone)
    with refusal("store.database", "server closed the connection unexpectedly"):
        store.studies()
