"""Projects that any program wrote as .qdpx: codes, texts, what was applied to them, cases, notes, sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from xml.etree.ElementTree import Element

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.language import N_
from trustsurvey.text.refi_qda.archive import Archive
from trustsurvey.text.refi_qda.codes import Codes, read_codes
from trustsurvey.text.refi_qda.markup import ORIGIN, undescribed
from trustsurvey.text.refi_qda.parsed import all_text, children, first, identity, local, parsed, target
from trustsurvey.text.refi_qda.positions import Counting, Part, decoded, located, plain, way_of
from trustsurvey.text.refi_qda.project import Applied, Case, Note, Project, Remark, Set, Source, Value, Variables

#: A part of a source: the source's name, and where the part starts and ends.
Parted = tuple[str, int, int]
#: Sources, and where the text of one lies that is not a text itself.
SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
TEXTS = ("Representation", "TextDescription", "Transcript")
SELECTIONS = ("PlainTextSelection", "TranscriptSelection")
VALUES: dict[str, Callable[[str], Value]] = {
    "BooleanValue": lambda text: {"true": True, "1": True, "false": False, "0": False}[text],
    "IntegerValue": int, "FloatValue": float,
    "DateValue": lambda text: date.fromisoformat(text[:10]), "DateTimeValue": datetime.fromisoformat,
}  # fmt: skip


def project_from_qdpx(data: bytes, name: str = "project.qdpx") -> tuple[Project, list[Notice]]:
    """Read a .qdpx file, and what of it was left out; SurveyError ``refi.*`` where it is none.

    Texts have LF line ends, positions are characters of them, whichever way the program counted
    (:mod:`~trustsurvey.text.refi_qda.positions`). Codes that NVivo lists for cases become what is the case's.
    Pictures, sound, links and graphs are left out, and texts that lie outside the file.
    """
    archive = Archive.of(data, name)
    root = parsed(archive.project, name)
    if local(root) != "Project":
        raise SurveyError("refi.root", "The file is not a REFI-QDA project", where=name, got=local(root)[:40],
                          expected="Project", hint="A codebook (.qdc) is imported as a codebook.")  # fmt: skip
    return _Reading(archive, root).project()


@dataclass
class _Text:
    """A source while it is read: its text as it is in the file, and the parts of it that were selected."""

    name: str
    number: str
    element: Element
    raw: str
    selections: list[Element]
    parts: list[Part]


class _Reading:
    """A project while it is read: what its numbers stand for, and what was left out."""

    def __init__(self, archive: Archive, root: Element) -> None:
        self.archive, self.root = archive, root
        self.users = {identity(u.get("guid")): " ".join((u.get("name") or u.get("id") or "").split())[:200]
                      for u in children(first(root, "Users"), "User")}  # fmt: skip
        self.notes = {identity(n.get("guid")): self._note(n) for n in children(first(root, "Notes"), "Note")}
        self.variables = {identity(v.get("guid")): v.get("name") or "variable"
                          for v in children(first(root, "Variables"), "Variable")}  # fmt: skip
        self.used: set[str] = set()
        self.left_out = Counter[tuple[str, str]]()  # by why, and the kind of what it was
        self.cases: dict[str, list[str | Parted]] = {identity(c.get("guid")): [] for c in self._case_elements()}
        self.named: dict[str, str] = {}
        self.placed: dict[str, Parted] = {}

    def project(self) -> tuple[Project, list[Notice]]:
        memo, more = undescribed(all_text(self.root, "Description"))
        codes = self._codes(more)
        texts = self._texts()
        ours = self.root.get("origin") == ORIGIN
        way = Counting() if ours else way_of((text.raw, text.parts) for text in texts)
        sources = tuple(self._source(text, located(text.raw, text.parts, way), codes) for text in texts)
        cases = tuple(self._case(element) for element in self._case_elements())
        sets = tuple(self._set(element, codes) for element in children(first(self.root, "Sets"), "Set"))
        own = [self._noted(e) for e in children(self.root, "NoteRef")]
        loose = [note for number, note in self.notes.items() if number not in self.used]
        project = Project(
            self.root.get("name") or self.archive.name, codes.codebook, sources, cases,
            tuple(note for note in (*own, *loose) if note is not None), sets, memo,
            _stamp(self.root.get("creationDateTime")),
        )  # fmt: skip
        return project, [_left_out(why, kind, count) for (why, kind), count in self.left_out.items()]

    def _codes(self, more: dict[str, object]) -> Codes:
        book = first(self.root, "CodeBook")
        if book is None:
            raise SurveyError("refi.empty", "The project has no codes", where=self.archive.name)
        codes = read_codes(book, self.archive.name, self.cases)
        version, language = more.get("version"), more.get("language")
        named = replace(
            codes.codebook,
            name=str(more.get("codebook") or self.root.get("name") or self.archive.name),
            version=version if isinstance(version, int) and version > 0 else 1,
            language=language if isinstance(language, str) else codes.codebook.language,
            codes=tuple(replace(code, definition=self._definition(code.definition, e))
                        for code, e in zip(codes.codebook.codes, codes.elements, strict=True)),
        )  # fmt: skip
        return replace(codes, codebook=named)

    def _definition(self, text: str, element: Element) -> str:
        """A code's definition, with the notes on it below."""
        return "\n".join(filter(None, [text, *(note.text for note in self._notes_of(element))]))

    def _texts(self) -> list[_Text]:
        texts, names = [], set[str]()
        for element in children(first(self.root, "Sources"), *SOURCES):
            inner = element if local(element) == "TextSource" else first(element, *TEXTS)
            raw = None if inner is None else self._raw(inner)
            if inner is None or raw is None:
                kind = "text that the file does not hold" if inner is not None else local(element)
                self.left_out["source", kind] += 1
                continue
            file = (inner.get("plainTextPath") or "source").rpartition("/")[2]
            name = _unlike(element.get("name") or inner.get("name") or file, names)
            names.add(name)
            selections = children(inner, *SELECTIONS)
            synced = {identity(s.get("guid")): s.get("position") for s in children(inner, "SyncPoint")}
            text = _Text(name, identity(element.get("guid")), element, raw, selections,
                         [_part(selection, synced) for selection in selections])  # fmt: skip
            self.named[text.number] = name
            texts.append(text)
        return texts

    def _raw(self, element: Element) -> str | None:
        inline = first(element, "PlainTextContent")
        if inline is not None:
            return "".join(inline.itertext())
        for path in (element.get("plainTextPath"), element.get("richTextPath")):
            if (data := self.archive.text(path)) is not None:
                return decoded(data)
        return None

    def _source(self, text: _Text, places: list[tuple[int, int] | None], codes: Codes) -> Source:
        applied: list[Applied] = []
        remarks: list[Remark] = []
        for selection, place in zip(text.selections, places, strict=True):
            if place is None:
                self.left_out["outside", ""] += 1
                continue
            self.placed[identity(selection.get("guid"))] = (text.name, *place)
            notes = self._notes_of(selection)
            told = [all_text(selection, "Description"), *(note.text for note in notes)]
            found = self._applied(selection, text.name, codes, place, told)
            if not found and any(told):
                coder = self.users.get(identity(selection.get("creatingUser")), "")
                coder = next(filter(None, (coder, *(note.coder for note in notes))), "")
                remarks.append(Remark("\n".join(filter(None, told)), *place, coder))
            applied += found
        applied += self._applied(text.element, text.name, codes)
        if local(text.element) != "TextSource":
            kind = local(text.element).removesuffix("Source")
            other = sum(local(e) == f"{kind}Selection" for e in text.element)
            if other:
                self.left_out["medium", ""] += other
        return Source(text.name, plain(text.raw), tuple(applied), all_text(text.element, "Description"),
                      tuple(self._notes_of(text.element)), self._values(text.element), tuple(remarks))  # fmt: skip

    def _applied(
        self,
        element: Element,
        source: str,
        codes: Codes,
        place: tuple[int, int] | None = None,
        told: Iterable[str] = (),
    ) -> list[Applied]:
        """What was applied to an element; what is coded with a case is the case's."""
        found = []
        for coding in children(element, "Coding"):
            number = target(first(coding, "CodeRef"))
            if number in self.cases:
                self.cases[number].append((source, *place) if place else source)
                continue
            if number not in codes.known:
                self.left_out["code", ""] += 1
                continue
            key, stance = codes.known[number]
            coder = self.users.get(identity(coding.get("creatingUser") or element.get("creatingUser")), "")
            memo = "\n".join(filter(None, [*told, *(note.text for note in self._notes_of(coding))]))
            start, end = place or (None, None)
            found.append(Applied(key, coder, start, end, stance, memo))
        return found

    def _case_elements(self) -> list[Element]:
        return children(first(self.root, "Cases"), "Case")

    def _case(self, element: Element) -> Case:
        coded = self.cases[identity(element.get("guid"))]
        sources = [self.named.get(target(e)) for e in children(element, "SourceRef")]
        sources += [source for source in coded if isinstance(source, str)]
        parts = [self.placed.get(target(e)) for e in children(element, "SelectionRef")]
        parts += [part for part in coded if isinstance(part, tuple)]
        return Case(element.get("name") or "case", tuple(dict.fromkeys(filter(None, sources))), self._values(element),
                    all_text(element, "Description"), tuple(dict.fromkeys(filter(None, parts))))  # fmt: skip

    def _set(self, element: Element, codes: Codes) -> Set:
        keys = [codes.known.get(target(e), ("", ""))[0] for e in children(element, "MemberCode")]
        sources = [self.named.get(target(e), "") for e in children(element, "MemberSource")]
        return Set(element.get("name") or "set", tuple(dict.fromkeys(filter(None, keys))),
                   tuple(dict.fromkeys(filter(None, sources))), all_text(element, "Description"))  # fmt: skip

    def _values(self, element: Element) -> Variables:
        values = []
        for told in children(element, "VariableValue"):
            name = self.variables.get(target(first(told, "VariableRef")))
            value = next((e for e in told if local(e) != "VariableRef"), None)
            if name is not None and value is not None:
                values.append((name, _value(local(value), "".join(value.itertext()))))
        return tuple(values)

    def _note(self, element: Element) -> Note:
        raw = self._raw(element)
        text = all_text(element, "Description") if raw is None else plain(raw)
        return Note(text, element.get("name") or "", self.users.get(identity(element.get("creatingUser")), ""))

    def _notes_of(self, element: Element) -> list[Note]:
        return [note for e in children(element, "NoteRef") if (note := self._noted(e)) is not None]

    def _noted(self, reference: Element) -> Note | None:
        self.used.add(target(reference))
        return self.notes.get(target(reference))


