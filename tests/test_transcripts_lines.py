"""Texts in which every turn has a head: each layout, and what stands before, between and behind the turns."""

from __future__ import annotations

import pytest
from conversations import read_here, said, times


def test_zoom_saved_text_has_times_of_the_day() -> None:
    text = "[Anna Lee] 23:59:50\nGood evening.\n\n[Anna Lee] 23:59:55\nWe begin: now.\n\n[ben] 00:00:04\nHello.\n"
    transcript = read_here(text)
    assert (transcript.layout, transcript.clock) == ("zoom", True)
    assert said(transcript) == [("Anna Lee", "Good evening. We begin: now."), ("ben", "Hello.")]
    assert times(transcript) == [(86390.0, None), (86404.0, None)]
    assert [turn.line for turn in transcript.turns] == [1, 7]


OTTER = """Anna Lee  0:00  
Good evening, everyone.

Unknown Speaker  0:05  
We met at 10:30.

Ben  1:02:03  
Is this on?
It is.

Transcribed by https://otter.ai
"""


def test_otter() -> None:
    transcript = read_here(OTTER)
    assert transcript.layout == "otter"
    assert said(transcript) == [
        ("Anna Lee", "Good evening, everyone."), ("Unknown Speaker", "We met at 10:30."), ("Ben", "Is this on? It is."),
    ]  # fmt: skip
    assert times(transcript) == [(0.0, None), (5.0, None), (3723.0, None)]


def test_otter_without_speakers() -> None:
    transcript = read_here(
        "0:00  \nGood evening.\n\n0:15  \nWe begin.\n\n0:21\nThanks.\n\nTranscribed by https://otter.ai"
    )
    assert transcript.layout == "times"
    assert said(transcript) == [("", "Good evening. We begin. Thanks.")]


def test_teams_text_below_its_heading() -> None:
    text = """Community meeting-20260504_180000-Meeting Transcript
4 May 2026, 06:00pm
27m 42s

Anna Lee started transcription

Anna Lee   0:03
Good evening.

Ben O'Neil   0:09
Hello.

Anna Lee   0:12
Welcome.

Anna Lee stopped transcription
"""
    transcript = read_here(text)
    assert transcript.layout == "teams"
    assert said(transcript) == [("Anna Lee", "Good evening."), ("Ben O'Neil", "Hello."), ("Anna Lee", "Welcome.")]
    assert times(transcript)[1] == (9.0, None)
    assert [notice.code for notice in transcript.notices] == ["transcript.before"]
    assert "4 lines" in transcript.notices[0].text


@pytest.mark.parametrize("text", [
    "Anna Lee (00:00):\nGood evening.\n\n(00:07):\nWe begin.\n\nBen (00:12):\nHello.\n",
    "Anna Lee (00:00:00): Good evening.\nAnna Lee (00:00:07): We begin.\nBen (00:00:12): Hello.\n",
    "[Anna Lee] (00:00)\nGood evening. We begin.\n\n[Ben] (00:12)\nHello.\n",
    "Anna Lee: [00:00:00] Good evening. We begin.\n\nBen: [00:00:12] Hello.\n",
    "**Anna Lee (00:00):** Good evening. We begin.\n\n**Ben (00:12):** Hello.\n",
    "### Anna Lee (00:00 - 00:10)\nGood evening. We begin.\n\n### Ben (00:12 - 00:15)\nHello.\n",
])  # fmt: skip
def test_rev_and_its_like(text: str) -> None:
    transcript = read_here(text)
    assert transcript.layout == "rev"
    assert said(transcript) == [("Anna Lee", "Good evening. We begin."), ("Ben", "Hello.")]
    assert [turn.start for turn in transcript.turns] == [0.0, 12.0]


