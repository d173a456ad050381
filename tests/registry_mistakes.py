"""Mistakes that people make in registry files: what is then said, and what mends them.

In ``wrong`` the sign § stands before the character whose line and column are named; in
``at``, where that is elsewhere in the file.
``said`` is what the message holds, ``cure`` what a reader of it then does: edits of the
file, each of which stands there once.
"""

from typing import NamedTuple

MARK = "§"
SCICODE = "thresholds/scicode.yaml"
COBENCH = "thresholds/cobench_2_1.yaml"
VENDING = "thresholds/vending_bench_2.yaml"
METR = "thresholds/metr_work_month.yaml"
SPEEDUP = "thresholds/llm_training_speedup.yaml"

BAR = '{id: pct80, value: 0.80, label: "80% of items", basis: project_choice, headline: true}'
TRENDS = "trends: [records, drift, logistic, logistic3, quantile, ensemble]"
CHANGELOG = "\nchangelog:\n"
RAISED = (
    ("version: 2\ntitle", "version: 3\ntitle"),
    (
        CHANGELOG,
        f'{CHANGELOG}  - {{version: 3, date: 2026-11-27, why: "A higher bar."}}\n',
    ),
)

Edit = tuple[str, str]


class Mistake(NamedTuple):
    """One slip in one file."""

    file: str
    right: str
    wrong: str
    said: str
    cure: tuple[Edit, ...]
    at: str = ""


