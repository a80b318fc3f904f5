"""The whole Inspection of one image: of a classifier, of each recipe's network, and of anybody's module."""

import dataclasses
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from tests.bars import bars
from tests.golden_classifier import golden_classifier, square_images
from tests.inspection.own_networks import RECIPE_NETWORKS, Recurrent, TutorialNet, a_picture, recipe_network
from torch import nn

from inkwise.errors import DataError, ShapeError
from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.inspect import inspect_image, inspect_module
from inkwise.inspection.recording.summaries import TIMES
from inkwise.preprocessing import Preprocessing


def test_inspection_of_a_classifier_says_what_the_classifier_says():
    """I7, I11: the same probabilities, their sum 1, their argmax the prediction."""
    classifier, image = golden_classifier(), square_images()[2]
    found = inspect_image(classifier, image, index=2, label=1)
    predicted = classifier.predict(image[None])
    np.testing.assert_allclose(found.probabilities.numpy(), predicted.probabilities[0], rtol=1e-5)
    assert float(found.probabilities.sum()) == pytest.approx(1, abs=1e-6)
    assert found.prediction == predicted.labels[0] == int(found.probabilities.argmax())
    assert found.classes == ("nought", "one", "två")
    assert (found.index, found.label) == (2, 1)
    assert np.array_equal(found.image, image)
    assert found.neighbours is found.neighbour_images is found.neighbour_labels is None


@pytest.mark.parametrize("name", RECIPE_NETWORKS)
def test_inspection_of_every_recipe_is_whole(name):
    """I1 to I12 for each network that ships: layers, one pixel's sum, maps, neighbours, first weights."""
    network, train = recipe_network(name), bars(40)
    found = inspect_module(network, a_picture(), train=train)
    assert float(found.probabilities.sum()) == pytest.approx(1, abs=1e-5)
    assert found.arithmetic.value == pytest.approx(found.arithmetic.recorded, abs=1e-5)
    is_cnn = name.startswith("cnn")
    assert [one.method for one in found.attributions] == [
        "occlusion", "integrated gradients", *(["Grad-CAM"] if is_cnn else []),
    ]  # fmt: skip
    assert {one.target for one in found.attributions} == {found.prediction}
    assert all(one.values.isfinite().all() and one.values.shape == (28, 28) for one in found.attributions)
    assert found.first_weights.shape[1:] == (28, 28) if not is_cnn else found.first_weights.ndim == 3
    assert np.array_equal(found.neighbour_images, train.images[found.neighbours.indices.numpy()])
    assert np.array_equal(found.neighbour_labels, train.labels[found.neighbours.indices.numpy()])
    assert found.layers[-2].dead is not None or found.layers[-1].dead is not None


