"""The networks: parameter counts, forms that agree, and errors."""

import pytest
import torch

from inkwise.errors import RecipeError
from inkwise.networks.build import ARCHITECTURES, build_first_network, build_network, num_parameters

# Counts of the tutorials; the arithmetic is layer by layer inputs * outputs + outputs.
COUNTS = {
    "mlp-sequential": 109_386,  # M1: 784*128+128 + 128*64+64 + 64*10+10
    "mlp-class": 109_386,  # M2
    "mlp-logsoftmax": 130_058,  # M3
    "mlp-wide": 1_033_500,  # M4: 784*784+784 + 784*500+500 + 500*50+50 + 50*10+10
    "cnn-keras": 1_676_266,  # M5
    "cnn-lenet": 431_080,  # M6: 25*20+20 + 20*25*50+50 + 800*500+500 + 500*10+10
    "cnn-best": 630_122,
    "cnn-cosine": 61_274,  # 400 of them are not learned
    "cnn-quick": 215_194,
    "cnn-reader": 436_138,
    "cnn-standard": 109_786,
    "cnn-tiny": 1_451,
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_parameter_count_equals_the_source(name):
    """M1-M6 and M7: the count that a model summary prints."""
    assert num_parameters(build_network(name)) == COUNTS[name]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_outputs_have_one_column_a_class(name):
    outputs = build_network(name, num_classes=47)(torch.zeros(3, 1, 28, 28))
    assert outputs.shape == (3, 47)


def test_sequential_and_class_form_agree_from_equal_weights():
    """M2, S1-6: "both ways lead to the same result" holds bit for bit, given equal weights."""
    one, other = build_network("mlp-sequential"), build_network("mlp-class")
    other.load_state_dict(dict(zip(other.state_dict(), one.state_dict().values(), strict=True)))
    images = torch.randn(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert torch.equal(one(images), other(images))


def test_log_softmax_rows_are_distributions():
    """M3, M6, M8: exp of the outputs sums to 1."""
    for name in ("mlp-logsoftmax", "cnn-lenet"):
        outputs = build_network(name)(torch.randn(4, 1, 28, 28))
        torch.testing.assert_close(outputs.exp().sum(1), torch.ones(4))


def test_relu_output_never_gives_a_negative_logit():
    """S4-1: as published, half of what a fresh network says is cut to 0."""
    images = torch.rand(64, 1, 28, 28)
    published = build_network("mlp-wide", relu_output=True)(images)
    assert published.min() == 0
    assert build_network("mlp-wide")(images).min() < 0


def test_dropout_acts_only_in_training_mode():
    """T5, S2-TF-1: with dropout two passes differ in training mode and agree in evaluation mode."""
    network = build_network("cnn-keras", dropout=0.5)
    images = torch.rand(2, 1, 28, 28)
    assert not torch.equal(network.train()(images), network(images))
    assert torch.equal(network.eval()(images), network(images))


def test_keras_network_begins_as_keras_does():
    """Glorot uniform: |w| <= sqrt(6 / (fan_in + fan_out)) = sqrt(6 / (9 + 288)); biases 0."""
    first = build_network("cnn-keras")[0]
    bound = (6 / (9 + 288)) ** 0.5
    assert first.weight.abs().max() <= bound
    assert first.weight.abs().max() > 0.9 * bound
    assert not first.bias.any()


def test_unknown_network_names_the_nearest():
    with pytest.raises(RecipeError, match=r"unknown network 'cnn-lanet'; did you mean 'cnn-lenet'\?"):
        build_network("cnn-lanet")


def test_unknown_option_names_the_known_ones():
    with pytest.raises(RecipeError, match=r"network mlp-wide: unknown option 'relu'.*Known: relu_output"):
        build_network("mlp-wide", relu=True)


@pytest.mark.parametrize("value", [2.0, -0.5, "half"])
def test_option_that_does_not_fit_is_refused_with_its_value(value):
    match = rf"network cnn-keras: dropout = {value!r} does not fit: .*; correct the option"
    with pytest.raises(RecipeError, match=match):
        build_network("cnn-keras", dropout=value)


def test_first_network_is_a_tutorials_and_leaves_the_random_state():
    """torch.manual_seed(seed), then the network: the same bits, and nobody's random numbers moved."""
    before = torch.get_rng_state()
    first = build_first_network("cnn-lenet", seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        tutorial = build_network("cnn-lenet")
    assert all(map(torch.equal, first.parameters(), tutorial.parameters()))


def test_cosine_filters_are_orthonormal_and_stay_as_they_are():
    filters = 2 * build_network("cnn-cosine", width=50)[0].weight[:25].flatten(1)
    torch.testing.assert_close(filters @ filters.T, torch.eye(25))
    network = build_network("cnn-cosine")
    assert torch.equal(2 * network[0].weight[:8].flatten(1), filters[:8])
    assert not network[0].weight.requires_grad
    torch.testing.assert_close(network[0].weight[:8], -network[0].weight[8:])
    with pytest.raises(RecipeError, match="width must be an even number from 2 to 50"):
        build_network("cnn-cosine", width=7)
