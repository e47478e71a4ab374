"""Comparing words: when two labels or two questions are the same for a reader; and small numbers as people say them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from trustsurvey.language import _, language, locale, pgettext


def fold(text: str) -> str:
    """A label without case, accents, outer punctuation or doubled blanks.

    >>> fold("  Don\\u2019t  Know. ")
    "don't know"
    """
    plain = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2018", "'"))
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(plain.casefold().split()).strip(" .!?:;,\"'")


def same_wording(one: str, other: str) -> bool:
    """Whether two questions differ in nothing but case, blanks, punctuation or markup."""
    return bare(one) == bare(other)


def readable(heading: str) -> str:
    """A heading whose blanks a program replaced, with blanks again; others as they are.

    >>> readable("How.safe.do.you.feel._2015")
    'How safe do you feel 2015'
    """
    if " " in heading or len(re.findall(r"[._]", heading)) < 3:
        return heading
    return " ".join(re.findall(r"[^\W_]+(?:['\u2019][^\W_]+)*", heading))


def bare(text: str) -> str:
    """A text without case, punctuation and markup."""
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"<[^>]*>", " ", text)).casefold().split())


def segments(text: str) -> list[str]:
    """A heading and the parts of it that may be the question itself.

    Matrix questions are written "stem - statement" or "Question [statement]" by survey tools; a number
    may stand before the question ("Q52h. Trust in the police", "q5_01_effectiveness_of_the_police").
    """
    found = [text]
    numbered = re.match(r"(?:[A-Za-z]{0,4}\d{1,3}[\w-]{0,4}|\w{1,20}\[\w+\])[.:)]\s+(.+)$", text, re.DOTALL)
    numbered = numbered or re.match(r"[A-Za-z]{1,4}\d{1,3}(?:[_ ]\d{1,3})?[_ ](?=[^\W\d])(.+)$", text, re.DOTALL)
    if numbered:
        found.append(numbered.group(1))
    parts = re.split(r"\s+[-\u2013\u2014]\s+|:\s*-\s+", text)
    found += [" - ".join(parts[k:]) for k in range(1, len(parts))]
    bracket = re.search(r"\[([^\[\]]+)\]\s*$", text)
    if bracket:
        found.append(bracket.group(1))
    return [part.strip() for part in found if part.strip()]


def in_words(n: int) -> str:
    """A number up to ten as a word, a larger one in figures: "no", "six", "1,200"."""
    return _words()[n] if 0 <= n <= 10 else figure(n)


def _words() -> tuple[str, ...]:
    return (
        pgettext("how many", "no"), pgettext("how many", "one"), _("two"), _("three"), _("four"), _("five"), _("six"),
        _("seven"), _("eight"), _("nine"), _("ten"),
    )  # fmt: skip


def capital(sentence: str) -> str:
    """A sentence that begins with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def figure(value: float, spec: str = ",") -> str:
    """A number as ``format`` writes it, with the separators of those who read it.

    >>> figure(15194.6, ",.1f")
    '15,194.6'
    """
    text = format(value, spec)
    decimal, thousands = separators()
    return text if (decimal, thousands) == (".", ",") else text.translate({46: decimal, 44: thousands})


def separators() -> tuple[str, str]:
    """What stands before decimals, and between thousands."""
    symbols = locale().number_symbols["latn"]
    return symbols["decimal"], symbols["group"]


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: 'a', 'a and b', 'a, b and c'."""
    if len(names) < 2:
        return "".join(names)
    first, last = ", ".join(names[:-1]), names[-1]
    # In Spanish "y" becomes "e" before the sound of i.
    if language() == "es" and re.match(r"h?i(?!e)", fold(last)):
        return f"{first} e {last}"
    return _("{first} and {last}").format(first=first, last=last)


def month(when: date) -> str:
    """The name of a month within a sentence."""
    return str(locale().months["format"]["wide"][when.month])


def day(when: date) -> str:
    """A day as people say it.

    >>> day(date(2025, 12, 8))
    '8 December 2025'
    """
    return _("{day} {month} {year}").format(day=when.day, month=month(when), year=when.year)


def moment(when: datetime) -> str:
    """A day and the time of it.

    >>> moment(datetime(2025, 12, 8, 9, 30))
    '8 December 2025, 09:30'
    """
    return f"{day(when)}, {when:%H:%M}"


def shortened(text: str, most: int) -> str:
    """A text on one line, cut between words where it has more than ``most`` letters.

    >>> shortened("Two lamps in the underpass", 12)
    'Two lamps \u2026'
    """
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    whole = cut if line[most - 1] == " " else cut.rpartition(" ")[0] or cut
    return f"{whole.rstrip(' ,;:.')} \u2026"


def bare_codes(labels: Iterable[str]) -> bool:
    """Whether labels are nothing but small whole numbers, as a file has them that does not say what they stand for.

    >>> bare_codes(["1", "2", "9"]), bare_codes(["18-29", "30-44"]), bare_codes(["1"]), bare_codes(["1990", "1991"])
    (True, False, False, False)
    """
    listed = list(labels)
    return len(listed) > 1 and all(re.fullmatch(r"-?\d{1,2}", label) for label in listed)
