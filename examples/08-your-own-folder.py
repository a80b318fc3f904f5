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
#   inkwise: {"title": "Your own folder of images", "minutes": 40, "needs": [], "tutorials": []}
# ---

# %% [markdown]
# # Lesson 8: Your own folder of images
#
# <!-- buttons -->
#
# Nobody hands you a set like MNIST. You have a folder of pictures, in colour and of all
# sizes, some of them twice. You learn how such a folder must look, what becomes of
# colour and size, how to find copies and what they do to your result, how far a small
# set carries, and how to get a classifier out into a file that runs anywhere. About 40
# minutes; all code together runs in a minute or two.
#
# The folder is made here, from the digits at hand, so that we know the truth about
# every picture. With a folder of your own, put its path into `OWN`: steps 3, 5, 6
# and 8 then speak of it, and step 7 wants new pictures of yours.

# %% tags=["install"]
# Only where inkwise is missing, as on Colab.
import importlib.util

if importlib.util.find_spec("inkwise") is None:
    raise SystemExit("inkwise is not installed: see the page you got this lesson from")

# %%
import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import inkwise
from inkwise.lessons.checks import check_function, check_that, check_value
from inkwise.lessons.images import choose_data

OWN = ""  # the path of a folder of your own
place = tempfile.TemporaryDirectory(prefix="lesson-8-")  # gone when Python ends
WORK = Path(place.name)  # for all pictures that this lesson makes
DATA = choose_data()
digits = inkwise.load_dataset(DATA)
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
print(DATA)

# %% [markdown]
# ## 1. One folder a class
#
# The name of a folder is the name of the class. Inside may be PNG, JPEG or whatever
# else Pillow reads, of any size, also in folders within the folder. We make 60 pictures
# of each digit: ink and paper in colour, from 20 to 120 pixels a side, some as PNG,
# some as JPEG.

# %%
generator = np.random.default_rng(0)


