"""Names of people: before 님 and 씨, after English titles, and where somebody says who they are."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Final

SURNAMES: Final = (
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진나지엄채원천방공현함"
    "변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_WORDS_KNOWN = tomllib.loads(files("journey_lib.present.personal").joinpath("words.toml").read_text("utf-8"))
ROLES: Final = tuple(_WORDS_KNOWN["roles"].split())
_NOT_NAMES: Final = frozenset(_WORDS_KNOWN["not_names"].split())
COMPOUND: Final = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고")
_ROLE_END = re.compile(f"(?:{'|'.join(sorted(ROLES, key=len, reverse=True))})$")
_FULL = rf"(?:(?:{'|'.join(COMPOUND)})|[{SURNAMES}])\s?[가-힣]{{1,2}}"
_KOREAN = re.compile(
    rf"(?<![가-힣])({_FULL}|[가-힣]{{2}})(?=\s?(님(?!들)|씨(?!름|앗|줄|족|지|리즈|부|발|디|네|드|컴|티|브|엔)))"
)
_LATIN = re.compile(r"(?<![\w])([A-Z][a-z]+(?: [A-Z][a-z]+)?)(?=\s?[님씨](?![가-힣]{3}))")
_SAID = re.compile(
    r"((?:제|내|저의|성함|고객)?\s?(?:이름|성함|성명|예금주|수령인|받는\s?(?:분|사람)|신청자|예약자)\s?[은는이가:]*\s*)"
    rf"({_FULL})"
    r"(?=\s?(?:입니다|이에요|예요|이예요|이고|이라고|라고|인데|으로|로|[,.\n]|$))"
)
_SELF = re.compile(
    rf"((?:저는|전|나는)\s+(?:[가-힣]+에\s+사는\s+)?)({_FULL})(?=\s?(?:입니다|이에요|예요|이라고 합니다))"
)

_WORD = r"[A-Z][a-zà-ÿ'’-]+"
_PARTICLE = "(?:(?:van|de|der|von|da|bin|al)[ ])?"
_WORDS = rf"{_WORD}(?:[ ]{_PARTICLE}(?:{_WORD}|[A-Z]\.?(?=[ ]))){{0,2}}"
_TITLED = re.compile(
    r"\b((?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|MR|MRS|MS|mr|mrs|ms|dr)\.?[ ])"
    rf"({_WORDS}|[a-z]{{3,}}(?:[ ]{_WORD})?)"
)
_INTRODUCED = re.compile(
    r"((?i:my name is|name is|name's|i am called|called me|named|spoke (?:to|with)|speaking (?:to|with)|"
    r"talked (?:to|with)|chatted with|helped by|served by|assisted by|(?:an?|the|your) (?:agent|rep|"
    r"representative|advisor|driver|courier|manager|technician|employee|colleague|clerk)(?: named| called)?|"
    r"(?:agent|rep|representative|advisor|courier|technician|clerk)|(?:thanks|thank you|kudos|shout-?out),? "
    r"(?:to|again)|ask(?:ed)? for|attn:?|signed,?|regards,?|sincerely,?|dear|hi|hello)[,:]?\s+)"
    rf"({_WORDS})"
)
_I_AM = re.compile(rf"\b((?:I am|I'm|I’m|This is|this is|it's|It's)[ ])({_WORD}[ ]{_WORD})(?=[\s,.!?]|$)")


def hidden(text: str, mark: str) -> str:
    """Return the text with names replaced by a mark; roles such as 고객님 or "the Support team" stay."""
    text = _SAID.sub(rf"\g<1>{mark}", text)
    text = _SELF.sub(rf"\g<1>{mark}", text)
    text = _KOREAN.sub(lambda m: m[0] if _is_role(m[1], m[2]) else mark, text)
    text = _LATIN.sub(mark, text)
    text = _TITLED.sub(rf"\g<1>{mark}", text)
    text = _INTRODUCED.sub(lambda m: _named(m, mark), text)
    return _I_AM.sub(lambda m: _named(m, mark), text)


def _is_role(word: str, title: str) -> bool:
    """Tell whether what stands before 님 or 씨 is no name: a role, or too short and without a surname."""
    bare = word.replace(" ", "")
    if _ROLE_END.search(bare):
        return True
    surname = bare[0] in SURNAMES or bare[:2] in COMPOUND
    return title == "님" and len(bare) == 2 and not surname


def _named(found: re.Match[str], mark: str) -> str:
    words = found[2].split(" ")
    if words[0] in _NOT_NAMES or words[0].upper() == words[0]:
        return found[0]
    kept = next((at for at, word in enumerate(words) if word in _NOT_NAMES), len(words))
    return " ".join([found[1] + mark, *words[kept:]])