@pytest.mark.parametrize("text", [
    "[00:00:01] Anna Lee: Good evening.\n[00:00:12] Ben: Hello.\n[00:00:15] Anna Lee: Yes.\n",
    "(00:01) Anna Lee: Good evening.\n\n(00:12) Ben: Hello.\n\n(00:15) Anna Lee: Yes.\n",
    "00:00:01 Anna Lee: Good\nevening.\n00:00:12 Ben: Hello.\n00:00:15 Anna Lee: Yes.\n",
    "[00:00:01.000 --> 00:00:04.000]  Anna Lee: Good evening.\n[00:00:12.000 --> 00:00:14.000]  Ben: Hello.\n"
    "[00:00:15.000 --> 00:00:16.000]  Anna Lee: Yes.\n",
])  # fmt: skip
def test_times_before_names(text: str) -> None:
    transcript = read_here(text)
    assert transcript.layout == "stamped"
    assert said(transcript) == [("Anna Lee", "Good evening."), ("Ben", "Hello."), ("Anna Lee", "Yes.")]
    assert [turn.start for turn in transcript.turns] == [1.0, 12.0, 15.0]


@pytest.mark.parametrize("text", [
    "Anna Lee\n00:01\nGood evening.\nBen\n00:12\nHello.\nAnna Lee\n00:15\nYes.\n",
    "00:01\nAnna Lee\nGood evening.\n\n00:12\nBen\nHello.\n\n00:15\nAnna Lee\nYes.\n",
])  # fmt: skip
def test_names_and_times_in_lines_of_their_own(text: str) -> None:
    transcript = read_here(text)
    assert transcript.layout == "stacked"
    assert said(transcript) == [("Anna Lee", "Good evening."), ("Ben", "Hello."), ("Anna Lee", "Yes.")]
    assert [turn.start for turn in transcript.turns] == [1.0, 12.0, 15.0]
    assert transcript.turns[0].line == 1


MEET = """May 4, 2026
Community meeting - Transcript
00:00:00

Anna Lee: Good evening.
edwin: Hello.
Anna Lee: Let's begin: who are you?

00:05:10

edwin: I am Edwin.
Anna Lee's Presentation: this is the map.


Transcription ended after 00:07:17

This editable transcript was computer generated and might contain errors. People can also change the text after it.
"""


@pytest.mark.parametrize("text", [MEET, MEET.replace("00:0", "### 00:0"), "Attendees\nAnna Lee, edwin\n" + MEET])
def test_google_meet(text: str) -> None:
    transcript = read_here(text)
    assert transcript.layout == "meet"
    assert said(transcript) == [
        ("Anna Lee", "Good evening."), ("edwin", "Hello."), ("Anna Lee", "Let's begin: who are you?"),
        ("edwin", "I am Edwin."), ("Anna Lee's Presentation", "this is the map."),
    ]  # fmt: skip
    assert [turn.start for turn in transcript.turns] == [0.0, None, None, 310.0, None]


def test_captions_with_marks() -> None:
    text = ">> GOOD EVENING.\nWE BEGIN.\n>> CHIEF ALVAREZ: THANK YOU.\n>> WHO ELSE? >> NOBODY.\n"
    transcript = read_here(text)
    assert transcript.layout == "captions"
    assert said(transcript) == [
        ("", "GOOD EVENING. WE BEGIN."), ("CHIEF ALVAREZ", "THANK YOU."), ("", "WHO ELSE?"), ("", "NOBODY."),
    ]  # fmt: skip
    assert [notice.code for notice in transcript.notices] == ["transcript.some-unnamed"]


COURT = """
 1                 PROCEEDINGS
 2            THE COURT:  Be seated.
 3                 DIRECT EXAMINATION
 4   BY MR. SMITH:
 5        Q.   Where do you live?
 6        A.   On Main
 7   Street.
 8        Q    Since when?
 9        A    1984.
10            MS. JONES:  Objection: asked before.
11                 CROSS-EXAMINATION
12   BY MS. JONES:
13        Q.   Are you sure?
14        A.   Yes.
                          7
"""


