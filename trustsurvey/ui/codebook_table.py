"""A codebook as a table to edit, and the table as a codebook again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from trustsurvey.errors import SurveyError, some
from trustsurvey.language import N_, _
from trustsurvey.model import Code, Codebook
from trustsurvey.store.repository import slug_of
from trustsurvey.text.codebook import codebook_from_csv, codebook_from_yaml
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.refi_qda.codes import codebook_from_qdc
from trustsurvey.ui.uploads import text_of

#: Columns of the table, by the field of a code that each shows.
COLUMNS = {
    "title": N_("Theme"),
    "parent": N_("Under"),
    "definition": N_("What it means"),
    "keywords": N_("Words that point to it"),
    "include": N_("Also counts"),
    "exclude": N_("Does not count"),
    "examples": N_("Examples"),
    "key": N_("Key"),
}
LISTS = {"keywords": ", ", "examples": " | "}  # in this order


def to_table(codebook: Codebook) -> pd.DataFrame:
    """One row a code; lists in one cell."""
    rows = []
    for code in codebook.codes:
        cells: dict[str, Any] = {}
        for field, title in COLUMNS.items():
            value = getattr(code, field)
            if field == "parent":
                value = codebook.code(value).title if value else ""
            cells[title] = LISTS[field].join(value) if field in LISTS else value
        rows.append(cells)
    return pd.DataFrame(rows, columns=list(COLUMNS.values()))


def shown() -> dict[str, Any]:
    """How the columns are headed; what files call a theme is not changed."""
    heads: dict[str, Any] = {title: _(title) for title in COLUMNS.values()}
    key = COLUMNS["key"]
    return heads | {
        key: st.column_config.TextColumn(_(key), disabled=True, help=_("What files call the theme; it stays."))
    }


def from_file(content: bytes, name: str) -> Codebook:
    """The codebook in an uploaded .yaml, .csv or .qdc file; SurveyError ``codebook.*``, ``refi.*``, ``upload.text``."""
    if name.lower().endswith(".qdc"):
        return codebook_from_qdc(content, name)[0]
    read = codebook_from_csv if name.lower().endswith(".csv") else codebook_from_yaml
    return read(text_of(content, name), name)


def from_table(table: pd.DataFrame, codebook: Codebook) -> Codebook:
    """The codebook that an edited table says; new rows get a key of their title. SurveyError ``codebook.*``."""
    rows = [_cells(row) for row in table.to_dict("records")]
    rows = [row for row in rows if any(row.values())]
    untitled = next((number for number, row in enumerate(rows, 1) if not row["title"]), None)
    if untitled is not None:
        raise SurveyError("codebook.title", "A theme has no name", where=f"row {untitled}",
                          hint="Give it one, or delete the row.")  # fmt: skip
    taken = {row["key"] for row in rows if row["key"]}
    for row in rows:
        if not row["key"]:
            row["key"] = _free(slug_of(row["title"]).replace("-", "_"), taken)
            taken.add(row["key"])
    keys = {row["title"].casefold(): row["key"] for row in rows}
    codes = {}
    for row in rows:
        parent = row["parent"]
        if parent and parent.casefold() not in keys:
            raise SurveyError("codebook.parent", f"'{row['title']}' is under '{parent}', which is no theme",
                              where=codebook.name, expected=some([r["title"] for r in rows], 8))  # fmt: skip
        keywords, examples = (_parts(row[name], mark) for name, mark in LISTS.items())
        codes[row["key"]] = Code(
            row["key"], row["title"], keys[parent.casefold()] if parent else "", row["definition"], row["include"],
            row["exclude"], examples, keywords, codebook.code(row["key"]).colour if row["key"] in codebook else "",
        )  # fmt: skip
    made = replace(codebook, codes=_parents_first(codes, codebook.name))
    Matcher(made).hits([])
    return made


def _cells(row: dict[Any, Any]) -> dict[str, str]:
    return {field: "" if pd.isna(row[title]) else str(row[title]).strip() for field, title in COLUMNS.items()}


def _parts(cell: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(mark.strip()) if part.strip())


def _free(key: str, taken: set[str]) -> str:
    return key if key not in taken else next(k for n in range(2, len(taken) + 3) if (k := f"{key}_{n}") not in taken)


def _parents_first(codes: dict[str, Code], name: str) -> tuple[Code, ...]:
    """Codes in their order, each after the one it is under."""
    placed: dict[str, Code] = {}
    for code in codes.values():
        line = [code]
        while (above := line[-1].parent) and above not in placed:
            if above in {c.key for c in line}:
                raise SurveyError("codebook.circle", f"'{code.title}' is under itself", where=name)
            line.append(codes[above])
        placed |= {c.key: c for c in reversed(line)}
    return tuple(placed.values())
