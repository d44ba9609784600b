"""What gives a person away in figures and signs: telephone, e-mail, registration, card, account, order."""

from __future__ import annotations

from typing import Final

_GAP = r"[-. ]?"
_NOT_BEFORE, _NOT_AFTER = r"(?<![\w.,])", r"(?![\w])"
_SPOKEN = "[공영일이삼사오육칠팔구]"
_NO = r"(?:number|num|no\.?|nr\.?|id|code|#)"
_IS = r"\s*(?:is|was|:|=|#|은|는|이|가)?\s*[:#]?\s*"
_REFERENCE = r"(?=(?:[A-Za-z-]*\d){3})[A-Za-z0-9][A-Za-z0-9-]{3,24}"

EMAIL: Final = (
    r"[\w.+%-]+\s?(?:@|＠|\(at\)|\[at\]|골뱅이)\s?[\w-]+(?:\s?(?:\.|\(dot\)|\[dot\]|점)\s?[A-Za-z가-힣]+){1,3}",
    r"[\w.+%-]+\s+at\s+[\w-]+\s+dot\s+[a-z]{2,4}\b",
)
LINK: Final = (
    r"(?:https?://|www\.)[^\s/<>\"']+/?(?=[^\s<>\"']*[?#=@\d])[^\s<>\"'가-힣]+",
    r"(?<![\w@])(?:[a-z0-9-]+\.)+(?:com|net|org|io|kr|me|co|app|link)/(?=\S*[?#=@\d])[^\s<>\"'가-힣]+",
)
REGISTRATION: Final = (
    rf"{_NOT_BEFORE}\d{{6}}\s?[-–]?\s?[1-8](?:\d{{6}}|[*xX●]{{6}}){_NOT_AFTER.replace('w', 'd')}",
    rf"{_NOT_BEFORE}\d{{3}}-\d{{2}}-\d{{4}}(?!\d)",
    r"(?i:passport|여권)\s*(?i:number|no\.?|번호)?" + _IS + r"[A-Za-z]{1,2}\d{7,8}",
)
CARD: Final = (
    r"(?<!\d)\d{4}([- .]?)(?:\d{4}|[*xX●]{4})\1(?:\d{4}|[*xX●]{4})\1\d{3,4}(?!\d)",
    r"(?<!\d)3[47]\d{2}[- ]?\d{6}[- ]?\d{5}(?!\d)",
)
PHONE: Final = (
    rf"(?<!\d)(?:\+|00)82{_GAP}\(?0?\)?{_GAP}\d{{1,2}}{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)",
    rf"(?<!\d)01[016789]{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)",
    r"(?<!\d)\(?0(?:2|[3-6]\d|70|50\d)(?:\)\s?|[-. ])\d{3,4}[-. ]\d{4}(?!\d)",
    r"(?<!\d)0(?:2|[3-6]\d|70)\d{7,8}(?!\d)",
    r"(?<![\w+])\+\d{1,3}(?:[-. ]?\(?\d{1,4}\)?){2,5}(?!\d)",
    r"(?<!\d)(?:1[-. ])?\(?[2-9]\d{2}\)?[-. ]\s?\d{3}[-. ]\d{4}(?!\d)",
    r"(?<!\d)0\d{3,4} \d{3} ?\d{3,4}(?!\d)",
    rf"(?<![가-힣])공일{_SPOKEN}[- ]?{_SPOKEN}{{3,4}}[- ]?{_SPOKEN}{{4}}",
    r"(?i:phone|tel|mobile|cell|연락처|전화번호|휴대폰|핸드폰)\s*(?i:number|no\.?|번호)?"
    + _IS
    + r"\(?\d[\d ().-]{6,16}\d",
)
ACCOUNT: Final = (
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
    r"(?i:account|acct|a/c|iban|sort code|routing|계좌|통장|입금)\s*" + rf"(?i:{_NO}|번호)?" + _IS
    + r"(?:[가-힣]{2,4}(?:은행|뱅크)?\s*)?\d[\d -]{5,24}\d",
    r"(?<![\d-])\d{2,6}-\d{2,6}-\d{3,8}(?:-\d{1,3})?(?![\d-])",
)  # fmt: skip
ORDER: Final = (
    r"(?i:order|booking|reservation|tracking|reference|ref|ticket|case|invoice|customer|member|membership|"
    rf"policy|confirmation|receipt|parcel)\s*(?i:{_NO})?" + _IS + _REFERENCE,
    r"(?:주문|예약|송장|운송장|접수|문의|회원|고객|영수증|배송|승인|티켓|쿠폰)\s?(?:번호|아이디|ID|No\.?)"
    + _IS + _REFERENCE,
    rf"(?<![\w-])[A-Za-z]{{1,5}}-?\d{{6,}}(?:-\d+)*{_NOT_AFTER.replace('w', '-')}",
    r"(?<![\w-])#\d{5,}(?!\d)",
    r"(?<![\d,.₩$€£-])(?!(?:19|20)\d{6}(?!\d))\d{8,}(?!\d|\s?(?:원|엔|동|(?:won|krw|vnd|idr)\b))(?![,.]\d|%)",
)  # fmt: skip
