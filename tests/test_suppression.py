"""Which numbers are hidden: held against an attacker who tries every possibility there is.

The attacker knows the numbers that are shown, how numbers add up and what the rules say of a hidden one (it has
fewer than so many answers, or at least as many where its estimate is shown), and tries all ways in which the
hidden ones could be filled in. A number below the threshold is safe when one way makes it 0, and another
one the threshold or more. (Linear programmes play no part in this.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from builders import outcome  # noqa: F401  (sets how often examples are tried)
from hypothesis import given, settings, strategies as st

from trustsurvey.disclosure.suppression import Hidden, hide
from trustsurvey.disclosure.system import Sum, System

FEW, ENOUGH = 3, 5  # thresholds low enough for every possibility to be tried


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


def can_be(table: Table, choice: Hidden, k: int, low: int, high: int) -> bool:
    """Whether some filling of the atoms agrees with all that is known and puts the hidden number k between two."""
    most = int(table.atoms.sum()) + ENOUGH
    known = [
        ({atom}, 0, 0 if atom in rests(table) and table.atoms[atom] == 0 else most) for atom in range(len(table.atoms))
    ]
    for m, n, hidden, guard in zip(table.members, table.n.tolist(), choice.hidden, choice.guard, strict=True):
        shown = (n, n) if not hidden else (ENOUGH, most) if guard else (0, ENOUGH - 1 if n < ENOUGH else most)
        known.append((set(m), *shown))
    return filled([*known, (set(table.members[k]), low, high)])


def filled(sums: list[tuple[set[int], int, int]]) -> bool:
    """Whether the atoms can be numbers from 0 whose sums lie within these limits, found by trying."""
    if any(high < 0 or (low > 0 and not atoms) for atoms, low, high in sums):
        return False
    open_sums = [(atoms, low, high) for atoms, low, high in sums if atoms]
    if not open_sums:
        return True
    atoms, low, _ = min(open_sums, key=lambda entry: (len(entry[0]), entry[2] - entry[1]))
    atom = min(atoms)
    top = min(high for atoms, _, high in open_sums if atom in atoms)
    bottom = max(low if len(atoms) == 1 else 0, 0)
    return any(
        filled([(a - {atom}, lo - v, hi - v) if atom in a else (a, lo, hi) for a, lo, hi in open_sums])
        for v in range(bottom, top + 1)
    )


def rests(table: Table) -> list[int]:
    named = {m[0] for m in table.members if len(m) == 1}
    return [a for a in range(len(table.atoms)) if a not in named]


def exposed(table: Table, choice: Hidden) -> list[int]:
    """Small numbers that the attacker can tell are not 0, or not as large as the threshold."""
    small = np.flatnonzero(table.n < FEW).tolist()
    return [k for k in small if not (can_be(table, choice, k, 0, 0) and can_be(table, choice, k, FEW, 10**6))]


def safe(table: Table) -> None:
    choice = hide(table.n, table.sums, FEW, ENOUGH)
    assert choice.hidden[table.n < FEW].all()
    assert (choice.hidden | ~choice.guard).all()
    assert (table.n[choice.guard] >= ENOUGH).all()
    assert exposed(table, choice) == [] or (choice.hidden.all() and not choice.guard.any())


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
    safe(nested(counts, rest[: len(counts)], city))


@settings(max_examples=50)
@given(st.lists(SMALL, min_size=6, max_size=6), st.booleans())
def test_crossed_tables_keep_their_small_numbers(values: list[int], wide: bool) -> None:
    safe(crossed(np.array(values).reshape((2, 3) if wide else (3, 2))))


@settings(max_examples=100)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_one_row_of_numbers_with_its_sum(values: list[int]) -> None:
    safe(nested([values], [0], 0))


def test_the_attacker_of_these_tests_can_attack() -> None:
    """Hiding only what is small lets it be worked out; the tests above would say so."""
    table = nested([[2, 6, 7]], [0], 0)
    only_small = table.n < FEW
    assert exposed(table, Hidden(only_small, np.zeros_like(only_small))) == [2]
    # 6 hidden beside it, with its estimate shown, has 5 at least: of 8 together 3 at most are left.
    pair = only_small | (table.n == 6)
    assert exposed(table, Hidden(pair, table.n == 6)) == []
    table = nested([[2, 5, 7]], [0], 0)
    pair = only_small | (table.n == 5)
    assert exposed(table, Hidden(pair, table.n == 5)) == [2]
    # 4 hidden beside it is known to be no more than 4: of 6 together 2 at least are left.
    table = nested([[2, 4, 7]], [0], 0)
    pair = only_small | (table.n == 4)
    assert exposed(table, Hidden(pair, np.zeros_like(pair))) == [2]


def hidden_of(table: Table) -> list[int]:
    return sorted(table.n[hide(table.n, table.sums, 10, 30).hidden].tolist())


def test_nothing_small_means_nothing_hidden() -> None:
    assert hidden_of(nested([[10, 20], [30, 40]], [0, 0], 0)) == []


def test_without_sums_only_the_small_ones_go() -> None:
    n = np.array([3, 12, 9, 0, 10])
    assert hide(n, [], 10, 30).hidden.tolist() == [True, False, True, True, False]


def test_the_smallest_neighbour_that_is_cover_enough_goes() -> None:
    assert hidden_of(nested([[4, 50, 12, 300]], [0], 0)) == [4, 12]
    # 28 can be no more than 29: of 32 together, 3 are left at least.
    assert hidden_of(nested([[4, 28, 50, 300]], [0], 0)) == [4, 50]
    # The estimate beside 32 says 30 at least: of 36, 6 at most are left.
    assert hidden_of(nested([[4, 32, 50, 300]], [0], 0)) == [4, 50]


def test_two_that_add_to_little_take_a_third() -> None:
    """4 and 3 hidden together add to 7, which says of both that they are no more than 7."""
    assert hidden_of(nested([[4, 3, 60, 80]], [0], 0)) == [3, 4, 60]


def test_those_hidden_together_are_ten_at_least() -> None:
    """4 and 5 may each be anything from 0 to 9, but the mean of the nine would follow from the others'."""
    assert hidden_of(nested([[4, 5, 60, 80]], [0], 0)) == [4, 5, 60]


