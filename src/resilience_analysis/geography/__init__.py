"""Municipalities and where they lie: NIS codes, mergers, regions, boundaries."""
