// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/support/catch.hpp"
#include "testsel/python/reader.hpp"

namespace spyre::testsel::python {
namespace {

Module parsed(std::string source) {
  auto module = read_module(std::move(source));
  if (!module) FAIL(module.error().message);
  return std::move(*module);
}

std::string reader_error(std::string source) {
  const auto module = read_module(std::move(source));
  return module ? "none" : module.error().message;
}

std::string in_words(const Function& function) {
  return fmt::format("{}def {} {}-{}", function.async ? "async " : "", function.name, function.line, function.end_line);
}

// Return "class Name(bases) 1-9: methods", one line each, then the functions.
std::vector<std::string> outline(std::string source) {
  const Module module = parsed(std::move(source));
  std::vector<std::string> lines;
  for (const Class& one : module.classes) {
    std::string line = fmt::format("class {}({}) {}-{}", one.name, fmt::join(one.bases, "; "), one.line, one.end_line);
    for (const Function& function : one.functions) line += ", " + in_words(function);
    lines.push_back(line);
  }
  for (const Function& function : module.functions) lines.push_back(in_words(function));
  return lines;
}

using Lines = std::vector<std::string>;
using Names = std::vector<std::string_view>;

}  // namespace

TEST_CASE("classes, their methods and functions are found with their lines") {
  CHECK(outline(R"(class A(Base, mixins.Other, metaclass=Meta, **more):
    def one(self):
        pass

    async def two(self): return 2

def f(a: int = 1, *args, b, **kwargs) -> dict[str, int]:
    return {
        1: 2,
    }
# the end
)") == Lines{"class A(Base; mixins.Other) 1-5, def one 2-3, async def two 5-5", "def f 7-10"});
}

TEST_CASE("conditions, loops and handlers do not hide definitions") {
  CHECK(outline(R"(if X:
    class A: pass
elif Y:
    for x in y:
        class B(A):
            if Z:
                def b(self): pass
            else:
                def c(self): pass
else:
    with open(f) as g, h:
        async def d(): pass
try:
    while True:
        def e(): pass
except* (ValueError, TypeError) as error:
    def f(): pass
finally:
    match x:
        case {"k": [1, *_]} if y:
            def g(): pass
        case Point(x=0) | None: z = 1
)") == Lines{"class A() 2-2", "class B(A) 5-9, def b 7-7, def c 9-9", "async def d 12-12", "def e 15-15", "def f 17-17",
             "def g 21-21"});
}

TEST_CASE("nested classes are qualified, and definitions inside functions are ignored") {
  CHECK(outline(R"(class Outer:
    class Inner(object):
        class Core: x = 1; y = 2
        def a(self): pass
    def b(self):
        def test_nested(): pass
        class Local:
            def test_local(self): pass
    def c(self): pass
def maker():
    class Made:
        def test_made(self): pass
    return Made
)") == Lines{"class Outer() 1-9, def b 5-8, def c 9-9", "class Outer.Inner(object) 2-4, def a 4-4",
             "class Outer.Inner.Core() 3-3", "def maker 10-13"});
}

