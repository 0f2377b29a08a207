// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/reader.hpp"

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/junit/pieces.hpp"

namespace spyre::junit {
namespace {

constexpr std::size_t most_losses = 20;  // reported individually

// pytest writes a failed case a second time when its tear-down also fails.
bool is_teardown_of(const Case& error, const Case& failed) {
  return error.outcome == results::Outcome::error && failed.outcome == results::Outcome::failed &&
         error.message.starts_with("failed on teardown") && error.name == failed.name &&
         error.classname == failed.classname && error.file == failed.file;
}

}  // namespace

void PendingCase::hold(const Case& failed) {
  m_case = failed;
  m_case.file = m_file = failed.file;
  m_case.classname = m_classname = failed.classname;
  m_case.name = m_name = failed.name;
  m_case.message = m_message = failed.message;
  m_case.details = m_details = failed.details;
  m_holds = true;
}

void PendingCase::add_details(std::string_view text) {
  m_details.append("\n").append(text);
  m_case.details = m_details;
}

void Reader::feed(std::string_view block) {
  if (!m_decoder) {
    m_begin += block;
    if (m_begin.size() < prolog_size) return;
    m_decoder.emplace(detect_encoding(m_begin));
    m_decoder->decode(m_begin, m_buffer);
    m_begin.clear();
  } else {
    m_decoder->decode(block, m_buffer);
  }
  process(false);
}

void Reader::process(bool at_end) {
  m_blank = m_blank && trim(m_buffer).empty();
  // A piece larger than the buffer is searched again when there is twice as much text: the work stays linear.
  if (!at_end && m_buffer.size() < m_enough) return;
  m_enough = 0;
  std::size_t done = 0;
  for (bool more = true; more;) {
    const Piece piece = next_piece(m_buffer, done);
    done = piece.end;
    switch (piece.kind) {
      case Piece::Kind::testcase:
      case Piece::Kind::cut_case:
        read_case(piece);
        break;
      case Piece::Kind::empty_suite:
        m_is_junit = true;
        break;
      case Piece::Kind::suite_open:
        m_is_junit = true;
        m_suites.push_back(read_suite(piece.attributes, suite()));
        break;
      case Piece::Kind::suite_close:
        if (!m_suites.empty()) m_suites.pop_back();
        break;
      case Piece::Kind::problem:
        read_problem(piece);
        break;
      case Piece::Kind::incomplete:
        more = false;
        if (piece.end - piece.begin > m_largest_case) {
          lose(piece.begin, fmt::format("skipped more than {} without an end", format_size(m_largest_case)));
        } else if (at_end) {
          lose(piece.end, "the text is cut off here");
          if (text(piece.begin, piece.end).starts_with("<testcase")) read_case(piece);
        } else {
          done = piece.begin;
          m_enough = 2 * (m_buffer.size() - done);
        }
        break;
      case Piece::Kind::nothing:
        more = false;
        break;
    }
  }
  m_buffer.erase(0, done);
  m_base += done;
}

std::string_view Reader::text(std::size_t begin, std::size_t end) const {
  return std::string_view(m_buffer).substr(begin, end - begin);
}

const Suite& Reader::suite() const {
  static const Suite none;
  return m_suites.empty() ? none : m_suites.back();
}

void Reader::read_case(const Piece& piece) {
  m_is_junit = true;
  const bool cut = piece.kind != Piece::Kind::testcase;
  const std::string_view body = piece.telling ? text(piece.body_begin, piece.body_end) : std::string_view{};
  const auto [whole, told] = m_case_reader.read(piece.attributes, body, suite(), m_case);
  if (cut || !whole) {
    const std::string name = shorten(m_case.id(), 200);
    if (!told || m_case.name.empty()) {
      lose(piece.begin, fmt::format("the case '{}' is left out: it {}", name, cut ? "has no end" : "is malformed"));
      return;
    }
    lose(piece.begin, fmt::format("the case '{}' is damaged: its text is not whole", name));
  }
  emit(m_case);
}

void Reader::read_problem(const Piece& piece) {
  if (m_suites.empty()) return;
  if (!m_case_reader.read_problem(text(piece.begin, piece.end), suite(), m_case).whole) {
    lose(piece.begin, "the text of a suite's error is damaged");
  }
  emit(m_case);
}

void Reader::emit(const Case& result) {
  if (const Case* failed = m_pending.get(); failed != nullptr && is_teardown_of(result, *failed)) {
    m_pending.add_details(result.details);
    return;
  }
  emit_pending();
  ++m_cases;
  if (result.outcome == results::Outcome::failed) {
    m_pending.hold(result);
  } else {
    m_sink(result);
  }
}

void Reader::emit_pending() {
  if (const Case* failed = m_pending.get()) m_sink(*failed);
  m_pending.drop();
}

void Reader::lose(std::size_t at, std::string_view what) {
  if (++m_lost <= most_losses) m_losses.push_back(fmt::format("{}: byte {}: {}", m_origin, m_base + at, what));
}

Result<std::vector<std::string>> Reader::finish() {
  if (!m_decoder) {
    m_decoder.emplace(detect_encoding(m_begin));
    m_decoder->decode(m_begin, m_buffer);
  }
  process(true);
  emit_pending();
  if (m_blank) return fail(ErrorKind::invalid, fmt::format("{} is empty", m_origin));
  if (!m_is_junit) {
    return fail(ErrorKind::invalid, fmt::format("{} is not JUnit XML: it has no <testsuite>", m_origin));
  }
  if (m_lost == 0 && !m_suites.empty()) lose(m_buffer.size(), "the text is cut off here");
  if (m_cases == 0 && m_lost > 0) return fail(ErrorKind::invalid, m_losses.front());
  if (m_lost > most_losses) m_losses.push_back(fmt::format("{}: and {} more losses", m_origin, m_lost - most_losses));
  return std::move(m_losses);
}

}  // namespace spyre::junit
