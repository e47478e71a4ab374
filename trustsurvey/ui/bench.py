"""What the analyst's questions are asked of, and a question as put."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.model import Margins, Study, Wave
from trustsurvey.workbench import Finding, command


@dataclass(frozen=True, eq=False)
class Asked:
    """A question as put: how to answer it, how to say it on the command line, and how to draw it."""

    answer: Callable[[], Finding]
    command: str
    draw: Callable[[Finding], go.Figure | None] = lambda found: None
    #: What the picture shows.
    shows: str = N_("Dots are estimates, lines their 95 % intervals.")


@dataclass(frozen=True, eq=False)
class Bench:
    """What questions are asked of: the waves up to the chosen one, the study, what may be chosen."""

    waves: list[Wave]
    study: Study
    margins: Margins | None
    crossing: bool

    @property
    def wave(self) -> Wave:
        """The wave that is asked about."""
        return self.waves[-1]

    @property
    def at(self) -> int:
        """Its place."""
        return len(self.waves) - 1

    @property
    def groupings(self) -> list[str]:
        """Area levels and groups."""
        return [*self.wave.areas, *self.wave.groups]

    @property
    def indices(self) -> list[str]:
        """Indices that the wave has, the headline first."""
        assert self.wave.scores is not None
        keys = [index.key for index in self.wave.instrument.indices if index.key in self.wave.scores]
        return sorted(keys, key=lambda key: key != self.wave.instrument.headline)

    def title(self, measure: str) -> str:
        """An index by its title, a question by its key and words, a column of numbers by its name."""
        titles = {index.key: _(index.title) for index in self.wave.instrument.indices}
        if measure in titles:
            return titles[measure]
        instrument = self.wave.instrument
        return f"{measure}: {instrument.item(measure).text}" if instrument.has_item(measure) else measure

    def choose(self, label: str = "", key: str = "measure") -> str:
        """One measure, from indices and questions."""
        return st.selectbox(label or _("Of what"), [*self.indices, *self.wave.items], format_func=self.title, key=key)

    def say(self, question: str, **options: Any) -> str:
        """The command line that asks the same."""
        return command(question, self.study.slug, self.wave.name, **options)
