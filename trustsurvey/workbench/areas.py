"""Questions about small areas, which a model answers."""

from __future__ import annotations

from collections.abc import Sequence

from trustsurvey.areas.checks import check_model
from trustsurvey.areas.covariates import AreaCovariates
from trustsurvey.areas.lowest import lowest_areas
from trustsurvey.areas.small_area import SmallAreas, model_areas
from trustsurvey.comparison.pooling import pool, rolling_year
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.gate import protect
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.means import estimate
from trustsurvey.language import _
from trustsurvey.model import Margins, Study, Wave
from trustsurvey.workbench.finding import Finding, has, having


def small_areas(
    waves: Sequence[Wave],
    at: int,
    study: Study,
    level: str,
    measure: str,
    *,
    year: bool | None = None,
    covariates: AreaCovariates | None = None,
    population: Margins | None = None,
) -> Finding:
    """Modelled values by area beside the direct ones, and how probably each is among the lowest fifth.

    ``year``: from the rolling year; by default where there is one. ``population`` gives the people by
    area, if one of its margins is the level's.
    """
    model = area_model(waves, at, study, level, measure, year=year, covariates=covariates, population=population)
    ranks = lowest_areas(model)[["area", "probability", "rank", "rank_lci", "rank_uci"]]
    checks = check_model(model)
    told = (
        _(
            "Modelled values draw areas with few answers towards the others (Fay-Herriot); they stand beside the "
            "direct ones, never in their place."
        ),
        *(notice.text for notice in model.notices),
    )
    return Finding(model.table.merge(ranks, on="area"), told, checks.table)


def area_model(
    waves: Sequence[Wave],
    at: int,
    study: Study,
    level: str,
    measure: str,
    *,
    year: bool | None = None,
    covariates: AreaCovariates | None = None,
    population: Margins | None = None,
) -> SmallAreas:
    """The small-area model of a measure at an area level; see :func:`small_areas`."""
    span = rolling_year(waves, at) if year is None or year else ()
    if year and not span:
        raise SurveyError("table.year", "No rolling year ends with this wave", where=waves[at].name)
    span = tuple(k for k in span if level in waves[k].areas and has(waves[k], measure))
    if year and len(span) < 3:
        raise SurveyError(
            "table.year", f"Fewer than three waves of the rolling year have '{measure}' by '{level}'",
            where=waves[at].name, hint="Ask for the wave alone.",
        )  # fmt: skip
    wave = having(pool([waves[k] for k in span]) if len(span) > 2 else waves[at], measure)
    if not wave.areas:
        raise SurveyError(
            "estimate.by", "The wave has no areas", where=wave.name,
            hint="Mark a column as an area when the survey is imported.",
        )  # fmt: skip
    if level not in wave.areas:
        raise SurveyError(
            "estimate.by", f"The wave has no area level '{level}'", where=wave.name, expected=some(wave.areas, 8)
        )
    direct = estimate(wave, [measure], [level])
    shown = protect(direct, wave, history=waves[: at + 1], nesting=nesting_of(study.levels))
    people = next((m.targets for m in population or () if m.variable == level), None)
    names = next((known.names for known in study.levels if known.key == level), ())
    return model_areas(direct, shown, level, measure, covariates=covariates, population=people, areas=names)
