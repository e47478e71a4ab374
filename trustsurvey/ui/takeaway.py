"""Results, answers for other programs, and the file that repeats figures, on the page of downloads."""

from __future__ import annotations

from typing import get_args

import pandas as pd
import streamlit as st

from trustsurvey.export.actions import actions_table
from trustsurvey.export.programs import FORMATS
from trustsurvey.export.tables import picture_tables
from trustsurvey.export.takeaway import Choice, packed, rare_words
from trustsurvey.language import N_, _, pgettext
from trustsurvey.limits import tables_within
from trustsurvey.reproduction.recipe import recipe
from trustsurvey.rights import allowed
from trustsurvey.store import Store, WaveRecord
from trustsurvey.tabulate import Request, Variance, replicates_for
from trustsurvey.takeaway import need_reason, take_away
from trustsurvey.ui import actions as done, cache
from trustsurvey.ui.guard import plain, refusals
from trustsurvey.ui.table_form import VARIANCES

TITLES = {"csv": N_("CSV, with an R script"), "parquet": "Parquet", "sav": N_("SPSS (.sav and .sps)"), "dta": "Stata"}
KINDS: tuple[Variance | None, ...] = (None, *(kind for kind in get_args(Variance) if kind != "taylor"))
#: Replicates of a bootstrap that is taken away.
REPLICATES = 200


def results(store: Store, slug: str, records: list[WaveRecord], at: int, reason: str | None) -> dict[str, pd.DataFrame]:
    """The tables of the workbook of a wave; that they were taken is written down.

    ``reason``: with weights by pseudonym, which are answers of single residents; None for the results alone.
    """
    store.need("download results", slug)
    weights, record = reason is not None, records[at]
    if reason is not None:
        store.need("download microdata", slug)
        need_reason(reason, slug)
    picture = cache.study_picture(store, slug, records, at)
    promised = actions_table(done.record(store, slug, records[: at + 1]))
    tables = picture_tables(picture, record, weights, actions=promised)
    store.note("export", f"{slug}/{record.name}", f"workbook with weights; {reason}" if weights else "workbook")
    return tables_within(tables, picture.study, store.person.limited_to(slug))


def answers(store: Store, slug: str, records: list[WaveRecord], at: int, stem: str) -> None:
    """The form for the answers of a wave, and what came of it; ``records[at]`` is the wave."""
    record = records[at]
    st.header(_("Answers for other programs"))
    if not allowed(store.person, "download microdata", slug):
        st.caption(_("The answers of single residents need a right of their own, which you do not have."))
        return
    st.markdown(
        _(
            "One row a resident, with a codebook, the method, and a script that makes the results anew in "
            "R. **These are answers of single people**: no names, but somebody who knows a resident may "
            "know them again. Small numbers are not hidden in them. What you take, and why, is written "
            "down."
        )
    )
    with st.form("answers"):
        reason = st.text_input(
            _("What are they needed for?"), placeholder=_("to compare with the survey of the county")
        )
        formats = st.multiselect(_("Formats"), FORMATS, list(FORMATS), format_func=lambda kind: _(TITLES[kind]))
        weights = st.checkbox(_("With weights and how the sample was drawn; the R script needs them"), value=True)
        kind = st.selectbox(_("Replicate weights"), KINDS, format_func=_kind)
        words = st.checkbox(
            _("With what residents wrote, names taken out by a machine, which misses some"),
            disabled=not allowed(store.person, "code", slug),
        )
        pressed = st.form_submit_button(_("Prepare the answers"))
    if pressed:
        with refusals(), st.spinner(_("Writing the answers \u2026"), show_time=True):
            choice = Choice(tuple(formats), weights, words)
            picture = cache.study_picture(store, slug, records, at)
            waves = [cache.wave(store, slug, one) for one in records[: at + 1]]
            drawn = None
            if kind is not None and weights:
                drawn = replicates_for(picture.wave, Request(variance=kind, count=REPLICATES))
            files = take_away(store, picture, waves, reason, choice, drawn)
            st.session_state["answers taken"] = (slug, record.key, packed(files), rare_words(picture.wave))
    taken = st.session_state.get("answers taken")
    if taken is not None and taken[:2] == (slug, record.key):
        st.success(f"{_('Ready, and written down.')} {plain(taken[3])}")
        st.download_button(_("Answers (.zip)"), taken[2], f"{stem}_answers.zip", on_click="ignore")


def repeating(store: Store, slug: str, records: list[WaveRecord], at: int, stem: str) -> None:
    """The file from which the figures of a wave are made again, once it is asked for."""
    record = records[at]
    if st.button(_("Prepare the file that repeats the figures")):
        with refusals(), st.spinner(_("Weighting every wave once more \u2026"), show_time=True):
            picture = cache.study_picture(store, slug, records, at)
            waves = [cache.wave(store, slug, one) for one in records[: at + 1]]
            text = recipe(picture, waves, records[: at + 1], store.margins(slug))
            st.session_state["recipe"] = (slug, record.key, text)
            store.note("export", f"{slug}/{record.name}", "to reproduce the figures")
    made = st.session_state.get("recipe")
    if made is not None and made[:2] == (slug, record.key):
        st.download_button(_("Figures and settings (.yaml)"), made[2], f"{stem}_reproduce.yaml", on_click="ignore")


def _kind(kind: Variance | None) -> str:
    if kind is None:
        return pgettext("replicates", "none")
    told = _(VARIANCES[kind])
    return _("{kind} ({n}, seed 1)").format(kind=told, n=REPLICATES) if kind == "bootstrap" else told
