"""Guess what every column of a file is, with the reason for each guess."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType, Sequence
from dataclasses import replace

import numpy as np

from trustsurvey.harmonise.answers import asked
from trustsurvey.harmonise.births import as_age_groups
from trustsurvey.harmonise.carry import alike, carried
from trustsurvey.harmonise.choices import SEPARATORS
from trustsurvey.harmonise.codebook import Codebook, key
from trustsurvey.harmonise.guess import LABELLED, Guess
from trustsurvey.harmonise.look import Look
from trustsurvey.harmonise.private import looks_private
from trustsurvey.harmonise.reworded import reworded
from trustsurvey.harmonise.roles import Given, called, role_of
from trustsurvey.harmonise.scale_check import scale_problems
from trustsurvey.harmonise.values import UNCLEAR, item_codes
from trustsurvey.language import N_, _
from trustsurvey.model import AreaLevel, ColumnMap, Instrument, Item, Mapping, Report, Role
from trustsurvey.readers.platforms import SINGLE, platform_named
from trustsurvey.readers.raw import Column, Raw, Values
from trustsurvey.wording import fold

__all__ = ["Guess", "looks_private", "propose"]

#: Similarity of two wordings, of 100, from which a column may be the item.
ALIKE = 82
#: Share of a column's answers that must be understood on the item's scale.
UNDERSTOOD = 0.8
#: Words that turn a question round.
NEGATION = r"\b(not|no|never|nobody|none|without|hardly|cannot|\w+n't)\b"
#: Platforms whose surveys are filled in on the web.
WEB = ("qualtrics", "surveymonkey", "googleforms", "msforms", "limesurvey", "alchemer", "typeform")


def propose(
    raw: Raw,
    instrument: Instrument,
    levels: Sequence[AreaLevel] = (),
    previous: Mapping | None = None,
    known_groups: MappingType[str, Sequence[str]] | None = None,
    last: Report | None = None,
) -> tuple[Mapping, tuple[Guess, ...]]:
    """A mapping for every column of a file, and the guess behind each entry.

    The mapping of an earlier wave decides for columns that have the same name, unless they now ask what
    another one asked then (:func:`carried`, with that wave's report, ``last``); then the platform's own
    columns, wordings that resemble an item's, and what the values look like. ``known_groups``:
    categories by group, such as those of the study's margins.
    """
    platform = platform_named(raw.platform)
    guesses = carried(raw.columns, previous, instrument, last) if previous else {}
    stated = {guess.column.role for guess in guesses.values()} & SINGLE
    for name, own in platform.own(column.name for column in raw.columns).items():
        if name not in guesses:
            role: Role = "ignore" if own in stated else own  # type: ignore[assignment]
            guesses[name] = Guess(
                ColumnMap(name, role), _("written by {platform}").format(platform=platform.title), True
            )
    taken = {guess.column.target for guess in guesses.values() if guess.column.role in ("item", "text")}
    left = [column for column in raw.columns if column.name not in guesses]
    heads = {column.name: raw.head(column.name) for column in left}
    worded = {check.item: check.wording for check in last.items} if last is not None else {}
    guesses |= _items(left, heads, [item for item in instrument.items if item.id not in taken], worded)
    if previous is not None:
        free = [column for column in left if column.name not in guesses]
        taken = {guess.column.target for guess in guesses.values() if guess.column.role in ("item", "text")}
        guesses |= reworded(
            raw.columns, free, previous, worded, taken, instrument,
            lambda column, item: _fits(column, heads[column.name], instrument.item(item), UNDERSTOOD),
        )  # fmt: skip
    given = Given()
    for found in guesses.values():
        given.add(found)
    separators = (*platform.joined, *SEPARATORS)
    # Who is called "age" is asked before who speaks of an age: each group and level is given once.
    for column in sorted(left, key=lambda column: not called(column, levels)):
        if column.name not in guesses:
            guesses[column.name] = role_of(column, heads[column.name], levels, known_groups or {}, given, separators)
            given.add(guesses[column.name])
    guesses = as_age_groups(raw.columns, heads, guesses, known_groups or {})
    ordered = tuple(_with_labels(guesses[column.name], column) for column in raw.columns)
    base = previous or Mapping((), platform=raw.platform, day_first=platform.day_first)
    mode = base.mode or ("web" if raw.platform in WEB and "mode" not in given.roles else "")
    columns = tuple(guess.column for guess in ordered)
    return replace(base, columns=columns, platform=raw.platform, mode=mode), ordered


def _with_labels(guess: Guess, column: Column) -> Guess:
    """The guess with what the file's codebook says of the column, so that the mapping can do without the file."""
    if guess.column.role not in LABELLED or not column.labels:
        return guess
    return replace(guess, column=replace(guess.column, labels=column.labels))


def _items(
    columns: list[Column], heads: dict[str, Values], items: list[Item], worded: MappingType[str, str]
) -> dict[str, Guess]:
    """Columns that are items: the same id, or the most alike wording, with answers on the scale."""
    scored: list[tuple[float, int, Column, Item, str]] = []
    for position, column in enumerate(columns):
        for item in items:
            likeness, why = _likeness(column, item, worded.get(item.id, ""))
            if likeness >= ALIKE:
                scored.append((-likeness, position, column, item, why))
    found: dict[str, Guess] = {}
    used: set[str] = set()
    for negative, _position, column, item, why in sorted(scored, key=lambda entry: entry[:2]):
        enough = 0.5 if -negative >= 100 else UNDERSTOOD
        if column.name in found or item.id in used or not _fits(column, heads[column.name], item, enough):
            continue
        role: Role = "text" if item.scale.is_text else "item"
        turned = _negations(asked(column.text, item)) != _negations(item.text)
        why = N_("asked in similar words, perhaps the other way round") if turned and -negative < 100 else why
        found[column.name] = Guess(ColumnMap(column.name, role, item.id), why, -negative >= 95 and not turned)
        used.add(item.id)
    return found


def _negations(text: str) -> int:
    return len(re.findall(NEGATION, fold(text)))


def _likeness(column: Column, item: Item, last: str) -> tuple[float, str]:
    if fold(column.name) == fold(item.id):
        return 101.0, N_("named like the question")
    best = max(alike(column.text, item.text), alike(column.text, last) if last else 0.0)
    return best, N_("asked in the same words") if best >= 99.5 else N_("asked in similar words")


def _fits(column: Column, values: Values, item: Item, enough: float) -> bool:
    """Whether the answers can be read on the item's scale, or on one that could be carried over to it."""
    counts = values.counts()
    filled = counts.copy()
    if values.distinct and "" in values.distinct:
        filled[values.distinct.index("")] = 0
    if item.scale.is_text or not filled.sum():
        return True
    entry = ColumnMap(column.name, "item", item.id)
    codes, reasons = item_codes(values, entry, item, column)
    book, rows = Codebook.of(entry, column), np.arange(len(values.codes))
    _problems, settled = scale_problems(Look(values, counts, codes, reasons, rows, entry, item, book, ""))
    clear = reasons != UNCLEAR
    clear |= np.array([key(value) in settled for value in values.distinct], dtype=bool)
    return filled[clear].sum() >= enough * filled.sum()
