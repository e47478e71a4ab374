"""Briefings to take away: put together when they are asked for, from what the pages show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from trustsurvey.actions.follow_up import Record
from trustsurvey.analysis import Picture
from trustsurvey.export.method import method_rows
from trustsurvey.language import _, kept
from trustsurvey.present import actions, pdf
from trustsurvey.present.area import Area
from trustsurvey.present.briefing import briefing_html
from trustsurvey.present.meeting import meeting_html, meeting_text
from trustsurvey.rights import allowed
from trustsurvey.store import Store, StudyRecord, WaveRecord
from trustsurvey.ui import actions as done, cache, voices
from trustsurvey.ui.views import outlines
from trustsurvey.voices.picture import Themes


def buttons(store: Store, study: StudyRecord, records: list[WaveRecord], at: int, picture: Picture, level: str) -> None:
    """Buttons that save the picture as a briefing: HTML, and PDF where that can be made."""
    if not allowed(store.person, "download results", study.slug):
        return
    stem = stem_of(study.slug, records[at].name, "briefing")

    @kept
    def page() -> str:
        return written(store, study.slug, records, at, picture, level)

    row = st.container(horizontal=True)
    # What is made when it is asked for costs a page that nobody saves nothing.
    row.download_button(_("Save as a briefing (.html)"), page, f"{stem}.html", "text/html", on_click="ignore")
    if pdf.available():
        row.download_button(
            _("Save as PDF"), lambda: pdf.as_pdf(page()), f"{stem}.pdf", "application/pdf", on_click="ignore"
        )


def written(store: Store, slug: str, records: list[WaveRecord], at: int, picture: Picture, level: str) -> str:
    """The briefing on a picture; that it was taken is written down."""
    store.need("download results", slug)
    record = records[at]
    voiced = voices.heard(store, slug, records, at)
    promised = done.record(store, slug, records[: at + 1]).hearing([voice.found for voice in voiced], record.name)
    html = briefing_html(
        picture,
        level,
        outlines(store, slug, level) if level else "",
        voiced,
        method_rows(picture, record),
        remarks_of(record),
        date.today(),
        promised,
        cache.companions(store, slug, record, picture.measure),
    )
    store.note("export", f"{slug}/{record.name}", "briefing")
    return html


def remarks_of(record: WaveRecord) -> list[str]:
    """What stands on top of a report on a wave that is not released."""
    return (
        []
        if record.released
        else [_("The wave {record} is a draft; its numbers may still change.").format(record=record.name)]
    )


def meeting_buttons(
    store: Store, study: StudyRecord, record: WaveRecord, area: Area, found: list[Themes],
    promised: Record,
) -> None:  # fmt: skip
    """Buttons that save the meeting pack of an area: a page, and plain text. ``promised``: the record of the area."""
    if not allowed(store.person, "download results", study.slug):
        return
    stem = stem_of(study.slug, record.name, area.name, "meeting")

    @kept
    def made(write: Callable[..., str]) -> str:
        store.need("download results", study.slug)
        store.note("export", f"{study.slug}/{record.name}", f"meeting pack, {area.view.level.key} {area.name}"[:300])
        return write(area, found, actions.spoken(promised), remarks_of(record))

    row = st.container(horizontal=True)
    row.download_button(
        _("Save the meeting pack (.html)"), lambda: made(meeting_html), f"{stem}.html", "text/html", on_click="ignore"
    )
    row.download_button(
        _("As text to read aloud (.txt)"), lambda: made(meeting_text), f"{stem}.txt", "text/plain", on_click="ignore"
    )


def stem_of(*parts: str) -> str:
    """The name of a file, without its ending."""
    return "_".join("".join(c if c.isalnum() or c == "-" else "_" for c in part.casefold()) for part in parts)