def _left_out(why: str, kind: str, count: int) -> Notice:
    text = {
        "source": N_(f"Sources left out ({kind}): {count:,}."),
        "outside": N_(f"Coded parts left out, outside their source: {count:,}."),
        "medium": N_(f"Coded parts left out, of a picture or of sound: {count:,}."),
        "code": N_(f"Codings left out, of a code that the file does not hold: {count:,}."),
    }[why]
    return Notice("refi.left-out", text)


def _part(selection: Element, synced: dict[str, str | None]) -> Part:
    """Where a selection lies as the file says; in a transcript, between two points in time."""
    start, end = selection.get("startPosition"), selection.get("endPosition")
    if local(selection) == "TranscriptSelection":
        start, end = (synced.get(identity(selection.get(name))) for name in ("fromSyncPoint", "toSyncPoint"))
    return Part(_number(start), _number(end), selection.get("name") or "")


def _number(text: str | None) -> int:
    """A position, -1 for what is none."""
    digits = (text or "").strip()
    return int(digits) if digits.isdecimal() and len(digits) < 16 else -1


def _value(kind: str, text: str) -> Value:
    """A value of a variable; as text where it is not what it is said to be."""
    try:
        return VALUES[kind](text.strip()) if kind in VALUES else text
    except (ValueError, KeyError):
        return text


def _stamp(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None


def _unlike(name: str, taken: set[str]) -> str:
    """A name that no other source has."""
    number, told = 2, name
    while told in taken:
        told, number = f"{name} ({number})", number + 1
    return told
