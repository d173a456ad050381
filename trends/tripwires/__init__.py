"""Do new figures break the bands that were published before them, and how surely?

Every published vintage states the law of each benchmark's record at any later day.
When the figures get there, ``trends.tripwires.watch`` asks how surprising the record
is and multiplies the answer into evidence that is carried from vintage to vintage;
``trends.tripwires.evidence`` says what such evidence is worth and when it is an alarm.
"""

from trends.tripwires.watch import Published, watch_records

__all__ = ["Published", "watch_records"]
