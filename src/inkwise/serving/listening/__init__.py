"""The process that listens: its socket, its workers, how it stops."""
