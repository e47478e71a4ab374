"""What the heading of a column speaks of: who answered, a group, a place. The phrases are data (``headings.yaml``)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml

from trustsurvey.wording import fold


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("headings.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.BaseLoader)


def plain(heading: str) -> str:
    """A heading as words alone: "q40_AgeGroup?" is "q40 age group".

    >>> plain("q40_AgeGroup?"), plain("E-Mail")
    ('q40 age group', 'e mail')
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.findall(r"[^\W_]+", fold(parted)))


@cache
def _pattern(*path: str) -> re.Pattern[str]:
    told: Any = _data()
    for step in path:
        told = told[step]
    phrases = [phrase for entry in told for phrase in (entry if isinstance(entry, list) else [entry])]
    # Words of old names may stand together: "emailaddress" speaks of an address.
    longest = sorted({plain(phrase) for phrase in phrases}, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(re.escape(phrase) for phrase in longest) + r")\b")


def speaks_of_people(heading: str) -> bool:
    """Whether a heading asks who somebody is."""
    words = plain(heading)
    return bool(_pattern("private", "anywhere").search(words) or _pattern("private", "whole").fullmatch(words))


def speaks_of_other(heading: str) -> bool:
    """Whether a heading belongs to the free text beside "other"."""
    return bool(_pattern("other").search(plain(heading))) or bool(
        re.search(r"(?i)(_text|\[other\]|[_/]other)$", heading)
    )


def speaks_of_postcode(heading: str) -> bool:
    """Whether a heading asks for a postcode."""
    return bool(_pattern("postcode").search(plain(heading)))


def speaks_of_place(heading: str) -> bool:
    """Whether a heading asks for a place."""
    return bool(_pattern("area").search(plain(heading))) or speaks_of_postcode(heading)


def place_in(heading: str) -> str:
    """The word for a place that a heading asks for; empty where there is none.

    >>> place_in("Which neighbourhood do you live in?")
    'neighbourhood'
    """
    found = _pattern("area").search(plain(heading))
    return found.group() if found else ""


def group_of(heading: str, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The groups that a heading speaks of, by the study's own names and by the list's."""
    words = plain(heading)
    listed = [group for group in _data()["groups"] if _pattern("groups", group).search(words)]
    own = [name for name in names if name not in listed and re.search(rf"\b{re.escape(plain(name))}\b", words)]
    return (*listed, *own)


def names_group(heading: str) -> bool:
    """Whether a heading, its question's number aside, is the name of a group and nothing more: "q40_age"."""
    words = re.sub(r"^[a-z]{1,4}\d{1,3} (\d{1,3} )?", "", plain(heading))
    return any(_pattern("groups", group).fullmatch(words) for group in _data()["groups"])


def speaks_of_birth(heading: str) -> bool:
    """Whether a heading asks when somebody was born."""
    return bool(_pattern("birth").search(plain(heading)))


def speaks_of_round(heading: str) -> bool:
    """Whether a heading as a whole says which wave of a survey a row is from: "Year", "survey_wave"."""
    return bool(_pattern("round").fullmatch(plain(heading)))


def speaks_of_police(text: str) -> bool:
    """Whether a question is about the police."""
    return bool(_pattern("police").search(plain(text)))


def speaks_against(text: str) -> bool:
    """Whether a statement is worded against those it is about."""
    return bool(_pattern("against").search(plain(text))) or bool(re.search(r"n't\b", fold(text)))
