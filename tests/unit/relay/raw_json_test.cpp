// SPDX-License-Identifier: Apache-2.0
// A dispatch is echoed byte for byte, regardless of its content.
#include "agent/relay/raw_json.hpp"

#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "tests/unit/relay/payloads.hpp"

using namespace spyre;
using namespace spyre::relay;

namespace {

nlohmann::json any_json(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 7 : 5);
  if (kind == 0) return nullptr;
  if (kind == 1) return *rc::gen::arbitrary<bool>();
  if (kind == 2) return *rc::gen::arbitrary<std::int64_t>();
  if (kind == 3) return *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
  if (kind == 4) return "{\"]}\\ \xC3\xA4 \xF0\x9F\x8C\x8A";
  nlohmann::json nested = kind == 5 ? nlohmann::json::array() : nlohmann::json::object();
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    if (kind == 5) nested.push_back(any_json(depth - 1));
    if (kind == 6) nested[*rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127))] = any_json(depth - 1);
  }
  return nested;
}

Error json_refusal(std::string_view text) {
  const auto payload = read_client_payload(text, "event.json");
  REQUIRE_FALSE(payload);
  CHECK(payload.error().kind == ErrorKind::invalid);
  CHECK(payload.error().message.starts_with("event.json"));
  return payload.error();
}

}  // namespace

TEST_CASE("members are found as written") {
  const std::string text =
      "\xEF\xBB\xBF { \"a\" : 123456789012345678901234567890 ,\n\"\\u0062\":\t[1, {\"x\":\"}\\\"\"} ] , "
      "\"c\":\"\\ud83c\\udf0a\\n\"  , \"d\":-1.50e+3}\n";
  const auto members = split_object(text, "x");
  REQUIRE(members);
  CHECK(find_member(*members, "a")->value == "123456789012345678901234567890");
  CHECK(find_member(*members, "b")->value == "[1, {\"x\":\"}\\\"\"} ]");
  CHECK(find_member(*members, "c")->value == "\"\\ud83c\\udf0a\\n\"");
  CHECK(find_member(*members, "d")->value == "-1.50e+3");
  CHECK(find_member(*members, "e") == nullptr);
  CHECK(split_object("{}", "x")->empty());
  CHECK(split_object(" { } ", "x")->empty());
}

TEST_CASE("text after a NUL is not ignored") {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"{}\0"sv, "{}\0x"sv, "{\"a\":1}\0\xAD"sv}) {
    const auto members = split_object(text, "x");
    REQUIRE_FALSE(members);
    CHECK(members.error().message == "x: this is not valid JSON");
  }
}

TEST_CASE("any object can be split and put together again") {
  CHECK(rc::check("the members' texts are the members", [] {
    nlohmann::json object = nlohmann::json::object();
    for (int i = 0; i < 3; ++i) object[std::string(1, static_cast<char>('a' + i))] = any_json(3);
    const std::string text = object.dump(*rc::gen::element(-1, 0, 3));
    const auto members = split_object(text, "x");
    RC_ASSERT(members.has_value());
    RC_ASSERT(members->size() == object.size());
    for (const RawMember& member : *members) {
      RC_ASSERT(nlohmann::json::parse(member.value) == object[member.name]);
      RC_ASSERT(text.find(member.value) != std::string::npos);
    }
    const std::string longer = with_member(text, "workflow", "{\"x\":1}");
    object["workflow"] = {{"x", 1}};
    RC_ASSERT(nlohmann::json::parse(longer) == object);
    RC_ASSERT(longer.starts_with(text.substr(0, text.rfind('}'))));
  }));
}

TEST_CASE("text that is not an object, too large or too deep is refused") {
  for (const char* text : {"", "[]", "1", "{", "{\"a\":1,}", "{\"a\":1}{}", "{\"a\":\"\xFF\"}", "{\"a\":1,\"a\":2}",
                           "{\"a\":1,\"\\u0061\":2}", "null", "{'a':1}"}) {
    CAPTURE(text);
    const auto members = split_object(text, "here");
    REQUIRE_FALSE(members);
    CHECK(members.error().kind == ErrorKind::invalid);
    CHECK(members.error().message.starts_with("here"));
  }
  CHECK_FALSE(split_object("{\"a\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}", "x"));
  CHECK_FALSE(split_object("{\"a\":[[1]]}", "x", {100, 2}));
  CHECK(split_object("{\"a\":[[1]]}", "x", {100, 3}));
  CHECK_FALSE(split_object("{\"a\":1}", "x", {6, 9}));
}

TEST_CASE("a dispatch is accepted bare or within GitHub's event") {
  const std::string bare = client_payload(R"({"big":18446744073709551616000, "x":1,"x":2,"u":"\u00e4"})");
  const auto payload = read_client_payload(bare + "\n", "event.json");
  REQUIRE(payload);
  CHECK(payload->text == bare);
  CHECK(payload->delivery_id == "d-1");
  CHECK(payload->event_type == "pull_request");
  CHECK(payload->payload == R"({"big":18446744073709551616000, "x":1,"x":2,"u":"\u00e4"})");
  const auto event =
      read_client_payload("{\"action\":\"pull_request\", \"client_payload\" : " + bare + " }", "event.json");
  REQUIRE(event);
  CHECK(event->text == bare);
}

TEST_CASE("the error for an incomplete dispatch has the missing field") {
  CHECK(json_refusal("{}").message == "event.json: \"event_type\" is missing");
  CHECK(json_refusal("{\"client_payload\":{\"event_type\":\"push\"}}").message ==
        "event.json: client_payload: \"delivery_id\" is missing");
  CHECK(json_refusal(client_payload("[]")).message == "event.json: \"payload\" is not an object");
  CHECK(json_refusal(client_payload("{}", "", "push")).message.find("\"delivery_id\"") != std::string::npos);
  CHECK(json_refusal(client_payload("{}", "d", "nightly")).message.find("nightly") != std::string::npos);
  CHECK(json_refusal(R"({"event_type":"push","delivery_id":7,"payload":{}})").message.find("is 7") !=
        std::string::npos);
  CHECK(
      json_refusal(R"({"event_type":"push","delivery_id":"d","payload":{},"workflow":{}})").message.find("workflow") !=
      std::string::npos);
  CHECK(json_refusal(client_payload("{}", "a\\nb")).message.find("delivery_id") != std::string::npos);
}

TEST_CASE("nightly and periodic jobs have a commit") {
  const auto payload = undispatched("nightly", head_sha);
  REQUIRE(payload);
  CHECK(nlohmann::json::parse(payload->text) ==
        nlohmann::json{{"event_type", "nightly"}, {"delivery_id", head_sha}, {"payload", {{"head_sha", head_sha}}}});
  CHECK(is_undispatched(*payload));
  for (const std::string& sha : {std::string("main"), std::string(39, 'a'), std::string(40, 'A'), std::string()}) {
    CHECK(undispatched("nightly", sha).error().kind == ErrorKind::usage);
  }
}
