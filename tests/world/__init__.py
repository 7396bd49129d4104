"""The world of the simulation: shops, buyers, a packer, a person at the workbook, a computer that crashes; its books.

Read in this order: `timeline` (virtual time), `computer` (what the agent runs on, and how it is killed), `books` (what
is true, and the rules restated), `people` (who acts), `watch` (the invariants, checked as things happen), `run` (one
seed).
"""
