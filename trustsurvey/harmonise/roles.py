"""Columns that are no question of the questionnaire: private, design, areas, groups, words, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from trustsurvey.harmonise.categories import in_range
from trustsurvey.harmonise.choices import options_of, split
from trustsurvey.harmonise.codebook import Codebook, number_of
from trustsurvey.harmonise.guess import Guess, guess
from trustsurvey.harmonise.places import core
from trustsurvey.harmonise.private import fine_postcode, why_private
from trustsurvey.harmonise.timing import parse_times
from trustsurvey.harmonise.values import ANSWERED, reason_of
from trustsurvey.instruments.headings import group_of, names_group, plain, speaks_of_place
from trustsurvey.instruments.words import suspected_reason
from trustsurvey.language import N_, _
from trustsurvey.model import AreaLevel, ColumnMap, Role
from trustsurvey.readers.raw import Column, Values
from trustsurvey.wording import fold

MOST_GROUPS = 25
#: A heading of more words is a question that may speak of a group in passing.
PASSING = 10
#: Ages in years go into these where the study's margins have none.
AGES = ("14-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
YES_NO = {"yes", "no"}
PLAIN_ROLES: tuple[tuple[str, Role], ...] = (
    (r"^(respondent|response|case|record|person|survey|participant)?[ _-]?id$|^caseid$|^uuid$|^_uuid$|^respno$", "id"),
    (r"^(base_?|design_?|survey_?|final_?|sampling_?|post ?strat\w*|within|combin\w*|pers|pop|country)?"
     r"(weight|weights|wt|wgt|pw|pweight)$|"
     r"^(gewicht|gewichtung|poids|ponderation|peso|ponderador|ponderacion|weegfactor)$", "weight"),
    (r"^(strata|stratum|sampling stratum|estrato|strate|schicht|strato)$", "stratum"),
    (r"^(psu|cluster|cluster_?id|primary sampling unit|sampling point|upm|conglomerado|grappe)$", "psu"),
    (r"^fpc$", "fpc"),
    (r"^(start ?(date|time)?|started( at)?|time started|_?start|fecha de inicio|date de debut|startdatum|begonnen|"
     r"data de inicio|data di inizio|begindatum)$", "start"),
    (r"^(end ?(date|time)?|submitted( at)?|date submitted|completion time|submitdate|timestamp|date|interview ?date|"
     r"date of interview|_submission_time|_?end|fecha|fecha de (la )?entrevista|fecha de fin|date d'entretien|"
     r"date de fin|datum|interviewdatum|enddatum|data|data da entrevista|data dell'intervista)$", "end"),
    (r"^(duration|interview length|time taken|duracion|duree|dauer|duur|duracao|durata)"
     r"( \(?(in )?(seconds|s|sec)\)?)?$", "duration"),
    (r"^(mode|method|interview mode|survey mode|channel|collection mode|data collection mode|modo( de entrevista)?|"
     r"mode de collecte|erhebungsmodus|interviewmodus|modalita)$", "mode"),
    (r"^(ip|ip[ _]?address|user[ _]?agent|device[ _]?id|direccion ip|adresse ip|ip-?adresse?|ip-?adres|indirizzo ip|"
     r"endereco ip)$", "device"),
)  # fmt: skip


@dataclass
class Given:
    """What other columns of the file have been taken for."""

    roles: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    areas: set[str] = field(default_factory=set)

    def add(self, found: Guess) -> None:
        """Note what a column was taken for."""
        self.roles.add(found.column.role)
        if found.column.role in ("group", "area"):
            (self.groups if found.column.role == "group" else self.areas).add(found.column.target)


def role_of(
    column: Column,
    values: Values,
    levels: Sequence[AreaLevel],
    known_groups: MappingType[str, Sequence[str]],
    given: Given,
    separators: Sequence[str] = (),
) -> Guess:
    """What a column is that is no question, and why. ``separators``: what the platform puts between several answers."""
    looks = (
        lambda: _area_by_answers(column, values, levels, given),
        lambda: _private(column, values, given),
        lambda: _group_by_answers(column, values, known_groups, given),
        lambda: _design(column, values, given),
        lambda: _area_by_heading(column, values, levels, given),
        lambda: _group_by_heading(column, values, known_groups, given, separators),
        lambda: _nothing(column, values, levels, given),
    )
    return next(found for look in looks if (found := look()) is not None)


def called(column: Column, levels: Sequence[AreaLevel]) -> bool:
    """Whether a column is called like a group or an area level, and does not only speak of one."""
    keys = {fold(level.key) for level in levels}
    return fold(column.name) in keys or names_group(column.name) or names_group(column.text)


def _filled(values: Values) -> list[str]:
    return [value for value in values.distinct if value]


def _area_by_answers(column: Column, values: Values, levels: Sequence[AreaLevel], given: Given) -> Guess | None:
    for level in levels:
        if level.key not in given.areas and _share_of_areas(column, values, level.names) >= 0.5:
            return guess(
                column.name, "area", level.key, _("most answers are areas of '{title}'").format(title=level.title), True
            )
    return None


def _private(column: Column, values: Values, given: Given) -> Guess | None:
    if _role_by_name(column, values, given) == "device":
        return None
    why = why_private(column, _filled(values))
    if not why:
        return None
    told = _("{why}: may tell who answered, dropped before anything is saved").format(why=why)
    return guess(column.name, "private", "", told, True)


def _group_by_answers(
    column: Column, values: Values, known_groups: MappingType[str, Sequence[str]], given: Given
) -> Guess | None:
    spoken = group_of(f"{column.name} {column.text}", tuple(known_groups))
    for group, categories in known_groups.items():
        # Many questions are answered by yes or no.
        told = group in spoken or not {fold(category) for category in categories} <= YES_NO
        if told and group not in given.groups and _share_known(column, values, categories) >= 0.8:
            return guess(
                column.name, "group", group, _("its answers are the categories of '{group}'").format(group=group), True
            )
    return None


def _role_by_name(column: Column, values: Values, given: Given) -> Role | None:
    names = {fold(column.name), fold(column.name).replace("_", " ")}
    for pattern, role in PLAIN_ROLES:
        free = role not in given.roles or role == "device"
        if free and any(re.search(pattern, name) for name in names) and _plausible(role, values):
            return role
    return None


def _design(column: Column, values: Values, given: Given) -> Guess | None:
    role = _role_by_name(column, values, given)
    return None if role is None else guess(column.name, role, "", N_("by its heading"), role != "weight")


def _plausible(role: Role, values: Values) -> bool:
    filled = _filled(values)
    if role == "id":
        return len(filled) >= 0.9 * max(1, len(values.codes))
    if role in ("weight", "fpc", "duration"):
        return bool(filled) and all(number_of(value) is not None for value in filled[:50])
    if role == "mode":
        return 1 <= len(filled) <= 12
    if role in ("start", "end"):
        return bool(filled) and bool((~np.isnat(parse_times(filled[:50], None))).mean() >= 0.5)
    return bool(filled)


def _area_by_heading(column: Column, values: Values, levels: Sequence[AreaLevel], given: Given) -> Guess | None:
    name, text = fold(column.name), f"{fold(column.text)} {plain(column.name)} {plain(column.text)}"
    free = [level for level in levels if level.key not in given.areas and not level.areas]
    for level in free:
        if fold(level.key) == name or fold(level.title) in text:
            return guess(column.name, "area", level.key, N_("by its heading"), True)
    for level in levels:
        spoken = fold(level.key) in plain(column.name).split() or fold(level.title) in text
        if spoken and level.key not in given.areas and _share_of_areas(column, values, level.names, codes=True) >= 0.5:
            return guess(column.name, "area", level.key, N_("its heading speaks of a place"), False)
    some_answers = 2 <= len(_filled(values)) <= 500
    if free and some_answers and speaks_of_place(f"{column.name} {column.text}"):
        return guess(column.name, "area", free[0].key, N_("its heading speaks of a place"), False)
    if fine_postcode(column):
        why = N_("a postcode, finer than the areas of the study: dropped before anything is saved")
        return guess(column.name, "private", "", why, True)
    return None


def _group_by_heading(
    column: Column,
    values: Values,
    known_groups: MappingType[str, Sequence[str]],
    given: Given,
    separators: Sequence[str],
) -> Guess | None:
    answers = len(_filled(values))
    for group in group_of(f"{column.name} {column.text}"):
        if column.option and answers <= 3:
            target = f"{group}: {column.option}"
            return guess(
                column.name, "group", target, _("one choice of '{question}'").format(question=column.question), True
            )
        if group in given.groups or answers < 2:
            continue
        options, _joined = options_of(values, separators or None)
        if options:
            found = guess(column.name, "group", group, N_("by its heading; several answers could be given"), False)
            lists: dict[str, Any] = _no_answers(options, values)
            left = tuple(option for option in options if not any(option in listed for listed in lists.values()))
            return replace(found, column=replace(found.column, options=left, **lists))
        if answers > MOST_GROUPS:
            ranges = _bands(values, known_groups.get(group, ())) if group == "age" else ()
            if ranges:
                found = guess(column.name, "group", group, N_("by its heading; ages in years, put into groups"), False)
                return replace(found, column=replace(found.column, values=ranges))
            continue
        if group in known_groups and _share_known(column, values, known_groups[group]) < 0.5:
            why = _("by its heading; its answers are not those of '{group}'").format(group=group)
            return guess(column.name, "group", group, why, False)
        # A long question may speak of a group in passing; only its answers in words would tell.
        passing = len(plain(column.text).split()) > PASSING and not _worded(column, values)
        return guess(column.name, "group", group, N_("by its heading"), not passing)
    return None


def _worded(column: Column, values: Values) -> bool:
    return any(number_of(word) is None for word in _said(column, values) if word)


def _no_answers(options: Sequence[str], values: Values) -> dict[str, tuple[str, ...]]:
    """Options such as "R" that agencies use for no answer and that nobody chose beside another, by what they mean."""
    found: dict[str, tuple[str, ...]] = {}
    if sum(number_of(option) is not None for option in options) > 1:
        return found  # codes of options may be any numbers
    for option in options:
        reason = suspected_reason(option)
        beside = any(value != option and option in split(value, options)[0] for value in values.distinct)
        if reason and not beside:
            found[reason] = (*found.get(reason, ()), option)
    return found


def _nothing(column: Column, values: Values, levels: Sequence[AreaLevel], given: Given) -> Guess:
    name, text = fold(column.name), f"{fold(column.text)} {plain(column.text)}"
    for level in levels:
        spoken = fold(level.key) == name or fold(level.title) in text
        if level.key not in given.areas and spoken and len(_filled(values)) > 1:
            why = _("its heading says '{title}', its answers are no such areas").format(title=level.title)
            return guess(column.name, "ignore", "", why, False)
    if column.option:
        why = _("one choice of '{question}'; choose 'group' to keep it").format(question=column.question)
        return guess(column.name, "ignore", "", why, True)
    if looks_like_comments(values):
        return guess(column.name, "ignore", "", N_("longer texts; choose 'text' to keep them"), False)
    return guess(column.name, "ignore", "", N_("not part of the questionnaire"), True)


def _bands(values: Values, categories: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Ranges of ages and what they are called: those of the margins where they are ranges, else the usual ones."""
    ages = [number for value in values.distinct if (number := number_of(value)) is not None]
    usual = [age for age in ages if 14 <= age <= 110]
    if len(usual) < 0.8 * len(ages) or len(ages) < 0.8 * len(_filled(values)):
        return ()
    stated = [category for category in categories if in_range(category) is not None]
    return tuple((band, band) for band in (stated or AGES))


