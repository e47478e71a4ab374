"""A questionnaire from a file: what is asked, on which scale, which way round, in one index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import refusal
from files import csv_text, labelled, read_here

from trustsurvey.harmonise import harmonise, propose
from trustsurvey.harmonise.questionnaire import questionnaire_from, summary
from trustsurvey.instruments import dump_instrument, parse_instrument
from trustsurvey.scales.scoring import score

AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
HEADS = [
    "Response ID",
    "Email",
    "Do you agree? - Officers here treat people with respect",
    "Do you agree? - Officers here are rude to people",
    "Do you agree? - The police keep us safe",
    "How satisfied are you with the parks?",
    "How much do you trust the police, from 0 to 10?",
    "Age group",
    "Ward",
    "What should change?",
]


def rows(n: int = 160) -> list[list[object]]:
    random = np.random.default_rng(5)
    trust = random.normal(size=n)

    def step(sign: float, points: int) -> np.ndarray:
        made = points / 2 + sign * trust * points / 5 + random.normal(scale=points / 12, size=n)
        return np.clip(np.rint(made), 0, points - 1).astype(int)

    kind, rude, safe, all_of_it = step(1, 5), step(-1, 5), step(1, 5), step(1, 11)
    return [
        [
            f"R{k}",
            f"a{k}@example.org",
            AGREE[kind[k]],
            AGREE[rude[k]],
            AGREE[safe[k]],
            k % 5 + 1,
            all_of_it[k],
            ("18-34", "35+")[k % 2],
            k % 4 + 1,
            f"Please come sooner than {k} hours, and listen.",
        ]
        for k in range(n)
    ]


def test_questions_scales_and_direction() -> None:
    draft = questionnaire_from(read_here(csv_text([HEADS, *rows()]), "Riverton 2026.csv"))
    made = draft.instrument
    assert made.name == "riverton-2026"
    assert [item.text for item in made.items] == [
        "Officers here treat people with respect",
        "Officers here are rude to people",
        "The police keep us safe",
        "How satisfied are you with the parks?",
        "How much do you trust the police, from 0 to 10?",
        "What should change?",
    ]
    assert [item.scale.name for item in made.items] == ["agree5", "agree5", "agree5", "scale_1_5", "scale_0_10", "text"]
    assert [item.reverse for item in made.items] == [False, True, False, False, False, False]
    parts = [made.item(part).text for part in made.index("trust").parts]
    assert parts == [made.items[k].text for k in (0, 1, 2, 4)]
    (note,) = draft.notes
    assert note[0] == made.items[1].id
    assert "goes against the others (r = -" in note[1].text
    assert summary(draft).startswith("5 rated and 1 open questions; the index has 4")


def test_the_draft_is_a_file_that_reads_back_and_takes_the_survey_in() -> None:
    raw = read_here(csv_text([HEADS, *rows()]))
    draft = questionnaire_from(raw).instrument
    again = parse_instrument(dump_instrument(draft))
    assert again == draft
    mapping, _ = propose(raw, again)
    result = harmonise(raw, mapping, again, name="w")
    assert not result.problems
    assert set(result.wave.items) == {item.id for item in again.rated}
    scores = score(result.settled()).scores
    assert scores is not None
    assert scores[list(again.index("trust").parts)].corr().min(axis=None) > 0.5


def test_few_answers_leave_the_direction_to_the_words() -> None:
    draft = questionnaire_from(read_here(csv_text([HEADS, *rows(30)])))
    assert draft.instrument.items[1].reverse
    assert draft.notes[0][1].text == "turned round by its words; too few answers to tell"


def test_labelled_codes_make_the_scale_of_their_labels() -> None:
    labels = {"1": "A lot", "2": "Somewhat", "3": "Just a little", "4": "Not at all", "8": "Refused", "9": "Don't know"}
    raw = read_here(
        csv_text([["Q50A", "Q50B", "Q1"], *[[k % 4 + 1, (k * 3) % 4 + 1, k % 50 + 18] for k in range(120)]])
    )
    draft = questionnaire_from(labelled(raw, Q50A=labels, Q50B=labels)).instrument
    assert [(item.id, item.scale.name) for item in draft.items] == [("q50a", "amount_1_4"), ("q50b", "amount_1_4")]
    assert draft.items[0].scale.anchors == ((1, "Not at all"), (2, "Just a little"), (3, "Somewhat"), (4, "A lot"))


def test_names_are_unique_and_texts_readable() -> None:
    heads = ["How.safe.do.you.feel.at.night_2013", "How.safe.do.you.feel.at.night_2015", "q1", "q1 "]
    draft = questionnaire_from(read_here(csv_text([heads, *[[k % 5 + 1] * 4 for k in range(60)]]))).instrument
    assert len({item.id for item in draft.items}) == 4
    assert draft.items[0].text == "How safe do you feel at night 2013"


def test_a_file_without_rated_questions_is_refused() -> None:
    with refusal("instrument.no-questions", "survey.csv", "1 to 5"):
        questionnaire_from(
            read_here(csv_text([["a", "b"], *[[f"word {k}", f"2026-05-{k % 28 + 1:02d}"] for k in range(60)]]))
        )


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "rated", "parts"),
    [
        ("somerville/somerville_happiness_2011_2013_2015.csv", 28, 2),
        ("somerville/somerville_uci2015_143rows.csv", 7, 6),
        ("kcmo/kcmo_resident_survey_mar2022.csv", 112, 112),
        ("exports/limesurvey_rse2017_nl_code_text.csv", 40, 15),
    ],
)
def test_real_files(real_data: Path, name: str, rated: int, parts: int) -> None:
    raw = read_here((real_data / name).read_bytes(), Path(name).name)
    draft = questionnaire_from(raw).instrument
    assert len(draft.rated) >= rated
    assert len(draft.index("trust").parts) >= parts
    assert parse_instrument(dump_instrument(draft)) == draft
