"""The other side of `inkwise bench recipes`: two programs for MNIST by others, in our words.

`plain` is how PyTorch's own example trains on MNIST, `fast` the recipe published as the fastest way to 99 %
on a processor. Nothing is slowed on purpose and nothing is sped up; the lines that move the clock are ours.

Sources: pytorch/examples, mnist/main.py, with its default arguments; T. Tuomaso, train_mnist_fast.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn, optim
from torch.optim.lr_scheduler import OneCycleLR, StepLR
from torch.utils.data import DataLoader

from inkwise.classifier import Classifier
from inkwise.classifier_file import FORMAT, Header
from inkwise.data.idx import read_idx
from inkwise.experiments.bench.baseline import Size
from inkwise.experiments.bench.recipes.stages import StageClock
from inkwise.experiments.bench.tutorial_images import Compose, Normalize, ToTensor, load_part
from inkwise.preprocessing import Preprocessing

MEAN, STD = 0.1307, 0.3081
PLAIN_EPOCHS, PLAIN_BATCH_SIZE, PLAIN_TEST_BATCH_SIZE, PLAIN_LOG_INTERVAL = 14, 64, 1000, 10
FAST_EPOCHS, FAST_BATCH_SIZE = 1, 256

Files = Mapping[str, Path]
Loader = DataLoader[tuple[Tensor, int]]


@dataclass
class Trained:
    """What a program came to.

    Attributes:
        name: "fast" or "plain".
        network: ends in log-probabilities.
        accuracy: fraction of the test images named rightly, after the last epoch.
        num_steps: optimizer updates taken.
        curve: wall seconds since the start, and the accuracy then, where the program looks at the test part
            after each epoch.
    """

    name: str
    network: nn.Module
    batch_size: int
    num_train: int = 0
    num_test: int = 0
    num_steps: int = 0
    accuracy: float = 0.0
    curve: list[tuple[float, float]] = field(default_factory=list)

    def classifier(self) -> Classifier:
        """Return it as inkwise has classifiers, to weigh it by the same measures."""
        header = Header(
            format=FORMAT, network=self.name, output="log_probabilities",
            preprocessing=Preprocessing(mean=MEAN, std=STD), classes=list("0123456789"),
        )  # fmt: skip
        return Classifier(self.network, header)


class Program(Protocol):
    """Reads the files, trains and tests, and moves the clock along."""

    def __call__(self, files: Files, size: Size, *, device: torch.device, clock: StageClock) -> Trained: ...


def fast_network() -> nn.Sequential:
    """Return two convolutions of 24 and 32 channels and a layer of 256: 215,194 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 24, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),  # (N, 24, 12, 12)
        nn.Conv2d(24, 32, 3),
        nn.MaxPool2d(2),
        nn.ReLU(),  # (N, 32, 5, 5)
        nn.Flatten(),
        nn.Linear(800, 256),
        nn.ReLU(),
        nn.Linear(256, 10),
        nn.LogSoftmax(dim=1),
    )


