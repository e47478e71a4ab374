"""Two transcriptions of one conversation, lined up by what was said and when."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from rapidfuzz.distance import Indel

from trustsurvey.errors import SurveyError
from trustsurvey.model.transcript import Transcript, Turn

#: Words in a row that stand once in each transcription tie them together.
RUN = 4
#: Words times words between two ties that are compared one by one; a larger gap is left open.
LARGEST_GAP = 25_000_000
#: Seconds by which a tie may differ from the usual offset, at least, before it is taken for chance.
SLACK = 15.0
#: A turn has its like in the other transcription from this share of its words on.
ENOUGH = 0.3
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class Pair:
    """A turn of the first transcription and the turns of the second that hold its words, by position.

    ``shared``: the share of its words that stand there too, in the same order; ``second`` is empty where it is less
    than three in ten.
    """

    first: int
    second: tuple[int, ...]
    shared: float


@dataclass(frozen=True)
class Alignment:
    """``pairs``: one for each turn of the first transcription, in order.

    ``offset``: seconds to add to times of the first to have those of the second, None where one has no times.
    ``likeness``: 2 m / (n1 + n2) with m words in common in the same order, of n1 and n2 in all (Dice 1945).
    """

    pairs: tuple[Pair, ...]
    offset: float | None
    likeness: float

    def beside(self, first: int) -> tuple[int, ...]:
        """The turns of the second transcription beside a turn of the first."""
        return self.pairs[first].second


@dataclass(frozen=True)
class _Words:
    """All words of a transcription, the turn of each, and its time, read off evenly between beginning and end."""

    words: list[str]
    turns: list[int]
    times: list[float | None]

    @classmethod
    def of(cls, turns: Sequence[Turn]) -> _Words:
        found = cls([], [], [])
        for number, turn in enumerate(turns):
            words = [word.replace("’", "'") for word in _WORD.findall(turn.text.lower())]
            following = next((t.start for t in turns[number + 1 :] if t.start is not None), None)
            end = turn.end if turn.end is not None else following
            for place, word in enumerate(words):
                found.words.append(word)
                found.turns.append(number)
                found.times.append(_between(turn.start, end, place / len(words)))
        return found


def _between(start: float | None, end: float | None, share: float) -> float | None:
    return start if start is None or end is None else start + max(end - start, 0.0) * share


def align(a: Transcript, b: Transcript) -> Alignment:
    """Line up two transcriptions of one conversation.

    Runs of four words that stand once in each tie them together; of these the longest chain in the same order is kept,
    without those whose times are far from the usual offset. Between ties, words are matched one by one so that as many
    as possible are in common (longest common subsequence). SurveyError ``transcript.unlike`` where nothing ties them.
    """
    one, other = _Words.of(a.turns), _Words.of(b.turns)
    ties = _chain(_ties(one.words, other.words))
    differences = [
        then - now for i, j in ties if (now := one.times[i]) is not None and (then := other.times[j]) is not None
    ]
    offset = median(differences) if differences else None
    if offset is not None:
        spread = median(abs(difference - offset) for difference in differences)
        near = max(SLACK, 6 * spread)
        ties = [tie for tie in ties if _is_near(one.times[tie[0]], other.times[tie[1]], offset, near)]
    matched = list(_matched(one.words, other.words, ties))
    if not ties and 5 * len(matched) < 3 * min(len(one.words), len(other.words)):
        raise SurveyError(
            "transcript.unlike", "The transcripts seem to be of two conversations", where=a.source,
            got=f"few words in common with {b.source}", hint="Check that both are of one meeting.",
        )  # fmt: skip
    return Alignment(tuple(_pairs(len(a.turns), one, other, matched)), offset and round(offset, 3),
                     2 * len(matched) / max(len(one.words) + len(other.words), 1))  # fmt: skip


def _is_near(now: float | None, then: float | None, offset: float, near: float) -> bool:
    return now is None or then is None or abs(then - now - offset) <= near


def _ties(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """Where runs begin that stand once in each."""
    here, there = _once(one), _once(other)
    return sorted((place, there[run]) for run, place in here.items() if run in there)


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    runs = [tuple(words[k : k + RUN]) for k in range(len(words) - RUN + 1)]
    counts = Counter(runs)
    return {run: place for place, run in enumerate(runs) if counts[run] == 1}


def _chain(ties: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest chain of ties that rises in both (patience sorting)."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for place, (_, j) in enumerate(ties):
        pile = bisect_left(ends, j)
        before.append(last[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [j]
        last[pile : pile + 1] = [place]
    chain: list[tuple[int, int]] = []
    place = last[-1] if last else -1
    while place >= 0:
        chain.append(ties[place])
        place = before[place]
    return chain[::-1]


def _matched(one: Sequence[str], other: Sequence[str], ties: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pairs of places of the same word, rising in both."""
    i = j = 0
    for to_i, to_j in (*ties, (len(one), len(other))):
        # The runs of neighbouring ties overlap; between them are words that only one of the two has, or changed ones.
        if to_i < i or to_j < j:
            continue
        if (to_i - i) * (to_j - j) <= LARGEST_GAP:
            for block in Indel.opcodes(one[i:to_i], other[j:to_j]):
                if block.tag == "equal":
                    yield from zip(
                        range(i + block.src_start, i + block.src_end),
                        range(j + block.dest_start, j + block.dest_end), strict=True,
                    )  # fmt: skip
        i, j = to_i, to_j


def _pairs(turns: int, one: _Words, other: _Words, matched: Sequence[tuple[int, int]]) -> Iterator[Pair]:
    words = Counter(one.turns)
    common: list[Counter[int]] = [Counter() for _ in range(turns)]
    for i, j in matched:
        common[one.turns[i]][other.turns[j]] += 1
    for number in range(turns):
        shared = common[number].total() / max(words[number], 1)
        # A word or two at the edge of a neighbour is no like.
        least = max(1, 0.1 * common[number].total())
        beside = tuple(sorted(turn for turn, count in common[number].items() if count >= least))
        yield Pair(number, beside if shared >= ENOUGH else (), shared)
