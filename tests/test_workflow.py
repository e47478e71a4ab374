"""The verbs chained over a store: from files to released waves, again each quarter, after any interruption."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from builders import margins_of, refusal
from conftest import ROOT
from files import SMALL, csv_text, read_here
from stores import INSTRUMENT, MAPPING, STUDY, counted, put, raked, read_once, small_wave, sound

from trustsurvey import weighing, workflow
from trustsurvey.harmonise import decide
from trustsurvey.instruments import dump_instrument
from trustsurvey.model import Study, Wave
from trustsurvey.store import Store
from trustsurvey.store.repository import SAMPLE_REMOVED
from trustsurvey.study_file import read_study_file
from trustsurvey.weighing import weigh_wave
from trustsurvey.workflow import Step, load_picture, load_wave, run_study


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    read_once(monkeypatch)


@pytest.fixture
def store(own_home: Path) -> Any:
    opened = Store.open()
    yield opened
    opened.close()


def write_answers(path: Path, seed: int, n: int = 120) -> Path:
    """A plain export: id, ward, sex and three questions."""
    wave = small_wave(n=n, seed=seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "ward", "sex", *(item.id for item in INSTRUMENT.items)])
        for k in range(n):
            answers = [f"{value:.0f}" for value in wave.answers.iloc[k].fillna(3)]
            sex = wave.people["sex"].astype(object).fillna("").iloc[k]
            writer.writerow([f"R{seed}-{k}" if k else "R-same", wave.people["ward"].iloc[k], sex, *answers])
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study file with two waves, everything it names, and a mapping."""
    here = tmp_path / "study"
    here.mkdir()
    (here / "instrument.yaml").write_text(dump_instrument(INSTRUMENT), encoding="utf-8")
    mapping = {"id": "id", "ward": {"area": "ward"}, "sex": {"group": "sex"}}
    mapping |= {item.id: {"item": item.id} for item in INSTRUMENT.items}  # type: ignore[misc]
    (here / "mapping.yaml").write_text(yaml.safe_dump({"columns": mapping}), encoding="utf-8")
    (here / "wards.csv").write_text("ward,district\nDocks,East\nMill,East\nPark,West\nHill,West\n", encoding="utf-8")
    (here / "margins.csv").write_text(
        "variable,category,count\ndistrict,East,500\ndistrict,West,700\n", encoding="utf-8"
    )
    for seed in (1, 2, 3):
        write_answers(here / f"w{seed}.csv", seed)
    write_study(here, [1, 2])
    return here


def write_study(here: Path, waves: list[int], **more: Any) -> Path:
    whole = {
        "name": "Town", "instrument": "instrument.yaml", "mapping": "mapping.yaml", "margins": "margins.csv",
        "areas": [
            {"key": "district", "title": "Districts", "names": ["East", "West"]},
            {"key": "ward", "title": "Wards", "parent": "district", "table": "wards.csv"},
        ],
        "waves": [
            {"name": f"W{k}", "file": f"w{k}.csv", "start": date(2026, 3 * k - 2, 1), "end": date(2026, 3 * k, 28)}
            for k in waves
        ],
        **more,
    }  # fmt: skip
    path = here / "study.yaml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    return path


def run(store: Store, folder: Path, **more: Any) -> list[tuple[str, str, bool]]:
    steps: list[Step] = []
    workflow.run_study(store, read_study_file(folder / "study.yaml"), tell=steps.append, **more)
    return [(step.wave, step.what.split(" ")[0], step.done) for step in steps]


# --- a study file ----------------------------------------------------------------------------------------


def test_a_run_creates_imports_weighs_and_releases(store: Store, folder: Path) -> None:
    shares: list[float] = []
    steps = run(store, folder, progress=shares.append)
    assert steps == [
        ("", "study", True), ("W1", "120", True), ("W1", "raked", True), ("W2", "120", True), ("W2", "raked", True),
    ]  # fmt: skip
    assert shares == [0.5, 1.0]
    records = store.waves("town", released_only=True)
    assert [(r.name, r.rows, r.weighted, r.released) for r in records] == [
        ("W1", 120, True, True),
        ("W2", 120, True, True),
    ]
    wave = load_wave(store, "town", "W1", released=True)
    assert wave.areas == ("district", "ward")
    assert wave.weights.sum() == pytest.approx(1200)
    assert wave.scores is not None
    assert wave.people.loc[wave.people["district"] == "East"].index.size < 120
    sound(store)


def test_a_second_run_finds_everything_done(store: Store, folder: Path) -> None:
    run(store, folder)
    keys, trail = [r.key for r in store.waves("town")], len(store.audit_trail())
    assert run(store, folder) == [("W1", "120", False), ("W2", "120", False)]
    assert [r.key for r in store.waves("town")] == keys
    assert len(store.audit_trail()) == trail


