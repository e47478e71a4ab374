"""A study made of what a file asks: the first of all, or one whose questionnaire is the city's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from trustsurvey.errors import SurveyError
from trustsurvey.harmonise.questionnaire import Draft, questionnaire_from, settled
from trustsurvey.instruments import default_instrument
from trustsurvey.instruments.headings import place_in, speaks_of_place, speaks_of_postcode
from trustsurvey.language import N_, _, ngettext, translated
from trustsurvey.model import AreaLevel, Instrument, Item, Study
from trustsurvey.readers.raw import Raw
from trustsurvey.rights import allowed
from trustsurvey.store import Store
from trustsurvey.store.repository import slug_of
from trustsurvey.ui import importing
from trustsurvey.ui.guard import refusals, whom
from trustsurvey.ui.importing import Opened
from trustsurvey.ui.progress import under_way
from trustsurvey.ui.refused import show_error
from trustsurvey.ui.studies import named
from trustsurvey.wording import figure, readable

QUESTION, ANSWERS, COUNTS, TURNED, NOTE = (
    N_("Question"), N_("Answers"), N_("Counts in the score"), N_("Turned round"), N_("To check"),
)  # fmt: skip
#: Areas are not so many, nor is there but one.
AREAS = range(2, 500)
#: What a column that is one of these is, cannot be where people live.
NO_PLACE = ("private", "device", "id", "start", "end", "duration", "status", "weight")


def begin(store: Store) -> None:
    """Begin with a file where there is no study: of the standard questionnaire if it asks that, else of its own."""
    if not allowed(store.person, "edit study", "*"):
        return
    st.markdown(_("Or drop the first survey file here: what it asks becomes a study."))
    upload = importing.dropped()
    if upload is None:
        return
    with refusals(), under_way(_("Reading the file"), importing.stopped, "reading") as step:
        opened = importing.open_upload(store, "", upload, step)
    standard = default_instrument()
    items = {column.column: column.target for column in opened.mapping.columns if column.role == "item"}
    found = sum(item.id in items.values() for item in standard.rated)
    if 2 * found < len(standard.rated):
        with refusals():
            _draw(store, opened, _draft(opened.raw, opened.key))
        return
    told = _("The file asks {found} of the {asked} questions of the standard questionnaire, so the study has that one.")
    st.info(told.format(found=figure(found), asked=figure(len(standard.rated))))
    name = st.text_input(_("Name of the study"), _title(opened.raw), key=f"own name {opened.key}")
    _finish(store, opened, set(items), lambda level, drawn: _study(name, standard, level, drawn))


def offer(store: Store, opened: Opened, found: int, asked: int) -> bool:
    """Offer a study of the file's own questions where it holds less than half of those of the study at hand.

    Whether there was anything to offer to a person who finds none of the study's questions in the file.
    """
    if 2 * found >= asked:
        return False
    told = (
        _("The file holds {found} of the {asked} questions of this study.").format(found=found, asked=asked)
        if found
        else _("**This file asks other questions than this study.**")
    )
    # Whoever finds some questions here may want just these; whoever finds none cannot go on without the others.
    if found and not st.toggle(f"{told} {_('Begin a study with the questions of the file')}", key=f"own {opened.key}"):
        return False
    if not allowed(store.person, "edit study", "*"):
        ask = _("Ask {people} to begin a study with its questions; you can hand the file over below.")
        st.info(f"{told} {ask.format(people=whom('edit study'))}")
        return True
    try:
        draft = _draft(opened.raw, opened.key)
    except SurveyError as error:
        if found:
            show_error(error)
        return False
    if not found:
        st.info(f"{told} {_('You can begin a study with its own.')}")
    _draw(store, opened, draft)
    return True


def _draft(raw: Raw, key: str) -> Draft:
    kept: tuple[str, Draft] | None = st.session_state.get("draft")
    if kept is None or kept[0] != key:
        with st.spinner(_("Looking for questions \u2026"), show_time=True):
            kept = key, questionnaire_from(raw, title=_title(raw))
        st.session_state["draft"] = kept
    return kept[1]


def _title(raw: Raw) -> str:
    """What a study of a file is called unless somebody says otherwise: the words of the file's name."""
    return " ".join(re.findall(r"[^\W_]+", raw.source.rsplit(".", 1)[0]))


