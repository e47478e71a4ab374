"""What becomes of an import, by command: its account, undo, another mapping, tasks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Told

from trustsurvey import workflow
from trustsurvey.instruments import default_instrument
from trustsurvey.mapping_file import mapping_to_yaml
from trustsurvey.model import AreaLevel, Study
from trustsurvey.readers.guard import read
from trustsurvey.store import Store

WARDS = ("Mill", "Docks")


@pytest.fixture
def town(own_home: Path) -> Store:
    """A study without a wave."""
    store = Store.open()
    level = AreaLevel("ward", "Wards", "", tuple((ward, "") for ward in WARDS))
    store.create_study(Study("town", "Town", default_instrument(), (level,)))
    return store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Answers with an id, an e-mail address, an age group that is not mapped, and a test row."""
    rows = [f"p{k},p{k}@example.org,{WARDS[k % 2]},{('young', 'old')[k % 3 == 0]},{k % 5 + 1},{k * 2 % 5 + 1}"
            for k in range(120)]  # fmt: skip
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(["id,email,ward,band,pj1,pj2", *rows, rows[7]]), encoding="utf-8")
    return path


MAPPING = """columns:
  id: id
  email: private
  ward: {area: ward}
  pj1: {item: pj1}
"""


@pytest.fixture
def imported(town: Store, file: Path, tmp_path: Path, run: Callable[..., Told]) -> Store:
    """The study with the file as a wave."""
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    told = run("import", "town", file, "--wave", "w1", "--mapping", tmp_path / "m.yaml")
    assert (told.code, told.err) == (0, "")
    return town


def test_a_mapping_is_corrected_without_the_file(
    imported: Store, file: Path, tmp_path: Path, run: Callable[..., Told], refused: Callable[..., str]
) -> None:
    file.unlink()
    before = imported.load_wave("town", "w1")[0]
    out = tmp_path / "again.yaml"
    assert run("remap", "town", "w1", "--write", out).out == f"Mapping of w1 written to {out}.\n"
    assert "were saved already" in run("remap", "town", "w1", "--mapping", out).out
    text = out.read_text(encoding="utf-8")
    out.write_text(text + "  pj2: {item: pj2, flip: true}\n  band: {group: age}\n", encoding="utf-8")
    assert "w1: 120 of 121 rows saved." in run("remap", "town", "w1", "--mapping", out).out
    wave = imported.load_wave("town", "w1")[0]
    assert (list(wave.answers), wave.groups) == (["pj1", "pj2"], ("age",))
    assert wave.people["respondent"].tolist() == before.people["respondent"].tolist()
    assert wave.answers["pj2"].tolist() == [6 - (k * 2 % 5 + 1) for k in range(120)]
    out.write_text(text.replace("email: private", "email: {group: mail}"), encoding="utf-8")
    assert "'email' may tell who answered and was not kept" in refused("remap", "town", "w1", "--mapping", out)
    assert "--write FILE" in refused("remap", "town", "w1")
    # Undo leads back, then takes the wave away and frees the file.
    assert re.search(r"w1: taken back; it is as imported .* again \(draft\)", run("undo", "town", "w1").out)
    assert list(imported.load_wave("town", "w1")[0].answers) == ["pj1"]
    assert run("undo", "town", "w1").out == "w1: taken back; nothing of it is left.\n"
    assert "There is no wave 'w1'" in refused("undo", "town", "w1")


def test_what_is_kept_holds_no_name_and_no_id(imported: Store, own_home: Path) -> None:
    raw = imported.kept_file("town", "w1")
    assert [column.name for column in raw.columns] == ["id", "ward", "band", "pj1", "pj2"]
    assert b"p17@example" not in b"".join(path.read_bytes() for path in own_home.glob("*.db*"))
    assert set(raw.values("id").distinct) == set(imported.load_wave("town", "w1")[0].people["respondent"])


def test_a_released_wave_is_remapped_with_a_reason_and_viewers_see_the_old_one(
    imported: Store, tmp_path: Path, run: Callable[..., Told], refused: Callable[..., str]
) -> None:
    workflow.release_wave(imported, "town", "w1")
    (tmp_path / "m.yaml").write_text(MAPPING + "  pj2: {item: pj2}\n", encoding="utf-8")
    assert "expected a reason" in refused("remap", "town", "w1", "--mapping", tmp_path / "m.yaml")
    done = run("remap", "town", "w1", "--mapping", tmp_path / "m.yaml", "--reason", "a question was left out")
    assert done.code == 0
    assert list(imported.load_wave("town", "w1", released=True)[0].answers) == ["pj1"]
    assert imported.waves("town")[0].status == "released, correction in draft"
    assert "(released)" in run("undo", "town", "w1").out
    assert "no draft to take back" in refused("undo", "town", "w1")


def test_the_account_of_an_import_is_printed(imported: Store, run: Callable[..., Told]) -> None:
    told = run("report", "town", "w1").out
    assert re.search(r"^w1: answers.csv \(plain\), imported 20", told)
    for line in (
        "  rows read (all rows below the headings): 121, 100.0%",
        "  same respondent id as an earlier row (the same id, letter for letter): 1, 0.8%, left out; rows 122",
        "  rows kept (answers of the wave): 120, 99.2%, kept",
        "  pj1, column 'pj1' (answered): 120, 100.0%",
    ):
        assert line in told
    assert run("report", "town", "w1", "--csv").out.startswith("part,what,detail,count,share,done,rows\n")


def test_what_is_not_there_is_refused(imported: Store, refused: Callable[..., str]) -> None:
    for verb in (("report",), ("undo",), ("remap", "--write", "m.yaml")):
        assert "There is no wave 'w9'" in refused(verb[0], "town", "w9", *verb[1:])
    assert "There is no open task 7" in refused("tasks", "town", "--close", "7", "--note", "x")
    assert "There is no open task 7" in refused("tasks", "town", "--write", "7", "m.yaml")


def test_a_task_is_listed_answered_and_closed(
    town: Store, file: Path, tmp_path: Path, run: Callable[..., Told], refused: Callable[..., str]
) -> None:
    mapping, _ = workflow.propose_for(town, "town", read(file))
    for number, question in enumerate(("Which question is pj2?", "And this?"), 1):
        asked = run("import", "town", file, "--wave", "w1", "--ask", question)
        assert asked.out == f"w1: task {number} is handed over.\n"
    assert town.waves("town") == []
    told = run("tasks", "town").out.splitlines()
    assert [line.split(": ")[0] for line in told] == ["1", "2"]
    assert re.search(r"answers\.csv, 20\d\d-\d\d-\d\d: Which question is pj2\? \(open\)", told[0])
    out = tmp_path / "task.yaml"
    assert run("tasks", "town", "--write", "1", out).code == 0
    assert out.read_text(encoding="utf-8") == mapping_to_yaml(mapping)
    assert "w1: 120 of 121 rows saved." in run("tasks", "town", "--save", "1", out).out
    assert town.kept_file("town", "w1").rows == 121
    assert "closes a task" not in refused("tasks", "town", "--close", "2")
    assert "Task 2 is closed" in run("tasks", "town", "--close", "2", "--note", "the same file").out
    told = run("tasks", "town").out
    assert "closed: saved as w1" in told
    assert "closed: the same file" in told
    assert run("tasks", "town", "--save", "1", out).code == 2
