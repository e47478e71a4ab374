"""Tables of turns, and segments of JSON."""

from __future__ import annotations

import json

import pytest
from builders import refusal
from conversations import read_here, said, times

from trustsurvey.transcripts.columns import columns_of, moment, span


@pytest.mark.parametrize(
    "head", ["Speaker,Start,Text", "speaker name;Start Time;Utterance", "WHO\tTimestamp\tWhat was said"]
)
def test_headings_in_any_words(head: str) -> None:
    delimiter = next(mark for mark in ",;\t" if mark in head)
    rows = [head.split(delimiter), ["Anna", "0:01", "Yes"], ["Ben", "00:00:04.500", '"No"'], ["", "0:09", "Why?"]]
    transcript = read_here("\n".join(delimiter.join(row) for row in rows), "turns.csv")
    assert transcript.layout == "table"
    assert said(transcript) == [("Anna", "Yes"), ("Ben", "No"), ("", "Why?")]
    assert [turn.start for turn in transcript.turns] == [1.0, 4.5, 9.0]
    assert [turn.line for turn in transcript.turns] == [2, 3, 4]


def test_rows_of_one_speaker_are_one_turn() -> None:
    text = 'speaker,start,end,text\nAnna,1,2,"Yes, all"\nAnna,2,3,of us\nBen,3,4,No\n'
    transcript = read_here(text)
    assert said(transcript) == [("Anna", "Yes, all of us"), ("Ben", "No")]
    assert times(transcript) == [(1.0, 3.0), (3.0, 4.0)]


def test_which_columns_are_which() -> None:
    found = columns_of(["no", "time code", "speaker_label", "transcript", "end time"])
    assert found is None or found.speaker == "speaker_label"
    assert columns_of(["text", "area"]) is None
    assert columns_of(["speaker", "start"]) is None


@pytest.mark.parametrize(("cell", "seconds"), [
    ("1.5", 1.5), ("1,5", 1.5), ("0:12", 12.0), ("00:00:12:13", 12.0), ("01:00:00", 3600.0), (3, 3.0), ("PT1S", None),
    ("", None), (None, None), (True, None), (float("nan"), None), (float("inf"), None), (-1, None),
])  # fmt: skip
def test_moments(cell: object, seconds: float | None) -> None:
    assert moment(cell) == seconds


def test_spans() -> None:
    assert span("0:00.5 - 0:06.2") == (0.5, 6.2)
    assert span("0:05") == (5.0, None)


def test_segments_of_whisper_without_speakers() -> None:
    data = {"text": "all of it", "segments": [{"id": 0, "start": 0.0, "end": 2.5, "text": " We walk."},
                                              {"id": 1, "start": 2.5, "end": 4.0, "text": " At night."}]}  # fmt: skip
    transcript = read_here(json.dumps(data))
    assert said(transcript) == [("", "We walk. At night.")]
    assert times(transcript) == [(0.0, 4.0)]
    assert [notice.code for notice in transcript.notices] == ["transcript.no-speakers"]


def test_entries_of_teams() -> None:
    data = {"version": "1", "entries": [
        {"text": "Yes.", "speakerDisplayName": "Anna", "startOffset": "00:00:07.0033780", "endOffset": "00:00:08.5"},
        {"text": "No.", "speakerDisplayName": "Ben", "startOffset": "00:00:09", "endOffset": "00:00:10.25"},
    ], "events": []}  # fmt: skip
    transcript = read_here(json.dumps(data))
    assert said(transcript) == [("Anna", "Yes."), ("Ben", "No.")]
    assert times(transcript) == [(7.003, 8.5), (9.0, 10.25)]


def test_monologues_of_rev() -> None:
    data = {"monologues": [
        {"speaker": 0, "elements": [{"type": "text", "value": "Yes", "ts": 0.5, "end_ts": 0.9},
                                    {"type": "punct", "value": ", "},
                                    {"type": "text", "value": "we", "ts": 1.0, "end_ts": 1.2}]},
        {"speaker": 1, "elements": [{"type": "text", "value": "No", "ts": 2.0, "end_ts": 2.2},
                                    {"type": "punct", "value": "."}]},
    ]}  # fmt: skip
    transcript = read_here(json.dumps(data))
    assert said(transcript) == [("Speaker 0", "Yes, we"), ("Speaker 1", "No.")]
    assert times(transcript) == [(0.5, 1.2), (2.0, 2.2)]


def test_thousandths_of_a_second_and_lines_of_json() -> None:
    turns = [
        {"speaker": "A", "start": 250, "end": 95_000, "text": "Yes we do."},
        {"speaker": "B", "start": 96_000, "end": 96_500, "text": "No."},
    ]
    for text in (json.dumps({"utterances": turns}), json.dumps(turns), "\n".join(json.dumps(turn) for turn in turns)):
        transcript = read_here(text)
        assert said(transcript) == [("A", "Yes we do."), ("B", "No.")]
        assert times(transcript) == [(0.25, 95.0), (96.0, 96.5)]


def test_a_speaker_who_is_a_number_or_an_object() -> None:
    turns = [
        {"speaker": {"name": "Anna", "id": 4}, "text": "Yes"},
        {"speaker": 2, "text": "No"},
        {"speaker": "[SPEAKER_03]:", "text": "\ud800 So"},
    ]
    assert said(json.dumps(turns)) == [("Anna", "Yes"), ("Speaker 2", "No"), ("SPEAKER_03", "\ufffd So")]


@pytest.mark.parametrize("text", ['{"a": 1}', '{"segments": []}', '{"segments": [{"start": NaN}]}', "[]"])
def test_json_without_speech_is_refused(text: str) -> None:
    with refusal("transcript.columns"):
        read_here(text)


def test_json_nested_without_end() -> None:
    with refusal("transcript.markup"):
        read_here('[{"a":' * 100_000)


def test_a_text_that_only_begins_like_json() -> None:
    assert said("[Anna] Yes.\n[Ben] No.\n[Anna] Why?\n") == [("Anna", "Yes."), ("Ben", "No."), ("Anna", "Why?")]
