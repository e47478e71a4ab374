"""One theme in several sources, side by side in words, by rules that anyone can check.

The survey's share is called *few* where its whole range is at most ten of 100 (:data:`LINE`), *many* where all of
it is at least that, otherwise *open*. Of three groups or more a theme is *widely* raised where at least half of them
and three people raised it, *hardly* where at most a quarter of them did, otherwise *somewhere*; where nobody could be
named it is never *widely*. Fewer than three groups are not set beside anything. Then:

==============  ===============  ===================  =======================
survey          widely           hardly               somewhere
==============  ===============  ===================  =======================
many            agree            differ               too little
few             differ           agree                too little
open            too little       too little           too little
none, withheld  only groups      too little           only groups
==============  ===============  ===================  =======================

With too few groups it is *only survey* where there is a share, else *too little*. Whatever the table says, the sources
*differ* where the survey's share and the number of comments have moved detectably in opposite directions.

Complaints have changed where an exact test of two counts of equal periods says so (Przyborowski & Wilenski 1940,
p < .05); counts under ten are not told, nor is any change from or to them. Never is a share of residents worked out
from groups. The lines are conventions: they make a reader's first look the same every time, and do not replace reading
the quotes (Denzin 1978 on what sources can and cannot confirm for each other).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from scipy.stats import binomtest

from trustsurvey.errors import SurveyError
from trustsurvey.language import N_, _, ngettext
from trustsurvey.model import RULES, Stance
from trustsurvey.wording import capital, figure, in_words

Verdict = Literal["agree", "differ", "only survey", "only groups", "too little"]
#: The share that parts few from many; groups that are enough; people that widely takes; how sure a change must be.
LINE, ENOUGH, PEOPLE, ALPHA = 0.10, 3, 3, 0.05
SAMPLE = N_("Groups show what people say and why, never how many residents think so.")
READ = N_(
    "Groups talk about what they are asked, and answers to a survey are short: read the quotes before you choose."
)
_HOW = {
    "positive": N_("{groups}, mostly with praise"), "negative": N_("{groups}, mostly critically"),
    "suggestion": N_("{groups}, mostly with suggestions"), "mixed": N_("{groups}, in different ways"),
}  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """A change in the survey's share, 0 to 1, with its range and, where it was tested, p (adjusted, if it was)."""

    diff: float
    lci: float
    uci: float
    p: float | None = None

    @property
    def way(self) -> Literal["more", "less", ""]:
        """Whether it is mentioned more or less often, "" where no change could be detected."""
        clear = self.p < ALPHA if self.p is not None else not self.lci <= 0 <= self.uci
        return ("more" if self.diff > 0 else "less") if clear and self.diff else ""


@dataclass(frozen=True)
class InSurvey:
    """The weighted share (0 to 1) that mentions a theme; ``suppressed``: why it is withheld, "" where it is not."""

    est: float
    lci: float
    uci: float
    suppressed: str = ""
    moved: Moved | None = None

    @property
    def level(self) -> Literal["many", "few", "open", ""]:
        """How often it is mentioned, "" where nothing is shown."""
        if self.suppressed or not all(map(isfinite, (self.est, self.lci, self.uci))):
            return ""
        if not 0 <= self.lci <= self.est <= self.uci <= 1:
            raise _wrong(f"{self.lci} to {self.uci} around {self.est}", "a share with its range, 0 to 1")
        if self.uci <= LINE:
            return "few"
        return "many" if self.lci >= LINE else "open"


@dataclass(frozen=True)
class InGroups:
    """In how many ``groups`` a theme was ``raised``, by how many ``people``, and how they mostly spoke of it.

    ``stance``: that of most who have one; "mixed" where none prevails, "" where nobody said.
    """

    raised: int
    groups: int
    people: int
    of_people: int
    stance: Stance | Literal["mixed"] = ""

    def __post_init__(self) -> None:
        if not (0 <= self.raised <= self.groups and 0 <= self.people <= self.of_people):
            raise _wrong(
                f"{self.raised} of {self.groups} groups, {self.people} of {self.of_people} people", "parts of all"
            )

    @property
    def level(self) -> Literal["widely", "hardly", "somewhere", ""]:
        """How widely it was raised, "" where there are too few groups."""
        if self.groups < ENOUGH:
            return ""
        if 2 * self.raised >= self.groups and self.people >= PEOPLE:
            return "widely"
        return "hardly" if 4 * self.raised <= self.groups else "somewhere"


@dataclass(frozen=True)
class Received:
    """Comments of a kind in a period, and in one of the same length before; None where not known."""

    number: int
    before: int | None = None

    def __post_init__(self) -> None:
        if self.number < 0 or (self.before or 0) < 0:
            raise _wrong(f"{self.number} and {self.before}", "counts")

    @property
    def way(self) -> Literal["more", "less", ""]:
        """Whether there are detectably more or fewer than before; "" also where a count is under ten."""
        if self.before is None or min(self.number, self.before) < RULES.people:
            return ""
        if binomtest(self.number, self.number + self.before).pvalue >= ALPHA:
            return ""
        return "more" if self.number > self.before else "less"


@dataclass(frozen=True)
class Triangulated:
    """What the sources say of a theme together, and the sentences that say it."""

    verdict: Verdict
    sentences: tuple[str, ...]

    @property
    def words(self) -> str:
        """The sentences in a row."""
        return " ".join(self.sentences)


