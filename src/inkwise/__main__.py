"""`python -m inkwise` is `inkwise`."""

from inkwise.cli import main

main()