def test_next_quarter_is_one_wave_more(store: Store, folder: Path) -> None:
    run(store, folder)
    write_study(folder, [1, 2, 3])
    assert run(store, folder) == [
        ("W1", "120", False), ("W2", "120", False), ("W3", "120", True), ("W3", "raked", True),
    ]  # fmt: skip
    picture = load_picture(store, "town")
    assert (picture.wave.name, picture.previous) == ("W3", "W2")
    assert load_picture(store, "town", "W2").previous == "W1"


def test_a_corrected_file_corrects_the_wave_and_says_why(store: Store, folder: Path) -> None:
    run(store, folder)
    write_answers(folder / "w2.csv", 22, n=130)
    assert [done for _, _, done in run(store, folder)] == [False, True, True]
    record = store.waves("town")[1]
    assert (record.rows, record.weighted, record.released) == (130, True, True)
    assert record.reasons == ("repeated from a study file",)


def test_other_dates_in_the_file_reach_the_wave(store: Store, folder: Path) -> None:
    run(store, folder)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text.replace("2026-06-28", "2026-06-30"), encoding="utf-8")
    run(store, folder)
    assert store.waves("town", released_only=True)[1].end == date(2026, 6, 30)


def test_drafts_are_left_as_drafts_where_asked(store: Store, folder: Path) -> None:
    run(store, folder, release=False)
    assert store.waves("town", released_only=True) == []
    assert [r.weighted for r in store.waves("town")] == [True, True]
    run(store, folder)
    assert len(store.waves("town", released_only=True)) == 2


@pytest.mark.parametrize("broken", ["save_weighting", "release", "save_wave"])
def test_a_run_that_was_cut_short_goes_on_where_it_stopped(
    store: Store, folder: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, broken, cut)
        with pytest.raises(KeyboardInterrupt):
            run(store, folder)
    sound(store)
    assert len(store.waves("town", released_only=True)) == 0
    run(store, folder)
    assert [(r.weighted, r.released) for r in store.waves("town")] == [(True, True), (True, True)]


def test_a_value_nobody_understands_stops_the_run_before_the_wave_is_saved(store: Store, folder: Path) -> None:
    text = (folder / "w2.csv").read_text(encoding="utf-8").splitlines()
    text[5] = "R9,Docks,f,7,1,1"
    (folder / "w2.csv").write_text("\n".join(text), encoding="utf-8")
    with refusal("map.outside", "row 6", "7"):
        run(store, folder)
    assert [r.name for r in store.waves("town", released_only=True)] == ["W1"]
    sound(store)


def test_without_margins_a_wave_is_released_unweighted(store: Store, folder: Path) -> None:
    write_study(folder, [1], margins=None)
    assert run(store, folder) == [("", "study", True), ("W1", "120", True)]
    wave = load_wave(store, "town", "W1", released=True)
    assert wave.weighting is None
    assert np.ptp(wave.weights) == 0


def test_a_sample_study_and_a_real_one_are_never_mixed(store: Store, folder: Path) -> None:
    run(store, folder)
    write_study(folder, [1, 2, 3], sample=True)
    with refusal("study.sample", "cannot share a name"):
        run(store, folder)
    store.remove_study("town")
    run(store, folder)
    assert store.study("town").sample
    write_study(folder, [1, 2, 3], sample=False)
    with refusal("study.sample"):
        run(store, folder)


def test_removing_a_real_study_does_not_keep_the_sample_away(store: Store, folder: Path) -> None:
    run(store, folder)
    store.remove_study("town")
    assert not store.setting(SAMPLE_REMOVED)


# --- pseudonyms -------------------------------------------------------------------------------------------


def test_the_same_resident_keeps_one_pseudonym_within_a_study(store: Store, folder: Path) -> None:
    run(store, folder)
    one, other = (set(load_wave(store, "town", name).people["respondent"]) for name in ("W1", "W2"))
    assert len(one & other) == 1  # "R-same" answered both
    assert not any("R" in name for name in one)
    assert all(len(name) == 20 for name in one)


def test_two_studies_give_the_same_resident_two_pseudonyms(store: Store, folder: Path) -> None:
    run(store, folder)
    write_study(folder, [1, 2], name="Village")
    run(store, folder)
    one, other = (set(load_wave(store, slug, "W1").people["respondent"]) for slug in ("town", "village"))
    assert not one & other


def test_another_key_stops_an_import_and_nothing_else(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store, folder)
    monkeypatch.setenv("TRUSTSURVEY_SECRET", "of another department, by mistake")
    write_study(folder, [1, 2, 3])
    with refusal("store.key", "not the one this study was begun with"):
        run(store, folder)
    assert load_picture(store, "town").wave.name == "W2"


