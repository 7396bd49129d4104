"""Accepting what the seller's workbook says: rows, edits of Stocked, Stock In and Out, names, answers, copies."""
