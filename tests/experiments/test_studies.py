"""When two trainings of a study are the same, so that what was measured need not be measured again."""

from inkwise.experiments.studies import recipe_digest
from inkwise.recipes.load import load_recipe


def test_digest_depends_on_the_augmentation_and_not_on_the_seed() -> None:
    standard = load_recipe("standard")
    assert recipe_digest(standard.with_settings({"seed": 7})) == recipe_digest(standard)
    assert recipe_digest(standard.with_settings({"shift_px": 0.5})) != recipe_digest(standard)


def test_digest_leaves_out_what_is_at_its_default() -> None:
    """A key that is new to inkwise would otherwise have every training measured again."""
    standard = load_recipe("standard")
    assert standard.augmentation.fade == 0
    assert recipe_digest(standard) == "5ac41ca953b1"
