"""Weights: what the population is, and how a sample is made to match it."""
