"""The nouns of a survey: frozen types that every verb takes and gives back.

Nothing here computes an estimate, reads a file or knows a screen. A :class:`Wave` goes in and
comes out of each verb (harmonise, weigh, score, pool) until ``estimate`` turns it into
:class:`Estimates`.
"""

from trustsurvey.model.action import STATES, Action, ActionVersion, State
from trustsurvey.model.coding import Code, Codebook, Coding, Queue, Stance
from trustsurvey.model.design import Design, Floats, Ints, Lonely, Margin, Margins, Weighting
from trustsurvey.model.questionnaire import REASONS, Index, Instrument, Item, Scale
from trustsurvey.model.report import ItemCheck, Report, RowCheck, ValueCheck
from trustsurvey.model.rules import RULES, Rules
from trustsurvey.model.study import AreaLevel, ColumnMap, Mapping, Role, Study
from trustsurvey.model.transcript import Counted, SpeakerRole, Transcript, Turn
from trustsurvey.model.wave import ESTIMATE_COLUMNS, Estimates, Wave

__all__ = [
    "ESTIMATE_COLUMNS",
    "REASONS",
    "RULES",
    "STATES",
    "Action",
    "ActionVersion",
    "AreaLevel",
    "Code",
    "Codebook",
    "Coding",
    "ColumnMap",
    "Counted",
    "Design",
    "Estimates",
    "Floats",
    "Index",
    "Instrument",
    "Ints",
    "Item",
    "ItemCheck",
    "Lonely",
    "Mapping",
    "Margin",
    "Margins",
    "Queue",
    "Report",
    "Role",
    "RowCheck",
    "Rules",
    "Scale",
    "SpeakerRole",
    "Stance",
    "State",
    "Study",
    "Transcript",
    "Turn",
    "ValueCheck",
    "Wave",
    "Weighting",
]
