"""What residents write in the open questions: sentences put together from phrases.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from sample_data.answers import CENTRE, WORDS, Quarter
from sample_data.city import SEED

#: The police desks of these districts closed shortly before this wave, with what that did to trust.
DESK_CLOSED_IN = ("Harbour", "Northside")
DESK_CLOSED_FROM = "2025 Q3"
DESK = "police_desk"

#: Shares of residents: who writes anything, and who of them answers each of the two questions.
WRITES = 0.67
ANSWERS_ONE = 0.85
NOTHING_TO_SAY = 0.025
#: How answers are shared out over a few words, one, two, three and four sentences.
LENGTHS = (0.18, 0.40, 0.28, 0.10, 0.04)
#: How likely a further sentence is to stay with the theme, or to turn to the other tone.
SAME_THEME, TURNS = 0.40, 0.15
#: How often an answer of whole sentences begins with words like "because".
OPENS = 0.35
#: A score this much further from a resident's trust makes its themes e times as likely.
STANDS_OUT = 15.0
#: So many points above the centre, praise is e times as likely as complaint.
TONE = 8.0

ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Comment:
    """An answer to an open question with the themes that it was made from, in order."""

    text: str
    themes: tuple[str, ...]


@lru_cache(maxsize=1)
def phrases() -> dict[str, Any]:
    """The content of phrases.yaml."""
    return yaml.safe_load(Path(__file__).with_name("phrases.yaml").read_text(encoding="utf-8"))


def comments(people: pd.DataFrame, scores: pd.DataFrame, quarter: Quarter) -> pd.DataFrame:
    """Answers to both open questions for the residents of a wave: columns row, item, text, themes.

    ``people`` and ``scores`` (indices on 0-100) have one row a resident, in the same order; ``row``
    is the position there. Residents who write nothing have no row.
    """
    rng = np.random.default_rng([SEED, quarter.stream, WORDS])
    rows = []
    for row, (person, score) in enumerate(zip(people.to_dict("records"), scores.to_dict("records"), strict=True)):
        if rng.random() > WRITES:
            continue
        for item in ("oe1", "oe2"):
            if rng.random() < ANSWERS_ONE:
                comment = compose(rng, item, person, score, quarter)
                rows.append((row, item, comment.text, comment.themes))
    return pd.DataFrame(rows, columns=["row", "item", "text", "themes"])


def compose(
    rng: np.random.Generator, item: str, person: dict[str, Any], score: dict[str, float], quarter: Quarter
) -> Comment:
    """One answer of one resident: oe1 asks for the reason, oe2 for the change most wished for."""
    if rng.random() < NOTHING_TO_SAY:
        return Comment(_written(rng, [_pick(rng, phrases()["fillers"])]), ())
    trust = score["trust"] if np.isfinite(score["trust"]) else CENTRE
    glad = rng.random() < 1 / (1 + np.exp((CENTRE - trust) / TONE))
    tone = "wish" if item == "oe2" else "high" if glad else "low"
    theme = _theme(rng, tone, person, score, trust, quarter)
    length = int(np.searchsorted(np.cumsum(LENGTHS), rng.random() * sum(LENGTHS)))
    if length == 0:
        return Comment(_written(rng, [_few_words(rng, theme, tone, person)]), (theme,))
    themes, used = [theme], {theme: [_line(rng, theme, tone)]}
    opener = _pick(rng, phrases()["opener"][tone]) if rng.random() < OPENS else ""
    sentences = [opener + _filled(rng, used[theme][0], person)]
    for position in range(1, length):
        turned = position == length - 1 and tone != "wish" and rng.random() < TURNS
        now = {"low": "high", "high": "low"}[tone] if turned else tone
        if turned or rng.random() > SAME_THEME:
            theme = _theme(rng, now, person, score, trust, quarter)
        line = _line(rng, theme, now)
        if line in used.get(theme, []):
            continue
        used.setdefault(theme, []).append(line)
        themes += [theme] if theme not in themes else []
        sentences.append((_pick(rng, phrases()["turn"]) if turned else "") + _filled(rng, line, person))
    return Comment(_written(rng, sentences), tuple(themes))


def _theme(
    rng: np.random.Generator,
    tone: str,
    person: dict[str, Any],
    score: dict[str, float],
    trust: float,
    quarter: Quarter,
) -> str:
    """A theme, by how common it is and by the resident's scores, age and district."""
    names, weights = [], []
    for name, theme in phrases()["themes"].items():
        if name == DESK and (quarter.name < DESK_CLOSED_FROM or person["district"] not in DESK_CLOSED_IN):
            continue
        pull = theme.get("districts", {}).get(person["district"], 0.0)
        pull += theme.get("young", 0.0) if person["age"] == "18-29" else 0.0
        pull += theme.get("old", 0.0) if person["age"] in ("60-74", "75+") else 0.0
        # What stands out from a resident's general trust is what gets mentioned.
        apart = score.get(theme.get("dimension", "trust"), trust) - trust
        if name == "praise":
            apart = trust - CENTRE if tone == "wish" else 0.0
        if np.isfinite(apart):
            pull += apart / STANDS_OUT * (1 if tone == "high" or name == "praise" else -1)
        names.append(name)
        weights.append(theme["often"][tone] * np.exp(pull))
    ends = np.cumsum(weights)
    return names[int(np.searchsorted(ends, rng.random() * ends[-1]))]


def _pick(rng: np.random.Generator, lines: list[str]) -> str:
    return lines[int(rng.integers(len(lines)))]


def _line(rng: np.random.Generator, theme: str, tone: str) -> str:
    return _pick(rng, phrases()["themes"][theme][tone])


def _few_words(rng: np.random.Generator, theme: str, tone: str, person: dict[str, Any]) -> str:
    """Three words at least."""
    while True:
        text = _filled(rng, _line(rng, theme, f"{tone}_short"), person)
        if len(text.split()) >= 3:
            return text


def _filled(rng: np.random.Generator, line: str, person: dict[str, Any]) -> str:
    """A line with one of its alternatives taken each time and all slots filled."""
    while ALTERNATIVES.search(line):
        line = ALTERNATIVES.sub(lambda found: _pick(rng, found[1].split("|")), line)
    own = {name: [str(person[name])] for name in ("neighbourhood", "district")}
    while SLOT.search(line):
        line = SLOT.sub(lambda found: _pick(rng, own.get(found[1]) or phrases()["slots"][found[1]]), line)
    return " ".join(line.split()).replace(" ,", ",")


def _written(rng: np.random.Generator, sentences: list[str]) -> str:
    """Sentences as typed: with capitals and full stops, or in haste without."""
    hasty = rng.random()
    if hasty < 0.12:
        text = ", ".join(sentences).lower().replace("'", "")
    else:
        text = ". ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
        text += "" if hasty < 0.25 else "!" if hasty > 0.96 else "."
    return text
