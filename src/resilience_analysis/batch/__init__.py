"""Engine 3: notebooks by the hundred, made into reports, knowing nothing of what they are about.

It runs parameterised notebooks side by side, each in a process of its own that is forked from a prepared one, with
limits on time, memory and output; makes HTML, PDF or other products of them; moves these in place when they are whole;
and notes in a manifest what each rests on, so that the next run makes only what is missing or has changed. It does so
here or on a Dask cluster, and is also papermill's engine ``resilience`` for notebooks of one's own.

Its door is `batches.ReportMaker`, which is handed an `kinds.Application`: products, kinds of reports, what to preload.

>>> from resilience_analysis.batch.batches import ReportMaker
>>> from resilience_analysis.batch.tasks import Application, Product
>>> words = Product((".txt",), lambda executed: (executed.task.title.encode(),))
>>> maker = ReportMaker(Application({"words": words}))
>>> # maker.run(project, [Task("a", "A", "a.ipynb", {"who": "A"}, "en", products=("words",))], settings, listener=...)
"""
