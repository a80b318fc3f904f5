"""Which pixels move the answer: maps whose truth is known, and what they add up to."""

import pytest
import torch
from captum.attr import LayerAttribution, LayerGradCam
from tests.inspection.own_networks import (
    RECIPE_NETWORKS,
    TutorialNet,
    TwinNet,
    an_image,
    recipe_network,
)
from torch import nn

from inkwise.errors import ShapeError
from inkwise.inspection.attribution import grad_cam, integrated_gradients, occlusion
from inkwise.inspection.attribution.log_odds import log_odds

METHODS = [occlusion, integrated_gradients, grad_cam]
CONVENTIONS = {
    "cnn-keras": "probabilities",
    "cnn-lenet": "log_probabilities",
    "mlp-logsoftmax": "log_probabilities",
}


def linear_network(weight: torch.Tensor) -> nn.Module:
    """Return a network whose log-odds of class 1 are sum(weight * image), for two classes 0 and that sum."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 2, bias=False))
    with torch.no_grad():
        network[1].weight.copy_(torch.stack((torch.zeros(784), weight.flatten())))
    return network


def some_weight() -> torch.Tensor:
    return torch.randn(28, 28, generator=torch.Generator().manual_seed(3))


def test_log_odds_of_a_linear_network_are_its_sum():
    """With logits 0 and s, p = 1 / (1 + exp(-s)), so log(p / (1 - p)) = s; class 0 has -s."""
    network, image, weight = linear_network(some_weight()), an_image(), some_weight()
    for target, sign in ((1, 1), (0, -1)):
        with torch.no_grad():
            found = log_odds(network, image, target=target, output="logits")(image[None])
        assert float(found) == pytest.approx(sign * float((image * weight).sum()), abs=1e-4)


@pytest.mark.parametrize(
    ("last", "output"),
    [
        (nn.Identity(), "logits"),
        (nn.LogSoftmax(dim=1), "log_probabilities"),
        (nn.LogSoftmax(dim=1), "logits"),
        (nn.Softmax(dim=1), "probabilities"),
    ],
)
def test_log_odds_do_not_depend_on_what_the_network_returns(last, output):
    network, image = linear_network(some_weight()), an_image()
    with torch.no_grad():
        expected = log_odds(network, image, target=1, output="logits")(image[None])
        found = log_odds(nn.Sequential(network, last), image, target=1, output=output)(image[None])
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_log_odds_still_move_where_the_probability_rounds_to_one():
    """At log-odds of 40 and 41 a float32 probability is 1 both times."""
    network, image = linear_network(torch.zeros(28, 28)), torch.ones(1, 28, 28)
    network[1].weight.data[1] = 40 / 784
    with torch.no_grad():
        score = log_odds(network, image, target=1, output="logits")
        found = score(torch.stack((image, image * 41 / 40)))
    assert found.tolist() == pytest.approx([40, 41], abs=1e-3)


def test_integrated_gradients_of_a_linear_network_are_weight_times_image():
    """The gradient is the same everywhere on the way, so each pixel gets weight * (pixel - black)."""
    image, weight = an_image(), some_weight()
    found = integrated_gradients(linear_network(weight), image, target=1, black=-0.5)
    torch.testing.assert_close(found.values, weight * (image[0] + 0.5), rtol=1e-4, atol=1e-5)
    assert found.completeness_error < 1e-4


@pytest.mark.parametrize("black", [0.0, -0.4242])
@pytest.mark.parametrize("name", RECIPE_NETWORKS)
def test_integrated_gradients_add_up(name, black):
    """Completeness: their sum is f(image) - f(black paper) within a hundredth, and the error is recorded."""
    network, image, output = recipe_network(name), an_image(), CONVENTIONS.get(name, "logits")
    found = integrated_gradients(network, image, target=3, black=black, output=output)
    with torch.no_grad():
        score = log_odds(network.eval(), image, target=3, output=output)
        difference = float(score(image[None]) - score(torch.full((1, 1, 28, 28), black)))
    gap = abs(float(found.values.double().sum()) - difference)
    assert gap <= max(0.01 * abs(difference), 1e-3) + 1e-5
    assert found.completeness_error == pytest.approx(gap, abs=1e-5)
    assert f"{black:.3g} at each pixel" in found.note


def test_integrated_gradients_take_more_points_until_they_add_up():
    """A step in the middle of the way: 32 points miss a tenth of it."""

    class Step(nn.Module):
        def forward(self, images):
            total = images.mean(dim=(1, 2, 3))
            return torch.stack((torch.zeros_like(total), torch.sigmoid(80 * (total - 0.5))), dim=1) * 10

    found = integrated_gradients(Step(), torch.ones(1, 28, 28), target=1)
    assert found.completeness_error < 0.1
    assert float(found.values.sum()) == pytest.approx(10, abs=0.1)


def test_black_pixels_get_nothing_from_integrated_gradients():
    values = integrated_gradients(recipe_network("cnn-lenet"), an_image(), target=1).values
    assert float(values[:4].abs().max()) == 0
    assert float(values[4:24, 4:24].abs().max()) > 0


def test_occlusion_of_a_linear_network_is_the_sum_it_hides():
    """The corner pixel is hidden by one field only, rows and columns 0 to 3; it loses what they hold."""
    weight, image = some_weight(), torch.ones(1, 28, 28)
    found = occlusion(linear_network(weight), image, target=1)
    assert float(found.values[0, 0]) == pytest.approx(float(weight[:4, :4].sum()), abs=1e-4)
    # (2, 0) is in the fields that begin at rows 0 and 2: the mean of the two.
    expected = float(weight[:4, :4].sum() + weight[2:6, :4].sum()) / 2
    assert float(found.values[2, 0]) == pytest.approx(expected, abs=1e-4)
    assert float(occlusion(linear_network(weight), image, target=0).values[0, 0]) == pytest.approx(
        -float(found.values[0, 0]), abs=1e-4
    )


def test_occlusion_paints_with_what_black_is_after_preprocessing():
    weight = torch.ones(28, 28)
    found = occlusion(linear_network(weight), torch.ones(1, 28, 28), target=1, black=-1.0)
    assert float(found.values[0, 0]) == pytest.approx(2 * 16, abs=1e-3)


def test_maps_are_not_scaled():
    """Ten times the logits, ten times the map: nothing is brought to a range of its own."""
    weight, image = some_weight(), an_image()
    for explain in (occlusion, integrated_gradients):
        one = explain(linear_network(weight), image, target=1).values
        ten = explain(linear_network(10 * weight), image, target=1).values
        torch.testing.assert_close(ten, 10 * one, rtol=1e-3, atol=1e-3)


def test_grad_cam_of_one_channel_is_that_channel():
    """Logits 0 and the mean of one rectified channel: its gradient is 1 / 676 at each of 26x26 places."""

    class OneChannel(nn.Module):
        def __init__(self):
            super().__init__()
            self.channel, self.relu = nn.Conv2d(1, 1, 3, bias=False), nn.ReLU()

        def forward(self, images):
            mean = self.relu(self.channel(images)).mean(dim=(1, 2, 3))
            return torch.stack((torch.zeros_like(mean), mean), dim=1)

    network, image = OneChannel(), torch.rand(1, 28, 28)
    nn.init.constant_(network.channel.weight, 1)
    with torch.no_grad():
        channel = network.channel(image[None])
    expected = nn.functional.interpolate(channel / 676, (28, 28), mode="bilinear")[0, 0]
    torch.testing.assert_close(grad_cam(network, image, target=1).values, expected)


@pytest.mark.parametrize(("name", "place"), [("cnn-lenet", 4), ("cnn-keras", 9), ("cnn-quick", 5)])
def test_grad_cam_equals_captums(name, place):
    """Independent reference: captum's, on the ReLU behind the last convolution."""
    network, image, output = recipe_network(name).eval(), an_image(), CONVENTIONS.get(name, "logits")
    score = log_odds(network, image, target=4, output=output)
    coarse = LayerGradCam(score, network[place]).attribute(image[None])
    expected = LayerAttribution.interpolate(coarse, (28, 28), "bilinear")[0, 0].detach()
    found = grad_cam(network, image, target=4, output=output)
    torch.testing.assert_close(found.values, expected, rtol=1e-3, atol=1e-6)
    assert f"layer {place}, the ReLU behind the last convolution" in found.note


