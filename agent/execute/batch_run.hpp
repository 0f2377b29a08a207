// SPDX-License-Identifier: Apache-2.0
// The cases of one batch and what has become of each. Pure: it is told what happens and says what to run next; workers,
// time-outs and files are others' business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/cards/hangs.hpp"
#include "agent/execute/action.hpp"
#include "agent/plan/plan.hpp"

namespace spyre::execute {

// A case's attempts before a run was resumed.
struct KnownAttempts {
  int count = 0;
  results::Outcome last = results::Outcome::not_run;
};

// Which batches run cases of a file now: several at once, or one alone.
struct FileUse {
  int together = 0;
  bool alone = false;
};

// What all batches of a run share.
struct RunKnowledge {
  int retries = 0;                       // further attempts of a case that failed
  double retry_share = 0.3;              // no retries once more of the finished cases have failed: the build is broken,
  std::size_t retry_least = 20;          // and nothing is flaky; but so many failures are always allowed
  std::size_t finished = 0, failed = 0;  // first attempts
  std::set<std::string, std::less<>> not_collected;  // ids that collection itself reported, each counted once in a run
  std::unordered_map<std::string, KnownAttempts> known;  // from before the run was resumed
  cards::Hangs hangs;
  std::map<std::string, std::uint64_t> collections;  // files that run in pieces → what was collected the first time
  std::set<std::string, std::less<>> unsteady;       // of these, those that were collected otherwise later
  std::set<std::string, std::less<>> in_process;     // files whose cases cannot be run in forked children
  bool all_in_process = false;                       // no file's can
  std::set<std::string, std::less<>> told;           // risks of isolation, each told once in a run
  std::map<std::string, FileUse, std::less<>> uses;  // by file

  bool retries_allowed() const;
};

class BatchRun {
 public:
  // `batch` and `knowledge` outlive it.
  BatchRun(const plan::Batch& batch, int card, RunKnowledge& knowledge);

  ~BatchRun() { end_use(); }
  BatchRun(const BatchRun&) = delete;
  BatchRun& operator=(const BatchRun&) = delete;

  const plan::Batch& batch() const { return m_batch; }
  // It goes on on this card.
  void move_to(int card);
  // Whether it had better go on elsewhere or later: it wants another card, or may not run now.
  bool leaves() const;
  // Whether its card seems to be dead; or all that is left are retries, and a case hung here, or crashed and nothing
  // has passed here since. Gangs stay where they are.
  bool wants_another_card() const;
  // Whether its next slice may run beside what other batches of its file do now. Last attempts, and cases that are
  // serial, run alone: then no other slice of the file does.
  bool may_run() const;
  // The share of its cases that is left to run, once at least.
  double left() const;

  // The file was collected in `import_s` seconds, and these of its cases are the batch's. Also when it is collected
  // again, by another worker: then cases are known by their ids, and those that are missing now are not run.
  void collected(const event::Collected& event, const std::vector<ChosenCase>& cases, double import_s, Actions& out);
  // The file could not be collected: it counts as one case of its own, and the batch is finished.
  void not_collected(results::Attempt attempt, Actions& out);
  // The worker went away while it collected the file, which may be the worker's fault once, and is the file's when it
  // happens again; the first time is a warning.
  void worker_lost(results::Attempt attempt, Actions& out);

  // When its time is over; set when it begins, and again when it had to wait.
  std::optional<SteadyTime> ends() const { return m_ends; }
  void set_end(SteadyTime end) { m_ends = end; }
  // What has not begun is not run, for this cause, and the batch is finished. No child runs any of it.
  void end(const results::Cause& cause, Actions& out);
  // Whether its cases are run in the interpreter that imports the file, and not in forked children.
  bool is_in_process() const;
  // From now on they are, for this reason; or those of all files. Told once in a run.
  void run_in_process(const std::string& why, Actions& out);
  void run_all_in_process(const std::string& why, Actions& out);
  // Tells a risk of running them in forked children, once in a run.
  void tell_risk(const std::string& why, Actions& out);

  // Whether there is nothing left to run; then the batch is finished.
  bool finish_if_done(Actions& out);
  // The cases for the next child, at most `limit`, as indices into what was collected; at least one, unless the batch
  // is done. A case that is tried again has a child of its own.
  std::vector<int> next_slice(std::size_t limit);
  void started(int index, Actions& out);
  void finished(const event::CaseFinished& event, Actions& out);
  // It has ended only because it was stopped: `blame` is what became of it, whatever it says itself.
  void finished_late(const event::CaseFinished& event, results::Attempt blame, Actions& out);
  // The child is gone. `blame` is what became of the case that was running, if one was.
  void child_ended(const results::Attempt& blame, Actions& out);
  // The case that was running was not the cause of the child's end: it is run again.
  void clear_running();
  // The child is gone, and none of the cases that it has not finished is to blame: they wait again.
  void take_back_slice();

  // The case that is running: its index; its id, or nothing.
  std::optional<int> running() const;
  std::string running_id() const;
  // Cases that the last slice finished, for comparison with its JUnit file.
  const std::vector<std::pair<std::string, results::Outcome>>& slice_results() const { return m_slice_results; }
  // Whether the child has cases that it has not finished.
  bool is_in_slice() const { return !m_slice.empty(); }
  bool is_finished() const { return m_finished; }

 private:
  struct Case {
    ChosenCase chosen;  // its index is -1 when it was missing in the last collection
    int attempts = 0;
  };

  void add(const ChosenCase& chosen);
  void compare_collections(const std::vector<std::string>& ids, Actions& out);
  void drop_missing(Actions& out);
  void skip_withheld(Actions& out);
  void skip_left_out(const std::vector<event::LeftOut>& left_out, Actions& out);
  bool is_alone_next() const;
  void begin_use(bool alone);
  void end_use();
  void record_uncollected(const std::string& id, results::Attempt attempt, Actions& out);
  std::optional<std::size_t> take_result(const event::CaseFinished& event, Actions& out);  // the number of the case
  void record(std::size_t number, results::Attempt attempt, Actions& out);
  void give_up(const results::Cause& cause, Actions& out);
  void finish(Actions& out);
  bool is_to_try_again(const Case& each, results::Outcome last) const;
  void learn(const Case& each, results::Outcome outcome);
  std::optional<std::size_t> in_slice(int index) const;  // the number of the case

  const plan::Batch& m_batch;
  int m_card;
  RunKnowledge& m_knowledge;
  std::vector<Case> m_cases;
  std::unordered_map<std::string, std::size_t> m_numbers;  // id → number, the place in m_cases
  std::deque<std::size_t> m_waiting;  // for their first attempt, in order, those that are serial last
  std::deque<std::size_t> m_again;    // failed, and may be tried again
  std::deque<std::size_t> m_slice;    // given to the child and not finished, in order
  bool m_slice_is_retry = false;
  std::optional<bool> m_uses_file;  // whether the slice that runs does so alone
  std::optional<std::size_t> m_running;
  std::vector<std::pair<std::string, results::Outcome>> m_slice_results;
  std::optional<SteadyTime> m_ends;
  bool m_flees = false;     // its card seems to be dead
  bool m_hung = false;      // a case that is tried again has hung on this card
  bool m_unproven = false;  // or has crashed, and nothing has passed since
  int m_fruitless = 0;      // children in a row that ended without a result
  int m_workers_lost = 0;   // in a row, while they collected the file
  bool m_collected = false;
  bool m_finished = false;
};

}  // namespace spyre::execute
