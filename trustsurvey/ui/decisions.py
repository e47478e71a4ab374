"""What an import asks a person to decide: few things one by one, many of a kind in a table, proposals in one click."""

from __future__ import annotations

from collections.abc import Callable, Mapping as MappingType, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from trustsurvey.harmonise import Problem
from trustsurvey.language import N_, _, language
from trustsurvey.model import AreaLevel, Instrument, Mapping
from trustsurvey.ui.guard import plain
from trustsurvey.ui.import_words import question_about
from trustsurvey.ui.mapping_table import UNDECIDED, Asked, answers_to, decide, questions, suggestion_of, told
from trustsurvey.wording import figure

#: More questions with the same answers are asked in one table.
ONE_BY_ONE = 6
#: Columns of that table, as the code calls them; how they are headed hangs on the language.
SAYS, TIMES, PROPOSED, MEANS = N_("The file says"), N_("Times"), N_("Proposed"), N_("It means")

Options = tuple[str, ...]


def decisions_of(key: str) -> dict[Asked, str]:
    """What was decided so far about the file of this key."""
    made: dict[Asked, str] = st.session_state.setdefault(f"decisions {key}", {})
    return made


def settled(
    key: str, mapping: Mapping, problems: Callable[[Mapping], Sequence[Problem]]
) -> tuple[Mapping, dict[Asked, list[Problem]]]:
    """The mapping with everything decided so far, and all that was asked on the way.

    ``problems`` tells what a mapping leaves open. A decision may lead to further questions ("Decide one by
    one"); those are asked as well.
    """
    asked: dict[Asked, list[Problem]] = {}
    while new := {what: found for what, found in questions(problems(mapping)).items() if what not in asked}:
        asked |= new
        after = decide(mapping, new, decisions_of(key))
        if after == mapping:
            break
        mapping = after
    return mapping, asked


def ask(
    key: str,
    asked: MappingType[Asked, list[Problem]],
    instrument: Instrument,
    levels: Sequence[AreaLevel],
    mapping: Mapping,
) -> None:
    """Draw every open question; decisions go into the session and count at the next rerun."""
    made = decisions_of(key)
    left = [what for what in asked if made.get(what, UNDECIDED) == UNDECIDED]
    st.header(
        _("Please decide: {left} of {all} left").format(left=len(left), all=len(asked)) if left else _("All is decided")
    )
    proposals = {what: said for what in left if (said := suggestion_of(asked[what][0]))}
    if proposals:
        st.button(
            _("Take what is proposed ({n})").format(n=len(proposals)), on_click=_take, args=(key, proposals),
            type="primary", help=_("Each proposal is marked below; you can still change it."),
        )  # fmt: skip
    for options, alike in _alike(asked, instrument, levels, mapping).items():
        if len(alike) > ONE_BY_ONE:
            _table(key, options, alike, made)
            continue
        for what, problems in alike.items():
            said = suggestion_of(problems[0])
            first = [options[0], *([said] if said in options else []), *(o for o in options[1:] if o != said)]
            hint = _("Proposed: {said}.").format(said=plain(told(problems[0], said))) if said and what in left else ""
            st.selectbox(
                f"{question_about(problems)} {hint}".strip(), first, first.index(made.get(what, UNDECIDED)),
                format_func=partial(told, problems[0]), key=_name(key, what), on_change=_decide, args=(key, what),
            )  # fmt: skip


def _alike(
    asked: MappingType[Asked, list[Problem]], instrument: Instrument, levels: Sequence[AreaLevel], mapping: Mapping
) -> dict[Options, dict[Asked, list[Problem]]]:
    """Questions by what may be answered, which is in the same order whatever is proposed."""
    found: dict[Options, dict[Asked, list[Problem]]] = {}
    for what, problems in asked.items():
        first, *rest = answers_to(problems[0], instrument, levels, mapping)
        rest = sorted(rest) if problems[0].code == "map.area" else rest
        found.setdefault((first, *rest), {})[what] = problems
    return found


def _table(key: str, options: Options, alike: MappingType[Asked, list[Problem]], made: MappingType[Asked, str]) -> None:
    """One table for many values that may mean the same things; its edits are decisions."""
    first = next(iter(alike.values()))[0]
    where = first.about
    unknown = _("{n} values of {where} are not known. What does each mean?")
    st.markdown(unknown.format(n=figure(len(alike)), where=plain(where)))
    name = f"decide table {key} {language()} {_version(key)} {where}"
    # Drawn from what was decided when it came up: a table that changes under the hand would lose its place.
    start = st.session_state.setdefault(f"{name} start", {what: made.get(what, "") for what in alike})
    rows = [
        (problems[0].value[:80], sum(problem.count for problem in problems),
         told(problems[0], suggestion_of(problems[0])), start.get(what) or UNDECIDED)
        for what, problems in alike.items()
    ]  # fmt: skip
    st.data_editor(
        pd.DataFrame(rows, columns=[SAYS, TIMES, PROPOSED, MEANS]), key=name, hide_index=True,
        disabled=[SAYS, TIMES, PROPOSED],
        column_config={
            **{head: _(head) for head in (SAYS, TIMES, PROPOSED)},
            MEANS: st.column_config.SelectboxColumn(
                _(MEANS), options=list(options), required=True, width="large",
                format_func=partial(told, first),
            ),
        },
        on_change=_decide_rows, args=(key, name, list(alike)),
    )  # fmt: skip


def _decide(key: str, what: Asked) -> None:
    decisions_of(key)[what] = st.session_state[_name(key, what)]


def _decide_rows(key: str, name: str, order: Sequence[Asked]) -> None:
    for row, changes in st.session_state[name]["edited_rows"].items():
        if MEANS in changes:
            decisions_of(key)[order[int(row)]] = changes[MEANS] or UNDECIDED


def _take(key: str, proposals: MappingType[Asked, str]) -> None:
    decisions_of(key).update(proposals)
    st.session_state[f"decide version {key}"] = _version(key) + 1


def _version(key: str) -> int:
    """Widgets are made anew when proposals were taken, so that they show them."""
    return int(st.session_state.get(f"decide version {key}", 0))


def _name(key: str, what: Asked) -> str:
    return f"decide {key} {_version(key)} {what}"