# --- answers ------------------------------------------------------------------------------------------


def _said(column: Column, values: Values) -> list[str]:
    """What each distinct value says, by its label where it has one; "" for one that is no answer."""
    entry, book = ColumnMap(column.name, "group"), Codebook.of(ColumnMap(column.name, "group"), column)
    return [
        (book.label(value) or value) if reason_of(value, entry, book) == ANSWERED else "" for value in values.distinct
    ]


def _share(hit: Sequence[bool], said: Sequence[str], values: Values) -> float:
    counts = values.counts()
    answered = np.array([bool(word) for word in said], dtype=bool)
    found = np.array(hit, dtype=bool) & answered
    return float(counts[found].sum() / counts[answered].sum()) if answered.any() else 0.0


def _share_known(column: Column, values: Values, names: Sequence[str]) -> float:
    """Share of the answers, those that are no answer left aside, that are among the names."""
    known, said = {fold(name) for name in names}, _said(column, values)
    return _share([fold(word) in known for word in said], said, values) if known else 0.0


def _share_of_areas(column: Column, values: Values, names: Sequence[str], codes: bool = False) -> float:
    """As for groups, with other spellings of the names among them; plain numbers only where they may be ``codes``."""
    if not names:
        return 0.0
    known, said = {fold(name) for name in names}, _said(column, values)
    cores = {core(name) for name in names}
    hit = [fold(word) in known or ((codes or number_of(fold(word)) is None) and core(word) in cores) for word in said]
    return _share(hit, said, values)


def looks_like_comments(values: Values) -> bool:
    """Whether most people wrote something of their own, at some length."""
    longer = [v for v in values.distinct[:500] if v and not reason_of(v, ColumnMap("", "text"))]
    if len(longer) < 5:
        return False
    return float(np.mean([len(v) for v in longer])) > 25 and len(longer) > 0.5 * min(len(values.distinct), 500)
