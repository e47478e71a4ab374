"""Replicate weights, each calibrated anew, and estimates from them."""
