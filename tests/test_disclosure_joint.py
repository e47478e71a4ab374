"""Everything that a wave releases, attacked at once: all measures, all groupings, one after another release.

The attacker knows every number that is shown, how levels and areas add up, that nobody answers a question who was not
there, how an index follows from its parts, and what the rules say of a number that is hidden.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from attackers import FEW, Attacker, assert_open, counts, knows_sums, narrowed
from builders import make_wave
from hypothesis import given, settings, strategies as st
from stores import INSTRUMENT, STUDY, WARDS

from trustsurvey.disclosure.cells import DONT_KNOW, hidden_cells, nesting_of, withheld_cells
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Index, Item, Wave
from trustsurvey.scales.scoring import dont_know, score

NESTING = nesting_of(STUDY.levels)
GROUPINGS = ("district", "ward", "sex")
NESTED = [("ward", dict(WARDS), "district")]
SEEDS = st.integers(0, 2**32 - 1)
#: Three dimensions of one, two and three questions, and an index of them.
QUESTIONS = tuple(Item(f"q{k}", f"Question {k}?", INSTRUMENT.items[0].scale) for k in range(6))
LONG = replace(
    INSTRUMENT,
    items=QUESTIONS,
    indices=(
        Index("a", "A", ("q0", "q1", "q2"), 2, dimension=True),
        Index("b", "B", ("q3", "q4"), 1, dimension=True),
        Index("c", "C", ("q5",), 1, dimension=True),
        Index("trust", "Trust", ("a", "b", "c"), 2),
    ),
    headline="trust",
)


def town(seed: int, n: int = 240, blank: float = 0.1, unknown: float = 0.0) -> Wave:
    """Wards within districts and a group, all of any sizes; questions that many leave out, or were not asked."""
    rng = np.random.default_rng(seed)
    ward = rng.choice(4, n, p=rng.dirichlet([0.6, 1.5, 2, 3]))
    sex = rng.choice(3, n, p=rng.dirichlet([0.4, 3, 3]))
    sex[rng.random(n) < unknown] = -1
    asked = rng.random((n, 6)) < rng.choice([1.0, 0.7, 0.3], 6)
    said = rng.random((n, 6)) > blank
    why = np.where(~asked, 4, np.where(said, 0, rng.integers(1, 3, (n, 6)))).astype(np.int8)
    names = [item.id for item in QUESTIONS]
    people = pd.DataFrame(
        {
            "district": pd.Categorical.from_codes(ward // 2, ["East", "West"]),
            "ward": pd.Categorical.from_codes(ward, [name for name, _ in WARDS]),
            "sex": pd.Categorical.from_codes(sex, ["x", "f", "m"]),
        }
    )
    wave = make_wave({"q": np.zeros(n)}, people, areas=("district", "ward"), groups=("sex",))
    answers = pd.DataFrame(np.where(why > 0, np.nan, rng.integers(1, 6, why.shape)), columns=names)
    missing = pd.DataFrame(why, columns=names)
    wave = replace(wave, instrument=LONG, answers=answers, missing=missing, wording={i.id: i.text for i in QUESTIONS})
    return score(replace(wave, scores=None))


def release(wave: Wave) -> dict[str, pd.DataFrame]:
    """The protected tables of a wave by measure, the residents' ("residents") and the don't knows' among them."""
    assert wave.scores is not None
    by = list(GROUPINGS)
    means = protect(estimate(wave, list(wave.scores), by), wave, nesting=NESTING).table
    unsure = dont_know(wave).add_prefix(DONT_KNOW)
    shares = protect(estimate(wave, unsure, by, stat="share"), wave, nesting=NESTING).table
    everyone = estimate(replace(wave, scores=pd.DataFrame({"one": np.ones(len(wave))})), ["one"], by).table
    secret = hidden_cells(wave, NESTING)
    cells = list(zip(everyone["by"], everyone["level"].astype(str), strict=True))
    everyone = everyone.assign(
        n=everyone["n"].astype(float).mask([cell in secret for cell in cells]),
        suppressed=["hidden" if cell in secret else "" for cell in cells],
        guarded=False,
    )
    tables = {str(m): rows for m, rows in pd.concat([means, shares]).groupby("measure")}
    return tables | {"residents": everyone}


