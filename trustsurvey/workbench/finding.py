"""What a question gives back, what it is asked of, and how it is said on the command line."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from trustsurvey import tabulate
from trustsurvey.errors import SurveyError, some
from trustsurvey.language import _
from trustsurvey.model import Wave
from trustsurvey.wording import figure, listed


@dataclass(frozen=True, eq=False)
class Finding:
    """A table, and what has to be said beside it, a sentence each."""

    table: pd.DataFrame
    told: tuple[str, ...] = ()
    more: pd.DataFrame | None = None


def p_words(p: float) -> str:
    """A p-value for a sentence.

    >>> p_words(0.03216), p_words(2e-7)
    ('p = 0.0322', 'p is below 0.0001')
    """
    return f"p = {figure(p, '.4f')}" if p >= 0.0001 else _("p is below {bound}").format(bound=figure(0.0001, ".4f"))


def on_df(*df: float) -> str:
    """Degrees of freedom for a sentence.

    >>> on_df(12.104, 12269.2)
    'on 12.1 and 12,269 df'
    """
    told = [figure(value, ",.0f" if value >= 100 else ".3g") for value in df]
    return _("on {df} df").format(df=listed(told))


def command(question: str, slug: str, wave: str, **options: object) -> str:
    """The command line that asks the same question.

    >>> command("gaps", "town", "Q1", measure="trust", by="age", adjust=("sex",))
    'trustsurvey gaps town --wave Q1 --measure trust --by age --adjust sex'
    """
    return tabulate.spoken("trustsurvey", question, slug, "--wave", wave, **options)


def grouped(wave: Wave, *names: str) -> None:
    """Refuse what is no area level and no group: no other column of people is for tables."""
    known = [*wave.areas, *wave.groups]
    if not known:
        raise SurveyError(
            "estimate.by", "The wave has no areas and no groups", where=wave.name,
            hint="Mark a column as an area or a group when the survey is imported.",
        )  # fmt: skip
    strange = [name for name in names if name not in known]
    if strange:
        raise SurveyError(
            "estimate.by", f"The wave has no group '{strange[0]}'" if strange[0] else "No group is chosen",
            where=wave.name, expected=some(known, 12),
        )  # fmt: skip


def has(wave: Wave, measure: str) -> bool:
    """Whether the wave is scored and has this measure."""
    return wave.scores is not None and measure in wave.scores


def having(wave: Wave, measure: str) -> Wave:
    """The wave, if it has this measure; SurveyError ``estimate.measure`` with those it has otherwise."""
    if not has(wave, measure):
        assert wave.scores is not None
        raise SurveyError(
            "estimate.measure", f"The wave has no measure '{measure}'", where=wave.name,
            expected=some(wave.scores.columns, 40),
        )  # fmt: skip
    return wave
