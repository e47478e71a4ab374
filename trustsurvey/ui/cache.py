"""What is kept between reruns, shared by all sessions: the store, waves and pictures.

Waves hold answers, so they are kept as resources that never leave the server; every key carries
the revision of the wave, so a change is seen at once.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from trustsurvey import workflow
from trustsurvey.analysis import Overview, Picture, overview, picture, standing as stands
from trustsurvey.errors import SurveyError
from trustsurvey.language import _, current
from trustsurvey.limits import within
from trustsurvey.model import Index, Margins, Study, Wave
from trustsurvey.store import Store, WaveRecord
from trustsurvey.store.engines import database_url
from trustsurvey.ui.speech import made, waiting

Answer = TypeVar("Answer")


def store() -> Store:
    """The store named by the environment, with all rights: pages act as the person who asks (``guard.open_page``)."""
    return _store(database_url())


@functools.lru_cache
def _store(url: str) -> Store:
    return Store.open(url)


#: A wave in one state: its name, the key of its revision, whether that is released.
Part = tuple[str, str, bool]


def parts_of(records: Sequence[WaveRecord]) -> tuple[Part, ...]:
    """The states of waves: what is made of them is the same for everybody who sees them in these states."""
    return tuple((record.name, record.key, record.released) for record in records)


def need_to_see(store: Store, slug: str, records: Sequence[WaveRecord]) -> None:
    """Refuse (``rights.denied``) whoever may not see results of waves in these states."""
    store.need("see" if all(record.released for record in records) else "see draft", slug)


def wave(store: Store, slug: str, record: WaveRecord) -> Wave:
    """A weighted and scored wave, for whoever may work on answers."""
    store.need("work on answers", slug)
    return _wave(store.url, slug, *parts_of([record])[0])


@st.cache_resource(show_spinner=False, max_entries=64)
def _wave(url: str, slug: str, name: str, key: str, released: bool) -> Wave:
    store = _store(url)
    loaded = workflow.load_wave(store, slug, name, released)
    # What was saved between listing and loading must not be kept under the older key: the correction may be
    # taken back, and the key with it come back.
    if key not in {record.key for record in store.waves(slug, released_only=released)}:
        raise SurveyError(
            "store.stale", "The wave was changed while it was being loaded", where=name, hint="Open the page again."
        )
    return loaded


def study_picture(store: Store, slug: str, records: list[WaveRecord], at: int, measure: str | None = None) -> Picture:
    """The picture of a study at one of its waves, with the areas that the person may see."""
    parts = parts_of(records[: at + 1])
    need_to_see(store, slug, records[: at + 1])
    with waiting(_("Working out scores and their ranges \u2026"), store.url, slug, parts, measure):
        whole = _picture(store.url, slug, parts, measure)
    return within(whole, store.person.limited_to(slug))


def about(store: Store, slug: str, records: Sequence[WaveRecord], at: int, measure: str | None) -> object:
    """What says all that a :func:`study_picture` is made of, for :func:`once`."""
    return "picture", store.url, slug, parts_of(records[: at + 1]), measure, store.person.limited_to(slug)


def standing(store: Store, slug: str, records: list[WaveRecord], at: int) -> tuple[Index, pd.Series] | None:
    """A score and where everyone stands by it, to show while a picture is made for the first time.

    None where it was made already, or has no score.
    """
    parts = parts_of(records[: at + 1])
    need_to_see(store, slug, records[: at + 1])
    if made(store.url, slug, parts, None):
        return None
    return stands(_wave(store.url, slug, *parts[-1]), store.study(slug))


@st.cache_resource(show_spinner=False, max_entries=512)
def _picture(url: str, slug: str, parts: tuple[Part, ...], measure: str | None) -> Picture:
    waves, common = [_wave(url, slug, *part) for part in parts], _overview(url, slug, parts)
    return picture(waves, len(waves) - 1, _store(url).study(slug), measure, common)


@st.cache_resource(show_spinner=False, max_entries=64)
def _overview(url: str, slug: str, parts: tuple[Part, ...]) -> Overview:
    waves = [_wave(url, slug, *part) for part in parts]
    return overview(waves, len(waves) - 1, _store(url).study(slug))


def companions(store: Store, slug: str, record: WaveRecord, measure: str) -> pd.DataFrame | None:
    """What goes with a score in a wave (the table of ``workbench.goes_with``), None where too little can be said."""
    need_to_see(store, slug, [record])
    [part] = parts_of([record])
    with waiting(_("Looking at what goes with it \u2026"), store.url, slug, part, measure):
        return _companions(store.url, slug, part, measure)


@st.cache_resource(show_spinner=False, max_entries=256)
def _companions(url: str, slug: str, part: Part, measure: str) -> pd.DataFrame | None:
    from trustsurvey import workbench  # its models take a while to load: not before the first page is asked for

    wave = _wave(url, slug, *part)
    beside = workbench.companions(wave, measure)
    try:
        return workbench.goes_with([wave], 0, _store(url).study(slug), measure, beside).table if beside else None
    except SurveyError:
        return None  # too few answers, or all alike


def answered(
    store: Store,
    study: Study,
    margins: Margins | None,
    records: list[WaveRecord],
    command: str,
    answer: Callable[[], Answer],
) -> Answer:
    """What an analyst's question is answered with, for whoever may make any table.

    ``records`` are those that it is asked of.

    ``command`` says the question with all its choices: what it does not say must not change the answer.
    """
    store.need("analyse", study.slug)
    population = [(margin.variable, margin.targets.to_dict()) for margin in margins or ()]
    about = _digest((study, population, current()))
    answered: Answer = _answered(store.url, parts_of(records), about, command, answer)
    return answered


@st.cache_resource(show_spinner=False, max_entries=256)
def _answered(url: str, parts: tuple[Part, ...], about: str, command: str, _answer: Callable[[], Any]) -> Any:
    return _answer()


def once(make: Callable[..., Answer], thing: Any, *rest: Any, about: object = None, **how: Any) -> Answer:
    """What is made of the same numbers, made once: a figure, or a part of a page, which is sent again as it was.

    ``make``: a function of a module, which looks at nothing but what it is given and the language, and draws no box
    or button. What it made is shared: change nothing of it. ``about``: says all that the ``thing`` is made of, where
    that is quicker told than the thing.
    """
    digest = _digest((thing if about is None else about, rest, how, current()))
    found: Answer = _once(make.__module__, make.__qualname__, digest, lambda: make(thing, *rest, **how))
    return found


@st.cache_resource(show_spinner=False, max_entries=8192)
def _once(module: str, name: str, digest: str, _make: Callable[[], Any]) -> Any:
    return _make()


def _digest(content: object) -> str:
    """Of all that the content holds: what pickles alike is alike."""
    return hashlib.sha256(pickle.dumps(content)).hexdigest()
