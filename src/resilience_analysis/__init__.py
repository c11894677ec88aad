"""Turn survey and open data into resilience indicator scores, and those into a profile per municipality."""
