"""The fieldwork of a wave: who answers, in which words, and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from sample_data.answers import SAMPLE, Quarter, answers_of_everyone, scores_of
from sample_data.city import LATITUDE, LONGITUDE, SEED
from sample_data.export import DEMOGRAPHICS, questions, words_of
from sample_data.words import comments
from trustsurvey.model import Instrument

DONT_KNOW, PREFER_NOT = "Don't know", "Prefer not to say"
SKIPPED, NOT_SAID = 0.015, {"age": 0.012, "sex": 0.012, "ethnicity": 0.018}
#: Answers to the rated items, in their order, that a partial reaches at most: under half of them.
PARTIAL_REACHES = 13
#: Addresses set aside for documentation; they belong to nobody.
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
#: The field opens on a Monday and stays open for five weeks; reminders go out in the third and fifth.
DAYS = np.array([3, 2, 1.5, 1.2, 1, 0.8, 0.7] + [0.6] * 7 + [2.2, 1.5, 1] + [0.6] * 11 + [1.6, 1.1, 0.9] + [0.5] * 4)


@dataclass(frozen=True)
class Collected:
    """What the field of a wave brought in.

    ``rows``: the export in the platform's columns, all text. ``comments``: the open answers with
    the themes they were made from, columns ResponseId, item, text, themes; the export lacks these.
    """

    rows: pd.DataFrame
    comments: pd.DataFrame


def collect(people: pd.DataFrame, instrument: Instrument, quarter: Quarter) -> Collected:
    """Hold a wave: who answers, what they say, and everything that is planted in its export."""
    rng = np.random.default_rng([SEED, quarter.stream, SAMPLE])
    answers = answers_of_everyone(people, instrument, quarter)
    # Residents answer at their own rate, whatever they think: the exponential race draws without
    # replacement, and rates are products of the margins' factors, which raking can undo.
    drawn = np.argsort(rng.exponential(size=len(people)) / people["answers"].to_numpy())
    drawn = drawn[: quarter.completes + quarter.partials + quarter.previews]
    people, answers = people.iloc[drawn].reset_index(drop=True), answers.iloc[drawn].reset_index(drop=True)
    row = np.arange(len(people))
    complete = row < quarter.completes
    preview = row >= quarter.completes + quarter.partials
    speeder = row < quarter.speeders

    texts = _in_words(answers, people["contact"].to_numpy(), instrument, rng)
    _straight_line(texts, np.flatnonzero(speeder), people["contact"].to_numpy(), instrument, rng)
    progress = _break_off(texts, np.flatnonzero(~complete & ~preview), instrument, rng)
    written = comments(people, scores_of(people, answers, instrument), quarter)
    written = written[(complete & ~speeder)[written["row"]]]
    for item in instrument.open:
        own = written[written["item"] == item.id].set_index("row")["text"]
        texts[item.id] = own.reindex(row).fillna("").to_numpy()
    table = _about(quarter, complete, preview, speeder, progress, rng)
    for number, (variable, _) in enumerate(DEMOGRAPHICS, 1):
        table[f"Q{number}"] = _demographic(people, variable, rng)
    for question in questions(instrument, quarter):
        table[question.tag] = texts[question.item.id].to_numpy()
    written = written.assign(ResponseId=table["ResponseId"].to_numpy()[written["row"]])
    rows = _plant_repeats(table, quarter, np.flatnonzero(complete & ~speeder), rng)
    return Collected(rows, written[["ResponseId", "item", "text", "themes"]].reset_index(drop=True))


def _in_words(
    answers: pd.DataFrame, contact: np.ndarray, instrument: Instrument, rng: np.random.Generator
) -> pd.DataFrame:
    """Codes as choice text; "Don't know" for NaN, blank where skipped or not asked."""
    columns = {}
    for item in instrument.rated:
        text = answers[item.id].map(words_of(item)).astype(object).fillna(DONT_KNOW)
        skipped = rng.random(len(text)) < SKIPPED
        columns[item.id] = text.mask(skipped | (item.optional & ~contact), "")
    return pd.DataFrame(columns)


def _straight_line(
    texts: pd.DataFrame,
    rows: np.ndarray,
    contact: np.ndarray,
    instrument: Instrument,
    rng: np.random.Generator,
) -> None:
    """Speeders take the same box all the way down."""
    for row in rows:
        box = int(rng.integers(4))
        for item in instrument.rated:
            if contact[row] or not item.optional:
                texts.loc[row, item.id] = list(words_of(item).values())[box]


def _break_off(texts: pd.DataFrame, rows: np.ndarray, instrument: Instrument, rng: np.random.Generator) -> np.ndarray:
    """Blank everything after the place where a partial stops; returns Progress (n,)."""
    progress = np.full(len(texts), 100)
    for row in rows:
        reached = int(rng.integers(PARTIAL_REACHES + 1))
        texts.loc[row, [item.id for item in instrument.rated[reached:]]] = ""
        progress[row] = 14 + 2 * reached
    return progress


def _demographic(people: pd.DataFrame, variable: str, rng: np.random.Generator) -> pd.Series:
    if variable == "contact":
        return people[variable].map({True: "Yes", False: "No"})
    silent = rng.random(len(people)) < NOT_SAID.get(variable, 0.0)
    return people[variable].astype(object).mask(silent, PREFER_NOT)


def _about(
    quarter: Quarter,
    complete: np.ndarray,
    preview: np.ndarray,
    speeder: np.ndarray,
    progress: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The platform's own columns, one row an answer; previews come the week before the field opens."""
    n = len(complete)
    finished = complete | preview
    day = np.searchsorted(np.cumsum(DAYS) / DAYS.sum(), rng.random(n))
    day = np.where(preview, -rng.integers(3, 6, n), day)
    second = (np.clip(rng.normal(15.5, 3.6, n), 6, 22.9) * 3600).astype(int)
    seconds = np.exp(rng.normal(np.log(620), 0.38, n))
    seconds = np.where(complete | preview, seconds, seconds * progress / 100)
    seconds = np.where(speeder, rng.integers(24, 55, n), seconds).astype(int)
    opened = datetime.combine(quarter.start, datetime.min.time())
    starts = [opened + timedelta(days=int(d), seconds=int(s)) for d, s in zip(day, second, strict=True)]
    ends = [start + timedelta(seconds=int(s)) for start, s in zip(starts, seconds, strict=True)]
    # An answer that is not sent is recorded a week later, as far as it got.
    recorded = [
        end + timedelta(seconds=1) if done else end + timedelta(days=7)
        for end, done in zip(ends, finished, strict=True)
    ]
    channel = np.where(rng.random(n) < 0.3, "qr", "anonymous")
    return pd.DataFrame(
        {
            "StartDate": _stamps(starts),
            "EndDate": _stamps(ends),
            "Status": np.where(preview, "Survey Preview", "IP Address"),
            "IPAddress": [
                f"{NETWORKS[a]}.{b}" for a, b in zip(rng.integers(3, size=n), rng.integers(1, 255, n), strict=True)
            ],
            "Progress": progress.astype(str),
            "Duration (in seconds)": seconds.astype(str),
            "Finished": np.where(finished, "True", "False"),
            "RecordedDate": _stamps(recorded),
            "ResponseId": _response_ids(n, rng),
            "RecipientLastName": "",
            "RecipientFirstName": "",
            "RecipientEmail": "",
            "ExternalReference": "",
            "LocationLatitude": [f"{LATITUDE + step / 100:.2f}" for step in rng.integers(-5, 7, n)],
            "LocationLongitude": [f"{LONGITUDE + step / 100:.2f}" for step in rng.integers(-9, 10, n)],
            "DistributionChannel": np.where(preview, "preview", channel),
            "UserLanguage": "EN",
        }
    )


