"""The framework matrix of a study's focus groups as a workbook."""

from __future__ import annotations

from collections.abc import Sequence

from trustsurvey.export.workbook import workbook_bytes
from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.focus_groups.framework import framework
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.language import SOURCE, speaking
from trustsurvey.model import Codebook
from trustsurvey.present.groups import titles


@speaking(SOURCE)
def framework_workbook(groups: Sequence[Conversation], codebook: Codebook, heard: Heard) -> bytes:
    """What was ``heard`` in the groups, people and groups by theme, with the place of each turn in its file."""
    memos = {(group.name, "", ""): group.memo for group in groups if group.memo}
    places = [group.place(row) for group in groups for row in range(len(group.turns))]
    return workbook_bytes(framework(heard, titles(codebook), summaries=memos, places=places))
