"""The sentences of the page; its numbers come from a run."""

from typing import Final

QUICK: Final = "**A quick run: it works, and no number below means anything.**"

HEADLINE: Final = """\
The truth is simulated here, so that it can be counted how often the intervals of the
published code hold it. **90% intervals of lines through releases that were not selected
hold the truth in 86 to 94% of cases, and so do those of the drift on walks, and of
`records`, which dates headlines, on records that come as its law has them. Those of lines
through records do not: they end too early.** Where models come out about a trend, and
whether one is a record follows from what it scores, `records` holds a few points less than
it claims; where the pace doubles, wanders much, or is even on another scale, clearly less.
Where it is not known which of these worlds it is, the drift is the one to read of the
families simulated: it held about what it claims or more under every truth but the law of
`records` and a pace that wanders much. Which of these worlds a benchmark lives in is for
the backtest and `trends contest` to say, not for this page: on what came `records` has done
better than the drift."""

ASKED: Final = """\
Of a nominal 90% interval 86 to 94% is asked, from 8 releases on, with binomial noise and
a standard deviation of 0.5 logit between releases, on releases that were not selected;
and of the drift and of `records` on records of their own worlds."""

BESIDE: Final = """\
Beside it, where nothing is promised: records selected from releases, and every family
under a truth that is not its own."""

READING: Final = """\
- **Releases that were not selected.** Intervals of `logistic` and `exponential` lines,
  and of growth rates, hold what they claim. What is missed lies more often before an
  interval than after it: given that no score has reached a bar, the line was seen low.
  Where developers differ `logistic` and `logistic3` hold too, although they are not told
  who made what.
- **`quantile`** holds with 16 models and 200 items or more, and with fewer there is none.
  It takes the wider of two errors, by model and by developer, which of 12 models was too
  wide: where eight developers differed its 90% intervals held 93 to 95%. Scores of
  few items spread on the logit scale the more the nearer they are to floor and ceiling,
  so that the 0.9 quantile of published scores bends upwards and its straight line comes
  too late (of 100 items its 90% intervals held 85%, of 20 items 74%). Where items are the
  only scatter it bends at any size.
- **`logistic3`** holds from 12 records on, over all bars together (of eight its 90%
  intervals held 83 to 85%). For bars 0.3 years away it does not: its intervals begin too
  late.
- **Records.** A line through records runs above the line of all releases and too
  steeply: its intervals end before the line of releases is there, the more so the more
  releases the records were chosen from. Neither weights nor scatter between releases
  repair it, and plain least squares with Student's t is no better. An item error that is
  large and allowed for hides it. Held against the next record instead, as under
  "Wrong worlds for the drift", these intervals stand about right and are too narrow:
  they are those of a line, not of a score. `logistic3`, which can bend, holds on records
  what it holds on releases, where there are enough of them.
- **Records near a bar.** A line that is past a bar no score has reached has no interval
  for it, which is where most of "not estimated" comes from; the bar is then close, and
  `drift` has a date. Intervals that remain for near bars hold more often than those for
  bars further away, because the lines that contradict the record were left out.
- **`drift`** holds in its own world from eight looks in two years on. A series that is
  looked at more rarely shows a crossing late: its intervals, which are those of the
  walk, then end too early, most for bars close to the record. To put bars higher by the
  mean overshoot at a look would mend it here (86% with 5 looks, 89 to 90% with more),
  but scored worse in the backtest 12 months ahead (CRPS +1.1 points) and for METR at
  every lead: a benchmark is looked at when something better came out. For the same
  reason the last day that a series is watched counts as a look, with or without a score.
  Where nobody looked on it the walk is taken to be lower than it is, and intervals hold
  less; but a walk that moves on unseen since the last score missed bounded frontiers in
  the backtest by 10 points three months ahead, instead of 5.5.
- **The wrong world costs more than the wrong width.** Where frontiers walk, 90%
  intervals of lines hold the truth less than half of the time. Where releases scatter
  about a line, or walks are seen through items, the drift still holds what it claims or
  more. The ensemble, which pools lines with it, holds about as much there, and less than
  it claims where frontiers walk. Not knowing which world this is, take the drift
  of these.
- **`records`** holds in its own world: its 80% intervals of dates held 77 to 79%, those of
  the frontier's score 74 to 82%, and records stood as often as was said: 3, 6 and 12 months
  with 36, 14 and 3%, and 39, 14 and 1% did.
- **Where models come out** about the same trend a high record stands longer than a low
  one, of which the law of waits knows nothing: three months 24 to 25% were said to stand,
  and 26 to 30% did. Dates are still held by 75 to 78% of 80% intervals. Where twice as many
  models come out each year it is the other way round: 33% were said to stand, and 24% did,
  since waits are learned from the records of the last year and a half. So the backtest by
  release day (39%, and 25% did) shows no fault of the law where records come as it has them,
  but a pace of releases that grew: before 2025 about half as many records came each half
  year as since.
- **Records go on** in its law whatever the trend does. Where the pace wanders so much that
  trends fall (wander 1), 80% intervals held 62 to 64% and ended too early: of models then
  15% of records stood a year, where 3% was said. With the true trend in the place of the
  fitted one it was hardly better (70%): waits and rises go together there, and the law takes
  them apart. The backtest has seen no such pause (a year later 0 to 1% of records stood). A pace
  that doubled within the last year it takes for scatter at first: 67%, and a quarter of the
  dates came before.
- **What is fitted** costs it little. Where models come out, scores among the best three put
  the level of the trend nearly one standard error too high, and their scatter a quarter too
  low; but with the true variances, or the true trend, intervals held no more (78 to 80%).
- **The scale matters.** A line that is straight in logits bends upwards on the scale of
  `records` (Gompertz): its 80% intervals held 57 to 59%, and nearly all dates that they
  missed came before them. The drift, which is wider, holds there.
- **Walks** touch their maximum again at once or not for long: `records` says too rarely
  that one stands (three months 31 to 47%, and 42 to 60% did), though dates are held by 74
  to 78% of 80% intervals.
- **Never** is said too surely where records come as in the law and much of it is said, and
  hardly surely enough where models come out: of 70% and more (88% on average) that was said
  of bars under ceilings judged 90%, 77 and 90% came true; of ceilings judged 97%, of which so
  much is rarely said (90 and 91%), 57 and 93%. Lower chances come about as often as they are
  said.
- **The power of the evidence** is .7 for that reason: with it the squared error of never, over
  the four worlds, is lowest. Counted whole the scores say a high never too surely in all of
  them (72, 83, 43 and 81% came), and foretell the next scores no better where records come as
  in the law: a record that was lucky is followed by lower scores, which a low ceiling foretells
  and is not the reason of. In these worlds judgements are right on average, and scores have
  hardly an error (10,000 items); whether real judgements are right is not known."""

