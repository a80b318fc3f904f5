"""The arithmetic of single values: it adds up to what the layer put out, and says so in one line."""

import numpy as np
import pytest
from playwright.sync_api import Page
from tests.page.exchange import Exchange
from tests.page.layers.random_cases import random_conv2d, random_pooling
from tests.page.layers.single_layers import Case, explain_layers, normal

PLAIN = ("relu", "softmax", "log_softmax", "flatten")


def _cases() -> list[Case]:
    rng = np.random.default_rng(21)
    cases = [random_conv2d(rng) for _ in range(60)]
    cases += [random_pooling(rng, kind) for kind in ("max_pool2d", "avg_pool2d") for _ in range(30)]
    cases.append(Case({"kind": "global_avg_pool2d", "name": "0"}, normal(rng, 3, 4, 5)))
    cases += [
        Case({"kind": kind, "name": "0"}, size * normal(rng, 12)) for kind in PLAIN for size in (1, 800)
    ]
    cases.append(Case({"kind": "relu", "name": "0"}, normal(rng, 2, 3, 4)))
    weights = {"weight": normal(rng, 7, 40), "bias": normal(rng, 7)}
    cases.append(Case({"kind": "linear", "name": "0"}, normal(rng, 40), weights))
    for shape in ((6, 4, 3), (6,)):
        statistics = {key: normal(rng, 6) for key in ("weight", "bias", "mean")}
        statistics["variance"] = rng.uniform(0.1, 2, 6).astype(np.float32)
        cases.append(
            Case({"kind": "batch_norm", "name": "0", "epsilon": 1e-3}, normal(rng, *shape), statistics)
        )
    return cases


def test_every_kind_of_layer_adds_up_to_what_it_put_out(js: Page, exchange: Exchange) -> None:
    cases = _cases()
    assert len({case.fields["kind"] for case in cases}) == 10
    for case, explained in zip(cases, explain_layers(js, exchange, cases), strict=True):
        assert explained
        for unit in explained:
            assert unit["value"] == pytest.approx(unit["recorded"], abs=1e-4), case.fields
            assert unit["formula"].endswith(_decimal(unit["value"])), unit


def _decimal(value: float) -> str:
    return "" if value != 0 and (abs(value) < 0.0005 or abs(value) >= 1e6) else f"{value:.3f}"[-4:]


def _formula(js: Page, exchange: Exchange, case: Case, unit: int) -> str:
    (explained,) = explain_layers(js, exchange, [case], num_units=10_000)
    return str(explained[unit]["formula"])


def _row(*values: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return np.array(values, np.float32)


def test_sum_names_the_largest_products_first(js: Page, exchange: Exchange) -> None:
    weights = {"weight": _row(1, -2, 0.5, 0, 3)[None], "bias": _row(0.25)}
    case = Case({"kind": "linear", "name": "0"}, _row(1, 2, 3, 4, -5), weights)
    expected = "(-5.000) x 3.000 + 2.000 x (-2.000) + 3.000 x 0.500 + 2 others: 1.000 + bias 0.250 = -16.250"
    assert _formula(js, exchange, case, 0) == expected


def test_other_layers_write_their_formula_with_numbers(js: Page, exchange: Exchange) -> None:
    maps = _row(1, -2, 3, 4).reshape(1, 2, 2)
    pool = {"name": "0", "kernel": [2, 2], "stride": [2, 2], "padding": [0, 0]}
    statistics = {"mean": _row(1), "variance": _row(3), "weight": _row(0.5), "bias": _row(-1)}
    norm = {"kind": "batch_norm", "name": "0", "epsilon": 1.0}
    written = {
        "max(0, -2.000) = 0.000": (Case({"kind": "relu", "name": "0"}, maps), 1),
        "largest of 1.000, -2.000, 3.000, 4.000 = 4.000": (Case({**pool, "kind": "max_pool2d"}, maps), 0),
        "(1.000 + (-2.000) + 3.000 + 4.000) / 4 = 1.500": (Case({**pool, "kind": "avg_pool2d"}, maps), 0),
        "(3.000 - 1.000) / 2.000 x 0.500 + (-1.000) = -0.500": (Case(norm, maps, statistics), 2),
        "value 3 = 4.000": (Case({"kind": "flatten", "name": "0"}, maps), 3),
        "exp(0.000) / the sum of exp of all = 1.000 / 4.000 = 0.250": (
            Case({"kind": "softmax", "name": "0"}, np.log(_row(1, 2, 1))),
            0,
        ),
        "0.693 - log(4.000) = -0.693": (Case({"kind": "log_softmax", "name": "0"}, np.log(_row(1, 2, 1))), 1),
        "exp(0.000 - 1000.000) = 0.000": (Case({"kind": "softmax", "name": "0"}, _row(0, 1000)), 0),
    }
    assert [_formula(js, exchange, *given) for given in written.values()] == list(written)
