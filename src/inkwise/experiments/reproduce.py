"""The tutorials' published numbers beside ours, over several seeds, on the whole of MNIST.

Each training uses all 60,000 training images for the published number of epochs and keeps the last
weights, so nothing is chosen and no validation part is needed; the test part is looked at once a seed.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch

from inkwise import metrics
from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.errors import RecipeError, RunError, unknown_name
from inkwise.evaluation.evaluate import evaluate_outputs
from inkwise.evaluation.reproduction import Reproduction, SeedResult, StudyResult
from inkwise.experiments.studies import STUDIES, recipe_digest, study_recipe
from inkwise.experiments.training.processes import sessions_in
from inkwise.files import write_atomically
from inkwise.recipes.load import load_recipe
from inkwise.recipes.recipe import Recipe
from inkwise.runs.environment import describe_environment
from inkwise.runs.framework import is_installed
from inkwise.runs.run import Run
from inkwise.training.loop import Listener
from inkwise.training.session import Session
from inkwise.training.together.train import AT_ONCE, may_be_at_once, train_seeds


def reproduce(
    ids: Iterable[str] = (),
    *,
    num_seeds: int | None = None,
    settings: dict[str, Any] | None = None,
    data: str | Dataset = "mnist",
    out: str | os.PathLike[str] | None = None,
    on_progress: Listener = lambda progress: None,
    on_note: Callable[[str], None] = lambda text: None,
) -> Reproduction:
    """Train the studies named (all, if none) over their seeds and return published beside measured.

    Args:
        ids: keys of STUDIES; all, if none, but those of a framework that is not installed.
        num_seeds: instead of each study's own.
        settings: further changes of every recipe, for a quick look.
        data: MNIST, or what stands in for it in a trial.
        out: a folder for reproduce.json, reproduce.md and seeds.jsonl; seeds already there are not trained
            again, so an interrupted reproduction goes on where it was.
    Raises:
        RecipeError: an id is unknown.
        DataError: the data are not to be had.
        RunError: seeds.jsonl in out cannot be read.
    """
    chosen = list(ids) or _possible(on_note)
    for study in chosen:
        if study not in STUDIES:
            raise RecipeError(unknown_name("study", study, STUDIES))
    dataset = data if isinstance(data, Dataset) else load_dataset(data)
    folder = None if out is None else Path(out)
    known = _read_seeds(folder)
    results = []
    for study in chosen:
        recipe = study_recipe(study, settings)
        seeds = _Seeds(
            study, recipe, dataset, out=folder, known=known, on_progress=on_progress, on_note=on_note
        )
        results.append(summarise(study, seeds.measure(num_seeds or STUDIES[study].num_seeds)))
    result = Reproduction(environment=describe_environment(torch.device("cpu")), studies=results)
    if folder is not None:
        write_atomically(folder / "reproduce.json", result.model_dump_json(indent=2) + "\n")
        write_atomically(folder / "reproduce.md", to_markdown(result))
    return result


def _possible(on_note: Callable[[str], None]) -> list[str]:
    """Return the studies whose framework is installed; the others are told."""
    missing = [study for study, plan in STUDIES.items() if not is_installed(plan.framework)]
    if missing:
        on_note(f"left out, as TensorFlow is not installed: {', '.join(missing)}")
    return [study for study in STUDIES if study not in missing]


@dataclass
class _Seeds:
    """The trainings of one study, each kept as soon as it is done."""

    study: str
    recipe: Recipe
    dataset: Dataset
    out: Path | None
    known: list[SeedResult]
    on_progress: Listener
    on_note: Callable[[str], None]

    def measure(self, num_seeds: int) -> list[SeedResult]:
        digest = recipe_digest(self.recipe)
        known = {r.seed: r for r in self.known if (r.study, r.recipe_digest) == (self.study, digest)}
        missing = [seed for seed in range(num_seeds) if seed not in known]
        # One by one where that is how they are trained anyway, so that each is kept as soon as it is done.
        is_of_torch = STUDIES[self.study].framework == "torch"
        at_once = AT_ONCE if is_of_torch and may_be_at_once(self.recipe) else 1
        for start in range(0, len(missing), at_once):
            seeds = missing[start : start + at_once]
            said = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]} at once"
            self.on_note(f"{self.study}: {said}, {seeds[-1] + 1} of {num_seeds}")
            for result in self._train(seeds, digest):
                self._keep(result)
                known[result.seed] = result
        return [known[seed] for seed in range(num_seeds)]

    def _train(self, seeds: list[int], digest: str) -> list[SeedResult]:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="inkwise-reproduce-") as folder:
            sessions = [self._session(seed, Run(Path(folder) / f"{seed}")) for seed in seeds]
            at_once = train_seeds(sessions)
            judged = [self._judge(session, digest) for session in sessions]
        seconds = (time.perf_counter() - start) / len(seeds)
        return [one.model_copy(update={"seconds": seconds, "seeds_at_once": at_once}) for one in judged]

    def _session(self, seed: int, run: Run) -> Session:
        recipe = self.recipe.with_settings({"seed": seed, "dataset": self.dataset.name})
        write_atomically(run.recipe_path, recipe.to_toml())
        sessions = sessions_in(STUDIES[self.study].framework)
        prepared: Session = sessions.prepare_session(run, recipe, self.dataset, on_progress=self.on_progress)
        return prepared

    def _judge(self, session: Session, digest: str) -> SeedResult:
        """Return what a trained session reaches, on the test part too."""
        classifier, dataset, run = session.classifier(), self.dataset, session.run
        on_train = metrics.accuracy(
            classifier.log_probabilities(dataset.train.images), torch.from_numpy(dataset.train.labels)
        )
        evaluation = evaluate_outputs(
            classifier.log_probabilities(dataset.test.images), torch.tensor(dataset.test.labels),
            classes=dataset.classes, dataset=dataset.name, split_name="test",
        )  # fmt: skip
        return SeedResult(
            study=self.study, recipe_digest=digest, seed=session.loop.recipe.training.seed,
            test_accuracy=evaluation.accuracy, test_loss=evaluation.loss, train_accuracy=on_train,
            epoch_losses=[record.train_loss for record in run.history], num_steps=run.history[-1].step,
            num_classes_never_predicted=len(evaluation.lost_classes),
            weights_digest=weights_digest(classifier.network), seconds=0.0,
            commit=run.environment["commit"],
        )  # fmt: skip

    def _keep(self, result: SeedResult) -> None:
        self.known.append(result)
        self.on_note(
            f"{self.study}: seed {result.seed} reaches {result.test_accuracy:.2%}, {result.seconds:.0f} s"
        )
        if self.out is not None:
            lines = "".join(result.model_dump_json() + "\n" for result in self.known)
            write_atomically(self.out / "seeds.jsonl", lines)


def weights_digest(network: torch.nn.Module) -> str:
    """Return a fingerprint of the weights' bytes in their order, whatever the layers are called."""
    digest = hashlib.sha256()
    for tensor in network.state_dict().values():
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def _read_seeds(out: Path | None) -> list[SeedResult]:
    path = out / "seeds.jsonl" if out is not None else None
    if path is None or not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [SeedResult.model_validate_json(line) for line in lines if line]
    except ValueError as error:  # pydantic's ValidationError is one
        raise RunError(
            f"{path}: not the seeds of this version of inkwise; take it out, or choose another --out"
        ) from error


