"""Whether a column was answered on the scale that its question has: what differs is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trustsurvey.harmonise.codebook import Codebook, key, number_of
from trustsurvey.harmonise.problems import AS_IT_IS, Choice, Problem, first_rows, short
from trustsurvey.harmonise.ruler import numeric_span, word_code
from trustsurvey.harmonise.values import ANSWERED, UNCLEAR
from trustsurvey.instruments.words import Order, order, suspected_reason
from trustsurvey.model import ColumnMap, Floats, Item, Scale
from trustsurvey.readers.raw import Values
from trustsurvey.wording import fold

CODE = "map.scale"
BETWEEN = "map.between"
LEAVE_OUT = "Leave out what does not fit"
#: Numbers outside the scale make a scale of their own from this share of the answers.
ENOUGH_OUTSIDE = 0.02
#: An end of the scale that nobody chose is told from so many answers, if so large a share chose the point before it.
ENOUGH_ANSWERS = 100
CROWDED = 0.1
#: Scales that surveys use, from which the answers' own is guessed: the shortest that holds them all.
USUAL = (
    (0, 1), (1, 2), (0, 2), (1, 3), (0, 3), (1, 4), (0, 4), (1, 5), (0, 5), (1, 6), (0, 6), (1, 7), (1, 9), (0, 10),
    (1, 10), (0, 100), (1, 100),
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What is looked at: distinct values with counts, what was made of them, and where they stand."""

    values: Values
    counts: np.ndarray
    codes: Floats
    reasons: np.ndarray
    rows: np.ndarray
    entry: ColumnMap
    item: Item
    book: Codebook
    text: str

    @property
    def scale(self) -> Scale:
        """The question's own scale."""
        return self.item.scale

    @property
    def said(self) -> np.ndarray:
        """Positions of distinct values that occur and are answers, understood or not, and not recoded."""
        recoded = {fold(word) for word, _ in self.entry.values}
        free = np.array([fold(value) not in recoded for value in self.values.distinct], dtype=bool)
        return np.flatnonzero((self.counts > 0) & free & np.isin(self.reasons, (ANSWERED, UNCLEAR)))

    def problem(
        self, question: str, value: str, positions: Sequence[int], choices: Sequence[Choice], code: str = CODE
    ) -> Problem:
        """A question about the whole column; the first choice is the likeliest."""
        low, high = self.scale.low, self.scale.high
        return Problem(
            code=code,
            column=self.entry.column,
            about=f"Question '{short(self.text)}'",
            value=value,
            count=int(self.counts[list(positions)].sum()),
            rows=first_rows(self.values, list(positions), self.rows),
            expected=f"{low:g} to {high:g}" + (f" ({self.scale.name})" if self.scale.anchors else ""),
            hint=f"Say which scale it is (such as 'scale: {value}'), or that it is right (confirmed: [{code}]).",
            suggestion=choices[0].text,
            question=question,
            choices=tuple(choices),
        )


def scale_problems(look: Look) -> tuple[list[Problem], set[str]]:
    """Questions about the scale of a column, and the values (as ``codebook.key`` has them) that they settle."""
    asked: list[Problem] = []
    settled: set[str] = set()
    found: list[tuple[Problem, set[str]]] = []
    if not look.entry.scale and CODE not in look.entry.confirmed:
        labelled = [value for value in look.book.answers if value]
        numbers = [k for k in look.said if number_of(fold(look.values.distinct[k])) is not None]
        words = [k for k in look.said if number_of(fold(look.values.distinct[k])) is None]
        if labelled:
            found = list(_by_labels(look))
        elif len(numbers) >= len(words):
            found = list(_by_numbers(look, numbers))
        else:
            found = list(_by_words(look, words))
    for problem, values in (*found, *_between(look)):
        asked.append(problem)
        settled |= {key(value) for value in values}
    return asked, settled


