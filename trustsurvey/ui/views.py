"""What the pages of results look at: wave, score, area level; kept in the session and the address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from trustsurvey.analysis import LevelView, Picture
from trustsurvey.language import _
from trustsurvey.limits import outlines_within
from trustsurvey.present import maps, words
from trustsurvey.store import Store, WaveRecord
from trustsurvey.ui import cache, pieces
from trustsurvey.ui.guard import plain, refusals, remembered
from trustsurvey.wording import fold

#: The page of one area.
AREA_PAGE = "pages/neighbourhood.py"


@dataclass(frozen=True, eq=False)
class View:
    """A wave by its position, the picture of it by the score chosen, the area level chosen.

    ``asked``: the score that the picture was asked for, None for the headline. ``about``: says all that the picture
    is made of.
    """

    at: int
    picture: Picture
    level: LevelView | None
    asked: str | None
    about: object


def choose_view(
    store: Store, slug: str, records: list[WaveRecord], when: DeltaGenerator, what: DeltaGenerator,
    where: DeltaGenerator,
) -> View:  # fmt: skip
    """Wave, score and area level, chosen in three places. The page may stop here."""
    with when:
        at = pieces.choose_wave(store, slug, records)
    with refusals(), _meanwhile(store, slug, records, at):
        overview = cache.study_picture(store, slug, records, at)
    instrument = overview.wave.instrument
    measures = list(dict.fromkeys([overview.measure, *overview.estimates.table["measure"]]))
    with what:
        measure = measures[
            remembered(_("What"), "what", measures, [_(instrument.index(key).title) for key in measures])
        ]
    picture = overview
    if measure != overview.measure:
        with refusals():
            picture = cache.study_picture(store, slug, records, at, measure)
    level = None
    if picture.levels:
        keys, titles = [view.level.key for view in picture.levels], [view.level.title for view in picture.levels]
        with where:
            level = picture.levels[remembered(_("Areas"), "areas", keys, titles)]
    asked = None if picture is overview else measure
    return View(at, picture, level, asked, cache.about(store, slug, records, at, asked))


@contextmanager
def _meanwhile(store: Store, slug: str, records: list[WaveRecord], at: int) -> Iterator[None]:
    """Show where everyone stands while all that is said of a wave is worked out for the first time."""
    found = cache.standing(store, slug, records, at)
    if found is None:
        yield
        return
    index, row = found
    place = st.empty()
    with place.container():
        pieces.score(_(index.title), _(index.plain), words.score_words(row), _("Everyone"))
    try:
        yield
    finally:
        place.empty()


def choose_people(picture: Picture) -> tuple[str, str]:
    """A group and its category whose score is shown, or two empty texts for everyone."""
    people = []
    for group in picture.wave.groups:
        rows = picture.estimates.rows(measure=picture.measure, by=group)
        people += [(group, str(name)) for name in rows.loc[rows["suppressed"] == "", "level"]]
    keys = ["everyone", *(f"{group}={name}" for group, name in people)]
    shown = [_("Everyone"), *(f"{name} ({group.replace('_', ' ')})" for group, name in people)]
    return ("", "") if not people else (("", ""), *people)[remembered(_("Who"), "who", keys, shown)]


def draft_notice(record: WaveRecord) -> None:
    """That viewers do not see what is seen here, where that is so."""
    if not record.released and record.ever_released:
        st.info(
            _("The wave {record} has a correction in draft: until it is released, viewers see what was before.").format(
                record=plain(record.name)
            )
        )
    elif not record.released:
        st.info(
            _("The wave {record} is a draft: viewers do not see it until it is released.").format(
                record=plain(record.name)
            )
        )


def outlines(store: Store, slug: str, level: str) -> str:
    """The outlines of the areas that the person may see results of, as GeoJSON; empty where there are none."""
    geojson = store.boundaries(slug, level) or ""
    return outlines_within(geojson, store.study(slug), level, store.person.limited_to(slug))


def level_map(store: Store, slug: str, view: LevelView) -> go.Figure | None:
    """The map of a level, of the areas that the person may see; None where the study has no outlines."""
    boundaries = outlines(store, slug, view.level.key)
    return cache.once(maps.level_map, boundaries, view.estimates.rows(by=view.level.key)) if boundaries else None


def no_areas_words(store: Store, slug: str) -> str:
    """Why there is no area to show."""
    if store.person.limited_to(slug) is not None:
        return _("None of the areas that you may see results of is in this wave.")
    return _("No column of this wave says where people live, so nothing can be said by area.")


def open_area(name: str | None) -> None:
    """Go to the page of an area; nothing happens for none."""
    if name is not None:
        st.session_state["area"] = name
        st.switch_page(AREA_PAGE)


def clicked(event: Any, names: list[str]) -> str | None:
    """The area that was clicked on a map, as the study spells it; None for none."""
    points = event["selection"]["points"] if event else []
    told = points[0].get("customdata", points[0].get("location", "")) if points else ""
    place = fold(str(told[0] if isinstance(told, list) and told else told))
    return next((name for name in names if fold(name) == place), None)
