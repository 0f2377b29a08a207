// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/accept.hpp"

#include "agent/relay/outbox_file.hpp"

namespace spyre::relay {

using database::Transaction;

Result<Acceptor> Acceptor::open(const std::filesystem::path& path, DispatchRules rules) {
  TRY(database::Connection connection, open_outbox_file(path));
  return Acceptor(std::move(connection), std::move(rules));
}

Result<Accepted> Acceptor::accept(std::string_view text, std::string_view origin, SystemTime now) {
  TRY(const ClientPayload payload, read_client_payload(text, origin));
  Accepted accepted;
  TRY(accepted.dispatch, read_dispatch(payload, m_rules));
  accepted.run = order_run(accepted.dispatch, m_rules, accepted.reason);
  if (accepted.run) {
    CHECK_OK(remember(accepted, now));
  } else {
    accepted.decision = Decision::ignored;
  }
  return accepted;
}

Result<void> Acceptor::remember(Accepted& accepted, SystemTime now) {
  const Dispatch& dispatch = accepted.dispatch;
  const Milliseconds time = milliseconds(now);
  TRY(Transaction transaction, Transaction::begin(m_connection));
  CHECK_OK(m_connection.run("DELETE FROM dispatches WHERE accepted < ?", {time - kept}));
  TRY(const std::int64_t known,
      m_connection.read_number("SELECT count(*) FROM dispatches WHERE delivery_id = ?", {dispatch.delivery_id}));
  if (known > 0) {
    accepted.decision = Decision::duplicate;
    accepted.reason = "this delivery was accepted before";
    return {};
  }
  if (dispatch.pull_request != 0) {
    const std::vector<database::Value> same{dispatch.upstream, dispatch.pull_request};
    CHECK_OK(
        m_connection.read("SELECT delivery_id FROM dispatches WHERE upstream = ? AND pull_request = ?"
                          " AND superseded_by = '' ORDER BY accepted, delivery_id",
                          same, {&accepted.supersedes}));
    CHECK_OK(
        m_connection.run("UPDATE dispatches SET superseded_by = ? WHERE upstream = ? AND pull_request = ?"
                         " AND superseded_by = ''",
                         {dispatch.delivery_id, dispatch.upstream, dispatch.pull_request}));
  }
  CHECK_OK(
      m_connection.run("INSERT INTO dispatches (delivery_id, upstream, pull_request, sha, accepted, superseded_by)"
                       " VALUES (?, ?, ?, ?, ?, '')",
                       {dispatch.delivery_id, dispatch.upstream, dispatch.pull_request, dispatch.sha, time}));
  return transaction.commit();
}

}  // namespace spyre::relay