def in_colour(image, side):
    """Return a digit as a colour picture: light ink on dark paper, `side` pixels high, often wider than high."""
    ink, paper = generator.integers(170, 256, size=3), generator.integers(0, 70, size=3)
    share = (
        np.asarray(Image.fromarray(image).resize((side, side)), np.float32)[..., None]
        / 255
    )
    picture = (paper + share * (ink - paper)).astype(np.uint8)  # (side, side, 3)
    wider = int(generator.integers(0, side // 2))
    return Image.fromarray(
        np.pad(picture, ((0, 0), (wider, wider), (0, 0)), mode="edge")
    )


def write_class(folder, split, label, count):
    """Write the first `count` images of a class as pictures."""
    (folder / NAMES[label]).mkdir(parents=True, exist_ok=True)
    for number, index in enumerate(np.flatnonzero(split.labels == label)[:count]):
        picture = in_colour(split.images[index], int(generator.integers(20, 121)))
        picture.save(
            folder / NAMES[label] / f"{number:03}.{'png' if number % 2 else 'jpg'}"
        )


FOLDER = WORK / "my-pictures"
for label in range(10):
    write_class(FOLDER, digits.train, label, 60)
for path in sorted(FOLDER.iterdir())[:3]:
    files = sorted(path.iterdir())
    some = ", ".join(f"{file.name} {Image.open(file).size}" for file in files[:3])
    print(f"{path.name}: {len(files)} pictures, {some}")

# %% [markdown]
# ## 2. What becomes of colour and size
#
# inkwise learns from 28x28 grey pixels. A picture of another size is made smaller or
# larger as a whole, keeping its shape, until its longer side is 28; the rest takes the
# grey of its border. Three of ours, as they are and as the network sees them:

# %%
from inkwise.data.images import decode_image
from inkwise.figures import style

files = [
    FOLDER / "three" / "001.png",
    FOLDER / "five" / "002.jpg",
    FOLDER / "eight" / "003.png",
]
figure = style.new_figure(width=8, height=4)
for row, draw in enumerate((Image.open, decode_image)):
    for column, file in enumerate(files):
        axes = figure.add_subplot(2, 3, 3 * row + column + 1)
        axes.imshow(draw(file), cmap="gray", vmin=0, vmax=255)
        width, height = Image.open(file).size
        axes.set_title(
            f"{width} x {height}, in colour" if row == 0 else "28 x 28, grey"
        )
        axes.set_axis_off()
figure

# %% [markdown]
# Grey is 0.299 red + 0.587 green + 0.114 blue, for the eye sees green as brighter than
# blue. So two colours can become the same grey. Here are a ripe tomato and an unripe
# one:

# %%
RED, GREEN = (200, 40, 30), (30, 127, 30)


def tomato(colour):
    """Return a disc of a colour on black, (60, 60, 3)."""
    rows, columns = np.indices((60, 60)) - 30
    return np.where(
        (rows**2 + columns**2 < 600)[..., None], np.array(colour, np.uint8), np.uint8(0)
    )


figure = style.new_figure(width=8, height=2.3)
for number, colour in enumerate((RED, GREEN)):
    picture = Image.fromarray(tomato(colour))
    for column, (drawn, words) in enumerate(
        ((picture, "the picture"), (picture.convert("L"), "in grey"))
    ):
        axes = figure.add_subplot(1, 4, 2 * number + column + 1)
        axes.imshow(drawn, cmap="gray", vmin=0, vmax=255)
        axes.set_title(words)
        axes.set_axis_off()
figure

# %% [markdown]
# **Exercise 1.** Write the grey value of a colour, and find out by how much these two
# differ.


# %% tags=["exercise"]
def grey(red, green, blue):
    return ...


# %% tags=["solution"]
def grey(red, green, blue):
    return 0.299 * red + 0.587 * green + 0.114 * blue


# %% tags=["check"]
check_function(
    grey,
    lambda red, green, blue: 0.299 * red + 0.587 * green + 0.114 * blue,
    cases=[(255, 255, 255), RED, GREEN],
    hint="0.299 of the red, 0.587 of the green, 0.114 of the blue.",
)

# %% [markdown]
# **Question.** What does a classifier reach that shall tell ripe from unripe by these?
#
# <details><summary>Answer</summary>
#
# Half, as a coin does. What is lost before the network cannot be learned by it. Look at
# what it sees, not at what you see: if you cannot tell the classes apart at 28x28 grey,
# inkwise is the wrong tool, or one colour channel must be picked first.
#
# </details>
#
# ## 3. What was understood
#
# `load_dataset` takes a path as it takes a name. Read its notes.

# %%
pictures = inkwise.load_dataset(OWN or FOLDER)
print(pictures.classes)
print(len(pictures.train), "to train on,", len(pictures.test), "to test on")
for name, note in pictures.notes.items():
    print(f"{name}: {note}")

# %% [markdown]
# **Question.** The classes are not in the order zero, one, two. Does it matter?
#
# <details><summary>Answer</summary>
#
# Not as long as names are used: they come in the order of the alphabet, `eight` is
# class 0. Who takes "label 0" for a zero gets nonsense that looks like a bad network.
# inkwise keeps the names inside the classifier.
#
# </details>
#
# ## 4. What is there twice
#
# Folders grow: somebody saves a picture a second time, as a JPEG, or sorts it into two
# classes. To see what it does, we make a second folder, with `train` and `test` in it.
# Each has 20 pictures a class of its own. Then a hand slips: twelve pictures a class of
# `train` are copied into `test`, four more come as JPEG, brighter by a shade, and three
# sixes are filed under `zero` as well.

# %%
MIXED = WORK / "mixed-up"
for label in range(10):
    write_class(MIXED / "train", digits.train, label, 20)
    write_class(MIXED / "test", digits.test, label, 20)
for name in NAMES:
    files = sorted((MIXED / "train" / name).iterdir())
    for file in files[:12]:
        shutil.copy(file, MIXED / "test" / name / f"copy-{file.name}")
    for file in files[12:16]:
        brighter = Image.open(file).point(lambda value: min(255, value + 3))
        brighter.save(MIXED / "test" / name / f"again-{file.stem}.jpg", quality=95)
for file in sorted((MIXED / "train" / "six").iterdir())[:3]:
    shutil.copy(file, MIXED / "train" / "zero" / f"six-{file.name}")

mixed = inkwise.load_dataset(MIXED)
found = inkwise.explore(mixed)
print(found.duplicates.verdict)

# %% [markdown]
# One glance at each is worth more than the sentence. The same picture under two labels
# first:

# %%
from inkwise.figures.exploration.copies import image_at, render_near_pairs
from inkwise.figures.exploration.sheet import render_sheet

disputed = [group for group in found.duplicates.exact_groups if not group.has_one_label]
render_sheet(
    [image_at(group.images[0], mixed) for group in disputed],
    [
        "filed under\n"
        + ", ".join(sorted({mixed.classes[one.label] for one in group.images}))
        for group in disputed
    ],
    columns=6,
)

# %%
nearest = found.duplicates.near_pairs[:6]
render_near_pairs(found.duplicates.model_copy(update={"near_pairs": nearest}), mixed)

# %% [markdown]
# **Question.** Why do copies between train and test matter more than copies within
# train?
#
# <details><summary>Answer</summary>
#
# A test image that was learned from measures memory. Copies within train only give an
# image more weight. Copies within test count a hit or a miss twice.
#
# </details>
#
# **Exercise 2.** Write a function that returns the places of those test images that
# have no equal among the train images. `image.tobytes()` is the same for equal images,
# and a `set` answers quickly whether something is in it.


# %% tags=["exercise"]
def without_twins(train_images, test_images):
    """Return the indices of the test images that are not among the train images, in their order."""
    return ...


# %% tags=["solution"]
def without_twins(train_images, test_images):
    """Return the indices of the test images that are not among the train images, in their order."""
    seen = {image.tobytes() for image in train_images}
    return np.array(
        [
            index
            for index, image in enumerate(test_images)
            if image.tobytes() not in seen
        ]
    )


# %% tags=["check"]
check_function(
    without_twins,
    lambda train, test: [
        i for i, one in enumerate(test) if not (train == one).all(axis=(1, 2)).any()
    ],
    cases=[
        (mixed.train.images, mixed.test.images),
        (digits.train.images[:9], digits.train.images[5:14]),
    ],
    hint="Put the bytes of all train images into a set, then keep the test images whose bytes are not in it.",
)

# %% [markdown]
# Exact copies are not all of it: near ones lie in `found.duplicates.near_pairs`. Our
# own pictures are called `000.jpg` and so on, and what slipped in is called `copy-` and
# `again-`, so here we can part them by name, and measure what they do. `quick` learns
# from the mixed-up folder and is judged by its test part:

# %%
from inkwise.data.formats.paths import list_images

names = [
    path.name
    for folder in sorted((MIXED / "test").iterdir())
    for path in list_images(folder)[0]
]
is_own = np.array([not name.startswith(("copy-", "again-")) for name in names])

leaky = inkwise.train("quick", data=mixed)
answers = leaky.classifier.predict(mixed.test.images)
is_right = answers.labels == mixed.test.labels
print(f"test part as it is           {100 * is_right.mean():.1f} % of {len(is_right)}")
print(
    f"its twins of train images    {100 * is_right[~is_own].mean():.1f} % of {(~is_own).sum()}"
)
print(
    f"what was never learned from  {100 * is_right[is_own].mean():.1f} % of {is_own.sum()}"
)

# %% [markdown]
# <details><summary>What you should see</summary>
#
# The first number is the one that a report would print, the last is the true one. With
# MNIST:
#
# <!-- expected: mnist, within 6 -->
# ```text
# test part as it is           86.1 % of 360
# its twins of train images    98.1 % of 160
# what was never learned from  76.5 % of 200
# ```
#
# </details>
#
# The corrected way is to clean the folder, not the number. And for pictures that belong
# together without being equal, frames of one film or photos of one person, make `train`
# and `test` yourself, and keep each film and each person on one side.
#
# ## 5. Small sets
#
# How many pictures are enough? Train with 5, 10, 20, 40 of each class, and judge all by
# the same test part, with the
# [interval](https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval) that
# its size allows.

# %%
counts, rights, lows, highs = (5, 10, 20, 40), [], [], []
for count in counts:
    chosen = np.concatenate(
        [
            np.flatnonzero(pictures.train.labels == label)[:count]
            for label in range(len(pictures.classes))
        ]
    )
    few = inkwise.Dataset(
        f"{count} a class", pictures.classes, pictures.train.take(chosen), pictures.test
    )
    run = inkwise.train("quick", data=few)
    low, high = run.evaluation["accuracy_interval"]
    rights.append(run.evaluation["accuracy"])
    lows.append(low)
    highs.append(high)
    print(
        f"{count:2} a class: {100 * rights[-1]:.1f} % right, interval {100 * low:.1f} to {100 * high:.1f} %"
    )

# %%
figure = style.new_figure(width=7, height=4)
axes = figure.add_subplot()
reach = [np.subtract(rights, lows), np.subtract(highs, rights)]
axes.errorbar(
    counts, rights, yerr=reach, marker="o", color=style.BLUE, capsize=5, linewidth=1.5
)
axes.set_xscale("log", base=2)
axes.set_xticks(counts, counts)
axes.set_ylim(0, 1.02)
style.count_percent(axes.yaxis)
style.dress_axes(
    axes,
    x_label="pictures of each class to learn from",
    y_label="right of the test pictures",
)
figure

# %% [markdown]
# **Question.** Is 40 a class shown to be better than 20?
#
# <details><summary>Answer</summary>
#
# If the two intervals lie apart, yes. Where they overlap, ask `inkwise.compare`: it
# looks only at the test pictures on which the two differ, and is sharper. With 120 test
# pictures a difference of five points may well be chance.
#
# </details>
#
# **Exercise 3.** Each doubling takes away some of the mistakes. By what factor does the
# share of mistakes fall from 5 to 40 pictures a class? Use `rights`.

# %% tags=["exercise"]
factor = ...

# %% tags=["solution"]
factor = (1 - rights[0]) / (1 - rights[-1])

# %% tags=["check"]
check_value(
    factor,
    (1 - rights[0]) / (1 - rights[-1]),
    within=0.01,
    hint="Mistakes are 1 - right: those at 5 divided by those at 40.",
)

# %% [markdown]
# ## 6. Train, evaluate, look
#
# Now the clean folder, all of it. In small sets inkwise repeats the images until enough
# steps are made.

# %%
run = inkwise.train("quick", data=OWN or FOLDER)
evaluation = inkwise.evaluate(run)
low, high = evaluation.accuracy_interval
print(
    f"{100 * evaluation.accuracy:.1f} % right of {evaluation.num_images}, interval {100 * low:.1f} to {100 * high:.1f} %"
)

# %%
from inkwise.figures.mistakes import render_mistakes

render_mistakes(pictures.test.images, evaluation.worst_mistakes[:8], pictures.classes)

# %% [markdown]
# ## 7. Predict, and a trap
#
# New pictures come as files. `predict` takes paths and folders. Here are 40 new ones:

# %%
NEW = WORK / "new-pictures"
for index in range(40):
    name = NAMES[digits.test.labels[index]]
    (NEW / "light-on-dark").mkdir(parents=True, exist_ok=True)
    in_colour(digits.test.images[index], 64).save(
        NEW / "light-on-dark" / f"{name}-{index:02}.png"
    )


def predict_folder(folder):
    """Print a few answers, and how many of all are right."""
    answers = list(inkwise.predict(run, [folder]))
    for answer in answers[::14]:
        surely = f"{100 * answer.probability:.0f} % sure"
        print(f"{Path(answer.path).name:12} -> {answer.class_name}, {surely}")
    right = [Path(answer.path).name.startswith(answer.class_name) for answer in answers]
    print(f"{sum(right)} of {len(right)} right")


predict_folder(NEW / "light-on-dark")

# %% [markdown]
# All ours had light ink on dark paper. The next ones are the same, dark on light:

# %%
(NEW / "dark-on-light").mkdir(exist_ok=True)
for file in sorted((NEW / "light-on-dark").iterdir()):
    turned = Image.fromarray(255 - np.asarray(Image.open(file)))
    turned.save(NEW / "dark-on-light" / file.name)
predict_folder(NEW / "dark-on-light")

# %% [markdown]
# **Question.** Who is to blame, the network or the folder?
#
# <details><summary>Answer</summary>
#
# The folder. A classifier knows the kind of picture that it learned from. Put both
# kinds into the folder if both will come, or turn the new ones round before you
# predict. Lesson 7 shows how far that goes for writing.
#
# </details>
#
# ## 8. Out into the world
#
# `export` writes one file with the preprocessing inside, uint8 images in and
# probabilities out. Before it writes, it proves that the file answers as the classifier
# does.

# %%
done = inkwise.export(run, WORK / "my-classifier.onnx", to="onnx")
print(f"{Path(done.path).name}: {done.size_bytes / 1000:.0f} kB")

# %% [markdown]
# ONNX Runtime runs it without inkwise and without PyTorch:

# %%
import onnxruntime

session = onnxruntime.InferenceSession(done.path, providers=["CPUExecutionProvider"])
print([(one.name, one.type, one.shape) for one in session.get_inputs()])
probabilities, _ = session.run(
    None, {session.get_inputs()[0].name: pictures.test.images[:5]}
)
print([pictures.classes[row.argmax()] for row in probabilities])

# %% [markdown]
# **Exercise 4.** By how much do the file's probabilities differ from
# `run.classifier.predict(...)` on all test pictures, at most?

# %% tags=["exercise"]
largest_difference = ...

# %% tags=["solution"]
from_file, _ = session.run(None, {session.get_inputs()[0].name: pictures.test.images})
largest_difference = np.abs(
    from_file - run.classifier.predict(pictures.test.images).probabilities
).max()

# %% tags=["check"]
check_that(
    largest_difference,
    lambda difference: 0 <= difference < 1e-5,
    right="Below a hundred-thousandth: rounding.",
    hint="np.abs(a - b).max(), with both on pictures.test.images.",
)

# %% [markdown]
# ## 9. What you have seen
#
# - One folder a class, named by it. Read the notes of `load_dataset`: order of classes,
#   sizes, what was passed over.
# - Colour becomes grey and every size 28x28. What is lost there cannot be learned.
# - Copies between train and test make a result that is too good. `inkwise explore
#   FOLDER` finds equal and near ones.
# - With few test pictures the interval is wide. Believe it.
# - A classifier knows the kind of picture it has seen.
#
# On the command line: `inkwise explore my-pictures`, `inkwise train --data my-pictures
# --out my-run`, `inkwise evaluate my-run`, `inkwise predict my-run new-pictures`,
# `inkwise export my-run --to onnx my-classifier.onnx`.
#
# **To try.** Your own folder: 20 pictures of each of two things on your desk. Guess the
# accuracy before you train.
