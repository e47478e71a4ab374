"""The table that says what every column of a file is: all of it, or only what one looks for, with edits that stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from trustsurvey.language import _, language
from trustsurvey.model import AreaLevel, Instrument, Mapping
from trustsurvey.ui import mapping_table as table
from trustsurvey.ui.importing import Opened
from trustsurvey.wording import figure

Edits = dict[str, dict[str, Any]]
#: What is to be read and set first stands first, with room for it in pixels; what groups need behind it, or before.
FIRST = (table.COLUMN, table.SAYS, table.IS)
OF_GROUPS = (table.GROUP, table.MEANING)
OF_QUESTIONS = (table.EXAMPLES, table.UNSURE, table.FLIP)
WIDTHS = {table.SAYS: 220, table.EXAMPLES: 200, table.IS: 260}


def edited(opened: Opened, instrument: Instrument, levels: Sequence[AreaLevel]) -> Mapping:
    """The mapping of the file with what was edited in the table."""
    whole = table.with_edits(_proposed(opened, instrument, levels), _edits(opened))
    return table.from_table(whole, opened.mapping, instrument, levels)


def draw(opened: Opened, instrument: Instrument, levels: Sequence[AreaLevel]) -> None:
    """The table, filtered; edits go into the session and count at the next rerun."""
    whole = table.with_edits(_proposed(opened, instrument, levels), _edits(opened))
    unsure = [guess.column.column for guess in opened.guesses if not guess.sure]
    parts = table.views(_proposed(opened, instrument, levels), unsure)
    names = list(parts)
    chosen = st.segmented_control(
        _("Show"), names, default=names[0], format_func=lambda name: f"{_(name)} ({figure(len(parts[name]))})",
        key=f"view {opened.key}", on_change=_turned, args=(opened,),
    ) or names[0]  # fmt: skip
    st.caption(
        _(
            "Change \u201cWhat it is\u201d where it is wrong. \u201cIts codes mean\u201d names the codes of a group, "
            "such as 1 = 18-29, 2 = 30-44. \u201cDon't know if\u201d takes codes such as 9, with commas."
        )
    )
    name = f"table {opened.key} {language()} {chosen} {st.session_state.get(f'turned {opened.key}', 0)}"
    # Drawn from how it was when it came up: a table that changes under the hand would lose its place.
    start: pd.DataFrame = st.session_state.setdefault(f"{name} start", whole.loc[parts[chosen].index])
    st.data_editor(
        start, key=name, hide_index=True, on_change=_keep, args=(opened, name, list(start[table.COLUMN])),
        disabled=[table.COLUMN, table.SAYS, table.EXAMPLES, table.WHY],
        column_order=(
            *FIRST,
            *((*OF_QUESTIONS, *OF_GROUPS) if chosen == table.QUESTIONS else (*OF_GROUPS, *OF_QUESTIONS)),
            table.WHY,
        ),
        column_config={
            **{head: st.column_config.Column(_(head), width=WIDTHS.get(head)) for head in start.columns},
            table.IS: st.column_config.SelectboxColumn(
                _(table.IS), options=list(table.choices(instrument, levels)), required=True, width=WIDTHS[table.IS],
                format_func=lambda entry: table.entry_told(str(entry)),
            ),
            table.FLIP: st.column_config.CheckboxColumn(_(table.FLIP)),
        },
    )  # fmt: skip


def _proposed(opened: Opened, instrument: Instrument, levels: Sequence[AreaLevel]) -> pd.DataFrame:
    """The table as proposed, made once for each file and mapping."""
    name = f"proposed {opened.key} {language()}"
    if name not in st.session_state:
        st.session_state[name] = table.to_table(opened.raw, opened.mapping, opened.guesses, instrument, levels)
    made: pd.DataFrame = st.session_state[name]
    return made


def _edits(opened: Opened) -> Edits:
    made: Edits = st.session_state.setdefault(f"edits {opened.key}", {})
    return made


def _keep(opened: Opened, name: str, order: list[str]) -> None:
    for row, changes in st.session_state[name]["edited_rows"].items():
        _edits(opened).setdefault(order[int(row)], {}).update(changes)


def _turned(opened: Opened) -> None:
    """Another view is drawn from how things stand now."""
    st.session_state[f"turned {opened.key}"] = st.session_state.get(f"turned {opened.key}", 0) + 1
