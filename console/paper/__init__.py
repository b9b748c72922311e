"""Paper: slips and sheets as PDF, for the printer and for the day the screens go dark. No Qt."""
