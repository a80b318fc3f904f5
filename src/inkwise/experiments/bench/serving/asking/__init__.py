"""The client of `inkwise bench serving`: its requests, its connections, and how they follow one another."""