def test_first_weights_of_a_perceptron_are_pictures():
    """Row k of a (units, 784) matrix is what unit k looks for, row by row."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    found = inspect_module(network, a_picture()).first_weights
    assert found.shape == (3, 28, 28)
    assert torch.equal(found[2, 1], network[1].weight.detach()[2, 28:56])


def test_first_weights_of_a_convolution_are_its_kernels():
    """I8: (20, 1, 5, 5) without the axis of its one channel."""
    network = recipe_network("cnn-lenet")
    found = inspect_module(network, a_picture()).first_weights
    assert torch.equal(found, network[0].weight.detach()[:, 0])


def test_first_weights_that_are_no_pictures_are_left_out():
    assert inspect_module(Recurrent(), a_picture()).first_weights is None


def test_arithmetic_is_of_the_strongest_output_of_the_first_layer():
    found = inspect_module(TutorialNet(), a_picture())
    assert found.arithmetic.layer == "conv1"
    assert found.arithmetic.recorded == float(found.layers[0].output.max())


def test_arithmetic_is_of_the_place_that_was_asked_for():
    """I9: a pixel of the second convolution, and a unit of the last layer."""
    layers = inspect_module(TutorialNet(), a_picture()).layers
    second = [view.index for view in layers if view.kind == "Conv2d"][1]
    last = [view.index for view in layers if view.kind == "Linear"][-1]
    for place in ((second, 2, 1, 3), (last, 4)):
        torch.manual_seed(0)
        found = inspect_module(TutorialNet(), a_picture(), place=place)
        assert found.arithmetic.layer == found.layers[place[0]].name
        assert found.arithmetic.recorded == float(found.layers[place[0]].output[place[1:]])
        assert found.arithmetic.value == pytest.approx(found.arithmetic.recorded, abs=1e-5)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            (1, 0, 0, 0),
            "no output to work out at 1,0,0,0; expected layer,channel,row,column .* layer 0 or",
        ),
        ((99, 0), "no output to work out at 99,0; expected"),
        ((0,), "no output to work out at 0; expected"),
        ((0, 0, 0, 28), "has no output at channel 0, row 0, column 28"),
    ],
)
def test_place_without_arithmetic_is_refused(place, message):
    with pytest.raises(ShapeError, match=message):
        inspect_module(TutorialNet(), a_picture(), place=place)


@pytest.mark.parametrize("last", [nn.Identity(), nn.LogSoftmax(dim=1), nn.Softmax(dim=1)])
def test_outputs_are_understood_without_being_told(last):
    """I7: logits, log-probabilities and probabilities of one network are one answer."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Flatten(), nn.Linear(784, 4))
    plain = inspect_module(body, a_picture())
    found = inspect_module(nn.Sequential(*body, last), a_picture())
    torch.testing.assert_close(found.probabilities, plain.probabilities, rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(
        found.attributions[0].values, plain.attributions[0].values, rtol=1e-3, atol=1e-3
    )


def test_black_paper_is_what_the_preprocessing_makes_of_it():
    found = inspect_module(
        recipe_network("cnn-lenet"), a_picture(), preprocessing=Preprocessing(mean=0.5, std=0.5)
    )
    assert float(found.layers[0].input.min()) == pytest.approx(-1, abs=0.02)
    assert "(-1 at each pixel after preprocessing)" in found.attributions[1].note


def test_neighbours_are_looked_for_all_over_the_training_images():
    """Of 1,500 images 1,000 are searched, evenly spaced: the last is among them, and indices count in all."""
    train = bars(1500)
    found = inspect_module(nn.Linear(784, 10), train.images[1499], train=train)
    assert found.neighbours.num_searched == 1000
    assert found.neighbours.indices[0] == 1499
    assert np.array_equal(found.neighbour_images[0], train.images[1499])
    assert len(found.neighbour_labels) == 8


def test_notebook_shows_the_answer_and_the_layers():
    """I12: shapes with the meaning of their axes; names are text, whatever stands in them."""
    found = inspect_module(TutorialNet(), a_picture(), label=3, classes=[f"<{k}>" for k in range(10)])
    page = ElementTree.fromstring(f"<div>{found._repr_html_()}</div>")
    assert page[0].text.startswith(f"<{found.prediction}>, probability 0.")
    assert page[0].text.endswith("; its label is <3>")
    rows = [[cell.text for cell in row] for row in page.iter("tr")]
    assert rows[0] == ["layer", "kind", "what it does", "output"]
    shape = f"4 channels {TIMES} 24 rows {TIMES} 24 columns"
    assert rows[1] == ["conv1", "Conv2d", "1 to 4 channels, kernel 5x5", shape]
    assert rows[-1][-1] == "10 classes"
    assert len(rows) == 1 + len(found.layers)


def test_inspection_in_words_is_short():
    found = inspect_module(TutorialNet(), a_picture(), train=bars(40))
    for record in (found, *found.layers, *found.attributions, found.arithmetic):
        assert len(repr(record)) < 1000
        assert "tensor" not in repr(record)


def test_findings_of_the_doctor_are_kept():
    finding = Finding("one", "what", "evidence", "why", "advice")
    assert inspect_module(TutorialNet(), a_picture(), findings=[finding]).findings == (finding,)


def test_inspection_is_a_record_that_owns_its_image():
    image = a_picture()
    found = inspect_module(TutorialNet(), image)
    image[:] = 0
    assert found.image.any()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.prediction = 3


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((28, 28)), r"got torch.float64 of shape \(28, 28\).*multiply by 255"),
        (np.zeros((1, 28, 28), np.uint8), r"got torch.uint8 of shape \(1, 28, 28\); from a batch take"),
    ],
)
def test_image_of_another_kind_is_refused(image, message):
    with pytest.raises(ShapeError, match=message):
        inspect_module(TutorialNet(), image)


def test_wrong_number_of_classes_is_refused():
    with pytest.raises(ShapeError, match=r"gives 10 outputs an image, expected 2, one for .* \(a, b\)"):
        inspect_module(TutorialNet(), a_picture(), classes=("a", "b"))


def test_label_that_is_no_class_is_refused():
    with pytest.raises(ShapeError, match="label 10 is no class, expected 0 to 9"):
        inspect_module(TutorialNet(), a_picture(), label=10)


def test_network_that_diverged_is_refused():
    network = TutorialNet()
    nn.init.constant_(network.fc2.bias, float("nan"))
    with pytest.raises(DataError, match=r"outputs for this image are not finite.*smaller learning_rate"):
        inspect_module(network, a_picture())
