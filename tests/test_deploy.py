"""Files for real deployments: they parse, name what exists, and hold no secret."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.small_world import CHECKOUT

DEPLOY = CHECKOUT / "docs" / "deploy"


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((DEPLOY / name).read_text())
    return found


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return load("docker-compose.yaml")


_ASK = """
import json
from airflow.configuration import conf
described = conf.configuration_description
print(json.dumps({
    "options": [[s, name] for s, one in described.items() for name in one["options"]],
    "from_commands": sorted(conf.sensitive_config_values),
}))
"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[tuple[str, str]]]:
    """Options of this Airflow and its providers; those that a command may give."""
    home = tmp_path_factory.mktemp("airflow")
    done = subprocess.run(
        [sys.executable, "-c", _ASK],
        env=os.environ | {"AIRFLOW_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: {(one[0], one[1]) for one in pairs} for name, pairs in found.items()}


def test_every_variable_of_airflow_is_an_option(
    compose: dict[str, Any], known: dict[str, set[tuple[str, str]]]
) -> None:
    names = {
        name
        for service in compose["services"].values()
        for name in service.get("environment", {})
        if name.startswith("AIRFLOW__")
    }
    assert len(names) > 15
    for name in names:
        section, option = name.removeprefix("AIRFLOW__").lower().split("__")
        plain = option.removesuffix("_cmd")
        assert (section, plain) in known["options"], name
        if plain != option:
            assert (section, plain) in known["from_commands"], name


def test_every_option_of_the_chart_is_one_of_airflow(
    known: dict[str, set[tuple[str, str]]],
) -> None:
    for section, chosen in load("values.yaml")["config"].items():
        for name in chosen:
            assert (section, name) in known["options"], f"{section}.{name}"


def test_what_services_name_is_defined(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"api-server", "scheduler", "dag-processor", "triggerer", "worker"} <= set(
        services
    )
    for name, service in services.items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(services), name
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in compose["volumes"], name
    read = re.findall(
        r"/run/secrets/(\w+)", (DEPLOY / "docker-compose.yaml").read_text()
    )
    assert set(read) == set(compose["secrets"])


def test_no_secret_has_a_value(compose: dict[str, Any]) -> None:
    text = "".join(path.read_text() for path in DEPLOY.iterdir())
    assert not re.search(r"://[^\s:/]*:[^.\s@][^\s@]*@", text)
    for name, value in compose["services"]["worker"]["environment"].items():
        if re.search("SECRET|KEY|URL_CMD|CONN|BACKEND|PASSWORD|CREDENTIALS", name):
            assert value.startswith(("cat /run/secrets/", "/run/secrets/")), name
    for name in re.findall(r"\$\{(\w+)([^}]*)\}", text):
        assert name[1].startswith((":?", "-", ":-")) or name[0] == "PYTHON_IMAGE"


def test_every_process_shares_the_store_and_one_secret(compose: dict[str, Any]) -> None:
    airflow = [
        one for one in compose["services"].values() if "TRENDS_IMAGE" in one["image"]
    ]
    assert len(airflow) == 6
    for name in ("TRENDS_STORE", "AIRFLOW__API_AUTH__JWT_SECRET_CMD"):
        assert len({one["environment"][name] for one in airflow}) == 1
