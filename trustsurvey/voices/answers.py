"""The answers to an open question, what people read in them, and what the machine learnt from that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping as MappingType, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Codebook, Coding, Floats, Ints, Wave
from trustsurvey.text.classify import Classifier, learn
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.prevalence import ENOUGH_AUDITED, Coded
from trustsurvey.text.queues import Audit, audit, training
from trustsurvey.text.quotes import Quotable
from trustsurvey.text.readings import STANCES, Readings
from trustsurvey.text.sentence_vectors import chosen


@dataclass(frozen=True, eq=False)
class OpenAnswers:
    """The answers (m) to one open question in one wave, and what was read in them.

    ``rows`` (m,): positions of the residents in the wave; ``keys``, ``texts``: redacted.
    """

    wave: Wave
    item: str
    rows: Ints
    keys: tuple[str, ...]
    texts: tuple[str, ...]
    readings: Readings

    @classmethod
    def of(
        cls, wave: Wave, item: str, codebook: Codebook, codings: Iterable[Coding],
        versions: MappingType[int, frozenset[str]] | None = None,
    ) -> OpenAnswers:  # fmt: skip
        """From a stored wave; SurveyError ``voices.item`` for a question that is not among its open ones."""
        comments = wave.comments
        asked = list(dict.fromkeys(comments["item"])) if len(comments) else []
        if item not in asked:
            raise SurveyError("voices.item", f"Nobody answered an open question '{item}'", where=wave.name,
                              expected=some(asked, 12) or "a wave with open answers")  # fmt: skip
        refuse_unredacted(wave)
        mine = comments[comments["item"] == item]
        keys = tuple(mine["key"])
        return cls(wave, item, mine["row"].to_numpy(np.int64), keys, tuple(mine["text"]),
                   Readings.of(codebook, keys, codings, versions))  # fmt: skip

    @property
    def codebook(self) -> Codebook:
        """The codebook that the answers are read with."""
        return self.readings.codebook

    @property
    def measures(self) -> tuple[str, ...]:
        """The scores that residents of the wave have."""
        return () if self.wave.scores is None else tuple(self.wave.scores.columns)

    @cached_property
    def labels(self) -> Floats:
        """(m, k) what was read, NaN for answers that nobody read."""
        return self.readings.labels()

    @cached_property
    def audit(self) -> Audit:
        """The random part of the readings, by the largest areas of the wave."""
        counts = self.readings.counts()
        if not self.wave.areas:
            strata = np.zeros(len(self.keys), dtype=np.int64)
        else:
            strata = self.wave.people[self.wave.areas[0]].cat.codes.to_numpy(np.int64)[self.rows]
        return audit(self.keys, strata, counts.keys(), self.readings.in_audit())

    @cached_property
    def hits(self) -> Floats:
        """(m, k) 1 where a keyword of a code, or of one below it, is in an answer."""
        return np.asarray(Matcher(gathered(self.codebook)).hits(self.texts).toarray(), dtype=float)

    @cached_property
    def quotable(self) -> Quotable:
        """Which of the answers may be quoted, whatever the theme."""
        return Quotable.of(self.texts, self.codebook.language)

    def predicted(self, machine: Machine) -> Floats:
        """(m, k) what a machine says of the answers; read only, since it is kept."""
        if machine not in self._predicted:
            self._predicted[machine] = machine.predict(self.keys, self.texts)
            self._predicted[machine].setflags(write=False)
        return self._predicted[machine]

    @cached_property
    def _predicted(self) -> WeakKeyDictionary[Machine, Floats]:
        return WeakKeyDictionary()

    def to_teach(self, machine: Machine | None) -> Ints:
        """Positions of the answers to read next in order to teach the machine."""
        sure: Callable[[Ints], Floats] | None = None
        if machine is not None:
            sure = lambda at: machine.classifier.probabilities([self.texts[k] for k in at])  # noqa: E731
        return training(self.keys, self.hits, self.labels, sure)

    def coded(self, machine: Machine, stances: bool = False) -> Coded:
        """What is known of every resident of the wave; with ``stances`` also of each code's tone, as people read it.

        Tone is not the machine's to say: its columns, named "code: tone", rest on the audit alone.
        """
        m, n = len(self.keys), len(self.wave)
        truth = np.where(self.audit.audited[:, None], self.labels, np.nan)
        predicted, codes = self.predicted(machine), self.codebook.keys
        if stances:
            toned = [np.where(self.audit.audited[:, None], self.readings.stances(s), np.nan) for s in STANCES]
            truth = np.hstack([truth, *toned])
            predicted = np.hstack([predicted, np.zeros((m, len(codes) * len(STANCES)))])
            codes = (*codes, *(f"{code}: {stance}" for stance in STANCES for code in codes))
        return Coded(codes, _spread(predicted, self.rows, n), _spread(truth, self.rows, n),
                     _spread(self.audit.chance[:, None], self.rows, n, 0.0)[:, 0],
                     _spread(self.audit.strata[:, None], self.rows, n, -1)[:, 0].astype(np.int64))  # fmt: skip


@dataclass(frozen=True, eq=False)
class Machine:
    """What was learnt from all readings of a study; ``fitted``: of the answers learnt from, out of fold, by key."""

    classifier: Classifier
    fitted: dict[str, Floats]

    def predict(self, keys: Sequence[str], texts: Sequence[str]) -> Floats:
        """Calibrated probabilities (m, k) that answers mention each code, none made with the answer's own reading."""
        new = [at for at, key in enumerate(keys) if key not in self.fitted]
        made = np.zeros((len(keys), len(self.classifier.codebook.codes)))
        if new:
            made[new] = self.classifier.probabilities([texts[at] for at in new])
        for at, key in enumerate(keys):
            if key in self.fitted:
                made[at] = self.fitted[key]
        return made


