"""One promise in its four steps, its history, and the estimates that before and after rest on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from trustsurvey.actions.before_after import BeforeAfter
from trustsurvey.actions.follow_up import Record
from trustsurvey.language import N_, _
from trustsurvey.model import Action, ActionVersion
from trustsurvey.model.action import DAYS, as_entries, changed
from trustsurvey.present.actions import assessment_words, measure_words, promised_by, state_words, stopped
from trustsurvey.present.words import whole
from trustsurvey.wording import day, moment

_UNSAID = N_("Nothing was written down.")
#: What the entries of an action are called.
ENTRIES = {
    "heard": N_("What was heard"), "theme": N_("Theme"), "level": N_("Kind of area"), "area": N_("Area"),
    "wave": N_("Heard in"), "analysis": N_("What lies behind it"), "promised": N_("What was promised"),
    "unit": N_("Who promised it"), "state": N_("State"), "due": N_("Promised for"), "done": N_("Done on"),
    "reason": N_("Why it was dropped"), "score": N_("Score that should change"),
    "share": N_("Theme that should change"), "question": N_("Question"), "by": N_("Grouping"),
    "group": N_("For whom"), "outcome": N_("What came of it"),
}  # fmt: skip
_STATES = {
    "planned": N_("planned"), "under way": N_("under way"), "done": N_("done"), "dropped": N_("dropped"),
}  # fmt: skip


def steps(action: Action, record: Record) -> list[tuple[str, list[str]]]:
    """The four steps of an action, each with its title, in paragraphs; a step of which nothing was written says so."""
    book = record.codebook
    theme = _(book.code(action.theme).title) if action.theme in book else action.theme
    heard = _("Heard in {wave}.").format(wave=action.wave) if action.wave else ""
    about = [stopped(theme), stopped(action.area or _("All areas")), heard]
    measure = measure_words(action, record)
    response = [promised_by(action), state_words(action, record.today)]
    assessment = [
        stopped(action.outcome),
        _("What should change in the survey: {measure}").format(measure=stopped(measure)) if measure else "",
        " ".join(assessment_words(action, record)),
    ]
    return [
        (_("What was heard"), _or_nothing(action.heard, _joined(about))),
        (_("What lies behind it"), _or_nothing(action.analysis)),
        (_("What was promised and done"), [_joined(response)]),
        (_("What came of it"), [told for told in assessment if told] or [_(_UNSAID)]),
    ]


def _joined(told: Sequence[str]) -> str:
    return " ".join(sentence for sentence in told if sentence)


def _or_nothing(told: str, *more: str) -> list[str]:
    return [stopped(told) or _(_UNSAID), *(sentence for sentence in more if sentence)]


def history_table(history: Sequence[ActionVersion]) -> pd.DataFrame:
    """Who wrote down what and when, the newest first; of the first version all that it said."""
    rows = []
    for at, version in enumerate(history):
        if at:
            differ = changed(history[at - 1].action, version.action)
            told = [
                _("{entry}: {new} (was: {old})").format(
                    entry=_(ENTRIES[name]), new=_value(name, new) or _("nothing"), old=_value(name, old) or _("nothing")
                )
                for name, old, new in differ
            ]
        else:
            told = [f"{_(ENTRIES[name])}: {_value(name, value)}" for name, value in as_entries(version.action).items()]
        rows.append({_("When (UTC)"): moment(version.created_at), _("Who"): version.person,
                     _("What"): "; ".join(told), _("Why"): version.note})  # fmt: skip
    return pd.DataFrame(rows[::-1])


def _value(name: str, value: str) -> str:
    if name in DAYS and value:
        return day(date.fromisoformat(value))
    return _(_STATES[value]) if name == "state" and value in _STATES else value


def level_rows(found: BeforeAfter) -> pd.DataFrame:
    """The estimates before and after as charts draw them, on 0 to 100, of the group and of everyone."""
    assert found.levels is not None
    rows = found.levels
    if found.action.share:
        rows = rows.assign(**{name: 100 * rows[name].astype(float) for name in ("est", "lci", "uci")})
    whom = rows["level"].astype(str).where(rows["by"] != "", _("Everyone"))
    return rows.assign(name=whom + ", " + rows["wave"].astype(str))


def level_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the chart of :func:`level_rows`."""
    shown = rows["suppressed"] == ""
    told = {name: [whole(v) if ok else "" for v, ok in zip(rows[name], shown, strict=True)]
            for name in ("est", "lci", "uci")}  # fmt: skip
    numbers = [v if ok else _("too few answers") for v, ok in zip(told["est"], shown, strict=True)]
    return pd.DataFrame({"": rows["name"], _("Number"): numbers, _("Likely from"): told["lci"], _("to"): told["uci"]})
