"""--ray, alone and with an address, and what it does not go with. No Ray is started here."""

import pytest
from typer.testing import CliRunner

from inkwise.cli.app import app
from inkwise.cli.settings import with_ray_address


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (["--ray"], "local"), (["--ray", "--out", "answers"], "local"), (["--ray", "photos"], "local"),
        (["--ray", "local"], "local"), (["--ray", "auto"], "auto"), (["--ray", "head:6379"], "head:6379"),
        (["--ray", "10.0.0.7:6379"], "10.0.0.7:6379"), (["--ray", "[::1]:6379"], "[::1]:6379"),
        (["--ray", "ray://head:10001"], "ray://head:10001"),
    ],
)  # fmt: skip
def test_ray_alone_is_the_local_one(given: list[str], address: str) -> None:
    whole = with_ray_address(given)
    assert whole[whole.index("--ray") + 1] == address


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("predict", "run", "photos", "--ray"), "belong together"),
        (("predict", "run", "photos", "--out", "answers"), "belong together"),
        (("predict", "run", "photos", "--ray", "--out", "answers", "--csv", "a.csv"), "takes no --csv"),
        (("read", "photos", "--ray"), "belong together"),
        (("read", "photos", "--ray", "--out", "answers", "--overlay", "o.png"), "takes no --overlay"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_wrong_usage(words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert said in result.stderr
