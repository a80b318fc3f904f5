"""What a sweep says at its end: the table, the others, the warning, the next command."""

from rich.console import Console
from tests.figures.experiments.test_sweep import SWEEP, sweep_of

from inkwise.evaluation.sweep import Sweep
from inkwise.reports.terminal.sweep import tell_sweep, tell_trial


def told(found: Sweep) -> str:
    console = Console(width=120, highlight=False, record=True, file=None)
    with console.capture() as captured:
        console.print(*tell_sweep(found, folder="sweeps/a"), sep="\n")
    return captured.get()


def test_table_names_the_best_first() -> None:
    rows = [line.split() for line in told(SWEEP).splitlines()]
    assert rows[0] == ["validation", "loss", "seconds", "parameters", "batch", "size", "optimizer"]
    assert rows[1] == ["99.00", "%", "0.1000", "0.0", "0", "64", "adam"]
    assert rows[2][-2:] == ["32", "sgd"]


def test_end_says_what_was_judged_and_what_comes_next() -> None:
    words = " ".join(told(SWEEP).split())
    assert "Beside them: 1 pruned." in words
    assert "Judged by 5,000 validation images of mnist; the test part was not looked at." in words
    assert "the best would reach 98.68 % to 99.24 %" in words
    assert "next inkwise train sweeps/a/best.toml" in words


def test_sweep_without_a_trained_trial_says_so() -> None:
    words = " ".join(told(sweep_of({"settings": {"epochs": 1}, "state": "failed"})).split())
    assert words == "Beside them: 1 failed. No trial was trained to its end; they are in sweeps/a/sweep.json."


def test_trial_is_told_in_one_line() -> None:
    done = SWEEP.trials[1].model_copy(update={"seconds": 2.34})
    assert tell_trial(done, number=2, total=3) == "2 of 3: 99.00 % in 2.3 s  batch_size=64 optimizer=adam"
    failed = SWEEP.trials[2].model_copy(update={"state": "failed", "note": "it burst"})
    assert (
        tell_trial(failed, number=3, total=3) == "3 of 3: failed  batch_size=128 optimizer=adam  (it burst)"
    )
