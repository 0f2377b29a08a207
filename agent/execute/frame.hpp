// SPDX-License-Identifier: Apache-2.0
// The frames of the worker protocol: a length of four bytes, big-endian, followed by that many bytes of text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::execute {

inline constexpr std::size_t frame_limit = std::size_t{64} << 20;

// Return a frame. `text` is not longer than frame_limit.
std::string encode_frame(std::string_view text);

// Turns pieces of bytes of any size into whole frames.
class FrameDecoder {
 public:
  void feed(std::string_view bytes) { m_buffer.append(bytes); }
  // Return the next frame's text, or nothing until more bytes have come. A frame longer than the limit is an error, and
  // so is every later call: the next frame cannot be found any more. Error: invalid.
  Result<std::optional<std::string>> next();
  // Return the number of bytes of an incomplete frame.
  std::size_t pending() const { return m_buffer.size() - m_start; }

 private:
  std::string m_buffer;
  std::size_t m_start = 0;  // the bytes before it were returned
};

}  // namespace spyre::execute
