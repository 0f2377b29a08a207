// SPDX-License-Identifier: Apache-2.0
#include "agent/results/junit_reader.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <pugixml.hpp>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/results/junit_pieces.hpp"

namespace spyre::results {
namespace {

constexpr std::size_t block_size = 1 << 20;
constexpr std::size_t chunk_size = 64 << 10;  // of cases parsed in one go: small enough for the processor's cache
constexpr std::size_t prolog_size = 256;      // the encoding is known from so much
constexpr std::size_t most_losses = 20;       // told one by one

pugi::xml_parse_result parse(pugi::xml_document& document, std::string_view text) {
  return document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_fragment,
                              pugi::encoding_utf8);
}

// pytest writes a failed case a second time when its tear-down fails as well.
bool is_teardown_of(const JunitCase& error, const JunitCase& failed) {
  return error.outcome == Outcome::error && failed.outcome == Outcome::failed &&
         error.message.starts_with("failed on teardown") && error.name == failed.name &&
         error.classname == failed.classname && error.file == failed.file;
}

}  // namespace

void JunitReader::feed(std::string_view block) {
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

void JunitReader::process(bool at_end) {
  m_blank = m_blank && trim(m_buffer).empty();
  // A piece larger than the buffer is looked for again when there is twice as much: the work stays linear.
  if (!at_end && m_buffer.size() < m_enough) return;
  m_enough = 0;
  std::size_t done = 0;         // read, or waiting in the run of cases
  std::size_t cases_begin = 0;  // the run of cases that are parsed in one go: [cases_begin, done)
  bool in_cases = false;
  const auto flush = [&] {
    if (in_cases) read_cases(cases_begin, done);
    in_cases = false;
  };

  for (bool more = true; more;) {
    JunitPiece piece = next_junit_piece(std::string_view(m_buffer).substr(done));
    piece.begin += done;
    piece.end += done;
    if (piece.kind == JunitPiece::Kind::testcase) {
      if (!in_cases) cases_begin = piece.begin;
      in_cases = true;
      done = piece.end;
      if (done - cases_begin >= chunk_size) flush();
      continue;
    }
    flush();
    done = piece.end;
    switch (piece.kind) {
      case JunitPiece::Kind::suite_open:
        read_suite(piece.begin, piece.end);
        break;
      case JunitPiece::Kind::suite_close:
        if (!m_suites.empty()) m_suites.pop_back();
        break;
      case JunitPiece::Kind::problem:
        read_problem(piece.begin, piece.end);
        break;
      case JunitPiece::Kind::cut_case:
        read_case(piece.begin, piece.end, true);
        break;
      case JunitPiece::Kind::incomplete:
        more = false;
        if (at_end) {
          lose(piece.end, "the text is cut off here");
          if (std::string_view(m_buffer).substr(piece.begin).starts_with("<testcase")) {
            read_case(piece.begin, piece.end, true);
          }
        } else {
          done = piece.begin;
          m_enough = 2 * (m_buffer.size() - done);
        }
        break;
      case JunitPiece::Kind::nothing:
      case JunitPiece::Kind::testcase:
        more = false;
        break;
    }
  }
  m_buffer.erase(0, done);
  m_base += done;
}

void JunitReader::read_cases(std::size_t begin, std::size_t end) {
  m_is_junit = true;
  const std::string_view text = std::string_view(m_buffer).substr(begin, end - begin);
  pugi::xml_document document;
  if (parse(document, text)) {
    const JunitSuite none;
    for (const pugi::xml_node& element : document.children("testcase")) {
      read_junit_case(element, m_suites.empty() ? none : m_suites.back(), m_case);
      emit(m_case);
    }
    return;
  }
  // One of them is damaged: each on its own, so that the others are saved.
  for (std::size_t done = 0; done < text.size();) {
    const JunitPiece piece = next_junit_piece(text.substr(done));
    if (piece.kind == JunitPiece::Kind::testcase)
      read_case(begin + done + piece.begin, begin + done + piece.end, false);
    done += std::max<std::size_t>(piece.end, 1);
  }
}

void JunitReader::read_case(std::size_t begin, std::size_t end, bool cut) {
  m_is_junit = true;
  pugi::xml_document document;
  const auto parsed = parse(document, std::string_view(m_buffer).substr(begin, end - begin));
  const bool told =
      read_junit_case(document.child("testcase"), m_suites.empty() ? JunitSuite{} : m_suites.back(), m_case);
  const std::string name = shorten(m_case.id(), 200);
  if (parsed && !cut) {
    emit(m_case);
  } else if (told && !m_case.name.empty()) {
    lose(begin, fmt::format("the case '{}' is damaged: its text is not whole", name));
    emit(m_case);
  } else {
    lose(begin, fmt::format("the case '{}' is left out: {}", name, cut ? "it has no end" : parsed.description()));
  }
}

void JunitReader::read_suite(std::size_t begin, std::size_t end) {
  m_is_junit = true;
  const std::string_view tag = std::string_view(m_buffer).substr(begin, end - begin);
  if (tag.ends_with("/>")) return;
  pugi::xml_document document;
  parse(document, tag);  // without its end tag it is no document, but all that matters is there
  m_suites.push_back(read_junit_suite(document.first_child(), m_suites.empty() ? JunitSuite{} : m_suites.back()));
}

void JunitReader::read_problem(std::size_t begin, std::size_t end) {
  if (m_suites.empty()) return;
  pugi::xml_document document;
  if (!parse(document, std::string_view(m_buffer).substr(begin, end - begin))) {
    lose(begin, "the text of a suite's error is damaged");
  }
  read_suite_problem(document.first_child(), m_suites.back(), m_case);
  emit(m_case);
}

void JunitReader::emit(JunitCase& result) {
  if (m_has_pending && is_teardown_of(result, m_pending)) {
    m_pending.details += "\n" + result.details;
    return;
  }
  emit_pending();
  ++m_cases;
  if (result.outcome != Outcome::failed) {
    m_sink(result);
    return;
  }
  std::swap(m_pending, result);
  m_has_pending = true;
}

void JunitReader::emit_pending() {
  if (m_has_pending) m_sink(m_pending);
  m_has_pending = false;
}

void JunitReader::lose(std::size_t at, std::string_view what) {
  if (++m_lost <= most_losses) m_losses.push_back(fmt::format("{}: byte {}: {}", m_origin, m_base + at, what));
}

Result<std::vector<std::string>> JunitReader::finish() {
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
  if (m_lost > most_losses) m_losses.push_back(fmt::format("{}: and {} losses more", m_origin, m_lost - most_losses));
  return std::move(m_losses);
}

Result<std::vector<std::string>> for_each_junit_case(const std::filesystem::path& path, const JunitSink& sink) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return tl::make_unexpected(errno_error("read", path));
  JunitReader reader(path.string(), sink);
  std::string block(block_size, '\0');
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::make_unexpected(errno_error("read", path));
    if (got == 0) return reader.finish();
    reader.feed(std::string_view(block).substr(0, static_cast<std::size_t>(got)));
  }
}

Result<JunitReport> read_junit(const std::filesystem::path& path) {
  JunitReport report;
  const JunitSink keep = [&](const JunitCase& each) { report.cases.push_back(each); };
  TRY(report.losses, for_each_junit_case(path, keep));
  return report;
}

Result<JunitReport> parse_junit(std::string_view text, std::string_view origin) {
  JunitReport report;
  const JunitSink keep = [&](const JunitCase& each) { report.cases.push_back(each); };
  JunitReader reader(origin, keep);
  for (; !text.empty(); text.remove_prefix(std::min(block_size, text.size()))) reader.feed(text.substr(0, block_size));
  TRY(report.losses, reader.finish());
  return report;
}

}  // namespace spyre::results
