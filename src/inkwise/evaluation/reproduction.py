"""What a repeated publication came to: each seed, each study, and all with the machine."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class SeedResult(BaseModel):
    """One training of one study."""

    model_config = ConfigDict(frozen=True)

    study: str
    recipe_digest: str  # so that a changed recipe is measured again
    seed: int
    test_accuracy: float
    test_loss: float
    train_accuracy: float  # of the final weights, on all training images
    epoch_losses: list[float]
    num_steps: int
    num_classes_never_predicted: int  # of those that the test part has images of
    weights_digest: str
    seconds: float  # of seeds trained at once, their share
    seeds_at_once: int = 1  # how many were trained by operations over all of them; no bit differs by it
    commit: str | None


class StudyResult(BaseModel):
    """Published beside measured. Accuracies are fractions; std is over seeds, None for one seed."""

    model_config = ConfigDict(frozen=True)

    study: str
    title: str
    recipe: str
    num_seeds: int
    published_test_accuracy: float | None
    published_train_accuracy: float | None
    test_accuracy: float
    test_accuracy_std: float | None
    train_accuracy: float
    published_epoch_losses: list[float] = []
    epoch_losses: list[float] = []  # of training, while the weights changed; over the seeds that came so far
    test_loss: float
    expected: tuple[float, float] | None
    is_as_expected: bool | None
    share_with_lost_classes: float
    seconds_per_seed: float
    seeds_at_once: int = 1  # the most that were trained at once, to the same bits as alone
    weights_digests: list[str]
    commits: list[str]  # of the sources that trained the seeds
    comment: str


class Reproduction(BaseModel):
    """What `inkwise reproduce --json` prints."""

    model_config = ConfigDict(frozen=True)

    environment: dict[str, Any]
    studies: list[StudyResult]
