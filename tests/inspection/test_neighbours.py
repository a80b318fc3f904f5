"""The nearest images, by what the last layer takes in."""

import pytest
import torch
from tests.inspection.own_networks import RECIPE_NETWORKS, TutorialNet, an_image, recipe_network, some_images
from torch import nn

from inkwise.errors import ShapeError
from inkwise.inspection.neighbours import nearest_images


def test_nearest_images_of_a_linear_network_are_those_with_the_nearest_pixels():
    """Its only layer takes in the pixels: distance sqrt(784 * 0.25) = 14 from black to grey 0.5."""
    levels = torch.tensor([1.0, 0.5, 0.0, 0.25])
    images = levels[:, None, None, None].expand(4, 1, 28, 28)
    found = nearest_images(nn.Linear(784, 10), torch.zeros(1, 28, 28), images, k=3)
    assert found.indices.tolist() == [2, 3, 1]
    assert found.distances.tolist() == pytest.approx([0, 7, 14])
    assert (found.layer, found.num_searched, found.num_features) == ("Linear", 4, 784)


@pytest.mark.parametrize(
    ("name", "layer", "num_features"),
    [("cnn-lenet", "9", 500), ("cnn-keras", "16", 512), ("mlp-class", "output", 64), ("cnn-quick", "9", 256)],
)
def test_features_of_a_recipe_are_what_its_last_linear_layer_takes_in(name, layer, num_features):
    network, images = recipe_network(name).eval(), some_images(6)
    found = nearest_images(network, an_image(), images, k=6)
    assert (found.layer, found.num_features) == (layer, num_features)
    taken = {}
    hook = network.get_submodule(layer).register_forward_pre_hook(lambda _, args: taken.update(of=args[0]))
    with torch.no_grad():
        network(torch.cat((an_image()[None], images)))
    hook.remove()
    expected = (taken["of"][1:] - taken["of"][:1]).norm(dim=1)
    assert found.indices.tolist() == expected.argsort().tolist()
    torch.testing.assert_close(found.distances, expected.sort().values, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", RECIPE_NETWORKS)
def test_image_is_its_own_nearest_neighbour(name):
    images = some_images(20)
    found = nearest_images(recipe_network(name), images[7], images, k=2)
    assert found.indices[0] == 7
    assert found.distances[0] < 1e-4 < found.distances[1]


def test_batches_change_nothing():
    """600 images go through in three batches; the nearest of all is in the last."""
    images = some_images(600)
    found = nearest_images(TutorialNet(), images[599], images, k=1)
    assert found.indices.tolist() == [599]


def test_fewer_images_than_asked_for_are_all_there():
    found = nearest_images(TutorialNet(), an_image(), some_images(1), k=5)
    assert found.indices.tolist() == [0]


def test_network_without_weights_compares_pixels():
    found = nearest_images(nn.Sequential(nn.AvgPool2d(14), nn.Flatten()), an_image(), some_images(3), k=1)
    assert (found.layer, found.num_features) == ("", 784)


@pytest.mark.parametrize(
    ("images", "k"), [(some_images(2)[0], 1), (some_images(2)[:0], 1), (some_images(2), 0)], ids=str
)
def test_images_of_another_shape_are_refused(images, k):
    with pytest.raises(ShapeError, match=r"shape \(N, 1, 28, 28\) with N and k of 1 or more"):
        nearest_images(TutorialNet(), an_image(), images, k=k)
