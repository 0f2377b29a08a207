// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/message.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;
using nlohmann::json;

namespace {

template <typename T>
T decoded(std::string_view text) {
  const auto event = decode_event(text);
  REQUIRE(event.has_value());
  REQUIRE(std::holds_alternative<T>(*event));
  return std::get<T>(*event);
}

}  // namespace

TEST_CASE("commands have the fields of the protocol") {
  CHECK(json::parse(encode(command::Open{"test/test_x.py", "/src", "/src/test", true, {"-q"}, {{"A", "${B}"}}})) ==
        json({{"command", "open"},
              {"file", "test/test_x.py"},
              {"root", "/src"},
              {"cwd", "/src/test"},
              {"fork", true},
              {"args", {"-q"}},
              {"environment", {{"A", "${B}"}}}}));
  CHECK(json::parse(encode(command::Run{3, {0, 2}, "/run/s.xml", 100})) ==
        json({{"command", "run"}, {"slice", 3}, {"cases", {0, 2}}, {"junit", "/run/s.xml"}, {"text_limit", 100}}));
  CHECK(json::parse(encode(command::Run{3, {0}, "", 100}))["junit"].is_null());
  CHECK(json::parse(encode(command::Close{})) == json({{"command", "close"}}));
  CHECK(json::parse(encode(command::Quit{})) == json({{"command", "quit"}}));
}

TEST_CASE("events are read into values") {
  const auto hello = decoded<event::Hello>(
      R"({"event":"hello","protocol":1,"pid":7,"python":"3.11","pytest":"7.2","torch":null,"import_s":1.5})");
  CHECK(hello.pid == 7);
  CHECK(hello.torch.empty());
  const auto collected = decoded<event::Collected>(
      R"({"event":"collected","cases":["a::b"],"seconds":2,"errors":[{"id":"a","outcome":"skipped","message":"m","details":"d"}]})");
  CHECK(collected.cases == std::vector<std::string>{"a::b"});
  CHECK(collected.errors.at(0).outcome == results::Outcome::skipped);
  const auto finish = decoded<event::CaseFinished>(
      R"({"event":"finish","case":4,"outcome":"failed","seconds":0.5,"message":"no","details":"d","output":"o"})");
  CHECK(finish.index == 4);
  CHECK(finish.outcome == results::Outcome::failed);
  const auto ended = decoded<event::ChildEnded>(
      R"({"event":"child_ended","slice":1,"code":null,"signal":11,"left":2,"rss":4096,"output":"last words"})");
  CHECK(ended.status == process::ExitStatus{std::nullopt, 11});
  CHECK(ended.output == "last words");
}

TEST_CASE("the fork check of a file is read, and may be absent") {
  const auto collected = decoded<event::Collected>(
      R"({"event":"collected","cases":["a","b","c"],"seconds":2,"errors":[],"skipped":[{"case":2,"reason":"-k x"}],)"
      R"("serial":[1],"fork":{"open":true,"bad_here":null,"bad_in_child":false,"files":["/dev/vfio/3"],)"
      R"("threads":["t"],"children":2}})");
  REQUIRE(collected.skipped.size() == 1);
  CHECK(collected.skipped[0].index == 2);
  CHECK(collected.skipped[0].reason == "-k x");
  CHECK(collected.serial == std::vector<int>{1});
  CHECK(collected.fork.device.open == true);
  CHECK_FALSE(collected.fork.device.bad_here.has_value());
  CHECK(collected.fork.device.bad_in_child == false);
  CHECK(collected.fork.device.files == std::vector<std::string>{"/dev/vfio/3"});
  CHECK(collected.fork.threads == std::vector<std::string>{"t"});
  CHECK(collected.fork.children == 2);
  const auto bare =
      decoded<event::Collected>(R"({"event":"collected","cases":[],"seconds":2,"errors":[],"fork":null})");
  CHECK(bare.fork.device.open == false);
  CHECK(bare.fork.threads.empty());
  const auto refused = decoded<event::Refused>(R"({"event":"refused","errno":"EAGAIN","message":"cannot fork"})");
  CHECK(refused.code == "EAGAIN");
  CHECK(refused.message == "cannot fork");
  CHECK(json::parse(encode(command::Open{"f", "/", "/", true, {}, {}, true}))["asserts"] == "plain");
}

