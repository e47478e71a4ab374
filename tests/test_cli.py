"""The command line: every command teaches, works, and refuses in one line; and Kansas City from end to end."""

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import ROOT, Told
from scipy import stats
from stores import STUDY, put, small_wave
from test_export_tables import planted, weighted

from trustsurvey.cli import cli
from trustsurvey.instruments import dump_instrument, read_instrument
from trustsurvey.store import Store
from trustsurvey.store.repository import SAMPLE_REMOVED

assert isinstance(cli, click.Group)
COMMANDS = sorted(cli.commands)
OPTIONS = [(name, p) for name in COMMANDS for p in cli.commands[name].params]
SAMPLE = ROOT / "sample_data"
WAVE = SAMPLE / "waves" / "riverton_2026q2.csv"


@pytest.fixture
def town(own_home: Path) -> Store:
    """The small study with two released waves, the second with its neighbours of small cells."""
    store = Store.open()
    store.create_study(STUDY)
    for seed in (1, 2):
        wave = weighted(planted(seed))
        put(store, wave, f"d{seed}")
        store.save_weighting("town", wave)
        store.release("town", wave.name)
    return store


# --- every command teaches ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str, run: Callable[..., Told]) -> None:
    command = cli.commands[name]
    assert command.help
    first = command.help.strip().split("\n")[0]
    assert first[0].isupper()
    assert first.endswith(".")
    told = run(name, "--help")
    assert (told.code, told.err) == (0, "")
    assert first.split(" ")[0] in told.out
    assert run(name, "-h") == told


@pytest.mark.parametrize(("name", "parameter"), OPTIONS, ids=lambda v: v if isinstance(v, str) else v.name)
def test_every_option_and_argument_is_explained(name: str, parameter: click.Parameter) -> None:
    if isinstance(parameter, click.Option):
        assert parameter.help, f"{name} {parameter.opts[-1]} says nothing of itself"
        assert parameter.help.rstrip().endswith((".", "'."))
    else:
        assert re.search(rf"\b{parameter.name.upper()}\b", cli.commands[name].help or ""), (name, parameter.name)


def examples() -> list[list[str]]:
    """Every command line that a help text gives as an example."""
    texts = [cli.help or "", *(cli.commands[name].help or "" for name in COMMANDS)]
    found = re.findall(
        rf"trustsurvey ((?:{'|'.join(COMMANDS)}) [^\n]*?)(?:\s{{3,}}.*)?$", "\n".join(texts), re.MULTILINE
    )
    return [shlex.split(re.split(r" (?=read, check)", line)[0]) for line in found]


@pytest.mark.parametrize("words", examples(), ids=" ".join)
def test_every_example_can_be_typed(words: list[str]) -> None:
    command = cli.commands[words[0]]
    command.make_context(words[0], words[1:])


def test_there_are_examples_for_the_steps_of_a_first_time() -> None:
    assert {"create", "inspect", "import", "weigh", "estimate", "export", "run"} <= {words[0] for words in examples()}


def test_the_commands_of_the_issue_are_there() -> None:
    assert {"import", "weigh", "estimate", "export", "run"} <= set(COMMANDS)


def test_the_help_of_all_names_every_command(run: Callable[..., Told]) -> None:
    told = run("--help")
    assert told.code == 0
    assert all(re.search(rf"^  {name}\b", told.out, re.MULTILINE) for name in COMMANDS)
    assert max(len(line) for line in told.out.splitlines()) <= 100


def test_without_a_command_the_help_is_shown(run: Callable[..., Told]) -> None:
    told = run()
    assert told.code == 2
    assert (told.out + told.err).startswith("Usage:")
    assert "trustsurvey: Usage" not in told.err