TEST_CASE("soft keywords are names elsewhere") {
  CHECK(outline(R"(match = 1
match.group(case)
match[1] = type
match (x)
type = type(x)
type X[T] = list[T]
class A[T: int](Base[T]):
    case = 1
    def match[U](self, case: U): pass
match -x:
    case -1: pass
match (a, b):
    case _: pass
)") == Lines{"class A(Base[T]) 7-9, def match 9-9"});
}

TEST_CASE("unusual but valid layout is read") {
  CHECK(outline("\xEF\xBB\xBF# coding: utf-8\r\nclass A:\r\n\tdef f(self):\r\n\t\treturn 1\r\n") ==
        Lines{"class A() 2-4, def f 3-4"});
  CHECK(outline("class A:\n    '''doc\n  string'''\n    x = (1,\n2)\n\f\n    def f(self): \\\n  pass\n") ==
        Lines{"class A() 1-8, def f 7-8"});
  CHECK(outline("class A: x: int = 1; y = lambda self: 2\ndef f(): return 1; pass;\n") ==
        Lines{"class A() 1-1", "def f 2-2"});
  CHECK(outline("def f():\n  if a: b\n  # c\n\n\n").front() == "def f 1-2");
  CHECK(outline("") == Lines{});
  CHECK(outline("# only a comment") == Lines{});
}

TEST_CASE("decorators carry their arguments in one line") {
  const Module module = parsed(R"(@unittest.skipIf(not TEST_CUDA,   # no card
                 "CUDA (11)  needed",
)
@ plain
@ops(unary + [x for x in y if (x )], dtypes = OpDTypes.supported)
@a.b[0].c(d)
@(yield_it)
@f"{x}".join
def test_x(self): pass

@instantiate
class A:
    @one(
        f"{ a } # no comment", )
    # between
    @two()

    def f(self): pass
)");
  const auto& decorators = module.functions.at(0).decorators;
  REQUIRE(decorators.size() == 6);
  CHECK(decorators[0].name == "unittest.skipIf");
  CHECK(decorators[0].arguments == R"(not TEST_CUDA, "CUDA (11)  needed")");
  CHECK(decorators[1].name == "plain");
  CHECK(decorators[1].arguments.empty());
  CHECK(decorators[2].arguments == "unary + [x for x in y if (x)], dtypes = OpDTypes.supported");
  CHECK(decorators[2].line == 5);
  CHECK(decorators[3].name == "a.b");
  CHECK(decorators[3].arguments.empty());
  CHECK(decorators[4].name.empty());
  CHECK(module.functions.at(0).line == 9);
  CHECK(module.classes.at(0).decorators.at(0).name == "instantiate");
  CHECK(module.classes.at(0).functions.at(0).decorators.at(0).arguments == R"(f"{ a } # no comment")");
  CHECK(module.classes.at(0).functions.at(0).decorators.at(1).name == "two");
}

TEST_CASE("imports contain the names they bind, and whether they are deferred") {
  const Module module = parsed(R"(import a.b.c, d as e
from . import f
from ..g.h import (i as j, k,)
from l import *
def m():
    from n import o; import p
)");
  std::vector<std::string> all;
  for (const Import& one : module.imports) {
    all.push_back(
        fmt::format("{}|{}|{}|{}{}", one.module, one.name, one.alias, one.line, one.deferred ? "|later" : ""));
  }
  CHECK(all == Lines{"a.b.c||a|1", "d||e|1", ".|f|f|2", "..g.h|i|j|3", "..g.h|k|k|3", "l|*||4", "n|o|o|6|later",
                     "p||p|6|later"});
}

TEST_CASE("a function mentions names and calls, including nested ones") {
  const Module module = parsed(R"(def test(self, device=default.device):
    """docstring.word"""
    x = torch.ones(2, dtype=torch.float32, requires_grad=True)
    y = make(x).sum().grad_fn
    x.backward()
    (a
       .b
       .c(1))
    import json.tool as tool
    def helper(z, w=1):
        @decorated(by)
        class Local(Base): attribute = self.value
        return f"{z.name:>{width}} {w!r}"
    return [i async for i in g.h if not (lambda u: u)(i)]
)");
  const Function& test = module.functions.at(0);
  CHECK(test.names == Names{".grad_fn",   ".sum",   "Base", "Local",     "a.b.c", "attribute",  "by",   "decorated",
                            "g.h",        "helper", "i",    "json.tool", "make",  "self.value", "tool", "torch.float32",
                            "torch.ones", "u",      "w",    "width",     "x",     "x.backward", "y",    "z",
                            "z.name"});
  CHECK(test.calls == Names{".sum", "a.b.c", "decorated", "make", "torch.ones", "x.backward"});
}

TEST_CASE("each function has its own names") {
  const Module module = parsed("def a(): x.y()\ndef b(): pass\ndef c(): x.y; z()\n");
  CHECK(module.functions.at(0).calls == Names{"x.y"});
  CHECK(module.functions.at(1).names.empty());
  CHECK(module.functions.at(2).names == Names{"x.y", "z"});
  CHECK(module.functions.at(2).calls == Names{"z"});
}

TEST_CASE("simple assignments in classes and modules are kept") {
  const Module module = parsed(R"(A = B = make(1)
C: int = 3
d.e = 4
f, g = 5, 6
class H:
    hw = Hardware.GENERIC
    i: str
    if True:
        j = lambda self, k=1: k
    def l(self): m = 1
)");
  std::vector<std::string> all;
  for (const Assignment& one : module.assignments) all.push_back(fmt::format("{}={}", one.name, one.value));
  for (const Assignment& one : module.classes.at(0).attributes)
    all.push_back(fmt::format("H.{}={}", one.name, one.value));
  CHECK(all == Lines{"A=make(1)", "B=make(1)", "C=3", "H.hw=Hardware.GENERIC", "H.j=lambda self, k=1: k"});
}

TEST_CASE("instantiations are found with their target") {
  const Module module = parsed(R"(instantiate_device_type_tests(
    TestA, globals(), only_for=("cpu",
                                "cuda"))
if X:
    common.instantiate_parametrized_tests(TestB)
instantiate_all(*tests)
def f(): instantiate_late(TestC)
class D:
    def g(self): self.instantiate_nothing(TestD)
)");
  std::vector<std::string> all;
  for (const Instantiation& one : module.instantiations) {
    all.push_back(fmt::format("{} {}({}) {}", one.target, one.function, one.arguments, one.line));
  }
  CHECK(all == Lines{R"(TestA instantiate_device_type_tests(TestA, globals(), only_for=("cpu", "cuda")) 1)",
                     "TestB common.instantiate_parametrized_tests(TestB) 5", " instantiate_all(*tests) 6",
                     "TestC instantiate_late(TestC) 7"});
}

