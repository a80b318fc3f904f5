"""A worker measures one training, and its report survives the way back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tests.experiments.bench.recipes.reports import measured, report

from inkwise.errors import RecipeError
from inkwise.experiments.bench.recipes.measure import summarise
from inkwise.experiments.bench.recipes.pictures import write_recipes
from inkwise.experiments.bench.recipes.report import TRAINING_STAGES, Job, Report
from inkwise.experiments.bench.recipes.worker import main, open_context, perform


def test_importing_the_worker_imports_no_torch() -> None:
    code = "import sys, inkwise.experiments.bench.recipes.worker; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_job_survives_the_way_to_its_process() -> None:
    job = Job(name="quick", seed=2, num_images=2000, epochs=1, device="cuda", waits=False, warm_up=True)
    assert Job.model_validate_json(job.model_dump_json()) == job


def test_training_seconds_leave_out_what_comes_before_and_after() -> None:
    """Of 4 s one is to load and one to evaluate."""
    assert report().training_seconds == 2.0
    assert report().seconds == 4.0
    assert not {"load", "set up", "evaluate", "save"} & set(TRAINING_STAGES)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_device_that_is_not_there_is_refused(mnist_folder: Path) -> None:
    with pytest.raises(RecipeError, match="device 'cuda' was asked for, but PyTorch finds none"):
        perform(Job(name="fast", num_images=64, epochs=1, device="cuda"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("name", ["quick", "fast"])
@pytest.mark.parametrize("waits", [True, False])
def test_training_on_a_gpu_is_measured(name: str, waits: bool, mnist_folder: Path) -> None:
    found = perform(Job(name=name, num_images=600, epochs=1, device="cuda", waits=waits))
    assert found.context_seconds is not None
    assert found.peak_device_bytes is not None
    assert found.environment["device"].startswith("cuda")
    assert found.seconds > found.training_seconds > 0


def test_processor_has_no_context() -> None:
    assert open_context(torch.device("cpu")) is None


@pytest.mark.parametrize(("name", "num_steps"), [("quick", None), ("mlp-class", 9), ("fast", 3)])
def test_main_prints_one_report_and_nothing_else(
    name: str, num_steps: int | None, mnist_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """600 images: mlp-class holds 50 back, ceil(550 / 64) = 9; fast takes all, ceil(600 / 256) = 3."""
    main(Job(name=name, num_images=600, epochs=1).model_dump_json())
    found = Report.model_validate(json.loads(capsys.readouterr().out))
    assert (found.num_train, found.num_test) == (600, 100)
    assert num_steps in (found.num_steps, None)
    assert found.precision in ("float32", "bfloat16")
    assert found.seconds > found.training_seconds > 0
    assert found.cpu_seconds > 0
    assert {"load", "forward", "backward", "update", "evaluate"} <= set(found.stage_seconds)
    assert (found.peak_device_bytes, found.context_seconds) == (None, None)
    assert found.peak_memory_bytes > 100e6


def test_warm_up_is_off_the_clock(mnist_folder: Path) -> None:
    """The training that counts has 3 steps, whatever came before."""
    found = perform(Job(name="fast", num_images=600, epochs=1, warm_up=True))
    assert found.num_steps == 3
    assert found.accuracy == perform(Job(name="fast", num_images=600, epochs=1)).accuracy


def test_result_is_written_with_its_pictures(tmp_path: Path) -> None:
    found = {
        "quick": measured(report(), report(accuracy=0.98)),
        "plain": measured(report(curve=[(3.0, 0.9)])),
    }
    kinds = {"quick": "ours", "plain": "plain"}
    result = summarise(found, kinds, repetitions=2, job=Job(name=""), load=None)  # type: ignore[arg-type]
    paths = write_recipes(result, tmp_path)
    assert [path.name for path in paths] == [
        "recipes.json", "recipes.md", "recipes-stages.png", "recipes-time.png", "recipes-size.png",
    ]  # fmt: skip
    assert type(result).model_validate_json(paths[0].read_text()) == result
    assert all(path.stat().st_size > 5000 for path in paths[2:])
