"""What comments are about: themes by the words a study declares, and groups of words among the rest."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.stats.text.prepare import normal
from journey_lib.stats.text.tokens import Words

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

FEWEST_TEXTS: Final = 40  # without a theme, before groups of words are looked for among them
MOST_GROUPS: Final = 4
TERMS: Final = 4
_RARE: Final = 3  # texts with a word, before it may name anything
_HANGUL = re.compile("[가-힣]")
_WORD = re.compile("[^\\W_ㄱ-ㅎㅏ-ㅣ]{2}")  # a name is made of words: laughter, tears and emoji name nothing
_SMOOTH = 500.0  # words of prior in the log odds


@dataclass(frozen=True, eq=False)
class Group:
    """Texts that share words nobody declared.

    Attributes
    ----------
    terms : tuple of str
        The words that set it apart, the strongest first; they are its only name.
    members : ndarray of bool
        Which texts belong to it.
    """

    terms: Words
    members: Bools = field(repr=False)


def mentions(texts: Sequence[str], themes: Sequence[Sequence[str]]) -> Bools:
    """Tell which texts hold one of the declared words of each theme.

    Parameters
    ----------
    texts : sequence of str
        Comments.
    themes : sequence of sequence of str
        The words of each theme. A Latin word stands for itself and its plural, `advert*` for every word that
        begins so, and two words for that very phrase. A Korean word is found anywhere, also where the spaces
        are left out.

    Returns
    -------
    ndarray of bool
        One row a text, one column a theme.

    Examples
    --------
    >>> texts = ["Ads everywhere", "my address", "adverts!", "광고너무많아"]
    >>> mentions(texts, [["ad", "advert*", "광고"]])[:, 0].tolist()
    [True, False, True, True]
    """
    find = [_finder(terms) for terms in themes]
    found = np.zeros((len(texts), len(themes)), dtype=bool)
    known: dict[str, list[bool]] = {}
    for at, text in enumerate(texts):
        if text not in known:
            plain = normal(text)
            tight = plain.replace(" ", "")
            known[text] = [holds(plain, tight) for holds in find]
        found[at] = known[text]
    return found


def _finder(terms: Sequence[str]) -> Callable[[str, str], bool]:
    """Return what tells whether a text, as it is and without spaces, holds one of the words."""
    korean = tuple("".join(term.lower().split()) for term in terms if _HANGUL.search(term))
    latin = [_latin(term) for term in terms if not _HANGUL.search(term)]
    word = re.compile(rf"(?<![^\W_])(?:{'|'.join(latin)})(?![^\W_])") if latin else None

    def holds(plain: str, tight: str) -> bool:
        return any(term in tight for term in korean) or bool(word and word.search(plain))

    return holds


def _latin(term: str) -> str:
    begins = term.endswith("*")
    spaced = r"\s+".join(re.escape(part) for part in term.lower().rstrip("*").split())
    return spaced + (r"\w*" if begins else "(?:s|es)?")


def groups(words: Sequence[Words], *, most: int = MOST_GROUPS) -> list[Group]:
    """Return groups of texts that share words, among texts no declared theme covers.

    Parameters
    ----------
    words : sequence of tuple of str
        The words of each text, of one language.
    most : int
        Groups at most.

    Returns
    -------
    list of Group
        The largest first; none where fewer than 40 texts have words in common.

    Definition
    ----------
    Non-negative matrix factorisation of the tf-idf matrix, started from its singular vectors, so that equal
    texts give equal groups. A text belongs to the component with its largest weight if it holds one of that
    component's first words.

    Source
    ------
    Lee, D. and Seung, S. (1999), Nature 401, 788–791. Boutsidis, C. and Gallopoulos, E. (2008), Pattern
    Recognition 41, 1350–1362.

    Examples
    --------
    >>> two = [("cold", "soup")] * 30 + [("broken", "lid")] * 20
    >>> [(group.terms, int(group.members.sum())) for group in groups(two, most=2)]
    [(('cold', 'soup'), 30), (('broken', 'lid'), 20)]
    """
    counts, vocabulary = _counted(words)
    filled = np.diff(counts.indptr) > 0
    size = min(most, int(filled.sum()) // (FEWEST_TEXTS // 2), counts.shape[1] // 2)
    if filled.sum() < FEWEST_TEXTS or size < 1:
        return []
    W, H = _factors(counts, size)
    found = [_group(counts, vocabulary, W, H[k], k) for k in range(size)]
    return sorted((one for one in found if one.terms), key=lambda one: -int(one.members.sum()))


def _factors(counts: csr_matrix, size: int) -> tuple[Floats, Floats]:
    """Return the texts by components and the components by words."""
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    from journey_lib.stats.text.weighing import rarity, weighed

    model = NMF(size, init="nndsvda", random_state=0, max_iter=400, tol=1e-3)
    # Where texts repeat word for word the fit is perfect, and the squared error rounds to just under zero.
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        W = model.fit_transform(weighed(counts, rarity(counts)))
    return W, model.components_


def _group(counts: csr_matrix, vocabulary: Words, W: Floats, component: Floats, k: int) -> Group:
    ranked = np.argsort(-component, kind="stable").tolist()
    first = [at for at in ranked if component[at] > 0 and _WORD.match(vocabulary[at])][:TERMS]
    holds = np.asarray(counts[:, first].sum(axis=1)).ravel() > 0
    members = (W.argmax(axis=1) == k) & (W.max(axis=1) > 0) & holds
    return Group(tuple(vocabulary[at] for at in first), members)


def top_terms(words: Sequence[Words], inside: npt.ArrayLike, *, most: int = TERMS) -> Words:
    """Return the words that set some texts apart from the others, the strongest first.

    Parameters
    ----------
    words : sequence of tuple of str
        The words of each text.
    inside : array-like of bool
        Which texts are the theme's.
    most : int
        Words at most; a word inside a stronger one is left out.

    Returns
    -------
    tuple of str

    Definition
    ----------
    Log odds of a word inside against outside, smoothed by the words of all texts, in standard errors. A text
    counts a word once.

    Source
    ------
    Monroe, B., Colaresi, M. and Quinn, K. (2008), Fightin' Words, Political Analysis 16, 372–403.

    Examples
    --------
    >>> said = [("cold", "soup")] * 5 + [("cold", "day")] * 5
    >>> top_terms(said, [True] * 5 + [False] * 5, most=1)
    ('soup',)
    """
    own = np.asarray(inside, dtype=bool)
    ours = Counter(word for at in np.flatnonzero(own).tolist() for word in set(words[at]))
    theirs = Counter(word for at in np.flatnonzero(~own).tolist() for word in set(words[at]))
    score = _log_odds(ours, theirs)
    kept: list[str] = []
    for word in sorted(score, key=lambda word: (-score[word], word)):
        if score[word] <= 0 or len(kept) == most:
            break
        if not any(word in stronger or stronger in word for stronger in kept):
            kept.append(word)
    return tuple(kept)


def _log_odds(ours: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, float]:
    every = Counter(ours) + Counter(theirs)
    total, n, m = sum(every.values()), sum(ours.values()), sum(theirs.values())
    score = {}
    for word, count in ours.items():
        if count >= _RARE and _WORD.match(word):
            a = _SMOOTH * every[word] / total
            inside = np.log((count + a) / (n + _SMOOTH - count - a))
            outside = np.log((theirs.get(word, 0) + a) / (m + _SMOOTH - theirs.get(word, 0) - a))
            error = np.sqrt(1 / (count + a) + 1 / (theirs.get(word, 0) + a))
            score[word] = float((inside - outside) / error)
    return score


def typical(words: Sequence[Words], inside: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the texts of a theme, the most typical first: those nearest to its middle.

    Examples
    --------
    >>> said = [("late",), ("late", "box"), ("late", "box"), ("sun",)]
    >>> typical(said, [True, True, True, False]).tolist()
    [1, 2, 0]
    """
    own = np.flatnonzero(np.asarray(inside, dtype=bool))
    if not len(own):
        return own
    from journey_lib.stats.text.weighing import rarity, weighed

    counts, _ = _counted([words[at] for at in own.tolist()], rare=1)
    X = weighed(counts, rarity(counts))
    near = X @ np.asarray(X.mean(axis=0)).ravel()
    return own[np.argsort(-np.round(near, 12), kind="stable")]


def _counted(words: Sequence[Words], rare: int = _RARE) -> tuple[csr_matrix, Words]:
    """Return a matrix of texts by words, and the words; a word of too few texts is left out."""
    from scipy.sparse import csr_matrix

    spread = Counter(word for text in words for word in set(text))
    vocabulary = tuple(sorted(word for word, n in spread.items() if n >= rare))
    place = {word: at for at, word in enumerate(vocabulary)}
    pairs = [(row, place[word]) for row, text in enumerate(words) for word in text if word in place]
    rows, columns = (
        np.array(side, dtype=np.int64) for side in (zip(*pairs, strict=True) if pairs else ((), ()))
    )
    counts = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(words), len(vocabulary)))
    counts.sum_duplicates()
    return counts, vocabulary
