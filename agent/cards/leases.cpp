// SPDX-License-Identifier: Apache-2.0
#include "agent/cards/leases.hpp"

#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/core/json.hpp"
#include "agent/core/text.hpp"

namespace spyre::cards {
namespace fs = std::filesystem;
namespace {

struct Lease {
  LeaseOwner owner;
  double expires = 0;  // seconds since 1970
};

double seconds_since_1970(SystemTime time) {
  return Seconds(time.time_since_epoch()).count();
}

// The 22nd field of /proc/<pid>/stat. The second one, the program's name in parentheses, may contain anything.
Result<std::string> start_of(int pid, const Machine& machine) {
  const fs::path path = fs::path(machine.proc) / std::to_string(pid) / "stat";
  TRY(const std::string text, read_file(path, 1 << 16));
  const std::size_t name_end = text.rfind(')');
  if (name_end != std::string::npos) {
    const auto fields = split(trim(std::string_view(text).substr(name_end + 1)), ' ');
    constexpr std::size_t start_time = 19;  // counted from the third field
    if (fields.size() > start_time) return std::string(fields[start_time]);
  }
  return fail(ErrorKind::io, fmt::format("{} is not what the kernel writes there", path.string()));
}

std::string text_at(const nlohmann::json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double number_at(const nlohmann::json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_number() ? found->get<double>() : 0;
}

// What nobody can read as a lease is none.
std::optional<Lease> parse_lease(std::string_view text, const fs::path& path) {
  const auto document = parse_json(text, path.string());
  if (!document || !document->is_object()) return std::nullopt;
  const double pid = number_at(*document, "pid");
  Lease lease;
  lease.owner.name = text_at(*document, "name");
  lease.owner.pid = pid > 0 && pid < 1e9 ? static_cast<int>(pid) : 0;
  lease.owner.started = text_at(*document, "started");
  lease.owner.namespace_id = text_at(*document, "namespace");
  lease.expires = number_at(*document, "expires");
  return lease;
}

// Whoever has the lock needs it for a moment; one that was stopped meanwhile is not waited for.
Result<FileLock> lock_soon(const fs::path& path) {
  constexpr int attempts = 50, pause_ms = 20;
  for (int i = 1; i < attempts; ++i) {
    auto lock = FileLock::try_take(path);
    if (lock || lock.error().kind != ErrorKind::busy) return lock;
    ::poll(nullptr, 0, pause_ms);
  }
  return FileLock::try_take(path);
}

}  // namespace

Result<LeaseOwner> LeaseOwner::here(std::string name, const Machine& machine) {
  LeaseOwner owner{std::move(name), static_cast<int>(::getpid()), {}, {}};
  TRY(owner.started, start_of(owner.pid, machine));
  std::error_code error;
  owner.namespace_id = fs::read_symlink(fs::path(machine.proc) / "self/ns/pid", error).string();
  return owner;
}

Result<Leases> Leases::open(fs::path folder, LeaseOwner owner, Seconds time_to_live, const Machine& machine,
                            const Clock& clock) {
  CHECK_OK(make_folders(folder));
  return Leases(std::move(folder), std::move(owner), time_to_live, machine, clock);
}

Result<void> Leases::take(const std::vector<Card>& cards) {
  TRY(const FileLock lock, FileLock::take(m_folder / "lock"));
  return take_locked(cards);
}

Result<bool> Leases::renew(const std::vector<Card>& cards) {
  const auto lock = FileLock::try_take(m_folder / "lock");
  if (!lock && lock.error().kind == ErrorKind::busy) return false;
  if (!lock) return tl::make_unexpected(lock.error());
  CHECK_OK(take_locked(cards));
  return true;
}

Result<void> Leases::take_locked(const std::vector<Card>& cards) const {
  for (const Card& card : cards) {
    TRY(const std::string holder, other_holder(card));
    if (holder.empty()) continue;
    return fail(ErrorKind::busy, fmt::format("card {} ({}) is in use by {}", card.index, card.address, holder),
                "wait until it is done, or use other cards");
  }
  for (const Card& card : cards) CHECK_OK(write(card));
  return {};
}

Result<std::vector<Card>> Leases::take_free(const std::vector<Card>& cards) {
  TRY(const FileLock lock, FileLock::take(m_folder / "lock"));
  std::vector<Card> taken;
  for (const Card& card : cards) {
    TRY(const std::string holder, other_holder(card));
    if (!holder.empty()) continue;
    CHECK_OK(write(card));
    taken.push_back(card);
  }
  return taken;
}

Result<void> Leases::give_back(const std::vector<Card>& cards) {
  TRY(const FileLock lock, lock_soon(m_folder / "lock"));
  for (const Card& card : cards) {
    const auto text = read_file(file_of(card), 1 << 16);
    const auto lease = text ? parse_lease(*text, file_of(card)) : std::nullopt;
    if (!lease || !is_own(lease->owner)) continue;
    std::error_code error;
    if (!fs::remove(file_of(card), error) && error) {
      return fail(ErrorKind::io, fmt::format("cannot remove {}: {}", file_of(card).string(), error.message()));
    }
  }
  return {};
}

fs::path Leases::file_of(const Card& card) const {
  return m_folder / (card.address.empty() ? fmt::format("cpu-{}.json", card.index) : card.address + ".json");
}

Result<std::string> Leases::other_holder(const Card& card) const {
  const auto text = read_file(file_of(card), 1 << 16);
  if (!text && text.error().kind == ErrorKind::not_found) return std::string();
  if (!text) return tl::make_unexpected(text.error());
  const auto lease = parse_lease(*text, file_of(card));
  const bool over = !lease || lease->expires <= seconds_since_1970(m_clock.system());
  if (over || is_own(lease->owner) || is_dead(lease->owner)) return std::string();
  return fmt::format("{} (process {})", shorten(lease->owner.name, 100), lease->owner.pid);
}

Result<void> Leases::write(const Card& card) const {
  const nlohmann::json lease{{"name", m_owner.name},
                             {"pid", m_owner.pid},
                             {"started", m_owner.started},
                             {"namespace", m_owner.namespace_id},
                             {"expires", seconds_since_1970(m_clock.system()) + m_time_to_live.count()}};
  return write_file(file_of(card), dump_json_pretty(lease));
}

bool Leases::is_own(const LeaseOwner& other) const {
  return other.pid == m_owner.pid && other.started == m_owner.started && other.namespace_id == m_owner.namespace_id;
}

// Known only of processes that can be seen from here; of others the time decides.
bool Leases::is_dead(const LeaseOwner& other) const {
  if (other.namespace_id != m_owner.namespace_id || other.namespace_id.empty()) return false;
  const auto started = start_of(other.pid, m_machine);
  return started ? *started != other.started : started.error().kind == ErrorKind::not_found;
}

Result<HeldCards> HeldCards::take(Leases leases, std::vector<Card> cards, bool any, Seconds time_to_live,
                                  const Clock& clock) {
  if (!any) {
    CHECK_OK(leases.take(cards));
  } else {
    TRY(std::vector<Card> taken, leases.take_free(cards));
    if (taken.empty()) {
      // Who has them is what take() tells; unless they were given back this very moment.
      CHECK_OK(leases.take(cards));
    } else {
      cards = std::move(taken);
    }
  }
  return HeldCards(std::move(leases), std::move(cards), time_to_live, clock);
}

HeldCards::~HeldCards() {
  // What stays is over in a while, and at once when this process has ended.
  if (m_leases) (void)m_leases->give_back(m_cards);
}

Result<void> HeldCards::keep() {
  const SteadyTime now = m_clock->steady();
  if (Seconds{now - m_renewed} < m_time_to_live / 3) return {};
  TRY(const bool renewed, m_leases->renew(m_cards));
  if (renewed) {
    m_renewed = now;
  } else if (Seconds{now - m_renewed} >= m_time_to_live) {
    return fail(ErrorKind::busy, "the leases of the cards could not be renewed in time: their folder is locked");
  }
  return {};
}

}  // namespace spyre::cards
