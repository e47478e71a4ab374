"""Questions of the last wave whose column is gone: the column that asks most nearly the same, to be asked about."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping as MappingType, Sequence

from trustsurvey.harmonise.guess import Guess
from trustsurvey.instruments.headings import speaks_of_place
from trustsurvey.language import N_
from trustsurvey.model import ColumnMap, Instrument, Mapping
from trustsurvey.readers.raw import Column
from trustsurvey.wording import fold, readable

#: Rare words that two wordings must share, as a share of all theirs, each by how few headings have it.
SHARED = 0.4
#: Much less than the best likeness, so that one column stands out.
APART = 0.8


def reworded(
    columns: Sequence[Column],
    free: Sequence[Column],
    previous: Mapping,
    worded: MappingType[str, str],
    taken: set[str],
    instrument: Instrument,
    fits: Callable[[Column, str], bool],
) -> dict[str, Guess]:
    """Guesses, all unsure, for the questions of the last wave that no column of the file was taken for.

    ``worded``: how that wave asked them; ``free``: the columns that nothing is known of; ``taken``: questions that
    have a column; ``fits(column, item)``: whether its answers can be read on the question's scale. A column is
    proposed where it shares the rare words of the question, and no other column and no other question comes near.
    """
    heads = {column.name: _words(column.text) for column in columns}
    rare = Counter(word for words in heads.values() for word in words)
    weight = {word: math.log((1 + len(heads)) / count) for word, count in rare.items()}
    lost = [
        entry
        for entry in previous.having("item")
        if entry.target not in taken
        and entry.column not in heads
        and instrument.has_item(entry.target)
        and worded.get(entry.target)
    ]
    open_ones = [column for column in free if not speaks_of_place(column.text)]
    score = {
        (entry.target, column.name): _shared(_words(worded[entry.target]), heads[column.name], weight)
        for entry in lost
        for column in open_ones
        if fits(column, entry.target)
    }
    found: dict[str, Guess] = {}
    for (item, name), value in score.items():
        rivals = [other for (i, n), other in score.items() if (i == item) != (n == name)]
        if value >= SHARED and max(rivals, default=0.0) < APART * value:
            why = N_("perhaps a question of the last wave in other words")
            found[name] = Guess(ColumnMap(name, "item", item), why, False)
    return found


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{3,}", fold(readable(text))))


def _shared(one: set[str], other: set[str], weight: MappingType[str, float]) -> float:
    most = max(weight.values(), default=0.0)
    every = sum(weight.get(word, most) for word in one | other)
    return sum(weight.get(word, most) for word in one & other) / every if every else 0.0
