"""What dev/streaming.py measures: sets larger than memory, randomness of the buffer, memory and speed."""
