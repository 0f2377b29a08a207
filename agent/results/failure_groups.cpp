// SPDX-License-Identifier: Apache-2.0
#include "agent/results/failure_groups.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/text.hpp"

namespace spyre::results {
namespace {

struct Sign {
  std::string_view text;  // in lower case
  FailureKind kind;
};
// The first match decides: a faulty card often causes memory errors later.
constexpr std::array signs{
    Sign{"ras::", FailureKind::card},
    Sign{"/dev/vfio", FailureKind::card},
    Sign{"device lost", FailureKind::card},
    Sign{"device is lost", FailureKind::card},
    Sign{"card is lost", FailureKind::card},
    Sign{"no such device", FailureKind::card},
    Sign{"device or resource busy", FailureKind::card},
    Sign{"out of memory", FailureKind::memory},
    Sign{"outofmemoryerror", FailureKind::memory},
    Sign{"cannot allocate memory", FailureKind::memory},
    Sign{"can't allocate memory", FailureKind::memory},
    Sign{"std::bad_alloc", FailureKind::memory},
    Sign{"memoryerror", FailureKind::memory},
    Sign{"no module named 'torch'", FailureKind::import},
    Sign{"no module named 'torch.", FailureKind::import},
    Sign{"from 'torch'", FailureKind::import},
    Sign{"libtorch.so", FailureKind::import},
    Sign{"libtorch_cpu", FailureKind::import},
    Sign{"libtorch_python", FailureKind::import},
    Sign{"torch cannot be imported", FailureKind::import},
    Sign{"connection refused", FailureKind::network},
    Sign{"connection reset", FailureKind::network},
    Sign{"connection timed out", FailureKind::network},
    Sign{"name resolution", FailureKind::network},
    Sign{"name or service not known", FailureKind::network},
    Sign{"network is unreachable", FailureKind::network},
    Sign{"urlopen error", FailureKind::network},
    Sign{"max retries exceeded", FailureKind::network},
    Sign{"no route to host", FailureKind::network},
    Sign{"no space left on device", FailureKind::disk},
    Sign{"disk quota exceeded", FailureKind::disk},
    Sign{"read-only file system", FailureKind::disk},
    Sign{"too many open files", FailureKind::disk},
};

std::optional<FailureKind> kind_told_by(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Sign& sign : signs) {
    if (lower.find(sign.text) != std::string::npos) return sign.kind;
  }
  return std::nullopt;
}

// The lines that pytest marks as the exception itself ("E   RuntimeError: …"). The source lines around it are not
// evidence.
std::string exception_lines(std::string_view details) {
  std::string out;
  for (const std::string_view line : split(details, '\n')) {
    if (line.starts_with("E ")) out += fmt::format("{}\n", line);
  }
  return out;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Return the length of the number at the front: 12, 0.5, 1e-05, 0x7f3a; 0 without a number.
std::size_t number_length(std::string_view text) {
  if (text.empty() || !is_digit(text[0])) return 0;
  std::size_t i = 0;
  if (text.starts_with("0x")) {
    i = 2;
    while (i < text.size() && is_hex(text[i])) ++i;
    return i;
  }
  while (i < text.size() && (is_digit(text[i]) || (text[i] == '.' && i + 1 < text.size() && is_digit(text[i + 1]))))
    ++i;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    std::size_t digits = i + 1;
    if (digits < text.size() && (text[digits] == '-' || text[digits] == '+')) ++digits;
    std::size_t end = digits;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end > digits) i = end;
  }
  return i;
}

std::size_t temporary_path_length(std::string_view text) {
  for (const std::string_view root : {"/tmp/", "/var/tmp/", "/dev/shm/"}) {
    if (!text.starts_with(root)) continue;
    const std::size_t end = text.find_first_of(" \t\n'\",;:)]", root.size());
    return end == std::string_view::npos ? text.size() : end;
  }
  return 0;
}

bool is_library(std::string_view file) {
  constexpr std::array marks{"/site-packages/", "/dist-packages/", "/usr/lib/python",
                             "/lib/python3",    "<frozen ",        "<string>"};
  return std::any_of(marks.begin(), marks.end(),
                     [&](const char* mark) { return file.find(mark) != std::string_view::npos; });
}

bool is_test_file(std::string_view frame) {
  const std::string_view file = frame.substr(0, frame.rfind(':'));
  const std::size_t slash = file.rfind('/');
  return file.substr(slash == std::string_view::npos ? 0 : slash + 1).starts_with("test_");
}

