"""What every channel keeps to, over every platform that Stocksheet has, found by name.

Each exchange of these tests is also judged by the platform's own contract (fixture `world`).
"""

from __future__ import annotations

import asyncio
import math
import random
import traceback
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import polars as pl
import pytest

from agent import frames
from agent.channels import find, platforms
from agent.channels.base import Account, ChannelOut, ListingsRead, OrdersRead
from agent.channels.http import Ports
from tests.channels.clock import FakeClock
from tests.channels.wire.base import World, changes
from tests.channels.wire.base import world as make_world

OVERLAP = timedelta(minutes=5)


@pytest.fixture(params=platforms())
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made = make_world(request.param)
    yield made
    made.validate()


T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def read(world: World) -> ListingsRead:
    return run(world.channel.listings())


def quantities(found: ListingsRead) -> dict[str, int | None]:
    return dict(found.frame.select("listing", "quantity").iter_rows())


def push(world: World, wanted: dict[str, int]) -> dict[str, tuple[str, int | None, str | None]]:
    """Push by listing; outcome, quantity after and message by listing."""
    asked = changes(read(world).frame, wanted)
    results = run(world.channel.push(asked, "lower"))
    assert results.schema == pl.Schema(frames.RESULTS)
    assert results["cell"].to_list() == asked["cell"].to_list()
    rows = results.select("outcome", "quantity_after", "message").iter_rows()
    return dict(zip(asked["listing"], rows, strict=True))


def taken(world: World) -> str:
    """What becomes of a quantity that the platform takes; of one that answers nothing it is only sent."""
    return "sent" if "answers" in world.cannot else "accepted"


def lines(found: OrdersRead) -> dict[str, dict[str, object]]:
    assert found.frame.schema == pl.Schema(frames.ORDER_LINES)
    return {row["order"]: row for row in found.frame.iter_rows(named=True)}


# --- found by name, connected -----------------------------------------------------------------------------------------


def test_a_platform_is_found_by_its_name_and_others_are_named() -> None:
    assert find("woocommerce").CAN.title == "WooCommerce"
    with pytest.raises(LookupError, match="woocommerce"):
        find("os")
    assert "base" not in platforms() and "http" not in platforms()


@pytest.mark.parametrize("platform", platforms())
def test_every_platform_asks_for_its_settings_in_words_and_says_what_is_missing(platform: str) -> None:
    module = find(platform)
    assert all(setting.label and setting.help for setting in module.SETTINGS)
    with pytest.raises(ChannelOut, match=module.SETTINGS[0].label):
        module.connect("empty", {}, Ports(FakeClock(), random.Random(1)))


def test_the_account_says_who_answers_S2_8(world: World) -> None:
    world.add("A", 1)
    account: Account = run(world.channel.account())
    assert account.id and account.name and account.listings == 1
    assert account.id == run(world.channel.account()).id


def test_a_bad_token_says_what_to_do_and_never_shows_itself_R6(world: World) -> None:
    world.expire_access()
    with pytest.raises(ChannelOut) as out:
        run(world.channel.account())
    assert out.value.kind == "access" and out.value.fix
    assert "canary" not in "".join(traceback.format_exception(out.value)) + out.value.fix


# --- listings ---------------------------------------------------------------------------------------------------------


def test_every_page_of_listings_is_read(world: World) -> None:
    simple = [world.add(f"S{n}", n) for n in range(130)]
    variants = [v for n in range(30) for v in world.add_variants(f"V{n}", [n, n + 1, n + 2, n + 3])]
    found = read(world)
    assert found.complete and found.issues == ()
    assert sorted(found.frame["listing"]) == sorted(simple + variants)
    assert quantities(found)[simple[77]] == 77
    assert found.frame.schema == pl.Schema(frames.LISTINGS)
    assert found.began <= found.ended