def truth(wave: Wave) -> dict[str, np.ndarray]:
    """Who counts for each measure."""
    assert wave.scores is not None
    unsure = dont_know(wave).add_prefix(DONT_KNOW)
    who = {str(m): wave.scores[m].notna().to_numpy() for m in wave.scores}
    return who | {str(m): unsure[m].notna().to_numpy() for m in unsure} | {"residents": np.ones(len(wave), dtype=bool)}


def informed(wave: Wave, tables: dict[str, pd.DataFrame], withheld: bool = True) -> Attacker:
    """An attacker who has read the tables of a wave; ``withheld``: and takes no mean for fewer than thirty answers.

    Where that is wrong (a mean may be withheld for other reasons) nothing is told from it: a real attacker would
    not know where.
    """
    attacker, who = Attacker(), truth(wave)
    for measure, table in tables.items():
        # Numbers of residents, and shares, are hidden without any word on how many there are.
        means = withheld and measure in wave.scores
        few = {
            (by, level) for by in GROUPINGS for level, n in counts(wave, by, who[measure]).items() if means and n < 30
        }
        attacker.reads(table, measure, few)
        knows_sums(attacker, wave, measure, NESTED)
        if measure.startswith(DONT_KNOW):
            for row in table[table["est"].notna()].itertuples():
                answered = round(row.n * (1 - row.est))
                attacker.hears({(measure.removeprefix(DONT_KNOW), row.by, str(row.level)): 1.0}, answered, answered)
    cells = list(zip(tables["trust"]["by"], tables["trust"]["level"].astype(str), strict=True))
    for cell in cells:
        for question in QUESTIONS:
            attacker.hears({("residents", *cell): 1.0, (DONT_KNOW + question.id, *cell): -1.0}, 0.0)
            attacker.hears({(DONT_KNOW + question.id, *cell): 1.0, (question.id, *cell): -1.0}, 0.0)
        for index in LONG.indices:
            knows_index(attacker, index, cell)
    return attacker


def knows_index(attacker: Attacker, index: Index, cell: tuple[str, str]) -> None:
    """Whoever has a score has so many of its parts, whoever has none has fewer: for every selection of the parts."""
    most, least = len(index.parts), index.at_least
    everyone, scored = ("residents", *cell), (index.key, *cell)
    attacker.hears({everyone: 1.0, scored: -1.0}, 0.0)
    for size in range(1, most + 1):
        for some in combinations(index.parts, size):
            parts = {(part, *cell): 1.0 for part in some}
            attacker.hears(parts | {scored: -float(max(0, least - most + size))}, 0.0)
            few = min(size, least - 1)
            attacker.hears(dict.fromkeys(parts, -1.0) | {scored: float(size - few), everyone: float(few)}, 0.0)


def small_of(wave: Wave) -> dict[tuple[str, str, str], int]:
    """All numbers under ten: of residents, and of those who answered, but none of many residents."""
    secret = hidden_cells(wave, NESTING)
    found = {}
    for measure, who in truth(wave).items():
        for by in GROUPINGS:
            for level, n in counts(wave, by, who).items():
                if n < FEW and (n or (by, level) in secret):
                    found[measure, by, level] = n
    return found


def shown_in(tables: dict[str, pd.DataFrame]) -> set[tuple[str, str, str]]:
    rows = [
        (m, by, str(level))
        for m, t in tables.items()
        for by, level in t.loc[t["n"].notna(), ["by", "level"]].to_numpy()
    ]
    return set(rows)


