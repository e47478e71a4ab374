"""Several answers in one cell, or one column for each: split against the options that are known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from trustsurvey.harmonise.values import ANSWERED, reason_of
from trustsurvey.instruments.words import places, reason_word
from trustsurvey.model import ColumnMap
from trustsurvey.readers.raw import Raw, Values
from trustsurvey.wording import fold

#: What stands between answers, the surest first. A comma may also stand within one; a blank only where a platform
#: says so.
SEPARATORS = (";", "|", "\n", ", ")
#: So large a share of the cells must hold several answers, and of the answers be known options.
SEVERAL, KNOWN = 0.05, 0.8
FEWEST, MOST = 2, 40
YES_NO = ("No", "Yes")


def split(cell: str, options: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The options that a cell names, longest first at each place, and what is left of it.

    >>> split("Patrol, on foot, Patrol, by car, a dog", ["Patrol, by car", "Patrol, on foot"])
    (('Patrol, on foot', 'Patrol, by car'), 'a dog')
    """
    by_length = sorted(((fold(option), option) for option in options), key=lambda pair: -len(pair[0]))
    text, found, rest = " ".join(cell.replace("\n", " ; ").split()), [], []
    while text:
        text = text.lstrip(" ,;|")
        key = text.casefold()
        for folded, option in by_length:
            length = _leads(key, text, folded)
            if length:
                found.append(option)
                text = text[length:]
                break
        else:
            # What no option begins is passed over up to the next sign between answers.
            cut = re.search(r"[;|]|, | (?=\S+$)|$", text) if " " in text else None
            end = cut.start() if cut and cut.start() else len(text)
            rest.append(text[:end])
            text = text[end:]
    return tuple(dict.fromkeys(found)), " ".join(part.strip() for part in rest if part.strip())


def _leads(key: str, text: str, option: str) -> int:
    """How many characters of a text an option at its beginning takes up, 0 where it does not stand there."""
    if key.startswith(option):
        length = len(option)
    else:  # accents and doubled signs fold away: compare as folded
        lengths = range(len(option), min(len(text), len(option) + 12) + 1)
        length = next((n for n in lengths if fold(text[:n]) == option), 0)
    follows = text[length : length + 1]
    return length if length and (not follows or follows in " ,;|.") else 0


def options_of(values: Values, separators: Iterable[str] | None = None) -> tuple[tuple[str, ...], str]:
    """The options of a question that took several answers, and the sign between them; none where it did not.

    Options are what people chose again and again. Pieces that always stand together are one option that
    has the sign in it ("Patrol, on foot").
    """
    counts = values.counts()
    cells = [
        (value, int(n))
        for value, n in zip(values.distinct, counts, strict=True)
        if value and n and not reason_word(value)
    ]
    total = sum(n for _, n in cells)
    for sign in SEPARATORS if separators is None else separators:
        several = sum(n for value, n in cells if sign in value.strip(sign + " "))
        if several < max(2, SEVERAL * total) or (sign == " " and not _are_codes(cells)):
            continue
        found = _joined([(value.strip(sign + " ").split(sign), n) for value, n in cells], sign)
        if found and _is_multiple(cells, found):
            return found, sign
    return (), ""


def _are_codes(cells: Sequence[tuple[str, int]]) -> bool:
    """Whether cells hold nothing but short names, as a form writes that joins them by blanks."""
    return all(re.fullmatch(r"[\w.-]{1,30}( [\w.-]{1,30})*", value) for value, _ in cells)


def _joined(cells: Sequence[tuple[list[str], int]], sign: str) -> tuple[str, ...]:
    """Pieces chosen often, those merged that never stand apart."""
    split_cells = [([piece.strip() for piece in pieces if piece.strip()], n) for pieces, n in cells]
    glue = sign if sign.endswith(" ") else f"{sign} "
    for _ in range(4):
        alone: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for pieces, n in split_cells:
            for piece in pieces:
                alone[piece] += n
            for pair in pairwise(pieces):
                pairs[pair] += n
        bound = {
            (one, two)
            for (one, two), n in pairs.items()
            if n >= FEWEST and n == alone[two] and (n == alone[one] or two[:1].islower())
        }
        if not bound:
            break
        split_cells = [(_merged(pieces, bound, glue), n) for pieces, n in split_cells]
    often = Counter[str]()
    for pieces, n in split_cells:
        for piece in dict.fromkeys(pieces):
            often[piece] += n
    total = sum(n for _, n in split_cells)
    options = tuple(piece for piece, n in often.most_common() if n >= max(FEWEST, 0.01 * total))
    # Sentences have hardly a piece in common: no need to look at them closely.
    return options if sum(often[option] for option in options) >= KNOWN * often.total() else ()


