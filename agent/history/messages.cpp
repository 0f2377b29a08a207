// SPDX-License-Identifier: Apache-2.0
#include "agent/history/messages.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "agent/core/hash.hpp"
#include "agent/core/text.hpp"

namespace spyre::history {

namespace {
constexpr std::size_t name_limit = 1000;  // bytes
constexpr std::size_t text_limit = 500;   // bytes
constexpr std::size_t texts_a_query = 100;
}  // namespace

std::string clean_text(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return c > 0; })) return std::string(text);
  std::string out = valid_utf8(text);
  std::replace(out.begin(), out.end(), '\0', ' ');
  return out;
}

std::string clean_name(std::string_view name) {
  if (name.size() <= name_limit) return clean_text(name);
  return clean_text(name.substr(0, name_limit - 20)) + "…" + hex(stable_hash(name));
}

std::int64_t Messages::add(std::string_view text) {
  if (text.empty()) return 0;
  const auto [found, is_new] =
      m_handles.try_emplace(clean_text(shorten(text, text_limit)), static_cast<std::int64_t>(m_texts.size()));
  if (is_new) m_texts.push_back(found->first);
  return found->second;
}

Result<void> Messages::save(database::Connection& connection) {
  m_ids.assign(m_texts.size(), 0);
  std::vector<std::size_t> wanted(m_texts.size() - 1);
  std::iota(wanted.begin(), wanted.end(), std::size_t{1});
  CHECK_OK(look_up(connection, wanted));
  std::erase_if(wanted, [&](std::size_t i) { return m_ids[i] != 0; });
  // All imports use the same order, so that they cannot deadlock.
  std::ranges::sort(wanted, {}, [&](std::size_t i) { return std::string_view(m_texts[i]); });
  TRY(const std::vector<std::int64_t> ids, connection.new_ids("messages", wanted.size()));
  database::Bulk insert = database::Bulk::insert_new(connection, "messages", {"id", "text"}, "text");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    m_ids[wanted[i]] = ids[i];
    CHECK_OK(insert.add(ids[i], m_texts[wanted[i]]));
  }
  CHECK_OK(insert.finish());
  // Another import may have added some in between.
  return insert.written() == static_cast<std::int64_t>(wanted.size()) ? Result<void>{} : look_up(connection, wanted);
}

Result<void> Messages::look_up(database::Connection& connection, const std::vector<std::size_t>& handles) {
  for (std::size_t from = 0; from < handles.size(); from += texts_a_query) {
    const std::size_t to = std::min(from + texts_a_query, handles.size());
    std::vector<database::Value> values;
    for (std::size_t i = from; i < to; ++i) values.emplace_back(m_texts[handles[i]]);
    const std::string marks = join(std::vector<std::string>(values.size(), "?"), ",");
    std::vector<std::int64_t> ids;
    std::vector<std::string> texts;
    CHECK_OK(connection.read(fmt::format("SELECT id, text FROM messages WHERE text IN ({})", marks), std::move(values),
                             {&ids, &texts}));
    for (std::size_t i = 0; i < ids.size(); ++i) m_ids[static_cast<std::size_t>(m_handles.at(texts[i]))] = ids[i];
  }
  return {};
}

}  // namespace spyre::history
