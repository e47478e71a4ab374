"""A study as a YAML file: where it is held, its margins, its waves and what to make of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from trustsurvey.actions.files import actions_from_list, read_actions
from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import default_instrument, read_instrument
from trustsurvey.model import Action, AreaLevel, Instrument, Mapping, Margins, Study
from trustsurvey.readers.boundaries import read_boundaries
from trustsurvey.study_entries import (
    day,
    flag,
    former_areas,
    inline_instrument,
    inline_mapping,
    inline_margins,
    known,
    listed,
    only,
    weighting,
)
from trustsurvey.wording import fold

KEYS = {
    "name", "slug", "sample", "probability", "instrument", "areas", "margins", "weighting", "mapping",
    "waves", "actions", "export", "reproduces",
}  # fmt: skip
AREA_KEYS = {"key", "title", "parent", "table", "boundaries", "boundary_key", "names", "former"}
WAVE_KEYS = {"name", "file", "mapping", "start", "end", "margins", "weighting", "became", "only"}


@dataclass(frozen=True)
class WavePlan:
    """One wave of the file: where its export lies and how it is to be taken in.

    ``became``: tables of what former areas became, by level. ``only``: the rows alone that say this in this column.
    """

    name: str
    file: Path
    mapping: Path | Mapping | None = None
    start: date | None = None
    end: date | None = None
    margins: Path | Margins | None = None
    weighting: MappingType[str, Any] = field(default_factory=dict)
    became: MappingType[str, Path] = field(default_factory=dict)
    only: tuple[str, str] | None = None


@dataclass(frozen=True)
class StudyFile:
    """A study file as read; every path in it is relative to the file.

    Questionnaire, mappings and margins are files of their own, or stand in the file. ``reproduces``: the figures
    that it is to give, where it was written to repeat some (see ``reproduction.recipe``). ``actions``: what was
    promised and done.
    """

    study: Study
    boundaries: MappingType[str, str]
    margins: Path | Margins | None
    waves: tuple[WavePlan, ...]
    export: Path | None = None
    reproduces: MappingType[str, Any] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()


def read_study_file(path: str | Path) -> StudyFile:
    """Read a study file; SurveyError ``study.*`` names the entry that is wrong."""
    path = Path(path)
    whole = _load(path)
    known(whole, KEYS, path.name)
    if not whole.get("name"):
        raise SurveyError("study.name", "The study has no name", where=path.name, expected="an entry 'name'")
    folder = path.parent
    instrument = whole.get("instrument")
    levels, boundaries = _levels(listed(whole, "areas", path.name), folder, path.name)
    name = str(whole["name"])
    study = Study(
        slug=str(whole.get("slug") or ""),
        name=name,
        instrument=_instrument(instrument, folder, path.name),
        levels=levels,
        probability=flag(whole, "probability", path.name),
        sample=flag(whole, "sample", path.name),
    )
    margins = _margins(whole.get("margins"), folder, path.name)
    shared = WavePlan(
        "",
        folder,
        _mapping(whole.get("mapping"), path, "mapping"),
        margins=margins,
        weighting=weighting(whole.get("weighting") or {}, path.name),
    )
    entries = listed(whole, "waves", path.name)
    waves = tuple(_wave(entry, shared, path, at) for at, entry in enumerate(entries))
    names = [wave.name for wave in waves]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise SurveyError("study.waves", f"The wave {some(set(twice))} stands twice", where=path.name)
    return StudyFile(study, boundaries, margins, waves, _file(whole.get("export"), folder),
                     whole.get("reproduces") or {}, _actions(whole.get("actions"), folder, path.name))  # fmt: skip


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
            expected=some([level, parent] if parent else [level]),
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


def _levels(entries: list[dict[str, Any]], folder: Path, where: str) -> tuple[tuple[AreaLevel, ...], dict[str, str]]:
    levels: list[AreaLevel] = []
    boundaries: dict[str, str] = {}
    for entry in entries:
        known(entry, AREA_KEYS, f"{where}, areas")
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
        within = entry.get("names")
        areas: tuple[tuple[str, str], ...]
        if isinstance(within, dict):
            areas = tuple((str(name), str(whole or "")) for name, whole in within.items())
        else:
            areas = tuple((str(name), "") for name in listed(entry, "names", f"{where}, areas"))
        if entry.get("table"):
            areas = read_area_table(folder / str(entry["table"]), key, parent)
        title, boundary_key = str(entry.get("title") or key.capitalize()), str(entry.get("boundary_key") or "")
        level = AreaLevel(key, title, parent, areas, boundary_key, former_areas(entry.get("former"), where))
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


def _wave(entry: dict[str, Any], shared: WavePlan, path: Path, at: int) -> WavePlan:
    """A wave's own entries, and those of the whole study (``shared``) where it has none."""
    folder, where = shared.file, path.name
    known(entry, WAVE_KEYS, f"{where}, waves")
    if not entry.get("name") or not entry.get("file"):
        raise SurveyError("study.wave", "A wave has no name or no file", where=where, expected="name and file")
    own = weighting(entry.get("weighting") or {}, where)
    return WavePlan(
        str(entry["name"]),
        folder / str(entry["file"]),
        _mapping(entry.get("mapping"), path, "waves", at, "mapping") or shared.mapping,
        day(entry.get("start"), where),
        day(entry.get("end"), where),
        _margins(entry.get("margins"), folder, where) or shared.margins,
        {**shared.weighting, **own},
        {str(level): folder / str(table) for level, table in (entry.get("became") or {}).items()},
        only(entry.get("only"), where),
    )


def _file(value: Any, folder: Path) -> Path | None:
    return folder / str(value) if value else None


def _instrument(value: Any, folder: Path, where: str) -> Instrument:
    if isinstance(value, dict):
        return inline_instrument(value, where)
    return read_instrument(folder / str(value)) if value else default_instrument()


def _mapping(value: Any, path: Path, *place: str | int) -> Path | Mapping | None:
    return inline_mapping(path, place) if isinstance(value, dict) else _file(value, path.parent)


def _actions(value: Any, folder: Path, where: str) -> tuple[Action, ...]:
    """Actions in the file itself, or in one of their own."""
    if not value:
        return ()
    return tuple(read_actions(folder / value) if isinstance(value, str) else actions_from_list(value, where))


def _margins(value: Any, folder: Path, where: str) -> Path | Margins | None:
    return inline_margins(value, where) if isinstance(value, dict) else _file(value, folder)
