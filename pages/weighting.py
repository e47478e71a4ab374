"""Weights that make a wave match the population, with what they did and what they cost."""

import streamlit as st

from trustsurvey import weighing, workflow
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.crossed import protect_margins
from trustsurvey.language import N_, _
from trustsurvey.present import balance, tables, words
from trustsurvey.rights import allowed
from trustsurvey.ui import cache, pieces, weights
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals, way_to
from trustsurvey.weighting.population import margins_from_table, margins_table
from trustsurvey.wording import figure

store = open_page(N_("Weighting"), "weigh")
study, records = choose_waves(store)
at = pieces.choose_wave(store, study.slug, records)
record = records[at]
with refusals():
    wave = cache.wave(store, study.slug, record)

told = st.session_state.pop("weighting told", "")
if told:
    st.success(told)
    way_to("pages/trust.py", _("See the results"))

st.markdown(
    _(
        "Some people answer surveys more than others. Weights let each group count as much as it does in "
        "the population. They need population numbers, such as a census gives."
    )
)

st.header(_("Population"))
kept = store.margins(study.slug)
if kept is None:
    st.info(
        _(
            "This study has no population numbers yet. Without them the results speak for those who "
            "answered, not for all residents; you can go on that way. To weight, fill the table below or "
            "drop one."
        )
    )
upload = st.file_uploader(
    _("A table with the columns variable, category, count (CSV or Excel)"), type=["csv", "tsv", "xlsx"]
)
template = weights.template(wave)
if upload is not None:
    with refusals():
        table = margins_table(weights.read_upload(upload))
elif kept is not None:
    table = margins_table(kept)
else:
    table = template
st.caption(
    _("Each variable must be an area level or a group of the wave ({names}), in the same words.").format(
        names=", ".join(plain(name) for name in [*wave.areas, *wave.groups]) or _("none found")
    )
    + (
        " " + _("Numbers ({numbers}) have the category total, or mean.").format(numbers=plain(", ".join(wave.numbers)))
        if wave.numbers
        else ""
    )
)
edited = st.data_editor(
    table,
    key=f"margins {upload.file_id if upload else ''} {study.slug} {kept is None}",
    num_rows="dynamic",
    hide_index=True,
    placeholder=tables.NOTHING,
    column_config={
        "variable": st.column_config.SelectboxColumn(_("Variable"), options=[*wave.areas, *wave.groups, *wave.numbers]),
        "category": st.column_config.TextColumn(_("Category")),
        "count": st.column_config.NumberColumn(_("People in the population"), min_value=0, format="localized"),
    },
)
st.download_button(_("A table to fill in (.csv)"), weights.csv(template), "margins.csv", on_click="ignore")

st.header(_("Weights"))
begun = edited["count"].notna()  # nothing can be matched to a variable without any number
variables = list(dict.fromkeys(edited.loc[begun, "variable"].dropna()))
used = st.multiselect(_("Match these to the population"), variables, default=[v for v in variables if v in wave.people])
missing = st.radio(
    _("Residents who did not answer one of these"),
    ["keep", "refuse"],
    format_func={"keep": _("keep them, at their share of the answers"), "refuse": _("refuse to weight")}.get,
)
with st.expander(_("More choices: limits, few answers, method")):
    left, right = st.columns(2)
    uneven = record.mapping.only("weight") is not None
    start = left.radio(
        _("Begin from"),
        ["base", "one"] if uneven else ["one"],
        format_func={"base": _("the weights in the file"), "one": _("the same weight for everyone")}.get,
    )
    limit = left.radio(
        _("How much one answer may count"),
        ["free", "bounds", "trim_to"],
        format_func={
            "free": _("as much as the population asks for"),
            "bounds": _("within limits, and the population still matched"),
            "trim_to": _("cut off at limits afterwards; the population is then missed a little"),
        }.get,
    )
    low = high = None
    if limit != "free":
        low = left.number_input(_("At least, in multiples of the average"), 0.0, 0.95, 0.2, 0.05)
        high = left.number_input(_("At most"), 1.05, 100.0, 5.0, 0.5)
    rescale = right.checkbox(_("The tables differ in their totals: use their shares only"))
    few = right.number_input(
        _("Take categories with fewer answers than this together with a neighbour"), 0, 100, 0, help=_("0: never.")
    )
    ordered: list[str] = right.multiselect(_("Of these, in order (neighbours are alike)"), used) if few else []
    method = right.selectbox(
        _("Method"),
        ["rake", "linear"],
        format_func=lambda k: _("raking") if k == "rake" else _("linear calibration (regression estimator)"),
    )

if st.button(_("Make weights"), type="primary", disabled=not used):
    with refusals(), st.spinner(_("Making weights \u2026"), show_time=True):
        margins = margins_from_table(
            edited[edited["variable"].isin(used)], upload.name if upload else N_("entered in the app")
        )
        choices = {
            "start": start,
            "missing": missing,
            "bounds": (low, high) if limit == "bounds" else None,
            "trim_to": (low, high) if limit == "trim_to" else None,
            "collapse": few or None,
            "ordered": ordered,
            "method": method,
            "rescale": rescale,
        }
        st.session_state["weighting"] = (record.key, weights.make(wave, margins, choices), margins, choices)
