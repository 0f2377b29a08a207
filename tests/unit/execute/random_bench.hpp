// SPDX-License-Identifier: Apache-2.0
// Random worlds for property tests, and the invariant that holds in all of them.
#pragma once

#include <rapidcheck.h>

#include "tests/unit/execute/run_bench.hpp"

namespace spyre::execute::fake {

// The outcome of a case without disturbance, with `retries` retries.
inline std::string expected(Does does) {
  switch (does) {
    case Does::pass:
    case Does::fail_once:
    case Does::crash_once:
    case Does::linger:
    case Does::slow:
    case Does::unforkable:
      return "passed";
    case Does::fail:
      return "failed";
    case Does::skip:
      return "skipped";
    case Does::hang:
    case Does::hang_hard:
    case Does::obey:
      return "timed_out";
    default:
      return "crashed";
  }
}

inline RunBench random_bench() {
  RunBench bench;
  bench.cards = *rc::gen::inRange(1, 5);
  bench.execute.retries = *rc::gen::inRange(1, 3);
  bench.execute.slice = *rc::gen::inRange(1, 8);
  bench.execute.memory_limit = 1 << 20;
  bench.execute.isolation =
      *rc::gen::element(Isolation::automatic, Isolation::slice, Isolation::test, Isolation::process);
  bench.knowledge.retry_share = 1;
  const int files = *rc::gen::inRange(1, 6);
  for (int f = 0; f < files; ++f) {
    const std::string path = "test_" + std::to_string(f) + ".py";
    File file;
    file.import = *rc::gen::weightedElement<Import>({{8, Import::fine},
                                                     {1, Import::error},
                                                     {1, Import::skip},
                                                     {1, Import::crash},
                                                     {1, Import::hang},
                                                     {1, Import::hang_hard},
                                                     {1, Import::kill_worker}});
    const int cases = *rc::gen::inRange(0, 12);
    for (int c = 0; c < cases; ++c) {
      file.cases.emplace_back(
          "t" + std::to_string(f) + "_" + std::to_string(c),
          *rc::gen::element(Does::pass, Does::fail, Does::skip, Does::crash, Does::exit_zero, Does::hang,
                            Does::hang_hard, Does::grow, Does::fail_once, Does::crash_once, Does::linger, Does::garble,
                            Does::kill_host, Does::kill_worker, Does::obey, Does::unforkable));
      if (*rc::gen::inRange(0, 4) == 0) file.serial.insert(c);
    }
    if (*rc::gen::inRange(0, 4) == 0) file.fork.threads = {"a thread"};
    if (*rc::gen::inRange(0, 8) == 0) file.fork.device.open = true;
    bench.files[path] = file;
    const int pieces = *rc::gen::inRange(1, 4);
    for (int piece = 0; piece < pieces; ++piece)
      bench.add_batch(path, piece, pieces, *rc::gen::inRange(1, bench.cards + 1));
  }
  return bench;
}

inline void check_accounting(const RunBench& bench, const results::RunRecord& record) {
  std::set<std::string> seen;
  for (const auto& each : record.cases) RC_ASSERT(seen.insert(each.id).second);
  std::size_t sum = 0;
  const auto totals = record.totals();
  for (const auto name : results::outcome_names) sum += totals.at(std::string(name));
  RC_ASSERT(sum == totals.at("collected"));
  // Every file is in the record: by its cases, as itself, or by its units.
  for (const auto& [path, file] : bench.files) {
    const bool all = std::all_of(file.cases.begin(), file.cases.end(),
                                 [&](const auto& each) { return seen.contains(id_of(path, each.first)); });
    RC_ASSERT(all || seen.contains(path) || seen.contains(path + "::unit"));
  }
}

}  // namespace spyre::execute::fake
