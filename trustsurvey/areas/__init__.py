"""Small areas: the Fay-Herriot model, what goes into it and what follows from it."""
