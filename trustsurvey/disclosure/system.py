"""What an attacker can work out: numbers that are shown, how they add up, and linear programmes over the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse
from scipy.sparse import csgraph

from trustsurvey.model import Floats, Ints

#: What a linear programme may be off by.
ROUNDING = 1e-7


@dataclass(frozen=True)
class Sum:
    """The number at ``whole`` is that of all ``parts`` together, and of a ``rest`` nowhere shown."""

    whole: int
    parts: Ints
    rest: bool = False


class System:
    """One equation a sum, over the numbers (k,) and the rests, which nobody knows unless ``known``.

    ``limits`` (k, 2) in the methods are what each number is known to lie between; both are the number itself
    where it is shown.
    """

    def __init__(self, n: Ints, sums: Sequence[Sum], known: bool = False) -> None:
        rests = [at for at, s in enumerate(sums) if s.rest]
        rows = [at for at, s in enumerate(sums) for _ in range(1 + len(s.parts))] + rests
        columns = [k for s in sums for k in (s.whole, *s.parts)] + [len(n) + j for j in range(len(rests))]
        signs = [sign for s in sums for sign in (-1.0, *[1.0] * len(s.parts))] + [1.0] * len(rests)
        shape = (len(sums), len(n) + len(rests))
        self.sums = sparse.csc_array(sparse.coo_array((signs, (rows, columns)), shape=shape))
        left = [float(n[sums[at].whole] - n[sums[at].parts].sum()) for at in rests]
        self.value = np.append(n.astype(float), left)
        self._rests = np.column_stack([left, left]) if known else np.tile([0.0, np.inf], (len(left), 1))
        # Numbers that stand in the same sums can be exchanged for one another.
        stands = [tuple(zip(*self._column(k), strict=True)) for k in range(shape[1])]
        place = {signature: j for j, signature in enumerate(dict.fromkeys(stands))}
        self.kind = np.array([place[signature] for signature in stands], dtype=np.int64)
        self.alone = np.array([not signature for signature in stands], dtype=bool)

    def _column(self, k: int) -> tuple[list[int], list[float]]:
        at = slice(self.sums.indptr[k], self.sums.indptr[k + 1])
        return self.sums.indices[at].tolist(), self.sums.data[at].tolist()

    def _with_rests(self, limits: Floats) -> Floats:
        return np.vstack([limits, self._rests.reshape(-1, 2)])

    def exposed(self, limits: Floats, small: Ints, top: int) -> Ints:
        """Those of the ``small`` numbers that cannot be 0, or cannot be ``top``, for all that is known."""
        limits = self._with_rests(limits)
        doubtful = small[~self._exchanged(limits, small, top)]
        if not len(doubtful):
            return doubtful
        part = self._parts(limits)
        narrow = [k for value in (0, top) for k in self._unreached(limits, part, doubtful, value)]
        return np.unique(np.array(narrow, dtype=np.int64))

    def narrowed(self, limits: Floats, k: int, top: int) -> list[int]:
        """Which of 0 and ``top`` the number cannot be."""
        limits = self._with_rests(limits)
        part = self._parts(limits)
        return [value for value in (0, top) if self._unreached(limits, part, np.array([k]), value)]

    def _unreached(self, limits: Floats, part: Ints, doubtful: Ints, value: int) -> list[int]:
        """Those that are ``value`` (or more, if it is not 0) in no solution."""
        left, found, together = doubtful, [], True
        while len(left):
            # One solution in which many come near often settles many; one alone is asked for where it does not.
            near = left if together and len(left) > 2 else left[:1]
            solution = self._towards(limits, np.isin(part, part[near]), near, value)
            reached = solution[left] <= ROUNDING if value == 0 else solution[left] >= value - ROUNDING
            if len(near) == 1 and not reached[0]:
                found.append(int(left[0]))
                reached[0] = True
            together = together and bool(reached.any())
            left = left[~reached]
        return found

    def _exchanged(self, limits: Floats, small: Ints, top: int) -> np.ndarray:
        """Whether numbers that stand in the same sums give room enough, being exchanged for one another."""
        up, down = limits[:, 1] - self.value, self.value - limits[:, 0]
        size = int(self.kind.max(initial=-1)) + 1
        kind, value = self.kind[small], self.value[small]
        with np.errstate(invalid="ignore"):
            others_up = np.bincount(self.kind, np.minimum(up, 1e9), size)[kind] - np.minimum(up[small], 1e9)
            others_down = np.bincount(self.kind, down, size)[kind] - down[small]
        room = (value <= others_up) & (top - value <= others_down)
        return (room | self.alone[small]) & (limits[small, 0] <= 0) & (limits[small, 1] >= top)

    def _towards(self, limits: Floats, inside: np.ndarray, which: Ints, value: int) -> Floats:
        """A solution in which some numbers come as near to ``value`` as may be; only those ``inside`` move."""
        cost, limits = np.zeros(len(self.value)), limits.copy()
        cost[which] = -1.0 if value else 1.0
        if value:  # more than that of one must not stand for too little of another
            limits[which, 1] = np.minimum(limits[which, 1], np.maximum(value, self.value[which]))
        free = inside & (limits[:, 0] < limits[:, 1])
        given, left = np.where(free, 0.0, self.value), self.sums[:, free].tocsr()
        used = np.diff(left.indptr) > 0
        right = -(self.sums @ given)
        found = optimize.linprog(cost[free], A_eq=left[used], b_eq=right[used], bounds=limits[free], method="highs")
        given[free] = found.x if found.status == 0 else self.value[free]
        return given

    def _parts(self, limits: Floats) -> Ints:
        """The part of the system that each number hangs together with, through those not shown."""
        free = np.flatnonzero(limits[:, 0] < limits[:, 1])
        touch = abs(self.sums[:, free])
        _, part = csgraph.connected_components(touch.T @ touch, directed=False)
        found = -np.arange(1, len(self.value) + 1)
        found[free] = part
        return found

    def cheapest(self, limits: Floats, loose: Floats, cost: Floats, k: int, value: int) -> Ints | None:
        """The numbers that have to move beyond ``limits`` (within ``loose``) for k to be ``value``, at least cost.

        ``cost`` (k,) is that of moving a number by one. None where even ``loose`` does not allow it.
        """
        limits, loose = self._with_rests(limits), self._with_rests(loose)
        width = len(self.value)
        cost = np.append(cost, np.zeros(width - len(cost)))
        limits[k] = value, (value if value == 0 else max(limits[k, 1], value))
        # Within the limits, up beyond them and down beyond them are three variables a number.
        up = np.where(np.isinf(limits[:, 1]), 0.0, loose[:, 1] - np.where(np.isinf(limits[:, 1]), 0.0, limits[:, 1]))
        down = limits[:, 0] - loose[:, 0]
        up[k] = down[k] = 0.0
        most = np.concatenate([limits[:, 1], np.maximum(up, 0.0), np.maximum(down, 0.0)])
        least = np.append(limits[:, 0], np.zeros(2 * width))
        used = np.flatnonzero((most > 0) | (least > 0))
        found = optimize.linprog(
            np.concatenate([np.zeros(width), cost, cost])[used],
            A_eq=sparse.hstack([self.sums, self.sums, -self.sums], format="csc")[:, used],
            b_eq=np.zeros(self.sums.shape[0]),
            bounds=np.column_stack([least, most])[used],
            method="highs",
        )
        if found.status != 0:
            return None
        return np.unique(used[(found.x > ROUNDING) & (used >= width)] % width)
