"""The audit trail: rows are added and never changed, and a row that was changed after all is found."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from hypothesis import given, strategies as st
from stores import STUDY

from trustsurvey.rights import Person
from trustsurvey.store import Store, audit
from trustsurvey.store.audit import FIRST

ADA = Person("Ada \u00c5 \U0001f600", frozenset({"commander"}))
FIELDS = ("at", "person", "action", "object", "detail", "previous", "hash")


def fill(store: Store, rows: int = 5) -> None:
    for number in range(rows):
        store.acting_as(ADA).note("export", f"town/w{number}", "results.xlsx")


def unguarded(store: Store, statement: str, **values: object) -> None:
    """Change the trail as somebody with all rights to the database could, who takes the triggers off."""
    with store.writer.begin() as connection:
        if connection.dialect.name == "sqlite":
            for verb in ("update", "delete", "insert"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_keep_{verb}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER audit_keep")
        connection.execute(sa.text(statement), values)
        if connection.dialect.name == "sqlite":
            audit.protect_audit(connection)
        else:
            connection.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER audit_keep")


def test_each_row_follows_from_the_one_before(store: Store) -> None:
    fill(store)
    trail = store.audit_trail().iloc[::-1].reset_index(drop=True)
    assert trail["previous"].tolist() == [FIRST, *trail["hash"][:-1]]
    assert trail["hash"].is_unique
    assert trail["at"].is_monotonic_increasing
    assert trail["at"].str.endswith("+00:00").all()
    assert store.audit_break() is None


def test_an_empty_trail_is_whole(store: Store) -> None:
    assert store.audit_break() is None
    assert store.audit_trail().empty
    assert list(store.audit_trail().columns)[1:] == list(FIELDS)


def test_the_newest_rows_come_first(store: Store) -> None:
    fill(store, 5)
    assert store.audit_trail(2)["object"].tolist() == ["town/w4", "town/w3"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET person = 'nobody' WHERE id = 2",
        "UPDATE audit SET detail = detail",
        "DELETE FROM audit WHERE id = 1",
        "DELETE FROM audit",
        "REPLACE",
        "TRUNCATE TABLE audit",
        "UPSERT",
    ],
)
def test_rows_cannot_be_changed_or_deleted(store: Store, statement: str) -> None:
    fill(store, 3)
    before = store.audit_trail()
    sqlite = store.writer.dialect.name == "sqlite"
    cells = "(id, at, person, action, object, detail, previous, hash) VALUES (2, '', '', '', '', '', '', '')"
    if statement == "REPLACE":
        statement = f"INSERT OR REPLACE INTO audit {cells}" if sqlite else "UPDATE audit SET id = 9 WHERE id = 2"
    elif statement == "UPSERT":
        statement = f"INSERT INTO audit {cells} ON CONFLICT (id) DO UPDATE SET person = 'nobody'"
    elif statement.startswith("TRUNCATE") and sqlite:
        statement = "UPDATE OR REPLACE audit SET id = 1 WHERE id = 2"
    with pytest.raises(sa.exc.DBAPIError, match="kept as they are"), store.writer.begin() as connection:
        connection.exec_driver_sql(statement)
    assert store.audit_trail().equals(before)


@pytest.mark.parametrize("field", FIELDS)
def test_a_changed_row_is_found(store: Store, field: str) -> None:
    fill(store)
    unguarded(store, f"UPDATE audit SET {field} = :v WHERE id = 3", v="f" * 40)
    assert store.audit_break() == 3


def test_a_missing_row_is_found(store: Store) -> None:
    fill(store)
    unguarded(store, "DELETE FROM audit WHERE id = 3")
    assert store.audit_break() == 4
    unguarded(store, "DELETE FROM audit WHERE id = 1")
    assert store.audit_break() == 2


def test_a_row_slipped_in_is_found(store: Store) -> None:
    fill(store)
    unguarded(
        store,
        "INSERT INTO audit (id, at, person, action, object, detail, previous, hash) "
        "VALUES (99, 'now', 'x', 'release', 'town', '', :p, :h)",
        p=store.audit_trail(1)["hash"].iloc[0],
        h="0" * 64,
    )
    assert store.audit_break() == 99


def test_writers_at_once_make_one_chain(store: Store) -> None:
    barrier = threading.Barrier(6)

    def work(number: int) -> None:
        barrier.wait()
        for step in range(5):
            store.note("export", f"{number}/{step}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.audit_trail()) == 30
    assert store.audit_break() is None


def test_a_change_that_was_rolled_back_is_not_in_the_trail(store: Store) -> None:
    with store.writer.begin() as connection:
        audit.record(connection, "Ada", "release", "town/w1")
        connection.rollback()
    store.create_study(STUDY)
    assert store.audit_trail()["action"].tolist() == ["create study"]
    assert store.audit_break() is None


def test_the_trail_outlives_the_study(store: Store) -> None:
    store.create_study(STUDY)
    store.remove_study("town")
    assert store.audit_trail()["action"].tolist() == ["remove study", "create study"]


ROWS = st.fixed_dictionaries({name: st.text(max_size=8) for name in FIELDS[:-1]})


@given(ROWS, ROWS)
def test_different_rows_have_different_hashes(one: dict[str, str], other: dict[str, str]) -> None:
    """Also where the text of one field runs over into the next."""
    assert (audit._hash(one) == audit._hash(other)) == (one == other)
