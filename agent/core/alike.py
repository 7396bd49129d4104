"""Which item a listing may be, by its title, options and SKU: offered in Imports, never acted on (DESIGN section 6).

A wrong suggestion is worse than none. Only few pairs are looked at: they share a rare word, two words that are rare
together, or the beginning of a SKU. Two that differ in size, colour or a number are never alike. The best item must be
good (CUTOFF) and clearly better than the next (MARGIN): both are measured, `benchmarks/suggest.py` prints precision and
recall.
"""

from __future__ import annotations

import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from agent.core.same_words import COLOURS, EMPTY, SAME, SAME_UNIT, SIZES, UNITS

CUTOFF = 88
MARGIN = 8
RARE = 60
"""A word that no more items have than this finds them by itself."""
TOGETHER = 100
"""So do two words that no more items have together than this."""
MOST = 8
"""Words and pairs of words of a listing by which items are looked up: the rarest ones."""
EVIDENCE = 2
"""Words in common, at the least."""
PAIRS = 12
"""Items that are compared with a listing in full: those that share most."""
BEGINNING = 5
"""Letters and digits of a SKU that find an item."""
SLIP = 84
"""How alike, out of 100, a word that no item has must be to one that some item has to be taken for it."""
MISSING_THERE, MISSING_HERE, NUMBER, UNKNOWN, CODE = 17, 14, 8, 2, 24
"""Points: lost for each word of the item that the listing lacks, each of the listing's that this item lacks and another
has, more where it is a number, each that no item has (a brand, an adjective); won by a SKU that is nearly the same."""
AT_ONCE = 2000
"""Listings in one go, for the sake of memory."""
SUGGESTED = {"n": pl.UInt32, "suggestion": pl.String, "score": pl.Int64}

_UNIT = "|".join(sorted([*UNITS, *SAME_UNIT], key=len, reverse=True))


