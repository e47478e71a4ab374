"""A file from which the same figures are made again, and making them again."""
