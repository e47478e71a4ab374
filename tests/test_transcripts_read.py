"""Files that are no transcripts, and files of no sense at all: a refusal that helps, never a crash."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from builders import refusal
from conversations import FOLDER, read_here, said
from hypothesis import HealthCheck, given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.transcripts import read
from trustsurvey.transcripts.read import read_transcript

BAD = {
    "empty": [b"", b"  \n\n", b"\xef\xbb\xbf", b"\xff\xfe\r\0\n\0", b"\0" * 5000],
    "picture": [b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"\xff\xd8\xff\xe0" + b"x" * 50, b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ",
                b"BM\x36\0\0\0\0\0", b"II*\0"],
    "pdf": [b"%PDF-1.7\n..."],
    "sound": [b"ID3\x04", b"RIFF\0\0\0\0WAVEfmt ", b"\0\0\0\x18ftypM4A ", b"OggS", b"fLaC", b"\x1aE\xdf\xa3webm"],
    "kind": [bytes(range(256)) * 40, b"\x01\x02\x03\x04" * 900],
    "damaged": [b"PK\x03\x04" + b"x" * 100],
    "nothing-said": [b"WEBVTT\n\n", b"WEBVTT\n\nNOTE nothing\n", b"1\n00:00:01,000 --> 00:00:02,000\n\n"],
}  # fmt: skip


@pytest.mark.parametrize(("code", "data"), [(code, data) for code, files in BAD.items() for data in files])
def test_what_is_no_transcript(code: str, data: bytes) -> None:
    with refusal(f"transcript.{code}") as error:
        read_here(data, "meeting.vtt")
    assert error.where == "meeting.vtt"
    assert error.hint
    assert "survey" not in str(error)


def test_files_that_are_absent_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusal("transcript.absent", "nothing.vtt"):
        read_transcript(tmp_path / "nothing.vtt")
    with refusal("transcript.absent"):
        read_transcript("a\0b")
    monkeypatch.setattr(read, "LARGEST", 100)
    with refusal("transcript.large", "meeting.txt"):
        read_here("Anna: Yes\n" * 11)


def test_transcripts_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_TURNS", 10)
    with refusal("transcript.long", "12 turns"):
        read_here("Anna: Yes\nBen: No\n" * 6)


def test_notices_say_what_was_left_out_and_who_is_not_named() -> None:
    transcript = read_here(
        "A meeting\nof May\n\n>> Good evening.\n>> ANNA: Yes.\n>> ANNA: And no.\n".replace(">> Good", ">> Good")
    )
    assert {notice.code for notice in transcript.notices} <= {"transcript.some-unnamed", "transcript.before"}
    assert read_here("We met.").notices[0].level == "warning"


LONG = (
    "a" * 3_000_000, "a:" * 1_000_000, "Anna: " * 300_000, "[" * 1_000_000, "(00:00)" * 200_000, "- " * 500_000,
    "\n" * 100_000 + "a", "00:00:00.000 --> 00:00:01.000\n" * 20_000, ">> " * 400_000, "<v " * 300_000, "1\n" * 40_000,
    "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<v A>" * 100_000, "Q. " * 300_000, "A. b. " * 200_000, "**" * 500_000,
    "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "&lt;" * 200_000, "Anna: yes\n" * 50_000, "0:00\n" * 50_000,
    "x. " * 500_000, "A\n0:00\nb\n" * 30_000, " " * 2_000_000 + "a", "0:00" + " " * 900_000 + "a", "[a] " * 300_000,
    "Anna Lee  0:00\n" * 30_000, "{\\rtf1" + "{" * 500_000, '{\\rtf1' + '{\\field{\\*\\fldinst{' * 50_000,
    "{\\rtf1{\\fonttbl" + "\\f1 " * 200_000 + "}}", "speaker,text\n" + 'a,"' * 10_000, "a-" * 1_000_000 + ":",
    "\u00c4" * 999_999, "A\t" * 900_000, "A.\u3000" * 200_000,
)  # fmt: skip


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_long_files_of_one_thing_take_no_time(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(SurveyError):
        read_here(text)
    assert time.process_time() - began < 10


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(SurveyError):
        assert read_here(data).turns


#: Pieces of which lines of transcripts are made.
TOKENS = (
    "Anna", "Ben", ":", " ", "\n", "\n\n", "0:12", "00:00:01.000 --> 00:00:02,000", "[", "]", "(", ")", ">>", "- ",
    "<v Anna>", "</v>", "WEBVTT", "NOTE", "Q.", "A.", "**", "1", "yes", "No. ", "speaker,text", ",", "\t", "{", "}",
    '"text"', "BY MR. LEE:", "&lt;", "<i>", "\u00e9", "\u738b\u82b3\uff1a", "Transcription ended after 00:01:00", "|",
    "started transcription", "\r", "\0", "\ufeff",
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(TOKENS), max_size=60).map("".join))
def test_any_mixture_of_layouts_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SurveyError):
        transcript = read_here(text)
        assert transcript.turns
        for turn in transcript.turns:
            assert turn.text == " ".join(turn.text.split()) != ""
            assert turn.line >= 1
            assert all(time is None or time >= 0 for time in (turn.start, turn.end))
            turn.text.encode("utf-8")


#: Files that are read in this process.
WHOLE = {
    path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix not in (".csv", ".tsv", ".xlsx")
}


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damaged_files_are_read_or_refused(name: str, data: st.DataObject) -> None:
    whole = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        change = data.draw(st.sampled_from(("cut", "drop", "put", "twice")))
        if change == "cut":
            whole = whole[: place + 1]
        elif change == "drop":
            del whole[place : place + data.draw(st.integers(1, 20))]
        elif change == "put":
            whole[place : place + 1] = data.draw(st.binary(min_size=1, max_size=6))
        else:
            whole[place:place] = whole[place : place + 200]
        whole = whole or bytearray(b"x")
    with contextlib.suppress(SurveyError):
        assert said(bytes(whole))
