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
#   inkwise: {"title": "Deeper, wider, and why ReLU on the output kills classes", "minutes": 35, "needs": [], "tutorials": ["S4"]}
# ---

# %% [markdown]
# # Lesson 5: deeper, wider, and why ReLU on the output kills classes
#
# <!-- buttons -->
#
# Four layers, a million numbers to learn, and one line too many. You train a published
# network, find out why some of its classes can never be answered, correct it, and see
# what width buys. About 35 minutes; all code together runs in one or two.
#
# It follows "Network in Pytorch". That page reports 97.84 % on MNIST's test images
# after 50 epochs. As it is written, its program hardly ever reaches that.

# %% tags=["install"]
# Only where inkwise is missing, as on Colab.
import importlib.util

if importlib.util.find_spec("inkwise") is None:
    raise SystemExit("inkwise is not installed: see the page you got this lesson from")

# %%
import torch
from torch import nn

import inkwise
from inkwise.lessons.checks import check_that, check_value
from inkwise.lessons.images import choose_data

DATA = choose_data()  # "mnist" where it is at hand, else the small "digits"
data = inkwise.load_dataset(DATA)
EPOCHS = 8 if DATA == "mnist" else 40  # the tutorial: 50


def scale(images):
    """uint8 images (N, 28, 28) -> float images (N, 28, 28), 0 to 1."""
    return torch.tensor(images).float().div(255)


train_images, train_labels = scale(data.train.images), torch.tensor(data.train.labels)
test_images, test_labels = scale(data.test.images), torch.tensor(data.test.labels)

# %% [markdown]
# ## 1. The network as published
#
# 784 numbers in, layers of 784, 500, 50 and 10 units. Read `forward` carefully.


# %%
class MNISTnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.li_1 = nn.Linear(784, 784)
        self.li_2 = nn.Linear(784, 500)
        self.li_3 = nn.Linear(500, 50)
        self.li_4 = nn.Linear(50, 10)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = x.view(-1, 784)
        l_1 = self.relu(self.li_1(x))
        l_2 = self.relu(self.li_2(l_1))
        l_3 = self.relu(self.li_3(l_2))
        return self.relu(self.li_4(l_3))


# %% [markdown]
# **Exercise 1.** How many numbers does it learn? Every layer has a weight for each pair
# of input and unit, and a bias for each unit.

# %% tags=["exercise"]
num_parameters = ...

# %% tags=["solution"]
num_parameters = 784 * 784 + 784 + 784 * 500 + 500 + 500 * 50 + 50 + 50 * 10 + 10

# %% tags=["check"]
check_value(
    num_parameters,
    sum(p.numel() for p in MNISTnn().parameters()),
    hint="Four terms, one a layer, each inputs x units + units.",
)

# %% [markdown]
# ## 2. Train it as published
#
# The page is of 2017. `Variable` does nothing any more, `size_average=True` is now
# `reduction="mean"`, `.cuda()` fails on a machine without such a card, and this fails
# everywhere:

# %% tags=["raises-exception"]
loss = nn.CrossEntropyLoss()(torch.zeros(1, 10), torch.tensor([3]))
loss.data[0]  # fails: a loss is one number, not a row of them

# %% [markdown]
# `loss.item()` is today's word. Apart from that, the tutorial's training: Adam with
# 0.001, batches of 8,192 images.