def test_listings_keep_sku_product_and_options_apart(world: World) -> None:
    (variant, _) = world.add_variants("SHIRT", [4, 5])
    row = read(world).frame.row(by_predicate=pl.col("listing") == variant, named=True)
    assert row["sku"] == "SHIRT-0" and row["product"] not in (None, variant)
    assert "Size" in (row["title"] if "options" in world.cannot else row["options"])
    assert row["title"] and row["status"] == "active" and row["fulfilled_by"] == "seller" and row["managed"]


def test_variants_of_a_common_stock_share_one_cell_I18(world: World) -> None:
    if not world.channel.can.shared_quantity:
        pytest.skip("each listing of this platform has a quantity of its own")
    shared = world.add_shared("CUP", 3, 17)
    found = read(world).frame
    assert sorted(found["listing"]) == sorted(shared)
    assert found["cell"].n_unique() == 1 and found["quantity"].to_list() == [17, 17, 17]


def test_a_listing_that_the_shop_does_not_count_has_no_quantity_I11(world: World) -> None:
    world.add("FREE", None)
    row = read(world).frame.row(0, named=True)
    assert row["managed"] is False and row["quantity"] is None


def test_one_bad_listing_does_not_stop_the_rest(world: World) -> None:
    good, bad = world.add("GOOD", 3), world.add("BAD", 4)
    world.spoil(bad)
    found = read(world)
    assert quantities(found) == {good: 3, bad: None}
    assert len(found.issues) == 1 and bad in found.issues[0]


def test_only_reads_just_these_afresh_and_leaves_out_what_is_gone(world: World) -> None:
    simple, gone = world.add("A", 1), world.add("B", 2)
    (variant, _) = world.add_variants("V", [3, 4])
    world.remove(gone)
    found = run(world.channel.listings(only=[simple, variant, gone]))
    assert quantities(found) == {simple: 1, variant: 3}
    assert not found.complete
    read(world)
    assert quantities(run(world.channel.listings(only=[variant], lane="raise"))) == {variant: 3}


def test_since_finds_what_was_sold_after_it(world: World) -> None:
    sold, still = world.add("SOLD", 9), world.add("STILL", 9)
    (variant, _) = world.add_variants("V", [3, 4])
    if not world.channel.can.changed:
        pytest.skip("this platform cannot say which listings changed")
    world.clock.advance(60)
    began = read(world).ended
    world.clock.advance(60)
    world.sell(sold, 2)
    world.sell(variant, 1)
    found = quantities(run(world.channel.listings(since=began, lane="orders")))
    assert found[sold] == 7 and found[variant] == 2 and still not in found


# --- orders -----------------------------------------------------------------------------------------------------------


def test_every_page_of_orders_is_read(world: World) -> None:
    listing = world.add("A", 1000)
    orders = []
    for n in range(230):
        orders.append(world.sell(listing, 1))
        world.clock.advance(0.02 if n < 120 else 1.0)  # more than a page of them within two seconds
    found = run(world.channel.orders(world.clock.now() - timedelta(hours=1)))
    assert sorted(found.frame["order"]) == sorted(orders)
    assert sorted(run(world.channel.orders(None)).frame["order"]) == sorted(orders)


def test_an_open_line_holds_its_units(world: World) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 3)
    (line,) = lines(run(world.channel.orders(world.clock.now() - OVERLAP))).values()
    assert (line["order"], line["listing"], line["sku"]) == (order, listing, "A")
    assert (line["ordered"], line["open"], line["shipped"], line["returned"]) == (3, 3, 0, 0)
    assert line["holds"] is True and line["sale_at"] is not None and line["freed_at"] is None
    assert world.shown(listing) == 7


