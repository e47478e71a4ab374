"""Trust between police and public, measured from community surveys.

In a notebook the verbs follow one another as in the method section of a report::

    import trustsurvey as ts

    study = ts.read_study("sample_data/study.yaml")
    margins = ts.read_margins("sample_data/margins.csv")
    wave = ts.read_wave("sample_data/waves/riverton_2026q2.csv", study, margins=margins)
    wave = ts.rake(wave, margins, missing="keep")
    results = ts.protect(ts.estimate(wave, ["trust", "pj"], by=["district"]), wave)

What stands here is the analysts' door; everything behind it may be imported from its own module.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trustsurvey.analysis import picture as picture
    from trustsurvey.areas.checks import check_model as check_model
    from trustsurvey.areas.covariates import covariates_from_table as covariates_from_table
    from trustsurvey.areas.lowest import lowest_areas as lowest_areas
    from trustsurvey.areas.small_area import model_areas as model_areas
    from trustsurvey.comparison.compare import change as change
    from trustsurvey.comparison.planning import plan as plan
    from trustsurvey.comparison.pooling import pool as pool
    from trustsurvey.comparison.representation import representation as representation
    from trustsurvey.comparison.trend import trend as trend
    from trustsurvey.disclosure.gate import protect as protect
    from trustsurvey.errors import SurveyError as SurveyError
    from trustsurvey.estimation.association import (
        difference_test as difference_test,
        independence as independence,
        mean_test as mean_test,
    )
    from trustsurvey.estimation.contrasts import jointly as jointly
    from trustsurvey.estimation.gaps import gaps as gaps
    from trustsurvey.estimation.means import estimate as estimate
    from trustsurvey.estimation.quantiles import quantile as quantile
    from trustsurvey.estimation.ratios import population_variance as population_variance, ratio as ratio
    from trustsurvey.estimation.regression import regress as regress
    from trustsurvey.frames import wave_from_frame as wave_from_frame
    from trustsurvey.instruments import default_instrument as default_instrument, read_instrument as read_instrument
    from trustsurvey.notebook import read_study as read_study, read_wave as read_wave
    from trustsurvey.replication.estimates import estimate_replicates as estimate_replicates
    from trustsurvey.replication.replicates import bring_replicates as bring_replicates, replicate as replicate
    from trustsurvey.scales.drivers import drivers as drivers
    from trustsurvey.scales.invariance import invariance as invariance
    from trustsurvey.scales.reliability import reliability as reliability
    from trustsurvey.scales.scoring import score as score
    from trustsurvey.weighting.population import margins_from_mapping as margins_from_mapping
    from trustsurvey.weighting.series import weigh_series as weigh_series
    from trustsurvey.weighting.trimming import trim as trim
    from trustsurvey.weighting.weigh import (
        bring as bring,
        calibrate as calibrate,
        diagnostics as diagnostics,
        post_stratify as post_stratify,
        rake as rake,
    )
    from trustsurvey.workflow import read_mapping as read_mapping, read_margins as read_margins

# Loaded when first asked for: the reading process imports this package and needs none of it.
_HOMES = {
    "bring": "weighting.weigh",
    "bring_replicates": "replication.replicates",
    "calibrate": "weighting.weigh",
    "change": "comparison.compare",
    "check_model": "areas.checks",
    "covariates_from_table": "areas.covariates",
    "default_instrument": "instruments",
    "diagnostics": "weighting.weigh",
    "difference_test": "estimation.association",
    "drivers": "scales.drivers",
    "estimate": "estimation.means",
    "estimate_replicates": "replication.estimates",
    "gaps": "estimation.gaps",
    "independence": "estimation.association",
    "invariance": "scales.invariance",
    "jointly": "estimation.contrasts",
    "lowest_areas": "areas.lowest",
    "margins_from_mapping": "weighting.population",
    "mean_test": "estimation.association",
    "model_areas": "areas.small_area",
    "picture": "analysis",
    "plan": "comparison.planning",
    "pool": "comparison.pooling",
    "population_variance": "estimation.ratios",
    "post_stratify": "weighting.weigh",
    "protect": "disclosure.gate",
    "quantile": "estimation.quantiles",
    "rake": "weighting.weigh",
    "ratio": "estimation.ratios",
    "read_instrument": "instruments",
    "read_mapping": "workflow",
    "read_margins": "workflow",
    "read_study": "notebook",
    "read_wave": "notebook",
    "regress": "estimation.regression",
    "reliability": "scales.reliability",
    "replicate": "replication.replicates",
    "representation": "comparison.representation",
    "score": "scales.scoring",
    "SurveyError": "errors",
    "trend": "comparison.trend",
    "trim": "weighting.trimming",
    "wave_from_frame": "frames",
    "weigh_series": "weighting.series",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'trustsurvey' has no attribute '{name}'")
    return getattr(importlib.import_module(f"trustsurvey.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
