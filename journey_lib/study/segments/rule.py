"""A rule that picks people, as an inert value: conditions on columns, joined by all, any and not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

Scalar: TypeAlias = str | float
Value: TypeAlias = Scalar | tuple[Scalar, ...] | None

OPERATORS: Final = ("=", "in", "between", ">=", "<=", "is_missing", "contains", "within_last_days")


@dataclass(frozen=True)
class Condition:
    """One comparison of one column.

    Attributes
    ----------
    column : str
        A column of the people or of their answers; for a question with several answers, the question.
    operator : str
        One of `OPERATORS`.
    value : str, float or tuple of them, or None
        `=`, `>=` and `<=` take one value, `in` a tuple, `between` the pair (low, high) with both ends inside,
        `contains` a text, `within_last_days` a number of days, `is_missing` none. Days are ISO dates.

    Examples
    --------
    >>> Condition("region", "in", ("KR", "JP")).column
    'region'
    """

    column: str
    operator: str
    value: Value = None


@dataclass(frozen=True)
class Every:
    """True when all parts are true; without parts it holds for everybody."""

    parts: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Either:
    """True when any part is true."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True)
class Not:
    """True when the part is false; unknown stays unknown."""

    part: Rule


Rule: TypeAlias = Condition | Every | Either | Not
EVERYBODY: Final = Every()


def conditions(rule: Rule) -> Iterator[Condition]:
    """Yield the conditions of a rule, in its order."""
    if isinstance(rule, Condition):
        yield rule
    elif isinstance(rule, Not):
        yield from conditions(rule.part)
    else:
        for part in rule.parts:
            yield from conditions(part)


def columns_of(rule: Rule) -> tuple[str, ...]:
    """Return the columns a rule names, each once, in its order.

    Examples
    --------
    >>> columns_of(Every((Condition("plan", "=", "free"), Not(Condition("plan", "is_missing")))))
    ('plan',)
    """
    return tuple(dict.fromkeys(one.column for one in conditions(rule)))


def as_json(rule: Rule) -> dict[str, object]:
    """Return a rule as plain values, the way it is saved.

    Examples
    --------
    >>> as_json(Every((Condition("region", "=", "KR"), Not(Condition("nps", "is_missing")))))["all"][1]
    {'not': {'column': 'nps', 'operator': 'is_missing'}}
    """
    if isinstance(rule, Not):
        return {"not": as_json(rule.part)}
    if not isinstance(rule, Condition):
        return {"all" if isinstance(rule, Every) else "any": [as_json(part) for part in rule.parts]}
    value = [_plain(one) for one in rule.value] if isinstance(rule.value, tuple) else _plain(rule.value)
    shown = {} if rule.operator == "is_missing" else {"value": value}
    return {"column": rule.column, "operator": rule.operator, **shown}


def canonical(rule: Rule) -> Rule:
    """Return the one form that all spellings of a rule share, so that equal rules have equal hashes.

    Parts are sorted and stand once, groups in groups of their kind are opened, `in` with one value is `=`,
    and two negations cancel. None of this changes who is inside.

    Examples
    --------
    >>> canonical(Every((Every((Condition("b", "in", ("x",)),)),)))
    Condition(column='b', operator='=', value='x')
    """
    if isinstance(rule, Condition):
        return _plain_condition(rule)
    if isinstance(rule, Not):
        inner = canonical(rule.part)
        return inner.part if isinstance(inner, Not) else Not(inner)
    kind = type(rule)
    found: list[Rule] = []
    for part in map(canonical, rule.parts):
        found += part.parts if isinstance(part, Every | Either) and type(part) is kind else [part]
    parts = tuple({_text(part): part for part in sorted(found, key=_text)}.values())
    return parts[0] if len(parts) == 1 else kind(parts)


def fingerprint(rule: Rule) -> str:
    """Return the SHA-256 of the canonical rule.

    Examples
    --------
    >>> one, two = Condition("a", "=", "x"), Condition("b", "=", "y")
    >>> fingerprint(Every((one, two))) == fingerprint(Every((two, one, one)))
    True
    """
    return hashlib.sha256(_text(canonical(rule)).encode()).hexdigest()


def as_parameter(rule: Rule) -> str:
    """Return what the parameter `segment` of a run takes: "column=value" where that says it all, else JSON.

    Examples
    --------
    >>> as_parameter(Condition("region", "=", "KR")), as_parameter(Condition("nps", ">=", 9.0))
    ('region=KR', '{"column":"nps","operator":">=","value":9}')
    """
    if isinstance(rule, Condition) and rule.operator == "=" and isinstance(rule.value, str):
        plain = rule.value == rule.value.strip() and rule.value and "=" not in rule.column
        if plain and rule.column == rule.column.strip() and not rule.column.startswith("{"):
            return f"{rule.column}={rule.value}"
    return json.dumps(as_json(rule), ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    """Return whole numbers without a decimal point, so that 9 and 9.0 are one value."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain_condition(rule: Condition) -> Condition:
    if rule.operator != "in" or not isinstance(rule.value, tuple):
        return rule
    values = tuple(sorted(dict.fromkeys(rule.value), key=lambda one: (isinstance(one, str), one)))
    if len(values) == 1:
        return Condition(rule.column, "=", values[0])
    return Condition(rule.column, "in", values)


def _text(rule: Rule) -> str:
    return json.dumps(as_json(rule), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
