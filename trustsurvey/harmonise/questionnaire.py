"""A questionnaire proposed from a file, for studies whose questions are their own."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trustsurvey.errors import Notice, SurveyError, some
from trustsurvey.harmonise.choices import SEPARATORS
from trustsurvey.harmonise.codebook import number_of
from trustsurvey.harmonise.kinds import Inferred, infer
from trustsurvey.harmonise.roles import Given, role_of
from trustsurvey.harmonise.ruler import word_code
from trustsurvey.harmonise.turned import correlations, rest_correlations
from trustsurvey.harmonise.values import item_codes
from trustsurvey.instruments import dump_instrument, library_scales, parse_instrument
from trustsurvey.instruments.headings import speaks_against, speaks_of_place, speaks_of_police
from trustsurvey.instruments.words import order, reason_word
from trustsurvey.model import AreaLevel, ColumnMap, Index, Instrument, Item, Scale
from trustsurvey.readers.platforms import platform_named
from trustsurvey.readers.raw import Column, Raw, Values
from trustsurvey.wording import fold, readable, segments

#: A question is turned where it goes against the others so clearly.
AGAINST = -0.1
#: A question that so large a share left blank was put to some only.
BLANK = 0.4
#: Words of comments are this long on average, in characters.
COMMENT = 25
TEXT = Scale("text", 0, 0)


@dataclass(frozen=True)
class Draft:
    """A proposed questionnaire, what somebody should look at in it, by item, and the column of each item."""

    instrument: Instrument
    notes: tuple[tuple[str, Notice], ...]
    columns: Mapping[str, str]


def questionnaire_from(raw: Raw, name: str = "", title: str = "", levels: Sequence[AreaLevel] = ()) -> Draft:
    """A questionnaire of the rated and the open questions that a file holds.

    Each has its text, a scale (one of the package's where its words say the same, else its own) and whether
    it is worded the other way round: where it goes against the other questions, or, where too few
    answered to tell, by its words. One index holds the questions about the police, or all rated ones where
    there are not two of these; dimensions are for people to make.

    SurveyError ``instrument.no-questions`` for a file that holds no rated question.
    """
    found = _questions(raw, levels)
    rated = [(column, kind) for column, kind in found if kind.rated]
    if not rated:
        raise SurveyError(
            "instrument.no-questions", "The file holds no question that is answered on a scale", where=raw.source,
            expected="a column of numbers such as 1 to 5, or of words such as Agree and Disagree",
        )  # fmt: skip
    texts = _texts([column for column, _ in found])
    ids = _ids([column for column, _ in found], texts)
    scales = _scales([(column.name, kind) for column, kind in found])
    items = [
        Item(ids[column.name], texts[column.name], scales[column.name], optional=_put_to_some(raw.head(column.name)))
        for column, _ in found
    ]
    parts = _parts(items, {ids[column.name]: kind for column, kind in rated})
    index = Index("trust", "Index", parts, math.ceil(2 * len(parts) / 3), plain="The questions taken together")
    draft = Instrument(name or _slug(raw.source), title or raw.source, tuple(items), (index,), "trust")
    columns = {ids[column.name]: column for column, _ in found}
    reverse, notes = _reversed(raw, draft, columns)
    final = tuple(replace(item, reverse=item.id in reverse) for item in items)
    write = Notice("draft.unnamed", "its text is only the column's name: write the question")
    unnamed = [(item.id, write) for item in items
               if fold(item.text) == fold(columns[item.id].name) and len(item.text.split()) < 3]  # fmt: skip
    named = {key: column.name for key, column in columns.items()}
    return Draft(replace(draft, items=final), (*notes, *unnamed), named)


def _questions(raw: Raw, levels: Sequence[AreaLevel]) -> list[tuple[Column, Inferred]]:
    """Columns that are answered on a scale or in own words, those with another part to play left aside."""
    platform = platform_named(raw.platform)
    own = platform.own(column.name for column in raw.columns)
    separators = (*platform.joined, *SEPARATORS)
    given, found = Given(), []
    for column in raw.columns:
        if column.name in own:
            continue
        values = raw.head(column.name)
        guess = role_of(column, values, levels, {}, given, separators)
        given.add(guess)
        if guess.column.role != "ignore":
            continue
        kind = infer(column, values, separators)
        if (
            not kind.anchors
            and len(readable(column.text).split()) < 4
            and speaks_of_place(f"{column.name} {column.text}")
        ):
            continue
        if kind.rated or kind.kind == "number" or (kind.kind == "text" and _are_comments(values)):
            found.append((column, kind))
    return _as_its_neighbours(raw, found)


def _as_its_neighbours(raw: Raw, found: Sequence[tuple[Column, Inferred]]) -> list[tuple[Column, Inferred]]:
    """Numbers that use a part of the scale that most other questions have are on that scale; others are left out."""
    spans = Counter((kind.low, kind.high) for _, kind in found if kind.kind == "scale" and not kind.anchors)
    usual = spans.most_common(1)[0] if spans else ((0.0, 0.0), 0)
    kept = []
    for column, kind in found:
        if kind.kind == "number":
            (low, high), times = usual
            numbers = {
                number for value in raw.head(column.name).distinct if (number := number_of(fold(value))) is not None
            }
            if times < 2 or len(numbers) < 3 or not all(low <= n <= high and n.is_integer() for n in numbers):
                continue
            kind = Inferred("scale", low, high)
        kept.append((column, kind))
    return kept


def _put_to_some(values: Values) -> bool:
    """Whether so many left a question blank that it was put to some residents only."""
    blank = np.array([*(not value or reason_word(value) == "blank" for value in values.distinct), False], dtype=bool)
    return bool(blank[values.codes].mean() > BLANK)


def _are_comments(values: Values) -> bool:
    said = [value for value in values.distinct if value]
    return len(said) >= 5 and float(np.mean([len(value) for value in said])) > COMMENT


# --- names and wording ----------------------------------------------------------------------------------


def _texts(columns: Sequence[Column]) -> dict[str, str]:
    """The question of each column; of a block, the statement without the stem that they share."""
    told = {column.name: readable(re.sub(r"^\w{1,20}(\[\w+\])?\.\s+", "", column.text)) for column in columns}
    stems = Counter(_stem(text) for text in told.values() if _stem(text))
    return {
        name: segments(text)[-1].strip("[] ") if stems.get(_stem(text), 0) > 1 else text for name, text in told.items()
    }


def _stem(text: str) -> str:
    parts = segments(text)
    return text[: len(text) - len(parts[-1])] if len(parts) > 1 else ""


def _ids(columns: Sequence[Column], texts: dict[str, str]) -> dict[str, str]:
    """Short unique names: the column's where it is one, else the words that tell its question from the others."""
    found: dict[str, str] = {}
    words_of = {name: re.findall(r"[^\W\d_]{4,}", fold(text)) for name, text in texts.items()}
    common = Counter(word for words in words_of.values() for word in set(words))
    for column in columns:
        short = re.sub(r"\W+", "_", fold(column.name)).strip("_")
        if len(column.name) > 20 or len(column.name.split()) > 1:
            words = list(dict.fromkeys(words_of[column.name]))
            rarest = sorted(words, key=lambda word: common[word])[:3]
            short = "_".join(word for word in words if word in rarest) or short[:20]
        short = short if re.match(r"[^\W\d]", short) else f"q{short}"
        base, number = short, 2
        while short in found.values():
            short, number = f"{base}_{number}", number + 1
        found[column.name] = short
    return found


def _slug(source: str) -> str:
    return re.sub(r"\W+", "-", fold(source.rsplit(".", 1)[0])).strip("-") or "questionnaire"


# --- scales ---------------------------------------------------------------------------------------------


def _scales(found: Sequence[tuple[str, Inferred]]) -> dict[str, Scale]:
    """A scale for each column: one of the package's, else one of its own, shared by all that look alike."""
    families: list[tuple[Inferred, list[str]]] = []
    for column, kind in found:
        if kind.rated:
            at = next((k for k, (other, _) in enumerate(families) if _together(kind, other) is not None), None)
            if at is None:
                families.append((kind, [column]))
            else:
                families[at] = (_together(kind, families[at][0]) or kind, [*families[at][1], column])
    scales = {column: TEXT for column, _ in found}
    taken: list[str] = []
    for kind, columns in families:
        scale = _library(kind) or _own(kind, taken)
        taken.append(scale.name)
        scales |= dict.fromkeys(columns, scale)
    return scales


def _together(one: Inferred, other: Inferred) -> Inferred | None:
    """One scale of two whose labels complete one another, None where they do not."""
    if (one.kind, one.low, one.high) != (other.kind, other.low, other.high) or bool(one.anchors) != bool(other.anchors):
        return None
    words = dict(other.anchors)
    if any(fold(words.get(code, label)) != fold(label) for code, label in one.anchors):
        return None
    if one.anchors and not set(words) & {code for code, _ in one.anchors}:
        return None
    return replace(one, anchors=tuple(sorted({**dict(one.anchors), **words}.items())))


def _library(kind: Inferred) -> Scale | None:
    """The package's scale whose words say the same as the column's, point for point."""
    for scale in library_scales():
        points = scale.high - scale.low + 1
        if len(kind.anchors) < 2 or kind.high - kind.low + 1 != points or len(scale.anchors) != points:
            continue
        shift = scale.low - kind.low
        if all(word_code(scale, label) == code + shift for code, label in kind.anchors):
            return scale
    return None


def _own(kind: Inferred, taken: Sequence[str]) -> Scale:
    found = order([label for _, label in kind.anchors])
    base = f"{found.family if found else 'scale'}_{kind.low:g}_{kind.high:g}".replace("-", "minus")
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    steps = [kind.low + k for k in range(int(kind.high - kind.low) + 1)]
    return Scale(name, kind.low, kind.high, kind.anchors, tuple(steps[-2:] if len(steps) > 3 else steps[-1:]))


# --- the index, and what is turned round -----------------------------------------------------------------


def _parts(items: Sequence[Item], rated: dict[str, Inferred]) -> tuple[str, ...]:
    """Questions about the police where there are two at least, else all on a scale, else all rated."""
    scaled = [item for item in items if item.id in rated and rated[item.id].kind == "scale"]
    police = [item.id for item in scaled if speaks_of_police(item.text) or speaks_of_police(item.id)]
    every = [item.id for item in scaled] or [item.id for item in items if item.id in rated]
    return tuple(police if len(police) > 1 else every)


def _reversed(
    raw: Raw, draft: Instrument, columns: dict[str, Column]
) -> tuple[set[str], tuple[tuple[str, Notice], ...]]:
    parts = draft.index("trust").parts
    codes = {}
    for part in parts:
        values = raw.head(columns[part].name)
        code, _ = item_codes(values, ColumnMap(columns[part].name, "item", part), draft.item(part), columns[part])
        codes[part] = values.apply(code, float)
    r = correlations(pd.DataFrame(codes), draft)
    first, against = rest_correlations(r, draft), _against(r, draft)
    reverse, notes = set(against), []
    for part in parts:
        told = speaks_against(draft.item(part).text)
        if part in against:
            r_rest = f"{against[part]:.2f}"
            note = Notice("draft.against", f"turned round: it goes against the others (r = {r_rest})")
            notes.append((part, note))
        elif told and first[part] != first[part]:
            reverse.add(part)
            notes.append((part, Notice("draft.words", "turned round by its words; too few answers to tell")))
        elif told:
            r_rest = f"{first[part]:.2f}"
            note = Notice("draft.negative", f"worded negatively, yet goes with the others (r = {r_rest}): check")
            notes.append((part, note))
    return reverse, tuple(notes)


def _against(r: pd.DataFrame, draft: Instrument) -> dict[str, float]:
    """Questions that go against the others, the clearest first, each turned before the next is looked for."""
    found: dict[str, float] = {}
    now = r.copy()
    while len(found) < len(r) // 2:
        rest = {part: value for part, value in rest_correlations(now, draft).items() if part not in found}
        worst = min(rest, key=lambda part: rest[part] if rest[part] == rest[part] else 1.0, default="")
        if not worst or not rest[worst] <= AGAINST:
            break
        found[worst] = rest[worst]
        now.loc[worst], now[worst] = -now.loc[worst], -now[worst]
    return found


def settled(draft: Instrument, title: str, texts: Mapping[str, str], parts: Sequence[str], reverse: Set[str],
            index: str = "") -> Instrument:  # fmt: skip
    """A drafted questionnaire as somebody left it: its title, wordings by item, the parts of its index and its name.

    SurveyError ``instrument.no-parts`` where no question is left in the index, ``instrument.unsound``.
    """
    if not parts:
        raise SurveyError(
            "instrument.no-parts", "No question counts in the score", expected="one at least",
            hint="Tick the questions that the score is to be made of.",
        )  # fmt: skip
    items = tuple(
        replace(item, text=texts.get(item.id, "").strip() or item.text, reverse=item.id in reverse)
        for item in draft.items
    )
    whole = draft.index(draft.headline)
    score = replace(whole, title=index or whole.title, parts=tuple(parts), at_least=math.ceil(2 * len(parts) / 3))
    return parse_instrument(dump_instrument(replace(draft, title=title, items=items, indices=(score,))), title)


def summary(draft: Draft) -> str:
    """One line about a draft."""
    items = draft.instrument.items
    rated, parts = draft.instrument.rated, draft.instrument.index("trust").parts
    return (
        f"{len(rated)} rated and {len(items) - len(rated)} open questions; the index has {len(parts)} of them "
        f"({some(parts, 6)})"
    )
