"""The programs beside ours are what they say they are, and learn."""

from pathlib import Path

import pytest
import torch
from torch import nn

from inkwise.experiments.bench.baseline import Size
from inkwise.experiments.bench.recipes.programs import (
    PROGRAMS,
    Program,
    fast_network,
    plain_network,
    run_fast,
    run_plain,
)
from inkwise.experiments.bench.recipes.stages import StageClock
from inkwise.networks.build import num_parameters

Files = dict[str, Path]
CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("build", "count"), [(fast_network, 215_194), (plain_network, 1_199_882)], ids=["fast", "plain"]
)
def test_network_has_the_parameters_of_its_source(build: type[nn.Module], count: int) -> None:
    """plain: PyTorch's example states 1,199,882; fast: 624 + 6,944 + 205,056 + 2,570."""
    network = build()
    assert num_parameters(network) == count
    assert network.eval()(torch.zeros(2, 1, 28, 28)).exp().sum(1).tolist() == pytest.approx([1, 1])


def test_fast_learns_the_digits_in_their_order(digit_files: Files) -> None:
    """ceil(1500 / 256) = 6 steps an epoch; chance is 0.1."""
    torch.manual_seed(0)
    clock = StageClock()
    trained = run_fast(digit_files, Size(epochs=5), device=CPU, clock=clock)
    assert trained.accuracy > 0.7
    assert (trained.num_steps, trained.num_train, trained.num_test) == (5 * 6, 1500, 297)
    assert set(clock.seconds) == {"load", "set up", "prepare", "forward", "backward", "update", "rest"}


def test_plain_looks_at_the_test_part_after_every_epoch(digit_files: Files) -> None:
    """ceil(512 / 64) = 8 steps an epoch."""
    torch.manual_seed(0)
    clock = StageClock()
    trained = run_plain(digit_files, Size(epochs=2, num_train=512, num_test=100), device=CPU, clock=clock)
    assert trained.accuracy > 0.5
    assert (trained.num_steps, trained.num_train, trained.num_test) == (2 * 8, 512, 100)
    seconds, accuracies = zip(*trained.curve, strict=True)
    assert 0 < seconds[0] < seconds[1] <= sum(clock.seconds.values())
    assert accuracies[-1] == trained.accuracy


@pytest.mark.parametrize("name", PROGRAMS)
def test_equal_seeds_give_equal_weights(name: str, digit_files: Files) -> None:
    run: Program = PROGRAMS[name][0]
    ends = []
    for _ in range(2):
        torch.manual_seed(3)
        trained = run(digit_files, Size(1, num_train=128, num_test=10), device=CPU, clock=StageClock())
        ends.append(torch.cat([one.flatten() for one in trained.network.parameters()]))
    assert torch.equal(*ends)


@pytest.mark.parametrize("name", PROGRAMS)
def test_classifier_answers_as_its_network(name: str, digit_files: Files) -> None:
    """White is 1, which becomes (1 - 0.1307) / 0.3081."""
    torch.manual_seed(0)
    size = Size(1, num_train=128, num_test=10)
    trained = PROGRAMS[name][0](digit_files, size, device=CPU, clock=StageClock())
    white = torch.full((1, 1, 28, 28), (1 - 0.1307) / 0.3081)
    expected = trained.network.eval()(white)
    answer = trained.classifier().log_probabilities(torch.full((1, 28, 28), 255, dtype=torch.uint8))
    torch.testing.assert_close(answer, expected.detach())