def test_an_import_that_is_stopped_saves_nothing_and_can_be_made_again(store: Store, folder: Path) -> None:
    store.create_study(STUDY)
    before = counted(store)
    raw, mapping = workflow.read(folder / "w1.csv"), workflow.read_mapping(folder / "mapping.yaml")
    wave = workflow.prepare(store, "town", raw, mapping, "W1").settled()
    said = pd.DataFrame({"row": [0, 1], "item": "why", "text": ["Ask Maria Lopez.", "because"]})
    wave = replace(wave, comments=said)

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflow.save_import(store, "town", wave, mapping, raw, progress=stop)
    assert counted(store) == before
    told: list[float] = []
    assert workflow.save_import(store, "town", wave, mapping, raw, progress=told.append)
    assert told == [1.0]
    assert store.waves("town")[0].rows == len(wave)


def test_no_id_reaches_the_database(store: Store, folder: Path, own_home: Path) -> None:
    run(store, folder)
    store.close()
    assert b"R1-7" not in b"".join(path.read_bytes() for path in own_home.iterdir())
    for name in ("W1", "W2"):
        wave = load_wave(store, "town", name)
        assert not any("R1-" in str(value) for column in wave.people for value in wave.people[column].unique())


# --- weights ---------------------------------------------------------------------------------------------


@pytest.fixture
def town(store: Store) -> Store:
    store.create_study(STUDY, margins=margins_of(district={"East": 600, "West": 400}))
    put(store, small_wave(n=200))
    return store


def test_weights_are_made_from_the_studys_margins_or_others(town: Store) -> None:
    own = weigh_wave(town, "town", "w1")
    assert own.weights.sum() == pytest.approx(1000)
    other = weigh_wave(town, "town", "w1", margins_of(sex={"f": 10, "m": 20}), missing="keep", bounds=(0.1, 9))
    assert other.weights.sum() == pytest.approx(30)
    kept = load_wave(town, "town", "w1")
    assert np.array_equal(kept.weights, other.weights)
    assert kept.weighting is not None
    assert tuple(kept.weighting.settings["bounds"]) == (0.1, 9)
    assert town.margins("town").variables == ("district",)  # type: ignore[union-attr]


def test_without_margins_there_is_nothing_to_weigh_to(store: Store) -> None:
    store.create_study(STUDY)
    put(store, small_wave())
    with refusal("margins.none", "no population margins", "those who answered"):
        weigh_wave(store, "town", "w1")
    with refusal("store.no-wave"):
        weigh_wave(store, "town", "w9", margins_of(sex={"f": 1, "m": 1}))


def test_weights_of_a_released_wave_need_a_reason(town: Store) -> None:
    town.release("town", "w1")
    with refusal("store.needs-reason"):
        weigh_wave(town, "town", "w1")
    weigh_wave(town, "town", "w1", reason="census of 2026")
    assert town.waves("town")[0].reasons == ("census of 2026",)


