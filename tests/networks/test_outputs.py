"""The three output conventions describe one classifier (M8, L1-L3)."""

import math

import pytest
import torch
from torch.nn import functional as F

from inkwise.networks.outputs import to_log_probabilities
from inkwise.training.losses import build_loss, categorical_cross_entropy

LOGITS = torch.randn(16, 10, generator=torch.Generator().manual_seed(3)) * 3
LABELS = torch.arange(16) % 10
OUTPUTS = {
    "logits": LOGITS,
    "log_probabilities": F.log_softmax(LOGITS, dim=1),
    "probabilities": F.softmax(LOGITS, dim=1),
}
LOSSES = {"logits": "cross-entropy", "log_probabilities": "nll", "probabilities": "categorical-cross-entropy"}


@pytest.mark.parametrize("convention", OUTPUTS)
def test_every_convention_leads_to_equal_log_probabilities(convention):
    expected = torch.log_softmax(LOGITS.double(), dim=1).float()
    torch.testing.assert_close(to_log_probabilities(OUTPUTS[convention], convention), expected)


@pytest.mark.parametrize("convention", OUTPUTS)
def test_every_convention_has_equal_loss_and_gradient(convention):
    """L1, L2, L3, L4: cross-entropy = LogSoftmax + NLL = categorical cross-entropy of softmax, batch mean."""
    loss = build_loss(LOSSES[convention])(OUTPUTS[convention], LABELS)
    by_hand = sum(math.log(sum(math.exp(v) for v in row)) - row[label] for row, label in
                  zip(LOGITS.tolist(), LABELS.tolist(), strict=True)) / len(LABELS)  # fmt: skip
    assert loss.item() == pytest.approx(by_hand, rel=1e-5)


def test_one_hot_and_sparse_labels_give_equal_losses():
    """D8, L3: - sum over classes of one_hot * log p keeps the one term that the integer label picks."""
    probabilities = OUTPUTS["probabilities"]
    one_hot = F.one_hot(LABELS, 10).float()
    by_one_hot = -(one_hot * probabilities.log()).sum(1).mean()
    torch.testing.assert_close(categorical_cross_entropy(probabilities, LABELS), by_one_hot)


def test_certain_and_wrong_stays_finite():
    """Keras clips at 1e-7, so the loss ends at -ln 1e-7 = 16.118."""
    loss = categorical_cross_entropy(torch.tensor([[1.0, 0.0]]), torch.tensor([1]))
    assert loss.item() == pytest.approx(-math.log(1e-7), rel=1e-4)
    assert to_log_probabilities(torch.tensor([[1.0, 0.0]]), "probabilities").isfinite().all()


def test_knowing_nothing_costs_ln_k():
    """L1: equal logits give each of 10 classes 0.1, and -ln 0.1 = 2.3026."""
    assert build_loss("cross-entropy")(torch.zeros(4, 10), LABELS[:4]).item() == pytest.approx(math.log(10))
