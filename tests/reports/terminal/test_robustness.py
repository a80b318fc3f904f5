"""A robustness sheet in words: a row a kind, what the amounts are, and what stands below."""

from rich.console import Console
from tests.figures.test_robustness import SHEET

from inkwise.reports.terminal.robustness import tell_robustness


def told() -> str:
    console = Console(width=120, highlight=False)
    with console.capture() as captured:
        console.print(*tell_robustness(SHEET), sep="\n")
    return captured.get()


def test_rows_hold_accuracies_and_amounts() -> None:
    rows = [" ".join(line.split()) for line in told().splitlines()]
    assert "shift 90.0 % 80.0 % 70.0 % 60.0 % 50.0 % 1 to 5 pixels" in rows
    assert "inversion 20.0 % black on white" in rows


def test_the_rest_is_below() -> None:
    words = " ".join(told().split())
    assert "accuracy on 2,000 test images of mnist, changed; unchanged 99.00 %" in words
    assert "MNIST-C, mean of its 15 kinds 75.00 %" in words
    assert "told from fashion-mnist by its probability AUROC 0.9850" in words
    assert "each pixel by up to 0.3 FGSM 10.00 %, PGD 1.00 %" in words