def test_unpaid_orders_hold_stock_where_the_platform_takes_it_at_the_order_and_waiting_ones_do(world: World) -> None:
    listing = world.add("A", 10)
    unpaid, waiting = world.sell(listing, 2, "unpaid"), world.sell(listing, 3, "waiting")
    found = lines(run(world.channel.orders(world.clock.now() - OVERLAP)))
    taken = 2 if world.channel.can.decrements == "order" else 0
    if "unpaid orders" in world.cannot:
        assert unpaid not in found and taken == 0
    else:
        assert found[unpaid]["open"] == taken and (found[unpaid]["sale_at"] is not None) == bool(taken)
    assert found[waiting]["open"] == 3 and found[waiting]["holds"]
    assert world.shown(listing) == 7 - taken


def test_open_lines_are_found_however_old_and_finished_ones_are_left_out(world: World) -> None:
    listing = world.add("A", 50)
    old, done = world.sell(listing, 1), world.sell(listing, 1)
    world.ship(done)
    world.clock.advance(400 * 86_400)
    new = world.sell(listing, 1)
    found = lines(run(world.channel.orders(None)))
    assert {old, new} <= set(found)
    assert all(found[order]["open"] == 0 for order in set(found) - {old, new})


def test_a_shipped_line_is_shipped(world: World) -> None:
    order = world.sell(world.add("A", 10), 3)
    world.clock.advance(30)
    world.ship(order)
    line = lines(run(world.channel.orders(world.clock.now() - OVERLAP)))[order]
    assert (line["open"], line["shipped"], line["returned"]) == (0, 3, 0)
    assert line["shipped_at"] is not None and not line["holds"]


def test_a_cancelled_line_is_freed_if_the_platform_gives_units_back(world: World) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 3)
    world.clock.advance(30)
    world.cancel(order)
    line = lines(run(world.channel.orders(world.clock.now() - OVERLAP)))[order]
    assert (line["open"], line["shipped"]) == (0, 0)
    assert (line["freed_at"] is not None) == world.channel.can.restocks_cancel == (world.shown(listing) == 10)


def test_a_refund_before_shipping_frees_just_its_units(world: World) -> None:
    if "parts of a line" in world.cannot:
        pytest.skip("a line of this platform is given up as a whole")
    order = world.sell(world.add("A", 10), 3)
    world.clock.advance(30)
    world.refund(order, 1)
    line = lines(run(world.channel.orders(world.clock.now() - OVERLAP)))[order]
    assert (line["ordered"], line["open"], line["shipped"], line["returned"]) == (3, 2, 0, 0)
    assert line["freed_at"] is not None
    world.clock.advance(30)
    world.ship(order)
    line = lines(run(world.channel.orders(world.clock.now() - OVERLAP)))[order]
    assert (line["open"], line["shipped"], line["returned"]) == (0, 2, 0)


def test_a_refund_after_shipping_is_a_return_and_stays_shipped_I10(world: World) -> None:
    order = world.sell(world.add("A", 10), 3)
    world.ship(order)
    world.clock.advance(30)
    world.refund(order, 2)
    line = lines(run(world.channel.orders(world.clock.now() - OVERLAP)))[order]
    back = 0 if "returns" in world.cannot else 3 if "parts of a line" in world.cannot else 2
    assert (line["open"], line["shipped"], line["returned"]) == (0, 3, back)


def test_orders_that_show_late_are_found_by_the_overlap(world: World) -> None:
    """A cursor at the last read loses them; the same cursor less five minutes does not (reliability 4.4)."""
    listing = world.add("A", 10)
    world.delay_orders(120)
    late = world.sell(listing, 1)
    world.clock.advance(10)
    first = run(world.channel.orders(world.clock.now() - OVERLAP))
    assert first.frame.is_empty()
    world.clock.advance(130)
    assert late in lines(run(world.channel.orders(first.began - OVERLAP)))


def test_the_second_of_the_cursor_itself_is_read_again(world: World) -> None:
    order = world.sell(world.add("A", 10), 1)
    assert order in lines(run(world.channel.orders(world.clock.now())))


