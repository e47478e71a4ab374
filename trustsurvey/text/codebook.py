"""Codebooks as data: YAML and CSV files in and out, and the one that comes with the package."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import fields
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from trustsurvey.errors import SurveyError, some
from trustsurvey.inert import guarded, unguarded
from trustsurvey.model import Code, Codebook
from trustsurvey.text.keywords import Matcher

FIELDS = tuple(field.name for field in fields(Code))
LISTS = ("examples", "keywords")
#: Separates the entries of a list within a CSV cell.
BETWEEN = " | "


@lru_cache(maxsize=1)
def default_codebook() -> Codebook:
    """The codebook of trust in the police that comes with the package (``codebook.yaml``)."""
    text = resources.files(__package__).joinpath("codebook.yaml").read_text(encoding="utf-8")
    return codebook_from_yaml(text, "codebook.yaml")


@lru_cache(maxsize=64)
def codebook_from_yaml(text: str, name: str = "codebook") -> Codebook:
    """Read a codebook from YAML: name, version, language, and codes by key; SurveyError ``codebook.*`` if unsound.

    A code may hold its own codes under ``codes``, to any depth.
    """
    try:
        whole = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        raise SurveyError("codebook.yaml", "The codebook is not valid YAML", where=where) from error
    if not isinstance(whole, dict) or not isinstance(whole.get("codes"), dict) or not whole["codes"]:
        raise SurveyError("codebook.empty", "The codebook has no codes", where=name, expected="a mapping 'codes'")
    codes: list[Code] = []
    _gather(whole["codes"], "", name, codes)
    return _checked(Codebook(str(whole.get("name", name)), tuple(codes), _version(whole.get("version", 1), name),
                             str(whole.get("language", "english"))))  # fmt: skip


def _gather(entries: dict[Any, Any], parent: str, name: str, codes: list[Code]) -> None:
    for key, entry in entries.items():
        where = f"{name}, code '{key}'"
        entry = {"title": entry} if isinstance(entry, str) else entry
        if not isinstance(entry, dict):
            raise SurveyError("codebook.entry", "The code is neither a title nor a mapping", where=where)
        below = entry.get("codes") or {}
        strange = [str(k) for k in entry if k not in (*FIELDS, "codes")]
        if strange or not isinstance(below, dict):
            raise SurveyError("codebook.field", f"The code has the unknown field {some(strange or ['codes'])}",
                              where=where, expected=some((*FIELDS[1:], "codes"), 12))  # fmt: skip
        told = {k: _listed(v) if k in LISTS else str(v or "").strip() for k, v in entry.items() if k != "codes"}
        codes.append(Code(**({"title": str(key), "parent": parent} | told | {"key": str(key)})))  # type: ignore[arg-type]
        _gather(below, str(key), name, codes)


def _listed(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value] if value is not None else []
    return tuple(text for entry in listed if (text := str(entry).strip()))


def _version(value: Any, name: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,8}", str(value)):
        raise SurveyError("codebook.version", "The version is not a whole number", where=name, got=str(value))
    return int(value)


def codebook_to_yaml(codebook: Codebook) -> str:
    """The codebook as YAML; ``codebook_from_yaml`` gives the same one back."""
    codes = {}
    for code in codebook.codes:
        entry = {name: getattr(code, name) for name in FIELDS if name != "key" and getattr(code, name)}
        codes[code.key] = {name: list(value) if name in LISTS else value for name, value in entry.items()}
    # The codebook that comes with the package has version 0 within a study; as a file it is a first version.
    whole = {"name": codebook.name, "version": max(codebook.version, 1), "language": codebook.language, "codes": codes}
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=100)


def codebook_from_csv(text: str, name: str = "codebook") -> Codebook:
    """Read a codebook from CSV: a row a code, columns as the fields of ``Code``, entries of lists separated by |."""
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SurveyError("codebook.csv", "The codebook is not valid CSV", where=name) from error
    heading = tuple(rows[0]) if rows else ()
    if "key" not in heading or any(name not in FIELDS for name in heading):
        raise SurveyError(
            "codebook.csv", "The codebook's columns are not those of a codebook", where=name,
            got=some(heading), expected=f"key, and any of {some(FIELDS[1:], 12)}",
        )  # fmt: skip
    codes = []
    for number, row in enumerate(rows, 2):
        if None in row:
            raise SurveyError("codebook.csv", "A row has more cells than the heading", where=f"{name}, row {number:,}")
        cells = {k: unguarded(v) for k, v in row.items() if v}
        told = {k: _listed(v.split(BETWEEN.strip())) if k in LISTS else v.strip() for k, v in cells.items()}
        codes.append(Code(**({"title": told.get("key", "")} | told)))
    return _checked(Codebook(name, tuple(codes)))


def codebook_to_csv(codebook: Codebook) -> str:
    """The codebook as CSV, a row a code; no text in it is a formula to a spreadsheet."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, FIELDS, lineterminator="\n")
    writer.writeheader()
    for code in codebook.codes:
        cells = {name: BETWEEN.join(getattr(code, name)) if name in LISTS else getattr(code, name) for name in FIELDS}
        writer.writerow({name: guarded(cell) for name, cell in cells.items()})
    return target.getvalue()


def _checked(codebook: Codebook) -> Codebook:
    """The codebook, or a SurveyError for its first keyword that cannot be used."""
    Matcher(codebook).hits([])
    wrong = [c.key for c in codebook.codes if c.colour and not re.fullmatch(r"#[0-9a-fA-F]{6}", c.colour)]
    if wrong:
        raise SurveyError("codebook.colour", f"The colour of {some(wrong)} cannot be used", where=codebook.name,
                          expected="a colour such as #336699")  # fmt: skip
    return codebook
