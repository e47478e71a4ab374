"""A survey export becomes a wave of the study: dropped, understood, checked, saved."""

from dataclasses import replace
from functools import partial

import streamlit as st

from trustsurvey import workflow
from trustsurvey.errors import SurveyError
from trustsurvey.harmonise import Harmonised, Problem
from trustsurvey.language import N_, _, ngettext
from trustsurvey.mapping_file import mapping_to_yaml
from trustsurvey.present import words
from trustsurvey.ui import (
    columns,
    decisions,
    earlier,
    import_words,
    importing,
    mapping_table as table,
    own_questions,
    pieces,
)
from trustsurvey.ui.guard import choose_study, open_page, plain, refusals
from trustsurvey.ui.progress import under_way
from trustsurvey.ui.refused import show_error
from trustsurvey.wording import figure

store = open_page(N_("Import a survey"), "import")
study = choose_study(store)
if study is None:
    own_questions.begin(store)
    st.stop()
whole = store.study(study.slug)
instrument, levels = whole.instrument, whole.levels


def undo(slug: str, name: str) -> None:
    """Take back the import that was just saved."""
    store.discard_draft(slug, name)
    left = any(record.name == name for record in store.waves(slug))
    st.session_state["import told"] = ("restored" if left else "undone", name)


told, name = st.session_state.pop("import told", ("", ""))
if told in ("saved", "corrected"):
    saved = (
        _("**{wave}** is saved as a draft. Next: make it match the population.")
        if told == "saved"
        else _("**{wave}** is corrected as a draft. Next: make it match the population.")
    )
    st.success(saved.format(wave=plain(name)))
    onward, back = st.columns([1, 3])
    onward.page_link("pages/weighting.py", label=_("Go on to weighting"), icon=":material/arrow_forward:")
    take_back = _("Undo this import") if told == "saved" else _("Undo this correction")
    back.button(take_back, on_click=undo, args=(study.slug, name))
elif told:
    st.info(_(import_words.TOLD[told]).format(name=plain(name)))

with refusals():
    kept = importing.reopened(store, study.slug)
if kept is None:
    upload = importing.dropped()
    if upload is None:
        earlier.draw(store, study.slug)
        st.stop()
    with refusals(), under_way(_("Reading the file"), importing.stopped, "reading") as step:
        opened = importing.open_upload(store, study.slug, upload, step)
    opened = importing.one_round(store, study.slug, opened)
else:
    opened = kept
    earlier.tell(opened)
raw = opened.raw

with st.expander(_("I have a mapping file")):
    stated = st.file_uploader(_("Mapping (.yaml)"), type=["yaml", "yml"], key=f"mapping {opened.key}")
    if stated is not None:
        with refusals():
            opened = importing.use_mapping_file(opened, stated.getvalue(), stated.name)

mapping = columns.edited(opened, instrument, levels)
result: Harmonised | None = None
strange = False
asked: dict[table.Asked, list[Problem]] = {}
try:
    open_questions = partial(importing.problems, store, study.slug, opened)
    mapping, asked = decisions.settled(opened.key, mapping, open_questions)
    result = importing.preview(store, study.slug, opened, mapping)
except SurveyError as error:
    st.markdown(
        "## "
        + _("{file}: {rows} rows, {columns} columns.").format(
            file=import_words.kind_of(raw), rows=figure(raw.rows), columns=figure(len(raw.columns))
        )
    )
    uploaded = opened.wave is None and opened.task is None
    strange = uploaded and error.code == "map.no-items" and own_questions.offer(store, opened, 0, len(instrument.rated))
    if not strange:
        show_error(error)

name, start, end = opened.name, None, None
if result is not None:
    wave = result.wave
    dates = words.period(wave.start, wave.end)
    head = (
        _("{file}: {rows} rows, {dates}; {found} of {asked} questions found.")
        if dates
        else _("{file}: {rows} rows; {found} of {asked} questions found.")
    )
    st.markdown(
        "## "
        + head.format(
            file=import_words.kind_of(raw), rows=figure(raw.rows), dates=dates, found=len(wave.items),
            asked=len(instrument.rated),
        )
    )  # fmt: skip
    pieces.left_out(wave.report)
    st.markdown(import_words.understood(wave, mapping, levels))
    pieces.notices(wave.report.notices)
    import_words.checked(wave.report)
    if opened.wave is None and opened.task is None:
        own_questions.offer(store, opened, len(wave.items), len(instrument.rated))

if asked:
    decisions.ask(opened.key, asked, instrument, levels, mapping)
unsure = [guess for guess in opened.guesses if not guess.sure and not strange]
if unsure:
    names = ", ".join(f"\u201c{plain(guess.column.column)}\u201d" for guess in unsure[:6])
    st.info(_("Please check in the table below: {names}.").format(names=names))

if result is not None:
    first, second, third = st.columns(3)
    name = first.text_input(
        _("Name of this wave"), opened.name or import_words.wave_name(wave.start), placeholder="2026 Q2",
        key=f"name {opened.key}", disabled=opened.wave is not None,
    ).strip()  # fmt: skip
    dated = opened.wave or wave
    start = pieces.day(second, _("First day of fieldwork"), dated.start, f"start {opened.key}")
    end = pieces.day(third, _("Last day"), dated.end, f"end {opened.key}")
    if not name:
        st.info(_("Give the wave a name, such as 2026 Q2, to go on."))

correcting = {record.name: record for record in store.waves(study.slug)}.get(name)
reason = ""
if correcting is not None:
    if opened.wave is None:
        there = _("There is a wave {wave} already ({status}); saving corrects it.")
        st.warning(there.format(wave=plain(name), status=_(correcting.status)))
    if correcting.ever_released:
        reason = st.text_input(_("Why is it corrected? The reason is kept with the wave."))
if result is not None and result.problems:
    left = len(table.questions(result.problems))
    st.info(
        ngettext(
            "{n} question needs a decision above before the wave can be saved.",
            "{n} questions need a decision above before the wave can be saved.",
            left,
        ).format(n=figure(left))
    )
doubled = False
if result is not None and name:
    named = replace(result.wave, name=name, start=start, end=end)
    doubled = importing.doubled(store, study.slug, opened, named, mapping)
ready = bool(name) and result is not None and not result.problems and not doubled
how_far = st.container()  # above the button, where whoever presses it looks; below, it may be off the screen
if not strange and st.button(_("Save as a wave"), type="primary", disabled=not ready) and result is not None:
    doing = _("Taking names out of open answers, then saving")
    with refusals(), how_far, under_way(doing, importing.stopped, "saving") as step:
        named = replace(result.settled(), name=name, start=start, end=end)
        task = opened.task.id if opened.task is not None else None
        new = workflow.save_import(store, study.slug, named, mapping, raw, reason, task, step)
        importing.done("same" if not new else "corrected" if correcting else "saved", name, store, study.slug)
        st.session_state["wave"] = name
        st.rerun()

open_table = bool(unsure) or (result is None and not strange) or opened.wave is not None
every = _("What every column is ({n} columns)").format(n=figure(len(raw.columns)))
with st.expander(every, expanded=open_table):
    columns.draw(opened, instrument, levels)
    st.download_button(_("Save this mapping as a file"), mapping_to_yaml(mapping), "mapping.yaml", on_click="ignore")
if opened.task is None:
    earlier.ask(store, study.slug, opened, mapping, name)
