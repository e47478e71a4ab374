"""Over time and against the population: change, trend, pooling, planning, who is missing."""
