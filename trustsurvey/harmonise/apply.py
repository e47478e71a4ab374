"""Apply a mapping to a file: text in, a :class:`~trustsurvey.model.Wave` out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from trustsurvey.errors import SurveyError, some
from trustsurvey.harmonise import quality, timing
from trustsurvey.harmonise.account import account
from trustsurvey.harmonise.answers import read_answers, read_comments
from trustsurvey.harmonise.design import Pseudonymise, keyed_pseudonyms, read_design, read_pseudonyms
from trustsurvey.harmonise.groups import unnamed
from trustsurvey.harmonise.kept import refuse_gone
from trustsurvey.harmonise.people import read_people
from trustsurvey.harmonise.previous import LastWave, since
from trustsurvey.harmonise.problems import Problem
from trustsurvey.harmonise.rows import row_check, rows_that_count, shared_address, unfinished
from trustsurvey.harmonise.values import LEFT_OUT, UNCLEAR
from trustsurvey.model import AreaLevel, Instrument, Mapping, Wave
from trustsurvey.readers.raw import Raw

#: Columns of ``Wave.people`` that are no area and no group.
OWN_COLUMNS = ("respondent", "source_row")


@dataclass(frozen=True)
class Harmonised:
    """A wave as far as the mapping explains the file, and the values that still need a decision."""

    wave: Wave
    problems: tuple[Problem, ...]
    source: str

    def settled(self) -> Wave:
        """The wave, or a SurveyError for the first value that nobody has decided about."""
        if self.problems:
            raise self.problems[0].error(self.source, len(self.problems) - 1)
        return self.wave


def harmonise(
    raw: Raw,
    mapping: Mapping,
    instrument: Instrument,
    levels: Sequence[AreaLevel] = (),
    *,
    name: str,
    pseudonymise: Pseudonymise | None = None,
    start: date | None = None,
    end: date | None = None,
    probability: bool = False,
    last: LastWave | None = None,
) -> Harmonised:
    """Recode a file's columns into a wave and leave out the rows that do not count.

    Test answers, duplicates (same id; same device within a day; identical answers) and partial
    answers are dropped, in this order, each row for its first reason; the wave's report counts
    them. Private and unlisted columns never reach the wave; ids become pseudonyms, from a key made
    up for the occasion when ``pseudonymise`` is not given. ``last``: the wave before, with which columns,
    labels, wording and the run of the answers are compared.

    Raises SurveyError ``map.*`` for a mapping that does not fit the file or the instrument, and
    ``design.*`` for weights, strata or units that are unusable, naming row and column. Values that
    are not understood are collected as problems instead.
    """
    _check(raw, mapping, instrument, levels)
    answers = read_answers(raw, mapping, instrument)
    people = read_people(raw, mapping, levels)
    keep, checks = rows_that_count(raw, mapping, instrument, answers.codes, answers.reasons, people.frame)
    if not keep.any():
        raise SurveyError(
            "map.nobody", "No row of the file counts as an answer", where=raw.source,
            got=", ".join(f"{check.count:,} {check.check}" for check in checks),
            hint="Check which columns are marked as questions, and the rule for partial answers.",
        )  # fmt: skip
    durations = timing.seconds(raw, mapping)
    doubts = quality.doubts(
        answers.codes[keep],
        instrument,
        None if durations is None else durations[keep],
        shared_address(raw, mapping, keep),
    )
    doubts = [*unfinished(raw, mapping, keep), *doubts]
    checks += [row_check(d.check, d.rule, d.mask, raw.row_numbers[keep], "kept") for d in doubts]
    notices = [*unnamed(mapping, people.frame[keep]), *(doubt.notice for doubt in doubts)]
    report = account(raw, mapping, instrument, answers, keep, people.frame, checks, notices)
    dates = timing.date_problem(raw, mapping)
    problems = [*answers.problems, *people.problems, *([dates] if dates is not None else [])]
    if last is not None:
        asked, told = since(raw, mapping, instrument, answers.codes[keep], report, last)
        problems += asked
        report = replace(report, notices=(*report.notices, *told))
    pseudonyms = read_pseudonyms(raw, mapping, pseudonymise or keyed_pseudonyms(secrets.token_bytes(32)))
    first, final = timing.period(raw, mapping, keep)
    frame = people.frame[keep].reset_index(drop=True)
    frame.insert(0, OWN_COLUMNS[0], pseudonyms[keep])
    frame.insert(1, OWN_COLUMNS[1], raw.row_numbers[keep])
    wave = Wave(
        name=name,
        instrument=instrument,
        people=frame,
        answers=answers.codes[keep].reset_index(drop=True),
        missing=_decided(answers.reasons[keep].reset_index(drop=True)),
        design=read_design(raw, mapping, keep, pseudonyms),
        areas=people.areas,
        groups=people.groups,
        start=start or first,
        end=end or final,
        wording=answers.wording,
        asked_on=answers.asked_on,
        comments=read_comments(raw, mapping, keep),
        report=report,
        probability=probability,
    )
    return Harmonised(wave, tuple(problems), raw.source)


def _decided(reasons: pd.DataFrame) -> pd.DataFrame:
    """Reasons with what nobody has decided about left out."""
    codes = reasons.to_numpy(np.int8)
    if not (codes == UNCLEAR).any():
        return reasons
    return pd.DataFrame(np.where(codes == UNCLEAR, np.int8(LEFT_OUT), codes), columns=reasons.columns)


def _check(raw: Raw, mapping: Mapping, instrument: Instrument, levels: Sequence[AreaLevel]) -> None:
    refuse_gone(raw, mapping)
    for column in mapping.columns:
        if column.column not in raw and column.role != "ignore" and column.column not in raw.kept.gone:
            near = process.extract(column.column, [c.name for c in raw.columns], limit=3, scorer=fuzz.WRatio)
            raise SurveyError(
                "map.column-absent", f"The file has no column '{column.column}'", where=raw.source,
                expected=f"a heading such as {some(match[0] for match in near)}",
                hint="Correct the heading in the mapping, or take the entry out.",
            )  # fmt: skip
        if column.role in ("item", "text") and not instrument.has_item(column.target):
            raise SurveyError(
                "map.item-unknown", f"The questionnaire has no question '{column.target}'",
                where=f"{raw.source}, column '{column.column}'",
                expected=some((item.id for item in instrument.items), 8),
            )  # fmt: skip
        if column.role == "area" and column.target not in {level.key for level in levels}:
            raise SurveyError(
                "map.area-unknown", f"The study has no area level '{column.target}'",
                where=f"{raw.source}, column '{column.column}'",
                expected=some(level.key for level in levels) or "an area level of the study",
                hint="Add the level to the study first.",
            )  # fmt: skip
        if column.role in ("area", "group", "number") and column.target in ("", *OWN_COLUMNS):
            raise SurveyError(
                "map.target-reserved", f"'{column.target}' cannot be the name of {column.role}s",
                where=f"{raw.source}, column '{column.column}'", hint="Choose another name, such as 'age'.",
            )  # fmt: skip
    targets = [(c.role, c.target) for c in mapping.having("item", "area", "group", "number", "text")]
    twice = next((target for target in targets if targets.count(target) > 1), None)
    if twice is not None:
        both = [c.column for c in mapping.columns if (c.role, c.target) == twice]
        raise SurveyError(
            "map.target-twice", f"Several columns are mapped to the {twice[0]} '{twice[1]}'", where=raw.source,
            got=some(both), expected="one column", hint="Set the others to 'ignore'.",
        )  # fmt: skip
    if not any(True for _ in mapping.having("item")):
        raise SurveyError(
            "map.no-items", "No column is mapped to a question of the questionnaire", where=raw.source,
            expected=f"columns that answer such as {some((item.text for item in instrument.rated), 2)}",
            hint="Choose the question for each column that holds answers to one.",
        )  # fmt: skip
