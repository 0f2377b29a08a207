// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "agent/execute/observer.hpp"

namespace spyre::execute {

// Notifies several observers, each in turn. They outlive this object.
class Observers final : public Observer {
 public:
  explicit Observers(std::vector<Observer*> all) : m_all(std::move(all)) {}

  void run_started(const Progress& progress) override {
    for (Observer* each : m_all) each->run_started(progress);
  }
  void batch_started(const std::string& batch, const std::string& file, int card, const Progress& progress) override {
    for (Observer* each : m_all) each->batch_started(batch, file, card, progress);
  }
  void case_finished(const std::string& id, const results::Attempt& attempt, const Progress& progress) override {
    for (Observer* each : m_all) each->case_finished(id, attempt, progress);
  }
  void batch_finished(const std::string& batch, const Progress& progress) override {
    for (Observer* each : m_all) each->batch_finished(batch, progress);
  }
  void warning(const std::string& message) override {
    for (Observer* each : m_all) each->warning(message);
  }
  void infra(const std::string& message) override {
    for (Observer* each : m_all) each->infra(message);
  }
  void tick(const Progress& progress) override {
    for (Observer* each : m_all) each->tick(progress);
  }
  void run_finished(const Progress& progress) override {
    for (Observer* each : m_all) each->run_finished(progress);
  }

 private:
  std::vector<Observer*> m_all;
};

}  // namespace spyre::execute
