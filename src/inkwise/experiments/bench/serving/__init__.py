"""Our HTTP server beside the usual FastAPI + PyTorch handler: one model, one client, one run."""
