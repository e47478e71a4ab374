"""A mapping as a table that a person edits, and back. Streamlit is not needed to test it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping as MappingType, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from trustsurvey.harmonise import Choice, Guess, Problem
from trustsurvey.language import N_, _
from trustsurvey.model import AreaLevel, ColumnMap, Instrument, Mapping, Role
from trustsurvey.readers.raw import Raw

#: Roles that stand for nothing of the study. The table holds English, whatever language it is read in: what its
#: entries and columns are called is said where it is drawn.
PLAIN: dict[Role, str] = {
    "ignore": N_("Not used"),
    "private": N_("Private: dropped"),
    "id": N_("Respondent id"),
    "weight": N_("Weight"),
    "stratum": N_("Stratum"),
    "psu": N_("Sampling unit (cluster)"),
    "fpc": N_("Units in the population of the stratum"),
    "start": N_("Start time"),
    "end": N_("End time"),
    "duration": N_("Duration in seconds"),
    "mode": N_("Interview mode"),
    "status": N_("Status: test or real"),
    "device": N_("Device or internet address: dropped"),
    "group": N_("Group (named in a column of its own)"),
    "number": N_("Number, such as people in the household (named in a column of its own)"),
}
COLUMN, SAYS, EXAMPLES, IS, GROUP, MEANING, UNSURE, FLIP, WHY = (
    N_("Column"), N_("It says"), N_("Some answers"), N_("What it is"), N_("Name of the group"), N_("Its codes mean"),
    N_("Don't know if"), N_("Turned round"), N_("Why"),
)  # fmt: skip
#: The part of the table with the questions of the study.
QUESTIONS = N_("Questions")
#: Roles that stand for something of the study; a group is named in a column of its own.
TARGETED = ("item", "area", "text")
NAMED = ("group", "number")
LEAVE_OUT, DONT_KNOW, REFUSED, UNDECIDED = (
    N_("Leave it out"), N_("It means: don't know"), N_("It means: would not say"), N_("Please decide \u2026"),
)  # fmt: skip
#: An entry of the column "What it is" that the study does not have.
STRANGE = N_("{role} '{target}': not in this study")
#: Decisions that a value is no answer, and the entry of the mapping that lists it then.
NO_ANSWER = {DONT_KNOW: "dont_know", REFUSED: "refused", LEAVE_OUT: "leave_out"}


def choices(instrument: Instrument, levels: Sequence[AreaLevel]) -> dict[str, tuple[Role, str]]:
    """Every entry of the column "What it is": label to role and target."""
    options: dict[str, tuple[Role, str]] = {label: (role, "") for role, label in PLAIN.items()}
    for level in levels:
        options[f"Area: {level.title}"] = ("area", level.key)
    for item in instrument.items:
        role: Role = "text" if item.scale.is_text else "item"
        text = item.text if len(item.text) <= 60 else item.text[:59] + "\u2026"
        options[f"Question {item.id}: {text}"] = (role, item.id)
    return options


def entry_told(entry: str) -> str:
    """An entry of :func:`choices` as the reader is told it."""
    if entry in PLAIN.values():
        return _(entry)
    kind, _colon, text = entry.partition(": ")
    if kind == "Area":
        return _("Area: {title}").format(title=text)
    if kind.startswith("Question "):
        return _("Question {id}: {text}").format(id=kind.removeprefix("Question "), text=text)
    return entry


def told(problem: Problem, answer: str) -> str:
    """What may be decided, an entry of :func:`answers_to`, as the reader is told it; areas keep their names."""
    if answer == UNDECIDED or answer in NO_ANSWER:
        return _(answer)
    return next((choice.told for choice in problem.choices if choice.text == answer), answer)


def to_table(
    raw: Raw, mapping: Mapping, guesses: Iterable[Guess], instrument: Instrument, levels: Sequence[AreaLevel]
) -> pd.DataFrame:
    """One row a column of the file; private columns show no examples."""
    labels = _labels(instrument, levels)
    why = {guess.column.column: guess for guess in guesses}
    entries = {column.column: column for column in mapping.columns}
    rows = []
    for column in raw.columns:
        entry = entries.get(column.name, ColumnMap(column.name, "ignore"))
        guess = why.get(column.name)
        hidden = entry.born or entry.role in ("private", "device", "id", "text")
        rows.append(
            {
                COLUMN: column.name,
                SAYS: column.text if column.text != column.name else "",
                EXAMPLES: "" if hidden else _examples(raw, column.name),
                IS: _label(entry, labels),
                GROUP: entry.target if entry.role in NAMED else "",
                MEANING: _meaning(entry),
                UNSURE: ", ".join(_quoted(word) for word in entry.dont_know),
                FLIP: entry.flip,
                WHY: "" if guess is None else _why(guess),
            }
        )
    return pd.DataFrame(rows)


def _why(guess: Guess) -> str:
    why = _(guess.why)
    return why if guess.sure else _("{why} \u2013 please check").format(why=why)


def _labels(instrument: Instrument, levels: Sequence[AreaLevel]) -> dict[tuple[Role, str], str]:
    return {meaning: label for label, meaning in choices(instrument, levels).items()}


def _label(entry: ColumnMap, labels: MappingType[tuple[Role, str], str]) -> str:
    """The entry of the column "What it is"; what the study does not have is named, so that it can be refused."""
    known = labels.get((entry.role, entry.target if entry.role in TARGETED else ""))
    return known or STRANGE.format(role=entry.role, target=entry.target)


def _examples(raw: Raw, name: str) -> str:
    values = raw.head(name)
    counts = values.counts()
    order = sorted(range(len(counts)), key=lambda k: -counts[k])
    # Rare answers may single somebody out; the common ones are enough to recognise a column.
    common = [values.distinct[k] for k in order if values.distinct[k] and counts[k] >= 10][:5]
    return ", ".join(value[:30] for value in common)


def with_edits(table: pd.DataFrame, edits: MappingType[str, MappingType[str, Any]]) -> pd.DataFrame:
    """The table with what was edited: by the name of the column, the cells changed."""
    edited = table.astype(object)  # a cell that was cleared holds None, whatever its column is of
    at = {name: row for row, name in enumerate(edited[COLUMN])}
    for name, cells in edits.items():
        for heading, value in cells.items() if name in at else ():
            edited.loc[at[name], heading] = value
    return edited


def views(table: pd.DataFrame, unsure: Iterable[str]) -> dict[str, pd.DataFrame]:
    """The table by what a person looks for, the parts without a row left out; everything comes last."""
    kind = table[IS].astype(str)
    private = kind.isin([PLAIN["private"], PLAIN["device"], PLAIN["id"]])
    questions = kind.str.startswith("Question ")
    place = kind.str.startswith("Area: ") | (kind == PLAIN["group"])
    ignored = kind == PLAIN["ignore"]
    parts = {
        N_("To check"): table[COLUMN].isin(list(unsure)),
        QUESTIONS: questions,
        N_("Areas and groups"): place,
        N_("Technical"): ~(questions | place | ignored | private),
        N_("Private"): private,
        N_("Not used"): ignored,
    }
    found = {name: table[mask] for name, mask in parts.items() if mask.any()}
    return {**found, N_("Everything"): table}


def from_table(table: pd.DataFrame, mapping: Mapping, instrument: Instrument, levels: Sequence[AreaLevel]) -> Mapping:
    """The mapping that an edited table stands for; recodes of the old mapping stay with their columns.

    Entries for columns that the file lacks stay behind the others.
    """
    options, labels = choices(instrument, levels), _labels(instrument, levels)
    entries = {column.column: column for column in mapping.columns}
    columns = []
    for row in table.to_dict("records"):
        old = entries.pop(row[COLUMN], ColumnMap(row[COLUMN], "ignore"))
        label = _said(row[IS])
        role, target = options.get(label, ("ignore", ""))
        if role in NAMED:
            target = _said(row[GROUP]) or group_name(_said(row[SAYS]) or row[COLUMN])
        same = (old.role, old.target) == (role, target) or (role not in NAMED and label == _label(old, labels))
        entry = old if same else ColumnMap(row[COLUMN], role, target)
        meaning = _said(row[MEANING])
        if role == "group" and meaning != _meaning(entry):
            entry = replace(entry, values=_pairs(meaning))
        flip = _said(row[FLIP]) == "True"
        columns.append(replace(entry, dont_know=_words(_said(row[UNSURE])), flip=flip))
    return replace(mapping, columns=(*columns, *entries.values()))


def _meaning(entry: ColumnMap) -> str:
    """What the codes of a group stand for, as it is typed: '1 = 18-29, 2 = 30-44'."""
    if entry.role != "group" or entry.born or entry.options:
        return ""
    return ", ".join(_quoted(f"{code} = {label}") for code, label in entry.values)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Codes and what they stand for; what has no "=" says nothing."""
    pairs = (word.partition("=") for word in _words(text))
    return tuple((code.strip(), label.strip()) for code, _equals, label in pairs if code.strip() and label.strip())


