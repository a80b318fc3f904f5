"""Exact resume: a training killed at a random moment goes on to the bits of an undisturbed one."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inkwise.classifier_file import read_safetensors

SCRIPT = Path(__file__).with_name("kill_training.py")


def start(out, recipe, epochs, *more):
    command = [sys.executable, str(SCRIPT), str(out), recipe, str(epochs), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors


def contents(run):
    """Weights, optimizer, random state and counters of the checkpoint, history, the classifier's tensors."""
    metadata, tensors = read_safetensors(run / "checkpoint.safetensors", framework="pt")
    _, weights = read_safetensors(run / "classifier.safetensors", framework="pt")
    as_bytes = {name: tensor.numpy().tobytes() for name, tensor in tensors.items()}
    return (
        metadata,
        as_bytes,
        (run / "history.jsonl").read_bytes(),
        {k: v.numpy().tobytes() for k, v in weights.items()},
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "epochs"),
    [("mlp-logsoftmax", 12), ("mlp-class", 12), ("cnn-keras", 1), ("quick", 4), ("reader", 6)],
)  # momentum unrolled; plain autograd; Adam with dropout; one-cycle; changed images and averaged weights
def test_killed_training_resumes_to_equal_bits(recipe, epochs, tmp_path):
    """kill -9 three times at random moments, then --resume: every tensor and the history are equal."""
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    finish(start(undisturbed, recipe, epochs))
    moments = random.Random(recipe)
    more = ()
    for _ in range(3):
        process = start(killed, recipe, epochs, *more)
        process.stdout.readline()  # It has begun to train.
        time.sleep(moments.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        more = ("--resume",)
    finish(start(killed, recipe, epochs, *more))
    assert contents(killed) == contents(undisturbed)


@pytest.mark.slow
def test_interrupt_keeps_what_was_reached(tmp_path):
    """Ctrl-C: a line that says how to go on, a classifier on disk, and the same end after resuming."""
    undisturbed, stopped = tmp_path / "undisturbed", tmp_path / "stopped"
    finish(start(undisturbed, "cnn-keras", 1))
    process = start(stopped, "cnn-keras", 1)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "interrupted in epoch 1 of 1" in errors
    assert f"inkwise train --resume --out {stopped}" in errors
    assert (stopped / "classifier.safetensors").is_file()
    finish(start(stopped, "cnn-keras", 1, "--resume"))
    assert contents(stopped) == contents(undisturbed)


@pytest.mark.slow
def test_two_processes_never_train_in_one_folder(tmp_path):
    first = start(tmp_path / "run", "cnn-keras", 3)
    first.stdout.readline()
    second = start(tmp_path / "run", "cnn-keras", 3, "--resume")
    _, errors = second.communicate(timeout=120)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert second.returncode != 0
    assert "another process is training here; wait for it, or choose another --out" in errors
