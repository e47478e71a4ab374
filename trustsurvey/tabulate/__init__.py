"""Tables that an analyst asks for; the page and the command line ask with the same :class:`Request`."""

from trustsurvey.tabulate.numbers import PEOPLE
from trustsurvey.tabulate.request import Request, Statistic, Variance, groupings, spoken
from trustsurvey.tabulate.table import replicates_for, sentences, tabulate

__all__ = [
    "PEOPLE",
    "Request",
    "Statistic",
    "Variance",
    "groupings",
    "replicates_for",
    "sentences",
    "spoken",
    "tabulate",
]
