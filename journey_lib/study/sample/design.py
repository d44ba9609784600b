"""The planted structure of the sample study: every number somebody may later look for.

The company is invented: Saebom Table (새봄식탁) sends weekly meal kits to six countries. The values are a
test bed, not claims about those markets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

DAYS: Final = 540
ARRIVAL_DAYS: Final = 450
START: Final = np.datetime64("2025-01-01")

STAGES: Final = (
    "awareness",
    "consideration",
    "purchase",
    "adoption",
    "retention",
    "expansion",
    "advocacy",
)
FORWARD: Final = (0.60, 0.55, 0.65, 0.70, 0.45, 0.40, 0.0)
BACK: Final = (0.0, 0.047, 0.022, 0.047, 0.047, 0.047, 0.047)
SKIP: Final = (0.017, 0.017, 0.017, 0.017, 0.017, 0.0, 0.0)
ADVOCATE_STAYS: Final = 0.70
DWELL_MEDIAN: Final = (3.0, 6.0, 1.0, 9.0, 30.0, 40.0, 60.0)
DWELL_LOG_SD: Final = 0.8
# People who left come back once in a while: prospects to consideration, buyers to retention.
WIN_BACK: Final = (0.04, 0.08)
WIN_BACK_MEDIAN: Final = 45.0
CANCELS: Final = 0.5

REGIONS: Final = ("KR", "JP", "US", "DE", "BR", "ID")
REGION_SHARES: Final = (0.34, 0.14, 0.20, 0.12, 0.11, 0.09)
REGION_STRETCH: Final = (1.0, 0.8, 1.0, 1.0, 1.25, 1.0)
REGION_PURCHASE: Final = (0.0, 0.0, 0.0, 0.0, -0.09, 0.0)
REGION_KOREAN: Final = (0.97, 0.38, 0.24, 0.10, 0.12, 0.10)
# Minutes east of UTC in January; summer time is left out on purpose, so that a local hour is one addition.
REGION_OFFSET: Final = (540, 540, -300, 60, -180, 420)

SEGMENTS: Final = ("price-driven", "convenience", "support-heavy", "enthusiast")
SEGMENT_SHARES: Final = (0.35, 0.28, 0.22, 0.15)
SEGMENT_RATING: Final = (-0.08, 0.02, -0.04, 0.20)
SEGMENT_DISTANCE: Final = 4.2
SEGMENT_DISTANCE_CLOSE: Final = 2.8
# Which way each segment leans: discounts, minutes, saved recipes, skipped boxes, help, new recipes.
SEGMENT_BEHAVIOUR: Final = (
    (2.0, -0.5, 0.0, 1.2, -0.4, -0.4),
    (-1.2, -1.4, -0.9, -1.0, -0.6, -0.6),
    (-0.2, 0.4, -0.2, 0.4, 2.0, 0.0),
    (-0.4, 1.4, 1.4, -0.6, 0.2, 1.6),
)
CONTACTS_BEFORE: Final = (0.3, 0.3, 3.0, 0.3)

AGES: Final = ("18-29", "30-39", "40-49", "50-59", "60+")
AGE_SHARES: Final = (0.26, 0.30, 0.22, 0.14, 0.08)
PLANS: Final = ("none", "starter", "standard", "family")
PLAN_SHARES: Final = (0.0, 0.45, 0.38, 0.17)

CHANNELS: Final = (
    "search",
    "social",
    "display",
    "email",
    "referral",
    "messenger",
    "push",
    "store",
    "call_centre",
)

# Payment: an attempt succeeds with these odds; after a failure some give up.
PAY_SUCCESS: Final = 0.90
PAY_GIVE_UP: Final = 0.35
FAULT_REGION: Final = "KR"
FAULT_SUCCESS: Final = 0.45
FAULT_START: Final = 250  # Monday 8 September 2025, Korean time
FAULT_DAYS: Final = 14

# Experiment on onboarding: change of the conditional chance, by segment where it differs.
EFFECT_PURCHASE: Final = -0.03
EFFECT_ADOPTION: Final = (0.08, 0.08, 0.30, 0.0)
RETURNING: Final = 0.4

# Leaving: hazard ratios of the three drivers.
TICKETS_HAZARD: Final = 2.5
TICKETS_TRAIT: Final = 0.096
TICKETS_MEDIAN: Final = 12.0
USAGE_HAZARD: Final = 1.8
USAGE_TRAIT: Final = 0.30
USAGE_MEDIAN: Final = 25.0
PRICE_HAZARD: Final = 1.4
PRICE_DAY: Final = 350
PRICE_PLAN: Final = "family"

# Survey
WAVE_CLOSE: Final = (165, 240, 315, 390, 465, 540)
WAVES: Final = ("2025-06", "2025-08", "2025-11", "2026-01", "2026-04", "2026-06")
WAVE_SHARE: Final = (0.075, 0.10, 0.10, 0.10, 0.10, 0.10)  # answers wanted, as a share of all customers
FIELD_DAYS: Final = 21
PANEL_PER_BUYER: Final = 1 / 3
RESPONSE_AGE: Final = (0.53, 0.84, 1.16, 1.55, 1.90)
RESPONSE_PLAN: Final = (0.50, 0.80, 1.32, 1.85)
OPINION_AGE: Final = (-0.18, -0.055, 0.055, 0.18, 0.30)
OPINION_PLAN: Final = (-0.18, -0.035, 0.105, 0.215)
HALO_SD: Final = 0.5
NOISE_SD: Final = 1.2
FALL: Final = 0.45
FALL_WAVE: Final = 3  # counted from 0
CARELESS: Final = 0.03
DUPLICATES: Final = 0.02
ITEM_MISSING: Final = 0.06
DONT_KNOW: Final = 0.015


@dataclass(frozen=True)
class Touchpoint:
    """One touchpoint: its stage, how good it is on the 1–5 scale, who uses it, which events it leaves."""

    id: str
    stage: str
    level: float
    used: float
    topic: str = ""


TOUCHPOINTS: Final = (
    Touchpoint("ad", "awareness", 3.25, 0.80, "advert"),
    Touchpoint("friend", "awareness", 3.95, 0.45),
    Touchpoint("menu", "consideration", 3.80, 0.95, "menu"),
    Touchpoint("search", "consideration", 3.55, 0.88),
    Touchpoint("plans", "consideration", 3.35, 0.95, "price"),
    Touchpoint("checkout", "purchase", 3.70, 0.98),
    Touchpoint("payment", "purchase", 3.90, 0.98, "payment"),
    Touchpoint("confirmation", "purchase", 3.85, 0.92),
    Touchpoint("guide", "adoption", 3.70, 0.88, "guide"),
    Touchpoint("help", "adoption", 3.60, 0.84, "help"),
    Touchpoint("first_box", "adoption", 3.85, 0.96, "delivery"),
    Touchpoint("recipe_cards", "retention", 3.75, 0.80, "recipes"),
    Touchpoint("delivery", "retention", 3.80, 0.75),
    Touchpoint("support", "retention", 3.50, 0.80, "support"),
    Touchpoint("addons", "expansion", 3.45, 0.25),
    Touchpoint("invite", "advocacy", 3.60, 0.12),
)
FALL_TOUCHPOINT: Final = "guide"
NOISY_TOUCHPOINT: Final = "recipe_cards"
NOISY_WAVE: Final = 4  # counted from 0; few people were shown the item and they disagree more
NOISY_SHARE: Final = 0.08
NOISY_SD: Final = 1.9

DRIVERS: Final = ("help", "payment", "support", "search", "first_box", "menu", "plans")
DRIVER_BETA: Final = (0.44, 0.32, 0.30, 0.12, 0.0, 0.0, 0.0)
DRIVER_DECOY: Final = "first_box"
DRIVER_CORRELATION: Final = {
    ("help", "payment"): 0.3,
    ("help", "first_box"): 0.6,
    ("payment", "first_box"): 0.5,
}
DRIVER_CORRELATION_REST: Final = 0.1

EFFORT_ALPHA: Final = 0.82


@dataclass(frozen=True)
class Variant:
    """One switch of the generator. The default study is the variant without a name."""

    name: str = ""
    segments: bool = True
    on_satisfaction: float = 0.0
    opinion_scale: float = 1.0
    effect: float = 1.0
    arms: tuple[str, ...] = ("current", "new")
    split: tuple[float, ...] = (0.5, 0.5)
    arm_effect: tuple[float, ...] = (0.0, 1.0)
    lost_mobile: float = 0.0
    heavy_tails: bool = False
    novelty_days: float = 0.0
    clustered: bool = False
    looks: int = 5
    assigned_units: int = 0
    both_arms: float = 0.0


VARIANTS: Final = {
    v.name: v
    for v in (
        Variant(),
        Variant("null", segments=False, effect=0.0),
        Variant("survey_bias", on_satisfaction=0.044, opinion_scale=0.84),
        Variant("aa", effect=0.0),
        Variant("ratio_mismatch", lost_mobile=0.124, assigned_units=20_000),
        Variant(
            "three_arms",
            arms=("current", "new", "video"),
            split=(1 / 3, 1 / 3, 1 / 3),
            arm_effect=(0.0, 1.0, 0.0),
        ),
        Variant("heavy_tails", heavy_tails=True),
        Variant("novelty", novelty_days=10.0),
        Variant("clustered", clustered=True),
        Variant("daily_looks", looks=28),
        Variant("double_assigned", both_arms=0.002),
    )
}

SIZES: Final = {"tiny": 1_000, "demo": 20_000, "large": 50_000, "huge": 5_000_000}
BLOCK: Final = 50_000  # customers drawn at once; bounds the memory of the largest size