def test_the_runner_of_click_sees_the_same_commands() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    assert all(name in result.output for name in COMMANDS)


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bogus"], "No such command"),
        (["estimate"], "STUDY"),
        (["estimate", "nowhere"], "There is no study 'nowhere'"),
        (["estimate", "town", "--wave", "Q9"], "'Q1', 'Q2'"),
        (["estimate", "town", "--measure", "happiness"], "no measure 'happiness'"),
        (["estimate", "town", "--by", "planet"], "no 'planet'"),
        (["estimate", "town", "--wave", "Q1", "--changes"], "first"),
        (["estimate", "town", "--loud"], "--loud"),
        (["create", ""], "name"),
        (["create", "   "], "name"),
        (["create", "Town"], "already"),
        (["create", "Other", "--instrument", "/no/such.yaml"], "/no/such.yaml"),
        (["create", "Other", "--areas", "/no/such.yaml"], "/no/such.yaml"),
        (["create", "x" * 201], "name"),
        (["inspect", "/no/such.csv"], "no such file"),
        (["import", "town", "/no/such.csv", "--wave", "Q3"], "no such file"),
        (["import", "town", WAVE], "--wave"),
        (["import", "town", WAVE, "--wave", "Q3", "--start", "soon"], "--start"),
        (["import", "town", WAVE, "--wave", "Q3", "--mapping", "/no/such.yaml"], "/no/such.yaml"),
        (["import", "nowhere", WAVE, "--wave", "Q3"], "There is no study"),
        (["weigh", "town"], "no population margins"),
        (["weigh", "town", "--margins", "/no/such.csv"], "no such file"),
        (["weigh", "town", "--wave", "Q9", "--margins", SAMPLE / "margins.csv"], "There is no wave 'Q9'"),
        (["weigh", "town", "--start", "two"], "--start"),
        (["weigh", "town", "--bounds", "low", "high"], "--bounds"),
        (["weigh", "town", "--margins", SAMPLE / "margins.csv", "--reason", "x"], "'district'"),
        (["export", "town", "results.pdf"], ".xlsx or .zip"),
        (["export", "town", "/no/such/folder/results.xlsx"], "No such file or directory"),
        (["export", "nowhere", "results.xlsx"], "There is no study"),
        (["run", "/no/such.yaml"], "cannot be read"),
        (["run", WAVE], "riverton_2026q2.csv"),
        (["sample", "/no/such/folder"], "cannot be read"),
        (["remove", "nowhere", "--yes"], "There is no study"),
        (["remove", "town", "--wave", "Q9", "--yes"], "There is no wave"),
        (["remove", "town", "--wave", "Q1", "--yes"], "reason"),
        (["app", "--port", "many"], "--port"),
    ],
    ids=lambda value: " ".join(str(v) for v in value)[:60] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_one_line(
    refused: Callable[..., str], town: Store, arguments: list[str], words: str
) -> None:
    before = [(r.name, r.key, r.status) for r in town.waves("town")]
    assert words in refused(*arguments)
    assert [(r.name, r.key, r.status) for r in town.waves("town")] == before
    assert [record.slug for record in town.studies()] == ["town"]


def test_a_study_without_waves_says_what_to_do(refused: Callable[..., str], run: Callable[..., Told]) -> None:
    run("create", "Empty")
    for command in (["estimate", "empty"], ["export", "empty", "x.xlsx"], ["weigh", "empty"]):
        assert "no waves yet" in refused(*command)
        assert "Import one first" in refused(*command)


