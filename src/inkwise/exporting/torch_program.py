"""A classifier as a program of torch.export, with its preprocessing inside: runs wherever PyTorch does."""

import io

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inkwise.classifier import Classifier, evaluation_mode
from inkwise.data.dataset import IMAGE_SIZE
from inkwise.exporting.prove import Answer
from inkwise.networks.outputs import to_log_probabilities


class _WithPreprocessing(nn.Module):
    """The whole way: uint8 images (N, 28, 28) to probabilities (N, K) float32."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.network = classifier.network
        self.preprocessing = classifier.preprocessing
        self.output = classifier.header.output

    def forward(self, images: Tensor) -> Tensor:
        return to_log_probabilities(self.network(self.preprocessing(images)), self.output).exp()


def build_torch_program(classifier: Classifier) -> bytes:
    """Return a .pt2 file: images, uint8 (N, 28, 28) for any N, to probabilities, float32 (N, K).

    It holds JSON and plain numbers, and no pickle: the example inputs, which torch.export.save would pickle,
    are left out. Paths of this machine are left out too.
    """
    example = (torch.zeros(2, IMAGE_SIZE, IMAGE_SIZE, dtype=torch.uint8),)  # 1 would be taken for fixed
    with evaluation_mode(classifier.network):
        program = torch.export.export(
            _WithPreprocessing(classifier).eval(), example, dynamic_shapes=({0: torch.export.Dim("N")},)
        )
    program.example_inputs = None
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    written = io.BytesIO()
    torch.export.save(program, written)
    return written.getvalue()


def answer_of_program(content: bytes) -> Answer:
    """Return a .pt2 file as a function of images. For what this process wrote itself."""
    program = torch.export.load(io.BytesIO(content)).module()

    def answer(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            probabilities: NDArray[np.float32] = program(torch.from_numpy(images)).numpy()
        return probabilities

    return answer
