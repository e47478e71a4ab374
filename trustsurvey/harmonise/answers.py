"""Questions: what each resident answered, why not, and in which words it was asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from trustsurvey.errors import Notice, some
from trustsurvey.harmonise.clash import label_problem
from trustsurvey.harmonise.codebook import Codebook, key
from trustsurvey.harmonise.look import Look
from trustsurvey.harmonise.own_words import no_ratings, open_items, text_problem, undecided
from trustsurvey.harmonise.problems import Problem, first_rows, short
from trustsurvey.harmonise.ruler import runs_backwards
from trustsurvey.harmonise.scale_check import asked_on as scale_asked_on, scale_problems
from trustsurvey.harmonise.values import LEFT_OUT, UNCLEAR, item_codes, unclear
from trustsurvey.language import N_
from trustsurvey.model import Instrument, Item, Mapping, ValueCheck
from trustsurvey.readers.raw import Raw
from trustsurvey.wording import fold, readable, same_wording, segments


@dataclass(frozen=True)
class Answers:
    """Codes and reasons (row x item), the wording and the scale of each item, and what needs saying about them.

    ``values``: answers that stand on no scale, and what the mapping makes of them.
    """

    codes: pd.DataFrame
    reasons: pd.DataFrame
    wording: dict[str, str]
    asked_on: dict[str, str]
    problems: tuple[Problem, ...]
    values: tuple[ValueCheck, ...]
    notices: tuple[Notice, ...]


def read_answers(raw: Raw, mapping: Mapping, instrument: Instrument) -> Answers:
    """Every mapped item, in the order of the instrument; the reason is UNCLEAR for values not understood."""
    order = {item.id: k for k, item in enumerate(instrument.items)}
    codes, reasons, wording, asked_on = {}, {}, {}, {}
    problems: list[Problem] = []
    strange: list[ValueCheck] = []
    notices: list[Notice] = []
    turned: list[str] = []
    for column in sorted(mapping.having("item"), key=lambda c: order[c.target]):
        item, file = instrument.item(column.target), raw.column(column.column)
        book = Codebook.of(column, file)
        values, text = raw.values(column.column), asked(file.text, item)
        if no_ratings(values, column, item, file):
            code, reason = undecided(values)
            problems.append(text_problem(values, column, file, text, open_items(mapping, instrument)))
            codes[item.id], reasons[item.id] = values.apply(code, float), values.apply(reason, np.int8)
            wording[item.id] = text
            continue
        code, reason = item_codes(values, column, item, file)
        look = Look(values, values.counts(), code, reason, raw.row_numbers, column, item, book, text)
        found, settled = scale_problems(look)
        clash = label_problem(column, file, values, raw.row_numbers, f"Question '{short(text)}'", item.scale)
        problems += [clash] if clash is not None else []
        singles = unclear(values, reason, raw.row_numbers, column, item, text, book)
        problems += [*found, *(problem for problem in singles if key(problem.value) not in settled)]
        strange += left_out(look)
        codes[item.id] = values.apply(code, float)
        reasons[item.id] = values.apply(reason, np.int8)
        wording[item.id] = text
        if column_scale := scale_asked_on(column, item.scale):
            asked_on[item.id] = column_scale
            notices.append(_other_scale(item, column_scale))
        if runs_backwards(book, item.scale) and not column.scale:
            turned.append(short(text))
        if not same_wording(text, item.text):
            notices.append(_other_words(item, text))
    if turned:
        notices.append(_backwards(turned))
    return Answers(
        pd.DataFrame(codes),
        pd.DataFrame(reasons),
        wording,
        asked_on,
        tuple(problems),
        tuple(strange),
        tuple(notices),
    )


def left_out(look: Look) -> list[ValueCheck]:
    """The answers of an item that the mapping leaves out or that nobody has decided about."""
    made = {LEFT_OUT: N_("left out"), UNCLEAR: N_("to be decided")}
    return [
        ValueCheck(
            look.entry.column,
            look.item.id,
            short(look.values.distinct[k]),
            int(look.counts[k]),
            first_rows(look.values, k, look.rows),
            made[int(look.reasons[k])],
        )
        for k in np.flatnonzero(np.isin(look.reasons, list(made)) & (look.counts > 0)).tolist()
    ]


def _other_scale(item: Item, scale: str) -> Notice:
    return Notice(
        "scale.changed",
        f"The question \u201c{short(item.text)}\u201d was answered on another scale ({scale}). Its answers are carried "
        f"over to {item.scale.low:g} to {item.scale.high:g}; the series shows a break.",
        "warning",
    )


def _other_words(item: Item, text: str) -> Notice:
    return Notice(
        "wording.changed",
        f"A question was asked in other words: \u201c{text}\u201d instead of \u201c{item.text}\u201d.",
        "warning",
    )


def _backwards(items: list[str]) -> Notice:
    return Notice(
        "scale.backwards",
        f"In one question ({some(items)}) the file counts from the other end than the questionnaire. "
        "Its labels say so and were followed."
        if len(items) == 1
        else f"In {len(items)} questions ({some(items, 4)}) the file counts from the other end than the questionnaire. "
        "Its labels say so and were followed.",
    )


def read_comments(raw: Raw, mapping: Mapping, keep: np.ndarray) -> pd.DataFrame:
    """Open answers of the rows kept: row (position in the wave), item, text."""
    position = np.cumsum(keep) - 1
    parts = [pd.DataFrame({"row": np.zeros(0, dtype=np.int64), "item": "", "text": ""})]
    for column in mapping.having("text"):
        values = raw.values(column.column)
        # "Not sure" is a comment here; only what the mapping leaves out is left out.
        dropped = {fold(word) for word in column.leave_out}
        said = np.array([bool(fold(v)) and fold(v) not in dropped for v in values.distinct], dtype=bool)
        rows = np.flatnonzero(keep & values.apply(said, bool))
        texts = values.apply(values.distinct, object)[rows]
        parts.append(pd.DataFrame({"row": position[rows], "item": column.target, "text": texts}))
    return pd.concat(parts, ignore_index=True)


def asked(heading: str, item: Item) -> str:
    """The question as the file words it; the instrument's own words where a heading is only a code.

    Four words make a question, however far they are from the instrument's: what was asked instead
    must not pass for the same.
    """
    parts = segments(readable(heading))
    if not parts or fold(heading) == fold(item.id):
        return item.text
    best = max(parts, key=lambda part: fuzz.ratio(fold(part), fold(item.text)))
    words = len(best.split())
    return best if words > 3 or (words > 1 and fuzz.ratio(fold(best), fold(item.text)) >= 50) else item.text
