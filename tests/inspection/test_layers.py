"""Every layer at work on one image: what it took in and put out, its meaning, and which units are dead."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from tests.inspection.own_networks import (
    RECIPE_NETWORKS,
    Fails,
    Recurrent,
    TutorialNet,
    TwinNet,
    TwoOutputs,
    an_image,
    recipe_network,
    some_images,
)
from torch import nn

from inkwise.errors import InkwiseError, ShapeError
from inkwise.inspection.layers import LayerView, value_histogram, view_layers
from inkwise.networks.summary import summarise_layers


def by_name(network, image=None, **more) -> dict[str, LayerView]:
    return {view.name: view for view in view_layers(network, an_image() if image is None else image, **more)}


@pytest.mark.parametrize("name", RECIPE_NETWORKS)
def test_views_of_every_recipe_follow_the_image(name):
    """I1, I9, I10, I12: what a layer takes in is what the one before put out; the last is the answer."""
    network, image = recipe_network(name), an_image()
    views = view_layers(network, image)
    assert torch.equal(views[0].input, image)
    for before, after in itertools.pairwise(views):
        assert torch.equal(before.output, after.input)
        assert before.axes == after.input_axes
    with torch.no_grad():
        expected = network.eval()(image[None])[0]
    torch.testing.assert_close(views[-1].output, expected, rtol=1e-5, atol=1e-6)
    assert [view.index for view in views] == list(range(len(views)))
    assert views[-1].axes == ("class",)


@pytest.mark.parametrize("name", RECIPE_NETWORKS)
def test_layers_of_every_recipe_are_those_of_its_table(name):
    """I12, M7: the same layers, shapes and parameters; a function in forward comes on top."""
    network = recipe_network(name)
    views = [view for view in view_layers(network, an_image()) if not view.name.endswith("()")]
    rows = summarise_layers(network)
    assert [(view.name, tuple(view.output.shape), view.num_parameters) for view in views] == [
        (row.name, row.output_shape, row.num_parameters) for row in rows
    ]


def test_convolution_is_shown_with_input_weights_and_output():
    """I1, I8, I9: (1, 28, 28) through (20, 1, 5, 5) to (20, 24, 24), the tensors those of the network."""
    network = recipe_network("cnn-lenet")
    view = view_layers(network, an_image())[0]
    assert (view.kind, view.summary) == ("Conv2d", "1 to 20 channels, kernel 5x5")
    assert view.axes == view.input_axes == ("channel", "row", "column")
    assert torch.equal(view.weight, network[0].weight)
    assert torch.equal(view.bias, network[0].bias)
    expected = F.conv2d(view.input[None], view.weight, view.bias)[0]
    torch.testing.assert_close(view.output, expected, rtol=1e-5, atol=1e-6)


def test_relu_and_pooling_put_out_what_they_should():
    """I3, I4, I10: no value below 0; 2x2 fields halve 24 to 12."""
    views = by_name(recipe_network("cnn-lenet"))
    assert torch.equal(views["1"].output, views["0"].output.clamp(min=0))
    assert torch.equal(views["2"].output, F.max_pool2d(views["1"].output, 2))
    assert views["2"].output.shape == (20, 12, 12)


def test_flattened_vector_and_dense_outputs_name_their_axes():
    """I5, I6, I11: 3,136 features, 512 features, then 10 classes before and after the softmax."""
    views = by_name(recipe_network("cnn-keras"))
    assert [(tuple(views[name].output.shape), views[name].axes) for name in ("12", "13", "16", "17")] == [
        ((3136,), ("feature",)), ((512,), ("feature",)), ((10,), ("class",)), ((10,), ("class",)),
    ]  # fmt: skip
    assert views["17"].input_axes == ("class",)
    assert float(views["17"].output.sum()) == pytest.approx(1, abs=1e-6)  # I7


def test_functions_in_forward_are_seen_as_layers_are():
    """I12: a network written with F.relu and view shows the same steps, shapes and values as its twin."""
    torch.manual_seed(0)
    functions, layers = TutorialNet(), TwinNet()
    layers.load_state_dict(functions.state_dict())
    seen, expected = view_layers(functions, an_image()), view_layers(layers, an_image())
    assert [view.name for view in seen] == [
        "conv1", "relu()", "max_pool2d()", "conv2", "relu()", "max_pool2d()",
        "view()", "fc1", "relu()", "fc2", "log_softmax()",
    ]  # fmt: skip
    for ours, theirs in zip(seen, expected, strict=True):
        assert torch.equal(ours.output, theirs.output)
        assert torch.equal(ours.input, theirs.input)
        assert ours.axes == theirs.axes
    assert seen[1].summary == "negative values become 0; a function called in forward"


def test_layer_used_twice_is_there_twice():
    views = view_layers(TwinNet(), an_image())
    assert [view.name for view in views].count("relu") == 3
    assert [view.name for view in views].count("pool") == 2


def test_parameters_of_a_layer_used_twice_count_once():
    shared = nn.Linear(784, 784)
    views = view_layers(nn.Sequential(nn.Flatten(), shared, nn.Tanh(), shared), an_image())
    assert [view.num_parameters for view in views] == [0, 784 * 785, 0, 0]
    assert torch.equal(views[3].weight, shared.weight)


def test_in_place_relu_leaves_what_came_in_visible():
    """I3: without a copy at the time, the convolution would seem to put out no negative value."""
    torch.manual_seed(0)
    convolution = nn.Conv2d(1, 3, 3)
    network = nn.Sequential(convolution, nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(3 * 26 * 26, 10))
    views = view_layers(network, an_image())
    with torch.no_grad():
        expected = convolution(an_image()[None])[0]
    assert float(expected.min()) < 0
    torch.testing.assert_close(views[0].output, expected)
    assert torch.equal(views[0].output, views[1].input)
    assert torch.equal(views[1].output, views[1].input.relu())


def test_recurrent_layer_shows_the_first_of_its_outputs():
    views = by_name(Recurrent())
    assert views["lstm"].output.shape == (28, 12)
    assert views["lstm"].axes == ("step", "feature")
    assert views["lstm"].input_axes == ("row", "column")
    assert views["lstm"].summary.endswith("the first of its 3 outputs")
    assert views["lstm"].num_parameters == 4 * 12 * (28 + 12 + 2)


def test_layer_without_a_tensor_is_left_out():
    assert [view.name for view in view_layers(TwoOutputs(), an_image())] == ["flatten", "head"]


def test_nested_layers_without_parameters_are_all_seen():
    network = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2), nn.Sigmoid()),
        nn.Sequential(nn.AvgPool2d(2), nn.Dropout(0.25), nn.Flatten()),
        nn.Linear(2 * 13 * 13, 3, bias=False),
        nn.Softmax(dim=1),
    )
    views = view_layers(network, an_image())
    assert [(view.name, view.summary) for view in views] == [
        ("0.0", "1 to 2 channels, kernel 3x3, no bias"),
        ("0.1", "each of 2 channels less its mean, divided by its spread in training"),
        ("0.2", "each value x becomes 1 / (1 + exp(-x)), between 0 and 1"),
        ("1.0", "mean of each 2x2 field"),
        ("1.1", "drops 25 % of the values in training, none here"),
        ("1.2", "2x13x13 values put in the shape 338"),
        ("2", "338 to 3 features, no bias"),
        ("3", "each value becomes exp(x) / sum of all exp(x); they sum to 1"),
    ]
    assert views[0].bias is None
    assert torch.equal(views[4].input, views[4].output)


def test_network_that_is_one_layer_is_seen():
    view, *others = view_layers(nn.Linear(784, 10), an_image())
    assert (view.name, view.axes, others) == ("Linear", ("class",), [])
    assert torch.equal(view.input, an_image().flatten())


def test_dropout_that_never_rests_says_so():
    class Careless(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(784, 10)

        def forward(self, images):
            return self.head(F.dropout(images.flatten(1)))

    views = by_name(Careless())
    assert "without training=self.training" in views["dropout()"].summary


def test_weights_of_functions_are_shown():
    """I8: a network that holds bare parameters is looked into, not taken for one layer."""

    class Bare(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(10, 784))
            self.bias = nn.Parameter(torch.zeros(10))

        def forward(self, images):
            return F.linear(images.flatten(1), self.weight, bias=self.bias)

    views = by_name(Bare())
    assert list(views) == ["flatten()", "linear()"]
    assert torch.equal(views["linear()"].weight, torch.ones(10, 784))
    assert torch.equal(views["linear()"].bias, torch.zeros(10))


def test_weights_are_found_however_they_are_handed_over():
    """I8: weight by name and bias by place; the parameter before the values is not taken for what came in."""

    class Bare(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.ones(2, 784)), nn.Parameter(torch.zeros(2))
            self.temperature = nn.Parameter(torch.tensor([2.0, 3.0]))

        def forward(self, images):
            return self.temperature * F.linear(images.flatten(1), weight=self.weight, bias=self.bias)

    views = by_name(Bare())
    assert torch.equal(views["linear()"].weight, torch.ones(2, 784))
    assert torch.equal(views["mul()"].input, views["linear()"].output)
    torch.testing.assert_close(views["mul()"].output, an_image().sum() * torch.tensor([2.0, 3.0]))


def test_layer_that_puts_the_batch_second_shows_one_image():
    """nn.LSTM without batch_first takes and returns (step, batch, feature)."""

    class StepsFirst(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.head = nn.LSTM(28, 12), nn.Linear(12, 10)

        def forward(self, images):
            steps, _ = self.lstm(images.squeeze(1).transpose(0, 1))
            return self.head(steps[-1])

    view = by_name(StepsFirst())["lstm"]
    assert torch.equal(view.input, an_image()[0])
    assert view.output.shape == (28, 12)


def test_layer_without_a_batch_axis_is_shown_whole():
    class Prior(nn.Module):
        """Returns the same numbers whatever the image, from a layer that is given none."""

        class Numbers(nn.Module):
            def __init__(self):
                super().__init__()
                self.values = nn.Parameter(torch.arange(10.0))

            def forward(self):
                return self.values * 1

        def __init__(self):
            super().__init__()
            self.numbers, self.head = self.Numbers(), nn.Linear(784, 10)

        def forward(self, images):
            return self.head(images.flatten(1)) + self.numbers()

    view = by_name(Prior())["numbers"]
    assert torch.equal(view.output, torch.arange(10.0))
    assert view.input.numel() == 0


def test_dead_units_are_those_that_no_probe_image_wakes():
    """Unit 0 gets -1 - sum of ink, never above 0; unit 1 gets +1; unit 2 the first pixel less a half."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 3), nn.ReLU(), nn.Linear(3, 2))
    with torch.no_grad():
        network[1].weight.zero_()
        network[1].weight[0] = -1
        network[1].weight[2, 0] = 1
        network[1].bias.copy_(torch.tensor([-1.0, 1.0, -0.5]))
    views = view_layers(network, an_image(), probe=some_images(50))
    assert views[2].dead.tolist() == [True, False, False]
    assert views[2].dead_share == pytest.approx(1 / 3)
    assert views[1].dead.tolist() == [True, True, False]  # 1: its output never changes
    assert views[3].dead.tolist() == [False, False]
    assert views[0].dead is None
    assert views[0].dead_share is None