def summarise(study: str, seeds: list[SeedResult]) -> StudyResult:
    """Return one study's mean and standard deviation over its seeds beside the published numbers."""
    plan = STUDIES[study]
    published = load_recipe(plan.recipe).published
    accuracies = [seed.test_accuracy for seed in seeds]
    average = mean(accuracies)
    expected = plan.expected
    return StudyResult(
        study=study, title=plan.title, recipe=plan.recipe, num_seeds=len(seeds),
        published_test_accuracy=published.test_accuracy if published else None,
        published_train_accuracy=published.train_accuracy if published else None,
        test_accuracy=average,
        test_accuracy_std=stdev(accuracies) if len(accuracies) > 1 else None,
        train_accuracy=mean(seed.train_accuracy for seed in seeds),
        published_epoch_losses=published.epoch_losses if published else [],
        epoch_losses=_mean_losses([seed.epoch_losses for seed in seeds]),
        test_loss=mean(seed.test_loss for seed in seeds),
        expected=expected,
        is_as_expected=None if expected is None else expected[0] <= average <= expected[1],
        share_with_lost_classes=mean(seed.num_classes_never_predicted > 0 for seed in seeds),
        seconds_per_seed=mean(seed.seconds for seed in seeds),
        seeds_at_once=max(seed.seeds_at_once for seed in seeds),
        weights_digests=[seed.weights_digest for seed in seeds],
        commits=sorted({seed.commit for seed in seeds if seed.commit}),
        comment=plan.comment,
    )  # fmt: skip


def _mean_losses(courses: Sequence[Sequence[float]]) -> list[float]:
    """Return the mean of each epoch over the courses that came so far: early stopping ends some sooner."""
    return [mean(loss for loss in losses if loss is not None) for losses in zip_longest(*courses)]


def to_markdown(result: Reproduction) -> str:
    """Return the table as Markdown, with the machine below it."""
    lines = [
        "| id | recipe | published test | measured test (mean +- std) | seeds | published train "
        "| measured train | seeds that lost classes | s a seed | at once | as expected | commit |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(_markdown_row(row) for row in result.studies),
    ]
    comments = [
        f"- {row.study}: {'; '.join(filter(None, (row.title, row.comment, _say_losses(row))))}"
        for row in result.studies
    ]
    machine = result.environment
    about = (
        f"{machine['processor']}, {machine['num_cores']} cores, {machine['threads']} threads, torch "
        f"{machine['torch']}, inkwise {machine['inkwise']}, {machine['started'][:10]}. Seeds trained at once "
        "end with the same bits as alone; s a seed is then their share of the time."
    )
    return "\n".join(["# Published beside measured", "", *lines, "", *comments, "", about, ""])


def _markdown_row(row: StudyResult) -> str:
    published, on_train = (
        "none" if accuracy is None else f"{accuracy:.2%}"
        for accuracy in (row.published_test_accuracy, row.published_train_accuracy)
    )
    spread = "" if row.test_accuracy_std is None else f" +- {100 * row.test_accuracy_std:.2f}"
    verdict = {None: "-", True: "yes", False: "**no**"}[row.is_as_expected]
    cells = (
        row.study, row.recipe, published, f"{row.test_accuracy:.2%}{spread}", row.num_seeds,
        on_train, f"{row.train_accuracy:.2%}", f"{row.share_with_lost_classes:.0%}",
        f"{row.seconds_per_seed:.0f}", row.seeds_at_once, verdict, ", ".join(row.commits) or "-",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _say_losses(row: StudyResult) -> str:
    published, measured = (
        " ".join(f"{loss:.3f}" for loss in losses)
        for losses in (row.published_epoch_losses, row.epoch_losses)
    )
    return f"loss of each epoch published {published}, measured {measured}" if published else ""
