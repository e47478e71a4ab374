"""Results and, for those entitled, weights by pseudonym, as files. Nothing leaves by another way."""
