"""One area: its score with its range, its course, what changed, what residents say there, who is not heard."""

import streamlit as st

from trustsurvey.present import area, charts, themes, words
from trustsurvey.rights import allowed
from trustsurvey.ui import actions as done, briefing, cache, pieces, voices
from trustsurvey.ui.crossed import groups_within
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals, remembered
from trustsurvey.ui.views import choose_view, draft_notice, no_areas_words

store, person = open_page("One area", "see")
study, records, drafts = choose_waves(
    store, person, "This study has no wave to show yet. Import the first survey export."
)

*places, which = st.columns(4)
seen = choose_view(store, study.slug, records, not drafts, *places)
picture, view = seen.picture, seen.level
if view is None:
    st.info(no_areas_words(store, study.slug))
    st.stop()
names, level = area.names(view), view.level.key
with which:
    one = area.Area.of(picture, level, names[remembered("Area", "area", names, names)])
draft_notice(records[seen.at])
index = picture.wave.instrument.index(picture.measure)

st.header(plain(one.name))
told = words.score_words(one.row)
number, sentences = st.columns([1, 4], vertical_alignment="center")
with number:
    st.metric(plain(index.title), told["number"], help=f"{plain(index.plain)}, from 0 (none) to 100 (full).")
with sentences:
    st.markdown(
        f"**{told['number']} of 100**, {told['range']}. {told['answers']}" if one.shown else f"**{plain(area.FEW)}**"
    )
    for sentence in (area.against_words(one), " ".join(area.change_words(one)), area.lowest_words(one)):
        if sentence and one.shown:
            st.markdown(plain(sentence))
    st.caption(f"{plain(words.basis_words(view))} {plain(words.standing_words(picture.wave))}")

with refusals():
    found = voices.all_themes(store, study.slug, records, seen.at, not drafts)
    promised = done.record(store, study.slug, records[: seen.at + 1], not drafts)
    promised = done.of_area(promised, found, records[seen.at].name, level, one.name)
briefing.meeting_buttons(store, person, study, records[seen.at], one, found, promised)

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
        low, high = charts.trend_range(rows)
        each = "year of surveys taken together, none of them in two" if view.pooled else "wave"
        pieces.chart(
            cache.drawn(charts.trend, rows, times, tuple(breaks)),
            f"### Over time\nEach {each}, with the range it likely lies in. Where there are too few answers, nothing "
            f"is drawn. The chart is zoomed: it shows {low:.0f} to {high:.0f} of 100.",
            charts.table(rows, "wave"),
            "trend",
        )
    else:
        st.markdown("### Over time\nThere are not yet two times with enough answers here.")
with block():
    st.markdown("### Who we are not hearing")
    for sentence in area.heard_words(one):
        st.markdown(plain(sentence))

st.subheader("For whom")
if view.pooled:
    st.markdown("Groups are not told here: this area rests on several waves taken together.")
elif not picture.wave.groups:
    st.markdown("No column of this wave is marked as a group such as age or sex.")
elif not allowed(person, "download microdata", study.slug):
    st.markdown("Groups within an area are shown to those who may see single answers.")
else:
    with refusals():
        crossed = groups_within(store, store.study(study.slug), records, seen.at, not drafts, picture, level)
    block = pieces.blocks()
    for group in picture.wave.groups:
        rows = area.group_rows(crossed, picture, level, one.name, group)
        enough = rows[rows["suppressed"] == ""]
        with block():
            title = f"#### By {plain(group.replace('_', ' '))}\n"
            if enough.empty:
                st.markdown(f"{title}Too few answers in every group here.")
                continue
            pieces.chart(
                cache.drawn(charts.dots, rows, reference=float(one.row["est"])),
                f"{title}Within {plain(one.name)}; the dotted line is everyone here together.",
                charts.table(rows),
                f"group {group}",
            )

st.subheader("What residents say")
if not found:
    st.markdown("Of this wave\u2019s open answers too few were read to say what residents mention, or there are none.")
for number_of, one_question in enumerate(found):
    rows = area.theme_rows(one_question, one)
    st.markdown(f"#### {plain(one_question.question)}")
    if rows.empty:
        st.markdown(plain(f"Too few answers from {one.name} were given, or read, to say what people there mention."))
        continue
    drawn = rows.head(themes.DRAWN)
    end = themes.chart_end(drawn)
    pieces.chart(
        cache.drawn(charts.dots, drawn, "title", top=end),
        f"Of a hundred people of {plain(one.name)} who answered in {plain(picture.wave.name)}, so many mention each "
        f"theme; the line is where the number likely lies. The chart ends at {end:.0f}.",
        themes.share_table(rows.assign(**{n: rows[n] / 100 for n in ("est", "lci", "uci")}), "title"),
        f"themes {number_of}",
    )

done.block(promised, st.subheader)

st.page_link("pages/trust.py", label="Back to all areas", icon=":material/arrow_back:")