def _draw(store: Store, opened: Opened, draft: Draft) -> None:
    made, key = draft.instrument, opened.key
    st.header(_("A study with the questions of this file"))
    rated, told = len(made.rated), len(made.items) - len(made.rated)
    held = [ngettext("{n} question on a scale", "{n} questions on a scale", rated).format(n=figure(rated))]
    if told:
        held.append(ngettext("{n} in own words", "{n} in own words", told).format(n=figure(told)))
    score_told = _("The score is the mean of those that are ticked, from 0 to 100, higher for more trust.")
    st.markdown(f"{', '.join(held)}. {score_told}")
    st.caption(
        _(
            "Turned round: whoever agrees trusts less. Divide a score into dimensions, if you want some, in the "
            "questionnaire that the page \u201cDownloads\u201d gives."
        )
    )
    edited = st.data_editor(
        to_table(draft), key=f"own questions {key}", hide_index=True, disabled=[ANSWERS, NOTE],
        column_config={
            QUESTION: st.column_config.TextColumn(_(QUESTION), width="large"), ANSWERS: _(ANSWERS), NOTE: _(NOTE),
            COUNTS: st.column_config.CheckboxColumn(_(COUNTS)), TURNED: st.column_config.CheckboxColumn(_(TURNED)),
        },
    )  # fmt: skip
    left, right = st.columns(2)
    name = left.text_input(_("Name of the study"), made.title, key=f"own name {key}")
    score = right.text_input(_("What the score is called"), _("Trust"), key=f"own score {key}")
    _finish(
        store, opened, set(draft.columns.values()),
        lambda level, drawn: made_of(draft.instrument, edited, name, score, level, drawn),
    )  # fmt: skip


def _finish(store: Store, opened: Opened, taken: set[str], study_of: Callable[[AreaLevel | None, bool], Study]) -> None:
    """Ask for the rest and create the study. ``taken``: columns that hold questions."""
    places = places_of(opened, taken)
    place = st.selectbox(
        _("Where people live"), ["", *places], int(bool(places) and _is_place(opened.raw, places[0])),
        format_func=lambda column: _headed(opened.raw, column) if column else _("not in the file"),
        key=f"own place {opened.key}",
    )  # fmt: skip
    drawn = st.checkbox(
        _("Residents were drawn at random (not: whoever wanted to could answer)"), key=f"own drawn {opened.key}"
    )
    if st.button(_("Create this study and go on with the file"), type="primary"):
        with refusals():
            study = study_of(level_of(opened.raw, place), drawn)
            store.create_study(study)
            st.session_state["study"] = study.slug
            st.session_state.pop("draft", None)
            st.rerun()


def to_table(draft: Draft) -> pd.DataFrame:
    """One row a rated question of a draft."""
    parts = draft.instrument.index(draft.instrument.headline).parts
    notes = dict(draft.notes)
    rows: list[dict[str, Any]] = [
        {
            QUESTION: item.text, ANSWERS: answers(item), COUNTS: item.id in parts, TURNED: item.reverse,
            NOTE: translated(notes[item.id].text) if item.id in notes else "",
        }
        for item in draft.instrument.rated
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[QUESTION, ANSWERS, COUNTS, TURNED, NOTE])


def answers(item: Item) -> str:
    """How a question is answered, in a few words: "1 Strongly disagree to 5 Strongly agree"."""
    labels = dict(item.scale.anchors)
    low, high = (f"{end:g} {labels.get(end, '')}".strip() for end in (item.scale.low, item.scale.high))
    return _("{low} to {high}").format(low=low, high=high)


def places_of(opened: Opened, questions: set[str]) -> list[str]:
    """Columns that may say where people live, those that speak of a place first; ``questions`` are others."""
    taken = questions | {c.column for c in opened.mapping.columns if c.role in NO_PLACE}
    taken -= {column.name for column in opened.raw.columns if speaks_of_postcode(column.name)}
    columns = [
        column.name for column in opened.raw.columns
        if column.name not in taken and len(opened.raw.head(column.name).distinct) in AREAS
    ]  # fmt: skip
    return sorted(columns, key=lambda name: not _is_place(opened.raw, name))


def _is_place(raw: Raw, name: str) -> bool:
    return speaks_of_place(f"{name} {raw.column(name).text}")


def _headed(raw: Raw, name: str) -> str:
    """A column by its name and, where the file has one, its question."""
    text = raw.column(name).text
    return f"{name}: {text}" if text and text != name else name


def level_of(raw: Raw, name: str) -> AreaLevel | None:
    """The areas of a column, called as it is, or by the place that its question asks for; None for no column."""
    if not name:
        return None
    title = readable(name) if speaks_of_place(name) else place_in(raw.column(name).text).capitalize() or readable(name)
    return AreaLevel(slug_of(title).replace("-", "_"), title)


def made_of(
    draft: Instrument, table: pd.DataFrame, name: str, score: str, level: AreaLevel | None, drawn: bool
) -> Study:
    """The study that a draft becomes, as somebody left its ``table``. SurveyError ``instrument.*``."""
    ids = [item.id for item in draft.rated]
    rows: Sequence[dict[str, Any]] = table.to_dict("records")
    texts = {key: str(row[QUESTION] or "") for key, row in zip(ids, rows, strict=True)}
    parts = [key for key, row in zip(ids, rows, strict=True) if row[COUNTS]]
    reverse = {key for key, row in zip(ids, rows, strict=True) if row[TURNED]}
    return _study(name, settled(draft, name.strip(), texts, parts, reverse, score.strip()), level, drawn)


def _study(name: str, instrument: Instrument, level: AreaLevel | None, drawn: bool) -> Study:
    name = named(name)
    return Study(slug_of(name), name, instrument, () if level is None else (level,), drawn)
