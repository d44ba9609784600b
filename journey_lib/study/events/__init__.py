"""What customers did: read once, put in one order, and kept as columns that every event measure shares."""

from journey_lib.study.events.flags import Flag
from journey_lib.study.events.log import EventLog
from journey_lib.study.events.report import EventReport

__all__ = ["EventLog", "EventReport", "Flag"]
