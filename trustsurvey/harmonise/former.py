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
from trustsurvey.model import RULES, AreaLevel, Mapping, Margin, Margins, Wave
from trustsurvey.readers.raw import Raw
from trustsurvey.wording import fold

#: An area lies in another with so large a share of its people.
ENOUGH = 0.95


@dataclass(frozen=True)
class Correspondence:
    """Which areas became which: (former area, area today, share of its people, NaN where it is not stated).

    An area that stayed as it was needs no row.
    """

    rows: tuple[tuple[str, str, float], ...]

    @cached_property
    def within(self) -> dict[str, str]:
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
        return tuple(former for former in self._by_former if former not in self.within)

    @cached_property
    def pieced(self) -> frozenset[str]:
        """Areas of today that hold a part of a former one: of the others who lived there nobody knows any more."""
        return frozenset(
            today for former in self.split for today, share in self._by_former[former] if not share <= 1 - ENOUGH
        )

    @cached_property
    def carried(self) -> dict[str, str]:
        """Former areas, and those of today that they are counted in: those that are known as a whole."""
        return {former: today for former, today in self.within.items() if today not in self.pieced}

    def today(self, area: str, names: Sequence[str]) -> str | None:
        """The area of today that a former one, or one that stayed, is counted in; None where it is in none."""
        known = self.known(area)
        if known is not None:
            return self.carried.get(known)
        return next((name for name in names if fold(name) == fold(area)), None)

    def known(self, area: str) -> str | None:
        """The area as the table spells it: a former one, or one of today that holds a part of a former one."""
        return self._spelling.get(fold(area))

    @cached_property
    def _spelling(self) -> dict[str, str]:
        return {fold(area): area for area in (*self.pieced, *self.formers)}

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


def of_level(level: AreaLevel) -> Correspondence:
    """What a level of a study remembers of its earlier areas."""
    return Correspondence(tuple((old, new, np.nan if share is None else share) for old, new, share in level.former))


def redrawn(level: AreaLevel, areas: Sequence[tuple[str, str]], boundary_key: str, table: Correspondence) -> AreaLevel:
    """A level with other areas, which remembers what the ones before became, and those before them.

    SurveyError ``areas.correspondence`` where the table names areas that are not there, leaves one out, or where
    all names stay: a wave could not be told to be of former areas then.
    """
    parent = dict(level.areas)
    areas = [(name, above or parent.get(name, "")) for name, above in areas]
    lost = [name for name, above in areas if level.parent and not above]
    if lost or not areas:
        raise SurveyError(
            "areas.parent" if lost else "areas.none",
            f"Nothing says in which {level.parent} {some(lost)} lies" if lost else "No areas are given",
            where=level.title, expected=f"a table with columns {level.key} and {level.parent}".removesuffix(" and "),
        )  # fmt: skip
    changed = replace(level, areas=tuple(areas), boundary_key=boundary_key)
    _refuse_unknown(changed, table)
    stayed = {fold(name) for name in changed.names}
    lost = [name for name in level.names if fold(name) not in stayed and table.known(name) not in table.formers]
    if lost:
        raise SurveyError(
            "areas.correspondence", f"The table does not say what became of {some(lost)}", where=level.title,
            expected="a row for every area that is there no more",
        )  # fmt: skip
    if {fold(name) for name in level.names} == stayed:
        raise SurveyError(
            "areas.correspondence", "The areas have the same names as before", where=level.title,
            hint="Give those whose boundaries changed another name, such as 'Docks (2026)'.",
        )  # fmt: skip
    before = [row for row in of_level(level).rows if row[0] not in table.formers]
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for old, new, share in [*table.rows, *(row for former in before for row in _onward(former, table))]:
        shares[old, new] += share  # what was split and put together again is whole
    told = tuple((old, new, None if np.isnan(share) else share) for (old, new), share in shares.items())
    return replace(changed, former=told)


def _onward(row: tuple[str, str, float], table: Correspondence) -> list[tuple[str, str, float]]:
    """What an area of boundaries before the last became, by way of what it had become then."""
    old, then, share = row
    later = [(today, part) for former, today, part in table.rows if fold(former) == fold(then)]
    if len(later) == 1 and np.isnan(later[0][1]):
        later = [(later[0][0], 1.0)]
    return [(old, today, share * part) for today, part in later] or [row]


def as_today(wave: Wave, levels: Sequence[AreaLevel]) -> Wave:
    """A stored wave with the areas of today, at every level whose boundaries changed since it was imported."""
    for level in levels:
        if level.former and level.key in wave.people:
            own = {fold(str(name)) for name in wave.people[level.key].cat.categories}
            if own != {fold(name) for name in level.names}:
                held = wave.people[level.key]
                wave = in_wave(wave, levels, level.key, of_level(level))
                wave = _weighted_as_before(wave, level.key, held)
    return wave