def _stamps(times: list[datetime]) -> list[str]:
    return [f"{time:%Y-%m-%d %H:%M:%S}" for time in times]


def _response_ids(n: int, rng: np.random.Generator) -> list[str]:
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
    return ["R_" + "".join(row) for row in letters[rng.integers(len(letters), size=(n, 15))]]


def _plant_repeats(table: pd.DataFrame, quarter: Quarter, rows: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Answers sent again within the hour, and rows that two overlapping downloads hold twice."""
    chosen = rng.choice(rows, quarter.again + quarter.twice, replace=False)
    again = table.loc[chosen[: quarter.again]].copy()
    again["ResponseId"] = _response_ids(len(again), rng)
    for row in again.index:
        seconds = int(rng.integers(90, 400))
        start = datetime.fromisoformat(again.at[row, "EndDate"]) + timedelta(seconds=int(rng.integers(30, 900)))
        end = start + timedelta(seconds=seconds)
        stamps = _stamps([start, end, end + timedelta(seconds=1)])
        again.loc[row, ["StartDate", "EndDate", "RecordedDate"]] = stamps
        again.loc[row, "Duration (in seconds)"] = str(seconds)
    ordered = pd.concat([table, again]).sort_values("RecordedDate", kind="stable")
    return pd.concat([ordered, table.loc[chosen[quarter.again :]]], ignore_index=True)
