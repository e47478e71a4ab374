"""What is otherwise than in the last wave: columns, labels, wording, scales, modes, questions turned round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from trustsurvey.errors import Notice, some
from trustsurvey.harmonise.clash import clashes
from trustsurvey.harmonise.codebook import Codebook, number_of
from trustsurvey.harmonise.problems import Choice, Problem, short
from trustsurvey.harmonise.ruler import numeric_span
from trustsurvey.harmonise.turned import ENOUGH, against_the_others, correlations, mirrored
from trustsurvey.language import N_, _
from trustsurvey.model import RULES, ColumnMap, Instrument, Item, ItemCheck, Mapping, Report
from trustsurvey.model.report import mode_shift
from trustsurvey.readers.raw import Raw
from trustsurvey.wording import figure, fold, same_wording

TURNED, OTHER_QUESTION = "map.turned", "map.wording"
#: Wordings less alike than this (of 100) may be two questions; and those of a column that has another name as well.
UNLIKE, ALIKE = 60, 82


@dataclass(frozen=True)
class LastWave:
    """The wave that was imported before, as far as the next file is compared with it."""

    name: str
    mapping: Mapping
    report: Report


def since(
    raw: Raw, mapping: Mapping, instrument: Instrument, answers: pd.DataFrame, report: Report, last: LastWave
) -> tuple[list[Problem], list[Notice]]:
    """Problems and notices that a wave's columns raise beside the last wave. ``answers``: of the rows kept."""
    before = {column.target: column for column in last.mapping.having("item")}
    pairs = [
        (column, before[column.target], check, then)
        for column in mapping.having("item")
        if column.target in before
        and (check := report.item(column.target)) is not None
        and (then := last.report.item(column.target)) is not None
    ]
    problems = [problem for pair in pairs for problem in _other_question(*pair)]
    problems += _turned(raw, instrument, answers, pairs)
    return problems, [*_renamed(before, mapping, last), *_relabelled(instrument, mapping, last), *_asked(pairs, last),
                      *_modes(report, last)]  # fmt: skip


def _renamed(before: dict[str, ColumnMap], mapping: Mapping, last: LastWave) -> Iterator[Notice]:
    moved = [
        f"{before[column.target].column} \u2192 {column.column}"
        for column in mapping.having("item")
        if column.target in before and before[column.target].column != column.column
    ]
    if moved:
        yield Notice(
            "column.renamed",
            f"One question stands in another column than in {last.name}: {some(moved)}."
            if len(moved) == 1
            else f"{len(moved)} questions stand in another column than in {last.name}: {some(moved)}.",
        )


def _relabelled(instrument: Instrument, mapping: Mapping, last: LastWave) -> Iterator[Notice]:
    before = {(column.role, column.target): column for column in last.mapping.columns}
    told = []
    for column in mapping.having("item", "group", "area"):
        then = before.get((column.role, column.target))
        scale = instrument.item(column.target).scale if column.role == "item" else None
        if then is not None:
            for value, (new, old) in clashes(Codebook.of(column).labels, Codebook.of(then).labels, scale).items():
                told.append(f"{column.column}: {value} is \u201c{new}\u201d, was \u201c{old}\u201d")
                break
    if told:
        shown = "; ".join(told[:3])
        yield Notice(
            "labels.changed",
            f"In one column codes mean something else than in {last.name} ({shown}). The labels were followed."
            if len(told) == 1
            else f"In {len(told)} columns codes mean something else than in {last.name} ({shown}). "
            "The labels were followed.",
        )


def _asked(pairs: list[tuple[ColumnMap, ColumnMap, ItemCheck, ItemCheck]], last: LastWave) -> Iterator[Notice]:
    words = [short(check.wording) for *_old, check, then in pairs if not same_wording(check.wording, then.wording)]
    scales = [short(check.wording) for *_old, check, then in pairs if check.asked_on != then.asked_on]
    if words:
        yield Notice(
            "wording.since",
            f"Asked in other words than in {last.name}: {some(words)}. Their series show a break.",
            "warning",
        )
    if scales:
        yield Notice(
            "scale.since",
            f"Asked on another scale than in {last.name}: {some(scales)}. Their series show a break.",
            "warning",
        )


def _modes(report: Report, last: LastWave) -> Iterator[Notice]:
    if mode_shift(report, last.report):
        then, now = (_told(r) for r in (last.report, report))
        yield Notice(
            "mode.changed",
            f"People were interviewed in another way than in {last.name} ({now}; then {then}). "
            "Answers may differ for that alone; every series shows a break.",
            "warning",
        )


