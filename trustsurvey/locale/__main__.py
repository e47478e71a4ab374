"""Take the messages from the code, and bring the file of each language up to date with them.

``python -m trustsurvey.locale fr`` begins a language; without a name, the files that there are are renewed.

Messages are what ``_``, ``N_``, ``ngettext`` and ``pgettext`` are given, and what a ``SurveyError`` or ``Notice`` says.
What ``N_``, a refusal or a notice says of values has a placeholder for each. New ones are empty in the file of a
language until somebody translates them; those that are gone are dropped.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from trustsurvey.language import FOLDER, SOURCE, VALUES, catalogue, languages

ROOT = FOLDER.parents[1]
MARKS = ("_", "N_", "ngettext", "pgettext")
#: What of a refusal is shown: the title comes second, after the code.
OF_ERRORS = ("title", "where", "got", "expected", "hint")
#: What of it may hold values and is a sentence all the same.
SENTENCES = ("title", "expected", "hint")
#: Commands speak English where they name what was given to them.
COMMANDS = ROOT / "trustsurvey" / "cli"
#: Enough of a sentence to know it again by.
WORDS = re.compile(r"[^\W\d_]{2,}\W+[^\W\d_]{2,}")
#: What comes with the app as data, and what of it is shown: scores of the questionnaire, themes of the codebook.
SHIPPED = {
    "trustsurvey/instruments/trust.yaml": ("title", "plain"),
    "trustsurvey/text/codebook.yaml": ("title", "definition"),
}


def sources() -> list[Path]:
    """The files of which messages are taken."""
    python = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "trustsurvey").rglob("*.py")]
    return sorted([*python, *(ROOT / "trustsurvey").rglob("*.j2")])


def messages() -> Catalog:
    """All messages of the code with the files that say them."""
    found = _empty(None, "# Messages of trustsurvey.")
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py":
            for message, context in of_code(path):
                found.add(message, context=context, locations=[(name, 0)])
            continue
        for _line, message, _comments, _context in extract_from_file("jinja2.ext:babel_extract", path, {"_": None}):
            found.add(message, locations=[(name, 0)])
    for name, entries in SHIPPED.items():
        for message in of_data(yaml.safe_load((ROOT / name).read_text(encoding="utf-8")), entries):
            found.add(message, locations=[(name, 0)])
    return found


def of_data(content: object, names: tuple[str, ...]) -> Iterator[str]:
    """What stands in the entries of such names, at any depth."""
    if isinstance(content, dict):
        for name, inner in content.items():
            if name in names and isinstance(inner, str):
                yield inner
            yield from of_data(inner, names)


def of_code(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """The messages of a file in their order, each with its context: what marks are given, and refusals say."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called in ("SurveyError", "Notice"):
            parts = [("title", part) for part in node.args[1:2]] + [(word.arg, word.value) for word in node.keywords]
            for name, part in parts:
                if name in OF_ERRORS and (text := _text(part)) and " " in text:
                    yield text, None
                elif name in SENTENCES and COMMANDS not in path.parents:
                    yield from ((text, VALUES) for text in _with_values(part))
        elif called in ("_", "N_") and (text := _text(node.args[0])):
            yield text, None
        elif called == "N_":
            yield from ((text, VALUES) for text in _with_values(node.args[0]))
        elif called == "ngettext":
            yield (_text(node.args[0]), _text(node.args[1])), None
        elif called == "pgettext":
            yield _text(node.args[1]), _text(node.args[0])


def _text(node: ast.expr) -> str:
    """A text that stands in the code; "" where it is worked out."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _with_values(node: ast.expr) -> Iterator[str]:
    """The sentences that a text worked out in the code may be, a placeholder for each value."""
    if isinstance(node, ast.IfExp):
        yield from (*_with_values(node.body), *_with_values(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from _with_values(part)
    elif isinstance(node, ast.JoinedStr):
        names: list[str] = []
        text = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                name = getattr(part.value, "attr", getattr(part.value, "id", "value"))
                names.append(name)
                text += f"{{{name}{names.count(name) if names.count(name) > 1 else ''}}}"
            else:
                text += _text(part)
        if WORDS.search(re.sub(r"\{\w+\}", "", text)):
            yield text
    elif (text := _text(node)) and " " in text:
        yield text


def written(found: Catalog) -> bytes:
    """A catalogue as it is kept."""
    into = io.BytesIO()
    write_po(into, found, width=118, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return into.getvalue()


def _empty(locale: Locale | None, comment: str) -> Catalog:
    # The day is left out: a file changes when a message does.
    return Catalog(
        locale, project="trustsurvey", version="", fuzzy=False, header_comment=comment,
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def begin(tag: str) -> None:
    """Make the file of a language that has none yet, by a tag such as "fr" or "pt-BR": no word of it is translated.

    Its head names the locale, by which dates and numbers are written where a reader's is not known, and the plurals.
    ValueError for a tag that names no language, or one that there is.
    """
    try:
        locale = Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(f"'{tag}' names no language") from error
    path = catalogue(locale.language)
    if locale.language == SOURCE or path.exists():
        raise ValueError(f"{locale.english_name} is there already")
    path.parent.mkdir(parents=True)
    path.write_bytes(written(_empty(locale, f"# {locale.english_name} messages of trustsurvey.")))
    languages.cache_clear()


def renew() -> None:
    """Write every language's file."""
    template = messages()
    for language in languages():
        if language == SOURCE:
            continue
        path = catalogue(language)
        with path.open("rb") as file:
            spoken = read_po(file)
        spoken.update(template, no_fuzzy_matching=True, update_header_comment=False)
        path.write_bytes(written(spoken))
        missing = sum(not all(forms(message)) for message in spoken)
        print(f"{language}: {missing} of {len(spoken)} messages are not translated")


def forms(message: Message) -> tuple[str, ...]:
    """What a language says for a message: one form, or one for each plural."""
    said = message.string
    return tuple(said) if isinstance(said, tuple | list) else (said or "",)


def main(given: list[str] | None = None) -> None:
    """What ``python -m trustsurvey.locale`` does."""
    parser = argparse.ArgumentParser(prog="python -m trustsurvey.locale", description="Renew the files of languages.")
    parser.add_argument("language", nargs="?", help="begin the file of this language, such as fr or pt-BR")
    language = parser.parse_args(given).language
    if language is not None:
        try:
            begin(language)
        except ValueError as error:
            parser.error(str(error))
    renew()


if __name__ == "__main__":
    main()
