"""What every layer of any network takes in and puts out, seen without changing the network."""
