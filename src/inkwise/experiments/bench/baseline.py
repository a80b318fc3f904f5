"""The other side of `inkwise bench`: two tutorials' programs as their readers would type them.

Nothing here is slowed on purpose and nothing is sped up.

Sources: S3, "MNIST With PyTorch" (cybertraining-dsc.github.io, mnist_with_pytorch.ipynb); S2-PT, "(TF &
PyTorch) MNIST tutorial", PyTorch half (jhyun0919/deep_dive_into_pytorch, pytorch_mnist_explained.ipynb,
cells 46-63). Left out of S2-PT, in the baseline's favour: the one step taken before the loop and the
evaluation repeated after it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn, optim
from torch.utils.data import DataLoader

from inkwise.experiments.bench.tutorial_images import Compose, Normalize, ToTensor, load_part

S3_EPOCHS = 5
S3_BATCH_SIZE = 32
S2_PT_EPOCHS = 3
S2_PT_BATCH_SIZE = 64
S2_PT_TEST_BATCH_SIZE = 1000
S2_PT_LOG_INTERVAL = 100

Loader = DataLoader[tuple[Tensor, int]]
Print = Callable[[str], object]


@dataclass
class Outcome:
    """What one run of a tutorial came to.

    Attributes:
        accuracy: fraction of the test images named rightly, after the last epoch.
        num_steps: optimizer updates taken.
        num_train: training images.
        num_test: test images.
        epoch_losses: mean training loss of each epoch (S3), or the test loss (S2-PT), as the tutorial prints.
        stage_seconds: wall seconds by stage: load, train, evaluate.
    """

    accuracy: float = 0.0
    num_steps: int = 0
    num_train: int = 0
    num_test: int = 0
    epoch_losses: list[float] = field(default_factory=list)
    stage_seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the wall seconds of the block to stage_seconds[name]."""
        start = time.perf_counter()
        yield
        self.stage_seconds[name] = self.stage_seconds.get(name, 0.0) + time.perf_counter() - start


@dataclass(frozen=True)
class Size:
    """How much work a run does: epochs, and how many of the first images (None: all of them)."""

    epochs: int
    num_train: int | None = None
    num_test: int | None = None


def run_s3(files: Mapping[str, Path], size: Size, *, show: Print = print) -> Outcome:
    """Run the whole of S3: load, train the five-layer network, evaluate image by image."""
    outcome = Outcome()
    with outcome.stage("load"):
        transform = Compose([ToTensor(), Normalize((0.5,), (0.5,))])
        train = load_part(files, "train", transform=transform, num_images=size.num_train)
        test = load_part(files, "test", transform=transform, num_images=size.num_test)
        train_loader = DataLoader(train, batch_size=S3_BATCH_SIZE, shuffle=True)
        test_loader = DataLoader(test, batch_size=S3_BATCH_SIZE, shuffle=True)
    outcome.num_train, outcome.num_test = len(train), len(test)
    model = s3_network()
    with outcome.stage("train"):
        train_s3(model, train_loader, epochs=size.epochs, outcome=outcome, show=show)
    with outcome.stage("evaluate"):
        outcome.accuracy = evaluate_s3(model, test_loader)
    show(f"Model Accuracy {outcome.accuracy * 100} %")
    return outcome


def s3_network() -> nn.Sequential:
    """Return S3's network: 784-128-128-64-64-10 with ReLU between and log-probabilities at the end."""
    return nn.Sequential(
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
        nn.LogSoftmax(dim=1),
    )


def train_s3(model: nn.Module, loader: Loader, *, epochs: int, outcome: Outcome, show: Print) -> None:
    """Train as S3 does: SGD with momentum, the loss fetched at every step."""
    criterion = nn.NLLLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.003, momentum=0.9)
    for epoch in range(epochs):
        epoch_loss = 0.0
        for images, labels in loader:
            images = images.view(images.shape[0], -1)  # (32, 784)
            optimizer.zero_grad()
            output = model(images)
            loss = criterion(output, labels)
            loss.backward()
            optimizer.step()
            epoch_loss += loss.item()
            outcome.num_steps += 1
        outcome.epoch_losses.append(epoch_loss / len(loader))
        show(f"Epoch {epoch} - Training loss: {outcome.epoch_losses[-1]}")


