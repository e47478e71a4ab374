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
    from trustsurvey.comparison.compare import change as change
    from trustsurvey.comparison.pooling import pool as pool
    from trustsurvey.disclosure.gate import protect as protect
    from trustsurvey.errors import SurveyError as SurveyError
    from trustsurvey.estimation.means import estimate as estimate
    from trustsurvey.instruments import default_instrument as default_instrument, read_instrument as read_instrument
    from trustsurvey.notebook import read_study as read_study, read_wave as read_wave
    from trustsurvey.scales.scoring import score as score
    from trustsurvey.weighting.weigh import diagnostics as diagnostics, rake as rake
    from trustsurvey.workflow import read_mapping as read_mapping, read_margins as read_margins

# Loaded when first asked for: the reading process imports this package and needs none of it.
_HOMES = {
    "SurveyError": "errors",
    "change": "comparison.compare",
    "default_instrument": "instruments",
    "diagnostics": "weighting.weigh",
    "estimate": "estimation.means",
    "picture": "analysis",
    "pool": "comparison.pooling",
    "protect": "disclosure.gate",
    "rake": "weighting.weigh",
    "read_instrument": "instruments",
    "read_mapping": "workflow",
    "read_margins": "workflow",
    "read_study": "notebook",
    "read_wave": "notebook",
    "score": "scales.scoring",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'trustsurvey' has no attribute '{name}'")
    return getattr(importlib.import_module(f"trustsurvey.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
