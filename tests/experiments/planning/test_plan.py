"""What a work takes on a cluster, worked out by hand."""

from dataclasses import replace

import pytest

from inkwise.experiments.planning.plan import limits_of, num_blocks, plan_work
from inkwise.experiments.planning.work import Cluster, Costs, Exchange, Prices

COSTS = Costs(
    core_seconds=0.001, start_seconds=10.0, driver_seconds=0.01, images_a_block=1000, bytes_in=800.0,
    bytes_out=50.0, images_a_file=10_000, listing_seconds=0.002, plan_bytes=60.0, driver_bytes=1e8,
    driver_bytes_a_block=100.0,
)  # fmt: skip
CLUSTER = Cluster(
    num_nodes=10, cores_a_node=10, node_bytes_a_second=1e9, store_bytes_a_second=5e9,
    store_requests_a_second=1000.0, failures_a_node_hour=0.0,
)  # fmt: skip
PRICES = Prices(
    core_hour=0.04, gigabyte_month=0.02, thousand_puts=0.005, thousand_gets=0.0004, gigabyte_out=0.1
)
EXCHANGE = Exchange(num_parameters=250_000, step_seconds=0.001, checkpoint_seconds=20.0, restart_seconds=50.0)


def test_each_limit_is_as_if_it_were_alone() -> None:
    """10^6 images: 1000 blocks, 100 files, 100 cores.

    processor 10^6 x 0.001 / 100 = 10 s; network 8 x 10^8 / (10 x 10^9) = 0.08 s; store 8.5 x 10^8 / 5 x 10^9
    = 0.17 s; requests (100 + 2 x 1000) / 1000 = 2.1 s; driver 1000 x 0.01 = 10 s; listing 100 x 0.002 s.
    """
    limits = limits_of(1_000_000, COSTS, CLUSTER)
    expected = {
        "processor": 10.0, "network": 0.08, "store": 0.17, "requests": 2.1, "driver": 10.0, "listing": 0.2
    }  # fmt: skip
    assert limits == pytest.approx(expected)


def test_longest_limit_decides_beside_start_and_listing() -> None:
    """10 s of start, 0.2 of listing, 10 of arithmetic: 20.2 s on 100 cores are 0.5611 core-hours."""
    plan = plan_work(1_000_000, COSTS, CLUSTER, prices=PRICES)
    assert plan.seconds == pytest.approx(20.2)
    assert plan.core_hours == pytest.approx(20.2 * 100 / 3600)
    assert plan.busy_core_hours == pytest.approx(1000 / 3600)
    assert (plan.failures, plan.redone) == (0.0, 0.0)


def test_bottleneck_moves_from_processor_to_driver() -> None:
    many = replace(CLUSTER, num_nodes=1000)
    assert plan_work(10**9, COSTS, replace(CLUSTER, num_nodes=1), prices=PRICES).bottleneck == "processor"
    assert plan_work(10**9, COSTS, many, prices=PRICES).bottleneck == "driver"
    # Ten thousand drivers leave the store's requests, which are no less for that.
    assert plan_work(10**9, COSTS, replace(many, num_drivers=10_000), prices=PRICES).bottleneck == "requests"


def test_dollars_and_bytes_are_those_of_the_prices() -> None:
    """10^9 images: 800 GB in, 50 GB out; 10^6 blocks written and read, 10^5 files read."""
    plan = plan_work(10**9, COSTS, CLUSTER, prices=PRICES)
    assert (plan.bytes_in, plan.bytes_out, plan.plan_bytes) == (8e11, 5e10, 6e7)
    assert plan.driver_bytes == 1e8 + 1e8
    assert plan.dollars["a month of the images"] == pytest.approx(16.0)
    assert plan.dollars["a month of the answers"] == pytest.approx(1.0)
    assert plan.dollars["answers taken out"] == pytest.approx(5.0)
    assert plan.dollars["requests"] == pytest.approx(1000 * 0.005 + 1100 * 0.0004)
    assert plan.dollars["cores"] == pytest.approx(plan.core_hours * 0.04)


def test_failures_take_half_a_block_of_each_core_back() -> None:
    """36 failures a node and hour are 0.1 a second on 10 nodes; each takes 0.5 s of one node's 10 cores,
    0.05 s of the cluster: 0.5 % of the time is lost, so 20.2 s become 20.2 / 0.995."""
    plan = plan_work(1_000_000, COSTS, replace(CLUSTER, failures_a_node_hour=36.0), prices=PRICES)
    assert plan.seconds == pytest.approx(20.2 / 0.995)
    assert plan.failures == pytest.approx(20.2 / 0.995 * 0.1)
    assert plan.redone == pytest.approx(1 / 0.995 - 1)


def test_training_adds_the_exchange_to_every_step() -> None:
    """1000 blocks on 100 cores are 10 steps; each sends 2 x 99/100 x 4 x 250,000 bytes at 10^9 a second
    (1.98 ms) and waits 1 ms: 29.8 ms in all, added to 10 s of arithmetic."""
    plan = plan_work(1_000_000, replace(COSTS, driver_seconds=0.0, bytes_out=0.0), CLUSTER, prices=PRICES,
                     exchange=EXCHANGE)  # fmt: skip
    assert plan.limits["exchange"] == pytest.approx(0.0298)
    assert plan.seconds == pytest.approx(10 + 0.2 + 10 + 0.0298)


def test_one_worker_exchanges_nothing() -> None:
    assert EXCHANGE.seconds(replace(CLUSTER, num_nodes=1, cores_a_node=1)) == 0.0


def test_training_that_never_ends_is_refused() -> None:
    """A failure a second, and 60 s to come back from each."""
    unlucky = replace(CLUSTER, failures_a_node_hour=360.0)
    with pytest.raises(ValueError, match=r"a failure every 1 s takes 60 s back; take fewer nodes"):
        plan_work(1_000_000, COSTS, unlucky, prices=PRICES, exchange=EXCHANGE)


def test_blocks_end_with_their_files() -> None:
    assert num_blocks(25_000, replace(COSTS, images_a_file=500)) == 50
    assert num_blocks(25_001, COSTS) == 26
