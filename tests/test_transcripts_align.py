"""Two transcriptions of one conversation, lined up."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from builders import refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.model.transcript import Transcript, Turn
from trustsurvey.transcripts.align import align


def transcript(turns: list[Turn]) -> Transcript:
    return Transcript("meeting", "vtt", tuple(turns))


def conversation(seed: int, turns: int = 12, words: int = 30) -> list[Turn]:
    """Turns of words drawn from a few hundred, two seconds a word."""
    draw = random.Random(seed)
    told, now = [], 5.0
    for _ in range(turns):
        said = [f"word{draw.randrange(400)}" for _ in range(words)]
        told.append(Turn(" ".join(said), "", now, now + 2 * words))
        now += 2 * words + 1
    return told


def test_a_transcript_beside_itself() -> None:
    one = transcript(conversation(1))
    lined = align(one, one)
    assert (lined.offset, lined.likeness) == (0.0, 1.0)
    assert [(pair.first, pair.second, pair.shared) for pair in lined.pairs] == [(k, (k,), 1.0) for k in range(12)]


@settings(max_examples=25)
@given(st.integers(0, 1000), st.floats(-500, 500), st.floats(0, 0.3))
def test_other_words_other_turns_and_a_later_beginning(seed: int, later: float, wrong: float) -> None:
    """Words are changed and left out, two turns each become one, times are moved."""
    turns = conversation(seed)
    draw = random.Random(seed)
    merged = []
    for first, second in zip(turns[::2], turns[1::2], strict=True):
        said = [word for word in f"{first.text} {second.text}".split() if draw.random() > wrong / 2]
        said = [f"other{draw.randrange(400)}" if draw.random() < wrong / 2 else word for word in said]
        merged.append(Turn(" ".join(said), "", first.start + 600 + later, second.end + 600 + later))
    lined = align(transcript(turns), transcript(merged))
    assert lined.offset == pytest.approx(600 + later, abs=20)
    assert [pair.second for pair in lined.pairs] == [(k // 2,) for k in range(12)]
    assert lined.likeness > 0.99 - 2 * wrong


def test_what_only_one_of_them_has_stands_alone() -> None:
    turns = conversation(3)
    lined = align(transcript(turns), transcript(turns[:4] + turns[6:]))
    assert [pair.second for pair in lined.pairs] == [(0,), (1,), (2,), (3,), (), (), *((k,) for k in range(4, 10))]
    assert lined.beside(7) == (5,)


def test_words_alone_where_there_are_no_times() -> None:
    turns = [replace(turn, start=None, end=None) for turn in conversation(4)]
    lined = align(transcript(turns), transcript(conversation(4)))
    assert lined.offset is None
    assert [pair.second for pair in lined.pairs] == [(k,) for k in range(12)]


def test_a_few_words_without_a_run_that_ties_them() -> None:
    lined = align(transcript([Turn("Yes we do.")]), transcript([Turn("Yes, WE do")]))
    assert (lined.pairs[0].second, lined.likeness) == ((0,), 1.0)


def test_two_conversations_are_refused() -> None:
    other = [Turn(turn.text.replace("word", "else"), "", turn.start, turn.end) for turn in conversation(1)]
    with refusal("transcript.unlike", "meeting"):
        align(transcript(conversation(1)), transcript(other))


def test_ten_hours_take_seconds() -> None:
    turns = conversation(5, 3_300)
    began = time.process_time()
    assert align(transcript(turns), transcript(turns[:1_000] + turns[1_010:])).likeness > 0.99
    assert time.process_time() - began < 20
    # Nothing in it stands once, and it is too long to be compared word by word.
    alike = transcript([Turn("and so on " * 30_000)])
    with refusal("transcript.unlike"):
        align(alike, alike)
