"""A recipe as a program: its training step, and the training around it, as plain PyTorch to read and run.

The text is put together from the recipe's own numbers. A test runs it and holds its weights to those of
inkwise's own steps, to the last bit; a line that is there for that alone says so.
"""

import re
from dataclasses import dataclass
from string import Template

import torch
from torch import nn

from inkwise.classifier import memory_layout
from inkwise.inspection.step.choices import LOSSES, moves_text, num_epochs_text, optimizer_text, schedule_text
from inkwise.inspection.step.network import network_lines
from inkwise.preprocessing import Preprocessing
from inkwise.recipes.recipe import Recipe
from inkwise.training.batches import DROPOUT, ORDER
from inkwise.training.step import pool_before_relu

_PROGRAM = Template('''\
"""The training step of the recipe $name, and the training around it, as plain PyTorch.

Save it as step.py and run it: python step.py
It begins with the weights of `inkwise train`, sees the same batches, and ends with the same weights, to
the last bit where machine and versions are the same (here: PyTorch $torch).$remarks
"""

import math

import numpy as np
import torch
from torch import $names

SEED = $seed
BATCH_SIZE = $batch_size
$threads
# The network. Its layers draw their first weights as they are made: seed first.
torch.manual_seed(SEED)
$network

# The loss: one number that says how wrong a batch of outputs is.
$loss

# The optimizer: how the gradients move the weights. fused=True does all weights in one call; the plain
# one rounds in another order, so its last bits differ.
$optimizer
$schedule

def preprocess(images):
    """Return images (N, 28, 28) uint8, 0 to 255, as the network takes them: (N, 1, 28, 28) float32."""
    pixels = images.unsqueeze(1).float() / 255  # one grey channel; black is 0, white is 1
$preprocess


def training_step(images, labels):
    """Move every weight once, by one batch of images (B, 1, 28, 28) and labels (B,); return the loss."""
    # 1. Forget the last batch: backward() adds to the gradients that are there, and replaces none.
    optimizer.zero_grad()
    # 2. Forward: from images to outputs (B, $num_classes). PyTorch notes each operation for line 4.
$forward
    # 3. How wrong: the mean of -log p over the batch; p is the probability of the true class.
    loss = loss_function($outputs, labels)
    # 4. Backward: the derivative of the loss by every weight, from the last layer to the first.$unrolled
    loss.backward()
    # 5. Step: $moves
    optimizer.step()
    return loss.detach()  # the number without the notes of line 2, which would fill the memory


def seed_of(purpose, epoch):
    """Return the seed of one stream of chance, so that changing one leaves the others."""
    return int(np.random.SeedSequence([SEED, purpose, epoch]).generate_state(1)[0])


def train(images, labels):
    """Train on images (N, 28, 28) uint8 with labels (N,) int64."""
    num_batches = math.ceil(len(images) / BATCH_SIZE)  # the last one may be smaller
    num_epochs = $num_epochs
    network.train()  # $train_mode
    for epoch in range(num_epochs):$begin_epoch
        # Another order each epoch: in an order that repeats, so would the mistakes of its last batches.
        generator = torch.Generator().manual_seed(seed_of($order, epoch))
        order = torch.randperm(len(images), generator=generator)
        total = 0.0
        for batch, chosen in enumerate(order.split(BATCH_SIZE)):$begin_step
            loss = training_step(preprocess(images[chosen]), labels[chosen])
            total += float(loss) * len(chosen)
        print(f"epoch {epoch + 1} of {num_epochs}: mean loss {total / len(images):.4f}")


if __name__ == "__main__":
    # Only the images come from inkwise here; any others of the same shape and type will do.
    from inkwise import load_dataset
    from inkwise.data.splits import split_train

    part = load_dataset($dataset).train
    # The validation images choose and judge; the weights never see them.
    chosen, _ = split_train(part, fraction=$validation_fraction, seed=SEED)
    train(torch.from_numpy(part.images[chosen]), torch.from_numpy(part.labels[chosen]))
''')


@dataclass(frozen=True)
class Arithmetic:
    """How a run computed, where that changes the last bits or more.

    Attributes:
        precision: "float32" or "bfloat16".
        is_unrolled: whether the step had its chain rule written out by hand.
        threads: so many, or None where it is not known.
        device: "cpu", "cuda" or "mps".
    """

    precision: str = "float32"
    is_unrolled: bool = False
    threads: int | None = None
    device: str = "cpu"


