"""Trains recipes and programs in turn, each in a fresh process, and puts their reports beside each other."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from inkwise.errors import RecipeError, unknown_name
from inkwise.experiments.bench.measure import check_numbers, load_before, run_worker
from inkwise.experiments.bench.recipes.report import PROGRAM_NAMES, Job, Report
from inkwise.experiments.bench.recipes.result import (
    Kind,
    Measured,
    RecipesBench,
    RowResult,
    Wanted,
    is_reached,
)
from inkwise.experiments.bench.worker import mnist_files
from inkwise.recipes.load import list_recipes
from inkwise.recipes.recipe import Recipe

TUTORIALS = "tutorials"  # stands for all their recipes
LONG_SECONDS = 600.0  # what takes longer runs once
WANTED = {
    "quick": Wanted(accuracy=0.99, times_fast=6.0),
    "standard": Wanted(accuracy=0.9955, seconds=60.0),
    "best": Wanted(accuracy=0.9972, seconds=2700.0),
    "tiny": Wanted(accuracy=0.99, num_parameters=1500),
}
WANTED_OF_GPU = {"quick": Wanted(accuracy=0.99, seconds=0.2)}
WITHOUT_BF16 = {"quick": Wanted(accuracy=0.99, times_fast=1.0)}
_BF16_UNITS = ("avx512_bf16", "amx_bf16")

Found = dict[str, list[Measured]]
Told = Callable[[str], object]


def row_names() -> dict[str, Kind]:
    """Return what can be measured, and what kind each is, in the order of the tables.

    Our recipes are those for MNIST's images as they are: reader, which also learns from written ones, is not
    among them.
    """
    recipes = list_recipes()
    ours: dict[str, Kind] = {one.name: "ours" for one in recipes if _is_ours(one)}
    tutorials: dict[str, Kind] = {one.name: "tutorial" for one in recipes if one.published is not None}
    return {**ours, "fast": "fast", "plain": "plain", **tutorials}


def _is_ours(recipe: Recipe) -> bool:
    data = recipe.data
    is_plain = data.dataset == "mnist" and not (data.written_images or data.own_images)
    return recipe.published is None and is_plain


def run_recipes_bench(
    names: Sequence[str] = (),
    *,
    repetitions: int = 3,
    first_seed: int = 0,
    num_images: int | None = None,
    epochs: int | None = None,
    num_threads: int | None = None,
    device: str = "cpu",
    warm_up: bool = False,
    on_progress: Told = lambda line: None,
    on_result: Callable[[RecipesBench], object] = lambda result: None,
) -> RecipesBench:
    """Return recipes side by side, measured now on this machine, on MNIST.

    Args:
        names: of recipes, "fast", "plain"; "tutorials" are all of theirs; none: ours, fast and plain.
        repetitions: how often each runs, in turn; what takes over ten minutes runs once.
        first_seed: repetition r has seed first_seed + r.
        num_images: only the first so many training images, for a quick look; nothing is judged then.
        epochs: other than their own, for a quick look.
        num_threads: None: what torch takes.
        device: "cpu", "cuda" or "mps"; programs and recipes alike.
        warm_up: let a small training come first in every process, before the clock starts.
        on_progress: called with a line on what runs now.
        on_result: called with what there is after every repetition, so that nothing is lost.
    Raises:
        RecipeError: an unknown name, or a number that does not fit.
        DataError: MNIST is not on this machine.
        RunError: a run failed.
    """
    chosen = choose_rows(names)
    check_numbers(repetitions=repetitions, num_images=num_images, epochs=epochs)
    mnist_files()
    load = load_before(on_progress, what="seconds")
    job = Job(name="", num_images=num_images, epochs=epochs, device=device, warm_up=warm_up)
    found: Found = {name: [] for name in chosen}
    result: RecipesBench | None = None
    for number in range(repetitions):
        for name in still_to_run(chosen, found):
            on_progress(f"repetition {number + 1} of {repetitions}: {name}{_took(found[name])}")
            one = job.model_copy(update={"name": name, "seed": first_seed + number})
            found[name].append(measure_once(one, num_threads=num_threads))
        result = summarise(found, chosen, repetitions=repetitions, job=job, load=load)
        on_result(result)
    assert result is not None
    return result


def choose_rows(names: Sequence[str]) -> dict[str, Kind]:
    """Return the rows that names mean, in the order of the tables.

    Raises:
        RecipeError: a name is unknown.
    """
    known = row_names()
    for name in names:
        if name not in (*known, TUTORIALS):
            raise RecipeError(unknown_name("row of bench recipes", name, (*known, TUTORIALS)))
    kinds = ("ours", *PROGRAM_NAMES) if not names else ("tutorial",) if TUTORIALS in names else ()
    return {name: kind for name, kind in known.items() if name in names or kind in kinds}


def still_to_run(chosen: Iterable[str], found: Found) -> Iterator[str]:
    """Yield the rows that another repetition is made of: what took long is not run again."""
    for name in chosen:
        if not found[name] or found[name][0].whole.seconds <= LONG_SECONDS:
            yield name


def _took(measured: list[Measured]) -> str:
    return f", {measured[-1].whole.seconds:.1f} s before" if measured else ""


def measure_once(job: Job, *, num_threads: int | None = None) -> Measured:
    """Return what one repetition of a row measured; on an accelerator it takes two runs.

    Raises:
        RunError: a run failed.
    """
    if job.device == "cpu":
        report = _run(job, num_threads)
        return Measured(job.seed, whole=report, staged=report)
    whole, staged = (_run(job.model_copy(update={"waits": waits}), num_threads) for waits in (False, True))
    return Measured(job.seed, whole=whole, staged=staged)


def _run(job: Job, num_threads: int | None) -> Report:
    output = run_worker(
        "inkwise.experiments.bench.recipes.worker", job.model_dump_json(),
        named=f"bench recipes: the run of {job.name}", num_threads=num_threads,
    )  # fmt: skip
    return Report.model_validate_json(output)


def summarise(
    found: Found, kinds: dict[str, Kind], *, repetitions: int, job: Job, load: float | None
) -> RecipesBench:
    """Return what was measured so far: ratios, and what was reached where the size is the whole one."""
    rows = {name: RowResult.from_reports(name, kinds[name], found[name]) for name in found}
    environment = next(iter(found.values()))[0].whole.environment
    is_reduced = job.num_images is not None or job.epochs is not None
    wanted = wanted_on(job.device, environment["processor_features"])
    fast, plain = rows.get("fast"), rows.get("plain")
    judged = []
    for name, row in rows.items():
        times = {
            "times_fast": None if fast is None else fast.median_training_seconds / row.median_seconds,
            "times_plain": None if plain is None else plain.median_seconds / row.median_seconds,
        }
        beside = row.model_copy(update={**times, "wanted": wanted.get(name)})
        if beside.wanted is not None and not is_reduced:
            beside = beside.model_copy(update={"is_reached": is_reached(beside, beside.wanted)})
        judged.append(beside)
    return RecipesBench(
        rows=judged, device=job.device, repetitions=repetitions, is_reduced=is_reduced,
        is_warm=job.warm_up, load_average=load, environment=environment,
    )  # fmt: skip


def wanted_on(device: str, features: Sequence[str]) -> dict[str, Wanted]:
    """Return what is wanted on a device; of a processor without bf16 units less.

    >>> wanted_on("cpu", ["avx2"])["quick"].times_fast, wanted_on("cpu", ["amx_bf16"])["quick"].times_fast
    (1.0, 6.0)
    """
    if device != "cpu":
        return WANTED_OF_GPU
    has_units = any(unit in features for unit in _BF16_UNITS)
    return WANTED if has_units else {**WANTED, **WITHOUT_BF16}
