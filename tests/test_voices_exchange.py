"""Readings go to other programs and come back the same."""

from __future__ import annotations

from dataclasses import replace

from builders import refusal
from voices import BOOK, codings, written

from trustsurvey.export.workbook import csv_bytes
from trustsurvey.model import Coding, Wave
from trustsurvey.voices.exchange import as_qdpx, as_table, taken

READ = 40


def read_wave() -> tuple[Wave, list[Coding]]:
    wave, themes = written(1)
    return wave, codings(wave, themes, range(READ), coder="Ann O.")


def test_a_project_comes_back_with_the_same_codes_tones_and_coders() -> None:
    wave, made = read_wave()
    back = taken(as_qdpx(wave, BOOK, made, "Town"), "p.qdpx", wave, BOOK)
    # A reading that found nothing has no place in the form; what comes from elsewhere teaches the machine.
    assert {c.answer: (c.coder, set(c.codes)) for c in back} == {
        c.answer: (c.coder, set(c.codes)) for c in made if c.codes
    }
    assert {c.queue for c in back} == {"training"}


def test_a_project_is_the_same_twice_and_holds_redacted_words_alone() -> None:
    wave, made = read_wave()
    wave = replace(wave, comments=wave.comments.assign(unredacted="Pat Voss"))
    one = as_qdpx(wave, BOOK, made, "Town")
    assert one == as_qdpx(wave, BOOK, made, "Town")
    assert b"Voss" not in one


def test_a_table_comes_back_whole() -> None:
    wave, made = read_wave()
    table = as_table(wave, made)
    assert set(table["text"]) <= set(wave.comments["text"])
    assert taken(csv_bytes(table), "r.csv", wave, BOOK) == tuple(made)


def test_codes_that_another_program_renamed_are_found_by_their_titles() -> None:
    wave, made = read_wave()
    other = replace(BOOK, codes=tuple(
        replace(code, key=f"x{code.key}", parent=f"x{code.parent}" if code.parent else "") for code in BOOK.codes
    ))  # fmt: skip
    theirs = [replace(c, codes=tuple((f"x{key}", tone) for key, tone in c.codes)) for c in made]
    back = taken(as_qdpx(wave, other, theirs, "Town"), "p.qdpx", wave, BOOK)
    assert {c.answer: set(c.codes) for c in back} == {c.answer: set(c.codes) for c in made if c.codes}


def test_readings_of_other_answers_are_refused() -> None:
    wave, made = read_wave()
    stranger, _ = written(2, name="other")
    with refusal("codings.strangers"):
        taken(as_qdpx(wave, BOOK, made, "Town"), "p.qdpx", stranger, BOOK)
    with refusal("codings.answer"):
        taken(csv_bytes(as_table(wave, made)), "r.csv", stranger, BOOK)
