"""Which numbers of people to hide so that the small ones cannot be worked out from sums.

The attacker knows every number that is shown, how they add up, limits that follow from other tables, and what the
rules say of a hidden number: an estimate shown without its number has ``answers`` behind it at least, and one
withheld for having too few has fewer. A small number is safe when it can still be 0 and can still be ``people``, so
that those hidden together are that many at least. How many belong to no level of a grouping is taken to be known too,
for a later correction may give them one; only where no part could cover it then does their number keep it open.

For one small number after the other a linear programme finds what is cheapest to hide (Kelly, Golden & Assad 1992;
dear is what is large); what later turns out to be needless is given back, and
the result is audited by linear programmes (HiGHS). Fischetti & Salazar (2001) give the optimum, at a price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trustsurvey.disclosure.system import Sum, System
from trustsurvey.model import Floats, Ints

#: Of more numbers than this that were hidden for others' sake none is given back: it would take too long.
MANY = 20


@dataclass(frozen=True, eq=False)
class Hidden:
    """Masks (k,): ``hidden`` numbers, and of those the ones beside which an estimate may stand (``guard``)."""

    hidden: np.ndarray
    guard: np.ndarray

    def moved(self, numbers: Ints, loud: np.ndarray) -> Hidden:
        """With these numbers hidden, or without the estimates beside those that are; ``loud`` may keep theirs."""
        hidden, guard = self.hidden.copy(), self.guard.copy()
        guard[numbers] = loud[numbers]
        hidden[numbers] = True
        return Hidden(hidden, guard)


def hide(
    n: Ints,
    sums: Sequence[Sum],
    people: int,
    answers: int,
    *,
    also: np.ndarray | None = None,
    few: np.ndarray | None = None,
    least: Floats | None = None,
    most: Floats | None = None,
    told: np.ndarray | None = None,
    mute: np.ndarray | None = None,
) -> Hidden:
    """Hide all numbers (k,) below ``people``, and others for the sake of the small ones.

    ``also``: numbers that are hidden in any case; ``few``: numbers to be treated as small ones; ``least``, ``most``:
    what each is known to lie between (one that is known to be none needs no cover); ``told``: numbers that stand
    elsewhere, too late to hide; ``mute``: numbers beside which no estimate is to stand if they are hidden.
    """
    none = np.zeros(len(n), dtype=bool)
    also, few, told, mute = (none if mask is None else mask for mask in (also, few, told, mute))
    least = np.zeros(len(n)) if least is None else least
    most = np.full(len(n), np.inf) if most is None else most
    tiny = ((n < people) | few) & ~told
    start = (tiny | also) & ~told
    loud = (n >= answers) & ~mute
    small = np.flatnonzero(tiny & (most > 0))
    if not len(small) or not sums:
        return Hidden(start, start & loud)
    worth, capped = _worth(n, sums, answers), np.minimum(most, np.where(n < answers, answers - 1.0, np.inf))

    def limits(choice: Hidden, high: Floats = capped) -> Floats:
        low = np.maximum(least, np.where(choice.guard, answers, 0))
        return np.where(choice.hidden[:, None], np.column_stack([low, high]), n[:, None])

    def cover(system: System, now: Hidden, small: Ints, ways: Sequence[Floats]) -> tuple[Hidden, Ints, bool]:
        """More is hidden, the first way that does; which cannot be kept open; whether the last way was needed."""
        left, last = [], False
        for k in system.exposed(limits(now), small, people):
            for value in system.narrowed(limits(now), k, people):
                cost = np.where(now.guard, n, np.where(now.hidden, 0.0, worth))
                for way, loose in enumerate(ways):
                    moved = system.cheapest(limits(now), loose, cost, k, value)
                    if moved is not None:
                        now = now.moved(moved, loud if way == 0 else none)
                        last |= way == 2
                        break
                else:
                    left.append(k)
        return now, np.unique(np.array(left, dtype=np.int64)), last

    # Numbers are hidden first, then estimates withheld; last, it has to do that the small one does not follow.
    strict, parts = System(n, sums, known=True), ~told
    parts[_tops(sums)] = False
    ways = [limits(Hidden(parts, loud)), limits(Hidden(parts, none))]
    now, left, last = cover(strict, Hidden(start, start & loud), small, ways)
    checks = [(strict, np.setdiff1d(small, left))]
    if len(left):
        loose = System(n, sums)
        ways = [limits(Hidden(~told, loud)), limits(Hidden(~told, none)), limits(Hidden(~told, none), most)]
        now, lost, last = cover(loose, now, left, ways)
        checks.append((loose, left))
        if last or len(lost):
            # Beside no hidden number stands an estimate, so that there being none tells nothing.
            return Hidden(now.hidden, none)

    def safe(choice: Hidden) -> bool:
        return not any(len(system.exposed(limits(choice), of, people)) for system, of in checks)

    return _given_back(now, start, safe)


def _tops(sums: Sequence[Sum]) -> Ints:
    """The numbers that are part of no other: of everyone, as a rule."""
    return np.setdiff1d([s.whole for s in sums], np.concatenate([s.parts for s in sums])).astype(np.int64)


def _worth(n: Ints, sums: Sequence[Sum], answers: int) -> Floats:
    """What a number is worth: least one too small for an estimate, most that of all together.

    Sizes are told apart by doublings alone, and the first of equals goes: which of several neighbours is hidden
    would else tell that it is the smallest.
    """
    size = 2.0 ** np.floor(np.log2(np.maximum(n, answers) / answers))
    size[n < answers] = 0.25
    size[_tops(sums)] *= 1000
    return size * (1 + 1e-3 * np.arange(len(n)) / len(n))


def _given_back(choice: Hidden, start: np.ndarray, safe: Callable[[Hidden], bool]) -> Hidden:
    """The choice without what others, hidden later, have made needless; the last first."""
    extra = np.flatnonzero(choice.hidden & ~start)
    if len(extra) > MANY:
        return choice
    for k in extra[::-1]:
        less = Hidden(choice.hidden.copy(), choice.guard.copy())
        less.hidden[k] = less.guard[k] = False
        if safe(less):
            choice = less
    return choice
