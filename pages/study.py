"""Studies: create one, see its waves, release and remove them."""

import streamlit as st

from trustsurvey import workflow
from trustsurvey.present import words
from trustsurvey.rights import allowed
from trustsurvey.ui import studies
from trustsurvey.ui.guard import choose_study, open_page, plain, refusals, way_to

store, person = open_page("Studies", "edit study")
told = st.session_state.pop("study told", "")
if told:
    st.success(told)

existing = store.studies()
if existing:
    study = choose_study(store)
    assert study is not None
    whole = store.study(study.slug)
    st.header(plain(study.name))
    known = [f"{words.places(level.title)} ({len(level.areas) or 'any'})" for level in whole.levels]
    margins = store.margins(study.slug)
    st.markdown(
        f"Questionnaire: {plain(whole.instrument.title)}, {len(whole.instrument.rated)} questions. "
        f"Areas: {plain(', '.join(known)) or 'none'}. "
        f"Population numbers: {plain(', '.join(margins.variables)) if margins else 'none yet'}."
    )
    listed = [level for level in whole.levels if level.areas]
    if listed:
        with st.expander("Boundaries were redrawn"):
            st.caption(
                "Earlier waves stay as they are. They are shown in today's areas as far as a former area lies in one "
                "of them as a whole; what was split is not shown for them."
            )
            changed = st.selectbox("Which areas?", listed, format_func=lambda level: words.places(level.title))
            upper = {level.key: words.places(level.title) for level in whole.levels}.get(changed.parent, "")
            entry = studies.AreaEntry(
                title=changed.title,
                boundaries=st.file_uploader("Boundaries of today (GeoJSON)", type=["geojson", "json"]),
                name_key=st.text_input("Property with the name", placeholder="found by itself"),
                parent_key=st.text_input(f"Property with the {plain(upper)}") if upper else "",
                names=st.text_area(f"Or the names, one a line{f' (name; {plain(upper)})' if upper else ''}", height=68),
            )
            became = st.file_uploader(
                "What the former areas became: a table with old, new and, if known, share of the people",
                type=["csv", "tsv", "xlsx"],
            )
            if st.button("Change the areas"):
                with refusals():
                    st.session_state["study told"] = plain(
                        studies.redraw(store, study.slug, changed.key, entry, became)
                    )
                    st.rerun()
    waves = store.waves(study.slug)
    if not waves:
        st.info("No wave yet. Import the first survey export.")
        way_to("pages/import_wave.py", "Import a survey")
    for wave in waves:
        told, ways = st.columns([3, 2], vertical_alignment="center")
        state = ("weighted" if wave.weighted else "not weighted") + f", {wave.status}"
        told.markdown(f"**{plain(wave.name)}**: {wave.rows:,} answers, {state}")
        row = ways.container(horizontal=True)
        if not wave.released and row.button("Release", key=f"release {wave.name}"):
            with refusals():
                workflow.release_wave(store, study.slug, wave.name)
                st.rerun()
        if wave.ever_released and not wave.released and row.button("Take back", key=f"discard {wave.name}"):
            with refusals():
                store.discard_draft(study.slug, wave.name)
                st.session_state["study told"] = f"The correction of {plain(wave.name)} is taken back."
                st.rerun()
        with row.popover("Remove"):
            reason = st.text_input("Why?", key=f"why {wave.name}")
            if st.button(f"Remove {plain(wave.name)}", key=f"remove {wave.name}"):
                with refusals():
                    store.remove_wave(study.slug, wave.name, reason)
                    st.session_state["study told"] = f"The wave {plain(wave.name)} is removed."
                    st.rerun()
    if study.sample:
        if st.button("Remove the sample study"):
            studies.remove(store, study)
            st.rerun()
    else:
        with st.popover("Remove this study"):
            sure = st.text_input(f"Type {plain(study.slug)} to remove the study with all its waves.")
            if st.button("Remove it", disabled=sure.strip() != study.slug):
                with refusals():
                    studies.remove(store, study)
                    st.rerun()
else:
    st.info("There is no study yet. A study is a survey that you repeat: give it a name to begin.")

if not allowed(person, "edit study", "*"):
    st.stop()
st.header("A new study")
with st.form("new study", border=False):
    name = st.text_input("Name", placeholder="Residents' survey, Riverton")
    questionnaire = st.file_uploader(
        "Questionnaire (.yaml); leave empty for the default one on trust in the police", type=["yaml", "yml"]
    )
    probability = st.checkbox("Residents were drawn at random (not: whoever wanted to could answer)")
    areas = st.expander("Areas: districts, neighbourhoods (optional)")
    areas.caption("Larger ones first. A boundary file draws the map; without one, type or paste the names.")
    entries = []
    for number, (title, example) in enumerate((("Larger areas", "Districts"), ("Smaller areas", "Neighbourhoods"))):
        left, right = areas.columns(2)
        entries.append(
            studies.AreaEntry(
                title=left.text_input(f"{title}: what they are called", placeholder=example),
                boundaries=right.file_uploader(
                    f"{title}: boundaries (GeoJSON)", type=["geojson", "json"], key=f"b{number}"
                ),
                name_key=left.text_input(
                    f"{title}: property with the name", placeholder="found by itself", key=f"k{number}"
                ),
                parent_key=right.text_input(
                    "Smaller areas: property with the larger area", placeholder="district", key=f"p{number}"
                )
                if number
                else "",
                names=left.text_area(
                    f"{title}: or their names, one a line" + (" (name; larger area)" if number else ""),
                    height=68,
                    key=f"n{number}",
                ),
            )
        )
    margins_file = st.file_uploader(
        "Population numbers (CSV or Excel with variable, category, count); can wait",
        type=["csv", "tsv", "xlsx"],
    )
    if st.form_submit_button("Create the study", type="primary"):
        with refusals():
            slug = studies.create(store, name, questionnaire, probability, entries, margins_file)
            st.session_state["study"] = slug
            st.session_state["study told"] = f"{plain(name)} is created. Next: import its first survey."
            st.rerun()
