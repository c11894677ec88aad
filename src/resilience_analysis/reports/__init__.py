"""The reports of this project: profile, region, village, and the index over them."""
