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
#   inkwise: {"title": "Your first classifier", "minutes": 30, "needs": [], "tutorials": ["S0", "S1"]}
# ---

# %% [markdown]
# # Lesson 1: your first classifier
#
# <!-- buttons -->
#
# You build a network that reads handwritten digits, in plain PyTorch, and see what each
# line is for. At the end you know what a training step is, what the loss measures, and
# how good the result is. About 30 minutes; all code together runs in seconds.
#
# It follows "MNIST Classifier with Pytorch [Part I]". That tutorial takes one training
# step and calls the result "a working MNIST digits classifier". We take the same step,
# look at what it gives, and then finish the job.

# %% tags=["install"]
# Only where inkwise is missing, as on Colab.
import importlib.util

if importlib.util.find_spec("inkwise") is None:
    raise SystemExit("inkwise is not installed: see the page you got this lesson from")

# %%
import torch
import torch.nn.functional as F
from torch import nn, optim

import inkwise
from inkwise.lessons.checks import check_function, check_value
from inkwise.lessons.images import choose_data

DATA = choose_data()  # "mnist" where it is at hand, else the small "digits"
data = inkwise.load_dataset(DATA)
torch.manual_seed(0)  # the same random numbers for everybody; the tutorial sets none
print(DATA)

# %% [markdown]
# ## 1. Look at the images
#
# An image is 28 rows of 28 numbers, 0 for black to 255 for white. A label is the number
# of its class.

# %%
print("train", data.train.images.shape, data.train.images.dtype)
print("test ", data.test.images.shape, data.test.images.dtype)
print("labels", data.train.labels[:8], "and so on")

# %%
from inkwise.exploration.samples import sample_classes
from inkwise.figures.exploration.samples import render_samples

chosen = sample_classes(data.train.labels, 10, count=12)
render_samples(data.train, chosen, data.classes)

# %% [markdown]
# **Question.** Somebody always answers "1", without looking. How often is that right?
#
# <details><summary>Answer</summary>
#
# About one time in ten, for there are ten digits: on MNIST's test images 11.35 %, on
# `digits` 10.3 %. Remember this number: a classifier that does no better has learned
# nothing.
#
# </details>

# %% [markdown]
# ## 2. Scale the numbers
#
# Networks learn best from numbers around 0 and of one size: a weight moves in
# proportion to its input, so large inputs would make the steps large. (The tutorial has
# it that large inputs get large weights. It is rather the reverse.) Divided by 255 the
# pixels lie in [0, 1]; less 0.5, divided by 0.5, in [-1, 1].
#
# The tutorial writes `Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))`, three means for the
# three channels of a colour picture. (It also writes `tranforms`, and so ends before it
# gets there.) Our images have one channel, grey. This is what its line would do today:

# %% tags=["raises-exception"]
image = torch.tensor(data.train.images[:1]).float().div(255)  # (1, 28, 28): one channel
three_means = torch.tensor([0.5, 0.5, 0.5])[:, None, None]
image.sub_(three_means)  # fails: three means do not fit one channel

# %% [markdown]
# One channel takes one mean:


# %%
def scale(images):
    """uint8 images (N, 28, 28), 0 to 255 -> float images (N, 1, 28, 28), -1 to 1."""
    return torch.tensor(images).float().div(255).sub(0.5).div(0.5)[:, None]


train_images, train_labels = scale(data.train.images), torch.tensor(data.train.labels)
test_images, test_labels = scale(data.test.images), torch.tensor(data.test.labels)
print(tuple(train_images.shape))
print("from", train_images.min().item(), "to", train_images.max().item())

# %% [markdown]
# **Exercise 1.** What does a pixel of 51 become? Work it out before you run anything.

# %% tags=["exercise"]
pixel_51 = ...

# %% tags=["solution"]
pixel_51 = (51 / 255 - 0.5) / 0.5

# %% tags=["check"]
check_value(
    pixel_51, -0.6, within=0.005, hint="Divide by 255, subtract 0.5, divide by 0.5."
)

