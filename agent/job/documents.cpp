// SPDX-License-Identifier: Apache-2.0
#include "agent/job/documents.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/clock.hpp"
#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/job/earlier.hpp"
#include "agent/report/html.hpp"
#include "agent/report/summary.hpp"
#include "agent/results/request.hpp"

namespace spyre::job {
namespace {

Result<void> write_summary(const JobResult& result) {
  return write_file(result.run_dir / "summary.json", dump_json_pretty(results::summary(result.record)));
}

void set_rerun(JobResult& result) {
  const std::vector<std::string> failed = report::failed_units(result.record);
  if (failed.empty()) return;
  if (const auto request = results::read_request(result.run_dir)) {
    result.rerun = results::rerun_command(*request, failed);
  }
}

Result<void> write_page(const JobResult& result, Earlier earlier) {
  report::HtmlOptions html;
  html.rerun = result.rerun;
  if (const auto request = results::read_request(result.run_dir)) {
    html.build_url = results::build_url(request->build);
    html.stack = request->stack;
  }
  html.comparison = std::move(earlier.comparison);
  html.histories = std::move(earlier.histories);
  CHECK_OK(report::write_html(result.record, result.run_dir, html));
  return {};
}

// Jenkins sends SIGKILL 5 s after SIGTERM: the summary is written first, the page only while there is time. The
// history, which another process may have locked, gets the run when it is resumed.
Result<void> write_interrupted_summary(JobResult& result, Watcher& watcher) {
  constexpr Seconds time{1};
  const SystemClock clock;
  const SteadyTime began = clock.steady();
  CHECK_OK(write_summary(result));
  set_rerun(result);
  result.documents = {"summary.json"};
  watcher.finished(result);
  if (clock.steady() - began < time) {
    CHECK_OK(write_page(result, {}));
  } else {
    log::info(fmt::format("no time for report.html: `spyre-ci report {}` creates it", result.run_dir.string()));
  }
  log::info(fmt::format("interrupted: `spyre-ci resume {}` runs the rest", result.run_dir.string()));
  return {};
}

Result<void> add_to_history(const results::RunRecord& record, RunHistory& earlier) {
  TRY(history::Store * store, earlier.store());
  CHECK_OK(store->import(record));
  return {};
}

}  // namespace

Error as_infra_error(Error error) {
  if (error.kind != ErrorKind::io) return error;
  error.kind = ErrorKind::infra;
  if (error.hint.empty()) error.hint = "free disk space, then finish the run with `spyre-ci resume`";
  return error;
}

Result<void> write_documents(JobResult& result, RunHistory& earlier, Watcher& watcher) {
  CHECK_OK(write_summary(result));
  set_rerun(result);
  Earlier found = look_back(result.record, earlier);
  result.comparison = found.comparison;
  CHECK_OK(write_page(result, std::move(found)));
  result.documents = {"report.html", "summary.json"};
  watcher.finished(result);
  return {};
}

Result<void> finish(JobResult& result, RunHistory& earlier, Watcher& watcher) {
  if (result.record.interrupted_by != 0) {
    return write_interrupted_summary(result, watcher).map_error(as_infra_error);
  }
  CHECK_OK(write_documents(result, earlier, watcher).map_error(as_infra_error));
  if (const auto added = add_to_history(result.record, earlier); !added) {
    earlier.warn_without(
        fmt::format("the run is not in the history; `spyre-ci history import {}` adds it", result.run_dir.string()),
        added.error());
  }
  return {};
}

}  // namespace spyre::job
