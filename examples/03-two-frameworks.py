# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   inkwise: {"title": "Two frameworks, one network", "minutes": 45, "needs": ["tensorflow"], "tutorials": ["S2"]}
# ---

# %% [markdown]
# # Lesson 3: Two frameworks, one network
#
# <!-- buttons -->
#
# The same network in Keras and in PyTorch, side by side: how images get in, how the
# layers are written, how one step is taken. Then you move the weights from one to the
# other and see that both give the same values at every layer. On the way you meet a
# dropout that never acts. About 45 minutes; all code together runs in a minute or two.
#
# It follows the "(TF & PyTorch) MNIST tutorial". You need lesson 2, and TensorFlow:
# `pip install 'inkwise[tensorflow]'`.

# %% tags=["install"]
# Only where inkwise is missing, as on Colab.
import importlib.util

if importlib.util.find_spec("inkwise") is None:
    raise SystemExit("inkwise is not installed: see the page you got this lesson from")

# %%
import inkwise.tensorflow  # starts TensorFlow without its greetings; says what to install if it is missing

import keras
import numpy as np
import tensorflow as tf
import torch
from torch import nn

import inkwise
from inkwise.lessons.checks import check_function, check_that, check_value
from inkwise.lessons.images import choose_data

DATA = choose_data()
data = inkwise.load_dataset(DATA)
keras.utils.set_random_seed(0)
torch.manual_seed(0)
print(
    DATA,
    "| TensorFlow",
    tf.__version__,
    "| Keras",
    keras.__version__,
    "| PyTorch",
    torch.__version__,
)

# %% [markdown]
# ## 1. Images in
#
# Both want numbers from 0 to 1 and a channel axis, grey being one channel. They
# disagree on where it goes: Keras puts it last, PyTorch first.
#
# The tutorial writes `x_train / 255.` A Python float makes 64-bit numbers of all
# pixels, twice the memory, and Keras warns and turns them back:

# %%
pixels = data.train.images[:1000]
doubles = pixels / 255.0
print(doubles.dtype, f"{doubles.nbytes / 1e6:.1f} MB")
singles = pixels.astype(np.float32) / 255
print(singles.dtype, f"{singles.nbytes / 1e6:.1f} MB")

# %%
for_keras = singles[..., np.newaxis]
for_torch = torch.from_numpy(singles)[:, None]
print("Keras  ", for_keras.shape, "  (image, row, column, channel)")
print("PyTorch", tuple(for_torch.shape), "  (image, channel, row, column)")

# %% [markdown]
# **Exercise 1.** Somebody hands you a batch of colour pictures from a Keras program,
# `(N, rows, columns, 3)`. In which order must `transpose` take its axes to make it
# PyTorch's?

# %% tags=["exercise"]
to_channels_first = (..., ..., ..., ...)

# %% tags=["solution"]
to_channels_first = (0, 3, 1, 2)

# %% tags=["check"]
check_value(to_channels_first, (0, 3, 1, 2), hint="New axis 1 is the old axis 3.")

# %% [markdown]
# ## 2. Labels, in two ways
#
# The tutorial makes *one-hot* rows of its labels: a 1 at the class, 0 elsewhere. Then
# the loss is called "categorical". Whole numbers do as well; then Keras calls it
# "sparse", and PyTorch's `CrossEntropyLoss` takes them as they are. It is the same
# number:

# %%
labels = data.train.labels[:5]
rows = keras.utils.to_categorical(labels, 10)
print("labels ", labels)
print("one-hot", rows[0], "and back:", rows.argmax(axis=1))

logits = np.random.default_rng(0).normal(size=(5, 10)).astype(np.float32)
print(
    f"categorical {keras.losses.CategoricalCrossentropy(from_logits=True)(rows, logits):.6f}"
)
print(
    f"sparse      {keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits):.6f}"
)
print(
    f"PyTorch     {nn.CrossEntropyLoss()(torch.tensor(logits), torch.tensor(labels)):.6f}"
)

