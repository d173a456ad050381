"""tau2-bench: submission files of its leaderboard (sierra-research/tau2-bench).

One file, ``submission.json``, holds the results of one model by domain; a list of them
in one file is read as well. Each domain is a row. ``pass_1`` is in percent. Voice runs
and runs that left out questions are other tests and give no score.
"""

from typing import Annotated, Any, Final

from pydantic import Field

from trends.characters import quote
from trends.registry import Entry
from trends.registry.models import Identifier, Text
from trends.sources import SourceError
from trends.sources.json_text import Object, lines_of, parse_json, section, text_at
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    options,
    require_benchmarks,
)
from trends.sources.templates import fill

SCORE: Final = "pass_1"
NEEDED: Final = ("model_name", "submission_date", "results")


class Tau2Domain(Entry):
    """Which benchmark a domain is, and how model and harness are worded there.

    Fields are those of the submission, its methodology and the domain's results.
    """

    benchmark: Identifier
    model: Text = "{model_name}"
    harness: Text = "{submission_type} effort={reasoning_effort}"


class Tau2Options(Origin):
    """What sources.yaml says of the files; domains by their name in ``results``."""

    domains: Annotated[dict[Text, Tau2Domain], Field(min_length=1)]


def recognises(content: bytes) -> bool:
    """Whether the file looks like a submission."""
    keys = (b'"model_name"', b'"submission_date"', b'"results"')
    return all(key in content for key in keys)


def read(content: bytes, request: ReadRequest) -> Reading:
    """Read every domain of every submission of the file.

    Raises:
        SourceError: not JSON, or no submission.
    """
    chosen = options(request, Tau2Options)
    require_benchmarks(request, {each.benchmark for each in chosen.domains.values()})
    value = parse_json(content, request.name)
    submissions = value if isinstance(value, list) else [value]
    domains = [
        (submission, name, results)
        for submission in submissions
        for name, results in _domains(submission, request.name)
    ]
    rows = Rows(request)
    lines = lines_of([results for _, _, results in domains])
    for line, (submission, name, results) in zip(lines, domains, strict=True):
        reason = _why_no_score(submission, name, results, chosen)
        shown = {"model_name": submission["model_name"], name: results}
        if reason:
            rows.drop(line, reason, shown)
        elif not isinstance(results.get(SCORE), str):
            rows.fault(line, f"{name}: no {SCORE}", shown)
        else:
            domain = chosen.domains[name]
            cells = chosen.cells | _cells(submission, results, domain)
            rows.score(line, domain.benchmark, shown, **cells)
    return rows.reading()


def _domains(submission: Any, name: str) -> list[tuple[str, Any]]:
    line = submission.line if isinstance(submission, Object) else 1
    missing = (
        [key for key in NEEDED if key not in submission]
        if isinstance(submission, Object)
        else NEEDED
    )
    if missing or not isinstance(submission["results"], Object):
        what = f"no {', '.join(missing)}" if missing else "results is no object"
        raise SourceError(
            f"{name}:{line}: not a submission: {what}", file=name, line=line
        )
    return list(submission["results"].items())


def _why_no_score(
    submission: Object, name: str, results: Any, chosen: Tau2Options
) -> str | None:
    if name not in chosen.domains:
        return f"domain {quote(name)} is not carried"
    if not isinstance(results, Object):
        return f"{name} was not run"
    if (modality := submission.get("modality", "text")) != "text":
        return f"modality is {quote(modality)}, another test"
    if section(section(submission, "methodology"), "verification").get(
        "omitted_questions"
    ):
        return "questions were left out"
    return None


def _cells(
    submission: Object, results: Object, domain: Tau2Domain
) -> dict[str, str | None]:
    methodology = section(submission, "methodology")
    known = Object(methodology | results | submission)

    def value_of(field: str) -> str | None:
        return text_at(known, field)

    best_of_four = results.get("pass_4")
    note = "[tau2-bench {tau2_bench_version}; ][user simulator {user_simulator}; ]"
    return {
        "model_name_published": fill(domain.model, value_of),
        "developer": value_of("model_organization"),
        "release_date": text_at(section(submission, "model_release"), "release_date"),
        "score": results[SCORE],
        "harness": fill(domain.harness, value_of),
        "reported_on": value_of("submission_date"),
        "note": f"{fill(note, value_of) or ''} pass^4 {best_of_four}".strip()
        if best_of_four
        else (fill(note, value_of) or "").rstrip("; "),
    }
