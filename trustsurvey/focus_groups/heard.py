"""What was heard in one or several groups: the turns, and the themes that each of them mentions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats, Ints, SpeakerRole
from trustsurvey.text.language import WORD
from trustsurvey.text.words import PLACEHOLDER

COLUMNS = ("group", "speaker", "role", "key", "text", "start", "end")
ROLES: tuple[SpeakerRole, ...] = get_args(SpeakerRole)


@dataclass(frozen=True, eq=False)
class Heard:
    """The turns of some groups, in the order spoken within each; groups in the order in which they were held.

    Parameters
    ----------
    turns : one row a turn: group, speaker (a pseudonym, "" where nobody knows), role (:data:`ROLES`), key (unique),
        text (redacted), start, end (seconds, NaN where there are no times).
    codes : keys of the themes (k,). Of a theme and one above it, give one: each counts by itself.
    mentions : (n, k) whether a turn mentions a theme.
    present : who was there: group, speaker, role; other columns are left aside, and so are groups without a turn.
        People who have a turn need not be listed.

    A person is a pseudonym within a group: whoever came to two groups counts in both. Refused with a
    :class:`SurveyError`: columns that are missing, a key twice, a role that is none, a speaker with two roles.
    """

    turns: pd.DataFrame
    codes: tuple[str, ...] = ()
    mentions: np.ndarray | None = None
    present: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        turns = _with(self.turns, COLUMNS, "turns").reset_index(drop=True)
        mentions = np.zeros((len(turns), 0)) if self.mentions is None else np.asarray(self.mentions)
        _check_turns(turns)
        if mentions.shape != (len(turns), len(self.codes)) or not np.isin(mentions, (0, 1)).all():
            raise SurveyError(
                "heard.mentions", "There is not a yes or no for each turn and theme", got=str(mentions.shape),
                expected=f"({len(turns):,}, {len(self.codes)})",
            )  # fmt: skip
        if len(set(self.codes)) < len(self.codes):
            raise SurveyError("heard.codes", "A theme is listed twice", got=some(self.codes))
        object.__setattr__(self, "turns", turns)
        object.__setattr__(self, "codes", tuple(self.codes))
        object.__setattr__(self, "mentions", mentions.astype(bool))
        if self.present is not None:
            object.__setattr__(self, "present", _with(self.present, ("group", "speaker", "role"), "participants"))
        _check_people(self._listed)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups, in order."""
        return tuple(self.turns["group"].unique())

    @cached_property
    def _listed(self) -> pd.DataFrame:
        """Everybody with a pseudonym: group, speaker, role; whoever is listed without a turn after those with one."""
        parts = [self.turns]
        if self.present is not None:
            parts.append(self.present[self.present["group"].isin(self.groups)])
        listed = pd.concat([part[["group", "speaker", "role"]] for part in parts], ignore_index=True)
        return listed[listed["speaker"] != ""].drop_duplicates(ignore_index=True)

    @cached_property
    def people(self) -> pd.DataFrame:
        """Everybody with a pseudonym, group by group: group, speaker, role, turns (0 for who was there and silent)."""
        order = {group: at for at, group in enumerate(self.groups)}
        people = self._listed.sort_values("group", key=lambda groups: groups.map(order), kind="stable")
        people = people.reset_index(drop=True)
        return people.assign(turns=np.bincount(self._person(people)[self.named], minlength=len(people)))

    @cached_property
    def named(self) -> np.ndarray:
        """(n,) whether it is known who speaks."""
        return (self.turns["speaker"] != "").to_numpy()

    @cached_property
    def by_residents(self) -> np.ndarray:
        """(n,) whether a participant speaks."""
        return (self.turns["role"] == "participant").to_numpy()

    @cached_property
    def group_at(self) -> Ints:
        """(n,) the place of each turn's group in :attr:`groups`."""
        return self.turns["group"].map({group: at for at, group in enumerate(self.groups)}).to_numpy(np.int64)

    @cached_property
    def person_at(self) -> Ints:
        """(n,) the row of each turn's speaker in :attr:`people`, -1 where nobody knows who speaks."""
        return self._person(self.people)

    def _person(self, people: pd.DataFrame) -> Ints:
        at = {pair: row for row, pair in enumerate(zip(people["group"], people["speaker"], strict=True))}
        pairs = zip(self.turns["group"], self.turns["speaker"], strict=True)
        return np.array([at.get(pair, -1) for pair in pairs], dtype=np.int64)

    @cached_property
    def times(self) -> Ints:
        """(people, k) in how many turns each of :attr:`people` mentions a theme."""
        return _summed(self.person_at, self.mentions, len(self.people))

    @cached_property
    def unnamed(self) -> Ints:
        """(groups, k) turns of participants that mention a theme and of which nobody knows whose they are."""
        return _summed(np.where(self.by_residents & ~self.named, self.group_at, -1), self.mentions, len(self.groups))

    @cached_property
    def raised(self) -> np.ndarray:
        """(groups, k) whether a participant, named or not, raised a theme."""
        return _summed(np.where(self.by_residents, self.group_at, -1), self.mentions, len(self.groups)) > 0

    @cached_property
    def words(self) -> Ints:
        """(n,) words of each turn; what was taken out counts as one. Scripts without blanks count by the clause."""
        texts = (PLACEHOLDER.sub(" x ", text) for text in self.turns["text"])
        return np.array([len(WORD.findall(text)) for text in texts], dtype=np.int64)

    @cached_property
    def seconds(self) -> Floats:
        """(n,) how long each turn lasts; NaN where a time is missing or the end is before the start."""
        start, end = (self.turns[name].to_numpy(float) for name in ("start", "end"))
        with np.errstate(invalid="ignore"):
            return np.where(end >= start, end - start, np.nan)


def _summed(row: Ints, mentions: np.ndarray | None, rows: int) -> Ints:
    """(rows, k) mentions added up by row, -1 for turns that are left out."""
    assert mentions is not None  # made so when the turns were checked
    kept = np.flatnonzero(row >= 0)
    into = sparse.csr_array((np.ones(len(kept), dtype=np.int64), (row[kept], kept)), shape=(rows, len(row)))
    return np.asarray(into @ mentions.astype(np.int64))


def _with(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> pd.DataFrame:
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise SurveyError("heard.columns", f"The table of {name} lacks columns", got=some(table.columns, 8),
                          expected=some(lacking, 8))  # fmt: skip
    return table


def _check_turns(turns: pd.DataFrame) -> None:
    for column in ("group", "speaker", "role", "key", "text"):
        wrong = [value for value in turns[column] if not isinstance(value, str)]
        if wrong:
            raise SurveyError("heard.text", "A turn holds something that is no text", where=column, got=some(wrong))
    twice = turns.loc[turns["key"].duplicated(), "key"]
    if len(twice):
        raise SurveyError("heard.key", "A turn has the key of another", got=some(twice))
    _check_roles(turns)


def _check_roles(table: pd.DataFrame) -> None:
    unknown = list(dict.fromkeys(role for role in table["role"] if role not in ROLES))
    if unknown:
        raise SurveyError("heard.role", "A speaker has a role that is not known", got=some(unknown),
                          expected=some(ROLES))  # fmt: skip


def _check_people(people: pd.DataFrame) -> None:
    _check_roles(people)
    twice = people[people.duplicated(["group", "speaker"])]
    if len(twice):
        raise SurveyError(
            "heard.two-roles", "A speaker has two roles in one group", where=f"group {twice['group'].iloc[0]}",
            got=some(twice["speaker"].unique()), expected="one role a speaker",
        )  # fmt: skip
