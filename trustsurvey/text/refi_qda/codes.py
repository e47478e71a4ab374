"""Codebooks as REFI-QDA: the codes of a project, and a file of their own (.qdc)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, get_args
from xml.etree import ElementTree

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.model import Code, Codebook, Stance
from trustsurvey.text.refi_qda.markup import CODEBOOK, ORIGIN, child, clean, described, document, guid, undescribed
from trustsurvey.text.refi_qda.parsed import all_text, identity, local, parsed

STANCES: tuple[Stance, ...] = tuple(stance for stance in get_args(Stance) if stance)
#: Codes may lie this deep in one another.
DEEPEST = 100
LISTS, LINES = ("examples", "keywords"), ("include", "exclude")


@dataclass(frozen=True)
class Codes:
    """Codes as read: their codebook and elements, and for each number in the file the code and stance it stands for."""

    codebook: Codebook
    elements: tuple[ElementTree.Element, ...]
    known: dict[str, tuple[str, Stance]]


def codebook_to_qdc(codebook: Codebook) -> bytes:
    """The codebook as a .qdc file; :func:`codebook_from_qdc` reads the same codes back.

    What the form has no place for (key, include, exclude, examples, keywords) stands below a line in the description.
    """
    root = ElementTree.Element("CodeBook", {"xmlns": CODEBOOK, "origin": ORIGIN})
    add_codes(child(root, "Codes"), codebook)
    return document(root)


def codebook_from_qdc(data: bytes, name: str = "codebook") -> tuple[Codebook, list[Notice]]:
    """Read a .qdc file of any program; SurveyError ``refi.*`` where it is none. Sets of codes are left out."""
    root = parsed(data, name)
    if local(root) != "CodeBook":
        raise SurveyError("refi.root", "The file is not a REFI-QDA codebook", where=name, got=local(root)[:40],
                          expected="CodeBook", hint="A project (.qdpx) is imported as a project.")  # fmt: skip
    notices = []
    if sets := [e for e in root.iter() if local(e) == "Set"]:
        notices.append(Notice("refi.sets", f"Sets of codes left out: {len(sets):,}."))
    return read_codes(root, name).codebook, notices


def add_codes(parent: ElementTree.Element, codebook: Codebook, stances: Iterable[tuple[str, Stance]] = ()) -> None:
    """Add the codes, each below its parent, and one below a code for every stance that it was applied with."""
    if not codebook.codes:
        raise SurveyError("refi.empty", "The codebook has no codes", where=codebook.name)
    elements: dict[str, ElementTree.Element] = {}
    for code in codebook.codes:
        more = {"key": clean(code.key)} | {name: _cleaned(getattr(code, name)) for name in (*LINES, *LISTS)}
        elements[code.key] = _code(
            elements.get(code.parent, parent), code_guid(code.key), code.title, described(code.definition, more),
            code.colour,
        )  # fmt: skip
    for key, stance in sorted(set(stances)):
        title = f"{codebook.code(key).title}: {stance}"
        _code(elements[key], code_guid(key, stance), title, described("", {"stance": stance}), "")


def code_guid(key: str, stance: str = "") -> str:
    """The number of a code, or of a code applied with a stance."""
    return guid("stance", key, stance) if stance else guid("code", key)


def read_codes(root: ElementTree.Element, name: str, cases: Collection[str] = ()) -> Codes:
    """The codes below an element, parents first. ``cases``: numbers of cases, which some programs list as codes."""
    waiting = [(e, "", 0) for e in reversed([c for top in root if local(top) == "Codes" for c in top])]
    codes: list[Code] = []
    elements: list[ElementTree.Element] = []
    keys: set[str] = set()
    known: dict[str, tuple[str, Stance]] = {}
    while waiting:
        element, parent, depth = waiting.pop()
        if local(element) != "Code" or (number := identity(element.get("guid"))) in known:
            continue
        if depth > DEEPEST:
            raise SurveyError("refi.deep", "Codes lie too deep in one another", where=name,
                              expected=f"at most {DEEPEST} levels")  # fmt: skip
        text, more = undescribed(all_text(element, "Description"))
        stance = more.get("stance")
        if stance in STANCES and parent:
            known[number] = parent, stance
            continue
        key = parent
        if number not in cases:
            title = element.get("name") or "Code"
            key = _key(more.get("key"), title, keys)
            keys.add(key)
            elements.append(element)
            codes.append(Code(key, title, parent, text, **_fields(more), colour=_colour(element.get("color") or "")))
            known[number] = key, ""
        waiting += [(e, key, depth + 1) for e in reversed(element)]
    if not codes:
        raise SurveyError("refi.empty", "The file has no codes", where=name, expected="at least one code")
    return Codes(Codebook(name, tuple(codes)), tuple(elements), known)


def _code(parent: ElementTree.Element, number: str, title: str, description: str, colour: str) -> ElementTree.Element:
    element = child(parent, "Code", guid=number)
    element.set("name", clean(title))
    element.set("isCodable", "true")
    if colour:
        element.set("color", colour)
    if description:
        child(element, "Description", description)
    return element


def _cleaned(value: str | tuple[str, ...]) -> str | list[str]:
    return clean(value) if isinstance(value, str) else [clean(entry) for entry in value]


def _fields(more: dict[str, Any]) -> dict[str, Any]:
    """The fields of a code that stand below the line of its description, as far as they are what they should be."""
    lines = {name: more[name] for name in LINES if isinstance(more.get(name), str)}
    lists = {name: tuple(map(str, more[name])) for name in LISTS if isinstance(more.get(name), list)}
    return lines | lists


def _key(told: object, title: str, taken: Collection[str]) -> str:
    """A key that is not taken: the one that stands in the file, else the letters of the title."""
    if isinstance(told, str) and told and told not in taken:
        return told
    key = re.sub(r"[\W_]+", "_", title.casefold()).strip("_")[:60] or "code"
    last = 2
    while (numbered := key if last == 2 else f"{key}_{last - 1}") in taken:
        last += 1
    return numbered


def _colour(text: str) -> str:
    short = re.fullmatch(r"#([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])", text)
    if short:
        return "#" + "".join(2 * digit for digit in short.groups())
    return text if re.fullmatch(r"#[0-9a-fA-F]{6}", text) else ""