TEST_CASE("tests that no line names leave evidence") {
  const auto evidence = [](const std::string& code) {
    const Module module = parsed("class A: pass\nclass B: pass\n" + code);
    return fmt::format("{}", fmt::join(module.generates, ","));
  };
  CHECK(evidence("for n in names: setattr(A, n, f)\n") == "A");
  CHECK(evidence("A.test_x = f\nA.other = f\nB.other = f\n") == "A");
  CHECK(evidence("class C:\n  @classmethod\n  def make(cls): setattr(cls, n, f)\n") == "C");
  CHECK(evidence("class C:\n  def test(self): setattr(self, n, f); exec(x); A.attribute = 1\n").empty());
  CHECK(evidence("class C:\n  exec(x)\n") == "C");
  CHECK(evidence("class C:\n  locals()[n] = f\n") == "C");
  CHECK(parsed("globals()[n] = f\n").generates == Names{""});
  CHECK(parsed("def g(): globals().update(f)\n").makers == Names{"g"});
  CHECK(parsed("def g(): globals()[n] = f\ndef h(): x[n] = f\n").makers == Names{"g"});
  CHECK(parsed("exec(code)\n").generates == Names{""});
  CHECK(parsed("setattr(sys_module, n, f)\n").generates == Names{""});
  CHECK(parsed("x = globals()[n]\nprint(globals())\n").generates == Names{});
}

TEST_CASE("classes that are passed to a function which sets attributes are noted") {
  const auto given = [](const std::string& code) {
    const Module module = parsed("class A: pass\nclass B: pass\n" + code);
    std::vector<std::string> all;
    for (const Given& one : module.given) all.push_back(fmt::format("{}({})", one.function, one.name));
    return all;
  };
  CHECK(given("def add(cls):\n  setattr(cls, n, f)\nadd(A)\nuse(B)\n") == Lines{"add(A)"});
  CHECK(given("def g():\n  add(1, B)\ndef add(x, cls):\n  setattr(cls, n, f)\n") == Lines{"add(B)"});
  CHECK(given("def add(cls):\n  setattr(cls, n, f)\n  return cls\n@add\nclass C: pass\n") == Lines{"add(C)"});
}

