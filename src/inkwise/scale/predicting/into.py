"""Answers to a million images and more, into a folder, by Ray: `inkwise predict --ray` and `read --ray`."""

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from inkwise.classifier_file import find_classifier_file, read_header
from inkwise.errors import CheckpointError, DataError
from inkwise.scale.predicting.answering import Answers, answer_all
from inkwise.scale.predicting.sources.cutting import Limits
from inkwise.scale.predicting.work import Classifier, Wanted, digest_of

Path_ = str | os.PathLike[str]
Progress = Callable[[int, int], None]


def predict_into(
    out: Path_,
    run: Path_,
    paths: Iterable[Path_],
    *,
    ray: str = "local",
    block_size: int = 8192,
    on_progress: Progress = lambda done, total: None,
) -> Answers:
    """Answer every image in paths into parquet files in the folder out, and return what is in it.

    Called again it does what is missing. A picture that cannot be read has a row that says why. The workers
    run the classifier as export writes it to ONNX, proved equal once.

    Args:
        out: a folder, or an address that fsspec can write to; new, empty, or begun by the same call.
        run: a run folder or a classifier.safetensors file.
        paths: pictures, parquet files, tars, folders of these at any depth; IDX, CSV and NPZ files; on the
            disk or at addresses that fsspec knows; patterns such as s3://bucket/part-*.tar.
        ray: "local", "auto", or the HOST:PORT of a cluster.
        block_size: images a block at most: what a killed worker does again, and what one file holds.
        on_progress: told how many of the missing blocks are done, and how many they are.
    Raises:
        CheckpointError, ExportError: there is no classifier, or it does not leave PyTorch.
        DataError: there is no image, or the files have changed since the work was begun.
        OutputError: out holds other things, or cannot be written to.
        RunError: another process answers into out.
        ClusterError: Ray is not installed, no cluster answers, or it fails.
    """
    file = _classifier_file(run)
    wanted = Wanted(
        "predict", _addresses(paths), str(Path.cwd()), digest_of(file), limits=Limits(block_size, 64 << 20)
    )
    return answer_all(wanted, lambda: _exported(file), out=os.fspath(out), ray=ray, on_progress=on_progress)


def read_into(
    out: Path_,
    paths: Iterable[Path_],
    *,
    run: Path_ | None = None,
    ray: str = "local",
    block_size: int = 64,
    on_progress: Progress = lambda done, total: None,
) -> Answers:
    """Read the digits on every picture in paths into parquet files in the folder out; else as predict_into.

    Args:
        out: as of predict_into.
        paths: photos, scans, drawings; folders, tars and parquet files of them; addresses of these.
        run: a run folder or a classifier.safetensors to read with; None is the reader inkwise ships.
        ray, on_progress: as of predict_into.
        block_size: pictures a block at most.
    Raises:
        HandwritingError: the classifier in run does not tell the ten digits apart.
        InkwiseError: as predict_into.
    """
    from inkwise.handwriting.picture import SUFFIXES
    from inkwise.handwriting.recogniser import SHIPPED_FILE

    file = SHIPPED_FILE if run is None else _classifier_file(run)
    wanted = Wanted(
        "read", _addresses(paths), str(Path.cwd()), digest_of(file), suffixes=SUFFIXES,
        limits=Limits(block_size, 1 << 30),
    )  # fmt: skip
    return answer_all(wanted, lambda: _recogniser(run), out=os.fspath(out), ray=ray, on_progress=on_progress)


def _addresses(paths: Iterable[Path_]) -> list[str]:
    given = [os.fspath(path) for path in paths]
    if not given or "-" in given:
        raise DataError(
            f"{'standard input' if given else 'no path'} with --ray, expected files, folders or addresses; "
            "give them by their paths"
        )
    return given


def _classifier_file(run: Path_) -> Path:
    file = find_classifier_file(run)
    if not file.is_file():
        raise CheckpointError(f"{file}: no such file; expected a run folder or a classifier.safetensors")
    return file


def _exported(file: Path) -> Classifier:
    """Return a classifier as ONNX, which answered as PyTorch does on a thousand images."""
    from inkwise.exporting.export import export  # imports PyTorch, which no worker needs

    with tempfile.TemporaryDirectory(prefix="inkwise-") as folder:
        path = Path(folder, "classifier.onnx")
        export(file, path, to="onnx")
        return Classifier(path.read_bytes(), read_header(file).classes)


def _recogniser(run: Path_ | None) -> Classifier:
    import onnx

    from inkwise.handwriting.recogniser import DIGITS, SHIPPED, load_recogniser

    accept = load_recogniser(run).accept_probability  # what is wrong with it is said here, once
    if run is not None:
        return _exported(find_classifier_file(run))._replace(accept_probability=accept)
    shipped = onnx.load(SHIPPED / "reader.onnx")  # with the weights, which lie in the file beside it
    return Classifier(shipped.SerializeToString(), DIGITS, accept)
