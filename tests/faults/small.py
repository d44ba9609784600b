"""The sample study cut to a handful of people, with a secret in every cell that could name one of them."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pyreadstat

from journey_lib.study.definition.sources import SourcePart
from journey_lib.study.load import Data, load_study
from journey_lib.study.readers import read_text
from journey_lib.study.sample import write

PLANTED = "Geheim"  # no word of the package, of the study file or of a library's message
PLANTED_NUMBER = "48151.6234"  # stands in columns of numbers
PRIVATE = ("respondent_id", "customer_id", "order_id", "feedback_id", "action_id", "household_id",
           "anonymous_id", "session_id", "text", "comment")  # fmt: skip
PREFIXES = ("tp_ad", "csat_purchase", "nps", "effort_3", "aware_", "pay_preferred", "comment")
WAVES = ("2025-06", "2025-08")
ROWS = 60
NATIVE = {
    "customers": "parquet", "responses": "parquet", "margins": "csv", "events": "parquet", "feedback": "csv",
    "assignments": "parquet", "orders": "parquet", "costs": "csv", "actions": "parquet",
}  # fmt: skip
TABLES = tuple(NATIVE)
COMPANY = {"responses": ("margins",), "margins": ("responses",)}  # the tables a table is judged with
QUESTIONS = ("tp_ad", "csat_purchase", "nps", "effort_3", "awareness_unaided", "pay_preferred", "comment")


@dataclass(frozen=True)
class Traits:
    """Which columns of a table a fault can hit: one it cannot do without, a number and a date."""

    needed: str
    number: str
    date: str
    key: str = ""


TRAITS = {
    "customers": Traits("customer_id", "contacts_before", "signup_date", "customer_id"),
    "responses": Traits("respondent_id", "duration_s", "date", "respondent_id"),
    "margins": Traits("margin", "target", "", "category"),
    "events": Traits("event", "value", "time"),
    "feedback": Traits("", "rating", "date", "feedback_id"),
    "assignments": Traits("arm", "minutes_before", "assigned_at", "customer_id"),
    "orders": Traits("customer_id", "amount", "time", "order_id"),
    "costs": Traits("channel", "cost", "date"),
    "actions": Traits("action", "propensity", "time", "action_id"),
}


@dataclass(frozen=True)
class Small:
    """The cut study: its file, each table as text, and what a sound one loads to."""

    whole: str
    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, bytes]
    sound: Callable[[str], Data]

    def lay(
        self, folder: Path, table: str, ending: str = "", content: bytes | None = None, more: str = ""
    ) -> Path:
        """Write a study of one table and what it needs: in this format, with these bytes (None: no file)."""
        (folder / "raw").mkdir(parents=True, exist_ok=True)
        text = definition(self.whole, table)
        text = re.sub(rf'"raw/{table}\.\w+"', f'"raw/{table}.{ending or NATIVE[table]}"', text)
        text = text.replace(f"[sources.{table}]", f"[sources.{table}]\n{more}")
        (folder / "study.toml").write_text(text, encoding="utf-8")
        for name in COMPANY.get(table, ()):
            (folder / "raw" / f"{name}.{NATIVE[name]}").write_bytes(self.files[name])
        if content is not None:
            (folder / "raw" / f"{table}.{ending or NATIVE[table]}").write_bytes(content)
        return folder


def definition(whole: str, table: str) -> str:
    """Return the sample's study file without the sources and questions that a case about one table spares."""
    sources = {table, *COMPANY.get(table, ())}
    asked = QUESTIONS if "responses" in sources else ()

    def kept(block: str) -> bool:
        if block.startswith(("[[columns]]", "[columns.")):
            return False  # names of columns, which lie in tables that are spared
        if found := re.match(r"\[sources\.(\w+)\]", block):
            return found[1] in sources
        if block.startswith("[[questions]]"):
            return re.search(r'^id = "(\w+)"', block, re.MULTILINE)[1] in asked
        return "responses" in sources or not block.startswith(("[weights]", "[design]", "[[scales]]"))

    spared = "".join(block for block in re.split(r"(?m)^(?=\[)", whole) if kept(block))
    return spared if "nps" in asked else spared.replace(', "nps"]', "]")  # an outcome of the experiment


def make(folder: Path) -> Small:
    """Generate the sample study, cut it and plant the secrets."""
    write(folder / "whole", "tiny")
    whole = (folder / "whole" / "study.toml").read_text(encoding="utf-8")
    whole = whole.replace("raw/events/*.parquet", "raw/events.parquet")
    tables = {name: planted(cut(name, table)) for name, table in _read(folder / "whole" / "raw").items()}
    files = {name: as_bytes(table, NATIVE[name]) for name, table in tables.items()}

    @cache
    def sound(table: str) -> Data:
        return load_study(small.lay(folder / table, table, "", files[table]))[1]

    small = Small(whole, tables, files, sound)
    return small


def _read(raw: Path) -> dict[str, pd.DataFrame]:
    places = {name: raw / f"{name}.{ending}" for name, ending in NATIVE.items()}
    places["events"] = raw / "events" / "part-0000.parquet"
    return {name: read_text(path, SourcePart(file=path.name)) for name, path in places.items()}


def cut(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Keep few rows, no id twice and no two events of one person at a moment: order means nothing."""
    if name in ("responses", "margins"):
        table = table[table["wave"].isin(WAVES)]
    if name == "responses":
        spared = [column for column in table.columns[12:] if not column.startswith(PREFIXES)]
        table = table.drop(columns=spared)
        return table.drop_duplicates(["respondent_id", "wave"]).reset_index(drop=True)
    if name == "margins":
        return table.reset_index(drop=True)
    if name == "events":
        table = table[table["customer_id"] != ""].drop_duplicates(["customer_id", "time"])
    return table.head(ROWS).reset_index(drop=True)


def planted(table: pd.DataFrame) -> pd.DataFrame:
    """Make every identifier and every word of a respondent recognisable."""
    private = {name: table[name] for name in PRIVATE if name in table}
    return table.assign(
        **{name: column.where(column == "", PLANTED + " " + column) for name, column in private.items()}
    )


def as_bytes(table: pd.DataFrame, ending: str) -> bytes:
    """Write a table of text in one of the formats a study may bring."""
    if ending in ("csv", "tsv"):
        return table.to_csv(index=False, sep="\t" if ending == "tsv" else ",").encode()
    if ending.endswith(".gz"):
        return gzip.compress(as_bytes(table, ending.removesuffix(".gz")), mtime=0)
    if ending == "jsonl":
        return table.to_json(orient="records", lines=True, force_ascii=False).encode()
    stream = io.BytesIO()
    if ending == "parquet":
        table.to_parquet(stream, index=False)
    elif ending == "xlsx":
        table.to_excel(stream, index=False)
    return stream.getvalue()


def as_sav(table: pd.DataFrame, path: Path) -> bytes:
    """Write an SPSS file, which its library only writes to disk."""
    pyreadstat.write_sav(table.astype(object), str(path))
    return path.read_bytes()