def attack(wave: Wave) -> tuple[int, int]:
    """Try it; gives back how many small numbers there were, and how many of them beside no mean at all.

    If that a mean is withheld would tell too much, none is shown beside a hidden number of that measure: then there
    being none tells nothing.
    """
    tables, small = release(wave), small_of(wave)
    shown = shown_in(tables)
    assert not shown & set(small)
    attacker, careful = informed(wave, tables), informed(wave, tables, withheld=False)
    silent = 0
    for number, n in small.items():
        if told := narrowed(attacker, number, n):
            assert not tables[number[0]]["guarded"].any(), told
            told = narrowed(careful, number, n)
            silent += 1
        assert not told, told
    return len(small), silent


@settings(max_examples=12)
@given(SEEDS, st.sampled_from([60, 160, 400]), st.sampled_from([0.0, 0.1]), st.sampled_from([0.0, 0.05]))
def test_all_measures_of_a_wave_together_tell_no_small_number(seed: int, n: int, blank: float, unknown: float) -> None:
    attack(town(seed, n, blank, unknown))


# --- a wave and its correction ------------------------------------------------------------------------------


def corrected(first: Wave, second: Wave) -> Wave:
    """The second wave, as loaded after the first one was released under its name."""
    return replace(second, withheld=withheld_cells(first, NESTING))


def fewer(wave: Wave, out: np.ndarray) -> Wave:
    """The wave without some of its residents."""
    kept = np.flatnonzero(~out)
    frames = {name: getattr(wave, name).iloc[kept].reset_index(drop=True) for name in ("people", "answers", "missing")}
    design = replace(
        wave.design, **{n: getattr(wave.design, n)[kept] for n in ("weights", "strata")}, psus=np.arange(len(kept))
    )
    return score(replace(wave, **frames, design=design, scores=None))


@settings(max_examples=8)
@given(SEEDS, st.sampled_from([80, 200, 400]), st.integers(1, 12))
def test_a_wave_and_its_correction_tell_no_number_that_both_hide(seed: int, n: int, left_out: int) -> None:
    """The attacker knows how many answers the correction leaves out, and that it changes nothing else."""
    first = town(seed, n, blank=0.05)
    out = np.isin(np.arange(n), np.random.default_rng(seed).choice(n, left_out, replace=False))
    second = corrected(first, fewer(first, out))
    tables = {"first": release(first), "second": release(second)}
    attacker = Attacker()
    for name, wave in (("first", first), ("second", second)):
        for measure in ("residents", "q0", "trust"):
            attacker.reads(tables[name][measure], (name, measure))
            knows_sums(attacker, wave, (name, measure), NESTED)
    for measure in ("residents", "q0", "trust"):
        cells = [(by, level) for by in GROUPINGS for level in counts(first, by)]
        for cell in (("", ""), *cells):
            gone = {((name, measure), *cell): sign for name, sign in (("first", 1.0), ("second", -1.0))}
            attacker.hears(gone, 0.0, left_out)
    small = {
        ((name, measure), by, level): number
        for name, wave in (("first", first), ("second", second))
        for (measure, by, level), number in small_of(wave).items()
        if measure in ("residents", "q0", "trust")
        and (measure, by, level) not in shown_in(tables["first"]) | shown_in(tables["second"])
    }
    assert_open(attacker, small)


# --- several corrections of a wave --------------------------------------------------------------------------