TEST_CASE("changes of a module to its names are found") {
  const Module module = parsed(R"(copy_tests(A, B, "cpu")
if X: a.b.copy(
    A,  # comment
    B)
made = make(A)
f(x)(y)
names.append("c")
names += ("d",)
total += 1; total -= 2
a.b += 3
for cls in [A,
            B]: use(cls)
for i, j in pairs: pass
del A, B
def f():
    copy_tests(C, D); names2 += 1; del E
    for k in z: pass
class G:
    copy_tests(H); size += 1
    for n in z: pass
)");
  Lines all;
  for (const Call& one : module.calls)
    all.push_back(fmt::format("{}|{}|{}", one.line, one.callee, one.arguments.substr(0, 6)));
  CHECK(all == Lines{"1|copy_tests|A, B, ", "2|a.b.copy|\n    A", "6|f|x)(y", "7|names.append|\"c\"", "12|use|cls"});
  const auto assigned = [](const std::vector<Assignment>& assignments) {
    Lines texts;
    for (const Assignment& one : assignments) texts.push_back(fmt::format("{}:{}", one.name, one.value));
    return texts;
  };
  CHECK(assigned(module.extensions) == Lines{"names:(\"d\",)", "total:1"});
  CHECK(assigned(module.loops) == Lines{"cls:[A, B]", "i, j:pairs"});
  CHECK(assigned(module.assignments) == Lines{"made:make(A)"});
  CHECK(module.deleted == Names{"A", "B"});
}

TEST_CASE("definitions know the conditions around them") {
  const Module module = parsed(R"(if HAS_GPU and not ASAN:
    class A:
        if X:
            def a(self): pass
        else:
            def b(self): pass
elif HAS_CPU:
    class B:
        def c(self): pass
else:
    def d(): pass
for x in y:
    class C: pass
else:
    class D: pass
try:
    if Z: run()
except E: pass
else: go()
def e():
    if X:
        class Local: pass
)");
  const auto chain = [](const Guard* guard) {
    std::string text;
    for (; guard != nullptr; guard = guard->outer) {
      text += fmt::format("{}{}@{} ", guard->negated ? "!" : "", guard->condition, guard->line);
    }
    return text;
  };
  const auto& classes = module.classes;
  CHECK(chain(classes.at(0).guard) == "HAS_GPU and not ASAN@1 ");
  CHECK(chain(classes[0].functions.at(0).guard) == "X@3 HAS_GPU and not ASAN@1 ");
  CHECK(chain(classes[0].functions.at(1).guard) == "!X@3 HAS_GPU and not ASAN@1 ");
  CHECK(chain(classes.at(1).functions.at(0).guard) == "HAS_CPU@7 !HAS_GPU and not ASAN@1 ");
  CHECK(chain(module.functions.at(0).guard) == "!HAS_CPU@7 !HAS_GPU and not ASAN@1 ");
  CHECK(chain(classes.at(2).guard).empty());
  CHECK(chain(classes.at(3).guard).empty());
  CHECK(chain(module.calls.at(0).guard) == "Z@17 ");
  CHECK(chain(module.calls.at(1).guard).empty());
  CHECK(chain(module.functions.at(1).guard).empty());
}

