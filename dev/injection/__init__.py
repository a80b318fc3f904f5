"""Faults done to a training from outside: signals, full and failing disks, clocks that jump.

Nothing of inkwise is replaced: the victim is a process of its own, the disks are the kernel's, and what is
checked is what lies in the run folder afterwards. dev/faults.py draws many at random; a test does a few.
"""
