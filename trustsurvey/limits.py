"""Results as somebody sees them who is limited to some areas: those areas, and everyone together.

What is left has passed the gate with everything else, so leaving rows out shows nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from trustsurvey.analysis import LevelView, Picture
from trustsurvey.comparison.compare import Change
from trustsurvey.model import Action, AreaLevel, Study
from trustsurvey.rights import Place
from trustsurvey.voices.picture import Themes
from trustsurvey.wording import fold


def areas_within(study: Study, places: Sequence[Place]) -> dict[str, frozenset[str]]:
    """For each level of a study the areas that lie in the places named; a larger one than those named is not among."""
    found: dict[str, frozenset[str]] = {}
    for level in study.levels:
        named = {place.area for place in places if place.study == study.slug and place.level == level.key}
        above = found.get(level.parent, frozenset())
        found[level.key] = frozenset(named | {name for name, parent in level.areas if parent in above})
    return found


def within(picture: Picture, places: Sequence[Place] | None) -> Picture:
    """A picture with the areas in ``places`` alone; None leaves it whole."""
    if places is None:
        return picture
    areas = areas_within(picture.study, places)
    levels = tuple(_view(view, areas) for view in picture.levels if areas[view.level.key])
    return replace(
        picture,
        estimates=replace(picture.estimates, table=_kept(picture.estimates.table, areas)),
        change=_change(picture.change, areas),
        levels=levels,
        trend=replace(picture.trend, table=_kept(picture.trend.table, areas)),
        heard=None if picture.heard is None else _kept(picture.heard, areas, "variable"),
    )


def themes_within(themes: Themes | None, study: Study, places: Sequence[Place] | None) -> Themes | None:
    """Themes with the areas in ``places`` alone; None leaves them whole."""
    if themes is None or places is None:
        return themes
    areas = areas_within(study, places)
    shares, change = themes.shares, themes.change
    # What else is told of each share goes by the numbers of the rows.
    shown = replace(shares.estimates, table=_kept(shares.estimates.table, areas, renumber=False))
    return replace(
        themes,
        shares=replace(shares, estimates=shown),
        change=None if change is None else _kept(change, areas),
    )


def study_within(study: Study, places: Sequence[Place] | None) -> Study:
    """A study with the areas in ``places`` alone, to choose from; None leaves it whole."""
    if places is None:
        return study
    areas = areas_within(study, places)
    return replace(study, levels=tuple(_level(level, areas) for level in study.levels if areas[level.key]))


def actions_within(actions: Sequence[Action], study: Study, places: Sequence[Place] | None) -> tuple[Action, ...]:
    """Actions for the whole city and for the areas in ``places``, judged by what is known of these; None keeps all.

    The areas are those of :func:`study_within`.
    """
    if places is None:
        return tuple(actions)
    areas = areas_within(study, places)

    def mine(level: str, area: str) -> bool:
        return level not in areas or area in areas[level]

    return tuple(one for one in actions if mine(one.level, one.area) and mine(one.by, one.group))


#: What of a promise is told to those who do not see the area that it is for: itself, and what became of it.
TOLD = ("promised", "unit", "state", "due", "done", "reason", "theme", "level", "area", "id")


def promises_beyond(actions: Sequence[Action], study: Study, places: Sequence[Place] | None) -> tuple[Action, ...]:
    """Actions for the areas in ``places`` and all that holds these, but for those of :func:`actions_within`.

    They are for, or judged by, an area whose numbers may not be seen. Nothing is left of them but the promise: what was
    heard, what lies behind it and what came of it may tell such numbers.
    """
    here = [(level, area) for level, names in areas_within(study, places or ()).items() for area in names]
    near = {*here, *(above for place in here for above in study.holding(*place)), *([("", "")] if here else [])}
    mine = set(actions_within(actions, study, places))
    return tuple(
        Action(**{name: getattr(one, name) for name in TOLD})
        for one in actions
        if one not in mine and one.place in near
    )


def tables_within(
    tables: Mapping[str, pd.DataFrame], study: Study, places: Sequence[Place] | None
) -> dict[str, pd.DataFrame]:
    """The sheets of a workbook (``export.tables``) made from a picture ``within`` places; None leaves them whole.

    The margins of the weights are of the wave itself, and name every area.
    """
    kept = dict(tables)
    if places is not None and "Margins" in kept:
        kept["Margins"] = _kept(kept["Margins"], areas_within(study, places), "variable")
    return kept


def outlines_within(geojson: str, study: Study, level: str, places: Sequence[Place] | None) -> str:
    """The outlines of a level, those in ``places`` alone: on a map without a number others would look unanswered."""
    if places is None or not geojson:
        return geojson
    mine = {fold(name) for name in areas_within(study, places)[level]}
    collection = json.loads(geojson)
    kept = [one for one in collection["features"] if fold(str(one["properties"]["name"])) in mine]
    return json.dumps(collection | {"features": kept}) if kept else ""


def _level(level: AreaLevel, areas: Mapping[str, frozenset[str]]) -> AreaLevel:
    return replace(level, areas=tuple(pair for pair in level.areas if pair[0] in areas[level.key]))


def _view(view: LevelView, areas: Mapping[str, frozenset[str]]) -> LevelView:
    return replace(
        view,
        level=_level(view.level, areas),
        estimates=replace(view.estimates, table=_kept(view.estimates.table, areas)),
        against=_kept(view.against, areas),
        change=_change(view.change, areas),
        lowest=None,  # it compares with areas that are not shown
    )


def _change(change: Change | None, areas: Mapping[str, frozenset[str]]) -> Change | None:
    return None if change is None else replace(change, table=_kept(change.table, areas))


def _kept(
    table: pd.DataFrame, areas: Mapping[str, frozenset[str]], column: str = "by", renumber: bool = True
) -> pd.DataFrame:
    """The rows of a table that are about no level of areas, or about an area that may be seen."""
    level = "category" if "level" not in table else "level"
    keep = [by not in areas or name in areas[by] for by, name in zip(table[column], table[level], strict=True)]
    kept = table[pd.Series(keep, index=table.index, dtype=bool)]
    return kept.reset_index(drop=True) if renumber else kept
