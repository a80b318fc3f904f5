"""The picture of a sweep: a line a trial, its ends where its values are, the best on top."""

from typing import Any

from inkwise.evaluation.sweep import Sweep, Trial
from inkwise.figures.experiments.sweep import draw_sweep
from inkwise.figures.style import ORANGE


def sweep_of(*trials: dict[str, Any]) -> Sweep:
    made = [
        Trial(number=index, validation_loss=0.1, **{"state": "done", **trial})
        for index, trial in enumerate(trials)
    ]
    keys = list(made[0].settings)
    return Sweep(
        recipe="quick", dataset="mnist", keys=keys, num_train=55_000, num_validation=5_000,
        num_trials=len(made), num_seeds=1, trials=made,
    )  # fmt: skip


SWEEP = sweep_of(
    {"settings": {"batch_size": 32, "optimizer": "sgd"}, "validation_accuracy": 0.97},
    {"settings": {"batch_size": 64, "optimizer": "adam"}, "validation_accuracy": 0.99},
    {"settings": {"batch_size": 128, "optimizer": "adam"}, "state": "pruned"},
)


def lines(found: Sweep) -> list[Any]:
    """The trials' lines; an axis is a line of two points at one place."""
    drawn = draw_sweep(found).axes[0].lines
    return [line for line in drawn if len(set(line.get_xdata())) > 1]


def test_every_trial_is_a_line_through_its_values() -> None:
    pruned, worse, best = lines(SWEEP)
    assert list(pruned.get_ydata()) == [1.0, 1.0], "given up: it has no accuracy"
    assert list(worse.get_ydata()) == [0.0, 0.0, 0.0]
    assert [round(float(y), 3) for y in best.get_ydata()] == [0.333, 1.0, 1.0]


def test_best_is_orange_and_above_the_others() -> None:
    *others, best = lines(SWEEP)
    assert best.get_color() == ORANGE
    assert all(best.get_zorder() > line.get_zorder() for line in others)


def test_axes_are_named_and_the_title_says_what_was_judged() -> None:
    axes = draw_sweep(SWEEP).axes[0]
    names = [label.get_text().replace("\n", " ") for label in axes.get_xticklabels()]
    assert names == ["batch_size", "optimizer", "validation accuracy"]
    assert "99.00% of 5,000 validation images" in axes.get_title(loc="left")
    assert "2 trials, 1 more given up" in axes.get_title(loc="left")
    written = [text.get_text() for text in axes.texts]
    assert {"32", "64", "128", "sgd", "adam", "97.00%", "99.00%"} <= set(written)


def test_numbers_over_many_sizes_lie_on_a_logarithmic_axis() -> None:
    rates = [0.001, 0.01, 0.1]
    found = sweep_of(
        *({"settings": {"learning_rate": rate}, "validation_accuracy": 0.9 + rate / 10} for rate in rates)
    )
    heights = sorted(float(line.get_ydata()[0]) for line in lines(found))
    assert [round(height, 6) for height in heights] == [0, 0.5, 1]


def test_span_of_whole_numbers_has_whole_ticks() -> None:
    widths = [8, 9, 11, 14, 17, 20, 23]
    found = sweep_of(
        *({"settings": {"width": width}, "validation_accuracy": 0.9 + width / 1000} for width in widths)
    )
    written = [text.get_text() for text in draw_sweep(found).axes[0].texts if "%" not in text.get_text()]
    assert written == ["8", "12", "16", "19", "23"]


def test_last_axis_has_the_colours_of_the_lines() -> None:
    axes = draw_sweep(SWEEP).axes[0]
    (strip,) = axes.collections
    assert strip.get_clim() == (0.97, 0.99)
    assert strip.get_array().ravel()[[0, -1]].tolist() == [0.97, 0.99]


def test_one_trial_alone_is_not_said_to_be_trials() -> None:
    title = (
        draw_sweep(sweep_of({"settings": {"epochs": 3}, "validation_accuracy": 1.0}))
        .axes[0]
        .get_title(loc="left")
    )
    assert "mnist: 1 trial;" in title


def test_one_trial_alone_can_be_drawn() -> None:
    (line,) = lines(sweep_of({"settings": {"epochs": 3}, "validation_accuracy": 1.0}))
    assert [round(float(y), 3) for y in line.get_ydata()] == [0.5, 0.5]
