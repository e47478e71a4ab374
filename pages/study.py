"""Studies: create one, see its waves, release and remove them."""

from functools import partial

import streamlit as st

from trustsurvey import workflow
from trustsurvey.language import N_, _
from trustsurvey.present import words
from trustsurvey.rights import allowed
from trustsurvey.ui import studies
from trustsurvey.ui.guard import choose_study, missing, open_page, plain, refusals
from trustsurvey.wording import figure

store = open_page(N_("Studies"), "edit study")
told = st.session_state.pop("study told", "")
if told:
    st.success(told)

existing = store.studies()
if existing:
    study = choose_study(store)
    assert study is not None
    whole = store.study(study.slug)
    st.header(plain(study.name))
    known = [f"{words.places(level.title)} ({len(level.areas) or _('any')})" for level in whole.levels]
    margins = store.margins(study.slug)
    st.markdown(
        _("Questionnaire: {title}, {n} questions. Areas: {areas}. Population numbers: {margins}.").format(
            title=plain(_(whole.instrument.title)),
            n=len(whole.instrument.rated),
            areas=plain(", ".join(known)) or _("none"),
            margins=plain(", ".join(margins.variables)) if margins else _("none yet"),
        )
    )
    may = partial(allowed, store.person, thing=study.slug)
    listed = [level for level in whole.levels if level.areas]
    if listed:
        with st.expander(_("Boundaries were redrawn")):
            st.caption(
                _(
                    "Earlier waves stay as they are. They are shown in today's areas as far as a former area lies in "
                    "one of them as a whole; what was split is not shown for them."
                )
            )
            changed = st.selectbox(_("Which areas?"), listed, format_func=lambda level: words.places(level.title))
            upper = {level.key: words.places(level.title) for level in whole.levels}.get(changed.parent, "")
            names = _("Or the names, one a line (name; {areas})") if upper else _("Or the names, one a line")
            entry = studies.AreaEntry(
                title=changed.title,
                boundaries=st.file_uploader(_("Boundaries of today (GeoJSON)"), type=["geojson", "json"]),
                name_key=st.text_input(_("Property with the name"), placeholder=_("found by itself")),
                parent_key=st.text_input(_("Property with the {areas}").format(areas=plain(upper))) if upper else "",
                names=st.text_area(names.format(areas=plain(upper)), height=68),
            )
            became = st.file_uploader(
                _("What the former areas became: a table with old, new and, if known, share of the people"),
                type=["csv", "tsv", "xlsx"],
            )
            if st.button(_("Change the areas")):
                with refusals():
                    st.session_state["study told"] = plain(
                        studies.redraw(store, study.slug, changed.key, entry, became)
                    )
                    st.rerun()
    waves = store.seen_waves(study.slug)
    if not waves:
        missing(store, _("This study has no wave to show yet."), "wave")
    for wave in waves:
        told, ways = st.columns([3, 2], vertical_alignment="center")
        line = (
            _("**{name}**: {n} answers, weighted, {status}")
            if wave.weighted
            else _("**{name}**: {n} answers, not weighted, {status}")
        )
        told.markdown(line.format(name=plain(wave.name), n=figure(wave.rows), status=_(wave.status)))
        row = ways.container(horizontal=True)
        if may("release") and not wave.released and row.button(_("Release"), key=f"release {wave.name}"):
            with refusals():
                workflow.release_wave(store, study.slug, wave.name)
                st.rerun()
        correction = wave.ever_released and not wave.released
        if correction and may("import") and row.button(_("Take back"), key=f"discard {wave.name}"):
            with refusals():
                store.discard_draft(study.slug, wave.name)
                st.session_state["study told"] = _("The correction of {wave} is taken back.").format(
                    wave=plain(wave.name)
                )
                st.rerun()
        if not may("remove"):
            continue
        with row.popover(_("Remove")):
            reason = st.text_input(_("Why?"), key=f"why {wave.name}")
            if st.button(_("Remove {wave}").format(wave=plain(wave.name)), key=f"remove {wave.name}"):
                with refusals():
                    store.remove_wave(study.slug, wave.name, reason)
                    st.session_state["study told"] = _("The wave {wave} is removed.").format(wave=plain(wave.name))
                    st.rerun()
    if may("remove") and study.sample:
        if st.button(_("Remove the sample study")):
            studies.remove(store, study)
            st.rerun()
    elif may("remove"):
        with st.popover(_("Remove this study")):
            sure = st.text_input(
                _("Type {study} to remove the study with all its waves.").format(study=plain(study.slug))
            )
            if st.button(_("Remove it"), disabled=sure.strip() != study.slug):
                with refusals():
                    studies.remove(store, study)
                    st.rerun()
else:
    st.info(_("There is no study yet. A study is a survey that you repeat: give it a name to begin."))

st.header(_("A new study"))
with st.form("new study", border=False):
    name = st.text_input(_("Name"), placeholder=_("Residents' survey, Riverton"))
    questionnaire = st.file_uploader(
        _("Questionnaire (.yaml); leave empty for the default one on trust in the police"), type=["yaml", "yml"]
    )
    st.caption(
        _("Does your survey ask its own questions? Import its file into any study: one with its questions is offered.")
    )
    probability = st.checkbox(_("Residents were drawn at random (not: whoever wanted to could answer)"))
    areas = st.expander(_("Areas: districts, neighbourhoods (optional)"))
    areas.caption(_("Larger ones first. A boundary file draws the map; without one, type or paste the names."))
    entries = []
    for number, (title, example) in enumerate(
        ((_("Larger areas"), _("Districts")), (_("Smaller areas"), _("Neighbourhoods")))
    ):
        typed = (
            _("{title}: or their names, one a line (name; larger area)")
            if number
            else _("{title}: or their names, one a line")
        )
        left, right = areas.columns(2)
        entries.append(
            studies.AreaEntry(
                title=left.text_input(_("{title}: what they are called").format(title=title), placeholder=example),
                boundaries=right.file_uploader(
                    _("{title}: boundaries (GeoJSON)").format(title=title), type=["geojson", "json"], key=f"b{number}"
                ),
                name_key=left.text_input(
                    _("{title}: property with the name").format(title=title),
                    placeholder=_("found by itself"),
                    key=f"k{number}",
                ),
                parent_key=right.text_input(
                    _("Smaller areas: property with the larger area"), placeholder=_("district"), key=f"p{number}"
                )
                if number
                else "",
                names=left.text_area(
                    typed.format(title=title),
                    height=68,
                    key=f"n{number}",
                ),
            )
        )
    margins_file = st.file_uploader(
        _("Population numbers (CSV or Excel with variable, category, count); can wait"),
        type=["csv", "tsv", "xlsx"],
    )
    if st.form_submit_button(_("Create the study"), type="primary"):
        with refusals():
            slug = studies.create(store, name, questionnaire, probability, entries, margins_file)
            st.session_state["study"] = slug
            st.session_state["study told"] = _("{study} is created. Next: import its first survey.").format(
                study=plain(name)
            )
            st.rerun()
