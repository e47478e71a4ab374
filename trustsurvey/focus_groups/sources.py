"""What the survey, the groups and comments say of one theme, in the form in which they are set side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from trustsurvey.focus_groups.heard import Heard
from trustsurvey.focus_groups.matrix import by_theme
from trustsurvey.focus_groups.triangulate import InGroups, InSurvey, Moved, Received
from trustsurvey.text.readings import STANCES, Readings
from trustsurvey.voices.picture import Themes

#: Of the people who took a stance, the part from which one prevails.
MOST = 0.6


def in_survey(found: Themes | None, code: str) -> InSurvey | None:
    """The share of those who answered that mention a theme, and how it moved; None where no wave was read enough."""
    if found is None:
        return None
    row = found.rows(code=code).iloc[0]
    return InSurvey(
        float(row["est"]), float(row["lci"]), float(row["uci"]), str(row["suppressed"]), _moved(found.change, code)
    )


def in_groups(heard: Heard | None, readings: Sequence[Readings], code: str) -> InGroups | None:
    """In how many groups a theme was raised, by how many people, and with which stance most of them spoke of it."""
    if heard is None:
        return None
    row = by_theme(heard).set_index("code").loc[code]
    people, of = int(row["people"]), int(row["of_people"])
    stances = _stances(heard, readings, code)
    most = max(STANCES, key=lambda stance: stances[stance])
    prevails = stances[most] >= MOST * stances.total()
    stance = (most if prevails else "mixed") if stances.total() else ""
    return InGroups(int(row["groups"]), int(row["of_groups"]), people, of, stance)


def in_comments(counted: pd.DataFrame | None, code: str) -> Received | None:
    """How many comments from elsewhere mention a theme (see ``voices.elsewhere.counts``); under ten is as good as none.

    None without comments.
    """
    if counted is None:
        return None
    number = counted.loc[counted["code"] == code, "comments"].sum(min_count=1)
    return Received(int(number) if np.isfinite(number) else 0)


def _moved(change: pd.DataFrame | None, code: str) -> Moved | None:
    if change is None:
        return None
    row = change[(change["by"] == "") & (change["measure"] == code)]
    if row.empty or not np.isfinite(float(row["diff"].iloc[0])):
        return None
    diff, low, high, p = (float(row[name].iloc[0]) for name in ("diff", "lci", "uci", "p_adj"))
    return Moved(diff, low, high, p if np.isfinite(p) else None)


def _stances(heard: Heard, readings: Sequence[Readings], code: str) -> Counter[str]:
    """How many participants spoke of a theme with each stance; somebody with several counts for each."""
    said: dict[str, set[tuple[str, str]]] = {stance: set() for stance in STANCES}
    whose = {
        key: (group, speaker)
        for key, group, speaker, role in zip(
            heard.turns["key"], heard.turns["group"], heard.turns["speaker"], heard.turns["role"], strict=True
        )
        if role == "participant"
    }
    for one in readings:
        under = set(one.codebook.under(code))
        for key, coding in one.counts().items():
            for applied, stance in coding.codes:
                if applied in under and stance and key in whose:
                    said[stance].add(whose[key])
    return Counter({stance: len(people) for stance, people in said.items()})
