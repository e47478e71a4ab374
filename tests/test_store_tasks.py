"""Files that a store keeps: with a wave, for another run; with a task, until it is closed."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from builders import refusal
from files import cells, csv_text, names, numbers, read_here
from stores import MAPPING, STUDY, counted, put, small_wave, sound

from trustsurvey.readers import arrow_file
from trustsurvey.readers.raw import Kept, Raw
from trustsurvey.rights import Person
from trustsurvey.store import Store, parts

OFFICER = Person("an officer", frozenset({"liaison"}))


@pytest.fixture
def town(store: Store) -> Store:
    """A store with the small study in it."""
    store.create_study(STUDY)
    return store


def kept(n: int = 60, source: str = "answers.csv") -> Raw:
    """A file as ``harmonise.kept.keep`` leaves it: with words that lie apart, and a column that is gone."""
    table = [["id", "fair", "why"], *[[f"p{k}", k % 5 + 1, f"because {k}"] for k in range(n)]]
    raw = read_here(csv_text(table), source)
    return replace(raw, kept=Kept(gone=("email",), coded=("id",), words=("why",)))


def same_file(one: Raw, other: Raw) -> None:
    assert one.describe() == other.describe()
    assert numbers(one) == numbers(other)
    for name in names(one):
        assert cells(one, name) == cells(other, name)


# --- with a wave ------------------------------------------------------------------------------------------


def test_a_file_comes_back_as_it_was_kept(town: Store) -> None:
    put(town, small_wave(), kept=kept())
    same_file(town.kept_file("town", "w1"), kept())
    assert len(town.load_wave("town", "w1")[0]) == 60
    sound(town)


def test_a_file_of_many_parts_comes_back_whole(town: Store) -> None:
    raw = kept(500)
    mapped = arrow_file.mapped(raw.path)
    table = pa.table(mapped.to_pydict(), schema=mapped.schema)  # no longer of the file, which is written anew
    with arrow_file.writer(raw.path, table.schema) as file:
        for start in range(0, 500, 120):
            file.write_table(table.slice(start, 120))
    put(town, small_wave(), kept=raw)
    back = town.kept_file("town", "w1")
    assert back.table.equals(table)


def test_what_residents_wrote_lies_apart() -> None:
    pieces = parts.encode_file(kept())
    assert [(kind, position, rows) for kind, position, rows, _ in pieces] == [
        ("file about", 0, 0), ("file", 0, 60), ("file words", 0, 60),
    ]  # fmt: skip
    columns = {kind: pq.read_schema(pa.BufferReader(data)).names for kind, _, _, data in pieces[1:]}
    assert columns == {"file": ["__row__", "c0", "c1"], "file words": ["c2"]}


def test_a_wave_whose_file_was_not_kept_says_so_until_it_is_imported_again(town: Store) -> None:
    put(town, small_wave())
    with refusal("store.no-file", "was not kept", "Import the file again"):
        town.kept_file("town", "w1")
    assert put(town, small_wave(), kept=kept()) is False  # the very same import, now with its file
    same_file(town.kept_file("town", "w1"), kept())
    assert put(town, small_wave(), kept=kept()) is False
    assert counted(town)["source"] == 1


def test_the_file_goes_with_its_wave(town: Store) -> None:
    put(town, small_wave(), kept=kept())
    town.discard_draft("town", "w1")
    assert counted(town)["part"] == 0
    with refusal("store.no-wave"):
        town.kept_file("town", "w1")


def test_the_order_of_columns_makes_no_other_mapping(town: Store) -> None:
    put(town, small_wave())
    turned = replace(MAPPING, columns=MAPPING.columns[::-1])
    assert town.save_wave("town", small_wave(), turned, "answers.csv", "d1") is False


# --- tasks ------------------------------------------------------------------------------------------------


def test_a_task_keeps_file_mapping_and_question_until_it_is_closed(town: Store) -> None:
    number = town.acting_as(OFFICER).add_task("town", kept(), MAPPING, " Is 9 a group? ", "w1")
    (task,) = town.tasks("town")
    assert (task.id, task.question, task.wave) == (number, "Is 9 a group?", "w1")
    assert (task.file, task.open) == ("answers.csv", True)
    assert (task.mapping, task.digest, task.person) == (MAPPING, kept().digest, "an officer")
    same_file(town.task_file("town", number), kept())
    town.close_task("town", number, " no answer ")
    (task,) = town.tasks("town")
    assert (task.open, task.note) == (False, "no answer")
    assert counted(town)["task_part"] == 0
    with refusal("store.no-task"):
        town.task_file("town", number)
    with refusal("store.no-task"):
        town.close_task("town", number, "again")
    assert list(town.audit_trail()["action"][:2]) == ["close task", "hand over"]


def test_saving_the_wave_closes_its_task(town: Store) -> None:
    first, second = (town.add_task("town", kept(), MAPPING, question) for question in ("one?", "two?"))
    put(town, small_wave(), kept=kept(), task=second)
    assert [(task.id, task.open, task.note) for task in town.tasks("town")] == [
        (first, True, ""), (second, False, "saved as w1"),
    ]  # fmt: skip
    with refusal("store.no-task", "'1'"):
        put(town, small_wave("w2", seed=2), "d2", task=second)
    assert [record.name for record in town.waves("town")] == ["w1"]  # all or nothing


def test_a_task_without_a_question_or_a_note_is_refused(town: Store) -> None:
    with refusal("store.task", "asks nothing"):
        town.add_task("town", kept(), MAPPING, "  ")
    number = town.add_task("town", kept(), MAPPING, "what?")
    with refusal("store.task", "without a note"):
        town.close_task("town", number, "")
    with refusal("store.no-study"):
        town.tasks("elsewhere")


def test_a_task_of_another_study_is_not_found(town: Store) -> None:
    town.create_study(replace(STUDY, slug="other", name="Other"))
    number = town.add_task("town", kept(), MAPPING, "what?")
    with refusal("store.no-task"):
        town.task_file("other", number)
    town.remove_study("town")
    assert (counted(town)["task"], counted(town)["task_part"]) == (0, 0)
