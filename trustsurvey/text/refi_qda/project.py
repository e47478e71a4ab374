"""What a project of coded texts is: sources, who applied which code to what, cases with variables, notes and sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from trustsurvey.errors import SurveyError, some
from trustsurvey.language import N_
from trustsurvey.model import Codebook, Coding, Queue, Stance

#: What a variable of a case or a source may be.
Value = str | bool | int | float | date | datetime
Variables = tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Applied:
    """A code that a person applied to a text: from ``start`` up to ``end``, or to all of it, where both are None.

    Characters are Unicode code points, a line end is one.
    """

    code: str
    coder: str = ""
    start: int | None = None
    end: int | None = None
    stance: Stance = ""
    memo: str = ""


@dataclass(frozen=True)
class Note:
    """A memo, and who wrote it."""

    text: str
    name: str = ""
    coder: str = ""


@dataclass(frozen=True)
class Remark:
    """What somebody wrote beside a part of a text, to which it applies no code; characters as for :class:`Applied`."""

    text: str
    start: int
    end: int
    coder: str = ""


@dataclass(frozen=True)
class Source:
    """A text with what was applied to it: an answer, or the transcript of a meeting. Spans stand before whole texts."""

    name: str
    text: str
    applied: tuple[Applied, ...] = ()
    memo: str = ""
    notes: tuple[Note, ...] = ()
    variables: Variables = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Case:
    """A person, a group or a place: which sources are theirs, and what is known of them.

    ``parts``: of sources that are not theirs alone, what is theirs, as (source, start, end): the turns of a speaker.
    """

    name: str
    sources: tuple[str, ...] = ()
    variables: Variables = ()
    memo: str = ""
    parts: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class Set:
    """Codes and sources that belong together, such as the documents of a group."""

    name: str
    codes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    memo: str = ""


@dataclass(frozen=True)
class Project:
    """Coded texts with their codebook. Sources have names of their own; codes are named by their keys.

    SurveyError ``refi.project`` for names that stand twice and for unknown codes, sources or positions.
    """

    name: str
    codebook: Codebook
    sources: tuple[Source, ...] = ()
    cases: tuple[Case, ...] = ()
    notes: tuple[Note, ...] = ()
    sets: tuple[Set, ...] = ()
    memo: str = ""
    created: datetime | None = field(default=None)

    def __post_init__(self) -> None:
        names = {source.name: source for source in self.sources}
        if len(names) < len(self.sources):
            raise _unsound(self, N_("Two sources have the same name"))
        for source in self.sources:
            for applied in source.applied:
                self._check(source, applied)
            for remark in source.remarks:
                self._within(source, remark.start, remark.end)
        parts = [part for case in self.cases for part in case.parts]
        belong = [name for case in self.cases for name in case.sources] + [name for name, _, _ in parts]
        belong += [name for group in self.sets for name in group.sources]
        strange = [name for name in belong if name not in names]
        strange += [key for group in self.sets for key in group.codes if key not in self.codebook]
        if strange:
            raise _unsound(self, N_("A case or set names what is not in the project"), some(strange))
        for name, start, end in parts:
            self._within(names[name], start, end)

    def _check(self, source: Source, applied: Applied) -> None:
        if applied.code not in self.codebook:
            raise _unsound(self, N_("A code is not in the codebook"), applied.code)
        start, end = applied.start, applied.end
        if (start is None) != (end is None):
            raise _unsound(self, N_("A coded part has a start or an end alone"), f"{start} to {end}")
        if start is not None and end is not None:
            self._within(source, start, end)

    def _within(self, source: Source, start: int, end: int) -> None:
        if not 0 <= start < end <= len(source.text):
            raise _unsound(
                self, N_("A coded part is not within its source"), f"{start} to {end} of {len(source.text):,}"
            )


def project_of(
    name: str, codebook: Codebook, texts: Mapping[str, str], codings: Iterable[Coding], cases: tuple[Case, ...] = ()
) -> Project:
    """A project from readings of whole texts, such as answers: one source a text, under the text's key.

    Later readings of a person replace earlier ones; memos become notes on the source. A reading that
    found no code leaves no trace: the form has no place for it.
    """
    applied: dict[str, list[Applied]] = {key: [] for key in texts}
    notes: dict[str, list[Note]] = {key: [] for key in texts}
    for coding in {(coding.answer, coding.coder): coding for coding in codings}.values():
        if coding.answer in applied:
            applied[coding.answer] += [Applied(code, coding.coder, stance=stance) for code, stance in coding.codes
                                       if code in codebook]  # fmt: skip
            if coding.memo:
                notes[coding.answer].append(Note(coding.memo, coder=coding.coder))
    sources = (Source(key, text, tuple(applied[key]), notes=tuple(notes[key])) for key, text in texts.items())
    return Project(name, codebook, tuple(sources), cases)


def codings_of(project: Project, queue: Queue = "training", coder: str = "unknown") -> tuple[Coding, ...]:
    """Readings of whole texts from a project: one a source and coder, with every code that was applied anywhere in it.

    ``coder``: the name of those whom the project does not name.
    """
    found: list[Coding] = []
    for source in project.sources:
        codes: dict[str, dict[str, Stance]] = {}
        memos: dict[str, list[str]] = {}
        for applied in source.applied:
            mine = codes.setdefault(applied.coder or coder, {})
            mine[applied.code] = mine.get(applied.code) or applied.stance
            memos.setdefault(applied.coder or coder, []).append(applied.memo)
        told = [(note.coder, note.text) for note in source.notes] + [(r.coder, r.text) for r in source.remarks]
        for named, text in told:
            memos.setdefault(named or coder, []).append(text)
        for who in memos:
            memo = "\n".join(filter(None, memos[who]))
            found.append(Coding(source.name, who, tuple(codes.get(who, {}).items()), queue, memo,
                                project.codebook.version))  # fmt: skip
    return tuple(found)


def same_codes(theirs: Codebook, ours: Codebook) -> dict[str, str]:
    """The keys of a codebook that went elsewhere and came back -> those of ours: by key, else by title."""
    titles = {code.title.casefold(): code.key for code in ours.codes}
    found = {code.key: code.key if code.key in ours else titles.get(code.title.casefold(), "") for code in theirs.codes}
    return {key: code for key, code in found.items() if code}


def _unsound(project: Project, title: str, got: str = "") -> SurveyError:
    return SurveyError("refi.project", title, where=project.name, got=got)
