"""Words of titles that mean the same: colours, sizes and units in the languages that shops and sheets are kept in.

Data for `agent.core.alike`: a title in a German shop and the same one in an English sheet have these words in common,
and two variants of one product differ in nothing else.
"""

from __future__ import annotations

COLOURS: dict[str, tuple[str, ...]] = {
    "black": ("blk", "schwarz", "noir", "negro", "nero", "zwart", "preto"),
    "white": ("wht", "weiss", "blanc", "blanche", "blanco", "bianco", "wit", "branco"),
    "grey": ("gray", "gry", "grau", "gris", "grigio", "grijs", "cinza"),
    "red": ("rot", "rouge", "rojo", "rosso", "rood", "vermelho"),
    "blue": ("blu", "blau", "bleu", "azul", "blauw"),
    "green": ("grn", "grun", "gruen", "vert", "verte", "verde", "groen"),
    "yellow": ("gelb", "jaune", "amarillo", "giallo", "geel", "amarelo"),
    "orange": ("oranje", "naranja", "arancione", "laranja"),
    "brown": ("braun", "brun", "marron", "marrone", "bruin", "castanho"),
    "pink": ("rosa", "rose", "roze"),
    "purple": ("lila", "violett", "violet", "viola", "paars", "morado", "roxo"),
    "navy": ("marine", "dunkelblau"),
    "beige": ("sand",),
    "silver": ("silber", "argent", "plata", "argento", "zilver", "prata"),
    "gold": ("golden", "dore", "oro", "goud", "dourado"),
    "turquoise": ("turkis", "tuerkis", "turquesa", "turchese"),
    "cream": ("creme", "crema"),
    "khaki": (),
    "teal": (),
    "mint": (),
}
SIZES: dict[str, tuple[str, ...]] = {
    "xs": ("xsmall",),
    "s": ("small", "klein", "petit", "petite", "pequeno", "piccolo"),
    "m": ("medium", "mittel", "moyen", "mediano", "medio"),
    "l": ("large", "gross", "grand", "grande"),
    "xl": ("xlarge",),
    "xxl": ("2xl", "xxlarge"),
    "xxxl": ("3xl",),
}
UNITS: dict[str, tuple[str, ...]] = {
    "ml": ("milliliter", "millilitre", "mls"),
    "cl": (),
    "l": ("liter", "litre", "ltr", "litres", "liters"),
    "g": ("gram", "gr", "gramm", "grams", "grammes", "gramme"),
    "kg": ("kilo", "kilogram", "kgs", "kilogramm"),
    "mg": (),
    "mm": (),
    "cm": (),
    "m": ("meter", "metre"),
    "in": ("inch", "inches", "zoll"),
    "oz": ("ounce", "ounces"),
    "w": ("watt", "watts"),
    "v": ("volt", "volts"),
    "gb": (),
    "pcs": ("pc", "pieces", "piece", "stuck", "stueck", "stk", "st", "pezzi", "pack", "er"),
}
EMPTY = (
    "the", "and", "with", "for", "of", "in", "an", "der", "die", "das", "und", "mit", "fur", "aus", "le", "la",
    "les", "et", "avec", "de", "des", "du", "pour", "en", "el", "los", "con", "para", "di", "per", "il", "size",
    "colour", "color", "grosse", "farbe", "taille", "couleur", "talla", "new", "neu", "free", "shipping", "sale",
)  # fmt: skip
"""Words that tell no product from another."""


def _turned(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {other: word for word, others in table.items() for other in others}


SAME = _turned(COLOURS) | _turned(SIZES)
"""Word -> the one that stands for it."""
SAME_UNIT = _turned(UNITS)
