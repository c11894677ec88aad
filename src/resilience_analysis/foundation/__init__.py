"""What every part stands on: errors, files, tables and definitions, words and numbers; nothing of resilience."""