def test_dead_channels_of_a_convolution_are_those_its_relu_silences():
    """I3: pooling between a convolution and its ReLU changes nothing about it."""
    network = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 13 * 13, 4)
    )
    with torch.no_grad():
        network[0].weight.copy_(torch.stack((torch.full((1, 3, 3), -1.0), torch.ones(1, 3, 3))))
        network[0].bias.zero_()
    views = view_layers(network, an_image(), probe=some_images(4))
    assert [None if view.dead is None else view.dead.tolist() for view in views[:3]] == [
        [True, False], None, [True, False],
    ]  # fmt: skip


def test_no_unit_is_called_dead_without_probe_images():
    assert all(view.dead is None for view in view_layers(recipe_network("cnn-lenet"), an_image()))


def test_clipped_class_is_dead_where_relu_ends_the_network():
    """S4 as published: a class whose logit is below 0 for every image."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 2), nn.ReLU())
    with torch.no_grad():
        network[1].weight.copy_(torch.stack((-torch.ones(784), torch.ones(784))))
    views = view_layers(network, an_image(), probe=some_images(4))
    assert views[2].dead.tolist() == views[1].dead.tolist() == [True, False]
    assert views[1].axes == views[2].axes == ("class",)


def test_histogram_covers_the_true_range():
    """I2: the tutorial's fixed range of -3 to 3 hides what lies outside; here -4 and 12 set it."""
    histogram = value_histogram(torch.tensor([-4.0, 0.0, 0.0, 12.0]), num_bins=4)
    assert histogram.counts.tolist() == [1, 2, 0, 1]
    assert histogram.edges.tolist() == [-4, 0, 4, 8, 12]


