"""Every page and every file of a study with planted small cells: nothing of it tells any of them.

Two worlds that differ in nothing but hidden numbers (see ``planted``) are walked by somebody who may do anything but
see single answers. Whatever is sent in one is sent in the other, to the last digit: there is no way to tell, from
anything that they are given, whether nobody or nine people live in a small area.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from planted import ONE, OTHER, SECRET, World, made
from walk import Walker, pages, with_rights

from trustsurvey.disclosure import gate

#: Rights to single answers, and to the files that they come in; whoever lacks them must not tell a small number.
SINGLE = {"download microdata", "see unredacted", "import"}
#: Buttons that would change the study: the same walk is taken twice.
CHANGES = re.compile(r"Save|Release|Take|Remove|Add|Keep|Create|Change|Undo|Show answers")


@dataclass(frozen=True)
class Walked:
    """A world, its home folder, and everything that was sent and could be saved on a walk through it."""

    world: World
    home: Path
    told: dict[str, list[str]]


def walked(world: World, home: Path, to: list[str], depth: int = 2) -> Walked:
    """A walk by somebody who may do anything but see single answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRUSTSURVEY_HOME", str(home))
        patch.setenv("TRUSTSURVEY_SECRET", SECRET)
        patch.delenv("TRUSTSURVEY_DATABASE_URL", raising=False)
        with_rights(patch, lambda action: action not in SINGLE)
        walker = Walker(patch, lambda label: not CHANGES.match(label))
        for page in to:
            if "areas" in walker.visit(page, depth):
                walker.visit(page, depth - 1, wave="2025", areas="ward", area="Quay")
        return Walked(world, home, walker.walk.told())


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[World, Path]:
    folder = tmp_path_factory.mktemp("planted")
    for world in (ONE, OTHER):
        made(folder / world.name, world)
    return {world: folder / world.name for world in (ONE, OTHER)}


@pytest.fixture(scope="module")
def walks(homes: dict[World, Path]) -> tuple[Walked, Walked]:
    return walked(ONE, homes[ONE], pages()), walked(OTHER, homes[OTHER], pages())


def differences(one: Walked, other: Walked) -> list[str]:
    """Where two walks were given something different, with both."""
    found = [f"{step}: only in one" for step in one.told.keys() ^ other.told.keys()]
    for step in one.told.keys() & other.told.keys():
        here, there = one.told[step], other.told[step]
        if len(here) != len(there):
            found.append(f"{step}: {len(here)} or {len(there)} pieces")
        for a, b in zip(here, there, strict=False):
            if a != b:
                at = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
                found.append(f"{step}: ...{a[max(0, at - 80) : at + 60]}... or ...{b[max(0, at - 80) : at + 60]}...")
    return found


def test_two_worlds_that_differ_in_small_numbers_alone_look_the_same(walks: tuple[Walked, Walked]) -> None:
    one, other = walks
    assert {step.split(" / ")[0] for step in one.told} >= {Path(page).stem for page in pages()}
    assert len(one.told) > 300
    assert not differences(one, other)[:10]


def test_without_the_gate_the_worlds_would_be_told_apart(
    homes: dict[World, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the test above can fail: the same walk along one page, with a gate that lets every number pass."""
    real = gate._Gate.judge

    def open_gate(self: gate._Gate, rows: object, measure: str) -> tuple[object, ...]:
        hidden, least, sparse = real(self, rows, measure)  # type: ignore[arg-type]
        return hidden & False, least, sparse

    monkeypatch.setattr(gate._Gate, "judge", open_gate)
    both = [walked(w, Path(shutil.copytree(homes[w], tmp_path / w.name)), ["pages/trust.py"], 0) for w in homes]
    assert any("trust" in step for step in differences(*both))
