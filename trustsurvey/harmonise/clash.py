"""Labels of one column that say different things: in the mapping and in the file, or in two waves."""

from __future__ import annotations

from collections.abc import Mapping as MappingType

import numpy as np

from trustsurvey.harmonise.codebook import Codebook, key
from trustsurvey.harmonise.problems import Choice, Problem, first_rows
from trustsurvey.harmonise.ruler import word_code
from trustsurvey.instruments.words import reason_word
from trustsurvey.language import N_, _
from trustsurvey.model import ColumnMap, Scale
from trustsurvey.readers.raw import Column, Values
from trustsurvey.wording import fold

CODE = "map.labels"


def clashes(
    ours: MappingType[str, str], theirs: MappingType[str, str], scale: Scale | None = None
) -> dict[str, tuple[str, str]]:
    """Values that two codebooks call differently, with both labels; other words for the same are no clash.

    Without a ``scale``, as for groups and areas, a label clashes where the other codebook gives it to
    another value: "1 Male, 2 Female" and the other way round.
    """
    found = {}
    for value, label in ours.items():
        other = theirs.get(value)
        if other is None or fold(other) == fold(label):
            continue
        taken = {fold(word) for at, word in ours.items() if at != value}
        if _meaning(label, scale) != _meaning(other, scale) if scale is not None else fold(other) in taken:
            found[value] = (label, other)
    return found


def _meaning(label: str, scale: Scale | None) -> str:
    reason = reason_word(label, codebook=True)
    if reason or scale is None:
        return reason or fold(label)
    code = word_code(scale, label)
    return f"{code:g}" if code == code else fold(label)


def label_problem(
    entry: ColumnMap, file: Column, values: Values, rows: np.ndarray, about: str, scale: Scale | None = None
) -> Problem | None:
    """The question which labels hold, where the mapping's and the file's own contradict one another."""
    if not entry.labels or not file.labels or CODE in entry.confirmed:
        return None
    stated = {fold(word) for word, _meant in entry.values}
    found = clashes(Codebook.of(entry).labels, Codebook.of(ColumnMap("", "item"), file).labels, scale)
    found = {value: both for value, both in found.items() if value not in stated}
    if not found:
        return None
    value, (ours, theirs) = next(iter(found.items()))
    at = [k for k, cell in enumerate(values.distinct) if key(cell) in found]
    follow = Choice(N_("As the file says"), (("labels", file.labels),))
    stay = Choice(N_("As the mapping says"), (("confirmed", (CODE,)),))
    return Problem(
        code=CODE,
        column=entry.column,
        about=about,
        value="labels",
        count=int(values.counts()[at].sum()),
        rows=first_rows(values, at, rows),
        expected="the labels of the file",
        hint="Take the labels out of the mapping to follow the file, or confirm them (confirmed: [map.labels]).",
        suggestion=follow.text,
        question=_(
            "The file calls {value} \u201c{theirs}\u201d, the mapping calls it \u201c{ours}\u201d. Which holds?"
        ).format(value=value, theirs=theirs, ours=ours),
        choices=(follow, stay),
    )
