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
#   inkwise: {"title": "Look at the data, and into the layers", "minutes": 40, "needs": [], "tutorials": ["S2"]}
# ---

# %% [markdown]
# # Lesson 2: look at the data, and into the layers
#
# <!-- buttons -->
#
# What is in the images before training, and what does a trained network make of one of
# them, layer by layer? At the end you can work out a number of a convolution by hand.
# About 40 minutes; all code together runs in a minute.
#
# It follows "(TF & PyTorch) MNIST tutorial", its look at the data and its eight
# figures. Its layers are untrained: the pictures show random numbers at work. Ours are
# trained.

# %% tags=["install"]
# Only where inkwise is missing, as on Colab.
import importlib.util

if importlib.util.find_spec("inkwise") is None:
    raise SystemExit("inkwise is not installed: see the page you got this lesson from")

# %%
import numpy as np
import torch

import inkwise
from inkwise.lessons.checks import check_function, check_value
from inkwise.lessons.images import choose_data

DATA = choose_data()  # "mnist" where it is at hand, else the small "digits"
data = inkwise.load_dataset(DATA)
for part, split in (("train", data.train), ("test", data.test)):
    print(part, "images", split.images.shape, "labels", split.labels.shape)

# %% [markdown]
# ## 1. The labels
#
# Which values are there, and are train and test alike? The labels are 0 to 9 and
# nothing between: the answer is one of ten classes, so this is *classification*.

# %%
counts = np.bincount(data.train.labels), np.bincount(data.test.labels)
print("train", counts[0])
print("test ", counts[1])

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With MNIST:
#
# <!-- expected: mnist, exactly -->
# ```text
# train [5923 6742 5958 6131 5842 5421 5918 6265 5851 5949]
# test  [ 980 1135 1032 1010  982  892  958 1028  974 1009]
# ```
#
# </details>
#
# The tutorial asks whether the parts are biased against each other, and draws both
# counts into one histogram, as here:

# %%
from inkwise.figures import style

figure = style.new_figure(width=6.6, height=3.2)
axes = figure.add_subplot()
axes.hist(data.train.labels, bins=35, color=style.BLUE, alpha=0.6, label="y_train")
axes.hist(data.test.labels, bins=26, color=style.ORANGE, alpha=0.6, label="y_test")
style.dress_axes(axes, x_label="label, as if it were any number", y_label="images")
style.add_key(axes)
figure

# %% [markdown]
# From this nothing can be judged. The parts differ in size, so their counts must
# differ, and bins of two widths put the bars beside their labels. Compare **shares**,
# side by side:

# %%
from inkwise.figures.exploration.labels import render_label_shares

explored = inkwise.explore(data, duplicates=False)
print(explored.label_bias.verdict)
render_label_shares(explored)

# %% [markdown]
# **Question.** A class is missing from train, and not from test. What does that do to
# the result?
#
# <details><summary>Answer</summary>
#
# The network never answers with a class it was not shown: about a tenth of the test
# images are wrong, however well it learns the others.
#
# </details>
#
# ## 2. The images
#
# The first one, with its label written as *one-hot*: a 1 at the class, 0 elsewhere.
# Losses that compare ten probabilities with ten numbers want labels so; PyTorch's take
# the number of the class.

# %%
from inkwise.figures.exploration.samples import render_batches, render_first_image

render_first_image(explored.first_sample, data.classes)

# %% [markdown]
# **Exercise 1.** Write `one_hot(label)`: ten numbers, a 1 at the place of the label.


# %% tags=["exercise"]
def one_hot(label):
    return ...


# %% tags=["solution"]
def one_hot(label):
    row = np.zeros(10)
    row[label] = 1
    return row


# %% tags=["check"]
check_function(
    one_hot,
    lambda label: np.eye(10)[label],
    cases=[(0,), (5,), (9,)],
    hint="np.zeros(10) first",
)

# %% [markdown]
# Training takes images in batches, in a new order each time, for a batch of nothing but
# zeros would teach the network to answer "0". Three batches of eight, as it would meet
# them:

# %%
from inkwise.exploration.samples import first_batches

