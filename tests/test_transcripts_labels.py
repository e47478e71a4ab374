"""Which words before a colon name a speaker."""

from __future__ import annotations

import pytest
from conversations import said

from trustsurvey.transcripts.labels import candidate, like_a_name, shouted, speakers

NAMES = (
    "Chief Alvarez", "JANE DOE", "Speaker 2", "P1", "MOD", "Interviewer", "moderator", "SPEAKER_03", "Participant 12",
    "O'Brien", "Maria de la Cruz", "Jean-Luc Picard", "Dr. Okafor", "J. R. Smith", "Doe, Jane", "Jane Doe (Moderator)",
    "José Núñez", "Łukasz Żak", "Zoë", "Иван Петров", "Ελένη", "R2", "Resident 4", "INT", "The Court", "THE WITNESS",
    "Unidentified Speaker", "van der Berg", "Moderator/Interpreter", "Officer P. Reyes", "All", "Dos Santos",
)  # fmt: skip
OTHERS = (
    "Note", "NOTE", "Question 1", "Q3", "Question", "Let's start", "let's start", "One thing", "One Thing", "Agenda",
    "Date", "My point", "The problem", "The thing is", "Here's what I think", "It's", "I'm", "So", "Item 4",
    "Bottom Line", "We met on Main Street and then", "What I said was, basically", "Don't", "Topic 2",
    "Long story short", "PS", "Is it true? Yes", "he told me", "Part 2", "https",
)  # fmt: skip


@pytest.mark.parametrize("label", NAMES)
def test_names_and_parts_look_like_names(label: str) -> None:
    assert like_a_name(label)


@pytest.mark.parametrize("label", OTHERS)
def test_headings_and_openings_do_not(label: str) -> None:
    assert not like_a_name(label)


@pytest.mark.parametrize("line", [
    "10:30 Meeting: we begin", "https://example.org is the page", "see: https://example.org"[5:], "12:30", ": and so",
    "no colon here", "1. First: this", "«Bonjour»: dit-il", "He asked \"why\": nobody knew", "x" * 70 + ": long",
])  # fmt: skip
def test_times_links_and_clauses_are_no_candidates(line: str) -> None:
    assert candidate(line) is None


def test_what_follows_a_label() -> None:
    assert candidate("  Anna  Lee :  Good evening: all ") == ("Anna Lee", "Good evening: all", False)
    assert candidate("Anna:Yes") == ("Anna", "Yes", True)
    assert candidate("王芳：大家好") == ("王芳", "大家好", False)
    assert candidate("MOD:") == ("MOD", "", False)


def found(*lines: str, shout: bool = False, of: int = 0) -> set[str]:
    labels = [label for line in lines if (label := candidate(line)) is not None]
    return set(speakers(labels, of or len(lines), shout=shout))


def test_one_speaker_who_recurs_vouches_for_those_heard_once() -> None:
    assert found("Anna: a", "Ben: b", "Anna: c", "go on", "Chief Alvarez: d") == {"Anna", "Ben", "Chief Alvarez"}


def test_a_single_label_in_a_long_text_names_nobody() -> None:
    assert not found("Anna: a", of=10)
    assert not found("Park: a", "Park: b", of=200)
    assert found("Anna: a", "Ben: b") == {"Anna", "Ben"}


def test_small_letters_and_other_scripts_must_recur() -> None:
    assert found("edwin: a", "Ben: b", "edwin: c", "Ben: d", "honest truth: e") == {"edwin", "Ben"}
    assert found("Ben: a", "Ben: b", "the point is: c", "the point is: d", "the point is: e") == {"Ben"}
    assert found("王芳：一", "李明：二", "王芳：三", "李明：四", "注意：五") == {"王芳", "李明"}
    assert found("Ben: a", "Ben: b", "x", "y", "我想说：c") == {"Ben"}


def test_where_everything_is_in_capitals_a_label_must_recur() -> None:
    lines = ("MAYOR REYES: GOOD EVENING.", "THANK YOU ALL.", "MAYOR REYES: WE BEGIN.", "LINCOLN PARK: THAT IS WHERE.")
    assert shouted(lines)
    assert found(*lines, shout=True) == {"MAYOR REYES"}
    assert not shouted(["Good evening."])


def test_a_label_written_without_a_blank_must_recur() -> None:
    assert found("Anna:Yes", "Ben: b", "Anna:No", "Ben: c", "Re:Zero") == {"Anna", "Ben"}


def test_hard_cases_in_a_text() -> None:
    text = """Moderator: Welcome. let's start: how safe is it here?
P1: One thing: I walk home at 10:30 and nobody is there.
Chief Alvarez: Note: we have a page, https://example.org/a: read it.
10:30 Meeting: that is what the poster said.
P1: Thanks.
"""
    assert said(text) == [
        ("Moderator", "Welcome. let's start: how safe is it here?"),
        ("P1", "One thing: I walk home at 10:30 and nobody is there."),
        (
            "Chief Alvarez",
            "Note: we have a page, https://example.org/a: read it. 10:30 Meeting: that is what the poster said.",
        ),
        ("P1", "Thanks."),
    ]


def test_a_wrapped_line_that_looks_like_a_label_goes_on() -> None:
    text = """MOD: Where do you feel safe, and where
do you not feel safe?

ANNA: I never go to Lincoln
Park: it is dark there.
Note: I did once.

MOD: Thank you.

ANNA: Yes.
"""
    assert said(text)[1] == ("ANNA", "I never go to Lincoln Park: it is dark there. Note: I did once.")
    assert len(said(text)) == 4


def test_a_numbered_question_is_nobodys() -> None:
    text = "Anna: We know them.\n\nQuestion 2: What would you change?\n\nBen: The lights.\n\nAnna: The hours.\n"
    assert said(text) == [
        ("Anna", "We know them."), ("", "Question 2: What would you change?"), ("Ben", "The lights."),
        ("Anna", "The hours."),
    ]  # fmt: skip
