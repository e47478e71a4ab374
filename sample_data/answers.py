"""What every adult of Riverton would answer in each wave, and the truth that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sample_data.city import DISTRICTS, SEED
from trustsurvey.model import REASONS, Design, Instrument, Wave
from trustsurvey.scales.scoring import score

#: Waves have the streams 10, 11, ...; a third number tells answers, sample and words apart.
WAVE_STREAM = 10
ANSWERS, SAMPLE, WORDS = 0, 1, 2


@dataclass(frozen=True)
class Quarter:
    """A wave: when it was in the field, how trust stood, what was planted in its export.

    ``level``: points of trust around the city's standing level. ``fallen``: the part of each
    district's fall that is in force. The other numbers count rows: ``partials`` broke off early,
    ``previews`` are the makers' own tries, ``twice`` stand in the file two times under one
    ResponseId, ``again`` were sent a second time under another, ``speeders`` clicked through.
    """

    name: str
    start: date
    level: float
    fallen: float
    completes: int
    partials: int
    previews: int
    twice: int
    again: int
    speeders: int

    @property
    def stream(self) -> int:
        """The second number of the seed of everything in this wave."""
        return WAVE_STREAM + QUARTERS.index(self)

    @property
    def file(self) -> str:
        """The name of the wave's export."""
        return f"riverton_{self.name.replace(' ', '').lower()}.csv"


QUARTERS = (
    Quarter("2024 Q3", date(2024, 7, 29), 0.0, 0.0, 1012, 61, 3, 5, 3, 4),
    Quarter("2024 Q4", date(2024, 10, 28), 0.5, 0.0, 987, 58, 4, 4, 4, 3),
    Quarter("2025 Q1", date(2025, 1, 27), -0.3, 0.0, 1034, 66, 2, 6, 3, 5),
    Quarter("2025 Q2", date(2025, 4, 28), 0.2, 0.0, 996, 57, 3, 4, 2, 4),
    Quarter("2025 Q3", date(2025, 7, 28), 0.0, 1.0, 1041, 72, 5, 7, 5, 5),
    Quarter("2025 Q4", date(2025, 10, 27), 0.0, 0.9, 978, 63, 3, 5, 3, 3),
    Quarter("2026 Q1", date(2026, 1, 26), 0.2, 0.7, 1007, 59, 4, 4, 4, 4),
    Quarter("2026 Q2", date(2026, 4, 27), 0.3, 0.5, 1019, 64, 3, 6, 3, 4),
)

#: From this wave on sa1 is asked in other words, which people answer lower by this many points.
REWORDED_FROM = "2025 Q3"
REWORDED = {"sa1": "How safe do you feel walking alone in this area after dark?"}
REWORDED_EFFECT = -4.0

#: How each dimension stands to trust: points above it, and how much of the fall it takes.
DIMENSIONS = {
    "pj": (4.0, 0.9),
    "dj": (-2.0, 0.7),
    "ef": (0.0, 1.0),
    "en": (-1.5, 1.3),
    "ta": (-4.5, 1.2),
    "le": (3.0, 0.8),
    "sa": (9.0, 0.3),
    "co": (9.0, 0.5),
    "ct": (7.0, 0.6),
    "overall": (1.0, 1.0),
}

#: Each item: how strongly it follows its dimension, how many points easier it is than the
#: dimension's average, and the share of residents who do not know. Reverse-worded items follow
#: a little less.
ITEMS = {
    "pj1": (1.05, 5.0, 0.02), "pj2": (1.05, -1.0, 0.04), "pj3": (0.95, -2.0, 0.05),
    "pj4": (0.95, 0.0, 0.07), "pj5r": (0.75, -2.0, 0.05),
    "dj1": (1.00, 1.0, 0.05), "dj2": (1.05, -1.0, 0.05),
    "dj3r": (0.80, -2.0, 0.06), "dj4r": (0.80, 4.0, 0.03),
    "ef1": (0.95, -3.0, 0.05), "ef2": (1.05, 0.0, 0.04), "ef3": (0.90, 0.0, 0.09), "ef4": (1.05, 2.0, 0.03),
    "en1": (1.05, 3.0, 0.04), "en2": (1.00, 0.0, 0.07), "en3": (0.80, -6.0, 0.03),
    "en4": (0.95, -2.0, 0.09), "en5r": (0.70, -1.0, 0.03),
    "ta1": (0.95, 1.0, 0.03), "ta2": (1.05, 0.0, 0.10), "ta3": (1.00, 1.0, 0.12), "ta4r": (0.80, -3.0, 0.11),
    "le1": (1.05, 1.0, 0.04), "le2": (1.00, 0.0, 0.04), "le3": (0.75, 4.0, 0.03), "le4r": (0.75, 1.0, 0.08),
    "sa1": (1.00, -16.0, 0.03), "sa2": (0.90, 9.0, 0.02), "sa3": (0.90, 6.0, 0.02),
    "co1": (0.90, 10.0, 0.02), "co2": (1.00, 3.0, 0.03), "co3": (0.75, -24.0, 0.04),
    "ct1": (1.10, 0.0, 0.05), "ct2": (1.05, 4.0, 0.04), "ct3": (1.00, -3.0, 0.06), "ct4": (1.05, 0.0, 0.06),
    "tr1": (1.05, 0.0, 0.03),
}  # fmt: skip

