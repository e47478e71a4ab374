"""Where trust stands, what changed, where and for whom."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.present import area, charts, findings, goes_with, maps, pairs, result_tables, themes, trends, words
from trustsurvey.ui import actions as done, briefing, cache, pieces, said
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals
from trustsurvey.ui.views import choose_people, choose_view, clicked, draft_notice, no_areas_words, open_area, outlines
from trustsurvey.wording import capital, figure

store = open_page(N_("Trust in the police"), "see")
study, records = choose_waves(store)

*places, people = st.columns(4)
seen = choose_view(store, study.slug, records, *places)
at, measures, picture = seen.at, seen.measures, seen.picture
measure, instrument = picture.measure, picture.wave.instrument
title = _(instrument.index(measure).title)
levels = {view.level.key: view for view in picture.levels}
level = None if seen.level is None else seen.level.level.key
with people:
    who = choose_people(picture)
named = who[1]
called = words.category_words(*who)
titled = f"{title}, {called}" if named else title
draft_notice(records[at])

told = words.headline_words(picture, measure, *who)
with pieces.score(title, _(instrument.index(measure).plain), told, called if named else ""):
    if told["change"]:
        st.markdown(f"**{plain(told['change'])}** {told['detectable']}")
    if named:
        against = picture.groups[who[0]]
        row = against[against["level"].astype(str) == named].iloc[0].to_dict()
        rest = _("Below the course over time everything is about everyone.")
        st.markdown(f"{plain(findings.against_words(row))} {rest}")
    elif unscored := words.unscored_words(picture, measure):
        st.markdown(plain(unscored))
    dates = words.period(picture.wave.start, picture.wave.end)
    st.caption(f"{capital(dates) + '. ' if dates else ''}{plain(words.standing_words(picture.wave))}")
briefing.buttons(store, study, records, at, picture, level or "")

trend = picture.trend.rows(measure=measure, by=who[0])
trend = trend[trend["level"].astype(str) == named]
waves = [wave.name for wave in records[: at + 1]]
if len(waves) > 1:
    low, high = trends.trend_range(trend)
    pieces.chart(
        cache.once(trends.trend, trend, waves, picture.trend_breaks[measure]),
        f"## {_('Over time')}\n"
        + _(
            "{title} in every wave, with the range it likely lies in. The chart is zoomed: "
            "it shows {low} to {high} of 100."
        ).format(title=plain(titled), low=figure(low, ".0f"), high=figure(high, ".0f")),
        cache.once(charts.table, trend, "wave"),
        "trend",
    )

everyone = picture.estimates.rows(measure=measure, by="")["est"].iloc[0]
st.header(_("Where"))
if level is None:
    st.info(no_areas_words(store, study.slug))
else:
    view = levels[level]
    others = [other for key, other in levels.items() if key != level]
    thin = words.thin_level_words(view, others)
    if thin:
        st.warning(plain(thin))
    st.markdown(f"{plain(words.basis_words(view))} {plain(words.against_words(view))}")
    if view.lowest is not None:
        st.markdown(plain(findings.lowest_words(view.lowest, view.level.title)))
    rows = view.estimates.rows(by=level)
    names = area.names(view)
    open_area(
        st.selectbox(
            _("One of the {level}").format(level=plain(words.places(view.level.title))), names, index=None,
            placeholder=_("Choose one to open its own page"), key="one area", width=pieces.BLOCK,
        )
    )  # fmt: skip
    boundaries = outlines(store, study.slug, level)
    block = pieces.blocks()
    if boundaries:
        low, high = maps.colour_range(rows["est"].to_numpy(float))
        shades = (
            _(
                "Colours run from {low} to {high} of 100, darker for a higher score; hatched grey areas have too few "
                "answers."
            )
            if (rows["suppressed"] != "").any()
            else _("Colours run from {low} to {high} of 100, darker for a higher score.")
        ).format(low=figure(low, ".0f"), high=figure(high, ".0f"))
        with block():
            st.markdown(f"{shades} {_('A click on the dot of an area opens its own page.')}")
            event = st.plotly_chart(
                cache.once(maps.level_map, boundaries, rows),
                key="map",
                on_select="rerun",
                selection_mode="points",
                config=pieces.CHART,
                alt=_("Map of {title} by {level}. The chart beside it has the same facts.").format(
                    title=title, level=view.level.title
                ),
            )
            open_area(clicked(event, names))
            if view.lowest is not None:
                pieces.numbers(findings.lowest_table(view.lowest), _("How probably each is among the lowest fifth"))
    with block():
        of_all = view.estimates.rows(by="")["est"].iloc[0]
        enough = rows[rows["suppressed"] == ""] if thin else rows
        if len(enough):
            pieces.chart(
                cache.once(charts.dots, enough, reference=of_all),
                _(
                    "Each dot is an area with its likely range; the dotted line is everyone together. "
                    "Areas whose ranges overlap may not differ at all."
                ),
                cache.once(findings.with_gaps, cache.once(charts.table, rows), view.against),
                "areas",
            )
        if thin:
            hidden = rows[rows["suppressed"] != ""]["level"]
            st.caption(_("Too few answers: {hidden}.").format(hidden=plain(", ".join(hidden))))

st.header(_("What changed"))
block = pieces.blocks()
with block():
    change = levels[level].change if level is not None else None
    if level is None or change is None:
        whole_year = level is not None and levels[level].pooled
        st.markdown(
            _("There is no earlier full year to compare areas with yet.")
            if whole_year
            else _("There is no earlier wave to compare areas with yet.")
        )
    else:
        rows = change.table[change.table["by"] == level]
        pieces.changes(rows, change.old, words.places(levels[level].level.title))
groups = findings.group_changes(picture)
if groups is not None and picture.change is not None and len(groups):
    with block():
        pieces.changes(groups, picture.change.old, _("groups"))

st.header(_("For whom"))
if not picture.wave.groups:
    st.markdown(_("No column of this wave is marked as a group such as age or sex."))
block = pieces.blocks()
for group in picture.wave.groups:
    rows = picture.estimates.rows(measure=measure, by=group)
    with block():
        pieces.chart(
            cache.once(charts.dots, rows, reference=everyone),
            pieces.by(group, 3, rows["level"]) + pieces.lines(cache.once(findings.gaps_words, picture.groups[group])),
            cache.once(findings.with_gaps, cache.once(charts.table, rows), picture.groups[group]),
            f"group {group}",
        )

with refusals():
    voices = briefing.heard(store, study.slug, records, at)
said.block(voices, picture.wave)

with refusals():
    companions = cache.companions(store, study.slug, records[at], measure)
if companions is not None:
    rows = goes_with.parts(companions, instrument)
    pieces.chart(
        cache.once(charts.dots, rows, top=themes.chart_end(rows)),
        f"## {_('What goes with it')}\n{plain(goes_with.parts_words(rows, title))}",
        goes_with.parts_table(rows),
        "goes with",
    )

if picture.heard is not None:
    st.header(_("Who we are not hearing"))
    block = pieces.blocks()
    with block():
        st.markdown(plain(cache.once(findings.heard_words, picture.heard)))
        if needed := cache.once(findings.needed_words, picture.heard):
            st.markdown(plain(needed))
    with block():
        variable = st.selectbox(
            _("By"),
            list(dict.fromkeys(picture.heard["variable"])),
            format_func=lambda name: str(name).replace("_", " "),
        )
        rows = picture.heard[picture.heard["variable"] == variable]
        pieces.chart(
            cache.once(pairs.represented, rows),
            _("Circles are the share of those who answered, upright strokes the share of residents."),
            cache.once(findings.heard_table, rows),
            "heard",
        )

steady = next((v for v in picture.levels if not v.pooled and 0 < v.areas <= 16 and len(waves) > 1), None)
if steady is not None:
    rows = picture.trend.rows(measure=measure, by=steady.level.key)
    low, high = trends.trend_range(rows)
    over_time = _("Over time, by {level}").format(level=plain(words.places(steady.level.title)))
    pieces.chart(
        cache.once(trends.trend_grid, rows, waves, picture.trend_breaks[measure]),
        f"## {over_time}\n"
        + _(
            "{title} in every wave, all on the same scale, from {low} to "
            "{high} of 100. Waves with too few answers are left out."
        ).format(
            title=plain(title),
            low=figure(low, ".0f"),
            high=figure(high, ".0f"),
        ),
        cache.once(charts.table, rows.assign(level=rows["level"] + ", " + rows["wave"])),
        "trend-by-area",
    )

parts = [part for part in instrument.index(measure).parts if part in measures]
beside = parts or [key for key in measures if key != measure]
if beside:
    st.header(_("What it is made of") if parts else _("Other scores"))
    rows = picture.estimates.table
    rows = rows[rows["measure"].isin(beside) & (rows["by"] == "")].copy()
    rows["title"] = [_(instrument.index(key).title) for key in rows["measure"]]
    pieces.chart(
        cache.once(charts.dots, rows, "title"),
        _("Each score with its likely range, for everyone."),
        cache.once(charts.table, rows, "title"),
        "parts",
    )

with st.expander(_("Every question: mean score, share of positive answers, share of don't know")):
    pieces.table(result_tables.question_table(picture))

with refusals():
    done.block(done.record(store, study.slug, records[: at + 1]), st.header)
