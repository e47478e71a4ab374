"""Tables that an analyst asks for; the page and the command line ask with the same :class:`Request`."""

from trustsurvey.tabulate.numbers import PEOPLE
from trustsurvey.tabulate.request import Request, Statistic, Variance, groupings, spoken
from trustsurvey.tabulate.table import sentences, tabulate

__all__ = ["PEOPLE", "Request", "Statistic", "Variance", "groupings", "sentences", "spoken", "tabulate"]
