"""What is told of an export."""

from inkwise.exporting.export import Export
from inkwise.exporting.int8 import Quantised
from inkwise.exporting.opened import ExportedClassifier
from inkwise.exporting.prove import Difference, Speed
from inkwise.exporting.words import tell_export

PROOF = ExportedClassifier(
    title="my-run", num_parameters=215_194, precision="float32", proved_on="1,000 validation images of mnist",
    difference=Difference(num_images=1000, num_other_classes=0, greatest_difference=4.2e-7),
)  # fmt: skip


def test_file_proof_and_speeds_are_told() -> None:
    speeds = [
        Speed(runtime="ONNX Runtime", one_image_seconds=53.4e-6, images_per_second=18184),
        Speed(runtime="PyTorch", one_image_seconds=257e-6, images_per_second=998),
    ]
    made = Export(path="a.onnx", to="onnx", size_bytes=862_555, classifiers=[PROOF], speeds=speeds)
    assert list(tell_export(made)) == [
        "a.onnx: 862,555 bytes",
        "  my-run, 215,194 parameters; as in PyTorch on 1,000 validation images of mnist: "
        "the same class for every one, probabilities within 4e-07",
        "  ONNX Runtime: 53 µs for one image, 18,200 images/s in batches of 250, on one thread",
        "  PyTorch: 257 µs for one image, 998 images/s in batches of 250, on one thread",
    ]


def test_what_eight_bits_cost_is_told() -> None:
    moved = Difference(num_images=1000, num_other_classes=2, greatest_difference=0.0612)
    made = Export(
        path="a.onnx", to="onnx", size_bytes=1, speeds=[],
        classifiers=[PROOF.model_copy(update={"precision": "int8", "difference": moved})],
        int8=Quantised(num_images=5001, accuracy=0.9944, accuracy_before=0.9946),
    )  # fmt: skip
    assert list(tell_export(made))[1:] == [
        "  my-run, 215,194 parameters, in eight bits; as in PyTorch on 1,000 validation images of mnist: "
        "another class for 2, probabilities within 0.06",
        "  accuracy on 5,001 validation images: 99.46 % before, 99.44 % in eight bits",
    ]