made = st.session_state.get("weighting")
fresh = made if made is not None and made[0] == record.key else None
if fresh is not None:
    weighted = fresh[1]
    st.caption(_("These weights are not saved yet."))
elif wave.weighting is not None:
    weighted = wave
    st.caption(_("These are the weights as saved."))
else:
    st.caption(_("This wave has no weights yet."))
    weighted = None

if weighted is not None:
    figures = weights.diagnostics(weighted)
    settings = weighted.weighting.settings
    with st.container(horizontal=True, gap="large"):
        for label, number, meaning in (
            (_("Answers"), words.count(figures["n"]), None),
            (_("Worth after weighting"), words.count(figures["n_eff"]), _("Kish's effective number of answers.")),
            (_("Design effect"), figure(figures["deff"], ".2f"), _("Kish's: answers divided by what they are worth.")),
            (_("Largest weight"), balance.times(figures["highest"], ".1f"), _("In multiples of the average weight.")),
        ):
            st.metric(label, number, help=meaning, width="content")
    (st.warning if figures["deff"] > 2 else st.markdown)(plain(balance.cost_words(figures)))
    st.caption(
        _(
            "This is what unequal weights cost any answer. A score that differs between the groups that "
            "are matched loses less, so on the page \u201cTrust\u201d its answers can be worth more."
        )
    )
    st.markdown(balance.limits_words(settings, figures, float(weighted.weights.mean())))
    if merged := balance.merged_words(settings.get("merged") or {}):
        st.markdown(plain(merged))
    report = protect_margins(weighted.weighting.report, weighted, nesting_of(store.study(study.slug).levels))
    if len(report):
        pieces.chart(
            cache.once(balance.margins, report),
            "### "
            + _("Before and after")
            + "\n"
            + _(
                "Open circles are the answers as they came, full ones after weighting; the upright strokes are the "
                "population."
            )
            + " "
            + plain(balance.carriers_words(report)),
            balance.margin_table(report),
            "margins",
        )
    spread = balance.steps(weighted.weights / weighted.weights.mean())
    told_spread = "### " + _("How the weights are spread") + "\n" + balance.spread_words(spread)
    if len(spread) > 1:
        pieces.chart(cache.once(balance.spread_chart, spread), told_spread, balance.spread_table(spread), "weights")
    else:
        st.markdown(told_spread)
    if allowed(store.person, "download microdata", study.slug):
        with st.expander(_("Who counts most (single answers: for those who may see them)")):
            pieces.table(weights.largest_weights(weighted))

if fresh is not None:
    reason = ""
    if record.ever_released:
        reason = st.text_input(_("This wave is released. Why are its weights changed? The reason is kept with it."))
    elif any(other.ever_released for other in records):
        reason = st.text_input(_("Some waves are released. Why are all weighted anew? The reason is kept with each."))
    one, all_waves = st.columns([1, 2])
    if one.button(_("Save these weights"), type="primary"):
        with refusals():
            store.set_margins(study.slug, fresh[2])
            store.save_weighting(study.slug, weighted, revision=record.revision, reason=reason)
            st.session_state.pop("weighting")
            st.session_state["weighting told"] = _("The weights of {record} are saved.").format(
                record=plain(record.name)
            )
            st.rerun()
    if len(records) > 1 and all_waves.button(
        _("Weigh all {records} waves like this, and save").format(records=len(records))
    ):
        with refusals(), st.spinner(_("Weighing every wave \u2026"), show_time=True):
            weighing.weigh_all(store, study.slug, fresh[2], reason, **fresh[3])
            store.set_margins(study.slug, fresh[2])
            st.session_state.pop("weighting")
            st.session_state["weighting told"] = _("The weights of all {records} waves are saved.").format(
                records=len(records)
            )
            st.rerun()

if allowed(store.person, "download microdata", study.slug):
    with st.expander(_("I have weights that were made elsewhere, in R say")):
        st.caption(
            _(
                "A table with the columns respondent (the pseudonym, as in the download with weights) or "
                "source_row, and weight. They are taken as they are, and the method sheet says where they "
                "come from."
            )
        )
        brought = st.file_uploader(
            _("Weights (CSV or Excel)"), type=["csv", "tsv", "xlsx"], key=f"weights {record.key}"
        )
        source = st.text_input(_("Who made them, and how?"), key="weights reason")
        if st.button(_("Take these weights"), disabled=brought is None or not source.strip()):
            with refusals():
                weights.bring_upload(store, study.slug, record.name, brought, source)
                st.session_state.pop("weighting", None)
                st.session_state["weighting told"] = _("The weights of {record} are taken over.").format(
                    record=plain(record.name)
                )
                st.rerun()

st.header(_("Release"))
if record.released:
    st.markdown(_("{record} is released: everyone who may see the study sees it.").format(record=plain(record.name)))
elif allowed(store.person, "release", study.slug):
    state = (
        _("{wave} has a correction in draft. Release it when you have looked at the results.")
        if record.ever_released
        else _("{wave} is a draft. Release it when you have looked at the results.")
    )
    st.markdown(state.format(wave=plain(record.name)))
    if st.button(_("Release this wave")):
        with refusals():
            workflow.release_wave(store, study.slug, record.name)
            st.session_state["weighting told"] = _("{record} is released.").format(record=plain(record.name))
            st.rerun()
