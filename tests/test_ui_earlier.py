"""On the import page: a mapping corrected without the file, a doubtful one handed over and answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import app, bare_study, button, upload, words  # noqa: F401

from trustsurvey.store import Store

HEAD = b"id,email,area,band,pj1,pj2,pj3,pj4,pj5r\n"
ANSWERS = HEAD + b"".join(
    b"%d,p%d@example.org,District %d,%s,%d,4,3,2,5\n" % (k, k, k % 6 + 1, (b"x", b"y")[k % 2], k % 5 + 1)
    for k in range(60)
)


def field(test: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(f for f in [*test.text_input, *test.text_area] if f.label == label)


@pytest.fixture
def saved(bare_study: Store) -> AppTest:  # noqa: F811
    """The import page after a file was saved."""
    test = upload(app("import_wave"), "plain.csv", ANSWERS)
    field(test, "Name of this wave").set_value("one").run()
    return button(test, "Save as a wave").click().run()


def correct(test: AppTest) -> AppTest:
    return button(test, "Correct the mapping").click().run()


def retable(test: AppTest, column: str, **cells: object) -> AppTest:
    """Edit the table of columns as a person would: AppTest cannot."""
    opened = test.session_state["opened"]
    test.session_state[f"edits {opened.key}"] = {column: dict(cells)}
    return test.run()


def test_a_mapping_is_corrected_without_the_file_and_undo_leads_back(saved: AppTest) -> None:
    test = correct(saved)
    assert not test.exception
    told = words(test)
    assert "You are correcting how **one** was read" in told
    assert "Not kept, because they may tell who answered: 'email'" in told
    assert field(test, "Name of this wave").value == "one"
    assert field(test, "Name of this wave").disabled
    retable(test, "band", **{"What it is": "Group (named in a column of its own)", "Name of the group": "band"})
    button(test, "Save as a wave").click().run()
    assert "one is corrected as a draft" in words(test).replace("*", "")
    store = Store.open()
    assert store.load_wave("town", "one")[0].groups == ("band",)
    button(test, "Undo this correction").click().run()
    assert "it is as it was before" in words(test)
    assert store.load_wave("town", "one")[0].groups == ()


def test_saving_without_a_change_changes_nothing(saved: AppTest) -> None:
    before = Store.open().waves("town")[0]
    test = correct(saved)
    button(test, "Save as a wave").click().run()
    assert "one is there already, from the same file with the same mapping" in words(test)
    assert Store.open().waves("town")[0].revision == before.revision
    test = upload(test, "plain.csv", ANSWERS)
    field(test, "Name of this wave").set_value("one").run()
    button(test, "Save as a wave").click().run()
    assert "is there already" in words(test)
    assert Store.open().waves("town")[0].revision == before.revision


def test_what_was_checked_in_an_earlier_import_is_told(saved: AppTest) -> None:
    assert "60 of 60 rows count as answers." in words(saved)
    next(t for t in saved.toggle if t.label == "Show what was checked").set_value(True).run()
    assert not saved.exception
    assert "rows read" in saved.dataframe[0].value["check"].tolist()


def test_a_correction_can_be_left(saved: AppTest) -> None:
    test = correct(saved)
    button(test, "Leave it as it is").click().run()
    assert "You are correcting" not in words(test)
    assert "Drop the file" in test.get("file_uploader")[0].label


def test_a_correction_of_a_wave_that_is_gone_is_a_sentence_and_then_over(saved: AppTest) -> None:
    test = correct(saved)
    Store.open().discard_draft("town", "one")
    test.run()
    assert "There is no wave 'one'" in words(test)
    test.run()
    assert "There is no wave" not in words(test)


def test_undo_of_a_released_waves_correction_leaves_what_was_released(saved: AppTest) -> None:
    store = Store.open()
    store.release("town", "one")
    test = correct(saved.run())
    retable(test, "band", **{"What it is": "Group (named in a column of its own)", "Name of the group": "band"})
    next(f for f in test.text_input if f.label.startswith("Why is it corrected")).set_value("a group more").run()
    button(test, "Save as a wave").click().run()
    button(test, "Undo this correction").click().run()
    assert [record.status for record in store.waves("town")] == ["released"]


def ask(test: AppTest, question: str) -> AppTest:
    field(test, "What should somebody look at?").set_value(question).run()
    return button(test, "Hand it over").click().run()


def test_a_doubtful_mapping_is_handed_over_and_comes_back_as_a_wave(bare_study: Store) -> None:  # noqa: F811
    content = ANSWERS.replace(b"1,p1@example.org,District 2,y,2", b"1,p1@example.org,District 2,y,7")
    test = upload(app("import_wave"), "plain.csv", content)
    assert button(test, "Hand it over").disabled
    test = ask(test, "What is the 7? <b>bold</b>")
    assert not test.exception
    told = words(test)
    assert "The question about plain.csv is handed over" in told
    assert "What is the 7? <b>bold</b>" in told
    assert bare_study.waves("town") == []
    (task,) = bare_study.tasks("town")
    assert "email" not in bare_study.task_file("town", task.id)
    button(test, "Open the mapping").click().run()
    assert "Please decide: 1 of 1 left" in words(test)
    next(s for s in test.selectbox if "What does it mean?" in s.label).set_value("Leave it out").run()
    field(test, "Name of this wave").set_value("one").run()
    button(test, "Save as a wave").click().run()
    assert not test.exception
    assert [record.name for record in bare_study.waves("town")] == ["one"]
    assert [task.note for task in bare_study.tasks("town")] == ["saved as one"]
    assert "Questions about imports" not in words(test)


def test_what_was_decided_goes_with_the_question(bare_study: Store) -> None:  # noqa: F811
    content = ANSWERS.replace(b"1,p1@example.org,District 2,y,2", b"1,p1@example.org,District 2,y,7")
    test = upload(app("import_wave"), "plain.csv", content)
    next(s for s in test.selectbox if "What does it mean?" in s.label).set_value("It means: don't know").run()
    test = ask(test, "Is that right?")
    button(test, "Open the mapping").click().run()
    assert "Please decide" not in words(test)
    (task,) = bare_study.tasks("town")
    assert next(c for c in task.mapping.columns if c.column == "pj1").dont_know == ("7",)


def test_a_question_is_closed_with_a_note(bare_study: Store) -> None:  # noqa: F811
    test = ask(upload(app("import_wave"), "plain.csv", ANSWERS), "Which wave is it?")
    button(test, "Close without saving").click().run()
    assert "The task is closed without a note" in words(test)
    field(test, "What came of it?").set_value("a test file").run()
    button(test, "Close without saving").click().run()
    assert "The question about plain.csv is closed" in words(test)
    assert [task.note for task in bare_study.tasks("town")] == ["a test file"]


def test_a_file_that_fits_nothing_can_be_handed_over_too(bare_study: Store, tmp_path: Path) -> None:  # noqa: F811
    test = upload(app("import_wave"), "odd.csv", b"a,b\n" + b"".join(b"%d,x\n" % (k % 3) for k in range(40)))
    assert "This file asks other questions than this study" in words(test)
    test = ask(test, "What is this?")
    assert not test.exception
    assert [task.question for task in bare_study.tasks("town")] == ["What is this?"]
    button(test, "Open the mapping").click().run()
    assert not test.exception
