"""The world of the simulation: shops, buyers, a packer, a person at the workbook, a computer that crashes; its books.

Read in this order: `timeline` (virtual time), `computer` (what the agent runs on, and how it is killed), `books` (what
is true, and the rules restated), `stage` (one world is made, and the agent's lives in it), `known` (what is seen of the
agent), `deeds` (what can happen), `people`, `person` and `keeper` (who does it), `kinds` (what only some worlds have),
`platforms` and `marketplaces` (a southern shop of another manner, a northern one of a real platform),
`watch` (the invariants, checked as things happen), `judge` (how it must end), `run` (one seed).
"""
