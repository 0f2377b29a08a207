// SPDX-License-Identifier: Apache-2.0
// The frames of the worker protocol: four bytes of length, big-endian, and so many bytes of text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::execute {

inline constexpr std::size_t frame_limit = std::size_t{64} << 20;

// `text` is not longer than frame_limit.
std::string encode_frame(std::string_view text);

// Takes bytes as they come, in pieces of any size, and gives whole frames.
class FrameDecoder {
 public:
  void feed(std::string_view bytes) { m_buffer.append(bytes); }
  // The next frame's text, or nothing until more bytes have come. A frame longer than the limit is an error, and from
  // then on every call is: there is no way to find the next frame. Error: invalid.
  Result<std::optional<std::string>> next();
  // Bytes that belong to a frame that has not come to its end.
  std::size_t pending() const { return m_buffer.size() - m_start; }

 private:
  std::string m_buffer;
  std::size_t m_start = 0;  // what stands before was given out
};

}  // namespace spyre::execute
