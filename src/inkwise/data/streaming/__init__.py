"""Images that are more than memory holds: read from their shards in pieces, shuffled on the way."""