TEST_CASE("an error has a place and a reason") {
  CHECK(reader_error("class A:\n  def f(self):\n    print \"x\"\n") == "3:11: invalid syntax");
  CHECK(reader_error("x = (1,\n") == "1:5: '(' was never closed");
  CHECK(reader_error("if x:\npass\n") == "2:1: expected an indented block");
  CHECK(reader_error("x = 1\n  y = 2\n") == "2:3: unexpected indent");
  CHECK(reader_error("class:\n  pass\n") == "1:6: expected the name of a class");
  CHECK(reader_error("def f:\n  pass\n") == "1:6: expected '('");
  CHECK(reader_error("def f()\n  pass\n") == "1:8: expected ':'");
  CHECK(reader_error("@decorated\nx = 1\n") == "2:1: a decorator without a function or class");
  CHECK(reader_error("@decorated\n").ends_with("a decorator without a function or class"));
  CHECK(reader_error("é = 'a\n") == "1:5: unterminated string");
  CHECK(reader_error("from x\n") == "1:7: expected 'import'");
}

TEST_CASE("text that is not Python is refused") {
  const std::string line = GENERATE(
      as<std::string>{}, "exec code in space", "raise E, 'x' if", "x = ", "x = 1 +", "f(,)", "f(a,, b)", "a b", "1 2",
      "a = = b", "x <> y", "not", "lambda x", "(a;b)", "x.", "x.(y)", "return return", "x = class", "else", "import",
      "import a b", "from a import", "from a import b c", "from a import (b", "a; ; b", "f'{}'", "[a for]",
      "x if else y", "a: ", "@", "{a} {b}", "async x", "if x: if y: z", "class A: def f(): pass", "a.b\"c\"");
  CAPTURE(line);
  CHECK(reader_error(line + "\n") != "none");
}

TEST_CASE("expressions of every kind are accepted") {
  const std::string line = GENERATE(
      as<std::string>{}, "a, = b", "a, b, = c", "for a, in b: pass", "x[:, ..., ::2, a:b]", "f(*a, **b, c=1, )",
      "{**a, 'b': c}", "lambda: (yield)", "lambda *, a=1, **k: a", "lambda a, /, b: 0", "def f(a, /, b, *, c): pass",
      "def f(*, a): pass", "x = yield", "x = yield from y", "await x", "print(not x, -y, ~z, +w)", "a if b else c",
      "[x for x in y if z for u in v]", "'a' 'b' f'c' rb'd'", "a @ b", "x @= y", "a not in b is not c", "assert a, 'b'",
      "del a[0], b.c", "global a, b", "raise A from B", "if (n := f(x)) > 1: pass", "with (a as b, c as d,): pass",
      "with a, b as c: pass", "while lambda: x: break", "except_ = 1", "x = *a, *b", "return_ = {1, 2}", "a[b := 1]",
      "a = b = c = d", "a: 'int' = 3", "(a): int = 3", "a.b: int", "f(x for x in y)", "print(f\"{x!r:{'>'}10}\")",
      "x = a if b else lambda: c", "t: list[int] = []", "try: pass\nexcept A: pass\nelse: pass",
      "for x in *a, b: pass\nelse: pass", "async def f(): pass", "@a\n@b.c(1)\nasync def f(): pass", "from . import a",
      "from .... import a", "from .a.b import c as d", "pass;", "x = 1 if 2else 3", "a[*b]", "def f(*args: *Ts): pass",
      "type X = int", "except_group = [*a]", "...", "a = ...");
  CAPTURE(line);
  CHECK(reader_error(line + "\n") == "none");
}

TEST_CASE("views survive a move of the module") {
  Module module = parsed("class A(x, y): pass\nclass B:\n  class C: pass\n");
  const Module moved = std::move(module);
  CHECK(moved.classes.at(0).bases == Names{"x", "y"});
  CHECK(moved.classes.at(2).name == "B.C");
}

TEST_CASE("nested blocks use no stack") {
  std::string source;
  for (int i = 0; i < 99; ++i) source += std::string(i, ' ') + (i % 2 == 0 ? "class A:\n" : "if x:\n");
  source += std::string(99, ' ') + "pass\n";
  CHECK(parsed(source).classes.size() == 50);
}

}  // namespace spyre::testsel::python
