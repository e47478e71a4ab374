"""The parts of the page of one area; as those of ``results``, each is drawn once and from then on sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from trustsurvey.analysis import LevelView, Picture
from trustsurvey.language import _
from trustsurvey.present import area, charts, themes, trends, words
from trustsurvey.present.area import Area
from trustsurvey.rights import allowed
from trustsurvey.store import Store, WaveRecord
from trustsurvey.tabulate.request import Request
from trustsurvey.tabulate.table import tabulate
from trustsurvey.ui import cache, pieces
from trustsurvey.ui.guard import plain
from trustsurvey.wording import figure


def pictures(
    store: Store, slug: str, records: list[WaveRecord], at: int, score: str | None, view: LevelView
) -> list[Picture]:
    """The pictures that the course of an area is told from: one, or those of the years that its level rests on."""

    def seen(k: int) -> Picture:
        return cache.study_picture(store, slug, records, k, score)

    picture = seen(at)
    if not view.pooled:
        return [picture]
    waves = [record.name for record in records[: at + 1]]
    return area.years(seen, at, waves, view.level.key, picture.measure)


def crossed(
    store: Store, slug: str, records: list[WaveRecord], at: int, picture: Picture, view: LevelView
) -> pd.DataFrame | None:
    """The groups within all areas of a level; None where nothing can be told of them, or not to this person.

    One table for all areas, so that the gate judges together what is shown on their pages.
    """
    groups = picture.wave.groups
    if view.pooled or not groups or not allowed(store.person, "download microdata", slug):
        return None
    study, wave = store.study(slug), cache.wave(store, slug, records[at])
    request = Request((picture.measure,), tuple((view.level.key, group) for group in groups))
    command = request.command(slug, records[at].name)
    return cache.answered(
        store, study, None, records[at : at + 1], command, lambda: tabulate([wave], 0, study, request)
    ).table


def ahead(
    one: Area, pictures: Sequence[Picture], crossed: pd.DataFrame | None, about: object
) -> Iterator[Callable[[], None]]:
    """What draws every part but what residents say. ``crossed``: groups within areas, of a level of one wave."""
    part = partial(partial, cache.once, about=about)
    yield part(standing, one)
    yield part(course, (one, pictures))
    yield part(unheard, one)
    if crossed is not None:
        yield part(people, (one, crossed))


def standing(one: Area) -> None:
    """The score of the area, where it stands, what changed, and what it rests on."""
    index = one.picture.wave.instrument.index(one.picture.measure)
    told = words.score_words(one.row)
    number, sentences = st.columns([2, 5], vertical_alignment="center")
    with number:
        st.metric(plain(_(index.title)), told["number"], help=pieces.scale(_(index.plain)))
    with sentences:
        st.markdown(
            _("**{number} of 100**, {range}. {answers}").format(
                number=told["number"], range=told["range"], answers=told["answers"]
            )
            if one.shown
            else f"**{plain(area.few_words())}**"
        )
        for sentence in (area.against_words(one), " ".join(area.change_words(one)), area.lowest_words(one)):
            if sentence and one.shown:
                st.markdown(plain(sentence))
        st.caption(f"{plain(words.basis_words(one.view))} {plain(words.standing_words(one.picture.wave))}")


def course(of: tuple[Area, Sequence[Picture]]) -> None:
    """The score of an area over time: in the waves of its picture, or in the years of these pictures."""
    one, pictures = of
    rows, times, breaks = area.trend_rows(pictures, one.view.level.key, one.name)
    if rows["est"].notna().sum() < 2:
        st.markdown(f"### {_('Over time')}\n{_('There are not yet two times with enough answers here.')}")
        return
    low, high = trends.trend_range(rows)
    shown = (
        _(
            "Each year of surveys taken together, none of them in two, with the range it likely lies in. Where "
            "there are too few answers, nothing is drawn. The chart is zoomed: it shows {low} to {high} of 100."
        )
        if one.view.pooled
        else _(
            "Each wave, with the range it likely lies in. Where there are too few answers, nothing is drawn. The "
            "chart is zoomed: it shows {low} to {high} of 100."
        )
    )
    pieces.chart(
        trends.trend(rows, times, tuple(breaks)),
        f"### {_('Over time')}\n{shown.format(low=figure(low, '.0f'), high=figure(high, '.0f'))}",
        charts.table(rows, "wave"),
        "trend",
    )


def unheard(one: Area) -> None:
    """Who is not heard in the area."""
    st.markdown(f"### {_('Who we are not hearing')}")
    for sentence in area.heard_words(one):
        st.markdown(plain(sentence))


def people(of: tuple[Area, pd.DataFrame]) -> None:
    """Every group within the area, of the table of :func:`crossed`."""
    one, crossed = of
    block = pieces.blocks()
    for group in one.picture.wave.groups:
        rows = area.group_rows(crossed, one.picture, one.view.level.key, one.name, group)
        with block():
            title = pieces.by(group, 4, rows["level"])
            if (rows["suppressed"] != "").all():
                st.markdown(title + _("Too few answers in every group here."))
                continue
            pieces.chart(
                charts.dots(rows, reference=float(one.row["est"])),
                title + _("Within {area}; the dotted line is everyone here together.").format(area=plain(one.name)),
                charts.table(rows),
                f"group {group}",
            )


def mentioned(rows: pd.DataFrame, question: str, name: str, wave: str, key: str) -> None:
    """What people of the area mention in their answers to one question; ``rows`` of ``area.theme_rows``."""
    st.markdown(f"#### {plain(question)}")
    if rows.empty:
        few = _("Too few answers from {one} were given, or read, to say what people there mention.")
        st.markdown(plain(few.format(one=name)))
        return
    drawn = rows.head(themes.DRAWN)
    end = themes.chart_end(drawn)
    pieces.chart(
        charts.dots(drawn, "title", top=end),
        _(
            "Of a hundred people of {one} who answered in {wave}, so many mention each theme; the line is "
            "where the number likely lies. The chart ends at {end}."
        ).format(one=plain(name), wave=plain(wave), end=figure(end, ".0f")),
        themes.share_table(rows.assign(**{n: rows[n] / 100 for n in ("est", "lci", "uci")}), "title"),
        key,
    )