// `  File "/x/test_a.py", line 12, in test_b` (traceback) or `… line 12 in test_b` (faulthandler).
std::string python_frame(std::string_view line) {
  constexpr std::string_view start = "File \"", middle = "\", line ";
  line = trim(line);
  if (!line.starts_with(start)) return {};
  line.remove_prefix(start.size());
  const std::size_t end = line.find(middle);
  if (end == std::string_view::npos) return {};
  const std::string_view rest = line.substr(end + middle.size());
  return fmt::format("{}:{}", line.substr(0, end), rest.substr(0, number_length(rest)));
}

// `test/test_a.py:12: AssertionError` or `torch_spyre/ops.py:7: in add` (pytest).
std::string pytest_frame(std::string_view line) {
  const std::size_t colon = line.find(".py:");
  if (colon == std::string_view::npos || line.find_first_of(" \t\"'(<>") < colon) return {};
  const std::string_view rest = line.substr(colon + 4);
  const std::size_t digits = number_length(rest);
  if (digits == 0 || digits >= rest.size() || rest[digits] != ':') return {};
  return std::string(line.substr(0, colon + 4 + digits));
}

// The bare name of an exception is too unspecific: then the place decides.
bool says_little(std::string_view message) {
  const std::size_t colon = message.find(':');
  return trim(colon == std::string_view::npos ? std::string_view{} : message.substr(colon + 1)).empty();
}

}  // namespace

std::string_view name(FailureKind kind) {
  static constexpr std::array<std::string_view, 6> names{"test", "card", "memory", "import", "network", "disk"};
  return names[static_cast<std::size_t>(kind)];
}

FailureKind failure_kind(std::string_view message, std::string_view details) {
  if (const auto kind = kind_told_by(message)) return *kind;
  return kind_told_by(exception_lines(details)).value_or(FailureKind::test);
}

std::string normalised_message(std::string_view message) {
  std::string out;
  while (!message.empty()) {
    if (const std::size_t path = temporary_path_length(message); path > 0) {
      out += "<path>";
      message.remove_prefix(path);
    } else if (const std::size_t number = number_length(message); number > 0 && (out.empty() || !is_word(out.back()))) {
      out += 'N';
      message.remove_prefix(number);
    } else {
      out += message[0];
      message.remove_prefix(1);
    }
  }
  return out;
}

std::string innermost_frame(std::string_view details) {
  std::string innermost;
  bool first_wins = false;
  for (const std::string_view line : split(details, '\n')) {
    if (line.find("most recent call first") != std::string_view::npos) {
      first_wins = true;
      innermost.clear();
    }
    std::string frame = python_frame(line);
    if (frame.empty()) frame = pytest_frame(line);
    if (frame.empty() || is_library(frame) || (first_wins && !innermost.empty())) continue;
    innermost = std::move(frame);
  }
  return innermost;
}

void FailureGrouper::add(const std::string& id, Outcome outcome, std::string_view message, std::string_view details) {
  add(id, outcome, message, details, failure_kind(message, details));
}

void FailureGrouper::add(const std::string& id, const Attempt& attempt) {
  add(id, attempt.outcome, reason(attempt), attempt.details, failure_kind(attempt.message, attempt.details));
}

void FailureGrouper::add(const std::string& id, Outcome outcome, std::string_view message, std::string_view details,
                         FailureKind kind) {
  const std::string_view said = message.empty() ? name(outcome) : message;
  std::string where = innermost_frame(details);
  const bool by_place = says_little(message) || !is_test_file(where);
  const auto [group, is_new] = m_known.try_emplace({normalised_message(said), by_place ? where : ""}, m_groups.size());
  if (is_new) m_groups.push_back({std::string(said), std::move(where), outcome, kind, {}});
  m_groups[group->second].cases.push_back(id);
}

std::vector<FailureGroup> FailureGrouper::groups() const {
  std::vector<FailureGroup> groups = m_groups;
  for (FailureGroup& group : groups) std::sort(group.cases.begin(), group.cases.end());
  std::stable_sort(groups.begin(), groups.end(), [](const FailureGroup& a, const FailureGroup& b) {
    return a.cases.size() != b.cases.size() ? a.cases.size() > b.cases.size() : a.message < b.message;
  });
  return groups;
}

nlohmann::json to_json(const std::vector<FailureGroup>& groups) {
  constexpr std::size_t most_cases = 10;
  nlohmann::json out = nlohmann::json::array();
  for (const FailureGroup& group : groups) {
    const auto end = group.cases.begin() + static_cast<std::ptrdiff_t>(std::min(most_cases, group.cases.size()));
    out.push_back({{"message", group.message},
                   {"where", group.where},
                   {"outcome", name(group.outcome)},
                   {"kind", name(group.kind)},
                   {"count", group.cases.size()},
                   {"cases", std::vector<std::string>(group.cases.begin(), end)}});
  }
  return out;
}

}  // namespace spyre::results
