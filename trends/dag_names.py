"""Names that DAG files, Airflow's processes and their callers share.

Light enough to be imported where a DAG file is parsed.
"""

from typing import Final

INGEST: Final = "ingest_benchmark_scores"
FORECAST: Final = "forecast_crossing_dates"
TRY: Final = "try_threshold"
SCORE: Final = "score_past_forecasts"

DAG_IDS: Final = (INGEST, FORECAST, TRY, SCORE)

MADE: Final = "made"
"""Key of the XCom that says which files a run made, by their ids."""

NOTE: Final = "run_note"
"""Key of the XCom with the line that becomes the note of a run that succeeds."""

WHY: Final = "why_it_failed"
"""Key of the XCom with the sentence that becomes the note of a run that fails."""

FITS_POOL: Final = "fits"
"""Pool that keeps fits, which use a whole core each, from crowding out the rest."""

EXIT_CODE: Final = "exit_code"
"""Key of the XCom with what the command line would end with: 0, 7 or 8."""

ASSET_URIS: Final = {
    "observations": "x-benchmark-trends://data/work/latest_ingest.json",
    "thresholds": "x-benchmark-trends://data/registry",
    "crossing_summary": "x-benchmark-trends://data/results/latest.json",
    "forecast_scores": "x-benchmark-trends://data/results/backtests",
}
"""Assets by name, and where each lies below the checkout."""
