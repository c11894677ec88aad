"""Raw files to tables: where they come from, whether they are unchanged, and what they say as observations."""
