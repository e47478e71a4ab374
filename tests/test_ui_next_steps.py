"""The way of a survey: what is done, what is next, and where."""

from __future__ import annotations

from pathlib import Path

from stores import STUDY, put, raked, small_wave
from test_pages import app, words

from trustsurvey.store import Store
from trustsurvey.ui.next_steps import steps


def test_the_next_step_is_the_first_that_is_not_done(own_home: Path) -> None:
    store = Store.open()
    store.create_study(STUDY)

    def next_one() -> str:
        records = store.waves("town")
        found = steps(records[-1] if records else None, 0, store.tasks("town"))
        return next((step.page for step in found if not step.done), "")

    assert next_one() == "pages/import_wave.py"
    put(store, small_wave())
    assert next_one() == "pages/weighting.py"
    store.save_weighting("town", raked(small_wave()))
    assert [step.done for step in steps(store.waves("town")[-1], 0, [])] == [True, True, False]
    store.release("town", "w1")
    assert next_one() == ""


def test_open_answers_are_a_step_where_the_file_has_some(sample_seen: Path) -> None:
    store = Store.open()
    (record,) = store.waves("riverton-sample-study")[-1:]
    titles = [(step.page, step.done) for step in steps(record, 29, [])]
    assert ("pages/coding.py", False) in titles
    assert ("pages/coding.py", True) in [(step.page, step.done) for step in steps(record, 30, [])]


def test_the_page_says_what_is_next_and_leads_there(sample_home: Path) -> None:
    store = Store.open()
    study = "riverton-sample-study"
    told = words(app("start"))
    assert "Next:" in told
    assert store.waves(study)[-1].file in told.replace("\\", "")
    wave = store.waves(study)[-1].name
    store.remove_wave(study, wave, reason="a test")
    assert wave not in words(app("start"))
