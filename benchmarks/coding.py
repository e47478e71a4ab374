"""How well does the machine code open answers? Run this file on Santa Monica's answers to see.

1,837 residents answered one open question in 2014, and people gave each answer up to eight themes with
sub-themes. Answers that are held out are coded by keywords alone and by what the machine learnt from 100,
300 and 1,000 others; F1 over all decisions (micro) and the mean of the codes' own (macro), means over
seeds. ``--speed`` measures time and memory instead.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from nltk.metrics.distance import edit_distance

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.model import Codebook, Floats
from trustsurvey.text.classify import learn
from trustsurvey.text.codebook import codebook_from_yaml
from trustsurvey.text.evidence import f1
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.sentence_vectors import chosen

#: Where real survey files lie, beside the project unless the environment says otherwise.
FOLDER = Path(os.environ.get("TRUSTSURVEY_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
DATA = FOLDER / "santamonica" / "open-ended-responses.csv"
SIZES = (100, 300, 1_000)
HELD_OUT = 800
SEED = 20261129


def same_name(one: str, other: str) -> bool:
    """Two spellings of one theme: the same without capitals, or one letter more, less or another."""
    one, other = one.casefold().strip(), other.casefold().strip()
    return one == other or (abs(len(one) - len(other)) <= 1 and edit_distance(one, other) == 1)


def santa_monica(path: Path = DATA) -> tuple[Codebook, list[str], Floats]:
    """The codebook, the answers (n,) and who has which code (n, k).

    A theme stands for its sub-themes too. What the city called "Other", sub-themes that fewer than one
    answer in a hundred has, and sub-themes noted under a theme they do not belong to are left out.
    """
    book = codebook_from_yaml(Path(__file__).with_name("santa_monica.yaml").read_text(encoding="utf-8"))
    below = {c.key: [s for s in book.codes if s.parent == c.key] for c in book.codes}
    book = replace(book, codes=tuple(
        replace(c, keywords=(*c.keywords, *(word for s in below[c.key] for word in s.keywords))) for c in book.codes
    ))  # fmt: skip
    place = {key: position for position, key in enumerate(book.keys)}
    known: dict[tuple[str, str], list[int]] = {}
    with path.open(encoding="cp1252", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = np.zeros((len(rows), len(book.codes)))
    for row, entry in enumerate(rows):
        for k in range(1, 9):
            names = entry[f"Category {k}"], entry[f"Sub-category {k}"]
            if names not in known:
                themes = [c for c in book.codes if not c.parent and same_name(c.title, names[0])]
                subs = [s for c in themes for s in below[c.key] if same_name(s.title, names[1])]
                known[names] = [place[c.key] for c in (*themes, *subs)]
            labels[row, known[names]] = 1
    return book, [entry["Fullstring"] for entry in rows], labels


def scores(labels: np.ndarray, said: np.ndarray) -> tuple[float, float]:
    """Micro and macro F1 of decisions (n, k); codes that nobody has and nobody found do not count."""
    return f1(labels, said), float(np.nanmean([f1(labels[:, j], said[:, j]) for j in range(labels.shape[1])]))


def quality(seeds: range) -> None:
    """Print F1 on held-out answers by level and number of labels."""
    book, texts, labels = santa_monica()
    themes = np.array([not c.parent for c in book.codes])
    hits = Matcher(book).hits(texts).toarray() > 0
    found: dict[str, list[list[float]]] = {}
    for seed in seeds:
        order = np.random.default_rng([SEED, seed]).permutation(len(texts))
        held = order[:HELD_OUT]
        ways = {"keywords": hits[held]}
        for size in SIZES:
            rows = order[HELD_OUT : HELD_OUT + size]
            model = learn(book, [texts[r] for r in rows], labels[rows], seed=seed, encoder=chosen())
            ways[f"{size:,} labels"] = model.decisions([texts[r] for r in held])
        for way, said in ways.items():
            told = [scores(labels[held][:, part], said[:, part]) for part in (themes, ~themes)]
            found.setdefault(way, []).append([*told[0], *told[1]])
    print(f"{themes.sum()} themes, {(~themes).sum()} sub-themes, {len(seeds)} seeds; mean F1 (standard deviation)")
    print(f"{'':14}{'themes: micro':>16}{'macro':>16}{'sub-themes: micro':>20}{'macro':>16}")
    for way, rows in found.items():
        mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
        print(f"{way:14}" + "".join(f"{m:>11.3f} ({s:.3f})" for m, s in zip(mean, spread, strict=True)))


def speed(answers: int) -> None:
    """Print answers a second on one core and the most memory that the process held."""
    book, texts, labels = santa_monica()
    began = time.process_time()
    model = learn(book, texts[:1_000], labels[:1_000], encoder=chosen())
    print(f"learning {len(book.codes)} codes from 1,000 answers: {time.process_time() - began:.1f} s")
    many = [texts[k % len(texts)] for k in range(answers)]
    began = time.process_time()
    model.probabilities(many)
    rate = answers / (time.process_time() - began)
    letters = np.mean([len(text) for text in many])
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"coding {answers:,} answers of {letters:.0f} letters: {rate:,.0f} a second; {held:.2f} GB at the most")


def main() -> None:
    """Measure quality, or time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--speed", type=int, metavar="ANSWERS", default=0)
    given = parser.parse_args()
    if given.speed:
        speed(given.speed)
    else:
        quality(range(given.first, given.first + given.seeds))


if __name__ == "__main__":
    main()
