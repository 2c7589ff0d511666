"""Build the sample engagement `online_retail` from the invoice lines of Online Retail II.

For developers: the sample is shipped ready made, and the lines it is made from are not in the repository.

    python kamplay/samples/online_retail.py PATH/TO/lines.parquet

Input, with the overlap of the source's two sheets already removed, one row per invoice line: Invoice,
StockCode, Description, Quantity, InvoiceDate, Price (GBP a piece, net), Customer ID, Country.
Output: one row per invoice and product category, and one row per customer.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pandas as pd

TARGET = Path(__file__).resolve().parents[2] / "data_templates" / "samples" / "online_retail"
AS_OF = pd.Timestamp("2011-11-30")
ATTRIBUTION = "Online Retail II, Daqing Chen, UCI Machine Learning Repository, 2019, CC BY 4.0, https://doi.org/10.24432/C5CG6D"

CHARGES = "Charges"
OTHER = "Other"
# Stock codes that stand for no product: freight, fees, discounts, corrections and the shop's own test items.
CHARGE_CODES = r"POST|DOT|C2|C3|M|D|S|B|CRUK|AMAZONFEE|BANK CHARGES|ADJUST\d*|TEST\d+|GIFT_.*"

# (category, words). The first rule with a word in the description decides, so a category may come twice:
# once for the phrases that would mislead a later rule, once for its plain words. A word matches from its
# first letter, with or without a plural s.
RULES = [
    # Phrases first: each holds a word that a plain rule further down would take for something else.
    (CHARGES, "NEXT DAY CARRIAGE"),
    ("Bath & comfort", "HOT WATER BOTTLE|HOTTIE"),
    (
        "Home decor",
        "(?:DOOR)?SIGN|DOOR ?MAT|BLOCK WORD|BLOCK LETTER|(?:PICTURE|PHOTO) ?FRAME|CUSHION|WALL CLOCK|ALARM CLOCK|"
        "LIGHT SWITCH|CHALK ?BOARD|DOOR ?STOP",
    ),
    (
        "Kitchen & baking",
        "TEA ?TOWEL|TEA BAG|CAKE ?CASE|CAKE ?STAND|CAKE TIN|WASHING UP|ROLLING PIN|EGG CUP|BREAD BIN|JAM JAR LABEL|ENAMEL WASH BOWL",
    ),
    ("Storage", "TRINKET|MONEY ?(?:BANK|BOX)|JEWEL(?:LE)?RY (?:BOX|STAND|DRAWER|HOLDER)|SOCK HANGER|MATCHES"),
    ("Garden", "KNEELING|GARDEN GLOVES|GARDEN PARASOL|WATERING CAN|PICNIC BASKET|BIRD ?HOUSE"),
    (
        "Christmas",
        "CHRISTMAS|XMAS|ADVENT|BAUBLE|SANTA|REINDEER|SNOWM[AE]N|SNOWFLAKE|STOCKING|HOLLY|SLEIGH|JINGLE|TINSEL|"
        "NATIVITY|MISTLETOE|NOEL|CRACKER",
    ),
    ("Bags", "(?:JUMBO|LUNCH|SHOULDER|PICNIC|CHARLOTTE|SHOPPER) ?BAG|WALLET"),
    ("Toys & crafts", "SNAP CARD|CARD GAME"),
    ("Stationery & cards", "GIFT ?BAG|WRAP|CARD ?HOLDER|CARD"),
    (
        "Party",
        "PARTY BAG|PARTY INVITE|BIRTHDAY CANDLE|PAPER PLATE|PAPER CUP|COCKTAIL PARASOL|PARTY CONE|DOILIES|PAPER DOILE?Y",
    ),
    (
        "Toys & crafts",
        "FELT ?CRAFT|MARBLE|CRAFT|KNITTING|SEWING|CROSS STITCH|POPPY'S PLAYHOUSE|DOLLY? PEG|SKITTLE|FELT",
    ),
    # Then the plain words.
    (
        "Lighting & candles",
        "T-?LIGHT|TEALIGHT|[A-Z]*CANDLE[A-Z]*|[A-Z]*LANTERN|LAMP|(?:NIGHT|20)?LIGHT|LED|CHANDELIER|HURRICANE|"
        "INCENSE|WICK|VOTIVE|LAMPSHADE|HLDR|TORCH",
    ),
    (
        "Bath & comfort",
        "HAND WARMER|SOAP|SPONGE|BATH|BATHROOM|TOWEL|FLANNEL|PLASTERS?|TISSUES|WASH ?BAG|WASH|LAVENDER|SACHET|"
        "LIP GLOSS|LIPSTICK|SLEEP|EYE MASK|COSMETIC|TOOTHBRUSH|NAIL FILE|MANICURE|FIRST AID|SCENTED?|FRAGRANCE|"
        "MASSAGE|SLIPPER|TOILET",
    ),
    (
        "Bags",
        "BAG|SHOPPER|TOTE|LUGGAGE|SUITCASE|RUCKSACK|BACKPACK|SATCHEL|HANDBAG|HOLDALL|PURSE|WALLET|PASSPORT COVER",
    ),
    (
        "Party",
        "BUNTING|BALLOON|PARTY|PAPER CHAIN|NAPKIN|STRAW|INVITE|INVITATION|HONEYCOMB|PINATA|CONFETTI|STREAMER|"
        "SPARKLER|GARLAND|HAPPY BIRTHDAY|DISCO|BADGE",
    ),
    (
        "Kitchen & baking",
        "CAKE|BAKING|COOKIE|COOKING|MUFFIN|CUPCAKE|MUG|CUP|TEACUP|TEA ?POT|SAUCER|BOWL|PLATE|JUG|CUTLERY|SPOON|"
        "FORK|KNIFE|KITCHEN|APRON|OVEN|TEA|COFFEE|LUNCH ?BOX|SNACK BOX|BEAKER|GLASS|TUMBLER|GOBLET|DINNER|"
        "BREAKFAST|BREAD|BUTTER|EGG|JAM|JAR|RECIPE|SPICE|SUGAR|MILK|POPCORN|PLACEMAT|PLACE SETTING|COASTER|TRAY|"
        "PAN|PANTRY|MEASURING|SCALES|BISCUIT|COCKTAIL|WINE|BOTTLE|FLASK|DISH|PUDDING|TOAST|TOAST ?RACK|SALT|PEPPER|"
        "COLANDER|MOULD|TABLE ?CLOTH|CHOPSTICK|CORKSCREW|ICE CREAM|JELLY|FOOD|LOLLY|CRUET|PITCHER|CARAFE|TIFFIN|"
        "CONDIMENT|RAMEKIN|CHEESE|LADLE|FRUIT",
    ),
    (
        "Toys & crafts",
        "TOY|DOLL|GAME|JIGSAW|PUZZLE|DOMINO(?:ES)?|SPINNING TOP|SKIPPING|HARMONICA|PLAYHOUSE|GLIDER|COLOURING|"
        "DRAWING|PAINT|CHALK|CRAYON|SNAP|BINGO|LUDO|SNAKE|N[AO]UGHTS|MODELLING|KNIT|YARN|WOOL|BUILDING BLOCK|TEDDY|"
        "ROCKING HORSE|MASK|WIND-?UP|PLANE|TRAIN|CAR|ROBOT|PUPPET|NURSERY|MAGIC|FEATHER|RIBBON|BUTTON|STENCIL|"
        "GLITTER|RACING|YO-?YO|WHISTLE|XYLOPHONE|DRUM|FLYING|TATTOO|ROCKET|HELICOPTER|HOPSCOTCH|BACKGAMMON|CHESS|"
        "CROQUET|QUOITS|BOULE|FRISBEE|KITE|DINOSAUR|NESTING|STACKING|CREATE YOUR|MAKE YOUR|MONSTER|"
        "CREEPY CRAWL(?:Y|IE|IES)|SPORTING FUN|INFLATABLE|BABY|JUMPER|CROCHET(?:ED)?",
    ),
    (
        "Stationery & cards",
        "NOTEBOOK|PENCIL|PEN|STICKER|TAG|LETTER|WRITING|STATIONERY|CALENDAR|ALBUM|JOURNAL|SKETCHBOOK|RULER|ERASER|"
        "RUBBER|TAPE|ENVELOPE|POSTCARD|NOTE ?PAD|PAPER|BOOK ?MARK|BOOK|MEMO|MEMOBOARD|[A-Z]*MAGNET|MAGNETIC|STAMP|"
        "CALCULATOR|DIARY|PLANNER|ORGANISER|SHARPENER|P'?WEIGHT|PAPERWEIGHT|CLIPBOARD|MARKER|TISSUE|SCRAPBOOK|"
        "PUSH PIN|STRING|SCISSOR",
    ),
    (
        "Jewellery & accessories",
        "NECKLACE|BRACELET|EAR ?RING|BROOCH|RING|PENDANT|BANGLE|HAIR[A-Z]*|BEAD|JEWEL|CHARM|KEY ?RING|KEY ?FOB|"
        "KEY-?CHAIN|PHONE|SCARF|GLOVE|HAT|UMBRELLA|PARASOL|FAN|SUNGLASSES|TIARA|ANKLET|LARIAT|SHAWL|SOCK|CHOKER|"
        "RAIN ?COAT|RAIN MAC|PONCHO|MURANO|PASHMINA|BERET",
    ),
    (
        "Garden",
        "GARDEN|GARDENING|PLANT|WATERING|HERB|POTTING|FLOWER ?POT|BIRD ?(?:BATH|FEEDER|TABLE)|TROWEL|PICNIC|"
        "HAMMOCK|SEED|WINDMILL|WIND ?CHIME|BARBECUE|BBQ|DECK ?CHAIR|THERMOMETER|BUCKET|PLANTER|CACTI|CACTUS|SPADE|"
        "BEACH|CAMPING|CLOTHES PEG|WASHING LINE|GNOME|DOVE ?COTE|WHEELBARROW|BICYCLE|FLY SWAT|GROW",
    ),
    (
        "Storage",
        "STORAGE|BOX|TIN|CABINET|DRAWER|DRAWER ?KNOB|BASKET|HOOK|COAT ?HANGER|HANGER|RACK|SHELF|SHELVES|CHEST|BIN|"
        "TIDY|CASE|CONTAINER|HOLDER|TUBE|KNOB|TRUNK|DRESSER|TABLE|CHAIR|STOOL|BANK|CRATE|CADDY|PEG|POT|STAND|"
        "CUPBOARD|BENCH|CAN|LADDER",
    ),
    (
        "Home decor",
        "FRAME|HEART|CLOCK|MIRROR|DOOR|DECORATION|DECO?|ORNAMENT|WREATH|WALL|BLOCK|VASE|PICTURE|PHOTO|CURTAIN|"
        "THROW|QUILT|RUG|PILLOW|HANGING|ART|ARTIFICIAL|FLOWER|ROSE|BIRD|DOVE|ANGEL|CHERUB|STAR|WICKER|SLATE|"
        "BLACK ?BOARD|BOARD|PLAQUE|EASTER|RABBIT|BUNNY|BUNNIES|CHICK|HEN|COCKEREL|OWL|PEAR|APPLE|TREE|MOBILE|"
        "CORNICE|DRAUGHT|CANVAS|BELL|BUTTERFL(?:Y|IES)|TASSEL|CRYSTAL|TILE|PADS TO MATCH|FILLER PAD|MAT|WOBBLY|"
        "SHELL|ELEPHANT|CAT|DOG|BALL|BOTANICAL|FOLKART|COLLAGE|LEAF|LEAVES|WORD|SILK|GREENERY|BLOSSOM|GAZEBO|"
        "SCREEN|COVER|FLAG|HORSE|TULIP|LILY|STEM|SPRAY|TRELLIS|TREASURE",
    ),
]
_RULES = [(name, re.compile(rf"(?<![A-Z])(?:{words})(?:S|ES)?(?![A-Z])")) for name, words in RULES]
CATEGORIES = sorted({name for name, _ in RULES} | {CHARGES, OTHER})


def category(stock_code: str, description: str | None) -> str:
    """The product category of one line, from its stock code and its description."""
    if re.fullmatch(CHARGE_CODES, str(stock_code).strip().upper()):
        return CHARGES
    words = re.sub(r"\s+", " ", str(description or "")).upper()
    return next((name for name, pattern in _RULES if pattern.search(words)), OTHER)


def read_lines(source: Path) -> pd.DataFrame:
    """The invoice lines that name a customer, with `day`, `account`, `category` and `mills` (1/1000 GBP).

    Exact duplicates are kept: nothing in the source tells a double entry from the same article keyed twice.
    """
    lines = pd.read_parquet(source).dropna(subset=["Customer ID"])
    products = lines[["StockCode", "Description"]].drop_duplicates()
    products["category"] = [category(code, text) for code, text in products.itertuples(index=False)]
    lines = lines.merge(products, on=["StockCode", "Description"], how="left", validate="many_to_one")
    lines["day"] = lines["InvoiceDate"].dt.normalize().astype("datetime64[us]")
    lines["account"] = lines["Customer ID"].astype("int64").astype("str")
    # Whole thousandths: a few prices are 0.001, and integers add up to an exact control total.
    lines["mills"] = (lines["Quantity"] * lines["Price"] * 1000).round().astype("int64")
    return lines


def transactions(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per invoice and category: Date, Account ID, Amount (GBP, net), Order ID, Category, Quantity."""
    keys = ["day", "Invoice", "account", "category"]
    table = (
        lines.groupby(keys, as_index=False)[["mills", "Quantity"]].sum().sort_values(keys, ignore_index=True)
    )
    if table.duplicated(["Invoice", "category"]).any():
        raise ValueError("an invoice has two dates or two customers: the sample's rows would not be unique")
    table["Amount"] = table["mills"] / 1000
    table = table.rename(
        columns={"day": "Date", "account": "Account ID", "Invoice": "Order ID", "category": "Category"}
    )
    return table[["Date", "Account ID", "Amount", "Order ID", "Category", "Quantity"]]


