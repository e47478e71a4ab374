"""Tables of what an analyst reads in the answers: words in context, words that set groups apart, themes together."""

from __future__ import annotations

import pandas as pd

from trustsurvey.language import _
from trustsurvey.model import RULES, Codebook
from trustsurvey.present.words import count, percent
from trustsurvey.text.concordance import Concordance
from trustsurvey.text.tone import MEASURED


def context_table(found: Concordance) -> pd.DataFrame:
    """A line for each place where the word stands."""
    return pd.DataFrame(
        [(line.before, line.word, line.after) for line in found.lines], columns=[_("before"), _("word"), _("after")]
    )


def pairs_table(found: pd.DataFrame) -> pd.DataFrame:
    """Words that follow each other, from ``text.concordance``."""
    strength = _("Strength")
    named = {"pair": _("Pair"), "people": _("People at least"), "times": _("Times"), "likelihood": strength}
    return found[list(named)].rename(columns=named).round({strength: 0})


def apart_table(found: pd.DataFrame, most: int = 40) -> pd.DataFrame:
    """Words that a group uses more or less than the others, from ``text.distinguish``; those that pass the test."""
    rows = found[found["p_adj"] < 0.05].head(most)
    return pd.DataFrame(
        {
            _("Who"): rows["group"],
            _("Word"): rows["word"],
            _("Used"): rows["side"].map({"more": _("more than others"), "less": _("less than others")}),
            _("People at least"): rows["people"],
            _("Log odds"): rows["log_odds"].round(2),
            "z": rows["z"].round(1),
        }
    )


def together_table(found: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Pairs of themes that stand in the same answers, from ``text.together``; hidden ones left out."""
    rows = found[found["suppressed"] == ""]
    return pd.DataFrame(
        {
            _("Theme"): [_(codebook.code(key).title) for key in rows["a"]],
            _("And"): [_(codebook.code(key).title) for key in rows["b"]],
            _("Answers"): rows["both"].map(count),
            _("Of those read at random"): rows["share"].map(percent),
            _("Times what chance would give"): rows["lift"].round(1),
        }
    )


def linked_table(found: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """The score of those who mention a theme beside that of those who do not, from ``text.links``."""
    rows = found[found["suppressed"] == ""].sort_values("gap")
    return pd.DataFrame(
        {
            _("Theme"): [_(codebook.code(key).title) for key in rows["code"]],
            _("Who mention it"): rows["mean"].round(1),
            _("The others"): rows["others"].round(1),
            _("Difference"): rows["gap"].round(1),
            _("Likely from"): rows["lci"].round(1),
            _("to"): rows["uci"].round(1),
            _("Adjusted p"): rows["p_adj"].round(3),
            _("Read, mention it"): rows["n"],
        }
    )


def tone_words() -> str:
    """What the tone of a list of words is worth, as it was measured."""
    share = {name: percent(value) for name, value in MEASURED.items() if name != "comments"}
    return _(
        "A list of English words gives each answer a tone. It is no measure of trust, and often wrong: "
        "of {comments} comments of patients whose tone people had judged, it called {positive} of the "
        "positive ones positive, but only {critical} of the critical ones critical, and "
        "{critical_called_positive} of them positive. What is praised or criticised, people who read "
        "the answers say, on the page Coding."
    ).format(
        comments=count(MEASURED["comments"]),
        positive=share["positive"],
        critical=share["critical"],
        critical_called_positive=share["critical called positive"],
    )


def tone_table(found: pd.DataFrame) -> pd.DataFrame:
    """Answers by what people heard (rows) and what the list says (columns), from ``voices.reading.toned``."""
    rows = {
        "positive": _("positive"),
        "negative": _("critical"),
        "": _("both, or nothing said"),
        "unread": _("not read"),
    }
    named = {"positive": _("List: positive"), "negative": _("List: critical"), "": _("List: neither")}
    told = found.map(lambda n: count(n) if n >= RULES.people or not n else _("under 10"))
    return told.rename(index=rows, columns=named).rename_axis(index=_("People heard")).reset_index()
