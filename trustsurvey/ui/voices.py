"""Open answers on the pages: loaded once a session and state, with the machine that was taught from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from trustsurvey.language import _
from trustsurvey.limits import themes_within
from trustsurvey.model import Codebook, Study
from trustsurvey.present.briefing import QUOTED, Voice
from trustsurvey.present.themes import in_percent
from trustsurvey.present.words import count
from trustsurvey.store import Store, WaveRecord
from trustsurvey.store.engines import database_url
from trustsurvey.text import discovery
from trustsurvey.ui import cache, pieces
from trustsurvey.ui.guard import missing, refusals
from trustsurvey.ui.speech import waiting
from trustsurvey.voices import picture
from trustsurvey.voices.answers import Machine, OpenAnswers, covered
from trustsurvey.voices.mentions import ENOUGH_READ
from trustsurvey.voices.picture import Themes
from trustsurvey.voices.quoted import Said, said
from trustsurvey.voices.study import answers_of, codebook_of, corrected, one_question, taught

#: What the answers of a wave depend on: its name, revision, and the state of its readings.
Part = tuple[str, str, tuple[int, int, int]]


def parts_of(store: Store, slug: str, records: Sequence[WaveRecord]) -> tuple[Part, ...]:
    """What the answers of waves depend on; keys what is kept of them."""
    states = store.voices.wave_states(slug)
    return tuple((record.name, record.key, states[record.name]) for record in records)


def answers(store: Store, slug: str, records: Sequence[WaveRecord], book: Codebook) -> list[list[OpenAnswers]]:
    """For each wave the answers to its open questions, with all that was read in them until now."""
    cache.need_to_see(store, slug, records)
    by_name = {record.name: record for record in records}
    return [_answers(database_url(), slug, part, book.version, by_name[part[0]], book)
            for part in parts_of(store, slug, records)]  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=64)
def _answers(url: str, slug: str, part: Part, version: int, _record: WaveRecord, _book: Codebook) -> list[OpenAnswers]:
    return answers_of(cache.store(), slug, cache.wave(cache.store(), slug, _record), _book)


def choose(
    store: Store, slug: str, records: Sequence[WaveRecord], when: DeltaGenerator, what: DeltaGenerator
) -> tuple[int, Codebook, OpenAnswers]:
    """Wave and open question, chosen in two places: position of the wave, codebook, answers. The page may stop here."""
    with when:
        at = pieces.choose_wave(store, slug, records)
    with refusals():
        book = codebook_of(store, slug)
        asked = answers(store, slug, [records[at]], book)[0]
    if not asked:
        nothing = _(
            "This wave has no open answers that can be read: either nobody wrote anything, or its file was imported "
            "before names were taken out."
        )
        missing(store, nothing, "names")
        st.stop()
    chosen = what.selectbox(
        _("Question"), range(len(asked)),
        format_func=lambda k: _("{question} ({n} answers)").format(
            question=asked[k].wave.instrument.title_of(asked[k].item), n=count(len(asked[k].keys))
        ),
    )  # fmt: skip
    return at, book, asked[chosen]


def comments(store: Store, slug: str, record: WaveRecord) -> pd.DataFrame | None:
    """The open answers of a wave as others see them; None where there are none that names were taken out of."""
    wave = corrected(store, slug, cache.wave(store, slug, record))
    return wave.comments if len(wave.comments) and "key" in wave.comments else None


def machine(store: Store, slug: str, records: Sequence[WaveRecord], book: Codebook, every: int = 1) -> Machine:
    """The machine taught from everything that was read in the waves given, but for the last ``every`` - 1 readings."""
    parts = parts_of(store, slug, records)
    state = tuple((name, key, number // every, corrected) for name, key, (number, _last, corrected) in parts)
    newest = tuple(last for _name, _key, (_number, last, _corrected) in parts) if every == 1 else ()
    about = (database_url(), slug, (state, newest), book.version)
    with waiting(_("The machine learns from what was read \u2026"), "machine", *about):
        return _machine(*about, lambda: answers(store, slug, records, book), book)


@st.cache_resource(show_spinner=False, max_entries=64)
def _machine(
    url: str, slug: str, state: object, version: int,
    _answers: Callable[[], list[list[OpenAnswers]]], _book: Codebook,
) -> Machine:  # fmt: skip
    return taught(_book, _answers())


def themes(store: Store, slug: str, records: Sequence[WaveRecord], at: int, book: Codebook, item: str) -> Themes | None:
    """All that is shown of one question at a wave; None where too little was read at random."""
    records = records[: at + 1]
    about = (database_url(), slug, parts_of(store, slug, records), book.version, item)
    study = store.study(slug)
    with waiting(_("Working out what residents mention \u2026"), "themes", *about):
        found = _themes(*about, list(records), book, study)
    return themes_within(found, study, store.person.limited_to(slug))


@st.cache_resource(show_spinner=False, max_entries=256)
def _themes(
    url: str, slug: str, state: object, version: int, item: str,
    _records: list[WaveRecord], _book: Codebook, _study: Study,
) -> Themes | None:  # fmt: skip
    store = cache.store()
    read = answers(store, slug, _records, _book)
    if next(one for one in read[-1] if one.item == item).audit.audited.sum() < ENOUGH_READ:
        return None
    return picture.themes(read, len(read) - 1, item, _study, machine(store, slug, _records, _book))


def all_themes(store: Store, slug: str, records: Sequence[WaveRecord], at: int) -> list[Themes]:
    """All that is shown of each open question of a wave of which enough was read."""
    return [voice.found for voice in heard(store, slug, records, at)]


def heard(store: Store, slug: str, records: Sequence[WaveRecord], at: int) -> list[Voice]:
    """The open questions of a wave of which enough was read, with quotes of the themes mentioned most."""
    records, book, limits = list(records[: at + 1]), codebook_of(store, slug), store.person.limited_to(slug)
    cache.need_to_see(store, slug, records)
    about = (database_url(), slug, parts_of(store, slug, records), book.version, limits)
    with waiting(_("Working out what residents mention \u2026"), "heard", *about):
        return _heard(*about, store, records, book)


@st.cache_resource(show_spinner=False, max_entries=256)
def _heard(
    url: str, slug: str, state: object, version: int, limits: object,
    _store: Store, _records: list[WaveRecord], _book: Codebook,
) -> list[Voice]:  # fmt: skip
    told, at = [], len(_records) - 1
    for asked in answers(_store, slug, _records[-1:], _book)[0]:
        found = themes(_store, slug, _records, at, _book, asked.item)
        if found is not None:
            rows = in_percent(found.rows())
            most = [code for code in rows.loc[rows["suppressed"] == "", "measure"] if code in found.top()][:QUOTED]
            told.append(Voice(found, quotes(_store, slug, _records, _book, found.item, most)))
    return told


def quotes(
    store: Store, slug: str, records: Sequence[WaveRecord], book: Codebook, item: str, codes: Sequence[str]
) -> dict[str, Said]:
    """What residents said of themes in the last of the waves, in their words, by code."""
    state = parts_of(store, slug, records)
    return {code: _quotes(database_url(), slug, state, book.version, item, code, list(records), book) for code in codes}


@st.cache_resource(show_spinner=False, max_entries=256)
def _quotes(
    url: str, slug: str, state: object, version: int, item: str, code: str,
    _records: list[WaveRecord], _book: Codebook,
) -> Said:  # fmt: skip
    store = cache.store()
    one = one_question(answers(store, slug, _records, _book)[-1], item, _records[-1].name)
    return said(one, machine(store, slug, _records, _book), code)


def missed(store: Store, slug: str, record: WaveRecord, book: Codebook) -> discovery.Themes:
    """Themes in the answers of a wave in which neither a person nor a keyword found one of the codebook's."""
    about = (database_url(), slug, parts_of(store, slug, [record]))
    with waiting(_("Looking for themes \u2026"), "missed", *about, book.version):
        return _missed(*about, book, record)


@st.cache_resource(show_spinner=False, max_entries=16)
def _missed(url: str, slug: str, state: object, book: Codebook, _record: WaveRecord) -> discovery.Themes:
    asked = answers(cache.store(), slug, [_record], book)[0]
    texts = [text for one in asked for text in one.texts]
    return discovery.discover(texts, covered(asked), language=book.language)