def test_grad_cam_sees_a_relu_that_is_a_function():
    torch.manual_seed(0)
    functions, layers = TutorialNet(), TwinNet()
    layers.load_state_dict(functions.state_dict())
    assert torch.equal(
        grad_cam(functions, an_image(), target=2).values, grad_cam(layers, an_image(), target=2).values
    )


def test_maps_see_through_a_relu_that_writes_in_place():
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(3 * 26 * 26, 4))
    in_place = nn.Sequential(plain[0], nn.ReLU(inplace=True), *plain[2:])
    for explain in METHODS:
        expected = explain(plain, an_image(), target=2).values
        torch.testing.assert_close(explain(in_place, an_image(), target=2).values, expected)


@pytest.mark.parametrize("name", [name for name in RECIPE_NETWORKS if name.startswith("mlp")])
def test_perceptron_has_no_grad_cam(name):
    assert grad_cam(recipe_network(name), an_image(), target=0) is None


def test_maps_that_need_a_gradient_are_left_out_where_there_is_none():
    class Detached(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution, self.head = nn.Conv2d(1, 2, 3), nn.Linear(2 * 26 * 26, 3)

        def forward(self, images):
            with torch.no_grad():
                return self.head(self.convolution(images).flatten(1))

    assert integrated_gradients(Detached(), an_image(), target=0) is None
    assert grad_cam(Detached(), an_image(), target=0) is None
    assert occlusion(Detached(), an_image(), target=0).values.shape == (28, 28)


@pytest.mark.parametrize("explain", METHODS)
def test_class_that_is_none_is_refused(explain):
    with pytest.raises(ShapeError, match=r"target 10 is no class of this network.* expected 0 to 9"):
        explain(recipe_network("cnn-lenet"), an_image(), target=10)


@pytest.mark.parametrize("explain", METHODS)
def test_image_of_another_shape_is_refused(explain):
    with pytest.raises(ShapeError, match=r"image must be a float tensor of shape \(1, 28, 28\)"):
        explain(recipe_network("cnn-lenet"), torch.zeros(28, 28), target=0)
