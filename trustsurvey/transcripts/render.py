"""Turns back into files: what is written reads as the same turns again, or is refused."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from xml.sax.saxutils import escape

from trustsurvey.errors import SurveyError
from trustsurvey.model.transcript import Transcript, Turn
from trustsurvey.transcripts.blocks import page_of
from trustsurvey.transcripts.cues import plain
from trustsurvey.transcripts.documents import document_of
from trustsurvey.transcripts.layouts import LAYOUTS
from trustsurvey.transcripts.page import Page, lines_of
from trustsurvey.transcripts.spoken import turns_of
from trustsurvey.transcripts.tables import headed
from trustsurvey.transcripts.times import DAY, written

#: What a layout says of times: beginning and end to the thousandth, beginnings in whole seconds, or nothing.
Times = Literal["both", "starts", "none"]
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True)
class Writer:
    """How a layout is written; ``needed``: each turn must have the times that the layout tells."""

    write: Callable[[Sequence[Turn]], str | bytes]
    times: Times
    needed: bool = True


def render(transcript: Transcript, layout: str) -> str | bytes:
    """A transcript in a layout of :data:`WRITERS`: text (UTF-8, LF) for all but "teams", which is a .docx.

    What is written is read again and must give the same turns, but for their lines and what the layout does not say of
    times (:func:`held`). SurveyError ``transcript.layout`` for a layout that is not written, ``transcript.no-times``
    where it needs times that the turns lack, ``transcript.cannot-write`` where the turns would not come back.
    """
    if layout not in WRITERS:
        raise SurveyError("transcript.layout", "Transcripts are not written in this layout", got=layout,
                          expected=", ".join(WRITERS), hint="Choose one of these.")  # fmt: skip
    writer = WRITERS[layout]
    turns = held(transcript.turns, layout)
    if writer.needed and any(None in _told(turn, writer.times) for turn in turns):
        raise SurveyError("transcript.no-times", "The layout needs the time of each turn", where=transcript.source,
                          got="turns without times", hint="Choose one without, such as 'named'.")  # fmt: skip
    content = writer.write(turns)
    if [replace(turn, line=0) for turn in _read_again(content, layout)] != turns:
        raise SurveyError("transcript.cannot-write", f"The turns cannot be told apart in the layout '{layout}'",
                          where=transcript.source, hint="Choose 'vtt', 'segments' or 'table'.")  # fmt: skip
    return content


def held(turns: Sequence[Turn], layout: str) -> list[Turn]:
    """The turns as far as a layout can hold them: without lines, and without times that it does not tell."""
    times = WRITERS[layout].times
    if times == "both":
        return [replace(t, line=0, start=_thousandths(t.start), end=_thousandths(t.end)) for t in turns]
    if times == "starts":
        return [replace(t, line=0, start=None if t.start is None else float(int(t.start)), end=None) for t in turns]
    return [replace(t, line=0, start=None, end=None) for t in turns]


def _thousandths(time: float | None) -> float | None:
    return None if time is None else round(time * 1000) / 1000


def _told(turn: Turn, times: Times) -> tuple[float | None, ...]:
    return {"both": (turn.start, turn.end), "starts": (turn.start,), "none": ()}[times]


def _read_again(content: str | bytes, layout: str) -> tuple[Turn, ...]:
    page = _page(content, layout)
    found = ((entry.key, pieces) for entry in LAYOUTS if (pieces := entry.pieces(page)) is not None)
    key, pieces = next(found, ("", []))
    return turns_of(pieces) if key == layout else ()


def _page(content: str | bytes, layout: str) -> Page:
    if isinstance(content, bytes):
        return page_of(document_of(content) or [])
    if layout == "segments":
        return Page(data=json.loads(content), counted="segment")
    if layout == "table":
        told = csv.DictReader(io.StringIO(content))
        rows = [{key: value.replace("\xa0", " ").strip() for key, value in row.items()} for row in told]
        return Page(rows=tuple(rows), places=tuple(range(2, len(rows) + 2)), counted="row")
    return Page() if headed(content) else Page(lines_of(content))


def _cues(turns: Sequence[Turn], head: str, point: str, words: Callable[[Turn], str]) -> str:
    """Cues; who speaks unnamed begins with ``>>``, so that no turn runs into the next."""
    cues = []
    for number, turn in enumerate(turns, 1):
        times = f"{written(turn.start or 0, point=point)} --> {written(turn.end or 0, point=point)}"
        cues.append(f"{number}\n{times}\n{words(turn)}\n")
    return head + "\n".join(cues)


def _vtt(turns: Sequence[Turn]) -> str:
    def words(turn: Turn) -> str:
        text = html.escape(turn.text, quote=False)
        return f"<v {html.escape(turn.speaker, quote=False)}>{text}</v>" if turn.speaker else f">> {text}"

    return _cues(turns, "WEBVTT\n\n", ".", words)


def _cue(text: str) -> str:
    """A text as it stands in a cue: what would be taken for markup is escaped."""
    return text if plain(text) == text else html.escape(text, quote=False)


def _srt(turns: Sequence[Turn]) -> str:
    mark = "" if all(turn.speaker for turn in turns) else ">> "

    def words(turn: Turn) -> str:
        return f"{mark}{turn.speaker}: {_cue(turn.text)}" if turn.speaker else f"{mark}{_cue(turn.text)}"

    return _cues(turns, "", ",", words)


def _each(pattern: str, clock: bool = False) -> Callable[[Sequence[Turn]], str]:
    """A pattern for each turn, with ``{name}``, ``{text}``, ``{cue}``, ``{time}`` (M:SS) and ``{clock}`` (HH:MM:SS)."""

    def write(turns: Sequence[Turn]) -> str:
        blocks = []
        for turn in turns:
            start = (turn.start or 0) % DAY if clock else turn.start or 0
            told = {"time": written(start, hours=False, fraction=False), "clock": written(start, fraction=False)}
            blocks.append(pattern.format(name=turn.speaker, text=turn.text, cue=_cue(turn.text), **told))
        return "".join(blocks)

    return write


def _meet(turns: Sequence[Turn]) -> str:
    blocks = ["Transcript\n"]
    for turn in turns:
        stamp = "" if turn.start is None else f"\n{written(turn.start, fraction=False)}\n\n"
        blocks.append(f"{stamp}{turn.speaker}: {turn.text}\n")
    last = max((turn.start for turn in turns if turn.start is not None), default=0.0)
    return "".join(blocks) + f"\nTranscription ended after {written(last, fraction=False)}\n"


def _captions(turns: Sequence[Turn]) -> str:
    return "".join(
        f">> {turn.speaker}: {_cue(turn.text)}\n" if turn.speaker else f">> {_cue(turn.text)}\n" for turn in turns
    )


def _court(turns: Sequence[Turn]) -> str:
    return "".join(
        f"{turn.speaker}.  {turn.text}\n\n" if turn.speaker in ("Q", "A") else f"{turn.speaker}:  {turn.text}\n\n"
        for turn in turns
    )


def _segments(turns: Sequence[Turn]) -> str:
    told = [{"start": turn.start, "end": turn.end, "speaker": turn.speaker, "text": turn.text} for turn in turns]
    return json.dumps({"segments": told}, ensure_ascii=False, indent=1) + "\n"


def _table(turns: Sequence[Turn]) -> str:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["speaker", "start", "end", "text"])
    for turn in turns:
        times = ("" if time is None else written(time) for time in (turn.start, turn.end))
        rows.writerow([turn.speaker, *times, turn.text])
    return text.getvalue()


def _teams(turns: Sequence[Turn]) -> bytes:
    def run(text: str, bold: bool = False) -> str:
        style = "<w:rPr><w:b/></w:rPr>" if bold else ""
        clean = re.sub("[\ufffe\uffff\ud800-\udfff]", "", text)
        return f'<w:r>{style}<w:t xml:space="preserve">{escape(clean)}</w:t></w:r>'

    body = "".join(
        f"<w:p>{run(turn.speaker, True)}{run('   ' + written(turn.start or 0, hours=False, fraction=False))}"
        f"<w:r><w:br/></w:r>{run(turn.text)}</w:p>"
        for turn in turns
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="'
        'application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{word}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/'
        'officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}<w:sectPr/></w:body></w:document>',
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), head + text, zipfile.ZIP_DEFLATED)
    return data.getvalue()


#: The layouts that are written.
WRITERS: dict[str, Writer] = {
    "vtt": Writer(_vtt, "both"),
    "srt": Writer(_srt, "both"),
    "segments": Writer(_segments, "both", needed=False),
    "table": Writer(_table, "both", needed=False),
    "zoom": Writer(_each("[{name}] {clock}\n{text}\n\n", clock=True), "starts"),
    "teams": Writer(_teams, "starts"),
    "meet": Writer(_meet, "starts", needed=False),
    "otter": Writer(_each("{name}  {time}  \n{text}\n\n"), "starts"),
    "rev": Writer(_each("{name} ({clock}):\n{text}\n\n"), "starts"),
    "stamped": Writer(_each("[{clock}] {name}: {cue}\n\n"), "starts"),
    "timed": Writer(_each("{clock} {name}\n{text}\n\n"), "starts"),
    "stacked": Writer(_each("{name}\n{clock}\n{cue}\n\n"), "starts"),
    "captions": Writer(_captions, "none"),
    "court": Writer(_court, "none"),
    "bracketed": Writer(_each("[{name}] {text}\n\n"), "none"),
    "named": Writer(_each("{name}: {text}\n\n"), "none"),
    "unnamed": Writer(_each("{text}\n\n"), "none"),
}