# %% [markdown]
# ## 3. Batches
#
# `tf.data` is a chain: take rows, shuffle, cut into batches, prepare the next while
# this one is learned from. `shuffle(10000)` in the tutorial does not shuffle the 60,000
# images. It keeps a *buffer* of 10,000 and draws from that, so the first batch can only
# hold what stood among the first 10,031. See which places the first batch gets:

# %%
places = tf.data.Dataset.range(60_000)


def reach(buffer):
    """Return how far from its place in the file an image of the first batch can come."""
    first = next(iter(places.shuffle(buffer, seed=0).batch(1000)))
    return int(tf.reduce_max(first))


print(f"shuffle(10000): the first thousand come from the first {reach(10_000):,}")
print(f"shuffle(60000): the first thousand come from the first {reach(60_000):,}")

# %% [markdown]
# **Question.** MNIST's file is already mixed. When would it matter?
#
# <details><summary>Answer</summary>
#
# In a folder of class folders, the usual case: first all zeros, then all ones. With the
# small buffer the first batches hold nothing but zeros and ones, and the network learns
# one digit after the other.
#
# </details>
#
# The corrected pipeline, and PyTorch's way beside it:

# %%
targets = data.train.labels[:1000]
batches = (
    tf.data.Dataset.from_tensor_slices((for_keras, targets))
    .shuffle(len(targets), seed=0)
    .batch(32)
    .prefetch(tf.data.AUTOTUNE)
)
loader = torch.utils.data.DataLoader(
    torch.utils.data.TensorDataset(for_torch, torch.tensor(targets)),
    batch_size=32,
    shuffle=True,
)
for name, batch in (
    ("tf.data", next(iter(batches))),
    ("DataLoader", next(iter(loader))),
):
    print(f"{name:10}", tuple(batch[0].shape), tuple(batch[1].shape))

# %% [markdown]
# ## 4. The same network, written twice
#
# Four convolutions, two poolings, dropout, two dense layers. Keras' functional form:
# each layer is called with what comes in.

# %%
from keras import layers


def build_keras(dropout=0.5):
    images = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, padding="same")(images)
    x = layers.ReLU()(x)
    x = layers.Conv2D(32, 3, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(2)(x)  # (N, 14, 14, 32)
    x = layers.Dropout(dropout)(x)
    x = layers.Conv2D(64, 3, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(64, 3, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(2)(x)  # (N, 7, 7, 64)
    x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)  # (N, 3136)
    x = layers.Dense(512)(x)
    x = layers.ReLU()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(10)(x)
    return keras.Model(images, x, name="Basic_CNN")


in_keras = build_keras()
for layer in in_keras.layers:  # in_keras.summary() draws the same as a table
    print(f"{layer.name:18} {layer.output.shape!s:22} {layer.count_params():>10,}")

# %% [markdown]
# PyTorch must be told the channels that come in; Keras finds them out. (The tutorial
# ends in a softmax. Like the other lessons this one stops at the logits, and softmax is
# part of the loss.)


# %%
def build_torch(dropout=0.5):
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding="same"),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 32, 14, 14)
        nn.Dropout(dropout),
        nn.Conv2d(32, 64, 3, padding="same"),
        nn.ReLU(),
        nn.Conv2d(64, 64, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 64, 7, 7)
        nn.Dropout(dropout),
        nn.Flatten(),  # (N, 3136)
        nn.Linear(3136, 512),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(512, 10),
    )


in_torch = build_torch()
print(
    f"Keras {in_keras.count_params():,} parameters, PyTorch {sum(p.numel() for p in in_torch.parameters()):,}"
)

# %% [markdown]
# **Exercise 2.** Where do most of them sit? How many parameters has the first dense
# layer, from 7 x 7 pixels in 64 channels to 512?

# %% tags=["exercise"]
first_dense = ...

# %% tags=["solution"]
first_dense = 7 * 7 * 64 * 512 + 512

# %% tags=["check"]
check_value(
    first_dense,
    in_torch[13].weight.numel() + 512,
    hint="Weights: inputs times outputs. And 512 biases.",
)

