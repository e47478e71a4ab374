"""Whether a column was answered on the scale that its question has: what differs is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from trustsurvey.harmonise.codebook import key, number_of
from trustsurvey.harmonise.look import (
    CODE,
    Look,
    chain,
    confirm_choice,
    list_choice,
    order_choices,
    scale_choice,
)
from trustsurvey.harmonise.problems import Choice, Problem
from trustsurvey.harmonise.ruler import numeric_span, word_code
from trustsurvey.harmonise.values import ANSWERED, UNCLEAR
from trustsurvey.instruments.words import Order, order, suspected_reason
from trustsurvey.language import N_, _
from trustsurvey.model import ColumnMap, Scale
from trustsurvey.wording import fold, listed as in_a_row

BETWEEN = "map.between"
LEAVE_OUT = N_("Leave out what does not fit")
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
    listed = order_choices(list(answers.values()))
    all_at = look.said.tolist()
    if strange and len(known) < 2:
        shown = ", ".join(f"{value} \u201c{answers[value]}\u201d" for value in list(answers)[:7])
        choices = [*listed, *_by_codes(look, list(numbers.values()))]
        if choices:
            told = _("Its answers are called otherwise than the question's: {answers}. Which end is which?")
            question = told.format(answers=shown)
            yield look.problem(question, "other words", all_at, choices), set(answers)
    elif strange:
        return  # single labels are asked about one by one
    elif len(set(known)) < len(known) or (not inside and full and len(known) < points):
        question = _("It has {n} answers, the question {points}: {answers}.").format(
            n=len(answers), points=f"{points:g}", answers=chain(answers.values())
        )
        yield look.problem(question, f"{len(answers)} answers", all_at, [*listed, confirm_choice()]), set()
    elif inside and len(known) > 1 and not _in_step(look, codes, numbers):
        ends = [number for number in numbers.values() if number is not None]
        low, high = min(ends), max(ends)
        question = _beyond(low, high, look.scale)
        first = codes[key(f"{low:g}")] <= codes[key(f"{high:g}")]
        span = (f"{low:g}", f"{high:g}") if first else (f"{high:g}", f"{low:g}")
        yield look.problem(question, f"{low:g} to {high:g}", all_at, [scale_choice(span), confirm_choice()]), set()


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
    return [scale_choice((low, high)), scale_choice((high, low))]


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
            question = _beyond(min(seen), max(seen), look.scale)
            settled = {look.values.distinct[k] for k in own}
            leave = Choice(LEAVE_OUT, (("leave_out", tuple(sorted(settled, key=lambda v: float(v)))),))
            yield (
                look.problem(question, value, sorted(own), [scale_choice(ends), scale_choice(ends[::-1]), leave]),
                settled,
            )
            return
    answered = [numbers[k] for k in whole - beyond]
    if answered and total >= ENOUGH_ANSWERS and high - low >= 2 and not _extremes_known(look):
        yield from _short_of(look, min(answered), max(answered), positions)


def _beyond(low: float, high: float, scale: Scale) -> str:
    told = _("The answers run from {low} to {high}, the question's scale from {first} to {last}.")
    return told.format(low=f"{low:g}", high=f"{high:g}", first=f"{scale.low:g}", last=f"{scale.high:g}")


def _short_of(look: Look, low: float, high: float, positions: Sequence[int]) -> Found:
    """A scale to whose end no answer reaches though many reach the point before it."""
    wanted = ((look.scale.low, low), (look.scale.high, high))
    missed = [f"{end:g}" for end, near in wanted if end != near and _share_at(look, near, positions) >= CROWDED]
    if missed and high - low >= 2:
        ends = (f"{low:g}", f"{high:g}")
        value = " to ".join(ends)
        question = _("Nobody answered {missed}. Is the scale here {low} to {high}?").format(
            missed=in_a_row(missed), low=ends[0], high=ends[1]
        )
        own = {"low": f"{look.scale.low:g}", "high": f"{look.scale.high:g}"}
        choices = [confirm_choice(N_("No, it is {low} to {high}"), **own), scale_choice(ends), scale_choice(ends[::-1])]
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
    listed = [list_choice(closed(sorted_out))]
    shown = chain(sorted_out.labels)
    if not known:
        question = _("It was answered in other words: {answers}.").format(answers=shown)
        turned = list_choice(tuple(reversed(closed(sorted_out))))
        yield look.problem(question, "other words", list(positions), [*listed, turned]), set(words)
    elif len(set(known)) < len(known) and len(known) == len(words):
        question = _("It has {n} answers or more, the question {points}: {answers}.").format(
            n=len(closed(sorted_out)), points=f"{points:g}", answers=shown
        )
        yield look.problem(question, f"{len(words)} answers", list(positions), [*listed, confirm_choice()]), set()
    elif _no_middle(look, codes, total):
        question = _("Nobody chose the middle: {answers}. Was there one to choose?").format(answers=shown)
        stay = confirm_choice(N_("Yes, nobody chose it"))
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
    anchored = {code for code, _word in look.scale.anchors}
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
        question = _("Some answers lie half-way between two points, such as {value}.").format(value=values[0])
        keep = Choice(N_("Take them as half-way"), (("values", tuple((value, value) for value in values)),))
        leave = Choice(N_("Leave them out"), (("leave_out", tuple(values)),))
        yield look.problem(question, "half-way", halves, [keep, leave], BETWEEN), set(values)
