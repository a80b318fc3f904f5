"""A million images on Ray, with workers and the driver killed on the way, counted: results/predicting/.

    python dev/predict_million.py make FOLDER          images of MNIST, copied, in shards of parquet and tar
    python dev/predict_million.py kills FOLDER RUN     all of them, killed and gone on with, every row checked
    python dev/predict_million.py memory FOLDER RUN    resident memory while 10^5 and 10^6 are answered
    python dev/predict_million.py speed FOLDER RUN     beside one process, in one run, as a ratio
    python dev/predict_million.py show                 the picture and the table of results/predicting/

Needs MNIST in $INKWISE_DATA. Image n of the million is image n modulo 70,000 of MNIST, so what every row must
say is known: what Classifier.predict, in one process, says of that image.
"""

import argparse
import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.predict_shown import show

from inkwise.classifier import Classifier
from inkwise.data.load import load_dataset
from inkwise.runs.environment import describe_environment

RESULTS = Path(__file__).parents[1] / "results" / "predicting"
SHARD = 10_000  # images
_ROW_GROUP = 1000


def mnist_images() -> NDArray[np.uint8]:
    """Return the 70,000 images of MNIST, (N, 28, 28)."""
    dataset = load_dataset("mnist", fetch=False)
    return np.concatenate([dataset.train.images, dataset.test.images])


def make(folder: Path, images: NDArray[np.uint8], *, num_images: int, shard: int = SHARD) -> None:
    """Write num_images copies of images below folder, the first half as parquet, the second as tars.

    Args:
        folder: gets parquet/part-00000.parquet ... and tar/part-00050.tar ...
        images: (N, 28, 28); image n of all is n modulo N of these.
        num_images: a multiple of twice shard.
        shard: images a file.
    """
    pictures = [_png(image) for image in images]
    for form in ("parquet", "tar"):
        (folder / form).mkdir(parents=True, exist_ok=True)
    num_shards = num_images // shard
    for number in range(num_shards):
        numbers = range(number * shard, (number + 1) * shard)
        rows = [(f"{index:08d}.png", pictures[index % len(pictures)]) for index in numbers]
        if number < num_shards // 2:
            _write_parquet(folder / "parquet" / f"part-{number:05d}.parquet", rows)
        else:
            _write_tar(folder / "tar" / f"part-{number:05d}.tar", rows)


def _png(image: NDArray[np.uint8]) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(image).save(sink, "png")
    return sink.getvalue()


def _write_parquet(path: Path, rows: list[tuple[str, bytes]]) -> None:
    images = [{"bytes": picture, "path": name} for name, picture in rows]
    pq.write_table(pa.table({"image": images, "label": [-1] * len(images)}), path, row_group_size=_ROW_GROUP)


def _write_tar(path: Path, rows: list[tuple[str, bytes]]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, picture in rows:
            for member, content in ((name, picture), (name.replace(".png", ".cls"), b"-1")):
                entry = tarfile.TarInfo(member)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))


def check(
    out: Path, expected: tuple[NDArray[np.float32], NDArray[np.int64]], *, num_images: int, shard: int = SHARD
) -> dict[str, Any]:
    """Return what a folder of answers holds: rows lost, double, of another class; the greatest difference.

    Args:
        out: of predict --ray.
        expected: (N, K) probabilities and (N,) labels of the images that were copied.
        num_images: made by make.
        shard: likewise.
    """
    probabilities, labels = expected
    times = np.zeros(num_images, np.int64)
    found: dict[str, Any] = {"rows": 0, "errors": 0, "other_class": 0, "greatest_difference": 0.0}
    for path in sorted(out.glob("block-*.parquet")):
        table = pq.read_table(path)
        numbers = _numbers(table, shard=shard)
        np.add.at(times, numbers, 1)
        source = numbers % len(labels)
        said = table["probabilities"].combine_chunks().flatten().to_numpy().reshape(len(table), -1)
        found["rows"] += len(table)
        found["errors"] += len(table) - table["error"].null_count
        found["other_class"] += int((table["label"].to_numpy() != labels[source]).sum())
        difference = float(np.abs(said - probabilities[source]).max())
        found["greatest_difference"] = max(found["greatest_difference"], difference)
    found |= {"lost": int((times == 0).sum()), "double": int((times > 1).sum())}
    return found


