// SPDX-License-Identifier: Apache-2.0
// How long things take, from whatever is known: history of tests and files, PyTorch's test-times.json, guesses.
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
  std::uint64_t id_hash = 0;  // stable_hash() of its id: all that decides which piece of its unit takes it
  double seconds = 0;
};
// `id`: "test/test_torch.py::TestTorchDeviceTypeCPU::test_sum_cpu_float32".
CaseTime case_time(std::string_view id, double seconds);

// Of the cases of one unit, as far as they are known.
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

// Of units in the order of their ids, so that those of a file stand together.
template <typename Value>
using ByUnit = std::map<std::string, Value, std::less<>>;

struct Durations {
  ByUnit<double> tests;                             // unit id → seconds of all its cases
  std::unordered_map<std::string, double> imports;  // file → seconds of import and collection
  std::unordered_map<std::string, double> files;    // file → seconds in all (test-times.json): shared by its tests
  ByUnit<CaseTimes> cases;                          // unit id → its cases
  ColdTimes cold;                                   // of what has no known duration

  std::optional<double> import_of(const std::string& file) const;
  // Knowledge of `other` is taken where this has none. The guesses stay.
  void fill_from(const Durations& other);
};

// Goes through what is known of units, for whoever asks for them in the order of their ids.
template <typename Value>
class InOrder {
 public:
  // `first`: nothing before it will be asked for. `known` outlives this.
  InOrder(const ByUnit<Value>& known, std::string_view first) : m_next(known.lower_bound(first)), m_end(known.end()) {}
  // Nullptr when nothing is known of the unit. No unit before it may be asked for afterwards.
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

// The times of a file's units, asked for in the order of their ids.
class FileTimes {
 public:
  // `durations` outlives this.
  FileTimes(const Durations& durations, const std::string& file)
      : m_tests(durations.tests, file), m_cases(durations.cases, file) {}

  struct Known {
    std::optional<double> seconds;     // of all cases: the unit's own time, else the sum of its cases
    const CaseTimes* cases = nullptr;  // when some are known
  };
  Known of(std::string_view unit);

 private:
  InOrder<double> m_tests;
  InOrder<CaseTimes> m_cases;
};

// The file of a unit or case: "test/test_torch.py" of "test/test_torch.py::TestTorch::test_sum", or the id itself when
// it names a whole file.
std::string_view file_of(std::string_view unit);

// Durations from a file: PyTorch's test-times.json ({job: {config: {"test_ops": seconds}}}; the entry job/config, else
// default/config, else default/default), or a history document, "spyre-ci/history@1"
// ({tests: {unit: s}, imports: {file: s}, cases: {unit: {case: s}}}, the last optional).
// Error: not_found, io, invalid with the place in the document.
Result<Durations> read_durations(const std::filesystem::path& path, std::string_view job = "default",
                                 std::string_view config = "default");
}  // namespace spyre::plan
