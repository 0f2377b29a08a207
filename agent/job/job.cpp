// SPDX-License-Identifier: Apache-2.0
#include "agent/job/job.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "agent/core/clock.hpp"
#include "agent/core/file_tree.hpp"
#include "agent/core/files.hpp"
#include "agent/core/hash.hpp"
#include "agent/core/json.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/core/utc.hpp"
#include "agent/execute/observers.hpp"
#include "agent/execute/run.hpp"
#include "agent/job/artefacts.hpp"
#include "agent/job/documents.hpp"
#include "agent/job/run_options.hpp"
#include "agent/job/stack.hpp"
#include "agent/job/taken_cards.hpp"
#include "agent/junit/directory.hpp"
#include "agent/report/stack_text.hpp"

namespace spyre::job {
namespace {

namespace fs = std::filesystem;

// Return a new id, "20261122-035500-1a2b3c4d": readable, sortable by time, and unique.
std::string new_run_id() {
  const SystemTime now = SystemClock{}.system();
  const std::string unique = fmt::format("{}-{}", now.time_since_epoch().count(), ::getpid());
  return fmt::format("{:%Y%m%d-%H%M%S}-{}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                     hex(stable_hash(unique)).substr(0, 8));
}

std::string absolute(const Setup& setup, const std::string& path) {
  return (setup.directory / path).lexically_normal().string();
}

// The directory of a new run. It is removed with this object unless the run began.
class NewDirectory {
 public:
  static Result<NewDirectory> create(const fs::path& path) {
    TRY(results::RunDirectory made, results::RunDirectory::create(path));
    return NewDirectory(std::move(made));
  }
  NewDirectory(NewDirectory&& other) noexcept
      : m_directory(std::move(other.m_directory)), m_keep(std::exchange(other.m_keep, true)) {}
  NewDirectory& operator=(NewDirectory&&) = delete;
  ~NewDirectory() {
    if (!m_keep) m_directory.discard();
  }
  const results::RunDirectory& get() const { return m_directory; }
  void keep() { m_keep = true; }

 private:
  explicit NewDirectory(results::RunDirectory directory) : m_directory(std::move(directory)) {}
  results::RunDirectory m_directory;
  bool m_keep = false;
};

// The state of a new job until its end.
struct NewJob {
  const JobRequest& request;
  const Setup& setup;
  NewDirectory directory;
  RunHistory earlier;
  Execution execution;
  results::Stack stack;
  std::optional<Source> source;
  std::optional<TakenCards> cards;
};

results::RunRequest run_request(const NewJob& job) {
  results::RunRequest request;
  request.run_id = job.execution.run_id;
  request.started = format_utc(SystemClock{}.system());
  // Absolute: `resume` may be called from any directory.
  if (!job.request.source.source.empty()) request.source = absolute(job.setup, job.request.source.source);
  request.repository = job.request.source.repo;
  request.asked_revision = job.request.source.rev;
  request.revision = job.source->revision();
  request.stage = job.request.select.stage;
  request.fraction = job.request.select.fraction;
  request.only = job.request.select.only;
  request.limit = job.request.select.limit;
  request.budget = job.request.plan.budget;
  request.cards = job.request.cards;
  request.shard = job.execution.shard;
  for (const std::string& config : job.execution.oot_configs) {
    request.oot_configs.push_back(absolute(job.setup, config));
  }
  request.stack = job.stack;
  request.strict_stack = job.request.strict_stack;
  request.directory = job.setup.directory.string();
  request.config_file = job.setup.config_file;
  request.settings = job.setup.settings;
  request.build = results::build_identity(cards::Machine::here().environment);
  return request;
}

// Open the source and determine the stack.
Result<void> open_source(NewJob& job, const SourceRequest& wanted) {
  TRY(const execute::PythonVersions python, check_python(job.setup.config));
  TRY(job.source, Source::open(wanted, job.setup.config));
  job.stack = stack_of(python, *job.source, std::exchange(job.stack.given, {}));
  TRY(job.execution.warnings, check_stack(job.stack, job.request.strict_stack));
  return {};
}

Result<void> take_cards(NewJob& job) {
  TRY(job.cards, TakenCards::take(job.request.cards, job.execution.run_id, job.setup.config));
  job.execution.cards = job.cards->cards();
  add_cards(job.stack, job.execution.cards);
  job.execution.stack_key = results::stack_key(job.stack);
  job.execution.keep_cards = [&cards = *job.cards] { return cards.keep(); };
  return {};
}

template <class Document>
Result<void> write_document(const NewJob& job, const char* name, const Document& document) {
  return write_file(job.execution.run_dir / name, dump_json_pretty(to_json(document)));
}

// Select and plan. Cheap checks come first, so that a mistake is reported at once.
Result<plan::Plan> plan_selection(NewJob& job) {
  const JobRequest& request = job.request;
  const Config& config = job.setup.config;
  CHECK_OK(find_cards(request.cards));
  TRY(const testsel::Scope rules, load_scope(config));
  CHECK_OK(open_source(job, request.source));
  const testsel::Scope scope = settle_artefacts(rules, job.source->given_directory(), config);
  TRY(const testsel::Inventory inventory, testsel::read_inventory(job.source->tree()));
  TRY(const testsel::Selection selection,
      make_selection(inventory, job.source->tree(), scope, request.select, config, job.earlier));
  log::info(describe(selection));
  CHECK_OK(take_cards(job));
  const cards::Card& first = job.execution.cards.front();
  TRY(plan::Plan plan,
      make_plan(selection, {static_cast<int>(job.execution.cards.size()), first.kind}, request.plan, job.earlier));
  log::info(describe(plan));
  TRY(job.execution.source, job.source->directory());
  job.execution.oot_configs = request.select.notes.oot_configs;
  CHECK_OK(write_document(job, "selection.json", selection));
  return plan;
}

// A plan is for one revision; in another revision its tests may differ.
Result<void> check_revision(const plan::Plan& plan, const Source& source) {
  if (plan.revision.empty() || source.revision().empty() || plan.revision == source.revision()) return {};
  return fail(ErrorKind::usage,
              fmt::format("the plan is for revision {}, not for {}", plan.revision, source.revision()),
              "give --rev with the plan's revision, or make a new plan");
}

// Read the plan of the shard.
Result<plan::Plan> plan_of_shard(NewJob& job) {
  TRY(plan::Plan plan, plan::read_plan(job.request.shard->plan));
  CHECK_OK(find_cards(job.request.cards));
  SourceRequest wanted = job.request.source;
  if (wanted.source.empty() && wanted.rev.empty()) wanted.rev = plan.revision;
  CHECK_OK(open_source(job, wanted));
  CHECK_OK(check_revision(plan, *job.source));
  TRY(job.execution.source, job.source->directory());
  CHECK_OK(take_cards(job));
  job.execution.shard = job.request.shard->index;
  return plan;
}

Result<results::RunRecord> execute_plan(const plan::Plan& plan, const Execution& execution, const Setup& setup,
                                        RunHistory& earlier, Watcher& watcher, execute::Observer* other) {
  const DirectoryTree tree(execution.source);
  const SystemClock clock;
  TRY(const execute::RunOptions options, run_options(execution, setup, earlier));
  earlier.release();
  // The steps before may have taken long.
  if (execution.keep_cards) CHECK_OK(execution.keep_cards());
  const std::unique_ptr<execute::Observer> live = watcher.follow(plan, clock);
  std::vector<execute::Observer*> all{live.get(), other};
  std::erase(all, nullptr);
  execute::Observers observers(std::move(all));
  return execute::run_plan(plan, options, tree, clock, observers).map_error(as_infra_error);
}

Result<JobResult> carry_out(const JobRequest& request, const Setup& setup, Watcher& watcher, RelayedRun& relayed) {
  TRY(results::VersionsByName given, results::parse_stack_items(request.stack));
  const std::string run_id = new_run_id();
  const fs::path asked = request.run_dir.empty() ? fs::path("spyre-ci-runs") / run_id : fs::path(request.run_dir);
  TRY(NewDirectory directory, NewDirectory::create(setup.directory / asked));
  NewJob job{request, setup, std::move(directory), RunHistory(setup.config), {}, {}, {}, {}};
  const results::RunDirectory& run_dir = job.directory.get();
  job.stack.given = std::move(given);
  job.execution.run_id = run_id;
  job.execution.run_dir = run_dir.path();
  job.execution.check_run_dir = [&run_dir] { return run_dir.check(); };
  TRY(const plan::Plan plan, request.shard ? plan_of_shard(job) : plan_selection(job));
  CHECK_OK(write_document(job, "plan.json", plan));
  results::RunRequest document = run_request(job);
  if (request.shard) document.stage = plan.stage;
  // run.json is the last document: from then on the run can be resumed.
  CHECK_OK(results::write_request(document, job.execution.run_dir));
  job.directory.keep();

  JobResult result;
  TRY(result.record, execute_plan(plan, job.execution, setup, job.earlier, watcher, relayed.observer()));
  result.run_dir = job.execution.run_dir;
  Result<void> finished = run_dir.check();
  if (finished) finished = finish(result, job.earlier, watcher);
  relayed.completed(result.record);
  if (!finished) return tl::make_unexpected(finished.error());
  return result;
}

std::string_view key_of(std::string_view setting) {
  return setting.substr(0, setting.find('='));
}

// The same files as before: the directory of the run, or the commit that its revision resolved to.
SourceRequest source_of(const results::RunRequest& request) {
  if (!request.source.empty()) return {request.source, "", ""};
  return {"", request.repository, request.revision};
}

// Return the messages about the stack that were not reported when the run was started.
Result<std::vector<std::string>> check_again(const results::Stack& now, const results::RunRequest& request) {
  TRY(std::vector<std::string> warnings, check_stack(now, request.strict_stack));
  results::Stack before = request.stack;
  before.host = now.host;
  if (now == before) return std::vector<std::string>{};
  const bool is_known = request.stack != results::Stack{};  // older versions did not write it
  if (is_known) warnings.push_back(report::changed_stack_line(request.stack, now));
  return warnings;
}

// Return the warning about removed damaged lines of the journal; empty without such lines.
Result<std::vector<std::string>> skip_damaged(const fs::path& run_dir) {
  std::vector<std::string> warnings;
  if (!results::is_begun(run_dir)) return warnings;
  TRY(const results::Damage damage, results::drop_damaged_lines(run_dir));
  if (damage.lines.empty()) return warnings;
  std::vector<std::string> numbers;
  for (const std::size_t line : damage.lines) numbers.push_back(std::to_string(line));
  warnings.push_back(
      fmt::format("damaged lines of the journal are left out and kept in journal.damaged.jsonl: {}; results and "
                  "warnings that stood "
                  "there are lost, and the {} cases without a result are run",
                  shorten(join(numbers, ", "), 500), damage.cases));
  return warnings;
}

}  // namespace

Result<JobResult> run(const JobRequest& request, const Setup& setup, Watcher& watcher) {
  TRY(RelayedRun relayed, RelayedRun::prepare(request.relay, setup.config));
  Result<JobResult> result = carry_out(request, setup, watcher, relayed);
  if (!result) relayed.failed(result.error());
  return result;
}

Result<Resumption> Resumption::open(const fs::path& run_dir) {
  TRY(results::RunDirectory directory, results::RunDirectory::open(run_dir));
  TRY(results::RunRequest request, results::read_request(directory.path()));
  return Resumption(std::move(directory), std::move(request));
}

std::vector<std::string> Resumption::settings(const std::vector<std::string>& given) const {
  std::vector<std::string> settings = m_request.settings;
  std::erase_if(settings, [&](const std::string& setting) {
    const bool is_given = std::ranges::find(given, key_of(setting), key_of) != given.end();
    return is_given || setting.starts_with("relay.");  // resumed runs are not reported to the relay
  });
  settings.insert(settings.end(), given.begin(), given.end());
  return settings;
}

Result<JobResult> Resumption::finish(const ResumeRequest& asked, const Setup& setup, Watcher& watcher) const {
  Execution execution;
  if (asked.skip_damaged) {
    TRY(execution.warnings, skip_damaged(m_directory.path()));
  }
  TRY(const plan::Plan plan, plan::read_plan(m_directory.path() / "plan.json"));
  const std::string& spec = asked.cards.empty() ? m_request.cards : asked.cards;
  CHECK_OK(find_cards(spec));
  TRY(const execute::PythonVersions python, check_python(setup.config));
  TRY(Source source, Source::open(source_of(m_request), setup.config));
  results::Stack stack = stack_of(python, source, m_request.stack.given);
  TRY(const std::vector<std::string> changed, check_again(stack, m_request));
  execution.warnings.insert(execution.warnings.begin(), changed.begin(), changed.end());
  TRY(execution.source, source.directory());
  TRY(const TakenCards taken, TakenCards::take(spec, m_request.run_id, setup.config));
  execution.cards = taken.cards();
  add_cards(stack, execution.cards);
  execution.stack_key = results::stack_key(stack);
  execution.keep_cards = [&taken] { return taken.keep(); };
  execution.run_dir = m_directory.path();
  execution.check_run_dir = [this] { return m_directory.check(); };
  execution.run_id = m_request.run_id;
  execution.shard = m_request.shard;
  execution.oot_configs = m_request.oot_configs;
  execution.resume = true;
  RunHistory earlier(setup.config);
  JobResult result;
  TRY(result.record, execute_plan(plan, execution, setup, earlier, watcher, nullptr));
  result.run_dir = execution.run_dir;
  CHECK_OK(m_directory.check());
  CHECK_OK(job::finish(result, earlier, watcher));
  return result;
}

// A document is derived from the journal, and can be written again.
Result<JobResult> report(const fs::path& run_dir, const Setup& setup, Watcher& watcher) {
  JobResult result;
  result.run_dir = run_dir;
  TRY(result.record, results::read_record(run_dir));
  CHECK_OK(junit::write_files(result.record, run_dir, setup.config.junit.tags));
  RunHistory earlier(setup.config);
  CHECK_OK(write_documents(result, earlier, watcher));
  return result;
}

}  // namespace spyre::job