render_batches(data.train, first_batches(len(data.train), batch_size=8), data.classes)

# %% [markdown]
# ## 3. The numbers
#
# Pixels go from 0 to 255. Divided by 255 they go from 0 to 1. Less their mean, divided
# by their standard deviation, they lie around 0. And a convolution wants to know of
# channels, so the shape gets an axis: 1 for grey, 3 for colour.

# %%
pixels = torch.tensor(data.train.images[:1000])
scaled = pixels.float().div(255)
mean, std = explored.train.pixel_mean, explored.train.pixel_std
standard = ((scaled - mean) / std)[:, None]
print(f"as read    {pixels.min()} to {pixels.max()}  {tuple(pixels.shape)}")
print(f"scaled     {scaled.min():.1f} to {scaled.max():.1f}")
print(f"mean {mean:.4f}, standard deviation {std:.4f}")
low, high = standard.min(), standard.max()
print(f"standard   {low:.2f} to {high:.2f}  {tuple(standard.shape)}")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With MNIST. The tutorial's mean of 0.1307 and deviation of 0.3081 are these:
#
# <!-- expected: mnist, about 1 % -->
# ```text
# as read    0 to 255  (1000, 28, 28)
# scaled     0.0 to 1.0
# mean 0.1307, standard deviation 0.3081
# standard   -0.42 to 2.82  (1000, 1, 28, 28)
# ```
#
# </details>
#
# ## 4. Train
#
# The tutorial's PyTorch network: two convolutions, two linear layers, `LogSoftmax`.
# inkwise has it as a recipe, with the tutorial's learning rate of 0.001. Beside it, the
# same network with 0.05, and all else equal.

# %%
EPOCHS = 1 if DATA == "mnist" else 12
runs = {}
for learning_rate in (0.001, 0.05):
    runs[learning_rate] = inkwise.train(
        "cnn-lenet",
        data=data,
        epochs=EPOCHS,
        settings={"learning_rate": learning_rate, "validation_fraction": 0.0},
        report=False,
    )
    right = 100 * runs[learning_rate].evaluation["accuracy"]
    print(f"learning rate {learning_rate}: {right:.1f} % of the test images right")
run = runs[0.05]

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With MNIST. The tutorial printed 86.62 % after its first epoch, and 93.22 % after its
# third, from a network that can do 99 %:
#
# <!-- expected: mnist, about 2 % -->
# ```text
# learning rate 0.001: 86.3 % of the test images right
# learning rate 0.05: 98.6 % of the test images right
# ```
#
# With `digits`, where the smaller rate lags far behind:
#
# <!-- expected: digits, about 12 % -->
# ```text
# learning rate 0.001: 70.5 % of the test images right
# learning rate 0.05: 96.7 % of the test images right
# ```
#
# </details>
#
# **Question.** The rate is 50 times larger. Why not 50 times more?
#
# <details><summary>Answer</summary>
#
# Each step follows the slope at one place. A step too long lands where the slope is
# another: the loss jumps about, or becomes `nan`. Try `settings={"learning_rate":
# 2.5}`; inkwise stops and says so.
#
# </details>
#
# ## 5. Into the layers
#
# One test image goes in, and every layer keeps what came in and what went out.

# %%
from inkwise.figures.inspection.answer import render_answer
from inkwise.figures.inspection.layer import render_layer

seen = inkwise.inspect(run, index=0, data=data)
render_answer(seen.image, seen.probabilities.tolist(), data.classes)

# %%
for view in seen.layers:
    print(
        f"{view.kind:<12} {tuple(view.input.shape)!s:<15} -> {tuple(view.output.shape)}"
    )

# %% [markdown]
# ### Convolution
#
# Twenty kernels of 5 by 5 numbers slide over the image. Where the patch below a kernel
# resembles it, the output is large.

# %%
render_layer(seen.layers[0])

# %% [markdown]
# The tutorial's Fig. 3, 4 and 7 show this for a layer that nobody trained. Its kernels
# are noise. In ours above you can make out edges and strokes:

# %%
from inkwise.networks.build import build_first_network

