"""What the codebook misses: themes that words fall into by themselves, and how steady they are.

Non-negative matrix factorisation of TF-IDF, from several random starts. A theme that another start does not
find again is a fancy of the algorithm, so every theme carries how much of it the others found. Themes are a
hint at what to read next; what counts is what people read.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import adjusted_rand_score

from trustsurvey.errors import Notice
from trustsurvey.model import RULES, Code, Floats, Ints
from trustsurvey.text.words import surface, words_of

#: Texts that themes are looked for in, and those that make one theme more worth trying.
LEAST, A_THEME = 50, 40
FEWEST, MOST = 3, 12
STARTS = 5
#: Words of a theme that are shown, and example texts.
WORDS, EXAMPLES = 8, 5
#: Agreement of starts (adjusted Rand index, or share of a theme's texts) that is steady, and fairly so.
STEADY, FAIRLY = 0.7, 0.4
#: A word is a keyword for a theme where at least this part of its weight lies on it.
OWN = 0.5


@dataclass(frozen=True)
class Theme:
    """Texts that share words. ``texts``: how many (in full tens); ``examples``: positions, the clearest first.

    ``steadiness``: the part of its texts that the other starts put together as well (mean Jaccard index).
    ``keywords``: all forms of the words that are mainly its own.
    """

    words: tuple[str, ...]
    keywords: tuple[str, ...]
    texts: int
    examples: tuple[int, ...]
    steadiness: float

    @property
    def badge(self) -> str:
        """ "steady", "fairly steady" or "unsteady"."""
        return badge(self.steadiness)


@dataclass(frozen=True)
class Themes:
    """Themes, the largest first; ``steadiness``: how alike the starts put texts together (mean adjusted Rand index).

    ``texts``: those that were looked at, ``notice``: why there are no themes, or few.
    """

    themes: tuple[Theme, ...]
    steadiness: float
    texts: int
    notice: Notice | None = None


def badge(steadiness: float) -> str:
    """What a steadiness means in words."""
    return "steady" if steadiness >= STEADY else "fairly steady" if steadiness >= FAIRLY else "unsteady"


def discover(
    texts: Sequence[str],
    covered: np.ndarray | None = None,
    *,
    count: int | None = None,
    language: str = "english",
    starts: int = STARTS,
    progress: Callable[[float], Any] | None = None,
) -> Themes:
    """Look for themes in texts, one a person; words of fewer than ten people are left aside.

    ``covered`` (n,): texts in which a code of the codebook was found already; they are left out, so that what is found
    is not in the codebook. ``count``: how many themes, one for forty texts from 3 to 12 unless given.
    Of the starts (seeds 0, 1, ...) the one that fits best is shown. The same texts give the same themes.
    """
    places = np.arange(len(texts)) if covered is None else np.flatnonzero(~np.asarray(covered, dtype=bool))
    words = words_of([texts[k] for k in places.tolist()], language, RULES.people)
    several = np.flatnonzero(np.asarray(words.matrix.sum(axis=1)).reshape(len(places)) > 1)
    places, matrix = places[several], words.matrix[several]
    count = count or int(np.clip(len(places) // A_THEME, FEWEST, MOST))
    if len(places) < LEAST or matrix.shape[1] <= count:
        notice = Notice("discovery.few", "Too few answers share words to look for themes in them; "
                        f"at least {LEAST} are needed.")  # fmt: skip
        return Themes((), float("nan"), len(places), notice)
    weighted = sparse.csr_array(TfidfTransformer().fit_transform(matrix))
    fits = []
    for seed in range(starts):
        fits.append(_fit(weighted, count, seed))
        if progress is not None:
            progress((seed + 1) / starts)
    best = min(range(starts), key=lambda seed: fits[seed][2])
    together = [loads.argmax(axis=1) for loads, _, _ in fits]
    alike = [adjusted_rand_score(a, b) for a, b in combinations(together, 2)]
    steady = _found_again(together, best, count)
    loads, weights, _ = fits[best]
    sizes = np.bincount(together[best], minlength=count)
    own = weights / np.maximum(weights.sum(axis=0), 1e-12)
    themes = []
    for k in np.argsort(-sizes, kind="stable").tolist():
        if sizes[k] < RULES.people:
            continue
        top = [j for j in np.argsort(-weights[k], kind="stable")[:WORDS].tolist() if weights[k, j] > 0]
        keys = [j for j in top if own[k, j] >= OWN] or top[:FEWEST]
        clear = loads[:, k] ** 2 / np.maximum(loads.sum(axis=1), 1e-12)
        mine = np.flatnonzero(together[best] == k)
        shown = _unlike(places[mine[np.argsort(-clear[mine], kind="stable")]].tolist(), texts)
        themes.append(Theme(
            tuple(words.names[j] for j in top), tuple(dict.fromkeys(form for j in keys for form in words.forms[j])),
            int(sizes[k]) // 10 * 10, tuple(shown), steady[k],
        ))  # fmt: skip
    return Themes(tuple(themes), float(np.mean(alike)) if alike else float("nan"), len(places))


def code_of(theme: Theme, title: str, taken: Collection[str] = ()) -> Code:
    """A code for a codebook made from a theme: a key that is not ``taken``, the theme's words as keywords."""
    key = base = re.sub(r"[\W_]+", "_", title.casefold()).strip("_")[:60] or "theme"
    number = 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return Code(key, title, keywords=theme.keywords)


def _fit(weighted: sparse.csr_array, count: int, seed: int) -> tuple[Floats, Floats, float]:
    """Loads of texts on themes (n, count), of themes on words (count, w), and what is left unexplained."""
    model = NMF(count, init="random", random_state=seed, max_iter=200, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the steadiness tells what comes of it
        loads = model.fit_transform(weighted)
    scale = np.linalg.norm(model.components_, axis=1)
    return loads * scale, model.components_ / np.maximum(scale, 1e-12)[:, None], float(model.reconstruction_err_)


def _unlike(places: Sequence[int], texts: Sequence[str]) -> list[int]:
    """The first places whose texts have other words than those before."""
    shown: dict[tuple[str, ...], int] = {}
    for place in places:
        shown.setdefault(tuple(surface(texts[place])), place)
        if len(shown) == EXAMPLES:
            break
    return list(shown.values())


def _found_again(together: Sequence[Ints], best: int, count: int) -> list[float]:
    """For each theme of one start, the mean Jaccard index with its counterpart in every other."""
    sizes = [np.bincount(of, minlength=count) for of in together]
    shares = []
    for other, of in enumerate(together):
        if other != best:
            both = np.zeros((count, count))
            np.add.at(both, (together[best], of), 1)
            jaccard = both / np.maximum(sizes[best][:, None] + sizes[other][None] - both, 1)
            rows, columns = linear_sum_assignment(-jaccard)
            shares.append(jaccard[rows, columns])
    return np.mean(shares, axis=0).tolist() if shares else [float("nan")] * count
