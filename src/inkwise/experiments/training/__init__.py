"""What a training begins with: its images, and the processes that train."""
