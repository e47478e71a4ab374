"""All that is shown of an open question at one wave: themes, where, for whom, what changed; past the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.errors import SurveyError
from trustsurvey.language import _
from trustsurvey.model import Codebook, Study
from trustsurvey.voices.agreement import between_people, doubtful
from trustsurvey.voices.answers import Machine, OpenAnswers
from trustsurvey.voices.mentions import ENOUGH_READ, Shares, changed, mentions


@dataclass(frozen=True, eq=False)
class Themes:
    """What residents say to one question at a wave.

    ``shares``: for everyone, by area level and by group; ``tone``: for everyone, by stance, None where nobody said;
    ``trend``: everyone's shares in each wave of which enough was read; ``change``: since the wave ``previous``, ""
    where there is none to compare with; ``audited``: how many answers were read at random;
    ``doubtful``: codes on which people who read the same answers agree too little.
    """

    codebook: Codebook
    item: str
    question: str
    answered: int
    read: int
    audited: int
    shares: Shares
    tone: Shares | None
    trend: pd.DataFrame
    previous: str
    change: pd.DataFrame | None
    doubtful: frozenset[str]

    def rows(self, by: str = "", code: str | None = None) -> pd.DataFrame:
        """Shares of a grouping, of one code or all, with the codes' titles."""
        table = self.shares.estimates.table.assign(audited=self.shares.audited, needed=self.shares.needed)
        table = table[table["by"] == by]
        if code is not None:
            table = table[table["measure"] == code]
        return table.assign(title=[self.title(key) for key in table["measure"]])

    def title(self, code: str) -> str:
        """The title of a code, marked where people do not agree on what mentions it."""
        title = _(self.codebook.code(code).title)
        return _("{theme} (readers disagree)").format(theme=title) if code in self.doubtful else title

    def top(self) -> list[str]:
        """Codes that are under no other."""
        return [code.key for code in self.codebook.codes if not code.parent]


def themes(waves: Sequence[Sequence[OpenAnswers]], at: int, item: str, study: Study, machine: Machine) -> Themes:
    """The themes of one question at wave ``at``; ``waves`` hold the answers to the questions of each, in order of time.

    SurveyError ``voices.few-read`` where fewer answers than :data:`ENOUGH_READ` were read at random.
    """
    series = [next((one for one in wave if one.item == item), None) for wave in waves[: at + 1]]
    new = series[at]
    assert new is not None
    if int(new.audit.audited.sum()) < ENOUGH_READ:
        raise SurveyError(
            "voices.few-read", "Too few answers were read at random to say what residents mention",
            where=f"{new.wave.name}, {item}", got=f"{int(new.audit.audited.sum()):,}",
            expected=f"at least {ENOUGH_READ}", hint="Read some on the page \u201cCoding\u201d.",
        )  # fmt: skip
    nesting = nesting_of(study.levels)
    groupings = [*new.wave.areas, *new.wave.groups]
    shares = mentions(new, machine, groupings, nesting=nesting)
    tables, previous, since = [], "", None
    asked = new.wave.wording.get(item)
    before_it = [old for old in series[:at] if old is not None and old.wave.wording.get(item) == asked]
    enough = [old for old in before_it if int(old.audit.audited.sum()) >= ENOUGH_READ]
    for old in enough:
        by = [name for name in groupings if name in old.wave.people.columns] if old is enough[-1] else []
        before = mentions(old, machine, by, nesting=nesting)
        tables.append(before.estimates.rows(by=""))
        if old is enough[-1]:
            previous, since = old.wave.name, changed(old, new, before, shares, by)
    return Themes(
        codebook=new.codebook,
        item=item,
        question=new.wave.instrument.title_of(item),
        answered=len(new.keys),
        read=len(new.readings.counts()),
        audited=int(new.audit.audited.sum()),
        shares=shares.shown(),
        tone=mentions(new, machine, stances=True, how="hand").shown() if _toned(new) else None,
        trend=pd.concat([*tables, shares.estimates.rows(by="")], ignore_index=True),
        previous=previous,
        change=since,
        doubtful=doubtful(between_people([one for one in series if one is not None], new.codebook)),
    )


def _toned(answers: OpenAnswers) -> bool:
    """Whether somebody said of an answer how it speaks of a theme."""
    return any(tone for coding in answers.readings.counts().values() for _code, tone in coding.codes)
