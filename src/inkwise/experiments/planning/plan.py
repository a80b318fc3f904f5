"""From what an image costs to what 10^9 of them do: hours, where the bottleneck is, bytes, dollars. Pure."""

import math
from dataclasses import dataclass

from inkwise.experiments.planning.work import Cluster, Costs, Exchange, Prices

GIGABYTE = 10**9
HOUR = 3600.0


@dataclass(frozen=True)
class Plan:
    """What a work takes on a cluster; computed.

    Attributes:
        num_images: of the work.
        seconds: from the command to the last answer, failures included.
        limits: how long each part would take if it were alone: processor, network, store, requests, driver,
            listing, and of a training exchange. They overlap, so the longest decides; of a training the
            exchange comes after the arithmetic of each step, and is added to it.
        bottleneck: the longest of the limits.
        core_hours: that are paid, for all cores and the whole time.
        busy_core_hours: that do arithmetic.
        failures: of nodes, expected.
        redone: the share of the arithmetic that is done twice because of them.
        bytes_in, bytes_out, plan_bytes: read, written, and of the list of blocks.
        driver_bytes: of memory, of one driver.
        dollars: by what they are paid for.
    """

    num_images: int
    seconds: float
    limits: dict[str, float]
    bottleneck: str
    core_hours: float
    busy_core_hours: float
    failures: float
    redone: float
    bytes_in: float
    bytes_out: float
    plan_bytes: float
    driver_bytes: float
    dollars: dict[str, float]


def plan_work(
    num_images: int, costs: Costs, cluster: Cluster, *, prices: Prices, exchange: Exchange | None = None
) -> Plan:
    """Return what it takes to do num_images once: to predict them, or with exchange to train on them."""
    limits = limits_of(num_images, costs, cluster, exchange=exchange)
    bottleneck = max(limits, key=lambda name: limits[name])
    undisturbed = costs.start_seconds + _together(limits)
    seconds, failures = _with_failures(undisturbed, costs, cluster, exchange=exchange)
    blocks, files = num_blocks(num_images, costs), math.ceil(num_images / costs.images_a_file)
    bytes_in, bytes_out = num_images * costs.bytes_in, num_images * costs.bytes_out
    core_hours = seconds * cluster.num_cores / HOUR
    asked = _blocks_asked_for(blocks, costs)
    return Plan(
        num_images=num_images, seconds=seconds, limits=limits, bottleneck=bottleneck, core_hours=core_hours,
        busy_core_hours=num_images * costs.core_seconds / HOUR, failures=failures,
        redone=seconds / undisturbed - 1, bytes_in=bytes_in, bytes_out=bytes_out,
        plan_bytes=blocks * costs.plan_bytes,
        driver_bytes=costs.driver_bytes + blocks / cluster.num_drivers * costs.driver_bytes_a_block,
        dollars={
            "cores": core_hours * prices.core_hour,
            "requests": asked / 1000 * prices.thousand_puts
            + (files + asked) / 1000 * prices.thousand_gets,
            "a month of the images": bytes_in / GIGABYTE * prices.gigabyte_month,
            "a month of the answers": bytes_out / GIGABYTE * prices.gigabyte_month,
            "answers taken out": bytes_out / GIGABYTE * prices.gigabyte_out,
        },
    )  # fmt: skip


def num_blocks(num_images: int, costs: Costs) -> int:
    """Return how many blocks so many images make; a block ends where its file does."""
    return math.ceil(num_images / min(costs.images_a_block, costs.images_a_file))


def _blocks_asked_for(blocks: int, costs: Costs) -> int:
    """Return how many blocks are a read and a write of their own; a training reads whole files."""
    return blocks if costs.bytes_out else 0


def limits_of(
    num_images: int, costs: Costs, cluster: Cluster, *, exchange: Exchange | None = None
) -> dict[str, float]:
    """Return the seconds that each part would take if all others took none."""
    blocks, files = num_blocks(num_images, costs), math.ceil(num_images / costs.images_a_file)
    moved = num_images * max(costs.bytes_in, costs.bytes_out)  # a link carries both ways at once
    stored = num_images * (costs.bytes_in + costs.bytes_out)
    limits = {
        "processor": num_images * costs.core_seconds / cluster.num_cores,
        "network": moved / (cluster.node_bytes_a_second * cluster.num_nodes),
        "store": stored / cluster.store_bytes_a_second,
        "requests": (files + 2 * _blocks_asked_for(blocks, costs)) / cluster.store_requests_a_second,
        "driver": blocks * costs.driver_seconds / cluster.num_drivers,
        "listing": files * costs.listing_seconds / cluster.num_drivers,
    }
    if exchange is None:
        return limits
    steps = math.ceil(blocks / cluster.num_cores)
    return limits | {"exchange": steps * exchange.seconds(cluster)}


def _together(limits: dict[str, float]) -> float:
    """Return how long the parts take that overlap; listing goes before, exchange waits for arithmetic."""
    before, exchange = limits["listing"], limits.get("exchange", 0.0)
    others = (seconds for name, seconds in limits.items() if name not in ("processor", "exchange", "listing"))
    return before + max(limits["processor"] + exchange, *others)


def _with_failures(
    seconds: float, costs: Costs, cluster: Cluster, *, exchange: Exchange | None
) -> tuple[float, float]:
    """Return the time with what failures take, and how many are expected.

    A node that dies takes half a block of each of its cores with it, and is not replaced for the moment; of a
    training everybody goes back half the time between checkpoints, and waits for the restart. What is done
    again can fail again: seconds grow by 1 / (1 - share lost).

    Raises:
        ValueError: more is lost than is done, so that the work never ends.
    """
    a_second = cluster.failures_a_node_hour / HOUR * cluster.num_nodes
    if exchange is None:
        # Half a block on one node of all is so much of a second of the whole cluster.
        lost = costs.images_a_block * costs.core_seconds / 2 / cluster.num_nodes
    else:
        lost = exchange.checkpoint_seconds / 2 + exchange.restart_seconds
    share = a_second * lost
    if share >= 1:
        raise ValueError(
            f"a failure every {1 / a_second:.0f} s takes {lost:.0f} s back; "
            "take fewer nodes, or save more often"
        )
    whole = seconds / (1 - share)
    return whole, whole * a_second
