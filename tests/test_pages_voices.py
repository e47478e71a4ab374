"""Open answers under Streamlit's own test runner: read, told, corrected; the sample study's own themes as readers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import app, button, select, words

from sample_data import answers as quarters, generate
from trustsurvey import workflow
from trustsurvey.model import Code, Coding
from trustsurvey.store import Body, Store
from trustsurvey.voices.study import answers_of, codebook_of, save_codebook

SLUG, WAVE = "riverton-sample-study", "2026 Q2"
#: The sample study's themes as codes of the default codebook.
CODES = {"response_speed": "response", "listening": "dialogue", "fairness": "bias", "openness": "transparency"}


def read_at_random(store: Store, wave: str, many: int, coder: str = "first") -> None:
    """Read answers to the first question in the order of the audit, as those who made them up know them."""
    quarter = next(q for q in quarters.QUARTERS if q.name == wave)
    rows = generate.collected(quarter).comments
    known = {(row.item, row.text): row.themes for row in rows.itertuples()}
    book = codebook_of(store, SLUG)
    asked = answers_of(store, SLUG, workflow.load_wave(store, SLUG, wave), book)[0]
    made = []
    for at in asked.audit.waiting[:many]:
        themes = known.get((asked.item, asked.texts[at]), ())
        codes = dict.fromkeys(CODES.get(t, t) for t in (themes.split(";") if isinstance(themes, str) else themes))
        made.append(Coding(asked.keys[at], coder, tuple((c, "") for c in codes if c in book), "audit"))
    store.voices.add_codings(SLUG, Body(wave), made)


@pytest.fixture
def store(sample_home: Path) -> Store:
    return Store.open()


def at_desk(task: str = "audit", coder: str = "Reader") -> AppTest:
    test = app("coding")
    test.text_input(key="coder").set_value(coder).run()
    return test.segmented_control(key="task").set_value(task).run() if task != "audit" else test


def shown(test: AppTest) -> str:
    """The answer that is read, without the marks in it."""
    return re.sub(r"<[^>]+>", "", next(h.proto.body for h in test.get("html") if "line-height" in h.proto.body))


def test_nobody_reads_without_a_name(sample_home: Path) -> None:
    assert "Type your name or initials first" in words(app("coding"))


def test_an_answer_is_read_saved_and_taken_back(store: Store) -> None:
    test = at_desk()
    first = shown(test)
    next(b for b in test.button if b.key == "code 0").click().run()
    button(test, "Negative").click().run()
    assert "(negative)" in words(test)
    button(test, "Save and next").click().run()
    assert not test.exception
    (saved,) = store.voices.codings(SLUG, Body(WAVE))
    assert (saved.coder, saved.queue, saved.codes[0][1]) == ("Reader", "audit", "negative")
    assert shown(test) != first
    assert "1 of" in test.get("progress")[0].proto.text
    button(test, "Take the last one back").click().run()
    assert store.voices.codings(SLUG, Body(WAVE)) == []
    assert shown(test) == first
    assert "(negative)" in words(test)


def test_the_machine_says_which_words_make_it_think_of_a_theme(store: Store) -> None:
    read_at_random(store, WAVE, 150)
    test = at_desk()
    # Which answers come first goes by the key of pseudonyms, which every installation makes for itself.
    for _ in range(20):
        if "The machine thinks of:" in words(test):
            break
        button(test, "No theme, next").click().run()
    assert re.search(r"The machine thinks of: [\w ]+ \([^)]+\)", words(test))


def test_a_new_theme_brings_answers_back_with_what_was_chosen_before(store: Store) -> None:
    test = at_desk()
    first = shown(test)
    next(b for b in test.button if b.key == "code 0").click().run()
    button(test, "Save and next").click().run()
    book = codebook_of(store, SLUG)
    more = replace(book, codes=(*book.codes, Code("weather", "Weather")))
    save_codebook(store, SLUG, more, "a theme more")
    test = at_desk()
    assert shown(test) == first
    assert "Read before the codebook had all of its themes" in words(test)
    assert "Chosen:" in words(test)
    button(test, "Save and next").click().run()
    old, new = store.voices.codings(SLUG, Body(WAVE))
    assert (old.codes, old.version + 1) == (new.codes, new.version)
    assert "Read before" not in words(test)


def test_an_answer_without_a_theme_is_a_reading_too(store: Store) -> None:
    button(at_desk(), "No theme, next").click().run()
    assert store.voices.codings(SLUG, Body(WAVE))[0].codes == ()


def test_a_second_reader_sees_nothing_of_the_first_and_differences_are_settled(store: Store) -> None:
    read_at_random(store, WAVE, 3)
    mine = store.voices.codings(SLUG, Body(WAVE))
    test = at_desk("second")
    assert "first" not in words(test)
    assert "Chosen:" not in words(test)
    for _ in range(3):
        next(b for b in test.button if b.key == "code 8").click().run()
        button(test, "Save and next").click().run()
    assert "Nothing is left that only somebody else read." in words(test)
    assert {c.queue for c in store.voices.codings(SLUG, Body(WAVE)) if c.coder == "Reader"} == {"second"}
    test = at_desk("settled", "Third")
    assert "**first**:" in words(test)
    assert "**Reader**:" in words(test)
    button(test, "No theme, next").click().run()
    settled = [c for c in store.voices.codings(SLUG, Body(WAVE)) if c.queue == "settled"]
    assert [c.coder for c in settled] == ["Third"]
    assert len(mine) == 3


def test_before_enough_was_read_the_page_says_so_and_where_to_read(store: Store) -> None:
    told = words(app("voices"))
    assert "0 of the answers were read" in told
    assert "at least 30" in told


def test_what_residents_mention_is_told_with_ranges_and_changes(store: Store) -> None:
    for wave in ("2026 Q1", WAVE):
        read_at_random(store, wave, 120)
    test = app("voices")
    assert not test.exception
    told = words(test)
    assert "People read 120 of the answers; a machine that learnt from them read the rest." in told
    assert "2026 Q1" in told
    assert re.search(r"For ranges of at most 5 points to either side about \d+ more answers", told)
    select(test, "Theme").set_value("response").run()
    assert not test.exception
    assert "How long it takes until somebody answers the telephone or comes" in words(test)


def test_a_codebook_is_saved_in_versions(store: Store) -> None:
    test = app("codebook")
    assert "The codebook that comes with the app" in words(test)
    button(test, "Save as a new version").click().run()
    assert "Saved as version 1." in words(test)
    book = codebook_of(store, SLUG)
    assert book.version == 1
    save_codebook(store, SLUG, book, "again")
    assert "Version 2 of 2" in words(app("codebook"))


def test_what_was_taken_out_is_counted_and_nothing_is_shown_as_written_without_a_reason(store: Store) -> None:
    test = app("redaction")
    assert "1,156 open answers" in words(test)
    assert not any("as they were written" in b.label for b in test.button)


def test_comments_from_elsewhere_are_added_read_counted_and_removed(store: Store) -> None:
    test = app("comments")
    assert "No comments were added yet." in words(test)
    rows = "".join(f"Officer Dana Voss came {k} hours late to us,Harbour,2026-05-0{k % 9 + 1}\n" for k in range(40))
    upload = ("form.csv", f"comment,district,date\n{rows}".encode(), "text/csv")
    test.file_uploader[0].set_value(upload).run()
    assert select(test, "The comment is in").value == "comment"
    button(test, "Add these comments").click().run()
    assert "40 comments are added as form." in words(test)
    assert "no share of them says what residents think" in words(test)
    test.toggle[0].set_value(True).run()
    test.text_input(key="coder").set_value("Reader").run()
    assert "Officer [person 1] came" in shown(test)
    button(test, "No theme, next").click().run()
    assert not test.exception
    assert "1 of 40 answers read" in test.get("progress")[0].proto.text
    button(test, "Remove them with all readings").click().run()
    assert "No comments were added yet." in words(test)


def test_tone_by_a_list_of_words_says_what_it_is_worth(store: Store) -> None:
    pytest.importorskip("vaderSentiment", reason="the extra 'tone' is not installed")
    test = app("reading")
    test = test.segmented_control[0].set_value("Tone by a list of words").run()
    assert not test.exception
    assert "only 32\u00a0% of the critical ones critical" in words(test).replace("32 %", "32\u00a0%")
    table = test.dataframe[0].value.set_index("People heard")
    assert table.index.tolist() == ["positive", "critical", "both, or nothing said", "not read"]
    assert table.loc["positive"].tolist() == ["0", "0", "0"]
