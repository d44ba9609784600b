"""What a saved list remembers of the clusters it came from: how they were found, how far to trust each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

STABILITY: Final = ("stable", "valid", "pattern", "doubtful", "dissolved", "")
VERDICTS: Final = ("clear", "unsure", "none", "rule")


@dataclass(frozen=True)
class Cluster:
    """How a group of people was found.

    Attributes
    ----------
    division : str
        Stands for all groups found together: the lists of one division carry the same.
    method : str
        How they were found.
    groups : int
        How many groups the division has.
    verdict : {"clear", "unsure", "none", "rule"}
        Whether there are groups at all; "rule" where rules made them.
    stability : {"stable", "valid", "pattern", "doubtful", "dissolved", ""}
        Whether this one comes back in other samples; "" where nobody looked.
    jaccard : float or None
        Its mean overlap with the same group in other samples; None where nobody looked.
    columns : tuple of str
        What built the groups.

    Examples
    --------
    >>> one = Cluster("1f", "kmeans", 4, "clear", "stable", 0.91, ("calls",))
    >>> read_cluster(one.as_json()) == one
    True
    """

    division: str
    method: str
    groups: int
    verdict: str
    stability: str = ""
    jaccard: float | None = None
    columns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as it stands in the file."""
        return {**vars(self), "columns": list(self.columns)}


def read_cluster(given: object) -> Cluster | None:
    """Return what stands in the file as a cluster; None where it is none."""
    if not isinstance(given, Mapping) or set(given) != {one.name for one in fields(Cluster)}:
        return None
    jaccard, columns, groups = given["jaccard"], given["columns"], given["groups"]
    texts = [given[name] for name in ("division", "method", "verdict", "stability")]
    right = (
        all(isinstance(one, str) for one in texts)
        and given["verdict"] in VERDICTS
        and given["stability"] in STABILITY
        and type(groups) is int
        and groups > 0
        and (jaccard is None or (isinstance(jaccard, float | int) and 0 <= jaccard <= 1))
        and isinstance(columns, list)
        and all(isinstance(one, str) for one in columns)
    )
    if not right:
        return None
    return Cluster(**{**given, "columns": tuple(columns)})