def asked_on(entry: ColumnMap, scale: Scale) -> str:
    """The scale that a mapping says a question was answered on, "" where it is the question's own.

    The same number of points in another order, or counted from another number, is the same scale.
    """
    if not entry.scale:
        return ""
    points = scale.high - scale.low + 1
    span = numeric_span(entry.scale)
    if span is not None:
        low, high = sorted(span)
        return "" if high - low + 1 == points else f"{low:g} to {high:g}"
    words = [word for word in entry.scale if word]
    known = all(word_code(scale, word) == word_code(scale, word) for word in words if number_of(word) is None)
    return "" if len(words) == points and known else f"{len(words)} answers from '{words[0]}' to '{words[-1]}'"


Found = Iterator[tuple[Problem, set[str]]]


# --- by the file's codebook -----------------------------------------------------------------------


def _by_labels(look: Look) -> Found:
    """Labels that are no words of the scale, too many or too few for it, or ends of another range."""
    answers = look.book.answers
    codes = {value: word_code(look.scale, label) for value, label in answers.items()}
    numbers = {value: number_of(value) for value in answers}
    unlabelled = [
        k
        for k in look.said
        if not look.book.label(look.values.distinct[k]) and number_of(fold(look.values.distinct[k])) is not None
    ]  # fmt: skip
    inside = [k for k in unlabelled if look.reasons[k] == ANSWERED]
    known = [code for code in codes.values() if code == code]
    strange = [value for value in answers if codes[value] != codes[value]]
    points = look.scale.high - look.scale.low + 1
    full = len(look.scale.anchors) == points
    listed = _listed(look, list(answers.values()))
    all_at = look.said.tolist()
    if strange and len(known) < 2:
        shown = ", ".join(f"{value} \u201c{answers[value]}\u201d" for value in list(answers)[:7])
        choices = [*listed, *_by_codes(look, list(numbers.values()))]
        if choices:
            question = f"Its answers are called otherwise than the question's: {shown}. Which end is which?"
            yield look.problem(question, "other words", all_at, _leaving(choices)), set(answers)
    elif strange:
        return  # single labels are asked about one by one
    elif len(set(known)) < len(known) or (not inside and full and len(known) < points):
        question = f"It has {len(answers)} answers, the question {points:g}: {_chain(answers.values())}."
        yield look.problem(question, f"{len(answers)} answers", all_at, [*listed, _confirm()]), set()
    elif inside and len(known) > 1 and not _in_step(look, codes, numbers):
        ends = [number for number in numbers.values() if number is not None]
        low, high = min(ends), max(ends)
        question = f"The answers run from {low:g} to {high:g}, the question's scale from {_ends(look.scale)}."
        first = codes[key(f"{low:g}")] <= codes[key(f"{high:g}")]
        span = (f"{low:g}", f"{high:g}") if first else (f"{high:g}", f"{low:g}")
        yield look.problem(question, f"{low:g} to {high:g}", all_at, [_span(span), _confirm()]), set()


def _in_step(look: Look, codes: dict[str, float], numbers: dict[str, float | None]) -> bool:
    """Whether a step of one in the file is a step of one on the scale, in either direction."""
    pairs = sorted((n, codes[v]) for v, n in numbers.items() if n is not None and codes[v] == codes[v])
    return all(abs(b[1] - a[1]) == b[0] - a[0] for a, b in pairwise(pairs))


def _by_codes(look: Look, numbers: Sequence[float | None]) -> list[Choice]:
    """The labelled numbers taken in order, either way round."""
    ends = [number for number in numbers if number is not None]
    if len(ends) < max(2, len(numbers)):
        return []
    low, high = f"{min(ends):g}", f"{max(ends):g}"
    return [_span((low, high)), _span((high, low))]


# --- by the numbers ---------------------------------------------------------------------------------


