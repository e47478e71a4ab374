"""Where trust stands, what changed, where and for whom."""

from functools import partial

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.present import area, maps, words
from trustsurvey.present.findings import lowest_table
from trustsurvey.ui import actions as done, briefing, cache, pieces, results, said, voices
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals, way_to
from trustsurvey.ui.paint import show_first
from trustsurvey.ui.views import choose_people, choose_view, clicked, draft_notice, level_map, no_areas_words, open_area
from trustsurvey.wording import figure

store = open_page(N_("Trust in the police"), "see")
study, records = choose_waves(store)

*places, people = st.columns(4)
seen = choose_view(store, study.slug, records, *places)
at, picture, view = seen.at, seen.picture, seen.level
level = "" if view is None else view.level.key
part = partial(cache.once, about=seen.about)
with people:
    who = choose_people(picture)
draft_notice(records[at])
part(results.standing, picture, *who)
show_first()
briefing.buttons(store, study, records, at, picture, level)

waves = [wave.name for wave in records[: at + 1]]
if len(waves) > 1:
    part(results.course, picture, *who, waves)

st.header(_("Where"))
if view is None:
    st.info(no_areas_words(store, study.slug))
else:
    part(results.level_words, picture, level)
    names = area.names(view)
    open_area(
        st.selectbox(
            _("One of the {level}").format(level=plain(words.places(view.level.title))), names, index=None,
            placeholder=_("Choose one to open its own page"), key="one area", width=pieces.BLOCK,
        )
    )  # fmt: skip
    drawn = level_map(store, study.slug, view)
    block = pieces.blocks()
    if drawn is not None:
        rows = view.estimates.rows(by=level)
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
                drawn,
                key="map",
                on_select="rerun",
                selection_mode="points",
                config=pieces.CHART,
                alt=_("Map of {title} by {level}. The chart beside it has the same facts.").format(
                    title=results.title_of(picture), level=view.level.title
                ),
            )
            open_area(clicked(event, names))
            if view.lowest is not None:
                pieces.numbers(lowest_table(view.lowest), _("How probably each is among the lowest fifth"))
    with block():
        part(results.areas, picture, level)

st.header(_("What changed"))
part(results.changed, picture, level)
st.header(_("For whom"))
part(results.people, picture)

with refusals():
    heard = voices.heard(store, study.slug, records, at)
st.header(_("What residents say"))
if heard:
    cache.once(said.voices, heard)
else:
    st.markdown(words.no_themes_words(picture.wave))
way_to("pages/voices.py", _("All themes, with what people say"))

with refusals():
    companions = cache.companions(store, study.slug, records[at], picture.measure)
if companions is not None:
    part(results.companions, picture, companions)

if picture.heard is not None:
    st.header(_("Who we are not hearing"))
    block = pieces.blocks()
    with block():
        part(results.unheard, picture)
    with block():
        variable = st.selectbox(
            _("By"),
            results.variables(picture),
            format_func=lambda name: str(name).replace("_", " "),
        )
        part(results.represented, picture, variable)

part(results.courses, picture, waves)
part(results.beside, picture)
part(results.questions, picture)

with refusals():
    done.block(done.record(store, study.slug, records[: at + 1]), st.header)
