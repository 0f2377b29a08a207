// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/flush.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/relay/claims.hpp"
#include "agent/relay/outbox_file.hpp"

namespace spyre::relay {
namespace {

constexpr Seconds token_time{120};  // longer than any token source takes

Judgement not_sent(const Claim& claim, const Error& error) {
  // A failure that another attempt cannot fix ends here, because the relay would not give a reason.
  const bool hopeless = error.kind == ErrorKind::invalid || error.kind == ErrorKind::usage;
  return {hopeless ? State::dead : State::waiting, claim.entry.may_have_arrived, false,
          fmt::format("not sent: {}", error.message)};
}

class Flusher {
 public:
  Flusher(Outbox& outbox, http::Transport& transport, TokenSource& tokens, const Clock& clock,
          const FlushSettings& settings)
      : m_outbox(outbox), m_transport(transport), m_tokens(tokens), m_clock(clock), m_settings(settings) {
    m_rules.length = milliseconds(2 * settings.response_timeout + token_time);
    m_rules.longest_wait = std::max(milliseconds(longest_backoff(settings.backoff)), pause_after_too_many);
    m_rules.calls_a_minute = settings.calls_a_minute;
  }

  Result<FlushReport> run() {
    const SteadyTime until = m_clock.steady() + std::chrono::duration_cast<SteadyTime::duration>(m_settings.wait);
    while (true) {
      TRY(const Next next, m_outbox.claim(m_settings.job, m_rules, now()));
      if (next.claim) {
        CHECK_OK(attempt(*next.claim));
        continue;
      }
      const Seconds left = until - m_clock.steady();
      if (!next.wait || left <= Seconds::zero()) break;
      m_settings.pause(std::min(Seconds{static_cast<double>(*next.wait) / 1000}, left));
    }
    return report();
  }

 private:
  Milliseconds now() const { return milliseconds(m_clock.system()); }

  Result<void> attempt(const Claim& claim) {
    ++m_report.attempts;
    TRY(Judgement judgement, judged(claim));
    const Seconds age{static_cast<double>(now() - claim.entry.since) / 1000};
    if (judgement.state == State::waiting && is_hopeless(age, claim.entry.attempts, m_settings.give_up)) {
      judgement.state = State::dead;
      judgement.reason = fmt::format("given up after {}: {}", format_duration(age), judgement.reason);
    }
    const Milliseconds wait =
        judgement.too_many ? pause_after_too_many
                           : milliseconds(backoff(claim.entry.attempts, m_settings.backoff, m_settings.random()));
    TRY(const bool ours, m_outbox.record(claim, judgement, now() + std::max<Milliseconds>(1, wait), now()));
    if (ours && (judgement.state == State::dead || judgement.state == State::lost)) ++m_report.refused;
    if (ours && (judgement.state == State::delivered || judgement.state == State::probably_delivered)) {
      ++m_report.delivered;
    }
    return tell(claim.entry.id);
  }

  // Evaluate one attempt. After it, no copy of the token is left.
  Result<Judgement> judged(const Claim& claim) {
    const auto url =
        parse_callback_url(m_settings.url.empty() ? claim.entry.url : m_settings.url, m_settings.force_http);
    if (!url) return not_sent(claim, url.error());
    const auto token = m_tokens.read();
    if (!token) return not_sent(claim, token.error());
    if (const auto good = check_token(*token, claim.entry.repository); !good) return not_sent(claim, good.error());
    CHECK_OK(m_outbox.about_to_send(claim));
    http::Request request{"POST", *url, {{"Authorization", fmt::format("Bearer {}", token->reveal())}}, claim.body};
    const http::Reply reply = m_transport.exchange(request);
    const Secret used(std::move(request.headers.front().second));  // overwritten when it is destroyed
    return judge({claim.entry.may_have_arrived, claim.is_begun}, without(reply, token->reveal()));
  }

  Result<void> check_token(const Secret& token, const std::string& repository) const {
    TRY(const Claims claims, read_claims(token.reveal()));
    return check_claims(claims, repository, m_clock.system());
  }

  // The response may quote the token: remove it.
  static http::Reply without(http::Reply reply, std::string_view token) {
    const auto scrub = [&](std::string& text) {
      for (std::size_t at = text.find(token); at != std::string::npos; at = text.find(token)) {
        text.replace(at, token.size(), "(token)");
      }
    };
    if (!reply) {
      scrub(reply.error().reason);
      return reply;
    }
    scrub(reply->body);
    scrub(reply->location);
    return reply;
  }

  Result<void> tell(std::int64_t id) const {
    if (!m_settings.attempted) return {};
    TRY(const auto entry, m_outbox.find(id));
    if (entry) m_settings.attempted(*entry);
    return {};
  }

  Result<FlushReport> report() {
    TRY(const std::vector<Entry> entries, m_outbox.entries());
    m_report.waiting = static_cast<int>(std::count_if(entries.begin(), entries.end(), [&](const Entry& entry) {
      return entry.state == State::waiting && (m_settings.job.empty() || entry.job == m_settings.job);
    }));
    return m_report;
  }

  Outbox& m_outbox;
  http::Transport& m_transport;
  TokenSource& m_tokens;
  const Clock& m_clock;
  const FlushSettings& m_settings;
  ClaimRules m_rules;
  FlushReport m_report;
};

}  // namespace

Result<FlushReport> flush(Outbox& outbox, http::Transport& transport, TokenSource& tokens, const Clock& clock,
                          const FlushSettings& settings) {
  return Flusher(outbox, transport, tokens, clock, settings).run();
}

}  // namespace spyre::relay
