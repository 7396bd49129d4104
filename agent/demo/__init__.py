"""A made-up seller with a workbook and two shops, on which the real agent works.

`world` invents the items, rules and listings; `fill` puts them into the starter workbook; `shops` opens two practice
shops on this computer; `place` makes the folder with its settings; `live` runs it all until Ctrl-C; `once` is the same
as a scripted round without a person; `proof` looks whether everything is right in the end.
"""
