"""In which language the package speaks: messages are the English sentences of the code, looked up in a catalogue.

A language is a file, ``locale/<language>/LC_MESSAGES/trustsurvey.po``. What is said is chosen anew at each call, so no
table of a module may hold what :func:`_` gave; it holds what :func:`N_` marks.
"""

from __future__ import annotations

import gettext
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).with_name("locale")
#: The language of the code.
SOURCE = "en"
#: Names the language of commands, and of an app whose readers' browsers name none.
VARIABLE = "TRUSTSURVEY_LANGUAGE"
#: The context of messages that hold values already where they are looked up.
VALUES = "values"
#: Letters of what a browser asks for that are read.
MOST_ASKED = 500

Given = ParamSpec("Given")
Said = TypeVar("Said")

_chosen: ContextVar[str | None] = ContextVar("language", default=None)
#: Who is asked where nothing was chosen in this thread, such as in an answer to a click.
ask: Callable[[], str | None] | None = None


def catalogue(language: str) -> Path:
    """The file of a language."""
    return FOLDER / language / "LC_MESSAGES" / "trustsurvey.po"


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    """Every language there is, by its code, as those who speak it call it; that of the code first."""
    codes = [SOURCE, *sorted(path.name for path in FOLDER.iterdir() if catalogue(path.name).is_file())]
    return {code: str(Locale.parse(code).get_display_name(code)).capitalize() for code in codes}


def known(tag: str | None) -> str:
    """The locale that answers to a tag such as "es-MX", "" where its language is none of :func:`languages`.

    >>> known("es-MX"), known("es"), known("en-GB"), known("fr")
    ('es_MX', 'es_419', 'en', '')
    """
    try:
        asked = Locale.parse((tag or "").replace("-", "_").partition(".")[0])
    except (ValueError, UnknownLocaleError):
        return ""
    if asked.language == SOURCE:
        return SOURCE
    if asked.language not in languages():
        return ""
    return str(asked) if asked.territory else _read(asked.language)[1]


def preferred(header: str | None) -> str:
    """The locale that a browser would rather have than others, by its Accept-Language header (RFC 9110, 12.5.4).

    "" where it names no language that there is.

    >>> preferred("de, es-MX;q=0.9, en;q=0.8"), preferred("fr"), preferred(None)
    ('es_MX', '', '')
    """
    asked = []
    for part in (header or "")[:MOST_ASKED].split(","):
        tag, _semicolon, weight = part.partition(";")
        named = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight)
        wish = float(named[1]) if named else 0.0 if weight else 1.0
        if wish > 0 and (found := known(tag.strip())):
            asked.append((wish, found))
    # Of equal wishes the first stands.
    return max(asked, key=lambda wish: wish[0], default=(0.0, ""))[1]


def use(tag: str | None) -> None:
    """Speak the language of a tag from here on in this thread or task; None for what the environment names."""
    _chosen.set(known(tag) or _of_environment())


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """Speak the language of a tag for a while."""
    before = _chosen.set(known(tag) or None)
    try:
        yield
    finally:
        _chosen.reset(before)


def kept(work: Callable[Given, Said]) -> Callable[Given, Said]:
    """Work that speaks today's language whenever, and in whatever thread, it is done."""
    spoken = current()

    @wraps(work)
    def then(*given: Given.args, **named: Given.kwargs) -> Said:
        with speaking(spoken):
            return work(*given, **named)

    return then


def current() -> str:
    """The locale that is spoken, such as "en" or "es_MX": words and the way that numbers are written hang on it."""
    return _chosen.get() or known(ask and ask()) or _of_environment()


def language() -> str:
    """The language that is spoken, "en" or "es"."""
    return current().partition("_")[0]


def locale() -> Locale:
    """How dates and numbers are written."""
    return _locale(current())


def _of_environment() -> str:
    return known(os.environ.get(VARIABLE)) or SOURCE


_locale = lru_cache(maxsize=64)(Locale.parse)


@lru_cache(maxsize=16)
def _read(language: str) -> tuple[gettext.NullTranslations, str, tuple[tuple[re.Pattern[str], str], ...]]:
    """A catalogue, the locale that its head names, the language alone where it names none, and :data:`VALUES`."""
    with catalogue(language).open("rb") as file:
        found = read_po(file)
    made = io.BytesIO()
    write_mo(made, found)
    made.seek(0)
    held = [message for message in found if message.context == VALUES and message.string]
    # What says most by itself is tried first.
    held.sort(key=lambda message: len(re.sub(r"\{\w+\}", "", str(message.id))), reverse=True)
    known = tuple((_pattern(str(message.id)), str(message.string)) for message in held)
    return gettext.GNUTranslations(made), str(found.locale or language), known


def _pattern(message: str) -> re.Pattern[str]:
    """What a message looks like with values in it."""
    parts = re.split(r"\{(\w+)\}", message)
    texts = [re.escape(part) if k % 2 == 0 else f"(?P<{part}>.*?)" for k, part in enumerate(parts)]
    return re.compile("".join(texts), re.DOTALL)


def _spoken() -> gettext.NullTranslations:
    code = language()
    return _AS_WRITTEN if code == SOURCE else _read(code)[0]


_AS_WRITTEN = gettext.NullTranslations()


def _(message: str) -> str:
    """A message in the language that is spoken; as it is where the catalogue has none."""
    return _spoken().gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """A message about so many; which numbers take the first form is for the language to say."""
    return _spoken().ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """A message that means something else elsewhere; ``context`` says what is meant here."""
    return _spoken().pgettext(context, message)


def translated(message: str) -> str:
    """A refusal or notice as it came, with its values in it, in the language that is spoken.

    It may come from another process or from what is kept, so that only its words are left to know it by.
    """
    said = _(message)
    if said != message or language() == SOURCE:
        return said
    for pattern, said in _read(language())[2]:
        if found := pattern.fullmatch(message):
            return said.format(**{name: _more(value) for name, value in found.groupdict().items()})
    return _more(message)


def _more(value: str) -> str:
    """A list of values that ``errors.some`` cut off."""
    cut = re.fullmatch(r"('.*') and ([\d,]+) more", value, re.DOTALL)
    return _("{listed} and {n} more").format(listed=cut[1], n=cut[2]) if cut else value


def N_(message: str) -> str:  # noqa: N802  gettext's own name for it
    """Marks a message that is looked up later, where it is shown; one with values in it by :func:`translated`."""
    return message
