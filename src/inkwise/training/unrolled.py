"""The same training step with backpropagation written out, for networks of linear layers and ReLU.

For a small perceptron on a processor the arithmetic of a step takes less time than autograd's and the
optimizer's bookkeeping around it. Here the chain rule is unrolled by hand over plain matrix products
into buffers that are allocated once. It calls the same kernels in the same order as autograd, so loss,
gradients and weights are equal to TextbookStep's to the last bit; a test holds it to that.
"""

import torch
from torch import Tensor, nn

from inkwise.recipes.recipe import Recipe

_IGNORE_INDEX, _MEAN = -100, 1  # nll_loss's own defaults
# The kernels of autograd's graph, bound once: looking an overload up takes as long as a small kernel.
_nll_loss = torch.ops.aten.nll_loss_forward.default
_nll_loss_backward = torch.ops.aten.nll_loss_backward.default
_relu_backward = torch.ops.aten.threshold_backward.default


class UnrolledStep:
    """One SGD step of Flatten, Linear, ReLU, ..., Linear[, LogSoftmax] under NLL or cross-entropy.

    Args:
        network: one that `can_unroll` accepts; its parameters are updated in place.
        optimizer: its momentum buffers are used and kept, so that a checkpoint holds them.
    """

    def __init__(self, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
        self.weights: list[Tensor] = [layer.weight for layer in layers]
        self.biases: list[Tensor] = [layer.bias for layer in layers]
        self.optimizer = optimizer
        self.parameters: list[Tensor] = list(network.parameters())
        self.gradients = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.momenta: list[Tensor] | None = None  # known at the first step: a resume replaces the optimizer's
        self.one = torch.ones(())

    # Unlike no_grad it keeps no count of changes, which is felt where kernels are so small.
    @torch.inference_mode()
    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        inputs = self._forward(images.flatten(1))
        outputs = torch.log_softmax(inputs.pop(), dim=1)
        loss, total_weight = _nll_loss(outputs, labels, None, _MEAN, _IGNORE_INDEX)
        # d loss / d logits: softmax minus one-hot, over the batch size.
        gradient = _nll_loss_backward(self.one, outputs, labels, None, _MEAN, _IGNORE_INDEX, total_weight)
        gradient = torch._log_softmax_backward_data(gradient, outputs, 1, torch.float32)
        self._backward(gradient, inputs)
        self._update()
        return loss, outputs

    def _forward(self, values: Tensor) -> list[Tensor]:
        """Return the input of every layer, and the logits last."""
        inputs = [values]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            inputs.append(torch.relu_(nn.functional.linear(inputs[-1], weight, bias)))
        return [*inputs, nn.functional.linear(inputs[-1], self.weights[-1], self.biases[-1])]

    def _backward(self, gradient: Tensor, inputs: list[Tensor]) -> None:
        """Fill self.gradients from the derivative of the loss by the logits (B, K), last layer first."""
        for index in range(len(self.weights) - 1, -1, -1):
            # y = x W' + b, so dL/dW = (dL/dy)' x and dL/db sums dL/dy over the batch.
            torch.mm(gradient.t(), inputs[index], out=self.gradients[2 * index])
            torch.sum(gradient, 0, out=self.gradients[2 * index + 1])
            if index:
                # dL/dx = dL/dy W, let through where the ReLU before this layer was open.
                gradient = _relu_backward(gradient.mm(self.weights[index]), inputs[index], 0)

    def _update(self) -> None:
        group = self.optimizer.param_groups[0]
        is_first_step = not self.optimizer.state
        if self.momenta is None:
            self.momenta = self._momenta() if group["momentum"] else []
        torch._fused_sgd_(
            self.parameters, self.gradients, self.momenta, weight_decay=0.0, momentum=group["momentum"],
            lr=group["lr"], dampening=0.0, nesterov=False, maximize=False, is_first_step=is_first_step,
        )  # fmt: skip

    @torch.inference_mode(False)
    def _momenta(self) -> list[Tensor]:
        """Return the optimizer's momentum buffers; it gets new ones before its first step."""
        state = self.optimizer.state
        for parameter in self.parameters:
            if "momentum_buffer" not in state[parameter]:
                state[parameter]["momentum_buffer"] = torch.empty_like(parameter)
        return [state[parameter]["momentum_buffer"] for parameter in self.parameters]


def can_unroll(network: nn.Module, recipe: Recipe, *, device: torch.device, precision: str) -> bool:
    """Return whether UnrolledStep does the same as TextbookStep here: plain SGD, float32, a processor.

    Recipes with changed images, soft labels or averaged weights take the textbook's step: they are for
    networks where the step itself is what takes time.
    """
    training = recipe.training
    is_plain = recipe.augmentation.is_identity and not recipe.data.written_images
    if not is_plain or training.label_smoothing or training.weight_averaging:
        return False
    if not isinstance(network, nn.Sequential) or device.type != "cpu" or precision != "float32":
        return False
    kinds = [type(layer) for layer in network]
    if kinds[-1] is nn.LogSoftmax:
        kinds.pop()
    hidden = kinds[1:-1]
    is_plain_sgd = training.optimizer == "sgd" and not training.nesterov and not training.weight_decay
    return (
        is_plain_sgd
        and training.loss in ("nll", "cross-entropy")
        and kinds[:1] == [nn.Flatten]
        and kinds[-1] is nn.Linear
        and hidden == [nn.Linear, nn.ReLU] * (len(hidden) // 2)
    )
