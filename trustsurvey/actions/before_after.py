"""The measure that an action named, in the last survey before it was done and in the first one after.

It says what went with an action, never that it came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping as MappingType, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Literal

import pandas as pd

from trustsurvey.comparison.beside import difference_in_differences
from trustsurvey.comparison.compare import breaks, change, judged
from trustsurvey.comparison.pooling import pool, rolling_year
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.gate import protect
from trustsurvey.disclosure.sums import Nesting
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Action, Estimates, Study, Wave
from trustsurvey.voices.answers import Machine, OpenAnswers
from trustsurvey.voices.mentions import ENOUGH_READ, changed, mentions
from trustsurvey.voices.study import one_question

#: Why there is nothing to compare: not done, or without a measure; waves without dates, none before, none after it
#: was done; not asked in both; a theme of which too little was read in one of them.
Missing = Literal["open", "unnamed", "undated", "no before", "no after", "not asked", "few read"]
Row = MappingType[Hashable, Any]
#: The answers to the open questions of each wave, and the machine that learnt from them; asked for only where needed.
Heard = Callable[[], tuple[Sequence[Sequence[OpenAnswers]], Machine]]


@dataclass(frozen=True, eq=False)
class BeforeAfter:
    """What the survey found before and after an action was done.

    ``row``: of ``compare.Change`` (before, after, diff, lci, uci, detectable, verdict), None where ``missing`` says
    why; shares are 0 to 1. ``levels``: the protected estimates that it rests on, with their ranges, of the group and of
    everyone. ``beside``: the change there less that of all others (see ``comparison.beside``), None where that is not
    said. ``old``, ``new``: names of the waves (several where a year was taken together). ``during``: waves left out
    since people were asked while it was done. ``late``: the measure was written down after the fieldwork of the wave
    after had ended.
    """

    action: Action
    missing: Missing | None = None
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    row: Row | None = None
    beside: Row | None = None
    during: tuple[str, ...] = ()
    late: bool = False
    levels: pd.DataFrame | None = None


@dataclass(frozen=True)
class Around:
    """Positions of the waves before and after a day; those in the field on that day are neither."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    during: tuple[int, ...]


def around(waves: Sequence[Wave], day: date) -> Around | None:
    """Which waves ended before a day and which began after it; None where no wave says when it was in the field."""
    dated = [(k, wave.start, wave.end) for k, wave in enumerate(waves)]
    known = [(k, start, end) for k, start, end in dated if start is not None and end is not None]
    if not known:
        return None
    before = tuple(k for k, _, end in known if end < day)
    after = tuple(k for k, start, _ in known if start > day)
    return Around(before, after, tuple(k for k, *_ in known if k not in before and k not in after))


def before_after(
    action: Action, waves: Sequence[Wave], study: Study, heard: Heard | None = None, named: date | None = None
) -> BeforeAfter:
    """Compare the measure that an action names; ``waves`` are scored, in order of time.

    ``heard``: where open answers come from, for the share of a theme; ``named``: the day the measure was written down.
    """
    if action.state != "done" or action.done is None:
        return BeforeAfter(action, "open")
    if not action.measured:
        return BeforeAfter(action, "unnamed")
    when = around(waves, action.done)
    if when is None:
        return BeforeAfter(action, "undated")
    during = tuple(waves[k].name for k in when.during)
    if not when.before or not when.after:
        return BeforeAfter(action, "no after" if when.before else "no before", during=during)
    if action.score:
        found = _score(action, waves, when, nesting_of(study.levels))
    elif heard is None:
        found = BeforeAfter(action, "few read")
    else:
        found = _share(action, *heard(), waves, when, nesting_of(study.levels))
    end = waves[when.after[0]].end
    return replace(found, during=during, late=named is not None and end is not None and named > end)


# --- a score -----------------------------------------------------------------------------------------


def _score(action: Action, waves: Sequence[Wave], when: Around, nesting: Nesting) -> BeforeAfter:
    before, after = when.before[-1], when.after[0]
    found = _compared(action, waves, (before,), (after,), nesting)
    if found.row is not None and found.row["verdict"] == "withheld" and action.by in waves[after].areas:
        years = _years(action, waves, when)
        if years is not None:
            whole = _compared(action, waves, *years, nesting)
            return found if whole.row is None or whole.row["verdict"] == "withheld" else whole
    return found


