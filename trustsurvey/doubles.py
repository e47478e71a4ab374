"""Residents whose answers stand in another wave of the study already, and would count twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trustsurvey.errors import SurveyError, some
from trustsurvey.harmonise.timing import times
from trustsurvey.model import Mapping, Wave
from trustsurvey.readers.raw import Raw
from trustsurvey.store import Store, WaveRecord

#: Answers that both waves must have of a resident before the same answers tell anything.
ENOUGH_ANSWERS = 5
#: Of the residents in both waves, the share with the same answers at which nobody was asked again (no times known).
UNCHANGED = 0.75
#: Fewer doubles, or a smaller share of the smaller wave, are rows that stand twice in an export: no wave does.
FEWEST, SHARE = 5, 0.05
TIMES = ("start", "end")


@dataclass(frozen=True)
class Standing:
    """Residents of a file who stand in another wave: ``rows``, their numbers in the file."""

    wave: str
    rows: tuple[int, ...]
    whole: bool
    """Whether all of the other wave is in the file."""


def standing(store: Store, slug: str, wave: Wave, mapping: Mapping, raw: Raw) -> tuple[Standing, ...]:
    """The other waves of a study that hold residents of a wave which is about to be saved, with the same answers.

    Of the same file, whole or in part, rows tell; of other files who answered and when, where nobody's time is known
    who answered and what, and where nobody has an id when and what. People who answer again at another time (a panel)
    are none. A wave of the same name is corrected, so it is not looked at; nor is one of other days of fieldwork.
    """
    records = store.waves(slug)
    own = next((record for record in records if record.name == wave.name), None)
    if own is not None and own.digest == raw.digest:
        return ()  # read once more, as it was
    new, found = Answered.of(wave, mapping, raw), []
    for record in records:
        if record is own or record.digest == raw.digest:  # the very file: the store refuses it
            continue
        same_file = (raw.whole or raw.digest) == (record.report.whole or record.digest)
        if not same_file and _apart(record, wave):
            continue
        held = store.load_wave(slug, record.name)[0]
        if same_file:
            mask = np.isin(new.rows, held.people["source_row"].to_numpy())
        else:
            mask = new.again(_kept(store, slug, record, held))
        if mask.any():
            found.append(Standing(record.name, tuple(new.rows[mask].tolist()), int(mask.sum()) >= len(held)))
    return tuple(found)


def refuse_doubles(found: Sequence[Standing], wave: Wave, source: str) -> None:
    """Refuse to save residents a second time: SurveyError ``store.counted-twice``, which says what to do."""
    if not found:
        return
    count, of = len({row for standing in found for row in standing.rows}), len(wave)
    names = some((standing.wave for standing in found), 12)
    first = found[0].wave
    raise SurveyError(
        "store.counted-twice",
        f"All residents of this file are in {names} already, with the same answers"
        if count == of
        else f"{count:,} of the {of:,} residents of this file are in {names} already, with the same answers",
        where=source,
        expected="each resident's answers in one wave, or they would count twice",
        hint=f"Remove {names} first; or bring the answers alone that are new."
        if len(found) > 1
        else f"Save this file as '{first}', which corrects that wave; or remove {names} first; or bring the answers "
        "alone that are new.",
    )


@dataclass(frozen=True, eq=False)
class Answered:
    """A wave with what tells its rows apart; all in the order of the wave.

    ``rows``: numbers in the file. ``when``: times by role, NaT where unknown. ``named``: whether an id tells
    who answered.
    """

    wave: Wave
    rows: NDArray[np.int64]
    when: dict[str, NDArray[np.datetime64]]
    named: bool

    @classmethod
    def of(cls, wave: Wave, mapping: Mapping, raw: Raw | None) -> Answered:
        """What a wave, its mapping and the file that it was made of tell; None: the file was not kept."""
        rows = wave.people["source_row"].to_numpy(np.int64)
        when = {}
        for role in TIMES:
            read = None if raw is None else times(raw, mapping, role)
            if raw is not None and read is not None:
                when[role] = read[np.searchsorted(raw.row_numbers, rows)]
        return cls(wave, rows, when, mapping.only("id") is not None)

    def again(self, other: Answered) -> NDArray[np.bool_]:
        """Which of my rows stand in another wave; none where they are too few to be more than slips."""
        mask, sure = self._alike(other), True
        if self.named and other.named and not self._role(other):
            both, told = self._in(other, who=True) & self._telling(other), mask
            sure = told.sum() >= UNCHANGED * both.sum()
        smaller = min(len(self.rows), len(other.rows))
        enough = mask.sum() >= max(min(FEWEST, smaller), SHARE * smaller)
        return mask if sure and enough else np.zeros(len(mask), dtype=bool)

    def _alike(self, other: Answered) -> NDArray[np.bool_]:
        timed, named = bool(self._role(other)), self.named and other.named
        if named and timed:
            return self._in(other, who=True, when=True)
        if named:
            return self._in(other, who=True, what=True) & self._telling(other)
        if timed and not self._days_alone(other):
            return self._in(other, when=True, what=True) & self._telling(other)
        return np.zeros(len(self.rows), dtype=bool)

    def _role(self, other: Answered) -> str:
        """The time that both know of some residents, "" where there is none."""
        known = (role for role in TIMES if role in self.when and role in other.when)
        return next((r for r in known if not (np.isnat(self.when[r]).all() or np.isnat(other.when[r]).all())), "")

    def _days_alone(self, other: Answered) -> bool:
        """Whether one of the two knows days and no hours."""
        role = self._role(other)
        return any(_is_days(one.when[role]) for one in (self, other))

    def _telling(self, other: Answered) -> NDArray[np.bool_]:
        shared = [item for item in self.wave.items if item in other.wave.items]
        return self.wave.answers[shared].notna().sum(axis=1).to_numpy() >= ENOUGH_ANSWERS

    def _in(self, other: Answered, *, who: bool = False, when: bool = False, what: bool = False) -> NDArray[np.bool_]:
        """Which of my rows have the same person, time or answers as one of the other wave."""
        role = self._role(other) if when else ""
        unit = "D" if role and self._days_alone(other) else "s"
        shared = [item for item in self.wave.items if item in other.wave.items] if what else []
        known = [one.wave.people["respondent"].notna().to_numpy(bool) for one in (self, other)]
        if role:
            known = [mask & ~np.isnat(one.when[role]) for mask, one in zip(known, (self, other), strict=True)]
        keys = []
        for one in (self, other):
            parts = {item: one.wave.answers[item].to_numpy(float) for item in shared}
            frame = pd.DataFrame(parts, index=range(len(one.rows)))
            if who:
                frame["who"] = one.wave.people["respondent"].to_numpy(object)
            if role:
                frame["when"] = one.when[role].astype(f"datetime64[{unit}]").astype(np.int64)
            keys.append(pd.util.hash_pandas_object(frame, index=False).to_numpy())
        return known[0] & np.isin(keys[0], keys[1][known[1]])


def _is_days(when: NDArray[np.datetime64]) -> bool:
    known = when[~np.isnat(when)]
    return bool((known == known.astype("datetime64[D]")).all())


def _kept(store: Store, slug: str, record: WaveRecord, held: Wave) -> Answered:
    """A saved wave with the times of the file that was kept, if it was."""
    try:
        return Answered.of(held, record.mapping, store.kept_file(slug, record.name))
    except SurveyError:
        return Answered.of(held, record.mapping, None)


def _apart(record: WaveRecord, wave: Wave) -> bool:
    """Whether the days of fieldwork of two waves are known and have none in common."""
    if record.start is None or record.end is None or wave.start is None or wave.end is None:
        return False
    return record.end < wave.start or wave.end < record.start
