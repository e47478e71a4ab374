"""What may be shown: the gate, and which numbers of people it hides."""
