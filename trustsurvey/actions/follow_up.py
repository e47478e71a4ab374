"""What must not be forgotten: promises whose day has gone by, and themes much heard of which nothing was promised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping as MappingType, Sequence
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
    """What was promised and done in a study as it is told on a day; ``found``: before and after, by number."""

    study: Study
    codebook: Codebook
    actions: tuple[Action, ...]
    today: date
    found: MappingType[int, BeforeAfter] = field(default_factory=dict)
    unanswered: tuple[Unanswered, ...] = ()

    def of_place(self, level: str, area: str) -> Record:
        """The record of one area: its own actions first, then those of the area it lies in, then those of all."""
        parents = {one.key: (one.parent, dict(one.areas)) for one in self.study.levels}
        places = [(level, area)]
        while places[-1][0] in parents:
            parent, within = parents[places[-1][0]]
            above = within.get(places[-1][1], "")
            if not parent or not above:
                break
            places.append((parent, above))
        near = {place: k for k, place in enumerate([*places, ("", "")])}
        kept = [action for action in self.actions if (action.level, action.area) in near]
        ordered = sorted(kept, key=lambda action: near[action.level, action.area])
        return replace(self, actions=tuple(ordered), unanswered=())


def overdue(actions: Iterable[Action], today: date) -> list[Action]:
    """What was to be done by now and is not, the longest overdue first."""
    late = [action for action in actions if action.overdue(today)]
    return sorted(late, key=lambda action: action.due or today)


def unanswered(
    themes: Sequence[Themes], wave: str, actions: Sequence[Action], by: str = "", level: str = ""
) -> list[Unanswered]:
    """Of the :data:`MOST` themes mentioned most in answer to each question, those of which nothing was promised.

    Each once, with the question to which it was mentioned most; the most frequent first.
    ``themes``: of the questions of a ``wave``; for everyone, or for one ``level`` of a grouping. A promise that was
    dropped is none, and one about a theme below another counts for both; so does one for the whole city.
    """
    found: dict[str, Unanswered] = {}
    for one in themes:
        rows = one.rows(by)
        rows = rows[(rows["level"].astype(str) == level) & (rows["suppressed"] == "") & rows["measure"].isin(one.top())]
        rows = rows[~rows["measure"].isin(ASK_NOTHING)].sort_values("est", ascending=False, kind="stable")
        for row in rows.head(MOST).to_dict("records"):
            code = str(row["measure"])
            if not any(_answers(action, code, one.codebook, by, level) for action in actions):
                told = (float(row[name]) for name in ("est", "lci", "uci"))
                theme = Unanswered(code, one.codebook.code(code).title, one.question, wave, *told)
                if code not in found or found[code].est < theme.est:
                    found[code] = theme
    return sorted(found.values(), key=lambda theme: -theme.est)


def _answers(action: Action, code: str, codebook: Codebook, by: str, level: str) -> bool:
    there = not action.area or not by or (action.level, action.area) == (by, level)
    return there and action.state != "dropped" and action.theme in codebook.under(code)
