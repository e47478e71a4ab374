"""What was promised after residents were heard, what was done, and what should have changed with it."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Literal, get_args

from trustsurvey.errors import SurveyError, some

State = Literal["planned", "under way", "done", "dropped"]
STATES: tuple[State, ...] = get_args(State)
#: Letters of a text, and of the name of a unit.
LONGEST, LONGEST_NAME = 2000, 200


@dataclass(frozen=True)
class Action:
    """A promise and what became of it, in the four steps of SARA (Eck & Spelman 1987).

    *Scanning*: ``heard``, what residents said; if known the ``theme`` (a key of the codebook), the ``area`` of an
    area ``level`` ("" for the whole city) and the ``wave`` it was heard in. *Analysis*: ``analysis``, what lies behind
    it. *Response*: what was ``promised``, the ``unit`` that promised it (a unit, not a person), ``state``, the
    ``reason`` it was dropped for, the day it is ``due`` and the day it was ``done``. *Assessment*: what should change,
    a ``score`` of the instrument or the ``share`` of residents who mention a theme in their answers to a ``question``
    ("" for the first open one), for everyone or for one ``group`` of a grouping ``by`` (an area level, or a group
    such as age); and ``outcome``, what came of it. ``id``: 0 for one that is not stored yet.

    SurveyError ``action.*`` where the entries contradict each other.
    """

    promised: str
    unit: str = ""
    state: State = "planned"
    heard: str = ""
    theme: str = ""
    level: str = ""
    area: str = ""
    wave: str = ""
    analysis: str = ""
    due: date | None = None
    done: date | None = None
    reason: str = ""
    score: str = ""
    share: str = ""
    question: str = ""
    by: str = ""
    group: str = ""
    outcome: str = ""
    id: int = 0

    def __post_init__(self) -> None:
        where = self.promised[:60]
        if not self.promised.strip():
            raise SurveyError("action.promise", "Nothing is promised", expected="what was promised, in a sentence")
        if self.state not in STATES:
            raise SurveyError("action.state", f"There is no state '{self.state}'", where=where, expected=some(STATES))
        for name in TEXTS:
            most = LONGEST if name in LONG else LONGEST_NAME
            if len(getattr(self, name)) > most:
                raise SurveyError(
                    "action.length", f"The entry '{name}' is too long", where=where,
                    got=f"{len(getattr(self, name)):,} letters", expected=f"at most {most:,}",
                )  # fmt: skip
        if (self.state == "done") != (self.done is not None):
            raise SurveyError(
                "action.done", "What is done has a day on which it was done, and nothing else has one", where=where,
                got=f"{self.state}, {self.done or 'no day'}", hint="Give the day, or another state.",
            )  # fmt: skip
        if (self.state == "dropped") != bool(self.reason.strip()):
            raise SurveyError(
                "action.reason", "What is dropped has a reason, and nothing else has one", where=where,
                got=f"{self.state}, {'a reason' if self.reason.strip() else 'no reason'}",
                hint="Say why it was dropped, or give another state.",
            )  # fmt: skip
        if bool(self.level) != bool(self.area) or bool(self.by) != bool(self.group):
            raise SurveyError("action.place", "An area is named with its level, a group with its grouping", where=where,
                              got=some([self.level, self.area, self.by, self.group]))  # fmt: skip
        if (self.score and self.share) or (self.question and not self.share) or (self.by and not self.measured):
            raise SurveyError(
                "action.measure", "What should change is one score, or the share of one theme", where=where,
                got=some(filter(None, [self.score, self.share, self.question, self.group])),
                expected="a score, or a share and perhaps its question; then perhaps a group",
            )  # fmt: skip

    @property
    def place(self) -> tuple[str, str]:
        """Area level and area that it is for; both empty for the whole city."""
        return self.level, self.area

    @property
    def measured(self) -> str:
        """The score, or the theme, that should change; "" where nothing was named."""
        return self.score or self.share

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in ("planned", "under way")

    def overdue(self, today: date) -> bool:
        """Whether the day it was promised for has gone by."""
        return self.open and self.due is not None and self.due < today


@dataclass(frozen=True)
class ActionVersion:
    """An action as it stood from ``created_at`` on; ``number`` counts from 1, ``note`` says why it was changed."""

    action: Action
    number: int
    person: str
    created_at: datetime
    note: str = ""


#: Entries that are words, and those of them that may be long.
TEXTS = tuple(field.name for field in fields(Action) if field.type in ("str", "State"))
LONG = ("promised", "heard", "analysis", "reason", "outcome")
#: Days among the entries.
DAYS = ("due", "done")
#: What is looked at before and after.
MEASURE = ("score", "share", "question", "by", "group")
#: What makes up the promise and what it is to be judged by: not changed without saying why.
PROMISE = ("promised", "due", *MEASURE)


def changed(old: Action, new: Action) -> list[tuple[str, str, str]]:
    """The entries in which two states of an action differ: name, before, after, as text."""
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in (*TEXTS, *DAYS))
    return [(name, str(one or ""), str(other or "")) for name, one, other in pairs if one != other]


def as_entries(action: Action) -> dict[str, str]:
    """The entries that say something, as text, in the order of the steps."""
    told = {name: value for name, value in asdict(action).items() if name != "id"}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items() if value}


def from_entries(entries: MappingType[str, Any], id: int = 0) -> Action:
    """An action from entries by name, as text; SurveyError ``action.*``."""
    strange = [str(name) for name in entries if name not in (*TEXTS, *DAYS)]
    if strange:
        raise SurveyError("action.entry", f"An action has no entry {some(strange)}", where=_of(entries),
                          expected=some((*TEXTS, *DAYS), 20))  # fmt: skip
    told = {name: str(value).strip() for name, value in entries.items() if value is not None}
    texts = {name: value for name, value in told.items() if name in TEXTS and value}
    days = {name: _day(told[name], name, entries) for name in DAYS if told.get(name)}
    return replace(Action(**({"promised": ""} | texts | days)), id=id)  # type: ignore[arg-type]


def _day(value: str, name: str, entries: MappingType[str, Any]) -> date:
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise SurveyError("action.day", f"'{name}' is no day", where=_of(entries), got=value[:40],
                          expected="a day such as 2026-04-01") from error  # fmt: skip


def _of(entries: MappingType[str, Any]) -> str:
    return str(entries.get("promised", ""))[:60]