METHOD: Final = """\
## Method

`python -m trends.coverage` (`make coverage`) writes this page: $n_simulations simulations
a cell, $n_of_records where `records` is asked, every random number fixed by the name of its
cell, no clock. Each simulation is a table of scores; what fits and dates it is the code that
publishes dates (`trends.fits`, `trends.crossings`, $n_draws draws of each line). The standard
error after each coverage is that of simulating finitely often; bars of one simulation are one piece of evidence.

**Worlds.** *Releases*: n releases on random days of two years, logit score 1.5 a year
plus a normal scatter of standard deviation SD, seen through a binomial of so many items;
the line is at 50% when the figures end. *Releases of developers*: 0.3 of the SD of 0.5 is
a level of each developer, who are few; bars are those of developers without number.
*Growth*: the same in ln score, measured with an
error of 0.15 to 0.45 that is published as a 95% interval (noise), or without error.
*Walks*: families of Brownian walks with sigma 1 and drifts of mean 1.5 and standard
deviation 0.6 a year, each watched for one to three years and looked at on random days, n
times in two years on average, and on the last day; only records count. *Last day unseen*:
the same without a look on the last day. Eight families unless said otherwise:
one is forecast, the others are its pool.

**Worlds of records.** Each family has a trend on the Gompertz scale that rises 1.5 a year,
with a standard deviation of 0.6 between families and a slope that is a random walk
(*wander*: its variance a year), watched for one to three years; scores stand 0.15 to 0.45
about it. *Records*: a record of age t is beaten with hazard lambda k t^(k-1), k 1.2, lambda
of mean 5 and coefficient of variation 0.45 between families; the next one stands where the
law of `records` puts the frontier of its day, given that it is above the one before, and
two scores below the record come for each record. A law that is a wait times a rise has no
world that is it exactly: it looks once from the last day, while here each record stands on
the one before; and it takes scores among the best three for scatter about the trend,
although some were drawn to be records. *Models*: 15 models a year (coefficient of variation
0.45) score trend and scatter on days of their own; records are what follows. *Under
ceilings*: either of these, the ceiling of each family drawn from the beta distribution of
`ceiling`, whose mean is judged right. *Pace doubles*: on a day of the last year before the figures
end. *Ever more*: twice as many models each year, until a year after that day.

**Bars** stand where the true line will be 0.3, 0.75 and 1.5 years after the figures end;
for walks and worlds of records, that far above the record at a rise of 1.5 a year. Under
ceilings they are 80, 90 and 95%. Only bars that no score has
reached have an interval, so that every coverage is one given that the bar is open: a
near bar is open when releases were unlucky.

**Truth.** Two events are dated, as in the column `estimand` of the published tables.
`trend_line`: the true line reaches the bar; for `quantile`, the true 0.9 quantile of
scores published on that day does, for `logistic3` their mean, which least squares of
scores follow. `first_record`: a published score reaches it, releases or looks going on
at the same rate. Lines are held against the first; in the sections on
walks and on wrong worlds all are held against the second, which is what a reader of the
drift and the ensemble is told.

**Intervals** run from one published quantile to another; one whose upper quantile is not
reached, because the bar may never be crossed, is open above. *Truth before 90%*: the
interval begins after the truth, it is too late. *Truth after 90%*: too early. *Not
estimated*: open bars without an interval, because there is too little to fit or because
the curve is past a bar that no score has reached; these count neither way. The
50, 80 and 90% intervals of a growth rate are `slope_per_year` and Student's t times
`slope_per_year_se`; at 95% it is the published interval of the doubling time.

Too few for a family: under 4 records or a year for lines, $sigmoid_records records for
`logistic3`, $quantile_models models and $quantile_items items for `quantile`; the drift
and `records` need one. `ensemble` pools the others with equal
weights; a backtest may give it better ones. `plain OLS` is what the design compares with:
ordinary least squares of the same points with Student's t, no variance known."""