# %% [markdown]
# ## 3. Take a batch
#
# The network learns from 64 images at a time, drawn in a new order in every epoch (an
# epoch is one pass over all images). `Linear` layers take rows of numbers, so each
# image becomes one row of 784. The tutorial wants a `DataLoader` for this, and names
# parallel loading as a reason, without ever asking for it. Our images all lie in
# memory, where a batch is one index and faster than any loader.

# %%
order = torch.randperm(len(train_images))
batch = order[:64]
images, labels = train_images[batch], train_labels[batch]
rows = images.flatten(1)  # the tutorial: images.view(images.shape[0], -1)
print(tuple(images.shape), "->", tuple(rows.shape))

# %% [markdown]
# ## 4. The network, written in two ways
#
# Three layers of weights, 784 numbers in, 10 out, one for each digit. ReLU between them
# replaces negative numbers by 0; without it three layers would be no more than one. The
# ten outputs are called *logits*: any numbers, the largest wins.

# %%
sequential = nn.Sequential(
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 64),
    nn.ReLU(),
    nn.Linear(64, 10),
)


class SimpleNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden_1 = nn.Linear(784, 128)
        self.hidden_2 = nn.Linear(128, 64)
        self.output = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.hidden_1(x))
        x = F.relu(self.hidden_2(x))
        return self.output(x)


as_class = SimpleNetwork()
print("logits of the first image, from each:")
print(sequential(rows)[0].detach().numpy().round(2))
print(as_class(rows)[0].detach().numpy().round(2))

# %% [markdown]
# "Both ways should lead to the same result", says the tutorial, and here they do not.
# Each network drew its own random weights. Give both the same, and they agree to the
# last bit:

# %%
for ours, theirs in zip(as_class.parameters(), sequential.parameters(), strict=True):
    ours.data.copy_(theirs)
print("equal outputs:", torch.equal(sequential(rows), as_class(rows)))

# %% [markdown]
# Call `network(rows)`, never `network.forward(rows)` as the tutorial's last block does:
# the call also runs hooks, by which tools look inside. And keep the rows. That last
# block forgets them:

# %% tags=["raises-exception"]
sequential.forward(images)  # fails: (64, 1, 28, 28) instead of (64, 784)

# %% [markdown]
# **Exercise 2.** How many numbers does the first layer, `nn.Linear(784, 128)`, learn?
# One weight for every pair of input and unit, and one bias a unit.

# %% tags=["exercise"]
first_layer = ...

# %% tags=["solution"]
first_layer = 784 * 128 + 128

# %% tags=["check"]
check_value(
    first_layer,
    sum(p.numel() for p in sequential[0].parameters()),
    hint="Do not forget the 128 biases.",
)

# %% [markdown]
# ## 5. The loss
#
# One number that says how wrong the network is. Softmax turns ten logits into ten
# probabilities. The loss is minus the logarithm of the one given to the right digit.

# %%
from inkwise.figures.inspection.loss import render_loss_of_confidence

render_loss_of_confidence()

# %% [markdown]
# To be sure and right costs nothing, to be sure and wrong costs dearly. Here is one
# image's way to its loss:

# %%
from inkwise.figures.inspection.loss import render_cross_entropy

logits = sequential(rows)[0].detach().numpy()
render_cross_entropy(logits, int(labels[0]), data.classes)

# %% [markdown]
# `nn.CrossEntropyLoss` does all of it. It is two things in one, `LogSoftmax` and
# `NLLLoss` (negative log-likelihood):

