"""One conversation in every layout (tests/transcripts): the same turns, whatever the file ends with."""

from __future__ import annotations

from pathlib import Path

import pytest
from conversations import FOLDER, read_here, said, times, without_lines

from trustsurvey.transcripts.layouts import LAYOUTS
from trustsurvey.transcripts.read import read_transcript

SAID = [
    ("Moderator", "Good evening and welcome. Let's begin: how safe do you feel on your street?"),
    ("Ana Muster", "One thing: I walk home at 10:30 and the lights are out."),
    ("Ben Sample", "Same here. It's dark by the school."),
    ("Chief Example", "We have a page for that, https://example.org/lights, and we read it."),
    ("Ana Muster", "Does anyone answer?"),
    ("Chief Example", "Within a week. Note: not at weekends."),
    ("Moderator", "Thank you. What would make you trust us more?"),
    ("José Niño", "Come when nothing has happened, & say who you are."),
    ("Moderator", "Noted."),
]
STARTS = [0.5, 7.0, 12.8, 15.5, 21.5, 23.2, 28.0, 63.5, 70.0]
ENDS = [6.2, 12.4, 15.0, 21.0, 23.0, 27.0, 33.0, 69.0, 71.0]
BOTH = list(zip(STARTS, ENDS, strict=True))
BEGUN = [(start, None) for start in STARTS]
WHOLE = [(float(int(start)), None) for start in STARTS]
NONE = [(None, None)] * len(SAID)
MINUTES = [(0.0, None), *NONE[:6], (60.0, None), (None, None)]
NUMBERED = {"Moderator": "SPEAKER_04", "Ana Muster": "SPEAKER_00", "Ben Sample": "SPEAKER_01",
            "Chief Example": "SPEAKER_02", "José Niño": "SPEAKER_03"}  # fmt: skip
IDS = {"Moderator": "mod", "Ana Muster": "id1", "Ben Sample": "id2", "Chief Example": "id3", "José Niño": "id4"}

