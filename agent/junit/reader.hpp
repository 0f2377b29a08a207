// SPDX-License-Identifier: Apache-2.0
// Reads a JUnit document block by block, with one case in memory at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/junit/case.hpp"
#include "agent/junit/encoding.hpp"
#include "agent/junit/junit.hpp"
#include "agent/junit/pieces.hpp"

namespace spyre::junit {

// A failed case that waits for the error of its tear-down. It owns its texts.
class PendingCase {
 public:
  PendingCase() = default;
  PendingCase(const PendingCase&) = delete;
  PendingCase& operator=(const PendingCase&) = delete;

  // nullptr when there is no such case.
  const Case* get() const { return m_holds ? &m_case : nullptr; }
  void hold(const Case& failed);
  void add_details(std::string_view text);
  void drop() { m_holds = false; }

 private:
  Case m_case;  // views into the strings below
  std::string m_file, m_classname, m_name, m_message, m_details;
  bool m_holds = false;
};

class Reader {
 public:
  // Create a reader. `origin` names the document in losses. `sink` receives each case in order and must outlive the
  // reader. The texts of a case are valid until the sink returns. A case of more than `largest_case` bytes is reported
  // as a loss.
  Reader(std::string_view origin, const Sink& sink, std::size_t largest_case = 256 << 20)
      : m_origin(origin), m_sink(sink), m_largest_case(largest_case) {}

  void feed(std::string_view block);
  // Finish the document and return the losses. Error: invalid (no case could be read).
  Result<std::vector<std::string>> finish();

 private:
  void process(bool at_end);
  void read_case(const Piece& piece);
  void read_problem(const Piece& piece);
  std::string_view text(std::size_t begin, std::size_t end) const;
  const Suite& suite() const;
  void emit(const Case& result);
  void emit_pending();
  void lose(std::size_t at, std::string_view what);

  std::string m_origin;
  const Sink& m_sink;
  std::size_t m_largest_case;
  std::optional<Utf8Decoder> m_decoder;
  std::string m_begin;          // bytes received before the encoding is known
  std::string m_buffer;         // decoded, not parsed yet
  std::size_t m_base = 0;       // decoded bytes before the buffer
  std::size_t m_enough = 0;     // buffer size from which parsing may find the next piece
  std::vector<Suite> m_suites;  // the suites around the current position
  CaseReader m_case_reader;
  Case m_case;  // the current case
  PendingCase m_pending;
  bool m_is_junit = false, m_blank = true;
  std::size_t m_cases = 0, m_lost = 0;
  std::vector<std::string> m_losses;
};

struct FileReading {
  std::vector<std::string> losses;
  std::uint64_t digest = 0;  // of the file's bytes
};
// Read the cases of a file as for_each_case() does, and compute a digest to detect files with the same content.
Result<FileReading> read_file_cases(const std::filesystem::path& path, const Sink& sink);

}  // namespace spyre::junit
