"""Tables of turns (CSV, TSV, workbooks) and segments of JSON."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trustsurvey.errors import SurveyError
from trustsurvey.transcripts.columns import Columns, columns_of, in_thousandths, moment, span
from trustsurvey.transcripts.cues import Cue, pieces_of
from trustsurvey.transcripts.page import Page, one_line, sound
from trustsurvey.transcripts.spoken import Piece

_DELIMITERS = ("\t", ";", ",", "|")
#: How deep lists of segments are looked for, and among how many values.
_DEEP, _MANY = 6, 10_000
_TEXT = ("text", "transcript", "content", "utterance", "displaytext", "words", "value", "body")
_SPEAKER = (
    "speaker", "speakerdisplayname", "speaker_name", "speakername", "speaker_label", "speaker_id", "speakerid", "name",
)  # fmt: skip
_START = ("start", "start_time", "starttime", "startoffset", "offset", "ts", "begin", "timestamp", "from")
_END = ("end", "end_time", "endtime", "endoffset", "end_ts", "to")


def headed(text: str) -> bool:
    """Whether a text is a table of turns, by the headings in its first line."""
    first = text.lstrip("\ufeff\r\n ").split("\n", 1)[0][:2000].strip("\r")
    for delimiter in _DELIMITERS:
        headings = [heading.strip().strip("\"'").strip().lower() for heading in first.split(delimiter)]
        if len(headings) > 1 and columns_of(headings):
            return True
    return False


def table_page(path: Path, name: str) -> Page:
    """The rows of a table, read by the guarded reader; SurveyError ``transcript.columns`` without such headings."""
    from trustsurvey.readers.guard import read

    raw = read(path, name)
    headings = [column.text.strip().lower() for column in raw.columns]
    if columns_of(headings) is None:
        raise SurveyError(
            "transcript.columns", "The table does not say what was said", got=", ".join(headings)[:100],
            expected="headings such as 'speaker', 'start' and 'text'", hint="Write these headings over its columns.",
        )  # fmt: skip
    cells = [[values.distinct[code] for code in values.codes] for values in raw.all_values()]
    rows = tuple(dict(zip(headings, row, strict=True)) for row in zip(*cells, strict=True))
    return Page(rows=rows, places=tuple(raw.row_numbers.tolist()), counted="row")


def table(page: Page) -> list[Piece] | None:
    """A row is a piece of speech; without a column for the speaker, rows are read as cues are.

    Where the cell of the speaker is empty, somebody speaks whom the table does not name.
    """
    found = columns_of(list(page.rows[0])) if page.rows else None
    if found is None:
        return None
    texts = [row[found.text] for row in page.rows]
    moments = _moments(page.rows, found, texts)
    if not found.speaker:
        return pieces_of(
            Cue(number, *when, [html.escape(text, quote=False)])
            for number, text, when in zip(page.places, texts, moments, strict=True)
        )
    return [
        Piece(one_line(text), number, one_line(row[found.speaker]).rstrip(":"), *when)
        for number, row, text, when in zip(page.places, page.rows, texts, moments, strict=True)
    ]


def _moments(
    rows: Sequence[Mapping[str, str]], found: Columns, texts: Sequence[str]
) -> list[tuple[float | None, float | None]]:
    told = []
    for row in rows:
        start, end = span(row[found.start]) if found.start else (None, None)
        told.append((start, moment(row[found.end]) if found.end else end))
    return _scaled(told, texts)


def _scaled(
    told: list[tuple[float | None, float | None]], texts: Sequence[str]
) -> list[tuple[float | None, float | None]]:
    if not in_thousandths(told, sum(len(text.split()) for text in texts)):
        return told
    return [tuple(None if time is None else time / 1000 for time in pair) for pair in told]  # type: ignore[misc]


def json_data(text: str) -> Any:
    """What JSON stands for, or line after line of it; None where a text is none."""
    start = text.lstrip("\ufeff \t\r\n")
    if not start.startswith(("{", "[")) or not re.match(r"[\[{]\s*[\"{\[\]}]", start):
        return None
    try:
        return json.loads(start)
    except RecursionError as error:
        raise SurveyError("transcript.markup", "The JSON file is nested too deeply", hint="Export it again.") from error
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in start.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def segments(page: Page) -> list[Piece] | None:
    """Segments of JSON: Whisper, WhisperX, Teams, Rev and others; numbered as they stand in the file.

    Where speakers are told, a segment without one is somebody's whom the file does not name.
    """
    if page.data is None:
        return None
    found = _segments(page.data)
    if not found:
        raise SurveyError("transcript.columns", "The JSON file holds no segments of speech",
                          expected="a list of segments with 'text', 'start' and 'speaker'",
                          hint="Export the transcript again as text, .vtt or .srt.")  # fmt: skip
    texts = [str(_first(segment, _TEXT) or "") for segment in found]
    told = [(moment(_first(segment, _START)), moment(_first(segment, _END))) for segment in found]
    when = _scaled(told, texts)
    known = any(key in segment for segment in found for key in _SPEAKER)
    return pieces_of(
        Cue(number, *when[number - 1], [html.escape(text, quote=False)], _speaker(segment) if known else None)
        for number, (segment, text) in enumerate(zip(found, texts, strict=True), 1)
    )


def _first(segment: Mapping[str, Any], keys: Sequence[str]) -> Any:
    for key in keys:
        value = segment.get(key)
        if isinstance(value, str) and value:
            return sound(value)
        if isinstance(value, int | float):
            return value
    return None


def _speaker(segment: Mapping[str, Any]) -> str:
    value = _first(segment, _SPEAKER)
    inner = segment.get("speaker")
    if isinstance(inner, dict):
        value = _first({str(k).lower(): v for k, v in inner.items()}, ("name", "label", "id"))
    if isinstance(value, int | float):
        return f"Speaker {value}"
    return one_line(value or "").strip("[]:")


def _segments(data: Any) -> list[dict[str, Any]]:
    """The list of segments that says most: who and when before when alone, then the longest."""
    best: tuple[tuple[int, int], list[dict[str, Any]]] = ((0, 0), [])
    waiting = deque([(data, 0)])
    for _ in range(_MANY):
        if not waiting:
            break
        value, depth = waiting.popleft()
        if isinstance(value, list) and value and (found := _as_segments(value)):
            rank = (sum(any(_first(s, keys) is not None for s in found) for keys in (_SPEAKER, _START)), len(found))
            if rank > best[0]:
                best = (rank, found)
        if depth < _DEEP and isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value[:20]
            waiting.extend((each, depth + 1) for each in inner if isinstance(each, dict | list))
    return best[1]


def _as_segments(values: Sequence[Any]) -> list[dict[str, Any]]:
    found = []
    for value in values:
        if not isinstance(value, dict):
            continue
        segment = {str(key).lower(): each for key, each in value.items()}
        elements = segment.get("elements")
        if isinstance(elements, list) and _first(segment, _TEXT) is None:
            segment |= _joined([e for e in elements if isinstance(e, dict)])
        if isinstance(_first(segment, _TEXT), str):
            found.append(segment)
    return found if 2 * len(found) > len(values) else []


def _joined(elements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The text and the times of a segment that is told word by word (Rev)."""
    stamps = [e["ts"] for e in elements if isinstance(e.get("ts"), int | float)]
    ends = [e["end_ts"] for e in elements if isinstance(e.get("end_ts"), int | float)]
    text = "".join(str(e.get("value", "")) for e in elements)
    return {"text": text, **({"start": min(stamps)} if stamps else {}), **({"end": max(ends)} if ends else {})}
