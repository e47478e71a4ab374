"""The adults of Riverton: who they are, how much they trust the police, how readily they answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_data.city import DISTRICTS, SEED, areas

PEOPLE_STREAM = 2


@dataclass(frozen=True)
class Category:
    """A category of age, sex or ethnicity.

    ``share``: of the city's adults before districts tilt it. ``trust``: points of standing trust.
    ``answers``: how readily its people answer the survey, as a factor. ``tilt``: how strongly the
    district's ``youth`` or ``minority`` moves its share.
    """

    share: float
    trust: float = 0.0
    answers: float = 1.0
    tilt: float = 0.0


GROUPS: dict[str, dict[str, Category]] = {
    "age": {
        "18-29": Category(0.22, -4.8, 0.38, 1.0),
        "30-44": Category(0.27, -2.0, 0.65, 0.5),
        "45-59": Category(0.25, 1.0, 1.10, 0.0),
        "60-74": Category(0.18, 3.0, 1.75, -0.5),
        "75+": Category(0.08, 3.5, 1.60, -1.0),
    },
    "sex": {
        "Female": Category(0.515, 0.5, 1.06),
        "Male": Category(0.485, -0.5, 0.94),
    },
    "ethnicity": {
        "White": Category(0.57, 1.0, 1.00),
        "Black": Category(0.16, -9.0, 0.42, 1.0),
        "Asian": Category(0.10, -0.5, 0.62, 0.5),
        "Hispanic": Category(0.13, -5.5, 0.44, 1.0),
        "Other": Category(0.04, -3.0, 0.55, 0.4),
    },
}

#: Younger age groups are more mixed: added to the district's ``minority``.
MIXED_BY_AGE = (0.35, 0.15, 0.0, -0.30, -0.50)
#: Share of each age group that dealt with an officer in the last twelve months.
CONTACT_BY_AGE = (0.36, 0.32, 0.28, 0.21, 0.15)

BASE = 62.0
#: Standard deviations, in points: of neighbourhoods within their district, of residents within
#: their group, and of a resident's view of one dimension around the standing trust.
BETWEEN_NEIGHBOURHOODS = 5.6
BETWEEN_RESIDENTS = 19.2
OWN_VIEW = 8.0
#: Some people tend to agree with anything. Reverse-worded items are there to balance this.
AGREEABLE = 4.0


def everyone(dimensions: tuple[str, ...]) -> pd.DataFrame:
    """The whole adult population, one row a resident, in no order that means anything.

    Columns: neighbourhood, district, age, sex, ethnicity (categories), contact (bool), trust (the
    standing trust, on 0-100), agreeable (points), answers (how readily one answers, mean 1), and
    one column a dimension with the resident's own view of it (points around ``trust``).
    """
    rng = np.random.default_rng([SEED, PEOPLE_STREAM])
    places = areas()
    district_of = {district.name: district for district in DISTRICTS}
    district = [district_of[name] for name in places["district"]]
    sizes = np.round([d.adults * np.exp(rng.normal(0, 0.08)) for d in district]).astype(int)
    place = np.repeat(np.arange(len(places)), sizes)
    n = len(place)

    # Neighbourhoods are drawn around their district: its effects on trust are met exactly.
    within = pd.Series(rng.normal(0, BETWEEN_NEIGHBOURHOODS, len(places)))
    within -= within.groupby(places["district"].to_numpy()).transform("mean")
    youth = np.array([d.youth for d in district]) + rng.normal(0, 0.12, len(places))
    minority = np.array([d.minority for d in district]) + rng.normal(0, 0.25, len(places))

    age = _draw("age", youth[place], rng)
    sex = _draw("sex", np.zeros(n), rng)
    ethnicity = _draw("ethnicity", minority[place] + np.array(MIXED_BY_AGE)[age], rng)
    contact = rng.random(n) < np.array(CONTACT_BY_AGE)[age]

    codes = {"age": age, "sex": sex, "ethnicity": ethnicity}
    trust = BASE + rng.normal(0, BETWEEN_RESIDENTS, n)
    trust += (within.to_numpy() + [d.trust for d in district])[place]
    answers = np.array([d.answers for d in district])[place]
    for variable, code in codes.items():
        categories = GROUPS[variable].values()
        trust += np.array([category.trust for category in categories])[code]
        answers = answers * np.array([category.answers for category in categories])[code]

    people = pd.DataFrame(
        {
            "neighbourhood": _labels(place, places["neighbourhood"]),
            "district": _labels(pd.factorize(places["district"])[0][place], places["district"].unique()),
            **{variable: _labels(code, GROUPS[variable]) for variable, code in codes.items()},
            "contact": contact,
            "trust": trust,
            "agreeable": rng.normal(0, AGREEABLE, n),
            "answers": answers / answers.mean(),
            **{dimension: rng.normal(0, OWN_VIEW, n) for dimension in dimensions},
        }
    )
    return people


def margins(people: pd.DataFrame) -> pd.DataFrame:
    """How many adults the city has in each category of the variables that weights are raked to."""
    parts = []
    for variable in ("district", *GROUPS):
        counts = people[variable].value_counts(sort=False)
        parts.append(pd.DataFrame({"variable": variable, "category": counts.index, "count": counts.values}))
    return pd.concat(parts, ignore_index=True)


def _draw(variable: str, tilt: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A category code for every resident; ``tilt`` (n,) moves the shares."""
    categories = GROUPS[variable].values()
    share = np.array([category.share for category in categories])
    slope = np.array([category.tilt for category in categories])
    odds = share * np.exp(np.outer(tilt, slope))
    ends = np.cumsum(odds, axis=1)
    return (rng.random(len(tilt))[:, None] * ends[:, -1:] > ends).sum(axis=1)


def _labels(codes: np.ndarray, names: Iterable[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names)))
