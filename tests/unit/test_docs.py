"""README and docs: links lead somewhere, lines fit a screen, decimals begin with a digit, and every page is in the site."""

import re

from tests.places import ROOT

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("*/README.md")), *sorted(ROOT.glob("docs/**/*.md"))]
COLUMNS = 100
SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def prose(path) -> list[tuple[int, str]]:
    """Number and text of the lines of a page that are no code."""
    fenced, found = False, []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            found.append((number, line))
    return found


def offenders(rule) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{number}: {wrong}" for path in PAGES for number, line in prose(path) if (wrong := rule(path, line))]


def test_links_lead_somewhere():
    def broken(path, line):
        targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", line)
        return [each for each in targets if "://" not in each and not (path.parent / each).exists()]

    assert offenders(broken) == []


def test_lines_fit():
    """A table's row, a link and a word that cannot be broken may be longer."""

    def long(_, line):
        words = re.sub(r"`[^`]*`|\[[^\]]*\]\([^)]*\)", lambda found: found[0].replace(" ", "-"), line).split()
        return len(line) > COLUMNS and not line.startswith(("|", "#")) and len(words) > 1 and line

    assert offenders(long) == []


def test_decimals_begin_with_a_digit():
    assert offenders(lambda _, line: re.search(r"(?<![\w.`/)-])\.\d", re.sub(r"`[^`]*`|\]\([^)]*\)", "", line)) and line) == []


def test_every_page_is_in_the_site_once():
    entries = re.findall(r"^ +- (?:.*: )?(\S+\.md)$", SITE, re.MULTILINE)
    assert sorted(entries) == sorted(f"{path.relative_to(ROOT / 'docs')}" for path in PAGES if path.is_relative_to(ROOT / "docs"))


def test_every_public_name_is_in_the_reference():
    """Public is what a package's stub names."""
    reference = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").split()
    missing = []
    for stub in sorted(ROOT.glob("*/__init__.pyi")):
        public = re.findall(r"^from \.(\S+) import (\w+)", stub.read_text(encoding="utf-8"), re.MULTILINE)
        assert public, stub
        missing += [name for module, word in public if (name := f"{stub.parent.name}.{module}.{word}") not in reference]
    assert missing == []


def test_tables_have_a_head():
    """Rows after an empty line, or without a rule below the first of them, are shown as text."""
    headless = []
    for path in PAGES:
        lines = dict(prose(path))
        for number, line in lines.items():
            begins = line.startswith("|") and not lines.get(number - 1, "").startswith("|")
            if begins and not re.fullmatch(r"\|[-:| ]+\|", lines.get(number + 1, "")):
                headless.append(f"{path.relative_to(ROOT)}:{number}: {line}")
    assert headless == []
