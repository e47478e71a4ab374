"""What residents said, what was promised and done, and what the survey found before and after: SARA, honestly."""
