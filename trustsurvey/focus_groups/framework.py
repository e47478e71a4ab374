"""The framework matrix (Ritchie & Spencer 1994; Gale et al. 2013): people or groups by theme, their words in the cells.

Made for reading and summarising by hand, in a spreadsheet. It holds participants' words: it is for those who may
see them, and leaves the study only as such.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.heard import Heard

#: What a cell of Excel holds at most: characters, as UTF-16 counts them, and line ends.
MOST_UNITS, MOST_LINES = 32_767, 253
SUMMARY = "Summary"
READ_ME = (
    "One row a participant or group, one column a theme. A cell holds the words of the turns that mention the theme, "
    "in the order spoken, each with its place.",
    "What participants said counts; moderators, interpreters, officers and observers are left out.",
    "A line that begins with 'Summary:' was written by an analyst; so was the column of summaries.",
    f"A cell holds at most {MOST_UNITS:,} characters. What did not fit is left out in whole turns, and the cell says "
    "how many; a single turn that is longer is cut and ends with [...].",
    "Focus groups are not a sample: how many people say something here tells nothing about how many residents would.",
)


def framework(
    heard: Heard,
    titles: MappingType[str, str] | None = None,
    *,
    summaries: MappingType[tuple[str, str, str], str] | None = None,
    places: Sequence[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """The sheets "Participants", "Groups" and "How to read", ready to be written as a workbook.

    Parameters
    ----------
    titles : of the themes by key; the key where there is none.
    summaries : an analyst's words by (group, speaker, code); speaker "" for the group, code "" for all themes.
    places : (n,) where each turn stands, "line 214", say; its number in the group and its time unless given.

    Turns without a name stand in a row of their own, "not known", after the participants of their group. Text is
    text: the writer of the workbook keeps formulas inert.
    """
    told = _places(heard) if places is None else list(places)
    if len(told) != len(heard.turns):
        raise SurveyError("framework.places", "The places are not as many as the turns", got=f"{len(told):,}",
                          expected=f"{len(heard.turns):,}")  # fmt: skip
    written = [f"{' '.join(text.split())} ({place})" for text, place in zip(heard.turns["text"], told, strict=True)]
    columns = _columns(heard.codes, titles or {})
    people, groups = [], []
    for at, group in enumerate(heard.groups):
        mine = (heard.group_at == at) & heard.by_residents
        for person in _people(heard, group, mine):
            said = mine & (heard.turns["speaker"] == person).to_numpy()
            row = {"Group": group, "Participant": person or "not known"}
            people.append(row | _cells(heard, said, written, columns, (group, person), summaries or {}))
        cells = _cells(heard, mine, written, columns, (group, ""), summaries or {})
        groups.append({"Group": group} | cells)
    ends = [*columns, SUMMARY]
    return {
        "Participants": pd.DataFrame(people, columns=["Group", "Participant", *ends], dtype=object),
        "Groups": pd.DataFrame(groups, columns=["Group", *ends], dtype=object),
        "How to read": pd.DataFrame({"How to read this workbook": READ_ME}),
    }


def cell(parts: Sequence[str], summary: str = "") -> str:
    """A summary and turns as the text of one cell, a line each, within what Excel holds.

    Whole turns are kept from the first on as long as there is room for them and for a line that says how many
    are left out; a text that is too long by itself is cut.
    """
    lines = [f"Summary: {' '.join(summary.split())}"] if summary.strip() else []
    lines += parts
    kept: list[str] = []
    used = 0
    for at, line in enumerate(lines):
        left = len(lines) - at - 1
        room = MOST_UNITS - used - (_units(f"\n{_rest(left)}") if left else 0)
        if not kept and _units(line) > room:
            line = _cut(line, room)
        elif _units(line) > room or (len(kept) == MOST_LINES - 1 and left):
            return "\n".join([*kept, _rest(left + 1)])
        kept.append(line)
        used += _units(line) + 1
    return "\n".join(kept)


def _rest(left: int) -> str:
    return "... and 1 more turn" if left == 1 else f"... and {left:,} more turns"


def _cells(
    heard: Heard, said: np.ndarray, written: Sequence[str], columns: Sequence[str], whose: tuple[str, str],
    summaries: MappingType[tuple[str, str, str], str],
) -> dict[str, str]:  # fmt: skip
    cells = {
        title: cell(
            [written[row] for row in np.flatnonzero(said & heard.mentions[:, j]).tolist()],  # type: ignore[index]
            summaries.get((*whose, heard.codes[j]), ""),
        )
        for j, title in enumerate(columns)
    }
    return cells | {SUMMARY: cell([" ".join(summaries.get((*whose, ""), "").split())])}


def _people(heard: Heard, group: str, mine: np.ndarray) -> list[str]:
    people = heard.people[(heard.people["group"] == group) & (heard.people["role"] == "participant")]
    return [*people["speaker"], *([""] if (mine & ~heard.named).any() else [])]


def _columns(codes: Sequence[str], titles: MappingType[str, str]) -> list[str]:
    """Titles of themes, with the key behind it where two would be the same column."""
    named = [titles.get(code, code) for code in codes]
    taken = ["Group", "Participant", SUMMARY]
    unique = [
        title if named.count(title) == 1 and title not in taken else f"{title} ({code})"
        for title, code in zip(named, codes, strict=True)
    ]
    return unique if len(set(unique)) == len(unique) else [f"{code}: {t}" for t, code in zip(named, codes, strict=True)]


def _places(heard: Heard) -> list[str]:
    of = heard.turns.groupby("group").cumcount() + 1
    return [f"turn {n}{_clock(start)}" for n, start in zip(of, heard.turns["start"].to_numpy(float), strict=True)]


def _clock(seconds: float) -> str:
    if not np.isfinite(seconds):
        return ""
    whole = int(seconds)
    return f", {whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _units(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)


def _cut(text: str, room: int) -> str:
    end = " [...]"
    short = text.encode("utf-16-le", "surrogatepass")[: 2 * (room - len(end))].decode("utf-16-le", errors="ignore")
    return short + end
