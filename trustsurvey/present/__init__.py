"""Results as people read them: words, charts, maps. Nothing here sees an answer."""