def test_orders_are_read_again_by_id_and_those_that_are_gone_are_named(world: World) -> None:
    listing = world.add("A", 10)
    old, deleted = world.sell(listing, 1), world.sell(listing, 2)
    world.clock.advance(86_400)
    world.remove_order(deleted)
    found = run(world.channel.orders(world.clock.now() - OVERLAP, also=[old, deleted]))
    assert list(lines(found)) == [old] and found.gone == (deleted,)


def test_an_order_of_a_deleted_listing_is_still_an_order(world: World) -> None:
    listing = world.add("A", 10)
    order = world.sell(listing, 1)
    world.remove(listing)
    line = lines(run(world.channel.orders(None)))[order]
    assert line["open"] == 1 and line["sku"] == "A"


def test_times_are_aware_and_of_the_server(world: World) -> None:
    world.sell(world.add("A", 10), 1)
    found = run(world.channel.orders(world.clock.now() - OVERLAP))
    assert found.began <= world.clock.now()
    assert found.frame.schema["sale_at"] == frames.TIME
    assert found.frame["updated_at"][0] == world.clock.now()


# --- push -------------------------------------------------------------------------------------------------------------


def test_push_then_read_shows_what_was_pushed_and_nothing_is_left_to_push(world: World) -> None:
    a, (b, c) = world.add("A", 1), world.add_variants("V", [2, 3])
    d = world.add_shared("W", 2, 4)[0] if world.channel.can.shared_quantity else world.add("W", 4)
    wanted = {a: 11, b: 12, c: 0, d: 14}
    results = push(world, wanted)
    silent = "answers" in world.cannot
    answers = {x: ("sent", None) if silent else ("accepted", q) for x, q in wanted.items()}
    assert {listing: (r[0], r[1]) for listing, r in results.items()} == answers
    after = quantities(read(world))
    assert all(after[listing] == quantity for listing, quantity in wanted.items())
    assert all(world.shown(listing) == quantity for listing, quantity in wanted.items())


def test_calls_are_counted_in_batches(world: World) -> None:
    simple = [world.add(f"S{n}", 5) for n in range(230)]
    several = [world.add_variants(f"V{n}", [5, 5, 5, 5]) for n in range(26)]
    variants = [v for each in several for v in each]
    before = world.writes()
    results = push(world, dict.fromkeys(simple + variants, 4))
    assert {r[0] for r in results.values()} == {taken(world)}
    together = [[each] for each in simple] + several if world.channel.can.one_product else [simple, variants]
    batch = world.channel.can.batch
    least = 0 if world.channel.can.one_product else math.ceil((len(simple) + len(variants)) / batch)
    apart = sum(math.ceil(len(each) / batch) for each in together)
    assert (least or apart) <= world.writes() - before <= apart


def test_an_answer_lost_after_the_push_is_unknown_and_the_read_shows_it_I5(world: World) -> None:
    if "lost answers" in world.cannot:
        pytest.skip("what is written here is written, or it is not")
    listing = world.add("A", 10)
    world.lose_answer_of_next_write(applied=True)
    asked = changes(read(world).frame, {listing: 3})
    before = world.writes()
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["unknown"] and results["quantity_after"].to_list() == [None]
    assert world.writes() == before + 1, "a write whose answer is lost is never sent again"
    assert quantities(read(world)) == {listing: 3}


def test_an_answer_lost_before_the_push_is_unknown_too(world: World) -> None:
    if "lost answers" in world.cannot:
        pytest.skip("what is written here is written, or it is not")
    listing = world.add("A", 10)
    asked = changes(read(world).frame, {listing: 3})
    world.lose_answer_of_next_write(applied=False)
    assert run(world.channel.push(asked, "lower"))["outcome"].to_list() == ["unknown"]
    assert quantities(read(world)) == {listing: 10}


