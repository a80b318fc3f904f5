"""Tables for the terminal: names are text, never markup; Holm is named where it was used."""

import io

import torch
from rich.console import Console

from inkwise.evaluation.comparison import Comparison, compare_predictions
from inkwise.evaluation.evaluate import Evaluation, evaluate_outputs
from inkwise.reports.terminal.text import tell_comparison, tell_evaluation


def _print(parts) -> str:
    console = Console(file=io.StringIO(), width=120, highlight=False)
    console.print(*parts, sep="\n")
    return console.file.getvalue()


def _evaluate(labels: list[int], classes: tuple[str, str]) -> Evaluation:
    outputs = torch.tensor([[0.8, 0.2]] * len(labels), dtype=torch.float64).log()
    return evaluate_outputs(
        outputs, torch.tensor(labels), classes=classes, dataset="[red]pets", split_name="test"
    )


def _compare(*names: str) -> Comparison:
    labels = torch.zeros(50, dtype=torch.int64)
    predictions = {name: (torch.arange(50) < 5 * k).long() for k, name in enumerate(names)}
    return compare_predictions(predictions, labels, dataset="pets")


def test_names_in_square_brackets_are_printed_as_they_are() -> None:
    text = _print(tell_evaluation(_evaluate([0, 1], ("[bold]cat", "[/dog]"))))
    assert "[red]pets" in text
    assert "[bold]cat" in text
    assert "Never predicted: [/dog]" in text
    assert "[b]one" in _print(tell_comparison(_compare("[b]one", "two")))


def test_evaluation_without_mistakes_has_no_table_of_them() -> None:
    assert "surest mistakes" in _print(tell_evaluation(_evaluate([0, 1], ("cat", "dog"))))
    assert "surest mistakes" not in _print(tell_evaluation(_evaluate([0, 0], ("cat", "dog"))))


def test_comparison_of_two_does_not_speak_of_holm() -> None:
    assert "Holm" not in _print(tell_comparison(_compare("one", "two")))


def test_comparison_of_three_tells_both_p_values() -> None:
    """5 against 0 tosses: 2 / 32 = 0.0625; the smallest of three is of 10 against 0, 2/1024 * 3 = 0.0059."""
    text = _print(tell_comparison(_compare("one", "two", "three")))
    assert "p = 0.0625, p = 0.1250 after Holm's correction" in text
    assert "p = 0.0020, p = 0.0059 after Holm's correction" in text
    assert text.count("difference not shown") == 2


def test_confusion_of_long_names_numbers_its_columns() -> None:
    text = _print(tell_evaluation(_evaluate([0, 1], ("T-shirt/top", "Ankle boot"))))
    assert "│1 Ankle boot " in text
    assert "┃true         ┃0┃1┃" in text