def test_histogram_of_a_layer_counts_every_value():
    """I2, I3, I4: 20 channels of 24x24."""
    view = view_layers(recipe_network("cnn-lenet"), an_image())[0]
    histogram = view.histogram(num_bins=30)
    assert int(histogram.counts.sum()) == 20 * 24 * 24
    assert histogram.edges[0] == view.output.double().min()
    assert histogram.edges[-1] == view.output.double().max()


def test_histogram_of_equal_values_is_one_bin():
    histogram = value_histogram(torch.full((7,), 2.0))
    assert (histogram.counts.tolist(), histogram.edges.tolist()) == ([7], [1.5, 2.5])


def test_histogram_leaves_out_what_is_not_finite():
    histogram = value_histogram(torch.tensor([1.0, float("nan"), float("inf"), 3.0]), num_bins=2)
    assert histogram.counts.tolist() == [1, 1]


def test_histogram_of_nothing_is_refused():
    with pytest.raises(ShapeError, match="0 finite values in 50 bins"):
        value_histogram(torch.tensor([float("nan")]))


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (torch.zeros(28, 28), r"shape \(1, 28, 28\), got torch.float32 of shape \(28, 28\)"),
        (torch.zeros(1, 28, 28, dtype=torch.uint8), "got torch.uint8 of shape"),
        ([[0.0]], "got list; for a uint8 image pass"),
    ],
)
def test_image_of_another_kind_is_refused(image, message):
    with pytest.raises(ShapeError, match=message):
        view_layers(nn.Linear(784, 10), image)


def test_probe_of_one_image_is_refused():
    with pytest.raises(ShapeError, match=r"N of 2 or more, got \(1, 1, 28, 28\)"):
        view_layers(nn.Linear(784, 10), an_image(), probe=some_images(1))


def test_network_for_other_images_is_refused():
    with pytest.raises(ShapeError, match=r"cannot take images of shape \(2, 1, 28, 28\).*28x28 images"):
        view_layers(nn.Linear(5, 10), an_image())


def test_what_is_no_module_is_refused():
    with pytest.raises(InkwiseError, match=r"a function, expected an nn[.]Module"):
        view_layers(lambda images: images, an_image())


def test_error_in_forward_is_the_networks_own():
    with pytest.raises(LookupError, match="lost on the way"):
        view_layers(Fails(), an_image())
