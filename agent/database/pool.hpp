// SPDX-License-Identifier: Apache-2.0
// A few connections to one database, for threads that need one for a short time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/result.hpp"
#include "agent/database/connection.hpp"

namespace spyre::database {

// Safe to use from several threads. The pool outlives the connections borrowed from it.
class Pool {
 public:
  // A connection that returns to the pool at the end of its life, unless it was lost.
  class Borrowed {
   public:
    Borrowed(Borrowed&& other) noexcept
        : m_pool(std::exchange(other.m_pool, nullptr)), m_connection(std::move(other.m_connection)) {}
    Borrowed& operator=(Borrowed&&) = delete;
    ~Borrowed() {
      if (m_pool != nullptr) m_pool->give_back(std::move(m_connection));
    }
    Connection& operator*() { return m_connection; }
    Connection* operator->() { return &m_connection; }

   private:
    friend class Pool;
    Borrowed(Pool& pool, Connection connection) : m_pool(&pool), m_connection(std::move(connection)) {}
    Pool* m_pool;
    Connection m_connection;
  };

  // Create a pool of at most `size` connections, opened when they are needed. `patience`: as Connection::open, and how
  // long to wait while all connections are borrowed.
  Pool(std::string url, Owner owner, std::size_t size, Seconds patience = usual_patience)
      : m_url(std::move(url)), m_owner(owner), m_free(size), m_patience(patience) {}

  // Borrow a connection. Error: as Connection::open; busy (all are borrowed for too long).
  Result<Borrowed> borrow();

 private:
  void give_back(Connection connection);

  std::string m_url;
  Owner m_owner;
  std::size_t m_free;  // how many more may be borrowed
  Seconds m_patience;
  std::vector<Connection> m_idle;
  std::mutex m_mutex;
  std::condition_variable m_returned;
};

}  // namespace spyre::database