TITLES: Final = {
    "not_selected": (
        "Releases that were not selected",
        "Lines are fitted to all releases; there is no ceiling below 1.",
    ),
    "of_developers": (
        "The same where developers differ",
        "Of the standard deviation of 0.5 between releases, 0.3 is between developers.",
    ),
    "with_ceiling": (
        "The same under a ceiling of 0.9",
        "Which only `logistic3` estimates; its bars are nine tenths of those above.",
    ),
    "growing": (
        "Growth, releases that were not selected",
        "Dates of the true line, and its slope.",
    ),
    "selected": (
        "Records selected from releases",
        "Lines through the records of n releases, against the line of all releases.",
    ),
    "growing_selected": (
        "Growth, records selected from releases",
        "The same in ln score.",
    ),
    "walking": (
        "Walks: the drift's own world, and a wrong one for lines",
        "All are held against the first look that shows the bar.",
    ),
    "scattering": (
        "Wrong worlds for the drift",
        "All are held against the first published score that reaches the bar.",
    ),
    "of_records": (
        "Records as in the law of `records`",
        "All are held against the first published score that reaches the bar.",
    ),
    "under_ceilings": (
        "Under ceilings",
        "An interval is open above where the bar may never be reached, and holds more.",
    ),
    "wrong_for_records": (
        "Wrong worlds for `records`",
        "All are held against the first published score that reaches the bar.",
    ),
}

STANDS: Final = """\
How likely the record was to stand 3, 6 and 12 months (91, 183 and 365 days), and the share
that stood, in percent."""

LEVELS: Final = """\
The best score of those days, held against 80% intervals of its published law. That law has
an atom at today's record; a record that stands lies anywhere in it, at random."""

POWERS_HELD: Final = """\
Power with which the likelihood of the scores counts, beside what comes of it: how well it
foretells the best scores of the next year (log density in nats less that of power 1; more is
better), as `trends ceilings` asks of real scores; the squared error of *never* of bars of 80,
90 and 95% that are open (a hundred times, less that of power 1; less is better); and how
often a high *never* came true. Precision and fade as forecasts use them."""

BANDS_SAID: Final = """\
What `records` said, in bands, beside the share that came. Three days, or three bars, of one
simulation are one piece of evidence. In its law records go on, so that *never* is how
likely the bar lies above the ceiling (`p_never`, `p_above_ceiling`)."""
