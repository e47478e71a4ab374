"""WebVTT and SubRip: times, markup, who speaks, and files that keep to no rule."""

from __future__ import annotations

import pytest
from conversations import read_here, said, times

TWO = "00:00:01.000 --> 00:00:02.500\nAnna: Good evening.\n\n00:00:03.000 --> 00:00:04.000\nBen: Hello.\n"


def vtt(*cues: str, head: str = "WEBVTT") -> str:
    return head + "\n\n" + "\n\n".join(cues) + "\n"


def test_labels_lines_and_times() -> None:
    transcript = read_here(vtt(TWO))
    assert transcript.layout == "vtt"
    assert said(transcript) == [("Anna", "Good evening."), ("Ben", "Hello.")]
    assert times(transcript) == [(1.0, 2.5), (3.0, 4.0)]
    assert [turn.line for turn in transcript.turns] == [3, 6]
    assert transcript.speakers == {"Anna": 1, "Ben": 1}
    assert not transcript.notices


@pytest.mark.parametrize(("written", "seconds"), [
    ("00:01.500 --> 00:02.000", (1.5, 2.0)), ("00:00:01,500 --> 00:00:02,000", (1.5, 2.0)),
    ("1:02:03.004 --> 1:02:04.5", (3723.004, 3724.5)), ("00:00:01 --> 00:00:02", (1.0, 2.0)),
    ("100:00:00.000 --> 100:00:01.000", (360000.0, 360001.0)), ("00:01.5-->00:02.5", (1.5, 2.5)),
    ("00:01.500 --> 00:02.000 align:start position:0% line:-1", (1.5, 2.0)), ("00:01.000 --&gt; 00:02.000", (1.0, 2.0)),
])  # fmt: skip
def test_times_as_they_are_written(written: str, seconds: tuple[float, float]) -> None:
    assert times(read_here(f"WEBVTT\n\n{written}\nWe met.\n")) == [seconds]


def test_teams_voices_and_identifiers() -> None:
    guid = "0c7a52d1-3f6e-4c0b-9f05-0a6b1d2c3e4f"
    text = vtt(
        f"{guid}/12-0\n00:00:03.412 --> 00:00:05.000\n<v Anna Lee>Good evening &amp; welcome.</v>",
        f"{guid}/12-1\n00:00:05.000 --> 00:00:07.000\n<v Anna Lee>Let's begin:\nwho are you?</v>",
        f"{guid}/15-0\n00:00:08.000 --> 00:00:09.000\n<v.loud Ben O&#39;Neil>I am Ben.</v>",
    )
    transcript = read_here(text)
    assert said(transcript) == [
        ("Anna Lee", "Good evening & welcome. Let's begin: who are you?"), ("Ben O'Neil", "I am Ben."),
    ]  # fmt: skip
    assert times(transcript) == [(3.412, 7.0), (8.0, 9.0)]
    assert transcript.turns[0].line == 4


def test_two_speakers_in_one_cue() -> None:
    voices = vtt("00:01.000 --> 00:02.000\n<v Anna>Yes.</v> <v Ben>No.</v>", "00:03.000 --> 00:04.000\n<v Anna>Why?")
    assert said(voices) == [("Anna", "Yes."), ("Ben", "No."), ("Anna", "Why?")]
    labels = vtt("00:01.000 --> 00:02.000\nAnna: Yes.\nBen: No.", "00:03.000 --> 00:04.000\nBen: Why? Anna: Because.")
    assert said(labels) == [("Anna", "Yes."), ("Ben", "No. Why?"), ("Anna", "Because.")]
    dashes = vtt("00:01.000 --> 00:02.000\n- Yes.\n- No.", "00:03.000 --> 00:04.000\n- Why? - Because.")
    assert said(dashes) == [("", "Yes."), ("", "No."), ("", "Why?"), ("", "Because.")]
    assert times(read_here(dashes)) == [(1.0, 2.0), (1.0, 2.0), (3.0, 4.0), (3.0, 4.0)]


def test_a_dash_in_a_sentence_is_no_change() -> None:
    text = vtt("00:01.000 --> 00:02.000\nAnna: We went there", "00:02.000 --> 00:03.000\n– or near it - on foot.", TWO)
    assert said(text)[1][0] == ""
    whole = vtt("00:01.000 --> 00:02.000\nAnna: We went there - on foot\nand back", TWO)
    assert said(whole)[0] == ("Anna", "We went there - on foot and back Good evening.")


def test_cues_without_a_label_go_on() -> None:
    text = vtt(
        "00:01.000 --> 00:02.000\nAnna: We walk", "00:02.000 --> 00:03.000\nevery night.",
        "00:04.000 --> 00:05.000\nBen: Oh.",
        "00:05.000 --> 00:06.000\nOne thing: I do not.", "00:07.000 --> 00:08.000\nAnna: No?",
    )  # fmt: skip
    transcript = read_here(text)
    assert said(transcript) == [("Anna", "We walk every night."), ("Ben", "Oh. One thing: I do not."), ("Anna", "No?")]
    assert times(transcript) == [(1.0, 3.0), (4.0, 6.0), (7.0, 8.0)]


def test_marks_of_captions_on_air() -> None:
    text = vtt(
        "00:01.000 --> 00:02.000\n&gt;&gt; MAYOR REYES: GOOD EVENING.",
        "00:02.000 --> 00:03.000\nWE BEGIN. >> THANK YOU.",
        "00:03.000 --> 00:04.000\nNOTE: ALL OF US.", "00:04.000 --> 00:05.000\n>>MAYOR REYES: NEXT.",
    )  # fmt: skip
    assert said(text) == [
        ("MAYOR REYES", "GOOD EVENING. WE BEGIN."), ("", "THANK YOU. NOTE: ALL OF US."), ("MAYOR REYES", "NEXT."),
    ]  # fmt: skip