# %% [markdown]
# ## 5. The dropout that never acts
#
# Dropout sets half of the values to 0 by chance, so that no unit relies on one other.
# It acts in training only. The two frameworks are told so in different ways: in PyTorch
# the *network* has a mode, `train()` or `eval()`; in Keras the *call* says it.
#
# The tutorial's training step calls `model(images)`. Do it twice. If dropout acted,
# chance would make two different answers:

# %%
batch = for_keras[:8]


def differs(first, second):
    return (
        "different"
        if np.abs(np.asarray(first) - np.asarray(second)).max() > 0
        else "equal: dropout is asleep"
    )


print("model(images), twice:               ", differs(in_keras(batch), in_keras(batch)))
print(
    "model(images, training=True), twice:",
    differs(in_keras(batch, training=True), in_keras(batch, training=True)),
)

# %% [markdown]
# The first line is the tutorial, the second its correction. So the published training
# had no dropout in it at all: 99.53 % on its training images, 99.05 % on the test
# images. It still trained well, and nothing failed: that is why nobody noticed.
#
# **Exercise 3.** Write the test for PyTorch: a function that says whether dropout acts
# in a network, `True` or `False`, in the mode that it is in.


# %% tags=["exercise"]
def dropout_acts(network, images):
    """Return whether two calls of network on the same images give different answers."""
    with torch.no_grad():
        return ...


# %% tags=["solution"]
def dropout_acts(network, images):
    """Return whether two calls of network on the same images give different answers."""
    with torch.no_grad():
        return not torch.equal(network(images), network(images))


# %% tags=["check"]
few = for_torch[:8]
check_function(
    lambda mode: dropout_acts(
        in_torch.train() if mode == "train" else in_torch.eval(), few
    ),
    lambda mode: mode == "train",
    cases=[("train",), ("eval",)],
    hint="Compare network(images) with network(images) by torch.equal; equal means that it does not act.",
)

# %% [markdown]
# ## 6. Move the weights
#
# A convolution's kernel is (rows, columns, in, out) in Keras and (out, in, rows,
# columns) in PyTorch; a dense layer's weights are (in, out) and (out, in). So it seems
# enough to turn them:


# %%
def layers_with_weights(model):
    return [layer for layer in model.layers if layer.get_weights()]


def turned(weights):
    """Return Keras' weights in PyTorch's order of axes."""
    return weights.transpose(3, 2, 0, 1) if weights.ndim == 4 else weights.T


def copy_weights(model, network, turn=turned):
    """Give a PyTorch network the weights of a Keras model, layer by layer."""
    theirs = [module for module in network if hasattr(module, "weight")]
    for layer, module in zip(layers_with_weights(model), theirs, strict=True):
        weights, bias = layer.get_weights()
        module.weight.data.copy_(torch.tensor(turn(weights)))
        module.bias.data.copy_(torch.tensor(bias))


def largest_difference():
    in_torch.eval()
    with torch.no_grad():
        return np.abs(in_keras(batch).numpy() - in_torch(for_torch[:8]).numpy()).max()


copy_weights(in_keras, in_torch)
print(f"all weights copied, and the answers differ by up to {largest_difference():.3f}")

# %% [markdown]
# **Question.** Every shape fitted, and still it is wrong. Where does it go wrong? Look
# at the layer in front of the dense one.
#
# <details><summary>Answer</summary>
#
# `Flatten`. Keras lays out (7, 7, 64) pixel by pixel, the 64 channels of a pixel side
# by side. PyTorch lays out (64, 7, 7) channel by channel. Both are 3,136 numbers, in
# another order. The weights of the dense layer must be put into the order of their
# inputs.
#
# </details>
#
# The corrected copy: the 3,136 inputs of the first dense layer become (7, 7, 64), their
# axes are turned to (64, 7, 7), and flattened again.


# %%
def turned_right(weights):
    if weights.shape == (3136, 512):
        weights = (
            weights.reshape(7, 7, 64, 512).transpose(2, 0, 1, 3).reshape(3136, 512)
        )
    return turned(weights)


