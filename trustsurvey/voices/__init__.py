"""Residents' own words over a study: names taken out, read by people and machine, counted past the gate."""
