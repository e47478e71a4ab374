"""Random designs and data against R's survey package: whatever is installed here, computed when the test runs.

Skipped where R or its package survey is absent. Strata with one unit are left out ("remove"): "adjust" was changed
between versions (see test_lonely.py). Agreement to 1e-8 relative (1e-9 absolute below 1e-6); p-values and
test statistics the same.
"""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

import trustsurvey as ts
from trustsurvey.model import Wave

KINDS = ("simple", "strata", "clusters", "both", "lonely")
CASES = [f"{kind}_{seed}" for kind in KINDS for seed in (1, 2, 3)]
DESIGNS = {
    "simple": {},
    "strata": {"strata": "h", "fpc": "people"},
    "clusters": {"psu": "c"},
    "both": {"strata": "h", "psu": "c", "fpc": "units", "nest": True},
    "lonely": {"strata": "h", "psu": "c", "nest": True, "lonely": "remove"},
}


def table(case: str) -> pd.DataFrame:
    """Residents in strata and clusters, with a score, a number, a yes or no, two groups and four domains."""
    kind, seed = case.split("_")
    rng = np.random.default_rng([KINDS.index(kind), int(seed)])
    n = int(rng.integers(150, 320))
    h = rng.integers(0, 4, n)
    c = rng.integers(0, 7, n)
    if kind == "clusters":
        c = rng.integers(0, 23, n)
    if kind == "lonely":
        c[h == 3] = 0
    effect = rng.normal(size=(4, 23))[h, c]
    x = np.round(rng.gamma(4, 2.5, n), 2)
    g, s = rng.choice(["a", "b", "c"], n, p=[0.4, 0.35, 0.25]), rng.choice(["f", "m"], n)
    y = np.round(50 + 6 * effect + 1.5 * x + 4 * (g == "b") + rng.normal(0, 9, n), 3)
    z = (rng.random(n) < 1 / (1 + np.exp(1.5 - 0.12 * x - 0.4 * (g == "c") - 0.4 * effect))).astype(int)
    people = np.bincount(h, minlength=4) * 5 + 10
    return pd.DataFrame(
        {
            "h": np.array(["n", "o", "p", "q"])[h], "c": [f"k{k}" for k in c], "w": np.round(rng.gamma(5, 3, n), 3),
            "people": people[h], "units": np.array([30, 40, 25, 60])[h], "y": y, "x": x, "z": z, "g": g, "s": s,
            "d": rng.choice(["d1", "d2", "d3", "d4"], n, p=[0.5, 0.3, 0.15, 0.05]),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], float]:
    """What R finds, by case and name."""
    program = shutil.which("Rscript")
    if (
        program is None
        or subprocess.run([program, "-e", "library(survey)"], capture_output=True, check=False).returncode
    ):
        pytest.skip("R with its package survey is not installed here")
    folder = tmp_path_factory.mktemp("r")
    for case in CASES:
        table(case).to_csv(folder / f"{case}.csv", index=False)
    script = ROOT / "tests" / "r_survey" / "reference.R"
    told = subprocess.run([program, str(script), str(folder)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    found: dict[tuple[str, str], float] = {}
    for line in told.stdout.splitlines():
        case, name, value = (part.strip() for part in line.split("\t"))
        if case != "survey":
            found[case, name] = float(value)
    return found


def ours(case: str) -> dict[str, np.ndarray]:
    """The same numbers from this package."""
    data, kind = table(case), case.split("_")[0]
    wave = ts.wave_from_frame(data, weights="w", **DESIGNS[kind])
    found: dict[str, np.ndarray] = {}

    def tell(name: str, rows: pd.DataFrame) -> None:
        found[f"{name} est"], found[f"{name} se"] = rows["est"].to_numpy(), rows["se"].to_numpy()

    def everyone(name: str, of: Wave, measure: str = "y", **how: str) -> None:
        tell(name, ts.estimate(of, [measure], **how).table)  # type: ignore[arg-type]

    def domains(name: str, of: Wave) -> None:
        tell(name, ts.estimate(of, ["y"], ["d"]).rows(by="d").sort_values("level"))

    everyone("mean", wave)
    everyone("total", wave, stat="total")
    everyone("share", wave, "z")
    domains("domain", wave)
    tell("ratio", ts.ratio(wave, [("y", "x")]).table)
    found["median"] = ts.quantile(wave, ["y"]).table["est"].to_numpy()
    tell("linear", ts.regress(wave, "y", ["x", "g"]).table())
    tell("logistic", ts.regress(wave, "z", ["x", "g"], family="logistic").table())
    chi = ts.independence(wave, "g", "z")
    found["chisq"] = np.array([chi.statistic, chi.p])
    t = ts.difference_test(wave, "y", "z")
    found["ttest"] = np.array([t.est, t.t, t.p])
    n = float(wave.weights.sum())
    margins = {"g": {"a": 0.45 * n, "b": 0.3 * n, "c": 0.25 * n}, "s": {"f": 0.55 * n, "m": 0.45 * n}}
    raked = ts.rake(wave, ts.margins_from_mapping(margins))
    greg = ts.calibrate(wave, ts.margins_from_mapping({"g": margins["g"]}), totals={"x": 10.3 * n})
    for name, made in (("raked", raked), ("greg", greg)):
        everyone(f"{name} mean", made)
        everyone(f"{name} total", made, stat="total")
    domains("raked domain", raked)
    if kind != "lonely":
        drawn = ts.replicate(wave, "jackknife")
        tell("jackknife", ts.estimate_replicates(wave, drawn, ["y"]).table)
        tell("jackknife ratio", ts.estimate_replicates(wave, drawn, ["y", "x"], stat="ratio", denominator="x").table)
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_number_is_that_of_r(case: str, reference: dict[tuple[str, str], float]) -> None:
    wrong = []
    for name, values in ours(case).items():
        names = [name] if len(values) == 1 else [f"{name} {k + 1}" for k in range(len(values))]
        for one, value in zip(names, values, strict=True):
            theirs = reference[case, one]
            if not np.isclose(value, theirs, rtol=1e-8, atol=1e-9 if abs(theirs) < 1e-6 else 0.0):
                wrong.append(f"{one}: {value!r} here, {theirs!r} in R ({value / theirs - 1:.1e})")
    assert not wrong, "\n".join(wrong)
    expected = {name.rstrip("0123456789 ") for of, name in reference if of == case}
    assert expected == {name.rstrip("0123456789 ") for name in ours(case)}
