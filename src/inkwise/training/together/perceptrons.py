"""The unrolled step of training/unrolled.py for several perceptrons at once, equal to each to the last bit.

Every matrix becomes a stack of S matrices and every product one call for all of them, so that what PyTorch
spends on calling is spent once. The weights lie transposed, (S, in, out): the layer's product is then the
quick one. No sum is taken in another order than for one network alone; a test allows no difference.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_IGNORE_INDEX, _MEAN = -100, 1  # nll_loss's own defaults
_VECTOR = 16  # numbers that the optimizer's kernel takes at once; what is left over it rounds otherwise
_nll_loss = torch.ops.aten.nll_loss_forward.default
_nll_loss_backward = torch.ops.aten.nll_loss_backward.default
_relu_backward = torch.ops.aten.threshold_backward.default


class PerceptronsStep:
    """One SGD step of S perceptrons, each of which `can_unroll` accepts.

    Args:
        networks: S of one architecture, whose weights are begun with; `spread` writes the weights back.
        optimizer: of the first; its learning rate and momentum are those of all.
    """

    def __init__(self, networks: Sequence[nn.Module], optimizer: torch.optim.Optimizer) -> None:
        self.linears = list(zip(*map(_linears, networks), strict=True))  # by layer, then by seed
        self.optimizer = optimizer
        self.weights = [torch.stack([one.weight.detach().t() for one in same]) for same in self.linears]
        self.biases = [torch.stack([one.bias.detach() for one in same])[:, None] for same in self.linears]
        parameters = [*self.weights, *self.biases]
        self.weight_gradients = [torch.zeros_like(weight) for weight in self.weights]
        self.bias_gradients = [torch.zeros_like(bias) for bias in self.biases]
        self.momenta = [torch.zeros_like(one) for one in parameters]
        self.of_kernel = [
            _whole_vectors(tensors)
            for tensors in (parameters, [*self.weight_gradients, *self.bias_gradients], self.momenta)
        ]
        self.one = torch.ones(())

    @torch.inference_mode()
    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Update all weights; return the mean losses (S,) and outputs (S, B, K) of a batch (S, B, ...)."""
        inputs = self._forward(images.flatten(2))
        outputs = torch.log_softmax(inputs.pop(), dim=2)  # (S, B, K)
        losses = [
            _nll_loss(own, right, None, _MEAN, _IGNORE_INDEX)
            for own, right in zip(outputs, labels, strict=True)
        ]
        flat = outputs.flatten(0, 1)  # (S B, K)
        gradient = _nll_loss_backward(
            self.one, flat, labels.flatten(), None, _MEAN, _IGNORE_INDEX, losses[0][1]
        )
        gradient = torch._log_softmax_backward_data(gradient, flat, 1, torch.float32)
        self._backward(gradient.view_as(outputs), inputs)
        self._update()
        return torch.stack([loss for loss, _ in losses]), outputs

    def _forward(self, values: Tensor) -> list[Tensor]:
        """Return the input of every layer, and the logits last."""
        inputs = [values]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            inputs.append(torch.relu_(torch.baddbmm(bias, inputs[-1], weight)))
        return [*inputs, torch.baddbmm(self.biases[-1], inputs[-1], self.weights[-1])]

    def _backward(self, gradient: Tensor, inputs: list[Tensor]) -> None:
        """Fill the gradients from the derivative of the losses by the logits (S, B, K), last layer first."""
        for index in range(len(self.weights) - 1, -1, -1):
            torch.bmm(inputs[index].transpose(1, 2), gradient, out=self.weight_gradients[index])
            torch.sum(gradient, 1, keepdim=True, out=self.bias_gradients[index])
            if index:
                through = gradient.bmm(self.weights[index].transpose(1, 2))
                gradient = _relu_backward(through, inputs[index], 0)

    def _update(self) -> None:
        group = self.optimizer.param_groups[0]
        parameters, gradients, momenta = self.of_kernel
        # Momenta begin at 0, which is what the first step of an optimizer alone comes to.
        torch._fused_sgd_(
            parameters, gradients, momenta if group["momentum"] else [], weight_decay=0.0,
            momentum=group["momentum"], lr=group["lr"], dampening=0.0, nesterov=False, maximize=False,
            is_first_step=False,
        )  # fmt: skip

    @torch.no_grad()
    def spread(self) -> None:
        """Write the weights into the networks they came from."""
        for same, weights, biases in zip(self.linears, self.weights, self.biases, strict=True):
            for layer, weight, bias in zip(same, weights, biases, strict=True):
                layer.weight.copy_(weight.t())
                layer.bias.copy_(bias[0])


def _linears(network: nn.Module) -> list[nn.Linear]:
    return [layer for layer in network.modules() if isinstance(layer, nn.Linear)]


def _whole_vectors(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Return the tensors (S, ...), those apart whose parts do not end where a vector does."""
    return [part for one in tensors for part in ([one] if one[0].numel() % _VECTOR == 0 else one.unbind())]
