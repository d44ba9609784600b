"""What is asked of a facet as a rule, and a rule as what its facets ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from journey_lib.study.segments.facets import Choice
from journey_lib.study.segments.rule import EVERYBODY, Condition, Either, Every, Not, Rule

if TYPE_CHECKING:
    from journey_lib.study.segments.facets import Facet, Facets


@dataclass(frozen=True)
class Asked:
    """The conditions of a filter.

    Attributes
    ----------
    choices : dict of str to Choice
        What is asked of each facet, in the order it was asked.
    others : tuple of Rule
        Conditions that no facet can show.
    inverted : bool
        Whether those outside are wanted.
    """

    choices: dict[str, Choice] = field(default_factory=dict)
    others: tuple[Rule, ...] = ()
    inverted: bool = False


def rule_of(facets: Facets, asked: Asked) -> Rule:
    """Return the conditions of a filter as one rule.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> from journey_lib.study.segments.facets import Facets
    >>> from journey_lib.study.segments.people import people
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"customer_id": ["a", "b"], "region": ["KR", "JP"]})
    >>> facets = Facets(people(*quick_study(customers=frame)))
    >>> rule_of(facets, Asked({"region": Choice(("KR",))}, inverted=True))
    Not(part=Condition(column='region', operator='=', value='KR'))
    """
    parts = [rule_of_choice(facets[name], one) for name, one in asked.choices.items() if one.restricts]
    parts += asked.others
    whole = parts[0] if len(parts) == 1 else Every(tuple(parts))
    return Not(whole) if asked.inverted else whole


def rule_of_choice(facet: Facet, choice: Choice) -> Rule:
    """Return what is asked of one facet as a rule."""
    missing = Condition(facet.name, "is_missing")
    if not choice.restricts:
        return EVERYBODY
    if not (choice.values or choice.low is not None or choice.high is not None):
        return missing
    whole = _compared(facet, choice)
    return Either((whole, missing)) if choice.missing else whole


def _compared(facet: Facet, choice: Choice) -> Rule:
    name, low, high = facet.name, choice.low, choice.high
    if low is not None and high is not None:
        return Condition(name, "between", (low, high))
    if low is not None or high is not None:
        return Condition(name, "<=", high) if low is None else Condition(name, ">=", low)
    if len(choice.values) == 1:
        return Condition(name, "=", choice.values[0])
    if facet.kind == "options" and choice.every:
        return Every(tuple(Condition(name, "=", value) for value in choice.values))
    return Condition(name, "in", choice.values)


def asked_of(facets: Facets, rule: Rule) -> Asked:
    """Return a rule as conditions of a filter; what no facet can show stays as it is.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> from journey_lib.study.segments.facets import Facets
    >>> from journey_lib.study.segments.people import people
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"customer_id": ["a", "b"], "region": ["KR", "JP"]})
    >>> facets = Facets(people(*quick_study(customers=frame)))
    >>> asked_of(facets, Condition("region", "in", ("JP", "KR"))).choices["region"].values
    ('JP', 'KR')
    """
    inverted = isinstance(rule, Not)
    inner = rule.part if isinstance(rule, Not) else rule
    choices: dict[str, Choice] = {}
    others: list[Rule] = []
    for part in _opened(inner):
        found = _choice(facets, part)
        if found is not None and found[0] not in choices:
            choices[found[0]] = found[1]
        elif found is not None and (both := _all_of(facets, choices, *found)) is not None:
            choices[found[0]] = both
        else:
            others.append(part)
    return Asked(choices, tuple(others), inverted)


def _opened(rule: Rule) -> Sequence[Rule]:
    """Return the parts that must all hold, groups within opened."""
    if not isinstance(rule, Every):
        return [rule]
    return [one for part in rule.parts for one in _opened(part)]


def _all_of(facets: Facets, choices: Mapping[str, Choice], name: str, one: Choice) -> Choice | None:
    """Return two options asked apart as one choice of all of them."""
    known = choices[name]
    single = len(one.values) == 1 and (known.every or len(known.values) == 1)
    if facets[name].kind != "options" or not single or one.missing or known.missing:
        return None
    return replace(known, values=tuple(dict.fromkeys((*known.values, *one.values))), every=True)


def _choice(facets: Facets, rule: Rule) -> tuple[str, Choice] | None:
    if isinstance(rule, Either):
        return _or_missing(facets, rule)
    if not isinstance(rule, Condition) or rule.column not in facets.who.traits:
        return None
    if facets.who.traits[rule.column].kind == "open":
        return None
    if rule.operator == "is_missing":
        return rule.column, Choice(missing=True)
    facet, value = facets[rule.column], rule.value
    found: Choice | None = None
    if facet.is_range:
        found = _ends(rule)
    elif rule.operator in ("=", "in") and value is not None:
        values = value if isinstance(value, tuple) else (value,)
        found = Choice(values) if all(one in facet.places for one in values) else None
    return None if found is None else (rule.column, found)


def _ends(rule: Condition) -> Choice | None:
    value = rule.value
    if rule.operator == "between" and isinstance(value, tuple):
        return Choice(low=value[0], high=value[1])
    if isinstance(value, tuple) or value is None or rule.operator not in (">=", "<="):
        return None
    return Choice(low=value) if rule.operator == ">=" else Choice(high=value)


def _or_missing(facets: Facets, rule: Either) -> tuple[str, Choice] | None:
    """Read "one of these, or without a value"."""
    lost = [one for one in rule.parts if isinstance(one, Condition) and one.operator == "is_missing"]
    rest = [one for one in rule.parts if one not in lost]
    if len(lost) != 1 or len(rest) != 1:
        return None
    found = _choice(facets, rest[0])
    if found is None or found[0] != lost[0].column:
        return None
    return found[0], replace(found[1], missing=True)
