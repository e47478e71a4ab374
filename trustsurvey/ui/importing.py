"""What the import page keeps between reruns: the file read, its proposed mapping, the preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from trustsurvey import workflow
from trustsurvey.doubles import refuse_doubles, standing
from trustsurvey.errors import SurveyError
from trustsurvey.harmonise import Guess, Harmonised, Problem, propose
from trustsurvey.harmonise.rounds import Rounds, likely_rounds, only, round_digest
from trustsurvey.instruments import default_instrument
from trustsurvey.language import N_, _, language
from trustsurvey.mapping_file import mapping_from_yaml, mapping_to_yaml
from trustsurvey.model import ColumnMap, Mapping, Wave
from trustsurvey.readers.guard import UPLOAD_LIMIT, read, refuse_large
from trustsurvey.readers.raw import Raw
from trustsurvey.store import Store, TaskRecord, WaveRecord
from trustsurvey.ui.markup import plain
from trustsurvey.ui.refused import show_error
from trustsurvey.ui.uploads import on_disk, text_of
from trustsurvey.wording import figure

#: Endings of the files that an officer may drop.
KINDS = [
    "csv", "tsv", "txt", "tab", "xlsx", "xlsm", "xlsb", "xls", "ods", "sav", "zsav", "por", "dta", "parquet", "zip",
]  # fmt: skip
ALL = N_("All rows, as one wave")
#: Mappings whose open questions are remembered.
ROUNDS = 8


@dataclass(frozen=True)
class Opened:
    """A file after reading, with the mapping proposed for it.

    ``wave``, ``task``: what the file was kept with, where it was not uploaded now. ``rounds``: the waves that a
    file holds; ``part``: the one of them that is open, "" for all.
    """

    key: str
    raw: Raw
    mapping: Mapping
    guesses: tuple[Guess, ...]
    wave: WaveRecord | None = None
    task: TaskRecord | None = None
    rounds: Rounds | None = None
    part: str = ""

    @property
    def name(self) -> str:
        """The name of the wave that the file is, or is to become; "" where nobody said."""
        if self.wave is not None:
            return self.wave.name
        return self.part if self.task is None else self.task.wave


def dropped() -> Any:
    """The box for a survey export, and what is in it; None where nothing is, and nothing is left of what was."""
    upload = st.file_uploader(
        _("Drop the file that the survey tool gave you (CSV, Excel, SPSS, Stata and others)"),
        type=KINDS,
        max_upload_size=200,
        key=f"upload {st.session_state.get('uploads', 0)}",
    )
    if upload is None:
        forget()
        st.caption(
            _(
                "Exports from Qualtrics, SurveyMonkey, Google and Microsoft Forms, LimeSurvey, KoboToolbox, REDCap, "
                "Alchemer and Typeform are recognised; any table with one row a resident will do. Names, e-mail and "
                "internet addresses are never saved."
            )
        )
    return upload


def open_upload(store: Store, slug: str, upload: Any, progress: Callable[[float], Any]) -> Opened:
    """Read an upload once; later reruns get it from the session. ``slug`` is empty where there is no study yet."""
    key = f"{slug} {upload.file_id}"
    opened: Opened | None = st.session_state.get("opened")
    if opened is not None and opened.key.startswith(key):
        return opened
    refuse_large(upload.size, upload.name, UPLOAD_LIMIT)
    with on_disk(upload) as path:
        raw = read(path, upload.name, limit=UPLOAD_LIMIT, progress=progress)
    mapping, guesses = workflow.propose_for(store, slug, raw) if slug else propose(raw, default_instrument())
    opened = Opened(key, raw, mapping, guesses, rounds=likely_rounds(raw))
    st.session_state["opened"] = opened
    return opened


def one_round(store: Store, slug: str, whole: Opened) -> Opened:
    """One wave of a file that holds several, as the person chooses; the next that is not saved is proposed."""
    if whole.rounds is None:
        return whole
    left = _left(store, slug, whole)
    counts = dict(whole.rounds.counts)
    chosen = st.selectbox(
        _("The file holds several waves, told apart by \u201c{column}\u201d. Which one is this?").format(
            column=plain(whole.rounds.column)
        ),
        [*counts, ALL], list(counts).index(left[0]) if left else 0, key=f"round {whole.key} {len(left)}",
        format_func=lambda value: _(ALL) if value == ALL else _("{wave} ({n} rows)").format(
            wave=value, n=figure(counts[value])
        ),
    )  # fmt: skip
    if chosen == ALL:
        return whole
    key = f"{whole.key} {whole.rounds.column} {chosen}"
    opened: Opened | None = st.session_state.get("opened round")
    if opened is None or opened.key != key:
        raw = only(whole.raw, whole.rounds.column, chosen)
        mapping, guesses = workflow.propose_for(store, slug, raw)
        opened = replace(whole, key=key, raw=raw, mapping=mapping, guesses=guesses, part=chosen)
        st.session_state["opened round"] = opened
    return opened


def _left(store: Store, slug: str, whole: Opened) -> list[str]:
    """The waves of a file that are not saved yet."""
    if whole.rounds is None:
        return []
    saved = {record.digest for record in store.waves(slug)}
    if whole.raw.digest in saved:
        return []
    column = whole.rounds.column
    return [value for value in whole.rounds.values if round_digest(whole.raw, column, value) not in saved]


def reopen(slug: str, kind: str, which: str) -> None:
    """Have the page open what is kept: the file of a "wave", by name, or of a "task", by number."""
    forget()
    st.session_state["reopened"] = (slug, kind, which)


def reopened(store: Store, slug: str) -> Opened | None:
    """The kept file that the page is to open; None where it waits for an upload."""
    study, kind, which = st.session_state.get("reopened", ("", "", ""))
    if study != slug:
        return None
    try:
        return _reopened(store, slug, kind, which)
    except SurveyError:
        forget()  # it is gone: the page must not ask for it again
        raise


def _reopened(store: Store, slug: str, kind: str, which: str) -> Opened:
    wave = workflow.wave_record(store, slug, which) if kind == "wave" else None
    task = workflow.open_task(store, slug, int(which)) if kind == "task" else None
    key = f"{slug} {kind} {which} {wave.key if wave is not None else ''}"
    opened: Opened | None = st.session_state.get("opened")
    if opened is not None and opened.key.startswith(key):
        return opened
    with st.spinner(_("Opening what is kept \u2026"), show_time=True):
        raw = store.kept_file(slug, which) if task is None else store.task_file(slug, task.id)
        mapping, guesses = workflow.propose_for(store, slug, raw)
        if wave is not None:
            mapping, guesses = workflow.decided(wave.mapping, guesses, N_("as it was imported"))
        elif task is not None:
            mapping, guesses = workflow.decided(task.mapping, guesses, N_("as it was handed over"), doubts=True)
    opened = Opened(key, raw, mapping, guesses, wave, task)
    st.session_state["opened"] = opened
    return opened


def use_mapping_file(opened: Opened, content: bytes, name: str) -> Opened:
    """Take a mapping file instead of the proposal; columns it does not name are not used."""
    stated = mapping_from_yaml(text_of(content, name), name)
    entries = {column.column: column for column in stated.columns}
    columns = tuple(entries.pop(c.name, ColumnMap(c.name, "ignore")) for c in opened.raw.columns)
    # Entries for columns that the file lacks stay, so that the refusal names them.
    whole = replace(stated, columns=(*columns, *entries.values()), platform=opened.raw.platform)
    guesses = tuple(Guess(column, N_("by the mapping file"), True) for column in columns)
    return replace(opened, key=f"{opened.key} {hash(content)}", mapping=whole, guesses=guesses)


def preview(store: Store, slug: str, opened: Opened, mapping: Mapping) -> Harmonised:
    """The wave, yet unnamed, that a mapping makes of the file; made once for each mapping."""
    key = (opened.key, mapping_to_yaml(mapping), language())
    kept: dict[tuple[str, ...], Harmonised] = st.session_state.setdefault("previews", {})
    if key not in kept:
        while len(kept) >= 2:  # with and without what was decided about single values
            kept.pop(next(iter(kept)))
        with st.spinner(_("Checking every answer \u2026"), show_time=True):
            kept[key] = workflow.prepare(store, slug, opened.raw, mapping, "")
    return kept[key]


def problems(store: Store, slug: str, opened: Opened, mapping: Mapping) -> tuple[Problem, ...]:
    """What a mapping leaves open; kept when its wave is not, since decisions are taken in rounds."""
    key = (opened.key, mapping_to_yaml(mapping), language())
    kept: dict[tuple[str, ...], tuple[Problem, ...]] = st.session_state.setdefault("problems", {})
    if key not in kept:
        while len(kept) >= ROUNDS:
            kept.pop(next(iter(kept)))
        kept[key] = preview(store, slug, opened, mapping).problems
    return kept[key]


def doubled(store: Store, slug: str, opened: Opened, wave: Wave, mapping: Mapping) -> bool:
    """Say so where residents of a wave stand in another already; looked up once for each state of the study."""
    state = tuple(record.key for record in store.waves(slug))
    key = (opened.key, mapping_to_yaml(mapping), wave.name, wave.start, wave.end, state)
    kept: dict[object, SurveyError | None] = st.session_state.setdefault("doubles", {})
    if key not in kept:
        kept.clear()
        kept[key] = None
        try:
            refuse_doubles(standing(store, slug, wave, mapping, opened.raw), wave, opened.raw.source)
        except SurveyError as error:
            kept[key] = error
    found = kept[key]
    if found is not None:
        show_error(found)
    return found is not None


def done(told: str, name: str, store: Store, slug: str) -> None:
    """Leave the file, unless it holds another wave, and say what came of it when the page is drawn again."""
    whole: Opened | None = st.session_state.get("opened")
    st.session_state["import told"] = (told, name)
    if whole is not None and told != "asked" and _left(store, slug, whole):
        for kept in ("opened round", "previews", "problems", "doubles"):
            st.session_state.pop(kept, None)
        return
    forget()
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1


def stopped(what: str) -> None:
    """Somebody stopped the "reading" of a file, which is left, or its "saving", and is told what became of it."""
    st.session_state["import told"] = (what, "")
    if what == "reading":
        forget()
        st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1


def forget() -> None:
    """Drop the file and everything made of it from the session."""
    opened: Opened | None = st.session_state.pop("opened", None)
    st.session_state.pop("opened round", None)
    st.session_state.pop("previews", None)
    st.session_state.pop("problems", None)
    st.session_state.pop("doubles", None)
    st.session_state.pop("reopened", None)
    st.session_state.pop("draft", None)
    for key in [key for key in st.session_state if opened is not None and opened.key in str(key)]:
        del st.session_state[key]