def _told(report: Report) -> str:
    """The modes with their shares; without them where one is rare, whose number they would give away."""
    rare = any(share * report.rows_kept < RULES.people for _mode, share in report.modes)
    return ", ".join(mode if rare else f"{share:.0%} {mode}" for mode, share in report.modes[:4])


def _other_question(column: ColumnMap, old: ColumnMap, check: ItemCheck, then: ItemCheck) -> Iterator[Problem]:
    """A question that asks something else now; one in another column and other words is likely the same."""
    words = [fold(told.wording) for told in (check, then)]
    unlike = fuzz.token_sort_ratio(*words) < UNLIKE
    moved = column.column != old.column and fuzz.ratio(*words) < ALIKE
    few = min(len(told.split()) for told in words) < 4
    if OTHER_QUESTION in column.confirmed or few or not (unlike or moved):
        return
    now, before = short(check.wording, 120), short(then.wording, 120)
    same = Choice(N_("The same question in other words"), (("confirmed", (OTHER_QUESTION,)),))
    other = Choice(N_("Another question: not used"), (("role", "ignore"), ("target", "")))
    yield Problem(
        code=OTHER_QUESTION,
        column=column.column,
        about=_("Question '{question}'").format(question=short(then.wording)),
        value=check.item,
        count=check.answered,
        rows=(),
        expected=f"\u201c{short(then.wording)}\u201d",
        suggestion=same.text if moved else "",
        hint="Take the column out of the mapping, or confirm it (confirmed: [map.wording]).",
        question=_(
            "It now asks \u201c{now}\u201d, in the last wave \u201c{before}\u201d. Is it the same question?"
        ).format(now=now, before=before),
        choices=(same, other),
    )


def _turned(
    raw: Raw,
    instrument: Instrument,
    answers: pd.DataFrame,
    pairs: list[tuple[ColumnMap, ColumnMap, ItemCheck, ItemCheck]],
) -> Iterator[Problem]:
    """Questions read by their bare numbers whose answers look as if the numbers ran the other way round."""
    bare = {
        check.item: (column, check, then)
        for column, _old, check, then in pairs
        if TURNED not in column.confirmed
        and check.answered >= ENOUGH
        and not Codebook.of(ColumnMap("", "item"), raw.column(column.column)).answers
        and _by_number(raw, column)
    }
    last = {check.item: then for *_old, check, then in pairs}
    against = against_the_others(correlations(answers, instrument), instrument, last) if bare else []
    for item, (column, check, then) in bare.items():
        if item in against:
            why = _(
                "In the last wave people who answered it high answered the others high (r = {then}); now it is the "
                "other way round (r = {now})."
            ).format(then=figure(then.rest, ".2f"), now=figure(check.rest, ".2f"))
        elif mirrored(instrument.item(item), check, then):
            why = _("Its answers lie where those of the last wave would lie in a mirror.")
        else:
            continue
        yield _turned_problem(column, instrument.item(item), check, why)


def _by_number(raw: Raw, column: ColumnMap) -> bool:
    """Whether most of what people chose are numbers."""
    values = raw.values(column.column)
    counts = values.counts()
    filled = np.array([value != "" for value in values.distinct], dtype=bool)
    numbers = np.array([number_of(value) is not None for value in values.distinct], dtype=bool)
    return bool(counts[numbers].sum() > counts[filled].sum() / 2)


def _turned_problem(column: ColumnMap, item: Item, check: ItemCheck, why: str) -> Problem:
    if numeric_span(column.scale) is not None:
        turn = Choice(N_("The numbers run the other way round here"), (("scale", column.scale[::-1]),))
    else:
        turn = Choice(N_("The numbers run the other way round here"), (("flip", not column.flip),))
    stay = Choice(N_("They run as in the last wave"), (("confirmed", (TURNED,)),))
    return Problem(
        code=TURNED,
        column=column.column,
        about=_("Question '{question}'").format(question=check.item),
        value=check.item,
        count=check.answered,
        rows=(),
        expected="numbers that run as in the last wave",
        hint="Turn it round in the mapping (flip), or confirm it (confirmed: [map.turned]).",
        question=why + " " + _("Do its numbers run the other way round here?"),
        choices=(turn, stay),
    )