def _by_numbers(look: Look, positions: Sequence[int]) -> Found:
    """Numbers that run beyond the scale, or never reach its end."""
    if not positions:
        return
    numbers = {k: number_of(fold(look.values.distinct[k])) or 0.0 for k in positions}
    counts = {k: int(look.counts[k]) for k in positions}
    total = sum(counts.values())
    whole = {k for k in positions if numbers[k].is_integer()}
    low, high = look.scale.low, look.scale.high
    beyond = {k for k in whole if not low <= numbers[k] <= high}
    seen_at = set(numbers.values())
    apart = {
        k for k in beyond if suspected_reason(look.values.distinct[k]) and not _joined(numbers[k], seen_at, look.scale)
    }

    own = beyond - apart
    share = sum(counts[k] for k in own) / max(total, 1)
    # A few strange numbers are strange numbers; many are another scale.
    if own and share >= ENOUGH_OUTSIDE:
        seen = [numbers[k] for k in whole - apart]
        span = _usual(min(seen), max(seen), len(set(seen)))
        if span is not None:
            ends = (f"{span[0]:g}", f"{span[1]:g}")
            value = f"{ends[0]} to {ends[1]}"
            question = (
                f"The answers run from {min(seen):g} to {max(seen):g}, the question's scale from {_ends(look.scale)}."
            )
            settled = {look.values.distinct[k] for k in own}
            leave = Choice(LEAVE_OUT, (("leave_out", tuple(sorted(settled, key=lambda v: float(v)))),))
            yield look.problem(question, value, sorted(own), [_span(ends), _span(ends[::-1]), leave]), settled
            return
    answered = [numbers[k] for k in whole - beyond]
    if answered and total >= ENOUGH_ANSWERS and high - low >= 2 and not _extremes_known(look):
        yield from _short_of(look, min(answered), max(answered), positions)


def _short_of(look: Look, low: float, high: float, positions: Sequence[int]) -> Found:
    """A scale to whose end no answer reaches though many reach the point before it."""
    wanted = ((look.scale.low, low), (look.scale.high, high))
    missed = [f"{end:g}" for end, near in wanted if end != near and _share_at(look, near, positions) >= CROWDED]
    if missed and high - low >= 2:
        ends = (f"{low:g}", f"{high:g}")
        value = " to ".join(ends)
        question = f"Nobody answered {' and '.join(missed)}. Is the scale here {value}?"
        choices = [_confirm(f"No, it is {_ends(look.scale)}"), _span(ends), _span(ends[::-1])]
        yield look.problem(question, value, sorted(positions), choices), set()


def _share_at(look: Look, number: float, positions: Sequence[int]) -> float:
    at = [k for k in positions if number_of(fold(look.values.distinct[k])) == number]
    return float(look.counts[at].sum() / max(look.counts[list(positions)].sum(), 1))


def _joined(number: float, seen: set[float], scale: Scale) -> bool:
    """Whether a number continues the run of numbers from the scale outwards, without a gap."""
    step = -1.0 if number > scale.high else 1.0
    while not scale.low <= number + step <= scale.high:
        number += step
        if number not in seen:
            return False
    return True


def _usual(low: float, high: float, different: int) -> tuple[int, int] | None:
    """The shortest usual scale that holds these numbers; a long one must have been used in many places."""
    fitting = [(b - a, (a, b)) for a, b in USUAL if a <= low and high <= b and (b <= 10 or different > 10)]
    return min(fitting)[1] if fitting else None


def _extremes_known(look: Look) -> bool:
    """Whether something else than the numbers tells the scale: words among the answers."""
    return any(number_of(fold(look.values.distinct[k])) is None for k in look.said)


# --- by the words -----------------------------------------------------------------------------------


def _by_words(look: Look, positions: Sequence[int]) -> Found:
    """Words of another scale: not the question's, or more, or fewer of them."""
    total = int(look.counts[list(positions)].sum()) if len(positions) else 0
    usual = [k for k in positions if look.counts[k] >= max(2, 0.005 * total)] or list(positions)
    spellings: dict[str, int] = {}
    for k in sorted(usual, key=lambda k: -look.counts[k]):
        spellings.setdefault(fold(look.values.distinct[k]), k)
    words = [look.values.distinct[k] for k in spellings.values()]
    codes = [float(look.codes[k]) for k in spellings.values()]
    sorted_out = order(words)
    if sorted_out is None or len(words) < 2:
        return
    points = look.scale.high - look.scale.low + 1
    known = [code for code in codes if code == code]
    listed = [_list(closed(sorted_out))]
    shown = _chain(sorted_out.labels)
    if not known:
        question = f"It was answered in other words: {shown}."
        turned = _list(tuple(reversed(closed(sorted_out))))
        yield look.problem(question, "other words", list(positions), [*listed, turned]), set(words)
    elif len(set(known)) < len(known) and len(known) == len(words):
        question = f"It has {len(closed(sorted_out))} answers or more, the question {points:g}: {shown}."
        yield look.problem(question, f"{len(words)} answers", list(positions), [*listed, _confirm()]), set()
    elif _no_middle(look, codes, total):
        question = f"Nobody chose the middle: {shown}. Was there one to choose?"
        stay = _confirm("Yes, nobody chose it")
        yield look.problem(question, f"{len(words)} answers", list(positions), [stay, *listed]), set()


