"""XML that others wrote: parsed without entities or document types, its elements by their plain names."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from trustsurvey.errors import SurveyError

#: Bytes of XML that are read.
LARGEST = 128 << 20


def parsed(data: bytes, name: str) -> Element:
    """The root of an XML file; SurveyError ``refi.large``, ``refi.entities`` or ``refi.xml``."""
    if len(data) > LARGEST:
        raise SurveyError("refi.large", "The file is too large", where=name, got=f"{len(data) / 2**20:,.0f} MB",
                          expected=f"at most {LARGEST >> 20} MB")  # fmt: skip
    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise SurveyError("refi.entities", "The file declares a document type or entities, as no such program does",
                          where=name, hint="Export it again.") from error  # fmt: skip
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (0, 0))[0]
        raise SurveyError("refi.xml", "The file is not valid XML", where=f"{name}, line {line:,}" if line else name,
                          expected="a REFI-QDA export", hint="Export it again.") from error  # fmt: skip


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element | None, *names: str) -> list[Element]:
    """The elements below one that have one of these names."""
    return [] if element is None else [e for e in element if local(e) in names]


def first(element: Element | None, *names: str) -> Element | None:
    """The first element below one that has one of these names."""
    return next(iter(children(element, *names)), None)


def all_text(element: Element | None, name: str) -> str:
    """The text of the first element of this name below one, "" where there is none."""
    found = first(element, name)
    return "" if found is None else "".join(found.itertext())


def identity(number: str | None) -> str:
    """A number as programs write it, in braces or not, in large or small letters: always the same."""
    return (number or "").strip().strip("{}").lower()


def target(element: Element | None) -> str:
    """The number that a reference points to."""
    return "" if element is None else identity(element.get("targetGUID") or element.get("guid"))
