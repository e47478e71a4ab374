"""Residents' own words: redacted, coded by people and machine, and counted with intervals that admit errors."""
