"""What a reader sees: the data of a report as HTML and pictures, in one language.

A section is a folder of `sections`: its code with its `PageSection`, its template, and its words in a file for each
language. A kind of report is a folder beside it, which lists its sections:

>>> from resilience_analysis.pages.profile import ProfilePage
>>> ProfilePage.sections[:3]
('key_messages', 'reading_guide', 'factors')
"""
