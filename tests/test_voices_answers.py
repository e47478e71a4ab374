"""Answers as they were read, and the machine that learns from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from builders import refusal
from voices import BOOK, audited, codings, written

from trustsurvey.voices.answers import OpenAnswers, gathered, open_questions, teach


def test_a_code_is_pointed_to_by_the_words_of_those_below_it() -> None:
    assert gathered(BOOK).code("police").keywords == ("slow*", "late", "rude*", "polite")
    assert gathered(BOOK).code("speed").keywords == BOOK.code("speed").keywords


def test_every_resident_has_a_row_and_only_those_drawn_at_random_a_truth() -> None:
    answers, themes = audited(1, 90)
    extra = codings(answers.wave, themes, answers.audit.waiting[-20:].tolist(), queue="training")
    answers = OpenAnswers.of(answers.wave, "why", BOOK, [*codings_of(answers), *extra])
    machine = teach(BOOK, [answers])
    coded = answers.coded(machine)
    silent = np.setdiff1d(np.arange(len(answers.wave)), answers.rows)
    assert np.isnan(coded.predicted[silent]).all()
    assert int(coded.audited.sum()) == 90
    assert int(np.isfinite(answers.labels).all(axis=1).sum()) == 110
    for place, row in enumerate(answers.rows):
        if coded.audited[row]:
            below = [key in themes[place] for key in ("speed", "manner", "parks")]
            assert coded.truth[row].tolist() == [below[0] or below[1], *below]
            assert coded.chance[row] == np.mean(
                answers.audit.audited[answers.audit.strata == answers.audit.strata[place]]
            )


def codings_of(answers: OpenAnswers):  # type: ignore[no-untyped-def]
    return list(answers.readings.counts().values())


def test_what_the_machine_says_of_an_answer_that_was_read_was_learnt_without_it() -> None:
    """One answer that lies: its own reading says what no other does, so that a fit with it would believe it."""
    wave, themes = written(2)
    lie = next(k for k, told in enumerate(themes) if told == {"parks"})
    themes[lie] = {"speed"}
    answers = OpenAnswers.of(wave, "why", BOOK, codings(wave, themes, range(150)) + codings(wave, themes, [lie]))
    machine = teach(BOOK, [answers])
    said = dict(zip(BOOK.keys, machine.predict(answers.keys, answers.texts)[lie], strict=True))
    assert said["parks"] > 0.5 > said["speed"]
    unread = [k for k in range(len(answers.keys)) if answers.keys[k] not in machine.fitted]
    assert np.allclose(machine.predict(answers.keys, answers.texts)[unread],
                       machine.classifier.probabilities([answers.texts[k] for k in unread]))  # fmt: skip


def test_the_machine_learns_from_all_waves_at_once() -> None:
    one, two = audited(3, 40)[0], audited(4, 60, name="w2")[0]
    assert len(teach(BOOK, [one, two]).fitted) == 100


def test_without_a_reading_the_keywords_alone_say_something() -> None:
    answers = OpenAnswers.of(written(5)[0], "why", BOOK, [])
    machine = teach(BOOK, [answers])
    assert machine.predict(answers.keys, answers.texts).shape == (len(answers.keys), 4)
    assert len(answers.to_teach(machine)) == len(answers.keys)


def test_a_tone_is_known_of_the_audit_alone() -> None:
    answers, _ = audited(6, 80)
    coded = answers.coded(teach(BOOK, [answers]), stances=True)
    assert coded.codes[4:8] == tuple(f"{key}: positive" for key in BOOK.keys)
    negative = [coded.codes.index(f"{key}: negative") for key in BOOK.keys]
    assert np.array_equal(coded.truth[coded.audited][:, negative], coded.truth[coded.audited][:, :4])
    assert np.nanmax(coded.predicted[:, 4:]) == 0


def test_answers_that_may_hold_names_are_not_read() -> None:
    wave, _ = written(7)
    with refusal("voices.unredacted"):
        OpenAnswers.of(replace(wave, comments=wave.comments[["row", "item", "text"]]), "why", BOOK, [])
    with refusal("voices.item"):
        OpenAnswers.of(wave, "how", BOOK, [])
    with refusal("voices.item"):
        OpenAnswers.of(replace(wave, comments=pd.DataFrame()), "why", BOOK, [])


def test_open_questions_are_counted_in_their_order() -> None:
    comments = pd.DataFrame({"row": [0, 1, 0], "item": ["b", "b", "a"], "text": "x"})
    assert open_questions(replace(written(8)[0], comments=comments)) == {"b": 2, "a": 1}
    assert open_questions(replace(written(8)[0], comments=pd.DataFrame())) == {}
