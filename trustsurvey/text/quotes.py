"""Quotes by stated rules: what is typical of a theme, what stands against it, and nothing that tells who wrote it.

A text may be quoted if it has 8 to 60 words, at most one place where a name or number was taken out, no word
with a capital letter and no number of three digits that fewer than three people use, and comes from an area or
group in which at least ten people mention the theme. The rules are for the texts as a person is about to read
them: redacted, and one a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from trustsurvey.errors import SurveyError
from trustsurvey.model import RULES, Floats, Ints
from trustsurvey.text.language import WORD
from trustsurvey.text.words import PLACEHOLDER, surface, words_of

#: Words that a quote has, letters at most, and places where something was taken out.
SHORTEST, LONGEST, LETTERS, TAKEN_OUT = 8, 60, 400, 1
#: People who use a word with a capital letter, or a long number, before it may stand in a quote.
USERS = 3
#: Of two texts that are this alike (cosine), one is quoted.
ALIKE = 0.7
#: The probability of a theme from which the machine's word for it is good enough for a quote.
SURE = 0.7


@dataclass(frozen=True, eq=False)
class Quotable:
    """All answers to a question: their words as vectors of length 1, and why one may not be quoted ("" if it may).

    Reasons: "short", "long", "names taken out", "telling word".
    """

    vectors: sparse.csr_array
    reasons: np.ndarray

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        language: str = "english",
        people: Sequence[Hashable] | None = None,
        common: Collection[str] = (),
    ) -> Quotable:
        """From redacted texts, one a person unless ``people`` says who wrote or said each.

        ``common``: words in small letters that tell nothing of a person, however few use them.
        """
        counted = words_of(texts, language, least=2).matrix
        vectors = TfidfTransformer().fit_transform(counted) if counted.shape[1] else counted
        whose = range(len(texts)) if people is None else people
        said = {(person, word) for person, text in zip(whose, texts, strict=True) for word in surface(text)}
        users = Counter(word for _, word in said) + Counter(dict.fromkeys(common, USERS))
        return cls(sparse.csr_array(vectors), np.array([_reason(text, users) for text in texts], dtype=object))


@dataclass(frozen=True)
class Quotes:
    """Positions of texts: the most typical first; those that say otherwise; and how many there were to choose from."""

    typical: tuple[int, ...]
    contrasting: tuple[int, ...]
    quotable: int


def quotes(
    of: Quotable,
    mentions: np.ndarray,
    *,
    probability: Floats | None = None,
    stance: Sequence[str] | None = None,
    domain: Sequence[object] | None = None,
    most: int = 3,
) -> Quotes:
    """Quotes of those who mention a theme.

    Parameters
    ----------
    mentions : (n,) whether a text mentions it, as a person or the machine decided.
    probability : (n,) of the mention, 1 where a person decided; texts under :data:`SURE` are not quoted.
    stance : (n,) "positive", "negative", "suggestion", or "" where nobody said.
    domain : (n,) area or group of each person; those from one in which fewer than ten mention the theme are not
        quoted, nor anybody if fewer than ten mention it at all.

    Typical are those closest to the mean of all that mention it (cosine of TF-IDF, times the probability), leaving out
    what is nearly the same. Contrasting are the typical ones of those with another stance than most, or, where
    no stance is known, those farthest from the mean that still share a word with it.
    """
    n = len(of.reasons)
    mentions = np.asarray(mentions, dtype=bool)
    sure = np.ones(n) if probability is None else np.asarray(probability, dtype=float)
    stances = np.full(n, "", dtype=object) if stance is None else np.array(stance, dtype=object)
    domains = np.zeros(n, dtype=object) if domain is None else np.array(domain, dtype=object)
    if {mentions.shape, sure.shape, stances.shape, domains.shape} != {(n,)}:
        raise SurveyError("quotes.sizes", "There is not one decision for each text", expected=f"{n:,}")
    people = Counter(domains[mentions].tolist())
    known = np.array([people[place] >= RULES.people for place in domains.tolist()], dtype=bool)
    allowed = mentions & (of.reasons == "") & (sure >= SURE) & known
    near = nearness(of.vectors, mentions)
    told = Counter(s for s in stances[mentions].tolist() if s)
    usual = max(sorted(told), key=told.__getitem__) if told else ""
    ordinary = allowed & (stances == usual) if usual else allowed
    typical = _chosen(of.vectors, np.flatnonzero(ordinary & (near > 0)), near * sure, most)
    if usual:
        others = mentions & (stances != usual) & (stances != "")
        contrasting = _chosen(of.vectors, np.flatnonzero(allowed & others), nearness(of.vectors, others) * sure, most)
    else:
        rest = np.setdiff1d(np.flatnonzero(allowed & (near > 0)), typical)
        contrasting = _chosen(of.vectors, rest, -near, most)
    return Quotes(typical, contrasting, int(allowed.sum()))


def _reason(text: str, users: Counter[str]) -> str:
    written = WORD.findall(PLACEHOLDER.sub(" ", text).replace("\u2019", "'"))
    if len(written) < SHORTEST:
        return "short"
    if len(written) > LONGEST or len(text) > LETTERS:
        return "long"
    if len(PLACEHOLDER.findall(text)) > TAKEN_OUT:
        return "names taken out"
    telling = (w for w in written if any(c.isupper() for c in w) or sum(c.isdigit() for c in w) > 2)
    if any(users[part] < USERS for word in telling for part in WORD.findall(word.lower())):
        return "telling word"
    return ""


def nearness(vectors: sparse.csr_array, among: np.ndarray) -> Floats:
    """Cosines (n,) of all texts with the mean of some."""
    mean = np.asarray(among.astype(float) @ vectors)
    length = float(np.linalg.norm(mean))
    return np.asarray(vectors @ mean) / length if length > 0 else np.zeros(vectors.shape[0])


def _chosen(vectors: sparse.csr_array, places: Ints, score: Floats, most: int) -> tuple[int, ...]:
    """The places of highest score, without texts nearly the same as one chosen before."""
    chosen: list[int] = []
    for place in places[np.argsort(-score[places], kind="stable")].tolist():
        if not chosen or (vectors[[place]] @ vectors[chosen].T).toarray().max() <= ALIKE:
            chosen.append(place)
        if len(chosen) == most:
            break
    return tuple(chosen)