CENTRE = 57.0
ITEM_NOISE = 20.0
#: Who has dealt with an officer is surer of things: factors on the shares that do not know.
UNSURE_WITHOUT_CONTACT, UNSURE_WITH_CONTACT = 1.2, 0.5


def answers_of_everyone(people: pd.DataFrame, instrument: Instrument, quarter: Quarter) -> pd.DataFrame:
    """Codes that every resident would give to every rated item in a wave; NaN for "don't know".

    A feeling between 0 and 100 becomes the nearest box of the item's scale. Contact items are NaN
    for those without contact.
    """
    rng = np.random.default_rng([SEED, quarter.stream, ANSWERS])
    fall = people["district"].map({d.name: d.fall for d in DISTRICTS}).to_numpy(float)
    contact = people["contact"].to_numpy()
    unsure = np.where(contact, UNSURE_WITH_CONTACT, UNSURE_WITHOUT_CONTACT)
    columns = {}
    for item in instrument.rated:
        dimension = dimension_of(instrument, item.id)
        above, takes = DIMENSIONS[dimension]
        follows, easier, dont_know = ITEMS[item.id]
        view = (people["trust"] + people[dimension]).to_numpy() - CENTRE
        view += quarter.level - quarter.fallen * takes * fall
        feeling = CENTRE + above + easier + follows * view + rng.normal(0, ITEM_NOISE, len(people))
        if item.scale.name == "agree5":
            agreeable = people["agreeable"].to_numpy()
            feeling += -agreeable if item.reverse else agreeable
        if item.id in REWORDED and is_reworded(quarter):
            feeling += REWORDED_EFFECT
        low, high = item.scale.low, item.scale.high
        code = np.clip(np.round(low + feeling / 100 * (high - low)), low, high)
        code = low + high - code if item.reverse else code
        code[rng.random(len(people)) < dont_know * unsure] = np.nan
        if item.optional:
            code[~contact] = np.nan
        columns[item.id] = code
    return pd.DataFrame(columns)


def is_reworded(quarter: Quarter) -> bool:
    """Whether the wave asks the items of :data:`REWORDED` in other words."""
    return quarter.name >= REWORDED_FROM


def dimension_of(instrument: Instrument, item: str) -> str:
    """The dimension that an item is a part of; "overall" for an item that stands alone."""
    return next((i.key for i in instrument.indices if i.dimension and item in i.parts), "overall")


def scores_of(people: pd.DataFrame, answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Scores of every item and index, on 0-100, by the rules of the package."""
    missing = answers.isna() * REASONS.index("don't know")
    wave = Wave("everyone", instrument, people, answers, missing, Design.simple(len(people)))
    scores = score(wave).scores
    assert scores is not None
    return scores


def truth(people: pd.DataFrame, instrument: Instrument, quarter: Quarter) -> pd.DataFrame:
    """The population mean of every index in a wave: columns wave, measure, by, level, value.

    ``by`` is empty for the whole city. Who lacks too many answers to have a score counts for none,
    as in the survey.
    """
    scores = scores_of(people, answers_of_everyone(people, instrument, quarter), instrument)
    scores = scores[[index.key for index in instrument.indices]]
    tables = [scores.mean().to_frame("")]
    names = [("", "")]
    for by in ("district", "neighbourhood", "age", "sex", "ethnicity"):
        means = scores.groupby(people[by].to_numpy(), observed=True, sort=False).mean()
        means = means.loc[people[by].cat.categories]
        tables.append(means.T)
        names += [(by, level) for level in means.index]
    wide = pd.concat(tables, axis=1)
    rows = [
        (quarter.name, measure, by, level, f"{wide.iloc[i, j]:.4f}")
        for i, measure in enumerate(wide.index)
        for j, (by, level) in enumerate(names)
    ]
    return pd.DataFrame(rows, columns=["wave", "measure", "by", "level", "value"])
