"""An action: what it may say, how it is told as text, and what differs between two states of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from builders import refusal
from hypothesis import given, strategies as st

from trustsurvey.actions.files import (
    actions_from_csv,
    actions_from_list,
    actions_from_yaml,
    actions_to_csv,
    actions_to_yaml,
    of_text,
    read_actions,
    written,
)
from trustsurvey.model import STATES, Action
from trustsurvey.model.action import as_entries, changed, from_entries

LAMPS = Action("Two lamps in the underpass", "Harbour team", "planned", "It is dark there.", due=date(2026, 5, 1))
DONE = replace(LAMPS, state="done", done=date(2026, 5, 9), score="trust", by="ward", group="Docks")


@pytest.mark.parametrize(
    ("code", "entries"),
    [
        ("action.promise", {"promised": "  "}),
        ("action.state", {"state": "soon"}),
        ("action.done", {"state": "done"}),
        ("action.done", {"done": date(2026, 1, 1)}),
        ("action.reason", {"state": "dropped"}),
        ("action.reason", {"reason": "no money"}),
        ("action.place", {"area": "Docks"}),
        ("action.place", {"level": "ward"}),
        ("action.place", {"score": "trust", "by": "ward"}),
        ("action.measure", {"score": "trust", "share": "speed"}),
        ("action.measure", {"score": "trust", "question": "why"}),
        ("action.measure", {"by": "ward", "group": "Docks"}),
        ("action.length", {"unit": "u" * 201}),
        ("action.length", {"heard": "h" * 2001}),
    ],
)
def test_what_contradicts_itself_is_refused(code: str, entries: dict[str, object]) -> None:
    with refusal(code):
        replace(LAMPS, **entries)  # type: ignore[arg-type]


def test_a_promise_is_overdue_once_its_day_has_gone_by() -> None:
    assert not LAMPS.overdue(date(2026, 5, 1))
    assert LAMPS.overdue(date(2026, 5, 2))
    assert not replace(LAMPS, due=None).overdue(date(2030, 1, 1))
    assert not DONE.overdue(date(2030, 1, 1))


def test_what_differs_is_told_entry_by_entry() -> None:
    assert changed(LAMPS, LAMPS) == []
    assert changed(LAMPS, replace(LAMPS, id=7)) == []
    assert changed(LAMPS, replace(LAMPS, due=None, unit="")) == [
        ("unit", "Harbour team", ""), ("due", "2026-05-01", ""),
    ]  # fmt: skip


# --- as text --------------------------------------------------------------------------------------------

text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40).map(str.strip)
words = text.filter(bool)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@st.composite
def actions(draw: st.DrawFn) -> Action:
    state = draw(st.sampled_from(STATES))
    measure = draw(st.sampled_from([{}, {"score": "trust"}, {"share": "speed"}, {"share": "speed", "question": "oe1"}]))
    place = draw(st.sampled_from([{}, {"level": "ward"}]))
    whom = draw(st.sampled_from([{}, {"by": "age"}])) if measure else {}
    return Action(
        draw(words), draw(text), state, draw(text), analysis=draw(text), outcome=draw(text), wave=draw(text),
        due=draw(st.none() | days), done=draw(days) if state == "done" else None,
        reason=draw(words) if state == "dropped" else "",
        area=draw(words) if place else "", group=draw(words) if whom else "", **place, **measure, **whom,
    )  # fmt: skip


@given(st.lists(actions(), max_size=4))
def test_files_give_the_same_actions_back(found: list[Action]) -> None:
    assert actions_from_yaml(actions_to_yaml(found)) == found
    if found:
        assert actions_from_csv(actions_to_csv(found)) == found
        assert of_text(written(found, "x.CSV"), "x.CSV") == found
    assert [from_entries(as_entries(action), 5) for action in found] == [replace(action, id=5) for action in found]


def test_a_list_of_yaml_may_stand_by_itself_and_days_are_days() -> None:
    (read,) = actions_from_yaml("- {promised: Lamps, due: 2026-05-01, unit: null, state: planned}")
    assert read == Action("Lamps", due=date(2026, 5, 1))


@pytest.mark.parametrize(
    ("code", "content", "where"),
    [
        ("action.yaml", "actions: [", "a.yaml"),
        ("action.list", "actions: {promised: x}", "a.yaml"),
        ("action.list", "", "a.yaml"),
        ("action.entry", "- {promised: x, who: Pat}", "a.yaml, action 1"),
        ("action.day", "- {promised: x}\n- {promised: y, due: soon}", "a.yaml, action 2"),
        ("action.promise", "- {unit: u}", "a.yaml, action 1"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_place(code: str, content: str, where: str) -> None:
    with refusal(code, where):
        actions_from_yaml(content, "a.yaml")


def test_a_table_that_is_wrong_is_told_with_its_row() -> None:
    with refusal("action.csv", "a.csv, row 2"):
        actions_from_csv("promised\nx,y\n", "a.csv")
    with refusal("action.csv", "promised"):
        actions_from_csv("what\nx\n")
    with refusal("action.state", "a.csv, row 3"):
        actions_from_csv("promised,state\nx,planned\ny,soon\n", "a.csv")
    with refusal("action.list"):
        actions_from_list("x", "study.yaml")


def test_a_file_that_cannot_be_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with refusal("action.absent"):
        read_actions(tmp_path / "none.csv")
    (tmp_path / "old.csv").write_bytes("promised\n\xe9".encode("latin-1"))
    with refusal("action.absent", "UTF-8"):
        read_actions(tmp_path / "old.csv")
    (tmp_path / "bom.csv").write_text("\ufeffpromised\nx\n", encoding="utf-8")
    assert read_actions(tmp_path / "bom.csv") == [Action("x")]
