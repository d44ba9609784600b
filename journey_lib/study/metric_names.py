"""What pages call the numbers of other reports: a page that lists them has only their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.present.wording import Message, Says, message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from journey_lib.study.definition import Study

_NAMES: dict[str, Message] = {
    # answers
    "nps": message("NPS"),
    "top2": message("Share satisfied (top 2)"),
    "bottom2": message("Share dissatisfied (bottom 2)"),
    "mean": message("Mean"),
    "promoters": message("Promoters"),
    "passives": message("Passives"),
    "detractors": message("Detractors"),
    "item_nonresponse": message("Not answered"),
    "importance": message("Importance"),
    "coefficient": message("Coefficient"),
    "commented": message("Wrote a comment"),
    "positive": message("Positive comments"),
    # steps and stages
    "entered": message("Entered"),
    "reached": message("Reached"),
    "moved_on": message("Went on"),
    "still_open": message("Still open"),
    "timed_out": message("Ran out of time"),
    "rate_naive": message("Went on, as counted"),
    "rate_mature": message("Went on, whole windows only"),
    "rate_km": message("Went on, allowing for open ones"),
    "target": message("Goal"),
    "target_gap": message("Gap to the goal"),
    "time_median": message("Median time to go on"),
    "time_quartile_1": message("Time in which a quarter goes on"),
    "time_quartile_3": message("Time in which three quarters go on"),
    "whole_reached": message("Reached from the start"),
    "whole_km": message("From the start, allowing for open ones"),
    "whole_mature": message("From the start, whole windows only"),
    "median_days": message("Median days"),
    "mover_days": message("Median days of those who went on"),
    "waiting_days": message("Median days of those waiting"),
    "in_stage_now": message("In the stage now"),
    "overdue": message("Waiting longer than usual"),
    "spells": message("Stays"),
    "dropoff": message("Left"),
    "visits": message("Visits"),
    "back": message("Went back"),
    "skip": message("Skipped ahead"),
    "win_back": message("Won back"),
    # touchpoints, cohorts and channels
    "reach": message("Reach"),
    "customers_reached": message("Customers reached"),
    "contacts": message("Contacts"),
    "contacts_per_customer": message("Contacts a customer"),
    "median_contacts": message("Median contacts"),
    "share_of_stage": message("Share of the stage's customers"),
    "loops": message("Loops"),
    "repeated_share": message("Share of repeated steps"),
    "median_steps": message("Median steps"),
    "members": message("Members"),
    "retained": message("Came back"),
    "conversions": message("Conversions"),
    "size": message("Size"),
}


def metric_label(metric: str) -> Says:
    """Return what a reader calls a number; an id that is not known goes by its own words.

    Examples
    --------
    >>> metric_label("moved_on").say("en"), metric_label("daily_visits").say("en")
    ('Went on', 'daily visits')
    """
    return _NAMES.get(metric) or message("{words}", words=metric.replace("_", " "))


def where(study: Study, row: Mapping[Any, Any]) -> Says | None:
    """Return the touchpoint, question or stage that a row of numbers is about; None for the whole journey."""
    labels: tuple[tuple[str, dict[str, Says]], ...] = (
        ("touchpoint", {one.id: one.label for one in study.journey.touchpoints}),
        ("question", {one.id: one.label for one in study.questions}),
        ("stage", {one.id: one.label for one in study.journey.stages}),
    )
    return next((known[str(row[key])] for key, known in labels if str(row[key]) in known), None)
