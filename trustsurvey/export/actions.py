"""The record of actions as a table: what was promised and done, and what the surveys found before and after."""

from __future__ import annotations

import pandas as pd

from trustsurvey.actions.files import COLUMNS
from trustsurvey.actions.follow_up import Record
from trustsurvey.language import SOURCE, speaking
from trustsurvey.model.action import as_entries
from trustsurvey.present.actions import assessment_words, in_order

#: Numbers of a comparison, and of it against everybody else.
NUMBERS = ("before", "after", "diff", "lci", "uci", "detectable")
BESIDE = ("diff", "lci", "uci", "verdict")


@speaking(SOURCE)
def actions_table(record: Record) -> pd.DataFrame:
    """One row an action, overdue ones first: its entries, then waves, numbers and verdict of before and after.

    Shares of themes are 0 to 1. Nothing stands where nothing may be told.
    """
    rows = []
    for action in in_order(record):
        entries = as_entries(action)
        found = record.found.get(action.id)
        row = {} if found is None or found.row is None else found.row
        told = row if row.get("verdict") in ("up", "down", "none") else {}
        beside = {} if found is None or found.beside is None else found.beside
        rows.append(
            {
                "number": action.id,
                "overdue": action.overdue(record.today),
                **{name: entries.get(name, "") for name in COLUMNS},
                "wave_before": "" if found is None else ", ".join(found.old),
                "wave_after": "" if found is None else ", ".join(found.new),
                **{name: told.get(name, float("nan")) for name in NUMBERS},
                "verdict": row.get("verdict", "" if found is None else found.missing),
                **{f"against_others_{name}": beside.get(name, "" if name == "verdict" else float("nan"))
                   for name in BESIDE},
                "in_words": " ".join(assessment_words(action, record)),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
