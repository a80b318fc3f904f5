"""What dev/robustness_sheet.py keeps and says of a recipe under changed images."""

from pathlib import Path
from typing import Any

import pytest
from dev import robustness_sheet

from inkwise.experiments.train import train


def cell(severity: int, accuracy: float) -> dict[str, Any]:
    return {
        "severity": severity, "amount": str(severity), "accuracy": accuracy,
        "expected_calibration_error": severity / 100, "confidence": 0.9,
    }  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    sheet = {
        "dataset": "mnist", "split": "test", "num_images": 10_000, "seed": 0, "clean": 0.9956,
        "rows": [
            {"kind": "shift", "unit": "pixels", "mnist_c": 2, "cells": [cell(1, 0.99), cell(2, 0.5)]},
            {"kind": "edges", "unit": "Canny's", "mnist_c": None, "cells": [cell(1, 0.25)]},
        ],
        "mnist_c_accuracy": 0.7, "outliers": "fashion-mnist", "outlier_auroc": 0.9, "fgsm_accuracy": None,
        "pgd_accuracy": None,
    }  # fmt: skip
    return {
        "recipe": "standard", "settings": {}, "seed": 0, "accuracy": 0.9956, "processor": "A Processor",
        "processor_features": ["avx2"], "num_cores": 2, "torch": "2.9", "precision": "bfloat16",
        "commit": "0123456789", "date": "2026-11-21", "load_average": 0.1, "sheet": {**sheet, **changes},
    }  # fmt: skip


def test_row_holds_accuracies_amounts_and_calibration() -> None:
    table = robustness_sheet.robustness_table(document()).splitlines()
    assert "| shift | 99.0 % | 50.0 % ° |  |  |  | 1 to 2 pixels | 0.010 to 0.020 |" in table
    assert "| edges | 25.0 % |  |  |  |  | Canny's | 0.010 |" in table


def test_words_state_the_clean_accuracy_and_the_machine() -> None:
    text = robustness_sheet.robustness_table(document())
    assert (
        "`standard`, seed 0: accuracy on 10,000 test images of mnist, each changed; unchanged 99.56 %" in text
    )
    assert "70.0 %. Told from fashion-mnist by its largest probability: AUROC 0.900" in text
    assert "A Processor (avx2), bfloat16; torch 2.9; commit 0123456789; 2026-11-21." in text
    assert "attack" not in text


def test_attacks_are_told_where_they_were_made() -> None:
    text = robustness_sheet.robustness_table(document(fgsm_accuracy=0.034, pgd_accuracy=0.0))
    assert "FGSM 3.4 %, PGD 0.0 %" in text


def test_sheet_is_kept_and_found_again_with_its_picture(tmp_path: Path) -> None:
    paths = robustness_sheet.write(document(), tmp_path / "results" / "robustness")
    assert [path.name for path in paths] == ["standard.json", "standard.png"]
    assert paths[1].read_bytes().startswith(b"\x89PNG")
    assert robustness_sheet.read_documents(tmp_path) == [document()]
    assert "](images/robustness-standard.png)" in robustness_sheet.robustness_parts(tmp_path)["robustness"]
    assert list(robustness_sheet.robustness_figures(tmp_path)) == ["robustness-standard"]


def test_before_the_first_sheet_the_page_says_so(tmp_path: Path) -> None:
    assert robustness_sheet.robustness_parts(tmp_path) == {"robustness": robustness_sheet.NOT_MEASURED}


def test_run_of_another_recipe_is_refused(tmp_path: Path) -> None:
    run = train("mlp-class", data="digits", epochs=1, out=tmp_path / "run", report=False)
    with pytest.raises(SystemExit, match="was not trained by standard as it is now; give another --run"):
        robustness_sheet.measure("standard", run.path, num_images=10, attacks=False)


def test_kept_sheet_is_of_the_recipe_as_it_is() -> None:
    """A recipe that was changed needs its sheet again: python dev/robustness_sheet.py NAME --attacks."""
    for one in robustness_sheet.read_documents():
        assert one["settings"] == robustness_sheet.settings_of(one["recipe"])
