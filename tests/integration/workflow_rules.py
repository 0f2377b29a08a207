# SPDX-License-Identifier: Apache-2.0
"""Rules for GitHub workflows in which the code of a pull request never meets a secret."""
import re

# What these commits are, several public sources agree on; a new one has to be looked up, never guessed.
KNOWN_ACTIONS = {
    "actions/checkout": ("11bd71901bbe5b1630ceea73d27597364c9af683", "v4.2.2"),
    "actions/setup-python": ("a26af69be951a213d495a4c3e4e4022e16d87065", "v5.6.0"),
    "actions/upload-artifact": ("ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2"),
    "actions/download-artifact": ("d3f86a106a0bac45b974a628896c90dbdf5c8093", "v4.3.0"),
    "pypa/gh-action-pypi-publish": ("76f52bc884231f62b9a034ebfe128415bbaabdfc", "v1.12.4"),
}
# Jobs that prove who they are to somebody outside.
MAY_IDENTIFY = {("relay-bridge", "bridge"), ("publish-test", "publish"), ("publish", "publish")}
# Events of which somebody else's code or data runs with the rights of the repository.
FORBIDDEN_EVENTS = {"pull_request_target", "workflow_run", "issue_comment"}


def events(workflow):
    """The events by name: YAML reads the key `on` as true."""
    given = workflow.get("on", workflow.get(True, {}))
    if isinstance(given, str):
        return {given}
    return set(given)


def problems(name, workflow, text):
    """What is wrong with a workflow: one line each."""
    found = []
    started_by = events(workflow)
    for event in sorted(started_by & FORBIDDEN_EVENTS):
        found.append(f"{name}: the event {event}")
    if "secrets." in text or re.search(r"^\s*secrets:", text, re.MULTILINE):
        found.append(f"{name}: a secret is used")
    permissions = workflow.get("permissions")
    if permissions is None:
        found.append(f"{name}: no permissions, so those of the repository's settings")
    elif not isinstance(permissions, dict) or any(value != "read" for value in permissions.values()):
        found.append(f"{name}: the whole workflow may write")
    if "concurrency" not in workflow:
        found.append(f"{name}: no concurrency")
    for job_name, job in workflow.get("jobs", {}).items():
        found += _job_problems(name, job_name, job, started_by)
    found += _uses_problems(name, text)
    return found


def _job_problems(name, job_name, job, started_by):
    where = f"{name}.{job_name}"
    found = []
    writes = [key for key, value in (job.get("permissions") or {}).items() if value == "write"]
    identifies = "id-token" in writes
    if [key for key in writes if key != "id-token"]:
        found.append(f"{where}: may write {writes}")
    if identifies and (name, job_name) not in MAY_IDENTIFY:
        found.append(f"{where}: id-token: write")
    if "uses" in job:
        return found if str(job["uses"]).startswith("./") else found + [f"{where}: a workflow of somebody else"]
    if "timeout-minutes" not in job:
        found.append(f"{where}: no timeout-minutes")
    if "self-hosted" in job.get("runs-on", []) and "pull_request" in started_by:
        found.append(f"{where}: a pull request runs on a machine of ours")
    for step in job.get("steps", []):
        found += _step_problems(where, step, identifies)
    return found


def _step_problems(where, step, identifies):
    found = []
    uses = step.get("uses", "")
    if "${{" in step.get("run", ""):
        found.append(f"{where}: an expression inside of a script: give it as an environment variable")
    if uses.startswith("actions/checkout@"):
        if (step.get("with") or {}).get("persist-credentials") is not False:
            found.append(f"{where}: the checkout keeps the token in .git")
        if identifies:
            found.append(f"{where}: code is checked out where the workflow can identify itself")
        if "ref" in (step.get("with") or {}):
            found.append(f"{where}: the checkout of another revision than that of the event")
    if not uses and not step.get("run"):
        found.append(f"{where}: a step that does nothing")
    return found


def _uses_problems(name, text):
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*(?:- )?uses:\s*(\S+)(?:\s+#\s*(\S+))?\s*$", line)
        if not match or match.group(1).startswith("./"):
            continue
        action, _, commit = match.group(1).partition("@")
        if KNOWN_ACTIONS.get(action) != (commit, match.group(2)):
            found.append(f"{name}: {match.group(0).strip()} is not one of the known commits with its version")
    return found
