"""The parts of the page of results, of a picture and, where they differ by it, an area level or a group.

None holds a box or a button, so that each is drawn once and from then on sent again (``cache.drawn``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pandas as pd
import streamlit as st

from trustsurvey.analysis import LevelView, Picture
from trustsurvey.language import _
from trustsurvey.present import charts, findings, goes_with, pairs, result_tables, themes, trends, words
from trustsurvey.ui import cache, pieces
from trustsurvey.ui.guard import plain
from trustsurvey.wording import capital, figure

#: Areas whose courses are drawn side by side, at most.
MOST = 16


def ahead(
    picture: Picture, waves: list[str], found: pd.DataFrame | None, about: object
) -> Iterator[Callable[[], None]]:
    """What draws every part for everyone, of every area level: what is seen first of a score of a wave.

    ``waves``: their names; ``found``: what goes with the score; ``about``: says all that the picture is made of.
    """
    part = partial(partial, cache.once, about=about)
    yield part(standing, picture, "", "")
    if len(waves) > 1:
        yield part(course, picture, "", "", waves)
    for level in [view.level.key for view in picture.levels]:
        yield part(level_words, picture, level)
        yield part(areas, picture, level)
        yield part(changed, picture, level)
    yield part(people, picture)
    if found is not None:
        yield part(companions, picture, found)
    if picture.heard is not None:
        yield part(unheard, picture)
        yield part(represented, picture, variables(picture)[0])
    yield part(courses, picture, waves)
    yield part(beside, picture)
    yield part(questions, picture)


def title_of(picture: Picture, measure: str = "") -> str:
    """What a score is called, that of the picture unless another is named."""
    return _(picture.wave.instrument.index(measure or picture.measure).title)


def standing(picture: Picture, group: str, category: str) -> None:
    """The score of everyone, or of a category of a group, with what changed and what it rests on."""
    index = picture.wave.instrument.index(picture.measure)
    told = words.headline_words(picture, picture.measure, group, category)
    called = words.category_words(group, category) if category else ""
    with pieces.score(_(index.title), _(index.plain), told, called):
        if told["change"]:
            st.markdown(f"**{plain(told['change'])}** {told['detectable']}")
        if category:
            against = picture.groups[group]
            row = against[against["level"].astype(str) == category].iloc[0].to_dict()
            rest = _("Below the course over time everything is about everyone.")
            st.markdown(f"{plain(findings.against_words(row))} {rest}")
        elif unscored := words.unscored_words(picture, picture.measure):
            st.markdown(plain(unscored))
        dates = words.period(picture.wave.start, picture.wave.end)
        st.caption(f"{capital(dates) + '. ' if dates else ''}{plain(words.standing_words(picture.wave))}")


def course(picture: Picture, group: str, category: str, waves: list[str]) -> None:
    """The score in every wave."""
    rows = picture.trend.rows(measure=picture.measure, by=group)
    rows = rows[rows["level"].astype(str) == category]
    low, high = trends.trend_range(rows)
    titled = title_of(picture) + (f", {words.category_words(group, category)}" if category else "")
    pieces.chart(
        trends.trend(rows, waves, picture.trend_breaks[picture.measure]),
        f"## {_('Over time')}\n"
        + _(
            "{title} in every wave, with the range it likely lies in. The chart is zoomed: "
            "it shows {low} to {high} of 100."
        ).format(title=plain(titled), low=figure(low, ".0f"), high=figure(high, ".0f")),
        charts.table(rows, "wave"),
        "trend",
    )


def level_words(picture: Picture, level: str) -> None:
    """What the areas of a level rest on, and which are probably lowest."""
    view = picture.view(level)
    if thin := _thin(picture, view):
        st.warning(plain(thin))
    st.markdown(f"{plain(words.basis_words(view))} {plain(words.against_words(view))}")
    if view.lowest is not None:
        st.markdown(plain(findings.lowest_words(view.lowest, view.level.title)))


def _thin(picture: Picture, view: LevelView) -> str:
    return words.thin_level_words(view, [other for other in picture.levels if other is not view])


def areas(picture: Picture, level: str) -> None:
    """Every area of a level with its range; where most have too few answers, those are named below it."""
    view = picture.view(level)
    thin, rows = _thin(picture, view), view.estimates.rows(by=level)
    shown = rows["suppressed"] == ""
    enough = rows[shown] if thin else rows
    if len(enough):
        pieces.chart(
            charts.dots(enough, reference=view.estimates.rows(by="")["est"].iloc[0]),
            _(
                "Each dot is an area with its likely range; the dotted line is everyone together. "
                "Areas whose ranges overlap may not differ at all."
            ),
            findings.with_gaps(charts.table(rows), view.against),
            "areas",
        )
    if thin:
        hidden = rows.loc[~shown, "level"]
        st.caption(_("Too few answers: {hidden}.").format(hidden=plain(", ".join(hidden))))


def changed(picture: Picture, level: str) -> None:
    """What changed in the areas of a level, "" for none, and in groups."""
    view = picture.view(level) if level else None
    block = pieces.blocks()
    with block():
        change = None if view is None else view.change
        if view is None or change is None:
            st.markdown(
                _("There is no earlier full year to compare areas with yet.")
                if view is not None and view.pooled
                else _("There is no earlier wave to compare areas with yet.")
            )
        else:
            rows = change.table[change.table["by"] == view.level.key]
            pieces.changes(rows, change.old, words.places(view.level.title))
    groups = findings.group_changes(picture)
    if groups is not None and picture.change is not None and len(groups):
        with block():
            pieces.changes(groups, picture.change.old, _("groups"))


def people(picture: Picture) -> None:
    """Every group, its categories against everyone."""
    if not picture.wave.groups:
        st.markdown(_("No column of this wave is marked as a group such as age or sex."))
    everyone = picture.estimates.rows(measure=picture.measure, by="")["est"].iloc[0]
    block = pieces.blocks()
    for group in picture.wave.groups:
        rows = picture.estimates.rows(measure=picture.measure, by=group)
        against = picture.groups[group]
        with block():
            pieces.chart(
                charts.dots(rows, reference=everyone),
                pieces.by(group, 3, rows["level"]) + pieces.lines(findings.gaps_words(against)),
                findings.with_gaps(charts.table(rows), against),
                f"group {group}",
            )


def companions(picture: Picture, found: pd.DataFrame) -> None:
    """What goes with the score, of the table of ``workbench.goes_with``."""
    rows = goes_with.parts(found, picture.wave.instrument)
    pieces.chart(
        charts.dots(rows, top=themes.chart_end(rows)),
        f"## {_('What goes with it')}\n{plain(goes_with.parts_words(rows, title_of(picture)))}",
        goes_with.parts_table(rows),
        "goes with",
    )


def unheard(picture: Picture) -> None:
    """Who is not heard, and how many answers are needed; of a wave that was weighted to residents."""
    assert picture.heard is not None
    st.markdown(plain(findings.heard_words(picture.heard)))
    if needed := findings.needed_words(picture.heard):
        st.markdown(plain(needed))


def variables(picture: Picture) -> list[str]:
    """By what it is known who is not heard."""
    return [] if picture.heard is None else list(dict.fromkeys(picture.heard["variable"]))


def represented(picture: Picture, variable: str) -> None:
    """Those who answered against the residents, by one variable; of a wave that was weighted to residents."""
    assert picture.heard is not None
    rows = picture.heard[picture.heard["variable"] == variable]
    pieces.chart(
        pairs.represented(rows),
        _("Circles are the share of those who answered, upright strokes the share of residents."),
        findings.heard_table(rows),
        "heard",
    )


def courses(picture: Picture, waves: list[str]) -> None:
    """The score in every wave by the areas of the first level that is small enough for it, side by side."""
    steady = (view for view in picture.levels if not view.pooled and 0 < view.areas <= MOST and len(waves) > 1)
    view = next(steady, None)
    if view is None:
        return
    rows = picture.trend.rows(measure=picture.measure, by=view.level.key)
    low, high = trends.trend_range(rows)
    over_time = _("Over time, by {level}").format(level=plain(words.places(view.level.title)))
    pieces.chart(
        trends.trend_grid(rows, waves, picture.trend_breaks[picture.measure]),
        f"## {over_time}\n"
        + _(
            "{title} in every wave, all on the same scale, from {low} to "
            "{high} of 100. Waves with too few answers are left out."
        ).format(title=plain(title_of(picture)), low=figure(low, ".0f"), high=figure(high, ".0f")),
        charts.table(rows.assign(level=rows["level"] + ", " + rows["wave"])),
        "trend-by-area",
    )


def beside(picture: Picture) -> None:
    """What the score is made of, else the other scores of the wave; nothing where there is none."""
    measures = list(dict.fromkeys(picture.estimates.table["measure"]))
    parts = [part for part in picture.wave.instrument.index(picture.measure).parts if part in measures]
    shown = parts or [key for key in measures if key != picture.measure]
    if not shown:
        return
    st.header(_("What it is made of") if parts else _("Other scores"))
    rows = picture.estimates.table
    rows = rows[rows["measure"].isin(shown) & (rows["by"] == "")]
    rows = rows.assign(title=[title_of(picture, key) for key in rows["measure"]])
    pieces.chart(
        charts.dots(rows, "title"),
        _("Each score with its likely range, for everyone."),
        charts.table(rows, "title"),
        "parts",
    )


def questions(picture: Picture) -> None:
    """Every question of the wave, folded away."""
    with st.expander(_("Every question: mean score, share of positive answers, share of don't know")):
        pieces.table(result_tables.question_table(picture))
