"""The picture of a robustness sheet has each kind as a row and each accuracy in words."""

from inkwise.evaluation.robustness.sheet import Cell, Robustness, Row
from inkwise.figures.robustness import draw_robustness
from inkwise.figures.style import INK


def cell(severity: int, accuracy: float) -> Cell:
    return Cell(
        severity=severity, amount=f"{severity}", accuracy=accuracy, expected_calibration_error=0.1,
        confidence=0.9,
    )  # fmt: skip


SHEET = Robustness(
    dataset="mnist", split="test", num_images=2000, seed=0, clean=0.99, mnist_c_accuracy=0.75,
    rows=[
        Row(kind="shift", unit="pixels", mnist_c=2, cells=[cell(n, 1 - n / 10) for n in range(1, 6)]),
        Row(kind="inversion", unit="black on white", mnist_c=None, cells=[cell(1, 0.2)]),
    ],
    outliers="fashion-mnist", outlier_auroc=0.985, fgsm_accuracy=0.1, pgd_accuracy=0.01,
)  # fmt: skip


def test_rows_and_cells_are_named() -> None:
    axes = draw_robustness(SHEET).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["shift", "inversion"]
    assert [text.get_text() for text in axes.texts] == [
        "90.0%", "80.0% °", "70.0%", "60.0%", "50.0%", "20.0%",
    ]  # fmt: skip
    assert [text.get_position() for text in axes.texts][-1] == (2, 1), (
        "one severity: in the middle of its row"
    )
    assert axes.images[0].get_array()[1].tolist() == [0.2] * 5
    assert "unchanged 99.00%" in axes.get_title(loc="left")
    assert "75.0% on average" in axes.get_title(loc="left")


def test_words_of_middling_accuracies_are_dark_where_that_is_read_better() -> None:
    """cividis at 0.45 has a relative luminance of 0.17, at 0.54 of 0.23; alike are 0.2."""
    axes = draw_robustness(
        SHEET.model_copy(
            update={
                "rows": [Row(kind="shift", unit="pixels", mnist_c=None, cells=[cell(1, 0.45), cell(2, 0.54)])]
            }
        )
    ).axes[0]
    assert [text.get_color() for text in axes.texts] == ["white", INK]
