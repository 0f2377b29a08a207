// SPDX-License-Identifier: Apache-2.0
#include "agent/job/relaying.hpp"

#include <random>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "agent/cards/card.hpp"
#include "agent/core/files.hpp"
#include "agent/core/log.hpp"
#include "agent/core/text.hpp"
#include "agent/http/client.hpp"
#include "agent/job/directories.hpp"

namespace spyre::job {
namespace {

constexpr Seconds shortest_response_timeout{60};
constexpr int most_calls_a_minute = 99;

Result<std::string> token_source(const RelayConnection& options, const Config& config) {
  std::vector<std::string> given;
  if (!options.token_file.empty()) given.push_back("file:" + options.token_file);
  if (!options.token_command.empty()) given.push_back("command:" + options.token_command);
  if (!options.token_env.empty()) given.push_back("env:" + options.token_env);
  if (options.token_oidc) given.emplace_back("oidc");
  if (given.size() > 1) return fail(ErrorKind::usage, "more than one token source is given", "choose one");
  return given.empty() ? config.relay.token : given.front();
}

// Limits of the real relay; a relay on this machine belongs to a test.
Result<void> check_limits(const Config::Relay& config, bool loopback) {
  if (loopback) return {};
  if (config.response_timeout < shortest_response_timeout) {
    return fail(ErrorKind::config,
                fmt::format("relay.response_timeout is {}, less than 60 s", format_duration(config.response_timeout)),
                "the relay itself may take 47 s; a missed response looks like a conflict later");
  }
  if (config.calls_a_minute > most_calls_a_minute) {
    return fail(ErrorKind::config, fmt::format("relay.calls_a_minute is {}, more than 99", config.calls_a_minute),
                "the relay refuses the 101st call of a minute, and counts those that it refuses");
  }
  return {};
}

relay::FlushSettings flush_settings(const RelayConnection& options, const Config::Relay& config) {
  relay::FlushSettings settings;
  settings.response_timeout = config.response_timeout;
  settings.give_up = config.give_up;
  settings.backoff = config.backoff;
  settings.calls_a_minute = config.calls_a_minute;
  settings.force_http = options.force_http;
  settings.url = options.url;
  settings.pause = [](Seconds time) { std::this_thread::sleep_for(time); };
  settings.random = [engine = std::mt19937(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
  settings.attempted = [](const relay::Entry& entry) {
    const bool good = entry.state == relay::State::delivered || entry.state == relay::State::probably_delivered;
    const std::string line = "relay: " + relay::describe(entry);
    if (good) {
      log::info(line);
    } else {
      log::warning(line);
    }
  };
  return settings;
}

}  // namespace

Result<std::filesystem::path> outbox_file(const Config& config) {
  if (!config.relay.outbox.empty()) return std::filesystem::path(config.relay.outbox);
  TRY(const std::filesystem::path state, state_directory());
  return state / "outbox.sqlite";
}

relay::Job job_of(relay::Job given, const Config& config) {
  relay::Job job = std::move(given);
  if (job.repository.empty()) job.repository = config.relay.repository;
  const auto environment = cards::Machine::here().environment;
  if (const auto found = environment.find("GITHUB_REPOSITORY"); job.repository.empty() && found != environment.end()) {
    job.repository = found->second;
  }
  if (job.run_attempt.empty()) job.run_attempt = "1";
  return job;
}

Result<RelayLine> RelayLine::open(const RelayConnection& options, const Config& config) {
  const Config::Relay& settings = config.relay;
  RelayLine line;
  line.m_settings = flush_settings(options, settings);
  line.m_url = options.url.empty() ? settings.url : options.url;
  bool loopback = false;
  if (!line.m_url.empty()) {
    TRY(const http::Url url, relay::parse_callback_url(line.m_url, options.force_http));
    loopback = url.loopback;
  }
  CHECK_OK(check_limits(settings, loopback));
  TRY(const std::string source, token_source(options, config));
  http::ClientSettings client;
  client.response_timeout = settings.response_timeout;
  client.ca_file = settings.ca_file;
  client.environment = cards::Machine::here().environment;
  TRY(line.m_transport, http::make_client(client));
  line.m_tokens = relay::make_token_source(source, client.environment, *line.m_transport);
  TRY(const std::filesystem::path file, outbox_file(config));
  TRY(relay::Outbox outbox, relay::Outbox::open(file));
  line.m_outbox = std::make_unique<relay::Outbox>(std::move(outbox));
  return line;
}

Result<std::string> RelayLine::url() const {
  if (!m_url.empty()) return m_url;
  return fail(ErrorKind::usage, "no URL to send results to", "give --url, or set relay.url");
}

Result<relay::FlushReport> RelayLine::flush(const std::string& job, Seconds wait) {
  if (!m_tokens) return tl::make_unexpected(m_tokens.error());
  m_settings.job = job;
  m_settings.wait = wait;
  const SystemClock clock;
  return relay::flush(*m_outbox, *m_transport, **m_tokens, clock, m_settings);
}

}  // namespace spyre::job