def _weighted_as_before(wave: Wave, key: str, held: pd.Series) -> Wave:
    """The wave with its former areas in a column of their own, where it was weighted to their population."""
    weighting = wave.weighting
    if weighting is None or not any(key in margin.variable.split(" x ") for margin in weighting.margins):
        return wave
    former = f"{key} (former)"
    named = {
        margin.variable: " x ".join(former if part == key else part for part in margin.variable.split(" x "))
        for margin in weighting.margins
    }
    margins = tuple(Margin(named[margin.variable], margin.targets) for margin in weighting.margins)
    report = weighting.report
    if "variable" in report:
        report = report.assign(variable=report["variable"].replace(named))
    kept = replace(weighting, margins=Margins(margins, weighting.margins.source), report=report)
    return replace(wave, people=wave.people.assign(**{former: held}), weighting=kept)


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
    counts: dict[str, int] = defaultdict(int)
    moved, left = [], []
    for value, count in zip(values.distinct, values.counts(), strict=True):
        area = table.known(book.label(value) or value)
        if area is None or not count:
            continue
        counts[area] += int(count)
        if area in table.carried:
            moved.append((value, table.carried[area]))
        else:
            left.append(value)
    entry = replace(entry, values=(*moved, *entry.values), leave_out=(*entry.leave_out, *left))
    return mapping.with_column(entry), _told(level, table, counts)


def speaks_of(raw: Raw, mapping: Mapping, level: AreaLevel, table: Correspondence) -> bool:
    """Whether a file's areas of a level are former ones: some answer names an area that is there no more."""
    entry = next((column for column in mapping.having("area") if column.target == level.key), None)
    if entry is None:
        return False
    values, book = raw.values(entry.column), Codebook.of(entry, raw.column(entry.column))
    gone = {fold(former) for former in table.formers} - {fold(name) for name in level.names}
    return any(fold(book.label(value) or value) in gone for value in values.distinct)


def in_wave(wave: Wave, levels: Sequence[AreaLevel], key: str, table: Correspondence) -> Wave:
    """A wave imported under former areas with those of today, and the areas above looked up anew.

    SurveyError ``areas.correspondence`` where an area of today is none of the study.
    """
    level = next(level for level in levels if level.key == key)
    _refuse_unknown(level, table)
    column = wave.people[key]
    meant = [table.today(str(area), level.names) for area in column.cat.categories]
    names = list(level.names) or list(dict.fromkeys(name for name in meant if name))
    codes = np.array([*(names.index(name) if name in names else -1 for name in meant), -1])
    people = wave.people.assign(**{key: pd.Categorical.from_codes(codes[column.cat.codes], names)})
    inner = level
    while inner.parent and inner.parent in people:
        above = next(other for other in levels if other.key == inner.parent)
        people[above.key] = _above(people[above.key], parents(people[inner.key].array, inner, above))
        inner = above
    counts: dict[str, int] = defaultdict(int)
    for area, count in column.value_counts().items():
        known = table.known(str(area))
        if known is not None:
            counts[known] += int(count)
    report = replace(wave.report, notices=(*wave.report.notices, *_told(level, table, counts)))
    return replace(wave, people=people, report=report)


def _above(stated: pd.Series, found: pd.Categorical) -> pd.Categorical:
    """The areas above, looked up anew; as they were stated for people whose own area is not known any more."""
    names = list(found.categories)
    stayed = np.array([*(names.index(name) if name in names else -1 for name in stated.cat.categories), -1])
    codes = np.where(found.codes >= 0, found.codes, stayed[stated.cat.codes])
    return pd.Categorical.from_codes(codes, names)


def _refuse_unknown(level: AreaLevel, table: Correspondence) -> None:
    known = {fold(name) for name in level.names}
    strange = [name for name in dict.fromkeys(table.carried.values()) if known and fold(name) not in known]
    if strange:
        raise SurveyError(
            "areas.correspondence", f"{some(strange)} is no area of the level '{level.key}'", where=level.title,
            expected=some(level.names, 4),
        )  # fmt: skip


def _told(level: AreaLevel, table: Correspondence, counts: dict[str, int]) -> tuple[Notice, ...]:
    moved = [area for area in counts if area in table.carried and fold(area) != fold(table.carried[area])]
    split = [area for area in counts if area in table.split]
    pieced = [area for area in counts if area not in table.carried and area not in table.split]
    notices = []
    if moved:
        n, pairs = _number(counts, moved), some(f"{area} \u2192 {table.carried[area]}" for area in moved)
        notices.append(
            Notice(
                "areas.carried",
                f"{level.title}: {n} answers from former areas are counted in those of today ({pairs}).",
            )
        )
    if split:
        n, names = _number(counts, split), some(split)
        notices.append(
            Notice(
                "areas.split",
                f"{level.title}: {n} answers come from areas that were split since ({names}). They count for everyone, "
                "but in no area of this level.",
                "warning",
            )
        )
    if pieced:
        n, names = _number(counts, pieced), some(pieced)
        notices.append(
            Notice(
                "areas.pieced",
                f"{level.title}: {n} answers come from areas that today hold parts of split ones as well ({names}). "
                "Those are not what they were, so this wave shows nothing of them.",
                "warning",
            )
        )
    return tuple(notices)


def _number(counts: dict[str, int], areas: Sequence[str]) -> str:
    """How many answers, "<10" where so few that the number of a small area could be told from them."""
    number = sum(counts[area] for area in areas)
    return f"{number:,}" if number >= RULES.people else f"<{RULES.people}"
