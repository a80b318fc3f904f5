"""What was exported, in lines for people."""

from collections.abc import Iterator

from inkwise.exporting.export import Export
from inkwise.exporting.opened import ExportedClassifier
from inkwise.exporting.prove import Speed

_PRECISIONS = {
    "float32": "",
    "float16": ", in half precision",
    "int8": ", in eight bits",
}


def tell_export(export: Export) -> Iterator[str]:
    """Yield the lines: the file, how each classifier in it was proved, what eight bits cost, the speeds."""
    yield f"{export.path}: {export.size_bytes:,} bytes"
    for classifier in export.classifiers:
        yield f"  {say_proof(classifier)}"
    if export.int8 is not None:
        found = export.int8
        before, after = f"{100 * found.accuracy_before:.2f} %", f"{100 * found.accuracy:.2f} %"
        yield f"  accuracy on {found.num_images:,} validation images: {before} before, {after} in eight bits"
    for speed in export.speeds:
        yield f"  {say_speed(speed)}"


def say_proof(classifier: ExportedClassifier) -> str:
    """Return what a classifier in a file has in common with the one in PyTorch."""
    found = classifier.difference
    same = (
        "the same class for every one"
        if not found.num_other_classes
        else f"another class for {found.num_other_classes:,}"
    )
    return (
        f"{classifier.title}, {classifier.num_parameters:,} parameters{_PRECISIONS[classifier.precision]}; "
        f"as in PyTorch on {classifier.proved_on}: {same}, probabilities within "
        f"{found.greatest_difference:.1g}"
    )


def say_speed(speed: Speed) -> str:
    """Return how fast a runtime answers.

    >>> say_speed(Speed(runtime="PyTorch", one_image_seconds=210e-6, images_per_second=25123))
    'PyTorch: 210 µs for one image, 25,100 images/s in batches of 250, on one thread'
    """
    per_second = float(f"{speed.images_per_second:.3g}")
    return (
        f"{speed.runtime}: {1e6 * speed.one_image_seconds:.0f} µs for one image, {per_second:,.0f} images/s "
        f"in batches of 250, on one thread"
    )
