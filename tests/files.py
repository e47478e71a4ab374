"""Survey files as the tools write them, and how tests read them in their own process."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import builders  # noqa: F401  sets the same examples on every run
from openpyxl import Workbook

from trustsurvey.harmonise import Harmonised, harmonise, mapping_from_yaml
from trustsurvey.instruments import default_instrument, parse_instrument
from trustsurvey.model import ColumnMap, Instrument, Mapping as ColumnMapping
from trustsurvey.readers import child
from trustsurvey.readers.raw import Raw

TRUST = default_instrument()
CORE = tuple(item.id for item in TRUST.rated if not item.optional)

SMALL = parse_instrument(
    """
name: small
items:
  kind: {text: Officers here are kind to everyone., scale: agree5}
  fair: {text: Officers here are fair to everyone., scale: agree5}
  rude: {text: Officers here are rude to people., scale: agree5, reverse: true}
  safe: {text: How safe do you feel in the street?, scale: safe4}
  all: {text: How much do you trust the police?, scale: trust11}
  met: {text: Did you meet an officer?, scale: yesno, optional: true}
  why: {text: What would you change?, scale: text}
indices:
  trust: {title: Trust, parts: [kind, fair, rude]}
"""
)


def read_here(content: bytes | str, name: str = "survey.csv") -> Raw:
    """What the reading process makes of a file, without the process."""
    folder = tempfile.TemporaryDirectory(prefix="trustsurvey-test-")
    path, out = Path(folder.name) / "upload", Path(folder.name) / "out"
    out.mkdir()
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return replace(child.read_into(path, name, out), folder=folder)
    except BaseException:
        folder.cleanup()
        raise


def cells(raw: Raw, column: str) -> list[str]:
    """The cells of a column, top to bottom."""
    values = raw.values(column)
    return [values.distinct[code] for code in values.codes]


def table(raw: Raw) -> list[list[str]]:
    """All answers, row by row."""
    return [list(row) for row in zip(*(cells(raw, column.name) for column in raw.columns), strict=True)]


def names(raw: Raw) -> list[str]:
    """The names of the columns."""
    return [column.name for column in raw.columns]


def numbers(raw: Raw) -> list[int]:
    """The numbers of the rows."""
    return raw.row_numbers.tolist()


def csv_text(rows: Sequence[Sequence[object]], delimiter: str = ",", end: str = "\n") -> str:
    """Rows as a survey tool writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


def xlsx(*rows: Sequence[Any], **sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with one sheet of rows, or with named sheets."""
    book = Workbook()
    book.remove(book.active)
    for title, content in (sheets or {"Sheet1": rows}).items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    """A zip archive of these members."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


_OFFICE = "http://schemas.openxmlformats.org"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def minimal_xlsx(*strings: tuple[str, str], extra: str = "") -> bytes:
    """A workbook written by hand: text cells by their address, then ``extra`` markup, in one sheet."""
    rows: dict[int, str] = {}
    for address, text in strings:
        number = int("".join(character for character in address if character.isdigit()))
        cell = f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'
        rows[number] = rows.get(number, "") + cell
    body = "".join(f'<row r="{number}">{cell}</row>' for number, cell in sorted(rows.items()))
    main, link = f"{_OFFICE}/spreadsheetml/2006/main", f"{_OFFICE}/officeDocument/2006/relationships"
    package, kind = f"{_OFFICE}/package/2006", "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return zipped(
        {
            "[Content_Types].xml": f'{_XML}<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'{_XML}<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{link}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{_XML}<workbook xmlns="{main}" xmlns:r="{link}"><sheets>'
            '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{link}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'{_XML}<worksheet xmlns="{main}"><sheetData>{body}{extra}</sheetData>'
            "</worksheet>",
        }
    )


# --- the files of survey tools --------------------------------------------------------------------

#: Tag, English text and import id of the columns that Qualtrics writes before the questions.
QUALTRICS_OWN = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
)


def qualtrics_rows(
    questions: Sequence[tuple[str, str]],
    answers: Sequence[Sequence[object]],
    numeric: bool = False,
    status: Sequence[str] = (),
) -> list[list[object]]:
    """A Qualtrics export: three header rows, its own columns, then questions given by tag and text.

    ``numeric``: choices, status and flags as numbers. ``status`` replaces the usual one, row by row.
    """
    heads = [*QUALTRICS_OWN, *((tag, text, f"QID{k}") for k, (tag, text) in enumerate(questions, 1))]
    normal, finished = ("0", "1") if numeric else ("IP Address", "True")
    rows: list[list[object]] = [
        [tag for tag, _, _ in heads],
        [text for _, text, _ in heads],
        [json.dumps({"ImportId": key}, separators=(",", ":")) for _, _, key in heads],
    ]
    for k, row in enumerate(answers):
        when = [f"2026-05-{k % 28 + 1:02d} 09:00:00", f"2026-05-{k % 28 + 1:02d} 09:05:00"]
        own = [status[k] if k < len(status) else normal, f"198.51.100.{k % 250}", "100", str(300 + k), finished]
        who = [when[1], f"R_{k:04d}", "Muster", "Maria", f"maria{k}@example.org", f"X{k}", "45.01", "-30.02"]
        rows.append([*when, *own, *who, "anonymous", "EN", *row])
    return rows


SURVEYMONKEY_OWN = (
    "Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name",
    "Last Name", "Custom Data 1",
)  # fmt: skip


def surveymonkey_rows(questions: Sequence[tuple[str, str]], answers: Sequence[Sequence[object]]) -> list[list[object]]:
    """A SurveyMonkey export: two header rows; a question is its heading ("" where it goes on) and its option."""
    rows: list[list[object]] = [
        [*SURVEYMONKEY_OWN, *(heading for heading, _ in questions)],
        [*[""] * len(SURVEYMONKEY_OWN), *(option for _, option in questions)],
    ]
    for k, row in enumerate(answers):
        when = [f"05/{k % 28 + 1:02d}/2026 09:00:00 AM", f"05/{k % 28 + 1:02d}/2026 09:05:00 PM"]
        rows.append([11000 + k, 7, *when, f"198.51.100.{k}", f"a{k}@example.org", "Maria", "Muster", "", *row])
    return rows


def labelled(raw: Raw, missing: Mapping[str, Sequence[str]] | None = None, **labels: Mapping[str, str]) -> Raw:
    """The file as if its own codebook labelled the values of these columns, and declared values to be missing."""
    missing = missing or {}
    columns = tuple(
        replace(c, labels=tuple(labels.get(c.name, {}).items()), missing=tuple(missing.get(c.name, ())))
        for c in raw.columns
    )
    return replace(raw, columns=columns)


# --- harmonising ----------------------------------------------------------------------------------


def items_of(*ids: str) -> tuple[ColumnMap, ...]:
    """Columns that are the items of the same names."""
    return tuple(ColumnMap(name, "item", name) for name in ids)


def taken_in(
    content: bytes | str | Raw,
    mapping: ColumnMapping | str,
    instrument: Instrument = SMALL,
    levels: Sequence[Any] = (),
    **more: Any,
) -> Harmonised:
    """A file harmonised by a mapping, which may be written as the columns of a mapping file."""
    if isinstance(mapping, str):
        mapping = mapping_from_yaml(mapping if "columns:" in mapping else f"partial_below: 0\ncolumns:\n{mapping}")
    raw = content if isinstance(content, Raw) else read_here(content)
    return harmonise(raw, mapping, instrument, levels, name=more.pop("name", "w1"), **more)
