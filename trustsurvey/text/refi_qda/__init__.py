"""Codebooks (.qdc) and coded texts (.qdpx) as programs for qualitative analysis exchange them: REFI-QDA 1.0."""
