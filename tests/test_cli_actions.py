"""The record of actions by command: written down, changed, kept, taken along as files, held against the surveys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Told
from stores import STUDY

from trustsurvey.model import Action
from trustsurvey.store import Store

SAMPLE = "riverton-sample-study"


@pytest.fixture
def town(own_home: Path) -> Store:
    store = Store.open()
    store.create_study(STUDY)
    return store


def test_a_promise_is_written_down_changed_and_its_history_kept(
    town: Store, run: Callable[..., Told], refused: Callable[..., str]
) -> None:
    assert run("actions", "list", "town").out == "Nothing was written down of what was promised.\n"
    told = run("actions", "add", "town", "Two lamps", "--unit", "Team", "--area", "ward=Docks", "--due", "2026-05-01",
               "--score", "trust", "--for", "ward=Docks", "--heard", "It is dark")  # fmt: skip
    assert told.out == "Action 1 is written down.\n"
    assert "store.needs-reason" not in refused("actions", "change", "town", "1", "--due", "2026-06-01")
    told = run("actions", "change", "town", "1", "--due", "2026-06-01", "--why", "lamps come late")
    assert told.out == "due: '2026-05-01' is '2026-06-01' now\n"
    assert run("actions", "change", "town", "1", "--due", "2026-06-01").out == "Action 1 says that already.\n"
    run("actions", "change", "town", "1", "--state", "done", "--done", "2026-06-03", "--outcome", "They burn")
    (version,) = town.actions.listed("town")
    assert (version.number, version.action.state, str(version.action.done)) == (3, "done", "2026-06-03")
    # A state that goes takes its day with it.
    run("actions", "change", "town", "1", "--state", "dropped", "--dropped-for", "stolen", "--outcome", "")
    assert (action := town.actions.listed("town")[0].action).done is None
    assert (action.reason, action.outcome) == ("stolen", "")
    history = run("actions", "history", "town", "1").out
    assert "  promised: Two lamps\n" in history
    assert "this machine (lamps come late)\n  due: 2026-06-01 (was: 2026-05-01)\n" in history
    assert "  done: nothing (was: 2026-06-03)\n" in history
    listed = run("actions", "list", "town").out
    assert listed.startswith("One promise: one dropped.\n   1 [Docks] Two lamps. Dropped: stolen.".replace("   1", "1"))
    assert "Two lamps" not in run("actions", "list", "town", "--area", "Mill").out
    assert "reason" in refused("actions", "remove", "town", "1", "--reason", " ")
    assert run("actions", "remove", "town", "1", "--reason", "entered twice").out == "Action 1 is removed.\n"
    assert town.actions.listed("town") == []


def test_a_person_who_is_named_is_noticed(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    told = run("actions", "add", "town", "Sgt Pat Voss calls back", "--heard", "Town says so")
    assert told.out == (
        "Action 1 is written down.\nnote: this may name a person: 'Pat Voss'; a unit or a role is enough.\n"
    )
    told = run("actions", "change", "town", "1", "--outcome", "Sgt Ada Brook called back")
    assert told.out.endswith("note: this may name a person: 'Pat Voss', 'Ada Brook'; a unit or a role is enough.\n")
    many = tmp_path / "many.yaml"
    many.write_text("actions: [{promised: Sgt Pat Voss calls back}, {promised: Sgt Lee Hart is asked}, {promised: x}]")
    told = run("actions", "add", "town", "--from", many)
    assert told.out == (
        "2 of 3 actions written down; the others were there.\n"
        "note: 'Sgt Lee Hart is asked' may name a person: 'Lee Hart'; a unit or a role is enough.\n"
    )


def test_files_go_out_and_come_back(town: Store, run: Callable[..., Told], tmp_path: Path) -> None:
    run("actions", "add", "town", "Lamps", "--area", "ward=Docks")
    run("actions", "add", "town", "Doors; \u201copen\u201d, =1+1")
    before = [version.action for version in town.actions.listed("town")]
    for name in ("a.yaml", "a.csv"):
        assert run("actions", "save", "town", tmp_path / name).out == f"{tmp_path / name}: 2 actions.\n"
        assert tuple(town.audit_trail(1).loc[0, ["action", "object", "detail"]]) == ("export", "town", name)
        assert "0 of 2 actions written down" in run("actions", "add", "town", "--from", tmp_path / name).out
        for version in town.actions.listed("town"):
            town.actions.remove("town", version.action.id, "again")
        assert "2 of 2 actions written down" in run("actions", "add", "town", "--from", tmp_path / name).out
        again = [version.action for version in town.actions.listed("town")]
        assert [(a.promised, a.level, a.area) for a in again] == [(b.promised, b.level, b.area) for b in before]
    assert run("actions", "list", "town", "--csv").out.startswith("heard,theme,level,area")
    run("actions", "list", "town", "--area", "Docks", "--csv")
    trail = town.audit_trail(2)
    assert set(zip(trail["action"], trail["object"], strict=True)) == {("export", "town")}
    assert trail["detail"].tolist() == ["actions.csv, Docks", "actions.csv"]
    assert run("actions", "save", "town", tmp_path / "a.docx").code == 2


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("add", "town"), "Say what was promised"),
        (("add", "town", "x", "--from", "a.yaml"), "Say what was promised"),
        (("add", "town", "--from", "a.yaml", "--unit", "u"), "Say what was promised"),
        (("add", "town", "--from", "none.yaml"), "cannot be read"),
        (("add", "town", "x", "--area", "Docks"), "district=Harbour"),
        (("add", "town", "x", "--area", "ward=Atlantis"), "Atlantis"),
        (("add", "town", "x", "--state", "done"), "has a day"),
        (("add", "town", "x", "--state", "done", "--done", "2999-01-01"), "lies ahead"),
        (("add", "town", "x", "--theme", "dragons"), "dragons"),
        (("change", "town", "7", "--unit", "u"), "no action 7"),
        (("history", "town", "7"), "no action 7"),
        (("remove", "town", "7", "--reason", "why"), "no action 7"),
        (("assess", "town"), "no waves yet"),
    ],
)
def test_what_is_wrong_is_one_line(
    town: Store, refused: Callable[..., str], arguments: tuple[str, ...], word: str
) -> None:
    assert word in refused("actions", *arguments)
    assert town.actions.listed("town") == []


def test_what_is_listed_cannot_steer_the_screen(town: Store, run: Callable[..., Told]) -> None:
    town.actions.save("town", [Action("Lamps \x1b[2J and\nmore", unit="\x07")])
    for verb in (("list", "town"), ("history", "town", "1")):
        assert "\x1b" not in run("actions", *verb).out


def test_the_sample_study_carries_promises_and_what_was_found(sample_home: Path, run: Callable[..., Told]) -> None:
    told = run("actions", "assess", SAMPLE).out
    assert "Open a desk in the Harbour library on two afternoons a week. Harbour. Done on 8 December 2025" in told
    assert "Trust index in Harbour was 47 before (2025 Q4) and 48 after (2026 Q1); that could be chance." in told
    assert "need not have come of it" in told
    again = run("actions", "add", SAMPLE, "--from", ROOT / "sample_data" / "actions.yaml")
    assert again.out == "0 of 6 actions written down; the others were there.\n"
    table = run("actions", "assess", SAMPLE, "--csv").out
    assert Store.open().audit_trail(1).iloc[0]["detail"] == "actions.csv, before and after"
    assert table.splitlines()[0].endswith("in_words")
