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
  while (at < end) {
    Entry entry{};
    const auto run = std::from_chars(at, end, entry.run);
    if (run.ec != std::errc{} || run.ptr == end || *run.ptr != ':') return;
    const auto seconds = std::from_chars(run.ptr + 1, end, entry.seconds);
    if (seconds.ec != std::errc{}) return;
    m_entries.push_back(entry);
    at = seconds.ptr == end ? end : seconds.ptr + 1;
  }
}

void Recent::add(std::int64_t run, double seconds, const OriginOf& origin_of) {
  const Origin origin = origin_of(run);
  const auto place = std::find_if(m_entries.begin(), m_entries.end(),
                                  [&](const Entry& entry) { return origin_of(entry.run).started <= origin.started; });
  m_entries.insert(place, {run, seconds});
  const auto is_like = [&](const Entry& entry) { return origin_of(entry.run).card_kind == origin.card_kind; };
  if (static_cast<std::size_t>(std::ranges::count_if(m_entries, is_like)) <= limit) return;
  m_entries.erase(std::find_if(m_entries.rbegin(), m_entries.rend(), is_like).base() - 1);
}

double Recent::estimate() const {
  std::vector<double> seconds;
  for (const Entry& entry : m_entries) {
    if (seconds.size() < limit) seconds.push_back(entry.seconds);
  }
  return median(std::move(seconds));
}

std::optional<double> Recent::estimate(const std::unordered_set<std::int64_t>& runs) const {
  std::vector<double> seconds;
  for (const Entry& entry : m_entries) {
    if (seconds.size() < limit && runs.contains(entry.run)) seconds.push_back(entry.seconds);
  }
  if (seconds.empty()) return std::nullopt;
  return median(std::move(seconds));
}

std::string Recent::text() const {
  std::string out;
  for (const Entry& entry : m_entries) {
    // Four digits exceed the reproducibility of a duration.
    fmt::format_to(std::back_inserter(out), "{}{}:{:.4g}", out.empty() ? "" : " ", entry.run, entry.seconds);
  }
  return out;
}

}  // namespace spyre::history
