"""A study as a YAML file: where it is held, its margins, its waves and what to make of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import default_instrument, read_instrument
from trustsurvey.model import AreaLevel, Study
from trustsurvey.readers.boundaries import read_boundaries
from trustsurvey.wording import fold

KEYS = {
    "name", "slug", "sample", "probability", "instrument", "areas", "margins", "weighting", "mapping",
    "waves", "export",
}  # fmt: skip
AREA_KEYS = {"key", "title", "parent", "table", "boundaries", "boundary_key", "names"}
WAVE_KEYS = {"name", "file", "mapping", "start", "end", "margins", "weighting", "became", "only"}
WEIGHTING_KEYS = {"start", "missing", "bounds", "rescale", "method", "collapse", "ordered", "trim"}


@dataclass(frozen=True)
class WavePlan:
    """One wave of the file: where its export lies and how it is to be taken in.

    ``became``: tables of what former areas became, by level. ``only``: the rows alone that say this in this column.
    """

    name: str
    file: Path
    mapping: Path | None = None
    start: date | None = None
    end: date | None = None
    margins: Path | None = None
    weighting: MappingType[str, Any] = field(default_factory=dict)
    became: MappingType[str, Path] = field(default_factory=dict)
    only: tuple[str, str] | None = None


@dataclass(frozen=True)
class StudyFile:
    """A study file as read; every path in it is relative to the file."""

    study: Study
    boundaries: MappingType[str, str]
    margins: Path | None
    waves: tuple[WavePlan, ...]
    export: Path | None = None


def read_study_file(path: str | Path) -> StudyFile:
    """Read a study file; SurveyError ``study.*`` names the entry that is wrong."""
    path = Path(path)
    whole = _load(path)
    _known(whole, KEYS, path.name)
    if not whole.get("name"):
        raise SurveyError("study.name", "The study has no name", where=path.name, expected="an entry 'name'")
    folder = path.parent
    instrument = whole.get("instrument")
    levels, boundaries = _levels(_listed(whole, "areas", path.name), folder, path.name)
    name = str(whole["name"])
    study = Study(
        slug=str(whole.get("slug") or ""),
        name=name,
        instrument=read_instrument(folder / str(instrument)) if instrument else default_instrument(),
        levels=levels,
        probability=_flag(whole, "probability", path.name),
        sample=_flag(whole, "sample", path.name),
    )
    margins = _file(whole.get("margins"), folder)
    shared = WavePlan(
        "",
        folder,
        _file(whole.get("mapping"), folder),
        margins=margins,
        weighting=_weighting(whole.get("weighting") or {}, path.name),
    )
    waves = tuple(_wave(entry, shared, path.name) for entry in _listed(whole, "waves", path.name))
    names = [wave.name for wave in waves]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise SurveyError("study.waves", f"The wave {some(set(twice))} stands twice", where=path.name)
    return StudyFile(study, boundaries, margins, waves, _file(whole.get("export"), folder))


def read_area_table(path: Path, level: str, parent: str) -> tuple[tuple[str, str], ...]:
    """Areas and the areas they lie in, from a CSV file with columns named after the two levels."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SurveyError("study.area-table", "The table of areas cannot be read", where=str(path)) from error
    if not rows or level not in rows[0] or (parent and parent not in rows[0]):
        raise SurveyError(
            "study.area-table", "The table of areas lacks a column", where=path.name,
            got=some(rows[0]) if rows else "no rows",
            expected=f"'{level}'" + (f" and '{parent}'" if parent else ""),
        )  # fmt: skip
    pairs = [((row[level] or "").strip(), (row[parent] or "").strip() if parent else "") for row in rows]
    return tuple(dict.fromkeys(pair for pair in pairs if pair[0]))


