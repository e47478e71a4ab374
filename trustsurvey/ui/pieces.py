"""Small parts that several pages share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping as MappingType, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from trustsurvey.errors import Notice
from trustsurvey.language import _, translated
from trustsurvey.model import Report
from trustsurvey.present import findings, result_tables, tables, words
from trustsurvey.store import Store, WaveRecord
from trustsurvey.ui import cache
from trustsurvey.ui.guard import plain, remembered, saw, unmarked
from trustsurvey.wording import figure

#: Width of a block of words or of a chart, in pixels: two of them fit a common screen, one a telephone at most.
BLOCK = 440
#: Surveys are older than the ten years that a box for a day takes unless it is told.
FIRST_DAY = date(1960, 1, 1)
#: No toolbar, no zoom by accident; the picture can be saved.
CHART = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["zoom2d", "pan2d", "select2d", "lasso2d", "autoScale2d"],
}


def blocks() -> Callable[[], DeltaGenerator]:
    """Blocks beside one another as far as the page is wide enough, below one another where it is not; one a call."""
    row = st.container(horizontal=True, gap="large")
    return lambda: row.container(width=BLOCK)


def day(place: DeltaGenerator, label: str, value: date | None, key: str) -> date | None:
    """A box for a day of fieldwork, from long ago to a year from now; whatever a file says can stand in it."""
    soon = date.today() + timedelta(days=366)
    first, last = min(value or soon, FIRST_DAY), max(value or soon, soon)
    chosen: date | None = place.date_input(label, value, min_value=first, max_value=last, key=key)
    return chosen


def chart(figure: go.Figure, told: str, table: pd.DataFrame, key: str) -> None:
    """A chart under the sentence that says what it shows, with its numbers one click away."""
    st.markdown(told)
    st.plotly_chart(figure, key=key, config=CHART, alt=f"{unmarked(told)} {cache.once(_spoken, table)}")
    numbers(table)


def by(group: str, level: int, names: Iterable[str] = ()) -> str:
    """The heading, of a level, of a chart of the categories of a group; that these are codes alone is said below it."""
    codes = words.codes_words(names)
    heading = "#" * level + " " + _("By {group}").format(group=plain(group.replace("_", " "))) + "\n"
    return heading + (f"{codes}\n\n" if codes else "")


def scale(meaning: str) -> str:
    """What a score is of, and on which scale."""
    return _("{meaning}, from 0 (none) to 100 (full).").format(meaning=plain(meaning))


def score(title: str, meaning: str, told: MappingType[str, str], of: str = "") -> DeltaGenerator:
    """A score in figures (``words.score_words``) and in a sentence, and the place for what else is said of it.

    ``of``: whom it is of, where that is to be named.
    """
    number, sentences = st.columns([2, 5], vertical_alignment="center")
    number.metric(plain(title), told["number"], help=scale(meaning))
    said = _("**{number} of 100**, {range}. {answers}") if told["answers"] else "**{range}**"
    whom = f"**{plain(of)}**: " if of else ""
    sentences.markdown(whom + said.format(number=told["number"], range=told["range"], answers=told["answers"]))
    return sentences


def lines(told: list[tuple[str, str]]) -> str:
    """Sentences, each after the name of whom it is about."""
    return "\n".join(f"- **{plain(name)}**: {plain(text)}" if name else f"\n{plain(text)}" for name, text in told)


def changes(rows: pd.DataFrame, since: str, what: str) -> None:
    """What changed in areas or groups, what could have been seen, and the numbers; ``rows`` of a ``Change``."""
    st.markdown(lines(findings.changes_words(rows, since, what)))
    typical, many = findings.typical_words(rows, what), findings.many_words(rows)
    if more := " ".join(filter(None, (typical, many))):
        st.caption(plain(more))
    numbers(result_tables.change_table(rows, since))


def numbers(rows: pd.DataFrame, title: str = "") -> None:
    """The numbers behind a chart or a sentence, folded away."""
    title = title or _("The numbers")
    with st.expander(title):
        table(rows, alt=title)


def table(rows: pd.DataFrame, **how: Any) -> None:
    """A table to be read, or read out: no more digits than are shown, a dash where nothing is.

    ``how``: what else ``st.dataframe`` takes.
    """
    st.dataframe(tables.rounded(rows), hide_index=True, placeholder=tables.NOTHING, **how)


def _spoken(table: pd.DataFrame) -> str:
    rows = table.head(12).to_dict("records")
    return " ".join(", ".join(f"{k} {v}".strip() for k, v in row.items() if str(v)) + "." for row in rows)


def notices(found: tuple[Notice, ...]) -> None:
    """What was noticed: warnings in their own box, the rest in one line."""
    for notice in found:
        if notice.level == "warning":
            st.warning(plain(translated(notice.text)))
    rest = " ".join(plain(translated(notice.text)) for notice in found if notice.level == "info")
    if rest:
        st.caption(rest)


def left_out(report: Report) -> None:
    """How many rows were read and kept, and why the others were not."""
    lines = [
        _("**{rows_kept} of {rows_read} rows count as answers.**").format(
            rows_kept=figure(report.rows_kept, ","), rows_read=figure(report.rows_read, ",")
        ),
        "",
    ]
    lines += [
        _("- {count} left out: {reason}").format(count=figure(count, ","), reason=plain(translated(reason)))
        for reason, count in report.dropped
    ]
    st.markdown("\n".join(lines))


def choose_wave(store: Store, slug: str, records: Sequence[WaveRecord]) -> int:
    """Position of the chosen wave, which is then looked at; the newest unless the address or an earlier choice says."""
    names = [record.name for record in records]
    shown = [record.name + ("" if record.released else f" ({_(record.status)})") for record in records]
    at = remembered(_("Wave"), "wave", names, shown, len(names) - 1)
    saw(store, f"{slug}/{names[at]}")
    return at
