"""Questionnaires: scales, items and the indices made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

#: Why an answer is not a number; the position is the code stored in ``Wave.missing``.
REASONS = ("answered", "blank", "don't know", "refused", "not applicable", "left out")


@dataclass(frozen=True)
class Scale:
    """A response scale: its codes from low to high and the words beside them."""

    name: str
    low: float
    high: float
    anchors: tuple[tuple[float, str], ...] = ()
    positive: tuple[float, ...] = ()
    synonyms: tuple[tuple[float, str], ...] = ()

    @property
    def is_text(self) -> bool:
        """Open answers have no range and are not scored."""
        return self.high <= self.low


@dataclass(frozen=True)
class Item:
    """One question of an instrument. ``reverse``: agreeing means less trust."""

    id: str
    text: str
    scale: Scale
    reverse: bool = False
    source: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Index:
    """A named score from 0 to 100: the mean of its parts.

    ``parts`` are item ids, or keys of other indices (a dimension is an index of items; the trust
    index is an index of dimensions). A person has a score with at least ``at_least`` parts.
    """

    key: str
    title: str
    parts: tuple[str, ...]
    at_least: int
    dimension: bool = False
    plain: str = ""


@dataclass(frozen=True)
class Instrument:
    """A questionnaire: items, scales and the indices made from them. ``headline`` is shown first."""

    name: str
    title: str
    items: tuple[Item, ...]
    indices: tuple[Index, ...]
    headline: str
    version: str = "1"

    @cached_property
    def _items(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def _indices(self) -> dict[str, Index]:
        return {index.key: index for index in self.indices}

    def item(self, key: str) -> Item:
        """The item with this id; ``KeyError`` if there is none."""
        return self._items[key]

    def index(self, key: str) -> Index:
        """The index with this key; ``KeyError`` if there is none."""
        return self._indices[key]

    def has_item(self, key: str) -> bool:
        """Whether an item has this id."""
        return key in self._items

    @property
    def rated(self) -> tuple[Item, ...]:
        """Items answered on a scale."""
        return tuple(item for item in self.items if not item.scale.is_text)

    @property
    def open(self) -> tuple[Item, ...]:
        """Items answered in the resident's own words."""
        return tuple(item for item in self.items if item.scale.is_text)

    def title_of(self, measure: str) -> str:
        """The title of an index, or the wording of an item."""
        if measure in self._indices:
            return self._indices[measure].title
        return self._items[measure].text if measure in self._items else measure

    def items_of(self, measure: str) -> tuple[str, ...]:
        """The ids of the items that a measure rests on, through all its parts."""
        if measure in self._items:
            return (measure,)
        found: list[str] = []
        for part in self._indices[measure].parts:
            found += [item for item in self.items_of(part) if item not in found]
        return tuple(found)
