"""Make the reader that ships with inkwise from its run: `python dev/reader.py RUN [--count N] [--seed S]`.

Trains the recipe `reader` into RUN where that is not done. Calibrates the classifier on validation images,
writes src/inkwise/handwriting/shipped/ (the classifier, the same for ONNX Runtime, and the model card) after
showing that both answer alike, and changes nothing where they do not.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "src" / "inkwise" / "handwriting" / "shipped"
CARD = Path(__file__).with_name("reader-card.md")
FILES = ("reader.safetensors", "reader.onnx", "model-card.md")
NUM_PROBED = 2000  # images, about, on which both answers are compared
MOST_BYTES = 2_000_000  # of all files together
MOST_DIFFERENCE = 1e-5  # between a probability of torch and of ONNX Runtime
SEED = 20_261_121  # of the images to calibrate on: apart from any training's


def make_reader(run_path: Path, *, out: Path, count: int, seed: int) -> str:
    """Write the shipped files to out; return what was measured, one line.

    Args:
        run_path: a finished run of the recipe `reader`, or a folder to train it into.
        count: written validation images to calibrate on, beside the validation digits as they are.
        seed: of those.
    """
    from inkwise import __version__
    from inkwise.data.load import load_dataset
    from inkwise.handwriting.learning.calibration import calibrate, make_calibration_images
    from inkwise.training.session import cut_validation

    run = _trained(run_path)
    dataset = load_dataset(run.recipe.data.dataset)
    _, chosen = cut_validation(dataset, run.recipe)
    workers = os.cpu_count() or 1
    validation = make_calibration_images(dataset.train.take(chosen), count=count, seed=seed, workers=workers)
    classifier, found = calibrate(run.classifier, validation)
    with tempfile.TemporaryDirectory(prefix="inkwise-reader-") as folder:
        made = Path(folder)
        classifier.save(made / FILES[0])
        probe = validation.images[:: max(len(validation) // NUM_PROBED, 1)]
        difference = write_graph(classifier, made, probe=probe)
        card = model_card(run, classifier, found=found, version=__version__, probed=(len(probe), difference))
        (made / FILES[2]).write_text(card, encoding="utf-8")
        size = sum((made / name).stat().st_size for name in FILES)
        if size > MOST_BYTES:
            raise SystemExit(f"{size:,} bytes, at most {MOST_BYTES:,}; take a narrower network")
        out.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(made / name, out / name)
    return (
        f"{out}: {size:,} bytes; temperature {found.temperature:.3f}, accepts from "
        f"{found.accept_probability:.4f}: {found.accepted:.2%} of validation digits; "
        f"ONNX Runtime within {difference:.1e} of torch"
    )


def _trained(path: Path) -> Any:
    from inkwise.experiments.train import train
    from inkwise.runs.run import Run

    if (path / "recipe.toml").is_file():
        run = Run.open(path)
        if not run.is_finished:
            raise SystemExit(f"{path}: not finished; go on with: inkwise train --resume --out {path}")
        return run
    print(f"{path}: no run yet, training the recipe reader", file=sys.stderr)
    return train("reader", data="mnist", out=path, writers=os.cpu_count() or 1)


def write_graph(classifier: Any, folder: Path, *, probe: Any) -> float:
    """Write reader.onnx beside reader.safetensors; return by how much its probabilities differ, at most.

    Raises:
        SystemExit: a tensor's bytes are not those of the classifier, or the answers differ.
    """
    import numpy as np
    import onnx
    import onnxruntime
    from dev.reader_graph import build_graph

    weights = folder / FILES[0]
    model = build_graph(weights)
    data, state = weights.read_bytes(), classifier.network.state_dict()
    for tensor in model.graph.initializer:
        where = {entry.key: entry.value for entry in tensor.external_data}
        if where:
            first = int(where["offset"])
            if data[first : first + int(where["length"])] != state[tensor.name].numpy().tobytes():
                raise SystemExit(f"{tensor.name}: other bytes in {weights} than in the network")
    path = folder / FILES[1]
    path.write_bytes(model.SerializeToString())
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (answers,) = session.run(["probabilities"], {"images": probe})
    expected = classifier.predict(probe).probabilities
    difference = float(np.abs(answers - expected).max())
    if difference > MOST_DIFFERENCE or not np.array_equal(answers.argmax(1), expected.argmax(1)):
        raise SystemExit(f"ONNX Runtime differs from torch by {difference:.3g}, at most {MOST_DIFFERENCE}")
    return difference


def model_card(run: Any, classifier: Any, *, found: Any, version: str, probed: tuple[int, float]) -> str:
    """Return the model card: every number in it comes from the run, its evaluation or the calibration."""
    from inkwise.exporting.onnx_graph import IR_VERSION, OPSET
    from inkwise.networks.build import num_parameters

    evaluation, recipe, provenance = run.evaluation, run.recipe, classifier.provenance
    low, high = evaluation["accuracy_interval"]
    metrics = classifier.header.metrics
    return CARD.read_text("utf-8").format(
        version=version,
        network=classifier.header.network,
        num_parameters=num_parameters(classifier.network),
        num_train=provenance["num_train"],
        num_written=recipe.data.written_images,
        outliers=recipe.data.outliers,
        drawn=recipe.data.drawn,
        num_validation=provenance["num_validation"],
        epochs=metrics["epochs"],
        seed=recipe.training.seed,
        commit=provenance["commit"],
        torch=provenance["torch"],
        precision=provenance["precision"],
        num_test=evaluation["num_images"],
        num_errors=evaluation["num_errors"],
        accuracy=evaluation["accuracy"],
        low=low,
        high=high,
        num_probed=probed[0],
        difference=probed[1],
        opset=OPSET,
        ir_version=IR_VERSION,
        found=found,
    )


def main(arguments: list[str] | None = None) -> None:
    """Make the reader."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="a run of the recipe reader; trained here where there is none")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--count", type=int, default=20_000, help="written images to calibrate on")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    print(make_reader(given.run, out=given.out, count=given.count, seed=given.seed))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
