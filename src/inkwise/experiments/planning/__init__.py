"""What work costs that no machine here could do: from measured numbers to core-hours, bytes and dollars."""
