"""What the import page says of a file: what was understood, what was checked, what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from trustsurvey.harmonise import Problem
from trustsurvey.language import N_, _, ngettext, translated
from trustsurvey.model import AreaLevel, Mapping, Report, Wave
from trustsurvey.present import words
from trustsurvey.readers.platforms import platform_named
from trustsurvey.readers.raw import Raw
from trustsurvey.ui import pieces
from trustsurvey.ui.markup import plain
from trustsurvey.wording import figure

#: What is said of an import that was not saved.
TOLD = {
    "same": N_("{name} is there already, from the same file with the same mapping; nothing was changed."),
    "undone": N_("The import of {name} was taken back; nothing of it is left."),
    "restored": N_("The import of {name} was taken back; it is as it was before."),
    "asked": N_("The question about {name} is handed over. It stands below until somebody has answered it."),
    "closed": N_("The question about {name} is closed."),
    "reading": N_("Reading was stopped. Nothing of the file was kept."),
    "saving": N_("Saving was stopped. Nothing was saved; the file is still open here."),
}
#: What columns of the account are called.
HEADS = {
    "check": N_("check"), "rule": N_("rule"), "count": N_("count"), "share": N_("share"), "done": N_("done"),
    "rows": N_("rows"), "column": N_("column"), "item": N_("item"), "value": N_("value"), "answered": N_("answered"),
    "don't know": N_("don't know"), "refused": N_("refused"), "left out": N_("left out"),
    "not applicable": N_("not applicable"), "blank": N_("blank"), "rest": N_("rest"), "asked on": N_("asked on"),
}  # fmt: skip

#: The first and the last line of the account of rows, which the report itself writes.
ENDS = (N_("rows read"), N_("all rows below the headings"), N_("rows kept"), N_("answers of the wave"))


def kind_of(raw: Raw) -> str:
    """What kind of file was read, to begin a heading: "Qualtrics export"."""
    platform = platform_named(raw.platform)
    if platform.noun == f"{platform.title} export":
        return _("{platform} export").format(platform=platform.title)
    noun = _(platform.noun)
    return noun[:1].upper() + noun[1:]


def understood(wave: Wave, mapping: Mapping, levels: Sequence[AreaLevel]) -> str:
    """What was recognised beside the questions, as sentences."""
    places = [words.places(level.title) for level in levels if level.key in wave.areas]
    groups = [group.replace("_", " ") for group in dict.fromkeys(map(_of_question, wave.groups))]
    uneven = mapping.only("weight") is not None
    told = _("Where people live: {places}. Groups: {groups}. Weights: {weights}. Open answers: {comments}.")
    return plain(
        told.format(
            places=", ".join(places) or _("not found"),
            groups=", ".join(groups) or _("none found"),
            weights=_("from the file") if uneven else _("none in the file"),
            comments=figure(len(wave.comments)),
        )
    )


def _of_question(group: str) -> str:
    """What a group is called here: the options of a question that takes several are one entry."""
    question, several, _option = group.partition(": ")
    return _("{group} (several could be chosen)").format(group=question) if several else group


def checked(report: Report) -> None:
    """What was checked in the file, row by row and question by question, folded away."""
    with st.expander(_("What was checked")):
        account(report)
        st.caption(_("All of this is kept with the wave."))


def account(report: Report) -> None:
    """The tables of what was checked."""
    parts = (
        (_("Rows"), report.rows_table()),
        (_("Values outside the scale"), report.values_table()),
        (_("Questions"), report.items_table()),
    )
    for title, table in parts:
        if len(table):
            st.markdown(f"**{title}**")
            shares = [name for name in table.columns if name in ("share", "don't know", "refused", "left out")]
            heads: dict[str, Any] = {name: _(HEADS.get(name, name)) for name in table.columns}
            # What was looked for and what was done about it is kept in the words of the code.
            told = [name for name in table.columns if name in ("check", "rule", "done")]
            table = table.assign(**{name: table[name].map(translated) for name in told})
            heads |= {name: st.column_config.NumberColumn(heads[name], format="percent") for name in shares}
            pieces.table(table, column_config=heads)


def question_about(problems: Sequence[Problem]) -> str:
    """What is asked about a value that was not understood."""
    first = problems[0]
    where = _("in {n} questions").format(n=len(problems)) if len(problems) > 1 else first.about
    if first.question:
        return plain(f"{where[:1].upper()}{where[1:]}: {first.question}")
    count = sum(problem.count for problem in problems)
    told = ngettext(
        "\u201c{value}\u201d ({where}; once, first in row {rows}) is not {expected}. What does it mean?",
        "\u201c{value}\u201d ({where}; {n} times, first in row {rows}) is not {expected}. What does it mean?",
        count,
    )
    rows = ", ".join(figure(row) for row in first.rows[:3])
    return plain(told.format(value=first.value[:80], where=where, n=figure(count), rows=rows, expected=first.expected))


def wave_name(day: date | None) -> str:
    """A name for the wave from the day its fieldwork began: '2026 Q2'."""
    return "" if day is None else f"{day.year} Q{(day.month - 1) // 3 + 1}"
