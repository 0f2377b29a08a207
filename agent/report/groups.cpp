// SPDX-License-Identifier: Apache-2.0
#include "agent/report/groups.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/report/causes.hpp"

namespace spyre::report {
namespace {

using results::CaseResult;
using results::RunRecord;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Length of the number at the front: 12, 0.5, 1e-05, 0x7f3a; 0 when there is none.
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

// A message that is nothing but the name of an exception says little: then the place decides.
bool says_little(std::string_view message) {
  const std::size_t colon = message.find(':');
  return trim(colon == std::string_view::npos ? std::string_view{} : message.substr(colon + 1)).empty();
}

const results::Attempt& last(const CaseResult& result) {
  return result.attempts.back();
}

template <typename Group>
void sort_groups(std::vector<Group>& groups) {
  for (Group& group : groups) {
    std::sort(group.cases.begin(), group.cases.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.cases.size() != b.cases.size() ? a.cases.size() > b.cases.size() : a.message < b.message;
  });
}

}  // namespace

std::string normalised(std::string_view message) {
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

std::vector<FailureGroup> group_failures(const RunRecord& record) {
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  std::vector<FailureGroup> groups;
  for (const CaseResult& each : record.cases) {
    if (each.attempts.empty() || !results::is_failure(each.outcome())) continue;
    const std::string& said = last(each).message;
    std::string where = innermost_frame(last(each).details);
    const bool by_place = says_little(said) || !is_test_file(where);
    const std::string message = said.empty() ? std::string(results::name(each.outcome())) : said;
    const auto [group, is_new] = known.try_emplace({normalised(message), by_place ? where : ""}, groups.size());
    if (is_new) groups.push_back({message, std::move(where), std::string(infrastructure_cause(last(each))), {}});
    groups[group->second].cases.push_back(&each);
  }
  sort_groups(groups);
  return groups;
}

std::vector<MessageGroup> group_by_message(const RunRecord& record, results::Outcome outcome) {
  std::map<std::string, std::size_t> known;
  std::vector<MessageGroup> groups;
  for (const CaseResult& each : record.cases) {
    if (each.attempts.empty() || each.outcome() != outcome) continue;
    const auto [group, is_new] = known.try_emplace(normalised(last(each).message), groups.size());
    if (is_new) groups.push_back({last(each).message.empty() ? "no reason given" : last(each).message, {}});
    groups[group->second].cases.push_back(&each);
  }
  sort_groups(groups);
  return groups;
}

std::vector<const CaseResult*> flaky_cases(const RunRecord& record) {
  std::vector<const CaseResult*> cases;
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty() && each.flaky()) cases.push_back(&each);
  }
  std::sort(cases.begin(), cases.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  return cases;
}

std::vector<const CaseResult*> slowest_cases(const RunRecord& record, std::size_t count, double least_s) {
  std::vector<const CaseResult*> cases;
  for (const CaseResult& each : record.cases) {
    if (!each.attempts.empty() && each.duration_s() >= least_s) cases.push_back(&each);
  }
  const auto slower = [](const CaseResult* a, const CaseResult* b) {
    return a->duration_s() != b->duration_s() ? a->duration_s() > b->duration_s() : a->id < b->id;
  };
  count = std::min(count, cases.size());
  std::partial_sort(cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(count), cases.end(), slower);
  cases.resize(count);
  return cases;
}

}  // namespace spyre::report
