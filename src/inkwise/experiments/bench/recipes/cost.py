"""What a trained network costs whoever uses it: numbers, multiplications, and the size of its files."""

import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn

from inkwise.classifier import Classifier, evaluation_mode
from inkwise.classifier_file import FILE_NAME
from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import ShapeError
from inkwise.experiments.bench.recipes.report import Cost
from inkwise.exporting.onnx_graph import build_onnx
from inkwise.networks.build import num_parameters
from inkwise.networks.describe import describe_layers


def measure_cost(classifier: Classifier) -> Cost:
    """Return what a classifier costs; it moves to the processor for that, and stays there."""
    classifier = Classifier(classifier.network.cpu(), classifier.header)
    with tempfile.TemporaryDirectory(prefix="inkwise-bench-") as folder:
        path = Path(folder, FILE_NAME)
        classifier.save(path)
        return Cost(
            num_parameters=num_parameters(classifier.network),
            multiply_adds=count_multiply_adds(classifier.network),
            safetensors_bytes=path.stat().st_size,
            onnx_bytes=_onnx_bytes(classifier),
        )


def count_multiply_adds(network: nn.Module) -> int:
    """Return the products that convolutions and linear layers sum up for one image of 28x28.

    Other layers are left out, as usual; biases too.

    >>> count_multiply_adds(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(1352, 10)))
    25688
    """
    found = 0

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal found
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        # A value of the output sums as many products as there are weights for its channel or feature.
        found += output[0].numel() * layer.weight[0].numel()

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    try:
        with evaluation_mode(network), torch.inference_mode():
            network(torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _onnx_bytes(classifier: Classifier) -> int | None:
    network = classifier.network
    try:
        header = classifier.header.model_copy(update={"layers": describe_layers(network)})
    except ShapeError:
        return None
    tensors = {name: tensor.contiguous().numpy() for name, tensor in network.state_dict().items()}
    return len(build_onnx(header, tensors).SerializeToString())
