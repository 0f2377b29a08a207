// SPDX-License-Identifier: Apache-2.0
// What happened in earlier runs: runs, cases, attempts, durations, in one SQLite file (WAL).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "agent/core/result.hpp"
#include "agent/results/record.hpp"

namespace spyre::history {

struct KnownDurations {
  std::unordered_map<std::string, double> tests;    // unit id → seconds of all its cases
  std::unordered_map<std::string, double> imports;  // file → seconds
  std::unordered_map<std::string, double> cases;    // case id → seconds
};

class Store {
 public:
  // `url`: "sqlite:///path/to/file". Makes the file and its folder, or brings an older schema up to date.
  // Error: usage (not such a URL), io, invalid (a newer schema, or not a history).
  static Result<Store> open(const std::string& url);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Adds a run in one transaction; a run that is there already is left as it is (returns false). Error: io.
  Result<bool> import(const results::RunRecord& record);
  // The median over the latest runs that have each test, passing attempts only. Error: io.
  Result<KnownDurations> durations() const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace spyre::history