#: File: layout, times, what the places are counted in, the first four places, and other names for the speakers.
FILES: dict[str, tuple[str, list, str, list[int], dict[str, str]]] = {
    "zoom.vtt": ("vtt", BOTH, "line", [4, 12, 16, 20], {}),
    "zoom_saved.txt": ("zoom", [(s + 64800, None) for s, _ in WHOLE], "line", [1, 7, 10, 13], {}),
    "teams.vtt": ("vtt", BOTH, "line", [4, 12, 16, 20], {}),
    "teams.docx": ("teams", WHOLE, "paragraph", [7, 11, 13, 15], {}),
    "teams_2021.docx": ("teams", BOTH, "paragraph", [1, 3, 4, 5], {}),
    "meet.docx": ("meet", MINUTES, "paragraph", [7, 8, 9, 10], {}),
    "meet.html": ("meet", MINUTES, "paragraph", [3, 4, 5, 6], {}),
    "otter.txt": ("otter", WHOLE, "line", [1, 4, 7, 10], {}),
    "otter.srt": ("srt", BOTH, "line", [2, 10, 14, 18], {}),
    "rev.docx": ("rev", WHOLE, "paragraph", [1, 5, 7, 9], {}),
    "rev.txt": ("rev", WHOLE, "line", [1, 7, 10, 13], {}),
    "rev_one_line.txt": ("rev", WHOLE, "line", [1, 2, 3, 4], {}),
    "whisperx.srt": ("srt", BOTH, "line", [2, 10, 14, 18], NUMBERED),
    "whisperx.vtt": ("vtt", BOTH, "line", [3, 9, 12, 15], NUMBERED),
    "whisperx.json": ("segments", BOTH, "segment", [1, 3, 4, 5], NUMBERED),
    "whisperx.tsv": ("table", BOTH, "row", [2, 4, 5, 6], NUMBERED),
    "whisperx.txt": ("bracketed", NONE, "line", [1, 3, 4, 5], NUMBERED),
    "word_transcribe.docx": ("timed", WHOLE, "paragraph", [4, 6, 8, 10], {}),
    "descript.txt": ("stamped", WHOLE, "line", [3, 5, 7, 9], {}),
    "google_recorder.txt": ("stacked", WHOLE, "line", [1, 5, 9, 13], {}),
    "plain.txt": ("named", NONE, "line", [5, 6, 7, 8], {}),
    "plain_wrapped.txt": ("named", NONE, "line", [1, 5, 8, 11], {}),
    "bold.md": ("named", NONE, "line", [3, 5, 7, 9], {}),
    "plain.odt": ("named", NONE, "paragraph", [2, 3, 4, 5], {}),
    "plain.rtf": ("named", NONE, "paragraph", [1, 2, 3, 4], {}),
    "bracketed.txt": ("bracketed", NONE, "line", [1, 3, 5, 7], IDS),
    "two_columns.docx": ("named", NONE, "paragraph", [1, 3, 5, 7], {}),
    "nvivo.docx": ("table", BOTH, "paragraph", [6, 10, 14, 18], {}),
    "turns.csv": ("table", BOTH, "row", [2, 3, 4, 5], {}),
    "turns.xlsx": ("table", BEGUN, "row", [2, 3, 4, 5], {}),
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_turns_from_every_layout(name: str) -> None:
    layout, when, counted, places, names = FILES[name]
    transcript = read_transcript(FOLDER / name)
    assert transcript.source == name
    assert transcript.layout == layout
    assert said(transcript) == [(names.get(speaker, speaker), text) for speaker, text in SAID]
    assert times(transcript) == when
    assert transcript.counted == counted
    assert [turn.line for turn in transcript.turns][:4] == places
    assert transcript.clock == (layout == "zoom")
    assert not [notice for notice in transcript.notices if notice.level == "warning"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("ending", [".txt", ".docx", ".vtt", ""])
def test_whatever_the_file_ends_with(name: str, ending: str) -> None:
    right = read_transcript(FOLDER / name)
    wrong = read_here((FOLDER / name).read_bytes(), f"meeting{ending}")
    assert (wrong.layout, wrong.turns) == (right.layout, right.turns)


def test_captions_in_capitals() -> None:
    transcript = read_transcript(FOLDER / "captions.vtt")
    assert [text for _, text in said(transcript)] == [text.upper() for _, text in SAID]
    assert [name for name, _ in said(transcript)] == [
        "MODERATOR", "ANA MUSTER", "", "CHIEF EXAMPLE", "ANA MUSTER", "", "MODERATOR", "", "MODERATOR",
    ]  # fmt: skip
    assert times(transcript) == BOTH


def test_captions_without_speakers_are_the_same_in_both_forms() -> None:
    one, other = read_transcript(FOLDER / "whisper.vtt"), read_transcript(FOLDER / "whisper.srt")
    assert without_lines(one.turns) == without_lines(other.turns)
    assert [notice.code for notice in one.notices] == ["transcript.no-speakers"]
    assert " ".join(text for _, text in said(one)) == " ".join(text for _, text in SAID)


def test_court() -> None:
    transcript = read_transcript(FOLDER / "court.txt")
    assert said(transcript) == [
        ("MS. SAMPLE", "Where do you live?"), ("A", "On the hill, by the school."), ("MS. SAMPLE", "Since when?"),
        ("A", "1984."), ("MS. SAMPLE", "Did you call the police: yes or no?"), ("A", "Yes. Twice."),
        ("MR. MUSTER", "Objection: asked before."), ("THE COURT", "Go on."), ("MS. SAMPLE", "Did they come?"),
        ("A", "They did."),
    ]  # fmt: skip


def test_every_file_is_tried_and_every_layout_has_one() -> None:
    there = {path.name for path in Path(FOLDER).iterdir()} - {"README.md"}
    assert there == {*FILES, "captions.vtt", "court.txt", "whisper.vtt", "whisper.srt"}
    shown = {layout for layout, *_ in FILES.values()} | {"court"}
    # The rest are tried in tests/test_transcripts_lines.py.
    assert {layout.key for layout in LAYOUTS} - shown == {"captions", "times", "unnamed"}
