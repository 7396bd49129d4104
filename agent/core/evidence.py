"""Which item a listing means, by what the listing itself says: its SKU, and its barcode (DESIGN section 6).

Only one settled meaning makes a link. Whatever could mean two items is left to the person, with the reason why, and
with a suggestion where a listing's SKU is an item's SKU but for a known kind of damage. Suggestions are never acted on.
"""

from __future__ import annotations

import polars as pl

from agent.core.cells import as_seen

LOST = ("row_missing", "row_gone")
DAMAGED = ("sku_damaged", "sku_control")
IDENTITY = ("sku_duplicate", "renamed", *DAMAGED, *LOST)
"""Freezes that leave open which item a row is, or whether it still is one. Nothing new is linked to it (I18, S0-31)."""
REASONS: dict[str, tuple[str, ...]] = {
    "no_sku": (),
    "unknown_sku": ("sku",),
    "several_items": ("sku", "items"),
    "looks_like": ("sku", "item"),
    "damaged_sku": ("sku", "item"),
    "look_alike_sku": ("sku", "item"),
    "item_damaged": ("sku", "item"),
}
"""Why a listing is not linked -> keys of the facts."""
NAMED_ITEMS = 6
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LOOK_ALIKE = {
    **dict.fromkeys("OОΟ", "0"), **dict.fromkeys("ILІΙ|", "1"),
    **dict(zip("АВЕЅЈКМНРСТУХΑΒΕΖΗΚΜΝΡΤΥΧ", "ABESJKMHPCTYXABEZHKMNPTYX", strict=True)),
}  # fmt: skip
"""Capital letter -> the one it looks like (Cyrillic and Greek ones too)."""
SUGGESTED = {"n": pl.UInt32, "suggestion": pl.String, "reason": pl.String, "score": pl.Int64}
FOUND = {"channel": pl.String, "listing": pl.String, "sku": pl.String, "how": pl.String}
OPEN = {"channel": pl.String, "listing": pl.String, "code": pl.String, "reason": pl.String} | {
    "items": pl.String,
    "suggestion": pl.String,
    "score": pl.Int64,
}