def closed(found: Order) -> tuple[str, ...]:
    """Words of a scale from low to high; a side on which nobody chose one gets an unnamed point for it."""
    if not found.two_sided or found.lopsided:
        return found.labels
    by_place = dict(zip(found.positions, found.labels, strict=True))
    above = sorted(p for p in by_place if p > 0)
    below = sorted(-p for p in by_place if p < 0)
    more, fewer = (above, below) if len(above) >= len(below) else (below, above)
    if len(more) > len(fewer) and set(fewer) <= set(more):
        sign = -1.0 if more is above else 1.0
        by_place |= {sign * p: by_place.get(sign * p, "") for p in more}
    return tuple(by_place[p] for p in sorted(by_place))


def _no_middle(look: Look, codes: Sequence[float], total: int) -> bool:
    middle = (look.scale.low + look.scale.high) / 2
    anchored = {code for code, _ in look.scale.anchors}
    full = len(anchored) == look.scale.high - look.scale.low + 1
    return full and middle in anchored and total >= ENOUGH_ANSWERS and set(codes) == anchored - {middle}


# --- halves -------------------------------------------------------------------------------------------


def _between(look: Look) -> Found:
    """Answers half-way between two points, as on paper where two boxes are ticked."""
    low, high = numeric_span(look.entry.scale) or (look.scale.low, look.scale.high)
    if BETWEEN in look.entry.confirmed or (low, high) != (look.scale.low, look.scale.high):
        return
    halves = []
    for k in np.flatnonzero((look.reasons == UNCLEAR) & (look.counts > 0)).tolist():
        number = number_of(fold(look.values.distinct[k]))
        if number is not None and low < number < high and (2 * number).is_integer() and not number.is_integer():
            halves.append(k)
    if halves:
        values = [look.values.distinct[k] for k in halves]
        question = f"Some answers lie half-way between two points, such as {values[0]}."
        keep = Choice("Take them as half-way", (("values", tuple((value, value) for value in values)),))
        leave = Choice("Leave them out", (("leave_out", tuple(values)),))
        yield look.problem(question, "half-way", halves, [keep, leave], BETWEEN), set(values)


# --- choices ------------------------------------------------------------------------------------------


def _span(ends: tuple[str, str]) -> Choice:
    low, high = ends
    turned = ", turned round" if (number_of(low) or 0) > (number_of(high) or 0) else ""
    return Choice(f"The scale here is {low} to {high}{turned}", (("scale", ends), ("flip", False)))


def _list(words: tuple[str, ...]) -> Choice:
    named = [word for word in words if word]
    return Choice(f"{len(words)} answers from \u201c{named[0]}\u201d to \u201c{named[-1]}\u201d", (("scale", words),))


def _listed(look: Look, labels: Sequence[str]) -> list[Choice]:
    found = order(labels)
    return [] if found is None else [_list(found.labels)]


def _confirm(text: str = AS_IT_IS) -> Choice:
    return Choice(text, (("confirmed", (CODE,)),))


def _leaving(choices: Sequence[Choice]) -> list[Choice]:
    return list({choice.text: choice for choice in choices}.values())


def _chain(words: Iterable[str]) -> str:
    return ", ".join(f"\u201c{word}\u201d" for word in words)


def _ends(scale: Scale) -> str:
    return f"{scale.low:g} to {scale.high:g}"
