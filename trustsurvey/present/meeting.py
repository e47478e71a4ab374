"""The meeting pack of an area: one page to be read aloud to the people who live there. Sentences are for the ear."""

from __future__ import annotations

from collections.abc import Sequence

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
    invented = ["Sample study: the city and everyone in it are invented."] if study.sample else []
    sections = [
        Section("Here is what you told us", _told(area, voices)),
        Section("Here is how sure we are", [Block(told=_sure(area))]),
        Section("What we do not know", [Block(told=_unknown(area, voices))]),
        Section("Here is what we did", [Block(told=list(actions) or [NOTHING])]),
    ]
    return Document(
        f"{area.name}: trust in the police", f"{study.name}. {_when(area)}", sections, [*invented, *remarks], large=True
    )


def _when(area: Area) -> str:
    """From when the answers are."""
    if area.view.pooled:
        return f"Answers from {len(area.view.waves)} surveys, {area.view.waves[0]} to {area.view.waves[-1]}."
    dates = words.period(area.picture.wave.start, area.picture.wave.end)
    return f"Answers from {dates or area.picture.wave.name}."


def _told(area: Area, voices: Sequence[Themes]) -> list[Block]:
    index = area.picture.wave.instrument.index(area.picture.measure)
    about = (index.plain or index.title).rstrip(".")
    told = [f"We asked people about this: \u201c{about}\u201d."]
    number = ""
    if area.shown:
        number = words.whole(area.row["est"])
        told += [f"From 0 for none to 100 for full, {area.name} is at {number}.", _against(area), *_change(area)]
    else:
        told.append(f"In {area.name} too few people answered to give a number.")
    blocks = [Block(number=number, told=told)]
    for found in voices:
        rows = areas.theme_rows(found, area).head(READ_OUT)
        if not rows.empty:
            asked = f"In {area.picture.wave.name} we also asked: \u201c{found.question}\u201d"
            lines = [(str(row["title"]), _spoke(row)) for row in rows.to_dict("records")]
            blocks.append(Block(told=[asked, "Of a hundred people here who answered in their own words:"], lines=lines))
    return blocks


def _spoke(row: Row) -> str:
    est, low, high = (words.whole(row[name]) for name in ("est", "lci", "uci"))
    return f"about {est} spoke of it, likely between {low} and {high}."


def _against(area: Area) -> str:
    row = area.against
    if row is None or row["verdict"] not in ("up", "down", "none"):
        return ""
    everyone = words.whole(row["before"])
    if row["verdict"] == "none":
        return f"Everyone together is at {everyone}. We cannot tell the two apart."
    way = "higher" if row["verdict"] == "up" else "lower"
    return f"Everyone together is at {everyone}. Here it is {way}, by {_points(row)}."


def _points(row: Row) -> str:
    points = words.whole(abs(row["diff"]))
    return "less than 1 point" if points == "0" else f"about {points} point{'' if points == '1' else 's'}"


def _change(area: Area) -> list[str]:
    if area.change is None or area.view.change is None:
        return []
    row, since = area.change, area.view.change.old
    if row["verdict"] == "none":
        return [f"Since {since} we can detect no change."]
    if row["verdict"] not in ("up", "down"):
        return []
    return [f"Since {since} it went {row['verdict']}, by {_points(row)}."]


def _sure(area: Area) -> list[str]:
    if not area.shown:
        return [f"We do not give a number from too few answers. It takes at least {RULES.answers}."]
    told = words.score_words(area.row)
    low, high = words.whole(max(area.row["lci"], 0.0)), words.whole(min(area.row["uci"], 100.0))
    rests = f"This rests on {told['answers'][:1].lower()}{told['answers'][1:]}"
    sure = [rests, f"The true number is likely between {low} and {high}."]
    if area.change is not None and area.change["verdict"] == "none":
        sure.append(words.detectable_words(area.change))
    return [*sure, words.standing_words(area.picture.wave)]


def _unknown(area: Area, voices: Sequence[Themes]) -> list[str]:
    told = ["We do not know what those think who did not answer.", *areas.heard_words(area)]
    if area.change is None:
        told.append("We do not know how it was before: there is nothing to compare with yet.")
    elif area.view.change is not None and area.change["verdict"] in ("withheld", "guarded", "break"):
        told.append(f"We cannot say whether it changed. {words.change_words(area.change, area.view.change.old)}")
    if not any(len(areas.theme_rows(found, area)) for found in voices):
        told.append(
            f"We cannot say what people in {area.name} wrote most about: too little of it was read, or written."
        )
    told.append("A score does not tell why. You can tell us.")
    return told
