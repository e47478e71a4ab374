"""How much of what tells who somebody is does the machine take out of texts? Run this file to see.

Two samples of Philadelphia's complaint narratives were read and every place that tells who somebody is was marked,
before the machine's output was looked at: 260 ("first") to improve on, 250 others ("second") to measure with.
``redaction_marks.csv`` holds where the marks are and a digest of each text, not the texts. People are initials
there; to see about names, the initials of the second sample are also replaced by names drawn at random.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import names as census
import numpy as np

if __package__ is None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.text.redact import Redacted, redact_all

SEED, DRAWS = 20261129, 2_000
MARKS = Path(__file__).with_name("redaction_marks.csv")
#: Names that are rare or absent in the census of 1990.
GIVEN = (
    "Aaliyah Abdul Adaeze Agnieszka Ahmed Aiko Amina Anh Arjun Ayodele Bilal Chidi Dinh Ebony Farah Fatima Giang "
    "Hamza Ibrahim Iman Jamal Jin Kenji Khadija Kwame Lakshmi Linh Malik Mei Minh Mohammed Nasir Ngozi Nguyet "
    "Olena Omar Priya Quang Rashid Ravi Sanjay Shanice Siobhan Tariq Thanh Tyrone Uzma Viktor Wei Xiomara Yusuf "
    "Zainab"
)
SURNAMES = (
    "Abdi Adeyemi Ahmed Akhtar Bangura Begum Bhatt Chaudhry Chukwu Dang Diallo Dlamini Farouk Gebremariam Guo "
    "Hassan Hoang Hossain Islam Jallow Kaur Khoury Kowalczyk Kozlov Lwin Mbeki Mehta Nguyen Novak Nwosu Obi "
    "Okafor Okonkwo Osman Owusu Patel Petrovic Phung Qureshi Rahman Reddy Shevchenko Singh Sow Tadesse Tran "
    "Tshabalala Uddin Vuong Wojcik Xiong Yilmaz Zhang Zielinski"
)
SINGLE = ("officer", "officers", "sergeant", "sgt.", "detective", "det.", "lieutenant", "corporal", "mr.", "ms.")

Mark = tuple[int, int, str]


def marked(folder: Path, sample: str) -> tuple[list[str], list[list[Mark]]]:
    """Texts of a sample and their marks (start, end, kind); texts that were changed since are refused."""
    with (folder / "ppd_complaints.csv").open(encoding="utf-8-sig", newline="") as lines:
        narratives = [row["summary"] or "" for row in csv.DictReader(lines)]
    texts, marks = [], []
    with MARKS.open(encoding="ascii", newline="") as lines:
        for row in csv.DictReader(lines):
            text = narratives[int(row["row"])]
            if row["sample"] != sample:
                continue
            if sha256(text.encode()).hexdigest()[:12] != row["digest"]:
                raise SystemExit(f"row {row['row']} is not the text that was marked")
            parts = (mark.split("-", 2) for mark in row["marks"].split(";") if mark)
            texts.append(text)
            marks.append([(int(a), int(b), kind) for a, b, kind in parts])
    return texts, marks


def found(text: str, marks: Iterable[Mark], redacted: Redacted) -> list[tuple[str, bool]]:
    """Kind of each mark, and whether every letter and digit of it was taken out."""
    gone = {k for one in redacted.replacements for k in range(one.start, one.end)}
    return [(kind, all(k in gone for k in range(a, b) if text[k].isalnum())) for a, b, kind in marks]


def named(rng: random.Random, text: str, marks: Sequence[Mark], rare: bool) -> tuple[str, list[Mark]]:
    """A text with names in the place of initials: whole at first, then, or behind a title, the surname alone."""
    people: dict[str, tuple[str, str]] = {}
    parts: list[str] = []
    placed: list[Mark] = []
    at = length = 0
    for a, b, kind in marks:
        if kind == "initials":
            key = "".join(c for c in text[a:b] if c.isalpha())
            known = key in people
            drawn = (rng.choice(GIVEN.split()), rng.choice(SURNAMES.split())) if rare else _census(rng)
            given, surname = people.setdefault(key, drawn)
            before = text[:a].split()[-1:] or [""]
            name = surname if known or before[0].lower() in SINGLE else f"{given} {surname}"
            parts += [text[at:a], name]
            start = length + a - at
            placed.append((start, start + len(name), "name"))
            at, length = b, start + len(name)
    return "".join([*parts, text[at:]]), placed


def _census(rng: random.Random) -> tuple[str, str]:
    """A given name and a surname as frequent as in the census of 1990."""
    random.seed(rng.random())  # the package draws from the module's own generator
    return census.get_first_name(), census.get_last_name()


def report(title: str, texts: Sequence[str], marks: Sequence[Sequence[Mark]]) -> None:
    """Print recall by kind with a 95 % interval (texts drawn anew), and false alarms in 1,000 words."""
    results = redact_all(texts)
    words = sum(len(text.split()) for text in texts)
    false = [
        (text[one.start : one.end], one.kind)
        for text, told, result in zip(texts, marks, results, strict=True)
        for one in result.replacements
        if not any(a < one.end and one.start < b for a, b, _ in told)
    ]
    counts: dict[str, np.ndarray] = defaultdict(lambda: np.zeros((len(texts), 2)))
    for k, (text, told, result) in enumerate(zip(texts, marks, results, strict=True)):
        for kind, taken in found(text, told, result):
            counts[kind][k] += taken, 1
    print(f"{title}: {len(texts)} texts, {words} words")
    rng = np.random.default_rng(SEED)
    drawn = rng.multinomial(len(texts), np.full(len(texts), 1 / len(texts)), DRAWS)
    for kind, pairs in sorted(counts.items(), key=lambda one: -one[1][:, 1].sum()):
        taken, all_ = pairs.sum(axis=0)
        again = drawn @ pairs
        low, high = np.nanquantile(again[:, 0] / np.where(again[:, 1] > 0, again[:, 1], np.nan), [0.025, 0.975])
        if taken == all_:  # none missed in n texts: 3 / n at most
            low = max(0.0, 1 - 3 / (pairs[:, 1] > 0).sum())
        share = f"{100 * taken / all_:5.1f} %  ({100 * low:.1f} to {100 * high:.1f})"
        print(f"  {kind:15s} {taken:5.0f} of {all_:5.0f}  {share}")
    if any(kind != "name" for kind in counts):
        print(f"  false alarms {len(false)}, {1000 * len(false) / words:.2f} in 1,000 words")


def main() -> None:
    """Print the measures of both samples, and of names in the place of initials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where ppd_complaints.csv of OpenDataPhilly lies")
    folder = parser.parse_args().folder
    for sample in ("first", "second"):
        report(f"{sample} sample", *marked(folder, sample))
    for rare, title in ((False, "names as frequent as in the census"), (True, "names rare in that census")):
        texts, marks = marked(folder, "second")
        rng = random.Random(SEED)
        changed = [named(rng, text, told, rare) for text, told in zip(texts, marks, strict=True)]
        report(title, [text for text, _ in changed], [told for _, told in changed])


if __name__ == "__main__":
    main()
