"""A Google Sheet as the seller's workbook, called through gspread (DESIGN section 4, Google)."""

from agent.workbooks.google.session import Session
from agent.workbooks.google.workbook import GoogleWorkbook

__all__ = ["GoogleWorkbook", "Session"]
