// SPDX-License-Identifier: Apache-2.0
// Tests can write to the pipe of their worker's events. Whatever the bytes are: frames come out the same however the
// bytes arrive, and what they say leads to one outcome for each case, and to the worker's end.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/execute/frame.hpp"
#include "agent/execute/message.hpp"
#include "agent/execute/worker_driver.hpp"

namespace {

using namespace spyre;
using namespace spyre::execute;

constexpr int cases = 4;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Frames {
  std::vector<std::string> texts;
  bool broken = false;
};

Frames read(std::string_view bytes, std::size_t block) {
  Frames frames;
  FrameDecoder decoder;
  while (!bytes.empty() && !frames.broken) {
    decoder.feed(bytes.substr(0, block));
    bytes.remove_prefix(std::min(block, bytes.size()));
    for (auto next = decoder.next();; next = decoder.next()) {
      frames.broken = !next.has_value();
      if (frames.broken || !*next) break;
      frames.texts.push_back(**next);
    }
  }
  return frames;
}

WorkerRules make_rules() {
  WorkerRules rules;
  rules.execute.case_timeout = Seconds{60};
  rules.execute.stall_timeout = Seconds{60};
  rules.execute.grace = Seconds{1};
  rules.execute.slice = 2;
  // The cases are what the plan wants, whatever the worker says that it has collected.
  rules.choose = [](const plan::Batch&, const std::vector<std::string>& collected) -> Result<std::vector<ChosenCase>> {
    std::vector<ChosenCase> chosen;
    std::set<std::string> seen;
    for (const std::string& id : collected) {
      const int index = static_cast<int>(&id - collected.data());
      if (seen.insert(id).second && seen.size() <= cases) chosen.push_back({index, id, "unit", false});
    }
    return chosen;
  };
  return rules;
}

// A worker that says this, and then nothing any more.
class Listener {
 public:
  Listener() { m_batch.units = {"unit"}; }

  void hear(const std::vector<std::string>& texts) {
    Actions actions;
    WorkerDriver driver(0, {0}, m_rules, m_now, actions);
    driver.assign(std::make_unique<BatchRun>(m_batch, 0, m_knowledge), m_now, actions);
    for (const std::string& text : texts) {
      auto event = decode_event(text);
      if (event) {
        driver.handle(WorkerSaid{0, std::move(*event)}, m_now, actions);
      } else {
        driver.handle(WorkerGarbled{0, event.error().message}, m_now, actions);
      }
      m_now += std::chrono::milliseconds{100};
    }
    while (driver.deadline() != SteadyTime::max()) {
      m_now = std::max(m_now, driver.deadline());
      driver.tick(m_now, actions);
    }
    driver.handle(WorkerGone{0, {}, 0, 0}, m_now, actions);
    require(driver.state() == WorkerDriver::State::gone);
    check(actions);
  }

 private:
  void check(const Actions& actions) const {
    std::set<std::string> announced;
    for (const Action& action : actions) {
      if (const auto* collected = std::get_if<note::BatchCollected>(&action)) {
        for (const ChosenCase& each : collected->cases) require(announced.insert(each.id).second);
      }
      const auto* finished = std::get_if<note::CaseFinished>(&action);
      // A case, the file, or a part of it that could not be collected.
      if (finished != nullptr && finished->unit == "unit") require(announced.contains(finished->id));
      if (const auto* signal = std::get_if<SignalGroup>(&action)) require(signal->worker == 0);
    }
  }

  plan::Batch m_batch{};
  RunKnowledge m_knowledge{};
  WorkerRules m_rules = make_rules();
  SteadyTime m_now{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Frames whole = read(bytes, size + 1);
  const Frames parts = read(bytes, size > 0 ? data[size - 1] % 7 + 1 : 1);
  require(whole.texts == parts.texts && whole.broken == parts.broken);
  for (const std::string& text : whole.texts) require(read(encode_frame(text), 3).texts == std::vector{text});
  Listener().hear(whole.texts);
  // And as lines, which a fuzzer finds sooner than frames.
  std::vector<std::string> lines;
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Listener().hear(lines);
  return 0;
}
