"""Text that may stand in XML, numbers that name things for good, and what the form has no place for."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any
from xml.etree import ElementTree

PROJECT, CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"
#: Who wrote a file, as it says itself.
ORIGIN = "trustsurvey"
#: What every number made here starts from, so that the same thing has the same number in every export.
NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "trustsurvey.refi-qda")
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Stands in a description before what the form has no place for.
RULE = "---\n"


def clean(text: str) -> str:
    """A text with LF line ends and without what XML cannot hold."""
    return ILLEGAL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def guid(kind: str, *names: object) -> str:
    """The number of a thing: the same whenever the same thing is written (UUID version 5)."""
    return str(uuid.uuid5(NAMES, "\n".join([kind, *map(repr, names)])))


def described(text: str, more: dict[str, Any]) -> str:
    """A description, and below a line what the form has no place for: ``keywords: ["patrol*", "on foot"]``."""
    told = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in more.items() if value]
    below = RULE + "\n".join(told) if told else ""
    return clean(f"{text}\n\n{below}" if text and below else text + below)


def undescribed(text: str) -> tuple[str, dict[str, Any]]:
    """A description, and what :func:`described` put below it; nothing where another program wrote it."""
    above, rule, below = ("\n" + text).rpartition("\n" + RULE)
    if not rule:
        return text, {}
    lines = [line.partition(": ") for line in below.rstrip("\n").split("\n")]
    try:
        told = {name: json.loads(value) for name, _, value in lines}
    except (ValueError, RecursionError):
        return text, {}
    return above[1:].removesuffix("\n"), told


def child(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    """Add an element; attributes that are empty are left out."""
    element = ElementTree.SubElement(parent, tag, {name: value for name, value in attributes.items() if value})
    element.text = text
    return element


def document(root: ElementTree.Element) -> bytes:
    """The bytes of a file: UTF-8 without a mark before it, LF line ends, indented."""
    ElementTree.indent(root, " ")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "utf-8") + b"\n"
