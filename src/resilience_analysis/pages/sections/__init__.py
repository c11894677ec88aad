"""One folder per section of a report: its code, its template and its words."""