def accounts(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: Account ID, Account name, Region, Customer since (first date in the data)."""
    # Thirteen customers are booked under two countries: the most recent invoice decides.
    ordered = lines.sort_values(["account", "InvoiceDate", "Invoice"], kind="stable").groupby("account")
    table = ordered.agg(region=("Country", "last"), since=("day", "first")).reset_index()
    return pd.DataFrame(
        {
            "Account ID": table["account"],
            "Account name": "Customer " + table["account"],
            "Region": table["region"],
            "Customer since": table["since"].dt.strftime("%Y-%m-%d"),
        }
    )


def control_total(table: pd.DataFrame) -> float:
    """Net GBP of the rows dated in the 12 months to AS_OF, inclusive, exact to 1/1000."""
    window = table["Date"].between(AS_OF - pd.DateOffset(years=1) + pd.Timedelta(days=1), AS_OF)
    return int((table.loc[window, "Amount"] * 1000).round().astype("int64").sum()) / 1000


def settings(table: pd.DataFrame) -> str:
    """The text of engagement.yaml."""
    return f"""\
# Made by kamplay/samples/online_retail.py. The data: {ATTRIBUTION}
client: Online Retail II (UCI sample)
industry: Gift wholesale
language: en
currency: GBP
as_of: "{AS_OF:%Y-%m-%d}"
health: {{horizon_days: 90}}
control_total: {control_total(table)}  # net amount, 2010-12-01 to 2011-11-30 inclusive
capacity: {{visits_per_month: 900}}
brand: {{accent: "#1F4E79"}}
"""


def readme(lines: pd.DataFrame, table: pd.DataFrame, customers: pd.DataFrame) -> str:
    """The text of the sample's README: whose data it is, what was changed, what is in it."""
    duplicates = int(lines.duplicated(list(lines.columns[:8])).sum())
    first = f"{table['Date'].min():%Y-%m-%d}"
    late = int((table["Date"] > AS_OF).sum())
    return f"""\
# Sample: a gift wholesaler

Real invoices of a British wholesaler of gifts, {first} to {table["Date"].max():%Y-%m-%d}.

**Source**: {ATTRIBUTION}

**Licence of the files in `data/`**: [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), as the source. Whoever
passes them on keeps the attribution above and says what was changed.

**What was changed**

- The overlap of the source's two sheets (2010-12-01 to 2010-12-09) counts once. {duplicates:,} exact duplicate lines
  remained and are kept, because nothing tells a double entry from the same article keyed twice.
- Lines without a customer number are left out: they belong to no account. {len(lines):,} lines remain.
- They are added up to one row per invoice and product category: {len(table):,} rows. Stock codes and descriptions are
  not included.
- The {len(CATEGORIES)} categories are ours, assigned by words in the description. `Charges` holds freight, fees,
  discounts, manual adjustments and test items.
- Amount is quantity × price in GBP. Cancellations keep their number, which begins with `C`, and are negative.
- Customers are called "Customer" and their number; the source has no names. Region is the country of the latest
  invoice. "Customer since" is the first date in the data, so it cannot be before {first}.

**Files**

| file | rows | columns |
| --- | --- | --- |
| `data/transactions.parquet` | {len(table):,} | {", ".join(table.columns)} |
| `data/accounts.csv` | {len(customers):,} | {", ".join(customers.columns)} |

The engagement's date is {AS_OF:%Y-%m-%d}, the end of the last whole month. {late:,} rows are later and belong to no
result. `control_total` in `engagement.yaml` is the net amount of the 12 months to that date.

To rebuild it: `python kamplay/samples/online_retail.py PATH/TO/lines.parquet`.
"""


def build(source: Path, target: Path = TARGET) -> dict[str, int]:
    """Write the engagement folder; returns {file: bytes}."""
    lines = read_lines(source)
    table, customers = transactions(lines), accounts(lines)
    (target / "data").mkdir(parents=True, exist_ok=True)
    table.to_parquet(
        target / "data" / "transactions.parquet", index=False, compression="zstd", compression_level=19
    )
    customers.to_csv(target / "data" / "accounts.csv", index=False, lineterminator="\n")
    for name, text in [("engagement.yaml", settings(table)), ("README.md", readme(lines, table, customers))]:
        (target / name).write_text(text, encoding="utf-8", newline="\n")
    return {
        str(file.relative_to(target)): file.stat().st_size
        for file in sorted(target.rglob("*"))
        if file.is_file()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the sample engagement from Online Retail II.")
    parser.add_argument("source", type=Path, help="the invoice lines, a parquet file")
    parser.add_argument("--target", type=Path, default=TARGET, help="the engagement folder to write")
    arguments = parser.parse_args()
    for name, size in build(arguments.source, arguments.target).items():
        print(f"{size:>10,}  {name}")


if __name__ == "__main__":
    main()
