"""The R script that goes with the answers: R makes the downloaded results anew from the downloaded answers.

Skipped where R or its package survey is absent. Whatever the design and the way of weighting: no estimate, standard
error, limit of an interval, number or degree of freedom may differ by 1e-6 (it is some 1e-12).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import margins_of
from stores import STUDY
from test_export_microdata import drawn
from test_export_tables import planted
from test_kansas_city import OURS, WAVES

import trustsurvey as ts
from trustsurvey.analysis import picture
from trustsurvey.export.microdata import microdata_table
from trustsurvey.export.r_script import r_script
from trustsurvey.export.takeaway import Choice, takeaway_files
from trustsurvey.instruments import read_instrument
from trustsurvey.model import AreaLevel, Study, Wave
from trustsurvey.replication.estimates import estimate_replicates
from trustsurvey.replication.replicates import Replicates, replicate
from trustsurvey.scales.scoring import score
from trustsurvey.store import Store
from trustsurvey.weighting.trimming import trim
from trustsurvey.weighting.weigh import bring, calibrate, post_stratify, rake
from trustsurvey.workflow import load_wave

MARGINS = margins_of(district={"East": 40_000, "West": 60_000}, sex={"=f": 52_000, "m": 48_000})
CROSSED = margins_of(**{"district x sex": {"East x =f": 20, "East x m": 21, "West x =f": 29, "West x m": 30}})

WAYS: dict[str, Callable[[Wave], Wave]] = {
    "not weighted": lambda wave: wave,
    "raked": lambda wave: rake(wave, MARGINS, missing="keep"),
    "raked from one": lambda wave: rake(wave, MARGINS, missing="keep", start="one"),
    "to crossed categories, merged": lambda wave: rake(wave, CROSSED, missing="keep", collapse=70),
    "with a total": lambda wave: rake(wave, MARGINS, missing="keep", totals={"household": 310_000}),
    "post-stratified": lambda wave: post_stratify(wave, margins_of(district={"East": 0.3, "West": 0.7})),
    "linear": lambda wave: calibrate(wave, MARGINS, missing="keep", means={"household": 3.1}),
    "a ratio": lambda wave: calibrate(wave, totals={"household": 310_000}),
    "within bounds": lambda wave: rake(wave, MARGINS, missing="keep", bounds=(0.2, 2.2)),
    "cut off": lambda wave: trim(rake(wave, MARGINS, missing="keep"), 0.6, 1.5),
    "brought": lambda wave: bring(wave, rake(wave, MARGINS, missing="keep").weights, reason="R", margins=MARGINS,
                                  missing="keep"),
    "fixed": lambda wave: bring(wave, wave.weights * np.linspace(1, 2, len(wave)), reason="by hand"),
}  # fmt: skip


@lru_cache(maxsize=1)
def rscript() -> str:
    """The program that runs R scripts; the test skips where it or the package survey is absent."""
    program = shutil.which("Rscript")
    if (
        program is None
        or subprocess.run([program, "-e", "library(survey)"], capture_output=True, check=False).returncode
    ):
        pytest.skip("R with its package survey is not installed here")
    return program


def run(folder: Path, wave: Wave, replicates: Replicates | None = None, study: Study = STUDY) -> str:
    """What the script prints, run on what is taken away of a wave, in the poorest of locales."""
    program = rscript()
    shown = picture([score(wave)], 0, study)
    for name, content in takeaway_files(shown, None, Choice(("csv",)), "", replicates).items():
        (folder / name).write_bytes(content)
    told = subprocess.run(
        [program, "figures.R"], cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "arning" not in told.stderr, told.stderr
    return told.stdout


def largest(told: str) -> tuple[int, float]:
    """How many figures the script compared, and the largest difference it found."""
    found = re.search(r"(\d+) figures compared, .* Largest difference: (\S+)", told)
    assert found is not None, told
    return int(found.group(1)), float(found.group(2))


@pytest.mark.parametrize("way", WAYS)
def test_r_gives_the_downloaded_figures(way: str, tmp_path: Path) -> None:
    """Strata, units, a finite population, missing answers and groups, names with an equals sign."""
    compared, difference = largest(run(tmp_path, WAYS[way](drawn(900))))
    assert compared >= 15
    assert difference < 1e-6


def test_a_simple_sample_with_small_cells(tmp_path: Path) -> None:
    wave = rake(planted(1), margins_of(district={"East": 400, "West": 600}, sex={"f": 500, "m": 480, "x": 20}))
    told = run(tmp_path, wave)
    compared, difference = largest(told)
    assert (compared, difference < 1e-6) == (18, True)
    assert "Docks" not in told  # seven residents, in the answers but not in what is printed


def test_names_in_any_letters(tmp_path: Path) -> None:
    wave = planted(1)
    names = {"Mill": "Stra\u00dfe \u201cA\u201d", "Park": "007", "Hill": "\u00d1u\u00f1oa, east"}
    wards = wave.people["ward"].cat.rename_categories(names)
    wave = replace(wave, people=wave.people.assign(ward=wards))
    margin = {"Docks": 10, names["Mill"]: 300, "007": 350, names["Hill"]: 340}
    compared, difference = largest(run(tmp_path, rake(wave, margins_of(ward=margin))))
    assert compared >= 15
    assert difference < 1e-6


def test_a_wave_too_small_to_say_anything(tmp_path: Path) -> None:
    assert largest(run(tmp_path, drawn(25))) == (0, 0.0)


def test_the_sample_study(sample_seen: Path, tmp_path: Path) -> None:
    """A thousand residents, raked to four margins, those without an answer kept: all indices, areas and groups."""
    wave = load_wave(Store.open(), "riverton-sample-study", "2026 Q2")
    study = Store.open().study("riverton-sample-study")
    told = run(tmp_path, wave, study=study)
    compared, difference = largest(told)
    assert compared > 200
    assert difference < 1e-6
    assert float(re.search(r"difference of a weight: (\S+)", told).group(1)) < 1e-9  # type: ignore[union-attr]


@pytest.mark.realdata
def test_kansas_city(real_data: Path, tmp_path: Path) -> None:
    """The resident survey of March 2022: not weighted, and raked to made-up numbers of people by district."""
    districts = tuple((f"District {k}", "") for k in range(1, 7))
    levels = (AreaLevel("district", "Districts", "", districts), AreaLevel("zip", "ZIP areas"))
    study = Study("kansas-city", "Kansas City", read_instrument(OURS / "instrument.yaml"), levels)
    wave = ts.read_wave(real_data / "kcmo" / WAVES[1][1], study, mapping=ts.read_mapping(OURS / "mapping.yaml"))
    margins = margins_of(district={name: 84_000 + 1_000 * k for k, (name, _) in enumerate(districts)})
    for name, made in (("plain", wave), ("raked", rake(wave, margins, missing="keep"))):
        (tmp_path / name).mkdir()
        compared, difference = largest(run(tmp_path / name, made, study=study))
        assert compared >= 20
        assert difference < 1e-6


def test_it_notices_a_figure_that_is_another(tmp_path: Path) -> None:
    run(tmp_path, rake(planted(1), margins_of(district={"East": 400, "West": 600})))
    results = pd.read_csv(tmp_path / "results.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    results.loc[0, "se"] = str(float(results.loc[0, "se"]) + 0.01)
    results.to_csv(tmp_path / "results.csv", index=False)
    told = subprocess.run(["Rscript", "figures.R"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert largest(told.stdout)[1] == pytest.approx(0.01)


def test_replicates_give_our_standard_errors(tmp_path: Path) -> None:
    wave = score(rake(drawn(), MARGINS, missing="keep"))
    drawn_anew = replicate(wave, "bootstrap", count=30, failed="drop")
    told = run(tmp_path, wave, drawn_anew)
    ours = estimate_replicates(wave, drawn_anew, ["respect", "safety", "trust"]).table
    lines = told[told.index("By replicate weights") :].splitlines()[1:4]
    theirs = {name: (float(est), float(se)) for name, est, se in (line.split() for line in lines)}
    for row in ours.to_dict("records"):
        assert theirs[row["measure"]] == pytest.approx((row["est"], row["se"]), abs=2e-9)


def test_names_cannot_run() -> None:
    """A name with quotes, line ends and backslashes stays a name."""
    odd = 'a" ); system("x") #\n\\'
    wave = drawn()
    wave = replace(wave, people=wave.people.rename(columns={"sex": odd}), groups=(odd,))
    script = r_script(wave, microdata_table(wave), f"Town\n{odd}").decode()
    assert '"a\\" ); system(\\"x\\") #\\U0000000a\\\\" = "a_system_x"' in script
    assert script.splitlines()[0].startswith("# Town a")
    assert all(line.startswith("#") for line in script.splitlines()[:3])
