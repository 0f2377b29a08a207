// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/launcher.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sys/resource.h>

#include "agent/core/text.hpp"
#include "embedded/spyre_pytest.hpp"

namespace spyre::execute {

namespace fs = std::filesystem;

namespace {
constexpr std::uint64_t log_limit = std::uint64_t{4} << 20;
}

Result<Launcher> Launcher::create(const RunOptions& options, std::string python) {
  const fs::path program = fs::absolute(options.run_dir) / "worker" / "worker.zip";
  CHECK_OK(write_file(program, pytest_files::worker));
  TRY(TemporaryDirectory places, TemporaryDirectory::create("spyre-ci-"));
  TRY(std::unique_ptr<process::RunCgroup> cgroup,
      process::RunCgroup::create(options.execute.cgroup, cgroup_name(options.run_id)));
  return Launcher(options, std::move(python), program, std::move(places), std::move(cgroup));
}

Result<WorkerLaunch> Launcher::launch(WorkerId worker, const std::vector<int>& cards) const {
  const fs::path own = m_places.path() / fmt::format("w{}", worker);
  const WorkerPlaces places{own / "tmp", own / "home"};
  CHECK_OK(make_directories(places.tmp));
  CHECK_OK(make_directories(places.home));

  std::vector<cards::Card> gang;
  gang.reserve(cards.size());
  for (const int card : cards) gang.push_back(m_options->cards[static_cast<std::size_t>(card)]);
  const Environment of_cards = m_options->card_environment ? m_options->card_environment(gang) : Environment{};

  WorkerLaunch launch;
  launch.process.argv = {m_python, m_program.string(), "--scratch", places.tmp.string()};
  if (!m_options->python.preload.empty()) {
    launch.process.argv.insert(launch.process.argv.end(), {"--preload", join(m_options->python.preload, ",")});
  }
  launch.process.environment =
      worker_environment(m_options->execute, m_options->python, m_options->environment, of_cards, places).variables;
  launch.process.environment[std::string(worker_mark_name)] = worker_mark(m_options->run_id, worker);
  launch.process.cwd = own;
  launch.process.keep_capabilities = m_options->keep_capabilities;
  // One byte, not zero: for a limit of 1, a kernel that pipes core dumps into a program (core(5)) leaves them out; for
  // 0 it does not.
  launch.process.limits = {{RLIMIT_CORE, std::max<unsigned long long>(m_options->execute.core_limit, 1)}};
  if (m_options->execute.open_files > 0) {
    launch.process.limits.emplace_back(RLIMIT_NOFILE, m_options->execute.open_files);
  }
  if (m_cgroup) {
    TRY(launch.process.cgroup, m_cgroup->add(fmt::format("w{}", worker), m_options->execute.memory_limit));
  }
  launch.mark = worker_mark_entry(m_options->run_id, worker);
  launch.log = fs::absolute(m_options->run_dir) / "logs" / fmt::format("card-{}", cards.front());
  launch.log_limit = log_limit;
  return launch;
}

std::vector<std::string> Launcher::withheld() const {
  return worker_environment(m_options->execute, m_options->python, m_options->environment, {}, {}).withheld;
}

}  // namespace spyre::execute
