"""Where a text names people by their initials, as police write them: "BH, 21/B/F", "Officers CR and V"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2

from trustsurvey.text.redact.names import FREQUENT, WORD, plain, surnames, vocabulary
from trustsurvey.text.redact.patterns import AGE, SEX

#: Titles that may have a point after them, and those that have none: behind "officers." a sentence ends.
SHORT = r"(?:Off|OFF|[Oo]fc|P/?Os?|[Ss]gts?|[Dd]ets?|[Ll]t|[Cc]apt|[Cc]pl|Insp|[Mm]rs?|[Mm]s|Dr|[Pp]rof|[Rr]ev|[Ss]ra?)"
LONG = (
    r"(?:[Oo]fficers?|OFFICERS?|[Ss]ergeants?|[Dd]etectives?|[Ll]ieutenants?|[Cc]aptains?|[Cc]orporals?|[Cc]hief|[Cc]ommissioner|"
    r"[Cc]ommander|[Ii]nspectors?|[Cc]onstables?|PCSO|[Tt]roopers?|[Dd]eput(?:y|ies)|[Ss]heriff|[Mm]iss|[Dd]octor|"
    r"[Pp]rofessor|[Rr]everend|[Pp]astor|[Jj]udge|[Cc]ouncill?or|[Cc]ouncil(?:man|woman|member)|[Mm]ayor|[Dd]ispatcher|[Oo]ficial|[Aa]gente)"
)
TITLE = rf"(?:{SHORT}\.?|{LONG}'?|PCs?|DCs?|DI)"
KIN = (
    r"(?:(?:(?:step|grand)?(?:son|daughter|mother|father|brother|sister|child|children|parent)|husband|wife|partner|"
    r"nephew|niece|cousin|(?:girl|boy)?friend|fianc\x{e9}e?|neighbou?r|uncle|aunt|"
    r"tenant|landlord|client|passenger|attorney|room-?mate|co-?worker)s?(?: ?- ?in-law)?)"
)
ROLE = (
    r"(?:(?i:complainants?|witness(?:es)?|victims?|suspects?|civilians?|supervisors?|investigators?|dispatchers?|operators?)|"
    rf"(?:\b(?:his|her|my|their|the|our)|['\x{{2019}}]s?)(?: [\pL]+)?? {KIN})"
)
#: Initials, with points or without: "BH", "J.N.", "V", "T-W"; and where they end: not in O'Neill, but in "BH's".
INITIALS = r"\p{Lu}(?:[.'\x{2019}-]?\p{Lu}){0,2}\b\.?"
SEVERAL = r"\p{Lu}(?:[.'\x{2019}-]?\p{Lu}){1,2}\b\.?"
END = r"(?:$|[^\pL\pN'\x{2019}-]|['\x{2019}](?:s\b|$|[^\pL\pN]))"
TITLED = re2.compile(rf"\b{TITLE} {{1,2}}(?:(?:{SHORT}\.?|{LONG}) )?")
DESCRIBED = re2.compile(rf"\b((?:\p{{Lu}}[.'\x{{2019}}-]? ?){{1,3}}),? ?\(?(?:{AGE}|{SEX})\b")
ROLED = re2.compile(
    rf"(?:{ROLE}|\bbehalf of|\bnamed|\bmale|\bfemale)(?:,? (?:and|named)|, called|(,))? [\"\x{{201c}}]?({SEVERAL}){END}"
)
QUOTED = re2.compile(rf"{ROLE},? [\"\x{{201c}}](\p{{Lu}}\.?)[\"\x{{201d}}]")
#: What comes before a name of a person: "the complainant, ...", "her son ...", "on behalf of ..."; and behind one.
INTRODUCED = re2.compile(
    rf"(?:{ROLE}(?:,|,? named|, called)|\b(?:his|her|my|their|our) {KIN}|\b[Cc]ivilians?|\bbehalf of|\bnamed) "
)
OF_AN_AGE = re2.compile(rf"\b\p{{Lu}}[\pL'\x{{2019}}-]+(?: \p{{Lu}}[\pL'\x{{2019}}-]+){{0,2}},? ?\(?(?:{AGE})\b")
#: A single letter between commas, "her son, B., came", and initials before a district, "Q.D., 12th District".
APART = re2.compile(rf"{ROLE}, (\p{{Lu}}\.?),|\b({SEVERAL}), \d{{1,2}}(?:st|nd|rd|th) (?:District|Precinct)")
#: What goes on after initials: ", CR, Highway Patrol Unit and JF".
LISTED = re2.compile(
    r"(?:, [A-Za-z0-9][A-Za-z0-9 ]{0,30}(?:District|Division|Unit|Patrol)(?: [Oo]fficers)?)?"
    rf"(?:, ?(and |& )?|,? (and |& ))({INITIALS}){END}"
)
ALONE = re2.compile(rf"({INITIALS}){END}")


def initials(text: str) -> Iterator[tuple[int, int]]:
    """Places of initials, as police write them."""
    for match in DESCRIBED.finditer(text):
        yield _trimmed(text, *match.span(1))
        yield from _listed(text, match.end(), several=False)
    for match in QUOTED.finditer(text):
        yield _trimmed(text, *match.span(1))
    for match in APART.finditer(text):
        start, end = _trimmed(text, *match.span(1 if match.group(1) else 2))
        if not means_else(text, start, end):
            yield start, end
    for match in ROLED.finditer(text):
        start, end = _trimmed(text, *match.span(2))
        if means_else(text, start, end):
            continue
        # "the complainant, AM, ..." is somebody; "the victim ID" is not.
        if match.group(1) or text[start:end] not in vocabulary("abbreviations"):
            yield start, end
            yield from _listed(text, end, several=False)
    for match in TITLED.finditer(text):
        one = ALONE.match(text, match.end())
        if one is None or _begins_a_name(text, one) or _is_a_word(text, *one.span(1)):
            continue
        start, end = _trimmed(text, *one.span(1))
        if end - start < 3 or text[start:end] not in vocabulary("abbreviations"):
            yield start, end
            yield from _listed(text, end, several=text[match.start() : match.end()].rstrip(" .'").endswith("s"))


def _listed(text: str, at: int, several: bool) -> Iterator[tuple[int, int]]:
    """Places of initials that follow others: "CR and JF"; ``several``: the title before them was of several people."""
    while (one := LISTED.match(text, at)) is not None:
        start, end = _trimmed(text, *one.span(3))
        letters = text[start:end]
        joined = one.group(1) or one.group(2)
        # Not in "Officer CR and I", nor of one officer and his unit, "Officer CR, DPR".
        if letters == "I" or not (
            several or (joined and len(letters) > 1 and letters not in vocabulary("abbreviations"))
        ):
            return
        if len(letters) > 2 and letters.isalpha() and (not joined or letters in vocabulary("abbreviations")):
            return
        yield start, end
        at = end


def _is_a_word(text: str, start: int, end: int) -> bool:
    """Whether "I" goes on in small letters: "the officer I met"."""
    return text[start:end] == "I" and text[end : end + 1] == " " and text[end + 1 : end + 2].islower()


def _begins_a_name(text: str, initials: Any) -> bool:
    """Whether a word with a capital follows, as in "J. Doe", that is no title of somebody else."""
    at = initials.end(1)
    following = WORD.search(text, at)
    if following is None or text[at : following.start()] not in (" ", ". "):
        return False
    word = following.group()
    if word.lower() in vocabulary("beginnings"):
        return False  # "Officer K. The complainant"
    if sum(c.isalpha() for c in initials.group(1)) > 1 and (
        plain(word) not in surnames(FREQUENT) or plain(word) in vocabulary("ordinary")
    ):
        return False  # a new sentence: "Officer S.F. According to"
    return word[0].isupper() and len(word) > 1 and not word.isupper() and word.lower() not in vocabulary("titles")


def means_else(text: str, start: int, end: int) -> bool:
    """Whether capital letters that may be initials mean something else here: "5 PM", "the DC number"."""
    if text[start:end] in ("AM", "PM"):
        return text[:start].rstrip()[-1:].isdigit()
    return text[start:end] in ("DC", "ID") and text[end:].lstrip().lower().startswith(("number", "no", "#"))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1] in " .":
        end -= 1
    # "J.N." keeps its last point only where it belongs to the initials.
    if end < len(text) and text[end] == "." and end - start > 1 and text[end - 2] == ".":
        end += 1
    return start, end
