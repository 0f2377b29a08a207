#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what the reader of Python source finds with Python's own ast, file by file.

reader_vs_ast.py DUMP_MODULE FOLDER...   every *.py beneath the directories; "stdlib" is this Python's standard library
                                         (with its test suite, where that is installed), "pytorch" the directory test/ of
                                         the PyTorch that scripts/prepare-pytorch.sh made

Compared are classes, functions, decorators, bases, class attributes, imports, lines, and the names and calls in each
body. Prints every difference; exit code 1 when there is one that EXCEPTIONS does not explain. A file whose syntax is
newer than this Python cannot be compared and is counted apart.
"""

import argparse
import ast
import itertools
import json
import os
import re
import subprocess
import sys
import sysconfig
import textwrap
import unicodedata
import warnings

from pytorch_source import pytorch_source

# What differs on purpose: part of a path, and why.
EXCEPTIONS = {
    "/encoded_modules/": "text in another encoding than UTF-8 is kept as it is",
}


def python_files(directory):
    for root, directories, files in os.walk(directory):
        directories[:] = sorted(name for name in directories if name not in ("__pycache__", "site-packages"))
        yield from (os.path.join(root, name) for name in sorted(files) if name.endswith(".py"))


class Source:
    """The text of nodes, by the offsets that ast gives (lines, and columns in bytes of UTF-8)."""

    def __init__(self, text):
        self.lines = text.encode("utf-8", "surrogatepass").split(b"\n")

    def between(self, line, column, end_line, end_column):
        if line == end_line:
            return self.lines[line - 1][column:end_column]
        parts = [self.lines[line - 1][column:], *self.lines[line:end_line - 1], self.lines[end_line - 1][:end_column]]
        return b"\n".join(parts)

    def written_in_brackets(self, attribute):
        """(a).b: ast forgets the brackets, the reader does not."""
        value = attribute.value
        gap = self.between(value.end_lineno, value.end_col_offset, attribute.end_lineno, attribute.end_col_offset)
        gap = b"\n".join(line.split(b"#")[0] for line in gap.split(b"\n"))
        return b")" in gap


def chain(node, source):
    """The dotted name of an expression, beginning with a dot when its root is no name; None for other expressions."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        if source.written_in_brackets(node):
            return "." + ".".join(reversed(parts))
        node = node.value
    if isinstance(node, ast.Name):
        return ".".join([node.id, *reversed(parts)])
    return "." + ".".join(reversed(parts)) if parts else None


