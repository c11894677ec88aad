"""What this project takes from the survey: estimates safe to show, change, the strand ``self``."""