def with_boundaries(level: AreaLevel, file: Path) -> tuple[AreaLevel, str]:
    """A level with the boundaries of a file, and those as GeoJSON; where it lists no areas they are the file's.

    ``level.boundary_key``: the property that holds the names, "" for the likeliest.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SurveyError("boundaries.absent", "The boundary file cannot be read", where=str(file)) from error
    shapes = read_boundaries(text, level.boundary_key, file.name)
    areas = level.areas or tuple((name, "") for name in shapes.names)
    refuse_unmatched([name for name, _ in areas], shapes.names, file.name)
    return replace(level, areas=areas, boundary_key=shapes.key), shapes.geojson


def _load(path: Path) -> dict[str, Any]:
    try:
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SurveyError("study.absent", "The study file cannot be read", where=str(path)) from error
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path.name}, line {mark.line + 1}" if mark else path.name
        raise SurveyError("study.yaml", "The study file is not valid YAML", where=where) from error
    if not isinstance(whole, dict):
        raise SurveyError("study.yaml", "The study file is empty", where=path.name, expected="name, areas, waves")
    return whole


def _listed(entry: dict[str, Any], key: str, where: str) -> list[Any]:
    found = entry.get(key) or []
    if not isinstance(found, list):
        raise SurveyError(
            "study.list", f"'{key}' is no list", where=where, got=str(found)[:60],
            expected="a dash before each entry",
        )  # fmt: skip
    return found


def _flag(entry: dict[str, Any], key: str, where: str) -> bool:
    found = entry.get(key, False)
    if not isinstance(found, bool):
        raise SurveyError("study.flag", f"'{key}' is neither true nor false", where=where, got=str(found)[:60])
    return found


def _known(entry: Any, keys: set[str], where: str) -> None:
    if not isinstance(entry, dict):
        raise SurveyError(
            "study.entry", "An entry has no names and values", where=where, got=str(entry)[:60],
            expected=some(sorted(keys), 12),
        )  # fmt: skip
    strange = [str(key) for key in entry if key not in keys]
    if strange:
        raise SurveyError(
            "study.key", f"The entry {some(strange)} is unknown", where=where, expected=some(sorted(keys), 12)
        )


def _levels(entries: list[dict[str, Any]], folder: Path, where: str) -> tuple[tuple[AreaLevel, ...], dict[str, str]]:
    levels: list[AreaLevel] = []
    boundaries: dict[str, str] = {}
    for entry in entries:
        _known(entry, AREA_KEYS, f"{where}, areas")
        key, parent = str(entry.get("key") or ""), str(entry.get("parent") or "")
        if not key:
            raise SurveyError("study.area", "An area level has no key", where=where, expected="key: district")
        if key in {level.key for level in levels}:
            raise SurveyError("study.area", f"The level '{key}' stands twice", where=where)
        if parent and parent not in {level.key for level in levels}:
            raise SurveyError(
                "study.area",
                f"The level '{key}' lies within '{parent}', which does not come before it",
                where=where,
            )
        listed = _listed(entry, "names", f"{where}, areas")
        areas: tuple[tuple[str, str], ...] = tuple((str(name), "") for name in listed)
        if entry.get("table"):
            areas = read_area_table(folder / str(entry["table"]), key, parent)
        title, boundary_key = str(entry.get("title") or key.capitalize()), str(entry.get("boundary_key") or "")
        level = AreaLevel(key, title, parent, areas, boundary_key)
        if entry.get("boundaries"):
            level, boundaries[key] = with_boundaries(level, folder / str(entry["boundaries"]))
        names = list(level.names)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SurveyError(
                "study.area-twice", f"An area of the level '{key}' stands twice", where=where, got=some(twice),
                expected="every area once, in one area of the level above",
            )  # fmt: skip
        levels.append(level)
    return tuple(levels), boundaries


def refuse_unmatched(areas: list[str], shapes: tuple[str, ...], where: str) -> None:
    """Refuse boundaries none of whose names are areas of the level."""
    known = {fold(name) for name in areas}
    if areas and not any(fold(name) in known for name in shapes):
        raise SurveyError(
            "boundaries.unmatched", "No name in the boundary file is an area of the study", where=where,
            got=some(shapes, 3), expected=some(areas, 3), hint="Choose the property that holds the names.",
        )  # fmt: skip


def _weighting(entry: dict[str, Any], where: str) -> dict[str, Any]:
    _known(entry, WEIGHTING_KEYS, f"{where}, weighting")
    result = dict(entry)
    choices = {"start": ("base", "one"), "missing": ("keep", "refuse"), "method": ("rake", "linear")}
    for key, allowed in choices.items():
        if key in result and result[key] not in allowed:
            raise SurveyError(
                "study.weighting", f"'{key}: {result[key]}' is unknown", where=where, expected=some(allowed)
            )
    for key in ("bounds", "trim"):
        if result.get(key) is not None:
            result[key] = _pair(result[key], where)
    if result.get("collapse") is not None and not isinstance(result["collapse"], int):
        raise SurveyError("study.weighting", "'collapse' is no number of answers", where=where,
                          got=str(result["collapse"]), expected="a whole number")  # fmt: skip
    if "ordered" in result:
        result["ordered"] = tuple(str(name) for name in result["ordered"] or ())
    if "trim" in result:
        result["trim_to"] = result.pop("trim")
    return result


def _pair(value: Any, where: str) -> tuple[float, float]:
    try:
        low, high = (float(number) for number in value)
    except (TypeError, ValueError) as error:
        raise SurveyError(
            "study.weighting", "The bounds of the weights are no pair of numbers", where=where,
            got=str(value), expected="two multiples of the mean weight, such as [0.2, 5]",
        ) from error  # fmt: skip
    return low, high


def _wave(entry: dict[str, Any], shared: WavePlan, where: str) -> WavePlan:
    """A wave's own entries, and those of the whole study (``shared``) where it has none."""
    folder = shared.file
    _known(entry, WAVE_KEYS, f"{where}, waves")
    if not entry.get("name") or not entry.get("file"):
        raise SurveyError("study.wave", "A wave has no name or no file", where=where, expected="name and file")
    own = _weighting(entry.get("weighting") or {}, where)
    return WavePlan(
        str(entry["name"]),
        folder / str(entry["file"]),
        _file(entry.get("mapping"), folder) or shared.mapping,
        _day(entry.get("start"), where),
        _day(entry.get("end"), where),
        _file(entry.get("margins"), folder) or shared.margins,
        {**shared.weighting, **own},
        {str(level): folder / str(table) for level, table in (entry.get("became") or {}).items()},
        _only(entry.get("only"), where),
    )


def _only(entry: Any, where: str) -> tuple[str, str] | None:
    """The column and the value of an entry such as {Year: 2011}."""
    if entry is None:
        return None
    if not isinstance(entry, dict) or len(entry) != 1:
        raise SurveyError("study.only", "'only' is no column with a value", where=where, got=str(entry)[:60],
                          expected="such as {Year: 2011}")  # fmt: skip
    ((column, value),) = entry.items()
    return str(column), str(value)


def _day(value: Any, where: str) -> date | None:
    if value is None or isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise SurveyError(
            "study.date", f"'{value}' is no date", where=where, expected="a day such as 2026-04-01"
        ) from error


def _file(value: Any, folder: Path) -> Path | None:
    return folder / str(value) if value else None
