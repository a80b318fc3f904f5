"""deploy/ray-up.yaml and deploy/kuberay.yaml are what Ray itself takes, and name what there is."""

import copy
import re
import shlex
import tomllib
from typing import Any

import jsonschema
import pytest
import yaml
from dev import pages
from packaging.requirements import Requirement
from ray.autoscaler._private.kuberay.autoscaling_config import _derive_autoscaling_config_from_ray_cr
from ray.autoscaler._private.util import prepare_config, validate_config
from tests.test_docs import parse

from inkwise.cli.settings import with_ray_address

DEPLOY = pages.ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "ray.Containerfile").read_text(encoding="utf-8")
UP: dict[str, Any] = yaml.safe_load((DEPLOY / "ray-up.yaml").read_text(encoding="utf-8"))
KUBERAY = {
    one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kuberay.yaml").read_text(encoding="utf-8"))
}
PROJECT = tomllib.loads((pages.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def containers() -> list[dict[str, Any]]:
    spec = KUBERAY["RayCluster"]["spec"]
    groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    return [group["template"]["spec"]["containers"][0] for group in groups]


def test_ray_up_takes_the_cluster() -> None:
    """Ray fills in Amazon's defaults and holds the whole against its schema."""
    prepared = prepare_config(copy.deepcopy(UP))
    validate_config(prepared)
    assert prepared["available_node_types"]["worker"]["max_workers"] == UP["max_workers"]
    assert set(UP) <= set(prepared)


def test_wrong_key_of_ray_up_is_found() -> None:
    with pytest.raises(jsonschema.ValidationError, match="max_worker"):
        validate_config(prepare_config(copy.deepcopy(UP) | {"max_worker": 8}))


def test_ray_derives_an_autoscaler_from_the_kuberay_cluster() -> None:
    found = _derive_autoscaling_config_from_ray_cr(KUBERAY["RayCluster"])
    types = found["available_node_types"]
    assert types["headgroup"]["resources"]["CPU"] == 0
    assert types["workers"]["resources"]["CPU"] == 8
    assert (types["workers"]["min_workers"], types["workers"]["max_workers"]) == (0, 8)
    assert found["idle_timeout_minutes"] == 5


def test_group_without_a_size_is_refused() -> None:
    broken = copy.deepcopy(KUBERAY["RayCluster"])
    del broken["spec"]["workerGroupSpecs"][0]["maxReplicas"]
    with pytest.raises(KeyError, match="maxReplicas"):
        _derive_autoscaling_config_from_ray_cr(broken)


def test_job_runs_a_known_command_on_the_cluster_beside_it() -> None:
    job = KUBERAY["RayJob"]["spec"]
    words = shlex.split(job["entrypoint"])
    parse(with_ray_address(words))
    assert words[words.index("--ray") + 1] == "auto"
    assert job["clusterSelector"]["ray.io/cluster"] == KUBERAY["RayCluster"]["metadata"]["name"]
    (mounted,) = {one["volumeMounts"][0]["mountPath"] for one in containers()}
    assert words[words.index("--out") + 1].startswith(f"{mounted}/")


def test_all_machines_have_one_image_with_one_ray() -> None:
    images = {UP["docker"]["image"], *(one["image"] for one in containers())}
    assert images == {f"registry.example/inkwise-ray:{PROJECT['version']}"}
    (version,) = re.findall(
        r"^FROM docker.io/rayproject/ray:([\d.]+)-py\d+$", CONTAINERFILE, flags=re.MULTILINE
    )
    (asked,) = (
        Requirement(line) for line in PROJECT["optional-dependencies"]["ray"] if line.startswith("ray[")
    )
    assert version in asked.specifier
    assert KUBERAY["RayCluster"]["spec"]["rayVersion"] == version


def test_image_installs_the_pytorch_that_the_package_asks_for() -> None:
    (installed,) = re.findall(r'"(torch>[^"]*)"', CONTAINERFILE)
    assert installed in PROJECT["dependencies"]


def test_everything_copied_is_there_and_let_through() -> None:
    let_through = (pages.ROOT / ".dockerignore").read_text().splitlines()
    lines = re.findall(r"^COPY --chown=ray (.*) \S+$", CONTAINERFILE, flags=re.MULTILINE)
    sources = [path for line in lines for path in line.split()]
    assert "src" in sources
    assert all((pages.ROOT / path).exists() and f"!{path}" in let_through for path in sources)


def test_every_machine_is_asked_for_the_token() -> None:
    assert "--env RAY_AUTH_MODE=token" in UP["docker"]["run_options"]
    assert list(UP["file_mounts"]) == ["/home/ray/.ray/auth_token"]
    assert KUBERAY["RayCluster"]["spec"]["authOptions"] == {"mode": "token"}
