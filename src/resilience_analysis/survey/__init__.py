r"""The engine of the Likert survey: ask, import, estimate and protect what people say on a scale from 1 to 4.

It knows nothing of resilience or Flanders: what is asked, in which words, and from how many answers a result is shown
is in ``items.yml`` (`items.load_instrument`). `questionnaire` writes what people fill in. `importing` reads what any
survey tool exported (one file in `exports` for each tool) and loses no answer in silence: what is not understood is
named, and a scale that is not ours is left out as a whole. `estimating` counts, with margins, and hides what would tell
of a person. ``resilience survey --help`` shows the same on the command line.

Examples
--------
>>> import tempfile
>>> from pathlib import Path
>>> from resilience_analysis.survey.importing import ImportOptions, import_answers
>>> from resilience_analysis.survey.items import load_instrument
>>> export = Path(tempfile.mkdtemp()) / "export.csv"
>>> _ = export.write_text("INF1\n1\n4\nweet niet\n")
>>> answers = import_answers(export, load_instrument(), ImportOptions("2026")).responses
>>> sorted(answers.values()["INF1"].dropna())
[1.0, 4.0]
"""
