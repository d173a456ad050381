"""The names in a file of scores, and the registry entries that they still need."""

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from trends.characters import quote
from trends.dates import iso_day
from trends.names import NamedRow, Proposals, propose
from trends.names.unknown import alias_entries, order
from trends.outputs.disk import put_in_place, stage_file
from trends.pipeline.columns import column_of
from trends.pipeline.errors import RequestError
from trends.registry import Registry, RegistryError, Source
from trends.registry.additions import add_entries, by_words
from trends.registry.documents import read
from trends.registry.load import MODEL_ALIASES, MODELS, SOURCES, check
from trends.sources import SourceError
from trends.sources.csv_text import delimiter_of
from trends.sources.readers import SHIPPED, formats_of, read_unnamed
from trends.workspace import Workspace


class Written(NamedTuple):
    """How many entries were added to which files."""

    aliases: int
    models: int


def find_names(
    path: Path,
    workspace: Workspace,
    *,
    column: str | None,
    source_id: str | None,
    today: date,
) -> Proposals:
    """What the registry needs so that every name of a file is known.

    Args:
        path: a CSV file with a header, or a published file that a reader knows.
        workspace: the checkout, for its registry.
        column: the column of CSV with the names; found where it has a usual name.
        source_id: whose file it is; found where one source only has such files.
        today: no model was released later.

    Raises:
        SourceError: the file cannot be read.
        RequestError: there is no such column.
        RegistryError: models.yaml or model_aliases.yaml is not valid.
    """
    content = _content(path)
    read_as = None if column else _source_of(content, source_id, workspace)
    rows = (
        list(_published_rows(content, *read_as, path.name, today))
        if read_as
        else list(_rows(content, column, path, today))
    )
    source = _where_read(path, workspace)
    return propose(rows, _known(workspace.registry), source=source)


def write_entries(found: Proposals, workspace: Workspace) -> Written:
    """Add the aliases and new models to the registry's files, both or neither.

    Raises:
        RegistryError: with them the registry would not be valid.
    """
    models = {one.id: one.entry for one in found.new_models}
    aliases = alias_entries(found)
    folder = workspace.registry
    texts = {
        "models.yaml": add_entries(
            _text(folder, "models.yaml"), models, order=by_words
        ),
        "model_aliases.yaml": add_entries(
            _text(folder, "model_aliases.yaml"), aliases, order=order, one_line=True
        ),
    }
    _require_valid(texts, folder)
    staged = [
        (stage_file(folder / name, text.encode()), folder / name)
        for name, text in texts.items()
        if text != _text(folder, name)
    ]
    for staging, path in staged:
        put_in_place(staging, path)
    return Written(len(aliases), len(models))


def _known(folder: Path) -> Registry:
    """Models and aliases; other files may still be waiting for somebody's answers.

    Raises:
        RegistryError: one of the two is not valid.
    """
    models = read(folder / "models.yaml", MODELS, file="data/registry/models.yaml")
    aliases = read(
        folder / "model_aliases.yaml",
        MODEL_ALIASES,
        file="data/registry/model_aliases.yaml",
    )
    if models.content is None or aliases.content is None:
        raise RegistryError([*models.problems, *aliases.problems])
    return Registry({}, models.content, aliases.content, [], {}, {})


def _require_valid(texts: Mapping[str, str], folder: Path) -> None:
    """Refuse to write what the registry's own check refuses.

    Raises:
        RegistryError: it would not be valid.
    """
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made) / "data" / "registry"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("schemas"))
        for name, text in texts.items():
            (copy / name).write_text(text, encoding="utf-8")
        problems = [
            one
            for one in check(copy)
            if one.level == "error" and Path(one.file).name in texts
        ]
    if problems:
        raise RegistryError(problems)


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def _where_read(path: Path, workspace: Workspace) -> str:
    if path.resolve().parent == workspace.observations:
        return f"as published with the figures of {path.stem}"
    return f"as published in {path.name}"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        said = f"{path}: cannot be read: {error.strerror}"
        raise SourceError(said, file=path.name) from error


def _source_of(
    content: bytes, source_id: str | None, workspace: Workspace
) -> tuple[str, Source] | None:
    """The source whose published file it is; None where it is a table as any other."""
    formats = {*formats_of(content)} - {SHIPPED, "table"}
    if source_id is None and not formats:
        return None
    name = "data/registry/sources.yaml"
    found = read(workspace.registry / "sources.yaml", SOURCES, file=name)
    if found.content is None:
        raise RegistryError(list(found.problems))
    if source_id is not None:
        if source_id not in found.content:
            known = ", ".join(found.content)
            raise RequestError(f"no source {source_id!r}; there are: {known}")
        return source_id, found.content[source_id]
    of_format = [
        (one, source)
        for one, source in found.content.items()
        if formats & {file.reader for file in source.files}
    ]
    return of_format[0] if len(of_format) == 1 else None


def _published_rows(
    content: bytes, source_id: str, source: Source, name: str, today: date
) -> Iterator[NamedRow]:
    _, reading = read_unnamed(content, source_id, source, name=name)
    columns = ("source_row", "model_name_published", "developer", "release_date")
    for line, model, developer, released in reading.rows.select(columns).iter_rows():
        if model:
            yield NamedRow(line, model, developer, *_day(released, today))


def _rows(
    content: bytes, column: str | None, path: Path, today: date
) -> Iterator[NamedRow]:
    header, lines = _read_csv(content, path)
    at = _name_column(header, column, path)
    developer, released = (
        header.index(name) if (name := column_of(cell, header)) else None
        for cell in ("developer", "release_date")
    )
    for line, cells in lines:
        if at < len(cells) and (name := cells[at].strip()):
            made_by, day = _cell(cells, developer), _day(_cell(cells, released), today)
            yield NamedRow(line, name, made_by, *day)


def _name_column(header: list[str], column: str | None, path: Path) -> int:
    known = ", ".join(quote(name) for name in header)
    if column is not None and column not in header:
        raise RequestError(
            f"{path.name} has no column {quote(column)}; it has: {known}"
        )
    found = column or column_of("model_name_published", header)
    if found is None:
        raise RequestError(
            f"which column of {path.name} has the models? Say --column NAME (or --source "
            f"ID, if it is a publisher's file of sources.yaml); it has: {known}"
        )
    return header.index(found)


def _read_csv(
    content: bytes, path: Path
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = f"{path.name}: is not UTF-8 text; save it as UTF-8"
        raise SourceError(said, file=path.name) from error
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, strict=True, delimiter=delimiter_of(content))
    records: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cells):
                records.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        said = f"{path.name}:{start}: not CSV from this line on ({error})"
        raise SourceError(said, file=path.name, line=start) from error
    if len(records) < 2:
        raise SourceError(f"{path.name}: has no rows", file=path.name)
    return records[0][1], records[1:]


def _cell(cells: list[str], at: int | None) -> str | None:
    return (cells[at].strip() or None) if at is not None and at < len(cells) else None


def _day(text: str | None, today: date) -> tuple[date | None, str | None]:
    """The day of a cell, or what stands in its place: no day, or one still to come."""
    day = iso_day(text)
    if day is not None and day <= today:
        return day, None
    return None, text or None
