from pathlib import Path

import pytest
import torch
from torch import nn

from inkwise.experiments.bench.baseline import (
    Outcome,
    S2Network,
    Size,
    evaluate_s2,
    evaluate_s3,
    run_s2_pt,
    run_s3,
    s3_network,
)
from inkwise.networks.build import build_network, num_parameters

Files = dict[str, Path]


def silent(line: str) -> None:
    """Take a line that the tutorial prints."""


@pytest.mark.parametrize(
    ("tutorial", "name", "count"),
    [(s3_network, "mlp-logsoftmax", 130_058), (S2Network, "cnn-lenet", 431_080)],
    ids=["M3", "M6"],
)
def test_network_is_the_recipes_from_equal_weights(tutorial: type[nn.Module], name: str, count: int) -> None:
    theirs, ours = tutorial(), build_network(name)
    for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        own.data.copy_(other.data)
    images = torch.randn(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    flat = images.view(3, -1) if name == "mlp-logsoftmax" else images
    assert num_parameters(theirs) == count
    torch.testing.assert_close(theirs.eval()(flat), ours.eval()(images))


def test_s3_learns_the_digits_from_their_files(digit_files: Files) -> None:
    """S3, R1: chance is 0.1; twelve epochs of 1,500 images are ceil(1500 / 32) = 47 steps each."""
    torch.manual_seed(0)
    outcome = run_s3(digit_files, Size(epochs=12), show=silent)
    assert outcome.accuracy > 0.7
    assert outcome.num_steps == 12 * 47
    assert outcome.epoch_losses[-1] < outcome.epoch_losses[0] / 2
    assert (outcome.num_train, outcome.num_test) == (1500, 297)


def test_s2_pt_learns_the_digits_from_their_files(digit_files: Files) -> None:
    """S2-PT, R3: its learning rate of 0.001 is slow; six epochs of ceil(1500 / 64) = 24 steps."""
    torch.manual_seed(0)
    outcome = run_s2_pt(digit_files, Size(epochs=6), show=silent)
    assert outcome.accuracy > 0.4
    assert outcome.num_steps == 6 * 24
    assert outcome.epoch_losses == sorted(outcome.epoch_losses, reverse=True)


@pytest.mark.parametrize("run", [run_s3, run_s2_pt])
def test_run_reports_every_stage_and_the_size_asked_for(run: type, digit_files: Files) -> None:
    outcome = run(digit_files, Size(epochs=1, num_train=65, num_test=33), show=silent)
    assert set(outcome.stage_seconds) == {"load", "train", "evaluate"}
    assert (outcome.num_train, outcome.num_test) == (65, 33)
    assert outcome.num_steps == {run_s3: 3, run_s2_pt: 2}[run]


def test_s2_pt_prints_a_line_every_hundred_batches(digit_files: Files) -> None:
    """T4: 24 steps an epoch, so one training line an epoch, then the test line (V1)."""
    lines: list[str] = []
    run_s2_pt(digit_files, Size(epochs=2, num_test=10), show=lines.append)
    assert [line.split(":")[0] for line in lines] == ["Train Epoch", "Test set"] * 2
    assert lines[0].startswith("Train Epoch: 1 [0/1500 (0%)]\tLoss: ")


class Reader(nn.Module):
    """Reads the class off the first pixel of an image: a classifier whose accuracy is known."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        known = nn.functional.one_hot(images.flatten(1)[:, 0].long(), 10).float()
        return nn.functional.log_softmax(50 * known, dim=1)


def known_loader(*, num_wrong: int) -> torch.utils.data.DataLoader[tuple[torch.Tensor, int]]:
    items = [(torch.full((1, 28, 28), float(i % 10)), i % 10) for i in range(50)]
    wrong = [(image, (label + 1) % 10) for image, label in items[:num_wrong]]
    return torch.utils.data.DataLoader(wrong + items[num_wrong:], batch_size=32)  # type: ignore[arg-type]


def test_evaluate_s3_counts_image_by_image() -> None:
    """V2: 5 of 50 labels do not fit, so 45 / 50."""
    assert evaluate_s3(Reader(), known_loader(num_wrong=5)) == 0.9


def test_evaluate_s2_sums_the_loss_over_all_images() -> None:
    """V1: a wrong image costs 50 nats, so the mean over 50 images with 5 wrong ones is 5."""
    loss, accuracy = evaluate_s2(Reader(), known_loader(num_wrong=5))
    assert accuracy == 0.9
    assert loss == pytest.approx(5.0)


def test_stage_adds_up_what_it_is_given() -> None:
    outcome = Outcome(stage_seconds={"train": 100.0})
    with outcome.stage("train"):
        pass
    assert 100 < outcome.stage_seconds["train"] < 101
