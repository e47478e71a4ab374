"""The commander's briefing: a picture as a page to send and to print, in the words and numbers of the Trust page.

Nothing is computed here: every number comes from protected estimates.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from trustsurvey.actions.follow_up import Record
from trustsurvey.analysis import LevelView, Picture
from trustsurvey.language import N_, _
from trustsurvey.model import RULES, Wave
from trustsurvey.present import actions, charts, findings, goes_with, maps, result_tables, svg, themes, words
from trustsurvey.present.blocks import dots_block, standing_blocks, themes_block
from trustsurvey.present.document import Block, Document, Section, as_html
from trustsurvey.voices.picture import Themes
from trustsurvey.voices.quoted import Said
from trustsurvey.wording import day

#: Areas or categories drawn in one chart, and rows of a table; of more a briefing shows those that differ.
MOST = 120
#: Themes of which residents are quoted.
QUOTED = 3
RANGE = N_(
    "\u201cLikely between\u201d is a range of 95 %: of such surveys, repeated in the same way, about "
    "nineteen in twenty would give ranges that hold the true number."
)
HIDDEN = N_(
    "A number from fewer than {people} people is hidden, and so are neighbours from which it could be "
    "worked out. A score from fewer than {answers} answers, or from answers worth fewer than that, is "
    "not told."
)


@dataclass(frozen=True)
class Voice:
    """The themes of one open question, and what residents said of some of them in their own words, by code."""

    found: Themes
    quotes: MappingType[str, Said]


def briefing_html(
    picture: Picture,
    level: str = "",
    geojson: str = "",
    voices: Sequence[Voice] = (),
    method: Sequence[tuple[str, str]] = (),
    remarks: Sequence[str] = (),
    made: date | None = None,
    record: Record | None = None,
    companions: pd.DataFrame | None = None,
) -> str:
    """The briefing on a picture as one HTML page of at most ``document.LARGEST`` bytes.

    ``level``: the area level to show, the first unless named; ``geojson``: its stored boundaries, "" for no map;
    ``voices``: open questions of which enough was read; ``method``: rows of ``export.method_rows``; ``remarks`` stand
    on top, such as that the wave is a draft; ``made``: the day of writing; ``record``: what was promised and done;
    ``companions``: what goes with the score (the table of ``workbench.goes_with``). SurveyError ``briefing.size``.
    """
    view = next((view for view in picture.levels if view.level.key == level), next(iter(picture.levels), None))
    title = _(picture.wave.instrument.index(picture.measure).title)
    sections = [
        Section(_("Where do we stand?"), standing_blocks(picture)),
        Section(_("What changed?"), _changed(picture, view)),
        Section(_("Where?"), _where(picture, view, geojson)),
        Section(_("For whom?"), _groups(picture)),
        Section(_("What do residents say?"), _voices(voices, picture.wave)),
        *_companions(picture, companions),
        Section(_("Who are we not hearing?"), _unheard(picture)),
        Section(_("What was promised, what was done, did it help?"), _promised(record)),
        Section(_("How this was made"), _method(picture, method, made), new_page=True),
    ]
    invented = [_("Sample study: the city and everyone in it are invented.")] if picture.study.sample else []
    dates = words.period(picture.wave.start, picture.wave.end)
    about = [picture.study.name, title, f"{picture.wave.name}{f' ({dates})' if dates else ''}"]
    return as_html(Document(_("Trust in the police"), ". ".join(about) + ".", sections, [*invented, *remarks]))


def _changed(picture: Picture, view: LevelView | None) -> list[Block]:
    blocks = []
    if view is not None and view.change is not None:
        rows = view.change.table[view.change.table["by"] == view.level.key]
        blocks.append(_changes(rows, view.change.old, words.places(view.level.title), view.level.title))
    elif view is not None:
        told = (
            _("There is no earlier full year to compare areas with yet.")
            if view.pooled
            else _("There is no earlier wave to compare areas with yet.")
        )
        blocks.append(Block(told=[told]))
    rows = findings.group_changes(picture)
    if rows is not None and len(rows) and picture.change is not None:
        blocks.append(_changes(rows, picture.change.old, _("groups"), _("Groups")))
    return blocks or [Block(told=[_("There is nothing to compare with yet.")])]


def _changes(rows: pd.DataFrame, since: str, what: str, title: str) -> Block:
    told = [findings.typical_words(rows, what), findings.many_words(rows)]
    table = _at_most(result_tables.change_table(rows, since), rows["verdict"].isin(["up", "down"]))
    return Block(title, told=told, lines=findings.changes_words(rows, since, what), table=table)


def _where(picture: Picture, view: LevelView | None, geojson: str) -> list[Block]:
    if view is None:
        return [Block(told=[_("No column of this wave says where people live, so nothing can be said by area.")])]
    thin = words.thin_level_words(view, [other for other in picture.levels if other is not view])
    lowest = "" if view.lowest is None else findings.lowest_words(view.lowest, view.level.title)
    blocks = [Block(view.level.title, told=[thin, f"{words.basis_words(view)} {words.against_words(view)}", lowest])]
    rows = view.estimates.rows(by=view.level.key)
    table = findings.with_gaps(charts.table(rows), view.against)
    if geojson:
        low, high = maps.colour_range(rows["est"].to_numpy(float))
        told = (
            _("Shades run from {low} to {high} of 100, darker for a higher score; hatched areas have too few answers.")
            if (rows["suppressed"] != "").any()
            else _("Shades run from {low} to {high} of 100, darker for a higher score.")
        ).format(low=words.whole(low), high=words.whole(high))
        blocks.append(Block(told=[told], svg=svg.level_map(geojson, rows, f"{_('Map.')} {told}")))
    differ = rows["level"].isin(findings.differing(view.against)["level"])
    enough = rows[rows["suppressed"] == ""] if thin else rows
    if len(enough) > MOST:
        enough = enough[differ.loc[enough.index]].head(MOST)
    everyone = float(view.estimates.rows(by="")["est"].iloc[0])
    told = _(
        "Each dot is an area with its likely range; the dotted line is everyone together. Areas whose "
        "ranges overlap may not differ at all."
    )
    blocks.append(dots_block(enough, _at_most(table, differ), told, reference=everyone))
    if view.lowest is not None:
        few = findings.lowest_table(view.lowest)
        probable = view.lowest["probability"] >= findings.PROBABLE
        blocks.append(Block(table=_at_most(few, probable), caption=_("How probably each is among the lowest fifth")))
    return blocks


def _at_most(table: pd.DataFrame, telling: pd.Series) -> pd.DataFrame:
    """The table, or its telling rows where it is long, with a row that says so."""
    if len(table) <= MOST:
        return table
    short = table[telling.to_numpy()].head(MOST)
    first = table.columns[0]
    more = dict.fromkeys(table, "") | {
        first: _("{n} more are in the workbook").format(n=words.count(len(table) - len(short)))
    }
    return pd.concat([short, pd.DataFrame([more])], ignore_index=True)


def _groups(picture: Picture) -> list[Block]:
    if not picture.wave.groups:
        return [Block(told=[_("No column of this wave is marked as a group such as age or sex.")])]
    everyone = float(picture.estimates.rows(measure=picture.measure, by="")["est"].iloc[0])
    blocks = []
    for group in picture.wave.groups:
        rows = picture.estimates.rows(measure=picture.measure, by=group)
        against = picture.groups[group]
        table = findings.with_gaps(charts.table(rows), against)
        differ = rows["level"].isin(findings.differing(against)["level"])
        drawn = rows if len(rows) <= MOST else rows[differ].head(MOST)
        title = _("By {group}").format(group=group.replace("_", " "))
        told = _("By {group}, each with its likely range; the dotted line is everyone together.").format(
            group=group.replace("_", " ")
        )
        told = f"{told} {words.codes_words(rows['level'])}".strip()
        blocks.append(
            dots_block(drawn, _at_most(table, differ), told, title=title, reference=everyone,
                       lines=findings.gaps_words(against))
        )  # fmt: skip
    return blocks


def _voices(voices: Sequence[Voice], wave: Wave) -> list[Block]:
    if not voices:
        return [Block(told=[words.no_themes_words(wave)])]
    blocks = []
    for voice in voices:
        found = voice.found
        blocks.append(Block(found.question, told=[themes.basis_words(found)]))
        blocks.append(themes_block(found))
        blocks.append(Block(_("What changed"), lines=themes.change_words(found)))
        for code, said in list(voice.quotes.items())[:QUOTED]:
            if said.typical:
                blocks.append(
                    Block(
                        _("In residents\u2019 words: {theme}").format(theme=found.title(code)), quotes=said.typical[:1]
                    )
                )
    return [*blocks, Block(told=[_(QUOTES)])] if any(block.quotes for block in blocks) else blocks


QUOTES = N_(
    "Quotes are chosen by rule: nearest to what all say who mention the theme, without names, and from "
    "areas in which at least ten people do."
)


def _companions(picture: Picture, table: pd.DataFrame | None) -> list[Section]:
    if table is None:
        return []
    instrument = picture.wave.instrument
    rows = goes_with.parts(table, instrument)
    told = goes_with.parts_words(rows, _(instrument.index(picture.measure).title))
    block = dots_block(rows, goes_with.parts_table(rows), told, top=themes.chart_end(rows))
    return [Section(_("What goes with it?"), [block])]


def _unheard(picture: Picture) -> list[Block]:
    heard = picture.heard
    if heard is None:
        return [Block(told=[_("The answers are not weighted to a population, so it cannot be said who is missing.")])]
    told = [findings.heard_words(heard), findings.needed_words(heard)]
    few = heard["ratio"] < findings.UNHEARD
    drawn = heard if len(heard) <= MOST else heard[few].head(MOST)
    named = drawn.assign(category=drawn["variable"].str.replace("_", " ") + ": " + drawn["category"].astype(str))
    about = _("Circles and numbers are the share of those who answered, upright strokes the share of residents.")
    table = _at_most(findings.heard_table(heard), few)
    return [Block(told=[*told, about], svg=svg.represented(named, about), table=table)]


def _promised(record: Record | None) -> list[Block]:
    if record is None or not record.actions:
        blocks = [Block(told=[_(actions.NOTHING)])]
    else:
        caution = [_(actions.CAUTION)] if actions.compared(record) else []
        blocks = [Block(told=[actions.tally_words(record), *caution], lines=actions.record_lines(record))]
    if record is not None and record.unanswered:
        lines = [actions.unanswered_line(theme) for theme in record.unanswered]
        blocks.append(Block(_("Much heard, nothing promised"), lines=lines))
    return blocks


def _method(picture: Picture, method: Sequence[tuple[str, str]], made: date | None) -> list[Block]:
    dates = words.period(picture.wave.start, picture.wave.end)
    told = [
        _("Answers were collected {dates}.").format(dates=dates) if dates
        else _("The file does not say when answers were collected."),
        _("Written on {made}.").format(made=day(made)) if made else "",
        words.standing_words(picture.wave), _(RANGE), _(HIDDEN).format(people=RULES.people, answers=RULES.answers),
    ]  # fmt: skip
    return [
        Block(told=told, table=pd.DataFrame(method, columns=[_("Subject"), _("What was done")]), caption=_("Method"))
    ]
