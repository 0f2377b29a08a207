// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/outbox.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "agent/relay/outbox_file.hpp"

namespace spyre::relay {
namespace {

using database::Transaction;
using Numbers = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

// A message can be sent when it is due, unclaimed, and the first unsettled one of its job. Four values: now, now +
// longest wait, now, now + claim length. Times beyond these limits result from a clock that was set back.
constexpr std::string_view sendable =
    "state = 0 AND (due <= ? OR due > ?) AND (claim = 0 OR claimed_until <= ? OR claimed_until > ?)"
    " AND NOT EXISTS (SELECT 1 FROM messages AS earlier WHERE earlier.job = messages.job"
    " AND earlier.status < messages.status AND earlier.state = 0)";

std::int64_t random_token() {
  std::random_device device;
  return static_cast<std::int64_t>((std::uint64_t{device()} << 31U) ^ device()) | 1;
}

template <typename Enum>
std::int64_t number(Enum value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string job_key(const Job& job, const std::string& delivery_id) {
  // Names do not contain line breaks.
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", job.repository, delivery_id, job.workflow, job.job_name, job.run_id,
                     job.run_attempt);
}

Result<Outbox> Outbox::open(const std::filesystem::path& path) {
  TRY(database::Connection connection, open_outbox_file(path));
  return Outbox(std::move(connection));
}

Result<Added> Outbox::add(const Message& message, Milliseconds now) {
  const std::string key = job_key(message.job, message.delivery_id);
  TRY(Transaction transaction, Transaction::begin(m_connection));
  CHECK_OK(forget_old(now));
  Texts check_runs;
  CHECK_OK(m_connection.read("SELECT check_run_id FROM messages WHERE job = ?", {key}, {&check_runs}));
  if (!check_runs.empty() && check_runs.front() != message.job.check_run_id) {
    return fail(ErrorKind::usage,
                fmt::format("the check run id '{}' differs from '{}' in this job's other callback",
                            message.job.check_run_id, check_runs.front()),
                "give the same --check-run-id in both; a rerun has another --run-attempt");
  }
  TRY(std::vector<Entry> found, select("job = ? AND status = ?", {key, number(message.status)}));
  const bool is_new = found.empty();
  if (is_new) {
    CHECK_OK(m_connection.run(
        "INSERT INTO messages (job, status, repository, delivery_id, workflow, job_name, check_run_id, url, body, "
        "created,"
        " since, state, attempts, may_have_arrived, due, claim, claimed_until, changed, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, 0, 0, ?, '')",
        {key, number(message.status), message.job.repository, message.delivery_id, message.job.workflow,
         message.job.job_name, message.job.check_run_id, message.url, message.body, now, now, now, now}));
    TRY(found, select("job = ? AND status = ?", {key, number(message.status)}));
  }
  CHECK_OK(transaction.commit());
  return Added{found.front(), is_new};
}

Result<Next> Outbox::claim(const std::string& job, const ClaimRules& rules, Milliseconds now) {
  TRY(Transaction transaction, Transaction::begin(m_connection));
  Next next;
  Texts exhausted;  // repositories without calls left in this minute
  while (true) {
    TRY(const auto entry, next_sendable(job, exhausted, rules, now));
    if (!entry) break;
    TRY(const auto wait, take_call(entry->repository, rules.calls_a_minute, now));
    if (!wait) {
      next.claim = Claim{*entry, {}, random_token(), true};
      CHECK_OK(take(*next.claim, now + rules.length));
      CHECK_OK(transaction.commit());
      return next;
    }
    exhausted.push_back(entry->repository);
    next.wait = std::min(next.wait.value_or(*wait), *wait);
  }
  if (!next.wait) {
    TRY(next.wait, next_look(job, rules, now));
  }
  return next;
}

Result<std::optional<Entry>> Outbox::next_sendable(const std::string& job, const Texts& but, const ClaimRules& rules,
                                                   Milliseconds now) {
  std::vector<database::Value> values{now, now + rules.longest_wait, now, now + rules.length, job, job};
  std::string marks;
  for (const std::string& repository : but) {
    marks += marks.empty() ? "?" : ", ?";
    values.emplace_back(repository);
  }
  TRY(const std::vector<Entry> found,
      select(fmt::format("{} AND (? = '' OR job = ?) AND repository NOT IN ({}) ORDER BY due, id LIMIT 1", sendable,
                         marks),
             std::move(values)));
  return found.empty() ? std::optional<Entry>{} : found.front();
}

Result<void> Outbox::take(Claim& claim, Milliseconds until) {
  ++claim.entry.attempts;
  claim.entry.claimed_until = until;
  CHECK_OK(m_connection.run("UPDATE messages SET claim = ?, claimed_until = ?, attempts = ? WHERE id = ?",
                            {claim.token, until, std::int64_t{claim.entry.attempts}, claim.entry.id}));
  Texts bodies;
  CHECK_OK(m_connection.read("SELECT body FROM messages WHERE id = ?", {claim.entry.id}, {&bodies}));
  claim.body = std::move(bodies.at(0));
  TRY(const std::int64_t refused,
      m_connection.read_number(
          "SELECT count(*) FROM messages WHERE job = ? AND status < ? AND state IN (?, ?)",
          {claim.entry.job, number(claim.entry.status), number(State::lost), number(State::dead)}));
  claim.is_begun = refused == 0;
  return {};
}

Result<std::optional<Milliseconds>> Outbox::take_call(const std::string& repository, int calls_a_minute,
                                                      Milliseconds now) {
  std::vector<double> calls;
  Numbers at;
  CHECK_OK(m_connection.read("SELECT calls, at FROM rates WHERE repository = ?", {repository}, {&calls, &at}));
  const Bucket bucket = at.empty() ? full_bucket(calls_a_minute, now) : Bucket{calls.front(), at.front()};
  const auto taken = relay::take_call(bucket, calls_a_minute, now);
  if (const auto* wait = std::get_if<Milliseconds>(&taken)) return *wait;
  const auto& left = std::get<Bucket>(taken);
  CHECK_OK(m_connection.run("INSERT OR REPLACE INTO rates (repository, calls, at) VALUES (?, ?, ?)",
                            {repository, left.calls, left.at}));
  return std::nullopt;
}

// Return the time until the next message can be sent; no value when no message waits.
Result<std::optional<Milliseconds>> Outbox::next_look(const std::string& job, const ClaimRules& rules,
                                                      Milliseconds now) {
  Numbers times;
  CHECK_OK(m_connection.read(
      "SELECT max(CASE WHEN due > ? THEN 0 ELSE due END, CASE WHEN claim = 0 OR claimed_until > ? THEN 0 ELSE"
      " claimed_until END) AS time FROM messages WHERE state = 0 AND (? = '' OR job = ?) ORDER BY time LIMIT 1",
      {now + rules.longest_wait, now + rules.length, job, job}, {&times}));
  if (times.empty()) return std::nullopt;
  return std::max<Milliseconds>(1, times.front() - now);
}

Result<void> Outbox::about_to_send(const Claim& claim) {
  return m_connection.run("UPDATE messages SET may_have_arrived = 1 WHERE id = ? AND claim = ?",
                          {claim.entry.id, claim.token});
}

Result<bool> Outbox::record(const Claim& claim, const Judgement& judgement, Milliseconds due, Milliseconds now) {
  TRY(Transaction transaction, Transaction::begin(m_connection));
  TRY(const std::int64_t changed,
      m_connection.change(
          "UPDATE messages SET state = ?, may_have_arrived = ?, due = ?, changed = ?, reason = ?, claim = 0,"
          " claimed_until = 0 WHERE id = ? AND claim = ?",
          {number(judgement.state), std::int64_t{judgement.may_have_arrived}, due, now, judgement.reason,
           claim.entry.id, claim.token}));
  if (judgement.too_many) {
    const Bucket paused = paused_bucket(now);
    CHECK_OK(m_connection.run("INSERT OR REPLACE INTO rates (repository, calls, at) VALUES (?, ?, ?)",
                              {claim.entry.repository, paused.calls, paused.at}));
  }
  CHECK_OK(transaction.commit());
  return changed == 1;
}

Result<std::vector<Entry>> Outbox::entries() {
  return select("1 ORDER BY id", {});
}

Result<std::optional<Entry>> Outbox::find(std::int64_t id) {
  TRY(const std::vector<Entry> found, select("id = ?", {id}));
  return found.empty() ? std::optional<Entry>{} : found.front();
}

Result<std::int64_t> Outbox::revive(Milliseconds now) {
  TRY(Transaction transaction, Transaction::begin(m_connection));
  TRY(const std::int64_t revived,
      m_connection.change("UPDATE messages SET state = 0, since = ?, due = ?, attempts = 0, claim = 0 WHERE state = ?",
                          {now, now, number(State::dead)}));
  CHECK_OK(transaction.commit());
  return revived;
}

Result<std::vector<Entry>> Outbox::select(const std::string& condition, std::vector<database::Value> values) {
  Numbers ids, statuses, states, attempts, arrived, created, since, due, changed, claimed;
  Texts jobs, repositories, deliveries, workflows, names, urls, reasons;
  CHECK_OK(m_connection.read(
      fmt::format("SELECT id, job, repository, delivery_id, workflow, job_name, url, reason, status, state, attempts,"
                  " may_have_arrived, created, since, due, changed, claimed_until FROM messages WHERE {}",
                  condition),
      std::move(values),
      {&ids, &jobs, &repositories, &deliveries, &workflows, &names, &urls, &reasons, &statuses, &states, &attempts,
       &arrived, &created, &since, &due, &changed, &claimed}));
  std::vector<Entry> entries;
  entries.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    entries.push_back({ids[i], std::move(jobs[i]), std::move(repositories[i]), std::move(deliveries[i]),
                       std::move(workflows[i]), std::move(names[i]), std::move(urls[i]), std::move(reasons[i]),
                       static_cast<Status>(statuses[i]), static_cast<State>(states[i]), static_cast<int>(attempts[i]),
                       arrived[i] != 0, created[i], since[i], due[i], changed[i], claimed[i]});
  }
  return entries;
}

Result<void> Outbox::forget_old(Milliseconds now) {
  return m_connection.run("DELETE FROM messages WHERE state <> 0 AND changed < ?", {now - kept});
}

}  // namespace spyre::relay
