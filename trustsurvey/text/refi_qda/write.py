"""Projects of coded texts into a .qdpx file, valid for REFI-QDA 1.0 and the same bytes for the same project."""

from __future__ import annotations

import io
import math
import re
import zipfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from xml.etree import ElementTree

from trustsurvey.model import Stance
from trustsurvey.text.refi_qda.codes import add_codes, code_guid
from trustsurvey.text.refi_qda.markup import ORIGIN, PROJECT, child, clean, described, document, guid
from trustsurvey.text.refi_qda.project import Applied, Case, Note, Project, Remark, Source, Value, Variables

#: Each archive member carries this time, so that nothing but the project decides the bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)
#: The type of a variable by that of its values, and the element that holds one.
TYPES: tuple[tuple[type, str], ...] = (
    (bool, "Boolean"), (int, "Integer"), (float, "Float"), (datetime, "DateTime"), (date, "Date"),
)  # fmt: skip


def project_to_qdpx(project: Project) -> bytes:
    """The project as a .qdpx file: plain text sources, UTF-8, LF; :func:`project_from_qdpx` reads the same back.

    Characters that XML cannot hold become U+FFFD, and CR LF becomes LF, with positions that follow.
    """
    writing = _Writing(project)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [("project.qde", document(writing.root())), *writing.files()]:
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(member, data)
    return target.getvalue()


