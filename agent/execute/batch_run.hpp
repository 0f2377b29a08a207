// SPDX-License-Identifier: Apache-2.0
// The cases of one batch and their results. Pure: events come in, and the cases to run next go out; workers, time-outs
// and files are handled elsewhere.
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

// The batches that run cases of a file now: several at once, or one alone.
struct FileUse {
  int together = 0;
  bool alone = false;
};

// The state that all batches of a run share.
struct RunKnowledge {
  int retries = 0;                       // further attempts of a failed case
  double retry_share = 0.3;              // above this share of failed cases the build is broken: no retries,
  std::size_t retry_least = 20;          // but this many failures are always allowed
  std::size_t finished = 0, failed = 0;  // first attempts
  std::set<std::string, std::less<>> not_collected;  // ids that collection itself reported; each counts once in a run
  std::unordered_map<std::string, KnownAttempts> known;  // from before the run was resumed
  cards::Hangs hangs;
  std::map<std::string, std::uint64_t> collections;  // files that run in pieces → hash of the first collection
  std::set<std::string, std::less<>> unsteady;       // those of these files that a later collection found different
  std::set<std::string, std::less<>> in_process;     // files whose cases cannot run in forked children
  bool all_in_process = false;                       // no file's cases can
  std::set<std::string, std::less<>> told;           // risks of isolation; each is reported once in a run
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
  // Continue on this card.
  void move_to(int card);
  // Return whether the batch should continue elsewhere or later: it wants another card, or may not run now.
  bool leaves() const;
  // Return whether its card seems to be dead, or only retries are left and a case hung here, or crashed without a pass
  // on this card since. Gangs stay where they are.
  bool wants_another_card() const;
  // Return whether its next slice may run beside the current slices of other batches of its file. Last attempts and
  // serial cases run alone: no other slice of the file runs then.
  bool may_run() const;
  // Return the share of its cases that still have to run once.
  double left() const;

  // Record that the file was collected in `import_s` seconds, and that these cases belong to the batch. When another
  // worker collects the file again, cases are recognised by their ids, and cases that are missing now are not run.
  void collected(const event::Collected& event, const std::vector<ChosenCase>& cases, double import_s, Actions& out);
  // Record that the file could not be collected: it counts as one case of its own, and the batch is finished.
  void not_collected(results::Attempt attempt, Actions& out);
  // Record that the worker was lost while it collected the file. The first time, the worker may be at fault: that is a
  // warning. The second time, the file is.
  void worker_lost(results::Attempt attempt, Actions& out);

  // Return when the batch's time ends; set when it begins, and again after it had to wait.
  std::optional<SteadyTime> ends() const { return m_ends; }
  void set_end(SteadyTime end) { m_ends = end; }
  // Finish the batch: cases that have not begun are not run, for this cause. No child runs any of it.
  void end(const results::Cause& cause, Actions& out);
  // Return whether its cases run in the interpreter that imports the file, and not in forked children.
  bool is_in_process() const;
  // Run its cases, or those of all files, that way from now on, for this reason. Reported once in a run.
  void run_in_process(const std::string& why, Actions& out);
  void run_all_in_process(const std::string& why, Actions& out);
  // Report a risk of running them in forked children, once in a run.
  void tell_risk(const std::string& why, Actions& out);

  // Finish the batch if no case is left to run; return whether it is finished.
  bool finish_if_done(Actions& out);
  // Return the cases for the next child, at most `limit`, as indices into the collected cases; at least one, unless the
  // batch is done. A retried case gets a child of its own.
  std::vector<int> next_slice(std::size_t limit);
  void started(int index, Actions& out);
  void finished(const event::CaseFinished& event, Actions& out);
  // Record a case that ended only because it was stopped: `blame` is its result, whatever the event says.
  void finished_late(const event::CaseFinished& event, results::Attempt blame, Actions& out);
  // Record that the child ended. `blame` is the result of the case that was running, if there was one.
  void child_ended(const results::Attempt& blame, Actions& out);
  // The running case did not cause the end of the child: run it again.
  void clear_running();
  // The child ended, and none of its unfinished cases is to blame: they wait again.
  void take_back_slice();

  // Return the index of the running case; its id; nothing if no case runs.
  std::optional<int> running() const;
  std::string running_id() const;
  // Return the cases that the last slice finished, for comparison with its JUnit file.
  const std::vector<std::pair<std::string, results::Outcome>>& slice_results() const { return m_slice_results; }
  // Return whether the child has unfinished cases.
  bool is_in_slice() const { return !m_slice.empty(); }
  bool is_finished() const { return m_finished; }

 private:
  struct Case {
    ChosenCase chosen;  // its index is -1 if the last collection did not find it
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
  std::optional<std::size_t> take_result(const event::CaseFinished& event, Actions& out);  // returns the case's number
  void record(std::size_t number, results::Attempt attempt, Actions& out);
  void give_up(const results::Cause& cause, Actions& out);
  void finish(Actions& out);
  bool is_to_try_again(const Case& each, results::Outcome last) const;
  void learn(const Case& each, results::Outcome outcome);
  std::optional<std::size_t> in_slice(int index) const;  // returns the number of the case

  const plan::Batch& m_batch;
  int m_card;
  RunKnowledge& m_knowledge;
  std::vector<Case> m_cases;
  std::unordered_map<std::string, std::size_t> m_numbers;  // id → number, which is the position in m_cases
  std::deque<std::size_t> m_waiting;                       // for their first attempt, in order, serial cases last
  std::deque<std::size_t> m_again;                         // failed cases that may be tried again
  std::deque<std::size_t> m_slice;                         // the child's unfinished cases, in order
  bool m_slice_is_retry = false;
  std::optional<bool> m_uses_file;  // whether the running slice runs alone
  std::optional<std::size_t> m_running;
  std::vector<std::pair<std::string, results::Outcome>> m_slice_results;
  std::optional<SteadyTime> m_ends;
  bool m_flees = false;     // its card seems to be dead
  bool m_hung = false;      // a case that will be tried again has hung on this card
  bool m_unproven = false;  // or has crashed, and no case has passed since
  int m_fruitless = 0;      // children in a row that ended without a result
  int m_workers_lost = 0;   // in a row, while they collected the file
  bool m_collected = false;
  bool m_finished = false;
};

}  // namespace spyre::execute
