"""Guess what every column of a file is, with the reason for each guess."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType, Sequence
from dataclasses import replace

import numpy as np

from trustsurvey.harmonise.answers import asked
from trustsurvey.harmonise.carry import alike, carried
from trustsurvey.harmonise.codebook import Codebook, key, number_of
from trustsurvey.harmonise.guess import LABELLED, Guess
from trustsurvey.harmonise.scale_check import Look, scale_problems
from trustsurvey.harmonise.values import ANSWERED, UNCLEAR, item_codes, reason_of
from trustsurvey.model import AreaLevel, ColumnMap, Instrument, Item, Mapping, Report, Role
from trustsurvey.readers.platforms import platform_named
from trustsurvey.readers.raw import Column, Raw, Values
from trustsurvey.wording import fold

#: Similarity of two wordings, of 100, from which a column may be the item.
ALIKE = 82
#: Share of a column's answers that must be understood on the item's scale.
UNDERSTOOD = 0.8
MOST_GROUPS = 25

#: Groups that surveys ask for, by what their headings say.
GROUPS = {
    "age": r"\bage\b|age group|how old|year of birth|_age\b",
    "sex": r"\bsex\b|gender",
    "ethnicity": r"ethnic|\brace\b|racial|_race\b",
    "tenure": r"own or rent|tenure|home ?owner",
    "income": r"\bincome\b",
    "education": r"education(al)? (level|attainment)|highest (degree|qualification|level of education)",
    "disability": r"disabilit|long-term (illness|condition)",
    "contact": r"contact with (a |the |an )?(\w+ )?(police|officer)|dealt with (a |an |the )?(police|officer)",
    "victim": r"victim of",
    "language": r"language (at|spoken)",
}
PRIVATE = (
    r"e-?mail|phone|telephone|mobile|first ?name|last ?name|surname|full name|your name|street address|"
    r"^(respondent |contact |given |family )?name$|^address$|home address|latitude|longitude|gps|birth ?date|"
    r"date of birth|\bdob\b|case number|badge"
)
#: Words that turn a question round.
NEGATION = r"\b(not|no|never|nobody|none|without|hardly|cannot|\w+n't)\b"
YES_NO = {"yes", "no"}
PLAIN_ROLES: tuple[tuple[str, Role], ...] = (
    (r"^(respondent|response|case|record|person|survey|participant)?[ _-]?id$|^caseid$|^uuid$|^_uuid$", "id"),
    (r"^(base_?|design_?|survey_?|final_?|sampling_?)?(weight|weights|wt|wgt|pw|pweight)$", "weight"),
    (r"^(strata|stratum|sampling stratum)$", "stratum"),
    (r"^(psu|cluster|cluster_?id|primary sampling unit)$", "psu"),
    (r"^fpc$", "fpc"),
    (r"^(start ?(date|time)?|started( at)?|time started|_?start)$", "start"),
    (r"^(end ?(date|time)?|submitted( at)?|date submitted|completion time|submitdate|timestamp|date|"
     r"interview date|_submission_time|_?end)$", "end"),
    (r"^(duration|interview length|time taken)( \(?in seconds\)?)?$", "duration"),
    (r"^(mode|method|interview mode|survey mode|channel|collection mode)$", "mode"),
    (r"^(ip|ip[ _]?address|user[ _]?agent|device[ _]?id)$", "device"),
)  # fmt: skip
AREA = r"neighbou?rhood|district|\bward\b|borough|precinct|\bbeat\b|\bzip\b|post ?code|\barea\b|\bzone\b|county"


def propose(
    raw: Raw,
    instrument: Instrument,
    levels: Sequence[AreaLevel] = (),
    previous: Mapping | None = None,
    known_groups: MappingType[str, Sequence[str]] | None = None,
    last: Report | None = None,
) -> tuple[Mapping, tuple[Guess, ...]]:
    """A mapping for every column of a file, and the guess behind each entry.

    The mapping of an earlier wave decides for columns that have the same name, unless they now ask what
    another one asked then (:func:`carried`, with that wave's report, ``last``); then the platform's own
    columns, wordings that resemble an item's, and what the values look like. ``known_groups``:
    categories by group, such as those of the study's margins.
    """
    platform = platform_named(raw.platform)
    roles_here = {fold(heading): role for heading, role in platform.roles.items()}
    guesses = carried(raw.columns, previous, instrument, last) if previous else {}
    for column in raw.columns:
        if column.name not in guesses and fold(column.name) in roles_here:
            role: Role = roles_here[fold(column.name)]  # type: ignore[assignment]
            guesses[column.name] = Guess(ColumnMap(column.name, role), f"written by {platform.title}", True)
    taken = {guess.column.target for guess in guesses.values() if guess.column.role in ("item", "text")}
    left = [column for column in raw.columns if column.name not in guesses]
    heads = {column.name: raw.head(column.name) for column in left}
    worded = {check.item: check.wording for check in last.items} if last is not None else {}
    guesses |= _items(left, heads, [item for item in instrument.items if item.id not in taken], worded)
    roles = {guess.column.role for guess in guesses.values()}
    groups = {guess.column.target for guess in guesses.values() if guess.column.role == "group"}
    areas = {guess.column.target for guess in guesses.values() if guess.column.role == "area"}
    for column in left:
        if column.name in guesses:
            continue
        guess = _other(column, heads[column.name], levels, known_groups or {}, roles, groups, areas)
        guesses[column.name] = guess
        roles.add(guess.column.role)
        if guess.column.role == "group":
            groups.add(guess.column.target)
        if guess.column.role == "area":
            areas.add(guess.column.target)
    ordered = tuple(_with_labels(guesses[column.name], column) for column in raw.columns)
    base = previous or Mapping((), platform=raw.platform, day_first=platform.day_first)
    mapping = replace(base, columns=tuple(guess.column for guess in ordered), platform=raw.platform)
    return mapping, ordered


def _with_labels(guess: Guess, column: Column) -> Guess:
    """The guess with what the file's codebook says of the column, so that the mapping can do without the file."""
    if guess.column.role not in LABELLED or not column.labels:
        return guess
    return replace(guess, column=replace(guess.column, labels=column.labels))


def _items(
    columns: list[Column], heads: dict[str, Values], items: list[Item], worded: MappingType[str, str]
) -> dict[str, Guess]:
    """Columns that are items: the same id, or the most alike wording, with answers on the scale."""
    scored: list[tuple[float, int, Column, Item, str]] = []
    for position, column in enumerate(columns):
        for item in items:
            likeness, why = _likeness(column, item, worded.get(item.id, ""))
            if likeness >= ALIKE:
                scored.append((-likeness, position, column, item, why))
    found: dict[str, Guess] = {}
    used: set[str] = set()
    for negative, _, column, item, why in sorted(scored, key=lambda entry: entry[:2]):
        enough = 0.5 if -negative >= 100 else UNDERSTOOD
        if column.name in found or item.id in used or not _fits(column, heads[column.name], item, enough):
            continue
        role: Role = "text" if item.scale.is_text else "item"
        turned = _negations(asked(column.text, item)) != _negations(item.text)
        why = "asked in similar words, perhaps the other way round" if turned and -negative < 100 else why
        found[column.name] = Guess(ColumnMap(column.name, role, item.id), why, -negative >= 95 and not turned)
        used.add(item.id)
    return found


def _negations(text: str) -> int:
    return len(re.findall(NEGATION, fold(text)))


def _likeness(column: Column, item: Item, last: str) -> tuple[float, str]:
    if fold(column.name) == fold(item.id):
        return 101.0, "named like the question"
    best = max(alike(column.text, item.text), alike(column.text, last) if last else 0.0)
    return best, "asked in the same words" if best >= 99.5 else "asked in similar words"


def _fits(column: Column, values: Values, item: Item, enough: float) -> bool:
    """Whether the answers can be read on the item's scale, or on one that could be carried over to it."""
    counts = values.counts()
    filled = counts.copy()
    if values.distinct and "" in values.distinct:
        filled[values.distinct.index("")] = 0
    if item.scale.is_text or not filled.sum():
        return True
    entry = ColumnMap(column.name, "item", item.id)
    codes, reasons = item_codes(values, entry, item, column)
    book, rows = Codebook.of(entry, column), np.arange(len(values.codes))
    _, settled = scale_problems(Look(values, counts, codes, reasons, rows, entry, item, book, ""))
    clear = reasons != UNCLEAR
    clear |= np.array([key(value) in settled for value in values.distinct], dtype=bool)
    return filled[clear].sum() >= enough * filled.sum()


def _other(
    column: Column,
    values: Values,
    levels: Sequence[AreaLevel],
    known_groups: MappingType[str, Sequence[str]],
    roles: set[Role],
    groups: set[str],
    areas: set[str],
) -> Guess:
    """A column that is no item: private, part of the design, an area, a group, words, or nothing."""
    name, text = fold(column.name), fold(f"{column.name} {column.text}")
    # Headings made for machines: "first_name", "age_band".
    spaced = [" ".join(re.split(r"[\W_]+", heading)).strip() for heading in (name, fold(column.text))]
    filled = [value for value in values.distinct if value]
    counts = values.counts()
    if any(re.search(PRIVATE, heading) for heading in (text, *spaced)) or _looks_private(filled):
        return _guess(column, "private", "", "may tell who answered; dropped before anything is saved", True)
    text = " ".join((text, *spaced))
    for level in levels:
        if level.key not in areas and _share_known(values, counts, level.names) >= 0.5:
            return _guess(column, "area", level.key, f"most answers are areas of '{level.title}'", True)
    for group, categories in known_groups.items():
        if group not in groups and _share_known(values, counts, categories) >= 0.8:
            spoken = bool(re.search(GROUPS.get(group, rf"\b{re.escape(fold(group))}\b"), text))
            # Many questions are answered by yes or no.
            if spoken or not {fold(category) for category in categories} <= YES_NO:
                return _guess(column, "group", group, f"its answers are the categories of '{group}'", True)
    for pattern, role in PLAIN_ROLES:
        if re.search(pattern, name) and role not in roles and _plausible(role, values, filled):
            return _guess(column, role, "", "by its heading", role != "weight")
    for level in levels:
        if level.key not in areas and not level.areas and (fold(level.key) == name or fold(level.title) in text):
            return _guess(column, "area", level.key, "by its heading", True)
    if re.search(AREA, text) and 2 <= len(filled) <= 500 and levels:
        free = next((level for level in levels if level.key not in areas and not level.areas), None)
        if free is not None:
            return _guess(column, "area", free.key, "its heading speaks of a place", False)
    for group, pattern in GROUPS.items():
        if group not in groups and re.search(pattern, text) and 2 <= len(filled) <= MOST_GROUPS:
            if group in known_groups and _share_known(values, counts, known_groups[group]) < 0.5:
                return _guess(column, "group", group, f"by its heading; its answers are not those of '{group}'", False)
            return _guess(column, "group", group, "by its heading", True)
    for level in levels:
        if level.key not in areas and (fold(level.key) == name or fold(level.title) in text) and len(filled) > 1:
            return _guess(
                column, "ignore", "", f"its heading says '{level.title}', its answers are no such areas", False
            )
    if _looks_like_comments(values, counts):
        return _guess(column, "ignore", "", "longer texts; choose 'text' to keep them", False)
    return _guess(column, "ignore", "", "not part of the questionnaire", True)


def _guess(column: Column, role: Role, target: str, why: str, sure: bool) -> Guess:
    return Guess(ColumnMap(column.name, role, target), why, sure)


def _looks_private(filled: list[str]) -> bool:
    sample = filled[:200]
    if len(sample) < 3:
        return False
    mail = sum(bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}", value)) for value in sample)
    phone = sum(bool(re.fullmatch(r"\+?[\d ()/.-]{9,20}", value)) and not number_like(value) for value in sample)
    return max(mail, phone) > 0.5 * len(sample)


def number_like(value: str) -> bool:
    """Whether a cell is a plain number, a date or a time rather than a telephone number."""
    return bool(re.fullmatch(r"[-+]?\d+([.,]\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?", value))


def _share_known(values: Values, counts: np.ndarray, names: Sequence[str]) -> float:
    """Share of the answers, those that are no answer left aside, that are among the names."""
    known = {fold(name) for name in names}
    said = np.array([reason_of(value, ColumnMap("", "group")) == ANSWERED for value in values.distinct], bool)
    hit = np.array([fold(value) in known for value in values.distinct], bool)
    return float(counts[hit].sum() / counts[said].sum()) if known and said.any() else 0.0


def _plausible(role: Role, values: Values, filled: list[str]) -> bool:
    if role == "id":
        return len(filled) >= 0.9 * max(1, len(values.codes))
    if role in ("weight", "fpc", "duration"):
        return bool(filled) and all(number_of(value) is not None for value in filled[:50])
    if role == "mode":
        return 1 <= len(filled) <= 12
    return bool(filled)


def _looks_like_comments(values: Values, counts: np.ndarray) -> bool:
    longer = [v for v in values.distinct[:500] if v and not reason_of(v, ColumnMap("", "text"))]
    if len(longer) < 5:
        return False
    return float(np.mean([len(v) for v in longer])) > 25 and len(longer) > 0.5 * min(len(counts), 500)
