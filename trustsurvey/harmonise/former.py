"""Areas whose boundaries changed: old ones carried over to new ones where they lie in one, left out where split."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from trustsurvey.errors import Notice, SurveyError, some
from trustsurvey.harmonise.areas import parents
from trustsurvey.harmonise.codebook import Codebook
from trustsurvey.model import AreaLevel, Mapping, Wave
from trustsurvey.readers.raw import Raw
from trustsurvey.wording import fold

#: An area lies in another with so large a share of its people.
ENOUGH = 0.95


@dataclass(frozen=True)
class Correspondence:
    """Which areas became which: (former area, area today, share of its people, NaN where it is not stated)."""

    rows: tuple[tuple[str, str, float], ...]

    @cached_property
    def carried(self) -> dict[str, str]:
        """Former areas that lie in one area of today, with it: the only one stated, or one with 95 % of the people."""
        found = {}
        for former, into in self._by_former.items():
            largest, share = max(into, key=lambda pair: -1.0 if np.isnan(pair[1]) else pair[1])
            if len(into) == 1 and np.isnan(share):
                share = 1.0
            if share >= ENOUGH:
                found[former] = largest
        return found

    @cached_property
    def split(self) -> tuple[str, ...]:
        """Former areas that lie in several of today's."""
        return tuple(former for former in self._by_former if former not in self.carried)

    @property
    def formers(self) -> tuple[str, ...]:
        """All former areas."""
        return tuple(self._by_former)

    @cached_property
    def _by_former(self) -> dict[str, list[tuple[str, float]]]:
        found: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for former, today, share in self.rows:
            found[former].append((today, share))
        return dict(found)


def correspondence(table: pd.DataFrame, where: str) -> Correspondence:
    """A correspondence from a table with columns old, new and, if known, share (0 to 1, or per cent).

    SurveyError ``areas.correspondence`` for a table that lacks a column or holds no areas.
    """
    columns = {fold(str(name)): name for name in table.columns}
    if not {"old", "new"} <= set(columns):
        raise SurveyError(
            "areas.correspondence", "The table of former areas lacks a column", where=where,
            got=some(table.columns), expected="'old', 'new' and, if known, 'share'",
        )  # fmt: skip
    shares = [_share(cell, where) for cell in table[columns["share"]]] if "share" in columns else [np.nan] * len(table)
    rows = tuple(
        (str(old).strip(), str(new).strip(), share)
        for old, new, share in zip(table[columns["old"]], table[columns["new"]], shares, strict=True)
        if str(old).strip() and str(new).strip()
    )
    if not rows:
        raise SurveyError("areas.correspondence", "The table of former areas holds no areas", where=where)
    return Correspondence(tuple(dict.fromkeys(rows)))


def _share(cell: object, where: str) -> float:
    text = str(cell).strip().replace(",", ".")
    if not text or text == "nan":
        return float("nan")
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text)
    share = float(found.group(1)) / (100 if found.group(2) else 1) if found else -1.0
    if not 0 <= share <= 1:
        raise SurveyError(
            "areas.correspondence", "A share of a former area is none", where=where, got=f"'{text}'",
            expected="0 to 1, or a number with %",
        )  # fmt: skip
    return share


def in_mapping(
    raw: Raw, mapping: Mapping, level: AreaLevel, table: Correspondence
) -> tuple[Mapping, tuple[Notice, ...]]:
    """The mapping of a file with former areas, so that they are read as today's; what was split is left out.

    SurveyError ``areas.correspondence`` where no column holds areas of the level, or where an area of today
    is none of the study.
    """
    _refuse_unknown(level, table)
    entry = next((column for column in mapping.having("area") if column.target == level.key), None)
    if entry is None:
        raise SurveyError(
            "areas.correspondence", f"No column holds areas of the level '{level.key}'", where=raw.source,
            hint="Map the column that holds them first.",
        )  # fmt: skip
    values, book = raw.values(entry.column), Codebook.of(entry, raw.column(entry.column))
    names = {fold(former): former for former in table.formers}
    counts: dict[str, int] = defaultdict(int)
    moved, left = [], []
    for value, count in zip(values.distinct, values.counts(), strict=True):
        former = names.get(fold(book.label(value) or value))
        if former is None or not count:
            continue
        counts[former] += int(count)
        if former in table.carried:
            moved.append((value, table.carried[former]))
        else:
            left.append(value)
    entry = replace(entry, values=(*moved, *entry.values), leave_out=(*entry.leave_out, *left))
    return mapping.with_column(entry), _told(level, table, counts)


def in_wave(wave: Wave, levels: Sequence[AreaLevel], key: str, table: Correspondence) -> Wave:
    """A wave imported under former areas with those of today, and the areas above looked up anew.

    SurveyError ``areas.correspondence`` where an area of today is none of the study.
    """
    level = next(level for level in levels if level.key == key)
    _refuse_unknown(level, table)
    column = wave.people[key]
    today = {fold(name): name for name in level.names}
    carried = {fold(former): name for former, name in table.carried.items()}
    split = {fold(former) for former in table.split}
    meant = [
        None if fold(area) in split else carried.get(fold(area), today.get(fold(area)))
        for area in column.cat.categories
    ]
    names = list(level.names) or list(dict.fromkeys(name for name in meant if name))
    codes = np.array([*(names.index(name) if name in names else -1 for name in meant), -1])
    people = wave.people.assign(**{key: pd.Categorical.from_codes(codes[column.cat.codes], names)})
    inner = level
    while inner.parent and inner.parent in people:
        above = next(other for other in levels if other.key == inner.parent)
        people[above.key] = parents(people[inner.key].array, inner, above)
        inner = above
    spelling = {fold(former): former for former in table.formers}
    counts: dict[str, int] = defaultdict(int)
    for area, count in column.value_counts().items():
        if fold(str(area)) in spelling:
            counts[spelling[fold(str(area))]] += int(count)
    report = replace(wave.report, notices=(*wave.report.notices, *_told(level, table, counts)))
    return replace(wave, people=people, report=report)


def _refuse_unknown(level: AreaLevel, table: Correspondence) -> None:
    known = {fold(name) for name in level.names}
    strange = [name for name in dict.fromkeys(table.carried.values()) if known and fold(name) not in known]
    if strange:
        raise SurveyError(
            "areas.correspondence", f"{some(strange)} is no area of the level '{level.key}'", where=level.title,
            expected=some(level.names, 4),
        )  # fmt: skip


def _told(level: AreaLevel, table: Correspondence, counts: dict[str, int]) -> tuple[Notice, ...]:
    moved = [former for former in counts if former in table.carried and fold(former) != fold(table.carried[former])]
    left = [former for former in counts if former in table.split]
    notices = []
    if moved:
        pairs = some(f"{former} \u2192 {table.carried[former]}" for former in moved)
        answers = sum(counts[former] for former in moved)
        text = f"{level.title}: {answers:,} answers from former areas are counted in those of today ({pairs})."
        notices.append(Notice("areas.carried", text))
    if left:
        answers = sum(counts[former] for former in left)
        text = (
            f"{level.title}: {answers:,} answers come from areas that were split since ({some(left)}). "
            "They count for everyone, but in no area of this level."
        )
        notices.append(Notice("areas.split", text, "warning"))
    return tuple(notices)