# %%
criterion = nn.CrossEntropyLoss()
logits = sequential(rows)
log_probabilities = nn.LogSoftmax(dim=1)(logits)
print(f"CrossEntropyLoss           {criterion(logits, labels):.4f}")
print(f"LogSoftmax, then NLLLoss   {nn.NLLLoss()(log_probabilities, labels):.4f}")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# Twice the same number, near 2.30:
#
# <!-- expected: mnist, about 2 % -->
# ```text
# CrossEntropyLoss           2.3136
# LogSoftmax, then NLLLoss   2.3136
# ```
#
# </details>
#
# **Question.** Why 2.30, before anything was learned?
#
# <details><summary>Answer</summary>
#
# A fresh network gives each of ten digits a probability of about 1/10, and -log(1/10) =
# 2.303. If your own network begins far above, something is wrong before training has
# begun.
#
# </details>
#
# **Exercise 3.** Write the loss yourself: the mean over the batch of -log p, where p is
# the probability of the right digit. `F.softmax(logits, dim=1)` gives the
# probabilities; `probabilities[torch.arange(len(labels)), labels]` picks the right
# ones.


# %% tags=["exercise"]
def my_loss(logits, labels):
    return ...


# %% tags=["solution"]
def my_loss(logits, labels):
    probabilities = F.softmax(logits, dim=1)
    right = probabilities[torch.arange(len(labels)), labels]
    return -right.log().mean()


# %% tags=["check"]
cases = [(torch.randn(5, 10), torch.randint(10, (5,))) for _ in range(3)]
check_function(
    my_loss, F.cross_entropy, cases=cases, within=1e-4, hint="Minus, logarithm, mean."
)

# %% [markdown]
# ## 6. Gradients
#
# To make the loss smaller we must know how it changes with every weight. PyTorch notes
# each operation on a tensor that asks for it, and `backward()` goes the notes back. The
# derivative of w² at w = 3 is 6:

# %%
w = torch.tensor(3.0, requires_grad=True)
(w**2).backward()
print("gradient:", w.grad.item())

# %% [markdown]
# Ask again, and it says 12. `backward()` **adds** to what is there, because a weight
# used in two places must collect from both. This is why every training step begins with
# `zero_grad()`:

# %%
(w**2).backward()
print("after a second backward():", w.grad.item())
w.grad = None  # what zero_grad() does
(w**2).backward()
print("after forgetting:", w.grad.item())

# %% [markdown]
# Where nothing is learned, as when you only ask for predictions, `torch.no_grad()`
# saves the notes:

# %%
x = torch.zeros(10, 10, requires_grad=True)
print("notes taken:", (x * 2).requires_grad)
with torch.no_grad():
    y = x * 2
print("notes taken under no_grad():", y.requires_grad)

# %% [markdown]
# ## 7. One step
#
# The tutorial ends here. Five lines, then "So we have a working MNIST digits
# classifier!"

# %%
model = sequential
optimizer = optim.SGD(model.parameters(), lr=0.01)

optimizer.zero_grad()  # 1. forget the last batch
logits = model(rows)  # 2. forward
loss = criterion(logits, labels)  # 3. how wrong
loss.backward()  # 4. the derivative by every weight
optimizer.step()  # 5. move every weight a little


def accuracy(model, images, labels):
    with torch.no_grad():
        return (model(images.flatten(1)).argmax(1) == labels).float().mean().item()


after = criterion(model(rows), labels).item()
right = accuracy(model, test_images, test_labels)
print(f"loss {loss.item():.3f} -> {after:.3f} on the same batch")
print(f"right of the test images: {100 * right:.1f} %")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# <!-- expected: mnist, about 15 % -->
# ```text
# loss 2.314 -> 2.310 on the same batch
# right of the test images: 9.8 %
# ```
#
# </details>
#
# The loss fell by a hair, and about one image in ten is right, no better than always
# saying "1". Nothing is wrong with the step. There are thousands to go.
#
# ## 8. Train
#
# The same five lines for every batch, over and over. MNIST gets five epochs; the small
# `digits` need more, for a similar number of steps.


# %%
def train_epoch(model, optimizer, *, forget=True):
    """Take one step a batch; return the mean loss over all images."""
    loss_sum = 0.0
    for batch in torch.randperm(len(train_images)).split(64):
        rows, labels = train_images[batch].flatten(1), train_labels[batch]
        if forget:
            optimizer.zero_grad()
        loss = criterion(model(rows), labels)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(batch)  # each image counts alike
    return loss_sum / len(train_images)


