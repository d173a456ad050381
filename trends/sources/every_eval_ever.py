"""Every Eval Ever: evaluation records in the community's schema (evaleval).

A file is one record, a list of them, or JSON Lines (one record a line). Each entry of
``evaluation_results`` is a row; those of evaluations and metrics that sources.yaml does
not name give no score. Where a record says how far its scores reach, or that lower is
better, and sources.yaml says otherwise, the row is at fault.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field

from trends.characters import quote
from trends.registry import Entry
from trends.registry.models import Identifier, Reporter, Text
from trends.sources import SourceError
from trends.sources.json_text import Object, lines_of, parse_json, section, text_at
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    decode,
    options,
    percent,
    require_benchmarks,
)

LEVEL: Final = "0.95"


class Evaluation(Entry):
    """Which benchmark an evaluation is.

    ``metric`` is the name or id of the metric that counts, where there are several;
    ``fractions`` says that scores go to 1, not 100.
    """

    benchmark: Identifier
    metric: Text | None = None
    fractions: bool = False
    lower_is_better: bool = False


def _by_developers() -> dict[str, Reporter]:
    return {"first_party": Reporter.DEVELOPER}


class EveryEvalEverOptions(Origin):
    """What sources.yaml says of the file.

    ``evaluations`` are by ``evaluation_name``; ``reporters``, by
    ``evaluator_relationship``, go before ``reporter``.
    """

    evaluations: Annotated[dict[Text, Evaluation], Field(min_length=1)]
    reporters: Annotated[dict[Text, Reporter], Field(default_factory=_by_developers)]


class _Result(NamedTuple):
    record: Object
    entry: Any


def recognises(content: bytes) -> bool:
    """Whether the file looks like such records."""
    keys = (b'"schema_version"', b'"evaluation_results"', b'"model_info"')
    return all(key in content for key in keys)


def read(content: bytes, request: ReadRequest) -> Reading:
    """Read every result of every record of the file.

    Raises:
        SourceError: not JSON, or no such record.
    """
    chosen = options(request, EveryEvalEverOptions)
    require_benchmarks(
        request, {each.benchmark for each in chosen.evaluations.values()}
    )
    results = list(_results(content, request.name))
    rows = Rows(request)
    lines = lines_of([result.entry for result in results])
    for line, result in zip(lines, results, strict=True):
        shown = {"model": result.record["model_info"].get("name"), "": result.entry}
        if not isinstance(result.entry, Object):
            rows.fault(line, "the result is no object", shown)
            continue
        evaluation = chosen.evaluations.get(
            text_at(result.entry, "evaluation_name") or ""
        )
        if evaluation is None or not _is_wanted(result.entry, evaluation):
            rows.drop(line, f"{_named(result.entry)} is not carried", shown)
        elif wrong := _why_wrong(result.entry, evaluation):
            rows.fault(line, wrong, shown)
        else:
            cells = _cells(result, evaluation, chosen)
            rows.score(line, evaluation.benchmark, shown, **cells)
    return rows.reading()


def _results(content: bytes, name: str) -> Iterator[_Result]:
    for record in _records(content, name):
        line = record.line if isinstance(record, Object) else 1
        entries = (
            record.get("evaluation_results") if isinstance(record, Object) else None
        )
        if not isinstance(entries, list) or not isinstance(
            record.get("model_info"), Object
        ):
            raise SourceError(
                f"{name}:{line}: not a record of evaluations: no evaluation_results or "
                "no model_info",
                file=name,
                line=line,
            )
        for entry in entries:
            if isinstance(entry, Object):
                entry.line = max(entry.line, line)
            yield _Result(record, entry)


def _records(content: bytes, name: str) -> list[Any]:
    lines = decode(content, name).split("\n")
    texts = [(number, text) for number, text in enumerate(lines, 1) if text.strip()]
    first = texts[0][1].strip()
    if len(texts) == 1 or not (first.startswith("{") and first.endswith("}")):
        value = parse_json(content, name)
        return value if isinstance(value, list) else [value]
    records = []
    for number, text in texts:
        try:
            record = parse_json(text.encode(errors="surrogatepass"), name)
        except SourceError as error:
            raise SourceError(
                f"{name}:{number}: JSON Lines, of which this one cannot be read "
                f"({error})",
                file=name,
                line=number,
            ) from error
        if isinstance(record, Object):
            record.line = number
        records.append(record)
    return records


def _is_wanted(entry: Object, evaluation: Evaluation) -> bool:
    if evaluation.metric is None:
        return True
    config = section(entry, "metric_config")
    names = {text_at(config, key) for key in ("metric_name", "metric_id")}
    return evaluation.metric in names


def _named(entry: Object) -> str:
    metric = text_at(section(entry, "metric_config"), "metric_name") or ""
    name = quote(entry.get("evaluation_name"))
    return f"evaluation {name}" + (f", metric {quote(metric)}," if metric else "")


def _why_wrong(entry: Object, evaluation: Evaluation) -> str | None:
    config = section(entry, "metric_config")
    most = text_at(config, "max_score")
    if most is not None and (most in {"1", "1.0"}) != evaluation.fractions:
        says = "fractions" if evaluation.fractions else "no fractions"
        return f"max_score is {quote(most)}, and sources.yaml says {says}"
    lower = config.get("lower_is_better")
    if isinstance(lower, bool) and lower != evaluation.lower_is_better:
        return f"lower_is_better is {lower}, and sources.yaml says otherwise"
    if text_at(section(entry, "score_details"), "score") is None:
        return "score_details has no score"
    return None


def _cells(
    result: _Result, evaluation: Evaluation, chosen: EveryEvalEverOptions
) -> dict[str, str | None]:
    model = result.record["model_info"]
    source = section(result.record, "source_metadata")
    relationship = text_at(source, "evaluator_relationship") or ""
    reporter = chosen.reporters.get(relationship, chosen.reporter)
    stamp = text_at(result.entry, "evaluation_timestamp") or text_at(
        result.record, "evaluation_timestamp"
    )
    return _scores(result.entry, evaluation) | {
        "model_name_published": text_at(model, "name"),
        "developer": text_at(model, "developer"),
        "harness": text_at(section(model, "additional_details"), "agent_name")
        or chosen.harness,
        "reported_on": stamp[:10] if stamp and stamp[10:11] in {"T", " "} else stamp,
        "reporter": reporter.value,
        "source_url": _address(result) or chosen.source_url,
    }


def _scores(entry: Object, evaluation: Evaluation) -> dict[str, str | None]:
    """Score and what is said of its error; an interval of another level is let go."""
    details = section(entry, "score_details")
    uncertainty = section(details, "uncertainty")
    interval = section(uncertainty, "confidence_interval")
    if text_at(interval, "confidence_level") != LEVEL:
        interval = Object()
    published = {
        "score": text_at(details, "score"),
        "standard_error": text_at(section(uncertainty, "standard_error"), "value"),
        "ci_low": text_at(interval, "lower"),
        "ci_high": text_at(interval, "upper"),
    }
    return {
        column: percent(number) if number and evaluation.fractions else number
        for column, number in published.items()
    }


def _address(result: _Result) -> str | None:
    """The first address of the data; old records have a list of them at the top."""
    for holder in (result.entry, result.record):
        source = holder.get("source_data")
        urls = source.get("url") if isinstance(source, Object) else source
        if isinstance(urls, list) and urls and isinstance(urls[0], str):
            return urls[0]
    return None
