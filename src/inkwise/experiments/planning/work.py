"""What is known of a work and of where it is done: measured on a small machine, or given."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """What one image, one block and one file cost; measured, in seconds and bytes.

    A block is what is handed out, written and done again as a whole: of predicting one file of answers, of
    training one step of one worker.

    Attributes:
        core_seconds: of one core, for an image.
        start_seconds: from the command to the first block, once.
        driver_seconds: of the one process that hands out the blocks, for a block; blocks pass one by one.
        images_a_block: how many.
        bytes_in, bytes_out: read and written for an image.
        images_a_file: of what is read.
        listing_seconds: to find a file and what is in it, before the first block.
        plan_bytes: of the list of blocks, for a block.
        driver_bytes: of memory, of the driver at its start.
        driver_bytes_a_block: of its memory, for each block of the work.
        worker_bytes: of memory, of a worker.
    """

    core_seconds: float
    start_seconds: float
    driver_seconds: float
    images_a_block: int
    bytes_in: float
    bytes_out: float
    images_a_file: int
    listing_seconds: float = 0.0
    plan_bytes: float = 0.0
    driver_bytes: float = 0.0
    driver_bytes_a_block: float = 0.0
    worker_bytes: float = 0.0


@dataclass(frozen=True)
class Exchange:
    """What workers of one training tell each other after every step.

    Attributes:
        num_parameters: of the network; each is 4 bytes.
        step_seconds: that a step waits beside the sending itself.
        checkpoint_seconds: between two; half of it is done again by everybody when one node dies.
        restart_seconds: until all train again.
    """

    num_parameters: int
    step_seconds: float
    checkpoint_seconds: float
    restart_seconds: float

    def seconds(self, cluster: "Cluster") -> float:
        """Return how long the workers of a cluster take to average the gradients of a step.

        A ring sends and takes 2 (w - 1) / w of all gradients over each node's link, w workers in all.
        """
        workers = cluster.num_cores
        sent = 2 * (workers - 1) / workers * 4 * self.num_parameters
        return 0.0 if workers == 1 else self.step_seconds + sent / cluster.node_bytes_a_second


@dataclass(frozen=True)
class Cluster:
    """Where the work is done; given.

    Attributes:
        num_nodes, cores_a_node: each core is a worker.
        node_bytes_a_second: in and out of a node, each.
        store_bytes_a_second: that the storage gives to all nodes together.
        store_requests_a_second: likewise.
        failures_a_node_hour: of whole nodes.
        num_drivers: parts that the work is cut into, each with a driver of its own.
    """

    num_nodes: int
    cores_a_node: int
    node_bytes_a_second: float
    store_bytes_a_second: float
    store_requests_a_second: float
    failures_a_node_hour: float
    num_drivers: int = 1

    @property
    def num_cores(self) -> int:
        """Of all nodes."""
        return self.num_nodes * self.cores_a_node


@dataclass(frozen=True)
class Prices:
    """What is paid, in dollars; given.

    Attributes:
        core_hour: of a core with its memory, whether it works or waits.
        gigabyte_month: of 10^9 bytes in the store.
        thousand_puts, thousand_gets: requests to the store.
        gigabyte_out: of 10^9 bytes that leave the cloud.
    """

    core_hour: float
    gigabyte_month: float
    thousand_puts: float
    thousand_gets: float
    gigabyte_out: float
