"""The self-assessment: asking, importing, estimating and protecting what people say on a scale from 1 to 4."""
