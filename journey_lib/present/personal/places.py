"""Postal addresses: Korean road and lot numbers, flats, and the common Western shapes."""

from __future__ import annotations

from typing import Final

_REGION = (
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주|충청[남북]|전라[남북]|경상[남북])"
    r"(?:특별자치시|특별자치도|특별시|광역시|시|도)?"
)
_AREA = (
    r"(?!다시|혹시|역시|잠시|즉시|필시|몹시|반드시|별도|정도|모두|아무도|친구|누구|요구|가구|입구|욕구|지구|인구"
    r"|도구)"
)
_UNIT = rf"{_AREA}[가-힣]{{1,6}}[시군구]"
_VILLAGE = r"(?:[가-힣]{1,5}[읍면동리]\s*){0,2}"
_ADVERB = (
    r"(?!(?:바|별|앞으|그대|스스|제대|때|서|새|따|으|실제|정말|이대|반대|마음대|뜻대|차례|위|아래|뒤|옆으"
    r"|대체|주|절대|진짜|있는그대)로)"
)
_ROAD = (
    rf"{_ADVERB}[가-힣][가-힣\d·]{{1,12}}?(?:대로|(?<!으)로|길)\s?\d+(?:번?가?길\s?\d+)?(?:-\d+)?(?:번지)?"
)
_INSIDE = r"(?:,?\s?\(?[가-힣A-Za-z\d·]*(?:아파트|빌라|오피스텔|타워|빌딩|동|층|호)\)?(?![가-힣]{2})){0,4}"
_LOT = r"[가-힣\d]{1,8}(?:동|리|가)\s?(?:산\s?)?\d+(?:-\d+)?(?:번지)?"

KOREAN: Final = (
    rf"(?<![가-힣])(?:{_REGION}\s*(?:{_UNIT}\s*){{0,3}}|(?:{_UNIT}\s+){{1,3}}){_VILLAGE}(?:{_ROAD}|{_LOT})"
    + _INSIDE,
    rf"(?<![가-힣]){_ADVERB}[가-힣][가-힣\d·]{{1,12}}?(?:대로|(?<!으)로)\s?\d+번?길\s?\d+(?:-\d+)?{_INSIDE}",
    rf"(?:주소|배송지|사는\s?곳|집)\s?(?:은|는|이|가|:)?\s*{_ROAD}{_INSIDE}",
    r"(?:[가-힣A-Za-z\d]{2,12}(?:아파트|빌라|오피스텔|자이|푸르지오|래미안|힐스테이트|맨션)\s?)?"
    r"(?<!\d)\d{1,4}동\s?\d{1,4}호",
    r"[가-힣A-Za-z\d]{2,12}(?:아파트|빌라|오피스텔|맨션)\s?(?:\d{1,4}동\s?)?\d{1,4}호",
)

_CAPITAL = r"(?:[A-Z0-9][\w.'’-]*|of|the|de|la|del)"
_KIND = (
    r"(?:Street|St\.?|Avenue|Ave\.?|Road|Rd\.?|Lane|Ln\.?|Drive|Dr\.?|Boulevard|Blvd\.?|Court|Ct\.?|Place|Pl\.?|"
    r"Way|Square|Sq\.?|Terrace|Close|Crescent|Parkway|Pkwy\.?|Highway|Hwy\.?|Circle|Trail|Mews|Gardens|Grove|Row)"
)
_FLAT = r"(?:,?\s*(?:Apt|Apartment|Flat|Unit|Suite|Ste|Floor|Fl|Room|#)\.?\s*#?\w{1,5})?"
_TOWN = r"(?:,\s*[A-Z][\w'’.-]+(?:[ ][A-Z][\w'’.-]+){0,2})?(?:,?\s*[A-Z]{2}\s+\d{5}(?:-\d{4})?)?"
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}"
_NO_WORD = (
    r"(?!(?:the|a|an|my|our|this|that|your|down|up|on|of|in|at|to|for|minutes?|hours?|days?|times?|blocks?"
    r"|miles?|km|people|cars?|more|good|bad|different)\b)"
)

WESTERN: Final = (
    rf"\b\d{{1,5}}[A-Za-z]?,?\s+(?:[NSEW]\.?\s+)?(?:{_CAPITAL}\s+){{1,4}}{_KIND}(?![a-z]){_FLAT}{_TOWN}"
    rf"(?:,?\s*{_POSTCODE})?",
    rf"\b\d{{1,5}}\s+(?:{_NO_WORD}[a-z]+\s+){{1,2}}(?:street|avenue|road|lane|boulevard|crescent|terrace)\b",
    rf"\b{_POSTCODE}\b",
    r"\b[A-Z]{2}\s\d{5}(?:-\d{4})?\b",
    r"(?i:\bP\.?\s?O\.?\s?Box\s+\d+)",
    r"\b[A-ZÄÖÜ][a-zäöüß-]+(?:straße|strasse|str\.|weg|platz|allee|gasse)\s+\d+\s?[a-z]?\b(?:,?\s*\d{5}\s+[A-ZÄÖÜ][a-zäöüß]+)?",
    r"\b\d{1,4}(?:\s?bis)?,?\s+(?:rue|avenue|boulevard|place|chemin|allée|quai)\s+(?:(?:de|du|des|la|le|les)\s+|d['’]|l['’])*[A-ZÀ-Ý][\wà-ÿ'’-]+(?:\s[A-ZÀ-Ý][\wà-ÿ'’-]+)?",
    r"\b(?:Calle|Rua|Avenida|Av\.|Carrera|Via|Jl\.|Jalan)\s+(?:[\wÀ-ÿ.]+\s?){1,4}?,?\s*(?:No\.?\s*)?\d+\b",
)