def _numbers(table: pa.Table, *, shard: int) -> NDArray[np.int64]:
    """Return which image of all each row is of, by the number in its shard's name and its place in there."""
    paths = table["path"].combine_chunks().dictionary_encode()
    shards = np.array([int(Path(path).stem.rpartition("-")[2]) for path in paths.dictionary.to_pylist()])
    return np.asarray(shards[paths.indices.to_numpy()] * shard + table["index"].to_numpy())


class Driver:
    """A process of `inkwise predict --ray`, in a session of its own, with all that it started."""

    def __init__(self, out: Path, run: Path, *inputs: Path) -> None:
        command = [sys.executable, "-m", "inkwise", "predict", str(run), *map(str, inputs)]
        self.out = out
        self.process = subprocess.Popen(
            [*command, "--ray", "local", "--out", str(out), "--json"], start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.seen: dict[int, psutil.Process] = {}

    def workers(self) -> list[psutil.Process]:
        """Return the workers that answer blocks."""
        return [process for process in self.family() if "MapWorker" in _name(process)]

    def family(self) -> list[psutil.Process]:
        """Return every process below the driver, and remember it."""
        try:
            found = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        self.seen |= {process.pid: process for process in found}
        return found

    def num_blocks(self) -> int:
        """Return how many blocks are whole."""
        return len(list(self.out.glob("block-*.parquet")))

    def wait_for(self, num_blocks: int) -> None:
        """Wait until so many blocks are whole, or the process has ended."""
        while self.num_blocks() < num_blocks and self.process.poll() is None:
            self.family()
            time.sleep(0.05)

    def kill_worker(self) -> str:
        """Kill one worker with SIGKILL, and say when.

        Raises:
            RuntimeError: the driver has ended before it.
        """
        while not (workers := self.workers()):
            if self.process.poll() is not None:
                raise RuntimeError(f"nobody is left to kill: {self.process.communicate()}")
            time.sleep(0.05)
        workers[0].kill()
        return f"a worker with {self.num_blocks()} blocks done"

    def kill(self) -> float:
        """Kill the driver with SIGKILL; return how long what it had started outlived it, in seconds.

        Ray's own agents are not waited for: they try for a minute to tell somebody.
        """
        self.family()
        started = [one for one in self.seen.values() if "Agent" not in _name(one)]
        began = time.monotonic()
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        psutil.wait_procs(started, timeout=60)
        return time.monotonic() - began

    def finish(self) -> dict[str, Any]:
        """Wait for the end and return what the command printed.

        Raises:
            RuntimeError: it failed.
        """
        printed, said = self.process.communicate()
        if self.process.returncode or not printed:
            raise RuntimeError(f"exit {self.process.returncode}, printed {printed!r}: {said}")
        document: dict[str, Any] = json.loads(printed)
        return document


def _name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def with_kills(out: Path, run: Path, inputs: list[Path], *, num_blocks: int) -> dict[str, Any]:
    """Answer inputs into out; kill a worker, the driver, and a worker of the second driver on the way.

    Args:
        out: a new folder.
        run: of the classifier.
        inputs: folders of shards.
        num_blocks: about so many blocks there will be.
    """
    first = Driver(out, run, *inputs)
    first.wait_for(num_blocks // 5)
    killed = [first.kill_worker()]
    first.wait_for(num_blocks // 2)
    killed.append(f"the driver with {first.num_blocks()} blocks done")
    outlived = first.kill()
    second = Driver(out, run, *inputs)
    second.wait_for(num_blocks // 2 + num_blocks // 8)
    killed.append(second.kill_worker())
    return {"killed": killed, "outlived_seconds": outlived, "second": second.finish()}


class MemoryWatch:
    """Resident memory of a driver and its workers, read once a second beside how far the work is."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.samples: list[dict[str, Any]] = []
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self) -> None:
        began = time.monotonic()
        while self.driver.process.poll() is None:
            workers = [_resident(process) for process in self.driver.workers()]
            self.samples.append(
                {
                    "seconds": round(time.monotonic() - began, 1),
                    "driver_bytes": _resident(psutil.Process(self.driver.process.pid)),
                    "largest_worker_bytes": max(workers, default=0),
                    "all_bytes": sum(map(_resident, self.driver.seen.values())),
                }
            )
            time.sleep(1)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def measure_memory(out: Path, run: Path, inputs: list[Path]) -> dict[str, Any]:
    """Answer inputs into out, and return the memory on the way."""
    driver = Driver(out, run, *inputs)
    watch = MemoryWatch(driver)
    answers = driver.finish()
    watch.thread.join()
    return {"answers": answers, "samples": watch.samples}


def measure_speed(folder: Path, run: Path, scratch: Path) -> dict[str, Any]:
    """Return images a second on two cores: one process of two threads, and Ray, in one run.

    One process is `inkwise predict` as a function; for tars, which it does not take, the same reading and
    decoding of pictures and then Classifier.predict.
    """
    from inkwise.experiments.predict import predict

    torch.set_num_threads(2)
    classifier = Classifier.load(run)
    tables, tars = (sorted((folder / form).iterdir()) for form in ("parquet", "tar"))
    alone = {
        "parquet": _rate(lambda: sum(1 for _ in predict(classifier, tables[:6]))),
        "tar": _rate(lambda: _predict_tars(classifier, tars[:6])),
    }
    ray = {
        form: _rate_on_ray(scratch / form, run, shards[:20])
        for form, shards in (("parquet", tables), ("tar", tars))
    }
    return {
        form: {
            "one_process_images_per_second": alone[form],
            "ray_images_per_second": ray[form],
            "ratio": ray[form] / alone[form],
        }
        for form in alone
    }


def measure_block_sizes(folder: Path, run: Path, scratch: Path) -> dict[str, float]:
    """Return images a second on Ray by the number of images in a block."""
    from inkwise.scale.cluster import cluster

    shards = sorted((folder / "parquet").iterdir())[:10]
    with cluster():
        return {
            str(size): _rate_on_ray(scratch / f"{size}", run, shards, block_size=size)
            for size in (512, 2048, 8192, 32768)
        }


def _rate(answer: Callable[[], int]) -> float:
    began = time.perf_counter()
    count = answer()
    return count / (time.perf_counter() - began)


def _rate_on_ray(out: Path, run: Path, shards: list[Path], **choices: Any) -> float:
    from inkwise.scale.predicting.into import predict_into

    answers = predict_into(out, run, shards, **choices)
    shutil.rmtree(out)
    return float(answers.images_per_second or 0)


def _predict_tars(classifier: Classifier, tars: list[Path]) -> int:
    from inkwise.data.formats.paths import IMAGE_SUFFIXES
    from inkwise.data.images import decode_image
    from inkwise.scale.predicting.sources.tars import read_tar

    count = 0
    for path in tars:
        with path.open("rb") as file:
            found = read_tar(file, name=path.name, suffixes=IMAGE_SUFFIXES)
            images = np.stack([decode_image(picture) for _, picture in found])
        count += len(classifier.predict(images))
    return count


def main() -> None:
    """Do what the command line says; what is measured is added to results/predicting/predicting.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["make", "kills", "memory", "speed", "blocks", "show"])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--images", type=int, default=1_000_000)
    given = parser.parse_args()
    if given.what == "make":
        make(given.folder, mnist_images(), num_images=given.images)
    elif given.what == "show":
        show(RESULTS)
    else:
        _keep(given.what, _measure(given.what, given.folder, given.run, num_images=given.images))


def _measure(what: str, folder: Path, run: Path, *, num_images: int) -> Any:
    inputs, scratch = [folder / "parquet", folder / "tar"], folder / f"answers-{what}"
    shutil.rmtree(scratch, ignore_errors=True)
    if what == "speed":
        return measure_speed(folder, run, scratch)
    if what == "blocks":
        return measure_block_sizes(folder, run, scratch)
    if what == "memory":
        few = [path for form in inputs for path in sorted(form.iterdir())[: num_images // SHARD // 20]]
        return {
            str(count): measure_memory(scratch / str(count), run, chosen)
            for count, chosen in ((num_images // 10, few), (num_images, inputs))
        }
    told = Classifier.load(run).predict(mnist_images())
    found = with_kills(scratch, run, inputs, num_blocks=num_images // SHARD * 3 // 2)
    expected = (told.probabilities, told.labels)
    return {"num_images": num_images} | found | {"checked": check(scratch, expected, num_images=num_images)}


def _keep(what: str, measured: Any) -> None:
    path = RESULTS / "predicting.json"
    RESULTS.mkdir(parents=True, exist_ok=True)
    document = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    document[what] = measured | {"about": describe_environment(torch.device("cpu"))}
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(json.dumps({key: value for key, value in document[what].items() if what != "memory"}, indent=1))


if __name__ == "__main__":
    main()
