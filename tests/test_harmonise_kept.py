"""What is kept of a file: no names, no ids, no devices; and another run that gives the very same wave."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from builders import refusal
from files import SMALL, cells, csv_text, names, numbers, read_here
from hypothesis import given, settings, strategies as st

from trustsurvey.harmonise import harmonise, keyed_pseudonyms
from trustsurvey.harmonise.kept import keep
from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.readers.raw import Kept, Raw

NAMED = keyed_pseudonyms(b"key")
HEAD = [
    "id", "IP Address", "email", "who", "member", "kind", "fair", "why", "spare", "remark", "time", "start", "blank",
]  # fmt: skip
WORDS = "The street by the school is dark at night and nobody comes, number {}."


def rows(n: int = 60) -> list[list[object]]:
    """Answers of n people, two a household, with everything that could tell who they are."""
    return [
        [f"R{k}", f"198.51.100.{k // 2}", f"p{k}@example.org", f"Person {k}", 9_000 + k, k % 5 + 1, 2,
         WORDS.format(k), k % 3, WORDS.format(k + 500), f"{k * 7.5}", f"2026-05-0{k % 9 + 1} 09:{k:02d}:00", ""]
        for k in range(n)
    ]  # fmt: skip


MAPPING = Mapping(
    (
        ColumnMap("id", "id"), ColumnMap("IP Address", "device"), ColumnMap("email", "private"),
        ColumnMap("kind", "item", "kind"), ColumnMap("fair", "item", "fair"), ColumnMap("why", "text", "why"),
        ColumnMap("start", "start"),
    ),
    day_first=False,
)  # fmt: skip


def file(head: list[str] = HEAD, n: int = 60) -> Raw:
    return read_here(csv_text([head, *rows(n)]))


def test_nothing_that_tells_who_answered_is_in_what_is_kept() -> None:
    raw = file()
    kept = keep(raw, MAPPING, NAMED)
    # "who" and "member" were not mapped at all: what they hold tells, not what somebody said of them.
    assert kept.kept == Kept(gone=("email", "who", "member"), coded=("id",), words=("why", "remark"))
    assert names(kept) == [name for name in HEAD if name not in kept.kept.gone]
    content = kept.path.read_bytes() + repr([cells(kept, name) for name in names(kept)]).encode()
    for trace in (b"@example.org", b"Person 7", b"198.51", b"R17", b"9017"):
        assert trace not in content
    assert cells(kept, "id") == NAMED([f"R{k}" for k in range(60)])
    assert cells(kept, "IP Address") == [str(k // 2 + 1) for k in range(60)]
    for name in ("kind", "fair", "why", "spare", "remark", "time", "start", "blank"):
        assert cells(kept, name) == cells(raw, name)
    assert (kept.digest, kept.source, kept.rows, numbers(kept)) == (raw.digest, raw.source, raw.rows, numbers(raw))


def wave_of(raw: Raw, mapping: Mapping = MAPPING):  # type: ignore[no-untyped-def]
    return harmonise(raw, mapping, SMALL, name="w", pseudonymise=NAMED)


def test_another_run_of_what_is_kept_gives_the_very_same_wave() -> None:
    content = [HEAD, *rows()]
    content.insert(5, list(content[3]))  # the same id again
    content[9][0] = ""  # a person without one
    raw = read_here(csv_text(content))
    one, other = wave_of(raw).wave, wave_of(keep(raw, MAPPING, NAMED)).wave
    again = wave_of(keep(keep(raw, MAPPING, NAMED), MAPPING, NAMED)).wave
    for made in (other, again):
        pd.testing.assert_frame_equal(made.people, one.people)
        pd.testing.assert_frame_equal(made.answers, one.answers)
        pd.testing.assert_frame_equal(made.missing, one.missing)
        pd.testing.assert_frame_equal(made.comments, one.comments)
        assert made.report.as_dict() == one.report.as_dict()
        assert (made.start, made.end) == (one.start, one.end)
    assert one.report.dropped


def test_rows_from_one_device_are_told_in_another_run_too() -> None:
    head = ["IP", "Browser", "start", "kind", "fair"]
    table = [[f"198.51.100.{k // 2}", "Mozilla", f"2026-05-01 09:{k:02d}:00", k % 5 + 1, 2] for k in range(40)]
    raw = read_here(csv_text([head, *table]))
    mapping = Mapping((
        ColumnMap("IP", "device"), ColumnMap("Browser", "device"), ColumnMap("start", "start"),
        ColumnMap("kind", "item", "kind"), ColumnMap("fair", "item", "fair"),
    ))  # fmt: skip
    one, other = wave_of(raw, mapping).wave, wave_of(keep(raw, mapping, NAMED), mapping).wave
    assert one.report.as_dict() == other.report.as_dict()
    assert dict(one.report.dropped)["same device as an earlier row within a day"] == 20


def test_a_column_that_was_kept_may_be_used_later_and_one_that_was_private_not() -> None:
    kept = keep(file(), MAPPING, NAMED)
    later = replace(MAPPING, columns=(*MAPPING.columns, ColumnMap("spare", "group", "spare")))
    assert wave_of(kept, later).wave.people["spare"].value_counts().tolist() == [20, 20, 20]
    # That it was private may still be said of a column that is gone.
    assert len(wave_of(kept, MAPPING).wave) == 60
    gone = replace(MAPPING, columns=(*MAPPING.columns, ColumnMap("who", "group", "who")))
    with refusal("map.column-gone", "'who'", "not kept", "import the file itself again"):
        wave_of(kept, gone)
    with refusal("map.column-absent", "'nothing'"):
        wave_of(kept, replace(MAPPING, columns=(*MAPPING.columns, ColumnMap("nothing", "group", "x"))))


def test_a_column_found_private_later_goes_with_the_next_run() -> None:
    kept = keep(file(), MAPPING, NAMED)
    stricter = replace(MAPPING, columns=(*MAPPING.columns, ColumnMap("spare", "private")))
    again = keep(kept, stricter, NAMED)
    assert set(again.kept.gone) == {"email", "who", "member", "spare"}
    assert "spare" not in again


@pytest.mark.parametrize("name", ["_uuid", "Panel number", "voucher"])
def test_numbers_of_people_that_nobody_mapped_are_not_kept(name: str) -> None:
    raw = read_here(csv_text([[name, "kind", "fair"], *[[f"V{k * 37 % 1009}", k % 5 + 1, 2] for k in range(60)]]))
    mapping = Mapping((ColumnMap("kind", "item", "kind"), ColumnMap("fair", "item", "fair")))
    assert keep(raw, mapping, NAMED).kept.gone == (name,)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.text(max_size=8), st.sampled_from(["1", "2", "5", "", " 3 "]), st.text(max_size=5)),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_any_cells_are_kept_as_they_are_and_ids_never(table: list[tuple[str, str, str]]) -> None:
    content = csv_text([["id", "kind", "fair"], *[[i.replace("\0", ""), k, f.replace("\0", "")] for i, k, f in table]])
    try:
        raw = read_here(content)
    except Exception:  # noqa: BLE001  what cannot be read is another test's affair
        return
    mapping = Mapping((ColumnMap("id", "id"), ColumnMap("kind", "item", "kind"), ColumnMap("fair", "group", "g")))
    kept = keep(raw, mapping, NAMED)
    assert cells(kept, "kind") == cells(raw, "kind")
    assert cells(kept, "fair") == cells(raw, "fair")
    told = [NAMED([cell])[0] if cell else "" for cell in cells(raw, "id")]
    assert cells(kept, "id") == told
