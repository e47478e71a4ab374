"""Estimates from a weighted wave, with design-based uncertainty."""
