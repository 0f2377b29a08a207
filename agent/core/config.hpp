// SPDX-License-Identifier: Apache-2.0
// The configuration: embedded defaults (pipelines/defaults.yaml), overlaid by one file, overlaid by --set key=value.
// The defaults name every key, so an unknown key is a mistake; the error suggests the nearest key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre {

enum class Isolation {
  automatic,  // slice, but process for files whose import makes forked children unusable
  slice,      // a forked child for each slice of a file's cases
  test,       // a forked child for each case
  process,    // a new interpreter for each batch: for devices that do not survive a fork
};
// "auto", "slice", "test", "process".
std::optional<Isolation> parse_isolation(std::string_view name);

struct Config {
  struct Pytorch {
    std::string repo;    // URL or path
    std::string pinned;  // the revision that "pinned" means; empty: none
    std::string main;    // the branch that "main" means
    std::string mirror;  // directory of the bare mirror; empty: a directory in the user's cache
  } pytorch;
  struct Python {
    std::string executable;
    std::vector<std::string> path;     // put first on PYTHONPATH of the tests
    std::vector<std::string> preload;  // modules that a worker imports once, before the first test file
  } python;
  struct Execute {
    Isolation isolation = Isolation::automatic;
    Seconds case_timeout{};  // longest time of one case
    // Stop a case with a known duration after this many times that duration; 0: only at case_timeout.
    std::int64_t timeout_multiplier = 0;
    Seconds min_case_timeout{};  // never stop a case earlier than this
    Seconds stall_timeout{};     // longest time without a heartbeat of a worker
    Seconds grace{};             // between SIGTERM and SIGKILL
    Seconds batch_timeout{};     // 0: none
    Seconds run_timeout{};       // 0: none
    std::string serial;          // file of rules; empty: the embedded ones
    int retries = 0;
    double retry_share = 1;                              // share of failed cases above which no case is retried; 0 to 1
    int slice = 0;                                       // most cases in one forked child
    std::uint64_t output_limit = 0;                      // most bytes kept of one case's output
    std::uint64_t memory_limit = 0;                      // of one worker, bytes; 0: none
    std::uint64_t core_limit = 0;                        // bytes
    std::uint64_t open_files = 0;                        // 0: the agent's own limit
    std::string cgroup = "off";                          // directory, "auto" or "off"
    std::vector<std::string> environment_pass;           // names that tests get from the agent's environment
    std::map<std::string, std::string> environment_set;  // further variables for tests
  } execute;
  struct Cards {
    Seconds cordon{};           // how long a card that failed is cordoned the first time
    Seconds release_timeout{};  // how long a card may be held after its worker has ended
    int max_cordoned = 0;       // number of cordoned cards that ends the run; 0: all
    std::string profile;        // name, or "auto": the kind of the cards
    std::string profiles;       // file; empty: the embedded one
    Seconds lease{};            // 0: none
    std::string leases;         // directory; empty: the machine's
  } cards;
  struct Selection {
    std::string scope;  // files; empty: the embedded ones
    std::string stages;
    std::string gangs;
    std::string disabled;                // upstream's file; empty: none
    std::vector<std::string> platforms;  // as that file names them
    std::string slow;                    // upstream's file; empty: none
    std::string quarantine;              // empty: none
    bool learns = false;                 // the history is evidence for the order of tests
    bool needs_artefacts = false;        // missing files of a build are an error
  } selection;
  struct Junit {
    bool tags = false;  // cases have the tags of their test as properties
  } junit;
  struct History {
    std::string url;  // empty: a SQLite file in the user's state directory
  } history;
  struct Jenkins {
    bool allow_http = false;  // credentials may go over plain http to other machines
  } jenkins;
  struct Relay {
    std::string url;             // of the callback; empty: none
    std::string repository;      // owner/name, as the relay's allow-list spells it
    std::string token;           // oidc, file:PATH, env:NAME or command:WORDS; empty: oidc
    std::string outbox;          // file; empty: one in the user's state directory
    Seconds response_timeout{};  // longest wait for a response
    Seconds give_up{};           // age at which a message becomes a dead letter
    Seconds backoff{};           // before the second attempt; doubles from then on
    int calls_a_minute = 0;      // most calls from one repository
    std::string failed_tests_key;
    std::string ca_file;                 // PEM; empty: the system's roots alone
    std::vector<std::string> upstreams;  // repositories whose dispatches are accepted
    std::string pull_request, push;      // what they run: impact, or a stage
  } relay;
};

// Load the configuration. `defaults` is the text of the embedded defaults. `file` is the path given with --config;
// without it $SPYRE_CI_CONFIG, ./spyre-ci.yaml and /etc/spyre-ci/config.yaml are tried in this order, and none of them
// has to exist. `settings` are "key=value" with dotted keys. Error: config or usage, with file:line:column.
Result<Config> load_config(std::string_view defaults, const std::optional<std::string>& file,
                           const std::vector<std::string>& settings);

}  // namespace spyre
