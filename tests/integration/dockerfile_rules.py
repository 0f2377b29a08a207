# SPDX-License-Identifier: Apache-2.0
"""Reads Dockerfiles, and says what is wrong with one: images that are small, known, and run by nobody special."""
import fnmatch
import json
import re

LABELS = ("title", "description", "licenses", "version", "revision")


def instructions(text):
    """[(name, arguments)], continued lines put together, comments left out."""
    joined, found = "", []
    for line in text.splitlines():
        if line.lstrip().startswith("#") or (not line.strip() and not joined):
            continue
        joined += line.rstrip("\\") if line.endswith("\\") else line
        if not line.endswith("\\"):
            name, _, arguments = joined.strip().partition(" ")
            found.append((name.upper(), arguments.strip()))
            joined = ""
    return found


def stages(text):
    """The instructions before the first FROM, and those of each stage."""
    found = [[]]
    for instruction in instructions(text):
        if instruction[0] == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found[0], found[1:]


def _exec_form(arguments):
    try:
        return isinstance(json.loads(arguments), list)
    except ValueError:
        return False


def problems(text, context_has):
    """One line each. context_has(path) says whether a path of the repository is given to the build."""
    found = []
    head, all_stages = stages(text)
    defaults = dict(arguments.split("=", 1) for name, arguments in head if name == "ARG" and "=" in arguments)
    for stage in all_stages:
        found += _stage_problems(stage, defaults, context_has)
    last = all_stages[-1]
    users = [arguments for name, arguments in last if name == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1]):
        found.append("the image does not run as a number other than root")
    healthchecks = [arguments for name, arguments in last if name == "HEALTHCHECK"]
    if not healthchecks or not _exec_form(healthchecks[-1].partition("CMD ")[2]):
        found.append("no HEALTHCHECK in the exec form")
    for name in ("ENTRYPOINT", "CMD"):
        if not any(other == name and _exec_form(arguments) for other, arguments in last):
            found.append(f"no {name} in the exec form")
    labels = " ".join(arguments for name, arguments in last if name == "LABEL")
    found += [f"no label {label}" for label in LABELS if f"org.opencontainers.image.{label}=" not in labels]
    return found


def _stage_problems(stage, defaults, context_has):
    found = []
    base = re.fullmatch(r"\$\{(\w+)\}( AS \w+)?", stage[0][1])
    image = defaults.get(base.group(1), "") if base else ""
    if not re.fullmatch(r"[a-z0-9./-]+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})", image):
        found.append(f"FROM {stage[0][1]}: not a build argument with a tag or digest as its default")
    for name, arguments in stage:
        if name == "ADD":
            found.append("ADD: COPY says what it does")
        if name == "SHELL":
            found.append("SHELL: images in OCI's format have none, so podman would use another")
        if name == "RUN" and not _exec_form(arguments) and re.search(r"[|;]", arguments):
            found.append(f"RUN goes on after an error: {arguments}")
        if name == "RUN" and re.search(r"\b(curl|wget|pip|npm)\b", arguments):
            found.append(f"RUN downloads besides apt: {arguments}")
        if name == "RUN" and re.search(r"chmod\s+(-R\s+)?(0?777|a\+w)|\bsudo\b", arguments):
            found.append(f"RUN gives rights away: {arguments}")
        if name in ("ARG", "ENV") and re.search(r"(?i)password|secret|token|api_?key", arguments):
            found.append(f"{name}: a secret stays in the image: {arguments}")
        if name == "COPY" and "--from=" not in arguments:
            for source in arguments.split()[:-1]:
                if not context_has(source):
                    found.append(f"COPY: {source} is not given to the build")
    return found


def install_problems(script):
    """What is wrong with a script that installs packages into an image."""
    found = []
    for line in script.splitlines():
        if re.search(r"\bapt-get install\b", line) and "--no-install-recommends" not in line:
            found.append(f"recommended packages too: {line.strip()}")
        if re.search(r"\b(curl|wget|pip)\b", line) and not line.lstrip().startswith("#"):
            found.append(f"downloads besides apt: {line.strip()}")
    if "set -euo pipefail" not in script:
        found.append("goes on after errors")
    if "rm -rf /var/lib/apt/lists/*" not in script:
        found.append("leaves apt's lists in the image")
    if "sbom.sh" not in script:
        found.append("no list of what is in the image")
    return found


def ignored(patterns, path):
    """Whether .dockerignore keeps a path out: the last pattern that fits decides."""
    result = False
    for pattern in patterns:
        wanted = pattern.lstrip("!")
        parts = path.split("/")
        prefixes = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
        if wanted.startswith("**/"):
            fits = any(fnmatch.fnmatch(part, wanted[3:]) for part in parts)
        else:
            fits = any(prefix.count("/") == wanted.count("/") and fnmatch.fnmatch(prefix, wanted)
                       for prefix in prefixes)
        if fits:
            result = not pattern.startswith("!")
    return result
