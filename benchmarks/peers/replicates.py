"""What the scripts of the replicates share."""

#: Bootstrap replicates.
COUNT = 200
