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


class JobBuilder(unittest.TestCase):
    def test_a_job_of_every_pipeline(self):
        done, jobs = build_jobs(JENKINS / "jjb")
        self.assertEqual(done.returncode, 0, done.stderr)
        # The stack's repository has its own Jenkinsfile: a multibranch job that is made by the seed.
        self.assertEqual(set(jobs), {"spyre"} | {f"spyre/{name}" for name in PIPELINES - {"stack-pr"}})
        for name, job in jobs.items():
            if name != "spyre":
                self.assertTrue((PROJECT / job.findtext("definition/scriptPath")).is_file(), name)
                self.assertIsNone(job.find(".//*DisableConcurrentBuildsJobProperty"), name)

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
        for pipeline in PIPELINES:
            text = (PROJECT / f"pipelines/jenkins/{pipeline}.Jenkinsfile").read_text()
            self.assertIn(f"@Library('{library['name']}@{library['defaultVersion']}') _", text)

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
