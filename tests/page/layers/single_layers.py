"""Single layers in the page, many at a time: as the file names them, with an input of any shape."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page
from safetensors.numpy import save
from tests.page.exchange import Exchange

Array = NDArray[np.float32]

_PREPARE = """
async ([cases, address, numUnits]) => {
    const { readSafetensors } = await import("inkwise/network/safetensors.js");
    const { LayerEntry } = await import("inkwise/layers/entry.js");
    const { prepareLayer } = await import("inkwise/layers/kinds.js");
    const { tensors } = readSafetensors(await fetchBytes(address));
    const layers = cases.map((fields, index) => {
        const input = tensors.get(`${index}.input`);
        const entry = new LayerEntry(fields, { index, inputShape: input.shape, tensors });
        return { layer: prepareLayer(entry), input };
    });
"""
_RUN = (
    _PREPARE
    + """
    const outputs = [], shapes = [];
    layers.forEach(({ layer, input }) => {
        layer.run(input.data.map(value => value + 1)); // what another image leaves behind must not show
        outputs.push(layer.run(input.data));
        shapes.push(layer.outputShape);
    });
    await sendBytes("outputs", new Blob(outputs));
    return shapes;
}
"""
)
_EXPLAIN = (
    _PREPARE
    + """
    return layers.map(({ layer, input }) => {
        const output = layer.run(input.data);
        const count = Math.min(numUnits, output.length);
        const units = Array.from({ length: count }, (_, i) => Math.floor(i * output.length / count));
        return units.map(unit => {
            const { value, formula } = layer.explain(input.data, unit);
            return { unit, value, formula, recorded: output[unit] };
        });
    });
}
"""
)


@dataclass
class Case:
    """One layer and one input, without the batch axis.

    Attributes:
        fields: of the file's list of layers; where one names a tensor, its key in tensors.
        tensors: by their keys in fields.
    """

    fields: dict[str, Any]
    input: Array
    tensors: dict[str, Array] = field(default_factory=dict)

    def tensor(self, key: str) -> torch.Tensor | None:
        """Return a tensor for PyTorch, None where the layer has none."""
        return torch.from_numpy(self.tensors[key]) if key in self.tensors else None

    def batch(self) -> torch.Tensor:
        """Return the input for PyTorch, as a batch of one."""
        return torch.from_numpy(self.input)[None]


def run_layers(js: Page, exchange: Exchange, cases: list[Case]) -> list[Array]:
    """Return what each case's layer puts out in the page, in its shape."""
    shapes = js.evaluate(_RUN, _given(exchange, cases))
    values = np.frombuffer(exchange.take("outputs"), np.float32)
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    assert ends[-1] == len(values)
    parts = np.split(values, ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def explain_layers(
    js: Page, exchange: Exchange, cases: list[Case], *, num_units: int = 10
) -> list[list[dict[str, Any]]]:
    """Return of each case how up to num_units of its outputs come about: unit, value, formula, recorded."""
    explained: list[list[dict[str, Any]]] = js.evaluate(_EXPLAIN, [*_given(exchange, cases), num_units])
    return explained


def _given(exchange: Exchange, cases: list[Case]) -> list[Any]:
    """Return the fields of each case, and where its tensors lie."""
    fields, tensors = [], {}
    for index, case in enumerate(cases):
        names = {key: f"{index}.{key}" for key in case.tensors}
        fields.append({**case.fields, **names})
        tensors |= {f"{index}.{key}": tensor for key, tensor in case.tensors.items()}
        tensors[f"{index}.input"] = case.input
    return [fields, exchange.give(save(tensors))]


def assert_equal_to_torch(js: Page, exchange: Exchange, cases: list[tuple[Case, torch.Tensor]]) -> None:
    """Check every case's output in the page against PyTorch's (1, ...), shape and values."""
    outputs = run_layers(js, exchange, [case for case, _ in cases])
    for output, (case, expected) in zip(outputs, cases, strict=True):
        np.testing.assert_allclose(
            output, expected[0].numpy(), rtol=1e-5, atol=1e-5, err_msg=str(case.fields)
        )


def normal(rng: np.random.Generator, *shape: int) -> Array:
    """Return standard normal float32 numbers."""
    return rng.standard_normal(shape).astype(np.float32)
