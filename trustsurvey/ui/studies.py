"""Creating and removing studies from what the page's form holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from trustsurvey.errors import SurveyError
from trustsurvey.instruments import default_instrument, parse_instrument
from trustsurvey.model import AreaLevel, Study
from trustsurvey.readers.boundaries import read_boundaries
from trustsurvey.store import Store, StudyRecord
from trustsurvey.store.repository import slug_of
from trustsurvey.ui.weights import read_upload


@dataclass(frozen=True)
class AreaEntry:
    """One area level as typed and uploaded; empty fields mean that there is no such level."""

    title: str
    boundaries: Any
    name_key: str
    parent_key: str
    names: str


def create(
    store: Store, name: str, questionnaire: Any, probability: bool, entries: list[AreaEntry], margins: Any
) -> str:
    """Create a study; its slug. SurveyError for a missing name or a file that is unsound."""
    if not name.strip():
        raise SurveyError("study.name", "The study has no name", hint="Type one, such as Residents' survey.")
    instrument = (
        default_instrument()
        if questionnaire is None
        else parse_instrument(questionnaire.getvalue().decode("utf-8", errors="replace"), questionnaire.name)
    )
    levels: list[AreaLevel] = []
    shapes: dict[str, str] = {}
    for entry in entries:
        level, geojson = _level(entry, levels[-1].key if levels else "")
        if level is not None:
            levels.append(level)
            if geojson:
                shapes[level.key] = geojson
    study = Study(slug_of(name), name.strip(), instrument, tuple(levels), probability)
    store.create_study(study, shapes, None if margins is None else read_upload(margins))
    return study.slug


def _level(entry: AreaEntry, parent: str) -> tuple[AreaLevel | None, str]:
    lines = [line.split(";") for line in entry.names.splitlines() if line.strip()]
    typed = tuple((parts[0].strip(), parts[1].strip() if len(parts) > 1 else "") for parts in lines)
    if entry.boundaries is None and not typed and not entry.title.strip():
        return None, ""
    title = entry.title.strip() or "Areas"
    key = slug_of(title).replace("-", "_")
    if entry.boundaries is None:
        inside = parent if parent and any(upper for _, upper in typed) else ""
        return AreaLevel(key, title, inside, typed), ""
    text = entry.boundaries.getvalue().decode("utf-8", errors="replace")
    shapes = read_boundaries(text, entry.name_key.strip(), entry.boundaries.name)
    uppers = _parents(text, shapes.key, entry.parent_key.strip()) if parent else {}
    areas = typed or tuple((name, uppers.get(name, "")) for name in shapes.names)
    inside = parent if any(upper for _, upper in areas) else ""
    return AreaLevel(key, title, inside, areas, shapes.key), shapes.geojson


def _parents(text: str, name_key: str, parent_key: str) -> dict[str, str]:
    """The larger area of each area, from a property of the boundary file."""
    if not parent_key:
        return {}
    properties = [feature.get("properties") or {} for feature in json.loads(text)["features"]]
    if not any(parent_key in entry for entry in properties):
        raise SurveyError(
            "boundaries.parent", f"The boundary file has no property '{parent_key}'",
            expected=", ".join(sorted(properties[0])) if properties else "",
        )  # fmt: skip
    return {str(p.get(name_key, "")).strip(): str(p.get(parent_key) or "").strip() for p in properties}


def remove(store: Store, study: StudyRecord) -> None:
    """Remove a study; the sample study stays away afterwards."""
    store.remove_study(study.slug)
    if study.sample:
        store.set_setting("sample removed", "yes")