MISTAKES: dict[str, Mistake] = {
    # numbers
    "percent for a fraction": Mistake(
        SCICODE,
        "value: 0.80",
        "value: §80",
        "looks like a percentage, write 0.80",
        (("value: 80", "value: 0.80"),),
    ),
    "a number with a percent sign": Mistake(
        SCICODE,
        "value: 0.80",
        "value: §80%",
        "not percent: write 0.8 (got '80%')",
        (("value: 80%", "value: 0.8"),),
    ),
    "a number in quotes": Mistake(
        SCICODE,
        "value: 0.80",
        'value: §"0.80"',
        "is text in quotes: write 0.80, without them",
        (('"0.80"', "0.80"),),
    ),
    "a decimal comma": Mistake(
        SCICODE,
        "value: 0.80",
        "value: §0,80",
        "a comma ends a value: write 0.80 with a point (got 0,80)",
        (("0,80", "0.80"),),
    ),
    "a decimal comma before a nought": Mistake(
        SCICODE,
        "value: 0.20",
        "value: 0,§05",
        "a comma ends a value: write 0.05 with a point",
        (("0,05", "0.20"),),
    ),
    "a decimal comma on a line of its own": Mistake(
        "benchmarks.yaml",
        "  n_items: 65\n",
        "  n_items: §6,5\n",
        "write 6.5, with a point",
        (("n_items: 6,5", "n_items: 65"),),
    ),
    "thousands with a comma": Mistake(
        "benchmarks.yaml",
        "  n_items: 65\n",
        "  n_items: §1,065\n",
        "write 1065, without signs between the digits",
        (("1,065", "1065"),),
    ),
    "a fraction above 1": Mistake(
        SCICODE,
        "value: 0.99",
        "value: §1.2",
        "a fraction is at most 1",
        (("value: 1.2", "value: 0.99"),),
    ),
    "a bar that only a perfect score reaches": Mistake(
        SCICODE,
        "value: 0.99",
        "value: §1.0",
        "only a score without any error reaches it: write 0.99",
        (("value: 1.0", "value: 0.99"),),
    ),
    "thousands with a comma in braces": Mistake(
        VENDING,
        "value: 10000,",
        "value: 10,§000,",
        "a comma ends a value: write 10000 without it",
        (("10,000", "10000"),),
    ),
    "a letter for a digit": Mistake(
        SCICODE,
        "value: 0.80",
        "value: §0.8O",
        "has a letter among its digits: write 0.80",
        (("0.8O", "0.80"),),
    ),
    "a sign of money": Mistake(
        VENDING,
        "value: 10000,",
        "value: §$10000,",
        "write the number only: 10000",
        (("$10000", "10000"),),
    ),
    "a number with its unit": Mistake(
        METR,
        "value: 480",
        "value: §480 min",
        "write the number only: 480",
        (("value: 480 min", "value: 480"),),
    ),
    "a word for a number": Mistake(
        SCICODE,
        "value: 0.80",
        "value: §most",
        "should be a number (got 'most')",
        (("value: most", "value: 0.80"),),
    ),
    "a version in quotes": Mistake(
        SCICODE,
        "version: 2\ntitle",
        'version: §"2"\ntitle',
        "is text in quotes: write 2, without them",
        (('"2"', "2"),),
    ),
    "a version with decimals": Mistake(
        SCICODE,
        "version: 2\ntitle",
        "version: §2.0\ntitle",
        "is a whole number: write 2",
        (("version: 2.0", "version: 2"),),
    ),
    "no value": Mistake(
        SCICODE,
        "value: 0.80",
        "value:§ ",
        "has no value: write one",
        (("value: ,", "value: 0.80,"),),
    ),
    "a value below the floor": Mistake(
        SCICODE,
        "value: 0.20",
        "value: §0",
        "should be above the floor 0",
        (("value: 0,", "value: 0.20,"),),
    ),
    # what a bar is called
    "the label is not changed": Mistake(
        SCICODE,
        BAR,
        BAR.replace("0.80", "0.85").replace("pct80", "pct85").replace('"80', '§"80'),
        "says '80%', and the bar's value is 0.85: write '85%'",
        (
            ('"80% of items"', '"85% of items"'),
            ("title: SciCode reaches 80%", "title: SciCode reaches 85%"),
            *RAISED,
        ),
    ),
    "the id is not changed": Mistake(
        SCICODE,
        'id: pct95, value: 0.95, label: "95%',
        'id: §pct95, value: 0.90, label: "90%',
        "names another number than the bar's value 0.9: write pct90",
        (("id: pct95", "id: pct90"), *RAISED),
    ),
    "the title is not changed": Mistake(
        SCICODE,
        "title: SciCode reaches 80%",
        "title: §SciCode reaches 85%",
        "says '85%', and the headline bar is 0.8: write '80%'",
        (("85%", "80%"),),
    ),
    "another sum of money in the label": Mistake(
        VENDING,
        "value: 63000",
        "value: 60000",
        "says '63000 USD', and the bar's value is 60000: write '60000 USD'",
        (("63000 USD)", "60000 USD)"), *RAISED),
        at='label: §"Good strategy',
    ),
    "another number of hours in the label": Mistake(
        METR,
        "value: 10020",
        "value: 9600",
        "says '167 h', and the bar's value is 9600: write '160 h'",
        (
            ("167 h", "160 h"),
            ("version: 3\ntitle", "version: 4\ntitle"),
            (
                CHANGELOG,
                f'{CHANGELOG}  - {{version: 4, date: 2026-11-27, why: "A lower bar."}}\n',
            ),
        ),
        at='label: §"1 work-month',
    ),
    "another factor in the id": Mistake(
        SPEEDUP,
        'id: x100, value: 100, label: "100x"',
        'id: §x300, value: 100, label: "100x"',
        "names another number than the bar's value 100: write x100",
        (("id: x300", "id: x100"),),
    ),
    "curly quotes": Mistake(
        SCICODE,
        'label: "80% of items"',
        "label: §\u201c80% of items\u201d",
        'U+201C LEFT DOUBLE QUOTATION MARK: write "',
        (("\u201c80% of items\u201d", '"80% of items"'),),
    ),
    "a curly quote in a name": Mistake(
        "models.yaml",
        "name: ACoder (four models)",
        "name: §\u201cACoder (four models)\u201d",
        'U+201C LEFT DOUBLE QUOTATION MARK: write "',
        (("\u201cACoder (four models)\u201d", '"ACoder (four models)"'),),
    ),
    "a letter of another script": Mistake(
        SCICODE,
        "status: active",
        "status: a§\u0441tive",
        "U+0441 CYRILLIC SMALL LETTER ES: write c",
        (("\u0441", "c"),),
    ),
    "a digit of another width": Mistake(
        SCICODE,
        "value: 0.80",
        "value: 0.§\uff180",
        "U+FF18 FULLWIDTH DIGIT EIGHT: write 8",
        (("\uff18", "8"),),
    ),
    "a long dash": Mistake(
        SCICODE,
        "projection_end: 2050-12-31",
        "projection_end: 2050§\u201312-31",
        "U+2013 EN DASH: write -",
        (("\u2013", "-"),),
    ),
    "a space that is none": Mistake(
        SCICODE,
        "status: active",
        "status:§\u00a0active",
        "U+00A0 NO-BREAK SPACE, which only looks like a space: delete it",
        (("\u00a0", " "),),
    ),
    # YAML
    "a duplicate key": Mistake(
        SCICODE,
        "status: active\n",
        "status: active\n§status: draft\n",
        "duplicate key 'status': keep one",
        (("status: draft\n", ""),),
    ),
    "a misspelt key": Mistake(
        SCICODE,
        'label: "80%',
        '§lable: "80%',
        "unknown key (got 'lable'); did you mean 'label'?",
        (("lable", "label"),),
    ),
    "a tab": Mistake(
        SCICODE,
        "  - {id: pct50",
        "§\t- {id: pct50",
        "is a tab: write spaces",
        (("\t", "  "),),
    ),
    "a comma after the entry": Mistake(
        SCICODE,
        'label: "95% of items", basis: project_choice}',
        'label: "95% of items", basis: project_choice}§,',
        "a comma stands after the entry: delete it",
        (("},\n", "}\n"),),
    ),
    "a comma after the value": Mistake(
        SCICODE,
        "status: active",
        "status: §active,",
        "ends with a comma: delete it",
        (("active,", "active"),),
    ),
    "a quote that is not closed": Mistake(
        SCICODE,
        '"50% of items"',
        '§"50% of items',
        "this quote is never closed",
        (('"50% of items', '"50% of items"'),),
    ),
    "a bracket that is not closed": Mistake(
        SCICODE,
        "quantile, ensemble]\n",
        "quantile, ensemble\n",
        "[ is never closed: write ] at its end",
        (("ensemble\n", "ensemble]\n"),),
        at="trends: §[records",
    ),
    "a brace that is not closed": Mistake(
        SCICODE,
        '  - {id: pct50, value: 0.50, label: "50% of items", basis: project_choice}',
        '  - §{id: pct50, value: 0.50, label: "50% of items", basis: project_choice',
        "{ is never closed: write } at its end",
        (
            (
                '"50% of items", basis: project_choice',
                '"50% of items", basis: project_choice}',
            ),
        ),
    ),
    "no comma between two keys": Mistake(
        SCICODE,
        "id: pct50, value: 0.50",
        "id: pct50 §value: 0.50",
        "a comma is missing before 'value'",
        (("pct50 value", "pct50, value"),),
    ),
    "no space after the colon": Mistake(
        SCICODE,
        "status: active",
        "status:§active",
        "put a space after the colon",
        (("status:active", "status: active"),),
    ),
    "no space after a colon in braces": Mistake(
        SCICODE,
        "id: pct50, value: 0.50",
        "id: pct50, §value:0.50",
        "put a space after the colon: value: 0.50",
        (("value:0.50", "value: 0.50"),),
    ),
    "a colon among the words": Mistake(
        SCICODE,
        "title: SciCode reaches 80%",
        "title: SciCode§: reaches 80%",
        "a colon ends a key: put the value in quotes",
        (("SciCode: reaches 80%", '"SciCode: reaches 80%"'),),
    ),
    "an owner without quotes": Mistake(
        SCICODE,
        '"@org/forecasting"',
        "§@org/forecasting",
        "a value cannot begin with @: put it in quotes",
        (("@org/forecasting", '"@org/forecasting"'),),
    ),
    "a line at another column": Mistake(
        SCICODE,
        "  - {id: pct50",
        "    §- {id: pct50",
        "begin it at column 3, as the one above",
        (("    - {id: pct50", "  - {id: pct50"),),
    ),
    "a merge that is not finished": Mistake(
        SCICODE,
        "status: active\n",
        "§<<<<<<< HEAD\nstatus: active\n=======\nstatus: draft\n>>>>>>> mine\n",
        "a merge is not finished: keep one of the two sides",
        (
            ("<<<<<<< HEAD\n", ""),
            ("=======\nstatus: draft\n>>>>>>> mine\n", ""),
        ),
    ),
    "quotes inside quotes": Mistake(
        SCICODE,
        '"80% of items"',
        '"80% of §"items""',
        'stands inside " quotes: use the other kind',
        (('"80% of "items""', '"80% of items"'),),
    ),
    "an equals sign for a colon": Mistake(
        SCICODE,
        "id: pct50, value: 0.50",
        "id: pct50, §value = 0.50",
        "write = as a colon: value: 0.50",
        (("value = 0.50", "value: 0.50"),),
    ),
    "a value left out": Mistake(
        SCICODE,
        "projection_end: 2050-12-31\n",
        "§projection_end:\n",
        "has no value: write one",
        (("projection_end:\n", "projection_end: 2050-12-31\n"),),
    ),
    "a trend twice": Mistake(
        SCICODE,
        "trends: [records, drift, logistic,",
        "trends: [records, drift, §drift, logistic,",
        "stands here twice: delete one",
        (("drift, drift,", "drift,"),),
    ),
    "quantiles in the wrong order": Mistake(
        "scenarios.yaml",
        "    q10_months: 3\n    q90_months: 36\n",
        "    q10_months: 36\n    q90_months: §3\n",
        "q90_months should be above q10_months",
        (
            (
                "q10_months: 36\n    q90_months: 3\n",
                "q10_months: 3\n    q90_months: 36\n",
            ),
        ),
    ),
    # dates
    "a day that does not exist": Mistake(
        SCICODE,
        "projection_end: 2050-12-31",
        "projection_end: §2050-02-30",
        "there is no such day: write YYYY-MM-DD",
        (("2050-02-30", "2050-12-31"),),
    ),
    "a year that no calendar has": Mistake(
        SCICODE,
        "projection_end: 2050-12-31",
        "projection_end: §99999999999-01-01",
        "there is no such day: write YYYY-MM-DD",
        (("99999999999-01-01", "2050-12-31"),),
    ),
    "a published threshold made a draft": Mistake(
        SCICODE,
        "status: active",
        "status: §draft",
        "forecasts name it: write status: retired",
        (("status: draft", "status: retired"),),
    ),
    "a day with the year last": Mistake(
        SCICODE,
        "projection_end: 2050-12-31",
        "projection_end: §31.12.2050",
        "write 2050-12-31, year first",
        (("31.12.2050", "2050-12-31"),),
    ),
    "a day that may be two": Mistake(
        SCICODE,
        "date: 2026-11-22",
        "date: §06/05/2026",
        "is no day: write YYYY-MM-DD",
        (("06/05/2026", "2026-11-22"),),
    ),
    "a month for a day": Mistake(
        "models.yaml",
        "  developer: Google DeepMind\n  kind: system\n  release_date: 2026-05-08",
        "  developer: Google DeepMind\n  kind: system\n  release_date: §2026-05",
        "is no day: write YYYY-MM-DD",
        (("release_date: 2026-05\n", "release_date: 2026-05-08\n"),),
    ),
    "a day without noughts": Mistake(
        "benchmarks.yaml",
        "  first_public_on: 2024-07-18\n",
        "  first_public_on: §2024-7-18\n",
        "write 2024-07-18, year first",
        (("2024-7-18", "2024-07-18"),),
    ),
    "a day that is still to come": Mistake(
        "models.yaml",
        "  developer: Google DeepMind\n  kind: system\n  release_date: 2026-05-08",
        "  developer: Google DeepMind\n  kind: system\n  release_date: §2062-05-08",
        "is still to come: today is 2026-11-27 (got 2062-05-08)",
        (("release_date: 2062-05-08\n", "release_date: 2026-05-08\n"),),
    ),
    # what an entry says
    "a benchmark that is not there": Mistake(
        SCICODE,
        "benchmark: scicode,",
        "benchmark: §sicode,",
        "unknown benchmark (got 'sicode'); did you mean 'scicode'?",
        (("sicode,", "scicode,"),),
    ),
    "bars out of order": Mistake(
        SCICODE,
        '  - {id: pct20, value: 0.20, label: "20% of items", basis: project_choice}\n'
        '  - {id: pct50, value: 0.50, label: "50% of items", basis: project_choice}\n',
        '  - {id: pct50, value: 0.50, label: "50% of items", basis: project_choice}\n'
        '  - {id: pct20, value: §0.20, label: "20% of items", basis: project_choice}\n',
        "bars go from easy to hard, so this one should be higher than 0.5",
        (
            (
                '  - {id: pct50, value: 0.50, label: "50% of items", basis: project_choice}\n',
                "",
            ),
            (
                "  - {id: pct80",
                (
                    '  - {id: pct50, value: 0.50, label: "50% of items", basis: project_choice}\n'
                    "  - {id: pct80"
                ),
            ),
        ),
    ),
    "two headlines": Mistake(
        SCICODE,
        '"95% of items", basis: project_choice}',
        '"95% of items", basis: project_choice, headline: §true}',
        "bar 'pct80' is the headline already: delete one of the two",
        (
            (
                '"95% of items", basis: project_choice, headline: true}',
                '"95% of items", basis: project_choice}',
            ),
        ),
    ),
    "no headline": Mistake(
        SCICODE,
        BAR,
        BAR.replace(", headline: true", ""),
        "no bar is the headline: add `headline: true` to one",
        ((BAR.replace(", headline: true", ""), BAR),),
        at="§bars:",
    ),
    "yes for true": Mistake(
        SCICODE,
        "headline: true",
        "headline: §yes",
        "write true, without quotes (got 'yes')",
        (("headline: yes", "headline: true"),),
    ),
    "two bars of one id": Mistake(
        SCICODE,
        'id: pct50, value: 0.50, label: "50%',
        'id: §pct20, value: 0.20, label: "20%',
        "bars[0] has it already: write another (got 'pct20')",
        (
            (
                (
                    'id: pct20, value: 0.20, label: "20% of items", basis: project_choice}\n'
                    '  - {id: pct20, value: 0.20, label: "20%'
                ),
                (
                    'id: pct20, value: 0.20, label: "20% of items", basis: project_choice}\n'
                    '  - {id: pct50, value: 0.50, label: "50%'
                ),
            ),
        ),
    ),
    "a headline trend that is not fitted": Mistake(
        SCICODE,
        "projection_end: 2050-12-31",
        "headline_trend: §exponential\nprojection_end: 2050-12-31",
        "is not one of the trends (got 'exponential'): take one, or add it there",
        (("headline_trend: exponential\n", ""),),
    ),
    "a headline trend that is none": Mistake(
        SCICODE,
        "projection_end: 2050-12-31",
        "headline_trend: §record\nprojection_end: 2050-12-31",
        "(got 'record'); did you mean 'records'?",
        (("headline_trend: record\n", ""),),
    ),
    "a headline trend without a word": Mistake(
        SCICODE,
        "projection_end: 2050-12-31",
        "§headline_trend:\nprojection_end: 2050-12-31",
        "has no value: write one",
        (("headline_trend:", "headline_trend: records"),),
    ),
    "a threshold without the headline of all": Mistake(
        SCICODE,
        TRENDS,
        TRENDS.replace("[records, ", "["),
        "has not records, which headline.yaml takes for every headline that names no "
        "other: add it, or write `headline_trend: drift`",
        ((TRENDS.replace("[records, ", "["), TRENDS),),
        at="§trends: [drift",
    ),
    "a company's threshold that names no trend": Mistake(
        "thresholds/openai_agent_workdays.yaml",
        "headline_trend: drift\n",
        "",
        "or write `headline_trend: drift`",
        (("\nprojection_end:", "\nheadline_trend: drift\nprojection_end:"),),
        at="\n§trends: [",
    ),
    "a headline of all that is no trend": Mistake(
        "headline.yaml",
        "trend: records",
        "trend: §recrods",
        "did you mean 'records'?",
        (("trend: recrods", "trend: records"),),
    ),
    "a word that is not among the choices": Mistake(
        SCICODE,
        'label: "50% of items", basis: project_choice',
        'label: "50% of items", basis: §project_choise',
        "did you mean 'project_choice'?",
        (("project_choise", "project_choice"),),
    ),
    "a status that is none": Mistake(
        SCICODE,
        "status: active",
        "status: §live",
        "should be 'draft', 'active' or 'retired' (got 'live')",
        (("status: live", "status: active"),),
    ),
    "a source that is not listed": Mistake(
        COBENCH,
        "source: anthropic_rsp",
        "source: §anthropic_rps",
        "(got 'anthropic_rps'); did you mean 'anthropic_rsp'?",
        (("anthropic_rps", "anthropic_rsp"),),
    ),
    "a human bar without a source": Mistake(
        SCICODE,
        'label: "50% of items", basis: project_choice',
        'label: "50% of items", basis: §human_baseline',
        "names where it is stated: add `source:`",
        (
            ("basis: human_baseline", "basis: human_baseline, source: kapoor2025"),
            (
                "changelog:",
                (
                    "sources:\n  - key: kapoor2025\n    citation: Kapoor et al. 2025\n"
                    "    url: https://example.org/hal\nchangelog:"
                ),
            ),
        ),
    ),
    "a list that is none": Mistake(
        SCICODE,
        TRENDS,
        "trends: §records",
        "should be a list: write [records]",
        (("\ntrends: records", "\ntrends: [records]"),),
    ),
    "a missing key": Mistake(
        SCICODE,
        ', label: "50% of items"',
        "",
        "is missing: add `label:` (The bar in words, as tables print it)",
        (("value: 0.50,", 'value: 0.50, label: "50% of items",'),),
        at="  - §{id: pct50",
    ),
    "an id with capitals": Mistake(
        SCICODE,
        "id: pct50",
        "id: §Pct-50",
        "small letters, digits and single underscores: write pct_50",
        (("Pct-50", "pct50"),),
    ),
    "an id that is not the file's name": Mistake(
        SCICODE,
        "\nid: scicode",
        "\nid: §sci_code",
        "the id is the file's name: write scicode, or rename the file",
        (("id: sci_code", "id: scicode"),),
    ),
    # versions
    "a version that is not raised": Mistake(
        SCICODE,
        'id: pct99, value: 0.99, label: "99% of items"',
        'id: pct98, value: 0.98, label: "98% of items"',
        "bar pct98 (is new), bar pct99 (is gone) changed since main: write version: 3",
        RAISED,
        at="\nversion: §2\n",
    ),
    "a version that is not raised for other words": Mistake(
        SCICODE,
        "in any agent run by HAL",
        "in any agent",
        "operationalisation changed since main: write version: 3",
        RAISED,
        at="\nversion: §2\n",
    ),
    "no line in the changelog": Mistake(
        SCICODE,
        "version: 2\ntitle",
        "version: §3\ntitle",
        "the changelog has no line for it: add `{version: 3, date: YYYY-MM-DD, why: ...}`",
        RAISED[1:],
    ),
    "a changelog line without the version": Mistake(
        SCICODE,
        CHANGELOG,
        f'{CHANGELOG}  - {{version: §3, date: 2026-11-27, why: "A higher bar."}}\n',
        "is later than the threshold's version 2",
        RAISED[:1],
    ),
    # other files
    "a source that lacks the benchmark": Mistake(
        "benchmarks.yaml",
        "  source: hal\n  publisher_url: https://hal.cs.princeton.edu/scicode\n",
        "  source: §hall\n  publisher_url: https://hal.cs.princeton.edu/scicode\n",
        "unknown source (got 'hall'); did you mean 'hal'?",
        (("source: hall\n", "source: hal\n"),),
    ),
    "percent for a floor": Mistake(
        "benchmarks.yaml",
        "  direction: higher\n  floor: 0.0\n  ceiling:\n    values: [0.9, 0.95, 1.0]\n"
        "    weights: [0.25, 0.5, 0.25]\n"
        "    reason: \"This project's judgement, no audit of this benchmark was found: audits of "
        "comparable ones\n"
        "      find one item in ten to twenty broken, so the best reachable score is taken as 0.90, "
        '0.95 or 1."\n'
        "  n_items: 65\n",
        "  direction: higher\n  floor: §25\n  ceiling:\n    values: [0.9, 0.95, 1.0]\n"
        "    weights: [0.25, 0.5, 0.25]\n"
        '    reason: "This project\'s judgement, no audit of this benchmark was found."\n'
        "  n_items: 65\n",
        "looks like a percentage, write 0.25",
        (("floor: 25\n", "floor: 0.0\n"),),
    ),
    "a model twice": Mistake(
        "models.yaml",
        "\nai_co_mathematician:\n",
        "\n§acoder_2025_08: {name: ACoder}\nai_co_mathematician:\n",
        "duplicate key 'acoder_2025_08': keep one",
        (("acoder_2025_08: {name: ACoder}\n", ""),),
    ),
    "a component that is no model": Mistake(
        "models.yaml",
        "    - claude_opus_4_1\n    - gpt_5\n    - gemini_2_5_pro\n  source: latest component\n"
        "ai_co",
        "    - §claude_opus_41\n    - gpt_5\n    - gemini_2_5_pro\n  source: latest component\n"
        "ai_co",
        "unknown model (got 'claude_opus_41'); did you mean 'claude_opus_4_1'?",
        (("claude_opus_41\n", "claude_opus_4_1\n"),),
    ),
    "a spelling of a model that is not there": Mistake(
        "model_aliases.yaml",
        "{model: nova_premier}",
        "{model: §nova_premiere}",
        "unknown model (got 'nova_premiere'); did you mean 'nova_premier'?",
        (("nova_premiere", "nova_premier"),),
    ),
    "a gate of a bar that is not there": Mistake(
        "scenarios.yaml",
        "      gates: [{threshold: metr_work_month, bar: month}]\n    paper_replication:\n"
        "      gates: [{threshold: core_bench_hard, bar: pct80}]\n    ai_research_engineering:\n"
        "      gates:\n        - {threshold: mle_bench, bar: pct80}\n"
        "        - {threshold: kernel_optimisation_speedup, bar: x300}",
        "      gates: [{threshold: metr_work_month, bar: §months}]\n    paper_replication:\n"
        "      gates: [{threshold: core_bench_hard, bar: pct80}]\n    ai_research_engineering:\n"
        "      gates:\n        - {threshold: mle_bench, bar: pct80}\n"
        "        - {threshold: kernel_optimisation_speedup, bar: x300}",
        "unknown bar of metr_work_month (got 'months'); did you mean 'month'?",
        (("bar: months", "bar: month"),),
    ),
}