torch.manual_seed(0)
EPOCHS = 5 if len(train_images) > 10_000 else 90
losses = []
for epoch in range(1, EPOCHS + 1):
    losses.append(train_epoch(model, optimizer))
    if epoch % (EPOCHS // 5) == 0:
        print(f"epoch {epoch}: mean loss {losses[-1]:.3f}")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With MNIST:
#
# <!-- expected: mnist, about 4 % -->
# ```text
# epoch 1: mean loss 1.099
# epoch 2: mean loss 0.399
# epoch 3: mean loss 0.325
# epoch 4: mean loss 0.291
# epoch 5: mean loss 0.264
# ```
#
# With `digits`:
#
# <!-- expected: digits, about 10 % -->
# ```text
# epoch 18: mean loss 0.583
# epoch 36: mean loss 0.226
# epoch 54: mean loss 0.145
# epoch 72: mean loss 0.109
# epoch 90: mean loss 0.086
# ```
#
# </details>

# %%
from inkwise.figures.curves import render_course

render_course({"training loss": losses})

# %% [markdown]
# **Exercise 4.** Train a fresh network without `zero_grad()`: the gradients of all
# batches pile up. What becomes of the loss? Guess first, `"falls faster"`, `"falls
# slower"` or `"grows"`, then run the cell below.

# %% tags=["exercise"]
my_guess = ...

# %% tags=["solution"]
my_guess = "grows"

# %%
forgetful = SimpleNetwork()
forgetful_optimizer = optim.SGD(forgetful.parameters(), lr=0.01)
for epoch in range(1, EPOCHS + 1):
    mean_loss = train_epoch(forgetful, forgetful_optimizer, forget=False)
    if epoch % (EPOCHS // 5) == 0:
        print(f"epoch {epoch}: mean loss {mean_loss:.3f}")

# %% tags=["check"]
check_value(my_guess, "grows", hint="Look at the numbers above.")

# %% [markdown]
# ## 9. How good is it?
#
# The test images were not learned from. The tutorial never loads them.

# %%
from inkwise.evaluation.evaluate import evaluate_outputs

with torch.no_grad():
    log_probabilities = F.log_softmax(model(test_images.flatten(1)), dim=1)
evaluation = evaluate_outputs(
    log_probabilities,
    test_labels,
    classes=data.classes,
    dataset=DATA,
    split_name="test",
)
low, high = evaluation.accuracy_interval
right = 100 * evaluation.accuracy
print(f"right: {right:.1f} % of {evaluation.num_images:,} test images")
print(f"on images like these between {100 * low:.1f} and {100 * high:.1f} %")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With MNIST:
#
# <!-- expected: mnist, about 1 % -->
# ```text
# right: 92.5 % of 10,000 test images
# on images like these between 92.0 and 93.0 %
# ```
#
# With `digits`:
#
# <!-- expected: digits, about 3 % -->
# ```text
# right: 94.4 % of 359 test images
# on images like these between 91.6 and 96.4 %
# ```
#
# </details>
#
# **Question.** Why is the interval of `digits` so much wider?
#
# <details><summary>Answer</summary>
#
# It has 359 test images, MNIST has 10,000. One image more or less is 0.3 %, so from
# these few you cannot tell 93 from 95 %.
#
# </details>
#
# The mistakes it was surest of:

# %%
from inkwise.figures.mistakes import render_mistakes

render_mistakes(data.test.images, evaluation.worst_mistakes[:12], data.classes)

# %% [markdown]
# ## What you know now
#
# - A training step is five lines: forget, forward, loss, backward, step. A classifier
#   is thousands of them.
# - The loss is minus the logarithm of the probability of the right class. It begins
#   near log 10 = 2.30.
# - `CrossEntropyLoss` takes logits; it is `LogSoftmax` and `NLLLoss` in one.
# - A result is a number on images that nothing was learned from, and an interval around
#   it.
#
# The same with inkwise, in one line, with a report: `inkwise train mlp-sequential`.
# Next: lesson 2 looks at the data, and into the layers.