def put_right(wave: Wave, changed: int, rng: np.random.Generator) -> Wave:
    """The wave with some residents put right: left out, another ward or group, answers that were read otherwise.

    Those who had no group are the first to be given one: in the end nobody may be without.
    """
    at = rng.choice(len(wave), min(changed, len(wave) // 4), replace=False)
    unknown = np.flatnonzero(wave.people["sex"].isna())[: len(at)]
    at = np.append(np.setdiff1d(at, unknown)[: len(at) - len(unknown)], unknown)
    kind = rng.integers(0, 4, len(at))
    kind[np.isin(at, unknown)] = 2
    ward, sex = (wave.people[name].cat.codes.to_numpy().copy() for name in ("ward", "sex"))
    moved, named, reread = (at[kind == k] for k in (1, 2, 3))
    ward[moved] = rng.integers(0, 4, len(moved))
    sex[named] = rng.integers(0, 3, len(named))
    people = wave.people.assign(
        ward=pd.Categorical.from_codes(ward, [name for name, _ in WARDS]),
        district=pd.Categorical.from_codes(ward // 2, ["East", "West"]),
        sex=pd.Categorical.from_codes(sex, ["x", "f", "m"]),
    )
    answers, missing = wave.answers.to_numpy().copy(), wave.missing.to_numpy().copy()
    missing[reread] = rng.choice([0, 1, 2], missing[reread].shape, p=[0.7, 0.15, 0.15])
    answers[reread] = np.where(missing[reread] > 0, np.nan, rng.integers(1, 6, missing[reread].shape))
    columns = wave.answers.columns
    frames = {"answers": pd.DataFrame(answers, columns=columns), "missing": pd.DataFrame(missing, columns=columns)}
    return fewer(replace(wave, people=people, **frames), np.isin(np.arange(len(wave)), at[kind == 0]))


def releases(seed: int, n: int, changed: int, count: int = 3) -> list[Wave]:
    """A wave and its corrections, each as loaded after the one before was released; half of them gain what was lost."""
    rng = np.random.default_rng(seed)
    states = [town(seed, n, blank=0.05, unknown=rng.choice([0.0, 0.03]))]
    for _ in range(count - 1):
        states.append(put_right(states[-1], changed, rng))
    states = states[::-1] if rng.random() < 0.5 else states
    shown = states[:1]
    for state in states[1:]:
        shown.append(corrected(shown[-1], state))
    return shown


@settings(max_examples=12)
@given(SEEDS, st.sampled_from([60, 160, 400]), st.integers(1, 15))
def test_no_correction_shows_what_any_release_before_it_hid(seed: int, n: int, changed: int) -> None:
    """In no table: not of the residents, the scores, the questions or those who did not know."""
    hidden: set[tuple[str, str, str]] = set()
    for wave in releases(seed, n, changed):
        tables = release(wave)
        shown = shown_in(tables)
        assert not shown & hidden
        assert not {("residents", *cell[1:]) for cell in wave.withheld if cell[0] == ""} & shown
        everything = {(m, by, str(level)) for m, t in tables.items() for by, level in t[["by", "level"]].to_numpy()}
        hidden |= everything - shown
        if wave.withheld:
            assert wave.withheld <= withheld_cells(wave, NESTING)


@settings(max_examples=8)
@given(SEEDS, st.sampled_from([80, 200, 400]), st.integers(1, 12))
def test_a_wave_and_two_corrections_tell_no_number_that_all_hide(seed: int, n: int, changed: int) -> None:
    """The attacker knows how many residents a correction puts right at most, so how far any number can move."""
    waves, measures = releases(seed, n, changed), ("residents", "q0", "a", "trust")
    attacker, shown, small = Attacker(), set(), {}
    for k, wave in enumerate(waves):
        tables = release(wave)
        shown |= shown_in(tables)
        small |= {((k, number[0]), *number[1:]): people for number, people in small_of(wave).items()}
        for measure in measures:
            attacker.reads(tables[measure], (k, measure))
            knows_sums(attacker, wave, (k, measure), NESTED)
            for by in ("", *GROUPINGS):
                for level in counts(wave, by) if by else ("",):
                    if measure != "residents":
                        attacker.hears({((k, "residents"), by, level): 1.0, ((k, measure), by, level): -1.0}, 0.0)
                    if k:
                        moved = {((k, measure), by, level): 1.0, ((k - 1, measure), by, level): -1.0}
                        attacker.hears(moved, -changed, changed)
    small = {
        number: people
        for number, people in small.items()
        if number[0][1] in measures and (number[0][1], *number[1:]) not in shown
    }
    assert_open(attacker, small)
