"""The stages in order; what the DAGs and the command line call.

    refresh   ask publishers for their files; what they send is kept as snapshots
    ingest    ingest_source (each source) -> join_sources
    forecast  plan_forecast -> select_records -> fit_shard (each shard) -> cross_shard
              (each shard) -> cross_bars -> publish
    score     the ledger's forecasts against the latest ingest
    backtest  the same statistics at past origins, beside what came

Every stage reads and writes folders named by what they were made from, so that it
may run in any process, twice, or be killed, and the result is the same.
"""

from trends.pipeline.backtest import (
    BacktestRequest,
    BacktestRun,
    backtest,
    write_coverage,
    write_weights,
)
from trends.pipeline.bounds import refuse_retired
from trends.pipeline.checks import check_figures
from trends.pipeline.errors import (
    EXIT_NOT_LATEST,
    EXIT_PARTIAL,
    NotApprovedError,
    NothingFittedError,
    NothingLeftError,
    PartError,
    PipelineError,
    RequestError,
    SourceStoppedError,
    UnreachedError,
)
from trends.pipeline.faces import report_again, tables_of_run
from trends.pipeline.forecast import forecast
from trends.pipeline.ingest import (
    IngestResult,
    ingest,
    ingest_source,
    join_sources,
    source_ids,
    source_lines,
    source_titles,
)
from trends.pipeline.latest import published_run
from trends.pipeline.moves import large_moves, moves_table, planned
from trends.pipeline.plan import (
    ForecastRequest,
    plan_forecast,
    refuse_the_future,
)
from trends.pipeline.publish import PublishedRun, publish
from trends.pipeline.quality import warning_line
from trends.pipeline.refresh import Refresh, publishers, refresh
from trends.pipeline.score import score
from trends.pipeline.shards import fit_shards, shard_name
from trends.pipeline.stages import cross_bars, cross_shard, fit_shard, select_records

__all__ = [
    "EXIT_NOT_LATEST",
    "EXIT_PARTIAL",
    "BacktestRequest",
    "BacktestRun",
    "ForecastRequest",
    "IngestResult",
    "NotApprovedError",
    "NothingFittedError",
    "NothingLeftError",
    "PartError",
    "PipelineError",
    "PublishedRun",
    "Refresh",
    "RequestError",
    "SourceStoppedError",
    "UnreachedError",
    "backtest",
    "check_figures",
    "cross_bars",
    "cross_shard",
    "fit_shard",
    "fit_shards",
    "forecast",
    "ingest",
    "ingest_source",
    "join_sources",
    "large_moves",
    "moves_table",
    "plan_forecast",
    "planned",
    "publish",
    "published_run",
    "publishers",
    "refresh",
    "refuse_retired",
    "refuse_the_future",
    "report_again",
    "score",
    "select_records",
    "shard_name",
    "source_ids",
    "source_lines",
    "source_titles",
    "tables_of_run",
    "warning_line",
    "write_coverage",
    "write_weights",
]
