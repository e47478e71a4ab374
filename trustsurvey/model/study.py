"""Studies, and how a file becomes one of their waves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from trustsurvey.errors import SurveyError
from trustsurvey.model.questionnaire import Instrument


@dataclass(frozen=True)
class AreaLevel:
    """One layer of the map, such as districts. ``areas``: name to name of the parent area.

    ``former``: what areas of earlier boundaries became, as (former area, area, share of its people or None).
    """

    key: str
    title: str
    parent: str = ""
    areas: tuple[tuple[str, str], ...] = ()
    boundary_key: str = ""
    former: tuple[tuple[str, str, float | None], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The areas of the level, in their stated order; empty when any value is taken."""
        return tuple(name for name, _ in self.areas)


@dataclass(frozen=True)
class Study:
    """A survey that is repeated: where it is held and with which questionnaire."""

    slug: str
    name: str
    instrument: Instrument
    levels: tuple[AreaLevel, ...] = ()
    probability: bool = False
    sample: bool = False

    def level(self, key: str) -> AreaLevel:
        """The area level with this key; ``KeyError`` if there is none."""
        return {level.key: level for level in self.levels}[key]

    def holding(self, level: str, area: str) -> tuple[tuple[str, str], ...]:
        """Level and name of each area that an area lies in, the smallest first."""
        parents = {one.key: (one.parent, dict(one.areas)) for one in self.levels}
        found: list[tuple[str, str]] = []
        while level in parents:
            parent, within = parents[level]
            level, area = parent, within.get(area, "")
            if not level or not area:
                break
            found.append((level, area))
        return tuple(found)


Role = Literal[
    "item", "area", "group", "number", "text", "id", "weight", "stratum", "psu", "fpc",
    "start", "end", "duration", "mode", "status", "device", "private", "ignore",
]  # fmt: skip


@dataclass(frozen=True)
class ColumnMap:
    """What one column of a file is. ``target`` names the item, area level or group.

    ``values`` recodes what the file says (to a code of the scale, or to a label); ``dont_know``,
    ``refused``, ``not_applicable`` and ``leave_out`` list what counts as no answer, and why.
    ``labels``: what the file's codebook calls its values; answers are read by them, so that a code that
    means something else in the next wave is no trap. ``scale``: the answers from the low end of the
    question's scale to the high one, where they differ from it; two numbers stand for all between
    ("1 to 7", "5 to 1"), an empty one for a point that was not offered. ``options``: what several answers in one
    cell may be. ``born``: the cells are days or years of birth, of which only the age group (``values``) is taken.
    ``confirmed``: doubts (codes of problems) that somebody looked at and set aside.
    """

    column: str
    role: Role
    target: str = ""
    values: tuple[tuple[str, str], ...] = ()
    dont_know: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    flip: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    scale: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    born: bool = False


@dataclass(frozen=True)
class Mapping:
    """What every column of a file is, and which rows do not count.

    ``mode``: how everybody was interviewed, where no column tells.
    """

    columns: tuple[ColumnMap, ...]
    platform: str = "plain"
    partial_below: float = 0.5
    day_first: bool | None = None
    keep_tests: bool = False
    keep_duplicates: bool = False
    mode: str = ""

    def having(self, *roles: str) -> Iterator[ColumnMap]:
        """The columns with one of these roles, in file order."""
        return (column for column in self.columns if column.role in roles)

    def only(self, role: str) -> ColumnMap | None:
        """The single column with this role, or None; SurveyError if there are several."""
        found = list(self.having(role))
        if len(found) > 1:
            names = " and ".join(f"'{column.column}'" for column in found[:3])
            raise SurveyError(
                "map.role-twice",
                f"Two columns are marked '{role}'",
                where=names,
                expected="one column",
                hint="Set all but one of them to 'ignore'.",
            )
        return found[0] if found else None

    def with_column(self, changed: ColumnMap) -> Mapping:
        """The same mapping with one column's entry replaced."""
        columns = tuple(changed if c.column == changed.column else c for c in self.columns)
        return replace(self, columns=columns)
