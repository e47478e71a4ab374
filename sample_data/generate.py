"""Write the sample study. From the project's folder: ``python -m sample_data.generate``

Every file is made from the same seed. A wave needs the population but no other wave.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import click
import pandas as pd

from sample_data import answers, city, export, field, meetings, people
from trustsurvey.instruments import default_instrument

HERE = Path(__file__).resolve().parent
#: Waves whose open answers come with their themes, and themes that the codebook calls otherwise.
READ = 4
CODES = {"response_speed": "response", "listening": "dialogue", "fairness": "bias", "openness": "transparency"}


@lru_cache(maxsize=1)
def population() -> pd.DataFrame:
    """Every adult of Riverton; see :func:`sample_data.people.everyone`."""
    return people.everyone(tuple(answers.DIMENSIONS))


def write_map(folder: Path) -> None:
    """Write areas.csv and the boundaries of neighbourhoods and districts."""
    places = city.areas()
    shapes = city.boundaries()
    districts = city.district_boundaries(shapes)
    _write_csv(folder / "areas.csv", places)
    city.write_geojson(folder / "neighbourhoods.geojson", shapes, places.rename(columns={"neighbourhood": "name"}))
    city.write_geojson(folder / "districts.geojson", districts, pd.DataFrame({"name": list(districts)}))


def write_margins(folder: Path) -> None:
    """Write margins.csv: the exact counts of the population."""
    _write_csv(folder / "margins.csv", people.margins(population()))


def collected(quarter: answers.Quarter) -> field.Collected:
    """The rows of one wave's export, and its comments with their true themes."""
    return field.collect(population(), default_instrument(), quarter)


def write_wave(folder: Path, quarter: answers.Quarter) -> None:
    """Write the export of one wave."""
    export.write_wave(folder / quarter.file, collected(quarter).rows, default_instrument(), quarter)


def readings(wave: str, written: pd.DataFrame) -> pd.DataFrame:
    """What each open answer of a wave is about, as codes of the default codebook: wave, item, text, codes."""
    codes = [";".join(dict.fromkeys(CODES.get(theme, theme) for theme in themes)) for themes in written["themes"]]
    table = pd.DataFrame({"wave": wave, "item": written["item"], "text": written["text"], "codes": codes})
    return table.drop_duplicates()


def write_readings(folder: Path) -> None:
    """Write readings.csv: of the last waves, what each open answer is about."""
    quarters = answers.QUARTERS[-READ:]
    tables = [readings(quarter.name, collected(quarter).comments) for quarter in quarters]
    _write_csv(folder / "readings.csv", pd.concat(tables))


def write_truth(folder: Path) -> None:
    """Write truth.csv: what a survey of everyone would find in each wave."""
    tables = [answers.truth(population(), default_instrument(), quarter) for quarter in answers.QUARTERS]
    _write_csv(folder / "truth.csv", pd.concat(tables))


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False, lineterminator="\n")


@click.command()
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=HERE, help="Folder to write to.")
def main(into: Path) -> None:
    """Write all generated files of the sample study."""
    (into / "waves").mkdir(parents=True, exist_ok=True)
    write_map(into)
    write_margins(into)
    for quarter in answers.QUARTERS:
        write_wave(into / "waves", quarter)
        click.echo(f"{quarter.name} written")
    write_truth(into)
    write_readings(into)
    meetings.write(into / "focus_groups")


if __name__ == "__main__":
    main()
