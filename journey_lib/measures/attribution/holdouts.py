"""What a random holdout of a channel says: the lift that a model of paths can only guess at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.present.wording import Message, Quantity, message
from journey_lib.study.trials import lift

if TYPE_CHECKING:
    from journey_lib.stats.inference import Effect
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Experiment, Study


@dataclass(frozen=True)
class Held:
    """One channel that was held back at random.

    Attributes
    ----------
    channel : str
        The channel.
    trial : Experiment
        The experiment: all arms but the control got the channel.
    effect : Effect
        Its first primary metric with the channel less without it.
    """

    channel: str
    trial: Experiment
    effect: Effect

    @property
    def known(self) -> bool:
        """Whether anything can be said."""
        return self.effect.status != "not_estimable"


def held(study: Study, data: Data) -> tuple[Held, ...]:
    """Return the channels that experiments of this study held back, with what that changed."""
    trials = [trial for trial in study.experiments if trial.channel]
    if data.assignments is None:
        return ()
    logged = set(data.assignments["experiment"])
    found = []
    for trial in trials:
        if trial.id in logged:
            effect = next(iter(lift(study, data, trial).values()))
            found.append(Held(trial.channel, trial, effect))
    return tuple(found)


def beside(rows: pd.DataFrame, found: tuple[Held, ...], stage: str) -> pd.DataFrame:
    """Return the table with a row for each holdout, in the words of the other rows.

    Parameters
    ----------
    rows : DataFrame
        Rows by channel and model.
    found : tuple of Held
        Holdouts.
    stage : str
        Stage that a conversion enters.
    """
    more = [
        {
            "metric": "holdout_lift", "option": one.channel, "comparison": one.trial.id, "stage": stage,
            "estimate": one.effect.estimate, "std_error": one.effect.std_error, "ci_low": one.effect.ci_low,
            "ci_high": one.effect.ci_high, "ci_level": one.effect.ci_level, "p_value": one.effect.p_value,
            "n": one.effect.n_control + one.effect.n_treatment, "unit": "share_points",
        }
        for one in found
        if one.known
    ]  # fmt: skip
    return pd.concat([rows, pd.DataFrame(more)], ignore_index=True) if more else rows


def said(study: Study, one: Held) -> Message:
    """Return what a holdout found, as a sentence."""
    effect, channel = one.effect, study.channel_label(one.channel)
    if not one.known:
        return message("{channel}: its holdout cannot be read yet.", channel=channel)
    return message(
        "{channel}: holding it back at random showed {lift} ({low} to {high}, n = {n}).",
        channel=channel, lift=Quantity(effect.estimate, "share_points", 1, signed=True),
        low=Quantity(effect.ci_low, "share_points", 1, signed=True, bare=True),
        high=Quantity(effect.ci_high, "share_points", 1, signed=True, bare=True),
        n=Quantity(effect.n_control + effect.n_treatment),
    )  # fmt: skip
