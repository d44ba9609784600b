"""What needs no declaring: the stages of each ready-made journey, and channels by their usual names."""

from __future__ import annotations

PRESETS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "lifecycle7": (
        ("awareness", "Awareness", "인지"),
        ("consideration", "Consideration", "고려"),
        ("purchase", "Purchase", "구매"),
        ("adoption", "Adoption", "적응"),
        ("retention", "Retention", "유지"),
        ("expansion", "Expansion", "확장"),
        ("advocacy", "Advocacy", "추천"),
    ),
    "map7": (
        ("awareness", "Awareness", "인지"),
        ("consideration", "Consideration", "고려"),
        ("decision", "Decision", "결정"),
        ("onboarding", "Onboarding", "온보딩"),
        ("use", "Use", "이용"),
        ("retention", "Retention", "유지"),
        ("advocacy", "Advocacy", "추천"),
    ),
    "purchase4": (
        ("discovery", "Discovery", "발견"),
        ("problem_recognition", "Problem recognition", "문제 인식"),
        ("solution_consideration", "Solution consideration", "해결책 고려"),
        ("decision", "Decision", "결정"),
    ),
    "funnel3": (
        ("awareness", "Awareness", "인지"),
        ("consideration", "Consideration", "고려"),
        ("purchase", "Purchase", "구매"),
    ),
}

CHANNELS: dict[str, tuple[str, str]] = {
    "search": ("Search", "검색"),
    "paid_search": ("Paid search", "검색 광고"),
    "organic_search": ("Organic search", "자연 검색"),
    "social": ("Social media", "소셜 미디어"),
    "display": ("Display adverts", "디스플레이 광고"),
    "email": ("E-mail", "이메일"),
    "referral": ("Referral", "추천 링크"),
    "messenger": ("Messenger", "메신저"),
    "push": ("App push", "앱 푸시"),
    "store": ("Store", "매장"),
    "call_centre": ("Call centre", "콜센터"),
    "direct": ("Direct", "직접 방문"),
    "web": ("Website", "웹사이트"),
    "app": ("App", "앱"),
}
