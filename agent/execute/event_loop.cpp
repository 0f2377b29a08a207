// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/event_loop.hpp"

#include <algorithm>

#include "agent/execute/junit_check.hpp"

namespace spyre::execute {

namespace {

constexpr std::chrono::seconds tick_interval{1};

// One function for each kind of action.
class ActionExecutor {
 public:
  ActionExecutor(Dispatcher& dispatcher, WorkerPool& pool, Recorder& recorder, const Clock& clock)
      : m_dispatcher(dispatcher), m_pool(pool), m_recorder(recorder), m_clock(clock) {}

  Result<void> perform(const Actions& actions) {
    for (const Action& action : actions) {
      CHECK_OK(std::visit([&](const auto& one) { return act(one); }, action));
    }
    return {};
  }

 private:
  template <typename Note>
  Result<void> act(const Note& note) {
    return m_recorder.write(note);
  }

  Result<void> act(const StartWorker& start) {
    const auto started = m_pool.start(start.worker, start.cards);
    if (started) return {};
    return perform(m_dispatcher.handle(WorkerRefused{start.worker, started.error().message}, m_clock.steady()));
  }

  Result<void> act(const SendCommand& send) {
    m_pool.send(send.worker, send.command);
    return {};
  }

  Result<void> act(const SignalGroup& signal) {
    m_pool.signal(signal.worker, signal.pid, signal.signal);
    return {};
  }

  Result<void> act(const KillWorker& kill) {
    m_pool.kill(kill.worker);
    return {};
  }

  Result<void> act(const CheckJunit& junit) {
    for (std::string& warning : check_junit(junit))
      CHECK_OK(m_recorder.write(note::Warning{std::move(warning), "JUnit"}));
    return {};
  }

  Dispatcher& m_dispatcher;
  WorkerPool& m_pool;
  Recorder& m_recorder;
  const Clock& m_clock;
};

}  // namespace

Result<void> run_event_loop(Dispatcher& dispatcher, WorkerPool& pool, Recorder& recorder, const Clock& clock,
                            const std::function<Result<void>()>& keep_cards,
                            const std::function<Result<void>()>& check_run_dir) {
  ActionExecutor executor(dispatcher, pool, recorder, clock);
  const auto perform = [&](const Actions& actions) -> Result<void> {
    auto performed = executor.perform(actions);
    // If the directory is gone, that is the reason why the journal cannot be written.
    if (!performed && check_run_dir) CHECK_OK(check_run_dir());
    return performed;
  };
  const auto may_begin = keep_cards ? keep_cards() : Result<void>();
  CHECK_OK(perform(may_begin ? dispatcher.begin(clock.steady())
                             : dispatcher.lose_cards(may_begin.error().message, clock.steady())));
  SteadyTime next_tick = clock.steady() + tick_interval;
  while (!dispatcher.is_finished()) {
    const PoolEvent event = pool.wait(std::min(dispatcher.deadline(), next_tick));
    const SteadyTime now = clock.steady();
    CHECK_OK(perform(dispatcher.handle(event, now)));
    if (now < next_tick) continue;
    recorder.tick();
    if (check_run_dir) CHECK_OK(check_run_dir());
    if (const auto kept = keep_cards ? keep_cards() : Result<void>(); !kept) {
      CHECK_OK(perform(dispatcher.lose_cards(kept.error().message, now)));
    }
    next_tick = now + tick_interval;
  }
  return {};
}

}  // namespace spyre::execute
