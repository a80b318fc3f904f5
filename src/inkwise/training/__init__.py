"""From a Dataset and a Recipe to a trained network in a run folder."""
