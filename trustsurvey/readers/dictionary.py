"""A REDCap data dictionary beside an export of raw codes: questions, labels and choices for its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from trustsurvey.errors import Notice, SurveyError, some
from trustsurvey.readers.platforms.entry import clean, squeezed
from trustsurvey.readers.raw import Column, Raw

#: Headings, squeezed, in the file that REDCap offers for download and in the one of its interface for programs.
NAME, KIND, LABEL = ("variablefieldname", "fieldname"), ("fieldtype",), ("fieldlabel",)
CHOICES = ("choicescalculationsorsliderlabels", "selectchoicesorcalculations")
FIXED = {"yesno": (("1", "Yes"), ("0", "No")), "truefalse": (("1", "True"), ("0", "False"))}


@dataclass(frozen=True)
class _Field:
    text: str
    kind: str
    labels: tuple[tuple[str, str], ...]


def with_dictionary(raw: Raw, dictionary: Raw) -> Raw:
    """The export with the questions and value labels of its dictionary, both as read.

    Raises SurveyError ``read.dictionary`` for a file that is no REDCap data dictionary, or one that
    describes none of the columns.
    """
    fields = _fields(dictionary)
    columns = tuple(_described(column, fields) for column in raw.columns)
    if columns == raw.columns:
        raise SurveyError(
            "read.dictionary", "The data dictionary describes none of the file's columns", where=dictionary.source,
            got=some(fields, 4), expected=some((column.name for column in raw.columns), 4),
            hint="Export the answers raw, not with labels, and the dictionary of the same project.",
        )  # fmt: skip
    described = sum(one != other for one, other in zip(columns, raw.columns, strict=True))
    told = Notice("read.dictionary", f"'{dictionary.source}' describes {described:,} of {len(columns):,} columns.")
    return replace(raw, columns=columns, notices=(*raw.notices, told))


def _fields(dictionary: Raw) -> dict[str, _Field]:
    headings = {squeezed(column.text): column.name for column in dictionary.columns}
    names = [_cells(dictionary, headings, keys) for keys in (NAME, KIND, LABEL, CHOICES)]
    if not all(names[:3]):
        raise SurveyError(
            "read.dictionary", "The file is no REDCap data dictionary", where=dictionary.source,
            expected="the columns Variable / Field Name, Field Type and Field Label",
            hint="Download it in REDCap under Project Setup, Data Dictionary.",
        )  # fmt: skip
    choices = names[3] or [""] * len(names[0])
    return {
        name: _Field(clean(label), kind, FIXED.get(kind) or _labels(listed))
        for name, kind, label, listed in zip(*names[:3], choices, strict=True)
    }


def _cells(raw: Raw, headings: dict[str, str], keys: tuple[str, ...]) -> list[str]:
    name = next((headings[key] for key in keys if key in headings), None)
    if name is None:
        return []
    values = raw.values(name)
    return [values.distinct[code] for code in values.codes]


def _labels(listed: str) -> tuple[tuple[str, str], ...]:
    """ "0, Hispanic or Latino | 1, Not" as pairs; a calculation has none."""
    parts = [re.fullmatch(r"\s*([\w.-]+)\s*,\s*(.*?)\s*", part, re.DOTALL) for part in listed.split("|")]
    return tuple((part.group(1), clean(part.group(2))) for part in parts if part) if all(parts) else ()


def _described(column: Column, fields: dict[str, _Field]) -> Column:
    field = fields.get(column.name)
    if field is not None:
        labels = field.labels if field.kind in (*FIXED, "radio", "dropdown") else column.labels
        return replace(column, text=field.text or column.text, labels=labels)
    name, _, code = column.name.partition("___")
    field = fields.get(name)
    if not code or field is None:
        return column
    # REDCap writes the minus of a code as one more low line.
    words = dict(field.labels).get(code.replace("_", "-"), code)
    text = f"{field.text} - {words}" if field.text else words
    return replace(column, text=text, question=name, option=words)
