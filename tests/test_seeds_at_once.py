"""The table of dev/seeds_at_once.py: factors are what one by one takes over what the other way takes."""

import pytest
from dev.seeds_at_once import WAYS, Workers, to_markdown


def test_table_says_factors_and_what_is_used() -> None:
    """3 s against 2 s are 1.5, 4 CPU s against 5 are 0.8, 3 s against 1.2 s are 2.5."""
    row = {
        "recipe": "tiny", "num_seeds": 5, "is_equal": False,
        "seconds": {"one by one": 3.0, "at once": 2.0, "in processes": 1.2},
        "cpu_seconds": {"one by one": 4.0, "at once": 5.0, "in processes": 4.0},
    }  # fmt: skip
    environment = {
        "processor": "P", "num_cores": 2, "torch": "2", "commit": None, "started": "2026-11-21T00:00:00",
    }  # fmt: skip
    page = to_markdown(
        {
            "rows": [row, {**row, "recipe": "mlp-sequential", "is_equal": True}],
            "num_images": 6000, "repetitions": 3, "load_average": 0.1, "environment": environment,
        }
    )  # fmt: skip
    first, second = [line for line in page.splitlines() if line.startswith("| `")]
    assert first == "| `tiny` | 5 | 3.00 | 2.00 | 1.50 | 0.80 | 1.20 | 2.50 | within rounding | no |"
    assert second.endswith("| to the last bit | yes |")
    assert "commit unknown; 2026-11-21" in page


@pytest.mark.slow
def test_every_way_is_timed(mnist_folder: object) -> None:
    with Workers() as workers:
        for way in WAYS:
            wall, cpu = workers.seconds_of("mlp-sequential", 2, way=way, num_images=300)
            assert wall > 0
            assert cpu > 0