def test_court_with_numbered_lines() -> None:
    transcript = read_here(COURT)
    assert transcript.layout == "court"
    assert said(transcript) == [
        ("THE COURT", "Be seated. DIRECT EXAMINATION"), ("MR. SMITH", "Where do you live?"), ("A", "On Main Street."),
        ("MR. SMITH", "Since when?"), ("A", "1984."),
        ("MS. JONES", "Objection: asked before. CROSS-EXAMINATION Are you sure?"), ("A", "Yes."),
    ]  # fmt: skip
    assert transcript.turns[1].line == 6


@pytest.mark.parametrize("text", [
    "Q. Where?\nA. Here.\n\nQ. When?\nA. Now.\n", "Q: Where?\nA: Here.\nQ: When?\nA: Now.\n",
    "QUESTION: Where?\nANSWER: Here.\nQUESTION: When?\nANSWER: Now.\n", "Q\tWhere?\nA\tHere.\nQ\tWhen?\nA\tNow.\n",
])  # fmt: skip
def test_questions_and_answers(text: str) -> None:
    assert said(text) == [("Q", "Where?"), ("A", "Here."), ("Q", "When?"), ("A", "Now.")]


def test_bracketed_names_and_sounds() -> None:
    text = "[id1] hello\n\n[id2] yes\ngo on\n[laughs] so\n\n[SPEAKER_03]: Hm.\n"
    transcript = read_here(text)
    assert transcript.layout == "bracketed"
    assert said(transcript) == [("id1", "hello"), ("id2", "yes go on [laughs] so"), ("SPEAKER_03", "Hm.")]


@pytest.mark.parametrize("text", [
    "Anna Lee: Good evening,\nall of you.\nBen: Hello.\nAnna Lee: Yes.\n",
    "Anna Lee: Good evening, all of you.\n\nBen: Hello.\n\nAnna Lee: Yes.\n",
    "**Anna Lee:** Good evening, all of you.\n\n**Ben:** Hello.\n\n**Anna Lee:** Yes.\n",
    "**Anna Lee**: Good evening, all of you.\n**Ben**: Hello.\n**Anna Lee**: Yes.\n",
    "- **Anna Lee:** Good evening, all of you.\n- **Ben:** Hello.\n- **Anna Lee:** Yes.\n",
    "Anna Lee:\nGood evening, all of you.\n\nBen:\nHello.\n\nAnna Lee:\nYes.\n",
    "Anna Lee:\tGood evening, all of you.\nBen:\tHello.\nAnna Lee:\tYes.\n",
    "Focus group 3\nDate: 4 May 2026\nModerators: two\n\n"
    "Anna Lee: Good evening, all of you.\nBen: Hello.\nAnna Lee: Yes.",
])  # fmt: skip
def test_names_with_a_colon(text: str) -> None:
    transcript = read_here(text)
    assert transcript.layout == "named"
    assert said(transcript) == [("Anna Lee", "Good evening, all of you."), ("Ben", "Hello."), ("Anna Lee", "Yes.")]


def test_a_time_above_a_turn_is_its_time() -> None:
    transcript = read_here(
        "[00:01:00]\nAnna: Hello.\nBen: Hi.\n[00:02:00]\nAnna: So.\nBen: Yes.\nBen: No.\nAnna: Why?\n"
    )
    assert [(turn.speaker, turn.start) for turn in transcript.turns] == [
        ("Anna", 60.0), ("Ben", None), ("Anna", 120.0), ("Ben", None), ("Anna", None),
    ]  # fmt: skip


def test_paragraphs_where_nobody_is_named() -> None:
    transcript = read_here("We walk home\nat night.\n\nNobody is there.\n")
    assert transcript.layout == "unnamed"
    assert said(transcript) == [("", "We walk home at night."), ("", "Nobody is there.")]
    assert [turn.line for turn in transcript.turns] == [1, 4]
    assert [notice.code for notice in transcript.notices] == ["transcript.no-speakers"]


def test_a_long_paragraph_is_cut_into_sentences() -> None:
    text = " ".join(f"This is sentence {k} of Mr. Lee's." for k in range(60))
    turns = read_here(text).turns
    assert len(turns) > 5
    assert all(turn.text.endswith("Lee's.") for turn in turns)
    assert " ".join(turn.text for turn in turns) == text