class _Writing:
    """A project while it is written: what stands where, and the notes that are referred to."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.stamp = "" if project.created is None else project.created.isoformat(timespec="seconds")
        self.notes: list[tuple[str, Note]] = []
        self.types = _types(project)
        self.ends = {source.name: [m.start() for m in re.finditer("\r\n", source.text)] for source in project.sources}
        self.parts = defaultdict[str, list[tuple[str, Remark]]](list)
        for number, case in enumerate(project.cases):
            for source, start, end in case.parts:
                self.parts[source].append((self._case_number(case, number), Remark("", start, end)))

    def root(self) -> ElementTree.Element:
        """The whole of ``project.qde``; the order of the elements is that of the schema."""
        project = self.project
        root = ElementTree.Element("Project", {"xmlns": PROJECT, "name": clean(project.name), "origin": ORIGIN})
        if self.stamp:
            root.set("creationDateTime", self.stamp)
        self._users(root)
        codes = child(child(root, "CodeBook"), "Codes")
        add_codes(codes, project.codebook, self._stances())
        for number, case in enumerate(project.cases):
            if case.parts:  # programs tell whose a part is by a code of the case's own number
                child(codes, "Code", guid=self._case_number(case, number)).attrib.update(
                    {"name": clean(case.name), "isCodable": "true"}
                )
        if self.types:
            variables = child(root, "Variables")
            for name, kind in self.types.items():
                child(variables, "Variable", guid=guid("variable", name)).attrib.update(
                    {"name": clean(name), "typeOfVariable": kind}
                )
        if project.cases:
            cases = child(root, "Cases")
            for number, case in enumerate(project.cases):
                self._case(cases, case, number)
        if project.sources:
            sources = child(root, "Sources")
            for source in project.sources:
                self._source(sources, source)
        loose = [self._note(note, "project", number) for number, note in enumerate(project.notes)]
        if self.notes:
            notes = child(root, "Notes")
            for place, note in self.notes:
                self._text(notes, "Note", place, note)
        self._sets(root)
        book = project.codebook
        memo = described(project.memo, {"codebook": clean(book.name), "version": book.version,
                                        "language": clean(book.language)})  # fmt: skip
        child(root, "Description", memo)
        for place in loose:
            child(root, "NoteRef", targetGUID=place)
        return root

    def files(self) -> Iterable[tuple[str, bytes]]:
        """The texts of the sources, by their place in the archive."""
        for source in self.project.sources:
            yield f"sources/{self._number(source.name)}.txt", clean(source.text).encode()

    def _number(self, source: str) -> str:
        return guid("source", self.project.name, source)

    def _users(self, root: ElementTree.Element) -> None:
        coders = {applied.coder for source in self.project.sources for applied in source.applied}
        coders |= {note.coder for source in self.project.sources for note in source.notes}
        coders |= {remark.coder for source in self.project.sources for remark in source.remarks}
        coders |= {note.coder for note in self.project.notes}
        if named := sorted(coders - {""}):
            users = child(root, "Users")
            for name in named:
                child(users, "User", guid=_user(name), name=clean(name))

    def _stances(self) -> Iterable[tuple[str, Stance]]:
        return {(a.code, a.stance) for source in self.project.sources for a in source.applied if a.stance}

    def _case(self, parent: ElementTree.Element, case: Case, number: int) -> None:
        element = child(parent, "Case", guid=self._case_number(case, number), name=clean(case.name))
        if case.memo:
            child(element, "Description", clean(case.memo))
        self._values(element, case.variables)
        for source in case.sources:
            child(element, "SourceRef", targetGUID=self._number(source))

    def _case_number(self, case: Case, number: int) -> str:
        return guid("case", self.project.name, case.name, number)

    def _source(self, parent: ElementTree.Element, source: Source) -> None:
        number = self._number(source.name)
        element = child(parent, "TextSource", guid=number, name=clean(source.name),
                        plainTextPath=f"internal://{number}.txt", creationDateTime=self.stamp)  # fmt: skip
        if source.memo:
            child(element, "Description", clean(source.memo))
        parts = [(k, a) for k, a in enumerate(source.applied) if a.start is not None and a.end is not None]
        for k, applied in parts:
            self._coding(self._selection(element, source, applied, k), applied, number, k)
        for k, remark in enumerate(source.remarks):
            child(self._selection(element, source, remark, "remark", k), "Description", clean(remark.text))
        for k, (case, part) in enumerate(self.parts[source.name]):
            selection = self._selection(element, source, part, "case", k)
            child(child(selection, "Coding", guid=guid("coding", number, "case", k)), "CodeRef", targetGUID=case)
        for k, applied in enumerate(source.applied):
            if applied.start is None:
                self._coding(element, applied, number, k)
        for k, note in enumerate(source.notes):
            child(element, "NoteRef", targetGUID=self._note(note, number, k))
        self._values(element, source.variables)

    def _selection(
        self, parent: ElementTree.Element, source: Source, part: Applied | Remark, *place: object
    ) -> ElementTree.Element:
        ends = self.ends[source.name]  # once CR LF is LF; all else is cleaned one character for another
        start, end = (str(at - bisect_right(ends, at - 2)) for at in (part.start or 0, part.end or 0))
        return child(parent, "PlainTextSelection", guid=guid("selection", self._number(source.name), *place),
                     startPosition=start, endPosition=end, creatingUser=_user(part.coder),
                     creationDateTime=self.stamp)  # fmt: skip

    def _coding(self, parent: ElementTree.Element, applied: Applied, source: str, k: int) -> None:
        element = child(parent, "Coding", guid=guid("coding", source, k), creatingUser=_user(applied.coder),
                        creationDateTime=self.stamp)  # fmt: skip
        child(element, "CodeRef", targetGUID=code_guid(applied.code, applied.stance))
        if applied.memo:
            child(
                element, "NoteRef", targetGUID=self._note(Note(applied.memo, coder=applied.coder), source, "coding", k)
            )

    def _note(self, note: Note, *place: object) -> str:
        number = guid("note", self.project.name, *place)
        self.notes.append((number, note))
        return number

    def _text(self, parent: ElementTree.Element, tag: str, number: str, note: Note) -> None:
        element = child(parent, tag, guid=number, name=clean(note.name), creatingUser=_user(note.coder),
                        creationDateTime=self.stamp)  # fmt: skip
        child(element, "PlainTextContent", clean(note.text))

    def _sets(self, root: ElementTree.Element) -> None:
        if not self.project.sets:
            return
        sets = child(root, "Sets")
        for number, group in enumerate(self.project.sets):
            element = child(sets, "Set", guid=guid("set", self.project.name, group.name, number))
            element.set("name", clean(group.name))
            if group.memo:
                child(element, "Description", clean(group.memo))
            for key in group.codes:
                child(element, "MemberCode", targetGUID=code_guid(key))
            for source in group.sources:
                child(element, "MemberSource", targetGUID=self._number(source))

    def _values(self, parent: ElementTree.Element, variables: Variables) -> None:
        for name, value in variables:
            element = child(parent, "VariableValue")
            child(element, "VariableRef", targetGUID=guid("variable", name))
            kind = self.types[name]
            child(element, f"{kind}Value", _written(value))


def _user(name: str) -> str:
    return guid("user", name) if name else ""


def _types(project: Project) -> dict[str, str]:
    """The type of each variable: that of its values, Text where they differ or none fits."""
    types: dict[str, str] = {}
    for name, value in chain(*(p.variables for p in project.cases), *(p.variables for p in project.sources)):
        kind = next((called for of, called in TYPES if isinstance(value, of)), "Text")
        kind = "Text" if isinstance(value, float) and not math.isfinite(value) else kind
        types[name] = kind if types.get(name, kind) == kind else "Text"
    return types


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(Decimal(repr(float(value))), "f") if math.isfinite(value) else str(value)
    return value.isoformat() if isinstance(value, date) else clean(str(value))