def by_sku(free: pl.DataFrame, items: pl.DataFrame, aliases: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The listings whose SKU is exactly one item's SKU, as FOUND; and the others, with what speaks against a link.

    `free`: channel, listing, code (the listing's SKU), stripped (the same without the channel's prefix and suffix, or
    null), barcode. The others keep these columns and have `exact` (the item of that very SKU, ambiguous or frozen).
    """
    own = items.select("sku", frozen=pl.col("frozen").is_in(IDENTITY).fill_null(False))
    seen = free.join(own.with_columns(exact="sku"), left_on="code", right_on="sku", how="left")
    clear = pl.col("exact").is_not_null() & ~pl.col("frozen")
    if aliases.height:
        taken = aliases.join(own, left_on="alias", right_on="sku", how="semi").filter(pl.col("alias") != pl.col("sku"))
        clear &= ~pl.col("exact").is_in(taken["alias"].unique().implode())
    found = seen.filter(clear).select("channel", "listing", sku="exact", how=pl.lit("exact"))
    return found, seen.filter(~clear | clear.is_null()).drop("frozen")


def by_likeness(rest: pl.DataFrame, items: pl.DataFrame, aliases: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Links by SKU after prefix, suffix, case, white space, by Other SKUs, by barcode (FOUND); and the rest (OPEN)."""
    rest = rest.with_row_index("n")
    meant = pl.concat([_by_code(rest, items, aliases), _by_barcode(rest, items)])
    frozen = items.filter(pl.col("frozen").is_in(IDENTITY)).select("sku", "frozen")
    meant = meant.join(frozen, on="sku", how="left")
    by_code = pl.col("how") != "barcode"
    verdict = meant.group_by("n").agg(
        pl.col("sku").filter(by_code).n_unique().alias("codes"),
        pl.col("sku").n_unique().alias("meanings"),
        (by_code & pl.col("sku").is_in(pl.col("sku").filter(~by_code).implode())).any().alias("agreed"),
        pl.col("sku").sort_by("rank", "sku").first().alias("sku"),
        pl.col("how").sort_by("rank", "sku").first().alias("how"),
        pl.col("frozen").drop_nulls().unique().sort().first().alias("frozen"),
        pl.col("sku").unique().sort().head(NAMED_ITEMS).str.join(", ").alias("items"),
    )
    one = (pl.col("meanings") == 1) | ((pl.col("codes") == 1) & pl.col("agreed"))
    found = verdict.filter(one & pl.col("frozen").is_null())
    links = rest.join(found.select("n", "sku", "how"), on="n").select(tuple(FOUND))
    unsettled = rest.join(found, on="n", how="anti").join(verdict.drop("sku", "how"), on="n", how="left")
    return links, _reasons(unsettled, items)


def _squeezed(text: pl.Expr) -> pl.Expr:
    """Without case and white space."""
    return text.str.to_lowercase().str.replace_all(r"\s", "")


def _by_code(rest: pl.DataFrame, items: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """`n`, `sku`, `how`, `rank`: every item that the SKU of a listing may mean."""
    own = items.select("sku", key=_squeezed(pl.col("sku")), how=pl.lit("prefix"), rank=pl.lit(0))
    other = aliases.select("sku", key=_squeezed(pl.col("alias")), how=pl.lit("other sku"), rank=pl.lit(1))
    keys = pl.concat([own, other]) if aliases.height else own
    wanted = [rest.select("n", key=_squeezed(pl.col("code")))]
    if rest["stripped"].null_count() < rest.height:
        wanted.append(rest.select("n", key=_squeezed(pl.col("stripped"))))
    asked = pl.concat(wanted).filter(pl.col("key").is_not_null())
    return asked.join(keys, on="key").select("n", "sku", "how", "rank")


def bar(text: pl.Expr) -> pl.Expr:
    """A barcode as it is compared: digits without leading zeros (a UPC is an EAN with one), or an ISBN; else null."""
    digits = text.str.replace_all(r"[\s\-]", "").str.to_uppercase().str.strip_chars_start("0")
    return pl.when(digits.str.contains("^([0-9]{7,14}|[0-9]{7,9}X)$")).then(digits)


def _by_barcode(rest: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    asked = rest.filter(pl.col("barcode").is_not_null()).select("n", key=bar(pl.col("barcode")))
    have = items.filter(pl.col("barcode").is_not_null()).select("sku", key=bar(pl.col("barcode")))
    found = asked.join(have, on="key")  # null never equals null
    return found.select("n", "sku", how=pl.lit("barcode"), rank=pl.lit(2))


def _reasons(unsettled: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """OPEN: why each of these is not linked, and what it looks like."""
    frozen = pl.when(pl.col("meanings") == 1).then("frozen")
    told = unsettled.with_columns(
        reason=pl.when(frozen.is_in(DAMAGED))
        .then(pl.lit("item_damaged"))
        .when(frozen.is_in(LOST))
        .then(pl.lit("unknown_sku"))
        .when(pl.col("items").is_not_null())
        .then(pl.lit("several_items"))
        .when(pl.col("code").is_null())
        .then(pl.lit("no_sku")),
        suggestion=pl.when(pl.col("meanings") == 1).then("items"),
    ).with_columns(score=pl.when(pl.col("suggestion").is_not_null()).then(pl.lit(100, dtype=pl.Int64)))
    asked = told.filter(pl.col("reason").is_null())
    if asked.is_empty():
        return told.select(tuple(OPEN))
    alike = suggestions(asked.select("n", "code"), items.select("sku"))
    guessed = asked.drop("reason", "suggestion", "score").join(alike, on="n", how="left")
    guessed = guessed.with_columns(pl.col("reason").fill_null("unknown_sku"))
    return pl.concat([told.filter(pl.col("reason").is_not_null()).select(tuple(OPEN)), guessed.select(tuple(OPEN))])


def suggestions(asked: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`n`, `reason`, `suggestion`, `score`: the one item that a SKU may be, but for what Excel or a person did to it.

    99 the same to the eye, 98 leading zeros lost, 96 read as a scientific number, 95 read as a date, 94 digits cut off,
    90 case and punctuation, 88 letters and digits that look alike, 87 marked as a copy.
    """
    pieces = []
    for key, reason, score in WAYS:
        wanted = asked.select("n", key=key(pl.col("code"))).filter(pl.col("key").is_not_null())
        if wanted.is_empty():
            continue
        have = items.select(suggestion="sku", key=key(pl.col("sku"))).filter(pl.col("key").is_not_null())
        found = wanted.join(have.filter(pl.col("key").is_unique()), on="key")
        pieces.append(found.select("n", "suggestion", reason=pl.lit(reason), score=pl.lit(score, dtype=pl.Int64)))
    cut = cut_off(asked, items)
    best = pl.concat([pl.DataFrame(schema=SUGGESTED), *pieces, cut]).sort("n", -pl.col("score"))
    best = best.unique("n", keep="first", maintain_order=True)
    return best.join(cut.filter(pl.col("suggestion").is_null()), on="n", how="anti")


def cut_off(asked: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The item of which a spreadsheet left `1.23E+11`: so many digits, beginning with these, rounded. As `suggestions`;
    `suggestion` is null where several items are meant."""
    parts = pl.col("code").str.extract_groups(r"^([1-9])[.,]?([0-9]*)[eE]\+?([0-9]{1,2})$")
    wanted = asked.select("n", begin=parts.struct[0] + parts.struct[1], places=parts.struct[2].cast(pl.Int64) + 1)
    wanted = wanted.filter(pl.col("begin").is_not_null() & pl.col("places").is_between(9, 20))
    wanted = wanted.with_columns(shown=pl.col("begin").str.len_chars().cast(pl.Int64))
    long = items.select("sku", places=pl.col("sku").str.len_chars().cast(pl.Int64))
    long = long.filter(pl.col("sku").str.contains("^[0-9]{9,20}$"))
    pieces = [pl.DataFrame(schema=SUGGESTED)]
    for shown in wanted["shown"].unique():  # how many digits are left: a handful of lengths
        rounded = (pl.col("sku").str.slice(0, shown + 1).cast(pl.Int64, strict=False) + 5) // 10
        begin = pl.when(pl.col("places") == shown).then("sku").otherwise(rounded.cast(pl.String))
        meant = long.group_by("places", begin=begin).agg(pl.col("sku").first(), pl.len().alias("items"))
        found = wanted.filter(pl.col("shown") == shown).join(meant, on=["places", "begin"])
        one = pl.when(pl.col("items") == 1).then("sku")
        told = {"reason": pl.lit("damaged_sku"), "score": pl.lit(94, dtype=pl.Int64)}
        pieces.append(found.select("n", suggestion=one, **told))
    return pl.concat(pieces)


def _zeros(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains("^[0-9]+$")).then(text.str.strip_chars_start("0"))


def _number(text: pl.Expr) -> pl.Expr:
    """The digits that Excel makes of 1E5; of digits, themselves."""
    number = text.str.contains(r"^[0-9]+(\.[0-9]+)?([eE]\+?[0-9]{1,2})?$")
    value = pl.when(number).then(text.cast(pl.Float64, strict=False))
    return pl.when((value < 1e15) & (value == value.floor())).then(value.cast(pl.Int64, strict=False)).cast(pl.String)


def _date(text: pl.Expr) -> pl.Expr:
    """Month and day (`03-05`) of what Excel takes for a date, such as 5-MAR, and of the date that it made of it."""
    made = text.str.extract(r"^[0-9]{4}-([0-9]{2}-[0-9]{2})$")
    months = {name: f"{number:02}" for number, name in enumerate(MONTHS, 1)}
    name = text.str.extract(r"([A-Za-z]{3,9})").str.slice(0, 3).str.to_lowercase()
    written = text.str.contains(r"^([0-9]{1,2}[-/. ]?[A-Za-z]{3,9}|[A-Za-z]{3,9}[-/. ]?[0-9]{1,2})$")
    month = name.replace_strict(months, default=None, return_dtype=pl.String)
    day = text.str.extract("([0-9]{1,2})").str.zfill(2)
    return pl.coalesce(made, pl.when(written).then(month + "-" + day))


def _bare(text: pl.Expr) -> pl.Expr:
    """Letters and digits only, in lower case."""
    return text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "").replace("", None)


def _shapes(text: pl.Expr) -> pl.Expr:
    """What is left where letters and digits that look the same count as the same: O and 0, I, L and 1, А and A."""
    return _bare(text.str.to_uppercase().str.replace_many(list(LOOK_ALIKE), list(LOOK_ALIKE.values())))


def _copied(text: pl.Expr) -> pl.Expr:
    """Without what a shop puts behind the SKU of a copied product."""
    return _bare(
        text.str.to_lowercase().str.replace(r"[\s_.\-(]+(copy|kopie|copie|copia|dup|duplicate)[\s)]*[0-9]*[\s)]*$", "")
    )


def _seen(text: pl.Expr) -> pl.Expr:
    """As an eye sees it, in lower case."""
    return as_seen(text).str.to_lowercase()


WAYS = (
    (_seen, "look_alike_sku", 99),
    (_zeros, "damaged_sku", 98),
    (_number, "damaged_sku", 96),
    (_date, "damaged_sku", 95),
    (_shapes, "looks_like", 88),
    (_copied, "looks_like", 87),
    (_bare, "looks_like", 90),
)
"""How a SKU is compared for a suggestion, why it was not linked then, and the score."""
