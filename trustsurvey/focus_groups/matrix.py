"""Who raised a theme, where: counted in people and groups, never in times, since one eager speaker is one person.

What moderators and interpreters say raises nothing; officers are counted apart; observers are left out. A turn
of a participant whom nobody could name raises the theme in the group, but adds nobody to the people.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.focus_groups.heard import Heard


def by_group(heard: Heard) -> pd.DataFrame:
    """Theme by group: how many people raised it, of how many who took part.

    One row a theme and group: code, group, people (participants who raised it), present (participants with a
    turn or listed), officers (who spoke of it), unnamed (turns of participants nobody could name), raised (whether
    any participant did, named or not).
    """
    residents, officers = (_people(heard, role) for role in ("participant", "officer"))
    present = np.bincount(_group_of(heard)[_is(heard, "participant")], minlength=len(heard.groups))
    g, k = residents.shape
    return pd.DataFrame(
        {
            "code": np.repeat(np.array(heard.codes, dtype=object), g),
            "group": np.tile(np.array(heard.groups, dtype=object), k),
            "people": residents.T.ravel(),
            "present": np.tile(present, k),
            "officers": officers.T.ravel(),
            "unnamed": heard.unnamed.T.ravel(),
            "raised": heard.raised.T.ravel(),
        }
    )


def by_theme(heard: Heard) -> pd.DataFrame:
    """Themes in the order of the codes: in how many groups and by how many people each was raised.

    One row a theme: code, groups (in which a participant raised it), of_groups, people, of_people, officers.
    Somebody who came to two groups counts in both.
    """
    table = by_group(heard)
    if table.empty:
        return pd.DataFrame(columns=["code", "groups", "of_groups", "people", "of_people", "officers"])
    return (
        table.groupby("code", sort=False)
        .agg(
            groups=("raised", "sum"), of_groups=("group", "size"), people=("people", "sum"),
            of_people=("present", "sum"), officers=("officers", "sum"),
        )
        .reset_index()
    )  # fmt: skip


def by_participant(heard: Heard) -> pd.DataFrame:
    """Theme by participant: one row a participant and theme, people who never spoke included.

    Columns group, speaker, code, raised (0 or 1), turns (in which the participant mentions the theme).
    """
    rows = np.flatnonzero(_is(heard, "participant"))
    people, k = heard.people.iloc[rows], len(heard.codes)
    turns = heard.times[rows].ravel()
    return pd.DataFrame(
        {
            "group": np.repeat(people["group"].to_numpy(), k),
            "speaker": np.repeat(people["speaker"].to_numpy(), k),
            "code": np.tile(np.array(heard.codes, dtype=object), len(rows)),
            "raised": (turns > 0).astype(np.int64),
            "turns": turns,
        }
    )


def _is(heard: Heard, role: str) -> np.ndarray:
    return (heard.people["role"] == role).to_numpy()


def _group_of(heard: Heard) -> np.ndarray:
    """(people,) the place of each person's group."""
    order = {group: at for at, group in enumerate(heard.groups)}
    return np.array([order[group] for group in heard.people["group"]], dtype=np.int64)


def _people(heard: Heard, role: str) -> np.ndarray:
    """(groups, k) how many people of a role mention each theme."""
    counted = np.zeros((len(heard.groups), len(heard.codes)), dtype=np.int64)
    at = _is(heard, role)
    np.add.at(counted, _group_of(heard)[at], (heard.times[at] > 0).astype(np.int64))
    return counted