def write_program(
    recipe: Recipe,
    network: nn.Module,
    preprocessing: Preprocessing,
    *,
    num_classes: int,
    batch_size: int,
    arithmetic: Arithmetic,
) -> str:
    """Return the program, text that ends in a line break.

    Args:
        recipe: what it trains, and how.
        network: one of the recipe's architecture, for its layers; its weights are not looked at.
        preprocessing: numbers, also where the recipe says "measured".
        num_classes: K.
        batch_size: the recipe's, or the one that takes its place.
        arithmetic: how the run computed.
    """
    training = recipe.training
    has_dropout = any(isinstance(layer, nn.Dropout) for layer in network.modules())
    network_text = network_lines(network, recipe.network, num_classes=num_classes)
    return _PROGRAM.substitute(
        name=re.sub(r"[^\w .-]", "?", recipe.name),  # a file's name, and not to end the docstring
        torch=torch.__version__,
        names="Tensor, nn" if "Tensor" in network_text else "nn",
        remarks=_remarks(recipe, arithmetic),
        unrolled=_UNROLLED if arithmetic.is_unrolled else "",
        seed=training.seed,
        batch_size=_batch_size_text(batch_size, wanted=training.batch_size),
        threads=_threads(arithmetic),
        network=network_text + _layout(network),
        num_classes=num_classes,
        loss=LOSSES[training.loss],
        optimizer=optimizer_text(training),
        schedule=schedule_text(training),
        preprocess=_preprocess(preprocessing, is_image_layout=memory_layout(network) == torch.channels_last),
        forward=_forward(arithmetic),
        outputs="outputs.float()" if arithmetic.precision == "bfloat16" else "outputs",
        moves=moves_text(training),
        num_epochs=num_epochs_text(training),
        train_mode="dropout drops" if has_dropout else "no layer here minds; dropout would",
        begin_epoch=_BEGIN_EPOCH if has_dropout else "",
        order=ORDER,
        begin_step="" if training.schedule == "constant" else _BEGIN_STEP,
        dataset=repr(recipe.data.dataset),
        validation_fraction=recipe.data.validation_fraction,
    )


_BEGIN_EPOCH = f"""
        torch.manual_seed(seed_of({DROPOUT}, epoch))  # dropout draws which values it drops"""

_BEGIN_STEP = """
            step = epoch * num_batches + batch
            optimizer.param_groups[0]["lr"] = learning_rate_at(step, num_epochs * num_batches)"""


_UNROLLED = """
    #    inkwise has this written out, kernel by kernel in the same order: faster, and equal bits."""


def _batch_size_text(size: int, *, wanted: int) -> str:
    reason = f"the recipe's {wanted} would leave a batch of one image, which has no spread to measure"
    return str(size) if size == wanted else f"{size}  # {reason}"


def _remarks(recipe: Recipe, arithmetic: Arithmetic) -> str:
    """Return what the program does otherwise than the run, as lines of its docstring."""
    lines = []
    if arithmetic.device != "cpu":
        lines.append(f"The run was on {arithmetic.device}; this is for a processor, which rounds otherwise.")
    if recipe.training.patience:
        lines.append(
            f"The run stops after {recipe.training.patience} epochs without a better validation loss and\n"
            "takes the weights of the best epoch; this goes on to the end."
        )
    lines += [f"The run {text}; this does not." for text in _left_out(recipe)]
    return "".join(f"\n{line}" for line in lines)


def _left_out(recipe: Recipe) -> list[str]:
    """Return what the run does beyond a plain training, each as the end of a sentence."""
    left_out = {
        "changes its images by chance ([augmentation] of the recipe)": not recipe.augmentation.is_identity,
        "begins with the weights of another classifier ([network] start)": bool(recipe.network.start),
        "also trains on written images ([data] written_images)": bool(recipe.data.written_images),
        "also trains on images of one's own ([data] own_images)": bool(recipe.data.own_images),
        f"spreads {recipe.training.label_smoothing:g} of each label over all classes": bool(
            recipe.training.label_smoothing
        ),
        "divides the logits by the temperature of its validation images": recipe.training.calibrate,
        "keeps a running average of the weights, and judges that": bool(recipe.training.weight_averaging),
    }
    return [text for text, is_done in left_out.items() if is_done]


def _threads(arithmetic: Arithmetic) -> str:
    if arithmetic.threads is None:
        return ""
    lines = [
        "# As many threads as the run had: a sum in other parts has other last bits.",
        f"torch.set_num_threads({arithmetic.threads})",
    ]
    if arithmetic.threads == 1:
        lines.append("torch.set_flush_denormal(True)  # a number below 1e-38 is 0: else it is slow")
    return "\n" + "\n".join(lines) + "\n"


def _layout(network: nn.Module) -> str:
    if memory_layout(network) != torch.channels_last:
        return ""
    lines = ["# In memory all channels of a pixel lie together: convolutions are faster so."]
    if list(pool_before_relu(network).children()) != list(network.children()):
        lines.append("# A run also pools before it applies ReLU, a quarter of the work for equal bits.")
    return "\n".join(["", *lines, "network.to(memory_format=torch.channels_last)"])


def _preprocess(preprocessing: Preprocessing, *, is_image_layout: bool) -> str:
    low, high = preprocessing.value_range()
    if (preprocessing.mean, preprocessing.std) == (0, 1):
        lines = []
    else:
        scaled = f"pixels = (pixels - {preprocessing.mean}) / {preprocessing.std}"
        lines = [f"{scaled}  # black is {low:.4g}, white is {high:.4g}"]
    if is_image_layout:
        lines.append("pixels = pixels.to(memory_format=torch.channels_last)")
    return "\n".join(f"    {line}" for line in [*lines, "return pixels"])


def _forward(arithmetic: Arithmetic) -> str:
    if arithmetic.precision != "bfloat16":
        return "    outputs = network(images)"
    return (
        "    #    This run multiplied in bfloat16, numbers of 8 binary digits, for speed; its weights have\n"
        "    #    float32's 24. With enabled=False the step is that of a float32 run.\n"
        '    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=True):\n'
        "        outputs = network(images)"
    )
