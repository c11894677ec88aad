"""Tables of the municipalities of a region, cut to what a reader reads where there are many."""

from __future__ import annotations

from resilience_analysis.pages.base_maps import region_shapes
from resilience_analysis.pages.render import plain_table, render
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.region import alphabetical

MOST_ROWS = 40


def table_codes(subject: Subject) -> list[str]:
    """Return the municipalities of the region that a table names.

    All of them, or of many: the municipality and those around it; the first by name where a report is about no single
    one.
    """
    codes = list(subject.region.codes)
    if len(codes) <= MOST_ROWS:
        return codes
    if not subject.nis_code:
        return alphabetical(subject.data, codes)[:MOST_ROWS]
    region = subject.data.keep(("areas", *codes), lambda: region_shapes(subject).set_index("nis_code").geometry)
    near = region.iloc[region.sindex.query(region[subject.nis_code], predicate="intersects")].index
    others = [str(code) for code in near if code != subject.nis_code]
    return [subject.nis_code, *alphabetical(subject.data, others)][:MOST_ROWS]


def cut(subject: Subject, shown: int) -> str:
    """Return which municipalities a table names; empty where it names all of the region."""
    t, every = subject.texts, len(subject.region.codes)
    if shown == every:
        return ""
    words = {"shown": t.number(shown), "all": t.number(every), "place": subject.place}
    return t("table.cut" if subject.nis_code else "table.cut_region", **words)


def map_table(subject: Subject, indicators: list[str], *, digits: int) -> tuple[str, str]:
    """Return the values behind maps of some indicators, as an HTML table and as text."""
    codes = table_codes(subject)

    def make() -> tuple[str, str]:
        table = subject.data.values.loc[codes, indicators]
        content = {"subject": subject, "codes": indicators, "table": table, "cut": cut(subject, len(codes))}
        made = render("map_table.html.j2", subject.texts, **content)
        return made, plain_table(table.reset_index(), digits=digits)

    return (
        subject.data.keep(("map table", subject.texts.language, *indicators, *codes), make)
        if len(codes) == len(subject.region.codes)
        else make()
    )
