// SPDX-License-Identifier: Apache-2.0
// Durations from all sources: history of tests and files, PyTorch's test-times.json, guesses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/plan/cold_times.hpp"

namespace spyre::plan {

struct CaseTime {
  std::uint64_t id_hash = 0;  // stable_hash() of its id, which alone decides the piece of its unit
  double seconds = 0;
};
// Return the time of a case. `id`: "test/test_torch.py::TestTorchDeviceTypeCPU::test_sum_cpu_float32".
CaseTime case_time(std::string_view id, double seconds);

// Times of the known cases of one unit.
class CaseTimes {
 public:
  CaseTimes() = default;
  CaseTimes(std::initializer_list<CaseTime> times);
  void reserve(std::size_t count) { m_times.reserve(count); }
  void add(CaseTime time);

  const std::vector<CaseTime>& all() const { return m_times; }
  double seconds() const { return m_seconds; }  // of all together
  double longest_s() const { return m_longest_s; }

 private:
  std::vector<CaseTime> m_times;
  double m_seconds = 0, m_longest_s = 0;
};

// Values of units in the order of their ids, so that those of a file stand together.
template <typename Value>
using ByUnit = std::map<std::string, Value, std::less<>>;

struct Durations {
  ByUnit<double> tests;                             // unit id → seconds of all its cases
  std::unordered_map<std::string, double> imports;  // file → seconds of import and collection
  std::unordered_map<std::string, double> files;    // file → seconds in all (test-times.json): shared by its tests
  ByUnit<CaseTimes> cases;                          // unit id → its cases
  ColdTimes cold;                                   // for work without a known duration

  std::optional<double> import_of(const std::string& file) const;
  // Add entries of `other` that are missing here. The guesses stay.
  void fill_from(const Durations& other);
};

// A cursor over values of units, for lookups in the order of their ids.
template <typename Value>
class InOrder {
 public:
  // `first`: lower bound of all lookups. `known` outlives this.
  InOrder(const ByUnit<Value>& known, std::string_view first) : m_next(known.lower_bound(first)), m_end(known.end()) {}
  // Return the value of a unit, or nullptr. Later lookups must not go back before this unit.
  const Value* find(std::string_view unit) {
    for (; m_next != m_end; ++m_next) {
      const int order = std::string_view(m_next->first).compare(unit);
      if (order >= 0) return order == 0 ? &m_next->second : nullptr;
    }
    return nullptr;
  }

 private:
  typename ByUnit<Value>::const_iterator m_next, m_end;
};

// The times of a file's units, looked up in the order of their ids.
class FileTimes {
 public:
  // `durations` outlives this.
  FileTimes(const Durations& durations, const std::string& file)
      : m_tests(durations.tests, file), m_cases(durations.cases, file) {}

  struct Known {
    std::optional<double> seconds;     // of all cases: the unit's own time, else the sum of its cases
    const CaseTimes* cases = nullptr;  // not null if some are known
  };
  Known of(std::string_view unit);

 private:
  InOrder<double> m_tests;
  InOrder<CaseTimes> m_cases;
};

// Return the file of a unit or case: "test/test_torch.py" of "test/test_torch.py::TestTorch::test_sum", or the id
// itself if it names a whole file.
std::string_view file_of(std::string_view unit);

// Read durations from a file: PyTorch's test-times.json ({job: {config: {"test_ops": seconds}}}; the entry job/config,
// else default/config, else default/default), or a history document, "spyre-ci/history@1" ({tests: {unit: s}, imports:
// {file: s}, cases: {unit: {case: s}}}, the last optional).
// Error: not_found, io, invalid with the place in the document.
Result<Durations> read_durations(const std::filesystem::path& path, std::string_view job = "default",
                                 std::string_view config = "default");
}  // namespace spyre::plan
