"""Focus groups: who said what, counted in people and groups. They are no sample and never give a share of residents."""
