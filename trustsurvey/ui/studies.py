"""Creating and removing studies from what the page's form holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from trustsurvey import workflow
from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import default_instrument, parse_instrument
from trustsurvey.language import _
from trustsurvey.model import AreaLevel, Study
from trustsurvey.readers.boundaries import read_boundaries
from trustsurvey.store import Store, StudyRecord
from trustsurvey.store.repository import slug_of
from trustsurvey.ui.uploads import on_disk, text_of
from trustsurvey.ui.weights import read_upload
from trustsurvey.wording import figure


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
    name = named(name)
    instrument = (
        default_instrument()
        if questionnaire is None
        else parse_instrument(text_of(questionnaire.getvalue(), questionnaire.name), questionnaire.name)
    )
    levels: list[AreaLevel] = []
    shapes: dict[str, str] = {}
    for entry in entries:
        upper = levels[-1] if levels else None
        level, geojson = _level(entry, upper.key if upper else "")
        if level is not None:
            _refuse_unsound(level, upper)
            levels.append(level)
            if geojson:
                shapes[level.key] = geojson
    study = Study(slug_of(name), name, instrument, tuple(levels), probability)
    store.create_study(study, shapes, None if margins is None else read_upload(margins))
    return study.slug


def named(name: str) -> str:
    """The name typed for a study, without blanks around it. SurveyError ``study.name`` for none."""
    if not name.strip():
        raise SurveyError("study.name", "The study has no name", hint="Type one, such as Residents' survey.")
    return name.strip()


def redraw(store: Store, slug: str, key: str, entry: AreaEntry, became: Any) -> str:
    """Change the areas of a level to those of a form; what to say of it. ``became``: what the earlier ones became."""
    old = store.study(slug).level(key)
    if became is None:
        raise SurveyError("areas.correspondence", "The table of what the areas became is missing", where=old.title,
                          expected="a table with the columns old, new and, if known, share")  # fmt: skip
    level, geojson = _level(replace(entry, title=old.title), old.parent)
    new = replace(
        old, areas=() if level is None else level.areas, boundary_key="" if level is None else level.boundary_key
    )
    with on_disk(became) as path:
        workflow.change_areas(store, slug, new, path, geojson or None, became.name)
    return _("{title}: {new} areas instead of {old}.").format(
        title=old.title, new=figure(len(new.areas)), old=figure(len(old.areas))
    )


def _level(entry: AreaEntry, parent: str) -> tuple[AreaLevel | None, str]:
    lines = [line.split(";") for line in entry.names.splitlines() if line.strip()]
    pairs = ((parts[0].strip(), parts[1].strip() if len(parts) > 1 else "") for parts in lines)
    typed = tuple(dict.fromkeys(pair for pair in pairs if pair[0]))
    if entry.boundaries is None and not typed and not entry.title.strip():
        return None, ""
    title = entry.title.strip() or _("Areas")
    key = slug_of(title).replace("-", "_")
    if entry.boundaries is None:
        inside = parent if parent and any(upper for _name, upper in typed) else ""
        return AreaLevel(key, title, inside, typed), ""
    text = text_of(entry.boundaries.getvalue(), entry.boundaries.name)
    shapes = read_boundaries(text, entry.name_key.strip(), entry.boundaries.name)
    uppers = _parents(text, shapes.key, entry.parent_key.strip()) if parent else {}
    areas = typed or tuple((name, uppers.get(name, "")) for name in shapes.names)
    inside = parent if any(upper for _name, upper in areas) else ""
    return AreaLevel(key, title, inside, areas, shapes.key), shapes.geojson


def _parents(text: str, name_key: str, parent_key: str) -> dict[str, str]:
    """The larger area of each area, from a property of the boundary file."""
    if not parent_key:
        return {}
    properties = [feature.get("properties") or {} for feature in json.loads(text)["features"]]
    if not any(parent_key in entry for entry in properties):
        raise SurveyError(
            "boundaries.parent", _("The boundary file has no property '{name}'").format(name=parent_key),
            expected=", ".join(sorted(properties[0])) if properties else "",
        )  # fmt: skip
    return {_word(entry.get(name_key)): _word(entry.get(parent_key)) for entry in properties}


def _word(value: Any) -> str:
    """A property as the name of an area, spelled as ``read_boundaries`` spells it: 3.0 is '3'."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _refuse_unsound(level: AreaLevel, upper: AreaLevel | None) -> None:
    """Refuse a level that is called like the one above, has an area twice, or lies in areas that are not there."""
    if upper is not None and level.key == upper.key:
        raise SurveyError(
            "study.area", _("Larger and smaller areas are both called '{title}'").format(title=level.title),
            hint="Say what each is called, such as Districts and Neighbourhoods.",
        )  # fmt: skip
    twice = sorted({name for name in level.names if level.names.count(name) > 1})
    if twice:
        raise SurveyError(
            "study.area-twice", _("An area of '{title}' stands twice").format(title=level.title), got=some(twice),
            expected="every area once, in one larger area",
        )  # fmt: skip
    if upper is None or not level.parent or not upper.names:
        return
    strange = list(dict.fromkeys(above for _name, above in level.areas if above and above not in upper.names))
    if strange:
        raise SurveyError(
            "study.area-parent", _("There is no area {areas} among '{title}'").format(
                areas=some(strange), title=upper.title
            ), where=level.title, expected=some(upper.names),
        )  # fmt: skip


def remove(store: Store, study: StudyRecord) -> None:
    """Remove a study; a sample study stays away afterwards."""
    store.remove_study(study.slug)
