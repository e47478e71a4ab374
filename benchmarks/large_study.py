"""A large study: twelve quarterly waves of 20,000 residents each, from the generator of the sample study.

``python benchmarks/large_study.py FOLDER`` writes the exports into ``FOLDER/files`` and a database with the study,
its readings and weights, every wave released, into ``FOLDER/home``. The same files each time.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import yaml

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sample_data import field, generate
from sample_data.answers import QUARTERS, WAVE_STREAM, Quarter
from sample_data.export import write_wave
from trustsurvey.instruments import default_instrument
from trustsurvey.store import Store
from trustsurvey.study_file import read_study_file
from trustsurvey.voices.sample import read_sample
from trustsurvey.workflow import run_study

ROOT = Path(__file__).resolve().parents[1]
PEOPLE, WAVES = 20_000, 12
#: Streams of random numbers of these waves begin here, far from those of the sample study.
STREAM = 100


@dataclass(frozen=True)
class Large(Quarter):
    """A wave of the large study; ``number`` gives it random numbers of its own."""

    number: int = 0

    @property
    def stream(self) -> int:
        """The second number of the seed of everything in this wave."""
        return WAVE_STREAM + STREAM + self.number


def quarters(people: int = PEOPLE, waves: int = WAVES) -> list[Large]:
    """The newest waves of the sample study and steady ones before them, with so many complete answers each."""
    first, found = QUARTERS[0], list(QUARTERS)
    while len(found) < waves:
        start = found[0].start - timedelta(weeks=13)
        name = f"{start.year} Q{(start.month - 1) // 3 + 1}"
        found.insert(0, replace(first, name=name, start=start))
    scaled = ("completes", "partials", "previews", "twice", "again", "speeders")
    made = []
    for number, quarter in enumerate(found[-waves:]):
        told = {entry.name: getattr(quarter, entry.name) for entry in fields(quarter)}
        told |= {name: round(told[name] * people / quarter.completes) for name in scaled}
        made.append(Large(**told, number=number))
    return made


def write(folder: Path, people: int = PEOPLE, waves: int = WAVES) -> Path:
    """Write the exports, what the last waves' answers are about, and the study file; its path."""
    (folder / "waves").mkdir(parents=True, exist_ok=True)
    read = []
    for quarter in quarters(people, waves):
        collected = field.collect(generate.population(), default_instrument(), quarter)
        write_wave(folder / "waves" / quarter.file, collected.rows, default_instrument(), quarter)
        if quarter.number >= waves - generate.READ:
            read.append(generate.readings(quarter.name, collected.comments))
        print(quarter.name, "written", flush=True)
    pd.concat(read).to_csv(folder / "readings.csv", index=False, lineterminator="\n")
    sample = ROOT / "sample_data"
    told = yaml.safe_load((sample / "study.yaml").read_text(encoding="utf-8"))
    for level in told["areas"]:
        level |= {key: str(sample / level[key]) for key in ("boundaries", "table") if key in level}
    told |= {
        "name": "Large study",
        **{name: str(sample / told[name]) for name in ("margins", "actions")},
        "waves": [{"name": q.name, "file": f"waves/{q.file}"} for q in quarters(people, waves)],
    }
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def main() -> None:
    """Write the files and put the study into a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=PEOPLE, help="complete answers a wave")
    parser.add_argument("--waves", type=int, default=WAVES)
    options = parser.parse_args()
    path = write(options.folder / "files", options.people, options.waves)
    os.environ["TRUSTSURVEY_HOME"] = str(options.folder / "home")
    began, store = time.perf_counter(), Store.open()
    slug = run_study(store, read_study_file(path), tell=lambda step: print(step.wave, step.what, flush=True))
    print(f"{slug}: in the database after {time.perf_counter() - began:.0f} s")
    print(read_sample(store, slug, path.parent / "readings.csv"), "readings")


if __name__ == "__main__":
    main()
