"""What was taken out of texts, and the same put right by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence

import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.text.redact import Redacted, Replacement, rebuilt


def replacements_of(told: str) -> tuple[Replacement, ...]:
    """What was replaced in a text, from how it is stored."""
    return tuple(Replacement(int(a), int(b), str(kind), str(label)) for a, b, kind, label in json.loads(told))


def stored(replacements: Sequence[Replacement]) -> str:
    """What was replaced, as it is stored."""
    return json.dumps([(r.start, r.end, r.kind, r.label) for r in replacements])


def taken_out(comments: pd.DataFrame) -> Counter[str]:
    """How often each kind of words was taken out of the texts of a wave."""
    return Counter(r.kind for told in comments["replaced"] for r in replacements_of(told))


def put_right(
    original: str, replacements: Sequence[Replacement], wrong: Collection[int], more: str = "", kind: str = "other"
) -> Redacted:
    """The redaction without the replacements at the positions ``wrong``, and with the words ``more`` taken out as well.

    Every place where they stand goes. SurveyError ``redact.absent`` where the text does not hold them.
    """
    kept = [one for at, one in enumerate(replacements) if at not in wrong]
    more = more.strip()
    if more:
        places, at = [], original.casefold().find(more.casefold())
        while at >= 0:
            places.append((at, at + len(more)))
            at = original.casefold().find(more.casefold(), at + len(more))
        if not places:
            raise SurveyError("redact.absent", "These words do not stand in the answer", got=f"'{more[:40]}'",
                              hint="Copy them letter for letter.")  # fmt: skip
        free = [(a, b) for a, b in places if not any(a < one.end and one.start < b for one in kept)]
        kept += [Replacement(a, b, kind, f"[{kind}]") for a, b in free]
    return rebuilt(original, sorted(kept, key=lambda one: one.start))