# %%
def train(network, *, epochs, batch_size=8192):
    """Return the cost of each epoch, the mean loss over its batches."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    costs = []
    for _ in range(epochs):
        losses = []
        for batch in torch.randperm(len(train_images)).split(batch_size):
            optimizer.zero_grad()
            loss = criterion(network(train_images[batch]), train_labels[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        costs.append(sum(losses) / len(losses))
    return costs


def outputs_of(network):
    network.eval()
    with torch.no_grad():  # the tutorial does without, and keeps notes nobody needs
        return network(test_images)


def percent_right(network):
    return 100 * (outputs_of(network).argmax(1) == test_labels).float().mean().item()


torch.manual_seed(0)
published = MNISTnn()
published_costs = train(published, epochs=EPOCHS)
print(f"as published: {percent_right(published):.1f} % of the test images right")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With MNIST:
#
# <!-- expected: mnist, about 15 % -->
# ```text
# as published: 47.2 % of the test images right
# ```
#
# More epochs hardly help. After all 50, four of our five seeds have 49 to 88 %; the
# fifth lost no class, and has 97.94 %.
#
# With `digits`:
#
# <!-- expected: digits, about 15 % -->
# ```text
# as published: 67.4 % of the test images right
# ```
#
# </details>
#
# ## 3. Look for the fault
#
# Far too many are wrong. Which answers does it give at all?

# %%
from inkwise.evaluation.evaluate import evaluate_outputs
from inkwise.figures.confusion import render_confusion


def evaluate(network):
    log_probabilities = outputs_of(network).log_softmax(dim=1)
    return evaluate_outputs(
        log_probabilities,
        test_labels,
        classes=data.classes,
        dataset=DATA,
        split_name="test",
    )


evaluation = evaluate(published)
print("never answered:", ", ".join(evaluation.classes_never_predicted) or "none")
render_confusion(evaluation.confusion_matrix, data.classes)

# %% [markdown]
# Whole columns are empty. Look at the outputs themselves: for each class, its largest
# output over all test images.

# %%
outputs = outputs_of(published)
print("largest output of each class", outputs.max(dim=0).values.numpy().round(1))

# %% [markdown]
# **Exercise 2.** A class is *dead* when its output is 0 for every image. Make the list
# of the dead ones from `outputs`, of shape (images, 10).

# %% tags=["exercise"]
dead = ...

# %% tags=["solution"]
dead = [label for label in range(10) if (outputs[:, label] == 0).all()]

# %% tags=["check"]
check_value(
    dead,
    (outputs == 0).all(dim=0).nonzero()[:, 0].tolist(),
    hint="(outputs == 0).all(dim=0) has one True or False for each class.",
)

# %% [markdown]
# **Question.** Why does the training not bring a dead class back?
#
# <details><summary>Answer</summary>
#
# Where a ReLU puts out 0, a small change of what goes in changes nothing: its slope is
# 0. The loss asks for a larger output, and the message stops at the ReLU. No weight of
# that class ever moves again.
#
# </details>
#
# You can see the message stop. The gradient of the loss by the last layer's weights,
# one row a class:

# %%
published.zero_grad()
loss = nn.CrossEntropyLoss()(published(train_images[:1000]), train_labels[:1000])
loss.backward()
print("gradient of each class", published.li_4.weight.grad.norm(dim=1).numpy().round(4))

# %% [markdown]
# Between hidden layers the same ReLU does no such harm: a unit that is silent for one
# image speaks for another. On the output it cuts off half of what a logit can say,
# "less likely than that".
#
# inkwise's doctor finds it by itself. `inkwise train` asks it after every training:

# %%
from inkwise.inspection.doctor import examine

findings = examine(published, train_images[:, None], train_labels, classes=data.classes)
for finding in findings:
    if finding.name == "dead-classes":
        print(finding.what, finding.evidence, finding.why, finding.advice, sep="\n")

# %% [markdown]
# ## 4. Correct it
#
# **Exercise 3.** Write the network without the fault. Only one line of `forward`
# changes.


# %% tags=["exercise"]
class Corrected(MNISTnn):
    def forward(self, x):
        return ...


# %% tags=["solution"]
class Corrected(MNISTnn):
    def forward(self, x):
        x = x.view(-1, 784)
        l_1 = self.relu(self.li_1(x))
        l_2 = self.relu(self.li_2(l_1))
        l_3 = self.relu(self.li_3(l_2))
        return self.li_4(l_3)


# %% tags=["check"]
torch.manual_seed(1)
check_that(
    Corrected()(test_images),
    lambda logits: logits.shape == (len(test_images), 10) and (logits < 0).any().item(),
    right="Logits may be below 0.",
    hint="Return the last layer's outputs as they are.",
)

# %% [markdown]
# The same from inkwise, in case yours is not done yet, from the same first weights:

# %%
from inkwise.figures.curves import render_course
from inkwise.networks.build import build_network

torch.manual_seed(0)
corrected = build_network("mlp-wide")
corrected_costs = train(corrected, epochs=EPOCHS)
print(f"corrected: {percent_right(corrected):.1f} % of the test images right")
render_course(
    {"as published": published_costs, "corrected": corrected_costs}, y_label="cost"
)

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With MNIST. After all 50 epochs the mean of five seeds is 97.79 %, and the page says
# 97.84 %; its curve of the cost goes from 2.1 to 0.021.
#
# <!-- expected: mnist, about 2 % -->
# ```text
# corrected: 93.3 % of the test images right
# ```
#
# With `digits`:
#
# <!-- expected: digits, about 4 % -->
# ```text
# corrected: 94.2 % of the test images right
# ```
#
# </details>
#
# ## 5. Bad luck, or always?
#
# One seed proves little. Six fresh networks as published, 60 steps each, of small
# batches:

# %%
for seed in range(6):
    torch.manual_seed(seed)
    network = MNISTnn()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(60):
        batch = torch.randint(len(train_images), (256,))
        optimizer.zero_grad()
        nn.functional.cross_entropy(
            network(train_images[batch]), train_labels[batch]
        ).backward()
        optimizer.step()
    num_dead = int((outputs_of(network) == 0).all(dim=0).sum())
    print(f"seed {seed}: {num_dead} dead classes, {percent_right(network):.0f} % right")

# %% [markdown]
# Of 16 seeds trained on MNIST for 8 epochs, as published, 12 ended with classes that
# are never answered. So the page's 97.84 % took a lucky draw, or another program than
# the one it prints. Its author could not know: with one number for all classes this
# fault is invisible.
#
# ## 6. Batches of 8,192
#
# **Exercise 4.** How many steps does one epoch of MNIST's 60,000 images take with
# batches of 8,192? And with 64?

# %% tags=["exercise"]
steps = [..., ...]

# %% tags=["solution"]
steps = [8, 938]

# %% tags=["check"]
check_value(steps, [8, 938], hint="Divide, and round up: the last batch is smaller.")

# %% [markdown]
# Eight steps an epoch are why it takes 50 epochs. Large batches keep a graphics card
# busy; what learns is steps.
#
# ## 7. What does width buy?
#
# Lesson 1's network has 109,386 numbers to learn, a tenth. The same training for both,
# one epoch of small batches:

# %%
for name in ("mlp-sequential", "mlp-wide"):
    torch.manual_seed(0)
    network = build_network(name)
    size = sum(p.numel() for p in network.parameters())
    train(network, epochs=1 if DATA == "mnist" else 10, batch_size=256)
    print(f"{name:<15} {size:>9,} numbers: {percent_right(network):.1f} % right")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# With MNIST:
#
# <!-- expected: mnist, about 2 % -->
# ```text
# mlp-sequential    109,386 numbers: 92.8 % right
# mlp-wide        1,033,500 numbers: 94.5 % right
# ```
#
# </details>
#
# **Question.** Ten times the numbers, a few points more. Where would you look for the
# next points?
#
# <details><summary>Answer</summary>
#
# In another kind of layer. Lesson 2's convolutions reach 98.6 % in one epoch with
# 431,080 numbers, because they look for the same stroke everywhere. `inkwise train
# quick` passes 99 %.
#
# </details>
#
# ## What you know now
#
# - The last layer returns raw logits. A ReLU there kills classes, and no error is
#   shown.
# - One accuracy hides it; a confusion matrix, or the largest output of each class, does
#   not.
# - A ReLU at 0 passes no gradient. In hidden layers that is useful, on the output it is
#   fatal.
# - Ten times the parameters are not ten times the accuracy.
#
# Both networks are recipes: `inkwise train mlp-wide-relu-output` and `inkwise train
# mlp-wide`. Next: lesson 6, clothes instead of digits.
