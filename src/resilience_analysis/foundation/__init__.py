"""What every part is built on: errors, files, tables and definitions, words and numbers; nothing of resilience."""
