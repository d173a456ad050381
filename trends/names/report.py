"""Proposals for people, as the entries to paste, and for programs."""

from collections.abc import Iterator

from trends.characters import quote
from trends.names.unknown import Decision, NewModel, Proposals, alias_entries
from trends.registry.additions import dump_entry
from trends.registry.models import Alias


def report_lines(found: Proposals, file: str) -> Iterator[str]:
    """What to enter and what to decide, as YAML that can be pasted."""
    yield (
        f"{file}: {found.n_rows} rows with {found.n_names} names, of which "
        f"{found.n_unknown} are unknown"
    )
    if found.aliases:
        yield f"\n# {len(found.aliases)} names follow by rule: model_aliases.yaml"
        for name, entry in alias_entries(found).items():
            text = dump_entry(name, entry, one_line=True).rstrip("\n")
            yield f"{text}  # {', '.join(found.aliases[name].rules)}"
    if found.new_models:
        yield f"\n# {len(found.new_models)} models are new, by the file: models.yaml"
        for one in found.new_models:
            yield dump_entry(one.id, one.entry).rstrip("\n")
    if found.decisions:
        yield f"\n# {len(found.decisions)} names to decide"
        for decision in found.decisions:
            yield from _decision_lines(decision, file)


def as_json(found: Proposals, file: str) -> dict[str, object]:
    """The same as plain values."""
    return {
        "file": file,
        "rows": found.n_rows,
        "names": found.n_names,
        "unknown": found.n_unknown,
        "aliases": [
            {
                "name": name,
                "lines": found.lines[name],
                "model": match.model,
                "setting": match.setting,
                "rules": match.rules,
            }
            for name, match in found.aliases.items()
        ],
        "new_models": [_new_as_json(one) for one in found.new_models],
        "decisions": [
            {
                "name": one.name,
                "lines": one.lines,
                "why": one.why,
                "candidates": one.candidates,
                "nearest": one.nearest,
                "new_model": None if one.new is None else _new_as_json(one.new),
            }
            for one in found.decisions
        ],
    }


def _decision_lines(decision: Decision, file: str) -> Iterator[str]:
    places = ", ".join(f"{file}:{line}" for line in decision.lines[:3])
    more = len(decision.lines) - 3
    said = f"{places}{f' and {more} more' if more > 0 else ''}"
    yield f"# {said}: {quote(decision.name)}: {decision.why}"
    if decision.nearest:
        yield f"#   looks like {', '.join(quote(one) for one in decision.nearest)}"
    for model in decision.candidates:
        entry = dump_entry(decision.name, Alias(model=model), one_line=True)
        yield f"#   if it is {model}, in model_aliases.yaml: {entry.rstrip()}"
    if decision.new is not None:
        yield "#   if it is a model of its own, in models.yaml:"
        entry = dump_entry(decision.new.id, decision.new.entry)
        yield from (f"#     {line}" for line in entry.splitlines())


def _new_as_json(new: NewModel) -> dict[str, object]:
    return {"id": new.id, **new.entry.model_dump(mode="json", exclude_defaults=True)}
