"""From a file's columns to a wave: propose a mapping, apply it, say what does not fit."""

from trustsurvey.harmonise.apply import Harmonised, harmonise
from trustsurvey.harmonise.design import keyed_pseudonyms
from trustsurvey.harmonise.guess import Guess
from trustsurvey.harmonise.previous import LastWave
from trustsurvey.harmonise.problems import Choice, Problem, accept, decide
from trustsurvey.harmonise.propose import propose
from trustsurvey.mapping_file import mapping_from_yaml, mapping_to_yaml

__all__ = [
    "Choice",
    "Guess",
    "Harmonised",
    "LastWave",
    "Problem",
    "accept",
    "decide",
    "harmonise",
    "keyed_pseudonyms",
    "mapping_from_yaml",
    "mapping_to_yaml",
    "propose",
]
