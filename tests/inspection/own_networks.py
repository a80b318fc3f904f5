"""Networks as people write them, beside those of the recipes, and images for them."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inkwise.networks.build import ARCHITECTURES, build_network

RECIPE_NETWORKS = sorted(ARCHITECTURES)


def an_image(*, seed: int = 0) -> Tensor:
    """Return (1, 28, 28) float32 in [0, 1]: noise with a black frame, so that some pixels say nothing."""
    image = torch.zeros(1, 28, 28)
    image[:, 4:24, 4:24] = torch.rand(1, 20, 20, generator=torch.Generator().manual_seed(seed))
    return image


def a_picture(*, seed: int = 0) -> np.ndarray:
    """Return (28, 28) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (28, 28), dtype=np.uint8)


def some_images(count: int, *, seed: int = 1) -> Tensor:
    """Return (count, 1, 28, 28) float32 in [0, 1]."""
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


def recipe_network(name: str, *, seed: int = 5) -> nn.Module:
    """Return a recipe's network with fresh weights, the same at each call."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build_network(name)


class TutorialNet(nn.Module):
    """The network of the PyTorch tutorial as it is written there: what has no weights is a function."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5)
        self.conv2 = nn.Conv2d(4, 6, 5)
        self.fc1 = nn.Linear(4 * 4 * 6, 16)
        self.fc2 = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(x, 2, 2)
        x = F.relu(self.conv2(x))
        x = F.max_pool2d(x, 2, 2)
        x = x.view(-1, 4 * 4 * 6)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


class TwinNet(nn.Module):
    """The same with layers; give both the same weights and they return the same."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5)
        self.conv2 = nn.Conv2d(4, 6, 5)
        self.fc1 = nn.Linear(4 * 4 * 6, 16)
        self.fc2 = nn.Linear(16, 10)
        self.relu, self.pool = nn.ReLU(), nn.MaxPool2d(2)
        self.flatten, self.softmax = nn.Flatten(), nn.LogSoftmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        return self.softmax(self.fc2(self.relu(self.fc1(self.flatten(x)))))


class Recurrent(nn.Module):
    """Reads an image row by row; its LSTM returns a tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(28, 12, batch_first=True)
        self.head = nn.Linear(12, 10)

    def forward(self, images: Tensor) -> Tensor:
        steps, _ = self.lstm(images.squeeze(1))
        return self.head(steps[:, -1])


class TwoOutputs(nn.Module):
    """Returns a dictionary, and has a layer that returns no tensor at all."""

    class Says(nn.Module):
        def forward(self, images: Tensor) -> str:
            return f"{len(images)} images"

    def __init__(self) -> None:
        super().__init__()
        self.says = self.Says()
        self.flatten, self.head = nn.Flatten(), nn.Linear(784, 10)

    def forward(self, images: Tensor) -> dict[str, object]:
        return {"said": self.says(images), "logits": self.head(self.flatten(images))}


class Fails(nn.Module):
    """Runs its first layer and then fails, but only when asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.flatten, self.head = nn.Flatten(), nn.Linear(784, 10)
        self.calls, self.fails_at = 0, 1

    def forward(self, images: Tensor) -> Tensor:
        self.calls += 1
        flat = self.flatten(images)
        if self.calls >= self.fails_at:
            raise LookupError("lost on the way")
        logits: Tensor = self.head(flat)
        return logits


class Restless(nn.Module):
    """Draws from every random state and writes into a buffer and its input whenever it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.flatten, self.head = nn.Flatten(), nn.Linear(784, 10)
        self.register_buffer("count", torch.zeros(()))

    def forward(self, images: Tensor) -> Tensor:
        self.count += 1
        images.sub_(0.5)
        noise = float(np.random.rand()) + random.random() + torch.rand(())
        logits: Tensor = self.head(self.flatten(images)) + 0 * noise
        return logits
