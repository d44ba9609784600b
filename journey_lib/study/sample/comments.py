"""What people write: sentences by topic in two languages, with the untidiness of real comments."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np

from journey_lib.study.sample import design
from journey_lib.study.sample.draws import (
    Bools,
    Column,
    Floats,
    Ints,
    Texts,
    numbered,
    pick,
    pick_rows,
    stream,
)
from journey_lib.study.sample.journey import BUY, Journey
from journey_lib.study.sample.people import People
from journey_lib.study.sample.scales import touchpoint
from journey_lib.study.sample.survey import NOT_ASKED, Raters

TOPICS: Final = tuple(t.topic for t in design.TOUCHPOINTS if t.topic)
TOPIC_POINTS: Final = tuple(t.id for t in design.TOUCHPOINTS if t.topic)
TOPIC_WEIGHT: Final = (0.6, 1.1, 1.2, 0.9, 0.0, 0.9, 1.2, 1.0, 1.1)  # the guide follows its own shares
GUIDE: Final = TOPICS.index("guide")
NOISY: Final = TOPIC_POINTS.index(design.NOISY_TOUCHPOINT)
GUIDE_SHARE: Final = (0.08, 0.18)
WRITES: Final = 0.75
NOISE: Final = 0.05
MIXED: Final = 0.05
CONTRADICTS: Final = 0.08
PERSONAL: Final = 0.015
LANGUAGES: Final = ("en", "ko")
EMPTY: Final = ("", " ", ".", "-", "n/a", "없음", "ㅇㅇ", "x", "none", "👍")
TAILS: Final = {
    ("en", "good"): ("", "", "", "", " :)", " 👍", " Thanks!", " 😊"),
    ("en", "bad"): ("", "", "", "", " :(", " 😡", " Please fix this.", " 👎"),
    ("ko", "good"): ("", "", "", "", " ㅎㅎ", " ㅋㅋ", " 👍", "!!", " 감사합니다", " 😊"),
    ("ko", "bad"): ("", "", "", "", " ㅠㅠ", "ㅜㅜ", "...", " 😡", " 개선 부탁드려요", " 에휴"),
}
SLIPS: Final = {
    "en": (
        ("because", "becuase"),
        ("The ", "teh "),
        ("their", "thier"),
        ("receipt", "reciept"),
        ("which", "wich"),
    ),
    "ko": (("됐", "됬"), ("네요", "내요"), ("돼", "되"), ("않", "안"), ("있어", "잇어")),
}
SURNAMES: Final = ("김", "이", "박", "최", "정", "강", "조", "윤")
GIVEN: Final = ("하늘", "가람", "보라", "다온", "새론", "한별", "미르", "나래")
ENGLISH_NAMES: Final = ("Ms Harper Lane", "Mr Jordan Vale", "Ms Robin Field", "Mr Casey Brook")
PERSONAL_KINDS: Final = ("name", "phone", "card", "order", "address", "email")


@dataclass(frozen=True)
class Written:
    """Comments with what is true about them: topic (-1 for none), tone, language and planted secrets."""

    text: Texts
    topic: Ints
    tone: Ints
    language: Ints
    secrets: list[tuple[int, str, str]]


@lru_cache(maxsize=1)
def phrases() -> dict[tuple[str, int, int], Texts]:
    """Return all wordings: language, topic and tone (1 good, 0 bad) → each sentence in four versions.

    As written, with a slip of the pen, in small letters without a full stop, and (Korean) without spaces.

    Examples
    --------
    >>> sum(len(v) // 4 for (lang, _, _), v in phrases().items() if lang == "ko") >= 150
    True
    """
    table = {}
    for language in LANGUAGES:
        raw = files("journey_lib.study.sample").joinpath(f"comments_{language}.toml").read_text("utf-8")
        for topic, tones in tomllib.loads(raw).items():
            for tone, name in enumerate(("bad", "good")):
                versions = [v for sentence in tones[name] for v in _versions(sentence, language)]
                table[language, TOPICS.index(topic), tone] = np.array(versions, dtype=object)
    return table


def _versions(sentence: str, language: str) -> tuple[str, str, str, str]:
    slipped = sentence
    for right, wrong in SLIPS[language]:
        slipped = slipped.replace(right, wrong, 1)
    small = sentence.rstrip(".").lower()
    return sentence, slipped, small, sentence.replace(" ", "") if language == "ko" else sentence


def write_comments(rng: np.random.Generator, topic: Ints, tone: Ints, korean: Bools) -> tuple[Texts, Ints]:
    """Write one comment for each topic and tone.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the comments.
    topic, tone : array of int
        What it is about; 1 for good, 0 for bad.
    korean : array of bool
        Whether the person writes Korean.

    Returns
    -------
    tuple
        Texts, and the language of each: 0 English, 1 Korean, 2 both.
    """
    n = len(topic)
    mixed = rng.random(n) < MIXED
    version = pick(rng, (0.64, 0.10, 0.14, 0.12), n)
    text = _sentences(rng, topic, tone, korean, version)
    other = _sentences(rng, topic, tone, ~korean, np.zeros(n, dtype=np.int64))
    text = np.where(mixed, text + " " + other, text)
    return text, np.where(mixed, 2, korean.astype(int))


def _sentences(rng: np.random.Generator, topic: Ints, tone: Ints, korean: Bools, version: Ints) -> Texts:
    text = np.full(len(topic), "", dtype=object)
    for (language, number, good), wordings in phrases().items():
        rows = np.flatnonzero((topic == number) & (tone == good) & (korean == (language == "ko")))
        which = rng.integers(0, len(wordings) // 4, len(rows)) * 4 + version[rows]
        tails = np.array(TAILS[language, "good" if good else "bad"], dtype=object)
        text[rows] = wordings[which] + tails[rng.integers(0, len(tails), len(rows))]
    return text


def add_secrets(rng: np.random.Generator, text: Texts, korean: Bools) -> list[tuple[int, str, str]]:
    """Plant made-up personal data into a few comments, in place, and say where.

    Telephone numbers use ranges nobody is given, card numbers a test series.
    """
    found = []
    for row in np.flatnonzero(rng.random(len(text)) < PERSONAL):
        kind = PERSONAL_KINDS[int(rng.integers(len(PERSONAL_KINDS)))]
        secret, sentence = _secret(kind, int(rng.integers(10_000)), bool(korean[row]))
        text[row] = f"{text[row]} {sentence}".strip()
        found.append((int(row), kind, secret))
    return found


def _secret(kind: str, number: int, korean: bool) -> tuple[str, str]:  # noqa: FBT001 - internal
    digits = f"{number:04d}"
    if kind == "name":
        secret = SURNAMES[number % 8] + GIVEN[number // 8 % 8] if korean else ENGLISH_NAMES[number % 4]
        return secret, f"{secret}님이 상담해 주셨어요" if korean else f"I talked to {secret}."
    if kind == "phone":
        secret = f"010-0000-{digits}" if korean else f"+1 202-555-01{digits[:2]}"
        return secret, f"연락처는 {secret} 입니다" if korean else f"Call me at {secret}."
    if kind == "card":
        secret = f"4111-1111-1111-{digits}"
        return secret, f"카드번호 {secret} 확인해 주세요" if korean else f"My card is {secret}."
    if kind == "order":
        secret = f"O00000{digits}"
        return secret, f"주문번호 {secret} 입니다" if korean else f"Order number {secret}."
    if kind == "email":
        secret = f"user{digits}@example.com"
        return secret, f"{secret} 로 답 주세요" if korean else f"Write to {secret}."
    secret = (
        f"서울시 가온구 새봄로 {number % 90 + 1}길 {number % 40 + 1}"
        if korean
        else f"{number % 900 + 1} Sample Street"
    )
    return secret, f"주소는 {secret} 이에요" if korean else f"I live at {secret}."


def tone_of(rng: np.random.Generator, rating: Floats) -> Ints:
    """Turn ratings into tones: 4–5 good, 1–2 bad, 3 either; some people write the opposite."""
    good = np.where(rating == 3, rng.random(len(rating)) < 0.5, rating > 3)
    flipped = (rng.random(len(rating)) < CONTRADICTS) & (rating != 3)
    return np.asarray(good ^ flipped, dtype=np.int64)


def survey_comments(seed: int, people: People, raters: Raters, asked: dict[str, Column]) -> Written:
    """Write the comments of the survey; a repeated row repeats its comment.

    Parameters
    ----------
    seed : int
        Seed of the study.
    people : People
        Everybody the survey may have asked.
    raters : Raters
        What is true about each row.
    asked : dict
        The responses; a topic needs its touchpoint to be used.

    Returns
    -------
    Written
        One text for each row, "" where nothing was written.
    """
    rng = stream(seed, "comments")
    n = len(raters.customer)
    usable = np.column_stack([np.nan_to_num(asked[f"tp_{p}"].astype(float)) != 8 for p in TOPIC_POINTS])
    weight = usable * np.asarray(TOPIC_WEIGHT)
    # In its noisy wave few were shown the item, but buyers used the thing itself as in any other wave.
    noisy = (raters.wave == design.NOISY_WAVE) & (asked["nps"] != NOT_ASKED)
    weight[noisy, NOISY] = touchpoint(design.NOISY_TOUCHPOINT).used * TOPIC_WEIGHT[NOISY]
    share = np.asarray(GUIDE_SHARE)[(raters.wave >= design.FALL_WAVE).astype(int)]
    weight[:, GUIDE] = np.where(raters.guide_rater, share / (1 - share) * weight.sum(axis=1), 0.0)
    topic = pick_rows(rng, np.where(weight.sum(axis=1, keepdims=True) > 0, weight, np.asarray(TOPIC_WEIGHT)))
    rated = np.column_stack([raters.rating[p] for p in TOPIC_POINTS])[np.arange(n), topic]
    tone = tone_of(rng, rated)
    korean = people.korean[raters.customer]
    text, language = write_comments(rng, topic, tone, korean)
    secrets = add_secrets(rng, text, korean)
    silent = rng.random(n) >= WRITES
    noise = ~silent & (rng.random(n) < NOISE)
    text[noise] = np.array(EMPTY, dtype=object)[rng.integers(0, len(EMPTY), int(noise.sum()))]
    text[silent] = ""
    topic = np.where(silent | noise, -1, topic)
    _repeat(raters, text, topic, tone, language)
    kept = [s for s in secrets if topic[s[0]] >= 0 and not raters.repeated[s[0]]]
    return Written(text, topic, tone, language, kept)


def _repeat(raters: Raters, *columns: Column) -> None:
    """Give each repeated row what its first row holds."""
    key = raters.customer * len(design.WAVES) + raters.wave
    first = np.flatnonzero(~raters.repeated)
    order = first[np.argsort(key[first], kind="stable")]
    again = np.flatnonzero(raters.repeated)
    source = order[np.searchsorted(key[order], key[again])]
    for column in columns:
        column[again] = column[source]


FEEDBACK_SHARE: Final = 0.55
KINDS: Final = ("review", "ticket", "chat", "interview")
KIND_SHARES: Final = (0.46, 0.32, 0.20, 0.02)
KIND_CHANNELS: Final = (
    ("app_store", "web"),
    ("email", "call_centre"),
    ("messenger", "chat"),
    ("video", "in_person"),
)
KIND_RATING: Final = (3.6, 2.3, 3.1, 3.2)


def feedback_table(
    rng: np.random.Generator, people: People, journey: Journey, *, part: int
) -> dict[str, Column]:
    """Return reviews, tickets, chats and interview notes of one block; only reviews carry a rating.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the feedback.
    people, journey : People, Journey
        The block; buyers speak, in the 120 days after their first order.
    part : int
        Number of the block.

    Returns
    -------
    dict
        Column name → values.
    """
    bought = np.flatnonzero(np.isfinite(journey.first[:, BUY]))
    who = bought[rng.random(len(bought)) < FEEDBACK_SHARE]
    time = np.minimum(journey.first[who, BUY] + 120 * rng.random(len(who)) ** 1.5, design.DAYS - 1e-3)
    order = np.argsort(time, kind="stable")
    who, time = who[order], time[order]
    kind = pick(rng, KIND_SHARES, len(who))
    rating = np.clip(np.round(np.asarray(KIND_RATING)[kind] + 1.2 * rng.standard_normal(len(who))), 1, 5)
    weights = np.asarray(TOPIC_WEIGHT) + 0.9 * (np.arange(len(TOPICS)) == GUIDE)
    korean = people.korean[who]
    text = _feedback_text(rng, kind, rating, weights, korean)
    add_secrets(rng, text, korean)
    channels = np.array(KIND_CHANNELS, dtype=object)
    return {
        "feedback_id": numbered("F", np.arange(len(who)) + part * 1_000_000, 8),
        "customer_id": numbered("C", people.number[who], 7),
        "date": design.START + np.floor(time).astype("timedelta64[D]"),
        "kind": np.array(KINDS, dtype=object)[kind],
        "channel": channels[kind, rng.integers(0, 2, len(who))],
        "language": np.array(LANGUAGES, dtype=object)[korean.astype(int)],
        "rating": np.where(kind == 0, rating, np.nan),
        "text": text,
    }


def _feedback_text(
    rng: np.random.Generator, kind: Ints, rating: Floats, weights: Floats, korean: Bools
) -> Texts:
    """Write one sentence, or four in the notes of an interview."""
    n = len(kind)
    text, _ = write_comments(rng, pick(rng, weights, n), tone_of(rng, rating), korean)
    for _ in range(3):
        more, _ = write_comments(rng, pick(rng, weights, n), tone_of(rng, rating), korean)
        text = np.where(kind == KINDS.index("interview"), text + " " + more, text)
    return text
