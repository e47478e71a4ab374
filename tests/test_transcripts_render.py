"""What is written reads as the same turns again."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace

import pytest
from builders import refusal
from conversations import FOLDER, read_here, without_lines
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.model.transcript import Transcript, Turn
from trustsurvey.transcripts.layouts import LAYOUTS
from trustsurvey.transcripts.page import one_line
from trustsurvey.transcripts.read import read_transcript
from trustsurvey.transcripts.render import WRITERS, held, render

NAMES = ("Anna Lee", "Ben", "Chief Example", "José Niño", "P1", "SPEAKER_02", "Moderator", "Иван", "O'Neil, Ben")
WORDS = (
    "yes", "we", "walk", "home", "at night.", "No?", "10:30", "https://example.org/a", "so:", "(laughs)", "[sic]", "-",
    "–", "R&D", "<3", "5 > 4", "&lt;", "“quoted”", "Mr. Lee",
    "naïve", "安全", "😀", "it's", "{a}", '"b"', "a,b;c|d", "*so*", "1984",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(lambda words: "Well " + " ".join(words))
#: A few words and a time, in a line of their own: how a turn begins in some layouts.
HEAD = re.compile(r"Well( \S+){0,2} 10:30")


@st.composite
def conversations(draw: st.DrawFn, names: tuple[str, ...], times: str, whole: bool = False) -> tuple[Turn, ...]:
    """Turns of speakers who take turns, each of whom speaks twice or more."""
    speakers = draw(st.lists(st.sampled_from(names), min_size=2, max_size=min(4, len(names)), unique=True))
    order = draw(st.lists(st.sampled_from(speakers), max_size=8)) + 2 * speakers
    turns: list[Turn] = []
    now = draw(st.integers(0, 3_000_000))
    for name in order:
        if turns and turns[-1].speaker == name:
            continue
        end = now + draw(st.integers(0, 90_000))
        start = now // 1000 * 1.0 if whole else now / 1000
        turns.append(
            Turn(draw(texts), name, start if times != "none" else None, end / 1000 if times == "both" else None)
        )
        now = end + draw(st.integers(0, 9_000))
    return tuple(turns)


def again(turns: tuple[Turn, ...], layout: str) -> Transcript:
    content = render(Transcript("meeting", "", turns), layout)
    transcript = read_here(content)
    assert transcript.layout == layout
    return transcript


READ = [key for key, writer in WRITERS.items() if key not in ("court", "unnamed", "table")]


@pytest.mark.parametrize("layout", READ)
@settings(max_examples=40)
@given(data=st.data())
def test_what_is_written_is_read_as_it_was(layout: str, data: st.DataObject) -> None:
    times = WRITERS[layout].times
    turns = data.draw(conversations(NAMES, times, whole=times == "starts"))
    refused = None
    try:
        assert without_lines(again(turns, layout).turns) == without_lines(turns)
    except SurveyError as error:
        refused = error.code
    # Nothing is refused but where it must be.
    assert refused in (None, "transcript.cannot-write")
    assert refused is None or any(HEAD.fullmatch(turn.text) for turn in turns)
    assert held(turns, layout) == list(turns)


def test_what_somebody_says_that_looks_like_the_beginning_of_a_turn_is_not_written() -> None:
    turns = (Turn("Well 10:30", "Anna Lee", 0.0, 2.0), Turn("Well yes", "Ben", 2.0, 4.0))
    with refusal("transcript.cannot-write", "'teams'", "'vtt'"):
        render(Transcript("meeting", "", turns * 2), "teams")
    assert without_lines(again(turns * 2, "vtt").turns) == without_lines(held(turns * 2, "vtt"))


@settings(max_examples=40)
@given(
    conversations(("Q", "A", "THE COURT", "MR. SAMPLE"), "none").filter(
        lambda turns: {"Q", "A"} <= {t.speaker for t in turns}
    )
)
def test_court(turns: tuple[Turn, ...]) -> None:
    assert without_lines(again(turns, "court").turns) == without_lines(turns)


@settings(max_examples=40)
@given(st.lists(texts, min_size=1, max_size=8))
def test_paragraphs_of_nobody(said: list[str]) -> None:
    turns = tuple(Turn(text) for text in said)
    assert without_lines(again(turns, "unnamed").turns) == without_lines(turns)


@settings(max_examples=3)
@given(conversations((*NAMES, ""), "both"))
def test_tables_by_the_guarded_reader(turns: tuple[Turn, ...]) -> None:
    assert without_lines(again(turns, "table").turns) == without_lines(turns)


@pytest.mark.parametrize("layout", ["vtt", "srt", "segments", "captions"])
@settings(max_examples=40)
@given(data=st.data())
def test_speakers_whom_nobody_names(layout: str, data: st.DataObject) -> None:
    turns = data.draw(conversations((*NAMES[:4], ""), WRITERS[layout].times))
    nameless = tuple(replace(turn, speaker="") for turn in turns)
    for told in (turns, nameless):
        assert without_lines(again(told, layout).turns) == without_lines(told)


@pytest.mark.parametrize("layout", [key for key in WRITERS if key != "table"])
@settings(max_examples=50)
@given(data=st.data())
def test_any_turns_come_back_or_are_refused(layout: str, data: st.DataObject) -> None:
    line = st.text(max_size=30).map(one_line)
    turn = st.builds(Turn, line.filter(bool), line, st.none() | st.floats(0, 1e5), st.none() | st.floats(0, 1e5))
    turns = tuple(data.draw(st.lists(turn, min_size=1, max_size=5)))
    with contextlib.suppress(SurveyError):
        content = render(Transcript("meeting", "", turns), layout)
        assert without_lines(read_here(content).turns) == without_lines(tuple(held(turns, layout)))


@pytest.mark.parametrize("layout", WRITERS)
def test_the_written_meeting_in_every_layout(layout: str) -> None:
    transcript = read_transcript(FOLDER / "zoom.vtt")
    if layout in ("unnamed", "court"):
        with refusal("transcript.cannot-write", "zoom.vtt"):
            render(transcript, layout)
        return
    assert without_lines(read_here(render(transcript, layout)).turns) == without_lines(held(transcript.turns, layout))


def test_a_file_in_the_other_form_of_cues_has_the_same_turns() -> None:
    for name in ("teams.vtt", "whisperx.vtt", "zoom.vtt", "captions.vtt"):
        one = read_transcript(FOLDER / name)
        assert without_lines(read_here(render(one, "srt")).turns) == without_lines(one.turns)


def test_what_cannot_be_written_is_refused() -> None:
    turns = (Turn("Yes", "Anna"), Turn("No", "Ben"))
    with refusal("transcript.no-times"):
        render(Transcript("meeting", "", turns), "vtt")
    with refusal("transcript.layout", "otter"):
        render(Transcript("meeting", "", turns), "word")
    with refusal("transcript.cannot-write"):
        render(Transcript("meeting", "", (Turn("Yes", "Note"), Turn("No", "so it is"))), "named")


def test_layouts_are_known_ones() -> None:
    assert set(WRITERS) <= {layout.key for layout in LAYOUTS}
    assert {layout.key for layout in LAYOUTS} - set(WRITERS) == {"times"}