def mentions(function, source):
    """Names and calls in a body: (sure, possible, calls). Possible are names that are bound, not expressions."""
    sure, possible, calls = set(), set(), set()
    stack = list(function.body)
    while stack:
        node = stack.pop()
        name = chain(node, source) if isinstance(node, (ast.Attribute, ast.Name)) else None
        if name is not None:
            sure.add(name)
            while isinstance(node, ast.Attribute) and not source.written_in_brackets(node):
                node = node.value
            if isinstance(node, ast.Attribute):
                stack.append(node.value)
            elif not isinstance(node, ast.Name):
                stack.append(node)
            continue
        if isinstance(node, ast.Call):
            called = chain(node.func, source)
            if called is not None and not in_brackets_before(node, source):
                calls.add(called)
        if type(node).__name__ == "MatchClass" and chain(node.cls, source):  # `case int(x)` is written like a call
            calls.add(chain(node.cls, source))
        if isinstance(node, ast.arg):
            possible.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            possible.add(node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            sure.update(node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            sure.add(node.name)
        elif isinstance(node, ast.alias):
            possible.update({node.name, node.asname or "", node.name.split(".")[0]})
        elif isinstance(node, ast.ImportFrom):
            possible.add("." * node.level + (node.module or ""))
        elif type(node).__name__ in ("MatchAs", "MatchStar", "TypeVar", "ParamSpec", "TypeVarTuple"):
            possible.add(node.name)
        elif type(node).__name__ == "MatchMapping":
            possible.add(node.rest)
        stack.extend(ast.iter_child_nodes(node))
    return sure, possible | {"_"}, calls


def in_brackets_before(call, source):
    """(f)(x): a call of what is in brackets."""
    func = call.func
    first = call.args[0] if call.args else call.keywords[0].value if call.keywords else None
    if first is None:
        gap = source.between(func.end_lineno, func.end_col_offset, call.end_lineno, call.end_col_offset)
    else:
        gap = source.between(func.end_lineno, func.end_col_offset, first.lineno, first.col_offset)
    return gap.split(b"(")[0].rstrip().endswith(b")")


def canonical(text, call="_"):
    """An argument list, or (without a call) an expression, independent of layout."""
    try:
        return ast.dump(ast.parse(f"{call}({text}\n)", mode="eval"))
    except SyntaxError:
        return text


def decorators(nodes, source):
    for node in nodes:
        inner = node
        while isinstance(inner, (ast.Call, ast.Subscript, ast.Attribute)) and chain(inner, source) in (None, ""):
            if isinstance(inner, ast.Call) and chain(inner.func, source):
                break
            inner = inner.func if isinstance(inner, ast.Call) else inner.value
        arguments = ""
        if isinstance(inner, ast.Call):
            arguments = ", ".join([ast.unparse(a) for a in inner.args] +
                                  [(k.arg + "=" if k.arg else "**") + ast.unparse(k.value) for k in inner.keywords])
            inner = inner.func
        name = chain(inner, source) if isinstance(inner, (ast.Name, ast.Attribute)) else ""
        yield {"name": name or "", "arguments": canonical(arguments), "line": node.lineno}


def statements(body):
    """The statements of a body, with those of if, for, try, with and match, in the order of the source."""
    for node in body:
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for name in ("body", "handlers", "cases", "orelse", "finalbody"):
            children = getattr(node, name, [])
            if isinstance(children, list):
                for child in children:
                    if isinstance(child, ast.stmt):
                        yield from statements([child])
                    elif hasattr(child, "body"):
                        yield from statements(child.body)


def function_facts(node, source):
    sure, possible, calls = mentions(node, source)
    return {"name": node.name, "line": node.lineno, "end_line": node.end_lineno,
            "async": isinstance(node, ast.AsyncFunctionDef), "decorators": list(decorators(node.decorator_list, source)),
            "sure": sure, "possible": possible, "calls": calls}


def assignments(body):
    for node in statements(body):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value and node.simple:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id, canonical(ast.unparse(value), call=""), target.lineno


def facts(tree, source):
    found = {"classes": [], "functions": [], "imports": [], "assignments": sorted(assignments(tree.body))}

    def walk(body, prefix, functions):
        for node in statements(body):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                functions.append(function_facts(node, source))
            elif isinstance(node, ast.ClassDef):
                made = {"name": prefix + node.name, "line": node.lineno, "end_line": node.end_lineno,
                        "bases": [canonical(ast.unparse(base)) for base in node.bases],
                        "decorators": list(decorators(node.decorator_list, source)), "functions": [],
                        "attributes": sorted(assignments(node.body))}
                found["classes"].append(made)
                walk(node.body, made["name"] + ".", made["functions"])

    walk(tree.body, "", found["functions"])
    stack = [(tree, False)]
    while stack:
        node, deferred = stack.pop()
        if isinstance(node, ast.Import):
            found["imports"] += [(n.name, "", n.asname or n.name.split(".")[0], node.lineno, deferred)
                                 for n in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found["imports"] += [(module, n.name, "" if n.name == "*" else n.asname or n.name, node.lineno, deferred)
                                 for n in node.names]
        inner = deferred or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        stack.extend((child, inner) for child in ast.iter_child_nodes(node))
    found["imports"].sort()
    return found


def normal(name):
    return unicodedata.normalize("NFKC", name)


def compare_function(ours, theirs, where):
    for key in ("name", "line", "end_line", "async"):
        mine = normal(ours[key]) if key == "name" else ours[key]
        if mine != theirs[key]:
            yield f"{where} {theirs['name']}: {key} is {ours[key]!r}, not {theirs[key]!r}"
    yield from compare_decorators(ours["decorators"], theirs["decorators"], f"{where} {theirs['name']}")
    names = {normal(name) for name in ours["names"]}
    calls = {normal(name) for name in ours["calls"]}
    if missing := theirs["sure"] - names:
        yield f"{where} {theirs['name']}: names missing: {sorted(missing)}"
    if extra := names - theirs["sure"] - theirs["possible"]:
        yield f"{where} {theirs['name']}: names too many: {sorted(extra)}"
    if calls != theirs["calls"]:
        yield f"{where} {theirs['name']}: calls differ: {sorted(calls ^ theirs['calls'])}"
    if ours["names"] != sorted(set(ours["names"]), key=lambda name: name.encode()):
        yield f"{where} {theirs['name']}: names are not sorted"


def compare_decorators(ours, theirs, where):
    mine = [dict(one, arguments=canonical(one["arguments"])) for one in ours]
    for a, b in itertools.zip_longest(mine, theirs):
        if a != b:
            yield f"{where}: decorator is {a}, not {b}"


def compare(ours, theirs):
    if len(ours["classes"]) != len(theirs["classes"]):
        yield f"{len(ours['classes'])} classes, not {len(theirs['classes'])}"
    for mine, other in zip(ours["classes"], theirs["classes"]):
        where = f"class {other['name']}"
        for key in ("name", "line", "end_line"):
            if (normal(mine[key]) if key == "name" else mine[key]) != other[key]:
                yield f"{where}: {key} is {mine[key]!r}, not {other[key]!r}"
        if [canonical(base) for base in mine["bases"]] != other["bases"]:
            yield f"{where}: bases are {mine['bases']}, not {other['bases']}"
        yield from compare_decorators(mine["decorators"], other["decorators"], where)
        yield from compare_functions(mine["functions"], other["functions"], where)
        yield from compare_assignments(mine["attributes"], other["attributes"], where)
    yield from compare_functions(ours["functions"], theirs["functions"], "def")
    yield from compare_assignments(ours["assignments"], theirs["assignments"], "module")
    imports = sorted((i["module"], i["name"], i["alias"], i["line"], i["deferred"]) for i in ours["imports"])
    if imports != theirs["imports"]:
        yield f"imports differ: {sorted(set(imports) ^ set(theirs['imports']))}"


def compare_functions(ours, theirs, where):
    if len(ours) != len(theirs):
        yield f"{where}: {len(ours)} functions, not {len(theirs)}"
    for mine, other in zip(ours, theirs):
        yield from compare_function(mine, other, where)


def compare_assignments(ours, theirs, where):
    mine = sorted((normal(a["name"]), canonical(a["value"], call=""), a["line"]) for a in ours)
    if mine != theirs:
        yield f"{where}: assignments differ: {[a for a in mine if a not in theirs] + [a for a in theirs if a not in mine]}"


def parse(path):
    with open(path, "rb") as file:
        data = file.read()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
    encoding = next(filter(None, map(declared, data.split(b"\n")[:2])), "utf-8-sig")
    text = data.decode(encoding, "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    return tree, Source(text)


def declared(line):
    match = re.match(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)", line)
    return match and match.group(1).decode().replace("utf-8", "utf-8-sig")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("dump_module")
    arguments.add_argument("directories", nargs="+")
    arguments = arguments.parse_args()
    sys.setrecursionlimit(10000)

    names = {"stdlib": lambda: sysconfig.get_paths()["stdlib"], "pytorch": lambda: pytorch_source() / "test"}
    directories = [names[directory]() if directory in names else directory for directory in arguments.directories]
    for directory in directories:
        if not os.path.isdir(directory):
            sys.exit(f"there is no directory {directory}")
    files = [path for directory in directories for path in python_files(directory)]
    dump = subprocess.run([arguments.dump_module], input="\n".join(files), capture_output=True, text=True, check=True)
    counts = dict.fromkeys(("files", "classes", "functions", "both reject", "too lenient", "excepted", "different"), 0)
    for path, line in zip(files, dump.stdout.splitlines(), strict=True):
        ours = json.loads(line)
        counts["files"] += 1
        try:
            tree, source = parse(path)
        except (SyntaxError, ValueError) as error:
            if "error" in ours:
                counts["both reject"] += 1
            else:
                counts["too lenient"] += 1
                print(f"{path}: read, though Python says: {error}")
            continue
        if "error" in ours:
            differences = [f"not read: {ours['error']}"]
        else:
            theirs = facts(tree, source)
            counts["classes"] += len(theirs["classes"])
            counts["functions"] += len(theirs["functions"]) + sum(len(c["functions"]) for c in theirs["classes"])
            differences = list(compare(ours, theirs))
        reason = next((why for part, why in EXCEPTIONS.items() if part in path), None)
        if differences:
            counts["excepted" if reason else "different"] += 1
            for difference in differences[:10]:
                print(f"{path}: {textwrap.shorten(difference, 1000)}" + (f" ({reason})" if reason else ""))
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    return 1 if counts["different"] or not counts["files"] else 0


if __name__ == "__main__":
    sys.exit(main())
