"""The page of promises under Streamlit's own test runner: looked at, written down, changed, removed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import refusal
from stores import STUDY
from streamlit.testing.v1 import AppTest
from test_pages import app, button, choose, select, words

from trustsurvey.actions import record as records
from trustsurvey.actions.before_after import BeforeAfter, before_after
from trustsurvey.actions.files import of_text
from trustsurvey.model import Action
from trustsurvey.rights import Person
from trustsurvey.store import Store
from trustsurvey.ui import action_list
from trustsurvey.voices.picture import Themes

SLUG = "riverton-sample-study"
LONG_AGO, FAR = date(2020, 5, 1), date.today() + timedelta(days=400)
SOON = date.today() + timedelta(days=9)


@pytest.fixture
def town(own_home: Path) -> Store:
    store = Store.open()
    store.create_study(STUDY)
    return store


def area(test: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(field for field in test.text_area if field.label == label)


def text(test: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(field for field in test.text_input if field.label == label)


def test_what_must_not_be_forgotten_comes_first_and_the_rest_by_state(town: Store) -> None:
    town.actions.save("town", [
        Action("Late", due=LONG_AGO, id=1), Action("Soon", due=FAR), Action("Begun", state="under way"),
        Action("Done", state="done", done=LONG_AGO), Action("Given up", state="dropped", reason="No money"),
    ])  # fmt: skip
    test = app("actions")
    assert not test.exception
    assert [head.value for head in test.header] == ["Overdue", "Under way", "Planned", "Done", "Dropped"]
    told = words(test)
    assert "**Five promises: one done, one under way, two planned, one dropped. One is overdue.**" in told
    assert "**Late**  \nAll areas. Planned, and overdue: it was promised for 1 May 2020." in told
    assert "Nothing was named that should change" in told
    ways = [button.label for button in test.button if str(button.key).startswith("open ")]
    assert ways[0] == "Steps and history: Late"
    assert len(set(ways)) == 5
    assert told.index("**Late**") < told.index("**Begun**") < told.index("**Soon**") < told.index("**Given up**")


def test_the_sample_study_tells_what_was_found_and_what_was_not_answered(sample_seen: Path) -> None:
    test = app("actions")
    assert not test.exception
    told = words(test)
    assert "Trust index in Harbour was 47 before (2025 Q4) and 48 after (2026 Q1); that could be chance." in told
    assert "need not have come of it" in told
    choose(test, "Where", "Docks (Neighbourhoods)")
    told = words(test)
    assert "Measure speed on the quay" in told
    assert "Open a desk in the Harbour library" in told  # the district that Docks lies in
    assert "Write to everyone who reports something" in told  # everywhere
    assert "Open a desk in Northside" not in told
    assert test.query_params["place"] == "neighbourhood=Docks"


def test_a_promise_is_opened_and_shows_its_steps_numbers_and_history(sample_seen: Path) -> None:
    test = app("actions")
    button_of = next(b for b in test.button if b.key == "open 1")
    button_of.click().run()
    assert test.query_params["promise"] == "1"
    assert test.header[0].value.startswith("Open a desk in the Harbour library")
    told = words(test)
    for title in ("What was heard", "What lies behind it", "What was promised and done", "What came of it"):
        assert f"### {title}\n" in told
    assert "Promised by: Harbour neighbourhood team." in told
    rows, history = (table.value for table in test.dataframe)
    assert rows[""].tolist() == [
        "Harbour, 2025 Q4", "Harbour, 2026 Q1", "Everyone, 2025 Q4", "Everyone, 2026 Q1",
    ]  # fmt: skip
    assert rows["Number"].tolist()[:2] == ["47", "48"]
    assert "Who promised it: Harbour neighbourhood team" in history["What"].iloc[0]
    button(test, "Back to all promises").click().run()
    assert "promise" not in test.query_params
    assert "Done" in [head.value for head in test.header]


def test_a_promise_is_written_down(town: Store) -> None:
    test = app("actions")
    assert "Nothing is recorded of what was promised or done." in words(test)
    button(test, "Write down a promise").click().run()
    assert not test.exception
    assert button(test, "Save").disabled
    area(test, "What was promised?").set_value("Two lamps in the underpass").run()
    area(test, "What did residents say?").set_value("It is dark there").run()
    text(test, "Who promised it?").set_value("Docks team").run()
    choose(test, "Where?", "Docks (Wards)")
    choose(test, "What in the survey should change?", "Safety")
    choose(test, "For whom?", "Docks (Wards)")
    test.date_input[0].set_value(FAR).run()
    button(test, "Save").click().run()
    assert not test.exception
    assert "Written down." in words(test)
    (version,) = town.actions.listed("town")
    assert version.action == Action(
        "Two lamps in the underpass", "Docks team", heard="It is dark there", level="ward", area="Docks", due=FAR,
        score="safety", by="ward", group="Docks", id=version.action.id,
    )  # fmt: skip
    assert version.person == "this machine"
    assert "**Two lamps in the underpass**" in words(test)


def test_what_is_done_has_a_day_and_what_is_dropped_a_reason(town: Store) -> None:
    (number,) = town.actions.save("town", [Action("Lamps", due=LONG_AGO)])
    test = app("actions", promise=str(number))
    state = next(group for group in test.button_group if group.label == "Where does it stand?")
    state.set_value("dropped").run()
    assert "Not complete yet: What is dropped has a reason" in words(test)
    assert button(test, "Save").disabled
    area(test, "Why was it dropped?").set_value("Stolen").run()
    button(test, "Save").click().run()
    assert [v.action.state for v in town.actions.history("town", number)] == ["planned", "dropped"]
    test = app("actions", promise=str(number))
    next(g for g in test.button_group if g.label == "Where does it stand?").set_value("done").run()
    button(test, "Save").click().run()
    action = town.actions.listed("town")[0].action
    assert (action.state, action.done, action.reason) == ("done", date.today(), "")


def test_a_promise_is_not_moved_silently(town: Store) -> None:
    (number,) = town.actions.save("town", [Action("Lamps", due=SOON)])
    test = app("actions", promise=str(number))
    test.date_input[0].set_value(FAR).run()
    button(test, "Save").click().run()
    assert "is changed without a reason" in words(test)
    assert len(town.actions.history("town", number)) == 1
    text(test, "Why is the promise, or what it is judged by, changed?").set_value("They come late").run()
    button(test, "Save").click().run()
    first, second = town.actions.history("town", number)
    assert (first.action.due, second.action.due, second.note) == (SOON, FAR, "They come late")


def test_what_somebody_else_wrote_down_meanwhile_is_not_overwritten(town: Store) -> None:
    (number,) = town.actions.save("town", [Action("Lamps")])
    test = app("actions", promise=str(number))
    text(test, "Who promised it?").set_value("Docks team").run()
    ada = town.acting_as(Person("Ada", frozenset({"analyst"})))
    ada.actions.change("town", Action("Lamps", outcome="They burn", id=number), 1)
    button(test, "Save").click().run()
    told = words(test)
    assert "The action was changed meanwhile" in told
    assert "Ada changed it meanwhile." in told
    assert [v.action.outcome for v in town.actions.history("town", number)] == ["", "They burn"]
    button(test, "Back to all promises").click().run()
    next(b for b in test.button if b.key == f"open {number}").click().run()
    assert area(test, "What came of it, apart from the survey?").value == "They burn"
    text(test, "Who promised it?").set_value("Docks team").run()
    button(test, "Save").click().run()
    assert town.actions.listed("town")[0].action == Action("Lamps", "Docks team", outcome="They burn", id=number)


def test_a_person_who_is_named_is_noticed(town: Store) -> None:
    test = app("actions", promise="new")
    area(test, "What was promised?").set_value("Sgt Pat Voss calls back on 555 0134").run()
    assert "This may name a person:" in words(test)
    assert "Pat Voss" in words(test)
    assert not button(test, "Save").disabled


def test_a_mistake_is_removed_for_a_reason(town: Store) -> None:
    (number,) = town.actions.save("town", [Action("Lamps")])
    test = app("actions", promise=str(number))
    button(test, "Remove it with its history").click().run()
    assert "An action is removed without a reason" in words(test)
    text(test, "Why?").set_value("entered twice").run()
    button(test, "Remove it with its history").click().run()
    assert town.actions.listed("town") == []
    assert "is removed." in words(test)


def test_hostile_words_are_words(town: Store) -> None:
    evil = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) **b** $\\alpha$ :material/home:"
    (number,) = town.actions.save("town", [Action(evil, evil, heard=evil, outcome=evil, analysis=evil)])
    for query in ({}, {"promise": str(number)}):
        test = app("actions", **query)
        assert not test.exception
        shown = "\n".join(part.value for part in [*test.markdown, *test.header, *test.warning, *test.success])
        assert "onerror" in shown
        assert not re.search(r"(?<!\\)<img|(?<!\\)\]\(javascript|(?<!\\)\*\*b|(?<!\\)\$|(?<!\\):material", shown)


def test_who_may_only_see_may_not_write(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = town.actions.save("town", [Action("Lamps")])
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: Person("Somebody", frozenset({"administrator"})))
    labels = [b.label for b in app("actions").button]
    assert "Write down a promise" not in labels
    test = app("actions", promise=str(number))
    assert {b.label for b in test.button} == {"Back to all promises"}
    assert "You do not have the right to write promises down." in words(app("actions", promise="new"))


def test_files_are_for_those_who_may_take_results_and_are_written_down(
    town: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.actions.save("town", [Action("Lamps", level="ward", area="Docks"), Action("Doors", heard="d\u00edas")])
    record = records.record_of(town, "town", [])
    chief = town.acting_as(Person("chief", frozenset({"commander"})))
    for name, found in (("actions.csv", record), ("actions.yaml", record.of_place("ward", "Docks"))):
        file = read(action_list._file(chief, "town", found, name), name)
        assert [(a.promised, a.heard) for a in file] == [(a.promised, a.heard) for a in found.actions]
    trail = town.audit_trail(2)
    assert trail["person"].tolist() == ["chief", "chief"]
    assert trail["detail"].tolist() == ["actions.yaml, ward Docks", "actions.csv"]
    assert len(app("actions").get("download_button")) == 2
    warden = Person("warden", frozenset({"administrator"}))
    with refusal("rights.denied"):
        action_list._file(town.acting_as(warden), "town", record, "actions.csv")
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: warden)
    test = app("actions")
    assert "**Lamps**" in words(test)
    assert not test.get("download_button")


def read(content: bytes, name: str) -> list[Action]:
    """The actions of a file."""
    return of_text(content.decode("utf-8-sig"), name)


def test_surveys_are_held_against_each_other_again_only_when_something_else_is_compared(
    sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def counted(action: Action, *of: Any) -> BeforeAfter:
        made.append(action.id)
        return before_after(action, *of)

    monkeypatch.setattr("trustsurvey.ui.actions.before_after", counted)
    store = Store.open()
    done = next(v for v in store.actions.listed(SLUG) if v.action.state == "done" and v.action.score)
    app("actions", promise=str(done.action.id))
    assert done.action.id in made
    made.clear()
    told = replace(done.action, promised="Open it", unit="Other", theme="", heard="", outcome="Nobody came.")
    store.actions.change(SLUG, told, 1, "in other words")
    shown = words(app("actions", promise=str(done.action.id)))
    assert made == []
    assert "Nobody came." in shown
    store.actions.change(SLUG, replace(told, score="en"), 2, "what it is about")
    assert "Engagement in " in words(app("actions", promise=str(done.action.id)))
    assert made == [done.action.id]


def test_themes_are_worked_out_for_the_list_alone(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> list[Themes]:
        raise AssertionError("nobody needs them")

    monkeypatch.setattr("trustsurvey.ui.voices.all_themes", never)
    assert not app("actions", promise="1").exception
    assert app("actions").exception


def test_an_address_that_names_no_promise(town: Store) -> None:
    test = app("actions", promise="<b>99")
    assert "There is no promise \u201c<b>99\u201d" in words(test)
    assert not test.exception


def test_results_and_areas_tell_what_was_promised(sample_seen: Path) -> None:
    told = words(app("trust"))
    block = told.split("What was promised, what was done, did it help")[-1]
    assert "**Open a desk in Northside again, in the old post office**: Northside. Under way, " in told
    assert block
    assert "Trust index in Harbour was 47 before (2025 Q4) and 48 after (2026 Q1)" in told
    early = words(app("trust", wave="2025 Q4"))
    assert "No survey began since it was done; the next one will tell." in early
    there = words(app("neighbourhood", areas="district", area="Northside"))
    assert "Open a desk in Northside again" in there
    assert "Harbour library" not in there
    assert select(app("actions", place="district=Harbour"), "Where").value is not None
