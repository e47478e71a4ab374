"""From weighted waves to what is shown: one picture of a study at one wave, past the disclosure gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from weakref import WeakKeyDictionary

import pandas as pd

from trustsurvey.areas.lowest import lowest_areas
from trustsurvey.areas.small_area import model_areas
from trustsurvey.comparison.compare import Change, against_everyone, breaks, change
from trustsurvey.comparison.pooling import pool, rolling_year
from trustsurvey.comparison.representation import representation
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.crossed import hidden_in_margins
from trustsurvey.disclosure.gate import protect
from trustsurvey.disclosure.sums import Nesting, frozen
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.means import estimate
from trustsurvey.model import AreaLevel, Estimates, Index, Study, Wave
from trustsurvey.scales.scoring import dont_know, positive, score

#: A level is shown from one wave if this share of its areas has enough answers.
ENOUGH = 0.5


@dataclass(frozen=True)
class LevelView:
    """One area level: from one wave, or from a rolling year where a wave gives too few answers.

    ``against``: where areas differ from everyone; ``change``: since the wave (or the year) before;
    ``lowest``: how probably each area is among the lowest fifth, by a small-area model, where one can be made.
    """

    level: AreaLevel
    waves: tuple[str, ...]
    estimates: Estimates
    against: pd.DataFrame
    change: Change | None
    lowest: pd.DataFrame | None = None

    @property
    def pooled(self) -> bool:
        """Whether several waves were taken together."""
        return len(self.waves) > 1

    @property
    def shown(self) -> int:
        """How many areas have enough answers."""
        return int((self.against["verdict"] != "withheld").sum())

    @property
    def areas(self) -> int:
        """How many areas there are."""
        return len(self.against)


@dataclass(frozen=True)
class Picture:
    """Everything a page or a workbook says about a study at one wave; all of it may be shown.

    ``trend`` holds every measure for everyone, and the headline by group and by the area levels that a wave
    gives enough answers for, in all waves up to this one; ``trend_breaks`` names the waves from
    which a measure was not asked in the same words. ``groups``: where each group differs from everyone, by
    grouping; ``heard``: those who answered against the population, where the wave was weighted to one.
    """

    study: Study
    wave: Wave
    measure: str
    previous: str
    estimates: Estimates
    change: Change | None
    levels: tuple[LevelView, ...]
    trend: Estimates
    trend_breaks: dict[str, tuple[str, ...]]
    questions: Estimates
    groups: dict[str, pd.DataFrame] = field(default_factory=dict)
    heard: pd.DataFrame | None = None

    def view(self, level: str) -> LevelView:
        """The view of one area level; ``StopIteration`` if the wave has none."""
        return next(view for view in self.levels if view.level.key == level)


@dataclass(frozen=True)
class Overview:
    """What all pictures of a study at one wave have in common, whichever measure they look at; it may be shown.

    ``measures``: the indices that the wave has.
    """

    measures: tuple[str, ...]
    estimates: Estimates
    change: Change | None
    trend_breaks: dict[str, tuple[str, ...]]
    questions: Estimates


def overview(waves: Sequence[Wave], at: int, study: Study) -> Overview:
    """Estimate, compare and protect what is shown of wave ``at`` for any measure; ``waves`` are in order of time."""
    waves = _scored(waves, at)
    wave, nesting = waves[at], nesting_of(study.levels)
    measures = _measures(wave)
    groupings = [*wave.areas, *wave.groups]
    if not measures:
        raise SurveyError(
            "picture.no-index", "No index of the questionnaire can be made from the questions of this wave",
            where=wave.name, expected=some((i.title for i in wave.instrument.indices), 4),
            hint="Map more of its questions, or use a questionnaire with an index of these.",
        )  # fmt: skip
    estimates = protect(estimate(wave, measures, groupings), wave, nesting=nesting)
    before = None
    old = waves[at - 1] if at > 0 else None
    shared = [measure for measure in measures if old is not None and measure in old.scores]  # type: ignore[operator]
    if old is not None and shared:
        common = [grouping for grouping in groupings if grouping in old.people.columns]
        before = change(old, wave, protect(estimate(old, shared, common), old, nesting=nesting), estimates)
    breaks_of = {measure: _break_waves(waves, measure) for measure in measures}
    return Overview(tuple(measures), estimates, before, breaks_of, _questions(wave))


def standing(wave: Wave, study: Study) -> tuple[Index, pd.Series] | None:
    """The headline of a wave, and where everyone stands by it: a row of its :func:`overview`, which takes far longer.

    None for a wave that has no score.
    """
    [wave] = _scored([wave], 0)
    measures = _measures(wave)
    if not measures:
        return None
    measure = _looked_at(wave, measures)
    made = protect(estimate(wave, [measure], []), wave, nesting=nesting_of(study.levels))
    return wave.instrument.index(measure), made.rows(measure=measure, by="").iloc[0]


def picture(
    waves: Sequence[Wave], at: int, study: Study, measure: str | None = None, common: Overview | None = None
) -> Picture:
    """Estimate, compare and protect all that is shown of wave ``at``; ``waves`` are in order of time.

    ``measure`` is looked at by area and over time, the instrument's headline unless named. ``common``: the
    :func:`overview` of the same waves, where it was made already.
    """
    waves = _scored(waves, at)
    wave, nesting = waves[at], nesting_of(study.levels)
    seen = overview(waves, at, study) if common is None else common
    headline = _looked_at(wave, seen.measures, measure)
    views = tuple(_level_view(waves, at, level, headline, study) for level in study.levels if level.key in wave.areas)
    trend_levels = [view.level.key for view in views if not view.pooled]
    return Picture(
        study=study,
        wave=wave,
        measure=headline,
        previous=waves[at - 1].name if at > 0 else "",
        estimates=seen.estimates,
        change=seen.change,
        levels=views,
        trend=_trend(waves, headline, [*trend_levels, *wave.groups], nesting),
        trend_breaks=seen.trend_breaks,
        questions=seen.questions,
        groups={group: against_everyone(wave, seen.estimates, headline, group) for group in wave.groups},
        heard=representation(
            wave, hidden=hidden_in_margins(wave, None, nesting), estimates=seen.estimates, measure=headline
        )
        if wave.raked
        else None,
    )


def _scored(waves: Sequence[Wave], at: int) -> list[Wave]:
    return [wave if wave.scores is not None else score(wave) for wave in waves[: at + 1]]


def _measures(wave: Wave) -> list[str]:
    """The indices of the questionnaire that the wave has."""
    return [index.key for index in wave.instrument.indices if wave.scores is not None and index.key in wave.scores]


def _looked_at(wave: Wave, measures: Sequence[str], asked: str | None = None) -> str:
    """The measure asked for, else the headline of the questionnaire, where the wave has it; else the first it has."""
    wanted = asked or wave.instrument.headline
    return wanted if wanted in measures else measures[0]


def _level_view(waves: list[Wave], at: int, level: AreaLevel, headline: str, study: Study) -> LevelView:
    single = _view_of(waves, (at,), (at - 1,) if at else (), level, headline, study)
    if single.areas and single.shown >= ENOUGH * single.areas:
        return single
    year = rolling_year(waves, at)
    parts = [waves[k] for k in year]
    if not parts or any(level.key not in part.areas for part in parts) or _break_waves(parts, headline):
        return single
    earlier = rolling_year(waves, year[0] - 1) if year[0] > 0 else ()
    if len(earlier) != len(year):
        earlier = ()
    pooled = _view_of(waves, year, earlier, level, headline, study)
    return pooled if pooled.shown > single.shown else single


def _view_of(
    waves: list[Wave], at: tuple[int, ...], before: tuple[int, ...], level: AreaLevel, headline: str, study: Study
) -> LevelView:
    """The view from the waves ``at``, with the change since the waves ``before`` (none for an empty tuple)."""
    nesting = nesting_of(study.levels)

    def shown_of(positions: tuple[int, ...]) -> tuple[Wave, Estimates, Estimates]:
        wave = pool([waves[k] for k in positions])
        by = [key for key in (level.parent, level.key) if key in wave.areas]
        made = estimate(wave, [headline], by)
        return wave, made, protect(made, wave, history=waves[: positions[-1] + 1], nesting=nesting)

    wave, direct, estimates = shown_of(at)
    since = None
    if before and all(_has(waves[k], headline, level.key) for k in before):
        old, _, then = shown_of(before)
        since = change(old, wave, then, estimates)
    shown = replace(estimates, table=estimates.table[estimates.table["by"].isin(["", level.key])])
    return LevelView(
        level,
        wave.pooled_from or (wave.name,),
        replace(shown, table=shown.table.reset_index(drop=True)),
        against_everyone(wave, estimates, headline, level.key),
        since,
        _lowest(direct, estimates, level, headline),
    )


def _lowest(direct: Estimates, shown: Estimates, level: AreaLevel, measure: str) -> pd.DataFrame | None:
    try:
        return lowest_areas(model_areas(direct, shown, level.key, measure, areas=level.names))
    except SurveyError:
        return None  # too few areas with answers for a model


def _has(wave: Wave, measure: str, level: str) -> bool:
    return wave.scores is not None and measure in wave.scores and level in wave.areas


#: Of a wave, what trends of it are made of, past the gate; by measures and groupings.
_SHOWN: WeakKeyDictionary[Wave, dict[object, pd.DataFrame]] = WeakKeyDictionary()


def _trend(waves: list[Wave], headline: str, groupings: list[str], nesting: Nesting) -> Estimates:
    tables = []
    for wave in waves:
        every = _shown(wave, tuple(_measures(wave)), (), nesting)
        tables.append(every[every["measure"] != headline])
        if headline in _measures(wave):
            by = tuple(key for key in groupings if key in (*wave.areas, *wave.groups))
            tables.append(_shown(wave, (headline,), by, nesting))
    return Estimates(pd.concat(tables, ignore_index=True))


def _shown(wave: Wave, measures: tuple[str, ...], by: tuple[str, ...], nesting: Nesting) -> pd.DataFrame:
    """Estimates of one wave past the gate, kept with the wave: all later pictures show them too."""
    kept, key = _SHOWN.setdefault(wave, {}), (measures, by, frozen(nesting))
    if key not in kept:
        made = Estimates(estimate(wave, measures, by).table) if measures else None
        kept[key] = pd.DataFrame(columns=["measure"]) if made is None else protect(made, wave, nesting=nesting).table
    return kept[key]


def _break_waves(waves: list[Wave], measure: str) -> tuple[str, ...]:
    return tuple(new.name for old, new in pairwise(waves) if breaks(old, new, measure))


def _questions(wave: Wave) -> Estimates:
    """Every question for everyone: mean score, percent positive, percent "don't know"."""
    means = estimate(wave, list(wave.items)).table
    shares = estimate(wave, positive(wave), stat="share").table.assign(stat="positive")
    unsure = estimate(wave, dont_know(wave), stat="share").table.assign(stat="don't know")
    return protect(Estimates(pd.concat([means, shares, unsure], ignore_index=True)), wave)
