"""Columns that may tell who answered: by their heading in several languages, or by what fills them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from trustsurvey.harmonise.codebook import number_of
from trustsurvey.harmonise.timing import parse_times
from trustsurvey.instruments.headings import speaks_of_other, speaks_of_people, speaks_of_postcode
from trustsurvey.instruments.words import order
from trustsurvey.language import N_, _
from trustsurvey.readers.raw import Column
from trustsurvey.wording import readable

#: Distinct values that are looked at, and the share of them that must look alike.
SAMPLE, MOST = 200, 0.5
#: A long heading over a few common answers is a question about phones or names, not an answer to "who are you".
QUESTION_WORDS, FEW_ANSWERS = 6, 12
#: Dates that lie so many years back on average are days of birth.
YEARS_BACK = 14

MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}")
PHONE = re.compile(r"\+?[\d ()/.-]{9,20}")
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
ADDRESS = re.compile(r"(\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){3,7}")
PANEL = re.compile(
    r"[0-9a-f]{24}|A[0-9A-Z]{11,19}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32,64}"
)
PLACE = re.compile(r"-?\d{1,3}\.\d{4,}(\s*[,;]\s*-?\d{1,3}\.\d{4,})?")
#: Postcodes of a few houses: British, Canadian, Dutch, and American with the four digits more.
POSTCODE = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}|\d{5}-\d{4}", re.IGNORECASE
)
STREET = re.compile(
    r"(?i)\d+[a-z]?,? [\w .']+ (street|st|road|rd|avenue|ave|lane|ln|drive|dr|way|court|close|boulevard|blvd)\b.*|"
    r"[\w .'-]+(stra(ss|\u00df)e|str\.|weg|platz|laan|straat) \d+.*|"
    r"(rue|avenue|calle|rua|via) [\w .']+ \d+.*|\d+,? (rue|avenue) .+"
)


def looks_private(column: Column, filled: Sequence[str]) -> bool:
    """Whether a column may tell who answered, by its heading or by what fills it (distinct values).

    Names, addresses of every kind, telephones, coordinates, days of birth, numbers of panels, cases and
    documents, the free text beside "other", and postcodes of a few houses.
    """
    return bool(why_private(column, filled))


def why_private(column: Column, filled: Sequence[str]) -> str:
    """What about a column may tell who answered, in a few words; "" for nothing."""
    if not _is_question(column, filled):
        for heading in (column.name, column.text, f"{column.name} {column.text}"):
            if speaks_of_people(heading):
                return _("it asks who somebody is")
        if (speaks_of_other(column.name) or speaks_of_other(column.text)) and not _all_numbers(filled):
            return _("free text beside \u201cother\u201d")
    sample = list(filled[:SAMPLE])
    if len(sample) < 3:
        return ""
    looks: tuple[tuple[str, Callable[[str], bool]], ...] = (
        (N_("e-mail addresses"), lambda value: bool(MAIL.fullmatch(value))),
        (N_("internet addresses"), lambda value: bool(ADDRESS.fullmatch(value))),
        (N_("postcodes of a few houses"), lambda value: bool(POSTCODE.fullmatch(value))),
        (N_("telephone numbers"), lambda value: bool(PHONE.fullmatch(value)) and not NUMBER.fullmatch(value)),
        (N_("numbers of a panel"), lambda value: bool(PANEL.fullmatch(value))),
        (N_("coordinates"), lambda value: bool(PLACE.fullmatch(value))),
        (N_("street addresses"), lambda value: bool(STREET.fullmatch(value))),
    )
    for what, look in looks:
        if sum(map(look, sample)) > MOST * len(sample) and not (what == "coordinates" and _is_weight(column, sample)):
            return _("it holds {what}").format(what=_(what))
    return _("it holds days of birth") if _births(sample) else ""


def fine_postcode(column: Column) -> bool:
    """Whether a column asks for a postcode, which is finer than the areas of most studies."""
    return speaks_of_postcode(column.name) or speaks_of_postcode(column.text)


def _is_question(column: Column, filled: Sequence[str]) -> bool:
    """Whether a heading is a question that people answered by one of a few words or codes."""
    few = 2 <= len(filled) <= FEW_ANSWERS
    return (
        few
        and len(readable(column.text).split()) >= QUESTION_WORDS
        and (_all_numbers(filled) or order(list(filled)) is not None)
    )


def _all_numbers(filled: Sequence[str]) -> bool:
    return bool(filled) and all(number_of(value) is not None for value in filled)


def _is_weight(column: Column, sample: Sequence[str]) -> bool:
    """Whether numbers with many decimals are weights: all above 0 and about 1 on average, or headed so."""
    if re.search(r"(?i)weight|\bw(t|gt)|gewicht|poids|peso|gewichtung", f"{column.name} {column.text}"):
        return True
    numbers = [number for value in sample if (number := number_of(value)) is not None]
    return bool(numbers) and min(numbers) > 0 and 0.5 < float(np.mean(numbers)) < 2


def _births(sample: Sequence[str]) -> bool:
    """Whether dates lie far back: days of birth rather than of an interview."""
    dated = [value for value in sample if re.search(r"\d{4}", value) and re.search(r"\d[-/.]\d", value)]
    if len(dated) <= MOST * len(sample):
        return False
    when = parse_times(dated, None)
    known = when[~np.isnat(when)]
    if len(known) <= MOST * len(sample):
        return False
    years = known.astype("M8[Y]").astype(int) + 1970
    return float(np.median(years)) <= date.today().year - YEARS_BACK and bool(np.ptp(years) > 10)
