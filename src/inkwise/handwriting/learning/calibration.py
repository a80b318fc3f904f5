"""The reader's confidence made to mean what it says: a temperature, and the probability worth accepting.

Measured on validation images, written and photographed ones among them, which no training has seen.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from inkwise.classifier import Classifier
from inkwise.data.dataset import Split
from inkwise.errors import HandwritingError
from inkwise.evaluation.calibration import fit_temperature, fold_temperature, reject_curve
from inkwise.handwriting.learning.written import written_images
from inkwise.metrics import expected_calibration_error

# Among the digits that are accepted. Most of the errors left there are written images that anybody would read
# as the reader did; on real handwriting there are fewer.
MAX_ERROR = 0.002
MAX_OUTLIERS = 0.01  # share of what is no digit that may be accepted all the same
OUTLIERS = 0.125  # share of the written images that is no digit
_STEP = 1e4  # accept_probability is rounded up to four decimals


@dataclass(frozen=True)
class Calibration:
    """What calibrating found on validation images; fractions in [0, 1].

    Attributes:
        temperature: what the logits were divided by.
        accept_probability: the least probability of an answer worth accepting.
        num_digits, num_outliers: images it was measured on.
        accuracy: of all digits.
        expected_calibration_error_before, expected_calibration_error: of all digits, 15 bins.
        accepted: share of the digits that are accepted.
        accepted_outliers: share of what is no digit that is accepted all the same.
        accepted_error: error among the digits that are accepted.
    """

    temperature: float
    accept_probability: float
    num_digits: int
    num_outliers: int
    accuracy: float
    expected_calibration_error_before: float
    expected_calibration_error: float
    accepted: float
    accepted_outliers: float
    accepted_error: float

    def metrics(self) -> dict[str, float]:
        """Return it as entries of a classifier file's metrics."""
        return {name: float(value) for name, value in asdict(self).items() if name != "accuracy"}


def make_calibration_images(validation: Split, *, count: int, seed: int, workers: int = 1) -> Split:
    """Return the validation digits as they are, and count more that were written and photographed.

    Args:
        validation: MNIST digits that no training has seen.
        count: how many to write, OUTLIERS of them no digit (label -1).
        seed: apart from the training's.
        workers: processes.
    """
    written = written_images(validation, count=count, seed=seed, outliers=OUTLIERS, workers=workers)
    images = np.concatenate([validation.images, written.images])
    return Split(images, np.concatenate([validation.labels, written.labels]))


def calibrate(classifier: Classifier, validation: Split) -> tuple[Classifier, Calibration]:
    """Return the classifier with calibrated probabilities, and what was found; the given one is left alone.

    Args:
        classifier: of ten digits, its last linear layer right before its softmax.
        validation: images that the training did not see; a label of -1 is no digit.
    Raises:
        HandwritingError: no probability is high enough to be right so often, or the network does not end so.
    """
    log_probabilities, labels = _answers(classifier, validation)
    is_digit = labels >= 0
    temperature = fit_temperature(log_probabilities[is_digit], labels[is_digit])
    calibrated = fold_temperature(classifier, temperature)
    probabilities = _answers(calibrated, validation)[0].exp()
    _check_folded(log_probabilities, probabilities, temperature)
    threshold = choose_accept_probability(probabilities, labels)
    confidence, predicted = probabilities.max(dim=1)
    is_accepted, is_wrong = confidence >= threshold, predicted != labels
    found = Calibration(
        temperature=temperature,
        accept_probability=threshold,
        num_digits=int(is_digit.sum()),
        num_outliers=int((~is_digit).sum()),
        accuracy=_share(~is_wrong[is_digit]),
        expected_calibration_error_before=_error(log_probabilities.exp(), labels),
        expected_calibration_error=_error(probabilities, labels),
        accepted=_share(is_accepted[is_digit]),
        accepted_outliers=_share(is_accepted[~is_digit]),
        accepted_error=_share(is_wrong[is_accepted & is_digit]),
    )
    header = calibrated.header.model_copy(
        update={"metrics": {**classifier.header.metrics, **found.metrics()}}
    )
    return Classifier(calibrated.network, header, calibrated.device), found


def choose_accept_probability(
    probabilities: Tensor,
    labels: Tensor,
    *,
    max_error: float = MAX_ERROR,
    max_outliers: float = MAX_OUTLIERS,
) -> float:
    """Return the least probability worth accepting, to four decimals.

    From it on at most max_error of the digits are wrong, and at most max_outliers of what is no digit pass.

    Args:
        probabilities: (N, 10) float.
        labels: (N,) int64, -1 for what is no digit.
    Raises:
        HandwritingError: even the surest answers are wrong more often.
    """
    is_digit = labels >= 0
    point = reject_curve(probabilities[is_digit], labels[is_digit]).widest_point(max_error=max_error)
    if point is None:
        raise HandwritingError(
            f"even the surest answers are wrong more often than {max_error:.2%}; train the reader for longer"
        )
    outliers = probabilities[~is_digit].amax(dim=1).sort(descending=True).values
    num_passing = int(max_outliers * len(outliers))
    # Just above the surest outlier that may not pass.
    least = float(outliers[num_passing]) + 1 / _STEP if num_passing < len(outliers) else 0.0
    return math.ceil(max(point.threshold, min(least, 1.0)) * _STEP) / _STEP


def _answers(classifier: Classifier, split: Split) -> tuple[Tensor, Tensor]:
    return classifier.log_probabilities(split.images).double(), torch.from_numpy(split.labels)


def _check_folded(log_probabilities: Tensor, probabilities: Tensor, temperature: float) -> None:
    expected = torch.softmax(log_probabilities / temperature, dim=1)
    difference = float((expected - probabilities).abs().max())
    if difference > 1e-3:
        raise HandwritingError(
            f"dividing the last linear layer changed probabilities by up to {difference:.3g} more than it "
            "should; expected a network that ends in a linear layer and its softmax"
        )


def _share(flags: Tensor) -> float:
    return float(flags.double().mean()) if len(flags) else 0.0


def _error(probabilities: Tensor, labels: Tensor) -> float:
    is_digit = labels >= 0
    return expected_calibration_error(probabilities[is_digit], labels[is_digit])
