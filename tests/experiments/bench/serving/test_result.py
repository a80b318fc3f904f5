import pytest

from inkwise.experiments.bench.serving.result import (
    RowResult,
    ServingBench,
    SideResult,
    Unit,
    Wanted,
    compare,
    print_serving,
)


def row(unit: Unit, usual: list[float], inkwise: list[float], wanted: Wanted = Wanted()) -> RowResult:  # noqa: B008
    sides = SideResult.of(usual), SideResult.of(inkwise, client_share=[0.25] * len(inkwise))
    return compare(("name", "the title", unit), *sides, wanted=wanted, is_judged=True)


def bench(*rows: RowResult) -> ServingBench:
    return ServingBench(
        rows=list(rows),
        classifier={"network": "cnn-standard", "num_parameters": 110_240, "is_trained": False},
        seconds_a_row=4.0,
        repetitions=3,
        is_reduced=False,
        load_average=0.1,
        environment={"processor": "A Processor", "num_cores": 2, "inkwise": "0.1.0", "commit": None},
    )


def test_rates_are_better_the_larger_they_are() -> None:
    """Medians 100 and 300; pairs 300/100, 200/50, 330/110."""
    result = row("requests/s", [100, 50, 110], [300, 200, 330])
    assert (result.usual.value, result.inkwise.value, result.ratio) == (100, 300, 3)
    assert (result.ratio_min, result.ratio_max) == (3, 4)


def test_times_are_better_the_smaller_they_are() -> None:
    result = row("ms", [10, 20], [5, 2])
    assert result.ratio == pytest.approx(15 / 3.5)
    assert (result.ratio_min, result.ratio_max) == (2, 10)


@pytest.mark.parametrize(
    ("unit", "own", "wanted", "is_reached"),
    [
        ("requests/s", 200.0, Wanted(ratio=2.0), True),
        ("requests/s", 199.0, Wanted(ratio=2.0), False),
        ("images/s", 15_000.0, Wanted(value=15_000.0), True),
        ("images/s", 14_999.0, Wanted(value=15_000.0), False),
        ("us", 59.9, Wanted(value=60.0), True),
        ("us", 60.0, Wanted(value=60.0), False),
        ("requests/s", 200.0, Wanted(), None),
    ],
)
def test_row_is_judged_by_what_is_wanted(
    unit: Unit, own: float, wanted: Wanted, is_reached: bool | None
) -> None:
    assert row(unit, [100.0], [own], wanted).is_reached is is_reached


def test_row_of_a_reduced_size_is_not_judged() -> None:
    side = SideResult.of([1.0])
    result = compare(("a", "b", "s"), side, side, wanted=Wanted(value=2.0), is_judged=False)
    assert result.is_reached is None


def test_table_says_what_is_missed() -> None:
    result = bench(
        row("requests/s", [1000.0], [2345.6], Wanted(ratio=2.0)),
        row("ms", [400.0, 400.0], [30.04, 20.0], Wanted(value=25.0)),
        row("images/s", [1000.0], [12_345.0]),
    )
    assert result.to_rows() == [
        ("the title", "1,000/s", "2,346/s", "2.3", "2x"),
        ("the title", "400.0 ms", "25.0 ms", "16 (13 to 20)", "< 25 ms NO"),
        ("the title", "1,000/s", "12,345/s", "12", ""),
    ]


def test_page_has_the_table_what_it_means_and_the_machine() -> None:
    page = bench(row("s", [4.0], [1.5], Wanted(value=2.0))).to_markdown()
    assert "| the title | 4.00 s | 1.50 s | 2.7 | < 2 s |" in page
    assert "cnn-standard (110,240 parameters, untrained: speed does not depend on it)" in page
    assert "The client took at most 25% of a processor." in page
    assert "- processor: A Processor" in page


def test_table_is_printed_with_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    print_serving(bench(row("s", [4.0], [1.5])))
    printed = " ".join(capsys.readouterr().out.split())
    assert "the title 4.00 s 1.50 s" in printed
    assert "A Processor, 2 cores, inkwise 0.1.0 (commit unknown)" in printed