def plain_network() -> nn.Sequential:
    """Return two convolutions of 32 and 64 channels and a layer of 128: 1,199,882 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),  # (N, 32, 26, 26)
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),  # (N, 64, 24, 24)
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),  # (N, 9216)
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
        nn.LogSoftmax(dim=1),
    )


def run_fast(files: Files, size: Size, *, device: torch.device, clock: StageClock) -> Trained:
    """Train as train_mnist_fast does: all images scaled beforehand, batches in the order of the files."""
    clock.begin("load")
    train_images, train_labels = _read(files, "train", size.num_train)
    test_images, test_labels = _read(files, "test", size.num_test)
    clock.begin("prepare")
    train_images, test_images = (
        one.to(device).float().div(255).sub(MEAN).div(STD) for one in (train_images, test_images)
    )
    train_labels, test_labels = train_labels.to(device), test_labels.to(device)
    clock.begin("set up")
    model = fast_network().to(device)
    trained = Trained("fast", model, FAST_BATCH_SIZE, num_train=len(train_labels), num_test=len(test_labels))
    optimizer = optim.Adam(model.parameters(), lr=0.01, betas=(0.7, 0.9))
    num_batches = -(-len(train_labels) // FAST_BATCH_SIZE)
    scheduler = OneCycleLR(optimizer, 0.01, total_steps=size.epochs * num_batches, cycle_momentum=False)
    for _ in range(size.epochs):
        for first in range(0, len(train_labels), FAST_BATCH_SIZE):
            clock.begin("prepare")
            images = train_images[first : first + FAST_BATCH_SIZE]
            labels = train_labels[first : first + FAST_BATCH_SIZE]
            _step(model, optimizer, (images, labels), clock=clock)
            scheduler.step()
            trained.num_steps += 1
    clock.begin("evaluate")
    with torch.no_grad():
        answers = torch.cat([model(batch).argmax(1) for batch in test_images.split(1000)])
    trained.accuracy = int((answers == test_labels).sum()) / len(test_labels)
    return trained


def _read(files: Files, part: str, num_images: int | None) -> tuple[Tensor, Tensor]:
    """Return images (N, 1, 28, 28) uint8 and labels (N,) int64 of a part."""
    images = torch.tensor(read_idx(files[f"{part}_images"], num_dims=3)[:num_images])
    return images[:, None], torch.tensor(read_idx(files[f"{part}_labels"], num_dims=1)[:num_images]).long()


def _step(
    model: nn.Module, optimizer: optim.Optimizer, batch: tuple[Tensor, Tensor], *, clock: StageClock
) -> Tensor:
    """Take one step and return the loss; zeroing the gradients counts as forward, as in our own steps."""
    images, labels = batch
    clock.begin("forward")
    optimizer.zero_grad()
    loss = F.nll_loss(model(images), labels)
    clock.begin("backward")
    loss.backward()
    clock.begin("update")
    optimizer.step()
    clock.begin("rest")
    return loss


def run_plain(files: Files, size: Size, *, device: torch.device, clock: StageClock) -> Trained:
    """Train as PyTorch's example does: each image opened, scaled and stacked by itself, tested each epoch."""
    clock.begin("load")
    transform = Compose([ToTensor(), Normalize((MEAN,), (STD,))])
    train = load_part(files, "train", transform=transform, num_images=size.num_train)
    test = load_part(files, "test", transform=transform, num_images=size.num_test)
    train_loader = DataLoader(train, batch_size=PLAIN_BATCH_SIZE, shuffle=True)
    test_loader = DataLoader(test, batch_size=PLAIN_TEST_BATCH_SIZE, shuffle=True)
    clock.begin("set up")
    model = plain_network().to(device)
    trained = Trained("plain", model, PLAIN_BATCH_SIZE, num_train=len(train), num_test=len(test))
    optimizer = optim.Adadelta(model.parameters(), lr=1.0)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.7)
    for epoch in range(1, size.epochs + 1):
        trained.num_steps += _train_plain(model, train_loader, optimizer, epoch=epoch, clock=clock)
        clock.begin("evaluate")
        trained.accuracy = _test_plain(model, test_loader)
        scheduler.step()
        clock.begin("rest")
        trained.curve.append((sum(clock.seconds.values()), trained.accuracy))
    return trained


def _train_plain(
    model: nn.Module, loader: Loader, optimizer: optim.Optimizer, *, epoch: int, clock: StageClock
) -> int:
    """Train one epoch and return the number of steps."""
    device, num_images = next(model.parameters()).device, len(loader.dataset)  # type: ignore[arg-type]
    model.train()
    num_steps = 0
    clock.begin("prepare")
    for images, labels in loader:
        loss = _step(model, optimizer, (images.to(device), labels.to(device)), clock=clock)
        if num_steps % PLAIN_LOG_INTERVAL == 0:
            seen = num_steps * len(images)
            print(f"Train Epoch: {epoch} [{seen}/{num_images}]\tLoss: {loss.item():.6f}")  # noqa: T201
        num_steps += 1
        clock.begin("prepare")
    return num_steps


def _test_plain(model: nn.Module, loader: Loader) -> float:
    """Return the accuracy, 1,000 test images at a time."""
    device, num_images = next(model.parameters()).device, len(loader.dataset)  # type: ignore[arg-type]
    model.eval()
    test_loss, num_correct = 0.0, 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            output = model(images)
            test_loss += F.nll_loss(output, labels, reduction="sum").item()
            predicted = output.argmax(dim=1, keepdim=True)
            num_correct += int(predicted.eq(labels.view_as(predicted)).sum().item())
    print(f"Test set: Average loss: {test_loss / num_images:.4f}, Accuracy: {num_correct}/{num_images}")  # noqa: T201
    return num_correct / num_images


PROGRAMS: dict[str, tuple[Program, int]] = {
    "fast": (run_fast, FAST_EPOCHS),
    "plain": (run_plain, PLAIN_EPOCHS),
}
