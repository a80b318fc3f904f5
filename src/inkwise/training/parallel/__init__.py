"""Several processes that train one network: each takes its rows of every batch, and all make the same step.

It rests on torch.distributed alone, so it runs under torchrun; inkwise.scale starts the processes by Ray.
"""