def suggest(listings: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """SUGGESTED: the one item that a listing may be; listings without one are left out.

    `listings`: n (unique), title, options, sku; `items`: sku (unique), title. `score` is out of 100.
    """
    if listings.is_empty() or items.is_empty():
        return pl.DataFrame(schema=SUGGESTED)
    title = pl.concat_str(pl.col("title").fill_null(""), pl.lit(" / "), pl.col("options").fill_null(""))
    asked = _prepared(listings.select(pl.col("n").cast(pl.UInt32), title=title, sku="sku"))
    have = _prepared(items.with_row_index("i").select("i", "title", "sku"))
    theirs = _exploded(have, "i")
    weight = theirs.group_by("word").len("items").sort("word").with_row_index("w")
    theirs = theirs.join(weight, on="word").select("i", "w", "items")
    mine = _mended(_exploded(asked, "n"), weight)
    twos, kinds = _few_twos(theirs), _kinds(have, "i")
    pieces = []
    for start in range(0, asked.height, AT_ONCE):
        group = asked.slice(start, AT_ONCE)
        words = mine.join(group.select("n"), on="n", how="semi")
        found = pl.concat([*_by_words(words, theirs, twos), _by_code(group, have)]).unique()
        pieces.append(_best(_scored(_compared(found, words, theirs), _kinds(group, "n"), kinds)))
    best = pl.concat(pieces)
    return best.join(have.select("i", suggestion="sku"), on="i").select(tuple(SUGGESTED)).sort("n")


def likeness(left: pl.Series, right: pl.Series) -> pl.Series:
    """How alike two columns of titles are, row by row, 0 to 100: words in any order, brand and extra words forgiven."""
    words = pl.DataFrame({"left": left, "right": right}).select(
        _words(pl.col(side)).list.sort().list.join(" ") for side in ("left", "right")
    )
    return pl.Series("likeness", list(map(fuzz.token_set_ratio, words["left"], words["right"])), dtype=pl.Float64)


# --- words ------------------------------------------------------------------------------------------------------------


def _plain(text: pl.Expr) -> pl.Expr:
    """Lower case, without accents."""
    lower = text.fill_null("").str.to_lowercase().str.normalize("NFKD")
    return lower.str.replace_all(r"\p{M}", "").str.replace_all("ß", "ss")


def _words(text: pl.Expr) -> pl.Expr:
    """The words of a title: numbers with their unit as one (`500ml`), colours and sizes by one name, each once."""
    tidy = (
        _plain(text)
        .str.replace_all(r"(\d)[.,](\d)", "${1}p${2}")
        .str.replace_all(rf"(\d) ?({_UNIT})\b", "${1}_${2}")
        .str.replace_all(r"\b(x+)[\s\-]+(small|large)\b", "${1}${2}")
        .str.replace_all(r"[^\p{L}\p{N}_]+", " ")
        .str.split(" ")
    )
    word = pl.element()
    unit = word.str.extract(r"^[\dp]+_([a-z]+)$")
    number = word.str.extract(r"^([\dp]+)_[a-z]+$")
    measured = pl.concat_str(number, unit.replace(SAME_UNIT))
    named = pl.coalesce(measured, word.replace(SAME))
    return tidy.list.eval(named.filter((named != "") & ~named.is_in(EMPTY))).list.unique(maintain_order=True)


def _prepared(rows: pl.DataFrame) -> pl.DataFrame:
    """With `words`, and `code`: the SKU's letters and digits."""
    code = _plain(pl.col("sku")).str.replace_all(r"[^\p{L}\p{N}]", "")
    return rows.with_columns(words=_words(pl.col("title")), code=code)


def _exploded(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    words = rows.select(name, pl.col("words").alias("word"))
    return words.explode("word", empty_as_null=True, keep_nulls=True).drop_nulls()


def _mended(mine: pl.DataFrame, weight: pl.DataFrame) -> pl.DataFrame:
    """`n, word, w, items`: the words of the listings; one that no item has is taken for the one that it nearly is."""
    known = mine.join(weight, on="word", how="left")
    strange = known.filter(pl.col("w").is_null() & pl.col("word").str.contains(r"^\p{L}{5,}$")).select("word").unique()
    if strange.is_empty():
        return known
    keys = (pl.col("word").str.slice(0, 3), pl.col("word").str.slice(-3))
    long = weight.filter(pl.col("word").str.contains(r"^\p{L}{5,}$"))
    near = pl.concat(
        strange.with_columns(key=key).join(long.with_columns(key=key), on="key", suffix="_there") for key in keys
    ).filter((pl.col("word").str.len_chars().cast(pl.Int64) - pl.col("word_there").str.len_chars()).abs() <= 2)
    alike = pl.Series("alike", list(map(fuzz.ratio, near["word"], near["word_there"])), dtype=pl.Float64)
    best = near.with_columns(alike).filter(pl.col("alike") >= SLIP).sort("alike", "w", descending=[True, False])
    meant = best.unique("word", keep="first", maintain_order=True).select("word", w_meant="w", items_meant="items")
    both = known.join(meant, on="word", how="left")
    return both.select("n", "word", pl.coalesce("w", "w_meant").alias("w"), pl.coalesce("items", "items_meant"))


# --- blocking ---------------------------------------------------------------------------------------------------------


def _few_twos(theirs: pl.DataFrame) -> pl.DataFrame:
    """`i, two, items`: two words of an item that few items have together."""
    have = _twos(theirs, "i")
    return have.join(have.group_by("two").len("items").filter(pl.col("items") <= TOGETHER), on="two")


def _by_words(mine: pl.DataFrame, theirs: pl.DataFrame, twos: pl.DataFrame) -> list[pl.DataFrame]:
    """`n, i`: listings and items that share a rare word, or two words that are rare together."""
    known = mine.filter(pl.col("w").is_not_null()).select("n", "w", "items").unique()
    single = known.filter(pl.col("items") <= RARE)
    single = single.filter(pl.col("items").rank("ordinal").over("n") <= MOST).select("n", "w")
    both = _twos(known, "n").join(twos.select("two", "items").unique(), on="two")
    both = both.filter(pl.col("items").rank("ordinal").over("n") <= MOST).select("n", "two")
    return [single.join(theirs, on="w").select("n", "i"), both.join(twos, on="two").select("n", "i")]


def _twos(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Every two words of a row as one number, `two`; of the rarest eight words at most."""
    rarest = rows.filter(pl.col("items").rank("ordinal").over(name) <= MOST).select(name, pl.col("w").cast(pl.UInt64))
    both = rarest.join(rarest, on=name, suffix="_too").filter(pl.col("w") < pl.col("w_too"))
    return both.select(name, two=pl.col("w") * 2**32 + pl.col("w_too"))


def _by_code(asked: pl.DataFrame, have: pl.DataFrame) -> pl.DataFrame:
    begin = pl.when(pl.col("code").str.len_chars() >= BEGINNING).then(pl.col("code").str.slice(0, BEGINNING))
    left = asked.select("n", begin=begin).drop_nulls()
    right = have.select("i", begin=begin).drop_nulls().filter(pl.len().over("begin") <= RARE)
    return left.join(right, on="begin").select("n", "i")


def _compared(found: pl.DataFrame, mine: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """`n, i` and what each lacks of the other: `missing_here`, `missing_there`, `unknown` (numbers of words). Only the
    PAIRS of each listing that share most."""
    known = mine.filter(pl.col("w").is_not_null()).select("n", "w").unique()
    common = found.join(known, on="n").join(theirs.select("i", "w"), on=["i", "w"]).group_by("n", "i").len("common")
    short = (pl.col("word").str.len_chars() == 1) | pl.col("word").str.contains(r"\d")
    counts = mine.group_by("n").agg(
        # a short word that no item has is a model (V2, X) rather than a brand: it is missing here, like known ones
        pl.col("word").filter(pl.col("w").is_not_null() | short).n_unique().alias("mine"),
        (pl.col("w").is_null() & ~short).sum().alias("unknown"),
    )
    rows = (
        found.join(common, on=["n", "i"], how="left")
        .join(counts, on="n", how="left")
        .join(theirs.group_by("i").len("theirs"), on="i", how="left")
        .with_columns(pl.col("common", "mine", "theirs", "unknown").fill_null(0).cast(pl.Int64))
    )
    lacks = pl.col("mine") + pl.col("theirs") - 2 * pl.col("common")
    nearest = rows.filter(pl.col("common") >= EVIDENCE).filter(lacks.rank("ordinal").over("n") <= PAIRS)
    return nearest.select(
        "n",
        "i",
        "common",
        "unknown",
        missing_here=pl.col("mine") - pl.col("common"),
        missing_there=pl.col("theirs") - pl.col("common"),
    )


# --- scores -----------------------------------------------------------------------------------------------------------


def _kinds(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Of each row: the words that tell variants apart, by kind."""
    word = pl.element()
    return rows.select(
        name,
        "code",
        pl.col("words").list.eval(word.filter(word.str.contains(r"\d"))).alias("numbers"),
        pl.col("words").list.eval(word.filter(word.is_in(list(COLOURS)))).alias("colours"),
        pl.col("words").list.eval(word.filter(word.is_in(list(SIZES)))).alias("sizes"),
    )


def _scored(pairs: pl.DataFrame, asked: pl.DataFrame, have: pl.DataFrame) -> pl.DataFrame:
    rows = pairs.join(asked, on="n").join(have, on="i", suffix="_there")
    rows = rows.filter(~pl.any_horizontal(_differ(kind) for kind in ("numbers", "colours", "sizes")))
    codes = map(JaroWinkler.normalized_similarity, rows["code"], rows["code_there"])
    near = ((pl.Series("codes", list(codes), dtype=pl.Float64) - 0.8) * 5).clip(0, 1)
    digits, digits_there = (pl.col(code).str.replace_all(r"\D", "") for code in ("code", "code_there"))
    same_number = digits.str.starts_with(digits_there) | digits_there.str.starts_with(digits)
    both = (pl.col("code") != "") & (pl.col("code_there") != "") & (pl.col("common") > 0) & same_number
    numbers = pl.col("numbers").list.set_symmetric_difference("numbers_there").list.len()
    lost = (
        MISSING_THERE * pl.col("missing_there")
        + MISSING_HERE * pl.col("missing_here")
        + NUMBER * numbers
        + UNKNOWN * pl.col("unknown").clip(0, 5)
    )
    return rows.with_columns(near).with_columns(
        score=(100 - lost + pl.when(both).then(CODE * pl.col("codes")).otherwise(0.0)).clip(0, 99)
    )


def _differ(kind: str) -> pl.Expr:
    """Both have words of this kind, and neither has all of the other's."""
    here, there = pl.col(kind), pl.col(f"{kind}_there")
    both = here.list.set_intersection(there).list.len()
    return (both < here.list.len()) & (both < there.list.len())


def _best(rows: pl.DataFrame) -> pl.DataFrame:
    """The best item of each listing, where it is good and clearly better than the next."""
    ordered = rows.sort("n", "score", "i", descending=[False, True, False])
    best = ordered.group_by("n", maintain_order=True).agg(
        pl.col("i").first(), pl.col("score").first(), pl.col("score").slice(1, 1).first().alias("next")
    )
    clear = pl.col("score") - pl.col("next").fill_null(0.0) >= MARGIN
    return best.filter((pl.col("score") >= CUTOFF) & clear).with_columns(pl.col("score").round().cast(pl.Int64))
