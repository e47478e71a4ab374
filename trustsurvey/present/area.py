"""One area of a picture: its score, where it stands, what changed there, who is not heard; nothing is computed here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping as MappingType, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from trustsurvey.analysis import LevelView, Picture
from trustsurvey.language import _
from trustsurvey.present import findings, themes, words
from trustsurvey.voices.picture import Themes
from trustsurvey.wording import capital

#: Rolling years that a trend goes back, at most.
YEARS = 8
Row = MappingType[Hashable, Any]


@dataclass(frozen=True, eq=False)
class Area:
    """An area of a picture. ``row``: its protected estimate; ``against``: beside everyone; ``change``: since before."""

    picture: Picture
    view: LevelView
    name: str
    row: Row
    against: Row | None
    change: Row | None

    @classmethod
    def of(cls, picture: Picture, level: str, name: str) -> Area:
        """The area of a level; ``StopIteration`` if the picture has none of this name."""
        view = picture.view(level)
        change = None if view.change is None else _row(view.change.table, view.level.key, name)
        row = _row(view.estimates.table, view.level.key, name)
        if row is None:
            raise StopIteration
        return cls(picture, view, name, row, _row(view.against, level, name), change)

    @property
    def shown(self) -> bool:
        """Whether there are enough answers to tell its score."""
        return not self.row["suppressed"]

    @property
    def parent(self) -> str:
        """The area that it lies in, "" for none."""
        return dict(self.view.level.areas).get(self.name, "")


def _row(table: pd.DataFrame, by: str, level: str) -> Row | None:
    rows = table[(table["by"] == by) & (table["level"].astype(str) == level)]
    return None if rows.empty else rows.iloc[0].to_dict()


def names(view: LevelView) -> list[str]:
    """The areas of a level in their order."""
    return [str(name) for name in view.estimates.rows(by=view.level.key)["level"]]


def few_words() -> str:
    """What is said of an area in the place of its score."""
    return f"{capital(words.too_few())}."


def against_words(area: Area) -> str:
    """Whether the area differs from everyone together; empty where that cannot be said."""
    return "" if area.against is None else findings.against_words(area.against)


def change_words(area: Area) -> list[str]:
    """What changed since the wave, or the year, before; and what would have been seen."""
    if area.change is None or area.view.change is None:
        if area.view.pooled:
            return [_("There is no earlier full year to compare with.")]
        return [_("There is no earlier wave to compare with.")]
    told = [words.change_words(area.change, area.view.change.old), words.detectable_words(area.change)]
    return [sentence for sentence in told if sentence]


def lowest_words(area: Area) -> str:
    """That the area is probably among the lowest fifth; empty where it is not, or nobody can say."""
    lowest = area.view.lowest
    rows = None if lowest is None else lowest[lowest["area"].astype(str) == area.name]
    if rows is None or rows.empty or rows["probability"].iloc[0] < findings.PROBABLE:
        return ""
    k, many = int(rows["k"].iloc[0]), area.view.areas
    return _(
        "Probably among the lowest fifth of the {level} ({k} of {many}), by a model that allows for chance: {probably}."
    ).format(
        level=words.places(area.view.level.title),
        k=k,
        many=many,
        probably=findings.probably(rows["probability"].iloc[0]),
    )


def years(
    picture_at: Callable[[int], Picture], at: int, waves: Sequence[str], level: str, measure: str
) -> list[Picture]:
    """The pictures of the rolling years that a level rests on, none of which shares a wave, in order of time.

    ``picture_at``: the picture at a position of ``waves``. The series ends where a wave stands alone, where the
    measure was not asked, and after :data:`YEARS` years.
    """
    found = [picture_at(at)]
    while len(found) < YEARS:
        first = waves.index(found[0].view(level).waves[0])
        if first == 0:
            break
        earlier = picture_at(first - 1)
        view = next((view for view in earlier.levels if view.level.key == level), None)
        if view is None or not view.pooled or earlier.measure != measure:
            break
        found.insert(0, earlier)
    return found


def trend_rows(pictures: Sequence[Picture], level: str, name: str) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The course of an area: rows as ``trends.trend`` takes them, the times in order, those from which it breaks.

    ``pictures``: one of a level that waves are enough for, or those of :func:`years`.
    """
    last = pictures[-1]
    view, breaks = last.view(level), last.trend_breaks.get(last.measure, ())
    if not view.pooled:
        rows = last.trend.rows(measure=last.measure, by=level)
        return rows[rows["level"].astype(str) == name], list(dict.fromkeys(last.trend.table["wave"])), list(breaks)
    tables, broken = [], []
    for picture in pictures:
        part = picture.view(level)
        label = _("{first} to {last}").format(first=part.waves[0], last=part.waves[-1])
        rows = part.estimates.rows(by=level)
        tables.append(rows[rows["level"].astype(str) == name].assign(wave=label))
        broken += [label] if set(part.waves) & set(breaks) else []
    table = pd.concat(tables, ignore_index=True)
    return table, list(table["wave"]), broken


def heard_words(area: Area) -> list[str]:
    """Whether as many answered in the area as live there, and what is not known of who is missing."""
    heard, level = area.picture.heard, area.view.level.key
    told = [_heard(area, heard[(heard["variable"] == level) & (heard["category"].astype(str) == area.name)])
            if heard is not None else _uncounted(area)]  # fmt: skip
    if heard is None or not any(level in str(name).split(" x ") for name in heard["variable"] if name != level):
        told.append(_("Which people are missing, by age or sex, is not known for {area} alone.").format(area=area.name))
    return told


def _heard(area: Area, rows: pd.DataFrame) -> str:
    if rows.empty:
        return _uncounted(area)
    row = rows.iloc[0]
    if row["hidden"] or not row["population"] < 1:
        return _("How many answered here is not shown, to protect a small group.")
    told = _("{base} of all answers came from {area}, where {population} of residents live.").format(
        base=capital(findings.share_words(row["base"])),
        area=area.name,
        population=findings.share_words(row["population"]),
    )
    return f"{told} {_('That is few for how many they are.')}" if row["ratio"] < findings.UNHEARD else told


def _uncounted(area: Area) -> str:
    return _("The answers were not compared with how many people live in {area}.").format(area=area.name)


def theme_rows(found: Themes, area: Area) -> pd.DataFrame:
    """The themes of an area that are under no other, the most frequent first; none where they were too few to tell."""
    rows = found.rows(area.view.level.key)
    if rows.empty:
        return rows
    rows = rows[(rows["level"].astype(str) == area.name) & rows["measure"].isin(found.top())]
    return themes.in_percent(rows[rows["suppressed"] == ""])


def group_rows(crossed: pd.DataFrame, picture: Picture, level: str, name: str, group: str) -> pd.DataFrame:
    """The categories of a group within an area, from a table of the level crossed with groups, in their own words."""
    categories = [str(category) for category in picture.estimates.rows(measure=picture.measure, by=group)["level"]]
    called = {f"{name} x {category}": category for category in categories}
    rows = crossed[(crossed["by"] == f"{level} x {group}") & crossed["level"].isin(called)]
    return rows.assign(level=rows["level"].map(called))