copy_weights(in_keras, in_torch, turned_right)
print(f"the answers differ by up to {largest_difference():.1e}")

# %% [markdown]
# ## 7. Equal at every layer
#
# Not at the end only. One image goes through both; after each layer we compare all
# values.

# %%
keras_steps = [
    layer for layer in in_keras.layers[1:] if not isinstance(layer, layers.Dropout)
]
torch_steps = [module for module in in_torch if not isinstance(module, nn.Dropout)]
image_keras, image_torch = for_keras[:1], for_torch[:1]
outputs = {}
with torch.no_grad():
    for step_keras, step_torch in zip(keras_steps, torch_steps, strict=True):
        image_keras, image_torch = step_keras(image_keras), step_torch(image_torch)
        ours = np.asarray(image_keras)
        theirs = image_torch.numpy()
        if ours.ndim == 4:
            ours = ours.transpose(0, 3, 1, 2)  # to channels first
        elif ours.shape[1] == 3136:
            ours = ours.reshape(7, 7, 64).transpose(2, 0, 1).reshape(1, 3136)
        outputs[step_keras.name] = (ours, theirs)
        print(
            f"{step_keras.name:18} {ours.shape!s:18} differ by at most {np.abs(ours - theirs).max():.1e}"
        )

# %% [markdown]
# They are not equal to the last bit, for sums are added up in another order. Less than
# 0.0001 is equal enough; a wrong axis would differ in the first decimal. The first
# convolution, six of its 32 channels:

# %%
from inkwise.figures.exploration.sheet import render_sheet, side_by_side

ours, theirs = next(iter(outputs.values()))


def as_pixels(maps):
    """Return maps (C, H, W) as grey pixels, one scale for all."""
    low, high = theirs.min(), theirs.max()
    return list(
        ((maps - low) / (high - low) * 255).clip(0, 255).round().astype(np.uint8)
    )


render_sheet(
    [side_by_side(as_pixels(ours[0, :6])), side_by_side(as_pixels(theirs[0, :6]))],
    ["Keras", "PyTorch"],
    columns=1,
)

# %% [markdown]
# ## 8. One step
#
# In PyTorch tensors remember what was done to them, and `backward()` leaves the
# gradients in the weights. In TensorFlow a *tape* records what is done while it runs,
# and is asked for the gradients afterwards. A tape is new in each step, so there is
# nothing like `zero_grad()`. `@tf.function` compiles the step into a graph when it is
# first called.

# %%
sgd_keras, sgd_torch = (
    keras.optimizers.SGD(0.01),
    torch.optim.SGD(in_torch.parameters(), lr=0.01),
)
loss_keras = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
loss_torch = nn.CrossEntropyLoss()


@tf.function
def step_keras(images, labels):
    with tf.GradientTape() as tape:
        loss = loss_keras(
            labels, in_keras(images, training=False)
        )  # asleep here, to compare without chance
    gradients = tape.gradient(loss, in_keras.trainable_variables)
    sgd_keras.apply(gradients, in_keras.trainable_variables)
    return loss


def step_torch(images, labels):
    sgd_torch.zero_grad()
    loss = loss_torch(in_torch(images), labels)
    loss.backward()
    sgd_torch.step()
    return loss


in_torch.eval()
print("step    Keras   PyTorch")
for step in range(5):
    part = slice(32 * step, 32 * step + 32)
    one = step_keras(for_keras[part], targets[part])
    other = step_torch(for_torch[part], torch.tensor(targets[part]))
    print(f"{step + 1:4} {float(one):8.4f} {other.item():8.4f}")
