"""`inkwise sweep`: many trainings of one recipe, whose values validation images choose."""
