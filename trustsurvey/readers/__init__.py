"""Survey files in: any export becomes a :class:`~trustsurvey.readers.raw.Raw` table of text."""