def _years(action: Action, waves: Sequence[Wave], when: Around) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The rolling year that ended last before, and the first of as many waves that began after; None for none.

    They are years that the pages of results show, so that what is hidden in them is hidden here too.
    """
    old = rolling_year(waves, when.before[-1])
    years = (rolling_year(waves, k) for k in when.after)
    new = next((year for year in years if len(year) == len(old) and set(year) <= set(when.after)), ())
    if not old or not new or not all(_has(waves[k], action) for k in (*old, *new)):
        return None
    whole = all(
        not breaks(waves[one], waves[other], action.score) for year in (old, new) for one, other in pairwise(year)
    )
    return (old, new) if whole else None


def _compared(
    action: Action, waves: Sequence[Wave], before: tuple[int, ...], after: tuple[int, ...], nesting: Nesting
) -> BeforeAfter:
    nothing = BeforeAfter(action, "not asked", _names(waves, before), _names(waves, after))
    if not all(_has(waves[k], action) for k in (*before, *after)):
        return nothing
    old, new = (pool([waves[k] for k in part]) for part in (before, after))
    by = [action.by] if action.by else []
    then, now = (
        protect(estimate(wave, [action.score], by), wave, history=waves[: part[-1] + 1], nesting=nesting)
        for wave, part in ((old, before), (new, after))
    )
    rows = change(old, new, _only(then, action.by, action.group), _only(now, action.by, action.group)).table
    if rows.empty:
        return nothing
    row = rows.iloc[0].to_dict()
    beside = None
    if action.by and row["verdict"] in ("up", "down", "none") and _told(then) and _told(now):
        found = difference_in_differences(old, new, action.score, action.by, action.group)
        beside = None if found is None else found.iloc[0].to_dict()
    return replace(nothing, missing=None, row=row, beside=beside, levels=_levels(action, action.score, then, now))


def _names(waves: Sequence[Wave], at: Iterable[int]) -> tuple[str, ...]:
    return tuple(waves[k].name for k in at)


def _has(wave: Wave, action: Action) -> bool:
    return (
        wave.scores is not None and action.score in wave.scores and (not action.by or action.by in wave.people.columns)
    )


def _only(estimates: Estimates, by: str, level: str) -> Estimates:
    """The row of a level alone: what was named beforehand is one comparison."""
    table = estimates.table
    rows = table[(table["by"] == by) & (table["level"].astype(str) == level)]
    return replace(estimates, table=rows.reset_index(drop=True))


def _levels(action: Action, measure: str, *shown: Estimates) -> pd.DataFrame:
    """The estimates of the group, then and now, and those of everyone."""
    tables = [estimates.rows(measure=measure) for estimates in shown]
    wanted = dict.fromkeys([(action.by, action.group), ("", "")])
    rows = [table[(table["by"] == by) & (table["level"].astype(str) == level)]
            for by, level in wanted for table in tables]  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _told(estimates: Estimates) -> bool:
    """Whether the number of everyone is told as it is, so that the others' are no secret."""
    rows = estimates.rows(by="")
    return bool(len(rows) and (rows["suppressed"] == "").all() and rows["n"].notna().all())


# --- the share of a theme ------------------------------------------------------------------------------


def _share(
    action: Action, asked: Sequence[Sequence[OpenAnswers]], machine: Machine, waves: Sequence[Wave], when: Around,
    nesting: Nesting,
) -> BeforeAfter:  # fmt: skip
    at = when.before[-1], when.after[0]
    nothing = BeforeAfter(action, "not asked", _names(waves, at[:1]), _names(waves, at[1:]))
    shared = [one.item for one in asked[at[0]] if one.item in {other.item for other in asked[at[1]]}]
    item = action.question or next(iter(shared), "")
    if item not in shared:
        return nothing
    old, new = (one_question(asked[k], item, waves[k].name) for k in at)
    if action.share not in new.codebook or (action.by and not _grouped((old.wave, new.wave), action.by)):
        return nothing
    if min(int(one.audit.audited.sum()) for one in (old, new)) < ENOUGH_READ:
        return replace(nothing, missing="few read")
    by = [action.by] if action.by else []
    before, after = (mentions(one, machine, by, nesting=nesting) for one in (old, new))
    rows = changed(old, new, before, after, by)
    chosen = (rows["measure"] == action.share) & (rows["by"] == action.by) & (rows["level"] == action.group)
    if not chosen.any():
        return nothing
    row = rows[chosen]
    if row["verdict"].iloc[0] in ("up", "down", "none"):
        row = judged(row, "diff")  # one comparison, named beforehand
    told: dict[Hashable, Any] = row.iloc[0].to_dict()
    if old.wave.wording.get(item) != new.wave.wording.get(item):
        told |= {"verdict": "break"}
    levels = _levels(action, action.share, before.estimates, after.estimates)
    return replace(nothing, missing=None, row=told, levels=levels)


def _grouped(waves: Iterable[Wave], by: str) -> bool:
    return all(by in wave.people.columns for wave in waves)
