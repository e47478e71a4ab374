"""Focus groups with their readings as files that other programs take, and readings made there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.conversation import PEOPLE, Conversation
from trustsurvey.focus_groups.written import Paragraph, Written, touched
from trustsurvey.language import SOURCE, speaking
from trustsurvey.model import Codebook, Coding, Stance
from trustsurvey.text.codings import codings_table
from trustsurvey.text.refi_qda.markup import clean
from trustsurvey.text.refi_qda.project import Applied, Case, Project, Remark, Source, Variables, same_codes
from trustsurvey.text.refi_qda.read import project_from_qdpx
from trustsurvey.text.refi_qda.write import project_to_qdpx

#: Coder of what the file names nobody for.
UNKNOWN = "unknown"
#: Between two parts of one turn that have the same code.
APART = " [...] "


def as_qdpx(
    groups: Sequence[Conversation], codebook: Codebook, codings: Mapping[str, Sequence[Coding]], study: str
) -> bytes:
    """Focus groups with their readings, by the group's name, as a REFI-QDA project.

    A source a group, a paragraph a turn: "P3 [0:12:41]: ...". A code lies on its spans, one without on all the words
    of the turn. A case a group, with the date, and a case a person ("Group: P3"), with group, role, attributes and
    turns. Memos are remarks on the turn. Later readings of a person replace earlier ones; a reading that found nothing
    and has no memo leaves no trace, since the form has no place for it.
    """
    sources, cases = [], []
    for group in groups:
        written = Written.of(group)
        name = clean(group.name)
        applied, remarks = _applied(written, codebook, codings.get(group.name, ()))
        sources.append(Source(name, written.text, applied, group.memo, remarks=remarks))
        held: Variables = (("held", group.held),) if group.held else ()
        cases += [Case(name, (name,), held), *_people(group, written)]
    return project_to_qdpx(Project(f"{study}, focus groups", codebook, tuple(sources), tuple(cases)))


def taken(data: bytes, name: str, groups: Sequence[Conversation], codebook: Codebook) -> dict[str, tuple[Coding, ...]]:
    """Readings from a .qdpx file by the name of the group, for the turns that they lie in.

    Codes are known by key or title, coders by name. A part that spans several turns is of each of them, as far as it
    covers words; one that covers all words of a turn is of the whole turn, and so is one in words that were put right
    since. A group is found by the name of its source, else by its text. SurveyError ``refi.*``; ``codings.strangers``
    where no group is in the file, ``codings.changed`` where something is coded that no turn says, ``codings.code``
    where no code is one of the codebook.
    """
    project, _ = project_from_qdpx(data, name)
    same = same_codes(project.codebook, codebook)
    found: dict[str, tuple[Coding, ...]] = {}
    held = coded = known = 0
    for group in groups:
        written = Written.of(group)
        source = _source_of(project, group, written)
        if source is None:
            continue
        held += 1
        placed = list(_placed(source, written, f"{name}, {group.name}"))
        coded += sum(isinstance(part, Applied) for _, part in placed)
        known += sum(isinstance(part, Applied) and part.code in same for _, part in placed)
        if readings := _readings(placed, same, codebook.version):
            found[group.name] = readings
    if not held:
        raise SurveyError("codings.strangers", "The project holds none of these focus groups", where=name,
                          hint="Take one that was exported here, with sources under the same names.")  # fmt: skip
    if coded and not known:
        raise SurveyError("codings.code", "None of the codes that the project applies is in the codebook", where=name,
                          expected="codes with the same titles",
                          hint="Take the codes over into the codebook first.")  # fmt: skip
    return found


@speaking(SOURCE)
def as_table(groups: Sequence[Conversation], codings: Mapping[str, Sequence[Coding]]) -> pd.DataFrame:
    """The readings of focus groups, one row a turn, coder and code; without a code where a reading found nothing.

    Columns group, turn, speaker, role, place, start (seconds), coder, code, stance, part (the words that the code lies
    on, "" for the whole turn), text, queue, memo, version. Give it to ``export.workbook.csv_bytes``.
    """
    tables = []
    for group in groups:
        turns = group.turns.assign(group=group.name, place=[group.place(row) for row in range(len(group.turns))])
        texts = dict(zip(turns["key"], turns["text"], strict=True))
        mine = [coding for coding in codings.get(group.name, ()) if coding.answer in texts]
        table = codings_table(mine).rename(columns={"answer": "turn"})
        latest = {(coding.answer, coding.coder, coding.queue): coding for coding in mine}
        table["part"] = [_part(latest[turn, coder, queue], code, texts[turn]) for turn, coder, code, queue
                         in table[["turn", "coder", "code", "queue"]].itertuples(index=False)]  # fmt: skip
        told = turns[["key", "group", "speaker", "role", "place", "start", "text"]]
        tables.append(told.merge(table, left_on="key", right_on="turn", how="inner"))
    columns = ["group", "turn", "speaker", "role", "place", "start", "coder", "code", "stance", "part", "text", "queue",
               "memo", "version"]  # fmt: skip
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def latest(codings: Iterable[Coding]) -> tuple[Coding, ...]:
    """One reading a turn and coder: the last."""
    return tuple({(coding.answer, coding.coder): coding for coding in codings}.values())


def spans_of(coding: Coding, code: str, length: int) -> list[tuple[int, int]]:
    """Where a code lies within the words of a turn; all of them where it has no span."""
    spans = [(start, min(end, length)) for of, start, end in coding.spans if of == code and start < length]
    return spans or ([(0, length)] if length else [])


def _part(coding: Coding, code: str, text: str) -> str:
    spans = [span for span in spans_of(coding, code, len(text)) if span != (0, len(text))] if code else []
    return APART.join(text[start:end] for start, end in sorted(spans))


def _applied(
    written: Written, codebook: Codebook, codings: Iterable[Coding]
) -> tuple[tuple[Applied, ...], tuple[Remark, ...]]:
    """Readings by their places in the text, in the order of the turns."""
    by_turn: dict[str, list[Coding]] = {}
    for coding in latest(codings):
        by_turn.setdefault(coding.answer, []).append(coding)
    applied, remarks = [], []
    for p in written.paragraphs:
        for coding in by_turn.get(p.key, ()):
            applied += [
                Applied(code, coding.coder, p.words + start, p.words + end, stance)
                for code, stance in coding.codes if code in codebook
                for start, end in spans_of(coding, code, p.end - p.words)
            ]  # fmt: skip
            if coding.memo:
                remarks.append(Remark(coding.memo, *p.part, coding.coder))
    return tuple(applied), tuple(remarks)


def _people(group: Conversation, written: Written) -> Iterator[Case]:
    """A case for everybody who was there."""
    name = clean(group.name)
    parts: dict[str, list[tuple[str, int, int]]] = {}
    for p in written.paragraphs:
        parts.setdefault(p.speaker, []).append((name, *p.part))
    for person in group.people.to_dict("records"):
        known = {str(key): str(value) for key, value in person.items() if key not in PEOPLE and pd.notna(value)}
        told = {"group": name, "role": str(person["role"])} | {key: value for key, value in known.items() if value}
        speaker = str(person["speaker"])
        yield Case(f"{name}: {speaker}", (), tuple(told.items()), parts=tuple(parts.get(speaker, ())))


def _source_of(project: Project, group: Conversation, written: Written) -> Source | None:
    """The source of a group: of its name, else of its text under whatever name."""
    for source in project.sources:
        if source.name.strip().casefold() == clean(group.name).strip().casefold():
            return source
    return next((source for source in project.sources if source.text.strip() == written.text.strip()), None)


def _placed(source: Source, written: Written, where: str) -> Iterator[tuple[Paragraph, Applied | Remark]]:
    """What lies in a turn: a code on its words, in characters of them, or a remark; in the order of the file."""
    paragraphs, strange = written.within(source.text)
    parts: tuple[Applied | Remark, ...] = (*source.applied, *source.remarks)
    for part in parts:
        if part.start is None or part.end is None:
            continue  # of the whole group, not of a turn
        if any(start < part.end and part.start < end for start, end in strange):
            line = source.text.count("\n", 0, part.start) + 1
            raise SurveyError("codings.changed", "Something is coded that no turn of the focus group says",
                              where=f"{where}, line {line:,}", expected="the transcript as it is kept here",
                              hint="Export the group again and code that.")  # fmt: skip
        turns = list(touched(paragraphs, part.start, part.end))
        if isinstance(part, Remark):
            yield from ((p, part) for p in turns[:1])
            continue
        memo = part.memo
        for p in turns:
            start, end = max(part.start, p.words), min(part.end, p.end)
            if start < end:
                whole = p.changed or not (source.text[p.words : start] + source.text[end : p.end]).strip()
                at, to = (None, None) if whole else (start - p.words, end - p.words)
                yield p, Applied(part.code, part.coder, at, to, part.stance, memo)
                memo = ""  # told once, of the first turn


@dataclass
class _Reading:
    """One person's reading of a turn while it is gathered."""

    codes: dict[str, Stance] = field(default_factory=dict)
    spans: dict[tuple[str, int, int], None] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    memos: dict[str, None] = field(default_factory=dict)


def _readings(
    placed: Iterable[tuple[Paragraph, Applied | Remark]], same: Mapping[str, str], version: int
) -> tuple[Coding, ...]:
    """One reading a turn and coder."""
    found: dict[tuple[str, str], _Reading] = {}
    for p, part in placed:
        reading = found.setdefault((p.key, part.coder or UNKNOWN), _Reading())
        if isinstance(part, Remark):
            reading.memos[part.text] = None
            continue
        if part.memo:
            reading.memos[part.memo] = None
        if (code := same.get(part.code)) is None:
            continue
        reading.codes[code] = reading.codes.get(code) or part.stance
        if part.start is None or part.end is None:
            reading.whole.add(code)
        else:
            reading.spans[code, part.start, part.end] = None
    return tuple(
        Coding(key, coder, tuple(r.codes.items()), "training", "\n".join(r.memos), version,
               spans=tuple(span for span in r.spans if span[0] not in r.whole))
        for (key, coder), r in found.items() if r.codes or r.memos
    )  # fmt: skip
