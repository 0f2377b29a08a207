// SPDX-License-Identifier: Apache-2.0
// Decides which batch goes to which cards, and when a worker starts there.
#include <algorithm>
#include <utility>

#include "agent/execute/dispatcher.hpp"

namespace spyre::execute {

void Dispatcher::put_back(std::unique_ptr<BatchRun> batch) {
  const std::size_t number = m_numbers.at(batch->batch().id);
  m_put_back.insert_or_assign(number, std::move(batch));
  m_queue.put_back(number);
}

void Dispatcher::await(std::vector<int> cards, std::unique_ptr<BatchRun> batch) {
  for (const int number : cards) card(number).awaited = true;
  m_pending.push_back({std::move(cards), std::move(batch)});
}

std::vector<plan::FreeCard> Dispatcher::free_cards() {
  const std::vector<int> ready = m_pool.ready();
  std::vector<plan::FreeCard> free;
  for (int number = 0; number < static_cast<int>(m_cards.size()); ++number) {
    if (card(number).awaited || m_pool.is_suspect(number)) continue;
    const WorkerDriver* worker = worker_on(number);
    if (worker == nullptr && std::binary_search(ready.begin(), ready.end(), number)) free.push_back({number, {}});
    if (worker != nullptr && worker->is_free()) free.push_back({number, worker->warm_file()});
  }
  return free;
}

void Dispatcher::move(std::unique_ptr<BatchRun> batch, int from, SteadyTime now) {
  const bool wants_another = batch->wants_another_card();
  m_moving.push_back({wants_another ? from : -1, now, std::move(batch)});
}

// Before the queue's batches, because it has begun.
void Dispatcher::place_moving(SteadyTime now, Actions& out) {
  for (auto it = m_moving.begin(); it != m_moving.end();) {
    const plan::Batch& batch = it->batch->batch();
    const bool is_gang = batch.cards > 1;
    const auto free = is_gang || !it->batch->may_run() ? std::nullopt : card_for(*it);
    if (!free && !(is_gang && it->batch->may_run())) {
      ++it;
      continue;
    }
    const std::size_t number = m_numbers.at(batch.id);
    if (const auto end = it->batch->ends()) it->batch->set_end(*end + (now - it->since));  // waiting does not count
    m_queue.put_back(number, it->batch->left());
    m_put_back.insert_or_assign(number, std::move(it->batch));
    it = m_moving.erase(it);
    if (is_gang) continue;  // the queue chooses its cards
    const bool imports = free->open_file != batch.file.view();
    place(m_queue.take(number, {free->card}, imports, Seconds{now - m_began}.count()), now, out);
  }
}

// Choose another card than the previous one if any other works, preferably one that has the file open.
std::optional<plan::FreeCard> Dispatcher::card_for(const Moving& moving) {
  std::optional<plan::FreeCard> found, own;
  for (plan::FreeCard& free : free_cards()) {
    const bool is_own = free.card == moving.from;
    const bool is_open = free.open_file == moving.batch->batch().file.view();
    if (!is_own && (!found || is_open)) found = free;
    if (is_own) own = free;
  }
  bool another_works = false;
  for (int number = 0; number < static_cast<int>(m_cards.size()); ++number) {
    const bool works = m_pool.state(number) != cards::CardPool::State::cordoned;
    another_works = another_works || (works && number != moving.from);
  }
  return found || another_works ? found : own;
}

void Dispatcher::place_waiting(SteadyTime now, Actions& out) {
  while (!m_queue.empty() && !is_set_up_doubtful()) {
    const auto placements = m_queue.next(free_cards(), Seconds{now - m_began}.count());
    if (placements.empty()) return;
    for (const plan::Placement& placement : placements) place(placement, now, out);
    take_results(now, out);  // a batch without cases ends at once and sends no event
  }
}

void Dispatcher::place(const plan::Placement& placement, SteadyTime now, Actions& out) {
  const plan::Batch& batch = m_plan.batches[placement.batch];
  const int first_card = placement.cards.front();
  std::unique_ptr<BatchRun> run;
  if (const auto begun = m_put_back.find(placement.batch); begun != m_put_back.end()) {
    run = std::move(begun->second);
    run->move_to(first_card);
    m_put_back.erase(begun);
  } else {
    run = std::make_unique<BatchRun>(batch, first_card, m_knowledge);
  }
  if (!run->may_run()) {  // an import now would be wasted
    m_queue.put_back(placement.batch, run->left());
    m_queue.remove(placement.batch);
    return move(std::move(run), first_card, now);
  }
  out.emplace_back(note::BatchStarted{batch.id, placement.cards});
  // If a file could not be collected, its other batches do not try again.
  if (m_knowledge.not_collected.contains(batch.file.view())) return run->not_collected({}, out);

  for (const int number : placement.cards) {
    WorkerDriver* worker = worker_on(number);
    if (worker == nullptr) continue;
    if (worker->cards() == placement.cards) return worker->assign(std::move(run), now, out);
    if (worker->is_free()) worker->quit(now, out);
  }
  await(placement.cards, std::move(run));
}

void Dispatcher::start_pending(SteadyTime now, Actions& out) {
  if (m_refused_until && now >= *m_refused_until) m_refused_until.reset();
  if (is_set_up_doubtful() || m_refused_until) return;
  const std::vector<int> ready = m_pool.ready();
  for (auto it = m_pending.begin(); it != m_pending.end();) {
    const bool faulty = is_out_of_use(it->cards);
    const bool wait = std::any_of(it->cards.begin(), it->cards.end(),
                                  [&](int number) { return !std::binary_search(ready.begin(), ready.end(), number); });
    if (wait && !faulty) {
      ++it;
      continue;
    }
    for (const int number : it->cards) card(number).awaited = false;
    if (faulty) {
      put_back(std::move(it->batch));
    } else {
      start_worker(it->cards, std::move(it->batch), now, out);
    }
    it = m_pending.erase(it);
  }
}

void Dispatcher::start_worker(const std::vector<int>& cards, std::unique_ptr<BatchRun> batch, SteadyTime now,
                              Actions& out) {
  const WorkerId id = m_next_worker++;
  for (const int number : cards) card(number).worker = id;
  m_pool.start(cards);
  WorkerDriver& driver = m_active.emplace(id, WorkerDriver(id, cards, m_rules, now, out)).first->second;
  if (batch != nullptr) driver.assign(std::move(batch), now, out);
}

}  // namespace spyre::execute
