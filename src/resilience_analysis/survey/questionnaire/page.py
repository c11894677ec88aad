"""The self-assessment on paper: a page to print as Markdown or HTML, and an empty table to fill in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import safe_html, visible, write_table
from resilience_analysis.foundation.files import write_text
from resilience_analysis.survey.instrument import Instrument, Question, Section
from resilience_analysis.survey.wording import words

BOX = "☐"
_STYLE = """
  body { font: 11pt/1.4 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; break-after: avoid; }
  table { border-collapse: collapse; width: 100%; } tr { break-inside: avoid; }
  th, td { border: 1px solid #767676; padding: .35rem .4rem; text-align: center; vertical-align: top; }
  th { font-weight: 600; font-size: .85rem; } td:first-child, th:first-child { text-align: left; }
  td { font-size: .95rem; } .box { font-size: 1.2rem; } .code { color: #595959; font-size: .8rem; }
  .line { border-bottom: 1px solid #767676; height: 2.2rem; } ul { list-style: none; padding: 0; columns: 2; }
  ul.told { columns: 1; list-style: disc; padding-left: 1.2rem; }
  @page { margin: 15mm; } @media print { body { margin: 0; max-width: none; } }
"""


def write_markdown(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the page as Markdown."""
    write_text(path, "\n".join(map(visible, _markdown(instrument, lang))) + "\n")


def write_html(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the page as one HTML file that asks nothing of any server."""
    write_text(path, "\n".join(_html(instrument, lang)) + "\n")


def _columns(instrument: Instrument, lang: str) -> list[str]:
    """Return the heading of every box: the number and label of each position, then the ways of giving none."""
    positions = [f"{anchor.value} {anchor.texts[lang]}" for anchor in instrument.scale.anchors]
    return positions + [option.texts[lang] for option in instrument.scale.no_opinion]


def _choices(question: Question, lang: str) -> list[str]:
    return [choice.texts[lang] for choice in question.offered]


def _asked(question: Question, lang: str) -> str:
    return question.texts[lang] if question.required else f"{question.texts[lang]} {words('page.optional', lang)}"


def _markdown(instrument: Instrument, lang: str) -> Iterator[str]:
    yield from (f"# {instrument.title[lang]}", "", f"## {words('page.told', lang)}", "")
    yield from (f"- {line}" for line in instrument.notice.lines(lang))
    yield from ("", words("page.intro", lang), "", f"## {words('page.about_you', lang)}")
    for question in instrument.questions:
        yield from ("", f"**{_asked(question, lang)}** `{question.code}`", "")
        if question.choices:
            yield from (f"- {BOX} {_plain(text)}" for text in _choices(question, lang))
        else:
            yield "…………………………"
    for section in instrument.dimensions:
        yield from ("", f"## {section.texts[lang]}", "", instrument.scale.prompt[lang], "")
        yield from _markdown_table(section, instrument, lang)
    team = instrument.village_team
    yield from ("", f"## {team.section.texts[lang]}", "", f"{words('page.team_only', lang)} {team.prompt[lang]}", "")
    yield from _markdown_table(team.section, instrument, lang)
    yield from ("", f"## {instrument.discussion.texts[lang]}", "", words("page.discussion", lang), "")
    yield from (f"{number}. {item.texts[lang]}" for number, item in enumerate(instrument.discussion.items, start=1))
    yield from ("", f"*{words('page.source', lang)}: {instrument.source}.*")


def _markdown_table(section: Section, instrument: Instrument, lang: str) -> Iterator[str]:
    columns = _columns(instrument, lang)
    yield "| " + " | ".join([words("page.code", lang), words("page.statement", lang), *columns]) + " |"
    yield "|" + " --- |" * 2 + " :-: |" * len(columns)
    for item in section.items:
        yield "| " + " | ".join([item.id, _plain(item.texts[lang]), *[BOX] * len(columns)]) + " |"


def _plain(text: str) -> str:
    return text.replace("|", "\\|")


def _html(instrument: Instrument, lang: str) -> Iterator[str]:
    title = safe_html(instrument.title[lang])
    yield f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>'
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>"
    told = "".join(f"<li>{safe_html(line)}</li>" for line in instrument.notice.lines(lang))
    yield f'<h2>{safe_html(words("page.told", lang))}</h2>\n<ul class="told">{told}</ul>'
    yield f"<p>{safe_html(words('page.intro', lang))}</p>\n<h2>{safe_html(words('page.about_you', lang))}</h2>"
    for question in instrument.questions:
        yield f"<p><strong>{safe_html(_asked(question, lang))}</strong></p>"
        yield _html_list(_choices(question, lang)) if question.choices else '<div class="line"></div>'
    for section in instrument.dimensions:
        yield from _html_section(section, instrument.scale.prompt[lang], instrument, lang)
    team = instrument.village_team
    yield from _html_section(team.section, f"{words('page.team_only', lang)} {team.prompt[lang]}", instrument, lang)
    yield f"<h2>{safe_html(instrument.discussion.texts[lang])}</h2>\n<p>{safe_html(words('page.discussion', lang))}</p>"
    for item in instrument.discussion.items:
        yield f'<p><strong>{safe_html(item.texts[lang])}</strong></p>\n<div class="line"></div>'
    yield f"<p><small>{safe_html(words('page.source', lang))}: {safe_html(instrument.source)}.</small></p>"
    yield "</main>\n</body>\n</html>"


def _html_list(texts: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{BOX} {safe_html(text)}</li>" for text in texts) + "</ul>"


def _html_section(section: Section, prompt: str, instrument: Instrument, lang: str) -> Iterator[str]:
    columns = _columns(instrument, lang)
    heads = "".join(f'<th scope="col">{safe_html(text)}</th>' for text in [words("page.statement", lang), *columns])
    yield f"<h2>{safe_html(section.texts[lang])}</h2>\n<p>{safe_html(prompt)}</p>"
    yield f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>"
    for item in section.items:
        statement = f'{safe_html(item.texts[lang])} <span class="code">{item.id}</span>'
        boxes = f'<td class="box">{BOX}</td>' * len(columns)
        yield f"<tr><td>{statement}</td>{boxes}</tr>"
    yield "</tbody>\n</table>"


def template_headings(instrument: Instrument, lang: str) -> list[str]:
    """Return the headings: codes of the questions about the respondent, then code and statement of every item."""
    items = [f"{item.id}. {item.texts[lang]}" for item in instrument.items.values()]
    return [*(question.code for question in instrument.questions), *items]


def write_template(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the heading row as CSV, and beside it what people must be told before they answer."""
    write_table(path, pd.DataFrame(columns=template_headings(instrument, lang)))
    told = "\n".join(f"- {visible(line)}" for line in instrument.notice.lines(lang))
    write_text(path.with_suffix(".notice.md"), f"# {words('page.told', lang)}\n\n{told}\n")
