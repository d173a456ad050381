"""Editors and hooks know the registry: schemas, modelines, and the check before a commit."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.conftest import CHECKOUT
from tests.small_world import trends
from trends.registry.load import SHAPES
from trends.registry.parsing import parse
from trends.workspace import Workspace

REGISTRY = CHECKOUT / "data" / "registry"
FILES = sorted(REGISTRY.glob("**/*.yaml"))


def schema_of(path: Path) -> Path:
    """The schema that a file's first line names."""
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert match is not None, f"{path.name}: {first}"
    return (path.parent / match[1]).resolve()


def plain(path: Path) -> Any:
    return json.loads(json.dumps(parse(path.read_text(encoding="utf-8")).root))


def test_every_kind_of_file_has_its_schema() -> None:
    kinds = {schema_of(path).name.partition(".")[0] for path in FILES}
    assert kinds == set(SHAPES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_names_its_schema_and_is_valid_by_it(path: Path) -> None:
    schema = json.loads(schema_of(path).read_text(encoding="utf-8"))
    jsonschema.validate(plain(path), schema)


@pytest.mark.parametrize(
    ("field", "value"),
    [("status", "live"), ("bars", []), ("projection_end", 2050), ("lable", "80%")],
)
def test_the_schema_of_thresholds_refuses_what_the_check_refuses(
    field: str, value: object
) -> None:
    path = REGISTRY / "thresholds" / "scicode.yaml"
    schema = json.loads(schema_of(path).read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(path) | {field: value}, schema)


def test_the_settings_of_the_editor_name_the_same_schemas() -> None:
    settings = json.loads((CHECKOUT / ".vscode" / "settings.json").read_text())
    for schema, pattern in settings["yaml.schemas"].items():
        paths = sorted(CHECKOUT.glob(pattern))
        assert paths, pattern
        for path in paths:
            assert schema_of(path) == (CHECKOUT / schema).resolve()
    covered = sum(
        len(list(CHECKOUT.glob(pattern)))
        for pattern in settings["yaml.schemas"].values()
    )
    assert covered == len(FILES)
    recommended = json.loads((CHECKOUT / ".vscode" / "extensions.json").read_text())
    assert "redhat.vscode-yaml" in recommended["recommendations"]


def test_the_hook_runs_the_check_at_every_commit() -> None:
    config = parse((CHECKOUT / ".pre-commit-config.yaml").read_text()).root
    [hook] = config["repos"][0]["hooks"]
    assert config["repos"][0]["repo"] == "local"
    assert hook["always_run"] is True  # also where files are only deleted
    assert hook["pass_filenames"] is False
    command, *words = hook["entry"].split()
    assert command == ".venv/bin/trends"
    shown = trends(Workspace(CHECKOUT), *words, "--help")
    assert shown.returncode == 0
