"""`python -m agent.probe google SHEET`: asks the real Google what no document says, and prints a table.

It works in tabs of its own, which it makes and takes away again; nothing else in the sheet is touched.
"""