def test_the_app_is_started_in_the_folder_of_the_project(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no app.py here" in refused("app")


def test_the_app_without_its_packages(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "requirements.txt" in refused("app")


def test_a_mapping_that_cannot_be_written(refused: Callable[..., str], town: Store, tmp_path: Path) -> None:
    told = refused(
        "inspect", write_small(tmp_path / "w.csv"), "--study", "town", "--mapping", tmp_path / "no" / "m.yaml"
    )
    assert "No such file or directory" in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTSURVEY_DATABASE_URL", "postgresql://ts:s3cret@localhost:1/ts"),
        ("TRUSTSURVEY_DATABASE_URL", "postgresql://ts:s3cret@localhost:port/ts"),
        ("TRUSTSURVEY_DATABASE_URL", "rubbish"),
        ("TRUSTSURVEY_HOME", "/dev/null/below"),
    ],
)
def test_a_wrong_address_of_the_database(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    told = refused("list")
    assert "s3cret" not in told
    assert "TRUSTSURVEY_" in told


def test_a_wrong_key_is_one_line(refused: Callable[..., str], town: Store, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("TRUSTSURVEY_SECRET", "of another machine altogether")
    assert "secret key" in refused("import", "town", write_small(tmp_path / "w.csv"), "--wave", "Q3")


# --- a first time, step by step ----------------------------------------------------------------------------


def write_small(path: Path, seed: int = 5, n: int = 200) -> Path:
    wave = small_wave(n=n, seed=seed)
    frame = wave.answers.fillna(3).astype(int).assign(ward=wave.people["ward"].astype(str), sex=wave.people["sex"])
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a questionnaire, areas, margins and an export, in which the commands are typed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trust.yaml").write_text(dump_instrument(STUDY.instrument), encoding="utf-8")
    (tmp_path / "wards.csv").write_text("ward\nDocks\nMill\nPark\nHill\n", encoding="utf-8")
    (tmp_path / "areas.yaml").write_text(
        "name: Town\ninstrument: trust.yaml\nareas:\n  - {key: ward, title: Wards, table: wards.csv}\n",
        encoding="utf-8",
    )
    (tmp_path / "margins.csv").write_text(
        "variable,category,count\nward,Docks,100\nward,Mill,200\nward,Park,300\nward,Hill,400\n", encoding="utf-8"
    )
    write_small(tmp_path / "q1.csv")
    return tmp_path


def test_a_data_dictionary_names_the_questions_of_a_raw_export(run: Callable[..., Told], folder: Path) -> None:
    (folder / "raw.csv").write_text("record_id,a1,police_complete\n1,4,2\n2,5,2\n")
    kind = "Officers here are kind to everyone."
    heads = 'Variable / Field Name,Form Name,Field Type,Field Label,"Choices, Calculations, OR Slider Labels"'
    (folder / "dictionary.csv").write_text(f'{heads}\na1,police,radio,{kind},"4, Agree | 5, Strongly agree"\n')
    run("create", "Town", "--areas", "areas.yaml")
    told = run("inspect", "raw.csv", "--codebook", "dictionary.csv").out
    assert "note: 'dictionary.csv' describes 1 of 3 columns." in told


def test_a_first_time(run: Callable[..., Told], folder: Path) -> None:
    assert run("list").out.startswith("There are no studies yet. Begin with: trustsurvey create NAME")
    assert run("create", "Town", "--areas", "areas.yaml").out == "Study 'town' created.\n"

    told = run("inspect", "q1.csv", "--study", "town", "--mapping", "m.yaml").out
    assert "q1.csv: plain, 200 rows, 5 columns" in told
    assert re.search(r"ward +area ward", told)
    assert (folder / "m.yaml").read_text(encoding="utf-8").startswith("platform: plain")
    assert run("list").out == "town: Town\n"  # inspecting saves nothing

    told = run(
        "import",
        "town",
        "q1.csv",
        "--wave",
        "Q1",
        "--mapping",
        "m.yaml",
        "--start",
        "2026-01-01",
        "--end",
        "2026-03-31",
    ).out
    assert told.startswith("Q1: 200 of 200 rows saved.")
    assert "results will speak for those who answered" in told
    told = run(
        "import",
        "town",
        "q1.csv",
        "--wave",
        "Q1",
        "--mapping",
        "m.yaml",
        "--start",
        "2026-01-01",
        "--end",
        "2026-03-31",
    ).out
    assert told.startswith("Q1: 200 of 200 rows were saved already.")
    assert run("list").out == "town: Town\n  Q1: 200 answers, not weighted, draft\n"

    told = run("weigh", "town", "--margins", "margins.csv", "--bounds", "0.1", "5").out
    assert told.startswith("Q1: 200 answers raked to ward.\n  design effect 1.")
    assert run("weigh", "town").code == 0  # the margins are kept with the study

    told = run("estimate", "town", "--by", "ward", "--measure", "trust").out
    assert told.startswith("Town, Q1. Answers are weighted so that ward matches the population.")
    assert len(re.findall(r"^  trust ", told, re.MULTILINE)) == 5
    assert re.search(r"everyone +\d\d\.\d  \(\d\d\.\d to \d\d\.\d\)  n 200, effective \d+", told)

    assert run("export", "town", "results.xlsx").out == "results.xlsx written.\n"
    assert "Weights" in openpyxl.load_workbook(folder / "results.xlsx").sheetnames
    assert run("export", "town", "results.zip", "--no-weights").out == "results.zip written.\n"
    assert "weights.csv" not in zipfile.ZipFile(folder / "results.zip").namelist()

    assert run("import", "town", write_small(folder / "q2.csv", 6), "--wave", "Q2", "--release").code == 0
    assert run("list").out.splitlines()[-1] == "  Q2: 200 answers, not weighted, released"
    changes = run("estimate", "town", "--changes").out
    assert re.search(r"adjusted p \d\.\d{4}  (no detectable change|higher|lower)", changes)

    trail = Store.open().audit_trail()
    assert trail["action"].tolist()[::-1] == [
        "create study", "import", "weigh", "set margins", "weigh", "export", "export", "import", "release",
    ]  # fmt: skip
    assert trail.loc[trail["action"] == "export", "detail"].tolist() == ["results.zip", "results.xlsx with weights"]


def test_a_released_wave_is_corrected_with_a_reason(run: Callable[..., Told], folder: Path) -> None:
    run("create", "Town", "--areas", "areas.yaml")
    run("import", "town", "q1.csv", "--wave", "Q1", "--release")
    write_small(folder / "q1.csv", 9)
    told = run("import", "town", "q1.csv", "--wave", "Q1")
    assert (told.code, told.out) == (2, "")
    assert "State the reason" in told.err
    assert run("import", "town", "q1.csv", "--wave", "Q1", "--reason", "new file").code == 0
    assert run("list").out.endswith("released, correction in draft\n")


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_removing_asks_first(
    run: Callable[..., Told], town: Store, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    told = run("remove", "town")
    assert told.code == 130
    assert told.err.endswith("trustsurvey: stopped.\n")
    assert len(town.studies()) == 1
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert run("remove", "town").code == 0
    assert town.studies() == []


def test_a_study_file_does_it_all_and_again(run: Callable[..., Told], folder: Path) -> None:
    (folder / "study.yaml").write_text(
        (folder / "areas.yaml").read_text(encoding="utf-8")
        + "margins: margins.csv\nexport: results.xlsx\nwaves:\n  - {name: Q1, file: q1.csv}\n",
        encoding="utf-8",
    )
    told = run("run", "study.yaml")
    assert (told.code, told.err) == (0, "")
    *steps, written = told.out.splitlines()
    assert steps == ["study 'town' created", "Q1: 200 of 200 rows of q1.csv", "Q1: raked to 'ward'"]
    assert written.endswith("results.xlsx written.")
    again = run("run", "study.yaml").out
    assert "Q1: 200 of 200 rows of q1.csv (already there)" in again
    assert "created" not in again
    assert run("list").out.endswith("Q1: 200 answers, weighted, released\n")


def test_drafts_where_asked(run: Callable[..., Told], folder: Path) -> None:
    (folder / "study.yaml").write_text(
        (folder / "areas.yaml").read_text(encoding="utf-8") + "waves:\n  - {name: Q1, file: q1.csv}\n", encoding="utf-8"
    )
    run("run", "study.yaml", "--draft")
    assert run("list").out.endswith("Q1: 200 answers, not weighted, draft\n")


# --- what is printed is past the gate ----------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--csv",), ("--changes",), ("--changes", "--csv")])
def test_small_cells_are_not_printed(run: Callable[..., Told], town: Store, options: tuple[str, ...]) -> None:
    out = run("estimate", "town", "--by", "ward", "--by", "sex", "--by", "district", *options).out
    lines = [line for line in out.splitlines() if re.search(r"\b(Docks|x)\b", line)]
    assert len(lines) == 2 * 3  # each measure
    for line in lines:
        if "--csv" in options:
            (row,) = csv.reader([line])
            numbers = [cell for cell in row if re.fullmatch(r"-?\d+(\.\d+)?", cell)]
            assert numbers == [], line
        else:
            assert re.search(r"too few (people|answers)$", line), line
    mill = [line for line in out.splitlines() if "Mill" in line]
    assert mill
    assert not any("311" in line for line in mill)


def test_csv_holds_every_column_and_digit(run: Callable[..., Told], town: Store) -> None:
    out = run("estimate", "town", "--by", "district", "--csv").out
    table = pd.read_csv(io.StringIO(out))
    assert {"wave", "measure", "by", "level", "est", "se", "lci", "uci", "n", "n_eff", "deff", "df"} <= set(table)
    shown = table[table["suppressed"].isna()]
    np.testing.assert_allclose(shown["uci"] - shown["est"], stats.t.ppf(0.975, shown["df"]) * shown["se"])


def test_markup_and_formulas_of_names_are_text(run: Callable[..., Told], own_home: Path) -> None:
    store = Store.open()
    store.create_study(STUDY)
    wave = small_wave(n=200)
    names = wave.people["sex"].cat.rename_categories({"f": "=1+1", "m": "\x1b[31mred"})
    put(store, replace(wave, people=wave.people.assign(sex=names)))
    out = run("estimate", "town", "--by", "sex", "--csv").out
    assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(out)) for cell in row)
    assert "\x1b" not in out


# --- the sample study --------------------------------------------------------------------------------------


def test_the_sample_study_stays_away_once_removed(
    run: Callable[..., Told], sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert run("sample").out == "The sample study is in place.\n"
    assert "(sample)" in run("list").out
    assert run("remove", "riverton-sample-study", "--yes").out == "Removed.\n"
    assert run("sample").out == "The sample study was removed; 'trustsurvey sample --again' puts it back.\n"
    assert run("list").out.startswith("There are no studies yet.")
    assert Store.open().setting(SAMPLE_REMOVED)


def test_removing_one_wave_of_the_sample_does_not_take_it_away(run: Callable[..., Told], sample_home: Path) -> None:
    told = run("remove", "riverton-sample-study", "--wave", "2024 Q3", "--reason", "a try", "--yes")
    assert told.code == 0
    assert not Store.open().setting(SAMPLE_REMOVED)
    assert len(Store.open().waves("riverton-sample-study")) == 7


# --- as a process of its own -------------------------------------------------------------------------------


def process(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trustsurvey", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False, **more)


def test_a_real_process_ends_with_zero(own_home: Path) -> None:
    told = process("list")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("There are no studies yet.")


def test_a_real_process_refuses_with_two_and_one_line(own_home: Path) -> None:
    told = process("estimate", "nowhere")
    assert (told.returncode, told.stdout) == (2, "")
    assert re.fullmatch(r"trustsurvey: There is no study 'nowhere'[^\n]*\n", told.stderr)


def test_a_reader_that_goes_away_is_no_error(own_home: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m trustsurvey --help | head -n 1"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=False)
    assert told.stdout.startswith("Usage:")
    assert told.stderr == ""


def test_stopping_by_the_keyboard_is_one_line(own_home: Path) -> None:
    code = (
        "import os, signal, sys; from trustsurvey import __main__, store; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "  # a job in the background would ignore it
        "store.Store.open = classmethod(lambda *_: os.kill(os.getpid(), signal.SIGINT)); "
        "sys.argv = ['trustsurvey', 'list']; __main__.main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert told.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in told.stderr
    assert told.stderr.strip() == "trustsurvey: stopped."


# --- Kansas City: two real waves, from files to figures, against plain arithmetic --------------------------

ITEMS = ["q5_01", "q5_02", "q5_03", "q5_06", "q5_07"]
KANSAS = {"Sep 2021": "kcmo_resident_survey_fy2022_q1q2.csv", "Mar 2022": "kcmo_resident_survey_mar2022.csv"}
PERIODS = [("2021-08-01", "2021-09-30"), ("2022-02-01", "2022-03-31")]
KEPT: dict[str, Path] = {}


@pytest.fixture
def kansas(real_data: Path, run: Callable[..., Told], own_home: Path, tmp_path_factory: Any) -> Callable[..., Told]:
    """The study as a file of three dozen lines runs it, made once."""
    if "home" not in KEPT:
        folder = tmp_path_factory.mktemp("kansas")
        waves = "".join(
            f"  - {{name: {name}, file: {real_data / 'kcmo' / file}, start: {start}, end: {end}}}\n"
            for (name, file), (start, end) in zip(KANSAS.items(), PERIODS, strict=True)
        )
        (folder / "study.yaml").write_text(
            "name: Kansas City\n"
            f"instrument: {ROOT / 'tests' / 'kansas_city' / 'instrument.yaml'}\n"
            f"mapping: {ROOT / 'tests' / 'kansas_city' / 'mapping.yaml'}\n"
            "areas:\n"
            "  - key: district\n    title: Districts\n"
            f"    names: [{', '.join(f'District {k}' for k in range(1, 7))}]\n"
            "  - {key: zip, title: ZIP codes}\n"
            f"waves:\n{waves}",
            encoding="utf-8",
        )
        told = run("run", folder / "study.yaml")
        assert (told.code, told.err) == (0, "")
        assert told.out.splitlines()[1:] == [
            f"Sep 2021: 1,033 of 1,033 rows of {KANSAS['Sep 2021']}",
            f"Mar 2022: 984 of 984 rows of {KANSAS['Mar 2022']}",
        ]
        KEPT["home"] = own_home.rename(folder / "home")
    shutil.copytree(KEPT["home"], own_home, dirs_exist_ok=True)
    return run


def printed(run: Callable[..., Told], *options: str) -> pd.DataFrame:
    told = run("estimate", "kansas-city", *options, "--csv")
    assert told.code == 0, told.err
    return pd.read_csv(io.StringIO(told.out), dtype={"level": str}, keep_default_na=False, na_values={
        name: [""] for name in ("est", "se", "lci", "uci", "n", "df", "diff", "p", "p_adj")
    })  # fmt: skip


def plainly(real_data: Path, wave: str) -> pd.DataFrame:
    """The file itself: district, ZIP code and the index, by arithmetic that knows nothing of the package."""
    raw = pd.read_csv(real_data / "kcmo" / KANSAS[wave], dtype=str, keep_default_na=False)
    answers = raw[ITEMS].apply(pd.to_numeric, errors="coerce").replace(9, np.nan)
    scores = (answers - 1) / 4 * 100
    index = scores.mean(axis=1).where(scores.notna().sum(axis=1) >= 4)
    return pd.DataFrame({"district": "District " + raw["counci"], "zip": raw["zip"], "police": index})


def plain_mean(frame: pd.DataFrame, inside: pd.Series) -> dict[str, float]:
    """Unweighted mean with its standard error and t interval; those outside count with zeros (a domain)."""
    y = frame.loc[inside, "police"].dropna()
    n, everyone = len(y), len(frame)
    z = np.zeros(everyone)
    z[:n] = (y - y.mean()) / n
    se = float(np.sqrt(everyone / (everyone - 1) * (z**2).sum()))
    reach = float(stats.t.ppf(0.975, n - 1)) * se
    return {"est": y.mean(), "se": se, "lci": y.mean() - reach, "uci": y.mean() + reach, "n": n, "df": n - 1}


def by_hand(real_data: Path, wave: str, by: str) -> dict[str, dict[str, float]]:
    frame = plainly(real_data, wave)
    levels = sorted(level for level in frame[by].unique() if level)
    found = {"": plain_mean(frame, frame["police"].notna())}
    return found | {level: plain_mean(frame, frame[by] == level) for level in levels}


def adjusted_by_hand(p: np.ndarray) -> np.ndarray:
    """Benjamini & Hochberg (1995), written out: the smallest m p / rank of this or any larger p."""
    order = np.argsort(p)
    result, least = np.empty(len(p)), 1.0
    for rank in range(len(p), 0, -1):
        least = min(least, p[order[rank - 1]] * len(p) / rank)
        result[order[rank - 1]] = least
    return result


@pytest.mark.realdata
@pytest.mark.parametrize("wave", list(KANSAS))
def test_the_police_index_of_kansas_city_by_district(kansas: Callable[..., Told], real_data: Path, wave: str) -> None:
    table = printed(kansas, "--wave", wave, "--by", "district").set_index("level")
    expected = by_hand(real_data, wave, "district")
    assert set(table.index) == set(expected)
    for level, numbers in expected.items():
        assert table.loc[level, "suppressed"] == ""
        for name, value in numbers.items():
            assert table.loc[level, name] == pytest.approx(value, rel=1e-9), (level, name)
        y = plainly(real_data, wave)
        y = y.loc[(y["district"] == level) if level else y["police"].notna(), "police"].dropna()
        assert table.loc[level, "se"] == pytest.approx(y.std(ddof=1) / np.sqrt(len(y)), rel=5e-3)


@pytest.mark.realdata
def test_the_change_in_kansas_city_with_its_adjustment(kansas: Callable[..., Told], real_data: Path) -> None:
    table = printed(kansas, "--by", "district", "--changes").set_index("level")
    old, new = (by_hand(real_data, wave, "district") for wave in KANSAS)
    p = {}
    for level in old:
        diff, se = new[level]["est"] - old[level]["est"], float(np.hypot(old[level]["se"], new[level]["se"]))
        v1, v2 = old[level]["se"] ** 2, new[level]["se"] ** 2
        df = (v1 + v2) ** 2 / (v1**2 / old[level]["df"] + v2**2 / new[level]["df"])
        p[level] = float(2 * stats.t.sf(abs(diff) / se, df))
        reach = float(stats.t.ppf(0.975, df)) * se
        for name, value in {"diff": diff, "se": se, "lci": diff - reach, "uci": diff + reach, "p": p[level]}.items():
            assert table.loc[level, name] == pytest.approx(value, rel=1e-9), (level, name)
    districts = [level for level in old if level]
    adjusted = adjusted_by_hand(np.array([p[level] for level in districts]))
    np.testing.assert_allclose(table.loc[districts, "p_adj"].astype(float), adjusted, rtol=1e-9)
    assert table.loc["", "p_adj"] == pytest.approx(p[""])  # one test needs no adjustment
    assert table.loc["", "verdict"] == "down"
    assert (table.loc[districts, "verdict"] == "none").all()
    told = kansas("estimate", "kansas-city", "--by", "district", "--changes").out
    assert told.count("no detectable change") == 6


@pytest.mark.realdata
@pytest.mark.parametrize("wave", list(KANSAS))
def test_most_zip_codes_of_kansas_city_are_hidden(kansas: Callable[..., Told], real_data: Path, wave: str) -> None:
    table = printed(kansas, "--wave", wave, "--by", "zip")
    table = table[table["by"] == "zip"].set_index("level")
    expected = by_hand(real_data, wave, "zip")
    del expected[""]
    assert set(table.index) == set(expected)
    for level, numbers in expected.items():
        row = table.loc[level]
        if numbers["n"] < 30:
            assert row["suppressed"] != "", level
            assert np.isnan(row["est"]), level
        elif row["suppressed"] == "" and np.isfinite(row["n"]):
            assert row["est"] == pytest.approx(numbers["est"], rel=1e-9)
        if numbers["n"] < 10:
            assert np.isnan(row["n"]), level
    assert (table["suppressed"] != "").mean() > 0.5


@pytest.mark.realdata
@pytest.mark.parametrize("wave", list(KANSAS))
def test_who_does_not_know_in_kansas_city(
    kansas: Callable[..., Told], real_data: Path, tmp_path: Path, wave: str
) -> None:
    assert kansas("export", "kansas-city", tmp_path / "k.zip", "--wave", wave).code == 0
    with zipfile.ZipFile(tmp_path / "k.zip") as archive:
        table = pd.read_csv(archive.open("questions.csv")).set_index("question")
        method = dict(csv.reader(io.StringIO(archive.read("method.csv").decode("utf-8-sig"), newline="")))
    raw = pd.read_csv(real_data / "kcmo" / KANSAS[wave], dtype=str, keep_default_na=False)
    for item in ITEMS:
        told = raw[item][raw[item].isin(list("123459"))]
        assert table.loc[item, "dont_know_est"] == pytest.approx((told == "9").mean(), rel=1e-12)
        answered = told[told != "9"].astype(int)
        assert table.loc[item, "mean_est"] == pytest.approx(((answered - 1) / 4 * 100).mean(), rel=1e-12)
        assert table.loc[item, "positive_est"] == pytest.approx((answered >= 4).mean(), rel=1e-12)
    assert method["Weights"] == "none: every answer counts the same"
    assert "dont know: 9" in method["Column q5_01"]
    assert "shares not shown" not in method["Interview mode"]


@pytest.mark.realdata
def test_the_workbook_of_kansas_city(kansas: Callable[..., Told], tmp_path: Path) -> None:
    assert kansas("export", "kansas-city", tmp_path / "k.xlsx").code == 0
    book = openpyxl.load_workbook(tmp_path / "k.xlsx")
    assert book.sheetnames == [
        "Results",
        "Areas",
        "Against everyone",
        "Change",
        "Trend",
        "Questions",
        "Weights",
        "Import",
        "Method",
    ]
    assert book["Weights"].max_row == 985
    assert {cell.value for cell in book["Weights"]["D"][1:]} == {1.0}


# --- what a file holds ------------------------------------------------------------------------------------


def answers_file(folder: Path, ward: str = "ward", wards: tuple[str, ...] = ("Mill", "Docks")) -> Path:
    """A plain file with two questions of the default questionnaire, a bare 9 among the answers."""
    rows = [[wards[k % len(wards)], *((k * j) % 5 + 1 if k % 20 else 9 for j in (1, 2))] for k in range(1, 201)]
    lines = [f"{ward},pj1,pj2", *(",".join(map(str, row)) for row in rows)]
    path = folder / "answers.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_inspect_lists_what_is_to_be_decided_and_takes_proposals(run: Callable[..., Told], tmp_path: Path) -> None:
    file, mapping = answers_file(tmp_path), tmp_path / "mapping.yaml"
    told = run("inspect", file, "--mapping", mapping)
    assert (
        "to decide: Question 'Police officers here treat people with respect.': the answer '9' is outside 1 to 5"
        in told.out
    )
    assert "Proposed: dont_know." in told.out
    assert "dont_know" not in mapping.read_text(encoding="utf-8")
    run("inspect", file, "--mapping", mapping, "--accept")
    assert mapping.read_text(encoding="utf-8").count("dont_know:\n    - '9'") == 2


def test_inspect_writes_a_questionnaire(run: Callable[..., Told], tmp_path: Path) -> None:
    target = tmp_path / "own.yaml"
    told = run("inspect", answers_file(tmp_path), "--instrument", target)
    assert told.code == 0
    assert "2 rated and 0 open questions" in told.out
    text = target.read_text(encoding="utf-8")
    assert text.startswith("# Proposed from answers.csv. Please check:\n# pj1: its text is only the column's name")
    assert [item.id for item in read_instrument(target).items] == ["pj1", "pj2"]
    assert run("create", "Own", "--instrument", target).out == "Study 'own' created.\n"


def test_former_areas_are_carried_over_at_import(
    run: Callable[..., Told], refused: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "study.yaml").write_text(
        "name: Town\nareas:\n- {key: ward, names: [Mill, Quay, Pier, Bank]}\n", encoding="utf-8"
    )
    (tmp_path / "became.csv").write_text(
        "old,new,share\nDocks,Quay,1\nMill,Mill,\nWeir,Pier,0.5\nWeir,Bank,0.5\n", encoding="utf-8"
    )
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "columns:\n  ward: {area: ward}\n  pj1: {item: pj1, dont_know: [9]}\n  pj2: {item: pj2, dont_know: [9]}\n",
        encoding="utf-8",
    )
    run("create", "Town", "--areas", tmp_path / "study.yaml")
    file = answers_file(tmp_path, wards=("Mill", "Docks", "Weir"))
    given = ["import", "town", file, "--wave", "w1", "--mapping", mapping]
    assert "Docks" in refused(*given)
    told = run(*given, "--became", "ward", tmp_path / "became.csv")
    assert "67 answers from former areas are counted in those of today ('Docks \u2192 Quay')" in told.out
    assert "67 answers come from areas that were split since ('Weir')" in told.out
    assert "no area level 'zip'" in refused(*given, "--became", "zip", tmp_path / "became.csv")
