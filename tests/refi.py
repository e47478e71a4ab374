"""Projects of coded texts for the tests: one of everything, any, and as other programs write them."""

from __future__ import annotations

import io
import string
import zipfile
from datetime import UTC, date, datetime

import builders  # noqa: F401  sets the same examples on every run
from hypothesis import strategies as st

from trustsurvey.model import Code, Codebook
from trustsurvey.text.refi_qda.project import Applied, Case, Note, Project, Remark, Set, Source

BOOK = Codebook(
    "Police and public",
    (
        Code("visibility", "Visible policing", definition="Officers are seen.\n\nOn foot, too.", include="patrols",
             exclude="response to calls", examples=("I never see them", "---\nnot a rule"),
             keywords=("patrol*", "on foot"), colour="#336699"),
        Code("foot", "On foot", parent="visibility"),
        Code("respect", "Respect & <fairness>", definition="---\nkey: other\n"),
    ),
    version=3,
    language="german",
)  # fmt: skip

FULL = Project(
    "Six groups",
    BOOK,
    (
        Source(
            "Group 1 \u201cnorth\u201d",
            "Moderator: Sch\u00f6n \U0001f600 hier.\nParticipant: I never see them.\n",
            (
                Applied("visibility", "first coder", 11, 24, "negative", "said with a smile"),
                Applied("foot", "second coder", 28, 31),
                Applied("visibility", "second coder"),
                Applied("respect", "", stance="positive"),
            ),
            memo="Recorded in May",
            notes=(Note("Everybody spoke.", "summary", "first coder"), Note("A second look")),
            variables=(("area", "north"), ("people", 8)),
            remarks=(Remark("laughs\nall round", 11, 24, "second coder"), Remark("who?", 28, 39)),
        ),
        Source("empty", ""),
    ),
    (
        Case("P1", ("Group 1 \u201cnorth\u201d",), (("area", "north"), ("age", 41), ("share", 0.125), ("was met", True),
             ("born", date(1985, 2, 3)), ("spoke", datetime(2026, 5, 4, 18, 30))), "sat at the window"),
        Case("P2", parts=(("Group 1 \u201cnorth\u201d", 0, 24), ("Group 1 \u201cnorth\u201d", 25, 38))),
    ),
    (Note("What to ask next", "plan", "first coder"),),
    (Set("Evening", ("foot",), ("empty",), "two groups"),),
    memo="Autumn round",
    created=datetime(2026, 11, 29, 8, 0, tzinfo=UTC),
)  # fmt: skip

#: Letters that XML can hold; a line end is LF.
TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters=[*map(chr, range(32)), "\ufffe", "\uffff"])
    | st.sampled_from("\n\t \U0001f600"),
    max_size=30,
)  # fmt: skip
LINE = st.text(string.ascii_letters + " \u00e9\u8b66", max_size=12)
NAME = LINE.map(lambda s: " ".join(s.split())).filter(bool)
VALUE = TEXT | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.dates() | (
    st.datetimes())  # fmt: skip


@st.composite
def codebooks(draw: st.DrawFn) -> Codebook:
    """Any codebook whose codes are listed as a tree is walked."""
    keys = draw(st.lists(NAME, min_size=1, max_size=5, unique=True))
    codes: list[Code] = []
    path: list[str] = []
    for key in keys:
        path = path[: draw(st.integers(0, len(path)))]
        codes.append(Code(
            key, draw(TEXT.filter(bool)), path[-1] if path else "", draw(TEXT), draw(TEXT), draw(TEXT),
            draw(st.lists(TEXT, max_size=2).map(tuple)), draw(st.lists(TEXT, max_size=2).map(tuple)),
            draw(st.sampled_from(["", "#0a1B2c"])),
        ))  # fmt: skip
        path.append(key)
    return Codebook(draw(NAME), tuple(codes), draw(st.integers(1, 99)), draw(NAME))


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Any project, its sources with spans before whole texts."""
    book = draw(codebooks())
    stance = st.sampled_from(["", "positive", "negative", "suggestion"])
    sources = []
    for name in draw(st.lists(NAME, max_size=3, unique=True)):
        text = draw(TEXT)
        spans = (
            st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted).filter(lambda s: s[0] < s[1])
        )
        applied = [
            Applied(draw(st.sampled_from(book.keys)), draw(NAME | st.just("")), *place, draw(stance), draw(TEXT))
            for place in [*(draw(st.lists(spans, max_size=3)) if text else []),
                          *[(None, None)] * draw(st.integers(0, 2))]
        ]  # fmt: skip
        notes = draw(st.lists(st.builds(Note, TEXT, LINE, NAME | st.just("")), max_size=2).map(tuple))
        remarks = [
            Remark(draw(TEXT.filter(bool)), *place, draw(NAME | st.just("")))
            for place in (draw(st.lists(spans, max_size=2)) if text else [])
        ]
        sources.append(Source(name, text, tuple(applied), draw(TEXT), notes, remarks=tuple(remarks)))
    names = [source.name for source in sources]
    some = st.lists(st.sampled_from(names), unique=True, max_size=2).map(tuple) if names else st.just(())
    parts = [(source.name, at, at + 1) for source in sources for at in range(len(source.text))]
    cases = [
        Case(
            name,
            draw(some),
            tuple((f"{name} {k}", v) for k, v in enumerate(draw(st.lists(VALUE, max_size=3)))),
            parts=tuple(part for part in parts if draw(st.integers(0, 9)) == 0),
        )
        for name in draw(st.lists(NAME, max_size=2, unique=True))
    ]
    return Project(draw(NAME), book, tuple(sources), tuple(cases), memo=draw(TEXT))


def zipped(members: dict[str, bytes]) -> bytes:
    """An archive of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The members of an archive, in their order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {member.filename: archive.read(member) for member in archive.infolist()}
