"""From notebooks to reports: run them, turn them into HTML, keep a manifest."""
