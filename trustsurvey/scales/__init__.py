"""From answers to scores: scoring, reliability, invariance, what goes with a score."""
