# SPDX-License-Identifier: Apache-2.0
"""What the inventory reads from test files, read with Python's ast instead; prints the seconds of processor time.

inventory_ast.py FOLDER    every test_*.py beneath it, three times: the best counts
"""
import ast
import pathlib
import sys
import time


def dotted(node):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    parts.reverse()
    return ".".join(parts)


class Facts(ast.NodeVisitor):
    """Classes with bases, decorators and attributes; their functions with names and calls; imports; instantiations."""

    def __init__(self, lines):
        self.lines, self.prefix, self.function = lines, "", None
        self.classes, self.functions, self.imports, self.instantiations, self.assignments = [], [], [], [], []

    def text(self, first, last):
        if first.lineno == last.end_lineno:
            return self.lines[first.lineno - 1][first.col_offset:last.end_col_offset]
        return " ".join([self.lines[first.lineno - 1][first.col_offset:], *self.lines[first.lineno:last.end_lineno - 1],
                         self.lines[last.end_lineno - 1][:last.end_col_offset]])

    def decorators(self, node):
        found = []
        for decorator in node.decorator_list:
            call = isinstance(decorator, ast.Call)
            values = [*decorator.args, *(k.value for k in decorator.keywords)] if call else ()
            found.append((dotted(decorator.func if call else decorator),
                          self.text(values[0], values[-1]) if values else "", decorator.lineno))
        return found

    def visit_ClassDef(self, node):
        if self.function is not None:
            return self.generic_visit(node)
        outer, functions = self.prefix, self.functions
        self.prefix, self.functions = f"{outer}{node.name}.", []
        self.classes.append((self.prefix, node.lineno, node.end_lineno, [dotted(b) for b in node.bases],
                             self.decorators(node), self.functions))
        for child in node.body:
            self.visit(child)
        self.prefix, self.functions = outer, functions

    def visit_FunctionDef(self, node):
        if self.function is not None:
            return self.generic_visit(node)
        self.function = (set(), set())
        for child in node.body:
            self.visit(child)
        self.functions.append((node.name, node.lineno, node.end_lineno, self.decorators(node), sorted(self.function[0]),
                               sorted(self.function[1])))
        self.function = None

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Name(self, node):
        if self.function is not None:
            self.function[0].add(node.id)

    def visit_Attribute(self, node):
        if self.function is not None:
            self.function[0].add(dotted(node))
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name):
            self.visit(node)

    def visit_Call(self, node):
        name = dotted(node.func)
        if self.function is not None:
            self.function[1].add(name)
        if "instantiate_" in name:
            self.instantiations.append((name, node.lineno))
        self.generic_visit(node)

    def visit_Import(self, node):
        self.imports += [(alias.name, "", alias.asname, node.lineno) for alias in node.names]

    def visit_ImportFrom(self, node):
        self.imports += [(node.module, alias.name, alias.asname, node.lineno) for alias in node.names]

    def visit_Assign(self, node):
        if self.function is None:
            self.assignments += [(t.id, self.text(node.value, node.value)) for t in node.targets
                                 if isinstance(t, ast.Name)]
        self.generic_visit(node)


def read(sources):
    for source in sources:
        Facts(source.decode().split("\n")).visit(ast.parse(source))


def main():
    sources = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).rglob("test_*.py"))]
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        read(sources)
        best = min(best, time.process_time() - start)
    print(f"{best:.3f}")


if __name__ == "__main__":
    main()
