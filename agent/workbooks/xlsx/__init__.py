"""An Excel workbook as a package of parts: what is not ours is copied byte for byte (DESIGN section 4)."""
