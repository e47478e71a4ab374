"""How far people agree who read the same answers, and the machine with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trustsurvey.model import Codebook
from trustsurvey.text.agreement import TENTATIVE, alphas, pairwise
from trustsurvey.voices.answers import Machine, OpenAnswers

#: Agreement is judged from so many answers on that two people read.
ENOUGH_TWICE = 20
MACHINE = "the machine"


def between_people(answers: Sequence[OpenAnswers], codebook: Codebook) -> pd.DataFrame:
    """Krippendorff's alpha of each code over all answers that several people read; columns of ``alphas``.

    Groups are waves, "" all of them together.
    """
    coders = sorted({coder for one in answers for coder in one.readings.by_coder})
    if not coders:
        return alphas(np.zeros((1, 0, len(codebook.codes))), codebook.keys)
    parts = [
        np.stack([one.readings.labels(one.readings.by_coder.get(coder, {})) for coder in coders]) for one in answers
    ]
    return alphas(np.concatenate(parts, axis=1), codebook.keys, _waves(answers))


def with_machine(answers: Sequence[OpenAnswers], machine: Machine, codebook: Codebook) -> pd.DataFrame:
    """Kappa and percent of each code between what people decided at random and the machine; columns of ``pairwise``.

    Groups are waves, "" all of them together. The machine decides by fits without the answer itself, for the best F1
    to be expected.
    """
    people = np.concatenate([np.where(one.audit.audited[:, None], one.labels, np.nan) for one in answers])
    lines = machine.classifier.lines
    said = np.concatenate([one.predicted(machine) > lines for one in answers]).astype(float)
    return pairwise(np.stack([people, said]), ["people", MACHINE], codebook.keys, _waves(answers))


def doubtful(table: pd.DataFrame) -> frozenset[str]:
    """Codes on which people who read the same answers agree too little for a commander, from ``between_people``."""
    judged = table[(table["group"] == "") & (table["code"] != "") & (table["texts"] >= ENOUGH_TWICE)]
    return frozenset(judged.loc[judged["alpha"] < TENTATIVE, "code"])


def _waves(answers: Sequence[OpenAnswers]) -> list[str] | None:
    """The wave of each answer, where there are several."""
    waves = [one.wave.name for one in answers for _ in one.keys]
    return waves if len(set(waves)) > 1 else None