def _said(cell: Any) -> str:
    """What a cell of the table says; nothing where it was cleared."""
    return "" if cell is None or cell != cell else str(cell).strip()


def _quoted(word: str) -> str:
    """A word for a list with commas, in quotation marks where it would not come back as it is."""
    return word if _words(word) == (word,) else '"' + word.replace('"', '""') + '"'


def _words(text: str) -> tuple[str, ...]:
    """The words of a list with commas."""
    found = re.findall(r'\s*"((?:[^"]|"")*)"\s*(?:,|$)|([^,]+)', text)
    words = (quoted.replace('""', '"') if quoted else bare.strip() for quoted, bare in found)
    return tuple(word for word in words if word.strip())


def group_name(heading: str) -> str:
    """A short name for a group from its question: 'What is your sex?' gives 'what_is_your_sex'."""
    words = re.findall(r"\w+", str(heading).casefold())
    return "_".join(words[:4]) or "group"


Asked = tuple[str, str]  # the problem and its column or scale, value: one decision for all columns it stands in


def questions(problems: Sequence[Problem]) -> dict[Asked, list[Problem]]:
    """Problems by what a person is asked: the same value in questions on one scale is asked about once."""
    asked: dict[Asked, list[Problem]] = {}
    for problem in problems:
        # What is expected tells scales apart: a 4 may mean "agree" on one and nothing on another.
        place = problem.column if problem.code == "map.area" else problem.scale or problem.expected
        asked.setdefault((f"{problem.code} {place}", problem.value), []).append(problem)
    return asked


