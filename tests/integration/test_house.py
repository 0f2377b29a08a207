# SPDX-License-Identifier: Apache-2.0
"""Every #include keeps to the table of rooms in ARCHITECTURE.md."""

import re
import tempfile
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^#include (?:"([^"]+)"|<([^>]+)>)', re.M)
# By the beginning of an included header, the name in the table's column "Libraries". Headers of others may be included
# in every room.
LIBRARIES = {"git2": "libgit2", "pugixml": "pugixml", "Poco/Data": "Poco::Data", "Poco/Net": "Poco::Net",
             "boost/process": "Boost.Process", "yaml-cpp": "yaml-cpp", "spdlog": "spdlog", "CLI/": "CLI11",
             "re2/": "RE2", "xxhash": "xxHash"}
# Headers name its declarations alone.
JSON = "nlohmann/json.hpp"


class Table:
    """The rooms of a house: {room: (rooms it may see, libraries it may include)}."""

    def __init__(self, text):
        self.rooms = {}
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            room = re.fullmatch(r"`((?:agent/)?\w+)/`", cells[0])
            if not room or len(cells) != 4:
                continue
            seen = cells[2].rstrip(" |").replace("–", "")
            libraries = cells[3].rstrip(" |").replace("–", "")
            self.rooms[room[1].removeprefix("agent/")] = (self._rooms(seen), set(filter(None, re.split(r",\s*", libraries))))

    def _rooms(self, seen):
        above = re.match(r"all above(?: but (.*))?$", seen)
        if above:
            return set(self.rooms) - set(re.split(r",\s*", above[1] or ""))
        return set(filter(None, re.split(r",\s*", seen)))


def room_of(path):
    parts = Path(path).parts
    if parts[0] == "testsel":
        return "testsel"
    return parts[1] if parts[0] == "agent" and len(parts) > 2 else None


def check_file(table, path, text):
    """Yield what is wrong with the includes of one file."""
    room = room_of(path)
    seen, libraries = table.rooms[room]
    for ours, foreign in INCLUDE.findall(text):
        other = room_of(ours) if ours else None
        if other and other != room and other not in seen:
            yield f"{path}: {room} may not see {other}: {ours}"
        for begin, library in LIBRARIES.items():
            if foreign.startswith(begin):
                if library not in libraries:
                    yield f"{path}: {room} may not include {library}: {foreign}"
                elif path.endswith(".hpp"):
                    yield f"{path}: a header may not include {library}: {foreign}"
        if path.endswith(".hpp") and foreign == JSON:
            yield f"{path}: a header may include nlohmann/json_fwd.hpp alone"


def cycles(includes):
    """Yield the circles among {file: files it includes}, each once."""
    done, way = set(), []

    def visit(path):
        if path in way:
            yield " -> ".join([*way[way.index(path):], path])
            return
        if path in done:
            return
        way.append(path)
        for other in includes.get(path, ()):
            yield from visit(other)
        way.pop()
        done.add(path)

    for path in includes:
        yield from visit(path)


def check_house(project):
    table = Table((project / "ARCHITECTURE.md").read_text())
    found, includes = [], {}
    for path in sorted([*project.glob("agent/**/*.[ch]pp"), *project.glob("testsel/**/*.[ch]pp")]):
        name = str(path.relative_to(project))
        text = path.read_text()
        includes[name] = [ours for ours, _ in INCLUDE.findall(text) if ours]
        room = room_of(name)
        if room and room not in table.rooms:
            found.append(f"{name}: the table has no room {room}")
        elif room:
            found += check_file(table, name, text)
    return found + [f"circle: {circle}" for circle in cycles(includes)], len(includes)


class HouseTest(unittest.TestCase):
    def test_every_include_keeps_to_the_table(self):
        found, files = check_house(PROJECT)
        self.assertEqual(found, [])
        self.assertGreater(files, 300)

    def test_every_room_of_the_table_exists(self):
        rooms = Table((PROJECT / "ARCHITECTURE.md").read_text()).rooms
        directories = {path.name for path in (PROJECT / "agent").iterdir() if path.is_dir()} | {"testsel"}
        self.assertEqual(set(rooms), directories)


class CheckTest(unittest.TestCase):
    """What the check is worth: a small house with one mistake at a time."""

    TABLE = ("| Directory | Holds | May see | Libraries |\n|---|---|---|---|\n| `agent/core/` | text | – | spdlog |\n"
             "| `testsel/` | tests | core | RE2 |\n| `agent/git/` | git | core | libgit2 |\n"
             "| `agent/cli/` | commands | all above | CLI11 |\n")

    def check(self, files):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in {"ARCHITECTURE.md": self.TABLE, **files}.items():
                path = Path(directory, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return check_house(Path(directory))[0]

    def test_a_good_house_has_nothing_to_complain_of(self):
        self.assertEqual(self.check({"agent/core/a.cpp": '#include "agent/core/a.hpp"\n#include <spdlog/spdlog.h>\n',
                                     "agent/core/a.hpp": "#include <nlohmann/json_fwd.hpp>\n",
                                     "agent/cli/b.cpp": '#include "agent/git/c.hpp"\n#include "testsel/d.hpp"\n',
                                     "agent/main.cpp": '#include "agent/cli/b.hpp"\n'}), [])

    def test_an_arrow_upwards(self):
        self.assertEqual(self.check({"testsel/a.cpp": '#include "agent/git/a.hpp"\n'}),
                         ["testsel/a.cpp: testsel may not see git: agent/git/a.hpp"])

    def test_a_library_outside_its_room(self):
        self.assertEqual(self.check({"agent/git/a.cpp": "#include <re2/re2.h>\n"}),
                         ["agent/git/a.cpp: git may not include RE2: re2/re2.h"])

    def test_a_library_in_a_header(self):
        self.assertEqual(self.check({"agent/git/a.hpp": "#include <git2.h>\n#include <nlohmann/json.hpp>\n"}),
                         ["agent/git/a.hpp: a header may not include libgit2: git2.h",
                          "agent/git/a.hpp: a header may include nlohmann/json_fwd.hpp alone"])

    def test_a_circle(self):
        self.assertEqual(self.check({"agent/git/a.hpp": '#include "agent/git/b.hpp"\n',
                                     "agent/git/b.hpp": '#include "agent/git/a.hpp"\n'}),
                         ["circle: agent/git/a.hpp -> agent/git/b.hpp -> agent/git/a.hpp"])

    def test_a_room_without_a_row(self):
        self.assertEqual(self.check({"agent/new/a.cpp": ""}), ["agent/new/a.cpp: the table has no room new"])


if __name__ == "__main__":
    unittest.main()
