"""Any transcript becomes turns of speech: recognised by what is in it, whatever its name ends with."""

from __future__ import annotations

import tempfile
from pathlib import Path

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.language import N_
from trustsurvey.model.transcript import Transcript, Turn
from trustsurvey.readers.archive import check_archive
from trustsurvey.readers.encoding import to_utf8
from trustsurvey.readers.look import look
from trustsurvey.transcripts.blocks import page_of
from trustsurvey.transcripts.documents import document_of, rich_text
from trustsurvey.transcripts.hypertext import hypertext, is_hypertext
from trustsurvey.transcripts.kinds import refuse_kind
from trustsurvey.transcripts.layouts import LAYOUTS, Layout
from trustsurvey.transcripts.page import Page, lines_of
from trustsurvey.transcripts.spoken import turns_of
from trustsurvey.transcripts.tables import headed, json_data, table_page

#: Bytes of a file, letters and lines of its text, and turns: ten hours of speech are about a million letters, thirty
#: thousand lines and five thousand turns.
LARGEST, MOST_LETTERS, MOST_LINES, MOST_TURNS = 32 << 20, 8 << 20, 400_000, 100_000
HINT = N_("Export the transcript again as text, .vtt, .srt or .docx.")


def read_transcript(path: str | Path, name: str | None = None) -> Transcript:
    """The turns of a transcript in any of :data:`~trustsurvey.transcripts.layouts.LAYOUTS`.

    ``name``: what to call the file, if not by its own name. Neighbouring pieces of one speaker are one turn. What
    stands before the first speaker is left out, and a notice says so; another one says where a file names nobody.
    Every defect of a file is a SurveyError with a code ``transcript.*``.
    """
    path = Path(path)
    name = (name or path.name).replace("\0", "")
    try:
        page, notices = _opened(path, name)
        return understood(page, name, notices)
    except SurveyError as error:
        error.code = error.code.replace("read.", "transcript.", 1)
        if not error.where.startswith(name):
            error.where = f"{name}, {error.where}" if error.where else name
        raise


def _opened(path: Path, name: str) -> tuple[Page, list[Notice]]:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise SurveyError("transcript.large", "The file is too large for a transcript",
                              got=f"{size / 2**20:,.0f} MB", expected=f"at most {LARGEST >> 20} MB",
                              hint="Save the text alone, without pictures or sound.")  # fmt: skip
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise SurveyError("transcript.absent", "There is no such file", hint="Check where the file is.") from error
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SurveyError("transcript.empty", "The file is empty", expected="what was said, line by line", hint=HINT)
    refuse_kind(data)
    if data.startswith(b"PK\x03\x04"):
        return _archive(path, name, data), []
    if data.lstrip().startswith(b"{\\rtf"):
        return page_of(rich_text(data)), []
    text, notices = _decoded(path)
    if is_hypertext(text):
        return page_of(hypertext(text)), notices
    if (told := json_data(text)) is not None:
        return Page(data=told, counted="segment"), notices
    if headed(text):
        return table_page(path, name), notices
    return Page(lines_of(text)), notices


def _archive(path: Path, name: str, data: bytes) -> Page:
    blocks = document_of(data)
    if blocks is not None:
        return page_of(blocks)
    if check_archive(path, name) == "workbook":
        return table_page(path, name)
    raise SurveyError("transcript.archive", "The file is an archive", expected="one transcript",
                      hint="Unpack it and import the file inside.")  # fmt: skip


def _decoded(path: Path) -> tuple[str, list[Notice]]:
    with tempfile.TemporaryDirectory(prefix="trustsurvey-") as folder:
        try:
            copy, notices = to_utf8(path, Path(folder), look(path))
            return copy.read_bytes().decode("utf-8-sig", errors="replace"), notices
        except (SurveyError, UnicodeError) as error:
            raise SurveyError(
                "transcript.kind", "The file is not a text", expected="a transcript", hint=HINT
            ) from error


def understood(page: Page, name: str, notices: list[Notice]) -> Transcript:
    """The transcript that a page holds, by the first layout that it has."""
    letters = sum(len(line.text) for line in page.lines)
    if letters > MOST_LETTERS or len(page.lines) > MOST_LINES:
        raise _too_long(f"{letters:,} letters in {len(page.lines):,} lines", f"{MOST_LETTERS:,} in {MOST_LINES:,}")
    found = ((layout, pieces) for layout in LAYOUTS if (pieces := layout.pieces(page)) is not None)
    layout, pieces = next(found, (LAYOUTS[-1], []))
    if turns := turns_of(pieces):
        told = [*notices, *_notices(page, layout, turns)]
        return Transcript(name, layout.key, turns, page.counted, layout.clock, tuple(told))
    raise SurveyError("transcript.nothing-said", "Nothing is said in the file", expected="what was said, line by line",
                      hint=HINT)  # fmt: skip


def _too_long(got: str, most: str) -> SurveyError:
    return SurveyError("transcript.long", "The transcript is too long", got=got, expected=f"at most {most}",
                       hint="Split it, a file a meeting.")  # fmt: skip


def _notices(page: Page, layout: Layout, turns: tuple[Turn, ...]) -> list[Notice]:
    if len(turns) > MOST_TURNS:
        raise _too_long(f"{len(turns):,} turns", f"{MOST_TURNS:,}")
    named = sum(bool(turn.speaker) for turn in turns)
    if not named:
        return [Notice("transcript.no-speakers", "The file does not say who speaks. Its text can be read and coded, "
                       "but not counted by person.", "warning")]  # fmt: skip
    notices = []
    if before := sum(line.number < turns[0].line for line in page.said if layout.key not in ("vtt", "srt")):
        notices.append(
            Notice(
                "transcript.before",
                "What stands before the first speaker (one line) was left out."
                if before == 1
                else f"What stands before the first speaker ({before:,} lines) was left out.",
            )
        )
    if nameless := len(turns) - named:
        notices.append(Notice("transcript.some-unnamed", f"For {nameless:,} of {len(turns):,} turns the file does not "
                              "say who speaks.", "warning"))  # fmt: skip
    return notices