def triangulate(
    survey: InSurvey | None = None, groups: InGroups | None = None, received: Received | None = None
) -> Triangulated:
    """One theme's sources side by side; None for a source that the study does not have.

    ``SurveyError`` ``triangulate.numbers`` where a part is larger than its whole, or a share outside its range.
    """
    share, raised = survey.level if survey else "", groups.level if groups else ""
    verdict = _verdict(share, raised)
    said = [*_first(survey, groups, share, raised)]
    if groups and groups.groups >= ENOUGH and groups.people:
        said.append(_people(groups))
    said += _moved(survey.moved) if survey and share and survey.moved else []
    said += _received(received) if received else []
    apart = survey and survey.moved and share and received and {survey.moved.way, received.way} == {"more", "less"}
    if apart and survey and survey.moved and received:
        told = (
            _("Residents write more about it and there are fewer comments: the sources differ.")
            if survey.moved.way == "more"
            else _("Residents write less about it and there are more comments: the sources differ.")
        )
        said.append(told)
        verdict = "differ"
    if verdict == "differ" and raised:
        said.append(_(READ))
    if groups and groups.groups:
        said.append(_(SAMPLE))
    return Triangulated(verdict, tuple(said))


def _verdict(share: str, raised: str) -> Verdict:
    if not raised:
        return "only survey" if share else "too little"
    if not share:
        return "too little" if raised == "hardly" else "only groups"
    if share == "open" or raised == "somewhere":
        return "too little"
    return "agree" if (share == "many") == (raised == "widely") else "differ"


def _first(survey: InSurvey | None, groups: InGroups | None, share: str, raised: str) -> list[str]:
    """What the survey and the groups say, joined where they can be set against each other."""
    told = _share(survey, share)
    if not groups or not groups.groups:
        return [f"{told}.", _("No groups were held about it.")]
    if not raised:
        held = ngettext(
            "Only one group was held: too few to set beside other sources.",
            "Only {n} groups were held: too few to set beside other sources.",
            groups.groups,
        )
        return [f"{told}.", held.format(n=in_words(groups.groups))]
    heard = _raised(groups, raised)
    if share in ("many", "few"):
        if raised == "somewhere":
            open_ = _("{groups}: too little to call it agreement or difference.")
            return [f"{told}.", open_.format(groups=capital(heard))]
        alike = (share == "many") == (raised == "widely")
        joined = _("{survey}, and {groups}.") if alike else _("{survey}, yet {groups}.")
        return [joined.format(survey=told, groups=heard)]
    return [f"{told}.", f"{capital(heard)}."]


def _share(survey: InSurvey | None, share: str) -> str:
    if survey is None:
        return _("The survey tells nothing about it")
    if not share:
        return _("The survey has too few answers to say how many write about it")
    low, high = (int(100 * end + 0.5) for end in (survey.lci, survey.uci))
    if low < high:
        span = _("{low} to {high} of 100").format(low=low, high=high)
    else:
        span = _("about {number} of 100").format(number=low) if high else _("under 1 of 100")
    if share == "open":
        told = _("In the survey {span} residents write about it, a range too wide to call that few or many")
    elif share == "few":
        told = _("Few residents write about it in the survey ({span})")
    else:
        told = _("Many residents write about it in the survey ({span})")
    return told.format(span=span)


def _raised(groups: InGroups, raised: str) -> str:
    if not groups.raised:
        return _("none of {groups} groups raised it").format(groups=in_words(groups.groups))
    if groups.raised == groups.groups:
        which = _("all {groups} groups raised it")
    elif raised == "hardly":
        which = ngettext(
            "only {n} of {groups} groups raised it", "only {n} of {groups} groups raised it", groups.raised
        )
    else:
        which = ngettext("{n} of {groups} groups raised it", "{n} of {groups} groups raised it", groups.raised)
    told = which.format(n=in_words(groups.raised), groups=in_words(groups.groups))
    return _(_HOW[groups.stance]).format(groups=told) if groups.stance else told


def _people(groups: InGroups) -> str:
    told = ngettext(
        "{n} of the {people} people there spoke of it.", "{n} of the {people} people there spoke of it.", groups.people
    )
    return told.format(n=capital(in_words(groups.people)), people=in_words(groups.of_people))


def _moved(moved: Moved) -> list[str]:
    if not moved.way:
        return [_("No detectable change in the survey.")]
    low, high = sorted(int(100 * abs(end) + 0.5) for end in (moved.lci, moved.uci))
    span = _("likely between {low} and {high}") if moved.lci * moved.uci > 0 else _("likely at most {high}")
    told = (
        _("In the survey it is mentioned more often than before, by {by} points of a hundred, {likely}.")
        if moved.way == "more"
        else _("In the survey it is mentioned less often than before, by {by} points of a hundred, {likely}.")
    )
    return [told.format(by=int(100 * abs(moved.diff) + 0.5), likely=span.format(low=low, high=high))]


def _received(received: Received) -> list[str]:
    least = RULES.people
    n, before = figure(received.number), figure(received.before or 0)
    if received.number < least:
        return [_("Fewer than {n} comments of this kind came in.").format(n=in_words(least))]
    if received.before is None or received.before < least:
        told = _("{n} comments of this kind came in.")
    elif not received.way:
        told = _("{n} comments of this kind came in, no detectable change from {before} before.")
    elif received.way == "more":
        told = _("{n} comments of this kind came in, more than the {before} before.")
    else:
        told = _("{n} comments of this kind came in, fewer than the {before} before.")
    return [told.format(n=n, before=before)]


def _wrong(got: str, expected: str) -> SurveyError:
    return SurveyError("triangulate.numbers", "A number of a source cannot be", got=got, expected=expected)
