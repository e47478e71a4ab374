"""Sentences about results, for officers and commanders; they never say more than the numbers do."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping as MappingType
from datetime import date
from typing import Any

from trustsurvey.analysis import LevelView, Picture
from trustsurvey.language import N_, _, ngettext
from trustsurvey.model import RULES, Wave
from trustsurvey.wording import bare_codes, figure, listed, month


def too_few() -> str:
    """What is said in the place of a score."""
    return _("too few answers to say; at least {n} needed").format(n=RULES.answers)


def rounded(value: float) -> int:
    """A number without decimals; halves go up, as people expect."""
    return math.floor(value + 0.5)


def whole(value: float) -> str:
    """A score without decimals: 54.5 is '55', halves going up as people expect."""
    return figure(rounded(value))


def signed(value: float) -> str:
    """A difference with its sign, rounded as :func:`whole` rounds its size; empty where there is none."""
    if not math.isfinite(value):
        return ""
    size = whole(abs(value))
    return "0" if size == "0" else f"{'+' if value > 0 else '-'}{size}"


def percent(share: float) -> str:
    """A share as a whole percentage."""
    return _("{number} %").format(number=whole(100 * share))


def count(n: float) -> str:
    """A number of people with thousands separated."""
    return figure(round(n))


def part_words(part: int, of: int) -> str:
    """A count of a whole: '5 of 8'."""
    return _("{part} of {of}").format(part=part, of=of)


def likely(est: float, lci: float, uci: float) -> str:
    """A score with its interval: '54, likely between 52 and 56'."""
    return f"{whole(est)}, {span(lci, uci)}"


def span(lci: float, uci: float) -> str:
    """The interval of a score, which ends where the scale does: 'likely between 52 and 56'."""
    return _("likely between {low} and {high}").format(low=whole(max(lci, 0.0)), high=whole(min(uci, 100.0)))


def period(start: date | None, end: date | None) -> str:
    """Dates as people say them: 'April to June 2026'; empty where they are not known."""
    if start is None or end is None:
        return ""
    dates = {"first": month(start), "last": month(end), "start": start.year, "end": end.year}
    if start.year != end.year:
        return _("{first} {start} to {last} {end}").format(**dates)
    if start.month == end.month:
        return _("{first} {end}").format(**dates)
    return _("{first} to {last} {end}").format(**dates)


def places(title: str) -> str:
    """The title of an area level within a sentence: 'Districts' becomes 'districts', 'ZIP codes' stays."""
    return " ".join(word if word.isupper() else word.lower() for word in title.split())


def worth_less(n: float, n_eff: float) -> bool:
    """Whether weighting costs so much that it is said."""
    return n_eff < 0.97 * n


def worth(n: float, n_eff: float) -> str:
    """What answers are worth after weighting: as many as there are, where next to nothing is lost or gained."""
    return count(n if abs(n_eff - n) < 0.03 * n else n_eff)


def answers_worth(n: float, n_eff: float) -> str:
    """'1,512 answers, worth 980 after weighting'; without the second part where nothing is lost."""
    if not worth_less(n, n_eff):
        return ngettext("{n} answer.", "{n} answers.", round(n)).format(n=count(n))
    return _("{n} answers, worth about {worth} after weighting.").format(n=count(n), worth=count(n_eff))


def change_words(row: MappingType[Hashable, Any], since: str) -> str:
    """What a row of ``compare.Change`` says, as a sentence about the time since a wave."""
    verdict = row["verdict"]
    if verdict == "withheld":
        return _("Too few answers to compare.")
    if verdict == "guarded":
        return _("Not compared, to protect a small group.")
    if verdict == "break":
        return _("Not comparable with {since}: some questions were not asked in the same way.").format(since=since)
    if verdict == "none":
        return _("No detectable change since {since}.").format(since=since)
    low, high = sorted((abs(row["lci"]), abs(row["uci"])))
    size, up = whole(abs(row["diff"])), verdict == "up"
    if size == "0":
        told = (
            _("Slightly higher, by less than 1 point, than in {since}, {likely}.")
            if up
            else _("Slightly lower, by less than 1 point, than in {since}, {likely}.")
        )
    elif up:
        told = ngettext(
            "Higher by {size} point than in {since}, {likely}.", "Higher by {size} points than in {since}, {likely}.",
            rounded(abs(row["diff"])),
        )  # fmt: skip
    else:
        told = ngettext(
            "Lower by {size} point than in {since}, {likely}.", "Lower by {size} points than in {since}, {likely}.",
            rounded(abs(row["diff"])),
        )  # fmt: skip
    return told.format(size=size, since=since, likely=reach(low, high))


def reach(low: float, high: float) -> str:
    """The interval of a difference by its size: 'likely between 2 and 10', 'likely by up to 3'."""
    if whole(low) == "0":
        return _("likely by up to {high}").format(high=max(whole(high), "1"))
    return _("likely between {low} and {high}").format(low=whole(low), high=whole(high))


def detectable_words(row: MappingType[Hashable, Any]) -> str:
    """What change the survey would have seen; empty where one was seen, or nothing compared."""
    size = row["detectable"]
    if row["verdict"] != "none" or not math.isfinite(size):
        return ""
    number = math.ceil(size)
    return ngettext(
        "We would probably have seen a change of {number} point or more.",
        "We would probably have seen a change of {number} points or more.",
        number,
    ).format(number=number)


def against_words(view: LevelView) -> str:
    """How many areas differ from everyone: 'In 5 of 40 neighbourhoods the score differs ...'."""
    different = int(view.against["verdict"].isin(["up", "down"]).sum())
    tested = different + int((view.against["verdict"] == "none").sum())
    if not view.shown:
        told = _("None of the {areas} {title} has enough answers to say.")
    elif tested == view.areas and not different:
        told = _("In none of the {tested} {title} does the score detectably differ from that of everyone together.")
    elif tested == view.areas:
        told = _("In {different} of {tested} {title} the score differs from that of everyone together.")
    elif tested < view.shown and not different:
        told = _(
            "In none of the {tested} {title} that can be compared does the score detectably differ from that of "
            "everyone together."
        )
    elif tested < view.shown:
        told = _(
            "In {different} of {tested} {title} that can be compared the score differs from that of everyone together."
        )
    elif not different:
        told = _(
            "In none of the {tested} {title} with enough answers does the score detectably differ from that of "
            "everyone together."
        )
    else:
        told = _(
            "In {different} of {tested} {title} with enough answers the score differs from that of everyone together."
        )
    return told.format(areas=view.areas, tested=tested, different=different, title=places(view.level.title))


def basis_words(view: LevelView) -> str:
    """From which waves an area level is shown, and why."""
    if view.pooled:
        return _(
            "One wave gives too few answers in most {title}, so the last {n} waves ({first} to {last}) are taken "
            "together here."
        ).format(title=places(view.level.title), n=len(view.waves), first=view.waves[0], last=view.waves[-1])
    return _("From the wave {wave}.").format(wave=view.waves[0])


def thin_level_words(view: LevelView, others: list[LevelView]) -> str:
    """Why a level is mostly hidden and which level to look at instead; empty where most is shown."""
    hidden = view.areas - view.shown
    if hidden * 2 <= view.areas:
        return ""
    title = places(view.level.title)
    told = _(
        "{hidden} of {areas} {title} are hidden: their answers are fewer than {answers}, or worth "
        "fewer than that after weighting. That is too few to say anything fair about a place, and with "
        "very few one could guess who said what."
    ).format(hidden=hidden, areas=view.areas, title=title, answers=RULES.answers)
    better = max(others, key=lambda other: other.shown / max(other.areas, 1), default=None)
    if better is not None and better.shown * 2 > better.areas:
        told += " " + _("Choose \u201c{level}\u201d to see results that rest on enough answers.").format(
            level=better.level.title
        )
    return told


def codes_words(labels: Iterable[str]) -> str:
    """That categories of a group are numbers of which nothing says what they stand for; empty where they are not."""
    return _("The survey's file does not say what these numbers stand for.") if bare_codes(labels) else ""


def category_words(by: str, level: str) -> str:
    """A category of a group: '18-29', or 'age, code 1' where it is no more than a number."""
    return group_words(by, level) if level.isdigit() else level


def group_words(by: str, level: str) -> str:
    """A category with the name of its group: 'age 18-29', 'age, code 1'."""
    group = by.replace("_", " ")
    return _("{group}, code {code}").format(group=group, code=level) if level.isdigit() else f"{group} {level}"


def standing_words(wave: Wave) -> str:
    """What the sample and the weights allow to be said, in a sentence or two."""
    weighted = wave.raked or bool(wave.weights.size and wave.weights.max() > wave.weights.min())
    if wave.raked and wave.weighting is not None:
        names = [variable.replace("_", " ") for variable in wave.weighting.margins.variables]
        told = ngettext(
            "Answers are weighted so that {listed} matches the population.",
            "Answers are weighted so that {listed} match the population.",
            len(names),
        ).format(listed=listed(names))
    elif weighted:
        told = _("Answers carry the weights that came with the file.")
    else:
        told = _("Answers are not weighted: the numbers speak for those who answered, not for all residents.")
    if wave.probability:
        return told
    chose = (
        _("People chose to take part, so the ranges hold only as far as the weights make up for who did not.")
        if weighted
        else _("People chose to take part, and the ranges do not allow for who did not.")
    )
    return f"{told} {chose}"


def no_themes_words(wave: Wave) -> str:
    """Why nothing is told of what residents mention: nobody was asked, or too little was read."""
    if wave.comments.empty:
        return _("No open answers came with this wave, so nothing can be said of what residents mention.")
    return _("Too few of this wave\u2019s open answers were read to say what residents mention.")


def score_words(row: MappingType[Hashable, Any]) -> dict[str, str]:
    """What a protected mean says: number, range, answers; a dash for a number that is not shown."""
    if row["suppressed"]:
        return {"number": "\u2013", "range": too_few(), "answers": ""}
    return {
        "number": whole(row["est"]),
        "range": span(row["lci"], row["uci"]),
        "answers": answers_worth(row["n"], row["n_eff"])
        if math.isfinite(row["n"])
        else _("At least {at_least} answers; how many is not shown, to protect a small group.").format(
            at_least=count(row["at_least"])
        ),
    }


#: A part of those who took part that is told where a score does not have it.
UNSCORED = 0.05
#: Why an answer is missing, as the report of an import counts it.
_MISSING = {
    "dont_know": N_("\u201cdon't know\u201d"), "refused": N_("\u201cwould not say\u201d"),
    "not_applicable": N_("\u201cdoes not apply\u201d"), "blank": N_("left empty"),
    "left_out": N_("values that stand on no scale"),
}  # fmt: skip


def unscored_words(picture: Picture, measure: str) -> str:
    """How many took part and are not in a score, and why; empty where they are few."""
    wave, row = picture.wave, picture.estimates.rows(measure=measure, by="", stat="mean").iloc[0]
    out, index = len(wave) - row["n"], wave.instrument.index(measure)
    if row["suppressed"] or not out >= max(RULES.people, UNSCORED * len(wave)):
        return ""
    items = wave.instrument.items_of(measure)
    checks = [check for check in wave.report.items if check.item in items]
    lacking = {name: sum(getattr(check, name) for check in checks) for name in _MISSING}
    most = max(lacking, key=lacking.__getitem__)
    mostly = 2 * lacking[most] > sum(lacking.values())
    told = (
        _("{out} of the {all} who took part are not in this score: they answered none of its parts{mostly}.")
        if index.at_least == 1
        else _(
            "{out} of the {all} who took part are not in this score: they answered fewer than {least} of its {parts} "
            "parts{mostly}."
        )
    )
    why = _("; the missing answers are mostly {reason}").format(reason=_(_MISSING[most])) if mostly else ""
    return told.format(
        out=count(out), all=count(len(wave)), least=index.at_least, parts=len(index.parts), mostly=why
    )  # fmt: skip


def headline_words(picture: Picture, measure: str, by: str = "", level: str = "") -> dict[str, str]:
    """The sentences at the top of the page: number, range, answers, change, detectable.

    For everyone, or for one ``level`` of a group ``by``.
    """
    rows = picture.estimates.rows(measure=measure, by=by, stat="mean")
    row = rows[rows["level"].astype(str) == level].iloc[0]
    if row["suppressed"]:
        return {**score_words(row), "change": "", "detectable": ""}
    told = {
        **score_words(row),
        "change": _("Not asked in {previous}.").format(previous=picture.previous)
        if picture.previous
        else _("This is the first wave, so there is nothing to compare with yet."),
        "detectable": "",
    }
    if picture.change is not None:
        rows = picture.change.table
        rows = rows[(rows["measure"] == measure) & (rows["by"] == by) & (rows["level"].astype(str) == level)]
        if len(rows):
            told["change"] = change_words(rows.iloc[0], picture.previous)
            told["detectable"] = detectable_words(rows.iloc[0])
    return told
