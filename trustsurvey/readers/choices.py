"""Which columns are single choices of a question that takes several answers: the cells decide."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from trustsurvey.readers.raw import Column
from trustsurvey.wording import fold

#: Cells that say "chosen" or "not chosen" and nothing else.
MARKS = {
    "0", "1", "true", "false", "checked", "unchecked", "selected", "not selected", "x", "yes", "no", "y", "n",
    "ja", "nein", "nee", "oui", "non", "si", "sim", "nao", "n/a",
}  # fmt: skip
#: A column for an answer in own words beside the choices.
OTHER = re.compile(r"\b(other|andere|anders|sonstige\w*|autre|otr[oa]|outr[oa]|altro)\b|specify|write.?in|- text$")

#: How often each filled value stands in the column at a position.
Counts = Callable[[int], Mapping[str, int]]


def confirmed(columns: Sequence[Column], first: Counts, counts: Counts) -> list[Column]:
    """Columns with ``question`` and ``option`` where their cells are choices, without them elsewhere.

    A heading such as "Which of these? - Poster" may be a choice or a statement to be rated. It is a
    choice where its cells repeat it, or only say whether it was chosen, in all columns of the question.
    ``first`` counts the cells of the first rows, ``counts`` those of all.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for position, column in enumerate(columns):
        if column.option and column.question:
            groups[column.question].append(position)
    found: dict[int, str] = {}
    for question, members in groups.items():
        if not _rated(columns, members, first):
            found |= dict.fromkeys(_choices(columns, members, counts), question)
    bare = [k for k, column in enumerate(columns) if column.option and not column.question]
    bare = [k for k in bare if len(first(k)) < 2]
    for run in _runs(columns, bare, counts):
        found |= dict.fromkeys(run, f"columns {columns[run[0]].letter} to {columns[run[-1]].letter}")
    return [
        replace(column, question=found.get(k, ""), option=column.option if k in found else "")
        for k, column in enumerate(columns)
    ]


def _rated(columns: Sequence[Column], members: Sequence[int], first: Counts) -> bool:
    """Whether the first rows show already that most of these columns hold more than marks."""
    cells = {k: first(k) for k in members}
    many = [k for k in members if sum(not _is_mark(value, columns[k]) for value in cells[k]) > 1]
    return len(many) > sum(bool(part) for part in cells.values()) / 2


def _choices(columns: Sequence[Column], members: Sequence[int], counts: Counts) -> list[int]:
    """The members of a question that are its choices, none where it is no such question."""
    cells = {k: counts(k) for k in members}
    said = [k for k in members if cells[k]]
    if not said:
        return []
    own = [k for k in said if all(fold(value) == fold(columns[k].option) for value in cells[k])]
    marked = [k for k in said if all(_is_mark(value, columns[k]) for value in cells[k])]
    left = [k for k in said if k not in marked]
    if len(members) == 1:
        plain = {fold(value) for value in cells[members[0]]} <= {"0", "1", "checked", "unchecked"}
        return list(members) if own or plain else []
    others = {k for k in left if OTHER.search(fold(columns[k].option))}
    if (len(own) > 1 and len(own) >= len(left)) or (marked and not set(left) - others):
        return [k for k in members if k not in left]
    return list(members) if _one_value_each([cells[k] for k in said]) else []


def _is_mark(value: str, column: Column) -> bool:
    said, option = fold(value), fold(column.option)
    if OTHER.search(option) and said == "x":
        return False  # an answer in own words, if a short one
    numbered = re.search(r"_(\d+)$", column.name)
    return said in MARKS or said == option or bool(numbered and value == numbered.group(1))


def _one_value_each(cells: Sequence[Mapping[str, int]]) -> bool:
    """Whether each column holds one code, another in each, often enough to be no chance."""
    values = [value for column in cells for value in column]
    return (
        len(cells) > 2
        and len(values) == len(cells) == len(set(values))
        and all(value.isdigit() for value in values)
        and sum(sum(column.values()) for column in cells) >= 3 * len(cells)
    )


def _runs(columns: Sequence[Column], bare: Sequence[int], counts: Counts) -> list[list[int]]:
    """Neighbouring columns whose cells repeat their headings; one that nobody chose may lie between."""
    runs: list[list[int]] = [[]]
    pending: list[int] = []
    for k in bare:
        cells, option = counts(k), fold(columns[k].option)
        again = option in {fold(columns[j].option) for j in (*runs[-1], *pending)}
        if again or (runs[-1] and k != (pending or runs[-1])[-1] + 1):
            runs.append([])
            pending = []
        if cells and all(fold(value) == option for value in cells):
            runs[-1] += [*pending, k]
            pending = []
        elif not cells and runs[-1]:
            pending.append(k)
        else:
            runs.append([])
            pending = []
    return [run for run in runs if len(run) > 1]
