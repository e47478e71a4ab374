"""Quotes by theme, with balance: one a person, a round of the groups at a time, what is typical first.

The rules for a text are those of open answers (:mod:`trustsurvey.text.quotes`): 8 to 60 words, at most one place where
a name or number was taken out, no word with a capital letter and no long number that fewer than three people use; but
the small words with which a sentence begins ("When", "They") tell nothing, though few people in a room may use them.
Groups have no rule of ten people: who reads them sees participants by their pseudonyms anyway.

A longer turn is quoted in parts of whole sentences. Which part speaks of the theme is guessed from its words;
whoever quotes it must look.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trustsurvey.errors import SurveyError, some
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.model import Floats, Ints
from trustsurvey.text.language import WORD, sentences
from trustsurvey.text.quotes import ALIKE, LETTERS, LONGEST, Quotable, nearness
from trustsurvey.text.words import FUNCTION_WORDS

#: Small words that are also names.
NAMES = {"may", "will"}


@dataclass(frozen=True)
class Quote:
    """Redacted words of a participant; ``start`` and ``end`` are their place in the turn, in characters."""

    group: str
    speaker: str
    key: str
    text: str
    start: int
    end: int
    part: bool


@dataclass(frozen=True)
class Quoted:
    """Quotes of a theme, the most typical first; and how many people of each group could have been quoted.

    ``people``: pairs of group and number, for the groups in which a participant raised the theme; all turns of a
    group that have no name count as one person.
    """

    quotes: tuple[Quote, ...]
    people: tuple[tuple[str, int], ...]

    @property
    def unquoted(self) -> tuple[str, ...]:
        """Groups that raised the theme, but of which nothing is quoted."""
        shown = {quote.group for quote in self.quotes}
        return tuple(group for group, _ in self.people if group not in shown)


@dataclass(frozen=True, eq=False)
class Passages:
    """All turns in parts that may be long enough for a quote, worked out once for all themes.

    ``turn``: the row of each part's turn (c,), ``spans``: its place in it, ``of``: whether it may be quoted.
    """

    heard: Heard
    turn: Ints
    spans: tuple[tuple[int, int], ...]
    of: Quotable

    @classmethod
    def of_turns(cls, heard: Heard, language: str = "english") -> Passages:
        """From all turns; what moderators say counts when it is asked how many people use a word."""
        texts = heard.turns["text"].tolist()
        parts = [(row, span) for row, text in enumerate(texts) for span in parts_of(text)]
        whose = list(zip(heard.turns["group"], heard.turns["speaker"], strict=True))
        small = FUNCTION_WORDS.get(language, frozenset()) - NAMES
        of = Quotable.of([texts[row][a:b] for row, (a, b) in parts], language, [whose[row] for row, _ in parts], small)
        return cls(heard, np.array([row for row, _ in parts], dtype=np.int64), tuple(span for _, span in parts), of)

    def quotes(self, code: str, most: int = 6) -> Quoted:
        """Quotes of participants whose turns mention a theme.

        Each round takes from every group its most typical part by somebody not yet quoted and unlike what was chosen;
        groups with a more typical one first. Typical is what is near the mean of all parts of turns that mention the
        theme and far from that of the others (difference of cosines of TF-IDF, after Rocchio 1971): in a conversation
        most words are everybody's. ``SurveyError`` for a theme that is none.
        """
        heard = self.heard
        if code not in heard.codes:
            raise SurveyError("quoted.code", "There is no such theme", got=code, expected=some(heard.codes, 8))
        mentions = heard.mentions[:, heard.codes.index(code)] & heard.by_residents  # type: ignore[index]
        among = mentions[self.turn]
        others = heard.by_residents[self.turn] & ~among
        near = nearness(self.of.vectors, among) - nearness(self.of.vectors, others)
        allowed = np.flatnonzero(among & (self.of.reasons == "") & (near > 0))
        return Quoted(
            tuple(self._quote(at) for at in self._chosen(allowed, near, most)), self._people(mentions, allowed)
        )

    def _chosen(self, allowed: Ints, near: Floats, most: int) -> list[int]:
        waiting: dict[int, list[int]] = {}
        for at in allowed[np.argsort(-near[allowed], kind="stable")].tolist():
            waiting.setdefault(int(self.heard.group_at[self.turn[at]]), []).append(at)
        chosen: list[int] = []
        while waiting and len(chosen) < most:
            for group in list(waiting):
                found = next((at for at in waiting[group] if self._adds(at, chosen)), None)
                if found is None:
                    del waiting[group]
                elif len(chosen) < most:
                    chosen.append(found)
        return chosen

    def _adds(self, at: int, chosen: list[int]) -> bool:
        """Whether a part is by somebody not yet quoted, and not nearly the same as a chosen one."""
        if not chosen:
            return True
        if self._who(at) in {self._who(one) for one in chosen}:
            return False
        return float((self.of.vectors[[at]] @ self.of.vectors[chosen].T).toarray().max()) <= ALIKE

    def _who(self, at: int) -> tuple[str, str]:
        turn = self.heard.turns.iloc[int(self.turn[at])]
        return str(turn["group"]), str(turn["speaker"])

    def _people(self, mentions: np.ndarray, allowed: Ints) -> tuple[tuple[str, int], ...]:
        raised = np.unique(self.heard.group_at[mentions]).tolist()
        people = [group for group, _ in {self._who(at) for at in allowed.tolist()}]
        return tuple((group, people.count(group)) for group in (self.heard.groups[at] for at in raised))

    def _quote(self, at: int) -> Quote:
        turn, (start, end) = self.heard.turns.iloc[int(self.turn[at])], self.spans[at]
        text = str(turn["text"])
        return Quote(*self._who(at), str(turn["key"]), text[start:end], start, end, (start, end) != (0, len(text)))


def parts_of(text: str) -> list[tuple[int, int]]:
    """The places of a text's parts: all of it, or of a long one runs of whole sentences that fit into a quote.

    >>> parts_of("Nobody comes.")
    [(0, 13)]
    """
    if len(text) <= LETTERS and len(WORD.findall(text)) <= LONGEST:
        return [(0, len(text))]
    edges = [0, *(start for start, _ in sentences(text)[1:]), len(text)]
    parts: list[tuple[int, int]] = []
    begin, words = 0, 0
    for start, end in pairwise(edges):
        size = len(WORD.findall(text, start, end))
        if begin < start and (words + size > LONGEST or end - begin > LETTERS):
            parts.append((begin, start))
            begin, words = start, 0
        words += size
    parts.append((begin, len(text)))
    return [(start, start + len(text[start:end].rstrip())) for start, end in parts]
