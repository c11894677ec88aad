"""Where a village lies among the others of its region."""

from __future__ import annotations

from resilience_analysis.drawing.layers import Bold, Drawing, Outline
from resilience_analysis.pages.base_maps import village_base
from resilience_analysis.pages.page import REGION, PageSection
from resilience_analysis.pages.render import Views, heading, picture
from resilience_analysis.pages.subject import Subject


def _show(subject: Subject) -> Views:
    t = subject.texts
    opening = heading("village_map", subject, anchor="map")
    name = subject.village_name
    caption = t("village_map.caption", village=name, region=subject.region_name)
    drawing = Drawing(village_base(subject), [Outline("map", subject.village), Bold("map", name)])
    shown = picture(
        drawing, t,
        alt=t("village_map.alt", village=name, region=subject.region_name),
        caption=f"{caption} {t('map.boundaries')}",
        text=caption,
    )  # fmt: skip
    return Views([opening, shown])


SECTION = PageSection(_show, "map", rests_on=frozenset({REGION}))
