"""The workbooks: their sheets, those that compute, and their look."""
