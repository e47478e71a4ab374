"""Where a text names people: by title, by lists of names, by initials, and where they come again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import re2

from trustsurvey.text.redact.initials import INTRODUCED, OF_AN_AGE, TITLED, initials, means_else
from trustsurvey.text.redact.names import FREQUENT, WORD, given_names, plain, surnames, vocabulary

#: What stands between the names of several people.
AND = (" and ", ", ", ", and ", " & ")


@dataclass
class People:
    """The people of one text: each has a number, and the words by which it is known."""

    numbers: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def number(self, words: Collection[str]) -> int:
        """The number of the person who goes by one of these words, a new one where nobody does."""
        known = next((self.numbers[word] for word in words if word in self.numbers), None)
        if known is None and len(words) == 1 and len(next(iter(words))) == 1:
            # "Ms. J" after "KJ": a single letter is the end of initials told before, where that is clear.
            ends = {
                n for word, n in self.numbers.items() if 1 < len(word) <= 3 and word.isupper() and word[-1] in words
            }
            known = ends.pop() if len(ends) == 1 else None
        if known is None:
            self.count += 1
            known = self.count
        for word in words:
            self.numbers.setdefault(word, known)
        return known


def people_in(text: str, keep: frozenset[str] = frozenset()) -> list[tuple[int, int, int]]:
    """Places (start, end, number of the person) of a text, in order; ``keep``: names of places, in small letters."""
    found: dict[int, tuple[int, tuple[str, ...]]] = {}
    for start, end in initials(text):
        found[start] = (end, ("".join(c for c in text[start:end] if c.isalpha()).upper(),))
    tokens = [(m.start(), m.end(), m.group()) for m in WORD.finditer(text)]
    titled = {m.end(): m.group().rstrip(" .'").endswith("s") for m in TITLED.finditer(text)}
    introduced = {m.end() for m in INTRODUCED.finditer(text)} | {m.start() for m in OF_AN_AGE.finditer(text)}
    free = [token for token in tokens if not any(a < token[1] and token[0] < b for a, (b, _) in found.items())]
    for start, end, words in _named(text, free, titled, introduced, keep):
        found[start] = (end, words)
    people = People()
    longest = sorted(found.items(), key=lambda one: -len(one[1][1]))
    for _, (_, words) in longest:  # whole names first, so that a surname alone finds its person
        if len(words) > 1:
            people.number(words)
    numbered: dict[int, int] = {}
    placed = []
    for start, (end, words) in sorted(found.items()):
        number = people.number(words)
        # Numbers are told in the order in which people are named.
        placed.append((start, end, numbered.setdefault(number, len(numbered) + 1)))
    told = {word: numbered[n] for word, n in people.numbers.items() if n in numbered}
    return sorted([*placed, *_again(text, tokens, told, placed)])


def _named(
    text: str,
    tokens: list[tuple[int, int, str]],
    titled: dict[int, bool],
    introduced: set[int],
    keep: frozenset[str],
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Places of names in words, with the words of each in small letters.

    ``titled``: where a word follows a title, and whether that is of several people. ``introduced``: where one follows
    what comes before a name.
    """
    given, last = given_names(), surnames()
    usual = vocabulary("ordinary") | vocabulary("titles") | keep
    at = 0
    several = -1  # where the last name of several people with one title ends
    while at < len(tokens):
        start, end, word = tokens[at]
        low = plain(word)
        capital = word[0].isupper()
        listed = (
            several >= 0 and text[several:start] in AND and low not in usual and low not in vocabulary("beginnings")
        )
        after_title = start in titled or (listed and not word.isupper())
        run = _run(text, tokens, at)
        alone = len(run) == 1 and (len(word) == 1 or low in vocabulary("places"))
        alone = alone or word[:2] in ("I'", "I\u2019")  # "officers I'd trust"
        if after_title and capital and low not in keep and not alone:
            yield _cut(text, start, [t for t in run if t[2].lower() not in vocabulary("places")] or run[:1])
            several = run[-1][1] if titled.get(start, listed) else -1
            at += len(run)
            continue
        if start in introduced and _may_be_a_name(run, low, usual):
            yield _cut(text, start, run)
            at += len(run)
            continue
        if after_title and not capital and not titled.get(start) and low in surnames(FREQUENT) and low not in usual:
            yield _cut(text, start, tokens[at : at + 1])
            at += 1
            continue
        if capital and low not in keep:
            before = text[:start].rstrip()
            starts = not before or before[-1] in '.!?:;\n"\u201c'
            previous = tokens[at - 1][2].lower() if at else ""
            following = tokens[at + len(run)][2].lower() if at + len(run) < len(tokens) else ""
            place = any(t[2].lower() in vocabulary("places") for t in run[1:]) or (
                following in vocabulary("places") and text[run[-1][1] :][:1] == " "
            )
            names = [plain(t[2]) for t in run]
            inside = any(name in keep for name in names) or " ".join(names) in keep
            if not place and not inside:
                whole = len(run) > 1 and names[0] in given and (names[0] not in usual or names[1] in last)
                whole = whole and not (starts and names[0] in usual) and names[1] not in vocabulary("places")
                whole = whole and not (names[0] in vocabulary("beginnings") and names[1] in usual)  # "In January"
                single = len(run) == 1 and low not in usual and previous not in vocabulary("before_places")
                frequent = low in last and (not starts or low in surnames(FREQUENT))
                alone = single and (low in given or frequent) and previous not in vocabulary("before_names_of_places")
                if whole or (alone and len(low) > 2):
                    yield _cut(text, start, run)
                    at += len(run)
                    continue
            elif place:
                at += len(run)
                continue
        elif not capital and at + 1 < len(tokens) and low in given and low not in usual:
            after = tokens[at + 1]
            if text[end : after[0]] == " " and plain(after[2]) in last and plain(after[2]) not in usual:
                yield _cut(text, start, tokens[at : at + 2])
                at += 2
                continue
        at += 1


