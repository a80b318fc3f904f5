"""What every layer of a network takes in, holds and puts out, for one image."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class LayerView:
    """One layer at work on one image; tensors are float32 copies on the processor, without the batch axis.

    Attributes:
        index: 0 for the first layer that ran.
        name: its path in the network, such as "conv1" or "features.0".
        kind: its class, such as "Conv2d".
        summary: what it is in words, such as "1 to 20 channels, kernel 5x5".
        input_axes: the meaning of each axis of input, such as ("channel", "row", "column").
        axes: the meaning of each axis of output, such as ("feature",).
        input: what came in.
        output: what went out.
        weight: as the layer holds it, or None.
        bias: as the layer holds it, or None.
        num_parameters: numbers that training moves.
        dead: (units,) bool, channels or features whose output is 0 for every probe image; None where
            that cannot happen, or without probe images.
    """

    index: int
    name: str
    kind: str
    summary: str
    input_axes: tuple[str, ...]
    axes: tuple[str, ...]
    input: Tensor
    output: Tensor
    weight: Tensor | None
    bias: Tensor | None
    num_parameters: int
    dead: Tensor | None
