"""How far readers agree, and quotes: what the package's parts give for a study's answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from voices import BOOK, audited, codings, written

from trustsurvey.model import Coding
from trustsurvey.voices.agreement import between_people, doubtful, with_machine
from trustsurvey.voices.answers import OpenAnswers, teach
from trustsurvey.voices.quoted import said


def twice(differ: int, read: int = 60) -> OpenAnswers:
    """Answers that two people read; they differ on "parks" in some."""
    wave, themes = written(1)
    first = codings(wave, themes, range(read))
    other = [set(one) ^ ({"parks"} if k < differ else set()) for k, one in enumerate(themes)]
    return OpenAnswers.of(wave, "why", BOOK, [*first, *codings(wave, other, range(read), "b", "second")])


def test_those_who_read_alike_agree_and_a_theme_on_which_they_do_not_is_marked() -> None:
    same = between_people([twice(0)], BOOK).set_index("code")
    assert (same.loc[["speed", "manner", "parks"], "alpha"] == 1).all()
    assert doubtful(between_people([twice(0)], BOOK)) == frozenset()
    assert doubtful(between_people([twice(25)], BOOK)) == {"parks"}


def test_from_few_answers_nothing_is_marked() -> None:
    assert doubtful(between_people([twice(15, read=15)], BOOK)) == frozenset()


def test_without_readings_agreement_is_not_defined() -> None:
    table = between_people([OpenAnswers.of(written(1)[0], "why", BOOK, [])], BOOK)
    assert table["alpha"].isna().all()


def test_the_machine_is_held_against_those_drawn_at_random() -> None:
    answers, _ = audited(2, 120)
    table = with_machine([answers], teach(BOOK, [answers]), BOOK).set_index("code")
    assert (table["texts"] == 120).all()
    assert table.loc["parks", "kappa"] > 0.8


def test_the_machine_is_held_against_people_in_each_wave() -> None:
    old, new = audited(2, 120)[0], audited(3, 90)[0]
    old, new = (replace(one, wave=replace(one.wave, name=name)) for one, name in ((old, "2023"), (new, "2024")))
    together = teach(BOOK, [old, new])
    table = with_machine([old, new], together, BOOK).set_index(["group", "code"])
    assert table.loc[[("", "parks"), ("2023", "parks"), ("2024", "parks")], "texts"].tolist() == [210, 120, 90]
    for name, one in (("2023", old), ("2024", new)):
        alone = with_machine([one], together, BOOK).set_index("code")
        assert table.loc[name]["kappa"].to_dict() == alone["kappa"].to_dict()
    both = table.loc[[("2023", "parks"), ("2024", "parks")], "both"].sum()
    assert table.loc[("", "parks"), "both"] == both


def test_quotes_mention_the_theme_and_say_nothing_of_other_people() -> None:
    wave, themes = written(3, n=500)
    long = wave.comments.assign(
        text=[f"I have to say that as far as I can tell {text}" for text in wave.comments["text"]]
    )
    wave = replace(wave, comments=long)
    read = [Coding(c.answer, c.coder, c.codes, c.queue) for c in codings(wave, themes, range(200))]
    answers = OpenAnswers.of(wave, "why", BOOK, read)
    found = said(answers, teach(BOOK, [answers]), "parks")
    assert found.typical
    place = {text: k for k, text in enumerate(answers.texts)}
    assert all("parks" in themes[place[text]] for text in found.typical)
    areas = wave.people["area"].to_numpy()[answers.rows]
    assert not any(areas[place[text]] == "east" for text in (*found.typical, *found.otherwise))
    assert not np.isin(found.typical, found.otherwise).any()
