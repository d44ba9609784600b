"""Which stages each ready-made journey has, with their names in English and Korean."""

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
