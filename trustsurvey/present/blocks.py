"""Parts of a report that draw something: the sentence that says what is shown, the drawing, its numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.language import _
from trustsurvey.present import charts, findings, svg, themes, trends, words
from trustsurvey.present.document import Block
from trustsurvey.voices.picture import Themes
from trustsurvey.wording import capital

#: Rows of one drawing: more do not fit a sheet of paper.
TALL = 25


def standing_blocks(picture: Picture) -> list[Block]:
    """The score of everyone with its range, what changed, and its course over the waves."""
    measure = picture.measure
    index = picture.wave.instrument.index(measure)
    told = words.headline_words(picture, measure)
    scale = _("{title}: {meaning}, from 0 (none) to 100 (full).")
    meaning = scale.format(title=_(index.title), meaning=_(index.plain).rstrip(".")) if index.plain else ""
    blocks = [
        Block(
            number="" if told["number"] == "\u2013" else told["number"],
            told=[f"{capital(told['range'])}. {told['answers']}",
                  f"{told['change']} {told['detectable']}".strip(), words.standing_words(picture.wave),
                  words.unscored_words(picture, measure), meaning],
        )
    ]  # fmt: skip
    rows = picture.trend.rows(measure=measure, by="")
    waves = list(dict.fromkeys(picture.trend.table["wave"]))
    if len(waves) > 1:
        blocks.append(
            trend_block(
                rows,
                waves,
                picture.trend_breaks.get(measure, ()),
                _("{title} in every wave, with the range it likely lies in. The chart shows {low} to {high} of 100."),
                _(index.title),
            )
        )
    return blocks


def trend_block(rows: pd.DataFrame, waves: Sequence[str], breaks: Sequence[str], told: str, title: str) -> Block:
    """A score over time: sentence, which names ``{title}``, ``{low}`` and ``{high}``; drawing, numbers."""
    low, high = trends.trend_range(rows)
    told = told.format(title=title, low=words.whole(low), high=words.whole(high))
    return Block(
        _("Over time"), told=[told], svg=svg.trend(rows, waves, breaks, told), table=charts.table(rows, "wave")
    )


def dots_block(
    rows: pd.DataFrame, table: pd.DataFrame, told: str, *, title: str = "", reference: float | None = None,
    lines: Sequence[findings.Line] = (), label: str = "level", top: float = 100.0,
) -> Block:  # fmt: skip
    """Dots with ranges under the sentence that says what they show, and their numbers."""
    drawn = [svg.dots(rows.iloc[k : k + TALL], label, told, reference, top) for k in range(0, len(rows), TALL)]
    return Block(title, told=[told], lines=lines, svg="".join(drawn), table=table)


def themes_block(found: Themes) -> Block:
    """The themes mentioned most, with their ranges, of those that are under no other."""
    everyone = themes.in_percent(found.rows())
    drawn = everyone[everyone["measure"].isin(found.top())].head(themes.DRAWN)
    end = themes.chart_end(drawn)
    told = _(
        "Of a hundred residents who answered, so many mention each theme; the line is where the number "
        "likely lies. Somebody may mention several. The chart ends at {end}."
    ).format(end=words.whole(end))
    table = themes.share_table(everyone.assign(**{n: everyone[n] / 100 for n in ("est", "lci", "uci")}), "title")
    return dots_block(drawn, table, told, label="title", top=end)
