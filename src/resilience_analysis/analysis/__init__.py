"""What an analyst works with in a notebook: tables, maps and charts of the project's figures, and "what if".

Everything here is also a name of the package itself. It takes codes, or a Series or DataFrame of one's own, and gives
DataFrames, GeoDataFrames and Axes back:

>>> import resilience_analysis as ra
>>> ra.indicators().head()  # doctest: +SKIP
>>> ra.scatter("org_trust_municipality", "ctx_density", label="neteland")  # doctest: +SKIP
"""
