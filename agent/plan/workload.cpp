// SPDX-License-Identifier: Apache-2.0
#include "agent/plan/workload.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "agent/plan/chance.hpp"

namespace spyre::plan {
namespace {

constexpr double spread_of_tests = 1.5;  // standard deviation of the logarithm
constexpr double spread_of_cases = 1.0;
constexpr double seconds_a_case = 0.2;  // 31 hours in 615,000 cases
constexpr double longest_case_s = 60;
constexpr double shortest_known_s = 1;  // cases of shorter tests do not matter: such tests are never cut

class Maker {
 public:
  Maker(const WorkloadOptions& options, double total_s)
      : m_options(options), m_total_s(total_s), m_chance(options.seed) {}

  void add_file(const std::string& path, double seconds, Workload& out) const {
    const double share = static_cast<double>(m_options.tests) * seconds / m_total_s;
    const auto count = static_cast<std::size_t>(std::max(1.0, std::round(share)));
    std::vector<std::string> ids;
    std::vector<double> weights;
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(fmt::format("{}::Test::test_{}", path, i));
      weights.push_back(m_chance.factor(ids.back(), spread_of_tests, 2));
    }
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i < count; ++i) {
      const double unit_s = seconds * weights[i] / sum;
      out.durations.tests[ids[i]] = unit_s;
      if (unit_s > shortest_known_s) out.durations.cases[ids[i]] = cases_of(ids[i], unit_s);
      out.selection.tests.push_back({ids[i]});
    }
  }

  // Two to eight cards.
  int gang(const std::string& path) const { return 2 + static_cast<int>(m_chance.uniform(path, 12) * 7); }
  double turn(const std::string& path) const { return m_chance.uniform(path, 13); }

 private:
  CaseTimes cases_of(const std::string& unit, double seconds) const {
    std::vector<CaseTime> cases;
    double sum = 0;
    const auto count = static_cast<std::size_t>(std::ceil(seconds / seconds_a_case));
    for (std::size_t i = 0; i < count; ++i) {
      const std::string id = fmt::format("{}_case_{}", unit, i);
      const double weight = m_chance.factor(id, spread_of_cases, 3);
      cases.push_back(case_time(id, weight));
      sum += weight;
    }
    CaseTimes times;
    times.reserve(count);
    for (const CaseTime& time : cases) {
      times.add({time.id_hash, std::min(time.seconds * seconds / sum, longest_case_s)});
    }
    return times;
  }

  const WorkloadOptions& m_options;
  double m_total_s;
  Chance m_chance;
};

// Choose whole files, in a random order but distributed ones first, until their share of the time is reached.
void choose_gangs(const std::map<std::string, double>& files, double wanted_s, const Maker& maker, Workload& out) {
  std::vector<std::string> order;
  for (const auto& [path, seconds] : files) {
    if (seconds <= wanted_s) order.push_back(path);
  }
  std::ranges::sort(order, {}, [&](const std::string& path) {
    return std::pair(!path.starts_with("test/distributed/"), maker.turn(path));
  });
  std::map<std::string_view, int> chosen;
  for (const std::string& path : order) {
    if (files.at(path) > wanted_s) continue;
    chosen[path] = maker.gang(path);
    wanted_s -= files.at(path);
  }
  for (const testsel::SelectedTest& test : out.selection.tests) {
    const auto gang = chosen.find(file_of(test.id));
    if (gang != chosen.end()) out.gangs[test.id] = gang->second;
  }
}

}  // namespace

Result<Workload> make_workload(const Durations& durations, const WorkloadOptions& options) {
  const std::map<std::string, double> files(durations.files.begin(), durations.files.end());
  double total = 0;
  for (const auto& [path, seconds] : files) total += seconds;
  if (total <= 0) {
    return fail(ErrorKind::usage, "there are no durations of files to simulate with",
                "give PyTorch's test-times.json, or simulate a plan (--plan)");
  }
  Workload out;
  out.durations.imports = durations.imports;
  out.durations.cold = durations.cold;
  const Maker maker(options, total);
  for (const auto& [path, seconds] : files) maker.add_file(path, seconds, out);
  out.selection.totals.tests = out.selection.totals.in_scope = out.selection.totals.selected =
      out.selection.tests.size();
  if (options.gang_share > 0) choose_gangs(files, total * options.gang_share, maker, out);
  return out;
}

}  // namespace spyre::plan
