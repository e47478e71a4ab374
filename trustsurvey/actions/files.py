"""Actions as files: YAML, an entry an action, and CSV, a row an action; both give the same ones back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from trustsurvey.errors import SurveyError
from trustsurvey.inert import guarded, unguarded
from trustsurvey.model import Action
from trustsurvey.model.action import DAYS, TEXTS, as_entries, from_entries

#: Columns of a table of actions, in the order of the steps.
COLUMNS = (
    "heard", "theme", "level", "area", "wave", "analysis", "promised", "unit", "state", "due", "done", "reason",
    "score", "share", "question", "by", "group", "outcome",
)  # fmt: skip
assert set(COLUMNS) == {*TEXTS, *DAYS}


def actions_to_yaml(actions: Iterable[Action]) -> str:
    """The actions as YAML, the entries of each in the order of the steps."""
    whole = {"actions": [_ordered(action) for action in actions]}
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=100)


def actions_from_yaml(text: str, name: str = "actions") -> list[Action]:
    """Read actions from YAML, a list or an entry "actions" of one; SurveyError ``action.*``."""
    try:
        whole = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        raise SurveyError("action.yaml", "The actions are not valid YAML", where=where) from error
    return actions_from_list(whole.get("actions") if isinstance(whole, dict) else whole, name)


def actions_from_list(entries: Any, name: str) -> list[Action]:
    """Actions from a list of entries by name; SurveyError ``action.*`` names the one that is wrong."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SurveyError("action.list", "There is no list of actions", where=name,
                          expected="'actions:', and below it a dash before each action")  # fmt: skip
    return [_read(entry, f"{name}, action {k}") for k, entry in enumerate(entries, 1)]


def actions_to_csv(actions: Iterable[Action]) -> str:
    """The actions as CSV with the columns :data:`COLUMNS`; no text in it is a formula to a spreadsheet."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({k: guarded(str(v)) for k, v in _ordered(action).items()} for action in actions)
    return target.getvalue()


def actions_from_csv(text: str, name: str = "actions") -> list[Action]:
    """Read actions from CSV with columns of :data:`COLUMNS`, "promised" at least; SurveyError ``action.*``."""
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SurveyError("action.csv", "The actions are not valid CSV", where=name, got=str(error)) from error
    for number, row in enumerate(rows, 2):
        if None in row:
            raise SurveyError("action.csv", "A row has more cells than the heading", where=f"{name}, row {number:,}")
    if not rows or "promised" not in rows[0]:
        raise SurveyError("action.csv", "The table has no column 'promised', or no row", where=name,
                          expected=", ".join(COLUMNS))  # fmt: skip
    cells = [{k.strip(): unguarded(v) if v else v for k, v in row.items()} for row in rows]
    return [_read(row, f"{name}, row {n:,}") for n, row in enumerate(cells, 2)]


def read_actions(path: str | Path) -> list[Action]:
    """Actions from a .yaml or .csv file; SurveyError ``action.*``, ``action.absent``."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SurveyError("action.absent", "The file of actions cannot be read", where=str(path),
                          expected="a .yaml or .csv file in UTF-8") from error  # fmt: skip
    return of_text(text, path.name)


def of_text(text: str, name: str) -> list[Action]:
    """Actions from the text of a file of this name."""
    return (actions_from_csv if name.casefold().endswith(".csv") else actions_from_yaml)(text, name)


def written(actions: Sequence[Action], name: str) -> str:
    """The actions as the text of a file of this name: CSV if it ends so, else YAML."""
    return (actions_to_csv if name.casefold().endswith(".csv") else actions_to_yaml)(actions)


def _ordered(action: Action) -> dict[str, str]:
    entries = as_entries(action)
    return {name: entries[name] for name in COLUMNS if name in entries}


def _read(entry: dict[Any, Any], where: str) -> Action:
    try:
        return from_entries(entry)
    except SurveyError as error:
        raise SurveyError(error.code, error.title, where=where, got=error.got, expected=error.expected,
                          hint=error.hint) from error  # fmt: skip
