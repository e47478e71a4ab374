"""Residents who stand in another wave already: noticed at import, told apart from people who answer again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import refusal
from conftest import Told
from files import SMALL, csv_text, read_here
from test_pages import app, button, upload, words

from trustsurvey import workflow
from trustsurvey.doubles import Standing, standing
from trustsurvey.harmonise.rounds import only
from trustsurvey.instruments import default_instrument
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import AreaLevel, Mapping, Study
from trustsurvey.readers.raw import Raw
from trustsurvey.store import Store

ITEMS = ("kind", "fair", "rude", "safe", "all")
HIGHEST = np.array([5, 5, 5, 4, 10])


def mapping(*more: str) -> Mapping:
    """Five questions, with an id and a time where they are named."""
    lines = [f"  {item}: {{item: {item}}}" for item in ITEMS] + [f"  {line}" for line in more]
    return mapping_from_yaml("\n".join(["partial_below: 0", "keep_duplicates: true", "columns:", *lines]))


ID, TIME = "id: id", "at: end"


def survey(
    n: int = 80,
    *,
    first: int = 0,
    seed: int = 1,
    start: datetime | None = None,
    every: timedelta = timedelta(hours=5, seconds=7),
    changed: Sequence[int] = (),
    name: str = "survey.csv",
) -> Raw:
    """Residents ``first`` and following, with answers of their own by the seed; those ``changed`` say other things."""
    rows = []
    for k in range(first, first + n):
        said = np.random.default_rng([seed, k, int(k in changed)]).integers(1, HIGHEST + 1)
        when = "" if start is None else (start + every * k).isoformat(" ")
        rows.append([f"p{k}", when, "ab"[k % 2], *said])
    return read_here(csv_text([["id", "at", "half", *ITEMS], *rows]), name)


@pytest.fixture
def town(own_home: Path) -> Store:
    """A study without a wave."""
    store = Store.open()
    store.create_study(Study("town", "Town", SMALL))
    return store


def found(store: Store, raw: Raw, chosen: Mapping, name: str, **dates: Any) -> tuple[Standing, ...]:
    wave = workflow.prepare(store, "town", raw, chosen, name, **dates).settled()
    return standing(store, "town", wave, chosen, raw)


def save(store: Store, raw: Raw, chosen: Mapping, name: str, **dates: Any) -> None:
    wave = workflow.prepare(store, "town", raw, chosen, name, **dates).settled()
    assert workflow.save_import(store, "town", wave, chosen, raw)


# --- one file, whole and in part --------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [(), (ID,), (ID, TIME)], ids=["no id", "id", "id and time"])
def test_a_part_of_a_file_that_is_a_wave_is_noticed(town: Store, columns: tuple[str, ...]) -> None:
    chosen, whole = mapping(*columns), survey(start=datetime(2026, 4, 1))
    save(town, whole, chosen, "all")
    part = only(whole, "half", "a")
    assert found(town, part, chosen, "a") == (Standing("all", tuple(range(2, 82, 2)), whole=False),)
    with refusal("store.counted-twice", "All residents of this file are in 'all' already"):
        save(town, part, chosen, "a")
    assert [wave.name for wave in town.waves("town")] == ["all"]


@pytest.mark.parametrize("columns", [(), (ID, TIME)], ids=["no id", "id and time"])
def test_a_whole_file_whose_parts_are_waves_is_noticed(town: Store, columns: tuple[str, ...]) -> None:
    chosen, whole = mapping(*columns), survey(start=datetime(2026, 4, 1))
    save(town, only(whole, "half", "a"), chosen, "a")
    save(town, only(whole, "half", "b"), chosen, "b")  # the other rows: nobody stands in both
    assert [(s.wave, len(s.rows), s.whole) for s in found(town, whole, chosen, "all")] == [
        ("a", 40, True), ("b", 40, True)
    ]  # fmt: skip
    with refusal("store.counted-twice", "are in 'a', 'b' already", "Remove 'a', 'b' first"):
        save(town, whole, chosen, "all")
    with refusal("store.counted-twice", "40 of the 80 residents of this file are in 'b'"):
        save(town, whole, chosen, "a")  # as a correction of the one it still holds the other


def test_parts_by_another_column_are_noticed(town: Store) -> None:
    whole = survey()
    save(town, only(whole, "half", "a"), mapping(), "a")
    [one] = found(town, only(whole, "kind", "3"), mapping(), "threes")
    numbers = set(only(whole, "half", "a").row_numbers.tolist()) & set(only(whole, "kind", "3").row_numbers.tolist())
    assert set(one.rows) == numbers
    assert found(town, only(only(whole, "kind", "3"), "half", "b"), mapping(), "b") == ()


def test_days_that_somebody_states_hide_no_double(town: Store) -> None:
    whole = survey()
    save(town, whole, mapping(), "all", start=date(2015, 1, 1), end=date(2015, 2, 1))
    assert found(town, only(whole, "half", "a"), mapping(), "a", start=date(2011, 1, 1), end=date(2011, 2, 1))


def test_a_wave_is_corrected_by_its_own_file_whole_or_in_part(town: Store) -> None:
    chosen, whole = mapping(ID), survey()
    save(town, whole, chosen, "all")
    save(town, whole, replace(chosen, partial_below=0.4), "all")
    save(town, only(whole, "half", "a"), chosen, "all")
    assert town.waves("town")[0].rows == 40
    save(town, only(whole, "half", "b"), chosen, "b")
    town.remove_wave("town", "all")
    assert found(town, only(whole, "half", "a"), chosen, "a") == ()


def test_a_mapping_is_corrected_where_somebody_stands_twice_already(
    town: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = survey()
    save(town, whole, mapping(), "all")
    with monkeypatch.context() as before:  # as it was imported before doubles were looked for
        before.setattr(workflow, "standing", lambda *_: ())
        save(town, only(whole, "half", "a"), mapping(), "a")
    assert workflow.remap(town, "town", "a", replace(mapping(), partial_below=0.3))[1]


# --- the same residents in another file -------------------------------------------------------------------


def test_an_export_that_holds_the_last_one_is_noticed(town: Store) -> None:
    chosen, start = mapping(ID, TIME), datetime(2026, 4, 1)
    save(town, survey(60, start=start), chosen, "Q1")
    # Answers that were corrected meanwhile were given in the same interview all the same.
    later = survey(100, start=start, changed=(3, 4))
    assert found(town, later, chosen, "Q2") == (Standing("Q1", tuple(range(2, 62)), whole=True),)
    assert found(town, survey(40, first=60, start=start), chosen, "Q2") == ()


def test_without_an_id_the_time_and_the_answers_tell(town: Store) -> None:
    chosen, start = mapping(TIME), datetime(2026, 4, 1)
    save(town, survey(60, start=start), chosen, "Q1")
    [one] = found(town, survey(100, start=start, changed=(3, 4)), chosen, "Q2")
    assert len(one.rows) == 58
    assert found(town, survey(100, start=start, seed=2), chosen, "Q2") == ()


def test_days_without_hours_and_without_ids_tell_nobody(town: Store) -> None:
    days = {"start": datetime(2026, 4, 1), "every": timedelta(days=1)}
    save(town, survey(**days), mapping(TIME), "one")  # type: ignore[arg-type]
    assert found(town, survey(name="again.csv", first=0, n=79, **days), mapping(TIME), "two") == ()  # type: ignore[arg-type]


def test_without_times_the_same_answers_of_most_tell(town: Store) -> None:
    chosen = mapping(ID)
    save(town, survey(), chosen, "one")
    assert len(found(town, survey(90), chosen, "two")[0].rows) == 80
    assert len(found(town, survey(80, changed=range(20)), chosen, "two")[0].rows) == 60
    assert found(town, survey(80, changed=range(21)), chosen, "two") == ()


def test_people_who_answer_again_are_no_doubles(town: Store) -> None:
    save(town, survey(start=datetime(2026, 4, 1)), mapping(ID, TIME), "one")
    # Fieldwork that overlaps, the same people, half of them of the same mind.
    again = survey(start=datetime(2026, 4, 9), changed=range(40))
    assert found(town, again, mapping(ID, TIME), "two") == ()
    # All of the same mind, a year later.
    assert found(town, survey(start=datetime(2027, 4, 1)), mapping(ID, TIME), "three") == ()


def test_a_few_rows_that_stand_in_two_exports_stop_nothing(town: Store) -> None:
    chosen, start = mapping(ID, TIME), datetime(2026, 4, 1)
    save(town, survey(80, start=start), chosen, "one")
    assert found(town, survey(80, first=76, start=start), chosen, "two") == ()
    assert len(found(town, survey(80, first=75, start=start), chosen, "two")[0].rows) == 5


def test_a_wave_whose_file_was_not_kept_is_known_by_its_answers(town: Store) -> None:
    chosen, start = mapping(ID, TIME), datetime(2026, 4, 1)
    raw = survey(start=start)
    town.save_wave("town", workflow.prepare(town, "town", raw, chosen, "one").settled(), chosen, "f.csv", raw.digest)
    assert len(found(town, survey(90, start=start), chosen, "two")[0].rows) == 80


def test_other_studies_are_not_looked_at(town: Store) -> None:
    town.create_study(Study("village", "Village", SMALL))
    save(town, survey(), mapping(ID), "one")
    wave = workflow.prepare(town, "village", survey(90), mapping(ID), "one").settled()
    assert standing(town, "village", wave, mapping(ID), survey(90)) == ()


def test_the_rows_found_are_those_in_both(town: Store) -> None:
    start, rng = datetime(2026, 4, 1), np.random.default_rng(7)
    save(town, survey(60, start=start), mapping(ID, TIME), "sixty")
    cases = [(0, 59), (59, 1), (60, 5), (0, 1), *[tuple(map(int, rng.integers(1, 61, 2))) for _ in range(6)]]
    for k, (first, n) in enumerate(cases):
        both = range(first, min(first + n, 60))
        enough = len(both) >= max(min(5, n), 0.05 * n)
        told = found(town, survey(n, first=first, start=start), mapping(*[ID][: k % 2], TIME), "other")
        assert told == ((Standing("sixty", tuple(k - first + 2 for k in both), whole=False),) if enough else ())


# --- by command and on the page ---------------------------------------------------------------------------


@pytest.fixture
def districts(own_home: Path) -> Store:
    """A study with six districts."""
    store = Store.open()
    areas = tuple((f"District {k}", "") for k in range(1, 7))
    store.create_study(Study("town", "Town", default_instrument(), (AreaLevel("district", "Districts", "", areas),)))
    return store


@pytest.fixture
def years(tmp_path: Path) -> Path:
    """A file of three waves of forty, without ids."""
    rows = [f"{(2015, 2011, 2013)[k % 3]},District {k % 6 + 1},{k % 5 + 1},{k * 2 % 5 + 1}" for k in range(120)]
    path = tmp_path / "years.csv"
    path.write_text("\n".join(["Year,area,pj1,pj2", *rows]), encoding="utf-8")
    return path


def test_by_command(districts: Store, years: Path, run: Callable[..., Told], refused: Callable[..., str]) -> None:
    run("import", "town", years, "--split", "Year")
    told = refused("import", "town", years, "--wave", "all")
    assert "All residents of this file are in '2011', '2013', '2015' already" in told
    assert "would count twice" in told
    assert "were saved already" in run("import", "town", years, "--split", "Year").out
    for year in ("2011", "2013", "2015"):
        run("remove", "town", "--wave", year, "--yes")
    assert run("import", "town", years, "--wave", "all").code == 0
    told = refused("import", "town", years, "--only", "Year", "2011", "--wave", "2011")
    assert "Save this file as 'all', which corrects that wave; or remove 'all' first" in told
    assert run("import", "town", years, "--only", "Year", "2011", "--wave", "all").code == 0
    assert [(wave.name, wave.rows) for wave in districts.waves("town")] == [("all", 40)]


def test_on_the_page(districts: Store, years: Path, run: Callable[..., Told]) -> None:
    run("import", "town", years, "--wave", "all")
    test = upload(app("import_wave"), "years.csv", years.read_bytes())
    next(s for s in test.selectbox if "holds several waves" in s.label).set_value("2013").run()
    assert "All residents of this file are in 'all' already" in words(test)
    assert button(test, "Save as a wave").disabled
    next(f for f in test.text_input if f.label == "Name of this wave").set_value("all").run()
    assert "count twice" not in words(test)
    assert "saving corrects it" in words(test)
    button(test, "Save as a wave").click().run()
    assert not test.exception
    assert [(wave.name, wave.rows) for wave in districts.waves("town")] == [("all", 40)]
    # The rows of another year stand in no wave now.
    test = upload(app("import_wave"), "years.csv", years.read_bytes())
    next(s for s in test.selectbox if "holds several waves" in s.label).set_value("2011").run()
    assert "count twice" not in words(test)
    assert not button(test, "Save as a wave").disabled