untrained = build_first_network("cnn-lenet", seed=1)
preprocessing = run.classifier.preprocessing
fresh = inkwise.inspect(untrained, seen.image, preprocessing=preprocessing)
render_layer(fresh.layers[0])

# %% [markdown]
# It also feeds its layers pixels from 0 to 255, and cuts its histograms off at -3 and 3
# and at a count of 100. How much of the values can be seen there?

# %%
raw = untrained[0](torch.tensor(seen.image).float()[None, None]).detach()
print(f"values from {raw.min():.0f} to {raw.max():.0f}")
print(f"between -3 and 3: {100 * (raw.abs() <= 3).float().mean():.0f} %")

# %% [markdown]
# Most of what is left are the values over black background, all near 0. The histograms
# here run over the true range, on a logarithmic axis.
#
# **Exercise 2.** A kernel of 5 by 5 has how many places in a row of 28 pixels, if it
# may not stick out?

# %% tags=["exercise"]
places = ...

# %% tags=["solution"]
places = 28 - 5 + 1

# %% tags=["check"]
check_value(
    places,
    seen.layers[0].output.shape[-1],
    hint="The first is at 0, the last ends at 27.",
)

# %% [markdown]
# ### One value, by hand
#
# There is no magic in it: 25 products, their sum, and a bias.

# %%
from inkwise.figures.inspection.arithmetic import render_arithmetic

render_arithmetic(seen.arithmetic, seen.layers[0])

# %% [markdown]
# **Exercise 3.** Work it out yourself, from `patch`, `kernel` and `bias`.

# %% tags=["exercise"]
one = seen.arithmetic
patch, kernel, bias = one.patch, one.kernel, one.bias
by_hand = ...

# %% tags=["solution"]
by_hand = (patch * kernel).sum() + bias

# %% tags=["check"]
check_value(
    by_hand,
    seen.arithmetic.recorded,
    within=1e-3,
    hint="Products, then their sum, then the bias.",
)

# %% [markdown]
# ### ReLU
#
# Negative values become 0. What is left says where a kernel found what it looks for.

# %%
render_layer(seen.layers[1])

# %% [markdown]
# ### Pooling
#
# Of each 2 by 2 values the largest is kept: 24 by 24 become 12 by 12. Where exactly a
# stroke was matters less now.

# %%
render_layer(seen.layers[2])

# %% [markdown]
# The second convolution, its ReLU and its pooling do the same with 20 channels in and
# 50 out. Then the picture becomes a row of numbers:

# %%
flatten = next(view for view in seen.layers if view.kind == "Flatten")
render_layer(flatten)

# %% [markdown]
# **Question.** The tutorial flattens one channel of twenty, of 12 by 12 values, and
# gives the 144 numbers to a `Linear(144, 10)`. What is lost?
#
# <details><summary>Answer</summary>
#
# The other nineteen channels: 2,736 of 2,880 numbers. Whatever their kernels found
# never reaches the answer.
#
# </details>
#
# ### Linear, and the answer
#
# The last layer weighs 500 numbers for each class. `LogSoftmax` turns the ten sums into
# logarithms of probabilities.

# %%
render_layer(seen.layers[-2], class_names=data.classes)

# %%
render_layer(seen.layers[-1], class_names=data.classes)

# %% [markdown]
# **Exercise 4.** From `log_probabilities`, make the ten probabilities.

# %% tags=["exercise"]
log_probabilities = seen.layers[-1].output
probabilities = ...

# %% tags=["solution"]
probabilities = log_probabilities.exp()

# %% tags=["check"]
check_value(
    probabilities,
    seen.probabilities,
    within=1e-4,
    hint="Which function undoes a logarithm?",
)

# %% [markdown]
# ## What you know now
#
# - Compare shares, not counts, before you call a set biased.
# - A convolution is a sum of products of a patch and a kernel. You did one.
# - Look into **trained** layers, with images scaled as in training, and over the true
#   range of the values.
# - A learning rate can cost more than any architecture.
#
# Every layer on one page: `inkwise inspect RUN`. Next: lesson 3 does the same with
# TensorFlow.
