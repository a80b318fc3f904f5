"""The Recipe: every choice that a training makes, frozen and validated.

A run folder holds the recipe it was trained by, seed and data included, so that
`inkwise train RUN/recipe.toml` repeats it.
"""

from typing import Annotated, Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inkwise.augmentation.augmentation import Augmentation
from inkwise.errors import RecipeError, unknown_name
from inkwise.networks.layers import OutputConvention

LossName = Literal["cross-entropy", "nll", "categorical-cross-entropy"]

# The loss that each output convention needs; any other pair is the classic silent mistake.
LOSS_OF_OUTPUT: dict[OutputConvention, LossName] = {
    "logits": "cross-entropy",
    "log_probabilities": "nll",
    "probabilities": "categorical-cross-entropy",
}


class Section(BaseModel):
    """One table of a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Published(Section):
    """What the source states. Accuracies are fractions of the MNIST test part."""

    test_accuracy: float | None = Field(default=None, ge=0, le=1)
    train_accuracy: float | None = Field(default=None, ge=0, le=1)
    epochs: int | None = Field(default=None, ge=1)
    epoch_losses: list[float] = []  # means over the training of each epoch
    note: str | None = None


class Expected(Section):
    """What to expect here, on MNIST: the mean over seeds lies within tolerance of test_accuracy."""

    test_accuracy: float = Field(ge=0, le=1)
    tolerance: float = Field(gt=0, le=1)


class DataSection(Section):
    """Which images."""

    dataset: str = "mnist"
    validation_fraction: float = Field(default=1 / 12, ge=0, lt=1)  # 5,000 of MNIST's 60,000
    # Further training images, as a pen on paper and a camera would have made them; for the ten digits only.
    written_images: int = Field(default=0, ge=0)
    outliers: float = Field(default=0.0, ge=0, lt=1)  # share of them that are no digit
    drawn: float = Field(default=0.5, ge=0, le=1)  # share of their digits that are drawn from strokes
    # A safetensors file of images (N, 28, 28) uint8 and labels (N,) int64, or "corrections": those of
    # `inkwise read --correct`. They are repeated until they are own_share of all training images.
    own_images: str = ""
    own_share: float = Field(default=0.1, gt=0, lt=1)

    @model_validator(mode="after")
    def _outliers_are_written(self) -> "DataSection":
        if self.outliers and not self.written_images:
            raise ValueError("outliers are a share of written_images; set that above 0")
        return self


class PreprocessingSection(Section):
    """mean and std in units of [0, 1], or both "measured" on the training images."""

    mean: Annotated[float, Field(ge=0, le=1)] | Literal["measured"] = 0.0
    std: Annotated[float, Field(gt=0, le=1)] | Literal["measured"] = 1.0

    @model_validator(mode="after")
    def _measured_together(self) -> "PreprocessingSection":
        if (self.mean == "measured") != (self.std == "measured"):
            raise ValueError('mean and std are either both numbers or both "measured"')
        return self


class NetworkSection(Section):
    """Which architecture, and what its last line returns."""

    architecture: str
    options: dict[str, bool | int | float | str] = Field(default_factory=dict)
    output: OutputConvention = "logits"
    # The weights to begin with: a run, a classifier file, or "reader", the one that ships. "" draws them.
    start: str = ""

    @model_validator(mode="after")
    def _classes_come_from_the_data(self) -> "NetworkSection":
        if "num_classes" in self.options:
            raise ValueError("the number of classes is that of the data; leave num_classes out")
        return self


class TrainingSection(Section):
    """How the weights are found."""

    loss: LossName = "cross-entropy"
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd"
    learning_rate: float = Field(gt=0)
    momentum: float = Field(default=0.0, ge=0, lt=1)
    nesterov: bool = False
    beta1: float = Field(default=0.9, ge=0, lt=1)
    beta2: float = Field(default=0.999, ge=0, lt=1)
    epsilon: float = Field(default=1e-8, gt=0)
    weight_decay: float = Field(default=0.0, ge=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)  # share of each label spread over all classes
    # Divide the logits of the trained network by the temperature that suits the validation images.
    calibrate: bool = False
    weight_averaging: float = Field(default=0.0, ge=0, lt=1)  # decay of the running average; 0 keeps none
    schedule: Literal["constant", "linear", "cosine", "one-cycle"] = "constant"
    warmup_fraction: float = Field(default=0.0, ge=0, lt=1)  # of all steps
    batch_size: int = Field(ge=1)
    epochs: int = Field(ge=1)
    minimum_steps: int = Field(default=0, ge=0)  # small sets get more epochs, until this many steps
    patience: int = Field(default=0, ge=0)  # epochs without a better validation loss; 0 never stops early
    precision: Literal["float32", "bfloat16", "auto"] = "float32"
    seed: int = Field(default=0, ge=0, lt=2**32)


class Recipe(Section):
    """Everything a training needs beside the images."""

    name: str
    summary: str
    source: str = ""
    published: Published | None = None
    expected: Expected | None = None
    data: DataSection = DataSection()
    preprocessing: PreprocessingSection = PreprocessingSection()
    augmentation: Augmentation = Augmentation()
    network: NetworkSection
    training: TrainingSection

    @model_validator(mode="after")
    def _consistent(self) -> "Recipe":
        needed = LOSS_OF_OUTPUT[self.network.output]
        if self.training.loss != needed:
            raise ValueError(
                f"output {self.network.output!r} needs the loss {needed!r}, got {self.training.loss!r}"
            )
        if self.training.nesterov and not self.training.momentum:
            raise ValueError("nesterov looks ahead by the momentum; set that above 0")
        if self.training.patience and not self.data.validation_fraction:
            raise ValueError("patience needs a validation split; set validation_fraction above 0")
        if self.training.calibrate and not self.data.validation_fraction:
            raise ValueError(
                "calibrate needs a validation split; set validation_fraction above 0, or calibrate to false"
            )
        return self

    def with_settings(self, settings: dict[str, Any]) -> "Recipe":
        """Return a copy with settings applied; a key is a leaf's name ("epochs") or path ("training.epochs").

        Options of the architecture are set as "network.options.NAME", or by NAME where the recipe has it. So
        many epochs are exactly so many: minimum_steps is 0 then, unless it is set too.

        Raises:
            RecipeError: a key is unknown (with the nearest known one), or a value does not fit.
        """
        document = self.model_dump()
        paths = setting_paths(self)
        values = {_path_of(key, paths): value for key, value in settings.items()}
        if _EPOCHS in values:
            values = {_MINIMUM_STEPS: 0, **values}
        for (*tables, leaf), value in values.items():
            table = document
            for name in tables:
                table = table[name]
            table[leaf] = value
        return validate_recipe(document, origin=f"recipe {self.name}")

    def to_toml(self) -> str:
        """Return the recipe as TOML text that load_recipe reads back to an equal Recipe."""
        return tomli_w.dumps(self.model_dump(exclude_none=True))


_EPOCHS, _MINIMUM_STEPS = ("training", "epochs"), ("training", "minimum_steps")


def setting_paths(recipe: Recipe) -> list[str]:
    """Return every key that with_settings takes, as a dotted path, sorted."""
    tables: dict[str, type[BaseModel]] = {
        "augmentation": Augmentation,
        "data": DataSection,
        "preprocessing": PreprocessingSection,
        "training": TrainingSection,
    }
    paths = [f"{table}.{leaf}" for table, section in tables.items() for leaf in section.model_fields]
    paths += ["network.architecture", "network.output", "network.start"]
    return sorted(paths + [f"network.options.{option}" for option in recipe.network.options])


def _path_of(key: str, paths: list[str]) -> tuple[str, ...]:
    if key in paths:
        return tuple(key.split("."))
    if key.startswith("network.options."):
        return "network", "options", key.removeprefix("network.options.")
    leaves = {path.rsplit(".", 1)[1]: path for path in paths}
    if key not in leaves:
        raise RecipeError(unknown_name("setting", key, leaves))
    return tuple(leaves[key].split("."))


def validate_recipe(document: dict[str, Any], *, origin: str) -> Recipe:
    """Return document as a Recipe.

    Raises:
        RecipeError: a key is unknown or missing, or a value does not fit; the first problem in one line.
    """
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        raise RecipeError(f"{origin}: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    # A misspelt key is also a missing one; the misspelling is what helps.
    first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    # Where a value may be of two types, pydantic adds the type it tried: no key of the recipe.
    where = ".".join(part for part in map(str, first["loc"]) if part.isidentifier())
    if first["type"] == "extra_forbidden":
        return unknown_name("key", where, _keys_beside(first["loc"]))
    if first["type"] == "missing":
        return f"the key {where} is missing; add it"
    message = first["msg"].removeprefix("Value error, ")
    return f"{where} = {first['input']!r}: {message}" if where else message


def _keys_beside(location: tuple[int | str, ...]) -> list[str]:
    section: Any = Recipe
    for part in location[:-1]:
        section = section.model_fields[str(part)].annotation
        section = next((kind for kind in getattr(section, "__args__", ()) if kind is not type(None)), section)
    prefix = "".join(f"{part}." for part in location[:-1])
    return [prefix + key for key in section.model_fields]
