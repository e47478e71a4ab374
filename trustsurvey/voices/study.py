"""Open answers over a store: the study's codebook, its answers as they were read, the machine taught from all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Codebook, Wave
from trustsurvey.store import Body, Store
from trustsurvey.text.codebook import codebook_from_yaml, codebook_to_yaml, default_codebook
from trustsurvey.voices.answers import Machine, OpenAnswers, open_questions, teach


def codebook_of(store: Store, slug: str) -> Codebook:
    """The newest codebook of a study; the one that comes with the package before one was saved."""
    saved = store.voices.codebooks(slug)
    if not saved:
        return replace(default_codebook(), version=0)
    return replace(codebook_from_yaml(saved[-1].text, "saved codebook"), version=saved[-1].version)


def save_codebook(store: Store, slug: str, codebook: Codebook, reason: str) -> Codebook:
    """Save a codebook as the next version; ``codebook.version`` is the one that was changed."""
    kept = replace(codebook, version=codebook.version + 1)
    store.voices.save_codebook(slug, codebook_to_yaml(kept), kept.version, reason)
    return kept


def corrected(store: Store, slug: str, wave: Wave) -> Wave:
    """The wave with the redactions that somebody corrected."""
    changed = store.voices.corrected(slug, Body(wave.name))
    if not changed or "key" not in wave.comments:
        return wave
    comments = wave.comments.copy()
    for row, key in enumerate(comments["key"]):
        if key in changed:
            comments.loc[comments.index[row], ["text", "replaced"]] = changed[key]
    return replace(wave, comments=comments)


def versions_of(store: Store, slug: str) -> dict[int, frozenset[str]]:
    """The codes of each version of a study's codebook; 0 is the one that comes with the package."""
    saved = {record.version: codebook_from_yaml(record.text, f"version {record.version}")
             for record in store.voices.codebooks(slug)}  # fmt: skip
    return {version: frozenset(book.keys) for version, book in ({0: default_codebook()} | saved).items()}


def answers_of(store: Store, slug: str, wave: Wave, codebook: Codebook) -> list[OpenAnswers]:
    """The answers to each open question of a wave with what was read in them; none where names are still in them."""
    if "key" not in wave.comments:
        return []
    wave, codings = corrected(store, slug, wave), store.voices.codings(slug, Body(wave.name))
    versions = versions_of(store, slug)
    return [OpenAnswers.of(wave, item, codebook, codings, versions) for item in open_questions(wave)]


def taught(
    codebook: Codebook, answers: Sequence[Sequence[OpenAnswers]], progress: Callable[[float], Any] | None = None
) -> Machine:
    """The machine that learnt from all readings of the waves given."""
    return teach(codebook, [one for wave in answers for one in wave], progress)


def one_question(answers: Sequence[OpenAnswers], item: str | None, wave: str) -> OpenAnswers:
    """The answers to one question of a wave, its first open one by default; SurveyError ``voices.item``."""
    found = next((one for one in answers if item in (None, one.item)), None)
    if found is None:
        raise SurveyError(
            "voices.item", f"There is no open question '{item}'" if item else "Nobody answered an open question",
            where=wave, expected=some([one.item for one in answers], 12) or "a wave with open answers",
        )  # fmt: skip
    return found