def evaluate_s3(model: nn.Module, loader: Loader) -> float:
    """Return the accuracy as S3 finds it: one forward pass an image, the largest found in a Python list."""
    num_correct, num_seen = 0, 0
    for images, labels in loader:
        for i in range(len(labels)):
            image = images[i].view(1, 784)
            with torch.no_grad():
                log_probabilities = model(image)
            probabilities = list(torch.exp(log_probabilities).numpy()[0])
            predicted = probabilities.index(max(probabilities))
            if labels.numpy()[i] == predicted:
                num_correct += 1
            num_seen += 1
    return num_correct / num_seen


def run_s2_pt(files: Mapping[str, Path], size: Size, *, show: Print = print) -> Outcome:
    """Run the PyTorch half of S2: load, then train and test in turn, epoch by epoch."""
    outcome = Outcome()
    with outcome.stage("load"):
        transform = Compose([ToTensor(), Normalize((0.1307,), (0.3081,))])
        train = load_part(files, "train", transform=transform, num_images=size.num_train)
        test = load_part(files, "test", transform=transform, num_images=size.num_test)
        train_loader = DataLoader(train, batch_size=S2_PT_BATCH_SIZE, shuffle=True)
        test_loader = DataLoader(test, batch_size=S2_PT_TEST_BATCH_SIZE, shuffle=True)
    outcome.num_train, outcome.num_test = len(train), len(test)
    model = S2Network()
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.5)
    for epoch in range(1, size.epochs + 1):
        with outcome.stage("train"):
            outcome.num_steps += train_s2_epoch(model, train_loader, optimizer, epoch=epoch, show=show)
        with outcome.stage("evaluate"):
            loss, outcome.accuracy = evaluate_s2(model, test_loader)
        outcome.epoch_losses.append(loss)
        show(f"Test set: Average Loss: {loss:.4f}, Accuracy: {100.0 * outcome.accuracy:.0f}%")
    return outcome


class S2Network(nn.Module):
    """S2's convolutional network (M6 of the tutorials): 431,080 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5, 1)
        self.conv2 = nn.Conv2d(20, 50, 5, 1)
        self.fc1 = nn.Linear(4 * 4 * 50, 500)
        self.fc2 = nn.Linear(500, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return (N, 10) log-probabilities for (N, 1, 28, 28) float32."""
        x = F.relu(self.conv1(images))  # (N, 20, 24, 24)
        x = F.max_pool2d(x, 2, 2)
        x = F.relu(self.conv2(x))  # (N, 50, 8, 8)
        x = F.max_pool2d(x, 2, 2)
        x = x.view(-1, 4 * 4 * 50)
        x = F.relu(self.fc1(x))
        return F.log_softmax(self.fc2(x), dim=1)


def train_s2_epoch(
    model: nn.Module, loader: Loader, optimizer: optim.Optimizer, *, epoch: int, show: Print
) -> int:
    """Train one epoch as S2 does, a line every 100 batches, and return the number of steps."""
    num_steps, num_images = 0, len(loader.dataset)  # type: ignore[arg-type]
    model.train()
    for index, (images, labels) in enumerate(loader):
        optimizer.zero_grad()
        loss = F.nll_loss(model(images), labels)
        loss.backward()
        optimizer.step()
        num_steps += 1
        if index % S2_PT_LOG_INTERVAL == 0:
            seen, share = index * len(images), 100 * index / len(loader)
            show(f"Train Epoch: {epoch} [{seen}/{num_images} ({share:.0f}%)]\tLoss: {loss.item():.6f}")
    return num_steps


def evaluate_s2(model: nn.Module, loader: Loader) -> tuple[float, float]:
    """Return the mean loss and the accuracy as S2 finds them, 1,000 test images at a time."""
    test_loss, num_correct, num_images = 0.0, 0, len(loader.dataset)  # type: ignore[arg-type]
    model.eval()
    with torch.no_grad():
        for images, labels in loader:
            output = model(images)
            test_loss += F.nll_loss(output, labels, reduction="sum").item()
            predicted = output.argmax(dim=1, keepdim=True)
            num_correct += int(predicted.eq(labels.view_as(predicted)).sum().item())
    return test_loss / num_images, num_correct / num_images
