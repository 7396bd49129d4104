"""One cycle, top to bottom. This is the only file that knows the order.

1. **Look.** The workbook, if it changed, and every channel that is due (or whose access was renewed), side by side.
   What was seen is kept in the store; a channel that does not answer stops only itself.
2. **Decide.** One plan over all stock cells, from everything seen (`decide`, and the pure rooms in `core`).
3. **Lower.** At once, before anything else.
4. **Raise.** With proof: what is to be raised is read afresh, with its channel's orders after it, and decided again.
5. **Tell.** What must be asked, and the results into the workbook's own tabs, with the reason for every number; and the
   rows that the person asked to have added to Item Master.

Events only wake the cycle sooner. Nothing is remembered of what was to be done: a crash anywhere is mended by the next
look.
"""

from __future__ import annotations

from collections.abc import Collection

from agent import act
from agent.accepting import new_items, sheet
from agent.asking.ask import ask
from agent.deciding import once
from agent.deciding.decide import Decision, decide
from agent.looking import access, clock_jumps, feeds, look
from agent.state import Agent
from agent.telling import tell
from agent.words import call_columns
from agent.workbooks.tabs import headings

ROUNDS = 3
"""How often one cycle may read afresh and decide again before it leaves the rest to the next one."""


async def cycle(agent: Agent, due: Collection[str] | None = None, *, push: bool = True, write: bool = True) -> Decision:
    """Run one cycle over the channels that are due (None: all). Gives the last decision."""
    call_columns(headings(agent.workbook.kind))
    clock_jumps.notice(agent)
    act.forget_what_is_old(agent)
    act.recover_unkept(agent)
    agent.sent_now.clear()
    agent.withheld.clear()
    agent.run = None
    agent.refusals.clear()
    agent.read_failed.clear()
    agent.too_old.clear()

    await sheet.read(agent)
    if (push or write) and not await sheet.hold(agent):
        push = write = False
    renewed = access.take_renewed(agent)
    everything = due is None or sheet.asks_sync_now(agent)
    await look_at(agent, agent.channels if everything else dict.fromkeys([*(due or ()), *renewed]))

    decision = decide(agent)
    if ask(agent, decision):
        decision = decide(agent)
    if push:
        decision = await carry_out(agent, decision)
        if once.note(agent, decision):
            decision = decide(agent)
        ask(agent, decision)
    if write and not agent.withheld:  # a lowering waits for orders, and comes before what takes time
        if await new_items.add(agent, decision):
            await sheet.read(agent)
            decision = decide(agent)
            ask(agent, decision)
        await tell.write(agent, decision)
    return decision


async def look_at(agent: Agent, names: Collection[str]) -> None:
    """Look at these channels, and at the feeds that are due, side by side; one that is still being looked at is left to
    finish."""
    idle = [name for name in names if name not in agent.looking]
    await act.within(agent, {**feeds.jobs(agent), **{name: look.look(agent, name) for name in idle}})


async def carry_out(agent: Agent, decision: Decision) -> Decision:
    """Lower; read afresh what may be raised; decide again; raise. A lowering that the shop's own changes outran each
    time goes over them in the end."""
    act.note_basis(agent, decision)
    for _ in range(ROUNDS):
        lowered = await act.push(agent, decision, "lower")
        looked = await act.read_afresh(agent, decision.plan)
        raised = await act.push(agent, decision, "raise")
        if not (lowered or looked or raised):
            break
        decision = decide(agent)
    if act.insists(agent):
        await act.push(agent, decision, "lower")
        decision = decide(agent)
    return decision
