"""How many residents mention a theme, and what changed: estimated, and past the disclosure gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from trustsurvey.comparison.compare import ALPHA
from trustsurvey.comparison.multiplicity import adjusted
from trustsurvey.disclosure.cells import withheld_cells
from trustsurvey.disclosure.gate import protect
from trustsurvey.disclosure.sums import Nesting
from trustsurvey.model import RULES, Estimates, Wave
from trustsurvey.text.change import mention_change
from trustsurvey.text.prevalence import Coded, How, Part, Prevalence, audits_needed, prevalence
from trustsurvey.voices.answers import Machine, OpenAnswers, open_questions

#: A share is told from this many audited answers on.
ENOUGH_READ = RULES.answers
TOO_FEW_READ = "too few read"
#: What the number of those who answered an open question is called, before the key of the question.
ANSWERS = "answers to "


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of those who answered, past the gate: one row a code and domain.

    ``audited``: how many answers each rests on that people read at random; ``needed``: how many it would take for
    an interval of the half-width asked for, infinite where more interviews are needed instead.
    """

    estimates: Estimates
    audited: pd.Series
    needed: pd.Series


@dataclass(frozen=True, eq=False)
class Mentions(Shares):
    """Shares with what they were made of, by answer, and linearised: large, for those alone who compare them."""

    coded: Coded
    part: Part | None = None

    def shown(self) -> Shares:
        """The shares alone."""
        return Shares(self.estimates, self.audited, self.needed)


def mentions(
    answers: OpenAnswers,
    machine: Machine,
    by: Sequence[str] = (),
    *,
    how: How = "supervised",
    stances: bool = False,
    half_width: float = 0.05,
    nesting: Nesting | None = None,
) -> Mentions:
    """The share of residents who answered that mention each code, everyone and by each grouping.

    Those who wrote an answer count; with fewer than ten of them a number is hidden, with fewer than thirty
    withheld, as for scores. So is a share with fewer than :data:`ENOUGH_READ` answers read at random.
    """
    coded = answers.coded(machine, stances)
    found = prevalence(answers.wave, coded, by, how=how)
    needed = pd.Series(audits_needed(found, half_width), name="needed")
    shown = _protected(found, answers, nesting or {})
    table = shown.table
    few = (found.audit["audited"].to_numpy() < ENOUGH_READ) & (how != "naive") & (table["suppressed"] == "").to_numpy()
    table.loc[few, "suppressed"] = TOO_FEW_READ
    table.loc[few, ["est", "se", "lci", "uci", "n_eff", "deff", "df"]] = np.nan
    hidden = table["n"].isna().to_numpy()
    audited = found.audit["audited"].astype(float).where(~hidden)
    return Mentions(replace(shown, table=table), audited, needed.where(~hidden), coded,
                    found.part if how == "supervised" else None)  # fmt: skip


def changed(
    old: OpenAnswers, new: OpenAnswers, before: Mentions, after: Mentions, by: Sequence[str] = ()
) -> pd.DataFrame:
    """What is mentioned more or less often than before; see ``text.change.mention_change``.

    For everyone together the tests of all codes are one family: with thirty themes one or two would "change" by
    chance alone. Shares and differences are 0 to 1.
    """
    rows = mention_change(old.wave, new.wave, before.coded, after.coded, before.estimates, after.estimates, by,
                          made=(_part(before, by), _part(after, by)))  # fmt: skip
    of_all = (rows["by"] == "").to_numpy() & rows["verdict"].isin(["up", "down", "none"]).to_numpy()
    p_adj = adjusted(rows.loc[of_all, "p"].to_numpy(float), "bh")
    rows.loc[of_all, "p_adj"] = p_adj
    way = np.where(rows.loc[of_all, "diff"] > 0, "up", "down")
    rows.loc[of_all, "verdict"] = np.where(p_adj <= ALPHA, way, "none")
    return rows


def _part(of: Mentions, by: Sequence[str]) -> Part | None:
    """What shares were made of, where those are by just these groupings."""
    return of.part if list(dict.fromkeys(of.estimates.table["by"])) == ["", *dict.fromkeys(by)] else None


def _protected(found: Prevalence, answers: OpenAnswers, nesting: Nesting) -> Estimates:
    """Past the gate: whoever answered counts for every code of the question."""
    return protect(found.estimates, with_answers(answers.wave), nesting=nesting, counts=ANSWERS + answers.item)


#: What :func:`with_answers` made of a wave: what the gate decides is kept with it.
_ANSWERED: WeakKeyDictionary[Wave, Wave] = WeakKeyDictionary()


def with_answers(wave: Wave) -> Wave:
    """The wave with who answered each open question among its scores, so that the gate knows whom a share counts."""
    if wave not in _ANSWERED:
        scores = pd.DataFrame(index=wave.people.index) if wave.scores is None else wave.scores
        columns = {}
        for item in open_questions(wave):
            answered = np.full(len(wave), np.nan)
            answered[wave.comments.loc[wave.comments["item"] == item, "row"].to_numpy(np.int64)] = 1.0
            columns[ANSWERS + item] = answered
        _ANSWERED[wave] = replace(wave, scores=scores.assign(**columns))
    return _ANSWERED[wave]


def withheld_answers(wave: Wave, nesting: Nesting) -> frozenset[tuple[str, str, str]]:
    """Numbers of those who answered open questions that the wave does not show, for a release to keep in mind."""
    cells = withheld_cells(with_answers(wave), nesting) if open_questions(wave) else frozenset()
    return frozenset(cell for cell in cells if ANSWERS in cell[0])
