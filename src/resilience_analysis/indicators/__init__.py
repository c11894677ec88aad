"""From observations and estimates to indicators and scores: framework, verbs, goalposts."""