def test_one_refused_item_does_not_stop_the_others(world: World) -> None:
    good, bad, gone = world.add("A", 1), world.add("B", 2), world.add("C", 3)
    asked = changes(read(world).frame, {bad: 9, good: 9, gone: 9})
    world.refuse(bad)
    world.remove(gone)
    results = run(world.channel.push(asked, "lower"))
    first, second, third = results["outcome"]
    told = [0, 2] if "answers" not in world.cannot else [2]
    assert first in (("refused", "unknown") if 0 in told else ("sent",))
    assert (second, third) == (taken(world), "refused")
    assert all(results["message"][at] for at in told)
    assert world.shown(good) == 9 and world.shown(bad) == 2


def test_a_push_that_the_shop_silently_ignores_is_not_called_accepted(world: World) -> None:
    listing = world.add("A", 5)
    asked = changes(read(world).frame, {listing: 3})
    world.stop_counting(listing)
    results = run(world.channel.push(asked, "lower"))
    assert results["outcome"].to_list() == ["refused"] and results["message"][0]
    assert world.shown(listing) is None, "counting is not switched on again behind the owner's back"


def test_a_preflight_tells_in_sentences_and_changes_nothing_S3_2(world: World) -> None:
    preflight = getattr(world.channel, "preflight", None)
    if preflight is None:
        pytest.skip("this platform has nothing to look at in the shop's own settings")
    listing = world.add("A", 5)
    run(world.channel.account())
    found = run(preflight())
    assert found
    for each in found:
        assert each.sign in ("ok", "note", "fix")
        assert each.what.endswith((".", "?")) and world.channel.name in each.what
        assert each.fix.endswith(".") or (each.sign != "fix" and not each.fix)
    assert world.shown(listing) == 5


def test_expired_access_and_a_host_that_is_down_never_raise_from_a_push(world: World) -> None:
    listing = world.add("A", 5)
    asked = changes(read(world).frame, {listing: 3})
    world.go_down(True)
    down = run(world.channel.push(asked, "lower"))
    assert down["outcome"].to_list()[0] in ("unknown", "not_sent") and down["kind"].to_list() == ["host"]
    world.go_down(False)
    world.expire_access()
    expired = run(world.channel.push(asked, "lower"))
    assert (expired["outcome"].to_list(), expired["kind"].to_list()) == (["not_sent"], ["access"])


def test_nothing_but_whole_numbers_from_zero_is_ever_sent_I12(world: World) -> None:
    listing = world.add("A", 5)
    before = world.writes()
    results = push(world, {listing: -1})
    assert results[listing][0] == "refused" and world.writes() == before


# --- the host -----------------------------------------------------------------------------------------------------


def test_a_host_that_asks_us_to_wait_is_waited_for_I21(world: World) -> None:
    if "asks to wait" in world.cannot:
        pytest.skip("nobody asks us to wait here")
    listing = world.add("A", 5)
    world.throttle(1, retry_after=5)
    before = world.clock.now()
    assert quantities(read(world)) == {listing: 5}
    assert world.clock.now() - before >= timedelta(seconds=5)


def test_a_host_that_asks_for_minutes_is_out_until_then_and_not_called_again_before(world: World) -> None:
    if "asks to wait" in world.cannot:
        pytest.skip("nobody asks us to wait here")
    world.add("A", 5)
    world.throttle(1, retry_after=600)
    with pytest.raises(ChannelOut) as out:
        read(world)
    assert out.value.kind == "wait" and (out.value.retry_after or 0) >= 600
    seen = world.reads()
    with pytest.raises(ChannelOut):
        run(world.channel.orders(world.clock.now()))
    assert world.reads() == seen
    world.clock.advance(601)
    assert len(read(world).frame) == 1


def test_a_host_that_is_down_stops_only_with_a_sentence(world: World) -> None:
    world.go_down(True)
    with pytest.raises(ChannelOut) as out:
        run(world.channel.orders(None))
    assert out.value.kind == "host" and out.value.what and out.value.fix
