"""One promise in its four steps, its history, and the estimates that before and after rest on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from trustsurvey.actions.before_after import BeforeAfter
from trustsurvey.actions.follow_up import Record
from trustsurvey.model import Action, ActionVersion
from trustsurvey.model.action import as_entries, changed
from trustsurvey.present.actions import assessment_words, measure_words, state_words, stopped
from trustsurvey.present.words import whole

_UNSAID = "Nothing was written down."
#: What the entries of an action are called.
ENTRIES = {
    "heard": "What was heard", "theme": "Theme", "level": "Kind of area", "area": "Area", "wave": "Heard in",
    "analysis": "What lies behind it", "promised": "What was promised", "unit": "Who promised it", "state": "State",
    "due": "Promised for", "done": "Done on", "reason": "Why it was dropped", "score": "Score that should change",
    "share": "Theme that should change", "question": "Question", "by": "Grouping", "group": "For whom",
    "outcome": "What came of it",
}  # fmt: skip


def steps(action: Action, record: Record) -> list[tuple[str, list[str]]]:
    """The four steps of an action, each with its title, in paragraphs; a step of which nothing was written says so."""
    book = record.codebook
    theme = book.code(action.theme).title if action.theme in book else action.theme
    about = [stopped(theme), stopped(action.area or "All areas"), f"Heard in {action.wave}." if action.wave else ""]
    measure = measure_words(action, record)
    response = [f"Promised by: {stopped(action.unit)}" if action.unit else "", state_words(action, record.today)]
    assessment = [
        stopped(action.outcome),
        f"What should change in the survey: {stopped(measure)}" if measure else "",
        " ".join(assessment_words(action, record)),
    ]
    return [
        ("What was heard", _or_nothing(action.heard, _joined(about))),
        ("What lies behind it", _or_nothing(action.analysis)),
        ("What was promised and done", [_joined(response)]),
        ("What came of it", [told for told in assessment if told] or [_UNSAID]),
    ]


def _joined(told: Sequence[str]) -> str:
    return " ".join(sentence for sentence in told if sentence)


def _or_nothing(told: str, *more: str) -> list[str]:
    return [stopped(told) or _UNSAID, *(sentence for sentence in more if sentence)]


def history_table(history: Sequence[ActionVersion]) -> pd.DataFrame:
    """Who wrote down what and when, the newest first; of the first version all that it said."""
    rows = []
    for at, version in enumerate(history):
        if at:
            differ = changed(history[at - 1].action, version.action)
            told = [f"{ENTRIES[name]}: {new or 'nothing'} (was: {old or 'nothing'})" for name, old, new in differ]
        else:
            told = [f"{ENTRIES[name]}: {value}" for name, value in as_entries(version.action).items()]
        rows.append({"When": f"{version.created_at:%Y-%m-%d %H:%M}", "Who": version.person, "What": "; ".join(told),
                     "Why": version.note})  # fmt: skip
    return pd.DataFrame(rows[::-1])


def level_rows(found: BeforeAfter) -> pd.DataFrame:
    """The estimates before and after as charts draw them, on 0 to 100, of the group and of everyone."""
    assert found.levels is not None
    rows = found.levels
    if found.action.share:
        rows = rows.assign(**{name: 100 * rows[name].astype(float) for name in ("est", "lci", "uci")})
    whom = rows["level"].astype(str).where(rows["by"] != "", "Everyone")
    return rows.assign(name=whom + ", " + rows["wave"].astype(str))


def level_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the chart of :func:`level_rows`."""
    shown = rows["suppressed"] == ""
    told = {name: [whole(v) if ok else "" for v, ok in zip(rows[name], shown, strict=True)]
            for name in ("est", "lci", "uci")}  # fmt: skip
    numbers = [v if ok else "too few answers" for v, ok in zip(told["est"], shown, strict=True)]
    return pd.DataFrame({"": rows["name"], "Number": numbers, "Likely from": told["lci"], "to": told["uci"]})