def answers_to(problem: Problem, instrument: Instrument, levels: Sequence[AreaLevel], mapping: Mapping) -> list[str]:
    """What may be decided: a problem's own choices, or, of a value, leave out, don't know, a code or an area."""
    if problem.choices:
        return [UNDECIDED, *(choice.text for choice in problem.choices)]
    column = next(column for column in mapping.columns if column.column == problem.column)
    if problem.code == "map.area":
        level = next(level for level in levels if level.key == column.target)
        first = [problem.suggestion] if problem.suggestion else []
        return [UNDECIDED, *first, LEAVE_OUT, *(name for name in level.names if name not in first)]
    scale = instrument.item(column.target).scale
    others = (instrument.item(column.target).scale for column in mapping.having("item"))
    spans = {other.anchors for other in others if (other.low, other.high) == (scale.low, scale.high)}
    # A number outside may stand in questions whose scales have the same numbers and other words.
    words = dict(scale.anchors) if len(spans) == 1 or problem.code != "map.outside" else {}
    codes = [scale.low + k for k in range(int(scale.high - scale.low) + 1)]
    return [UNDECIDED, DONT_KNOW, REFUSED, LEAVE_OUT, *(f"{code:g} {words.get(code, '')}".strip() for code in codes)]


def suggestion_of(problem: Problem) -> str:
    """What a problem proposes, as the entry of :func:`answers_to`; empty where it proposes nothing."""
    if problem.choices or problem.code == "map.area" or not problem.suggestion:
        return problem.suggestion
    return next((said for said, entry in NO_ANSWER.items() if entry == problem.suggestion), "")


def decide(mapping: Mapping, asked: MappingType[Asked, list[Problem]], decisions: MappingType[Asked, str]) -> Mapping:
    """The mapping with what was decided about values."""
    for key, decision in decisions.items():
        for problem in asked.get(key, []):
            made = _choice(problem, decision)
            mapping = mapping if made is None else made.apply(mapping, problem.column)
    return mapping


def _choice(problem: Problem, decision: str) -> Choice | None:
    """What a decision changes in the mapping; None where it decides nothing."""
    if problem.choices or decision == UNDECIDED:
        return next((choice for choice in problem.choices if choice.text == decision), None)
    if decision in NO_ANSWER:
        return Choice(decision, ((NO_ANSWER[decision], (problem.value,)),))
    meant = decision if problem.code == "map.area" else decision.split(" ")[0]
    return Choice(decision, (("values", ((problem.value, meant),)),))
