"""Who spoke how much, how evenly, and who was there and not heard.

How much somebody says is no measure of what they think; a quiet group member may have said the one thing that
counts. It tells whether a group was a conversation, and whom to ask again.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.model import Floats

#: Of an even share of the participants' words, what is hardly being heard.
LITTLE = 0.25
#: Of a group's words, how many need times before its seconds are shared out.
TIMED = 0.9


def talk_shares(heard: Heard, little: float = LITTLE) -> pd.DataFrame:
    """Everybody who spoke or is listed, group by group, and what nobody could be named for as speaker "".

    ``little``: the part of an even share under which somebody was hardly heard; ``SurveyError`` outside 0 to 1.

    Returns
    -------
    group, speaker, role, turns, words, seconds (NaN without times), share (of all words of the group, the
    moderator's and interpreter's too), seconds_share (NaN where under :data:`TIMED` of the words have times), of_even
    (participants: words over an even share of what the named participants said; 1 is even), heard ("never": no
    word; "hardly"; "not known" for both where some participants' turns have no name; "" otherwise).
    """
    if not 0 <= little <= 1:
        raise SurveyError("talk.little", "The part of an even share is not between 0 and 1", got=str(little))
    turns = heard.turns.assign(words=heard.words, seconds=heard.seconds)
    turns["timed"] = turns["words"].where(turns["seconds"].notna(), 0)
    nameless = turns[~heard.named].assign(role="")
    rows = pd.concat([turns[heard.named], nameless])
    by_speaker = rows.groupby(["group", "speaker", "role"], sort=False)
    spoken = by_speaker[["words", "timed"]].sum()
    spoken["turns"], spoken["seconds"] = by_speaker.size(), by_speaker["seconds"].sum(min_count=1)
    everybody = [
        (group, *pair)
        for group in heard.groups
        for pair in [*_pairs(heard.people, group), *([("", "")] if (nameless["group"] == group).any() else [])]
    ]
    index = pd.MultiIndex.from_tuples(everybody, names=["group", "speaker", "role"])
    table = spoken[["turns", "words", "seconds", "timed"]].reindex(index).reset_index()
    counts = ["turns", "words", "timed"]
    table[counts] = table[counts].fillna(0).astype(np.int64)
    whole = table.groupby("group")[["words", "seconds", "timed"]].transform("sum")
    with np.errstate(invalid="ignore", divide="ignore"):
        table["share"] = table["words"] / whole["words"]
        enough = whole["timed"] >= TIMED * whole["words"]
        table["seconds_share"] = (table["seconds"].fillna(0) / whole["seconds"]).where(enough & (whole["seconds"] > 0))
        residents = table["role"] == "participant"
        even = table["words"].where(residents).groupby(table["group"]).transform("mean")
        table["of_even"] = (table["words"] / even).where(residents)
    unknown = table["group"].isin(turns.loc[~heard.named & heard.by_residents & (heard.words > 0), "group"])
    silent, quiet = residents & (table["words"] == 0), residents & (table["of_even"] < little)
    table["heard"] = np.select([(silent | quiet) & unknown, silent, quiet], ["not known", "never", "hardly"], "")
    return table.drop(columns="timed")


def talk_by_group(heard: Heard, little: float = LITTLE, people: pd.DataFrame | None = None) -> pd.DataFrame:
    """How evenly each group talked; ``people``: what :func:`talk_shares` gave, where that is known.

    Returns
    -------
    group, participants (named), words, seconds, the shares of all words of moderator, officers, interpreters,
    participants and unnamed, moderator_seconds (share of the time), of the participants' words largest (the
    share of who said most), gini and evenness, gini_seconds, never and hardly (how many were not heard). All
    participants who spoke or are listed count; NaN where it is not defined.
    """
    people = talk_shares(heard, little) if people is None else people
    rows = []
    for group in heard.groups:
        of = people[people["group"] == group]
        residents = of[of["role"] == "participant"]
        words = residents["words"].to_numpy(float)
        timed = bool(of["seconds_share"].notna().any())
        seconds = residents["seconds"].fillna(0).to_numpy(float)
        shares = {name: _share(of, role, "share") for name, role in _SHARES}
        rows.append(
            {
                "group": group, "participants": len(residents), "words": int(of["words"].sum()),
                "seconds": of["seconds"].sum(min_count=1), **shares,
                "moderator_seconds": _share(of, "moderator", "seconds_share") if timed else np.nan,
                "largest": words.max() / words.sum() if words.sum() else np.nan, "gini": gini(words),
                "evenness": evenness(words), "gini_seconds": gini(seconds) if timed else np.nan,
                "never": int((residents["heard"] == "never").sum()),
                "hardly": int((residents["heard"] == "hardly").sum()),
            }
        )  # fmt: skip
    columns = ["group", "participants", "words", "seconds", *(name for name, _ in _SHARES), "moderator_seconds"]
    return pd.DataFrame(rows, columns=[*columns, "largest", "gini", "evenness", "gini_seconds", "never", "hardly"])


#: Names of the shares of a group's words, and the role whose words they are.
_SHARES = (
    ("moderator", "moderator"), ("participants_share", "participant"), ("officers", "officer"),
    ("interpreters", "interpreter"), ("observers", "observer"), ("unnamed", ""),
)  # fmt: skip


def gini(amounts: Floats) -> float:
    """Inequality of amounts (n,): 0 where all are the same, 1 where one has everything.

    Gini's (1912) mean difference over twice the mean, times n / (n - 1), without which a group of six could
    not reach more than 5/6 (Deltas 2003). NaN for fewer than two amounts, or where all are 0.
    """
    x = np.sort(np.asarray(amounts, dtype=float))
    n, whole = len(x), float(x.sum())
    if n < 2 or whole <= 0:
        return np.nan
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / ((n - 1) * whole))


def evenness(amounts: Floats) -> float:
    """Evenness of amounts (n,): Shannon's entropy of their shares over ln n (Pielou 1966); 1 where all are the same.

    NaN for fewer than two amounts, or where all are 0.
    """
    x = np.asarray(amounts, dtype=float)
    if len(x) < 2 or x.sum() <= 0:
        return np.nan
    shares = x[x > 0] / x.sum()
    return float(-(shares @ np.log(shares)) / np.log(len(x)))


def _pairs(people: pd.DataFrame, group: str) -> list[tuple[str, str]]:
    of = people[people["group"] == group]
    return list(zip(of["speaker"], of["role"], strict=True))


def _share(of: pd.DataFrame, role: str, column: str) -> float:
    """What those of a role have of a group; NaN where nobody said a word."""
    values = of.loc[of["role"] == role, column]
    return float(values.sum()) if of[column].notna().any() else np.nan
