# SPDX-License-Identifier: Apache-2.0
"""The documents name commands, options and files that exist."""

import re
import subprocess
import unittest

from harness import PROGRAM, PROJECT

DOCUMENTS = [PROJECT / "README.md", PROJECT / "ARCHITECTURE.md", PROJECT / "CONTRIBUTING.md",
             *sorted((PROJECT / "docs").glob("*.md"))]
COMMON = {"--config", "--set", "--log-level", "--json", "--help", "--version"}


def calls():
    """Yield (document, words of a call of spyre-ci) of every shell block."""
    for document in DOCUMENTS:
        for block in re.findall(r"```sh\n(.*?)```", document.read_text(), re.S):
            for line in block.replace("\\\n", " ").split("\n"):
                for call in re.findall(r"(?:^|[\s/])spyre-ci ([^#|>;]+)", line):
                    yield document.name, call.split()


def help_of(words):
    return subprocess.run([PROGRAM, *words, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout


class DocumentsTest(unittest.TestCase):
    def test_commands_and_options_exist(self):
        found = 0
        for document, words in calls():
            group = words[:1]
            if words[1:] and words[1].isalpha() and re.search(rf"^  {words[1]}\b", help_of(group), re.M):
                group = words[:2]
            text = help_of(group)
            for option in {word.split("=")[0] for word in words if word.startswith("--")} - COMMON:
                self.assertRegex(text, rf"(^|\s){option}\b", f"{document}: spyre-ci {' '.join(words)}")
            found += 1
        self.assertGreater(found, 25)

    def test_links_lead_somewhere(self):
        for document in DOCUMENTS:
            for link in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
                if "://" not in link:
                    self.assertTrue((document.parent / link).exists(), f"{document.name}: {link}")

    def test_every_document_is_linked_from_the_readme(self):
        text = (PROJECT / "README.md").read_text()
        self.assertEqual([path.name for path in (PROJECT / "docs").iterdir() if f"docs/{path.name}" not in text], [])


if __name__ == "__main__":
    unittest.main()
