"""What a file is, by its first bytes; the kinds that hold no survey are named and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from trustsurvey.errors import SurveyError
from trustsurvey.language import N_

Kind = Literal["text", "zip", "compound", "sav", "por", "dta", "parquet"]
#: How a zip archive begins, full, empty or split.
ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
#: How the container of old Office files, and of those with a password, begins.
COMPOUND = b"\xd0\xcf\x11\xe0"
EXPECTED = N_("a survey export: CSV, TSV, Excel, OpenDocument, SPSS, Stata or Parquet")
AS_TABLE = N_("Export the answers themselves, as CSV or .xlsx.")
UNPACK = N_("Unpack it and import the file inside.")
FROM_SAS = N_("Export the answers from SAS as CSV.")
FOREIGN = {
    b"%PDF": (N_("a PDF document"), AS_TABLE),
    b"\x89PNG": (N_("a picture"), AS_TABLE),
    b"\xff\xd8\xff": (N_("a picture"), AS_TABLE),
    b"GIF8": (N_("a picture"), AS_TABLE),
    b"\x1f\x8b": (N_("a compressed file"), UNPACK),
    b"7z\xbc\xaf": (N_("a compressed file"), UNPACK),
    b"Rar!": (N_("a compressed file"), UNPACK),
    b"{\\rtf": (N_("a text document"), AS_TABLE),
    b"SQLite format 3": (N_("a database"), N_("Export the table of answers from it as CSV.")),
    b"RDX": (N_("a file of R"), N_("Write the data frame with write.csv or haven::write_sav.")),
    b"SAS     ": (N_("a SAS transport file"), FROM_SAS),
    b"HEADER RECORD**": (N_("a SAS transport file"), FROM_SAS),
    b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60": (N_("a SAS file"), FROM_SAS),
}  # fmt: skip


def kind_of(path: Path, name: str) -> Kind:
    """The family of a file; SurveyError ``read.kind`` for what cannot be read."""
    with path.open("rb") as file:
        start = file.read(1024)
    if start.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if start.startswith(b"<stata_dta>") or _is_old_stata(start):
        return "dta"
    if b"SPSS PORT FILE" in start[:600].replace(b"\r", b"").replace(b"\n", b""):
        return "por"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(ARCHIVE):
        return "zip"
    if start.startswith(COMPOUND):
        return "compound"
    _refuse_foreign(start, name)
    return "text"


def is_text(path: Path, name: str) -> bool:
    """Whether a file is text; what cannot be read is not, and is refused by whoever reads it."""
    try:
        return kind_of(path, name) == "text"
    except (SurveyError, OSError):
        return False


def _is_old_stata(start: bytes) -> bool:
    """Whether a file begins with a release from 104 to 115, a byte order and the sign of a data set."""
    return len(start) > 60 and 104 <= start[0] <= 115 and start[1] in (1, 2) and start[2] == 1


def _refuse_foreign(start: bytes, name: str) -> None:
    kind = next((told for magic, told in FOREIGN.items() if start.startswith(magic)), None)
    suffix = name.lower().rpartition(".")[2]
    if kind is None and suffix in ("xlsx", "xlsm", "xlsb", "ods"):
        kind = (N_("a file that is called a workbook but is none"), N_("Open it in Excel and save it as .xlsx."))
    if kind is None and suffix in ("sav", "zsav", "por", "dta", "parquet"):
        kind = (N_(f"a file that is called .{suffix} but is none"), N_("Save it again from the program that made it."))
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if kind is None and text.startswith((b"<!d", b"<html", b"<?xml")):
        kind = (
            N_("a web page or an XML file"),
            N_("Sign in to the survey tool and download the answers as CSV or .xlsx."),
        )
    if kind is None and text.startswith((b"{", b"[{")):
        kind = (N_("a JSON file"), N_("Boundaries belong to the study; answers are imported as CSV or .xlsx."))
    if kind is not None:
        raise SurveyError(
            "read.kind", "The file is of a kind that cannot be read", got=kind[0], expected=EXPECTED, hint=kind[1]
        )
