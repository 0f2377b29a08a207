// SPDX-License-Identifier: Apache-2.0
// The detailed reading: arguments, bodies of functions, and possible values of variables.
#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "testsel/python/arguments.hpp"
#include "testsel/python/function_body.hpp"
#include "testsel/python/reader.hpp"
#include "testsel/python/values.hpp"

namespace spyre::testsel::python {
namespace {

using Lines = std::vector<std::string>;
using Names = std::vector<std::string_view>;

Lines arguments(std::string_view text) {
  Lines found;
  for (const Argument& one : split_arguments(text)) found.push_back(fmt::format("{}|{}", one.keyword, one.value));
  return found;
}

Module read(std::string source) {
  auto module = read_module(std::move(source));
  if (!module) FAIL(module.error().message);
  return std::move(*module);
}

}  // namespace

TEST_CASE("arguments are split at their own commas") {
  CHECK(arguments("") == Lines{});
  CHECK(arguments("a") == Lines{"|a"});
  CHECK(arguments("a, f(b, c), [d, e], 'x, y',") == Lines{"|a", "|f(b, c)", "|[d, e]", "|'x, y'"});
  CHECK(arguments("\n  a,  # first, one\n  b = 1 + 2,\n  c=g(d=1)\n") == Lines{"|a", "b|1 + 2", "c|g(d=1)"});
  CHECK(arguments("*rest, **options") == Lines{"|*rest", "**|options"});
  CHECK(arguments("x == y, lambda: z") == Lines{"|x == y", "|lambda: z"});
  CHECK(arguments("a)(b") == Lines{});
}

TEST_CASE("a call is a name and the text in its brackets") {
  CHECK(split_call("a.b(c, d)").callee == "a.b");
  CHECK(split_call("a.b(c, d)").arguments == "c, d");
  CHECK(split_call("a").callee.empty());
  CHECK(split_call("a(b) + 1").callee.empty());
  CHECK(split_call("'a'(b)").callee.empty());
  CHECK(split_call("(a)(b)").callee.empty());
}

TEST_CASE("items are those of a list, a tuple or a set") {
  CHECK(split_items("[a, b]") == Names{"a", "b"});
  CHECK(split_items("(a.b,)") == Names{"a.b"});
  CHECK(split_items("{a}") == Names{"a"});
  CHECK(split_items("a, b") == Names{"a", "b"});
  CHECK(split_items("a") == Names{});
  CHECK(split_items("f(a)") == Names{});
}

TEST_CASE("read_body finds calls, assignments and names") {
  const Module module = read(R"py(
def before(): pass
if X:
    def copy(my_cls: type, other_cls, /, suffix="a:b", *args, flag=(1, 2), **rest) -> None:
        """setattr(nothing)"""
        for name, value in my_cls.__dict__.items():
            if name.startswith("test"): made = type(f"{suffix}{name}", (x,), {})
            def inner(self, value=value):
                return value(self)
            first = second = inner
            globals()[name] = made

            setattr(other_cls, f"{name}_{suffix}",
                    inner)
        class Local(my_cls, Base): pass
    after(copy)
)py");
  const FunctionBody body = read_body(module, module.functions.at(1));
  CHECK(body.parameters == Names{"my_cls", "other_cls", "suffix", "args", "flag", "rest"});
  Lines calls, assigned;
  for (const FunctionBody::Call& one : body.calls) calls.push_back(fmt::format("{}({})", one.callee, one.arguments));
  CHECK(calls == Lines{"my_cls.__dict__.items()", "name.startswith(\"test\")", "type(f\"{suffix}{name}\", (x,), {})",
                       "value(self)", "globals()",
                       "setattr(other_cls, f\"{name}_{suffix}\",\n                    inner)"});
  for (const FunctionBody::Assigned& one : body.assignments)
    assigned.push_back(fmt::format("{}={}", one.target, one.value));
  CHECK(assigned ==
        Lines{"made=type(f\"{suffix}{name}\", (x,), {})", "first=inner", "second=inner", "globals()[name]=made"});
  REQUIRE(body.classes.size() == 1);
  CHECK(body.classes[0].name == "Local");
  CHECK(body.classes[0].bases == "my_cls, Base");
  CHECK(std::ranges::find(body.names, "my_cls.__dict__.items") != body.names.end());
  CHECK(std::ranges::find(body.names, "after") == body.names.end());

  const Module inlined = read("def f(a): b = g(a); h(b)\nafter()\n");
  const FunctionBody one_line = read_body(inlined, inlined.functions.at(0));
  CHECK(one_line.calls.size() == 2);
  CHECK(one_line.assignments.at(0).value == "g(a)");
}

TEST_CASE("all values assigned to a variable count") {
  const Module module = read(R"(
if X:
    devices = ("cuda",)
else:
    devices = ["cpu"]
devices += ("xpu",)
devices.append("mps")
devices.sort("x")
devices_too = ("hpu",)
other.devices.append("no")
)");
  CHECK(values_of(module, "devices") == Names{"(\"cuda\",)", "[\"cpu\"]", "(\"xpu\",)", "\"mps\""});
  CHECK(values_of(module, "nothing") == Names{});
}

}  // namespace spyre::testsel::python
