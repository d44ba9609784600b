"""From text or plain values to a rule; everything that is wrong with it is said at once."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.segments.rule import OPERATORS, Condition, Either, Every, Not

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.study.segments.rule import Rule, Scalar, Value

_ALIASES: Final = {"is": "=", "==": "=", "is-missing": "is_missing", "is missing": "is_missing"}
_GROUPS: Final = ("all", "any", "not")
_KEYS: Final = ("column", "operator", "value")
_DEEPEST = 20


def read_rule(given: str | Mapping[str, object] | Rule) -> Rule:
    """Read a rule.

    Parameters
    ----------
    given : str, mapping or Rule
        JSON text, the same as plain values, or "column=value".

    Returns
    -------
    Rule

    Raises
    ------
    ParamError
        One error for everything that is wrong: unknown keys and operators, values of the wrong kind.

    Examples
    --------
    >>> read_rule("region=KR")
    Condition(column='region', operator='=', value='KR')
    >>> read_rule('{"any": [{"column": "nps", "operator": ">=", "value": 9}]}')
    Either(parts=(Condition(column='nps', operator='>=', value=9.0),))
    """
    if isinstance(given, Condition | Every | Either | Not):
        given = _plain_of(given)
    problems: list[Problem] = []
    if isinstance(given, str) and not given.lstrip().startswith(("{", "[")):
        rule: Rule | None = _short(given, problems)
    else:
        rule = _read(_parsed(given, problems), "rule", problems)
    if problems or rule is None:
        raise ParamError(problems)
    return rule


def shown(text: str) -> str:
    """Return text of a hand as a message may quote it: short and printable."""
    plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in text[:61])
    return plain if len(text) <= 60 else f"{plain[:60]}…"


def _plain_of(rule: Rule) -> dict[str, object]:
    from journey_lib.study.segments.rule import as_json

    return as_json(rule)


def _short(text: str, problems: list[Problem]) -> Rule | None:
    column, sign, value = (part.strip() for part in text.partition("="))
    if sign and column and value:
        return Condition(column, "=", value)
    problems.append(
        Problem("segment", f"'{shown(text)}' is no rule", "column=value, for example region=KR, or JSON")
    )
    return None


def _parsed(given: object, problems: list[Problem]) -> object:
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except (ValueError, RecursionError) as error:
        at = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        problems.append(Problem("rule", f"is not valid JSON{at}", '{"column": …, "operator": …, "value": …}'))
        return None


def _read(given: object, where: str, problems: list[Problem], depth: int = 0) -> Rule | None:
    if given is None and problems:
        return None
    if not isinstance(given, Mapping):
        problems.append(Problem(where, f"is {_kind(given)}", "a condition, or all, any or not"))
        return None
    if depth > _DEEPEST:
        problems.append(Problem(where, "lies too deep", f"at most {_DEEPEST} groups in one another"))
        return None
    groups = [key for key in _GROUPS if key in given]
    if not groups:
        return _condition(given, where, problems)
    if len(given) > 1:
        problems.append(
            Problem(
                where,
                f"has the keys {', '.join(shown(str(key)) for key in list(given)[:5])}",
                "one of all, any, not",
            )
        )
        return None
    return _group(groups[0], given[groups[0]], f"{where}.{groups[0]}", problems, depth + 1)


def _group(word: str, inner: object, where: str, problems: list[Problem], depth: int) -> Rule | None:
    if word == "not":
        part = _read(inner, where, problems, depth)
        return None if part is None else Not(part)
    if not isinstance(inner, list | tuple):
        problems.append(Problem(where, f"is {_kind(inner)}", "a list of rules"))
        return None
    parts = [_read(one, f"{where}[{at}]", problems, depth) for at, one in enumerate(inner)]
    if word == "any" and not parts:
        problems.append(Problem(where, "is empty: nobody could be inside", "at least one rule"))
    known = tuple(part for part in parts if part is not None)
    return Every(known) if word == "all" else Either(known)


def _condition(given: Mapping[str, object], where: str, problems: list[Problem]) -> Rule | None:
    before = len(problems)
    known = [*_KEYS, *_GROUPS]
    problems += [
        Problem(where, f"unknown key '{shown(str(key))}'", ", ".join(known), nearest(str(key)[:80], known))
        for key in given
        if key not in _KEYS
    ]
    column, operator = given.get("column"), str(given.get("operator", "")).strip().lower()
    operator = _ALIASES.get(operator, operator.replace("-", "_").replace(" ", "_"))
    if not isinstance(column, str) or not column.strip():
        problems.append(Problem(where, "names no column", '"column": "region"'))
    if operator not in OPERATORS:
        told = f"operator '{shown(str(given.get('operator', '')))}'"
        problems.append(Problem(where, told, ", ".join(OPERATORS), nearest(operator[:80], OPERATORS)))
    if len(problems) > before:
        return None
    value, allowed = _value(operator, given.get("value"))
    if allowed:
        what = _kind(given.get("value"))
        problems.append(
            Problem(where, f"'{operator}' of column '{shown(str(column))}' is given {what}", allowed)
        )
        return None
    return Condition(str(column), operator, value)


def _value(operator: str, given: object) -> tuple[Value, str]:
    """Return the value as the operator keeps it, or what would have been allowed."""
    if operator == "is_missing":
        return None, "" if given is None else "no value"
    if operator == "in":
        many = _scalars(given)
        return many, "" if many else "a list of texts or numbers"
    if operator == "between":
        pair = _scalars(given)
        return pair, "" if _ordered(pair) else "two numbers or two ISO dates, the lower one first"
    one = _scalar(given)
    if operator == "within_last_days":
        whole = isinstance(one, float) and one >= 0 and one.is_integer()
        return one, "" if whole else "a whole number of days, 0 or more"
    if operator == "contains":
        return one, "" if isinstance(one, str) and one else "a text"
    if operator in (">=", "<="):
        return one, "" if _comparable(one) else "a number or an ISO date"
    return one, "" if one is not None and one != "" else "a text or a number"


def _scalar(given: object) -> Scalar | None:
    if isinstance(given, bool):
        return float(given)
    if isinstance(given, int | float):
        return float(given) if abs(given) < 1e300 and math.isfinite(given) else None
    return given if isinstance(given, str) else None


def _scalars(given: object) -> tuple[Scalar, ...]:
    if not isinstance(given, list | tuple):
        return ()
    found = tuple(one for one in map(_scalar, given) if one is not None and one != "")
    return found if len(found) == len(given) else ()


def _ordered(pair: Sequence[Scalar]) -> bool:
    if len(pair) != 2 or not all(map(_comparable, pair)):
        return False
    low, high = pair
    if isinstance(low, str) and isinstance(high, str):
        return date.fromisoformat(low) <= date.fromisoformat(high)
    return isinstance(low, float) and isinstance(high, float) and low <= high


def _comparable(value: Scalar | None) -> bool:
    if isinstance(value, float):
        return True
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _kind(given: object) -> str:
    """Say what something is, never what it holds."""
    if given is None:
        return "nothing"
    kinds: dict[type, str] = {bool: "true or false", str: "text", int: "a number", float: "a number"}
    words = kinds.get(type(given), "")
    return words or ("a list" if isinstance(given, list | tuple) else "an object")
