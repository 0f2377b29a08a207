// SPDX-License-Identifier: Apache-2.0
#include "agent/history/recent.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace spyre::history {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

Recent::Recent(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end && m_entries.size() < limit) {
    Entry entry{};
    const auto run = std::from_chars(at, end, entry.run);
    if (run.ec != std::errc{} || run.ptr == end || *run.ptr != ':') return;
    const auto seconds = std::from_chars(run.ptr + 1, end, entry.seconds);
    if (seconds.ec != std::errc{}) return;
    m_entries.push_back(entry);
    at = seconds.ptr == end ? end : seconds.ptr + 1;
  }
}

void Recent::add(std::int64_t run, double seconds, const StartOf& start_of) {
  const std::int64_t start = start_of(run);
  const auto place = std::find_if(m_entries.begin(), m_entries.end(),
                                  [&](const Entry& entry) { return start_of(entry.run) <= start; });
  m_entries.insert(place, {run, seconds});
  if (m_entries.size() > limit) m_entries.pop_back();
}

double Recent::estimate() const {
  std::vector<double> seconds;
  seconds.reserve(m_entries.size());
  for (const Entry& entry : m_entries) seconds.push_back(entry.seconds);
  return median(std::move(seconds));
}

std::string Recent::text() const {
  std::string out;
  for (const Entry& entry : m_entries) {
    // Four digits are more than a duration repeats.
    fmt::format_to(std::back_inserter(out), "{}{}:{:.4g}", out.empty() ? "" : " ", entry.run, entry.seconds);
  }
  return out;
}

}  // namespace spyre::history
