// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/frame.hpp"

#include <rapidcheck.h>

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::execute;

namespace {

// Return all frames of a decoder for bytes that come in pieces of this size.
std::vector<std::string> decode(std::string_view bytes, std::size_t piece) {
  FrameDecoder decoder;
  std::vector<std::string> frames;
  while (!bytes.empty()) {
    decoder.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (auto frame = decoder.next(); frame && *frame; frame = decoder.next()) frames.push_back(**frame);
  }
  return frames;
}

}  // namespace

TEST_CASE("a frame consists of its length, big-endian, and its text") {
  CHECK(encode_frame("ab") == std::string("\0\0\0\2ab", 6));
  CHECK(encode_frame("") == std::string(4, '\0'));
  CHECK(encode_frame(std::string(258, 'x')).substr(0, 4) == std::string("\0\0\1\2", 4));
}

TEST_CASE("frames are decoded as they were encoded, however the bytes are split") {
  CHECK(rc::check([](const std::vector<std::string>& texts) {
    const std::size_t piece = *rc::gen::inRange<std::size_t>(1, 20);
    std::string bytes;
    for (const std::string& text : texts) bytes += encode_frame(text);
    RC_ASSERT(decode(bytes, piece) == texts);
  }));
}

TEST_CASE("an incomplete frame is waited for") {
  FrameDecoder decoder;
  decoder.feed(encode_frame("whole") + encode_frame("cut off").substr(0, 6));
  CHECK(decoder.next().value() == "whole");
  CHECK_FALSE(decoder.next().value().has_value());
  CHECK(decoder.pending() == 6);
}

TEST_CASE("a frame with a length over the limit is a permanent error") {
  FrameDecoder decoder;
  decoder.feed("garbage that a test wrote");
  REQUIRE_FALSE(decoder.next().has_value());
  CHECK(decoder.next().error().kind == ErrorKind::invalid);
  decoder.feed(encode_frame("fine"));
  CHECK_FALSE(decoder.next().has_value());
}

TEST_CASE("any bytes give frames, a wait or an error") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes) {
    FrameDecoder decoder;
    decoder.feed(std::string(bytes.begin(), bytes.end()));
    std::size_t total = 0;
    for (auto frame = decoder.next(); frame && *frame; frame = decoder.next()) total += 4 + (**frame).size();
    RC_ASSERT(total <= bytes.size());
  }));
}