def test_markup_and_entities_within_cues() -> None:
    text = vtt("00:16.500 --> 00:18.500\nWhen <00:17.500>the <c.colorE5E5E5>lights</c> <i>go</i> "
        "{\\an8}out &lt;3 5 < 6 &nbsp;ok",
               "00:19.000 --> 00:20.000\n<font color=\"#fff\">we</font> <b>walk</b>.")  # fmt: skip
    assert said(text) == [("", "When the lights go out <3 5 < 6 ok we walk.")]


def test_notes_styles_and_regions_are_not_speech() -> None:
    text = vtt("NOTE\nmade by hand\nAnna: not said", "STYLE\n::cue { color: red }", "REGION\nid:one", TWO,
               "NOTE a remark", "5\n00:00:05.000 --> 00:00:06.000\nAnna: Note well.",
               head="WEBVTT - a title\nKind: captions\nLanguage: en")  # fmt: skip
    assert said(text) == [("Anna", "Good evening."), ("Ben", "Hello."), ("Anna", "Note well.")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_and_line_ends(codec: str, end: str) -> None:
    text = vtt("1\n00:01.000 --> 00:02.000\nJosé: ¿Cómo está?", "2\n00:02.000 --> 00:03.000\nZoë: Bien.").replace(
        "\n", end
    )
    transcript = read_here(text.encode(codec), "meeting.srt")
    assert said(transcript) == [("José", "¿Cómo está?"), ("Zoë", "Bien.")]
    assert [turn.line for turn in transcript.turns] == [4, 8]
    assert [notice.code for notice in transcript.notices] == (["read.encoding"] if codec == "cp1252" else [])


def test_subrip_without_blank_lines_and_with_blank_lines_too_many() -> None:
    cues = [f"{k}\n00:00:0{k},000 --> 00:00:0{k + 1},000\n" for k in (1, 2, 3)]
    tight = f"{cues[0]}Anna: In\n1984\n{cues[1]}Ben: Yes.\n{cues[2]}Anna: 3\n"
    assert said(tight) == [("Anna", "In 1984"), ("Ben", "Yes."), ("Anna", "3")]
    loose = "\n\n" + f"{cues[0]}\nAnna: In\n\nthe park\n\n\n{cues[1]}Ben: Yes.\n".replace("1\n0", "1\n\n0", 1)
    assert said(loose) == [("Anna", "In the park"), ("Ben", "Yes.")]


def test_numbers_that_were_said_stay() -> None:
    text = vtt(
        "00:01.000 --> 00:02.000\nAnna: How many?",
        "00:02.000 --> 00:03.000\nBen:\n42",
        "00:03.000 --> 00:04.000\nAnna: Oh.",
    )
    assert said(text) == [("Anna", "How many?"), ("Ben", "42"), ("Anna", "Oh.")]


def test_whisperx_prefixes_in_subrip() -> None:
    lines = ("[SPEAKER_03]: Hello.", "[SPEAKER_00]: Hi.", "[music]")
    text = "\n\n".join(f"{k}\n00:00:0{k},000 --> 00:00:0{k + 1},000\n{line}" for k, line in enumerate(lines, 1))
    assert said(text) == [("SPEAKER_03", "Hello."), ("SPEAKER_00", "Hi. [music]")]


def test_captions_that_roll_up_are_read_once() -> None:
    lines = ["we walk", "home at", "night and", "nobody", "is there", "to see", "us at all"]
    cues = [f"00:0{k}.000 --> 00:0{k + 1}.000\n{lines[k - 1]}\n{lines[k]}" for k in range(1, 7)]
    assert said(vtt(*cues)) == [("", " ".join(lines))]


def test_sentences_of_files_that_name_nobody() -> None:
    words = " ".join(["word"] * 24)
    cues = [f"00:{k:02d}.000 --> 00:{k + 1:02d}.000\n{words} {k}. And {words}" for k in range(0, 10)]
    transcript = read_here(vtt(*cues))
    assert [notice.code for notice in transcript.notices] == ["transcript.no-speakers"]
    assert len(transcript.turns) > 5
    assert all(turn.text[-1] == "." for turn in transcript.turns[:-1])
    assert all(40 <= len(turn.text.split()) <= 100 for turn in transcript.turns[:-1])
    assert transcript.turns[0].start == 0.0
    endless = read_here(vtt(*(f"00:{k:02d}.000 --> 00:{k + 1:02d}.000\n{words} {k}" for k in range(0, 10))))
    assert [len(turn.text.split()) for turn in endless.turns] == [100, 100, 50]
    assert times(endless) == [(0.0, 4.0), (4.0, 8.0), (8.0, 10.0)]


def test_a_converted_file_gives_the_same_turns() -> None:
    for cues in (TWO, "00:01.000 --> 00:02.000\nWe met Mr. Lee. He was\n\n00:02.000 --> 00:03.000\nkind &amp; fair."):
        converted = vtt(cues).removeprefix("WEBVTT\n\n").replace("\n00:", "\n7\n00:").replace(".000 ", ",000 ")
        one, other = read_here(vtt(cues)), read_here(converted)
        assert (one.layout, other.layout) == ("vtt", "srt")
        assert (said(one), times(one)) == (said(other), times(other))


def test_a_file_that_ends_in_the_middle() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nAnna: Yes.\nBen: No.\n\n00:02.000 --> 00:0"
    assert said(text) == [("Anna", "Yes."), ("Ben", "No.")]
