// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/environment.hpp"

#include "tests/support/catch.hpp"

using namespace spyre::cards;

namespace {

Card spyre_card(int index, bool is_virtual = false) {
  return {index, "spyre", "0000:1a:00.0", is_virtual, ""};
}
Card slot(int index) {
  return {index, "cpu", "", false, ""};
}

Machine machine(int processors) {
  Machine out;
  out.processors = processors;
  return out;
}

}  // namespace

TEST_CASE("a worker sees its own cards only") {
  const auto one = worker_environment({spyre_card(3)}, machine(8), {});
  CHECK(one.at("SPYRE_DEVICES") == "3");
  CHECK(one.at("FLEX_DEVICE") == "PF");
  CHECK(one.count("AIU_SETUP_MULTI_AIU") == 0);

  const auto gang = worker_environment({spyre_card(2, true), spyre_card(0, true)}, machine(8), {});
  CHECK(gang.at("SPYRE_DEVICES") == "0,2");
  CHECK(gang.at("FLEX_DEVICE") == "VF");
  CHECK(gang.at("AIU_SETUP_MULTI_AIU") == "1");
}

TEST_CASE("the pod's description of its cards is passed on, the rest of the environment is not") {
  Machine pod = machine(8);
  pod.environment = {{"PCIDEVICE_IBM_COM_AIU_PF", "0000:1a:00.0"},
                     {"AIU_WORLD_SIZE", "2"},
                     {"FLEX_DEVICE", "MOCK"},
                     {"RELAY_TOKEN", "secret"},
                     {"SPYRE_DEVICES", "0,1"}};
  const auto variables = worker_environment({spyre_card(1)}, pod, {});
  CHECK(variables.at("PCIDEVICE_IBM_COM_AIU_PF") == "0000:1a:00.0");
  CHECK(variables.at("AIU_WORLD_SIZE") == "2");
  CHECK(variables.at("FLEX_DEVICE") == "MOCK");
  CHECK(variables.at("SPYRE_DEVICES") == "1");
  CHECK(variables.count("RELAY_TOKEN") == 0);
  CHECK(worker_environment({slot(0)}, pod, {}).count("AIU_WORLD_SIZE") == 0);
}

TEST_CASE("workers share the processors, and each has at least one") {
  const auto threads = [](int processors, std::size_t cards, const std::vector<Card>& gang) {
    return worker_environment(gang, machine(processors), {cards, "", {}}).at("OMP_NUM_THREADS");
  };
  CHECK(threads(8, 2, {slot(0)}) == "4");
  CHECK(threads(2, 16, {slot(0)}) == "1");
  CHECK(threads(7, 2, {slot(0)}) == "3");
  CHECK(threads(8, 4, {slot(0), slot(1)}) == "4");
  CHECK(threads(1, 1, {slot(0)}) == "1");
}

TEST_CASE("every gang has a cache directory of its own") {
  const WorkerSettings settings{4, "/run/cache", {}};
  CHECK(worker_environment({slot(1)}, machine(4), settings).at("TORCHINDUCTOR_CACHE_DIR") == "/run/cache/card-1");
  CHECK(worker_environment({slot(1), slot(0)}, machine(4), settings).at("TORCHINDUCTOR_CACHE_DIR") ==
        "/run/cache/card-0-1");
  CHECK(worker_environment({slot(1)}, machine(4), {}).count("TORCHINDUCTOR_CACHE_DIR") == 0);
}

TEST_CASE("the profile overrides everything except the choice of cards") {
  const WorkerSettings settings{
      1, "", {{"OMP_NUM_THREADS", "7"}, {"FLEX_COMPUTE", "SENTIENT"}, {"SPYRE_DEVICES", "9"}}};
  const auto variables = worker_environment({spyre_card(0)}, machine(4), settings);
  CHECK(variables.at("OMP_NUM_THREADS") == "7");
  CHECK(variables.at("FLEX_COMPUTE") == "SENTIENT");
  CHECK(variables.at("SPYRE_DEVICES") == "0");
}
