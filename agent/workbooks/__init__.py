"""The seller's workbook: what its tabs are (`tabs`), and the files it may live in (`excel`, `memory`)."""
