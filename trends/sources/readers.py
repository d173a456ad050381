"""Which reader reads a published file: by the name in sources.yaml, or by the file."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from trends.characters import quote
from trends.registry import Entry, Source, SourceFile
from trends.registry.faults import Location
from trends.sources import (
    SourceError,
    aider,
    epoch_hub,
    epoch_index,
    every_eval_ever,
    hal,
    metr,
    mle_bench,
    modded_nanogpt,
    posttrainbench,
    shipped_figures,
    swe_bench,
    table,
    tau2_bench,
    terminal_bench,
)
from trends.sources.origin import Origin
from trends.sources.reading import Reader, Reading, ReadRequest

READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "metr": metr,
        "epoch_hub": epoch_hub,
        "epoch_index": epoch_index,
        "swe_bench": swe_bench,
        "aider": aider,
        "mle_bench": mle_bench,
        "modded_nanogpt": modded_nanogpt,
        "posttrainbench": posttrainbench,
        "hal": hal,
        "tau2_bench": tau2_bench,
        "terminal_bench": terminal_bench,
        "every_eval_ever": every_eval_ever,
        "table": table,
    }
)
"""Readers by the name that ``reader`` of a file has in sources.yaml."""

OPTIONS: Final[Mapping[str, type[Entry]]] = MappingProxyType(
    {
        "metr": metr.Options,
        "epoch_hub": epoch_hub.Options,
        "epoch_index": epoch_index.Options,
        "swe_bench": swe_bench.Options,
        "aider": Origin,
        "mle_bench": mle_bench.MleBenchOptions,
        "modded_nanogpt": modded_nanogpt.ModdedNanogptOptions,
        "posttrainbench": posttrainbench.PostTrainBenchOptions,
        "hal": hal.HalOptions,
        "tau2_bench": tau2_bench.Tau2Options,
        "terminal_bench": terminal_bench.TerminalBenchOptions,
        "every_eval_ever": every_eval_ever.EveryEvalEverOptions,
        "table": table.TableOptions,
    }
)
"""What ``options`` of a file in sources.yaml may say, by its reader."""

SHIPPED: Final = "shipped_figures"


def wrong_options(file: SourceFile) -> Iterator[tuple[Location, str]]:
    """What is wrong with the options of a file, and where in them."""
    if file.reader not in OPTIONS:
        yield (), f"there is no reader {file.reader!r} in this version"
        return
    try:
        OPTIONS[file.reader].model_validate(file.options)
    except ValidationError as error:
        for problem in error.errors():
            yield problem["loc"], f"{problem['msg']} (got {quote(problem['input'])})"


def read_file(
    content: bytes, source_id: str, file: SourceFile, *, name: str
) -> Reading:
    """The scores of a published file of which sources.yaml says what it is.

    Args:
        content: the file.
        source_id: publisher, as in sources.yaml.
        file: its entry there.
        name: what ``source_file`` of each row says.

    Raises:
        SourceError: it is not what the entry says, or gives no score.
    """
    if file.reader not in READERS:
        raise SourceError(
            f"sources.yaml: file {file.id!r} of {source_id}: no reader {file.reader!r} "
            f"in this version; there are: {', '.join(READERS)}",
            file="sources.yaml",
        )
    if not content:
        raise SourceError(f"{name} is empty: nothing was taken from it", file=name)
    return READERS[file.reader].read(content, ReadRequest(source_id, file, name))


def formats_of(content: bytes) -> list[str]:
    """Names of the readers that recognise the content, ``shipped_figures`` too."""
    names = [name for name, reader in READERS.items() if reader.recognises(content)]
    return [*names, *([SHIPPED] if shipped_figures.recognises(content) else [])]


def read_unnamed(
    content: bytes,
    source_id: str,
    source: Source,
    *,
    name: str,
    sources: Mapping[str, Source] = MappingProxyType({}),
) -> tuple[str, Reading]:
    """The scores of a file of which only the publisher is known, and its format.

    The format is found from the content. Of several files of one format, that whose
    address ends in the name of this one is meant, otherwise the first.

    Args:
        content: the file.
        source_id: publisher, as in sources.yaml.
        source: its entry there.
        name: the name of the file.
        sources: those of which an error may say that the file is one of theirs.

    Raises:
        SourceError: no reader of the source recognises it, or it cannot be read.
    """
    if not content:
        raise SourceError(f"{name} is empty: nothing was taken from it", file=name)
    formats = formats_of(content)
    if SHIPPED in formats:
        rows = shipped_figures.read(source_id, _figures_of(source, name), content)
        return SHIPPED, Reading(rows, ())
    candidates = [
        file for reader in formats for file in source.files if file.reader == reader
    ]
    if not candidates:
        said = _unknown(name, source_id, source, formats)
        raise SourceError(said + _whose(formats, sources), file=name)
    file = next((one for one in candidates if _is_named(one, name)), candidates[0])
    return file.reader, read_file(content, source_id, file, name=name)


def _is_named(file: SourceFile, name: str) -> bool:
    address = file.address.partition("?")[0].partition("#")[0]
    return PurePosixPath(address).name == PurePosixPath(name).name


def _figures_of(source: Source, name: str) -> str:
    """Shipped figures name their benchmark by the name of the file."""
    stem = PurePosixPath(name).stem
    if stem in source.benchmarks:
        return name
    if len(source.benchmarks) == 1:
        return f"{source.benchmarks[0]}.csv"
    raise SourceError(
        f"{name}: a file of figures is named by its benchmark, and {quote(stem)} is "
        f"none of this source; name it one of "
        f"{', '.join(f'{one}.csv' for one in source.benchmarks)}",
        file=name,
    )


def _whose(formats: list[str], sources: Mapping[str, Source]) -> str:
    """Sources with files of the format that the content looks most like."""
    owners = [
        source_id
        for source_id, source in sources.items()
        if any(file.reader in formats[:1] for file in source.files)
    ]
    return f" Such files are of {', '.join(owners)}" if owners else ""


def _unknown(name: str, source_id: str, source: Source, formats: list[str]) -> str:
    taken = sorted({file.reader for file in source.files} | {SHIPPED})
    looks = f"looks like {' or '.join(formats)}" if formats else "has no format known"
    return (
        f"{name}: {looks}, and files of {source_id} are {', '.join(taken)}: is it a "
        "file of another source, or has the publisher changed the format?"
    )
