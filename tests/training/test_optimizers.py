"""Optimizers against PyTorch's own, and the learning rate at each step."""

import copy
import subprocess
import sys

import pytest
import torch
from torch import nn

from inkwise.recipes.load import load_recipe
from inkwise.training.optimizers import build_optimizer, learning_rate_at, set_learning_rate


def training(**settings):
    return (
        load_recipe("quick")
        .with_settings({"learning_rate": 0.1, "warmup_fraction": 0.0, **settings})
        .training
    )


def take_steps(network, optimizer):
    for step in range(20):
        images = torch.randn(4, 3, generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        network(images).square().mean().backward()
        optimizer.step()


@pytest.mark.parametrize(
    ("settings", "reference"),
    [
        ({"optimizer": "sgd"}, lambda p: torch.optim.SGD(p, lr=0.1)),  # O1
        ({"optimizer": "sgd", "momentum": 0.9}, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),  # O2
        ({"optimizer": "adam", "beta1": 0.9, "beta2": 0.999}, lambda p: torch.optim.Adam(p, lr=0.1)),  # O3
        ({"optimizer": "adamw", "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.01},
         lambda p: torch.optim.AdamW(p, lr=0.1)),
    ],
)  # fmt: skip
def test_optimizer_moves_weights_as_the_plain_one(settings, reference):
    network = nn.Linear(3, 2)
    twin = copy.deepcopy(network)
    ours, theirs = build_optimizer(network, training(**settings)), reference(twin.parameters())
    take_steps(network, ours)
    take_steps(twin, theirs)
    torch.testing.assert_close(network.weight, twin.weight)


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW])
def test_optimizer_is_pytorchs_to_the_bit(kind):
    network = nn.Linear(3, 2)
    twin = copy.deepcopy(network)
    plan = training(optimizer=kind.__name__.lower(), momentum=0.0, beta1=0.9, beta2=0.999, weight_decay=0.01)
    ours = build_optimizer(network, plan)
    theirs = kind(twin.parameters(), lr=0.1, weight_decay=0.01, fused=True)
    assert type(ours).__name__ == kind.__name__
    take_steps(network, ours)
    take_steps(twin, theirs)
    assert torch.equal(network.weight, twin.weight)
    assert torch.equal(network.bias, twin.bias)


@pytest.mark.parametrize("recipe", ["quick", "standard", "mlp-logsoftmax"])
def test_training_and_its_optimizers_state_import_no_compiler(recipe, tmp_path):
    """PyTorch's takes over a second; in a process of its own, for another test may have imported it."""
    code = (
        "import sys, inkwise; from inkwise.training.optimizers import build_optimizer; "
        "few = {'epochs': 1, 'minimum_steps': 1}; "
        "run = inkwise.train(sys.argv[1], data='digits', settings=few, out=sys.argv[2], report=False); "
        "optimizer = build_optimizer(run.classifier.network, run.recipe.training); "
        "optimizer.load_state_dict(optimizer.state_dict()); "
        "print('torch._dynamo' in sys.modules)"
    )
    command = [sys.executable, "-c", code, recipe, str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split()[-1:] == ["False"], done.stderr


def test_one_cycle_equals_the_scheduler_of_torch():
    network = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=50, cycle_momentum=False)
    plan = training(schedule="one-cycle", warmup_fraction=0.3)
    for step in range(50):
        expected = optimizer.param_groups[0]["lr"]
        assert learning_rate_at(step, num_steps=50, training=plan) == pytest.approx(expected)
        optimizer.step()
        if step < 49:
            scheduler.step()


def test_schedules_begin_and_end_where_they_say():
    constant, linear, cosine = (training(schedule=name) for name in ("constant", "linear", "cosine"))
    assert [learning_rate_at(s, num_steps=4, training=constant) for s in range(4)] == [0.1] * 4
    # linear over 4 steps: 1, 3/4, 2/4, 1/4 of the peak
    assert [learning_rate_at(s, num_steps=4, training=linear) for s in range(4)] == pytest.approx(
        [0.1, 0.075, 0.05, 0.025]
    )
    # cosine: (1 + cos(pi s / 4)) / 2 of the peak, one half in the middle
    assert learning_rate_at(0, num_steps=4, training=cosine) == pytest.approx(0.1)
    assert learning_rate_at(2, num_steps=4, training=cosine) == pytest.approx(0.05)


def test_warmup_rises_step_by_step():
    """2 warm-up steps of 10: 1/3 and 2/3 of the peak, then the peak."""
    plan = training(schedule="linear", warmup_fraction=0.2)
    rates = [learning_rate_at(step, num_steps=10, training=plan) for step in range(3)]
    assert rates == pytest.approx([0.1 / 3, 0.2 / 3, 0.1])


def test_one_step_of_one_cycle_has_a_rate():
    plan = training(schedule="one-cycle", warmup_fraction=0.3)
    assert 0 < learning_rate_at(0, num_steps=1, training=plan) <= 0.1


def test_one_cycle_with_a_single_step_of_warm_up_begins_at_the_peak():
    plan = training(schedule="one-cycle", warmup_fraction=0.5)
    assert learning_rate_at(0, num_steps=2, training=plan) == pytest.approx(0.1)


def test_learning_rate_reaches_every_group():
    optimizer = torch.optim.SGD(
        [{"params": nn.Linear(1, 1).parameters()}, {"params": nn.Linear(1, 1).parameters()}], lr=1
    )
    set_learning_rate(optimizer, 0.5)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.5]
