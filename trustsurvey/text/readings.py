"""What people read in the texts, as numbers: one decision a text and code, and who differed from whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping as MappingType, Sequence
from dataclasses import dataclass

import numpy as np

from trustsurvey.model import Codebook, Coding, Floats, Stance

STANCES: tuple[Stance, ...] = ("positive", "negative", "suggestion")


@dataclass(frozen=True, eq=False)
class Readings:
    """The newest reading of each person for each text of a list, and the one that counts.

    ``keys``: the texts (n,), ``by_coder``: each coder's readings by text, ``settled``: those that settle a
    difference between two. Codes that the codebook does not hold any more are left aside. ``stale``: readings made
    before the codebook had all of its codes; they do not count until somebody looks again, for nobody looked for
    the new code.
    """

    codebook: Codebook
    keys: tuple[str, ...]
    by_coder: dict[str, dict[str, Coding]]
    settled: dict[str, Coding]
    stale: dict[str, Coding]

    @classmethod
    def of(
        cls,
        codebook: Codebook,
        keys: Sequence[str],
        codings: Iterable[Coding],
        versions: MappingType[int, frozenset[str]] | None = None,
    ) -> Readings:
        """From all stored readings, in order of time; later ones of a person replace earlier ones.

        ``versions``: the codes of each version of the codebook; readings of a version that is not among them
        were made with the present codes.
        """
        known, now = set(keys), frozenset(codebook.keys)
        by_coder: dict[str, dict[str, Coding]] = {}
        settled: dict[str, Coding] = {}
        stale: dict[str, Coding] = {}
        for coding in codings:
            if coding.answer not in known:
                continue
            if not now <= (versions or {}).get(coding.version, now):
                stale[coding.answer] = coding
                continue
            place = settled if coding.queue == "settled" else by_coder.setdefault(coding.coder, {})
            place[coding.answer] = coding
        stale = {answer: c for answer, c in stale.items() if not any(answer in of for of in by_coder.values())}
        return cls(codebook, tuple(keys), by_coder, settled, stale)

    def counts(self) -> dict[str, Coding]:
        """The reading of each text that counts: the settled one, else the one of the first who read it.

        Whoever reads a text second checks the first; only settling a difference changes what counts.
        """
        first: dict[str, Coding] = {}
        for readings in self.by_coder.values():
            for answer, coding in readings.items():
                if answer not in first or (coding.queue != "second" and first[answer].queue == "second"):
                    first[answer] = coding
        return first | self.settled

    def in_audit(self) -> frozenset[str]:
        """Texts that somebody read because the audit asked for them."""
        return frozenset(a for readings in self.by_coder.values() for a, c in readings.items() if c.queue == "audit")

    def labels(self, readings: dict[str, Coding] | None = None) -> Floats:
        """(n, k) 1 where a code, or one below it, was read in a text, 0 where not; NaN for texts nobody read.

        ``readings``: those of one coder, say; what counts where none are given.
        """
        readings = self.counts() if readings is None else readings
        below = {key: self.codebook.under(key) for key in self.codebook.keys}
        column = {key: j for j, key in enumerate(self.codebook.keys)}
        above: dict[str, list[int]] = {key: [] for key in column}
        for key, all_below in below.items():
            for child in all_below:
                above[child].append(column[key])
        labels = np.full((len(self.keys), len(column)), np.nan)
        for row, answer in enumerate(self.keys):
            if answer in readings:
                labels[row] = 0.0
                for key, _ in readings[answer].codes:
                    labels[row, above.get(key, [])] = 1.0
        return labels

    def stances(self, stance: Stance) -> Floats:
        """(n, k) 1 where a code was read with this stance, 0 where not; NaN for texts nobody read."""
        counts = {
            answer: Coding(coding.answer, coding.coder, tuple(pair for pair in coding.codes if pair[1] == stance))
            for answer, coding in self.counts().items()
        }
        return self.labels(counts)

    def disagreements(self) -> list[tuple[str, tuple[Coding, ...]]]:
        """Texts that people read differently and nobody has settled, with their readings."""
        found = []
        for answer in self.keys:
            readings = tuple(of[answer] for of in self.by_coder.values() if answer in of)
            differ = {frozenset(coding.codes) for coding in readings}
            if len(differ) > 1 and answer not in self.settled:
                found.append((answer, readings))
        return found
