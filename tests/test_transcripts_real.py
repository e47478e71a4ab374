"""Real transcripts, kept outside the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from conversations import times

from trustsurvey.transcripts.align import align
from trustsurvey.transcripts.read import read_transcript

pytestmark = pytest.mark.realdata


@pytest.fixture
def folder(real_data: Path) -> Path:
    """Where they lie."""
    folder = real_data / "transcripts"
    if not folder.is_dir():
        pytest.skip(f"there are no transcripts at {folder}")
    return folder


def test_a_council_meeting_captioned_by_people(folder: Path) -> None:
    transcript = read_transcript(folder / "huntsville_council_captions.vtt")
    assert (transcript.layout, transcript.speakers) == ("vtt", {})
    assert [notice.code for notice in transcript.notices] == ["transcript.no-speakers"]
    assert transcript.turns[0].text.startswith("Good evening council member Shane Davis")
    assert transcript.turns[0].start == 0.689
    assert transcript.turns[-1].end == 1331.03
    assert max(len(turn.text.split()) for turn in transcript.turns) <= 130
    written = (folder / transcript.source).read_text(encoding="utf-8").split("\n")
    assert all(turn.text.split()[0] in " ".join(written[turn.line - 1 : turn.line + 8]) for turn in transcript.turns)


def test_the_same_meeting_written_down_by_a_machine(folder: Path) -> None:
    transcript = read_transcript(folder / "huntsville_council_whisper.srt")
    assert (transcript.layout, transcript.speakers) == ("srt", {})
    assert times(transcript)[0][0] == 0.0
    assert transcript.turns[-1].end == 1332.82
    words = sum(len(turn.text.split()) for turn in transcript.turns)
    assert 3_500 < words < 4_000


def test_bracketed_ids(folder: Path) -> None:
    transcript = read_transcript(folder / "qualcoder_bracket_ids.txt")
    assert transcript.layout == "bracketed"
    assert transcript.speakers == {"id1": 3, "id2": 2, "id3": 2}
    assert [turn.line for turn in transcript.turns] == [1, 3, 5, 7, 9, 11, 13]


def test_tags_within_cues(folder: Path) -> None:
    transcript = read_transcript(folder / "webvtt_py_cue_tags.vtt")
    assert [turn.text for turn in transcript.turns] == [
        "When the moon hits your eye Like a big-a pizza pie That's amore"
    ]
    assert times(transcript) == [(16.5, 21.5)]


def test_saved_from_zoom(folder: Path) -> None:
    transcript = read_transcript(folder / "zoom_saved_transcript.txt")
    assert (transcript.layout, transcript.clock) == ("zoom", True)
    assert transcript.speakers == {"Johnny Doe": 4, "Janet Dough": 4}
    assert transcript.turns[0].start == 11 * 3600 + 2 * 60 + 9


def test_two_transcriptions_of_one_meeting_line_up(folder: Path) -> None:
    captions = read_transcript(folder / "huntsville_council_captions.vtt")
    whisper = read_transcript(folder / "huntsville_council_whisper.srt")
    lined = align(captions, whisper)
    assert lined.offset == pytest.approx(-0.5, abs=0.5)
    assert lined.likeness > 0.9
    assert all(pair.second and pair.shared > 0.7 for pair in lined.pairs)
    for pair in lined.pairs:
        turn = captions.turns[pair.first]
        for number in pair.second:
            other = whisper.turns[number]
            assert turn.start - 3 <= other.end
            assert other.start <= turn.end + 3
    back = align(whisper, captions)
    assert back.offset == pytest.approx(0.5, abs=0.5)
    assert all(pair.second for pair in back.pairs)
