"""Where a village lies among the others of its region."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from resilience_analysis.drawing.layers import palette
from resilience_analysis.drawing.maps import draw_areas
from resilience_analysis.pages.base_maps import name_again, village_plate
from resilience_analysis.pages.registry import REGION, PageSection
from resilience_analysis.pages.render import heading
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Picture, Views

_OUTLINE = 10  # above the areas


def village_map(subject: Subject) -> Views:
    """Show the village among the others of the region."""
    t = subject.texts
    opening = heading("village_map", subject, anchor="map")
    plate = village_plate(subject)
    caption = t("village_map.caption", village=subject.village_name, place=subject.place)
    picture = Picture(
        png=plate.png(lambda axes: _outline(axes, subject)),
        alt=t("village_map.alt", village=subject.village_name, place=subject.place, region=subject.region_name),
        caption=f"{caption} {t('map.boundaries')}",
        table="",
        text=caption,
        width=plate.width,
    )
    return Views([opening, picture])


def _outline(axes: Mapping[str, Axes], subject: Subject) -> list[Artist]:
    villages = subject.data.villages
    own = villages[villages["village_code"] == subject.village]
    colour = palette()["group"]
    return [
        artist
        for ax in axes.values()
        for artist in (
            draw_areas(ax, own, colours="none", edge=colour, width=2.4, zorder=_OUTLINE),
            *name_again(ax, subject.village_name),
        )
    ]


SECTION = PageSection(village_map, "map", rests_on=frozenset({REGION}))
