"""Importing TensorFlow: quiet, and a plain word where it is missing."""

import os
import subprocess
import sys

import pytest


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip


@pytest.mark.slow
def test_start_says_nothing_and_errors_still_show() -> None:
    done = run_python(
        """
import sys
from inkwise.tensorflow.start import _without_greetings
import inkwise.tensorflow
import tensorflow
tensorflow.function(lambda x: x @ x)(tensorflow.ones((3, 3)))
with _without_greetings():
    print("E0000 00:00:1.2 1 port.cc:1] broken", file=sys.stderr)
    print("I0000 00:00:1.2 1 port.cc:1] a note", file=sys.stderr)
"""
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "E0000 00:00:1.2 1 port.cc:1] broken\n"


WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = None  # what an import of a package that is not installed does: ImportError
from inkwise.cli import main
sys.argv = ["inkwise", "train", "mlp-sequential", "--framework", "tensorflow", "--data", "digits"]
main()
"""


def test_train_without_the_extra_says_what_to_install() -> None:
    done = run_python(WITHOUT_TENSORFLOW)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "TensorFlow cannot be imported" in done.stderr
    assert done.stderr.endswith("run: pip install 'inkwise[tensorflow]'\n")


@pytest.mark.slow
def test_keras_on_another_framework_is_refused() -> None:
    done = run_python("import keras\nimport inkwise.tensorflow", KERAS_BACKEND="torch")
    assert "Keras runs on 'torch' in this process, expected 'tensorflow'; set KERAS_BACKEND" in done.stderr
