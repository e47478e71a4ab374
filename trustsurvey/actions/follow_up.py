"""What must not be forgotten: promises whose day has gone by, and themes much heard of which nothing was promised."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from trustsurvey.actions.before_after import BeforeAfter
from trustsurvey.model import Action, Codebook, Study
from trustsurvey.voices.picture import Themes

#: Themes of a question that count as much heard: the so many that are mentioned most.
MOST = 5
#: Codes of the codebook that comes with the package which ask for nothing.
ASK_NOTHING = ("praise", "nothing")


@dataclass(frozen=True)
class Unanswered:
    """A theme much heard of which nothing was promised; shares 0 to 1, past the gate. ``in_wave`` heard it."""

    code: str
    title: str
    question: str
    in_wave: str
    est: float
    lci: float
    uci: float


@dataclass(frozen=True, eq=False)
class Record:
    """What was promised and done in a study as it is told on a day.

    ``found``: before and after, by number. ``elsewhere``: what was promised for areas that the reader does not see; it
    is not told, but counts as promised. ``near``: the area that the record is of, and what it lies in, the smallest
    first; none where it is of everywhere. ``read_only``: numbers of actions that are for more than the reader sees; of
    these nothing but the promise is here.
    """

    study: Study
    codebook: Codebook
    actions: tuple[Action, ...]
    today: date
    found: MappingType[int, BeforeAfter] = field(default_factory=dict)
    unanswered: tuple[Unanswered, ...] = ()
    elsewhere: tuple[Action, ...] = ()
    near: tuple[tuple[str, str], ...] = ()
    read_only: frozenset[int] = frozenset()

    def of_place(self, level: str, area: str) -> Record:
        """The record of one area: its own actions first, then those of the area it lies in, then those of all."""
        near = ((level, area), *self.study.holding(level, area), ("", ""))
        here = replace(self, near=near, unanswered=())

        def kept(actions: Sequence[Action]) -> tuple[Action, ...]:
            return tuple(sorted((one for one in actions if one.place in here.near), key=here.distance))

        return replace(here, actions=kept(self.actions), elsewhere=kept(self.elsewhere))

    def distance(self, action: Action) -> int:
        """0 for an action of the area that the record is of, 1 for one of what that lies in, and so on."""
        return self.near.index(action.place) if self.near else 0

    def hearing(self, themes: Sequence[Themes], wave: str) -> Record:
        """The record with what is much heard in a wave, there or everywhere, of which nothing was promised."""
        by, level = self.near[0] if self.near else ("", "")
        found = unanswered(themes, wave, (*self.actions, *self.elsewhere), by, level)
        return replace(self, unanswered=tuple(found))


def unanswered(
    themes: Sequence[Themes], wave: str, actions: Sequence[Action], by: str = "", level: str = ""
) -> list[Unanswered]:
    """Of the :data:`MOST` themes mentioned most in answer to each question, those of which nothing was promised.

    Each once, with the question to which it was mentioned most; the most frequent first.
    ``themes``: of the questions of a ``wave``; for everyone, or for one ``level`` of a grouping. ``actions``: those
    that count there. A promise that was dropped is none, and one about a theme below another counts for both.
    """
    found: dict[str, Unanswered] = {}
    promised = {action.theme for action in actions if action.state != "dropped"}
    for one in themes:
        rows = one.rows(by)
        rows = rows[(rows["level"].astype(str) == level) & (rows["suppressed"] == "") & rows["measure"].isin(one.top())]
        rows = rows[~rows["measure"].isin(ASK_NOTHING)].sort_values("est", ascending=False, kind="stable")
        for row in rows.head(MOST).to_dict("records"):
            code = str(row["measure"])
            if promised.isdisjoint(one.codebook.under(code)):
                told = (float(row[name]) for name in ("est", "lci", "uci"))
                theme = Unanswered(code, one.codebook.code(code).title, one.question, wave, *told)
                if code not in found or found[code].est < theme.est:
                    found[code] = theme
    return sorted(found.values(), key=lambda theme: -theme.est)
