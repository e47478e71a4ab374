"""Names and texts that would do something if anything let them, and a way to tell whether they could."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import openpyxl
from google.protobuf.json_format import MessageToDict
from pages_of_html import ALLOWED
from planted import ONE, World
from pypdf import PdfReader

from trustsurvey.inert import DANGEROUS

SCRIPT = "<script>alert(1)</script>"
IMAGE = "image ![x](http://evil.example/x)"
LINK = "[l](javascript:alert(2))"
ANCHOR = '<a href="http://evil.example">x</a><b>b</b>'
#: What names become. Each is short enough for a name, and each of another kind.
NAMES = {
    "Quay": SCRIPT, "Pier": IMAGE, "Mill": '=HYPERLINK("http://evil.example")', "Lock": "+cmd|' /C calc'!A0",
    "Hill": "@SUM(1)", "Park": "-1+1", "Wood": "\u202eevil $x^2$", "Moor": "&lt;b&gt;:material/home: :red[x]",
    "Fell": "a\";b,c'd", "East": ANCHOR, "West": "'); system('evil') #", "North": "x\" y.\" evil",
    "female": LINK, "male": "=1+1", "other": SCRIPT, "unsaid": "**evil** ~~x~~ `code`",
    "young": IMAGE, "middle": ANCHOR, "old": "@evil",
    "Trust index": LINK, "Respect": SCRIPT, "Safety": IMAGE, "Planted": ANCHOR, "Districts": "Districts " + IMAGE,
    "Wards": "Wards " + SCRIPT, "2024": "=2024", "2025": IMAGE, "2026": SCRIPT,
    "2024.csv": "=a.csv", "2025.csv": IMAGE, "2026.csv": SCRIPT + ".csv",
    "Speed of response": SCRIPT, "Manner": IMAGE, "Parks": ANCHOR, "Green places.": LINK, "the first": IMAGE,
    "Cards": SCRIPT, "First group": IMAGE, "Kim": "Kim<b>", "Lee": "=Lee",
    "Officers treat people fairly.": "Officers treat people fairly. " + IMAGE,
    "Officers are rude.": "=Officers are rude. " + SCRIPT, "What should change?": LINK + " " + SCRIPT,
}  # fmt: skip
TAIL = f"; {SCRIPT} {IMAGE} {LINK} {ANCHOR} =1+1 $x^2$ :material/home: \u202eevil"
HOSTILE = World("hostile", ONE.ward, ONE.sex, ONE.rare, NAMES, TAIL)

#: What must not stand in a place that renders Markdown without a backslash before it.
MARKUP = re.compile(
    r"(?<!\\)(!?\[[^\]\n]*\]\((?:http|javascript)|<(?:script|a |b>|/a>)"
    r"|\$x\^|\*\*evil|~~x|`code`|:red\[|:material/home)"
)
#: Fields of messages that the browser shows as they are.
AS_IS = {
    "options", "default", "value", "rawValue", "rawValues", "setValue", "id", "elementId", "formId", "queryString",
    "spec", "alt", "placeholder", "type", "language", "selectionMode", "key", "pageScriptHash", "urlPathname",
    "pageName", "appPages", "config", "columns", "data",
}  # fmt: skip
#: What coded transcripts are made of beside what reports are.
PRINTED = {"ol", "span", "mark", "colgroup", "col", "h4", "br", "nav"}
#: Widgets whose options are Markdown, unlike those of a list to choose from.
OPTIONS_ARE_MARKDOWN = ("radio", "buttonGroup")


def alive(message: Any) -> Iterator[str]:
    """Text in a message that would be more than text in the browser."""
    element = MessageToDict(message).get("newElement", {})
    for kind, content in element.items():
        if kind == "html":
            yield from acts(content["body"], {"mark", "div", "span", "p", "br", "style", "b", "strong"})
        elif kind == "plotlyChart":
            yield from (f"plotly: {one}" for one in _drawn(json.loads(content["spec"])))
        elif kind in ("text", "code", "arrowDataFrame", "textInput", "textArea"):
            yield from (f"{kind}: {one}" for name in ("label", "help") for one in [content.get(name, "")]
                        if isinstance(one, str) and MARKUP.search(one))  # fmt: skip
        elif isinstance(content, dict):
            skipped = AS_IS - ({"options"} if kind in OPTIONS_ARE_MARKDOWN else set())
            yield from (f"{kind}: {one}" for one in _strings(content, skipped) if MARKUP.search(one))


def _strings(value: Any, skipped: set[str]) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in skipped:
                yield from _strings(inner, skipped)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, skipped)
    elif isinstance(value, str):
        yield value


def _drawn(value: Any, name: str = "") -> Iterator[str]:
    """Strings of a figure that Plotly would read as tags of its own, or as a formula."""
    if isinstance(value, dict):
        for key, inner in value.items():
            # Places of a map are looked up, not written; the template is our own.
            if key not in ("geojson", "locations", "ids", "template", "customdata", "source"):
                yield from _drawn(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _drawn(inner, name)
    elif isinstance(value, str) and re.search(r"<(?!br>|extra>|/extra>|b>Too|/?i>)[a-z/]|\$x\^2\$", value):
        yield f"{name} {value}"


class _Acts(HTMLParser):
    def __init__(self, allowed: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.allowed, self.found = allowed, []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.allowed:
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {n}={v}" for n, v in attrs if n.startswith("on") or n in ("href", "src", "action")]


def acts(page: str, allowed: set[str]) -> list[str]:
    """What is on a page of HTML but text, drawings and tables."""
    parser = _Acts(allowed)
    parser.feed(page)
    parser.close()
    return parser.found


def alive_in_file(name: str, content: bytes) -> list[str]:
    """What in a file would be more than text to the program that opens it."""
    ending = name.rsplit(".", 1)[-1]
    if ending == "xlsx":
        return [f"{name}: {one}" for one in _alive_in_workbook(content)]
    if ending == "pdf":
        return [f"{name}: {one}" for one in _alive_in_pdf(content)]
    if content[:4] == b"PK\x03\x04":
        archive = zipfile.ZipFile(io.BytesIO(content))
        return [one for member in archive.namelist() for one in alive_in_file(member, archive.read(member))]
    text = content.decode("utf-8-sig", errors="replace")
    if ending == "csv":
        rows = csv.reader(io.StringIO(text))
        cells = [cell for row in rows for cell in row]
        return [f"{name}: {cell}" for cell in cells if cell.startswith(DANGEROUS) and not _number(cell)]
    if ending in ("html", "svg"):
        return [f"{name}: {one}" for one in acts(text, ALLOWED | PRINTED)]
    if ending in ("R", "sps"):
        strings = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'' if ending == "R" else r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'"
        code = re.sub(strings, "", text)
        code = re.sub(r"#.*", "", code) if ending == "R" else re.sub(r"(?m)^\s*\*.*\.$", "", code)
        return [f"{name}: {line}" for line in code.splitlines() if re.search("evil|alert|system|calc", line)]
    return []


#: What an object of a PDF does, or takes along.
PDF_ACTS = {"/URI", "/JS", "/JavaScript", "/Launch", "/SubmitForm", "/GoToR", "/AA", "/OpenAction", "/EmbeddedFiles"}


def _alive_in_pdf(content: bytes) -> Iterator[str]:
    reader = PdfReader(io.BytesIO(content))
    for number in range(1, len(reader.xref[0]) + len(reader.xref_objStm) + 1):
        yield from sorted(PDF_ACTS & set(_names(reader.get_object(number))))


def _names(value: Any) -> Iterator[str]:
    """All names in an object of a PDF; those that it refers to are objects too."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for inner in value:
            yield from _names(inner)
    elif isinstance(value, str):
        yield value


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _alive_in_workbook(content: bytes) -> Iterator[str]:
    members = zipfile.ZipFile(io.BytesIO(content)).namelist()
    yield from (one for one in members if re.search("externalLink|vba|hyperlink|connections", one, re.IGNORECASE))
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f" or cell.hyperlink is not None:
                    yield f"{sheet.title} {cell.coordinate} {cell.value}"
                elif isinstance(cell.value, str) and cell.value.startswith(DANGEROUS) and not cell.quotePrefix:
                    yield f"{sheet.title} {cell.coordinate} {cell.value}, not marked as text"
