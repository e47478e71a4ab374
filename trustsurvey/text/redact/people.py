"""Where a text names people: by title, by lists of names, by initials as police write them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import re2

from trustsurvey.text.redact.names import given_names, surnames, vocabulary

#: Titles that may have a point after them, and those that have none: behind "officers." a sentence ends.
SHORT = r"(?:Off|OFF|[Oo]fc|P/?Os?|[Ss]gts?|[Dd]ets?|[Ll]t|[Cc]apt|[Cc]pl|Insp|[Mm]rs?|[Mm]s|Dr|[Pp]rof|[Rr]ev|[Ss]ra?)"
LONG = (
    r"(?:[Oo]fficers?|OFFICERS?|[Ss]ergeants?|[Dd]etectives?|[Ll]ieutenants?|[Cc]aptains?|[Cc]orporals?|[Cc]hief|[Cc]ommissioner|"
    r"[Cc]ommander|[Ii]nspectors?|[Cc]onstables?|PCs?|PCSO|DCs?|DI|[Tt]roopers?|[Dd]eput(?:y|ies)|[Ss]heriff|[Mm]iss|[Dd]octor|"
    r"[Pp]rofessor|[Rr]everend|[Pp]astor|[Jj]udge|[Cc]ouncill?or|[Cc]ouncil(?:man|woman|member)|[Mm]ayor|[Dd]ispatcher|[Oo]ficial|[Aa]gente)"
)
TITLE = rf"(?:{SHORT}\.?|{LONG}'?)"
KIN = (
    r"son|daughter|husband|wife|brother|sister|mother|father|nephew|niece|cousin|friend|girlfriend|boyfriend|fianc\x{e9}e?|"
    r"neighbou?r|uncle|aunt|grand(?:son|mother|father|daughter)"
)
ROLE = (
    rf"(?:[Cc]omplainants?|[Ww]itness(?:es)?|[Vv]ictims?|[Ss]uspects?|(?:his|her|my|their|the|our) (?:partner|{KIN}))"
)
#: One or several initials, with points or without: "BH", "J.N.", "V".
INITIALS = r"(?:\p{Lu}\.? ?){0,2}\p{Lu}\b\.?"
WORD = re2.compile(r"\p{L}[\pL\pM]*(?:['\x{2019}-]\p{L}[\pL\pM]*)*")
TITLED = re2.compile(rf"\b{TITLE} {{1,2}}(?:{TITLE} )?")
DESCRIBED = re2.compile(r"\b((?:\p{Lu}\.? ?){1,3}),? ?\(?\d{1,3} ?/ ?[A-Z]{1,2}(?: ?/ ?[MF])?\b")
ROLED = re2.compile(rf"\b{ROLE}(?:,? (?:and|named|called)|,)? ((?:\p{{Lu}}\.?){{2,3}})(?:$|[^\pL\pN.-])")
LISTED = re2.compile(rf"(?:, | and | & |, and )({INITIALS})(?:$|[^\pL\pN'\x{{2019}}-])")
ALONE = re2.compile(r"((?:\p{Lu}\.?){1,3})(?:$|[^\pL\pN])")
#: Surnames that are frequent enough to be told at the beginning of a sentence, where every word has a capital.
FREQUENT = 3_000


@dataclass
class People:
    """The people of one text: each has a number, and the words by which it is known."""

    keep: frozenset[str] = frozenset()
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
    for start, end in _initials(text):
        found[start] = (end, ("".join(c for c in text[start:end] if c.isalpha()).upper(),))
    tokens = [(m.start(), m.end(), m.group()) for m in WORD.finditer(text)]
    titled = {m.end() for m in TITLED.finditer(text)}
    free = [token for token in tokens if not any(a < token[1] and token[0] < b for a, (b, _) in found.items())]
    for start, end, words in _named(text, free, titled, keep):
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


def _initials(text: str) -> Iterator[tuple[int, int]]:
    """Places of initials, as police write them."""
    for pattern in (DESCRIBED, ROLED):
        for match in pattern.finditer(text):
            start, end = _trimmed(text, *match.span(1))
            if text[start:end] not in vocabulary("abbreviations"):
                yield start, end
    for match in TITLED.finditer(text):
        several = text[match.start() : match.end()].rstrip(" .'").endswith("s")
        one = ALONE.match(text, match.end())
        if one is not None and (_begins_a_name(text, one.end(1)) or _is_a_word(text, *one.span(1))):
            one = None
        while one is not None:
            start, end = _trimmed(text, *one.span(1))
            yield start, end
            one = LISTED.match(text, end)
            letters = "" if one is None else text[one.start(1) : one.end(1)].rstrip(". ")
            # "Officer CR and JF", but not "Officer CR and I".
            if letters in vocabulary("abbreviations") or not (several or len(letters) > 1):
                one = None


def _is_a_word(text: str, start: int, end: int) -> bool:
    """Whether "I" or "A" goes on in small letters: "the officer I met"."""
    return text[start:end] in ("I", "A") and text[end : end + 1] == " " and text[end + 1 : end + 2].islower()


def _begins_a_name(text: str, at: int) -> bool:
    """Whether a word with a capital follows, as in "J. Doe", that is no title of somebody else."""
    following = WORD.search(text, at)
    if following is None or text[at : following.start()] not in (" ", ". "):
        return False
    word = following.group()
    return word[0].isupper() and len(word) > 1 and not word.isupper() and word.lower() not in vocabulary("titles")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1] in " .":
        end -= 1
    # "J.N." keeps its last point only where it belongs to the initials.
    if end < len(text) and text[end] == "." and end - start > 1 and text[end - 2] == ".":
        end += 1
    return start, end


def _named(
    text: str, tokens: list[tuple[int, int, str]], titled: set[int], keep: frozenset[str]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Places of names in words, with the words of each in small letters."""
    given, last = given_names(), surnames()
    usual = vocabulary("ordinary") | vocabulary("titles") | keep
    at = 0
    while at < len(tokens):
        start, end, word = tokens[at]
        low = _plain(word)
        capital = word[0].isupper()
        after_title = start in titled
        run = _run(text, tokens, at)
        alone = len(run) == 1 and (len(word) == 1 or low in vocabulary("places"))
        if after_title and capital and low not in keep and not alone:
            yield _cut(text, start, [t for t in run if t[2].lower() not in vocabulary("places")] or run[:1])
            at += len(run)
            continue
        if after_title and not capital and low in surnames(FREQUENT) and low not in usual:
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
            names = [_plain(t[2]) for t in run]
            inside = any(name in keep for name in names) or " ".join(names) in keep
            if not place and not inside:
                whole = len(run) > 1 and names[0] in given and (names[0] not in usual or names[1] in last)
                whole = whole and not (starts and names[0] in usual) and names[1] not in vocabulary("places")
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
            if text[end : after[0]] == " " and _plain(after[2]) in last and _plain(after[2]) not in usual:
                yield _cut(text, start, tokens[at : at + 2])
                at += 2
                continue
        at += 1


def _plain(word: str) -> str:
    """A word as lists of names have it: in small letters, without apostrophes and a possessive s."""
    return word.lower().replace("\u2019", "'").removesuffix("'s").replace("'", "")


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
    words = [_plain(t[2]) for t in run]
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
    for start, end, word in tokens:
        low = _plain(word)
        end -= 2 if word.lower().endswith(("'s", "\u2019s")) else 0
        number = told.get(low) if word[0].isupper() and low not in vocabulary("ordinary") else None
        if number is None and len(low) > 1 and word.isupper() and word not in vocabulary("abbreviations"):
            number = told.get(word)
        if number is not None and not any(a < end and start < b for a, b, _ in placed):
            yield start, end, number
    for initials, number in told.items():
        if len(initials) > 1 and initials.isupper():
            dotted = re2.compile(r"\b" + r"\. ?".join(initials) + r"(?:\.|\b)")
            for match in dotted.finditer(text):
                if not any(a < match.end() and match.start() < b for a, b, _ in placed):
                    yield match.start(), match.end(), number
