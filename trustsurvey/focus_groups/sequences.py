"""Who speaks after whom: whether people talked with each other or with the moderator, and how they took it.

Turns in a row by one speaker are one; interpreters are passed over, since they speak for others. A turn that nobody
could be named for is nobody's answer.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping as MappingType
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np
import pandas as pd
import yaml

from trustsurvey.focus_groups.heard import Heard
from trustsurvey.language import N_
from trustsurvey.text.words import surface

#: How all moderators together, and turns without a name, are called where it is counted who follows whom.
MODERATOR, UNNAMED = "moderator", "unnamed"
#: People whose answers are marked before a theme is called agreed or disputed, and the share of answers that do it.
FEW, MOST = 3, 2 / 3
NOTE = N_(
    'Counted are words at the start of a turn, such as "exactly" or "I don\'t think so", after somebody else spoke. '
    "Only English words are known: of a conversation in another language this tells nothing. People also agree by "
    "nodding and disagree by silence: read the places before you believe the count."
)


@dataclass(frozen=True)
class Floor:
    """Turns in a row by one speaker: ``first`` and ``last`` are rows of the turns."""

    group: str
    speaker: str
    role: str
    first: int
    last: int


def floors(heard: Heard) -> list[Floor]:
    """Who had the floor, group by group. Moderators are one speaker, :data:`MODERATOR`."""
    found: list[Floor] = []
    groups, roles, speakers = (heard.turns[name].tolist() for name in ("group", "role", "speaker"))
    for row in np.argsort(heard.group_at, kind="stable").tolist():
        group, role = groups[row], roles[row]
        if role == "interpreter":
            continue
        speaker = MODERATOR if role == "moderator" else speakers[row] or UNNAMED
        known = role == "moderator" or speakers[row] != ""
        last = found[-1] if found else None
        if last and known and (last.group, last.speaker, last.role) == (group, speaker, role):
            found[-1] = Floor(group, speaker, role, last.first, row)
        else:
            found.append(Floor(group, speaker, role, row, row))
    return found


def follows(heard: Heard) -> pd.DataFrame:
    """How often one speaker took the floor after another: group, before, before_role, after, after_role, times."""
    names = ["group", "before", "before_role", "after", "after_role"]
    pairs = [(a.group, a.speaker, a.role, b.speaker, b.role) for a, b in _pairs(floors(heard))]
    table = pd.DataFrame(pairs, columns=names)
    return table.groupby(names, sort=False).size().reset_index(name="times").astype({"times": np.int64})


def who_answers_whom(heard: Heard, group: str) -> pd.DataFrame:
    """The speakers of a group before (rows) and after (columns), in the order in which they first spoke."""
    table = follows(heard)
    table = table[table["group"] == group]
    order = list(dict.fromkeys(floor.speaker for floor in floors(heard) if floor.group == group))
    counts = table.pivot_table(index="before", columns="after", values="times", aggfunc="sum")
    return counts.reindex(index=order, columns=order).fillna(0).astype(np.int64)


def exchanges(heard: Heard) -> pd.DataFrame:
    """Whether participants talked with each other.

    One row a group: group, direct (a participant straight after another one), through (another participant after a
    word of the moderator), probed (the same one after it), with_officers (an officer and a participant, one straight
    after the other), share (direct over direct and through; NaN where there is neither), longest (floors in a
    row without the moderator, nor a turn without a name, which may be the moderator's), longest_people (in it),
    longest_key (the turn that begins it).
    """
    every = floors(heard)
    rows = []
    for group in heard.groups:
        of = [floor for floor in every if floor.group == group]
        kinds = {"direct": 0, "through": 0, "probed": 0, "with_officers": 0}
        for at, (a, b) in enumerate(_pairs(of)):
            if {a.role, b.role} == {"participant", "officer"} and UNNAMED not in (a.speaker, b.speaker):
                kinds["with_officers"] += 1
            elif _resident(a) and _resident(b):
                kinds["direct"] += 1
            elif _resident(a) and b.role == "moderator" and at + 2 < len(of) and _resident(of[at + 2]):
                kinds["probed" if of[at + 2].speaker == a.speaker else "through"] += 1
        both = kinds["direct"] + kinds["through"]
        run = max(_without_moderator(of), key=len, default=[])
        people = {floor.speaker for floor in run} - {UNNAMED}
        first = heard.turns["key"].iat[run[0].first] if run else ""
        share = kinds["direct"] / both if both else np.nan
        rows.append((group, *kinds.values(), share, len(run), len(people), first))
    names = ["group", "direct", "through", "probed", "with_officers", "share"]
    return pd.DataFrame(rows, columns=[*names, "longest", "longest_people", "longest_key"])


@dataclass(frozen=True)
class Markers:
    """Phrases as words in small letters; see markers.yaml."""

    fillers: frozenset[tuple[str, ...]]
    turning: frozenset[tuple[str, ...]]
    kinds: MappingType[tuple[str, ...], str]

    @classmethod
    def of(cls, data: MappingType[str, Iterable[str]]) -> Markers:
        """From lists of phrases: fillers, turning, agree, disagree."""
        fillers, turning = (
            frozenset(tuple(surface(phrase)) for phrase in data[name]) for name in ("fillers", "turning")
        )
        kinds = {tuple(surface(phrase)): kind for kind in ("agree", "disagree") for phrase in data[kind]}
        return cls(fillers, turning, kinds)

    def read(self, text: str) -> tuple[str, str]:
        """How a turn begins: "agree", "disagree", "both" or "", and the words that show it."""
        words = surface(text[:240])[:24]
        at = 0
        while not (size := _longest(words, at, self.kinds)):
            turned = _longest(words, at, self.turning) if at else 0
            if turned:
                return "disagree", " ".join(words[: at + turned])
            step = _longest(words, at, self.fillers)
            if not step:
                return "", ""
            at += step
        kind, marker = self.kinds[tuple(words[at : at + size])], " ".join(words[at : at + size])
        if kind == "agree" and (more := _longest(words, at + size, self.turning)):
            return "both", " ".join(words[at : at + size + more])
        return kind, marker


@lru_cache(maxsize=1)
def english() -> Markers:
    """The markers that come with the package."""
    return Markers.of(yaml.safe_load(resources.files(__package__).joinpath("markers.yaml").read_text("utf-8")))


@dataclass(frozen=True, eq=False)
class Answered:
    """Marked answers, themes, and what the counts are worth.

    ``answers``: one row an answer that begins with a marker: group, key, speaker, role, to_key (the last turn
    answered), to, to_role, kind ("agree", "disagree", "both"), marker. ``themes``: code, agreed, disputed, mixed
    (answers of participants to participants whose turns mention it), people (who gave them), groups, told
    ("mostly agreed", "mostly disputed", "agreed and disputed", "too few to say").
    """

    answers: pd.DataFrame
    themes: pd.DataFrame
    note: str = NOTE


def answered(heard: Heard, markers: Markers | None = None) -> Answered:
    """Agreement and disagreement with the turn before, and the themes of the turns so answered.

    A weak agreement that turns ("yes, but") counts as disagreement, one that says so first ("I agree, but") as both
    (Pomerantz 1984). Answers after the moderator are left out: who is meant is not known.
    """
    markers = markers or english()
    turns, rows, tally = heard.turns, [], dict[str, list[tuple[str, str, str]]]()
    for a, b in _pairs(floors(heard)):
        if UNNAMED in (a.speaker, b.speaker) or not {a.role, b.role} <= {"participant", "officer"}:
            continue
        kind, marker = markers.read(turns["text"].iat[b.first])
        if not kind:
            continue
        keys = turns["key"].iat[b.first], turns["key"].iat[a.last]
        rows.append((b.group, keys[0], b.speaker, b.role, keys[1], a.speaker, a.role, kind, marker))
        if _resident(a) and _resident(b):
            span = turns.index[a.first : a.last + 1]
            mine = span[(heard.person_at[a.first : a.last + 1] == heard.person_at[a.first])]
            for j in np.flatnonzero(heard.mentions[mine].any(axis=0)):  # type: ignore[index]
                tally.setdefault(heard.codes[j], []).append((kind, b.group, b.speaker))
    names = ["group", "key", "speaker", "role", "to_key", "to", "to_role", "kind", "marker"]
    themes = [_theme(code, tally.get(code, [])) for code in heard.codes]
    columns = ["code", "agreed", "disputed", "mixed", "people", "groups", "told"]
    return Answered(pd.DataFrame(rows, columns=names), pd.DataFrame(themes, columns=columns))


def _theme(code: str, marked: list[tuple[str, str, str]]) -> tuple[object, ...]:
    kinds = [kind for kind, _, _ in marked]
    agreed, disputed, mixed = (kinds.count(kind) for kind in ("agree", "disagree", "both"))
    people = len({(group, speaker) for _, group, speaker in marked})
    if people < FEW:
        told = "too few to say"
    elif agreed >= MOST * len(kinds):
        told = "mostly agreed"
    else:
        told = "mostly disputed" if disputed >= MOST * len(kinds) else "agreed and disputed"
    return code, agreed, disputed, mixed, people, len({group for _, group, _ in marked}), told


def _pairs(of: list[Floor]) -> list[tuple[Floor, Floor]]:
    return [(a, b) for a, b in pairwise(of) if a.group == b.group]


def _resident(floor: Floor) -> bool:
    return floor.role == "participant" and floor.speaker != UNNAMED


def _without_moderator(of: list[Floor]) -> list[list[Floor]]:
    runs: list[list[Floor]] = [[]]
    for floor in of:
        if floor.role == "moderator" or floor.speaker == UNNAMED:
            runs.append([])
        else:
            runs[-1].append(floor)
    return runs


def _longest(words: list[str], at: int, phrases: Container[tuple[str, ...]]) -> int:
    """Words of the longest phrase that begins here, 0 for none."""
    return max((size for size in range(1, 8) if tuple(words[at : at + size]) in phrases and at + size <= len(words)),
               default=0)  # fmt: skip
