"""How long reading tens of thousands of open answers takes, and how much memory. Run this file to see.

Answers are invented: 5 to 60 words drawn from 4,000 by Zipf's law, four in five with words of one of twelve themes.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.model import Code, Codebook
from trustsurvey.text.agreement import alphas
from trustsurvey.text.concordance import collocations, in_context
from trustsurvey.text.discovery import discover
from trustsurvey.text.distinguish import distinguishing
from trustsurvey.text.quotes import Quotable, quotes
from trustsurvey.text.refi_qda.project import Applied, Project, Source
from trustsurvey.text.refi_qda.read import project_from_qdpx
from trustsurvey.text.refi_qda.write import project_to_qdpx
from trustsurvey.text.together import together

SEED, WORDS, THEMES, OWN = 20261129, 4_000, 12, 8


def answers(rng: np.random.Generator, n: int) -> tuple[list[str], np.ndarray]:
    """Texts, and (n, themes) 1 where a text has words of a theme."""
    letters = np.array(list("abcdefghiklmnoprstuvw"))
    words = np.unique(["".join(rng.choice(letters, rng.integers(4, 9))) for _ in range(2 * WORDS)])
    words = rng.permutation(words)[:WORDS]
    often = 1 / np.arange(1, WORDS + 1)
    themes = np.arange(WORDS - THEMES * OWN, WORDS).reshape(THEMES, OWN)
    labels, texts = np.zeros((n, THEMES)), []
    for row, length in enumerate(rng.integers(5, 61, n)):
        said = rng.choice(WORDS, length, p=often / often.sum())
        if rng.random() < 0.8:
            theme = rng.integers(THEMES)
            labels[row, theme] = 1
            said[:4] = rng.choice(themes[theme], 4)
        texts.append(" ".join(words[said]))
    return texts, labels


def main() -> None:
    """Print processor seconds and the most memory so far after each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000)
    n = parser.parse_args().answers
    rng = np.random.default_rng(SEED)
    texts, labels = answers(rng, n)
    areas, weights = rng.integers(0, 10, n), rng.gamma(4, 1, n)
    codes = [f"theme {k}" for k in range(THEMES)]
    twice = np.abs(labels[:2_000] - (rng.random((2, min(n, 2_000), THEMES)) < 0.03))

    def timed(name: str, step: Callable[[], object]) -> object:
        start = time.process_time()
        result = step()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{name:44s} {time.process_time() - start:6.2f} s   {peak:5.2f} GB", flush=True)
        return result

    of = timed("words and rules for quotes", lambda: Quotable.of(texts))
    assert isinstance(of, Quotable)
    timed("quotes of all themes", lambda: [quotes(of, labels[:, k] > 0, domain=areas) for k in range(THEMES)])
    timed("words that set ten areas apart", lambda: distinguishing(texts, areas, weights))
    timed("pairs of words", lambda: collocations(texts))
    timed("a word in context", lambda: in_context(texts, "ab*"))
    timed("themes together", lambda: together(labels, codes, weights))
    timed("agreement of two on 2,000, 1,000 draws", lambda: alphas(twice, codes))
    timed("themes by themselves, five starts", lambda: discover(texts))
    book = Codebook("b", tuple(Code(code, code) for code in codes))
    applied = [tuple(Applied(codes[k], "coder") for k in np.flatnonzero(row)) for row in labels]
    project = Project("p", book, tuple(Source(f"{k}", texts[k], applied[k]) for k in range(n)))
    data = timed("a .qdpx written", lambda: project_to_qdpx(project))
    assert isinstance(data, bytes)
    timed("and read", lambda: project_from_qdpx(data))


if __name__ == "__main__":
    main()
