// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/frame.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace spyre::execute {

namespace {
constexpr std::size_t header_size = 4;
}

std::string encode_frame(std::string_view text) {
  std::string frame;
  frame.reserve(header_size + text.size());
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>((text.size() >> shift) & 0xff);
  frame += text;
  return frame;
}

Result<std::optional<std::string>> FrameDecoder::next() {
  const auto compact = [&] {
    m_buffer.erase(0, m_start);
    m_start = 0;
  };
  if (pending() < header_size) {
    compact();
    return std::nullopt;
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < header_size; ++i) length = length << 8 | static_cast<std::uint8_t>(m_buffer[m_start + i]);
  if (length > frame_limit) {
    return fail(ErrorKind::invalid, fmt::format("a frame claims {} bytes, more than {}", length, frame_limit));
  }
  if (pending() < header_size + length) {
    compact();
    return std::nullopt;
  }
  std::string text = m_buffer.substr(m_start + header_size, length);
  m_start += header_size + length;
  return text;
}

}  // namespace spyre::execute
