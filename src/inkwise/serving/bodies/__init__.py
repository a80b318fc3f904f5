"""From the bytes of a request to images, each limit checked before the work that it limits."""