def test_people_of_no_area_are_no_cover() -> None:
    """40 people named no area, but a later correction may say where they live."""
    assert hidden_of(nested([[4, 60, 80]], [40], 0)) == [4, 60]


def test_people_of_no_area_have_to_do_where_there_is_no_other_cover() -> None:
    """One area alone: nothing but who named none keeps its number open, and the number of everyone is shown."""
    one = Table(np.array([4, 40]), [[0, 1], [0]], [Sum(0, np.array([1]), True)])
    assert hidden_of(one) == [4]


def test_none_is_a_small_number() -> None:
    """Were none left without cover, a cover would say that there is somebody."""
    assert hidden_of(nested([[0, 50, 60]], [0], 0)) == [0, 50]
    assert hidden_of(nested([[0, 4, 60]], [0], 0)) == [0, 4, 60]


def test_where_nobody_can_be_no_cover_is_asked_for_and_none_is_given() -> None:
    table = nested([[0, 4, 60]], [0], 0)
    most = np.where(table.n == 0, 0.0, np.inf)
    assert sorted(table.n[hide(table.n, table.sums, 10, 30, most=most).hidden].tolist()) == [0, 4, 60]
    table = nested([[0, 50, 60]], [0], 0)
    most = np.where(table.n == 0, 0.0, np.inf)
    assert table.n[hide(table.n, table.sums, 10, 30, most=most).hidden].tolist() == [0]


def test_estimates_go_only_where_numbers_do_not_help() -> None:
    """5 and 30 are all there is: the estimate of the 30 would say that the other is 5 at most."""
    table = nested([[5, 30]], [0], 0)
    told = table.n > 30  # the totals stand elsewhere
    choice = hide(table.n, table.sums, 10, 30, told=told)
    assert choice.hidden.tolist() == [False, False, True, True]
    assert not choice.guard.any()
    more = nested([[5, 30, 90]], [0], 0)
    choice = hide(more.n, more.sums, 10, 30, told=more.n > 90)
    assert more.n[choice.hidden].tolist() == [5, 90]
    assert more.n[choice.guard].tolist() == [90]


def test_what_is_known_already_counts() -> None:
    """Nobody can have answered more often than there are residents, whose number is shown."""
    table = nested([[4, 20, 60]], [0], 0)
    most = np.where(table.n == 20, 21.0, np.inf)
    choice = hide(table.n, table.sums, 10, 30, most=most)
    assert sorted(table.n[choice.hidden].tolist()) == [4, 60]


def test_the_same_numbers_give_the_same_mask() -> None:
    rng = np.random.default_rng(3)
    table = crossed(rng.integers(0, 40, (8, 5)))
    first = hide(table.n, table.sums, 10, 30).hidden
    assert all(np.array_equal(first, hide(table.n, table.sums, 10, 30).hidden) for _ in range(3))


def test_a_large_table_loses_little_beside_what_is_small() -> None:
    """90 of 720 cells are small; the rectangle around each shares its corners with others'."""
    table = crossed(np.random.default_rng(120).poisson(14, (120, 6)))
    hidden = hide(table.n, table.sums, 10, 30).hidden
    assert (table.n < 10).sum() == 90
    assert hidden[table.n < 10].all()
    assert hidden.sum() <= 145


def test_what_later_turns_out_to_be_needless_is_given_back() -> None:
    """Of each number that is hidden for others' sake, showing it alone would narrow a small one."""
    table = crossed(np.random.default_rng(5).choice([3, 7, 12, 20, 35, 60, 90], (5, 4)))
    choice = hide(table.n, table.sums, 10, 30)
    system, small = System(table.n, table.sums), np.flatnonzero(table.n < 10)

    def exposed_if(hidden: np.ndarray) -> int:
        low = np.where(table.n >= 30, 30.0, 0.0)
        high = np.where(table.n < 30, 29.0, np.inf)
        limits = np.where(hidden[:, None], np.column_stack([low, high]), table.n[:, None])
        return len(system.exposed(limits, small, 10))

    assert exposed_if(choice.hidden) == 0
    for k in np.flatnonzero(choice.hidden & (table.n >= 10)):
        less = choice.hidden.copy()
        less[k] = False
        assert exposed_if(less) > 0
