"""Pictures of many trainings: published numbers, speed, sweeps."""
