"""Which numbers are hidden: held against an attacker who tries every possibility there is.

The attacker knows the numbers that are shown and how numbers add up, and tries all ways in which the
hidden ones could be filled in. A number below the threshold is safe when one way makes it 0, and another
one below the threshold or more. (Linear programmes play no part in this.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from builders import outcome  # noqa: F401  (sets how often examples are tried)
from hypothesis import given, settings, strategies as st

from trustsurvey.disclosure.suppression import Sum, hidden_numbers

FEW = 3  # a threshold low enough for every possibility to be tried


@dataclass(frozen=True)
class Table:
    """Atoms (people who belong to one innermost cell) and the numbers published: sums of atoms.

    ``named``: which atom a published number is, where it is one; atoms without a name are rests.
    """

    atoms: np.ndarray
    members: list[list[int]]
    sums: list[Sum]

    @property
    def n(self) -> np.ndarray:
        return np.array([self.atoms[list(m)].sum() for m in self.members], dtype=np.int64)


def can_be(table: Table, hidden: np.ndarray, k: int, value: int) -> bool:
    """Whether some filling of the atoms agrees with the numbers shown and gives the hidden number k this value."""
    nobody = [[atom] for atom in rests(table) if table.atoms[atom] == 0]
    told = [(m, int(n)) for m, n, out in zip(table.members, table.n, hidden, strict=True) if not out]
    return filled([*((set(m), n) for m, n in told), *((set(m), 0) for m in nobody), (set(table.members[k]), value)])


def filled(sums: list[tuple[set[int], int]]) -> bool:
    """Whether the atoms can be numbers from 0 with these sums, found by trying."""
    if any(n < 0 or (n and not atoms) for atoms, n in sums):
        return False
    open_sums = [(atoms, n) for atoms, n in sums if atoms]
    if not open_sums:
        return True
    atoms, most = min(open_sums, key=lambda entry: (len(entry[0]), entry[1]))
    atom = min(atoms)
    values = [most] if len(atoms) == 1 else range(most + 1)
    return any(filled([(a - {atom}, n - v) if atom in a else (a, n) for a, n in open_sums]) for v in values)


def rests(table: Table) -> list[int]:
    named = {m[0] for m in table.members if len(m) == 1}
    return [a for a in range(len(table.atoms)) if a not in named]


def exposed(table: Table, hidden: np.ndarray) -> list[int]:
    """Small numbers that the attacker can tell are not 0, or not as large as the threshold lets them be."""
    found = []
    for k in np.flatnonzero((table.n > 0) & (table.n < FEW)):
        large = range(FEW - 1, int(table.atoms.sum()) + FEW)
        if not can_be(table, hidden, k, 0) or not any(can_be(table, hidden, k, value) for value in large):
            found.append(int(k))
    return found


def nested(counts: list[list[int]], ward_rest: list[int], city_rest: int) -> Table:
    """Wards within districts within the city; a rest has no ward, or no district."""
    atoms: list[int] = []
    members: list[list[int]] = [[]]
    sums, districts = [], []
    for wards, rest in zip(counts, ward_rest, strict=True):
        inside = list(range(len(atoms), len(atoms) + len(wards)))
        atoms += [*wards, rest]
        district = len(members)
        districts.append(district)
        members.append([*inside, len(atoms) - 1])
        members += [[atom] for atom in inside]
        sums.append(Sum(district, np.arange(district + 1, district + 1 + len(wards)), rest > 0))
    atoms.append(city_rest)
    members[0] = list(range(len(atoms)))
    sums.append(Sum(0, np.array(districts), city_rest > 0))
    return Table(np.array(atoms), members, sums)


def crossed(cells: np.ndarray) -> Table:
    """Cells by row and column, with both sides and the total."""
    rows, columns = cells.shape
    members: list[list[int]] = [list(range(cells.size))]
    members += [[r * columns + c for c in range(columns)] for r in range(rows)]
    members += [[r * columns + c for r in range(rows)] for c in range(columns)]
    members += [[k] for k in range(cells.size)]
    first = 1 + rows + columns
    sums = [Sum(1 + r, np.array([first + r * columns + c for c in range(columns)])) for r in range(rows)]
    sums += [Sum(1 + rows + c, np.array([first + r * columns + c for r in range(rows)])) for c in range(columns)]
    sums += [Sum(0, np.arange(1, 1 + rows)), Sum(0, np.arange(1 + rows, first))]
    return Table(cells.ravel(), members, sums)


SMALL = st.integers(0, 6)


@settings(max_examples=150)
@given(
    st.lists(st.lists(SMALL, min_size=1, max_size=3), min_size=1, max_size=3),
    st.lists(st.sampled_from([0, 0, 1, 4]), min_size=3, max_size=3),
    st.sampled_from([0, 0, 2]),
)
def test_nested_areas_keep_their_small_numbers(counts: list[list[int]], rest: list[int], city: int) -> None:
    table = nested(counts, rest[: len(counts)], city)
    hidden = hidden_numbers(table.n, table.sums, FEW)
    assert hidden[table.n < FEW].all()
    assert exposed(table, hidden) == [] or hidden.all()


@settings(max_examples=150)
@given(st.lists(SMALL, min_size=6, max_size=6), st.booleans())
def test_crossed_tables_keep_their_small_numbers(values: list[int], wide: bool) -> None:
    table = crossed(np.array(values).reshape((2, 3) if wide else (3, 2)))
    hidden = hidden_numbers(table.n, table.sums, FEW)
    assert hidden[table.n < FEW].all()
    assert exposed(table, hidden) == [] or hidden.all()


@settings(max_examples=100)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_one_row_of_numbers_with_its_sum(values: list[int]) -> None:
    table = nested([values], [0], 0)
    hidden = hidden_numbers(table.n, table.sums, FEW)
    assert exposed(table, hidden) == [] or hidden.all()


def test_the_attacker_of_these_tests_can_attack() -> None:
    """Hiding only what is small lets it be worked out; the tests above would say so."""
    table = nested([[2, 5, 6]], [0], 0)
    only_small = table.n < FEW
    assert exposed(table, only_small) == [2]
    assert exposed(table, hidden_numbers(table.n, table.sums, FEW)) == []


def test_nothing_small_means_nothing_hidden() -> None:
    table = nested([[10, 20], [30, 40]], [0, 0], 0)
    assert not hidden_numbers(table.n, table.sums, 10).any()


def test_without_sums_only_the_small_ones_go() -> None:
    n = np.array([3, 12, 9, 0, 10])
    assert hidden_numbers(n, [], 10).tolist() == [True, False, True, True, False]


def test_the_smallest_neighbour_goes_first() -> None:
    table = nested([[4, 50, 12, 300]], [0], 0)
    hidden = hidden_numbers(table.n, table.sums, 10)
    assert table.n[hidden].tolist() == [4, 12]


def test_two_that_add_to_little_take_a_third() -> None:
    """4 and 3 hidden together add to 7, which says of both that they are no more than 7."""
    table = nested([[4, 3, 60, 80]], [0], 0)
    assert sorted(table.n[hidden_numbers(table.n, table.sums, 10)].tolist()) == [3, 4, 60]


def test_people_of_no_area_are_cover_enough() -> None:
    """Where 40 people named no area, the small area's number does not follow from the total."""
    table = nested([[4, 60, 80]], [40], 0)
    assert table.n[hidden_numbers(table.n, table.sums, 10)].tolist() == [4]


def test_a_number_of_nobody_is_hidden_but_protects_nobody() -> None:
    """The attacker counts on an empty area as on any other; it may be what it is."""
    table = nested([[0, 4, 60]], [0], 0)
    hidden = hidden_numbers(table.n, table.sums, 10)
    assert sorted(table.n[hidden].tolist()) == [0, 4, 60]


def test_the_same_numbers_give_the_same_mask() -> None:
    rng = np.random.default_rng(3)
    table = crossed(rng.integers(0, 40, (8, 5)))
    first = hidden_numbers(table.n, table.sums, 10)
    assert all(np.array_equal(first, hidden_numbers(table.n, table.sums, 10)) for _ in range(3))


@pytest.mark.parametrize(("rows", "columns"), [(60, 6), (120, 6)])
def test_a_large_table_keeps_most_of_its_numbers(rows: int, columns: int) -> None:
    rng = np.random.default_rng(rows)
    table = crossed(rng.poisson(14, (rows, columns)))
    hidden = hidden_numbers(table.n, table.sums, 10)
    assert hidden[table.n < 10].all()
    assert hidden.mean() < 0.5
