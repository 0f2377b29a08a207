# SPDX-License-Identifier: Apache-2.0
"""The controller as code: jenkins-job-builder's own check of its form, and the shape of the configuration as code."""
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import yaml

from harness import PROJECT

JENKINS = PROJECT / "jenkins"
PIPELINES = {file.stem for file in (PROJECT / "pipelines/jenkins").glob("*.Jenkinsfile")}


def build_jobs(folder):
    """What jenkins-job-builder makes of a folder: name of a job → its XML."""
    with tempfile.TemporaryDirectory(prefix="spyre-ci-jjb-") as out:
        done = subprocess.run(["/usr/bin/jenkins-jobs", "--ignore-cache", "test", "--config-xml", str(folder), "-o",
                               out], capture_output=True, text=True, timeout=120, check=False)
        jobs = {str(file.parent.relative_to(out)): ElementTree.parse(file).getroot()
                for file in pathlib.Path(out).rglob("config.xml")}
    return done, jobs


def versions_asked_for():
    """Every version of this repository that a controller is told to fetch: [(file, version)]."""
    found = []
    files = [PROJECT / "README.md", *(path for folder in ("docs", "jenkins", "pipelines", "docker")
                                      for path in (PROJECT / folder).rglob("*") if path.is_file() and path.suffix != ".png")]
    for file in files:
        for pattern in (r"spyre-ci@([^'\"\s]+)", r"defaultVersion:\s*(\S+)", r"\bSPYRE_CI_VERSION:\s+(\S+)",
                        r"^    version:\s*(\S+)"):
            found += [(file, version) for version in re.findall(pattern, file.read_text(), re.MULTILINE)]
    return found


class Versions(unittest.TestCase):
    """A tag has to be asked for by its full name: the Git plugin takes a bare name of a job for a branch."""

    def test_the_default_is_the_branch_main(self):
        defaults = {str(file.relative_to(JENKINS)): version for file, version in versions_asked_for()
                    if file.suffix == ".yaml"}
        self.assertEqual(defaults, {"casc/library.yaml": "${SPYRE_CI_VERSION:-main}",
                                    "casc/jobs.yaml": "${SPYRE_CI_VERSION:-main}", "jjb/jobs.yaml": "main"})

    def test_what_is_asked_for_is_main_or_the_full_name_of_a_ref(self):
        for file, version in versions_asked_for():
            with self.subTest(file=str(file.relative_to(PROJECT))):
                self.assertRegex(version, r"^(\$\{SPYRE_CI_VERSION:-main\}|main|refs/(heads|tags)/\S+)$")


class JobBuilder(unittest.TestCase):
    def test_a_job_of_every_pipeline(self):
        done, jobs = build_jobs(JENKINS / "jjb")
        self.assertEqual(done.returncode, 0, done.stderr)
        # The stack's repository has its own Jenkinsfile: a multibranch job that is made by the seed.
        self.assertEqual(set(jobs), {"spyre"} | {f"spyre/{name}" for name in PIPELINES - {"stack-pr"}})
        for name, job in jobs.items():
            if name != "spyre":
                self.assertTrue((PROJECT / job.findtext("definition/scriptPath")).is_file(), name)
                self.assertFalse([element for element in job.iter() if "DisableConcurrentBuilds" in element.tag], name)
                self.assertEqual([branch.text for branch in job.iterfind(".//hudson.plugins.git.BranchSpec/name")],
                                 ["main"], name)
                setup, = job.findall("properties/*/parameterDefinitions/*")
                self.assertEqual((setup.findtext("name"), setup.findtext("defaultValue")), ("SETUP_ONLY", "true"))

    def test_the_readme_sets_all_of_them_up(self):
        jobs, = re.findall(r"for job in ([a-z -]+); do\n *spyre-ci jenkins trigger",
                           (JENKINS / "README.md").read_text())
        self.assertEqual(set(jobs.split()), PIPELINES - {"stack-pr"})

    def test_a_mistake_is_found(self):
        good = (JENKINS / "jjb/jobs.yaml").read_text()
        for wrong in (good.replace("spyre/{job}\n", "spyre/{jobb}\n"),
                      good.replace("- job-template:", "- job-tmplate:"), good.replace("{version}", "{revision}")):
            self.assertNotEqual(wrong, good)
            with tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "jobs.yaml").write_text(wrong)
                self.assertNotEqual(build_jobs(folder)[0].returncode, 0)


class ConfigurationAsCode(unittest.TestCase):
    def document(self, name):
        return yaml.safe_load((JENKINS / f"casc/{name}.yaml").read_text())

    def test_the_library_is_found_where_it_is(self):
        library, = self.document("library")["unclassified"]["globalLibraries"]["libraries"]
        self.assertEqual(library["name"], "spyre-ci")
        root = PROJECT / library["retriever"]["modernSCM"]["libraryPath"]
        self.assertTrue((root / "vars/spyreTests.groovy").is_file())
        # Without a version of their own, so that they get that of the controller.
        for pipeline in PIPELINES:
            text = (PROJECT / f"pipelines/jenkins/{pipeline}.Jenkinsfile").read_text()
            self.assertIn(f"\n@Library('{library['name']}') _\n", text)

    def test_the_variables_are_those_that_pipelines_read(self):
        variables, = self.document("library")["jenkins"]["globalNodeProperties"]
        given = {entry["key"] for entry in variables["envVars"]["env"]}
        text = "".join(file.read_text() for file in (PROJECT / "pipelines/jenkins").glob("*.Jenkinsfile"))
        self.assertEqual(given, set(re.findall(r"\bSPYRE_[A-Z_]+\b", text)))

    def test_cards_are_named_as_locks_expect(self):
        for card in self.document("cards")["unclassified"]["lockableResourcesManager"]["declaredResources"]:
            node, address = card["name"].split("@")
            self.assertRegex(address, r"^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$")
            self.assertEqual(card["labels"], f"spyre-{node}")

    def test_the_seed_gets_what_it_reads(self):
        # What is provided is for the entries behind it.
        provided, seed = self.document("jobs")["jobs"]
        self.assertEqual((list(provided), list(seed)), (["providedEnv"], ["file"]))
        text = (JENKINS / "jobs/seed.groovy").read_text()
        self.assertEqual(set(provided["providedEnv"]), set(re.findall(r"\bSPYRE_[A-Z_]+\b", text)))

    def test_no_secret_is_written_down(self):
        for file in JENKINS.rglob("*.yaml"):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if re.search(r"(?i)(password|token|secret)\w*:", line):
                    self.assertRegex(line, r":\s*\$\{\w+\}\s*$", f"{file}:{number}")


if __name__ == "__main__":
    unittest.main()