def _merged(pieces: list[str], bound: set[tuple[str, str]], glue: str) -> list[str]:
    out: list[str] = []
    last = ""
    for piece in pieces:
        if out and (last, piece) in bound:
            out[-1] = f"{out[-1]}{glue}{piece}"
        else:
            out.append(piece)
        last = piece
    return out


def _is_multiple(cells: Sequence[tuple[str, int]], options: Sequence[str]) -> bool:
    """Whether cells are combinations of options rather than sentences, or labels with the sign in them."""
    if not FEWEST <= len(options) <= MOST or max(map(len, options)) > 200:
        return False
    named, pieces, sets = 0, 0, set()
    for value, n in cells:
        found, rest = split(value, options)
        named += n * len(found)
        pieces += n * (len(found) + (1 if rest else 0))
        sets.add(frozenset(found))
    # What is chosen together is also chosen apart; the parts of a label are not.
    met = Counter(option for found in sets for option in found)
    several = [found for found in sets if len(found) > 1 and all(met[option] > 1 for option in found)]
    return named >= KNOWN * pieces and len(several) >= 2 and not places(options[0])


# --- as groups --------------------------------------------------------------------------------------------


def chosen(values: Values, column: ColumnMap) -> dict[str, pd.Categorical]:
    """Yes or no for each of a column's options, by group name; unknown where the question was not answered."""
    answered = np.array([reason_of(value, column) == ANSWERED for value in values.distinct], dtype=bool)
    stated = {fold(word): option for word, option in column.values}
    named = [
        set(split(value, column.options)[0]) | {stated[fold(value)]} if fold(value) in stated
        else set(split(value, column.options)[0])
        for value in values.distinct
    ]  # fmt: skip
    found = {}
    for option in column.options:
        codes = [(1 if option in said else 0) if known else -1 for said, known in zip(named, answered, strict=True)]
        found[f"{column.target}: {option}"] = yes_no(np.array([*codes, -1])[values.codes])
    return found


def ticked(raw: Raw, column: ColumnMap) -> pd.Categorical:
    """Yes or no for a column that is one choice of a question; unknown where the whole question is blank."""
    here = raw.column(column.column)
    values = raw.values(column.column)
    asked = np.zeros(raw.rows, dtype=bool)
    for other in raw.columns:
        if other.name == column.column or (here.question and other.question == here.question):
            asked |= _filled(raw.values(other.name))
    codes = np.array([*(_ticked(value, column) for value in values.distinct), -1])[values.codes]
    return yes_no(np.where(asked, codes, -1))


def _ticked(cell: str, column: ColumnMap) -> int:
    """1 for a choice that was made, 0 for one that was not, -1 where that is not known."""
    stated = {fold(word): fold(meaning) for word, meaning in column.values}
    if fold(cell) in stated:
        return int(places(stated[fold(cell)]).get("yesno", 1.0))
    reason = reason_of(cell, column)
    if cell and reason != ANSWERED and not is_blank(cell):
        return -1
    return 0 if is_blank(cell) or places(cell).get("yesno") == 0 or fold(cell) == "0" else 1


def is_blank(cell: str) -> bool:
    """Whether a cell holds nothing, or a word for nothing."""
    return not fold(cell) or reason_word(cell) == "blank"


def _filled(values: Values) -> np.ndarray:
    return np.array([*(not is_blank(value) for value in values.distinct), False], dtype=bool)[values.codes]


def yes_no(codes: np.ndarray) -> pd.Categorical:
    """0 and 1 as "No" and "Yes", -1 as unknown."""
    return pd.Categorical.from_codes(codes, list(YES_NO))