def teach(codebook: Codebook, read: Sequence[OpenAnswers], progress: Callable[[float], Any] | None = None) -> Machine:
    """Learn from everything that was read, in all waves and questions given.

    Probabilities are calibrated on the answers that were read at random, once those are :data:`ENOUGH_AUDITED`;
    before that on all.
    """
    parts = [(a, np.flatnonzero(np.isfinite(a.labels).all(axis=1))) for a in read]
    keys = [a.keys[k] for a, at in parts for k in at]
    texts = [a.texts[k] for a, at in parts for k in at]
    labels = np.vstack([a.labels[at] for a, at in parts] or [np.zeros((0, len(codebook.codes)))])
    drawn = np.concatenate([a.audit.audited[at] for a, at in parts] or [np.zeros(0, dtype=bool)])
    random = drawn if drawn.sum() >= ENOUGH_AUDITED else None
    classifier = learn(gathered(codebook), texts, labels, random, encoder=chosen(), progress=progress)
    return Machine(classifier, dict(zip(keys, classifier.fitted, strict=True)))


def gathered(codebook: Codebook) -> Codebook:
    """The codebook in which each code has the keywords of those below it as well."""
    words = {key: tuple(dict.fromkeys(w for k in codebook.under(key) for w in codebook.code(k).keywords))
             for key in codebook.keys}  # fmt: skip
    return replace(codebook, codes=tuple(replace(code, keywords=words[code.key]) for code in codebook.codes))


def covered(asked: Sequence[OpenAnswers]) -> np.ndarray:
    """Mask over the answers to all questions given: where a person found a theme, or nobody read and a keyword did."""
    return np.concatenate(
        [
            np.where(np.isnan(one.labels).all(axis=1), one.hits.any(axis=1), np.nansum(one.labels, axis=1) > 0)
            for one in asked
        ]
        or [np.zeros(0, dtype=bool)]
    )


def refuse_unredacted(wave: Wave) -> None:
    """SurveyError ``voices.unredacted`` for a wave whose open answers may still hold names."""
    if len(wave.comments) and "key" not in wave.comments:
        raise SurveyError(
            "voices.unredacted", "Names were not taken out of the open answers of this wave", where=wave.name,
            hint="Import its file again; names are taken out then.",
        )  # fmt: skip


def open_questions(wave: Wave) -> dict[str, int]:
    """How many residents answered each open question of a wave, by its key."""
    if not len(wave.comments):
        return {}
    counts = pd.Series(wave.comments["item"]).value_counts(sort=False)
    return {str(item): int(count) for item, count in counts.items()}


def _spread(values: Floats | Ints, rows: Ints, n: int, fill: float = np.nan) -> Floats:
    """Values (m, k) of those who answered as (n, k) of everyone."""
    spread = np.full((n, values.shape[1]), fill, dtype=float)
    spread[rows] = values
    return spread