def _may_be_a_name(run: list[tuple[int, int, str]], low: str, usual: frozenset[str]) -> bool:
    """Whether words behind "the complainant, ..." can be a name: no sentence begins with them, and no place has it."""
    told = [t[2].lower() for t in run]
    return (
        run[0][2][0].isupper()
        and len(low) > 1
        and not run[0][2].isupper()
        and not usual.union(vocabulary("beginnings")).intersection(told[:1])
        and vocabulary("places").isdisjoint(told)
    )


def _run(text: str, tokens: list[tuple[int, int, str]], at: int) -> list[tuple[int, int, str]]:
    """The capitalised words that follow one another from a token on, with initials and particles among them."""
    run = [tokens[at]]
    for k in range(at + 1, min(at + 4, len(tokens))):
        start, _, word = tokens[k]
        if run[-1][2].lower().endswith(("'s", "\u2019s")):
            break
        between = text[run[-1][1] : start]
        joined = between == " " or (between == ". " and len(run[-1][2]) == 1)
        following = tokens[k + 1] if k + 1 < len(tokens) else None
        small = word.lower() in vocabulary("particles") and following is not None
        particle = small and (following[2][0].isupper() or following[2].lower() in vocabulary("particles"))  # type: ignore[index]
        if not joined or not (word[0].isupper() or particle) or word.lower() in vocabulary("titles"):
            break
        run.append(tokens[k])
    return run


def _cut(text: str, start: int, run: list[tuple[int, int, str]]) -> tuple[int, int, tuple[str, ...]]:
    end = run[-1][1]
    for tail in ("'s", "\u2019s"):
        if text[start:end].lower().endswith(tail):
            end -= 2
    words = [plain(t[2]) for t in run]
    # A given name and a surname find the person again, initials in between do not.
    return (
        start,
        end,
        tuple(dict.fromkeys(w for w in words if len(w) > 1 and w not in vocabulary("particles")))
        or (words[0].upper(),),
    )


def _again(
    text: str, tokens: list[tuple[int, int, str]], told: dict[str, int], placed: list[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Places where somebody who was named comes again, by one of the words alone or by the same initials."""
    several = {word: number for word, number in told.items() if len(word) > 1 and word.isupper()}
    for start, end, word in tokens:
        for tail in ("'s", "\u2019s"):
            if word.lower().endswith(tail):
                end, word = end - 2, word[:-2]
        low = plain(word)
        number = told.get(low) if word[0].isupper() and low not in vocabulary("ordinary") else None
        if number is None and len(low) > 1 and word.isupper() and not means_else(text, start, end):
            number = told.get(word.replace("-", ""))
        if number is None and len(word) == 1 and _is_a_letter_alone(text, start, end):
            ends = {n for letters, n in several.items() if letters[-1] == word}
            number = told.get(word) or (ends.pop() if len(ends) == 1 else None)
        if number is not None and not any(a < end and start < b for a, b, _ in placed):
            yield start, end, number
    for letters, number in several.items():
        dotted = re2.compile(r"\b" + r"\. ?".join(letters) + r"(?:\.|\b)")
        for match in dotted.finditer(text):
            if not any(a < match.end() and match.start() < b for a, b, _ in placed):
                yield match.start(), match.end(), number


def _is_a_letter_alone(text: str, start: int, end: int) -> bool:
    """Whether a capital letter may be somebody's initial: neither "I" or "A" nor part of "B/F" or "N. Broad Street"."""
    return (
        text[start:end].isupper()
        and text[start:end] not in "AI"
        and "/" not in text[max(start - 1, 0) : end + 1]
        and text[end : end + 1] != "."
    )
