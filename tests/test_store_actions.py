"""The record of actions in the store, on both databases: nothing is rewritten, all is written down."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from builders import refusal
from stores import STUDY, sound

from trustsurvey.model import Action
from trustsurvey.rights import Person
from trustsurvey.store import Store, schema

LAMPS = Action("Two lamps in the underpass", "Harbour team", heard="It is dark there \U0001f526", due=date(2026, 5, 1))
DOOR = Action("Open the door", state="dropped", reason="The house is sold")


@pytest.fixture
def town(store: Store) -> Store:
    store.create_study(STUDY)
    return store.acting_as(Person("me", open_mode=True))


def test_actions_are_written_down_in_order_with_who_and_when(town: Store) -> None:
    assert town.actions.listed("town") == []
    keys = town.actions.save("town", [LAMPS, DOOR])
    found = town.actions.listed("town")
    assert [version.action for version in found] == [replace(a, id=k) for a, k in zip([LAMPS, DOOR], keys, strict=True)]
    assert [(v.number, v.person, v.note) for v in found] == [(1, "me", "")] * 2
    trail = town.audit_trail()
    assert (trail["action"] == "record action").sum() == 2
    assert json.loads(trail["detail"].iloc[1])["promised"] == LAMPS.promised
    sound(town)


def test_a_change_is_a_version_and_the_first_stays(town: Store) -> None:
    (key,) = town.actions.save("town", [LAMPS])
    begun = replace(LAMPS, id=key, state="under way")
    you = town.acting_as(Person("you", frozenset({"analyst"})))
    assert you.actions.change("town", begun, 1)
    done = replace(begun, state="done", done=date(2026, 5, 9), outcome="They burn")
    assert you.actions.change("town", done, 2, "seen on site")
    assert [v.action for v in town.actions.listed("town")] == [done]
    history = town.actions.history("town", key)
    assert [(v.number, v.action.state, v.person, v.note) for v in history] == [
        (1, "planned", "me", ""), (2, "under way", "you", ""), (3, "done", "you", "seen on site"),
    ]  # fmt: skip
    assert "done: '' is '2026-05-09'" in town.audit_trail(1)["detail"].iloc[0]
    sound(town)


def test_the_same_again_is_no_change(town: Store) -> None:
    (key,) = town.actions.save("town", [LAMPS])
    rows = len(town.audit_trail())
    assert not town.actions.change("town", replace(LAMPS, id=key), 1)
    assert len(town.actions.history("town", key)) == 1
    assert len(town.audit_trail()) == rows


@pytest.mark.parametrize("entry", [{"promised": "One lamp"}, {"due": date(2027, 1, 1)}, {"score": "trust"}])
def test_a_promise_and_what_it_is_judged_by_are_not_changed_silently(town: Store, entry: dict[str, object]) -> None:
    (key,) = town.actions.save("town", [LAMPS])
    new = replace(LAMPS, id=key, **entry)  # type: ignore[arg-type]
    with refusal("store.needs-reason", next(iter(entry))):
        town.actions.change("town", new, 1, "  ")
    assert len(town.actions.history("town", key)) == 1
    assert town.actions.change("town", new, 1, "the lamps come late")
    assert town.actions.listed("town")[0].note == "the lamps come late"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(town: Store) -> None:
    (key,) = town.actions.save("town", [LAMPS])
    assert town.actions.change("town", replace(LAMPS, id=key, unit="Other"), 1)
    with refusal("store.stale"):
        town.actions.change("town", replace(LAMPS, id=key, unit="Mine"), 1)
    assert town.actions.listed("town")[0].action.unit == "Other"


def test_all_are_written_down_or_none(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter([None, RuntimeError("lost")])

    def fail(*_: object) -> None:
        if error := next(calls):
            raise error

    monkeypatch.setattr("trustsurvey.store.actions.audit.record", fail)
    with pytest.raises(RuntimeError, match="lost"):
        town.actions.save("town", [LAMPS, DOOR])
    assert town.actions.listed("town") == []
    sound(town)


def test_a_mistake_is_removed_for_a_reason_and_what_it_said_stays_in_the_trail(town: Store) -> None:
    first, second = town.actions.save("town", [LAMPS, DOOR])
    with refusal("store.needs-reason", "dropped, with a reason"):
        town.actions.remove("town", second, " ")
    town.actions.remove("town", second, "entered twice")
    assert [v.action.id for v in town.actions.listed("town")] == [first]
    told = town.audit_trail(1).iloc[0]
    assert (told["action"], told["object"]) == ("remove action", f"town/{second}")
    assert told["detail"].startswith("entered twice ")
    assert "Open the door" in told["detail"]
    # Its number is not given to another one: the trail would say of that what was done to this.
    assert town.actions.save("town", [DOOR])[0] > second
    sound(town)


def test_what_is_not_there_is_a_sentence(town: Store) -> None:
    (key,) = town.actions.save("town", [LAMPS])
    town.create_study(replace(STUDY, slug="other", name="Other"))
    for slug, number in (("town", key + 1), ("other", key)):
        with refusal("store.no-action"):
            town.actions.history(slug, number)
        with refusal("store.no-action"):
            town.actions.change(slug, replace(LAMPS, id=number), 1)
        with refusal("store.no-action"):
            town.actions.remove(slug, number, "why")
    assert town.actions.listed("other") == []
    with refusal("store.no-study"):
        town.actions.listed("nowhere")


def test_actions_go_with_their_study(town: Store) -> None:
    town.actions.save("town", [LAMPS])
    town.remove_study("town")
    with town.reader.begin() as connection:
        for table in (schema.action, schema.action_version):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
    sound(town)
