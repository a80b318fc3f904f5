"""Checks of outputs: the last line under its loss, and dead classes."""

import pytest
import torch

from inkwise.inspection.doctor.outputs import check_dead_classes, check_loss_pair
from inkwise.recipes.recipe import LossName

LOGITS = torch.randn(400, 10, generator=torch.Generator().manual_seed(0)) * 4
LABELS = torch.arange(400) % 10
ANSWERED = 12 * torch.nn.functional.one_hot(LABELS, 10) + LOGITS / 4  # every class is learned


@pytest.mark.parametrize(
    ("outputs", "loss", "name"),
    [
        (LOGITS, "cross-entropy", None),
        (LOGITS, "nll", "logits-under-nll"),
        (LOGITS, "categorical-cross-entropy", "logits-under-nll"),
        (LOGITS.log_softmax(1), "cross-entropy", "log-softmax-under-cross-entropy"),
        (LOGITS.log_softmax(1), "nll", None),
        (LOGITS.softmax(1), "cross-entropy", "softmax-under-cross-entropy"),
        (LOGITS.softmax(1), "nll", "logits-under-nll"),
        (LOGITS.softmax(1), "categorical-cross-entropy", None),
    ],
)
def test_each_pair_of_last_line_and_loss(outputs: torch.Tensor, loss: LossName, name: str | None) -> None:
    finding = check_loss_pair(outputs, loss=loss)
    assert (finding.name if finding else None) == name


def test_softmax_twice_tells_the_least_loss() -> None:
    """A perfect answer among 10: -log(e / (e + 9)) = 1.46, as docs/explanation/outputs-and-losses.md says."""
    finding = check_loss_pair(LOGITS.softmax(1))
    assert finding is not None
    assert "cannot fall below 1.46" in finding.why


def test_learned_logits_have_no_dead_class() -> None:
    assert check_dead_classes(ANSWERED, LABELS) is None
    assert check_dead_classes(ANSWERED.softmax(1), LABELS) is None
    assert check_dead_classes(ANSWERED.log_softmax(1), LABELS) is None


def test_relu_on_outputs_is_found_before_any_class_is_dead() -> None:
    """S4-1: every class is still predicted, and every one can die."""
    finding = check_dead_classes(ANSWERED.relu(), LABELS)
    assert finding is not None
    assert finding.what.startswith("Classes can die: the outputs are cut off at 0")
    assert f"{100 * float((ANSWERED.relu() == 0).float().mean()):.0f} % are exactly 0" in finding.evidence


def test_dead_classes_are_named_by_their_names() -> None:
    outputs = ANSWERED.relu()
    outputs[:, [2, 7]] = 0
    finding = check_dead_classes(outputs, LABELS, classes=list("abcdefghij"))
    assert finding is not None
    assert finding.what.startswith("2 of 10 classes are dead")
    assert "0 for every image: class c, h; never predicted: class c, h" in finding.evidence


def test_class_never_predicted_is_found_in_each_convention() -> None:
    outputs = ANSWERED.clone()
    outputs[:, 4] -= 100
    for converted in (outputs, outputs.softmax(1), outputs.log_softmax(1)):
        finding = check_dead_classes(converted, LABELS)
        assert finding is not None
        assert "never predicted: class 4" in finding.evidence


def test_class_missing_early_or_without_images_is_not_dead() -> None:
    outputs = ANSWERED.clone()
    outputs[:, 4] -= 100
    assert check_dead_classes(outputs, LABELS, num_steps=19) is None
    assert check_dead_classes(outputs, LABELS, num_steps=20) is not None
    others = LABELS != 4
    assert check_dead_classes(outputs[others], LABELS[others]) is None


def test_network_that_has_learned_nothing_is_not_judged_by_its_classes() -> None:
    constant = torch.zeros(400, 10)
    constant[:, 0] = 0.1
    assert check_dead_classes(constant - 1, LABELS) is None
