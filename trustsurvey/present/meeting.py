"""The meeting pack of an area: one page to be read aloud to the people who live there. Sentences are for the ear."""

from __future__ import annotations

import math
from collections.abc import Sequence

from trustsurvey.language import _, ngettext
from trustsurvey.model import RULES
from trustsurvey.present import area as areas, words
from trustsurvey.present.actions import NOTHING
from trustsurvey.present.area import Area, Row
from trustsurvey.present.document import Block, Document, Section, as_html, as_text
from trustsurvey.voices.picture import Themes

#: Themes that are read out.
READ_OUT = 3


def meeting_html(
    area: Area, voices: Sequence[Themes] = (), actions: Sequence[str] = (), remarks: Sequence[str] = ()
) -> str:
    """The pack as a page of HTML in large letters, for one sheet of paper.

    ``voices``: themes of open questions of which enough was read; ``actions``: what was promised or done, in a
    sentence each; ``remarks`` stand on top.
    """
    return as_html(meeting(area, voices, actions, remarks))


def meeting_text(
    area: Area, voices: Sequence[Themes] = (), actions: Sequence[str] = (), remarks: Sequence[str] = ()
) -> str:
    """The pack as plain text, for a voice; takes what :func:`meeting_html` takes."""
    return as_text(meeting(area, voices, actions, remarks))


def meeting(
    area: Area, voices: Sequence[Themes] = (), actions: Sequence[str] = (), remarks: Sequence[str] = ()
) -> Document:
    """What both forms of the pack say."""
    study = area.picture.study
    invented = [_("Sample study: the city and everyone in it are invented.")] if study.sample else []
    sections = [
        Section(_("Here is what you told us"), _told(area, voices)),
        Section(_("Here is how sure we are"), [Block(told=_sure(area))]),
        Section(_("What we do not know"), [Block(told=_unknown(area, voices))]),
        Section(_("Here is what we did"), [Block(told=list(actions) or [_(NOTHING)])]),
    ]
    return Document(
        _("{area}: trust in the police").format(area=area.name),
        f"{study.name}. {_when(area)}",
        sections,
        [*invented, *remarks],
        large=True,
    )


def _when(area: Area) -> str:
    """From when the answers are."""
    if area.view.pooled:
        return _("Answers from {n} surveys, {first} to {last}.").format(
            n=len(area.view.waves), first=area.view.waves[0], last=area.view.waves[-1]
        )
    dates = words.period(area.picture.wave.start, area.picture.wave.end)
    return _("Answers from {dates}.").format(dates=dates or area.picture.wave.name)


def _told(area: Area, voices: Sequence[Themes]) -> list[Block]:
    index = area.picture.wave.instrument.index(area.picture.measure)
    about = _(index.plain or index.title).rstrip(".")
    told = [_("We asked people about this: \u201c{about}\u201d.").format(about=about)]
    number = ""
    if area.shown:
        number = words.whole(area.row["est"])
        told += [
            _("From 0 for none to 100 for full, {area} is at {number}.").format(area=area.name, number=number),
            _against(area),
            *_change(area),
        ]
    else:
        told.append(_("In {area} too few people answered to give a number.").format(area=area.name))
    blocks = [Block(number=number, told=told)]
    for found in voices:
        rows = areas.theme_rows(found, area).head(READ_OUT)
        if not rows.empty:
            asked = _("In {wave} we also asked: \u201c{question}\u201d").format(
                wave=area.picture.wave.name, question=found.question
            )
            lines = [(str(row["title"]), _spoke(row)) for row in rows.to_dict("records")]
            blocks.append(
                Block(told=[asked, _("Of a hundred people here who answered in their own words:")], lines=lines)
            )
    return blocks


def _spoke(row: Row) -> str:
    est, low, high = (words.whole(row[name]) for name in ("est", "lci", "uci"))
    return _("about {est} spoke of it, likely between {low} and {high}.").format(est=est, low=low, high=high)


def _against(area: Area) -> str:
    row = area.against
    if row is None or row["verdict"] not in ("up", "down", "none"):
        return ""
    if row["verdict"] == "none":
        told = _("Everyone together is at {everyone}. We cannot tell the two apart.")
    elif row["verdict"] == "up":
        told = _("Everyone together is at {everyone}. Here it is higher, by {points}.")
    else:
        told = _("Everyone together is at {everyone}. Here it is lower, by {points}.")
    return told.format(everyone=words.whole(row["before"]), points=_points(row))


def _points(row: Row) -> str:
    points = words.rounded(abs(row["diff"]))
    if not points:
        return _("less than 1 point")
    return ngettext("about {n} point", "about {n} points", points).format(n=points)


def _change(area: Area) -> list[str]:
    if area.change is None or area.view.change is None:
        return []
    told = {
        "none": _("Since {since} we can detect no change."),
        "up": _("Since {since} it went up, by {points}."),
        "down": _("Since {since} it went down, by {points}."),
    }.get(area.change["verdict"], "")
    return [told.format(since=area.view.change.old, points=_points(area.change))] if told else []


def _rests(row: Row) -> str:
    """How many answers a score rests on."""
    if not math.isfinite(row["n"]):
        return _("This rests on at least {n} answers; how many is not shown, to protect a small group.").format(
            n=words.count(row["at_least"])
        )
    if words.worth_less(row["n"], row["n_eff"]):
        return _("This rests on {n} answers, worth about {worth} after weighting.").format(
            n=words.count(row["n"]), worth=words.count(row["n_eff"])
        )
    return ngettext("This rests on {n} answer.", "This rests on {n} answers.", round(row["n"])).format(
        n=words.count(row["n"])
    )


def _sure(area: Area) -> list[str]:
    if not area.shown:
        return [_("We do not give a number from too few answers. It takes at least {n}.").format(n=RULES.answers)]
    low, high = words.whole(max(area.row["lci"], 0.0)), words.whole(min(area.row["uci"], 100.0))
    sure = [_rests(area.row), _("The true number is likely between {low} and {high}.").format(low=low, high=high)]
    if area.change is not None and area.change["verdict"] == "none":
        sure.append(words.detectable_words(area.change))
    return [*sure, words.standing_words(area.picture.wave)]


def _unknown(area: Area, voices: Sequence[Themes]) -> list[str]:
    told = [_("We do not know what those think who did not answer."), *areas.heard_words(area)]
    if area.change is None:
        told.append(_("We do not know how it was before: there is nothing to compare with yet."))
    elif area.view.change is not None and area.change["verdict"] in ("withheld", "guarded", "break"):
        told.append(f"{_('We cannot say whether it changed.')} {words.change_words(area.change, area.view.change.old)}")
    if not any(len(areas.theme_rows(found, area)) for found in voices):
        told.append(
            _("We cannot say what people in {area} wrote most about: too little of it was read, or written.").format(
                area=area.name
            )
        )
    told.append(_("A score does not tell why. You can tell us."))
    return told