print(f"after five steps the answers differ by up to {largest_difference():.1e}")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# The same losses in both columns, all near 2.30: five steps of 0.01 are not much.
#
# <!-- expected: mnist, within 0.1 -->
# ```text
# step    Keras   PyTorch
#    1   2.3037   2.3037
# ```
#
# <!-- expected: digits, within 0.1 -->
# ```text
# step    Keras   PyTorch
#    1   2.3037   2.3037
# ```
#
# </details>
#
# Two programs, one calculation.
#
# **Question.** With MNIST the answers differ by about 0.0001 after five steps, with
# average pooling in the place of max pooling by 0.00000002. What has pooling to do with
# it?
#
# <details><summary>Answer</summary>
#
# Max pooling lets the gradient pass through the largest of four values. On a black
# ground all four are equal, and the two frameworks need not pick the same one. Neither
# is wrong, and the network does not care; but who looks for equal bits will not find
# them.
#
# </details>
#
# **Exercise 4.** Now with dropout awake. Take one step of the tutorial's, as it should
# be: write the call of the model inside the tape, and nothing else.


# %% tags=["exercise"]
def outputs_in_training(model, images):
    return ...


# %% tags=["solution"]
def outputs_in_training(model, images):
    return model(images, training=True)


# %% tags=["check"]
check_that(
    [outputs_in_training(in_keras, batch), outputs_in_training(in_keras, batch)],
    lambda two: np.abs(np.asarray(two[0]) - np.asarray(two[1])).max() > 0,
    right="Two calls differ: dropout acts.",
    hint="model(images, training=True)",
)

# %% [markdown]
# ## 9. Metrics that remember
#
# Keras collects loss and accuracy in objects, batch by batch. They go on collecting in
# the next epoch, unless they are reset; the tutorial's `reset_states()` is called
# `reset_state()` today.

# %%
accuracy = keras.metrics.Mean()
for epoch, rights in enumerate(([0.5, 0.6], [0.9, 1.0]), start=1):
    for right in rights:
        accuracy.update_state(right)
    print(f"epoch {epoch}, never reset: {accuracy.result():.2f}")

accuracy.reset_state()
for epoch, rights in enumerate(([0.5, 0.6], [0.9, 1.0]), start=1):
    accuracy.reset_state()
    for right in rights:
        accuracy.update_state(right)
    print(f"epoch {epoch}, reset:       {accuracy.result():.2f}")

# %% [markdown]
# ## 10. Train in both, use in one
#
# inkwise trains a recipe in either framework, with the same validation images, and
# leaves the same kind of run. What TensorFlow trained is evaluated, looked into,
# exported and served without TensorFlow, for its weights are kept in PyTorch's layout,
# turned as in step 6.

# %%
EPOCHS = 2 if len(data.train) > 10_000 else 40
runs = {
    name: inkwise.train("mlp-logsoftmax", data=data, epochs=EPOCHS, framework=name)
    for name in ("torch", "tensorflow")
}
for name, run in runs.items():
    print(
        f"{name:10} {100 * run.evaluation['accuracy']:.1f} % of the test images right"
    )

# %%
pair = inkwise.compare(list(runs.values())).pairs[0]
low, high = pair.difference_interval
print(
    f"difference {100 * pair.difference:+.1f} points, interval {100 * low:+.1f} to {100 * high:+.1f}"
)

# %% [markdown]
# **Question.** Both began with the same weights, but the images came in another order.
# Should the two be equal?
#
# <details><summary>Answer</summary>
#
# No, and neither would two trainings in one framework, with two orders. What must be
# equal is what a given network says of a given image (step 7), and what results on the
# average over seeds.
#
# </details>
#
# ## 11. What you have seen
#
# - Channels last or first, kernels (rows, columns, in, out) or (out, in, rows,
#   columns), flattened in another order: shapes that fit prove nothing.
# - Dropout acts where it is told to: `training=True` in the call, `train()` in PyTorch.
#   Two calls show whether it does.
# - A shuffle buffer smaller than the set mixes neighbours only.
# - Tape or backward: the same numbers.
#
# On the command line: `inkwise train cnn-keras --framework tensorflow`, and `--set
# dropout=0` for the training as it was published. On MNIST that takes a quarter of an
# hour or more.
#
# **Next:** lesson 4, how to train and evaluate so that the result can be believed.