TEST_CASE("classes are made for a device outside PyTorch's tree only when that is asked") {
  using Kind = event::InjectedClass::Kind;
  command::Open open;
  CHECK_FALSE(json::parse(encode(open)).contains("inject"));
  open.inject = command::Inject{};
  CHECK(json::parse(encode(open))["inject"] == json({{"plain", "configured"}, {"configured", json::array()}}));
  open.inject = command::Inject{cards::PlainTests::device, {"TestFoo::test_x"}};
  CHECK(json::parse(encode(open))["inject"] == json({{"plain", "device"}, {"configured", {"TestFoo::test_x"}}}));
  open.inject->plain = cards::PlainTests::host;
  CHECK(json::parse(encode(open))["inject"]["plain"] == "host");

  const auto collected = decoded<event::Collected>(
      R"({"event":"collected","cases":[],"seconds":2,"errors":[],"injected":[{"class":"A","kind":"restricted"},)"
      R"({"class":"B","kind":"device"},{"class":"C","kind":"plain"}]})");
  REQUIRE(collected.injected.size() == 3);
  CHECK(collected.injected[0].name == "A");
  CHECK(collected.injected[0].kind == Kind::restricted);
  CHECK(collected.injected[1].kind == Kind::device);
  CHECK(collected.injected[2].kind == Kind::plain);
  CHECK_FALSE(decode_event(
      R"({"event":"collected","cases":[],"seconds":2,"errors":[],"injected":[{"class":"A","kind":"?"}]})"));
}

TEST_CASE("texts that a test forged are cut to the limits of a worker") {
  const std::string flood(std::size_t{20} << 20, 'x');
  const auto problem = decode_event(json({{"event", "problem"}, {"message", flood}}).dump(), 1000);
  CHECK(std::get<event::Problem>(problem.value()).message.size() < 3000);
  const auto finish = decode_event(json({{"event", "finish"},
                                         {"case", 1},
                                         {"outcome", "failed"},
                                         {"seconds", 1},
                                         {"details", flood},
                                         {"output", flood}})
                                       .dump(),
                                   1000);
  CHECK(std::get<event::CaseFinished>(finish.value()).details.size() < 3000);
  CHECK(std::get<event::CaseFinished>(finish.value()).output.size() < 3000);
}

TEST_CASE("an unknown event of a newer worker causes a warning") {
  CHECK(decoded<event::Problem>(R"({"event":"weather"})").message.find("weather") != std::string::npos);
}

TEST_CASE("an invalid event is an error") {
  for (const char* text :
       {"", "{", "[]", "3", "{}", R"({"event":5})", R"({"event":"start"})", R"({"event":"start","case":"x"})",
        R"({"event":"finish","case":1,"outcome":"perhaps","seconds":1})",
        R"({"event":"collected","cases":[1],"seconds":0,"errors":[]})"}) {
    INFO(text);
    const auto event = decode_event(text);
    REQUIRE_FALSE(event.has_value());
    CHECK(event.error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("the end of a process is described in words") {
  CHECK(process::describe({3, std::nullopt}) == "exit code 3");
  CHECK(process::describe({std::nullopt, 11}) == "SIGSEGV");
  CHECK(process::describe({}) == "an unknown cause");
}

TEST_CASE("numbers that are too large, or not numbers, are refused") {
  for (const char* text :
       {R"({"event":"hello","protocol":1,"pid":1e120})", R"({"event":"hello","protocol":1,"pid":4294967296})",
        R"({"event":"start","case":18446744073709551615})", R"({"event":"start","case":1.5})",
        R"({"event":"start","case":true})", R"({"event":"finish","case":1,"outcome":"passed","seconds":-1})",
        R"({"event":"finish","case":1,"outcome":"passed","seconds":1e30})",
        R"({"event":"child_ended","slice":1,"code":null,"signal":null,"rss":-1})",
        R"({"event":"child_ended","slice":1,"code":1e10})"}) {
    CAPTURE(text);
    const auto event = decode_event(text);
    REQUIRE(!event);
    CHECK(event.error().kind == ErrorKind::invalid);
  }
}
