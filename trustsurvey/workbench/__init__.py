"""What an analyst asks beyond a table: one function a question, its numbers past the disclosure gate.

Each takes the scored waves of a study in order of time and the place ``at`` of the one that is asked about,
and gives back a :class:`Finding`. The Analyst page and the command line both ask here.
"""

from trustsurvey.workbench.areas import area_model, small_areas
from trustsurvey.workbench.differences import answers_by_group, mean_against, means_by_group, two_groupings
from trustsurvey.workbench.finding import Finding, command
from trustsurvey.workbench.groups import group_gaps, same_meaning
from trustsurvey.workbench.models import regression
from trustsurvey.workbench.scores import companions, goes_with, scales
from trustsurvey.workbench.waves import changes, planned, trends, who_is_missing

__all__ = [
    "Finding",
    "answers_by_group",
    "area_model",
    "changes",
    "command",
    "companions",
    "goes_with",
    "group_gaps",
    "mean_against",
    "means_by_group",
    "planned",
    "regression",
    "same_meaning",
    "scales",
    "small_areas",
    "trends",
    "two_groupings",
    "who_is_missing",
]
