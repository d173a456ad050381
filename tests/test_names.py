"""Names that follow by rule, and those that a person has to decide on."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.publisher_files import AIDER_RUNS
from tests.small_world import small_world, trends
from trends.names import NamedRow, Proposals, Spellings, propose
from trends.pipeline.names import find_names
from trends.registry import Registry, load_registry
from trends.registry.additions import add_entries, by_words
from trends.registry.models import Alias, Model
from trends.workspace import Workspace


def model(
    name: str, developer: str, released: str | None, kind: str = "model"
) -> Model:
    return Model.model_validate(
        {"name": name, "developer": developer, "release_date": released, "kind": kind}
    )


MODELS = {
    "gpt_5": model("GPT-5", "OpenAI", "2025-08-07"),
    "gpt_5_1_codex": model("GPT-5.1 Codex", "OpenAI", "2025-11-13"),
    "gpt_5_1_codex_max": model("GPT-5.1 Codex Max", "OpenAI", "2025-11-19"),
    "o1": model("o1", "OpenAI", "2024-12-05"),
    "o3": model("o3", "OpenAI", "2025-04-16"),
    "gpt_4o_2024_05_13": model("GPT-4o (2024-05-13)", "OpenAI", "2024-05-13"),
    "gpt_4o_2024_08_06": model("GPT-4o (2024-08-06)", "OpenAI", "2024-08-06"),
    "claude_opus_4": model("Claude Opus 4", "Anthropic", "2025-05-22"),
    "qwen3_8": model("Qwen3.8", "Alibaba", "2026-07-19"),
    "qwen3_8_max": model("Qwen3.8-Max", "Alibaba", "2026-08-20"),
    "grok_4": model("Grok 4", "xAI", "2025-07-09"),
    "mistral": model("Mistral", "Mistral AI", "2024-02-26"),
    "undated": model("Undated 2", "Anthropic", None),
    "agent": model("Agent 7", "OpenAI", "2025-08-07", "system"),
}
ALIASES = {"GPT-4o": Alias(model="gpt_4o_2024_05_13")}
REGISTRY = Registry({}, MODELS, ALIASES, [], {}, {})

BY_RULE = [
    ("gpt 5", "gpt_5", None),
    ("GPT_5", "gpt_5", None),
    ("gpt-5_high", "gpt_5", "high"),
    ("gpt-5 (xHigh)", "gpt_5", "xhigh"),
    ("GPT-5 High", "gpt_5", "high"),
    ("gpt-5-x-high", "gpt_5", "xhigh"),
    ("GPT-5 (reasoning effort: medium)", None, None),
    ("GPT-5 (medium reasoning effort)", "gpt_5", "medium"),
    ("gpt-5_max", "gpt_5", "max"),
    ("gpt-5_unknown", "gpt_5", "effort unknown"),
    ("GPT-5 - Max", "gpt_5", "max"),
    ("GPT-5 (high, 32k thinking)", "gpt_5", "high, 32k thinking"),
    ("gpt-5-2025-08-07_high", "gpt_5", "high"),
    ("openai/gpt-5", "gpt_5", None),
    ("OpenAI GPT-5 (August 2025)", "gpt_5", None),
    ("claude-opus-4-20250514", "claude_opus_4", None),
    ("anthropic.claude-opus-4-20250514", "claude_opus_4", None),
    ("grok-4-0709", "grok_4", None),
    ("gpt-4o-20240806", "gpt_4o_2024_08_06", None),
    ("GPT-4o (August 2024) (low)", "gpt_4o_2024_08_06", "low"),
    ("GPT-5.1-Codex-Max", "gpt_5_1_codex_max", None),
    ("GPT-5.1-Codex-Max (high)", "gpt_5_1_codex_max", "high"),
    ("qwen3.8-max", "qwen3_8_max", None),
    ("qwen/qwen3.8_low", "qwen3_8", "low"),
]

NOT_BY_RULE = [
    "gpt-5.2",  # another version
    "gpt-5-mini",
    "gpt-50",
    "o3-mini",
    "o3-mini-high",
    "o3 pro (high)",
    "o1-2024-12-17",  # another checkpoint, twelve days after o1
    "Qwen3.8-Max-0902",  # and so is one a fortnight later
    "Qwen3.8-Max-2026-09-02",
    "gpt-4o-2024-11-20",
    "GPT-4o (July 2024)",
    "gpt-5 preview",
    "anthropic/gpt-5",  # the vendor is not the model's
    "Mistral Medium",  # a model's name, not an effort
    "gpt-5-thinking",  # as in Kimi-K2-Thinking, which is a model
    "gpt-5-max",  # as in Qwen3.8-Max
    "undated-2-20250514",  # no date to hold the day in the name against
    "agent-7",  # a system: its name may mean a model elsewhere
    "gpt-5 + o3",
    "GPT-5 (latest)",
]


@pytest.mark.parametrize(("name", "model_id", "setting"), BY_RULE)
def test_a_rule_finds_the_model(
    name: str, model_id: str | None, setting: str | None
) -> None:
    found = [(one.model, one.setting) for one in Spellings(REGISTRY).matches(name)]
    assert found == ([] if model_id is None else [(model_id, setting)])


@pytest.mark.parametrize("name", NOT_BY_RULE)
def test_no_rule_joins_two_models(name: str) -> None:
    assert Spellings(REGISTRY).matches(name) == []


def test_a_setting_set_apart_from_a_name_that_is_a_model_with_it_is_no_rule() -> None:
    """gpt-5.1-codex_max: the model Codex Max, or Codex at the effort max?"""
    found = Spellings(REGISTRY).matches("gpt-5.1-codex_max")
    assert {one.model for one in found} == {"gpt_5_1_codex", "gpt_5_1_codex_max"}


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return load_registry(CHECKOUT / "data" / "registry")


def test_a_model_that_is_not_registered_is_never_another_one(shipped: Registry) -> None:
    """Each model in turn is unknown, with all its spellings."""
    joined = []
    for model_id, one in shipped.models.items():
        if one.kind != "model":
            continue
        spelled = [k for k, v in shipped.aliases.items() if v.model == model_id]
        without = replace(
            shipped,
            models={k: v for k, v in shipped.models.items() if k != model_id},
            aliases={k: v for k, v in shipped.aliases.items() if v.model != model_id},
        )
        matches = Spellings(without).matches
        joined += [(name, matches(name)) for name in (one.name, *spelled)]
    assert [one for one in joined if one[1]] == []


def test_a_spelling_that_is_not_registered_is_its_model_or_nothing(
    shipped: Registry,
) -> None:
    """Each reviewed alias in turn is unknown: most are found, and none is mistaken."""
    of_models = {
        name: alias
        for name, alias in shipped.aliases.items()
        if shipped.models[alias.model].kind == "model"
    }
    n_found = 0
    for name, alias in of_models.items():
        others = {k: v for k, v in shipped.aliases.items() if k != name}
        found = Spellings(replace(shipped, aliases=others)).matches(name)
        assert {one.model for one in found} <= {alias.model}, name
        n_found += len(found)
    assert n_found > 0.6 * len(of_models)


def rows(*said: tuple[str, str | None, str | None]) -> list[NamedRow]:
    return [
        NamedRow(line, name, maker, date.fromisoformat(day) if day else None)
        for line, (name, maker, day) in enumerate(said, start=2)
    ]


def proposals(*said: tuple[str, str | None, str | None]) -> Proposals:
    return propose(rows(*said), REGISTRY, source="a test")


def test_names_are_known_by_rule_new_or_to_be_decided() -> None:
    found = proposals(
        ("GPT-5", "OpenAI", "2025-08-07"),
        ("gpt-5_high", "OpenAI", "2025-08-07"),
        ("Zeta 9_high", "Zeta", "2026-09-01"),
        ("zeta-9", "Zeta", "2026-09-01"),
        ("zeta-9-20260825", "Zeta", "2026-09-01"),
        ("Nameless 3", None, None),
    )
    assert found.n_unknown == 5
    assert {name: one.model for name, one in found.aliases.items()} == {
        "gpt-5_high": "gpt_5",
        "Zeta 9_high": "zeta_9",
        "zeta-9-20260825": "zeta_9",
    }
    [new] = found.new_models
    assert (new.id, new.entry.name) == ("zeta_9", "zeta-9")
    assert str(new.entry.release_date) == "2026-09-01"
    [decision] = found.decisions
    assert (decision.name, decision.lines) == ("Nameless 3", (7,))
    assert "no developer and the file gives no release date" in decision.why
    assert decision.new is not None
    assert decision.new.entry.model_dump(exclude_defaults=True) == {
        "name": "Nameless 3"
    }, "an entry to paste, with what is known"


@pytest.mark.parametrize(
    ("name", "day", "why"),
    [
        ("Zeta 9", "45932", "its release date '45932' is no past day"),
        ("Zeta 9", "2026-10-02", "its release date '2026-10-02' is no past day"),
        ("\u041d\u043e\u0432\u044c", "2026-09-01", "no id can be made of its letters"),
    ],
)
def test_a_name_to_decide_says_what_the_file_lacks(
    tmp_path: Path, name: str, day: str, why: str
) -> None:
    """A day of a spreadsheet is there and is none, or is to come; letters without id."""
    path = tmp_path / "board.csv"
    path.write_text(f"Model;Organization;Release date\n{name};Zeta;{day}\n")
    today = date(2026, 10, 1)
    found = find_names(
        path, small_world(tmp_path), column=None, source_id=None, today=today
    )
    [decision] = found.decisions
    assert decision.why.startswith(f"no rule gives a model, and {why}")


def test_a_release_date_is_never_chosen_among_two() -> None:
    found = proposals(
        ("Zeta 9", "Zeta", "2026-09-01"), ("Zeta 9", "Zeta", "2026-09-03")
    )
    assert found.new_models == []
    [decision] = found.decisions
    assert "2 release dates (2026-09-01, 2026-09-03)" in decision.why
    assert decision.new is None


def test_a_name_that_holds_a_registered_one_of_the_same_days_is_decided_by_hand() -> (
    None
):
    found = proposals(("GPT-5 Preview", "OpenAI", "2025-08-10"))
    [decision] = found.decisions
    assert decision.why == "may be another name of GPT-5"
    assert decision.candidates == ("gpt_5",)
    assert decision.new is not None
    assert decision.new.id == "gpt_5_preview"


def test_a_name_that_differs_by_a_sign_may_be_the_model_and_takes_no_place_of_it() -> (
    None
):
    found = proposals(("GPT-5*", "OpenAI", "2025-08-07"), ("GPT-5*", None, None))
    [decision] = found.decisions
    assert decision.candidates[0] == "gpt_5"
    assert decision.new is None


def test_a_smaller_model_of_the_same_day_is_a_model() -> None:
    found = proposals(("GPT-5 mini", "OpenAI", "2025-08-07"))
    assert [one.id for one in found.new_models] == ["gpt_5_mini"]
    assert found.decisions == []


def test_a_name_that_no_row_may_have_is_no_entry() -> None:
    [decision] = proposals(("=GPT-5", "OpenAI", "2025-08-07")).decisions
    assert "formula" in decision.why


TEXT = """\
# What the file is.
# Its second line.
alpha_2: {model: a}  # kept
# about b
beta: {model: b}
"""


def test_entries_go_where_they_belong_and_comments_stay() -> None:
    entries = {
        name: Alias(model="x") for name in ("alpha_1", "alpha_10", "beta", "gamma")
    }
    assert add_entries(TEXT, entries, order=by_words, one_line=True) == (
        "# What the file is.\n# Its second line.\n"
        "alpha_1: {model: x}\n"
        "alpha_2: {model: a}  # kept\n"
        "alpha_10: {model: x}\n"
        "# about b\nbeta: {model: b}\n"
        "gamma: {model: x}\n"
    )


HEADER = ["Model version", "Organization", "Release date", "Score"]
PUBLISHED = [
    ["gpt-5_xhigh", "OpenAI", "2025-08-07", "61.0"],
    ["claude-opus-4-20250514_16K", "Anthropic", "2025-05-22", "40.0"],
    ["zeta-9.1_high", "Zeta", "2026-09-01", "70"],
    ["zeta-9.1_low", "Zeta", "2026-09-01", "60"],
    ["No: such, 1.50", "", "", "10"],
]


def published(folder: Path, header: list[str]) -> Path:
    path = folder / "board.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *PUBLISHED])
    return path


def _is_subsequence(part: list[str], whole: list[str]) -> bool:
    rest: Iterator[str] = iter(whole)
    return all(line in rest for line in part)


def test_names_are_written_into_the_registry_and_nothing_else_changes(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = published(tmp_path, HEADER)
    files = [workspace.registry / one for one in ("models.yaml", "model_aliases.yaml")]
    before = [file.read_text().splitlines() for file in files]
    done = trends(workspace, "names", str(path), "--write")
    assert done.returncode == 7, done.stderr
    assert "'No: such, 1.50'" in done.stdout
    after = [file.read_text().splitlines() for file in files]
    for old, new in zip(before, after, strict=True):
        assert _is_subsequence(old, new)
    added = set(after[1]) - set(before[1])
    # which of them the shipped registry has already does not matter here
    assert added >= {
        "zeta-9.1_high: {model: zeta_9_1, setting: high}",
        "zeta-9.1_low: {model: zeta_9_1, setting: low}",
    }
    registry = load_registry(workspace.registry)
    assert str(registry.models["zeta_9_1"].release_date) == "2026-09-01"
    assert registry.models["zeta_9_1"].source == "as published in board.csv"
    spellings = list(registry.aliases)
    assert spellings == sorted(spellings, key=lambda one: (one.lower(), one))
    again = json.loads(trends(workspace, "names", str(path), "--json").stdout)
    assert (again["aliases"], again["new_models"]) == ([], [])
    assert [one["name"] for one in again["decisions"]] == ["No: such, 1.50"]


def test_names_of_a_publishers_file_are_read_by_its_reader(
    workspace: Workspace, tmp_path: Path
) -> None:
    """The reader is found from the file, and the source from the reader."""
    path = tmp_path / "polyglot.yml"
    path.write_text(AIDER_RUNS)
    for words in ([], ["--source", "aider"]):
        done = trends(workspace, "names", str(path), "--json", *words)
        found = json.loads(done.stdout)
        assert found["unknown"] == found["names"] == found["rows"] > 1
        names = {one["name"] for one in found["decisions"]}
        assert "Tern 2 exp-02-05 (high)" in names
    done = trends(workspace, "names", str(path), "--source", "metr")
    assert done.returncode == 4
    assert "looks like aider" in done.stderr
    done = trends(workspace, "names", str(path), "--source", "nobody")
    assert done.returncode == 2


def test_a_file_whose_names_cannot_be_found_says_its_columns(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = published(tmp_path, ["Entry", *HEADER[1:]])
    done = trends(workspace, "names", str(path))
    assert done.returncode == 2
    assert "--column" in done.stderr
    assert "'Entry'" in done.stderr
    done = trends(workspace, "names", str(path), "--column", "Entry", "--json")
    assert json.loads(done.stdout)["names"] == 5
    assert trends(workspace, "names", str(tmp_path / "none.csv")).returncode == 4
