// SPDX-License-Identifier: Apache-2.0
#include "agent/database/pool.hpp"

#include <fmt/format.h>

namespace spyre::database {

Result<Pool::Borrowed> Pool::borrow() {
  std::unique_lock lock(m_mutex);
  if (!m_returned.wait_for(lock, m_patience, [&] { return m_free > 0; })) {
    return fail(ErrorKind::busy, fmt::format("all connections to the {} are in use", m_owner.noun), "try again");
  }
  --m_free;
  if (!m_idle.empty()) {
    Borrowed borrowed(*this, std::move(m_idle.back()));
    m_idle.pop_back();
    return borrowed;
  }
  lock.unlock();
  auto opened = Connection::open(m_url, m_owner, m_patience);
  if (opened) return Borrowed(*this, std::move(*opened));
  lock.lock();
  ++m_free;
  m_returned.notify_one();
  return tl::make_unexpected(std::move(opened).error());
}

void Pool::give_back(Connection connection) {
  {
    const std::lock_guard lock(m_mutex);
    ++m_free;
    if (connection.is_connected()) m_idle.push_back(std::move(connection));
  }
  m_returned.notify_one();
}

}  // namespace spyre::database
