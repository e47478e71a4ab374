"""The last wave's mapping laid on a new file: by name, by words where a name went elsewhere, by new labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rapidfuzz import fuzz

from trustsurvey.harmonise.clash import clashes
from trustsurvey.harmonise.codebook import Codebook
from trustsurvey.harmonise.guess import LABELLED, Guess
from trustsurvey.language import N_, _
from trustsurvey.model import ColumnMap, Instrument, Mapping, Report
from trustsurvey.readers.raw import Column
from trustsurvey.wording import bare, fold, readable, segments

#: Wordings at least so alike (of 100) are the same question; less alike than UNLIKE may be another.
SAME, UNLIKE = 95, 60
#: A heading of fewer words is a name, not a question.
QUESTION_WORDS = 4


def carried(
    columns: Sequence[Column], previous: Mapping, instrument: Instrument, last: Report | None
) -> dict[str, Guess]:
    """What the last mapping says of the columns of a file, by column.

    A column keeps what its name stood for. Where it asks something quite different now, and another
    column asks what it asked before, the question follows its words.
    """
    entries = {entry.column: entry for entry in previous.columns}
    known = {column.name: column for column in columns}
    wording = _wording(previous, instrument, last)
    found: dict[str, Guess] = {}
    moved: dict[str, tuple[ColumnMap, Column]] = {}
    for name, entry in entries.items():
        words = wording.get(entry.target, "") if entry.role == "item" else ""
        here = alike(known[name].text, words) if name in known and words else 0.0
        asks = name in known and len(readable(known[name].text).split()) >= QUESTION_WORDS
        if words and here < SAME and (asks or name not in known):
            best = max(columns, key=lambda column: alike(column.text, words))
            if alike(best.text, words) >= SAME:
                moved[best.name] = (entry, best)
                continue
        if name in known:
            guess = _guess(entry, known[name], instrument)
            other = words and asks and here < UNLIKE
            found[name] = _doubtful(guess) if other else guess
    for name, (entry, column) in moved.items():
        guess = _guess(replace(entry, column=name), column, instrument)
        found[name] = Guess(
            guess.column, _("asked in the words of '{column}' in the last wave").format(column=entry.column), True
        )
    return found


def alike(heading: str, words: str) -> float:
    """How alike a heading, or the part of it that is the question, and a wording are, of 100."""
    return max((fuzz.ratio(bare(part), bare(words)) for part in segments(heading)), default=0.0)


def _wording(previous: Mapping, instrument: Instrument, last: Report | None) -> dict[str, str]:
    told = {check.item: check.wording for check in last.items} if last is not None else {}
    found = {}
    for entry in previous.having("item"):
        words = told.get(entry.target, "")
        if words and instrument.has_item(entry.target):
            found[entry.target] = words
    return found


def _doubtful(guess: Guess) -> Guess:
    return Guess(guess.column, N_("as in the last wave, though it asks something else now"), False)


def _guess(entry: ColumnMap, column: Column, instrument: Instrument) -> Guess:
    fresh = refreshed(entry, column, instrument)
    changed = fresh.labels != entry.labels and bool(entry.labels)
    return Guess(
        fresh, N_("as in the last wave, read by its own labels") if changed else N_("as in the last wave"), True
    )


def refreshed(entry: ColumnMap, column: Column, instrument: Instrument) -> ColumnMap:
    """An entry of the last mapping under the labels of a new file.

    What was decided about single codes holds only where they are still called the same; a scale or a
    turn that was stated gives way where labels tell that codes changed. Doubts that were set aside come up again.
    """
    if entry.role not in LABELLED or not column.labels:
        return replace(entry, confirmed=())
    old, new = Codebook.of(entry), Codebook.of(ColumnMap("", entry.role), column)

    def stands(value: str) -> bool:
        label = new.label(value)
        return not label or fold(label) == fold(old.label(value))

    lists: dict[str, Any] = {
        name: tuple(value for value in getattr(entry, name) if stands(value))
        for name in ("dont_know", "refused", "not_applicable", "leave_out")
    }
    scale = instrument.item(entry.target).scale if entry.role == "item" and instrument.has_item(entry.target) else None
    turned = scale is not None and bool(clashes(old.labels, new.labels, scale))
    return replace(
        entry,
        values=tuple(pair for pair in entry.values if stands(pair[0])),
        **lists,
        flip=entry.flip and not turned,
        scale=() if turned else entry.scale,
        labels=column.labels,
        confirmed=(),
    )
