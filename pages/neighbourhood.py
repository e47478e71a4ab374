"""One area: its score with its range, its course, what changed, what residents say there, who is not heard."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.present import area, charts, themes, trends, words
from trustsurvey.rights import allowed
from trustsurvey.ui import actions as done, briefing, cache, pieces, voices
from trustsurvey.ui.crossed import groups_within
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals, remembered
from trustsurvey.ui.views import choose_view, draft_notice, no_areas_words
from trustsurvey.wording import figure

store = open_page(N_("One area"), "see")
study, records = choose_waves(store)

*places, which = st.columns(4)
seen = choose_view(store, study.slug, records, *places)
picture, view = seen.picture, seen.level
if view is None:
    st.info(no_areas_words(store, study.slug))
    st.stop()
names, level = area.names(view), view.level.key
with which:
    one = area.Area.of(picture, level, names[remembered(_("Area"), "area", names, names)])
draft_notice(records[seen.at])
index = picture.wave.instrument.index(picture.measure)

st.header(plain(one.name))
told = words.score_words(one.row)
number, sentences = st.columns([2, 5], vertical_alignment="center")
with number:
    st.metric(
        plain(_(index.title)),
        told["number"],
        help=pieces.scale(_(index.plain)),
    )
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
    st.caption(f"{plain(words.basis_words(view))} {plain(words.standing_words(picture.wave))}")

with refusals():
    found = voices.all_themes(store, study.slug, records, seen.at)
    promised = done.record(store, study.slug, records[: seen.at + 1]).of_place(level, one.name)
    promised = promised.hearing(found, records[seen.at].name)
briefing.meeting_buttons(store, study, records[seen.at], one, found, promised)

waves = [record.name for record in records[: seen.at + 1]]
pictures = [picture]
if view.pooled:
    with refusals():
        pictures = area.years(
            lambda at: cache.study_picture(store, study.slug, records, at, seen.asked),
            seen.at, waves, level, picture.measure,
        )  # fmt: skip
rows, times, breaks = area.trend_rows(pictures, level, one.name)
block = pieces.blocks()
with block():
    if rows["est"].notna().sum() > 1:
        low, high = trends.trend_range(rows)
        shown = (
            _(
                "Each year of surveys taken together, none of them in two, with the range it likely lies in. Where "
                "there are too few answers, nothing is drawn. The chart is zoomed: it shows {low} to {high} of 100."
            )
            if view.pooled
            else _(
                "Each wave, with the range it likely lies in. Where there are too few answers, nothing is drawn. The "
                "chart is zoomed: it shows {low} to {high} of 100."
            )
        )
        pieces.chart(
            cache.once(trends.trend, rows, times, tuple(breaks)),
            f"### {_('Over time')}\n{shown.format(low=figure(low, '.0f'), high=figure(high, '.0f'))}",
            cache.once(charts.table, rows, "wave"),
            "trend",
        )
    else:
        st.markdown(f"### {_('Over time')}\n{_('There are not yet two times with enough answers here.')}")
with block():
    st.markdown(f"### {_('Who we are not hearing')}")
    for sentence in area.heard_words(one):
        st.markdown(plain(sentence))

st.subheader(_("For whom"))
if view.pooled:
    st.markdown(_("Groups are not told here: this area rests on several waves taken together."))
elif not picture.wave.groups:
    st.markdown(_("No column of this wave is marked as a group such as age or sex."))
elif not allowed(store.person, "download microdata", study.slug):
    st.markdown(_("Groups within an area are shown to those who may see single answers."))
else:
    with refusals():
        crossed = groups_within(store, store.study(study.slug), records, seen.at, picture, level)
    block = pieces.blocks()
    for group in picture.wave.groups:
        rows = area.group_rows(crossed, picture, level, one.name, group)
        enough = rows[rows["suppressed"] == ""]
        with block():
            title = pieces.by(group, 4, rows["level"])
            if enough.empty:
                st.markdown(title + _("Too few answers in every group here."))
                continue
            pieces.chart(
                cache.once(charts.dots, rows, reference=float(one.row["est"])),
                title + _("Within {area}; the dotted line is everyone here together.").format(area=plain(one.name)),
                cache.once(charts.table, rows),
                f"group {group}",
            )

st.subheader(_("What residents say"))
if not found:
    st.markdown(words.no_themes_words(picture.wave))
for number_of, one_question in enumerate(found):
    rows = area.theme_rows(one_question, one)
    st.markdown(f"#### {plain(one_question.question)}")
    if rows.empty:
        st.markdown(
            plain(
                _("Too few answers from {one} were given, or read, to say what people there mention.").format(
                    one=one.name
                )
            )
        )
        continue
    drawn = rows.head(themes.DRAWN)
    end = themes.chart_end(drawn)
    pieces.chart(
        cache.once(charts.dots, drawn, "title", top=end),
        _(
            "Of a hundred people of {one} who answered in {wave}, so many mention each theme; the line is "
            "where the number likely lies. The chart ends at {end}."
        ).format(one=plain(one.name), wave=plain(picture.wave.name), end=figure(end, ".0f")),
        cache.once(themes.share_table, rows.assign(**{n: rows[n] / 100 for n in ("est", "lci", "uci")}), "title"),
        f"themes {number_of}",
    )

done.block(promised, st.subheader)

st.page_link("pages/trust.py", label=_("Back to all areas"), icon=":material/arrow_back:")