def test_a_wave_corrected_while_it_was_weighed_does_not_get_the_old_weights(
    town: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rake = weighing.rake

    def slow(wave: Wave, *more: Any, **choices: Any) -> Wave:
        put(town, small_wave(n=200, seed=2), "d2")  # as many answers, from other people
        return rake(wave, *more, **choices)

    monkeypatch.setattr(weighing, "rake", slow)
    with refusal("store.stale", "changed while its weights were being made"):
        weigh_wave(town, "town", "w1")
    assert not town.waves("town")[0].weighted


# --- reading what is there -----------------------------------------------------------------------------------


def test_a_picture_needs_a_wave(store: Store) -> None:
    store.create_study(STUDY)
    with refusal("store.no-wave", "no waves yet"):
        load_picture(store, "town")
    put(store, small_wave())
    with refusal("store.no-wave", "no waves yet"):
        load_picture(store, "town", released=True)
    with refusal("store.no-wave", "'w1'"):
        load_picture(store, "town", "w2")
    assert load_picture(store, "town").wave.name == "w1"


def test_viewers_get_the_picture_of_what_was_released(town: Store) -> None:
    weigh_wave(town, "town", "w1")
    town.release("town", "w1")
    shown = load_picture(town, "town", released=True)
    put(town, small_wave(n=150, seed=9), "d9", reason="r")
    assert load_picture(town, "town").wave.weighting is None
    again = load_picture(town, "town", released=True)
    assert again.estimates.table.equals(shown.estimates.table)
    assert again.wave.raked


def test_the_mapping_imported_last_is_offered(store: Store) -> None:
    store.create_study(STUDY)
    assert workflow.last_wave(store, "town") is None
    put(store, small_wave("w2", start=date(2026, 7, 1), end=date(2026, 9, 30)), "d2")
    other = replace(MAPPING, partial_below=0.1)
    store.save_wave("town", small_wave("w1"), other, "f.csv", "d1")  # an older wave, imported later
    last = workflow.last_wave(store, "town")
    assert last is not None
    assert (last.name, last.mapping) == ("w1", other)
    # A file that is there already is compared with what was there before it.
    again = workflow.last_wave(store, "town", "d1")
    assert again is not None
    assert again.name == "w2"
    assert workflow.last_wave(store, "town", "d2") is None


def test_what_was_decided_about_a_file_holds_when_it_comes_again(store: Store, tmp_path: Path) -> None:
    store.create_study(Study("own", "Own", SMALL))
    raw = read_here(csv_text([["kind", "fair"], *[[k % 4 + 1, k % 5 + 1] for k in range(200)]]))
    mapping, _ = workflow.propose_for(store, "own", raw)
    (problem,) = workflow.prepare(store, "own", raw, mapping, "w1").problems
    decided = decide(mapping, problem, "No, it is 1 to 5")
    store.save_wave("own", workflow.prepare(store, "own", raw, decided, "w1").settled(), decided, "f.csv", raw.digest)
    again, guesses = workflow.propose_for(store, "own", raw)
    assert again.columns == decided.columns
    assert guesses[0].why == "as when it was imported"
    assert not workflow.prepare(store, "own", raw, again, "w1").problems
    other = read_here(csv_text([["kind", "fair"], *[[k % 4 + 1, k % 5 + 1] for k in range(204)]]))
    assert [
        p.code
        for p in workflow.prepare(store, "own", other, workflow.propose_for(store, "own", other)[0], "w2").problems
    ] == ["map.scale"]


def test_saved_weights_that_do_not_fit_are_a_sentence(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    weigh_wave(town, "town", "w1")
    wave, weights = town.load_wave("town", "w1")
    monkeypatch.setattr(Store, "load_wave", lambda *_: (replace(wave, people=wave.people[["respondent"]]), weights))
    with refusal("weights.fit", "Weight the wave again"):
        load_wave(town, "town", "w1")


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (workflow.read_mapping, "map.absent"),
        (workflow.read_margins, "read.absent"),
        (read_study_file, "study.absent"),
    ],
)
def test_files_that_are_not_there(tmp_path: Path, work: Callable[[Path], object], code: str) -> None:
    with refusal(code):
        work(tmp_path / "nothing.yaml")


def test_a_mapping_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_bytes(b"\xff\xfe\x00")
    with refusal("map.absent"):
        workflow.read_mapping(tmp_path / "m.yaml")


# --- the sample study -------------------------------------------------------------------------------------


def test_the_sample_study_is_labelled(sample_seen: Path) -> None:
    store = Store.open()
    (record,) = store.studies()
    assert record.sample
    assert store.study(record.slug).sample
    assert record.waves == 8
    store.close()


def test_what_was_interrupted_in_the_sample_study_is_made_good(sample_home: Path, tmp_path: Path) -> None:
    """One wave lost: the next run imports that one and leaves the seven others as they are."""
    store = Store.open()
    (slug,) = [record.slug for record in store.studies()]
    keys = {r.name: r.key for r in store.waves(slug)}
    store.remove_wave(slug, "2025 Q2", reason="lost")
    here = tmp_path / "sample"
    shutil.copytree(ROOT / "sample_data", here)
    whole = yaml.safe_load((here / "study.yaml").read_text(encoding="utf-8"))
    whole["waves"] = [wave for wave in whole["waves"] if wave["name"] in ("2025 Q2", "2025 Q3")]
    (here / "study.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    steps: list[Step] = []
    run_study(store, read_study_file(here / "study.yaml"), tell=steps.append)
    assert [(step.wave, step.done) for step in steps] == [
        ("2025 Q2", True), ("2025 Q2", True), ("2025 Q3", False), ("", False),
    ]  # fmt: skip
    assert steps[-1].what == "0 of 6 actions written down"
    again = {r.name: r.key for r in store.waves(slug, released_only=True)}
    assert {name for name in keys if keys[name] != again[name]} == {"2025 Q2"}
    store.close()


def test_raked_weights_in_the_store_are_those_of_the_verb(sample_seen: Path) -> None:
    from trustsurvey.weighting.weigh import rake

    store = Store.open()
    (slug,) = [record.slug for record in store.studies()]
    wave, weights = store.load_wave(slug, "2026 Q2")
    margins = store.margins(slug)
    assert weights is not None
    assert margins is not None
    assert np.array_equal(rake(wave, margins, start="one", missing="keep").weights, weights.weights)
    store.close()


def test_small_waves_rake_alike_in_and_out_of_the_store(town: Store) -> None:
    assert np.array_equal(
        weigh_wave(town, "town", "w1", margins_of(district={"East": 500, "West": 500})).weights,
        raked(small_wave(n=200)).weights,
    )
